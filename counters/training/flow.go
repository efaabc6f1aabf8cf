package training

import (
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// frame is a graph in one use: the model, or a subgraph or function as one node runs
// it.
type frame struct {
	in    *ops.Instance
	outer *frame // nil for the model and for functions, which see nothing around them
	subs  map[int][]*frame
	times graph.Dim
	links links
	// first is the first iteration of a loop where its initial state needs no gradient; times
	// are then those of the others.
	first *frame

	depends []bool // by Value.ID: the value changes with a trained weight
	graded  []bool // by Value.ID: it has a gradient
	uses    []int  // by Value.ID: how many nodes add to its gradient
}

func newFrame(in *ops.Instance, outer *frame, times graph.Dim) *frame {
	n := len(in.Graph.Values)
	return &frame{in: in, outer: outer, times: times, subs: map[int][]*frame{}, depends: make([]bool, n), graded: make([]bool, n), uses: make([]int, n)}
}

// owner returns the frame that holds a value, which may be one around this.
func (f *frame) owner(v *graph.Value) *frame {
	for f != nil && f.in.Graph != v.Graph {
		f = f.outer
	}
	return f
}

// of reads a mark of a value; nil values and those of no frame have none.
func (f *frame) of(v *graph.Value, marks func(*frame) []bool) bool {
	if v == nil {
		return false
	}
	o := f.owner(v)
	return o != nil && marks(o)[v.ID]
}

func dependsOf(f *frame) []bool { return f.depends }
func gradedOf(f *frame) []bool  { return f.graded }

func (f *frame) isDependent(v *graph.Value) bool { return f.of(v, dependsOf) }
func (f *frame) isGraded(v *graph.Value) bool    { return f.of(v, gradedOf) }

// differentiable reports whether a value can have a gradient.
func differentiable(info *ops.Info) bool {
	switch {
	case info == nil:
		return false
	case info.Item != nil:
		return differentiable(info.Item)
	}
	return info.DType.IsFloat() || info.DType.IsComplex()
}

// stops reports whether no gradient passes a node.
func stops(n *ops.NodeResult) bool {
	b := n.Op.Backward()
	return b != nil && b.Stops
}

// links says how the values of a node and of a subgraph that it runs are joined: input j
// of the subgraph is input j+in of the node, output j is output j-out, and what
// iteration hands to the next: output from+k becomes input to+k, for k < carried.
type links struct{ in, out, from, to, carried int }

// linksOf returns how a node runs its subgraphs; ok is false where that is not known.
func linksOf(n *ops.NodeResult, sub *ops.Instance) (l links, ok bool) {
	if n.Op == nil {
		return links{}, true // a function
	}
	switch n.Node.Op {
	case "If", "SequenceMap":
		return links{}, true
	case "Loop":
		return links{out: 1, from: 1, to: 2, carried: len(sub.Graph.Inputs) - 2}, true
	case "Scan":
		l = links{carried: len(sub.Graph.Inputs) - int(n.Node.Attrs.Get("num_scan_inputs").Int)}
		if n.Op.Since[0] == 8 {
			l.in = 1 // the lengths of the sequences
		}
		return l, true
	}
	return l, false
}

// at returns an element of a list of values, nil past its ends.
func at(list []*graph.Value, i int) *graph.Value {
	if i < 0 || i >= len(list) {
		return nil
	}
	return list[i]
}

// anyInput reports whether an input of a node depends on a trained weight.
func (f *frame) anyInput(n *ops.NodeResult) bool {
	for _, v := range n.Node.Inputs {
		if f.isDependent(v) {
			return true
		}
	}
	return false
}

// spread marks what depends on trained weights, from inputs to outputs.
func (s *step) spread(f *frame) {
	for i := range f.in.Nodes {
		if s.spent() {
			return
		}
		n := &f.in.Nodes[i]
		if len(n.Subs) > 0 {
			s.spreadInto(f, i, n)
			continue
		}
		any := f.anyInput(n)
		for _, v := range n.Node.Outputs {
			if v != nil && any && !stops(n) && differentiable(f.in.Info(v)) {
				f.depends[v.ID] = true
			}
		}
	}
}

// newTrained makes the frame of a graph with its trained weights marked.
func (s *step) newTrained(in *ops.Instance, outer *frame, times graph.Dim) *frame {
	f := newFrame(in, outer, times)
	for _, v := range in.Graph.Values {
		if _, ok := s.trained[v]; ok {
			f.depends[v.ID] = true
		}
	}
	return f
}

func (s *step) spreadInto(f *frame, i int, n *ops.NodeResult) {
	for _, sub := range n.Subs {
		l, known := linksOf(n, sub.Inst)
		if !known {
			continue // sum reports the node
		}
		b := s.enter(f, n, sub, l)
		f.subs[i] = append(f.subs[i], b)
		for s.spread(b); b.carryDepends() && !s.spent(); s.spread(b) {
			clear(b.subs)
		}
		s.peel(f, n, sub, b)
		for j, v := range sub.Inst.Graph.Outputs {
			f.mark(f.depends, at(n.Node.Outputs, j-l.out), b.isDependent(v))
		}
	}
}

// enter makes the frame of a subgraph with what its inputs depend on.
func (s *step) enter(f *frame, n *ops.NodeResult, sub ops.Sub, l links) *frame {
	outer := f
	if n.Op == nil {
		outer = nil
	}
	b := s.newTrained(sub.Inst, outer, sub.Times)
	b.links = l
	for j, v := range sub.Inst.Graph.Inputs {
		b.mark(b.depends, v, f.isDependent(at(n.Node.Inputs, j+l.in)))
	}
	return b
}

// carried pairs what an iteration gives with what the next one takes.
func (f *frame) carried(pair func(given, taken *graph.Value)) {
	for k := range max(f.links.carried, 0) {
		pair(at(f.in.Graph.Outputs, f.links.from+k), at(f.in.Graph.Inputs, f.links.to+k))
	}
}

// carryDepends marks what the next iteration takes, and reports whether that is new.
func (f *frame) carryDepends() (again bool) {
	f.carried(func(given, taken *graph.Value) {
		again = f.mark(f.depends, taken, f.isDependent(given)) || again
	})
	return again
}

// carryGraded marks what an iteration gives by what the next one has a gradient of.
func (f *frame) carryGraded() (again bool) {
	f.carried(func(given, taken *graph.Value) {
		if f.isGraded(taken) && !f.isGraded(given) {
			f.gradeOutput(given)
			again = again || f.isGraded(given)
		}
	})
	return again
}

// peel sets the first iteration of a loop apart where the others need more: the gradient of a state
// that an iteration handed on.
func (s *step) peel(f *frame, n *ops.NodeResult, sub ops.Sub, b *frame) {
	if least, ok := sub.Times.Lower(); !ok || least < 1 || b.links.carried <= 0 {
		return
	}
	first := s.enter(f, n, sub, b.links)
	if s.spread(first); !slices.Equal(first.depends, b.depends) {
		first.times, b.times, b.first = graph.Int(1), sub.Times.AddInt(-1), first
	}
}

// mark sets a mark of a value of this very graph and reports whether that is new.
func (f *frame) mark(marks []bool, v *graph.Value, on bool) bool {
	if v == nil || !on || v.Graph != f.in.Graph || marks[v.ID] || !differentiable(f.in.Info(v)) {
		return false
	}
	marks[v.ID] = true
	return true
}

// grade marks what has a gradient, from outputs to inputs: what depends on a trained
// weight and what an output depends on.
func (s *step) grade(f *frame) {
	for i := len(f.in.Nodes) - 1; i >= 0 && !s.spent(); i-- {
		n := &f.in.Nodes[i]
		if len(n.Subs) > 0 {
			s.gradeInto(f, i, n)
			continue
		}
		if !f.active(n) {
			continue
		}
		for _, v := range n.Node.Inputs {
			f.gradeValue(v)
		}
	}
}

// active reports whether a gradient goes back through a node.
func (f *frame) active(n *ops.NodeResult) bool {
	if stops(n) || !f.anyInput(n) {
		return false
	}
	for _, v := range n.Node.Outputs {
		if f.isGraded(v) {
			return true
		}
	}
	return false
}

// gradeValue marks a value, of this graph or one around it, that a node gives a gradient.
func (f *frame) gradeValue(v *graph.Value) {
	if !f.isDependent(v) {
		return
	}
	f.owner(v).graded[v.ID] = true
}

// use notes that a node adds to the gradient of a value.
func (f *frame) use(v *graph.Value) { f.owner(v).uses[v.ID]++ }

func (s *step) gradeInto(f *frame, i int, n *ops.NodeResult) {
	for _, b := range f.subs[i] {
		l := b.links
		for j, v := range b.in.Graph.Outputs {
			if f.isGraded(at(n.Node.Outputs, j-l.out)) {
				b.gradeOutput(v)
			}
		}
		for s.grade(b); b.carryGraded() && !s.spent(); s.grade(b) {
		}
		if b.first != nil {
			for _, v := range b.in.Graph.Outputs {
				if b.isGraded(v) {
					b.first.gradeOutput(v)
				}
			}
			s.grade(b.first)
		}
		for j, v := range b.in.Graph.Inputs {
			if in := at(n.Node.Inputs, j+l.in); b.isGraded(v) && in != nil {
				f.gradeValue(in)
			}
		}
	}
}

// gradeOutput starts a gradient at an output of a graph.
func (f *frame) gradeOutput(v *graph.Value) {
	if v != nil && f.isDependent(v) {
		f.owner(v).graded[v.ID] = true
	}
}

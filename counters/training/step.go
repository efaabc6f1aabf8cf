package training

import (
	"cmp"
	"fmt"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// maxVisits bounds the nodes that are looked at: functions that call functions may
// expand to any number.
const maxVisits = 500_000

// step finds the gradients of one step and adds up what they take.
type step struct {
	report  *counters.Report
	res     *ops.Result
	work    *Work
	trained map[*graph.Value]graph.Dim
	graded  map[*graph.Value]bool // trained weights with a gradient
	visits  int
	unruled map[[2]string]graph.Dim
}

func newStep(r *counters.Report, w *Work, trained map[*graph.Value]graph.Dim) *step {
	return &step{report: r, res: r.Inference, work: w, trained: trained, graded: map[*graph.Value]bool{}, unruled: map[[2]string]graph.Dim{}}
}

// spent counts a visit and reports whether there were too many.
func (s *step) spent() bool { s.visits++; return s.visits > maxVisits }

func (s *step) run() {
	main := s.newTrained(s.res.Main, nil, graph.Int(1))
	s.spread(main)
	for _, v := range main.in.Graph.Outputs {
		main.gradeOutput(v)
	}
	s.grade(main)
	sum := s.sum(main)
	s.work.Weights, s.work.Inputs, s.work.Backward = sum.weights, sum.inputs, sum.features
	for k, n := range s.unruled {
		s.work.Unruled = append(s.work.Unruled, counters.OpNodes{Domain: k[0], Op: k[1], Nodes: n})
	}
	if s.visits > maxVisits {
		s.work.Unresolved = append(s.work.Unresolved, counters.NodeWhy{Why: fmt.Sprintf("more than %d nodes to look at, with those that calls and iterations expand to", maxVisits)})
	}
}

func compareOps(a, b counters.OpNodes) int {
	return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Op, b.Op))
}

// sums are what the gradients of a graph take, for one run of it.
type sums struct {
	weights, inputs graph.Dim
	features        Features
}

// add adds the sums of a subgraph that runs a number of times.
func (t *sums) add(o *sums, times graph.Dim) {
	t.weights = t.weights.Add(o.weights.Mul(times))
	t.inputs = t.inputs.Add(o.inputs.Mul(times))
	to, from := t.features.columns(), o.features.columns()
	for i := range to {
		*to[i] = to[i].Add(from[i].Mul(times))
	}
}

func (f *Features) columns() []*graph.Dim {
	return []*graph.Dim{&f.DenseMACs, &f.GroupedMACs, &f.DepthwiseMACs, &f.ConvTraffic, &f.LinearTraffic, &f.DepthTraffic, &f.OtherTraffic, &f.Elements, &f.WeightElements, &f.Kernels}
}

// sum adds up a graph whose gradients are marked.
func (s *step) sum(f *frame) *sums {
	t := &sums{}
	for _, v := range f.in.Graph.Values {
		if _, ok := s.trained[v]; ok && f.graded[v.ID] {
			s.graded[v] = true
		}
	}
	for i := range f.in.Nodes {
		n := &f.in.Nodes[i]
		switch {
		case len(n.Subs) > 0:
			s.sumSubs(f, i, n, t)
		case s.needsUnknown(f, n):
			s.noteUnruled(n)
		case f.active(n):
			s.node(f, n, t)
		}
	}
	for _, v := range f.in.Graph.Values {
		t.accumulate(f, v)
	}
	return t
}

// needsUnknown reports whether a gradient must pass a node without a rule.
func (s *step) needsUnknown(f *frame, n *ops.NodeResult) bool {
	if n.Op.Backward() != nil || !f.anyInput(n) {
		return false
	}
	if n.Op == nil { // the types of its outputs may not be known, nor whether they have a gradient
		return f.anyOutput(n)
	}
	return f.active(n)
}

// anyOutput reports whether an output of a node has a gradient, or may have one: its type is
// not known.
func (f *frame) anyOutput(n *ops.NodeResult) bool {
	for _, v := range n.Node.Outputs {
		if v != nil && (f.graded[v.ID] || f.in.Info(v).Kind == graph.KindUnknown) {
			return true
		}
	}
	return false
}

func (s *step) noteUnruled(n *ops.NodeResult) {
	k := [2]string{n.Node.Domain, n.Node.Op}
	s.unruled[k] = s.unruled[k].AddInt(1)
}

// sumSubs adds the subgraphs of a node: all that run, or the larger of two branches.
func (s *step) sumSubs(f *frame, i int, n *ops.NodeResult, t *sums) {
	subs := f.subs[i]
	if len(subs) == 0 && f.anyInput(n) {
		s.noteUnruled(n)
		return
	}
	var largest *sums
	for _, b := range subs {
		for j, v := range b.in.Graph.Inputs {
			if in := at(n.Node.Inputs, j+b.links.in); b.isGraded(v) && f.isDependent(in) {
				f.use(in)
			}
		}
		if b.first != nil {
			t.add(s.sum(b.first), b.first.times)
		}
		one := s.sum(b)
		if !n.Branches {
			t.add(one, b.times)
		} else if largest == nil || larger(one, largest) {
			largest = one
		}
	}
	if largest != nil {
		s.work.upper = true
		t.add(largest, graph.Int(1))
	}
}

// larger compares branches by their MACs; formulas as if every symbol were large.
func larger(a, b *sums) bool {
	d := a.weights.Add(a.inputs).Sub(b.weights.Add(b.inputs))
	v, err := d.At(1024)
	return err == nil && v.Sign() > 0
}

// node adds the gradients of one node.
func (s *step) node(f *frame, n *ops.NodeResult, t *sums) {
	wants := make([]bool, len(n.Node.Inputs))
	for i, v := range n.Node.Inputs {
		if wants[i] = f.isDependent(v); wants[i] {
			f.use(v)
		}
	}
	if !n.Op.Backward().Multiplies() {
		t.plain(f, n, wants)
		return
	}
	if n.State == ops.Unresolved {
		return // the forward pass lacks it too, and the report says so
	}
	g, why := s.res.Gradients(f.in, n, wants)
	if why != "" {
		s.work.Unresolved = append(s.work.Unresolved, counters.NodeWhy{Node: graph.JoinPath(f.in.Path, n.Node.Label()), Why: "gradient: " + why})
		return
	}
	for i, macs := range g.Inputs {
		if wants[i] && f.in.Info(n.Node.Inputs[i]).Const {
			t.weights = t.weights.Add(macs)
		} else {
			t.inputs = t.inputs.Add(macs)
		}
	}
	t.inputs = t.inputs.Add(g.Shared)
	t.products(f, n, g)
}

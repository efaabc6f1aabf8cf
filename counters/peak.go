package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// maxPeaks bounds the candidates that are kept when sizes are symbolic.
const maxPeaks = 32

// peak returns the most bytes of activations that are alive at once, when nodes
// run in the order of the file, every output is allocated when its node runs and
// freed after its last use. Constants are not activations; views share memory.
// A subgraph adds its own peak while it runs.
func peak(main *ops.Instance, o Options) graph.Dim {
	p := &peaks{opt: o, done: map[*ops.Instance]graph.Dim{}}
	return p.instance(main)
}

type peaks struct {
	opt  Options
	done map[*ops.Instance]graph.Dim
}

func (p *peaks) instance(in *ops.Instance) graph.Dim {
	if d, ok := p.done[in]; ok {
		return d
	}
	l := newLiveness(in, p.opt.quantFolds(in))
	live := graph.Dim{}
	for _, v := range in.Graph.Inputs {
		if v.Graph == in.Graph { // else it is alive outside
			live = live.Add(l.bytes[v.ID])
		}
	}
	best := maxima{}
	best.add(live)
	for i := range in.Nodes {
		n := &in.Nodes[i]
		for _, v := range n.Node.Outputs {
			if v != nil {
				live = live.Add(l.bytes[v.ID])
			}
		}
		inside := graph.Dim{}
		for _, sub := range n.Subs {
			inside = inside.Max(p.instance(sub.Inst))
		}
		best.add(live.Add(inside))
		for root := l.dies[i]; root >= 0; root = l.next[root] {
			live = live.Sub(l.bytes[root])
		}
	}
	d := best.max()
	p.done[in] = d
	return d
}

// liveness says for each value how many bytes it owns and after which node it dies.
type liveness struct {
	bytes []graph.Dim // by Value.ID; 0 for views and constants
	dies  []int32     // by node: a value that is used for the last time, -1 for none
	next  []int32     // by Value.ID: another one of the same node, -1 for none
}

func newLiveness(in *ops.Instance, folds []bool) *liveness {
	l := &liveness{bytes: make([]graph.Dim, len(in.Infos)), dies: make([]int32, len(in.Nodes))}
	roots := viewRoots(in, folds)
	last := make([]int32, len(in.Infos))
	for i := range last {
		last[i] = -1
	}
	for i := range in.Infos {
		if info := in.Infos[i]; !info.Const && int(roots[i]) == i {
			if b, ok := info.Bytes(); ok && !b.HasUnknown() {
				l.bytes[i] = b
			}
		}
	}
	for i := range in.Nodes {
		eachUse(in, &in.Nodes[i], func(v *graph.Value) { last[roots[v.ID]] = int32(i) })
		for _, v := range in.Nodes[i].Node.Outputs {
			if v != nil && last[roots[v.ID]] < int32(i) {
				last[roots[v.ID]] = int32(i)
			}
		}
	}
	for _, v := range in.Graph.Outputs {
		if v.Graph == in.Graph {
			last[roots[v.ID]] = -1 // never dies
		}
	}
	for i := range l.dies {
		l.dies[i] = -1
	}
	l.next = last // what is not needed any more of one holds the other
	for id, at := range last {
		if at >= 0 && !l.bytes[id].IsZero() {
			l.next[id], l.dies[at] = l.dies[at], int32(id)
		}
	}
	return l
}

// eachUse calls f for each value of the instance's graph that a node reads, also
// from inside its subgraphs.
func eachUse(in *ops.Instance, n *ops.NodeResult, f func(*graph.Value)) {
	for _, v := range n.Node.Inputs {
		if v != nil && v.Graph == in.Graph {
			f(v)
		}
	}
	n.Node.Bodies(func(_ string, g *graph.Graph) {
		for _, v := range g.Captures {
			if v.Graph == in.Graph {
				f(v)
			}
		}
	})
}

// viewRoots maps each value to the one whose memory it shares. The result of a
// DequantizeLinear that is folded is never made: its integers are read instead.
func viewRoots(in *ops.Instance, folds []bool) []int32 {
	roots := make([]int32, len(in.Infos))
	for i := range roots {
		roots[i] = int32(i)
	}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		never := folds != nil && folds[i] && n.Node.Op == "DequantizeLinear"
		if n.Op == nil || !n.View && !never || len(n.Subs) > 0 || len(n.Node.Inputs) == 0 || len(n.Node.Outputs) == 0 {
			continue
		}
		src, dst := n.Node.Inputs[0], n.Node.Outputs[0]
		if src == nil || dst == nil || src.Graph != in.Graph || n.State == ops.Folded || !never && !sharesMemory(in, src, dst) {
			continue
		}
		roots[dst.ID] = roots[src.ID]
	}
	return roots
}

// sharesMemory tells a view of the data from an operator that only reads metadata.
func sharesMemory(in *ops.Instance, src, dst *graph.Value) bool {
	a, b := in.Info(src), in.Info(dst)
	x, okX := a.Bytes()
	y, okY := b.Bytes()
	return okX && okY && x.Equal(y)
}

// maxima keeps the candidates for a maximum of Dims, dropping those that another
// is never below.
type maxima struct{ list []graph.Dim }

func (m *maxima) add(d graph.Dim) {
	for i, e := range m.list {
		if e.Equal(d) {
			return
		}
		if lo, ok := e.Sub(d).Lower(); ok && lo >= 0 {
			return
		}
		if lo, ok := d.Sub(e).Lower(); ok && lo >= 0 {
			m.list[i] = d
			return
		}
	}
	if len(m.list) < maxPeaks {
		m.list = append(m.list, d)
	} else {
		m.list[maxPeaks-1] = m.list[maxPeaks-1].Max(d)
	}
}

func (m *maxima) max() graph.Dim {
	out := graph.Dim{}
	for _, d := range m.list {
		out = out.Max(d)
	}
	return out
}

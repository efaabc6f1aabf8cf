package render

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// line is one row of the table of a report, whatever it is grouped by.
type line struct {
	name   string // operator, module, dtype or node
	path   string // of a module
	domain string // of operators and nodes
	guide  string // of modules: the branches of the tree in front of the name
	detail string // class of a module, operator of a node
	shape  string // of a node: its first output
	bound  string // of a node: what bounds it on the first device
	nodes  graph.Dim
	params graph.Dim
	state  ops.State
	*counters.Sums
}

// lines returns the rows that a view asks for. left is the number of rows that
// --top cut off.
func (r *Report) lines(v View) (out []line, left int) {
	switch v.By {
	case "module":
		if r.Modules != nil {
			return moduleLines(r.Modules, v)
		}
	case "node":
		if out = r.nodeLines(v); v.Sort == "" {
			return out, r.NodeRows - len(out)
		}
	case "dtype":
		out = rowLines(r.ByDType)
	default:
		out = rowLines(r.ByOp)
	}
	if v.Sort != "" {
		slices.SortStableFunc(out, func(a, b line) int { return a.compare(&b, v.Sort) })
	}
	if v.Top > 0 && len(out) > v.Top {
		left = len(out) - v.Top
		out = out[:v.Top]
	}
	return out, left
}

func rowLines(rows []counters.Row) []line {
	out := make([]line, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = line{name: r.Name, domain: r.Domain, nodes: r.Nodes, params: r.Params, Sums: &r.Sums}
	}
	return out
}

// nodeLines lists the nodes; without an order of its own no more than --top are needed.
func (r *Report) nodeLines(v View) []line {
	most := r.NodeRows
	if v.Sort == "" && v.Top > 0 {
		most = min(v.Top, most)
	}
	out := make([]line, 0, most)
	for n := range r.Nodes() {
		if len(out) == most {
			break
		}
		sums := n.Sums
		l := line{name: n.Path, domain: n.Domain, detail: n.Op, nodes: graph.Int(1), params: n.Params, Sums: &sums, state: n.State}
		if len(r.Estimates) > 0 {
			l.bound = r.Estimates[0].boundOf(n.State, n.Result.View, &sums)
		}
		if len(n.Outputs) > 0 {
			l.shape = showShape(element(n.Outputs[0].Info).Shape)
		}
		out = append(out, l)
	}
	return out
}

// moduleLines flattens the tree down to a depth.
func moduleLines(root *counters.Module, v View) (out []line, left int) {
	depth := v.Depth
	if depth == 0 {
		depth = fittingDepth(root)
	}
	l := &treeLines{depth: depth, sort: v.Sort, top: v.Top}
	l.module(root, "", "", 0)
	return l.out, l.left
}

// screen is the number of rows that --depth 0 aims at.
const screen = 40

// fittingDepth returns the deepest level at which the tree has at most a screen of rows.
func fittingDepth(root *counters.Module) int {
	depth, rows := 0, 1
	for level := root.Children; len(level) > 0; depth++ {
		if rows += len(level); rows > screen && depth > 0 {
			break
		}
		var next []*counters.Module
		for _, m := range level {
			next = append(next, m.Children...)
		}
		level = next
	}
	return depth
}

type treeLines struct {
	out   []line
	depth int
	sort  string
	top   int // 0: no limit
	left  int
}

// module adds a module and those inside it. lead stands in front of the name,
// below in front of the names of its children.
func (l *treeLines) module(m *counters.Module, lead, below string, level int) {
	ln := line{name: m.Name, path: m.Path, guide: lead, detail: m.Class, nodes: m.Nodes, params: m.Params, Sums: &m.Sums}
	if level == 0 {
		ln.name = "model"
	}
	if l.top > 0 && len(l.out) == l.top {
		l.left++
	} else {
		l.out = append(l.out, ln)
	}
	if level == l.depth {
		return
	}
	kids := m.Children
	if l.sort != "" {
		kids = slices.Clone(kids)
		slices.SortStableFunc(kids, func(a, b *counters.Module) int {
			x, y := moduleLine(a), moduleLine(b)
			return x.compare(&y, l.sort)
		})
	}
	for i, c := range kids {
		if i == len(kids)-1 {
			l.module(c, below+"└─ ", below+"   ", level+1)
		} else {
			l.module(c, below+"├─ ", below+"│  ", level+1)
		}
	}
}

// fullName names a line where there is no tree around it.
func (l *line) fullName() string {
	if l.path != "" {
		return l.path
	}
	if l.detail == "" {
		return qualified(l.domain, l.name)
	}
	return l.name
}

func moduleLine(m *counters.Module) line {
	return line{name: m.Name, nodes: m.Nodes, params: m.Params, Sums: &m.Sums}
}

// compare orders lines by a key, the largest first; names in ascending order.
func (a *line) compare(b *line, key string) int {
	if key == "name" {
		return strings.Compare(a.name, b.name)
	}
	return cmp.Or(magnitude(b.column(key)).Cmp(magnitude(a.column(key))), strings.Compare(a.name, b.name))
}

func (a *line) column(key string) graph.Dim {
	switch key {
	case "flops":
		return a.FLOPs()
	case "params":
		return a.params
	case "bytes":
		return a.Bytes
	case "nodes":
		return a.nodes
	}
	return a.MACs()
}

// magnitude is what a size is sorted by: its value, its upper bound, or its value
// with every symbol at 1024.
func magnitude(d graph.Dim) *big.Int {
	if f := newFigure(d, d); f.value != nil {
		return f.value
	}
	if b, err := d.At(1024); err == nil {
		return b
	}
	return new(big.Int)
}

// share returns part/whole when that is one number: both are constants, or they
// are proportional.
func share(part, whole graph.Dim) (float64, bool) {
	p, w := newFigure(part, part), newFigure(whole, whole)
	if p.value != nil && w.value != nil {
		return ratio(p.value, w.value), w.value.Sign() > 0
	}
	env := map[string]int64{}
	for _, s := range whole.Symbols() {
		env[s] = 3
	}
	x, err := part.EvalBig(env)
	if err != nil {
		return 0, false
	}
	y, err := whole.EvalBig(env)
	if err != nil || y.Sign() <= 0 || !part.Mul(graph.BigInt(y)).Equal(whole.Mul(graph.BigInt(x))) {
		return 0, false
	}
	return ratio(x, y), true
}

package render

import (
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// report writes onnxmeter.report/1. byModule adds the tree of modules.
func (j *jsonWriter) report(r *Report, byModule bool) {
	j.objectBlock()
	j.key("schema").str("onnxmeter.report/1")
	j.key("model")
	j.model(r)
	j.tool(r.Tool)
	j.key("convention").str(r.Convention)
	j.convention(r.Measured)
	j.key("rules").object()
	j.key("qdq").str(r.Rules.QDQ)
	j.key("padding").str(r.Rules.Padding)
	j.key("causal").str(r.Rules.Causal)
	j.end()
	j.key("dims").object()
	for _, name := range sortedKeys(r.Dims) {
		j.key(name).int(r.Dims[name])
	}
	j.end()
	j.symbols(r)
	j.totals(r)
	j.weights(r)
	j.coverage(&r.Coverage)
	j.rows("by_op", r.ByOp, true)
	j.rows("by_dtype", r.ByDType, false)
	if byModule && r.Modules != nil {
		j.key("modules")
		j.module(r.Modules)
	}
	j.nodes(r)
	j.density(r.Density)
	j.energy(r)
	j.key("warnings").arrayBlock()
	for _, w := range r.Warnings {
		j.str(w)
	}
	j.end()
	j.end()
}

func (j *jsonWriter) model(r *Report) {
	m := r.Model
	j.objectBlock()
	j.key("path").str(m.Path)
	j.key("ir_version").int(m.IRVersion)
	j.key("opsets").object()
	for _, d := range sortedKeys(m.Opsets) {
		j.key(graph.DomainName(d)).int(m.Opsets[d])
	}
	j.end()
	j.key("producer").str(producer(m))
	j.key("inputs").arrayBlock()
	for i := range r.Inputs {
		j.io(&r.Inputs[i], true)
	}
	j.end()
	j.key("outputs").arrayBlock()
	for i := range r.Outputs {
		j.io(&r.Outputs[i], false)
	}
	j.end()
	j.end()
}

// producer names the exporter with its version.
func producer(m *graph.Model) string {
	return strings.TrimSpace(m.Producer + " " + m.ProducerVersion)
}

func (j *jsonWriter) io(io *counters.IO, bind bool) {
	in := element(io.Info)
	j.object()
	j.key("name").str(io.Name)
	j.key("dtype").optional(dtypeName(in.DType))
	j.key("shape").shape(in.Shape)
	if k := io.Info.Kind; k != graph.KindTensor && k != graph.KindUnknown {
		j.key("kind").str(k.String())
	}
	if bind {
		j.key("bind").str(io.Bind)
	}
	j.end()
}

// symbols lists the sizes that are still open, with the flag that fixes each.
func (j *jsonWriter) symbols(r *Report) {
	j.key("symbols").arrayBlock()
	for _, s := range r.Free {
		j.object()
		j.key("name").str(s.Name)
		j.key("bind").str(s.Flag)
		j.key("data_dependent").bool(s.Data)
		j.end()
	}
	j.end()
}

func (j *jsonWriter) bool(b bool) {
	if b {
		j.raw("true")
	} else {
		j.raw("false")
	}
}

// totals writes the totals, nested at the dots of their names, the formulas of
// those that are no plain numbers, and the bounds of those that depend on data.
func (j *jsonWriter) totals(r *Report) {
	figs := r.figures()
	j.key("totals").object()
	group := ""
	for _, f := range figs {
		outer, name, nested := strings.Cut(f.name, ".")
		if !nested {
			outer, name = "", f.name
		}
		if outer != group {
			if group != "" {
				j.end()
			}
			if outer != "" {
				j.key(outer).object()
			}
			group = outer
		}
		j.key(name).big(f.value)
	}
	j.end()
	j.key("formulas").object()
	for _, f := range figs {
		if f.formula != "" {
			j.key(f.name).text(f.formula)
		}
	}
	j.end()
	j.bounds(figs)
}

func (j *jsonWriter) bounds(figs []namedFigure) {
	if !slices.ContainsFunc(figs, func(f namedFigure) bool { return f.bound }) {
		return
	}
	j.key("bounds").object()
	for _, f := range figs {
		if f.bound {
			j.key(f.name).array()
			j.big(f.lo)
			j.big(f.hi)
			j.end()
		}
	}
	j.end()
}

// weights lists the constants by what they are for.
func (j *jsonWriter) weights(r *Report) {
	j.key("weights").object()
	for _, g := range weightGroups(r) {
		j.key(g.key).object()
		j.key("elements").total(g.Elements)
		j.key("bytes").total(g.Bytes)
		j.end()
	}
	j.end()
}

type weightGroup struct {
	key, label string
	counters.Group
}

func weightGroups(r *Report) []weightGroup {
	w := &r.Weights
	return []weightGroup{
		{"params", "weights", w.Params}, {"statistics", "running statistics", w.Statistics},
		{"quantization", "scales and zero points", w.Quant}, {"index", "shapes and indices", w.Index},
	}
}

// total writes a sum: a number, its upper bound when it depends on data, or null.
func (j *jsonWriter) total(d graph.Dim) {
	if k, small := d.Const(); small {
		j.int(k)
		return
	}
	f := newFigure(d, d)
	j.big(f.value)
}

func (j *jsonWriter) coverage(c *counters.Coverage) {
	j.key("coverage").objectBlock()
	j.key("status").str(string(c.Status))
	j.key("nodes").total(c.Nodes)
	j.key("counted").total(c.Counted)
	j.key("free").total(c.Free)
	j.key("uncounted").opNodes(c.Uncounted)
	j.key("unresolved").nodeWhys(c.Unresolved)
	j.end()
}

func (j *jsonWriter) opNodes(list []counters.OpNodes) {
	j.array()
	for _, u := range list {
		j.object()
		j.key("domain").str(u.Domain)
		j.key("op").str(u.Op)
		j.key("nodes").total(u.Nodes)
		j.end()
	}
	j.end()
}

func (j *jsonWriter) nodeWhys(list []counters.NodeWhy) {
	j.arrayBlock()
	for _, u := range list {
		j.object()
		j.key("node").str(u.Node)
		j.key("why").str(u.Why)
		j.end()
	}
	j.end()
}

func (j *jsonWriter) rows(key string, rows []counters.Row, byOp bool) {
	j.key(key).arrayBlock()
	for i := range rows {
		row := &rows[i]
		j.object()
		if byOp {
			j.key("domain").str(row.Domain)
			j.key("op").str(row.Name)
		} else {
			j.key("dtype").str(row.Name)
		}
		j.key("nodes").total(row.Nodes)
		j.key("params").total(row.Params)
		j.sums(&row.Sums)
		j.end()
	}
	j.end()
}

// sums writes the columns of a group; a symbolic one is null with its formula beside it.
func (j *jsonWriter) sums(s *counters.Sums) {
	cols := [...]counters.Column{{Name: "macs", Dim: s.MACs()}, {Name: "flops", Dim: s.FLOPs()}, {Name: "bytes", Dim: s.Bytes}}
	open := false
	for i := range cols {
		j.key(cols[i].Name).total(cols[i].Dim)
		open = open || !cols[i].Dim.IsConst()
	}
	if !open {
		return
	}
	j.key("formulas").object()
	for i := range cols {
		if !cols[i].Dim.IsConst() {
			j.key(cols[i].Name).text(cols[i].Dim.String())
		}
	}
	j.end()
}

func (j *jsonWriter) module(m *counters.Module) {
	j.object()
	j.key("name").str(m.Name)
	j.key("path").str(m.Path)
	j.key("class").str(m.Class)
	j.key("nodes").total(m.Nodes)
	j.key("params").total(m.Params)
	j.sums(&m.Sums)
	j.key("children").arrayBlock()
	for _, c := range m.Children {
		j.module(c)
	}
	j.end()
	j.end()
}

func (j *jsonWriter) nodes(r *Report) {
	j.key("nodes").arrayBlock()
	for n := range r.Nodes() {
		j.node(n, r.Estimates)
	}
	j.end()
}

func (j *jsonWriter) node(n *counters.Node, estimates []Estimate) {
	j.object()
	j.key("path").str(n.Path)
	j.key("domain").str(n.Domain)
	j.key("op").str(n.Op)
	j.key("state").str(stateName(n.State))
	if n.State == ops.Folded {
		j.key("folded").bool(true)
	}
	if n.Why != "" {
		j.key("why").str(n.Why)
	}
	if !n.Times.Is(1) {
		j.key("times").dim(n.Times)
	}
	j.key("params").total(n.Params)
	if uncertain(n.State) {
		for _, k := range []string{"macs", "flops", "bytes"} {
			j.key(k).null()
		}
	} else {
		j.sums(&n.Sums)
	}
	j.roofs(n, estimates)
	j.key("outputs").array()
	for i := range n.Outputs {
		j.io(&n.Outputs[i], false)
	}
	j.end()
	j.end()
}

// roofs says what bounds a node on each device, where that is known.
func (j *jsonWriter) roofs(n *counters.Node, estimates []Estimate) {
	open := false
	for i := range estimates {
		b := estimates[i].boundOf(n.State, n.Result.View, &n.Sums)
		if b == "" {
			continue
		}
		if !open {
			j.key("bound").object()
			open = true
		}
		j.key(estimates[i].GPU).str(b)
	}
	if open {
		j.end()
	}
}

package counters

import (
	"fmt"
	"sort"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// describeInterface fills the inputs and outputs, the bound dims and the free symbols.
func (r *Report) describeInterface(o Options) {
	main := r.Inference.Main
	flags := map[string]string{}
	for _, v := range main.Graph.Inputs {
		if v.Init != nil || v.Sparse != nil {
			continue
		}
		io := IO{Name: v.Name, Info: main.Info(v)}
		io.Bind = bindFlag(v.Name, io.Info.Shape, flags)
		r.Inputs = append(r.Inputs, io)
	}
	for _, v := range main.Graph.Outputs {
		r.Outputs = append(r.Outputs, IO{Name: v.Name, Info: main.Info(v)})
	}
	r.Dims = map[string]int64{}
	for k, v := range r.Inference.Dims {
		r.Dims[k] = v
	}
	r.freeSymbols(flags)
}

// bindFlag returns the flags that bind the open dims of an input and notes for each
// symbol the flag that binds it.
func bindFlag(input string, s graph.Shape, flags map[string]string) string {
	var out []string
	for _, d := range s {
		if d.HasUnknown() {
			return fmt.Sprintf("--input %s:%s", input, pattern(s))
		}
		for _, name := range d.SymbolsOf(graph.Open) {
			f := fmt.Sprintf("--dim %s=N", name)
			if _, ok := flags[name]; !ok {
				out = append(out, f)
			}
			flags[name] = f
		}
	}
	return strings.Join(out, " ")
}

// pattern writes a shape as --input takes it, with N for open dims.
func pattern(s graph.Shape) string {
	parts := make([]string, len(s))
	for i, d := range s {
		if k, ok := d.Const(); ok {
			parts[i] = fmt.Sprint(k)
		} else {
			parts[i] = "N"
		}
	}
	return strings.Join(parts, "x")
}

// freeSymbols lists the symbols that the totals and outputs still hold.
func (r *Report) freeSymbols(flags map[string]string) {
	open, data := map[string]bool{}, map[string]bool{}
	note := func(d graph.Dim) {
		for _, s := range d.SymbolsOf(graph.Open) {
			open[s] = true
		}
		for _, s := range d.SymbolsOf(graph.Data) {
			data[s] = true
		}
	}
	for _, c := range r.Totals.Columns() {
		note(c.Dim)
	}
	for _, list := range [][]IO{r.Inputs, r.Outputs} {
		for _, io := range list {
			for _, d := range io.Info.Shape {
				note(d)
			}
		}
	}
	for s := range open {
		f := flags[s]
		if f == "" {
			f = fmt.Sprintf("--dim %s=N", s)
		}
		r.Free = append(r.Free, FreeSymbol{Name: s, Flag: f})
	}
	for s := range data {
		r.Free = append(r.Free, FreeSymbol{Name: s, Flag: dataFlag(s), Data: true})
	}
	sort.Slice(r.Free, func(i, j int) bool { return r.Free[i].Name < r.Free[j].Name })
}

// dataFlag returns the flag that fixes a data-dependent size, whose name says its origin.
func dataFlag(symbol string) string {
	if node, ok := strings.CutSuffix(symbol, ".trip"); ok {
		return fmt.Sprintf("--trip %s=N", node)
	}
	if i := strings.LastIndexByte(symbol, '['); i > 0 {
		return fmt.Sprintf("--assume %s=N", symbol[:i])
	}
	return ""
}

// warnConstant notes matrix products of constants: they count as written, but a
// runtime may do them before the run.
func (r *Report) warnConstant() {
	main := r.Inference.Main
	nodes, macs := 0, graph.Dim{}
	for i := range main.Nodes {
		n := &main.Nodes[i]
		if n.State != ops.Counted || n.Cost.MAC.IsZero() || n.Node.Outputs[0] == nil || !main.Info(n.Node.Outputs[0]).Const {
			continue
		}
		nodes, macs = nodes+1, macs.Add(n.Cost.MAC)
	}
	if nodes > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d nodes multiply constants only (%s of %s MACs): counted as written; a runtime that folds constants does them once",
			nodes, macs, r.Totals.Work.MAC))
	}
}

// warnDead notes nodes whose outputs nothing uses: they count as written.
func (r *Report) warnDead(w *weights) {
	main := r.Inference.Main
	total := graph.Dim{}
	var names []string
	for i := range main.Nodes {
		n := &main.Nodes[i]
		dead := len(n.Node.Outputs) > 0
		for _, v := range n.Node.Outputs {
			dead = dead && (v == nil || !w.used(v))
		}
		if !dead || n.Cost.IsZero() {
			continue
		}
		total = total.Add(n.Cost.MAC)
		names = append(names, fmt.Sprintf("%q", graph.Clip(n.Node.Label())))
	}
	if len(names) == 0 {
		return
	}
	shown := names[:min(len(names), 3)]
	more := ""
	if len(names) > 3 {
		more = fmt.Sprintf(" and %d more", len(names)-3)
	}
	r.Warnings = append(r.Warnings, fmt.Sprintf("nothing uses the outputs of %s%s; they are counted as written (%s of %s MACs)",
		strings.Join(shown, ", "), more, total, r.Totals.Work.MAC))
}

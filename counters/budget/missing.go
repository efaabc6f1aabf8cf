package budget

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// missing says why some total of a model is not known; "" if all are.
func (m *Measured) missing() (why, fix string) {
	switch m.Coverage.Status {
	case counters.Incomplete:
		return m.gap()
	case counters.Symbolic:
		for _, c := range m.Totals.Columns() {
			if c.Dim.HasOpen() {
				return m.open(c.Dim)
			}
		}
		return "a size that depends on data has no bound", m.bind(nil)
	}
	return "", ""
}

// gap says which part of a model is not counted, and what helps.
func (m *Measured) gap() (why, fix string) {
	c := &m.Coverage
	switch {
	case len(c.Uncounted) > 0:
		u := c.Uncounted[0]
		name := graph.Quote(qualified(u.Domain, u.Op))
		return fmt.Sprintf("operator %s%s has no rule%s", name, m.firstNode(func(n *counters.Node) bool {
			return n.State == ops.Uncounted && n.Op == u.Op && n.Domain == u.Domain
		}), more(len(c.Uncounted)-1, "operator")), "describe the operator in a file of rules (docs/rules.md): --rules FILE"
	case len(c.Unresolved) > 0:
		u := c.Unresolved[0]
		at := ""
		if u.Node != "" {
			at = fmt.Sprintf("node %q: ", graph.Clip(u.Node))
		}
		return at + u.Why + more(len(c.Unresolved)-1, "node"), m.bind(nil)
	}
	return "a size is not known", m.bind(nil)
}

func more(n int, what string) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return fmt.Sprintf(" (and 1 more %s)", what)
	}
	return fmt.Sprintf(" (and %d more %ss)", n, what)
}

// open says which sizes of a formula are open.
func (m *Measured) open(d graph.Dim) (why, fix string) {
	names := d.SymbolsOf(graph.Open)
	return fmt.Sprintf("size %q%s is open%s", graph.Clip(names[0]), m.place(names[0]), more(len(names)-1, "size")), m.bind(names)
}

// place says where a size comes from: the first input or node that has it.
func (m *Measured) place(size string) string {
	has := func(list []counters.IO) bool {
		return slices.ContainsFunc(list, func(io counters.IO) bool {
			return slices.ContainsFunc(io.Info.Shape, func(d graph.Dim) bool { return slices.Contains(d.Symbols(), size) })
		})
	}
	for i := range m.Inputs {
		if has(m.Inputs[i : i+1]) {
			return fmt.Sprintf(" of input %q", graph.Clip(m.Inputs[i].Name))
		}
	}
	return m.firstNode(func(n *counters.Node) bool { return has(n.Outputs) })
}

// firstNode words the first node that has a property, " of node ...", or nothing.
func (m *Measured) firstNode(has func(*counters.Node) bool) string {
	for n := range m.Nodes() {
		if has(n) {
			return fmt.Sprintf(" of node %q", graph.Clip(n.Path))
		}
	}
	return ""
}

func (m *Measured) dataFix(d graph.Dim) string {
	if names := d.SymbolsOf(graph.Data); len(names) > 0 {
		return m.bind(names)
	}
	return "raise the limit to the upper bound, or make the branch constant"
}

// bind lists the flags that bind sizes; nil: all that are open.
func (m *Measured) bind(names []string) string {
	var flags []string
	for _, in := range m.Inputs {
		if names == nil && in.Info.Shape == nil && (in.Info.Kind == graph.KindTensor || in.Info.Kind == graph.KindUnknown) {
			flags = append(flags, fmt.Sprintf("--input %s:1x3x224x224", graph.Clip(in.Name)))
		}
	}
	for _, s := range m.Free {
		if s.Flag != "" && (names == nil || slices.Contains(names, s.Name)) && !slices.Contains(flags, s.Flag) {
			flags = append(flags, s.Flag)
		}
	}
	if len(flags) == 0 {
		return "give the inputs their shapes: --input NAME:1x3x224x224"
	}
	return "bind it: " + strings.Join(flags, " ")
}

package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/graph"
)

// ConventionComparison is one model counted by several conventions.
type ConventionComparison struct {
	*Report
	// Results are those of the conventions, in the order asked for.
	Results []*convention.Result
	// Printed is what somebody printed for the model, to be explained; 0 for none.
	Printed int64
}

// conventionCount is the figure of one convention with its reasons.
type conventionCount struct {
	*convention.Result
	total, change graph.Dim
	classes       []convention.Class
	doubts        []convention.Doubt
	why           []convention.Doubt // what makes the figure of the total, nil if nothing does
}

func (c *ConventionComparison) counts() []conventionCount {
	out := make([]conventionCount, len(c.Results))
	for i, m := range c.Results {
		n := conventionCount{Result: m, classes: m.Classes(c.Report.Report), total: c.Report.Figure(m)}
		n.change = n.total.Sub(c.Totals.Work.MAC.MulInt(m.PerMAC()))
		doubts := m.Doubts(c.Report.Report)
		n.doubts = convention.Likely(doubts)
		if total, ok := n.total.Const(); ok && c.Printed != 0 {
			n.why = convention.Explain(doubts, c.Printed-total)
		}
		out[i] = n
	}
	return out
}

// CompareConventions writes the figures of a model by several conventions with the classes
// of calls that make the differences, as text, json, csv or markdown.
func CompareConventions(w io.Writer, kind string, c *ConventionComparison, color bool) error {
	switch kind {
	case "json":
		return c.json(w)
	case "csv":
		return c.csv(w)
	}
	b := bufio.NewWriter(w)
	escape := plain
	if kind == "markdown" {
		escape = markdown
	}
	status := string(c.Coverage.Status)
	if c.Coverage.Status == counters.Incomplete {
		status += ": at least"
	}
	fmt.Fprintf(b, "%s  (%s)\n\n", escape(c.Model.Path), status)
	t := table{head: []string{"convention", "unit", "total", "difference", "because"}, right: []bool{false, false, true, true, false}}
	counts := c.counts()
	for _, n := range counts {
		t.rows = append(t.rows, []string{n.Convention.Name, unitText(n.Convention), side(n.total), signed(n.change), ""})
		for i := range n.classes {
			if k := &n.classes[i]; !k.Change.IsZero() {
				t.rows = append(t.rows, []string{"", "", "", signed(k.Change), because(k)})
			}
		}
		for _, d := range n.doubts {
			t.rows = append(t.rows, []string{"", "", "", "", fmt.Sprintf("not told by the file: %s (%d): %s", d.Class, d.Nodes, signed(d.Change))})
		}
	}
	t.print(b, kind, color)
	if c.Printed != 0 {
		b.WriteByte('\n')
		for i := range counts {
			fmt.Fprintf(b, "%s\n", counts[i].explanation(c.Printed))
		}
	}
	fmt.Fprintf(b, "\nThe difference is against the MACs of convention %s, two FLOPs each where a convention counts FLOPs.\n", convention.Default)
	return b.Flush()
}

// explanation says how a printed figure comes about.
func (n *conventionCount) explanation(figure int64) string {
	text := fmt.Sprintf("%s by %s: ", amount(graph.Int(figure)), n.Convention.Name)
	switch {
	case n.total.Is(figure):
		return text + "the total"
	case !n.total.IsConst():
		return text + "the total is a formula (bind its sizes to explain a figure)"
	case n.why == nil:
		return text + "not explained"
	}
	text += "the total"
	for _, d := range n.why {
		text += fmt.Sprintf(", %s: %s (%d)", signed(d.Change), d.Class, d.Nodes)
	}
	return text
}

// because says what a convention does with a kind of calls.
func because(k *convention.Class) string {
	rule := "not counted"
	if k.Rule != nil && k.Rule.Count != "0" {
		rule = k.Rule.Count
	}
	folded := ""
	if k.Folded {
		folded = ", folded into convolutions"
	}
	return fmt.Sprintf("%s (%d%s): %s", k.Kind, k.Nodes, folded, rule)
}

// signed prints a change with its sign, or a formula.
func signed(d graph.Dim) string {
	n := d.BigConst()
	switch {
	case n == nil:
		return end(abridged(d.String()), 34)
	case n.Sign() > 0:
		return "+" + grouped(n)
	}
	return grouped(n)
}

func (c *ConventionComparison) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"convention", "unit", "kind", "folded", "nodes", "count", "difference", "rule"})
	f := func(d graph.Dim) string { x := newFigure(d, d); return x.csv() }
	for _, n := range c.counts() {
		name, unit := n.Convention.Name, unitName(n.Convention)
		out.Write([]string{name, unit, "", "", "", f(n.total), csvDelta(n.change), ""})
		for _, k := range n.classes {
			rule := ""
			if k.Rule != nil {
				rule = k.Rule.Count
			}
			out.Write([]string{name, unit, csvCell(k.Kind), fmt.Sprint(k.Folded), fmt.Sprint(k.Nodes), f(k.Count), csvDelta(k.Change), rule})
		}
	}
	out.Flush()
	return out.Error()
}

func (c *ConventionComparison) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.compare-conventions/1")
	j.tool(c.Tool)
	j.key("model").object()
	j.key("path").str(c.Model.Path)
	j.key("status").str(string(c.Coverage.Status))
	j.end()
	j.key("conventions").arrayBlock()
	for _, n := range c.counts() {
		j.conventionCount(&n, c.Printed)
	}
	j.end()
	j.key("warnings").strs(c.Warnings)
	j.end()
	return j.finish()
}

func (j *jsonWriter) conventionCount(n *conventionCount, figure int64) {
	j.object()
	j.key("name").str(n.Convention.Name)
	j.key("unit").str(unitName(n.Convention))
	j.key("total").dim(n.total)
	j.key("difference").dim(n.change)
	j.key("classes").array()
	for _, k := range n.classes {
		j.object()
		j.key("kind").str(k.Kind)
		j.key("folded").bool(k.Folded)
		j.key("nodes").int(int64(k.Nodes))
		j.key("count").dim(k.Count)
		j.key("difference").dim(k.Change)
		if k.Rule != nil {
			j.key("rule").str(k.Rule.Count)
		}
		j.end()
	}
	j.end()
	j.key("not_told")
	j.doubts(n.doubts)
	if figure != 0 {
		j.key("figure").object()
		j.key("value").int(figure)
		j.key("equal").bool(n.total.Is(figure))
		j.key("explained_by")
		if n.why != nil {
			j.doubts(n.why)
		} else {
			j.null()
		}
		j.end()
	}
	j.knownBugs(n.Result)
	j.end()
}

func (j *jsonWriter) doubts(list []convention.Doubt) {
	j.array()
	for _, d := range list {
		j.object()
		j.key("class").str(d.Class)
		j.key("nodes").int(int64(d.Nodes))
		j.key("change").dim(d.Change)
		j.end()
	}
	j.end()
}

package render

import (
	"io"
	"math/big"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// CheckMarkdown writes a comment for a pull request: a table of the findings, the
// nodes behind each folded, and the comparisons that hold folded too.
func CheckMarkdown(w io.Writer, r *CheckReport) error {
	c := newComment("check", "onnxmeter: "+r.Summary())
	t := table{head: []string{"model", "rule", "result", "value", "limit", "over by"}, right: []bool{false, false, false, true, true, true}}
	for _, f := range r.Findings() {
		t.rows = append(t.rows, []string{f.File, ruleID(&f), string(f.Level) + ": " + string(f.Kind),
			ratCell(&f, f.Value), ratCell(&f, f.Limit), ratCell(&f, f.Over)})
	}
	c.table(&t, 0.4)
	for _, m := range r.Results {
		if len(m.Findings) > 0 {
			c.details(htmlText(m.File)+": "+string(m.Status()), func() {
				for i := range m.Findings {
					c.finding(&m.Findings[i])
				}
			})
		}
	}
	if t := passedTable(r.Results); len(t.rows) > 0 {
		c.details("within budget", func() { c.table(&t, 1) })
	}
	return c.finish(w)
}

// finding writes what a table has no room for.
func (c *comment) finding(f *budget.Finding) {
	c.add("**" + markdown(ruleID(f)) + "** " + markdownText(f.Message) + "\n\n")
	t := table{head: []string{"largest", "node", "share"}, right: []bool{true, false, true}}
	for _, part := range f.Contributors {
		t.rows = append(t.rows, []string{budget.Format(f.Rule, part.Value), part.Node, strings.Trim(shareOf(f, part), " ()")})
	}
	c.table(&t, 1)
	if f.Fix != "" {
		c.add(fixLabel(f) + ": " + markdownCode(f.Fix) + "\n\n")
	}
}

// passedTable lists the comparisons that hold.
func passedTable(results []*budget.Result) table {
	t := table{head: []string{"model", "rule", "value", "limit", "used"}, right: []bool{false, false, true, true, true}}
	for _, m := range results {
		for _, k := range m.Checks {
			if k.Passed {
				t.rows = append(t.rows, []string{m.File, string(k.Rule), budget.Format(k.Rule, k.Value), budget.Format(k.Rule, k.Limit), strings.Trim(used(k.Value, k.Limit), " ()")})
			}
		}
	}
	return t
}

// ratCell prints a figure of a finding, nothing if there is none.
func ratCell(f *budget.Finding, v *big.Rat) string {
	if v == nil {
		return ""
	}
	return budget.Format(f.Rule, v)
}

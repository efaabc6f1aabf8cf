package render

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// shortColumns are other names of columns in comparisons.
var shortColumns = map[string]string{"peak_activation_bytes": "peak", "carbon": "grams"}

// Rows returns the columns of the paper as a table to compare by: a number for each
// total and estimate, with the ends of its interval beside it. A total that is a
// formula, or only a lower bound, is no number: the cell says why.
func (p *Paper) Rows() *tradeoff.Table {
	t := &tradeoff.Table{Units: map[string]string{}}
	for _, name := range p.Names {
		t.Rows = append(t.Rows, tradeoff.Row{Name: name})
	}
	for _, s := range p.series() {
		ids := []string{s.id}
		if short := shortColumns[s.id]; short != "" {
			ids = append(ids, short)
		}
		for _, id := range ids {
			t.Columns = append(t.Columns, id, id+"_lo", id+"_hi")
			t.Units[id] = s.unit
			for i := range s.cells {
				t.Rows[i].Cells = append(t.Rows[i].Cells, comparisonCells(p.Reports[i], &s.cells[i])...)
			}
		}
	}
	return t
}

// comparisonCells are a figure and the ends of its interval, if it has one.
func comparisonCells(r *Report, c *paperCell) []tradeoff.Cell {
	if why := whyNoNumber(r, c); why != "" {
		return []tradeoff.Cell{{Why: why}, {}, {}}
	}
	out := make([]tradeoff.Cell, 3)
	for i, text := range c.raw() {
		out[i].Text = text
	}
	return out
}

// whyNoNumber says why a figure cannot be compared, "" if it can.
func whyNoNumber(r *Report, c *paperCell) string {
	switch {
	case r.Coverage.Status == counters.Incomplete:
		return "the totals of the model are incomplete"
	case c.known:
		return ""
	case len(r.Free) > 0:
		var flags []string
		for _, f := range r.Free {
			flags = append(flags, f.Flag)
		}
		return fmt.Sprintf("it depends on sizes that are open (%s)", strings.Join(flags, ", "))
	}
	return "there is no estimate"
}

package render

import (
	"fmt"
	"io"
	"slices"
)

// summaryTotals are the totals that the table of models shows.
var summaryTotals = []struct{ name, title string }{{"params", "params"}, {"macs", "MACs"}, {"bytes.fused", "traffic"}, {"peak_activation_bytes", "peak activations"}}

// markdown writes a comment for a pull request: a table of the models that differ,
// and what differs in each, folded.
func (d *Diff) markdown(w io.Writer) error {
	c := newComment("diff", "onnxmeter: "+d.summary())
	c.add(fmt.Sprintf("%s → %s%s\n\n", markdown(d.Old), markdown(d.New), d.counted()))
	t := d.summaryTable()
	c.table(&t, 0.4)
	for _, m := range d.Models {
		if m.Change != Unchanged {
			c.details(htmlText(m.Path)+": "+string(m.Change), func() { m.comment(c) })
		}
	}
	c.list(d.footnotes())
	return c.finish(w)
}

func (d *Diff) summaryTable() table {
	t := table{head: []string{"model", "change"}, right: []bool{false, false}}
	for _, s := range summaryTotals {
		t.head, t.right = append(t.head, s.title), append(t.right, true)
	}
	if i := slices.IndexFunc(d.Models, func(m *ModelDiff) bool { return len(m.energy) > 0 }); i >= 0 {
		for k := range d.Models[i].energy {
			t.head, t.right = append(t.head, d.Models[i].energy[k].either().GPU), append(t.right, true)
		}
	}
	for _, m := range d.Models {
		if m.Change != Unchanged {
			t.rows = append(t.rows, m.summaryRow(len(t.head)))
		}
	}
	return t
}

// summaryRow prints the new figures of a model with their changes.
func (d *ModelDiff) summaryRow(columns int) []string {
	row := []string{d.Path, string(d.Change)}
	for _, s := range summaryTotals {
		i := slices.IndexFunc(d.totals, func(p namedPair) bool { return p.name == s.name })
		if i < 0 || !d.New.has() {
			row = append(row, "")
			continue
		}
		cells := d.row("", d.totals[i].pair)
		row = append(row, withChange(cells[2], cells[4]))
	}
	for i := range d.energy {
		q := d.energy[i].quantities()[0]
		row = append(row, withChange(q.new.text(q.unit), d.energy[i].verdict()))
	}
	for len(row) < columns { // of a model that cannot be read
		row = append(row, "")
	}
	return row
}

func withChange(figure, change string) string {
	if change == "" {
		return figure
	}
	return figure + " (" + change + ")"
}

// comment writes the details of a model.
func (d *ModelDiff) comment(c *comment) {
	c.list(d.notes())
	for _, t := range []table{d.totalsTable(), d.opsTable(), d.nodesTable(View{Full: true})} {
		c.table(&t, 0.5)
	}
}

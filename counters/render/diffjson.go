package render

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/diff"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/graph"
)

// json writes onnxmeter.diff/1.
func (d *Diff) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.diff/1")
	j.tool(d.Tool)
	j.key("convention").str(d.Convention)
	j.key("old").str(d.Old)
	j.key("new").str(d.New)
	j.key("summary").object()
	for _, c := range Changes {
		j.key(string(c)).int(int64(d.count(c)))
	}
	j.end()
	j.key("models").arrayBlock()
	for _, m := range d.Models {
		j.modelDiff(m)
	}
	j.end()
	j.end()
	return j.finish()
}

func (j *jsonWriter) modelDiff(m *ModelDiff) {
	j.objectBlock()
	j.key("path").str(m.Path)
	j.key("change").str(string(m.Change))
	for _, s := range m.sides() {
		j.key(s.name).side(s.Side)
	}
	j.key("totals").arrayBlock()
	for _, p := range m.totals {
		j.object()
		j.key("name").str(p.name)
		j.change(m, p.pair)
		j.end()
	}
	j.end()
	j.key("by_op").arrayBlock()
	for _, r := range m.ops {
		j.object()
		j.key("name").str(r.name)
		for _, f := range r.figures() {
			j.key(f.name).object()
			j.change(m, f.pair)
			j.end()
		}
		j.end()
	}
	j.end()
	j.key("nodes").arrayBlock()
	for i := range m.nodes {
		j.nodeChange(&m.nodes[i])
	}
	j.end()
	j.energyDiffs(m)
	j.end()
}

// side writes what a side is, null where the model is not there.
func (j *jsonWriter) side(s *Side) {
	if s == nil {
		j.null()
		return
	}
	j.object()
	j.key("path").str(s.Path)
	j.key("status")
	if s.Err != nil {
		j.null()
		j.key("error").text(Line(s.Err.Error()))
	} else {
		j.str(string(s.Status))
	}
	j.end()
}

// change writes a figure of both sides, null of a side that is not there, their
// difference and new / old where that is one number. Formulas are strings.
func (j *jsonWriter) change(m *ModelDiff, p pair) {
	j.key("old").figureOf(m.Old, p.a)
	j.key("new").figureOf(m.New, p.b)
	j.key("delta")
	both := m.Old.has() && m.New.has()
	switch n, d := p.difference(); {
	case !both:
		j.null()
	case n != nil:
		j.big(n)
	default:
		j.dim(d)
	}
	r, ok := p.ratio()
	j.key("ratio").maybe(both && ok, r)
}

// figureOf writes a figure of a side: a number, an upper bound, or a formula.
func (j *jsonWriter) figureOf(s *Side, d graph.Dim) {
	f := newFigure(d, d)
	switch {
	case !s.has():
		j.null()
	case f.value != nil:
		j.big(f.value)
	default:
		j.dim(d)
	}
}

func (j *jsonWriter) nodeChange(c *diff.Change) {
	j.object()
	j.key("change").str(string(c.Kind))
	j.key("node").str(c.Either().Path)
	for _, s := range []struct {
		key  string
		node *diff.Node
	}{{"old", c.Old}, {"new", c.New}} {
		j.key(s.key)
		if s.node == nil {
			j.null()
			continue
		}
		j.object()
		j.key("path").str(s.node.Path)
		j.key("domain").str(s.node.Domain)
		j.key("op").str(s.node.Op)
		j.key("state").str(stateName(s.node.State))
		j.key("outputs").text(s.node.Outputs)
		j.key("params").dim(s.node.Params)
		j.key("macs").dim(s.node.MACs())
		j.key("flops").dim(s.node.FLOPs())
		j.key("bytes").dim(s.node.Bytes)
		j.end()
	}
	j.end()
}

// energyDiffs writes the estimates; clear says that the ratio is not inside the
// error that the two do not share.
func (j *jsonWriter) energyDiffs(m *ModelDiff) {
	for _, group := range []string{"energy", "carbon"} {
		j.key(group).arrayBlock()
		for i := range m.energy {
			e := &m.energy[i]
			for _, q := range e.quantities() {
				if q.group == group {
					j.quantity(e, &q)
				}
			}
		}
		j.end()
	}
}

func (j *jsonWriter) quantity(e *energyDiff, q *quantity) {
	one := e.either()
	j.object()
	j.key("gpu").str(one.GPU)
	if q.group == "carbon" {
		j.key("zone").str(q.zone)
	} else {
		j.key("precision").str(one.Precision)
		j.key("mode").str(one.Mode)
		j.key("batch").float(one.Batch)
		j.key("coefficient").str(one.Coefficient)
		j.key("warnings").strs(e.warnings())
	}
	j.key("unit").str(q.figure)
	for _, s := range []struct {
		key string
		reading
	}{{"old", q.old}, {"new", q.new}} {
		j.key(s.key).maybe(s.known, s.value)
	}
	delta, both := q.delta()
	j.key("delta").maybe(both, delta)
	ratio, known := e.ratio, e.ratio != nil
	if !known {
		ratio = &energy.Ratio{}
	}
	j.key("ratio").maybe(known, ratio.Value)
	j.key("ratio_lo").maybe(known, ratio.Lo)
	j.key("ratio_hi").maybe(known, ratio.Hi)
	j.key("clear")
	if known {
		j.bool(ratio.Clear())
	} else {
		j.null()
	}
	j.end()
}

// csv writes one line for each figure of each model.
func (d *Diff) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"model", "change", "group", "name", "figure", "old", "new", "delta", "ratio"})
	for _, m := range d.Models {
		m.csv(func(cells ...string) {
			out.Write(append([]string{csvCell(m.Path)}, cells...))
		})
	}
	out.Flush()
	return out.Error()
}

func (d *ModelDiff) csv(row func(...string)) {
	change := string(d.Change)
	for _, s := range d.sides() {
		if s.Side != nil && s.Err != nil {
			row(change, "error", s.name, csvText(s.Err.Error()), "", "", "", "")
		}
	}
	for _, p := range d.totals {
		row(append([]string{change, "total", "", p.name}, d.csvCells(p.pair)...)...)
	}
	for _, r := range d.ops {
		for _, f := range r.figures() {
			row(append([]string{change, "op", csvCell(r.name), f.name}, d.csvCells(f.pair)...)...)
		}
	}
	for i := range d.nodes {
		c := &d.nodes[i]
		row(string(c.Kind), "node", csvCell(c.Either().Path), "macs", csvMACs(c.Old), csvMACs(c.New), "", "")
	}
	for i := range d.energy {
		e := &d.energy[i]
		for _, q := range e.quantities() {
			row(append([]string{change, q.group, csvCell(q.name), q.figure}, e.csvCells(&q)...)...)
		}
	}
}

// csvCells prints a figure of both sides, the difference and the ratio.
func (d *ModelDiff) csvCells(p pair) []string {
	cells := []string{"", "", "", ""}
	if d.Old.has() {
		cells[0] = csvFigure(p.a)
	}
	if d.New.has() {
		cells[1] = csvFigure(p.b)
	}
	if !d.Old.has() || !d.New.has() {
		return cells
	}
	if n, f := p.difference(); n != nil {
		cells[2] = n.String()
	} else {
		cells[2] = csvText(f.String())
	}
	if r, ok := p.ratio(); ok {
		cells[3] = csvFloat(r)
	}
	return cells
}

func csvFigure(d graph.Dim) string { f := newFigure(d, d); return f.csv() }

func csvFloat(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func csvMACs(n *diff.Node) string {
	if n == nil || uncertain(n.State) {
		return ""
	}
	return csvFigure(n.MACs())
}

func (e *energyDiff) csvCells(q *quantity) []string {
	cells := []string{"", "", "", ""}
	for i, r := range []reading{q.old, q.new} {
		if r.known {
			cells[i] = csvFloat(r.value)
		}
	}
	if d, ok := q.delta(); ok {
		cells[2], cells[3] = csvFloat(d), csvFloat(e.ratio.Value)
	}
	return cells
}

package render

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Paper is a table of models as papers print them: one row a model, one unit a column.
type Paper struct {
	Reports        []*Report
	Names          []string        // of the rows
	Columns        []string        // of PaperColumns, or of More
	More           *tradeoff.Table // further columns, a row for each report; may be nil
	Caption, Label string          // of LaTeX
	Digits         int             // significant digits
}

// paperColumn is a column that can be asked for: a total, or a part of an estimate.
type paperColumn struct {
	id, title, unit string
	total           func(*counters.Totals) graph.Dim // nil for estimates
	estimate        func(*Estimate) []paperCell      // one for each zone, or one
}

var paperColumns = []paperColumn{
	{"params", "Params", "", func(t *counters.Totals) graph.Dim { return t.Params }, nil},
	{"param_bytes", "Weights", "B", func(t *counters.Totals) graph.Dim { return t.ParamBytes }, nil},
	{"macs", "MACs", "", (*counters.Totals).MACs, nil},
	{"flops", "FLOPs", "", (*counters.Totals).FLOPs, nil},
	{"activations", "Activations", "", func(t *counters.Totals) graph.Dim { return t.Elements }, nil},
	{"traffic", "Traffic", "B", func(t *counters.Totals) graph.Dim { return t.Fused }, nil},
	{"peak_activation_bytes", "Peak memory", "B", func(t *counters.Totals) graph.Dim { return t.Peak }, nil},
	{"kernels", "Kernels", "", func(t *counters.Totals) graph.Dim { return t.Kernels }, nil},
	{"density", "Density", "", nil, nil},
	{"present_macs", "MACs present", "", nil, nil},
	{"energy", "Energy", "J", nil, func(e *Estimate) []paperCell {
		return []paperCell{{known: e.Missing == "", value: e.Joules, lo: e.Lo, hi: e.Hi}}
	}},
	{"seconds", "Time", "s", nil, func(e *Estimate) []paperCell {
		s := e.Seconds
		return []paperCell{{known: e.Missing == "" && s.Known, value: s.Value, lo: s.Lo, hi: s.Hi}}
	}},
	{"carbon", "CO2e", "g", nil, func(e *Estimate) []paperCell {
		var out []paperCell
		for _, c := range e.Emissions {
			out = append(out, paperCell{known: e.Missing == "", value: c.Grams, lo: c.Lo, hi: c.Hi})
		}
		return out
	}},
}

// PaperColumns lists the columns of a Paper.
func PaperColumns() []string {
	var ids []string
	for _, c := range paperColumns {
		ids = append(ids, c.id)
	}
	return ids
}

// PricedColumns are those of PaperColumns that need a GPU.
func PricedColumns() []string {
	var ids []string
	for _, c := range paperColumns {
		if c.estimate != nil {
			ids = append(ids, c.id)
		}
	}
	return ids
}

// paperCell is one figure of the table.
type paperCell struct {
	known   bool
	value   float64
	exact   *big.Int // of a total
	lo, hi  float64  // of an estimate; both 0 for a total
	sign    string   // "≤ " or "≥ "
	formula string   // when the figure is none
	given   string   // a cell of More, as it is written
}

// paperSeries is a column as it is printed: the figures of all rows.
type paperSeries struct {
	id, title, unit string
	cells           []paperCell
}

// series lays the columns out: an estimate has one for each GPU, CO2e one for each zone.
func (p *Paper) series() []paperSeries {
	var out []paperSeries
	for _, id := range p.Columns {
		k := slices.IndexFunc(paperColumns, func(c paperColumn) bool { return c.id == id })
		if k < 0 {
			out = append(out, p.further(id))
			continue
		}
		c := paperColumns[k]
		if c.estimate != nil {
			out = append(out, p.estimates(&c)...)
			continue
		}
		s := paperSeries{c.id, c.title, c.unit, nil}
		for _, r := range p.Reports {
			s.cells = append(s.cells, c.cell(r))
		}
		out = append(out, s)
	}
	return out
}

// further is a column of More: as it is written, but figures that were computed for it
// are rounded.
func (p *Paper) further(id string) paperSeries {
	s := paperSeries{id: id, title: id}
	k := slices.Index(p.More.Columns, id)
	computed := id == tradeoff.NormalizedColumn || id == tradeoff.EWScoreColumn
	for _, r := range p.More.Rows {
		c := paperCell{given: r.Cells[k].Text}
		if v, err := strconv.ParseFloat(c.given, 64); err == nil && computed {
			c = paperCell{known: true, value: v}
		}
		s.cells = append(s.cells, c)
	}
	return s
}

// cell is the figure of a column that needs no estimate.
func (c *paperColumn) cell(r *Report) paperCell {
	d := r.Density
	switch {
	case c.total != nil:
		return totalCell(r, c.total(&r.Lower), c.total(&r.Totals))
	case d != nil && d.Unread > 0:
		return paperCell{} // what is not read may be sparse
	case c.id == "present_macs" && d != nil:
		return totalCell(r, d.PresentMACs, d.PresentMACs)
	case c.id == "present_macs":
		return totalCell(r, r.Lower.MACs(), r.Totals.MACs())
	case d == nil: // nothing makes it sparse
		return paperCell{known: true, value: 1}
	}
	f, ok := share(d.Present, d.Weights)
	return paperCell{known: ok, value: f}
}

func (p *Paper) estimates(c *paperColumn) []paperSeries {
	var out []paperSeries
	if len(p.Reports) == 0 {
		return nil
	}
	first := p.Reports[0].Estimates
	for g := range first {
		for z, cell := range c.estimate(&first[g]) {
			s := paperSeries{c.id, c.title, c.unit, []paperCell{cell}}
			if len(first) > 1 {
				s.id, s.title = s.id+"_"+first[g].GPU, s.title+" "+first[g].GPU
			}
			if c.id == "carbon" && len(first[g].Emissions) > 1 {
				zone := first[g].Emissions[z].Zone.ID
				s.id, s.title = s.id+"_"+zone, s.title+" "+zone
			}
			for _, r := range p.Reports[1:] {
				s.cells = append(s.cells, c.estimate(&r.Estimates[g])[z])
			}
			out = append(out, s)
		}
	}
	return out
}

// totalCell reads a total: a number, a bound of one, or a formula.
func totalCell(r *Report, lower, upper graph.Dim) paperCell {
	f := newFigure(lower, upper)
	sign := ""
	switch {
	case r.Coverage.Status == counters.Incomplete:
		sign = "≥ "
	case f.value != nil:
		sign = f.sign()
	}
	if f.value == nil {
		return paperCell{formula: f.formula, sign: sign}
	}
	v, _ := new(big.Float).SetInt(f.value).Float64()
	return paperCell{known: true, value: v, exact: f.value, sign: sign}
}

// step is the power of 1000 that a column is printed in: that of its median.
func (s *paperSeries) step() int {
	var values []float64
	for _, c := range s.cells {
		if c.known && c.value > 0 && !math.IsInf(c.value, 0) {
			values = append(values, c.value)
		}
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	median := values[len(values)/2]
	step := int(math.Floor(math.Log10(median) / 3))
	if s.unit == "" {
		step = max(step, 0) // a count or a share has no prefix below one
	}
	return min(max(step, -siUnity), len(siPrefixes)-1-siUnity)
}

// head is the title with the unit: "MACs (G)".
func (s *paperSeries) head(step int) string {
	unit := siPrefixes[step+siUnity] + s.unit
	if unit == "" {
		return s.title
	}
	return s.title + " (" + unit + ")"
}

// text prints a cell in the unit of its column.
func (c *paperCell) text(step, digits int) string {
	switch {
	case c.given != "":
		return c.given
	case c.formula != "":
		return c.sign + c.formula
	case !c.known:
		return "n/a"
	}
	scale := math.Pow(1000, float64(step))
	s := c.sign + rounded(c.value/scale, digits, c.exact != nil && step == 0)
	if c.hi > 0 {
		s += fmt.Sprintf(" [%s, %s]", rounded(c.lo/scale, digits, false), rounded(c.hi/scale, digits, false))
	}
	return s
}

// rounded prints a number with significant digits and without an exponent; digits
// before the point are never cut.
func rounded(f float64, digits int, whole bool) string {
	if whole || f == 0 || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	decimals := digits - 1 - int(math.Floor(math.Log10(math.Abs(f))))
	s := strconv.FormatFloat(f, 'f', max(decimals, 0), 64)
	if r, err := strconv.ParseFloat(s, 64); err == nil && decimals > 0 && // 9.996 with three digits is 10.0
		math.Floor(math.Log10(math.Abs(r))) > math.Floor(math.Log10(math.Abs(f))) {
		s = strconv.FormatFloat(f, 'f', decimals-1, 64)
	}
	return s
}

// Write writes the table as text, csv, markdown or latex. CSV has the figures
// unrounded, without prefixes, an interval in two columns of its own.
func (p *Paper) Write(w io.Writer, kind string, color bool) error {
	if kind == "csv" {
		return p.raw().write(w, kind, color)
	}
	t := p.table()
	b := bufio.NewWriter(w)
	t.print(b, kind, color)
	p.notes(b, kind)
	return b.Flush()
}

func (p *Paper) table() *table {
	t := &table{head: []string{"Model"}, right: []bool{false}, caption: p.Caption, label: p.Label}
	for _, name := range p.Names {
		t.rows = append(t.rows, []string{name})
	}
	for _, s := range p.series() {
		step := s.step()
		t.head, t.right = append(t.head, s.head(step)), append(t.right, true)
		for i := range s.cells {
			text := s.cells[i].text(step, p.Digits)
			if f := s.cells[i].formula; f != "" {
				t.formula(text)
			}
			t.rows[i] = append(t.rows[i], text)
		}
	}
	return t
}

// raw is the table for programs.
func (p *Paper) raw() *table {
	t := &table{head: []string{"model", "path", "status"}, right: make([]bool, 3)}
	for i, r := range p.Reports {
		t.rows = append(t.rows, []string{p.Names[i], r.Model.Path, string(r.Coverage.Status)})
	}
	add := func(head string) { t.head, t.right = append(t.head, head), append(t.right, true) }
	for _, s := range p.series() {
		add(s.id)
		priced := slices.ContainsFunc(s.cells, func(c paperCell) bool { return c.hi > 0 })
		if priced {
			add(s.id + "_lo")
			add(s.id + "_hi")
		}
		for i, c := range s.cells {
			t.rows[i] = append(t.rows[i], c.raw()...)
			if priced && c.hi == 0 {
				t.rows[i] = append(t.rows[i], "", "")
			}
		}
	}
	return t
}

// raw prints a cell in full: an interval as three cells.
func (c *paperCell) raw() []string {
	float := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	switch {
	case c.exact != nil:
		return []string{c.exact.String()}
	case !c.known:
		return []string{c.given + c.formula} // at most one of them is set
	case c.hi == 0:
		return []string{float(c.value)}
	}
	return []string{float(c.value), float(c.lo), float(c.hi)}
}

// notes say below the table what its figures rest on.
func (p *Paper) notes(b *bufio.Writer, kind string) {
	lead, escape := "", sentence
	switch kind {
	case "markdown":
		lead, escape = "- ", markdownText
	case "latex":
		lead, escape = "% ", sentence
	}
	b.WriteString("\n")
	for _, n := range p.footnotes() {
		b.WriteString(lead + escape(n) + "\n")
	}
}

// footnotes lists what the figures rest on, each once.
func (p *Paper) footnotes() []string {
	var out []string
	add := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, r := range p.Reports {
		add("onnxmeter %s, operators %s, convention %s", r.Tool.Version, r.Tool.Operators, r.Convention)
		if rules := r.Rules.unusual(); len(rules) > 0 {
			add("counted with %s", strings.Join(rules, ", "))
		}
		if other := otherUnit(r); other != "" && slices.Contains(p.Columns, other) {
			add("%s says nothing of %s: they are onnxmeter's own", r.Convention, unitProse[other])
		}
		if slices.Contains(p.Columns, "traffic") {
			add("traffic: bytes of activations read and written after fusion, without weights")
		}
	}
	for _, status := range []counters.Status{counters.Bound, counters.Symbolic, counters.Incomplete} {
		if names := p.withStatus(status); len(names) > 0 {
			add("%s: totals are %s", strings.Join(names, ", "), statusText[status])
		}
	}
	for _, r := range p.Reports {
		for k := range r.Estimates {
			e := &r.Estimates[k]
			add("energy on %s: %s, %s, batch %g, coefficients %s, grade %s, boundary %s; [lo, hi] is the stated interval",
				e.GPU, e.Precision, e.Mode, e.Batch, e.Coefficient, e.Grade, e.Boundary)
			for c := range e.Emissions {
				add("CO2e: %s (%s)", zoneText(&e.Emissions[c]), e.Emissions[c].Zone.Method)
			}
		}
	}
	return out
}

// otherUnit is the column that another tool's convention says nothing of, "" under the
// program's own.
func otherUnit(r *Report) string {
	switch {
	case r.Measured == nil:
		return ""
	case unitName(r.Measured.Convention) == "macs":
		return "flops"
	}
	return "macs"
}

// withStatus names the rows whose totals have a status.
func (p *Paper) withStatus(status counters.Status) (names []string) {
	for i, r := range p.Reports {
		if r.Coverage.Status == status {
			names = append(names, p.Names[i])
		}
	}
	return names
}

// statusText words a status that is not exact.
var statusText = map[counters.Status]string{
	counters.Bound:      "upper bounds: the work depends on data",
	counters.Symbolic:   "formulas: dims are not bound",
	counters.Incomplete: "incomplete: the model takes at least this",
}

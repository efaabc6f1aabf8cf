package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// NewReportStream writes reports as text, json, ndjson, csv or markdown. several
// says that more than one report is asked for.
func NewReportStream(w io.Writer, kind string, v View, several bool) Stream[*Report] {
	byModule := v.By == "module"
	switch kind {
	case "json":
		return &jsonStream[*Report]{j: newJSONWriter(w, false), several: several,
			schema: "onnxmeter.reports/1", member: "reports",
			item: func(j *jsonWriter, r *Report, _ bool) { j.report(r, byModule) }}
	case "ndjson":
		return &ndjsonStream[*Report]{j: newJSONWriter(w, true), item: func(j *jsonWriter, r *Report) { j.report(r, byModule) }}
	case "csv":
		return newReportCSV(w, v)
	case "markdown":
		return newTextStream(w, func(b *bufio.Writer, r *Report) { (&markdownReport{b, r, v.orOp()}).write() })
	}
	return newTextStream(w, func(b *bufio.Writer, r *Report) { (&textReport{w: b, r: r, v: v.orOp()}).write() })
}

// orOp groups by operator when no grouping is given.
func (v View) orOp() View {
	if v.By == "" {
		v.By = Groupings[0]
	}
	return v
}

// newReportCSV writes one line for each report with its totals, or the rows of a
// grouping when one is given.
func newReportCSV(w io.Writer, v View) Stream[*Report] {
	s := &csvStream[*Report]{w: csv.NewWriter(w)}
	if v.By == "" {
		s.head = totalsHeader
		s.rows = totalsRows
		return s
	}
	s.head = func(*Report) []string {
		return []string{"model", "dims", v.By, "domain", "detail", "nodes", "params", "macs", "flops", "bytes"}
	}
	s.rows = func(r *Report, row func(...string)) { groupRows(r, v, row) }
	return s
}

func totalsHeader(r *Report) []string {
	head := []string{"model", "dims", "status"}
	for _, f := range r.figures() {
		head = append(head, f.name)
	}
	if len(r.Estimates) > 0 {
		head = append(head, "gpu", "precision", "mode", "batch", "joules", "joules_lo", "joules_hi", "seconds", "grade",
			"boundary", "coefficient", "zone", "g_per_kwh", "pue", "grams", "grams_lo", "grams_hi")
	}
	return head
}

// totalsRows writes one line, or one for each estimate and zone.
func totalsRows(r *Report, row func(...string)) {
	cells := []string{csvCell(r.Model.Path), csvText(dimsText(r)), string(r.Coverage.Status)}
	for _, f := range r.figures() {
		cells = append(cells, f.csv())
	}
	if len(r.Estimates) == 0 {
		row(cells...)
	}
	for i := range r.Estimates {
		e := &r.Estimates[i]
		for k := range e.Emissions {
			row(append(cells[:len(cells):len(cells)], estimateCells(e, &e.Emissions[k])...)...)
		}
	}
}

// csv prints a figure for a spreadsheet: digits, or a formula.
func (f *figure) csv() string {
	if f.value != nil {
		return f.value.String()
	}
	return csvText(f.formula)
}

func estimateCells(e *Estimate, c *energy.Emission) []string {
	num := func(v float64) string {
		if e.Missing != "" {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	seconds := ""
	if e.Seconds.Known {
		seconds = num(e.Seconds.Value)
	}
	return []string{e.GPU, e.Precision, e.Mode, strconv.FormatFloat(e.Batch, 'g', -1, 64), num(e.Joules), num(e.Lo), num(e.Hi),
		seconds, string(e.Grade), e.Boundary, csvCell(e.Coefficient), csvCell(c.Zone.ID),
		strconv.FormatFloat(c.Zone.GPerKWh, 'g', -1, 64), strconv.FormatFloat(c.PUE, 'g', -1, 64), num(c.Grams), num(c.Lo), num(c.Hi)}
}

func groupRows(r *Report, v View, row func(...string)) {
	lines, _ := r.lines(v)
	for i := range lines {
		l := &lines[i]
		cells := []string{csvCell(r.Model.Path), csvText(dimsText(r)), csvCell(l.fullName()), csvCell(l.domain), csvCell(l.detail)}
		for _, key := range []string{"nodes", "params", "macs", "flops", "bytes"} {
			f := newFigure(l.column(key), l.column(key))
			s := f.csv()
			if uncertain(l.state) && key != "nodes" && key != "params" {
				s = "" // not known
			}
			cells = append(cells, s)
		}
		row(cells...)
	}
}

// dimsText prints the bound dims as "N=1 S=128".
func dimsText(r *Report) string {
	var parts []string
	for _, name := range sortedKeys(r.Dims) {
		parts = append(parts, fmt.Sprintf("%s=%d", name, r.Dims[name]))
	}
	return strings.Join(parts, " ")
}

// zoneText says which factor emissions rest on.
func zoneText(c *energy.Emission) string {
	year := ""
	if c.Zone.Year != 0 {
		year = fmt.Sprintf(" %d", c.Zone.Year)
	}
	s := fmt.Sprintf("%s%s, %g g/kWh", plain(c.Zone.ID), year, c.Zone.GPerKWh)
	if c.PUE != 1 {
		s += fmt.Sprintf(", PUE %g", c.PUE)
	}
	if c.Warning != "" {
		s += " (" + c.Warning + ")"
	}
	return s
}

package render

import (
	"bufio"
	"fmt"
)

// markdownReport writes one report as Markdown.
type markdownReport struct {
	w *bufio.Writer
	r *Report
	v View
}

func (m *markdownReport) printf(format string, args ...any) { fmt.Fprintf(m.w, format, args...) }

func (m *markdownReport) write() {
	r := m.r
	m.printf("### %s\n\n", markdown(r.Model.Path))
	if len(r.Dims) > 0 {
		m.printf("With %s.\n\n", markdownText(dimsText(r)))
	}
	m.totals()
	m.table()
	m.density()
	m.estimates()
	c := &r.Coverage
	m.printf("Coverage: %s; %s, %s counted, %s free.\n", c.Status, nodesOf(c.Nodes), amount(c.Counted), amount(c.Free))
	notes := append(r.gaps(m.v), GroupWarnings(r.Warnings)...)
	if len(notes) > 0 {
		m.printf("\n")
	}
	for _, n := range notes {
		m.printf("- %s\n", markdownText(n))
	}
}

func (m *markdownReport) totals() {
	m.printf("| total | value |\n|---|---:|\n")
	for _, f := range m.r.figures() {
		v := markdownText(f.formula)
		if f.value != nil {
			v = f.sign() + grouped(f.value)
		}
		m.printf("| %s | %s%s |\n", markdown(f.name), m.atLeast(), v)
	}
	m.printf("\n")
}

func (m *markdownReport) atLeast() string {
	if m.r.Coverage.Status == "incomplete" {
		return "at least "
	}
	return ""
}

func (m *markdownReport) table() {
	lines, left := m.r.lines(m.v)
	if len(lines) == 0 {
		return
	}
	m.printf("| %s | nodes | params | MACs | share | FLOPs | bytes |\n|---|---:|---:|---:|---:|---:|---:|\n", m.v.By)
	for i := range lines {
		l := &lines[i]
		if uncertain(l.state) {
			m.printf("| %s | %s | %s | ? | | ? | ? |\n", markdown(l.fullName()), amount(l.nodes), amount(l.params))
			continue
		}
		percent := ""
		if s, ok := share(l.MACs(), m.r.Totals.MACs()); ok && !l.MACs().IsZero() {
			percent = fmt.Sprintf("%.1f%%", 100*s)
		}
		m.printf("| %s | %s | %s | %s | %s | %s | %s |\n", markdown(l.fullName()), markdown(amount(l.nodes)), markdown(amount(l.params)),
			markdown(amount(l.MACs())), percent, markdown(short(l.FLOPs(), "")), markdown(short(l.Bytes, "B")))
	}
	if left > 0 {
		m.printf("\n... and %d more rows.\n", left)
	}
	m.printf("\n")
}

func (m *markdownReport) estimates() {
	if len(m.r.Estimates) == 0 {
		return
	}
	m.printf("| GPU | precision | mode | batch | energy | time | CO2e | grade | boundary | coefficient |\n|---|---|---|---:|---:|---:|---:|---|---|---|\n")
	for i := range m.r.Estimates {
		e := &m.r.Estimates[i]
		for k := range e.Emissions {
			joules, seconds, grams := "not known", "", ""
			if e.Missing == "" {
				c := &e.Emissions[k]
				joules = interval(e.Joules, e.Lo, e.Hi, "J")
				grams = interval(c.Grams, c.Lo, c.Hi, "g") + " (" + zoneText(c) + ")"
				if e.Seconds.Known {
					seconds = interval(e.Seconds.Value, e.Seconds.Lo, e.Seconds.Hi, "s")
				}
			}
			m.printf("| %s | %s | %s | %g | %s | %s | %s | %s | %s | %s |\n", e.GPU, e.Precision, e.Mode, e.Batch,
				markdown(joules), markdown(seconds), markdown(grams), e.Grade, e.Boundary, markdown(e.Coefficient))
		}
	}
	m.printf("\n")
}

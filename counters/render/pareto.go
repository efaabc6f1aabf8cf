package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// Pareto is a set of rows with its front and what was asked about it.
type Pareto struct {
	Set *tradeoff.Set
	// Reference of the hypervolume, for each objective; nil: the worst values.
	Reference      []float64
	WantKnee       bool
	Prices         *Prices // nil if not asked for
	Caption, Label string  // of LaTeX
	Picture        Picture
}

// Prices are the steps along the front with what each costs.
type Prices struct {
	Quality int // the objective that is bought
	Steps   []tradeoff.Step
	Limits  []Limit
	// Curve: the rows are one run in the order of time, and costs are what was spent so far.
	Curve bool
}

// Limit is the most that one unit of quality may cost.
type Limit struct {
	Cost  int     // objective
	Price float64 // in units of the table
	Stop  int     // row beyond which no improvement is worth its price
}

// over reports whether a step costs more than a limit.
func (p *Prices) over(s *tradeoff.Step) bool {
	return slices.ContainsFunc(p.Limits, func(l Limit) bool { return s.Prices[l.Cost] > l.Price })
}

// past is what was spent after the row at which to stop, until the end of a run.
func (p *Prices) past(s *tradeoff.Set, l Limit) float64 {
	return s.Values[len(s.Values)-1][l.Cost] - s.Values[l.Stop][l.Cost]
}

// Write writes the front as text, json, csv, latex or svg.
func (p *Pareto) Write(w io.Writer, kind string, color bool) error {
	switch kind {
	case "json":
		return p.json(w)
	case "csv":
		return p.csv(w)
	case "svg":
		return p.svg(w)
	}
	b := bufio.NewWriter(w)
	p.table(kind).print(b, kind, color)
	if kind == "text" {
		p.summary(b)
	}
	if p.Prices != nil {
		b.WriteByte('\n')
		p.priceTable(kind).print(b, kind, color)
		if kind == "text" {
			p.stops(b)
		}
	}
	return b.Flush()
}

// number prints a value for people: a whole one in full, others with six digits.
func number(v float64) string {
	if v == math.Trunc(v) {
		return exactNumber(v)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// exactNumber prints a value for programs.
func exactNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// heads are the objectives with their directions.
func (p *Pareto) heads() []string {
	var out []string
	for _, o := range p.Set.Objectives {
		unit := o.Unit
		if unit != "" {
			unit += ", "
		}
		out = append(out, o.Name+" ("+unit+o.Dir()+")")
	}
	return out
}

// maxNamed bounds the dominating rows that a line of text names.
const maxNamed = 4

// table lists the front by its first objective, then the rows that are dominated.
func (p *Pareto) table(kind string) *table {
	t := &table{head: append(append([]string{"row"}, p.heads()...), "dominated by"), caption: p.Caption, label: p.Label}
	t.right = make([]bool, len(t.head))
	for k := range p.Set.Objectives {
		t.right[k+1] = true
	}
	optimal := map[bool]string{true: "(front)", false: ""}[kind == "text"]
	by := make([]string, len(p.Set.Values))
	var front, rest []int
	p.Set.Dominators(func(i int, rows []int) bool {
		if len(rows) == 0 {
			front, by[i] = append(front, i), optimal
			return true
		}
		rest, by[i] = append(rest, i), p.named(rows, maxNamed)
		return true
	})
	p.Set.SortBy(0, front)
	for _, i := range append(front, rest...) {
		row := []string{p.Set.Names[i]}
		for _, v := range p.Set.Values[i] {
			row = append(row, number(v))
		}
		t.rows = append(t.rows, append(row, by[i]))
	}
	return t
}

// named joins the names of rows, at most so many.
func (p *Pareto) named(rows []int, most int) string {
	names := p.names(rows[:min(len(rows), most)])
	if left := len(rows) - len(names); left > 0 {
		names = append(names, fmt.Sprintf("%d more", left))
	}
	return strings.Join(names, ", ")
}

func (p *Pareto) names(rows []int) []string {
	names := make([]string, len(rows))
	for k, r := range rows {
		names[k] = p.Set.Names[r]
	}
	return names
}

// reference is the reference of the hypervolume.
func (p *Pareto) reference() []float64 {
	if p.Reference == nil {
		return p.Set.Worst()
	}
	return p.Reference
}

// summary prints what there is to say of the whole front.
func (p *Pareto) summary(b *bufio.Writer) {
	fmt.Fprintf(b, "\nfront        %d of %d rows\n", len(p.Set.Front()), len(p.Set.Names))
	var ref []string
	for _, v := range p.reference() {
		ref = append(ref, number(v))
	}
	volume := "not computed: too many rows on a front of four objectives or more, or too large"
	if v, ok := p.Set.Hypervolume(p.reference()); ok {
		volume = number(v)
	}
	fmt.Fprintf(b, "hypervolume  %s from (%s)\n", volume, strings.Join(ref, ", "))
	if doubt := p.Set.Uncertain(); len(doubt) > 0 {
		fmt.Fprintf(b, "in doubt     %s: dominated, but not over the whole of the intervals\n", plain(p.named(doubt, maxNamed)))
	}
	if p.WantKnee {
		knee := "none: no row of the front lies below the line between its ends"
		if i, ok := p.Set.Knee(); ok {
			knee = plain(p.Set.Names[i])
		}
		fmt.Fprintf(b, "knee         %s\n", knee)
	}
}

// csv writes a row for each row of the set, in its order.
func (p *Pareto) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"row"}
	for _, o := range p.Set.Objectives {
		head = append(head, csvText(o.Name))
	}
	out.Write(append(head, "front", "dominated_by"))
	p.Set.Dominators(func(i int, by []int) bool {
		row := []string{csvCell(p.Set.Names[i])}
		for _, v := range p.Set.Values[i] {
			row = append(row, exactNumber(v))
		}
		out.Write(append(row, map[bool]string{true: "yes", false: "no"}[len(by) == 0], csvText(strings.Join(p.names(by), "; "))))
		return out.Error() == nil
	})
	out.Flush()
	return out.Error()
}

func (p *Pareto) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.pareto/1")
	j.key("objectives").array()
	for _, o := range p.Set.Objectives {
		j.object()
		j.key("name").text(o.Name)
		j.key("dir").str(o.Dir())
		j.end()
	}
	j.end()
	j.key("front").strs(p.names(p.Set.Front()))
	j.dominated(p)
	j.key("hypervolume")
	if v, ok := p.Set.Hypervolume(p.reference()); ok {
		j.float(v)
	} else {
		j.null()
	}
	if p.WantKnee {
		j.key("knee")
		if i, ok := p.Set.Knee(); ok {
			j.str(p.Set.Names[i])
		} else {
			j.null()
		}
	}
	if p.Prices != nil {
		j.prices(p)
	}
	j.end()
	return j.finish()
}

// dominated lists the rows off the front with all that dominate them.
func (j *jsonWriter) dominated(p *Pareto) {
	j.key("dominated").arrayBlock()
	p.Set.Dominators(func(i int, by []int) bool {
		if len(by) > 0 {
			j.object()
			j.key("name").str(p.Set.Names[i])
			j.key("by").strs(p.names(by))
			j.end()
		}
		_, err := j.w.Write(nil)
		return err == nil // nobody reads on
	})
	j.end()
}

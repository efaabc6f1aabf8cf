package render

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Comparison is two counts side by side.
type Comparison struct{ A, B *Report }

// pair is one figure of both models.
type pair struct{ a, b graph.Dim }

// difference returns B - A: a number, of upper bounds where a figure is one, or nil
// and the formula.
func (p pair) difference() (*big.Int, graph.Dim) {
	d := p.b.Sub(p.a)
	if n := d.BigConst(); n != nil {
		return n, d
	}
	a, b := newFigure(p.a, p.a), newFigure(p.b, p.b)
	if a.value == nil || b.value == nil {
		return nil, d
	}
	return new(big.Int).Sub(b.value, a.value), d
}

// delta is B - A as it is printed: a number, or a short formula.
func (p pair) delta() string {
	n, d := p.difference()
	if n != nil {
		if n.Sign() > 0 {
			return "+" + grouped(n)
		}
		return grouped(n)
	}
	if s := abridged(d.String()); len(s) <= 20 {
		return s
	}
	return "" // both formulas stand beside it
}

// ratio is B / A when it is one number.
func (p pair) ratio() (float64, bool) { return share(p.b, p.a) }

func (p pair) ratioText() string {
	if r, ok := p.ratio(); ok {
		return "x" + strconv.FormatFloat(r, 'g', 3, 64)
	}
	return ""
}

// compareRow is one row of a table: an operator or a module of either model.
type compareRow struct {
	name                string
	nodes, params, macs pair
}

// namedPair is a figure of both models with its name in reports.
type namedPair struct {
	name string
	pair
}

// figures lists the columns of a row.
func (r *compareRow) figures() []namedPair {
	return []namedPair{{"nodes", r.nodes}, {"params", r.params}, {"macs", r.macs}}
}

// totalPairs lists the totals of both.
func (c *Comparison) totalPairs() (pairs []namedPair) {
	a, b := c.A.Totals.Columns(), c.B.Totals.Columns()
	for i := range a {
		pairs = append(pairs, namedPair{a[i].Name, pair{a: a[i].Dim, b: b[i].Dim}})
	}
	return pairs
}

// merge pairs the rows of both by name, in the order of A and then what only B has.
func merge(a, b []line) []compareRow {
	var out []compareRow
	at := map[string]int{}
	put := func(l *line, second bool) {
		i, ok := at[l.fullName()]
		if !ok {
			i = len(out)
			at[l.fullName()] = i
			out = append(out, compareRow{name: l.fullName()})
		}
		r := &out[i]
		for _, f := range []struct {
			to *pair
			d  graph.Dim
		}{{&r.nodes, l.nodes}, {&r.params, l.params}, {&r.macs, l.MACs()}} {
			if second {
				f.to.b = f.to.b.Add(f.d)
			} else {
				f.to.a = f.to.a.Add(f.d)
			}
		}
	}
	for i := range a {
		put(&a[i], false)
	}
	for i := range b {
		put(&b[i], true)
	}
	return out
}

// rows returns the table of a grouping, the heaviest operators first, modules in
// the order of the models.
func (c *Comparison) rows(v View) []compareRow {
	var rows []compareRow
	if v.By == "module" {
		if v.Depth == 0 {
			v.Depth = max(fittingDepth(c.A.Modules), fittingDepth(c.B.Modules))
		}
		a, _ := moduleLines(c.A.Modules, v)
		b, _ := moduleLines(c.B.Modules, v)
		rows = merge(a[1:], b[1:]) // without the roots: they are the totals
	} else {
		rows = merge(rowLines(c.A.ByOp), rowLines(c.B.ByOp))
		slices.SortStableFunc(rows, func(x, y compareRow) int {
			big := func(r *compareRow) graph.Dim {
				if magnitude(r.macs.a).Cmp(magnitude(r.macs.b)) > 0 {
					return r.macs.a
				}
				return r.macs.b
			}
			return cmp.Or(magnitude(big(&y)).Cmp(magnitude(big(&x))), cmp.Compare(x.name, y.name))
		})
	}
	if v.Top > 0 && len(rows) > v.Top {
		rows = rows[:v.Top]
	}
	return rows
}

// Compare writes two counts side by side as text, json, csv or markdown, by the
// groupings given.
func Compare(w io.Writer, kind string, c *Comparison, groupings []string, v View) error {
	switch kind {
	case "json":
		return c.json(w, groupings, v)
	case "csv":
		return c.csv(w, groupings, v)
	}
	b := bufio.NewWriter(w)
	escape := plain
	if kind == "markdown" {
		escape = markdown
	}
	for i, r := range []*Report{c.A, c.B} {
		status := string(r.Coverage.Status)
		if r.Coverage.Status == counters.Incomplete {
			status += ": at least"
		}
		fmt.Fprintf(b, "%c  %s  (%s)\n", 'A'+i, escape(r.Model.Path), status)
	}
	if m := c.A.Measured; m != nil {
		fmt.Fprintf(b, "%s as %s counts\n", unitText(m.Convention), m.Convention.Name)
	}
	c.tables(b, kind, groupings, v)
	return b.Flush()
}

// side prints a figure in a column beside another.
func side(d graph.Dim) string { return end(amount(d), 34) }

func (c *Comparison) tables(b *bufio.Writer, kind string, groupings []string, v View) {
	t := table{head: []string{"total", "A", "B", "B - A", "B / A"}, right: []bool{false, true, true, true, true}}
	for _, p := range c.totalPairs() {
		t.rows = append(t.rows, []string{p.name, side(p.a), side(p.b), p.delta(), p.ratioText()})
	}
	tables := []table{t}
	for _, g := range groupings {
		v.By = g
		t := table{head: []string{g, "nodes A", "nodes B", "params A", "params B", "MACs A", "MACs B", "MACs B - A", "B / A"},
			right: []bool{false, true, true, true, true, true, true, true, true}}
		for _, r := range c.rows(v) {
			t.rows = append(t.rows, []string{r.name, amount(r.nodes.a), amount(r.nodes.b), amount(r.params.a), amount(r.params.b),
				side(r.macs.a), side(r.macs.b), r.macs.delta(), r.macs.ratioText()})
		}
		if len(t.rows) > 0 {
			tables = append(tables, t)
		}
	}
	for _, t := range tables {
		b.WriteByte('\n')
		t.print(b, kind, v.Color)
	}
}

func (c *Comparison) csv(w io.Writer, groupings []string, v View) error {
	out := csv.NewWriter(w)
	out.Write([]string{"group", "name", "figure", "a", "b", "delta"})
	row := func(group, name, figure string, p pair) {
		f := func(d graph.Dim) string { x := newFigure(d, d); return x.csv() }
		out.Write([]string{group, csvCell(name), figure, f(p.a), f(p.b), csvDelta(p.b.Sub(p.a))})
	}
	for _, p := range c.totalPairs() {
		row("total", "", p.name, p.pair)
	}
	for _, g := range groupings {
		v.By = g
		for _, r := range c.rows(v) {
			for _, f := range r.figures() {
				row(g, r.name, f.name, f.pair)
			}
		}
	}
	out.Flush()
	return out.Error()
}

// csvDelta prints a difference, which may be negative.
func csvDelta(d graph.Dim) string {
	if n := d.BigConst(); n != nil {
		return n.String()
	}
	return csvText(d.String())
}

func (c *Comparison) json(w io.Writer, groupings []string, v View) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.compare/1")
	j.tool(c.A.Tool)
	j.key("convention").str(c.A.Convention)
	j.key("models").array()
	for _, r := range []*Report{c.A, c.B} {
		j.object()
		j.key("path").str(r.Model.Path)
		j.key("status").str(string(r.Coverage.Status))
		j.end()
	}
	j.end()
	j.key("totals").arrayBlock()
	for _, p := range c.totalPairs() {
		j.object()
		j.key("name").str(p.name)
		j.pair(p.pair)
		j.end()
	}
	j.end()
	for _, g := range groupings {
		v.By = g
		j.key("by_" + g).arrayBlock()
		for _, r := range c.rows(v) {
			j.object()
			j.key("name").str(r.name)
			for _, f := range r.figures() {
				j.key(f.name).object()
				j.pair(f.pair)
				j.end()
			}
			j.end()
		}
		j.end()
	}
	j.end()
	return j.finish()
}

// pair writes both figures, their difference and their ratio; formulas as strings.
func (j *jsonWriter) pair(p pair) {
	j.key("a").dim(p.a)
	j.key("b").dim(p.b)
	j.key("delta").dim(p.b.Sub(p.a))
	j.key("ratio")
	if r, ok := p.ratio(); ok {
		j.float(r)
	} else {
		j.null()
	}
}

// HasModules reports whether the exporter recorded modules.
func HasModules(r *counters.Report) bool { return r.Modules != nil && len(r.Modules.Children) > 0 }

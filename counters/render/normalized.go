package render

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// Normalized is a table with the columns that Table.Normalize added.
type Normalized struct {
	Table          *tradeoff.Table
	Asked          tradeoff.Normalization
	Fit            *tradeoff.Regression // nil without one
	Caption, Label string               // of LaTeX
}

// columns are those that were read, then those that were added.
func (n *Normalized) columns() []string {
	var out []string
	for _, c := range []string{n.Asked.Energy, n.Asked.Reference, n.Asked.Target, tradeoff.NormalizedColumn, n.Asked.Score} {
		if c != "" {
			out = append(out, c)
		}
	}
	if n.Asked.Score != "" {
		out = append(out, tradeoff.EWScoreColumn)
	}
	return out
}

// values reads the columns; the caller has read them before, so that there is no error.
func (n *Normalized) values() (columns []*tradeoff.Column) {
	for _, name := range n.columns() {
		c, err := n.Table.Column(name, nil)
		if err != nil {
			c = &tradeoff.Column{Values: make([]float64, len(n.Table.Rows))}
		}
		columns = append(columns, c)
	}
	return columns
}

// Write writes the table as text, json, csv, markdown or latex.
func (n *Normalized) Write(w io.Writer, kind string, color bool) error {
	if kind == "json" {
		return n.json(w)
	}
	t := &table{head: append([]string{"name"}, n.columns()...), right: []bool{false}, caption: n.Caption, label: n.Label}
	columns := n.values()
	figure := number
	if kind == "csv" {
		figure = exactNumber
	}
	for i, r := range n.Table.Rows {
		row := []string{r.Name}
		for _, c := range columns {
			text := ""
			if _, bad := c.Problems[i]; !bad {
				text = figure(c.Values[i])
			}
			row = append(row, text)
		}
		t.rows = append(t.rows, row)
	}
	for range columns {
		t.right = append(t.right, true)
	}
	if kind == "csv" {
		return t.write(w, kind, color)
	}
	b := bufio.NewWriter(w)
	t.print(b, kind, color)
	if f := n.fitText(); f != "" {
		fmt.Fprintf(b, "\n%s%s\n", map[string]string{"latex": "% "}[kind], f)
	}
	return b.Flush()
}

// fitText states the regression and what it is worth.
func (n *Normalized) fitText() string {
	f := n.Fit
	if f == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s = %s", sentence(n.Asked.Target), number(f.Constant))
	for k, s := range f.Slopes {
		fmt.Fprintf(&b, " + %s x %s", number(s), sentence(f.On[k]))
	}
	fmt.Fprintf(&b, "; %d rows, R2 %s", f.Rows, number(f.R2))
	if math.IsNaN(f.LeftOut) {
		b.WriteString(", too few rows to leave one out")
	} else {
		fmt.Fprintf(&b, ", median error of rows left out %.0f %%", 100*f.LeftOut)
	}
	return b.String()
}

func (n *Normalized) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.normalize/1")
	j.key("rows").arrayBlock()
	names, columns := n.columns(), n.values()
	for i, r := range n.Table.Rows {
		j.object()
		j.key("name").str(r.Name)
		j.key("values").object()
		for k, c := range columns {
			_, bad := c.Problems[i]
			j.key(names[k])
			if bad {
				j.null()
			} else {
				j.float(c.Values[i])
			}
		}
		j.end()
		j.end()
	}
	j.end()
	j.key("regression")
	j.regression(n.Fit)
	j.end()
	return j.finish()
}

func (j *jsonWriter) regression(f *tradeoff.Regression) {
	if f == nil {
		j.null()
		return
	}
	j.object()
	j.key("constant").float(f.Constant)
	j.key("slopes").array()
	for k, s := range f.Slopes {
		j.object()
		j.key("on").text(f.On[k])
		j.key("slope").float(s)
		j.end()
	}
	j.end()
	j.key("rows").int(int64(f.Rows))
	j.key("r2").float(f.R2)
	j.key("median_ape_left_out")
	if math.IsNaN(f.LeftOut) {
		j.null()
	} else {
		j.float(f.LeftOut)
	}
	j.end()
}

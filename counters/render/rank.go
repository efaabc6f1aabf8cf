package render

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// Rankings are orders of the rows of a table by one objective, for each weight.
type Rankings struct {
	Table          *tradeoff.Table
	Objective      string
	Weighted       bool // the objective has a weight
	Weights        []float64
	Ranks          [][]tradeoff.Rank // for each weight
	Caption, Label string            // of LaTeX
}

// each calls f with every row of every ranking.
func (r *Rankings) each(f func(weight float64, k tradeoff.Rank, name string)) {
	for i, w := range r.Weights {
		for _, k := range r.Ranks[i] {
			f(w, k, r.Table.Rows[k.Row].Name)
		}
	}
}

// Write writes the rankings as text, json, csv, markdown or latex.
func (r *Rankings) Write(w io.Writer, kind string, color bool) error {
	switch kind {
	case "json":
		return r.json(w)
	case "csv":
		return r.csv(w)
	}
	t := table{head: []string{"rank", "row", r.Objective}, right: []bool{true, false, true}, caption: r.Caption, label: r.Label}
	if r.Weighted {
		t.head, t.right = append([]string{tradeoff.Weight}, t.head...), append([]bool{true}, t.right...)
	}
	r.each(func(weight float64, k tradeoff.Rank, name string) {
		row := []string{strconv.Itoa(k.Place), name, number(k.Value)}
		if r.Weighted {
			row = append([]string{number(weight)}, row...)
		}
		t.rows = append(t.rows, row)
	})
	b := bufio.NewWriter(w)
	t.print(b, kind, color)
	return b.Flush()
}

func (r *Rankings) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{tradeoff.Weight, "rank", "row", "objective"})
	r.each(func(weight float64, k tradeoff.Rank, name string) {
		text := ""
		if r.Weighted {
			text = exactNumber(weight)
		}
		out.Write([]string{text, strconv.Itoa(k.Place), csvCell(name), exactNumber(k.Value)})
	})
	out.Flush()
	return out.Error()
}

func (r *Rankings) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.rank/1")
	j.key("objective").text(r.Objective)
	j.key("rankings").arrayBlock()
	for i, weight := range r.Weights {
		j.objectBlock()
		j.key(tradeoff.Weight)
		if r.Weighted {
			j.float(weight)
		} else {
			j.null()
		}
		j.key("rows").arrayBlock()
		for _, k := range r.Ranks[i] {
			j.object()
			j.key("rank").int(int64(k.Place))
			j.key("name").str(r.Table.Rows[k.Row].Name)
			j.key("objective").float(k.Value)
			j.end()
		}
		j.end()
		j.end()
	}
	j.end()
	j.end()
	return j.finish()
}

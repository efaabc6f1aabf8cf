package render

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// Caps are the best scores under caps of several costs.
type Caps struct {
	Score          tradeoff.Objective
	Costs          []CostCaps
	Caption, Label string // of LaTeX
}

// CostCaps are the caps of one cost, with the rows that have it.
type CostCaps struct {
	Set  *tradeoff.Set
	Caps []tradeoff.Cap
}

// capTitles words the names of caps.
var capTitles = map[string]string{"max": "max (all)", "median": "median", "q25": "25 %"}

// each calls f with every cap and the name of its best row.
func (c *Caps) each(f func(k tradeoff.Cap, best string, tied []string)) {
	for _, cost := range c.Costs {
		for _, k := range cost.Caps {
			var tied []string
			for _, i := range k.Tied {
				tied = append(tied, cost.Set.Names[i])
			}
			f(k, cost.Set.Names[k.Best], tied)
		}
	}
}

// Write writes the caps as text, json, csv, markdown or latex.
func (c *Caps) Write(w io.Writer, kind string, color bool) error {
	switch kind {
	case "json":
		return c.json(w)
	case "csv":
		return c.csv(w)
	}
	t := table{head: []string{"cost", "cap", "limit", "best", c.Score.Name + " (" + c.Score.Dir() + ")"}, right: []bool{false, false, true, false, true},
		caption: c.Caption, label: c.Label}
	c.each(func(k tradeoff.Cap, best string, tied []string) {
		if len(tied) > 0 {
			best += " = " + strings.Join(tied, " = ")
		}
		t.rows = append(t.rows, []string{k.Cost, capTitles[k.Name], number(k.Limit), best, number(k.Score)})
	})
	return t.write(w, kind, color)
}

func (c *Caps) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"cost", "cap", "limit", "best", "score", "tied"})
	c.each(func(k tradeoff.Cap, best string, tied []string) {
		out.Write([]string{csvText(k.Cost), k.Name, exactNumber(k.Limit), csvCell(best), exactNumber(k.Score), csvText(strings.Join(tied, "; "))})
	})
	out.Flush()
	return out.Error()
}

func (c *Caps) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.caps/1")
	j.key("caps").arrayBlock()
	c.each(func(k tradeoff.Cap, best string, tied []string) {
		j.object()
		j.key("cost").text(k.Cost)
		j.key("cap").str(k.Name)
		j.key("limit").float(k.Limit)
		j.key("best").str(best)
		j.key("score").float(k.Score)
		if len(tied) > 0 {
			j.key("tied").strs(tied)
		}
		j.end()
	})
	j.end()
	j.end()
	return j.finish()
}

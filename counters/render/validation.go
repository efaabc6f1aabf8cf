package render

import (
	"fmt"
	"io"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// Validation is what energy validate prints: errors by group, and the rows that
// have none.
type Validation struct {
	Coefficients string // version of the table
	Groups       []energy.Validation
	Unscored     []Unscored
}

// Unscored is a number of rows that could not be scored, and why.
type Unscored struct {
	Rows int
	Why  string
}

// Validate writes errors as text, json, csv, markdown or latex.
func Validate(w io.Writer, kind string, v *Validation, color bool) error {
	if kind == "json" {
		return validationJSON(w, v)
	}
	t := table{head: []string{"gpu", "precision", "mode", "form", "held_out", "rows", "median_ape", "mape", "x80", "x90", "r2_log", "coverage"},
		right: []bool{false, false, false, false, false, true, true, true, true, true, true, true}}
	share := func(f float64) string { return strconv.FormatFloat(f, 'g', 4, 64) }
	if kind != "csv" {
		share = func(f float64) string { return fmt.Sprintf("%.1f %%", 100*f) }
	}
	for i := range v.Groups {
		g := &v.Groups[i]
		gpu := g.GPU
		if gpu == "" && kind != "csv" {
			gpu = "any other"
		}
		t.rows = append(t.rows, []string{gpu, g.Precision, g.Mode, g.Form, g.Split, strconv.Itoa(g.Rows), share(g.MedianAPE), share(g.MAPE),
			strconv.FormatFloat(g.X80, 'f', 3, 64), strconv.FormatFloat(g.X90, 'f', 3, 64), strconv.FormatFloat(g.R2Log, 'f', 3, 64), share(g.Coverage)})
	}
	if err := t.write(w, kind, color); err != nil || kind == "csv" {
		return err
	}
	lead := "\n"
	for _, u := range v.Unscored {
		if _, err := fmt.Fprintf(w, "%s%s left out: %s\n", lead, plural(u.Rows, "row"), sentence(u.Why)); err != nil {
			return err
		}
		lead = ""
	}
	return nil
}

func validationJSON(w io.Writer, v *Validation) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.validation/1")
	j.key("coefficients").str(v.Coefficients)
	j.key("groups").arrayBlock()
	for i := range v.Groups {
		g := &v.Groups[i]
		j.object()
		j.key("gpu").str(g.GPU)
		j.key("precision").str(g.Precision)
		j.key("mode").str(g.Mode)
		j.key("form").str(g.Form)
		j.key("split").str(g.Split)
		j.key("rows").int(int64(g.Rows))
		j.key("median_ape").float(g.MedianAPE)
		j.key("mape").float(g.MAPE)
		j.key("x80").float(g.X80)
		j.key("x90").float(g.X90)
		j.key("r2_log").float(g.R2Log)
		j.key("coverage").float(g.Coverage)
		j.end()
	}
	j.end()
	j.key("unscored").array()
	for _, u := range v.Unscored {
		j.object()
		j.key("rows").int(int64(u.Rows))
		j.key("why").str(u.Why)
		j.end()
	}
	j.end()
	j.end()
	return j.finish()
}

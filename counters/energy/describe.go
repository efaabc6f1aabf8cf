package energy

import (
	"cmp"
	"slices"
)

// Support is what the tool knows of a device: for the verb gpus.
type Support struct {
	Device Device
	// Best is the best grade among its rows, and Factor the interval factor
	// that goes with it; D with the factor of the datasheet if it has none.
	Best    Grade
	Factor  float64
	Rows    []Coefficients // of the default model, best grade first
	Caveats []string       // of its datasheet; those of a row are in its Note
}

// Describe says what an estimate for a device would rest on.
func Describe(d Device, t *Table) Support {
	s := Support{Device: d, Best: GradeD}
	for _, c := range t.For(d.ID) {
		if f, ok := FormByName(c.Form); ok && f.Model == EnergyModels()[0] {
			s.Rows = append(s.Rows, c)
		}
	}
	slices.SortStableFunc(s.Rows, func(a, b Coefficients) int {
		return cmp.Or(cmp.Compare(a.Grade, b.Grade), cmp.Compare(a.Grade.Interval(a.Factor), b.Grade.Interval(b.Factor)))
	})
	_, guess, factor := impute(d, Devices())
	if len(s.Rows) > 0 {
		s.Best, s.Factor = s.Rows[0].Grade, s.Rows[0].Grade.Interval(s.Rows[0].Factor)
	} else if shape, ok := t.find("", "", Eager, "totals"); ok {
		if d.weak() {
			factor *= weakFactor
		}
		s.Factor = GradeD.Interval(shape.Factor * factor)
	}
	if guess != "" {
		s.Caveats = append(s.Caveats, guess)
	}
	if d.WeakFields != "" {
		s.Caveats = append(s.Caveats, "figures that only one source gives: "+d.WeakFields)
	}
	if d.Note != "" {
		s.Caveats = append(s.Caveats, d.Note)
	}
	return s
}

// Validation is one line of the error table: how well coefficients predict
// what was held out. All errors are fractions, x80 and x90 are factors.
type Validation struct {
	GPU       string  `json:"gpu"`
	Precision string  `json:"precision"`
	Mode      string  `json:"mode"`
	Split     string  `json:"split"` // family, net, device: what was held out; none: rows scored as they are
	Rows      int     `json:"rows"`
	MedianAPE float64 `json:"median_ape"`
	MAPE      float64 `json:"mape"`
	X80       float64 `json:"x80"`
	X90       float64 `json:"x90"`
	R2Log     float64 `json:"r2_log"`
	Coverage  float64 `json:"coverage"` // share inside the printed interval
	Form      string  `json:"form"`
}

// Validation is the held-out error of every row of a table for one form, as
// it was when the table was fitted.
func (t *Table) Validation(form string) []Validation {
	var list []Validation
	for _, c := range t.Rows {
		if c.Form == form {
			list = append(list, Validation{c.Device, c.Precision, c.Mode, c.Split, c.Rows,
				c.MedianAPE, c.MAPE, c.X80, c.X90, c.R2Log, c.Coverage, c.Form})
		}
	}
	return list
}

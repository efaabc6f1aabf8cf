package energy

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
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
		if d.ID == UnknownID {
			s.Best = GradeU
			factor *= unknownFactor("fp16")
		}
		s.Factor = s.Best.Interval(shape.Factor * factor)
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
	Split     string  `json:"split"` // family, net, gpu, source: what was held out; none: rows scored as they are
	Rows      int     `json:"rows"`
	MedianAPE float64 `json:"median_ape"`
	MAPE      float64 `json:"mape"`
	X80       float64 `json:"x80"`
	X90       float64 `json:"x90"`
	R2Log     float64 `json:"r2_log"`
	Coverage  float64 `json:"coverage"` // share inside the printed interval
	Form      string  `json:"form"`
}

// ReadValidation parses a file of errors.
func ReadValidation(r io.Reader) ([]Validation, error) {
	rows, err := readRecords(r, "gpu", "form", "split", "rows", "median_ape", "x90", "coverage")
	if err != nil {
		return nil, fmt.Errorf("validation: %w", err)
	}
	var list []Validation
	for _, r := range rows {
		v := Validation{GPU: r.text("gpu"), Precision: r.text("precision"), Mode: r.text("mode"), Split: r.text("split"), Form: r.text("form")}
		var n float64
		err := r.numbers(cell{"rows", &n}, cell{"median_ape", &v.MedianAPE}, cell{"mape", &v.MAPE}, cell{"x80", &v.X80},
			cell{"x90", &v.X90}, cell{"r2_log", &v.R2Log}, cell{"coverage", &v.Coverage})
		if err != nil {
			return nil, fmt.Errorf("validation: %w", err)
		}
		v.Rows = int(n)
		list = append(list, v)
	}
	return list, nil
}

// ShippedValidation is the errors of the shipped table on what its fit did not see, as they
// were when it was fitted.
func ShippedValidation() []Validation {
	list, err := ReadValidation(strings.NewReader(data.Validation))
	if err != nil {
		panic("energy: embedded validation.csv: " + err.Error()) // unreachable: a test parses the file
	}
	return list
}

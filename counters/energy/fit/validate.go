package fit

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// Validate lists how well a model predicts what it did not see: for every row of its
// table what the row itself held out (a family, or a network where there are few), and
// for the forms of the default energy model the GPU and the source. points are those
// that the model was fitted from.
func Validate(m *Model, t *energy.Table, points []Point) []energy.Validation {
	var list []energy.Validation
	for _, c := range t.Rows {
		list = append(list, energy.Validation{GPU: c.Device, Precision: c.Precision, Mode: c.Mode, Split: c.Split, Rows: c.Rows, Form: c.Form,
			MedianAPE: c.MedianAPE, MAPE: c.MAPE, X80: c.X80, X90: c.X90, R2Log: c.R2Log, Coverage: c.Coverage})
	}
	for _, form := range energy.Forms() {
		if form.Model == energy.EnergyModels()[0] {
			list = append(list, m.withoutDevice(t, form)...)
		}
	}
	list = append(list, withoutSource(m, points)...)
	slices.SortStableFunc(list, func(a, b energy.Validation) int {
		return slices.Compare([]string{a.Form, a.Split, a.GPU, a.Precision, a.Mode}, []string{b.Form, b.Split, b.GPU, b.Precision, b.Mode})
	})
	return list
}

// withoutDevice predicts each device by the shape of the others, and in the interval of a
// device without rows.
func (m *Model) withoutDevice(t *energy.Table, form energy.Form) []energy.Validation {
	var list []energy.Validation
	for _, g := range m.Groups {
		i := slices.IndexFunc(t.Rows, func(c energy.Coefficients) bool { return c.Device == "" && c.Form == form.Name && c.Mode == g.Mode })
		if i < 0 || g.Points[0].Boundary == "system" || !g.own() && len(g.Nets) == 1 { // no datasheet tells a host; one net is in the table as it is
			continue
		}
		held := m.heldOutDevice(g, form)
		if len(held) == 0 {
			continue
		}
		for j := range held {
			held[j].Interval = t.Rows[i].Factor
		}
		e := errorsOf(held, energy.GradeD, 1)
		list = append(list, energy.Validation{GPU: g.Device.ID, Precision: g.Precision, Mode: g.Mode, Split: splitGPU, Rows: e.Rows, Form: form.Name,
			MedianAPE: e.MedianAPE, MAPE: e.MAPE, X80: e.X80, X90: e.X90, R2Log: e.R2Log, Coverage: e.Coverage})
	}
	return list
}

// withoutSource predicts the points of each repository by a fit without it, in the interval
// that the grade of what is left guarantees. Without the source that all shapes come from
// there is no fit, and nothing to list.
func withoutSource(m *Model, points []Point) []energy.Validation {
	var s scores
	for _, source := range distinct(points, func(p Point) string { return p.Source }) {
		left := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return p.Source == source })
		without, err := Fit(left)
		if err != nil {
			continue
		}
		t := without.bare()
		for _, g := range m.Groups {
			for _, p := range g.Points {
				if p.Source != source {
					continue
				}
				if r, err := s.estimate(p, t); err == nil {
					s.add(scoreKey{p.Device.ID, p.Precision, p.Mode, r.Form}, p, r)
				}
			}
		}
	}
	list := s.list()
	for i := range list {
		list[i].Split = splitSource
	}
	return list
}

// bare is the table of a model without the errors, which cost most of a fit: intervals are
// those of the grades.
func (m *Model) bare() *energy.Table {
	t := &energy.Table{}
	for _, form := range energy.Forms() {
		for _, mode := range []string{energy.Eager, energy.Fused} {
			if m.Shapes[shapeKey{form.Name, mode}] != nil {
				t.Rows = append(t.Rows, m.shapeCoefficients(form, mode))
			}
		}
		for _, g := range m.Groups {
			if c := m.groupCoefficients(g, form); c != nil {
				t.Rows = append(t.Rows, *c)
			}
		}
	}
	return t
}

// ValidationColumns are the columns of a file of errors.
var ValidationColumns = []string{"gpu", "precision", "mode", "form", "split", "rows", "median_ape", "mape", "x80", "x90", "r2_log", "coverage"}

// WriteValidation writes errors as energy.ReadValidation reads them.
func WriteValidation(w io.Writer, list []energy.Validation) error {
	c := csv.NewWriter(w)
	if err := c.Write(ValidationColumns); err != nil {
		return err
	}
	for _, v := range list {
		err := c.Write([]string{v.GPU, v.Precision, v.Mode, v.Form, v.Split, strconv.Itoa(v.Rows), digits(v.MedianAPE), digits(v.MAPE),
			digits(v.X80), digits(v.X90), digits(v.R2Log), digits(v.Coverage)})
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

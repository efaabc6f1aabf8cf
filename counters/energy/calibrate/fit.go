package calibrate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// MinPoints is how many runs of different nets raise a setting to grade B.
const MinPoints = 3

// Point is one measured run of a net.
type Point struct {
	Label     string // of the net
	Device    energy.Device
	Precision string
	Mode      string
	Batch     float64
	Features  energy.Features
	Joules    float64 // per sample
	Seconds   float64 // per sample; 0: not known
	Boundary  string
	Source    string // file and line
}

// Group is what the points of one device in one setting say.
type Group struct {
	Device, Precision, Mode, Boundary string
	Nets                              int
	// Scale is the factor from the energy that the base table predicts to the
	// measured one, Before and After the median error without and with it: After on
	// points that the factor did not see.
	Scale, Before, After float64
	// Missing says why there is no row, "" if there is one.
	Missing string
}

// key orders points into groups.
func (p *Point) key() string {
	return strings.Join([]string{p.Device.ID, p.Precision, p.Mode, p.Boundary}, "\x00")
}

// Fit scales, for each device, precision, mode and boundary with MinPoints nets or more,
// the coefficients that the base table would have taken: a few points carry one factor,
// not a shape of their own. The factor is the median of the ratios in logarithms; the
// interval is that of points left out one by one, at least that of grade B. Both forms
// of the traffic model get a row. The result is a table for LoadCoefficients.
func Fit(points []Point, base *energy.Table) (*energy.Table, []Group, error) {
	by := map[string][]Point{}
	var order []string
	for i := range points {
		p := &points[i]
		s, err := setting(p)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Source, err)
		}
		p.Precision, p.Mode = s.Precision, s.Mode
		if by[p.key()] == nil {
			order = append(order, p.key())
		}
		by[p.key()] = append(by[p.key()], *p)
	}
	slices.Sort(order)
	out := &energy.Table{Version: "user"}
	var groups []Group
	for _, k := range order {
		g, rows, err := fitGroup(by[k], base)
		if err != nil {
			return nil, nil, err
		}
		groups = append(groups, g)
		out.Rows = append(out.Rows, rows...)
	}
	return out, groups, nil
}

func setting(p *Point) (energy.Setting, error) {
	precision := cmp.Or(p.Precision, "fp32")
	name, _, err := energy.ParsePrecision(precision, p.Device)
	if err != nil {
		return energy.Setting{}, err
	}
	mode, err := energy.ParseMode(p.Mode)
	return energy.Setting{Precision: name, Mode: mode, Batch: p.Batch}, err
}

// fitGroup scales every form that all points have the features for.
func fitGroup(points []Point, base *energy.Table) (Group, []energy.Coefficients, error) {
	first := &points[0]
	g := Group{Device: first.Device.ID, Precision: first.Precision, Mode: first.Mode, Boundary: first.Boundary, Nets: nets(points)}
	if g.Nets < MinPoints {
		g.Missing = fmt.Sprintf("%d nets (expected %d or more)", g.Nets, MinPoints)
		return g, nil, nil
	}
	var rows []energy.Coefficients
	for _, form := range energy.Forms() {
		if form.Model != energy.EnergyModels()[0] || slices.ContainsFunc(points, func(p Point) bool { return !form.Known(p.Features) }) {
			continue
		}
		row, err := fitForm(points, base, form, &g)
		if err != nil {
			return g, nil, err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		g.Missing = "the activations of some nets are not known"
	}
	return g, rows, nil
}

func nets(points []Point) int {
	seen := map[string]bool{}
	for _, p := range points {
		seen[p.Label] = true
	}
	return len(seen)
}

// fitForm scales the coefficients of one form.
func fitForm(points []Point, base *energy.Table, form energy.Form, g *Group) (energy.Coefficients, error) {
	first := &points[0]
	row, err := base.Choose(first.Device, energy.Setting{Precision: first.Precision, Mode: first.Mode, Batch: first.Batch}, form)
	if err != nil {
		return row, err
	}
	ratios, minBatch := make([]float64, len(points)), math.Inf(1)
	for i, p := range points {
		predicted := 0.0
		for _, t := range form.Terms {
			predicted += row.Per[t] * p.Features.Amount(t, energy.Setting{Precision: p.Precision, Mode: p.Mode, Batch: p.Batch})
		}
		if !(predicted > 0) {
			return row, fmt.Errorf("%s: its net does no work that form %s prices", p.Source, form.Name)
		}
		ratios[i] = math.Log(p.Joules / predicted)
		minBatch = min(minBatch, p.Batch)
	}
	scale := quantile.Median(ratios)
	left := leftOut(ratios)
	if g.Scale == 0 { // the first form is the one that a graph is priced by
		g.Scale, g.Before, g.After = math.Exp(scale), medianError(ratios), medianError(left)
	}
	for _, t := range form.Terms {
		row.Per[t] *= math.Exp(scale)
	}
	row.ID = strings.Join([]string{first.Device.ID, first.Precision, first.Mode, form.Name, "user"}, ":")
	row.Device, row.Precision, row.Mode, row.Form = first.Device.ID, first.Precision, first.Mode, form.Name
	row.Grade, row.Boundary, row.Kind = energy.GradeB, first.Boundary, "calibrated"
	row.Rows, row.Withheld, row.Nets, row.Families, row.MinBatch = len(points), 0, g.Nets, g.Nets, minBatch
	row.Split, row.Sources, row.Note = "net", "the user's measurements", ""
	describe(&row, left)
	setTime(&row, points)
	return row, nil
}

// leftOut is what each point's ratio is to the factor of the others.
func leftOut(ratios []float64) []float64 {
	out := make([]float64, len(ratios))
	for i, r := range ratios {
		out[i] = r - quantile.Median(slices.Delete(slices.Clone(ratios), i, i+1))
	}
	return out
}

// describe fills in the errors of points that were left out, as logarithms of ratios.
func describe(row *energy.Coefficients, left []float64) {
	var ape, far []float64
	sum := 0.0
	for _, r := range left {
		e := math.Abs(math.Exp(-r) - 1)
		ape, far, sum = append(ape, e), append(far, math.Abs(r)), sum+e
	}
	row.MedianAPE, row.MAPE = quantile.Median(ape), sum/float64(len(left))
	row.X80, row.X90 = math.Exp(quantile.Of(far, 0.8)), math.Exp(quantile.Of(far, 0.9))
	row.Factor = math.Exp(quantile.Of(far, 1))
	if len(left) >= 10 {
		row.Factor = row.X90
	}
	within := 0
	for _, f := range far {
		if math.Exp(f) <= row.Grade.Interval(row.Factor) {
			within++
		}
	}
	row.Coverage, row.R2Log = float64(within)/float64(len(left)), 0
}

// setTime takes the effective power, joules over seconds, where every point knows time.
func setTime(row *energy.Coefficients, points []Point) {
	var watts []float64
	for _, p := range points {
		if p.Seconds > 0 {
			watts = append(watts, math.Log(p.Joules/p.Seconds))
		}
	}
	if len(watts) < len(points) {
		row.Watts, row.TimeFactor = 0, 0
		return
	}
	row.Watts = math.Exp(quantile.Median(watts))
	far := 0.0
	for _, w := range leftOut(watts) {
		far = max(far, math.Abs(w))
	}
	row.TimeFactor = row.Factor * math.Exp(far)
}

func medianError(logs []float64) float64 {
	var e []float64
	for _, r := range logs {
		e = append(e, math.Abs(math.Exp(-r)-1))
	}
	return quantile.Median(e)
}

package fit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// Model is everything that a fit learns: the shapes shared by all devices,
// and the coefficients of each device.
type Model struct {
	Shapes map[shapeKey][]float64 // multiples of the datasheet's prices, by form and mode, in the order of the form's terms
	Kernel float64                // microseconds of full power per kernel
	Groups []Group
}

type shapeKey struct{ form, mode string }

// Group is the points of one device in one precision and mode that one row of
// the table is fitted from.
type Group struct {
	Device    energy.Device
	Precision string
	Mode      string
	Kind      string
	Training  bool
	Points    []Point
	Nets      []string // of the points, sorted
}

// ownFit is the number of nets from which on a device gets coefficients of
// its own; with fewer it scales the shape shared by all devices.
const ownFit = 8

// weightShare prices the read of the weights at the datasheet's bandwidth: no
// rows can tell it from the launches of a small batch.
const weightShare = 1

func (g Group) own() bool { return len(g.Nets) >= ownFit }

func (g Group) families() []string {
	return distinct(g.Points, func(p Point) string { return p.Family })
}

// distinct values of a key, sorted.
func distinct[T any](list []T, key func(T) string) []string {
	set := map[string]bool{}
	for _, p := range list {
		set[key(p)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// groups sorts points by device, precision and mode. Where one setting was
// measured in several ways the better evidence is kept: inference before
// training, power measured before TDP, more nets before fewer.
func groups(points []Point) []Group {
	all := map[string]*Group{}
	for _, p := range points {
		k := fmt.Sprintf("%s|%s|%s|%s|%v", p.Device.ID, p.Precision, p.Mode, p.Kind, p.Training)
		if all[k] == nil {
			all[k] = &Group{Device: p.Device, Precision: p.Precision, Mode: p.Mode, Kind: p.Kind, Training: p.Training}
		}
		all[k].Points = append(all[k].Points, p)
	}
	best := map[string]Group{}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		g := *all[k]
		sortPoints(g.Points)
		g.Nets = distinct(g.Points, func(p Point) string { return p.Net })
		k := g.Device.ID + "|" + g.Precision + "|" + g.Mode
		if old, ok := best[k]; !ok || g.betterThan(old) {
			best[k] = g
		}
	}
	var list []Group
	for _, k := range slices.Sorted(maps.Keys(best)) {
		list = append(list, best[k])
	}
	return list
}

func (g Group) betterThan(o Group) bool {
	if g.Training != o.Training {
		return !g.Training
	}
	if g.measured() != o.measured() {
		return g.measured()
	}
	return len(g.Nets) > len(o.Nets)
}

func (g Group) measured() bool { return g.Kind != "throughput-x-tdp" }

// Fit learns a model from points. The kernels' price and the shapes depend on
// each other, so they are fitted in turn, a fixed number of times.
func Fit(points []Point) (*Model, error) {
	m := &Model{Shapes: map[shapeKey][]float64{}, Groups: groups(points)}
	for range 3 {
		for _, form := range energy.Forms() {
			for _, mode := range []string{energy.Eager, energy.Fused} {
				beta := m.fitShape(form, mode, m.ownGroups(mode), nil)
				if beta == nil {
					continue
				}
				m.Shapes[shapeKey{form.Name, mode}] = beta
			}
		}
		if m.Shapes[shapeKey{"totals", energy.Eager}] == nil || m.Shapes[shapeKey{"totals", energy.Fused}] == nil {
			return nil, fmt.Errorf("fit: no device has %d nets in each mode: the shared shape cannot be fitted", ownFit)
		}
		m.fitKernel()
	}
	return m, nil
}

func (m *Model) ownGroups(mode string) []Group {
	var list []Group
	for _, g := range m.Groups {
		if g.own() && g.Mode == mode && !g.Training {
			list = append(list, g)
		}
	}
	return list
}

// free terms of a form are fitted; weights and kernels are priced by what all
// devices share.
func freeTerms(form energy.Form) []energy.Term {
	return slices.DeleteFunc(slices.Clone(form.Terms), shared)
}

func shared(t energy.Term) bool { return t == energy.TermWeight || t == energy.TermKernel }

// sharedPrice is the fixed part of a point in joules: weights and kernels.
func (m *Model) sharedPrice(p Point, form energy.Form) float64 {
	s := 0.0
	for _, t := range form.Terms {
		if shared(t) {
			s += p.Features.Amount(t, p.Setting) * m.sharedCoefficient(p.Device, t, p.Precision)
		}
	}
	return s
}

func (m *Model) sharedCoefficient(d energy.Device, t energy.Term, precision string) float64 {
	share := float64(weightShare)
	if t == energy.TermKernel {
		share = m.Kernel
	}
	return share * energy.Price(d, t, precision)
}

// fitShape fits the shape of a form over groups, leaving out points that skip
// names. nil: too few nets know what the form needs.
func (m *Model) fitShape(form energy.Form, mode string, from []Group, skip func(Point) bool) []float64 {
	var d design
	nets := map[string]bool{}
	for _, g := range from {
		for _, p := range g.Points {
			if !form.Known(p.Features) || skip != nil && skip(p) {
				continue
			}
			nets[p.Net] = true
			d.add(m, p, form, true)
		}
	}
	if len(nets) < ownFit {
		return nil
	}
	return solveLog(d, m.Shapes[shapeKey{form.Name, mode}])
}

// add appends a point, its amounts in joules of the datasheet's prices or in
// units.
func (d *design) add(m *Model, p Point, form energy.Form, priced bool) {
	var x []float64
	for _, t := range freeTerms(form) {
		v := p.Features.Amount(t, p.Setting)
		if priced {
			v *= energy.Price(p.Device, t, p.Precision)
		}
		x = append(x, v)
	}
	d.x = append(d.x, x)
	d.offset = append(d.offset, m.sharedPrice(p, form))
	d.y = append(d.y, p.Joules)
}

// shapeJoules predicts a point by the shared shape of its mode.
func (m *Model) shapeJoules(p Point, form energy.Form) float64 {
	return m.shapePrice(p, form, m.Shapes[shapeKey{form.Name, p.Mode}])
}

// shapePrice predicts a point by a shape.
func (m *Model) shapePrice(p Point, form energy.Form, shape []float64) float64 {
	s := m.sharedPrice(p, form)
	for j, t := range freeTerms(form) {
		s += shape[j] * p.Features.Amount(t, p.Setting) * energy.Price(p.Device, t, p.Precision)
	}
	return s
}

// fitKernel fits the microseconds of full power per kernel from nets that were
// measured at small and at large batch on one device: their ratio is free of
// the device's scale. The loss is that of the other fits; its one unknown is
// found by golden section on the log.
func (m *Model) fitKernel() {
	form, _ := energy.FormByName("totals")
	type pair struct{ small, large Point }
	var pairs []pair
	for _, g := range m.Groups {
		if !g.measured() || g.Training {
			continue
		}
		for _, net := range g.Nets {
			list := slices.DeleteFunc(slices.Clone(g.Points), func(p Point) bool { return p.Net != net })
			large := slices.MaxFunc(list, func(a, b Point) int { return cmp.Compare(a.Batch, b.Batch) })
			for _, p := range list {
				if p.Batch <= 8 && large.Batch >= 64 && p.Features.FusedKernels > 0 {
					pairs = append(pairs, pair{p, large})
				}
			}
		}
	}
	if len(pairs) == 0 {
		return
	}
	loss := func(logK float64) float64 {
		m.Kernel = math.Exp(logK)
		total := 0.0
		for _, q := range pairs {
			r := math.Abs(math.Log(m.shapeJoules(q.small, form) / m.shapeJoules(q.large, form) * q.large.Joules / q.small.Joules))
			total += min(r*r/2, huber*(r-huber/2)) // the lower branch is the Huber loss on both sides of its knee
		}
		return total
	}
	m.Kernel = math.Exp(goldenSection(loss, math.Log(0.01), math.Log(1000)))
}

// goldenSection finds the minimum of a unimodal function on an interval.
func goldenSection(f func(float64) float64, lo, hi float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range 100 {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}

// coefficients of a group for a form, in joules per unit and in the order of
// the form's terms, fitted without the points that skip names; nil if the
// rest is too thin.
func (m *Model) coefficients(g Group, form energy.Form, skip func(Point) bool) []float64 {
	var free []float64
	if g.own() {
		var d design
		for _, p := range g.Points {
			if form.Known(p.Features) && (skip == nil || !skip(p)) {
				d.add(m, p, form, false)
			}
		}
		if len(d.x) < ownFit {
			return nil
		}
		free = solveLog(d, m.start(g, form))
		return m.join(g, form, free, 1)
	}
	shape := m.Shapes[shapeKey{form.Name, g.Mode}]
	scale, ok := m.scale(g, form, skip, func(p Point) float64 { return p.Joules })
	if !ok || shape == nil {
		return nil
	}
	for j, t := range freeTerms(form) {
		free = append(free, scale*shape[j]*energy.Price(g.Device, t, g.Precision))
	}
	return m.join(g, form, free, scale)
}

// start of a device's own fit: the shared shape at the device's prices.
func (m *Model) start(g Group, form energy.Form) []float64 {
	shape := m.Shapes[shapeKey{form.Name, g.Mode}]
	if shape == nil {
		return nil
	}
	beta := make([]float64, len(shape))
	for j, t := range freeTerms(form) {
		beta[j] = shape[j] * energy.Price(g.Device, t, g.Precision)
	}
	return beta
}

// join puts fitted and shared coefficients in the order of the form's terms.
func (m *Model) join(g Group, form energy.Form, free []float64, scale float64) []float64 {
	var all []float64
	for _, t := range form.Terms {
		if shared(t) {
			all = append(all, scale*m.sharedCoefficient(g.Device, t, g.Precision))
			continue
		}
		all, free = append(all, free[0]), free[1:]
	}
	return all
}

// scale is the factor between what a group's nets show and the shared shape:
// the middle, over nets, of each net's middle ratio. ok is false without nets.
func (m *Model) scale(g Group, form energy.Form, skip func(Point) bool, of func(Point) float64) (float64, bool) {
	ratios := map[string][]float64{}
	for _, p := range g.Points {
		if form.Known(p.Features) && m.Shapes[shapeKey{form.Name, p.Mode}] != nil && (skip == nil || !skip(p)) {
			ratios[p.Net] = append(ratios[p.Net], math.Log(of(p)/m.shapeJoules(p, form)))
		}
	}
	var middle []float64
	for _, net := range slices.Sorted(maps.Keys(ratios)) {
		middle = append(middle, quantile.Median(ratios[net]))
	}
	if len(middle) == 0 {
		return 0, false
	}
	return math.Exp(quantile.Median(middle)), true
}

// predict prices a point by coefficients in the order of the form's terms.
func predict(p Point, form energy.Form, c []float64) float64 {
	s := 0.0
	for j, t := range form.Terms {
		s += c[j] * p.Features.Amount(t, p.Setting)
	}
	return s
}

const sourceSeparator = " | "

// sources of a group, sorted.
func (g Group) sources() string {
	return strings.Join(distinct(g.Points, func(p Point) string { return p.Source }), sourceSeparator)
}

package fit

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// What is held out of a fit.
const (
	splitFamily = "family"
	splitNet    = "net"
	splitGPU    = "gpu"
	splitSource = "source"
)

// Held is a point predicted by a fit that did not see it.
type Held struct {
	Point
	Split    string  // what was held out with the point
	Part     string  // the held-out family, net or device
	Energy   float64 // predicted/measured joules
	Time     float64 // predicted/measured seconds
	Interval float64 // cross-validated factor that the other parts give
}

// Errors sums up held-out predictions. All figures are fractions or factors.
type Errors struct {
	Rows       int
	MedianAPE  float64 // of |predicted/measured - 1|
	MAPE       float64
	X80, X90   float64 // 80 % and 90 % lie within this factor, either way
	R2Log      float64
	Coverage   float64 // share inside the printed interval
	CVCoverage float64 // share inside the cross-validated factor alone
}

// Errors of a list of held-out points under a grade whose low end is widened
// by low (1: not at all).
func errorsOf(list []Held, grade energy.Grade, low float64) Errors {
	e := Errors{Rows: len(list)}
	if len(list) == 0 {
		return e
	}
	var ape, x, logs []float64
	ss := 0.0
	for _, h := range list {
		ape = append(ape, math.Abs(h.Energy-1))
		x = append(x, fold(h.Energy))
		logs = append(logs, math.Log(h.Joules))
		ss += sq(math.Log(h.Energy))
		if f := grade.Interval(h.Interval); h.Energy >= 1/f && h.Energy <= f/low {
			e.Coverage++
		}
		if h.Energy >= 1/h.Interval && h.Energy <= h.Interval {
			e.CVCoverage++
		}
	}
	n := float64(len(list))
	e.Coverage /= n
	e.CVCoverage /= n
	e.MedianAPE, e.MAPE = quantile.Median(ape), mean(ape)
	e.X80, e.X90 = quantile.Of(x, 0.8), quantile.Of(x, 0.9)
	e.R2Log = r2(ss, logs)
	return e
}

func sq(v float64) float64 { return v * v }

func mean(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// fold turns a ratio into a factor of at least 1.
func fold(ratio float64) float64 { return max(ratio, 1/ratio) }

// heldOut predicts every point of a group by coefficients that never saw its
// family (devices with coefficients of their own), its net (devices that
// scale the shared shape), or the device at all (devices with one net).
func (m *Model) heldOut(g Group, form energy.Form) []Held {
	split, part := splitFamily, func(p Point) string { return p.Family }
	switch {
	case !g.own() && len(g.Nets) == 1:
		return m.heldOutDevice(g, form)
	case !g.own():
		split, part = splitNet, func(p Point) string { return p.Net }
	}
	parts := map[string][]Point{}
	for _, p := range g.Points {
		if form.Known(p.Features) {
			parts[part(p)] = append(parts[part(p)], p)
		}
	}
	var list []Held
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		skip := func(p Point) bool { return part(p) == name }
		c := m.coefficients(g, form, skip)
		w := m.watts(g, form, skip)
		if c == nil {
			continue
		}
		for _, p := range parts[name] {
			e := predict(p, form, c)
			list = append(list, Held{Point: p, Split: split, Part: name, Energy: e / p.Joules, Time: e / w / p.Seconds})
		}
	}
	return withIntervals(list)
}

// familyFolds is into how many parts the families of a device are dealt when
// the device itself is left out too.
const familyFolds = 10

// heldOutDevice predicts a group by shapes fitted without its device; where it
// has many families, without a tenth of them at a time as well.
func (m *Model) heldOutDevice(g Group, form energy.Form) []Held {
	var from []Group
	for _, o := range m.ownGroups(g.Mode) {
		if o.Device.ID != g.Device.ID {
			from = append(from, o)
		}
	}
	folds := 1
	part := map[string]int{}
	if g.own() {
		folds = familyFolds
		for i, f := range g.families() {
			part[f] = i % folds
		}
	}
	var list []Held
	for fold := range folds {
		skip := func(p Point) bool { i, ok := part[p.Family]; return ok && i == fold }
		beta := m.fitShape(form, g.Mode, from, skip)
		if beta == nil {
			return nil
		}
		for _, p := range g.Points {
			if !form.Known(p.Features) || g.own() && !skip(p) {
				continue
			}
			e := m.shapePrice(p, form, beta)
			list = append(list, Held{Point: p, Split: splitGPU, Part: g.Device.ID, Energy: e / p.Joules,
				Time: e / g.Device.TDP / p.Seconds, Interval: 1})
		}
	}
	return list
}

// withIntervals gives each held-out point the factor within which nine tenths
// of the other parts' points lie.
func withIntervals(list []Held) []Held {
	without := map[string]float64{}
	for i, h := range list {
		x, ok := without[h.Part]
		if !ok {
			x = 1
			others := slices.DeleteFunc(slices.Clone(list), func(o Held) bool { return o.Part == h.Part })
			if len(others) > 0 {
				x = quantile.Of(folds(others, energyRatio), 0.9)
			}
			without[h.Part] = x
		}
		list[i].Interval = x
	}
	return list
}

// watts is the effective power of a group: TDP where the energy is time times
// TDP, else what turns its fitted joules into its measured seconds.
func (m *Model) watts(g Group, form energy.Form, skip func(Point) bool) float64 {
	if !g.measured() {
		return g.Device.TDP
	}
	joules, ok := m.scale(g, form, skip, func(p Point) float64 { return p.Joules })
	seconds, _ := m.scale(g, form, skip, func(p Point) float64 { return p.Seconds })
	if !ok {
		return g.Device.TDP
	}
	return joules / seconds
}

// weighted quantile of folds with equal weight per device: no device with a
// thousand nets drowns those with three.
func deviceQuantile(list []Held, q float64, of func(Held) float64) float64 {
	count := map[string]int{}
	for _, h := range list {
		count[h.Device.ID]++
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Held) int { return cmp.Compare(fold(of(a)), fold(of(b))) })
	total := 0.0
	for _, h := range sorted {
		total += 1 / float64(count[h.Device.ID])
		if total >= q*float64(len(count))-1e-12 {
			return fold(of(h))
		}
	}
	return 1
}

package energy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// choice is the row that prices an estimate, adapted to its device, precision
// and mode, with what the reader must know of the adaptation.
type choice struct {
	Coefficients
	onTDP    bool // the power in it is TDP, not a measurement
	warnings []string
}

func (c *choice) warn(format string, args ...any) {
	c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
}

// evidence ranks what a table knows of a device in a setting: 4 rows of the
// very setting, 3 rows of the same width and rate, 2 rows of another mode or
// precision, 1 none but a shared shape, -1 not even that.
func (t *Table) evidence(d Device, s Setting, form Form) int {
	rank := -1
	if _, ok := t.find("", "", s.Mode, form.Name); ok {
		rank = 1
	}
	for _, c := range t.For(d.ID) {
		switch {
		case c.Form != form.Name:
		case c.Mode == s.Mode && c.Precision == s.Precision:
			return 4
		case c.Mode == s.Mode && precisionOf(c.Precision).class == precisionOf(s.Precision).class:
			rank = max(rank, 3)
		case rank > 0 && c.carries():
			rank = max(rank, 2)
		}
	}
	return rank
}

// choose finds the coefficients of a device for one form, from the nearest
// evidence to the farthest: rows of the precision and mode; rows of another
// precision of the same width and rate; rows of another mode or precision,
// carried over by the datasheet; the datasheet alone.
func (t *Table) choose(d Device, s Setting, form Form) (choice, error) {
	if c, ok := t.find(d.ID, s.Precision, s.Mode, form.Name); ok {
		return fitted(c), nil
	}
	class := precisionOf(s.Precision).class
	for _, p := range precisions {
		if c, ok := t.find(d.ID, p.name, s.Mode, form.Name); ok && p.class == class {
			out := fitted(c)
			less := ""
			if p.mixed() && s.laysOut() {
				less = ", without its conversions"
			}
			out.warn("no rows at %s: coefficients of %s, same width and rate%s", s.Precision, p.name, less)
			return out, nil
		}
	}
	shape, ok := t.find("", "", s.Mode, form.Name)
	if !ok {
		return choice{}, fmt.Errorf("energy: the table has no shared %s form for mode %s", form.Name, s.Mode)
	}
	out, err := fromDatasheet(d, s, form, shape)
	if err != nil {
		return choice{}, err
	}
	if base, ok := t.carrier(d, s, form); ok {
		out.carry(t, d, s, form, base)
	}
	return out, nil
}

func fitted(c Coefficients) choice {
	out := choice{Coefficients: c, onTDP: c.Kind == "throughput-x-tdp"}
	if out.onTDP {
		out.warn("time is measured, power taken as TDP: an upper bound")
	}
	if c.Note != "" {
		out.warnings = append(out.warnings, c.Note)
	}
	return out
}

// fromDatasheet scales the shape shared by all devices with TDP, peak and
// bandwidth of one: grade D.
func fromDatasheet(d Device, s Setting, form Form, shape Coefficients) (choice, error) {
	out := choice{Coefficients: shape, onTDP: true}
	filled, guess, guessFactor := impute(d, Devices())
	for _, term := range form.Terms {
		p := filled.price(term, s.Precision)
		if math.IsNaN(p) {
			return choice{}, fmt.Errorf("energy: %s: no source gives the figures (TDP, peak, bandwidth) that an estimate at %s needs", d.ID, s.Precision)
		}
		out.Per[term] *= p
	}
	out.ID = fmt.Sprintf("%s:%s:%s:%s:datasheet", d.ID, s.Precision, s.Mode, form.Name)
	out.Device, out.Precision = d.ID, s.Precision
	out.Watts = filled.TDP
	out.warn("datasheet only: no measurement of %s at %s, %s", d.Name, s.Precision, s.Mode)
	if peak, own := filled.rate(s.Precision); !own {
		out.warn("%s lists no %s rate: priced at its nearest rate of %.4g Tera-operations/s", d.Name, s.Precision, peak/1e12)
	}
	if d.ID == UnknownID {
		out.Grade = GradeU
		spread := unknownFactor(s.Precision)
		out.Factor *= spread
		out.TimeFactor *= spread
		out.warnings[0] = fmt.Sprintf("the accelerator is not known: the median of the %d of the table", len(Devices()))
	}
	if guess != "" {
		out.warn("%s", guess)
		out.Factor *= guessFactor
		out.TimeFactor *= guessFactor
	}
	if d.weak() {
		out.warn("a figure of its datasheet rests on one source")
		out.Factor *= weakFactor
	}
	return out, nil
}

// weakFactor widens the interval of a device of which only one source states
// some figure. Where two sources of gpus.csv disagree on a figure, four in
// five differ by less than this; a test holds it to that.
const weakFactor = 1.25

func (d Device) weak() bool { return d.Status == "verified-1-source" }

// carries reports whether a row says something of its device in another setting. One of
// a whole system does not: its host draws what no ratio of datasheets tells. When the rows
// of boards are left out, the datasheet alone predicts them better, in seven of nine
// settings, than what systems of the device show at another precision.
func (c Coefficients) carries() bool { return c.Boundary != "system" }

// carrier finds the device's own row whose evidence is nearest to a setting
// that has none: of the same width and rate, then of the same mode, then of the
// same width, then of the most nets.
func (t *Table) carrier(d Device, s Setting, form Form) (Coefficients, bool) {
	want := precisionOf(s.Precision)
	var best Coefficients
	bestRank := 0
	for _, c := range t.For(d.ID) {
		if c.Form != form.Name || !c.carries() {
			continue
		}
		rank := 1
		have := precisionOf(c.Precision)
		if have.class == want.class {
			rank += 8
		}
		if c.Mode == s.Mode {
			rank += 4
		}
		if have.width == want.width {
			rank += 2
		}
		if rank > bestRank || rank == bestRank && c.Nets > best.Nets {
			best, bestRank = c, rank
		}
	}
	return best, bestRank > 0
}

// carry multiplies each datasheet coefficient by the ratio that the device's
// own rows show to the datasheet in their own precision and mode.
func (c *choice) carry(t *Table, d Device, s Setting, form Form, base Coefficients) {
	shape, ok := t.find("", "", base.Mode, form.Name)
	if !ok {
		return
	}
	for _, term := range form.Terms {
		if own := shape.Per[term] * d.price(term, base.Precision); own > 0 && base.Per[term] > 0 {
			c.Per[term] *= base.Per[term] / own
		}
	}
	c.ID = fmt.Sprintf("%s:%s:%s:%s:from:%s", d.ID, s.Precision, s.Mode, form.Name, base.ID)
	c.Boundary, c.Sources = base.Boundary, base.Sources
	c.Watts = base.Watts
	c.onTDP = base.Kind == "throughput-x-tdp"
	c.Factor = max(c.Factor, base.Factor)
	c.warnings[0] = fmt.Sprintf("no measurement of %s at %s, %s: its coefficients of %s, %s carried over by the datasheet",
		d.Name, s.Precision, s.Mode, base.Precision, base.Mode)
	if base.Note != "" {
		c.warnings = append(c.warnings, base.Note)
	}
}

// The factors that widen an interval where a figure of the datasheet had to be
// taken from like devices: nine tenths of the devices that state all figures
// are met within them when they are left out; a test holds them to that.
const (
	imputeTDPFactor       = 2.0
	imputeBandwidthFactor = 2.3
	neighbours            = 9
)

// impute fills in a bandwidth that no source states with the median of the
// devices of nearest half-precision peak, and a TDP with the median of those
// of nearest bandwidth, and says so. factor widens the interval.
func impute(d Device, from []Device) (filled Device, said string, factor float64) {
	factor = 1
	peak, _ := d.rate("fp16")
	if d.Bandwidth == 0 && peak > 0 {
		d.Bandwidth = ofNearest(from, peak, halfPeak, bandwidth)
		said = fmt.Sprintf("no source states its bandwidth: %.3g GB/s, the median of the %d accelerators of nearest peak; ", d.Bandwidth/1e9, neighbours)
		factor *= imputeBandwidthFactor
	}
	if d.TDP == 0 && d.Bandwidth > 0 {
		d.TDP = ofNearest(from, d.Bandwidth, bandwidth, func(o Device) float64 { return o.TDP })
		said += fmt.Sprintf("no source states its TDP: %.3g W, the median of the %d accelerators of nearest bandwidth", d.TDP, neighbours)
		factor *= imputeTDPFactor
	}
	return d, strings.TrimSuffix(said, "; "), factor
}

func bandwidth(d Device) float64 { return d.Bandwidth }

func halfPeak(d Device) float64 {
	peak, _ := d.rate("fp16")
	return peak
}

// ofNearest is the median of a figure over the devices that are nearest in
// another, by ratio.
func ofNearest(from []Device, at float64, near, figure func(Device) float64) float64 {
	var known []Device
	for _, o := range from {
		if o.TDP > 0 && o.Bandwidth > 0 && halfPeak(o) > 0 {
			known = append(known, o)
		}
	}
	far := func(o Device) float64 { return math.Abs(math.Log(near(o) / at)) }
	slices.SortStableFunc(known, func(a, b Device) int { return cmp.Compare(far(a), far(b)) })
	var v []float64
	for _, o := range known[:min(neighbours, len(known))] {
		v = append(v, figure(o))
	}
	return quantile.Median(v)
}

// Choose returns the coefficients that an estimate of a form on a device in a setting
// takes: the table's own row, or what stands for it where there is none.
func (t *Table) Choose(d Device, s Setting, form Form) (Coefficients, error) {
	c, err := t.choose(d, s, form)
	return c.Coefficients, err
}

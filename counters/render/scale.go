package render

import (
	"math"
	"strconv"
	"strings"
)

// scale maps values of an axis to places in a picture.
type scale struct {
	log      bool
	lo, hi   float64 // ends of the axis, in values
	from, to float64 // their places
}

// logSpan is the ratio of the largest to the smallest value from which an axis is
// logarithmic unless the caller says otherwise: one and a half decades.
const logSpan = 30

// newScale makes an axis that holds values from lo to hi with a margin at both ends.
func newScale(lo, hi float64, log bool, from, to float64) scale {
	const margin = 0.07
	if log {
		a, b := math.Log10(lo), math.Log10(hi)
		if b-a < 0.1 {
			a, b = a-0.5, b+0.5
		}
		least, most := math.Pow(10, a-margin*(b-a)), math.Pow(10, b+margin*(b-a))
		return scale{true, max(least, math.SmallestNonzeroFloat64), min(most, math.MaxFloat64), from, to}
	}
	if hi-lo <= 1e-9*max(math.Abs(lo), math.Abs(hi)) {
		pad := max(math.Abs(hi)/10, 1e-300)
		if hi == 0 {
			pad = 1
		}
		return scale{false, lo - pad, hi + pad, from, to}
	}
	pad := 2 * margin * (hi/2 - lo/2)
	s := scale{false, max(lo-pad, -math.MaxFloat64), min(hi+pad, math.MaxFloat64), from, to}
	if lo >= 0 && s.lo < 0.05*hi { // near zero: begin there
		s.lo = 0
	}
	return s
}

// at returns the place of a value; values beyond the ends are put on them.
func (s *scale) at(v float64) float64 {
	v = min(max(v, s.lo), s.hi)
	part := 0.0
	if s.log {
		part = (math.Log(v) - math.Log(s.lo)) / (math.Log(s.hi) - math.Log(s.lo))
	} else {
		part = (v/2 - s.lo/2) / (s.hi/2 - s.lo/2)
	}
	return s.from + part*(s.to-s.from)
}

// tick is a mark of an axis; a minor one has no text.
type tick struct {
	at   float64
	text string
}

// ticks returns the marks of an axis, about want of them with text.
func (s *scale) ticks(want int) []tick {
	if s.log {
		return s.logTicks(want)
	}
	step := niceStep((s.hi/2 - s.lo/2) / float64(want) * 2)
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	if mantissa := step * math.Pow(10, float64(decimals)); math.Abs(mantissa-math.Round(mantissa)) > 1e-6 {
		decimals++ // 2.5, 0.25
	}
	var out []tick
	for i := math.Ceil(s.lo / step); i*step <= s.hi && len(out) <= 4*want; i++ {
		out = append(out, tick{s.at(i * step), axisNumber(i*step, decimals)})
	}
	return out
}

// niceStep rounds a step up to 1, 2, 2.5 or 5 times a power of ten.
func niceStep(raw float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= raw {
			return m * power
		}
	}
	return 10 * power
}

// logTicks marks 1 to 9 of each decade; those with text are the powers of ten, or more
// of each decade where there are few, or fewer where there are many.
func (s *scale) logTicks(want int) []tick {
	first, last := int(math.Floor(math.Log10(s.lo))), int(math.Floor(math.Log10(s.hi)))
	decades := math.Log10(s.hi) - math.Log10(s.lo)
	named := "1"
	switch {
	case decades < 1.2:
		named = "1235"
	case decades < 3:
		named = "125"
	}
	every := max(1, int(math.Ceil(decades/float64(want))))
	var out []tick
	for e := first; e <= last; e++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow(10, float64(e))
			if v < s.lo || v > s.hi || m > 1 && every > 1 || every > 9 && e%every != 0 {
				continue
			}
			t := tick{at: s.at(v)}
			if strings.Contains(named, strconv.Itoa(m)) && e%every == 0 {
				t.text = axisNumber(v, max(0, -e))
			}
			out = append(out, t)
		}
	}
	return out
}

// axisNumber prints a mark: large ones with the prefixes of SI, small ones as powers
// of ten.
func axisNumber(v float64, decimals int) string {
	a := math.Abs(v)
	switch {
	case a >= 1e5 && a < 1e16:
		step := min(int(math.Log10(a)+1e-9)/3, len(siPrefixes)-1-siUnity)
		return strconv.FormatFloat(v/math.Pow(1000, float64(step)), 'g', 4, 64) + " " + siPrefixes[step+siUnity]
	case a >= 1e16, a < 1e-4 && a > 0 && decimals > 4:
		return powerOfTen(v)
	case a == 0 || a < math.Pow(10, -float64(decimals))/2:
		return "0"
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.Replace(s, "-", "−", 1)
}

// powerOfTen prints 5×10⁻⁵.
func powerOfTen(v float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e")
	mantissa = strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".")
	e, _ := strconv.Atoi(exponent)
	var b strings.Builder
	if mantissa != "1" {
		b.WriteString(mantissa + "×")
	}
	b.WriteString("10")
	for _, r := range strconv.Itoa(e) {
		if r == '-' {
			b.WriteRune('⁻')
			continue
		}
		b.WriteRune([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
	}
	return b.String()
}

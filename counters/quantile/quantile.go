// Package quantile has the one rule by which this program takes quantiles and medians:
// linear interpolation between order statistics, the quantile p of n values at position
// p*(n - 1) counted from 0. It is type 7 of Hyndman and Fan, "Sample quantiles in
// statistical packages", The American Statistician 50(4), 1996, and the default of
// NumPy, R and spreadsheets.
package quantile

import (
	"math"
	"slices"
)

// Of returns the quantile p, from 0 to 1, of values in any order and any unit, which
// stay as they are; NaN of none.
func Of(values []float64, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := p * float64(len(sorted)-1)
	i := int(math.Floor(at))
	part := at - float64(i)
	if part == 0 {
		return sorted[i]
	}
	lo, hi := sorted[i], sorted[i+1]
	if lo == hi {
		return lo
	}
	return lo*(1-part) + hi*part // hi - lo may be past the floats
}

// Median is the quantile 0.5: the middle value, the mean of the middle two of an even
// number of them, NaN of none.
func Median(values []float64) float64 { return Of(values, 0.5) }

package tradeoff

import (
	"math"
	"slices"
)

// Cap is a limit on a cost and the best row at or below it (Cornell, Douwes,
// Ronchini, Serizel, Turpault: how much does quality drop under a footprint cap?).
type Cap struct {
	Cost  string
	Name  string  // max, median or q25
	Limit float64 // the quantile of the cost over all rows
	Best  int     // row with the best score; of equal ones the cheapest, then the first
	Score float64
	Tied  []int // the other rows with that score
}

// capNames are the caps in the order of reports, with their quantiles.
var capNames = []struct {
	name string
	p    float64
}{{"max", 1}, {"median", 0.5}, {"q25", 0.25}}

// Caps returns the caps of a set of two objectives, the cost and the score.
func (s *Set) Caps() []Cap {
	sorted := make([]float64, len(s.Values))
	for i, row := range s.Values {
		sorted[i] = row[0]
	}
	slices.Sort(sorted)
	out := make([]Cap, len(capNames))
	for i, c := range capNames {
		out[i] = s.under(Quantile(sorted, c.p))
		out[i].Cost, out[i].Name = s.Objectives[0].Name, c.name
	}
	return out
}

// under finds the best row whose cost is at most a limit.
func (s *Set) under(limit float64) Cap {
	c := Cap{Limit: limit, Best: -1}
	var equal []int
	for i, row := range s.Values {
		switch {
		case row[0] > limit:
			continue
		case len(equal) > 0 && row[1] == c.Score:
			if equal = append(equal, i); row[0] < s.Values[c.Best][0] {
				c.Best = i
			}
		case len(equal) == 0 || s.cost(1, row[1]) < s.cost(1, c.Score):
			c.Best, c.Score, equal = i, row[1], []int{i}
		}
	}
	c.Tied = slices.DeleteFunc(equal, func(i int) bool { return i == c.Best })
	return c
}

// Quantile returns the quantile p, from 0 to 1, of sorted numbers, of which there is
// at least one: linear between order statistics, position p*(n - 1) from 0. It is
// type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American
// Statistician 50(4), 1996, and the default of NumPy, R and spreadsheets.
func Quantile(sorted []float64, p float64) float64 {
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
	return lo*(1-part) + hi*part
}

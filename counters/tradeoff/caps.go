package tradeoff

import (
	"slices"

	"github.com/onnxmeter/onnxmeter/counters/quantile"
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
	costs := make([]float64, len(s.Values))
	for i, row := range s.Values {
		costs[i] = row[0]
	}
	out := make([]Cap, len(capNames))
	for i, c := range capNames {
		out[i] = s.under(quantile.Of(costs, c.p))
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

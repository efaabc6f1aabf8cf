package tradeoff

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCaps is worked out by hand: costs 1 2 2 4 10 have median 2 and 25 % quantile 2
// (position 1); under 2 stand a, b and c.
func TestCaps(t *testing.T) {
	s := setOf([][]float64{{1, 0.5}, {2, 0.6}, {2, 0.6}, {4, 0.9}, {10, 0.9}})
	s.Objectives[1].Max = true
	var limits []float64
	var best []int
	for _, c := range s.Caps() {
		limits, best = append(limits, c.Limit), append(best, c.Best)
	}
	if !slices.Equal(limits, []float64{10, 2, 2}) || !slices.Equal(best, []int{3, 1, 1}) {
		t.Errorf("limits %v, best %v", limits, best)
	}
	if c := s.Caps(); !slices.Equal(c[0].Tied, []int{4}) || !slices.Equal(c[1].Tied, []int{2}) || c[0].Name != "max" || c[1].Name != "median" || c[2].Name != "q25" {
		t.Errorf("%+v", c)
	}
	s.Objectives[1].Max = false // then less is better
	if c := s.Caps(); c[0].Best != 0 || c[0].Score != 0.5 {
		t.Errorf("%+v", c[0])
	}
}

// TestCapsHoldARow says that rounding of a quantile leaves no cap without a row.
func TestCapsHoldARow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		var rows [][]float64
		for range 1 + r.IntN(9) {
			rows = append(rows, []float64{math.Ldexp(r.Float64()-0.5, r.IntN(60)), r.Float64()})
		}
		for _, c := range setOf(rows).Caps() {
			if c.Best < 0 || rows[c.Best][0] > c.Limit {
				t.Fatalf("%v: %+v", rows, c)
			}
		}
	}
}

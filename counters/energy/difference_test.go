package energy_test

import (
	"math"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// TestRatioOf checks which error two estimates share.
func TestRatioOf(t *testing.T) {
	at := func(joules float64, coefficient string) energy.Result {
		return energy.Result{Joules: joules, Factor: 2, Coefficient: coefficient}
	}
	independent := math.Exp(math.Sqrt2 * math.Log(2)) // two errors of x2 that know nothing of each other
	for _, c := range []struct {
		name     string
		old, new energy.Result
		related  bool
		value    float64
		factor   float64
		clear    bool
	}{
		{"a version that takes half as much again", at(2, "a"), at(3, "a"), true, 1.5, energy.RelatedFactor, true},
		{"a version within the shared error", at(2, "a"), at(2.2, "a"), true, 1.1, energy.RelatedFactor, false},
		{"another net", at(2, "a"), at(3, "a"), false, 1.5, independent, false},
		{"another net, far apart", at(2, "a"), at(0.5, "a"), false, 0.25, independent, true},
		{"another precision", at(2, "a"), at(3, "b"), true, 1.5, independent, false},
		{"no work in either", at(0, "a"), at(0, "a"), true, 1, energy.RelatedFactor, false},
	} {
		r := energy.RatioOf(c.old, c.new, c.related)
		if math.Abs(r.Value-c.value) > 1e-12 || math.Abs(r.Hi/r.Value-c.factor) > 1e-12 || math.Abs(r.Value/r.Lo-c.factor) > 1e-12 || r.Clear() != c.clear {
			t.Errorf("%s: %+v, clear %v; want %v within a factor of %v, clear %v", c.name, r, r.Clear(), c.value, c.factor, c.clear)
		}
	}
	if r := energy.RatioOf(at(0, "a"), at(1, "a"), true); !math.IsInf(r.Value, 1) || !r.Clear() {
		t.Errorf("from nothing: %+v", r)
	}
}

package quantile

import (
	"math"
	"slices"
	"testing"
)

// TestOf has worked examples of the usual type 7: of 1 2 3 4 the quarters lie at
// positions 0.75, 1.5 and 2.25.
func TestOf(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		p, want float64
	}{
		{[]float64{4, 1, 3, 2}, 0.25, 1.75}, {[]float64{1, 2, 3, 4}, 0.5, 2.5}, {[]float64{1, 2, 3, 4}, 0.75, 3.25}, {[]float64{1, 2, 3, 4}, 0.9, 3.7}, {[]float64{1, 2, 4, 3}, 1, 4}, {[]float64{2, 1, 3, 4}, 0, 1},
		{[]float64{15, 20, 35, 40, 50}, 0.4, 29}, {[]float64{15, 20, 35, 40, 50}, 0.25, 20}, {[]float64{7}, 0.25, 7}, {[]float64{7}, 0.9, 7}, {[]float64{3, 6, 7, 8, 8, 10, 13, 15, 16, 20}, 0.25, 7.25},
		{[]float64{-1e308, 1e308}, 0.5, 0}, {[]float64{0.1, 0.1}, 0.25, 0.1},
	} {
		given := slices.Clone(c.values)
		if got := Of(c.values, c.p); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("quantile %v of %v is %v, want %v", c.p, given, got, c.want)
		}
		if !slices.Equal(c.values, given) {
			t.Errorf("%v became %v", given, c.values)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := Median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("of three %v", got)
	}
	if got := Median([]float64{9, 1, 2, 4}); got != 3 {
		t.Errorf("of four %v", got)
	}
	if got := Median(nil); !math.IsNaN(got) {
		t.Errorf("of none %v", got)
	}
}

package fit

import (
	"fmt"
	"math"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// pairErrors are what pairs of nets show: the ratio of two estimates, made without the
// families of the nets, over the ratio of the measurements on the same device in the
// same setting, as factors of at least 1; and the factors of single estimates.
func pairErrors(t *testing.T) (related, others, factors []float64) {
	t.Helper()
	m := refit(t).Model
	form, _ := energy.FormByName("classes")
	for _, g := range m.Groups {
		if !g.own() {
			continue
		}
		held := heldOnce(m, g, form)
		for i, a := range held {
			factors = append(factors, a.Interval) // before a minimum of the grade widens it
			for _, b := range held[:i] {
				switch {
				case a.Setting != b.Setting || a.Net == b.Net:
				case a.Family == b.Family:
					related = append(related, fold(a.Energy/b.Energy))
				default:
					others = append(others, fold(a.Energy/b.Energy))
				}
			}
		}
	}
	return related, others, factors
}

// TestGeneratedPairs holds the bands of energy.RatioOf, and what docs/ci.md says of
// them, to the pairs.
func TestGeneratedPairs(t *testing.T) {
	related, others, factors := pairErrors(t)
	x90, apart := quantile.Of(related, 0.9), quantile.Of(others, 0.9)
	if len(related) < 1000 || math.Abs(x90-energy.RelatedFactor) > 0.02 {
		t.Errorf("nine tenths of %d related pairs are within x%.3f, RelatedFactor is %v", len(related), x90, energy.RelatedFactor)
	}
	one := energy.Result{Joules: 1, Factor: mean(factors)}
	if says := energy.RatioOf(one, one, false).Hi; math.Abs(math.Log(says/apart)) > math.Log(1.15) {
		t.Errorf("nine tenths of unrelated pairs are within x%.3f, RatioOf says x%.3f", apart, says)
	}
	holdPage(t, "../../../docs/ci.md", map[string]string{"pairs": fmt.Sprintf("| nets | pairs | nine tenths are within |\n|---|---:|---:|\n"+
		"| of one family | %d | x%.2f |\n| of two families | %d | x%.2f |\n", len(related), x90, len(others), apart)})
}

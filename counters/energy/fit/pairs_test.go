package fit

import (
	"math"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// TestRelatedFactor holds the bands of energy.RatioOf to what pairs of nets show:
// the ratio of two estimates, made without the families of the nets, against the
// ratio of the measurements on the same device in the same setting.
func TestRelatedFactor(t *testing.T) {
	rows, nets, err := ShippedInputs()
	if err != nil {
		t.Fatal(err)
	}
	points, _, err := Points(rows, nets)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Fit(points)
	if err != nil {
		t.Fatal(err)
	}
	form, _ := energy.FormByName("classes")
	var related, others, factors []float64
	for _, g := range m.Groups {
		if !g.own() {
			continue
		}
		held := m.heldOut(g, form)
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
	x90 := quantile(related, 0.9)
	t.Logf("one family: %d pairs, nine tenths within x%.3f; other pairs: %d, x%.3f", len(related), x90, len(others), quantile(others, 0.9))
	if len(related) < 1000 || math.Abs(x90-energy.RelatedFactor) > 0.02 {
		t.Errorf("nine tenths of %d related pairs are within x%.3f, RelatedFactor is %v", len(related), x90, energy.RelatedFactor)
	}
	both := energy.RatioOf(energy.Result{Joules: 1, Factor: mean(factors)}, energy.Result{Joules: 1, Factor: mean(factors)}, false)
	if got := quantile(others, 0.9); math.Abs(math.Log(both.Hi/got)) > math.Log(1.15) {
		t.Errorf("nine tenths of unrelated pairs are within x%.3f, RatioOf says x%.3f", got, both.Hi)
	}
}

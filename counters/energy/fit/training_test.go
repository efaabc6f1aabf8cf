package fit

import (
	"math"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// Two devices have both training rows and coefficients fitted from inference:
// the forward share of a training step must agree with the estimate of a forward pass.
func TestTrainingSteps(t *testing.T) {
	points, _, err := Points(allRows(t), nets(t))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, p := range points {
		if !p.Training || p.Precision != "fp16-amp" || p.Device.ID != "rtx-3090" && p.Device.ID != "rtx-4090" {
			continue
		}
		r, err := energy.Estimate(p.Device, p.Features, energy.Options{Precision: p.Precision, Batch: p.Batch})
		if err != nil {
			t.Fatal(err)
		}
		if ratio := r.Joules / p.Joules; fold(ratio) > 1.3 {
			t.Errorf("%s on %s: estimate/(step/%v) = %.2f, want within a factor of 1.3", p.Net, p.Device.ID, stepsPerForward, ratio)
		}
		checked++
	}
	if checked != 6 {
		t.Errorf("%d rows checked, want 6", checked)
	}
}

// The steps of the networks that one source measured in training and at
// inference on an RTX 3090, in units of their forward passes: the figures that
// docs/energy.md states.
func TestStepsPerForward(t *testing.T) {
	forward := map[string]float64{}
	of := func(release, task string, visit func(Row)) {
		for _, r := range allRows(t) {
			if r.GPU == "RTX 3090" && r.release() == release && strings.HasPrefix(r.Task, task) && strings.HasPrefix(r.Note, "nchw") {
				visit(r)
			}
		}
	}
	of("pt113", "inference", func(r Row) { forward[r.Model+sizeOf(r.Task)] = r.Joules })
	var ratios []float64
	of("pt112", "train", func(r Row) {
		if f := forward[r.Model+sizeOf(r.Task)]; f > 0 {
			ratios = append(ratios, r.Joules/f)
		}
	})
	if len(ratios) != 571 {
		t.Errorf("%d networks, the page says 571", len(ratios))
	}
	for q, want := range map[float64]float64{0.1: 3.15, 0.5: 3.65, 0.9: 4.6} {
		if got := quantile.Of(ratios, q); math.Abs(got-want) > 0.015 {
			t.Errorf("quantile %g is %.3f, the page says %g", q, got, want)
		}
	}
}

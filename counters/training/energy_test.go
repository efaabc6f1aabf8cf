package training_test

import (
	"math"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/training"
)

// TestFeaturesHoldTheStep: what an estimate prices of a step has all its MACs, more of each
// class than the forward pass, and of a step without gradients just the forward pass.
func TestFeaturesHoldTheStep(t *testing.T) {
	text := `g (float[1,8,16,16] x) => (float[1,16,16,16] y) <float[16,8,3,3] a = {}, float[16,4,3,3] b = {}, float[16,1,3,3] c = {}, float[16,16] d = {}> {
		p = Conv <pads = [1,1,1,1]> (x, a) q = Conv <group = 4, pads = [1,1,1,1]> (p, b) r = Relu (q)
		s = Conv <group = 16, pads = [1,1,1,1]> (r, c) y = MatMul (s, d) }`
	r, w := count(t, text, training.Options{})
	forward, err := energy.FromReport(r)
	if err != nil {
		t.Fatal(err)
	}
	step, err := w.Features(r, 4)
	if err != nil {
		t.Fatal(err)
	}
	if macs, _ := w.MACs().Const(); step.MACs() != float64(macs) {
		t.Errorf("features of %g MACs, the step has %d", step.MACs(), macs)
	}
	for name, of := range map[string]func(energy.Features) float64{
		"dense": func(f energy.Features) float64 { return f.DenseMACs }, "tiles": func(f energy.Features) float64 { return f.TileMACs },
		"grouped":       func(f energy.Features) float64 { return f.GroupedMACs },
		"depthwise":     func(f energy.Features) float64 { return f.DepthwiseMACs },
		"traffic":       func(f energy.Features) float64 { return f.ConvTraffic },
		"depth traffic": func(f energy.Features) float64 { return f.DepthwiseTraffic },
		"other":         func(f energy.Features) float64 { return f.OtherTraffic }, "weights": func(f energy.Features) float64 { return f.Params },
		"activations": func(f energy.Features) float64 { return f.Activations },
		"kernels":     func(f energy.Features) float64 { return f.EagerKernels },
	} {
		if a, b := of(forward), of(step); b <= a || a == 0 {
			t.Errorf("%s: %g forward, %g in a step", name, a, b)
		}
	}
	if f, s := forward.TileMACs/forward.DenseMACs, step.TileMACs/step.DenseMACs; math.Abs(f-s) > 1e-12 {
		t.Errorf("tiles take %g times the MACs forward, %g times in a step", f, s)
	}
	_, frozen := count(t, text, training.Options{Freeze: []string{"*"}})
	none, err := frozen.Features(r, 4)
	if err != nil || none.MACs() != forward.MACs() || none.ConvTraffic != forward.ConvTraffic || none.Params != forward.Params {
		t.Errorf("a step without gradients: %+v (%v), forward %+v", none, err, forward)
	}
}

// TestWiden keeps the point and widens the interval by both factors.
func TestWiden(t *testing.T) {
	r := energy.Result{Joules: 8, Lo: 4, Hi: 16, Factor: 2, Seconds: energy.Seconds{Known: true, Value: 1, Lo: 0.5, Hi: 2}}
	training.Widen(&r)
	want := math.Exp(math.Hypot(math.Ln2, math.Log(training.Factor)))
	if r.Joules != 8 || math.Abs(r.Factor-want) > 1e-12 || math.Abs(r.Hi-8*want) > 1e-9 || math.Abs(r.Lo-8/want) > 1e-9 || math.Abs(r.Seconds.Hi-want) > 1e-9 {
		t.Errorf("%+v, want a factor of %g", r, want)
	}
}

// TestEmbeddingIsMovedOnce: the gradient of an embedding is as large as its matrix and written
// once a batch, not for each sample.
func TestEmbeddingIsMovedOnce(t *testing.T) {
	r, w := count(t, `g (int64[4] i) => (float[4,8] y) <float[1000,8] e = {}> { x = Gather (e, i) y = Relu (x) }`, training.Options{})
	forward, err := energy.FromReport(r)
	if err != nil {
		t.Fatal(err)
	}
	step, err := w.Features(r, 4)
	if err != nil || step.OtherTraffic-forward.OtherTraffic > 4*4*8 || step.Params-forward.Params < 8000 {
		t.Errorf("%v: forward %+v, step %+v", err, forward, step)
	}
}

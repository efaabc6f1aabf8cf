package calibrate

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/fit"
)

// runs simulates measurements that are a factor off what the shipped table says, with
// a spread.
func runs(t *testing.T, gpu string, n int, factor, spread float64) []Point {
	t.Helper()
	d, err := energy.Lookup(gpu)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	var out []Point
	for i := range n {
		x := energy.Features{DenseMACs: 1e9 * float64(1+i), Activations: 1e7, Params: 2e7, EagerKernels: 100, FusedKernels: 50,
			Classes: true, ConvTraffic: 2e7, OtherTraffic: 1e7 * float64(1+i%3)}
		r, err := energy.Estimate(d, x, energy.Options{Precision: "fp16", Batch: 8})
		if err != nil {
			t.Fatal(err)
		}
		j := r.Joules * factor * math.Exp(spread*(2*rng.Float64()-1))
		out = append(out, Point{Label: string(rune('a' + i)), Device: d, Precision: "fp16", Mode: "eager", Batch: 8, Features: x, Joules: j, Seconds: j / 200, Boundary: "gpu", Source: "x"})
	}
	return out
}

func TestFitRaisesADevice(t *testing.T) {
	points := runs(t, "quadro-rtx-5000", 5, 1.7, 0.1)
	table, groups, err := Fit(points, energy.Shipped())
	if err != nil || len(groups) != 1 || groups[0].Missing != "" {
		t.Fatalf("%+v, %v", groups, err)
	}
	if s := groups[0].Scale; s < 1.7/1.11 || s > 1.7*1.11 || groups[0].After > 0.15 {
		t.Errorf("scale %g, error %g after (want about 1.7 and at most 0.15)", s, groups[0].After)
	}
	var file bytes.Buffer
	if err := fit.WriteTable(&file, table); err != nil {
		t.Fatal(err)
	}
	user, err := energy.LoadCoefficients(&file, "mine.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		r, err := energy.Estimate(p.Device, p.Features, energy.Options{Precision: "fp16", Batch: 8, Table: energy.Shipped().Merge(user)})
		if err != nil {
			t.Fatal(err)
		}
		if r.Grade != energy.GradeB || r.Boundary != "gpu" || p.Joules < r.Lo || p.Joules > r.Hi || math.Abs(math.Log(r.Joules/p.Joules)) > 0.25 {
			t.Errorf("%s: %g J in [%g, %g], grade %s (measured %g)", p.Label, r.Joules, r.Lo, r.Hi, r.Grade, p.Joules)
		}
		if !r.Seconds.Known || math.Abs(math.Log(r.Seconds.Value/p.Seconds)) > 0.25 {
			t.Errorf("%s: %g s (measured %g)", p.Label, r.Seconds.Value, p.Seconds)
		}
	}
}

func TestTwoNetsRaiseNothing(t *testing.T) {
	table, groups, err := Fit(runs(t, "quadro-rtx-5000", 2, 1.7, 0), energy.Shipped())
	if err != nil || len(table.Rows) != 0 || len(groups) != 1 || groups[0].Missing != "2 nets (expected 3 or more)" {
		t.Errorf("%+v, %+v, %v", table.Rows, groups, err)
	}
}

func TestSettingsStayApart(t *testing.T) {
	points := append(runs(t, "quadro-rtx-5000", 3, 2, 0), runs(t, "rtx-4090", 3, 0.5, 0)...)
	points[0].Boundary = "system"
	_, groups, err := Fit(points, energy.Shipped())
	if err != nil || len(groups) != 3 {
		t.Fatalf("%+v, %v (want three groups)", groups, err)
	}
	for _, g := range groups {
		if g.Device == "rtx-4090" && math.Abs(g.Scale-0.5) > 1e-9 {
			t.Errorf("%+v (want a scale of 0.5)", g)
		}
	}
}

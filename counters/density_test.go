package counters_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

func densityOf(t *testing.T, text string, o counters.DensityOptions) *counters.Density {
	t.Helper()
	m, err := onnxtext.Parse([]byte(text), "m")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{NoNodes: true})
	if err != nil {
		t.Fatal(err)
	}
	return r.Density(o)
}

// preDefined is the example of Dey: layers of 8 x 4 and 4 x 4 weights, eight of each
// present: (8 + 8)/(32 + 16) = 33 %.
const preDefined = `<ir_version: 8, opset_import: ["": 17]>
g (float[1,8] x) => (float[1,4] y)
<float[8,4] w1 = {}, float[4,4] w2 = {},
 bool[8,4] m1 = {1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1, 1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1},
 float[4,4] m2 = {1,1,0,0, 0,0,1,1, 1,1,0,0, 0,0,1,1}>
{
  f1 = Cast <to = 1> (m1)
  p1 = Mul (w1, f1)
  p2 = Mul (m2, w2)
  [a] h = MatMul (x, p1)
  [b] y = Gemm <transB = 1> (h, p2)
}`

func TestPreDefinedDensity(t *testing.T) {
	d := densityOf(t, preDefined, counters.DensityOptions{})
	if !d.PreDefined() || !d.Weights.Is(48) || !d.Present.Is(16) || !d.PresentMACs.Is(16) {
		t.Errorf("%s of %s weights, %s MACs (want 16 of 48, 16)", d.Present, d.Weights, d.PresentMACs)
	}
	for i, want := range []string{"1:4", "2:4"} { // inputs of an output: rows of w1's column; columns of w2's row
		if l := d.Layers[i]; l.Source != counters.DensityMask || l.Pattern.NM != want {
			t.Errorf("layer %d: %s %+v (want %s)", i, l.Source, l.Pattern, want)
		}
	}
	if p := d.Layers[1].Pattern; p.Blocks4 != 4 || p.Present4 != 4 {
		t.Errorf("blocks %+v (want 4 of 4)", p)
	}
}

func TestDensitySources(t *testing.T) {
	for name, c := range map[string]struct {
		text             string
		options          counters.DensityOptions
		weights, present int64
		macs             int64
		source           counters.DensitySource
		preDefined       bool
	}{
		"dense, weights not read": {text: `g (float[2,4] x) => (float[2,2] y) <float[4,2] w = {0,1,0,1,0,1,0,1}> { y = MatMul (x, w) }`,
			weights: 8, present: 8, macs: 16, source: counters.DensityDense},
		"zeros that are read": {text: `g (float[2,4] x) => (float[2,2] y) <float[4,2] w = {0,5,0,5,0,5,0,5}> { y = MatMul (x, w) }`,
			options: counters.DensityOptions{ReadWeights: true}, weights: 8, present: 4, macs: 8, source: counters.DensityZeros},
		"weights that are not there": {text: `g (float[2,4] x) => (float[2,2] y) <float[4,2] w = {}> { y = MatMul (x, w) }`,
			options: counters.DensityOptions{ReadWeights: true}, weights: 8, present: 8, macs: 16, source: counters.DensityUnread},
		"a mask of channels": {text: `g (float[1,2,3,3] x) => (float[1,4,3,3] y) <float[4,2,1,1] w = {}, float[4,1,1,1] m = {1,0,1,0}>
			{ p = Mul (w, m) y = Conv (x, p) }`, weights: 8, present: 4, macs: 36, source: counters.DensityMask, preDefined: true},
		"a choice": {text: `g (float[1,4] x) => (float[1,2] y) <float[4,2] w = {}, bool[4,2] m = {1,0,0,0,0,0,0,0}, float zero = {0}>
			{ p = Where (m, w, zero) y = MatMul (x, p) }`, weights: 8, present: 1, macs: 1, source: counters.DensityMask, preDefined: true},
		"a choice of what is left out": {text: `g (float[1,4] x) => (float[1,2] y) <float[4,2] w = {}, bool[4,2] m = {1,0,0,0,0,0,0,0}, float zero = {0}>
			{ p = Where (m, zero, w) y = MatMul (x, p) }`, weights: 8, present: 7, macs: 7, source: counters.DensityMask, preDefined: true},
		"a scale is no mask": {text: `g (float[1,4] x) => (float[1,2] y) <float[4,2] w = {0,2,2,2,2,2,2,2}, float[1] s = {1}>
			{ p = Mul (w, s) y = MatMul (x, p) }`, options: counters.DensityOptions{ReadWeights: true}, weights: 8, present: 7, macs: 7, source: counters.DensityZeros},
		"tied weights count once": {text: `g (float[1,4] x) => (float[1,4] y) <float[4,4] w = {0,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2}>
			{ t = Transpose (w) h = MatMul (x, w) y = MatMul (h, t) }`, options: counters.DensityOptions{ReadWeights: true},
			weights: 16, present: 15, macs: 30, source: counters.DensityZeros},
	} {
		d := densityOf(t, `<ir_version: 8, opset_import: ["": 17]>`+c.text, c.options)
		if len(d.Layers) == 0 || !d.Weights.Is(c.weights) || !d.Present.Is(c.present) || !d.PresentMACs.Is(c.macs) || d.Layers[0].Source != c.source || d.PreDefined() != c.preDefined {
			t.Errorf("%s: %s of %s, %s MACs, %+v (want %d of %d, %d, %s)", name, d.Present, d.Weights, d.PresentMACs, d.Layers, c.present, c.weights, c.macs, c.source)
		}
	}
}

// TestPatternAgainstLoops compares patterns with a walk over each output's inputs.
func TestPatternAgainstLoops(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		k, n := 1+rng.IntN(20), 1+rng.IntN(6)
		w := make([]int64, k*n)
		keep := rng.IntN(4)
		for i := range w {
			if rng.IntN(4) < keep {
				w[i] = 2
			}
		}
		blocks, present, most := 0, 0, map[int]int{}
		for c := range n {
			for _, size := range []int{4, 8, 16} {
				for from := 0; from < k; from += size {
					got := 0
					for r := from; r < min(from+size, k); r++ {
						if w[r*n+c] != 0 {
							got++
						}
					}
					most[size] = max(most[size], got)
					if size == 4 {
						blocks++
						if got > 0 {
							present++
						}
					}
				}
			}
		}
		want := ""
		for _, size := range []int{16, 8, 4} {
			if k >= size && most[size] <= size/2 {
				want = string(rune('0'+most[size])) + map[int]string{4: ":4", 8: ":8", 16: ":16"}[size]
			}
		}
		got := patternOf(t, w, k, n)
		if got.Blocks4 != int64(blocks) || got.Present4 != int64(present) || got.NM != want {
			t.Fatalf("%d x %d %v: %+v (want %d of %d blocks, %q)", k, n, w, got, present, blocks, want)
		}
	}
}

// patternOf counts a product with a weight of k rows and n columns.
func patternOf(t *testing.T, w []int64, k, n int) *counters.Pattern {
	t.Helper()
	m, err := onnxtext.Parse([]byte(`<ir_version: 8, opset_import: ["": 17]> g (float[1,K] x) => (float[1,N] y) <float[2,2] w = {}> { y = MatMul (x, w) }`), "m")
	if err != nil {
		t.Fatal(err)
	}
	floats := make([]float64, len(w))
	for i, v := range w {
		floats[i] = float64(v)
	}
	init := m.Graph.Initializers[0]
	init.Dims, init.Storage, init.Payload = []int64{int64(k), int64(n)}, graph.StorageInline, &graph.MemPayload{F: floats}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Density(counters.DensityOptions{ReadWeights: true}).Layers[0].Pattern
}

// TestDensityReadsOnce has three products with one mask outside the file, and a weight
// behind more nodes than are followed.
func TestDensityReadsOnce(t *testing.T) {
	opened := map[string]int{}
	o := counters.DensityOptions{ReadWeights: true, External: func(m *graph.Tensor) (graph.Payload, error) {
		opened[m.Name]++
		return &graph.MemPayload{I: []int64{1, 0, 0, 1}}, nil
	}}
	d := densityOf(t, `<ir_version: 8, opset_import: ["": 17]>
g (float[1,2] x) => (float[1,2] y) <float[2,2] w = {}, float[2,2] m = ["location": "m.bin"]> {
  a = Mul (w, m)
  b = Mul (w, m)
  c = Mul (m, w)
  p = MatMul (x, a)
  q = MatMul (p, b)
  y = MatMul (q, c)
}`, o)
	if len(d.Layers) != 3 || !d.Layers[2].Present.Is(2) || opened["m"] != 1 {
		t.Errorf("%+v, opened %v (want three layers with 2 of 4, the mask read once)", d.Layers, opened)
	}
	var chain strings.Builder
	chain.WriteString("<ir_version: 8, opset_import: [\"\": 17]>\ng (float[1,2] x) => (float[1,2] y) <float[2,2] w = {1,0,0,1}> {\n v0 = Identity (w)\n")
	for i := range 20_000 {
		fmt.Fprintf(&chain, " v%d = Identity (v%d)\n", i+1, i)
	}
	d = densityOf(t, chain.String()+" y = MatMul (x, v20000)\n}", o)
	if l := d.Layers[0]; l.Source != counters.DensityUnread || d.Unread != 1 {
		t.Errorf("%+v (want it unread)", l)
	}
}

package ops

import (
	"fmt"
	"math"
	"math/rand"
	"testing"
)

// The loops of this file work by the formulas in the text of ONNX Operators.md where the
// function body of the standard takes other steps.

func TestRowNormsByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(61))
	for _, dims := range [][]int{{2, 3, 1}, {2, 3, 8}, {1, 5, 3}} {
		x := randomTensor(r, dims...)
		scale := fmt.Sprintf("f32[%d]", dims[2])
		var layer, plain meter
		for _, row := range x.rows() {
			for _, m := range []*meter{&layer, &plain} {
				d, _, variance := m.deviations(row)
				inverse := m.div(1, m.sqrt(m.add(variance, 1e-5)))
				y := each1(d, func(v float64) float64 { return m.mul(m.mul(v, inverse), 2) })
				if m == &layer {
					y = each1(y, func(v float64) float64 { return m.add(v, 3) })
					near(t, "mean", []float64{(&meter{}).mean(y)}, []float64{3})
				}
			}
		}
		layer.wants(t, fmt.Sprint("LayerNormalization", dims), costAt(t, "LayerNormalization", "", "f32", x.as("f32"), scale, scale), nil)
		plain.wants(t, fmt.Sprint("LayerNormalization without bias", dims), costAt(t, "LayerNormalization", "", "f32", x.as("f32"), scale), nil)
	}
}

func TestGroupNormByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(62))
	for groups := 1; groups <= 4; groups++ {
		var m meter
		x := randomTensor(r, 2, 3*groups, 5)
		for _, group := range (tensor{[]int{2 * groups, 15}, x.v}).rows() {
			d, _, variance := m.deviations(group)
			_, mean, again := (&meter{}).deviations(m.scaled(d, variance, 0, 2, 3))
			near(t, "mean and variance", []float64{mean, again}, []float64{3, 4})
		}
		per := fmt.Sprintf("f32[%d]", 3*groups)
		m.wants(t, "GroupNormalization", costAt(t, "GroupNormalization", fmt.Sprint("num_groups=", groups), "f32", x.as("f32"), per, per), nil)
	}
}

// The formula is that of the body with products in place of squares by a power.
func TestMeanVarianceByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(63))
	var m meter
	x := randomTensor(r, 2, 3, 7)
	for _, row := range x.rows() {
		mean := m.mean(row)
		squares := m.mean(each1(row, m.square))
		root := m.add(m.sqrt(m.sub(squares, m.square(mean))), 1e-9)
		y := each1(row, func(v float64) float64 { return m.div(m.sub(v, mean), root) })
		_, centre, variance := (&meter{}).deviations(y)
		if math.Abs(centre) > 1e-6 || math.Abs(variance-1) > 1e-6 {
			t.Errorf("mean %v and variance %v, want 0 and 1", centre, variance)
		}
	}
	m.wants(t, "MeanVarianceNormalization", costAt(t, "MeanVarianceNormalization", "axes=[2]", "f32", x.as("f32")), nil)
}

func TestDynamicQuantizeByDoing(t *testing.T) {
	for _, n := range []int{1, 2, 24} {
		var m meter
		x := randomTensor(rand.New(rand.NewSource(64)), n)
		low, high := m.min(0, m.fold(m.min, x.v)), m.max(0, m.fold(m.max, x.v))
		scale := m.div(m.sub(high, low), 255)
		zero := m.round(m.saturate(m.sub(0, m.div(low, scale))))
		for _, v := range x.v {
			if q := m.quantise(v, scale, &zero); math.Abs((q-zero)*scale-v) > scale {
				t.Errorf("%v comes back as %v", v, (q-zero)*scale)
			}
		}
		m.wants(t, fmt.Sprint("DynamicQuantizeLinear of ", n), costAt(t, "DynamicQuantizeLinear", "", "u8 f32 u8", x.as("f32")), nil)
	}
}

// affineGrid maps evenly spaced coordinates, which depend on the size only, by theta.
func (m *meter) affineGrid(theta tensor, size []int) (out []float64) {
	odometer(append([]int{theta.dims[0]}, size...), func(at []int) {
		coordinates := make([]float64, len(size))
		for i := range size { // the last axis comes first
			axis := len(size) - 1 - i
			coordinates[i] = (2*float64(at[1+axis])+1)/float64(size[axis]) - 1
		}
		for row := range size {
			v := theta.get(at[0], row, len(size))
			for i, c := range coordinates {
				v = m.add(v, m.mul(theta.get(at[0], row, i), c))
			}
			out = append(out, v)
		}
	})
	return out
}

func TestAffineGridByDoing(t *testing.T) {
	for _, size := range [][]int{{2, 3}, {4, 5}, {2, 3, 4}} {
		var m meter
		axes := len(size)
		theta := zeros(2, axes, axes+1)
		for n := range 2 {
			for i := range axes {
				theta.set(1, n, i, i)
			}
		}
		grid := m.affineGrid(theta, size)
		near(t, "the first place of an identity", grid[:1], []float64{1/float64(size[axes-1]) - 1})
		shape := fmt.Sprintf("i64[%d]={2,7", axes+2)
		for _, n := range size {
			shape += fmt.Sprint(",", n)
		}
		m.wants(t, fmt.Sprint("AffineGrid", size), costAt(t, "AffineGrid", "", "f32", theta.as("f32"), shape+"}"), nil)
	}
}

func TestWindowsByDoing(t *testing.T) {
	// a0 - a1 cos(2 pi n/N) + a2 cos(4 pi n/N)
	for name, a := range map[string][]float64{"HannWindow": {0.5, -0.5}, "HammingWindow": {25.0 / 46, -21.0 / 46}, "BlackmanWindow": {0.42, -0.5, 0.08}} {
		const n = 8
		var m meter
		w := make([]float64, n)
		for i := range w {
			w[i] = a[0]
			for k := 1; k < len(a); k++ {
				angle := m.mul(2*math.Pi*float64(k)/n, float64(i))
				w[i] = m.add(w[i], m.mul(a[k], m.call(math.Cos, angle)))
			}
		}
		near(t, "symmetry", []float64{w[1], w[n/2]}, []float64{w[n-1], 1})
		m.wants(t, name, costAt(t, name, "", "f32", "i64"), map[string]int64{"y0[0]": n})
	}
}

func TestBernoulliByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(65))
	var m meter
	drawn := 0.0
	for range 24 {
		drawn += boolean(m.less(r.Float64(), 1)) // always, with probability 1
	}
	if drawn != 24 {
		t.Error(drawn)
	}
	m.wants(t, "Bernoulli", costAt(t, "Bernoulli", "", "f32", "f32[2,3,4]"), nil)
}

// causalConv multiplies each channel with its kernel, over the state and then the input.
func (m *meter) causalConv(x, w, state tensor, bias []float64, silu bool) tensor {
	y, k := zeros(x.dims...), w.dims[2]
	odometer(x.dims, func(at []int) {
		sum := 0.0
		for tap := range k {
			p := at[2] - (k - 1) + tap
			v := x.get(at[0], at[1], p)
			if p < 0 {
				v = state.get(at[0], at[1], p+k-1)
			}
			sum = m.muladd(sum, v, w.get(at[1], 0, tap))
		}
		if bias != nil {
			sum = m.add(sum, bias[at[1]])
		}
		if silu {
			sum = m.mul(sum, m.sigmoid(sum))
		}
		y.set(sum, at...)
	})
	return y
}

func TestCausalConvByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(66))
	for k := 1; k <= 4; k++ {
		x, w, state := randomTensor(r, 2, 3, 5), zeros(3, 1, k), randomTensor(r, 2, 3, k-1)
		for c := range 3 {
			w.set(1, c, 0, k-1) // the last tap is the present
		}
		var plain, full meter
		near(t, "the input", plain.causalConv(x, w, state, nil, false).v, x.v)
		full.causalConv(x, w, state, []float64{1, 2, 3}, true)
		plain.wants(t, "CausalConvWithState", costAt(t, "CausalConvWithState", "", "f32 f32", x.as("f32"), w.as("f32"), "_", state.as("f32")), nil)
		full.wants(t, "CausalConvWithState, silu", costAt(t, "CausalConvWithState", "activation=silu", "f32 f32", x.as("f32"), w.as("f32"), "f32[3]", state.as("f32")), nil)
	}
}

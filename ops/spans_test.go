package ops

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"
)

// The loops of this file pool and normalise as ONNX Operators.md reads.

func (m *meter) pow(a, b float64) float64 { m.exp++; return math.Pow(a, b) }

// norm is the root of the sum of powers of absolute values.
func (m *meter) norm(p float64, x []float64) float64 {
	switch p {
	case 1:
		return m.fold(m.add, each1(x, m.abs))
	case 2:
		return m.sqrt(m.fold(m.add, each1(x, m.square)))
	}
	powers := each1(x, func(v float64) float64 { return m.pow(m.abs(v), p) })
	return m.pow(m.fold(m.add, powers), 1/p)
}

func (m *meter) mean(x []float64) float64 { return m.div(m.fold(m.add, x), float64(len(x))) }

// window returns the elements under the taps of a window, 0 in the padding.
func (s sweep) window(x tensor, n, c int, window []int) (taps []float64) {
	odometer(s.kernel(), func(tap []int) {
		taps = append(taps, x.get(append([]int{n, c}, s.at(window, tap)...)...))
	})
	return taps
}

func TestLpPoolByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(21))
	for range 150 {
		s := sweep(slides(r, 1+r.Intn(2), autoPads, true))
		p := []float64{1, 2, 3}[r.Intn(3)]
		x := randomTensor(r, append([]int{2, 3}, s.in()...)...)
		var m meter
		odometer(append([]int{2, 3}, s.out()...), func(at []int) { m.norm(p, s.window(x, at[0], at[1], at[2:])) })
		attrs := fmt.Sprintf("%s p=%v", windowAttrsOf(s), p)
		m.wants(t, "LpPool "+attrs, costAt(t, "LpPool", attrs, "f32", x.as("f32")), nil)
	}
}

// The first version has no dilations and a fraction as p.
func TestFirstLpPoolByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(22))
	for range 50 {
		s := randomSweep(r, 2)
		for i := range s {
			s[i].dilation = 1
			s[i].kernel = min(s[i].kernel, s[i].in)
		}
		x := randomTensor(r, append([]int{1, 2}, s.in()...)...)
		fields := strings.Fields(windowAttrsOf(s))
		attrs := fields[0] + " " + strings.Join(fields[2:], " ") + " p=2.5"
		var m, global meter
		odometer(append([]int{1, 2}, s.out()...), func(at []int) { m.norm(2.5, s.window(x, at[0], at[1], at[2:])) })
		m.wants(t, "LpPool-1 "+attrs, costAt(t, "LpPool-1", attrs, "f32", x.as("f32")), nil)
		for _, channel := range channelsOf(x) {
			global.norm(2.5, channel)
		}
		global.wants(t, "GlobalLpPool-1", costAt(t, "GlobalLpPool-1", "p=2.5", "f32", x.as("f32")), nil)
	}
}

// channelsOf cuts a tensor of images into channels.
func channelsOf(x tensor) [][]float64 {
	n := len(x.v) / (x.dims[0] * x.dims[1])
	return tensor{[]int{len(x.v) / n, n}, x.v}.rows()
}

func TestGlobalPoolsByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(23))
	for _, what := range []string{"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool p=1", "GlobalLpPool p=2", "GlobalLpPool p=3"} {
		name, attrs, _ := strings.Cut(what, " ")
		for _, dims := range [][]int{{2, 3, 1}, {2, 3, 5}, {1, 2, 3, 4}, {2, 1, 2, 3, 2}} {
			var m meter
			x := randomTensor(r, dims...)
			for _, channel := range channelsOf(x) {
				switch name {
				case "GlobalAveragePool":
					m.mean(channel)
				case "GlobalMaxPool":
					m.fold(m.max, channel)
				default:
					m.norm(float64(attrs[2]-'0'), channel)
				}
			}
			m.wants(t, what+fmt.Sprint(dims), costAt(t, name, attrs, "f32", x.as("f32")), nil)
		}
	}
}

// deviations returns what is left of elements less their mean, and the mean square of that.
func (m *meter) deviations(x []float64) (d []float64, mean, variance float64) {
	mean = m.mean(x)
	d = each1(x, func(v float64) float64 { return m.sub(v, mean) })
	return d, mean, m.mean(each1(d, m.square))
}

// scaled is scale * d / sqrt(variance + epsilon) + bias.
func (m *meter) scaled(d []float64, variance, epsilon, scale, bias float64) []float64 {
	root := m.sqrt(m.add(variance, epsilon))
	return each1(d, func(v float64) float64 { return m.add(m.mul(scale, m.div(v, root)), bias) })
}

func TestInstanceNormByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(24))
	for _, dims := range [][]int{{2, 3, 4}, {1, 5, 3, 3}, {2, 1, 2, 3, 2}} {
		var m meter
		x := randomTensor(r, dims...)
		for _, channel := range channelsOf(x) {
			d, _, variance := m.deviations(channel)
			_, mean, again := (&meter{}).deviations(m.scaled(d, variance, 0, 2, 3))
			near(t, "mean and variance", []float64{mean, again}, []float64{3, 4})
		}
		per := fmt.Sprintf("f32[%d]", dims[1])
		m.wants(t, fmt.Sprint("InstanceNormalization", dims), costAt(t, "InstanceNormalization", "", "f32", x.as("f32"), per, per), nil)
	}
}

// perChannel gathers the elements of each channel over all images.
func perChannel(x tensor) [][]float64 {
	out := make([][]float64, x.dims[1])
	for i, c := range channelsOf(x) {
		out[i%x.dims[1]] = append(out[i%x.dims[1]], c...)
	}
	return out
}

func TestBatchNormByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(25))
	for _, dims := range [][]int{{2, 3, 4}, {1, 5, 3, 3}, {3, 2}} {
		x := randomTensor(r, append(append([]int{}, dims...), 1)...)
		var infer, train meter
		for _, channel := range perChannel(x) {
			d := each1(channel, func(v float64) float64 { return infer.sub(v, 0.5) })
			infer.scaled(d, 2, 1e-5, 2, 3)
			d, mean, variance := train.deviations(channel)
			train.scaled(d, variance, 1e-5, 2, 3)
			for _, current := range []float64{mean, variance} { // running * momentum + current * (1 - momentum)
				train.add(train.mul(1, 0.9), train.mul(current, 0.1))
			}
		}
		per := fmt.Sprintf("f32[%d]", dims[1])
		in := []string{tensor{dims: dims}.as("f32"), per, per, per, per}
		infer.wants(t, fmt.Sprint("BatchNormalization", dims), costAt(t, "BatchNormalization", "", "f32", in...), nil)
		train.wants(t, fmt.Sprint("BatchNormalization trains", dims), costAt(t, "BatchNormalization", "training_mode=1", "f32 f32 f32", in...), nil)
	}
}

// lrn divides by a power of the sum of squares of size channels around each; those
// beyond the first and the last are 0, as padding is.
func (m *meter) lrn(x tensor, size int, alpha, beta, bias float64) tensor {
	squares, y := tensor{x.dims, each1(x.v, m.square)}, zeros(x.dims...)
	odometer(x.dims, func(at []int) {
		region := make([]float64, size)
		for i := range region {
			c := at[1] - (size-1)/2 + i
			region[i] = squares.get(append([]int{at[0], c}, at[2:]...)...)
		}
		sum := m.fold(m.add, region)
		y.set(m.div(x.get(at...), m.pow(m.add(bias, m.mul(alpha/float64(size), sum)), beta)), at...)
	})
	return y
}

func TestLRNByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(26))
	for size := 1; size <= 6; size++ {
		for _, dims := range [][]int{{2, 3, 4}, {1, 7, 2, 3}} {
			var m meter
			x := randomTensor(r, dims...)
			y := m.lrn(x, size, 1, 0.5, 0)
			if size == 1 {
				near(t, "an element by its absolute value", y.v, each1(x.v, func(v float64) float64 { return math.Copysign(1, v) }))
			}
			m.wants(t, fmt.Sprint("LRN", dims, size), costAt(t, "LRN", fmt.Sprint("size=", size), "f32", x.as("f32")), nil)
		}
	}
}

func TestLpNormalizationByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(27))
	for _, p := range []float64{1, 2} {
		for _, length := range []int{1, 2, 7} {
			var m meter
			x := randomTensor(r, 2, 3, length)
			for _, row := range x.rows() {
				norm := m.norm(p, row)
				y := each1(row, func(v float64) float64 { return m.div(v, norm) })
				near(t, "norm", []float64{(&meter{}).norm(p, y)}, []float64{1})
			}
			m.wants(t, fmt.Sprint("LpNormalization", p, length), costAt(t, "LpNormalization", fmt.Sprint("p=", p), "f32", x.as("f32")), nil)
			swapped := fmt.Sprintf("f32[2,%d,3]", length)
			m.wants(t, "LpNormalization of axis 1", costAt(t, "LpNormalization", fmt.Sprint("axis=1 p=", p), "f32", swapped), nil)
		}
	}
}

package ops

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"
)

// The loops of this file multiply and add as the definitions of the quantised and the
// deformable products in ONNX Operators.md read.

// sweep is the geometry of a random convolution or pool.
type sweep []slide

func randomSweep(r *rand.Rand, n int) sweep { return slides(r, n, []string{"NOTSET"}, false) }

func (s sweep) sizes(get func(slide) int) (out []int) {
	for _, a := range s {
		out = append(out, get(a))
	}
	return out
}

func (s sweep) in() []int     { return s.sizes(func(a slide) int { return a.in }) }
func (s sweep) kernel() []int { return s.sizes(func(a slide) int { return a.kernel }) }
func (s sweep) out() []int    { return s.sizes(func(a slide) int { return len(a.windows()) }) }

// at is the input position under a tap of a window.
func (s sweep) at(window, tap []int) []int {
	out := make([]int, len(s))
	for i, a := range s {
		out[i] = a.windows()[window[i]] + tap[i]*a.dilation
	}
	return out
}

// convolve multiplies kernels w with what sample gives for each image, input channel,
// window and tap.
func (m *meter) convolve(w tensor, group, batch, channels int, s sweep, sample func(n, c int, window, tap []int) float64) tensor {
	y := zeros(append([]int{batch, w.dims[0]}, s.out()...)...)
	for n := range batch {
		odometer(s.out(), func(window []int) {
			var taps []float64 // by channel, then by tap
			for c := range channels {
				odometer(s.kernel(), func(tap []int) { taps = append(taps, sample(n, c, window, tap)) })
			}
			per := len(taps) / group
			for out := range w.dims[0] {
				first := out / (w.dims[0] / group) * per
				sum := 0.0
				for i, v := range taps[first : first+per] {
					sum = m.muladd(sum, v, w.v[out*per+i])
				}
				y.set(sum, append([]int{n, out}, window...)...)
			}
		})
	}
	return y
}

// shifted subtracts the zero points of lines along an axis, one or one for each.
func (m *meter) shifted(x, zero tensor, axis int) tensor {
	y := zeros(x.dims...)
	i := 0
	odometer(x.dims, func(idx []int) {
		z := zero.v[0]
		if len(zero.v) > 1 {
			z = zero.v[idx[axis]]
		}
		y.v[i] = m.whole(x.v[i] - z)
		i++
	})
	return y
}

func (m *meter) saturate(v float64) float64 { return m.max(0, m.min(255, v)) }
func (m *meter) round(v float64) float64    { return m.do(math.RoundToEven(v)) }

// requantise is saturate(round(v * scale) + zero), the scales combined beforehand.
func (m *meter) requantise(y tensor, scale, zero float64) tensor {
	return tensor{y.dims, each1(y.v, func(v float64) float64 { return m.saturate(m.whole(m.round(m.mul(v, scale)) + zero)) })}
}

func sweepAttrs(s sweep, group int) string {
	return fmt.Sprintf("%s group=%d", windowAttrsOf(s), group)
}

func TestIntegerConvByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	for range 120 {
		s, group := randomSweep(r, 1+r.Intn(2)), 1+r.Intn(2)
		x := codes(r, append([]int{1 + r.Intn(2), group * (1 + r.Intn(2))}, s.in()...)...)
		w := codes(r, append([]int{group * (1 + r.Intn(3)), x.dims[1] / group}, s.kernel()...)...)
		xz, wz, bias := codes(r), codes(r, w.dims[0]), codes(r, w.dims[0])
		var m meter
		shiftedX, shiftedW := m.shifted(x, xz, 0), m.shifted(w, wz, 0)
		y := m.convolve(shiftedW, group, x.dims[0], x.dims[1], s, func(n, c int, window, tap []int) float64 {
			return shiftedX.get(append([]int{n, c}, s.at(window, tap)...)...)
		})
		attrs := sweepAttrs(s, group)
		what := fmt.Sprint(attrs, x.dims, w.dims)
		m.wants(t, "ConvInteger "+what, costAt(t, "ConvInteger", attrs, "i32", x.as("u8"), w.as("u8"), "u8", wz.as("u8")), nil)
		if r.Intn(2) == 0 {
			m.requantise(y, 0.01, 3)
			m.wants(t, "QLinearConv "+what, costAt(t, "QLinearConv", attrs, "u8", x.as("u8"), "f32", "u8", w.as("u8"), "f32", "u8", "f32", "u8"), nil)
			continue
		}
		i, per := 0, len(y.v)/(y.dims[0]*y.dims[1])
		biased := each1(y.v, func(v float64) float64 { i++; return m.whole(v + bias.v[(i-1)/per%len(bias.v)]) })
		m.requantise(tensor{y.dims, biased}, 0.01, 3)
		m.wants(t, "QLinearConv B "+what, costAt(t, "QLinearConv", attrs, "u8", x.as("u8"), "f32", "u8", w.as("u8"), wz.as("f32"), wz.as("u8"), "f32", "u8", bias.as("i32")), nil)
	}
}

// A kernel that is 1 in one place moves the input, less its zero point.
func TestConvolveIsRight(t *testing.T) {
	var m meter
	x := codes(rand.New(rand.NewSource(1)), 1, 1, 5)
	s := sweep{{in: 5, kernel: 2, stride: 1, dilation: 2, begin: 1, end: 1}}
	shifted := m.shifted(x, tensor{nil, []float64{7}}, 0)
	y := m.convolve(tensor{[]int{1, 1, 2}, []float64{0, 1}}, 1, 1, 1, s, func(n, c int, window, tap []int) float64 {
		return shifted.get(append([]int{n, c}, s.at(window, tap)...)...)
	})
	near(t, "moved", y.v, []float64{x.v[1] - 7, x.v[2] - 7, x.v[3] - 7, x.v[4] - 7, 0})
	near(t, "requantised", m.requantise(tensor{nil, []float64{-9, 2.5, 300}}, 1, 1).v, []float64{0, 3, 255})
}

// matmul is numpy.matmul for operands of rank 2 and 3.
func (m *meter) matmul(a, b tensor) tensor {
	lead := func(x tensor) []int { return x.dims[:len(x.dims)-2] }
	matrix := func(x tensor, n int) []float64 {
		size := x.dims[len(x.dims)-2] * x.dims[len(x.dims)-1]
		if len(lead(x)) == 0 || x.dims[0] == 1 {
			n = 0
		}
		return x.v[n*size:]
	}
	rows, inner, cols, batch := a.dims[len(a.dims)-2], a.dims[len(a.dims)-1], b.dims[len(b.dims)-1], 1
	for _, d := range append(append([]int{}, lead(a)...), lead(b)...) {
		batch = max(batch, d)
	}
	y := zeros(batch, rows, cols)
	for n := range batch {
		left, right := matrix(a, n), matrix(b, n)
		odometer([]int{rows, cols}, func(at []int) {
			sum := 0.0
			for k := range inner {
				sum = m.muladd(sum, left[at[0]*inner+k], right[k*cols+at[1]])
			}
			y.set(sum, n, at[0], at[1])
		})
	}
	return y
}

func TestIntegerMatMulByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(12))
	for range 120 {
		rows, inner, cols := 1+r.Intn(4), 1+r.Intn(4), 1+r.Intn(4)
		a, b := codes(r, rows, inner), codes(r, inner, cols)
		if r.Intn(2) == 0 {
			a = codes(r, 3, rows, inner)
		}
		if r.Intn(2) == 0 {
			b = codes(r, []int{1, 3}[r.Intn(2)], inner, cols)
		}
		what := fmt.Sprint(a.dims, b.dims)
		var plain, m meter
		plain.matmul(a, b)
		plain.wants(t, "MatMulInteger "+what, costAt(t, "MatMulInteger", "", "i32", a.as("u8"), b.as("i8")), nil)
		y := m.matmul(m.shifted(a, codes(r), 0), m.shifted(b, codes(r), 0))
		m.wants(t, "MatMulInteger with zero points "+what, costAt(t, "MatMulInteger", "", "i32", a.as("u8"), b.as("i8"), "u8", "i8"), nil)
		m.requantise(y, 0.01, 3)
		m.wants(t, "QLinearMatMul "+what, costAt(t, "QLinearMatMul", "", "u8", a.as("u8"), "f32", "u8", b.as("i8"), "f32", "i8", "f32", "u8"), nil)
	}
	var m meter
	a, one := codes(r, 2, 3), tensor{[]int{3, 3}, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}}
	near(t, "times the identity", m.matmul(a, one).v, a.v)
}

// linear are the weights of the two elements around a place, of which the first is at
// base: the fraction, and what is left to 1.
func (m *meter) linear(place float64) (base int, weights []float64) {
	low := m.do(math.Floor(place))
	f := m.sub(place, low)
	return int(low), []float64{m.sub(1, f), f}
}

// interpolate weighs the elements from base on, one axis after the other.
func (m *meter) interpolate(x func(idx []int) float64, base []int, weights [][]float64) float64 {
	if len(weights) == 0 {
		return x(nil)
	}
	inner := func(k int) float64 {
		return m.interpolate(func(idx []int) float64 { return x(append([]int{base[0] + k}, idx...)) }, base[1:], weights[1:])
	}
	sum := m.mul(inner(0), weights[0][0])
	for k := 1; k < len(weights[0]); k++ {
		sum = m.add(sum, m.mul(inner(k), weights[0][k]))
	}
	return sum
}

// deformed is a convolution whose taps offsets move; mask may be empty.
func (m *meter) deformed(x, w, offset, mask tensor, group, offsetGroup int, s sweep) tensor {
	axes, taps := len(s), zeros(s.kernel()...)
	type place struct {
		base    []int
		weights [][]float64
	}
	places := map[string]place{} // shared by the channels of an offset group
	find := func(n, g int, window, tap []int) place {
		key := fmt.Sprint(n, g, window, tap)
		if _, ok := places[key]; !ok {
			var p place
			k, _ := taps.place(tap...)
			for i, at := range s.at(window, tap) {
				moved := m.add(float64(at), offset.get(append([]int{n, (g*len(taps.v)+k)*axes + i}, window...)...))
				base, weights := m.linear(moved)
				p.base, p.weights = append(p.base, base), append(p.weights, weights)
			}
			places[key] = p
		}
		return places[key]
	}
	return m.convolve(w, group, x.dims[0], x.dims[1], s, func(n, c int, window, tap []int) float64 {
		g := c / (x.dims[1] / offsetGroup)
		p := find(n, g, window, tap)
		v := m.interpolate(func(idx []int) float64 { return x.get(append([]int{n, c}, idx...)...) }, p.base, p.weights)
		if len(mask.v) > 0 {
			k, _ := taps.place(tap...)
			v = m.mul(v, mask.get(append([]int{n, g*len(taps.v) + k}, window...)...))
		}
		return v
	})
}

func TestDeformConvByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(13))
	for range 80 {
		s, group, offsetGroup := randomSweep(r, 1+r.Intn(2)), 1+r.Intn(2), 1+r.Intn(2)
		x := randomTensor(r, append([]int{1 + r.Intn(2), group * offsetGroup}, s.in()...)...)
		w := randomTensor(r, append([]int{group * (1 + r.Intn(2)), x.dims[1] / group}, s.kernel()...)...)
		taps := len(zeros(s.kernel()...).v) * offsetGroup
		offset := zeros(append([]int{x.dims[0], taps * len(s)}, s.out()...)...)
		mask := fill(func() float64 { return 1 }, append([]int{x.dims[0], taps}, s.out()...)...)
		in := []string{x.as("f32"), w.as("f32"), offset.as("f32"), "_", mask.as("f32")}
		if r.Intn(2) == 0 {
			mask, in = tensor{}, in[:3]
		}
		var m, plain meter
		y := m.deformed(x, w, offset, mask, group, offsetGroup, s)
		attrs := sweepAttrs(s, group) + fmt.Sprintf(" offset_group=%d", offsetGroup)
		what := strings.Join(append(in, attrs), " ")
		m.wants(t, "DeformConv "+what, costAt(t, "DeformConv", attrs, "f32", in...), nil)
		same := plain.convolve(w, group, x.dims[0], x.dims[1], s, func(n, c int, window, tap []int) float64 {
			return x.get(append([]int{n, c}, s.at(window, tap)...)...)
		})
		near(t, "not moved, "+what, y.v, same.v)
	}
}

// quantise is saturate(round(x / scale) + zero); a zero point may be absent.
func (m *meter) quantise(x, scale float64, zero *float64) float64 {
	v := m.round(m.div(x, scale))
	if zero != nil {
		v = m.whole(v + *zero)
	}
	return m.saturate(v)
}

func TestQuantizeByDoing(t *testing.T) {
	zero := 128.0
	var plain, with, back, backWith meter
	for i := range 24 {
		x, scale := float64(i)-12, 0.5
		plain.quantise(x, scale, nil)
		q := with.quantise(x, scale, &zero)
		back.mul(q, scale)
		if y := backWith.mul(backWith.whole(q-zero), scale); y != x {
			t.Errorf("%v comes back as %v", x, y)
		}
	}
	for _, scale := range []string{"[]", "[3]"} {
		plain.wants(t, "QuantizeLinear", costAt(t, "QuantizeLinear", "", "u8", "f32[2,3,4]", "f32"+scale), nil)
		with.wants(t, "QuantizeLinear with a zero point", costAt(t, "QuantizeLinear", "", "u8", "f32[2,3,4]", "f32"+scale, "u8"+scale), nil)
		back.wants(t, "DequantizeLinear", costAt(t, "DequantizeLinear", "", "f32", "u8[2,3,4]", "f32"+scale), nil)
		backWith.wants(t, "DequantizeLinear with a zero point", costAt(t, "DequantizeLinear", "", "f32", "u8[2,3,4]", "f32"+scale, "u8"+scale), nil)
	}
}

package ops

import (
	"fmt"
	"math"
	"math/rand"
	"testing"
)

// The loops of this file compute operators that multiply matrices in full: biases,
// gates, scores and activations too, as ONNX Operators.md reads.

// cell is one direction of a recurrent operator with a state of one sample. It has
// random weights, or zeros, which make its gates known.
type cell struct {
	w, r, b tensor // gates*hidden rows of the input's and of the state's weights, biases of both
	peep    bool
	hidden  int
}

// gate is row k of W x + R h and its two biases, if there are any.
func (m *meter) gate(c cell, k int, x, h []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum = m.muladd(sum, v, c.w.get(k, i))
	}
	for i, v := range h {
		sum = m.muladd(sum, v, c.r.get(k, i))
	}
	if len(c.b.v) > 0 {
		sum = m.add(m.add(sum, c.b.get(k)), c.b.get(k+c.w.dims[0]))
	}
	return sum
}

// lstm is a step: gates i, o, f, c; Ct = f.C + i.c, Ht = o.tanh(Ct).
func (m *meter) lstm(c cell, x, h, state []float64) (newH, newState []float64) {
	for u := range c.hidden {
		peep := func(v, at float64) float64 {
			if c.peep {
				return m.add(v, m.mul(0.5, at))
			}
			return v
		}
		row := func(g int) float64 { return m.gate(c, g*c.hidden+u, x, h) }
		i, f := m.sigmoid(peep(row(0), state[u])), m.sigmoid(peep(row(2), state[u]))
		next := m.add(m.mul(f, state[u]), m.mul(i, m.call(math.Tanh, row(3))))
		o := m.sigmoid(peep(row(1), next))
		newH, newState = append(newH, m.mul(o, m.call(math.Tanh, next))), append(newState, next)
	}
	return newH, newState
}

// gru is a step: gates z, r, h; Ht = (1 - z).h + z.H, the reset before the product with
// H, or after it.
func (m *meter) gru(c cell, x, h []float64, after bool) (out []float64) {
	reset, update := make([]float64, c.hidden), make([]float64, c.hidden)
	for u := range c.hidden {
		update[u], reset[u] = m.sigmoid(m.gate(c, u, x, h)), m.sigmoid(m.gate(c, c.hidden+u, x, h))
	}
	masked := make([]float64, c.hidden)
	for u := range masked {
		if masked[u] = h[u]; !after {
			masked[u] = m.mul(reset[u], h[u])
		}
	}
	for u := range c.hidden {
		v := 0.0
		if k := 2*c.hidden + u; after {
			inner := cell{w: c.w, r: c.r, hidden: c.hidden}
			v = m.gate(inner, k, x, nil)
			past := m.gate(inner, k, nil, h)
			if len(c.b.v) > 0 {
				v, past = m.add(v, c.b.get(k)), m.add(past, c.b.get(k+c.w.dims[0]))
			}
			v += m.mul(reset[u], past) // the sum of two products is one of their steps
		} else {
			v = m.gate(c, k, x, masked)
		}
		out = append(out, m.add(m.mul(m.sub(1, update[u]), m.call(math.Tanh, v)), m.mul(update[u], h[u])))
	}
	return out
}

func (m *meter) rnn(c cell, x, h []float64) (out []float64) {
	for u := range c.hidden {
		out = append(out, m.call(math.Tanh, m.gate(c, u, x, h)))
	}
	return out
}

// step runs the cell of an operator.
func (m *meter) step(name string, c cell, x, h, state []float64) (newH, newState []float64) {
	switch name {
	case "LSTM":
		return m.lstm(c, x, h, state)
	case "GRU":
		return m.gru(c, x, h, false), state
	case "GRU linear_before_reset=1":
		return m.gru(c, x, h, true), state
	}
	return m.rnn(c, x, h), state
}

func TestRecurrentByDoing(t *testing.T) {
	const seq, batch, input, hidden = 3, 2, 5, 4
	r := rand.New(rand.NewSource(71))
	for what, gates := range map[string]int{"LSTM": 4, "GRU": 3, "GRU linear_before_reset=1": 3, "RNN": 1} {
		for dirs, direction := range map[int]string{1: "reverse", 2: "bidirectional"} {
			for _, form := range []string{"plain", "biased", "peepholes"} {
				c := cell{w: randomTensor(r, gates*hidden, input), r: randomTensor(r, gates*hidden, hidden), hidden: hidden}
				in := []string{dims([]int{seq, batch, input}), dims([]int{dirs, gates * hidden, input}), dims([]int{dirs, gates * hidden, hidden})}
				if form != "plain" {
					c.b = randomTensor(r, 2*gates*hidden)
					in = append(in, dims([]int{dirs, 2 * gates * hidden}))
				}
				if c.peep = form == "peepholes"; c.peep && what == "LSTM" {
					in = append(in, "_", "_", "_", dims([]int{dirs, 3 * hidden}))
				}
				var m meter
				for range dirs * batch {
					h, state := make([]float64, hidden), make([]float64, hidden)
					for range seq {
						h, state = m.step(what, c, randomTensor(r, input).v, h, state)
					}
				}
				name, attrs := what, fmt.Sprintf("hidden_size=%d direction=%s", hidden, direction)
				if len(what) > 4 {
					name, attrs = what[:3], attrs+what[3:]
				}
				m.wants(t, what+" "+form, costAt(t, name, attrs, "f32", in...), nil)
			}
		}
	}
}

// With weights of zero every gate is a half and every new value 0.
func TestCellsAreRight(t *testing.T) {
	zero := cell{w: zeros(16, 5), r: zeros(16, 4), hidden: 4}
	x, ones := make([]float64, 5), []float64{1, 1, 1, 1}
	for what, want := range map[string]float64{"LSTM": 0.5 * math.Tanh(0.5), "GRU": 0.5, "GRU linear_before_reset=1": 0.5, "RNN": 0} {
		h, _ := (&meter{}).step(what, zero, x, ones, ones)
		near(t, what, h[:1], []float64{want})
	}
}

func TestGemmByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(72))
	a, b := randomTensor(r, 3, 4), randomTensor(r, 4, 5)
	for _, alpha := range []float64{1, 0.5} {
		for _, beta := range []float64{1, 2} {
			for _, c := range []tensor{{}, randomTensor(r, 5), randomTensor(r, 3, 1), randomTensor(r, 3, 5)} {
				var m meter
				y := m.matmul(a, b)
				if alpha != 1 {
					y.v = each1(y.v, func(v float64) float64 { return m.mul(alpha, v) })
				}
				in := []string{a.as("f32"), b.as("f32")}
				if len(c.v) > 0 {
					in = append(in, c.as("f32"))
					if beta != 1 {
						c.v = each1(c.v, func(v float64) float64 { return m.mul(beta, v) })
					}
					y.v = each1(y.v, func(v float64) float64 { return m.add(v, c.v[0]) })
				}
				attrs := fmt.Sprintf("alpha=%.1f beta=%.1f", alpha, beta)
				m.wants(t, fmt.Sprint("Gemm ", attrs, c.dims), costAt(t, "Gemm", attrs, "f32", in...), nil)
			}
		}
	}
	var m meter
	m.matmul(a, b)
	m.wants(t, "MatMul", costAt(t, "MatMul", "", "f32", a.as("f32"), b.as("f32")), nil)
}

func TestConvByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(73))
	for range 60 {
		s, group := randomSweep(r, 1+r.Intn(2)), 1+r.Intn(2)
		x := randomTensor(r, append([]int{1 + r.Intn(2), group * (1 + r.Intn(2))}, s.in()...)...)
		w := randomTensor(r, append([]int{group * (1 + r.Intn(3)), x.dims[1] / group}, s.kernel()...)...)
		var m meter
		y := m.convolve(w, group, x.dims[0], x.dims[1], s, func(n, c int, window, tap []int) float64 {
			return x.get(append([]int{n, c}, s.at(window, tap)...)...)
		})
		attrs := sweepAttrs(s, group)
		m.wants(t, "Conv "+attrs, costAt(t, "Conv", attrs, "f32", x.as("f32"), w.as("f32")), nil)
		for _, v := range y.v {
			m.add(v, 1)
		}
		m.wants(t, "Conv with bias "+attrs, costAt(t, "Conv", attrs, "f32", x.as("f32"), w.as("f32"), fmt.Sprintf("f32[%d]", w.dims[0])), nil)
	}
}

// transposed adds each input element times the kernel to the output, which has what is
// cut off around it.
func (m *meter) transposed(x, w tensor, s sweep) tensor {
	y := zeros(append([]int{x.dims[0], w.dims[1]}, s.sizes(func(a slide) int { return (a.in-1)*a.stride + a.span() })...)...)
	odometer(x.dims, func(at []int) {
		odometer(w.dims[1:], func(to []int) {
			place := []int{at[0], to[0]}
			for i, a := range s {
				place = append(place, at[2+i]*a.stride+to[1+i]*a.dilation)
			}
			y.set(m.muladd(y.get(place...), x.get(at...), w.get(append([]int{at[1]}, to...)...)), place...)
		})
	})
	return y
}

func TestConvTransposeByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(74))
	for range 40 {
		s := randomSweep(r, 1+r.Intn(2))
		for i := range s {
			s[i].begin, s[i].end = 0, 0
		}
		x := randomTensor(r, append([]int{1 + r.Intn(2), 1 + r.Intn(3)}, s.in()...)...)
		w := randomTensor(r, append([]int{x.dims[1], 1 + r.Intn(3)}, s.kernel()...)...)
		var m meter
		y := m.transposed(x, w, s)
		if x.dims[1] == 1 && w.dims[1] == 1 {
			near(t, "sum", []float64{sum(y.v)}, []float64{sum(x.v) * sum(w.v)})
		}
		for _, v := range y.v {
			m.add(v, 1)
		}
		attrs := windowAttrsOf(s)
		m.wants(t, "ConvTranspose "+attrs, costAt(t, "ConvTranspose", attrs, "f32", x.as("f32"), w.as("f32"), fmt.Sprintf("f32[%d]", w.dims[1])), nil)
	}
}

// attend is softmax(softcap(scale * q k^T) + mask) v of one head.
func (m *meter) attend(q, k, v tensor, softcap float64, masked bool) tensor {
	keys := zeros(k.dims[1], k.dims[0])
	odometer(k.dims, func(at []int) { keys.set(k.get(at...), at[1], at[0]) })
	scores := m.matmul(q, keys)
	for _, row := range scores.rows() {
		for i := range row {
			row[i] = m.mul(row[i], 0.5)
			if softcap != 0 {
				row[i] = m.mul(softcap, m.call(math.Tanh, m.div(row[i], softcap)))
			}
			if masked {
				row[i] = m.add(row[i], 0)
			}
		}
		copy(row, m.softmax(row))
	}
	return m.matmul(tensor{scores.dims[1:], scores.v}, v)
}

func TestAttentionByDoing(t *testing.T) {
	const batch, heads, rows = 2, 3, 4
	r := rand.New(rand.NewSource(75))
	for _, softcap := range []float64{0, 2} {
		for _, masked := range []bool{false, true} {
			for keys := 1; keys <= 5; keys += 4 {
				var m meter
				q, k, v := randomTensor(r, rows, 8), randomTensor(r, keys, 8), randomTensor(r, keys, 6)
				for range batch * heads {
					y := m.attend(q, k, v, softcap, masked)
					if keys == 1 {
						near(t, "the only value", y.v[:6], v.v)
					}
				}
				in := []string{"f32[2,3,4,8]", fmt.Sprintf("f32[2,3,%d,8]", keys), fmt.Sprintf("f32[2,3,%d,6]", keys)}
				if masked {
					in = append(in, fmt.Sprintf("f32[4,%d]", keys))
				}
				attrs := fmt.Sprintf("scale=0.5 softcap=%.1f", softcap)
				m.wants(t, fmt.Sprint("Attention ", attrs, keys, masked), costAt(t, "Attention", attrs, "f32", in...), nil)
			}
		}
	}
}

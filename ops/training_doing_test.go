package ops

import (
	"math"
	"strings"
	"testing"
)

// state is an element that an optimizer updates: itself, its gradient, and its moments.
type state struct{ x, g, v, h float64 }

// optimizers update elements as the pseudo code of ONNX's Operators.md does: a part
// once a call, that returns the rate, and a part for each element.
var optimizers = map[string]struct {
	attrs  string
	states int
	once   func(m *meter, step float64) float64
	each   func(m *meter, rate float64, s state) state
}{
	"Adagrad": {"", 1,
		func(m *meter, step float64) float64 { return m.div(0.1, m.add(1, m.mul(step, 0.01))) },
		func(m *meter, rate float64, s state) state {
			g := m.add(m.mul(0.001, s.x), s.g)
			h := m.add(s.h, m.mul(g, g))
			return state{x: m.sub(s.x, m.div(m.mul(rate, g), m.add(m.sqrt(h), 1e-6))), h: h}
		}},
	"Adam": {"", 2,
		func(m *meter, step float64) float64 {
			power := func(base float64) float64 { return m.call(func(t float64) float64 { return math.Pow(base, t) }, step) }
			adjusted := m.div(m.mul(0.1, m.sqrt(m.sub(1, power(0.999)))), m.sub(1, power(0.9)))
			return choose(m.less(0, step), adjusted, 0.1)
		},
		func(m *meter, rate float64, s state) state {
			g := m.add(m.mul(0.001, s.x), s.g)
			v := m.add(m.mul(0.9, s.v), m.mul(0.1, g))
			h := m.add(m.mul(0.999, s.h), m.mul(m.mul(0.001, g), g))
			x := m.sub(s.x, m.div(m.mul(rate, v), m.add(m.sqrt(h), 1e-6)))
			return state{x: m.mul(1-0.001, x), v: v, h: h}
		}},
	"Momentum": {"alpha=0.9 beta=1 mode=standard norm_coefficient=0.001", 1, firstStep,
		func(m *meter, beta float64, s state) state {
			v, _ := m.momentum(beta, s)
			return state{x: m.sub(s.x, m.mul(0.1, v)), v: v}
		}},
	"Momentum nesterov": {"alpha=0.9 beta=1 mode=nesterov norm_coefficient=0.001", 1, firstStep,
		func(m *meter, beta float64, s state) state {
			v, g := m.momentum(beta, s)
			return state{x: m.sub(s.x, m.mul(0.1, m.add(g, m.mul(0.9, v)))), v: v}
		}},
}

// firstStep takes all of the gradient in the first step.
func firstStep(m *meter, step float64) float64 { return choose(m.less(0, step), 0.5, 1) }

func (m *meter) momentum(beta float64, s state) (v, g float64) {
	g = m.add(m.mul(0.001, s.x), s.g)
	return m.add(m.mul(0.9, s.v), m.mul(beta, g)), g
}

func TestOptimizersByDoing(t *testing.T) {
	for what, o := range optimizers {
		var m meter
		rate := o.once(&m, 3)
		for range 2*3 + 5 {
			o.each(&m, rate, state{x: 1, g: 0.5, v: 0.25, h: 2})
		}
		in := "f32 i64" // two tensors, their gradients and states
		outs := "f32 f32"
		for i := range 2 + o.states {
			if in += " f32[2,3] f32[5]"; i > 1 {
				outs += " f32 f32"
			}
		}
		name := "ai.onnx.preview.training." + strings.Fields(what)[0]
		m.compare(t, what, costAt(t, name, o.attrs, outs, in))
	}
}

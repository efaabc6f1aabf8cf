package ops

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The tests of this file do the arithmetic of operators on small tensors, one
// operation at a time as the definition in ONNX Operators.md reads, count the
// operations and compare the counts with the cost rules.

// meter does arithmetic and counts it.
type meter struct{ mac, flop, cmp, exp, int int64 }

func (m *meter) do(v float64) float64     { m.flop++; return v }
func (m *meter) add(a, b float64) float64 { return m.do(a + b) }
func (m *meter) sub(a, b float64) float64 { return m.do(a - b) }
func (m *meter) mul(a, b float64) float64 { return m.do(a * b) }
func (m *meter) div(a, b float64) float64 { return m.do(a / b) }
func (m *meter) neg(a float64) float64    { return m.do(-a) }
func (m *meter) abs(a float64) float64    { return m.do(math.Abs(a)) }
func (m *meter) sqrt(a float64) float64   { return m.do(math.Sqrt(a)) }
func (m *meter) max(a, b float64) float64 { m.cmp++; return math.Max(a, b) }
func (m *meter) min(a, b float64) float64 { m.cmp++; return math.Min(a, b) }
func (m *meter) less(a, b float64) bool   { m.cmp++; return a < b }

// muladd is a step of a matrix product: sum + a*b.
func (m *meter) muladd(sum, a, b float64) float64 { m.mac++; return sum + a*b }

// whole is an operation on integers, indices or bits that gives v.
func (m *meter) whole(v float64) float64 { m.int++; return v }

// call is a transcendental function.
func (m *meter) call(f func(float64) float64, a float64) float64 { m.exp++; return f(a) }

func (m *meter) sigmoid(x float64) float64 {
	return m.div(1, m.add(1, m.call(math.Exp, m.neg(x))))
}

// choose takes both values: the convention is that every branch is computed.
func choose(cond bool, a, b float64) float64 {
	if cond {
		return a
	}
	return b
}

// activations are written from the formulas of the specification.
var activations = map[string]func(m *meter, x float64) float64{
	"Celu": func(m *meter, x float64) float64 {
		return m.add(m.max(0, x), m.min(0, m.mul(2, m.sub(m.call(math.Exp, m.div(x, 2)), 1))))
	},
	"Elu": func(m *meter, x float64) float64 {
		return choose(m.less(x, 0), m.mul(2, m.sub(m.call(math.Exp, x), 1)), x)
	},
	"Gelu": func(m *meter, x float64) float64 {
		return m.mul(m.mul(0.5, x), m.add(1, m.call(math.Erf, m.div(x, math.Sqrt2))))
	},
	`Gelu approximate="tanh"`: func(m *meter, x float64) float64 {
		cube := m.mul(m.mul(x, x), x)
		inner := m.mul(math.Sqrt(2/math.Pi), m.add(x, m.mul(0.044715, cube)))
		return m.mul(m.mul(0.5, x), m.add(1, m.call(math.Tanh, inner)))
	},
	"HardSigmoid": func(m *meter, x float64) float64 { return m.max(0, m.min(1, m.add(m.mul(0.2, x), 0.5))) },
	"HardSwish": func(m *meter, x float64) float64 {
		return m.mul(x, m.max(0, m.min(1, m.add(m.mul(1.0/6, x), 0.5))))
	},
	"LeakyRelu": func(m *meter, x float64) float64 { return choose(m.less(x, 0), m.mul(0.01, x), x) },
	"Mish": func(m *meter, x float64) float64 {
		return m.mul(x, m.call(math.Tanh, m.call(math.Log, m.add(1, m.call(math.Exp, x)))))
	},
	"Relu": func(m *meter, x float64) float64 { return m.max(0, x) },
	"Selu": func(m *meter, x float64) float64 {
		low := m.sub(m.mul(1.67, m.call(math.Exp, x)), 1.67)
		return m.mul(1.05, choose(m.less(x, 0), low, x))
	},
	"Shrink": func(m *meter, x float64) float64 {
		moved := m.add(x, 0.5) // x + bias or x - bias, never both
		return choose(m.less(x, -0.5), moved, choose(m.less(0.5, x), moved, 0))
	},
	"Sigmoid":         func(m *meter, x float64) float64 { return m.sigmoid(x) },
	"Softplus":        func(m *meter, x float64) float64 { return m.call(math.Log, m.add(m.call(math.Exp, x), 1)) },
	"Softsign":        func(m *meter, x float64) float64 { return m.div(x, m.add(1, m.abs(x))) },
	"Swish":           func(m *meter, x float64) float64 { return m.mul(x, m.sigmoid(m.mul(2, x))) },
	"ThresholdedRelu": func(m *meter, x float64) float64 { return choose(m.less(1, x), x, 0) },
}

// rowWork are operators that work on rows of elements along the last axis.
var rowWork = map[string]func(m *meter, x []float64){
	"Softmax":         func(m *meter, x []float64) { m.softmax(x) },
	"LogSoftmax":      func(m *meter, x []float64) { m.logSoftmax(x) },
	"Hardmax":         func(m *meter, x []float64) { m.fold(m.max, x) },
	"ArgMax":          func(m *meter, x []float64) { m.fold(m.max, x) },
	"ArgMin":          func(m *meter, x []float64) { m.fold(m.min, x) },
	"ReduceSum":       func(m *meter, x []float64) { m.fold(m.add, x) },
	"ReduceProd":      func(m *meter, x []float64) { m.fold(m.mul, x) },
	"ReduceMax":       func(m *meter, x []float64) { m.fold(m.max, x) },
	"ReduceMin":       func(m *meter, x []float64) { m.fold(m.min, x) },
	"ReduceMean":      func(m *meter, x []float64) { m.div(m.fold(m.add, x), float64(len(x))) },
	"ReduceL1":        func(m *meter, x []float64) { m.fold(m.add, each1(x, m.abs)) },
	"ReduceSumSquare": func(m *meter, x []float64) { m.fold(m.add, each1(x, m.square)) },
	"ReduceL2":        func(m *meter, x []float64) { m.sqrt(m.fold(m.add, each1(x, m.square))) },
	"ReduceLogSum":    func(m *meter, x []float64) { m.call(math.Log, m.fold(m.add, x)) },
	"ReduceLogSumExp": func(m *meter, x []float64) {
		m.call(math.Log, m.fold(m.add, each1(x, func(v float64) float64 { return m.call(math.Exp, v) })))
	},
	"CumSum":  func(m *meter, x []float64) { m.running(m.add, x) },
	"CumProd": func(m *meter, x []float64) { m.running(m.mul, x) },
}

func (m *meter) square(x float64) float64 { return m.mul(x, x) }

func each1(x []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = f(x[i])
	}
	return out
}

func (m *meter) fold(f func(a, b float64) float64, x []float64) float64 {
	out := x[0]
	for _, v := range x[1:] {
		out = f(out, v)
	}
	return out
}

func (m *meter) running(f func(a, b float64) float64, x []float64) {
	for i := 1; i < len(x); i++ {
		x[i] = f(x[i-1], x[i])
	}
}

func (m *meter) softmax(x []float64) []float64 {
	top := m.fold(m.max, x)
	e := each1(x, func(v float64) float64 { return m.call(math.Exp, m.sub(v, top)) })
	sum := m.fold(m.add, e)
	return each1(e, func(v float64) float64 { return m.div(v, sum) })
}

// logSoftmax subtracts the maximum once, and then the logarithm of the sum.
func (m *meter) logSoftmax(x []float64) []float64 {
	top := m.fold(m.max, x)
	shifted := each1(x, func(v float64) float64 { return m.sub(v, top) })
	log := m.call(math.Log, m.fold(m.add, each1(shifted, func(v float64) float64 { return m.call(math.Exp, v) })))
	return each1(shifted, func(v float64) float64 { return m.sub(v, log) })
}

// det is LU decomposition without pivoting.
func (m *meter) det(a [][]float64) float64 {
	for k := range a {
		for i := k + 1; i < len(a); i++ {
			f := m.div(a[i][k], a[k][k])
			for j := k + 1; j < len(a); j++ {
				a[i][j] = m.sub(a[i][j], m.mul(f, a[k][j]))
			}
		}
	}
	diag := make([]float64, len(a))
	for k := range a {
		diag[k] = a[k][k]
	}
	return m.fold(m.mul, diag)
}

// nll is the negative log-likelihood of n targets among classes.
func (m *meter) nll(n int, weighted, ignores bool, reduction string) {
	losses, weights := make([]float64, n), make([]float64, n)
	for i := range losses {
		if ignores {
			m.cmp++ // target == ignore_index
		}
		losses[i], weights[i] = m.neg(1.5), 2
		if weighted {
			losses[i] = m.mul(losses[i], weights[i])
		}
	}
	if reduction == "none" {
		return
	}
	sum := m.fold(m.add, losses)
	switch {
	case reduction == "mean" && weighted:
		m.div(sum, m.fold(m.add, weights))
	case reduction == "mean":
		m.div(sum, float64(n))
	}
}

// costIn is the cost of the newest entry of an ai.onnx operator with one output.
func costIn(t *testing.T, name, in, attrs string) Cost {
	t.Helper()
	return costOf(t, name, "", attrs, Options{}, "", in)
}

func (m *meter) compare(t *testing.T, what string, c Cost) {
	t.Helper()
	want := Cost{graph.Int(m.mac), graph.Int(m.flop), graph.Int(m.cmp), graph.Int(m.exp), graph.Int(m.int)}
	if fmt.Sprint(c) != fmt.Sprint(want) {
		t.Errorf("%s costs %v, doing it %v", what, c, want)
	}
}

func TestActivationsByDoing(t *testing.T) {
	for what, f := range activations {
		name, attrs, _ := strings.Cut(what, " ")
		var m meter
		for i := range 24 {
			f(&m, float64(i-12)/3)
		}
		m.compare(t, what, costIn(t, name, "f32[2,3,4]", attrs))
	}
}

func TestGatesByDoing(t *testing.T) {
	gates := map[string]func(m *meter, a, b float64){
		"SwiGLU": func(m *meter, a, b float64) { m.mul(m.mul(a, m.sigmoid(m.mul(2, a))), b) },
		"PRelu":  func(m *meter, a, b float64) { _ = choose(m.less(a, 0), m.mul(a, b), a) },
	}
	for name, f := range gates {
		var m meter
		for i := range 24 {
			f(&m, float64(i), 2)
		}
		m.compare(t, name, costIn(t, name, "f32[2,3,4] f32[2,3,4]", ""))
	}
}

func TestRowsByDoing(t *testing.T) {
	for name, f := range rowWork {
		for _, length := range []int{1, 2, 7} {
			var m meter
			for range 6 {
				x := make([]float64, length)
				f(&m, x)
			}
			in, attrs := fmt.Sprintf("f32[2,3,%d]", length), ""
			switch {
			case strings.HasPrefix(name, "Reduce"):
				in += " i64[1]={-1}"
			case strings.HasPrefix(name, "Cum"):
				in += " i64={2}"
			case strings.HasPrefix(name, "Arg"):
				attrs = "axis=-1"
			}
			m.compare(t, name+" "+in, costIn(t, name, in, attrs))
		}
	}
}

func TestDetByDoing(t *testing.T) {
	for order := 1; order <= 6; order++ {
		var m meter
		for range 3 {
			a := make([][]float64, order)
			for i := range a {
				a[i] = make([]float64, order)
				a[i][i] = 1
			}
			m.det(a)
		}
		m.compare(t, fmt.Sprint("Det of order ", order), costIn(t, "Det", fmt.Sprintf("f32[3,%d,%d]", order, order), ""))
	}
}

func TestLossesByDoing(t *testing.T) {
	for _, reduction := range []string{"none", "sum", "mean"} {
		for _, weighted := range []bool{false, true} {
			in, attrs := "f32[2,5,3] i64[2,3]", fmt.Sprintf("reduction=%q", reduction)
			if weighted {
				in += " f32[5]"
			}
			var m meter
			m.nll(6, weighted, true, reduction)
			m.compare(t, "NegativeLogLikelihoodLoss "+attrs, costIn(t, "NegativeLogLikelihoodLoss", in, attrs+" ignore_index=1"))
			m = meter{}
			for range 6 {
				m.logSoftmax(make([]float64, 5))
			}
			m.nll(6, weighted, false, reduction)
			m.compare(t, "SoftmaxCrossEntropyLoss "+attrs, costIn(t, "SoftmaxCrossEntropyLoss", in, attrs))
		}
	}
}

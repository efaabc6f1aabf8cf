package ops

import (
	"math"
	"testing"
)

func also(m *meter, f func(m *meter)) float64 { f(m); return 0 }

// pairWork is what operators of two operands do for each element of the broadcast output.
var pairWork = map[string]func(m *meter, a, b float64) float64{
	"Add": (*meter).add, "Sub": (*meter).sub, "Mul": (*meter).mul, "Div": (*meter).div, "Max": (*meter).max, "Min": (*meter).min,
	"Sum":            (*meter).add,
	"Mean":           func(m *meter, a, b float64) float64 { return m.div(m.add(a, b), 2) },
	"Pow":            func(m *meter, a, b float64) float64 { m.exp++; return math.Pow(a, b) },
	"Equal":          func(m *meter, a, b float64) float64 { return also(m, func(m *meter) { m.cmp++ }) },
	"Greater":        func(m *meter, a, b float64) float64 { return also(m, func(m *meter) { m.less(b, a) }) },
	"Less":           func(m *meter, a, b float64) float64 { return also(m, func(m *meter) { m.less(a, b) }) },
	"GreaterOrEqual": func(m *meter, a, b float64) float64 { return also(m, func(m *meter) { m.less(b, a) }) },
	"LessOrEqual":    func(m *meter, a, b float64) float64 { return also(m, func(m *meter) { m.less(a, b) }) },
}

// singleWork is what operators of one operand do for each element.
var singleWork = map[string]func(m *meter, a float64) float64{
	"Abs": (*meter).abs, "Neg": (*meter).neg, "Sqrt": (*meter).sqrt,
	"Reciprocal": func(m *meter, a float64) float64 { return m.div(1, a) },
	"Ceil":       func(m *meter, a float64) float64 { return m.do(math.Ceil(a)) },
	"Floor":      func(m *meter, a float64) float64 { return m.do(math.Floor(a)) },
	"Round":      func(m *meter, a float64) float64 { return m.do(math.RoundToEven(a)) },
}

// callWork are the operators that call one function of the library for each element.
var callWork = map[string]func(float64) float64{
	"Acos": math.Acos, "Acosh": math.Acosh, "Asin": math.Asin, "Asinh": math.Asinh, "Atan": math.Atan, "Atanh": math.Atanh, "Cos": math.Cos,
	"Cosh": math.Cosh, "Erf": math.Erf, "Exp": math.Exp, "Log": math.Log, "Sin": math.Sin, "Sinh": math.Sinh, "Tan": math.Tan, "Tanh": math.Tanh,
}

// TestElementsByDoing walks the outputs of elementwise operators, also where one or both
// operands are broadcast.
func TestElementsByDoing(t *testing.T) {
	for name, f := range singleWork {
		var m meter
		odometer([]int{2, 3, 4}, func([]int) { f(&m, 2) })
		m.compare(t, name, costIn(t, name, "f32[2,3,4]", ""))
	}
	for name, f := range callWork {
		var m meter
		odometer([]int{2, 3, 4}, func([]int) { m.call(f, 0.5) })
		m.compare(t, name, costIn(t, name, "f32[2,3,4]", ""))
	}
	for name, f := range pairWork {
		for in, out := range map[string][]int{"f32[2,3,4] f32[2,3,4]": {2, 3, 4}, "f32[4] f32[2,3,1]": {2, 3, 4}, "f32 f32[5]": {5}} {
			var m meter
			odometer(out, func([]int) { f(&m, 3, 2) })
			m.compare(t, name+" "+in, costIn(t, name, in, ""))
		}
	}
}

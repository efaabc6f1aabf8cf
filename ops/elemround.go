package ops

import (
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// More arithmetic on elements: remainders, powers, extremes and rounding.

// modElem is the remainder with the sign of the divisor (fmod = 0).
func modElem(d graph.DType, x, y Elem) Elem {
	a, b, ok := intPair(d, x, y)
	if !ok || d.IsFloat() {
		return Elem{}
	}
	m, ok := a.Mod(b)
	if !ok {
		return Elem{}
	}
	return intElem(d, m)
}

// fmodElem is the remainder with the sign of the dividend (fmod = 1).
func fmodElem(d graph.DType, x, y Elem) Elem {
	if d.IsFloat() {
		if a, b, ok := floatPair(x, y); ok {
			return floatElem(d, math.Mod(a, b))
		}
		return Elem{}
	}
	q := divElem(d, x, y)
	return subElem(d, x, mulElem(d, q, y))
}

// powElem raises x, of type d, to y, which may be of another type.
func powElem(d graph.DType, x, y Elem) Elem {
	if a, b, ok := floatPair(x, y); ok {
		return constPow(d, a, b)
	}
	n, ok := y.Float()
	if !ok || n != math.Trunc(n) || n < 0 || n > 8 {
		return Elem{}
	}
	out := IntElem(graph.Int(1))
	if d.IsFloat() {
		out = FloatElem(1)
	}
	for range int(n) {
		out = mulElem(d, out, x)
	}
	return out
}

// constPow keeps powers that every library computes exactly: integers of integers
// and square roots of squares.
func constPow(d graph.DType, a, b float64) Elem {
	r := math.Pow(a, b)
	if d.IsFloat() {
		root := b == 0.5 && r*r == a
		if a != math.Trunc(a) || b != math.Trunc(b) && !root || r != math.Trunc(r) || math.Abs(r) >= 1<<24 {
			return Elem{}
		}
		return floatElem(d, r)
	}
	if math.IsNaN(r) || math.Abs(r) >= 1<<53 {
		return Elem{}
	}
	return intElem(d, graph.Int(int64(r)))
}

func minElem(d graph.DType, x, y Elem) Elem { return pickElem(d, x, y, math.Min, graph.Dim.Min) }

func maxElem(d graph.DType, x, y Elem) Elem { return pickElem(d, x, y, math.Max, graph.Dim.Max) }

func pickElem(d graph.DType, x, y Elem, f func(a, b float64) float64, g func(a, b graph.Dim) graph.Dim) Elem {
	if !d.IsFloat() {
		a, b, ok := intPair(d, x, y)
		if !ok {
			return Elem{}
		}
		return intElem(d, g(a, b))
	}
	if a, b, ok := floatPair(x, y); ok {
		return floatElem(d, f(a, b))
	}
	a, k, b, m, ok := ratioPair(x, y)
	if !ok {
		return Elem{}
	}
	return realElem(d, g(a.MulInt(m), b.MulInt(k)), k*m)
}

// rounding makes a rule of a rounding of constants and one of v/k for symbols.
func rounding(f func(float64) float64, g func(v graph.Dim, k int64) graph.Dim) unaryFn {
	return func(d graph.DType, x Elem) Elem {
		if c, ok := x.Float(); ok {
			return floatElem(d, f(c))
		}
		v, k, ok := x.Ratio()
		if !ok || !x.Known() {
			return Elem{}
		}
		return realElem(d, g(v, k), 1)
	}
}

var (
	floorElem = rounding(math.Floor, graph.Dim.MustFloorDiv)
	ceilElem  = rounding(math.Ceil, func(v graph.Dim, k int64) graph.Dim { return v.CeilDiv(graph.Int(k)) })
	roundElem = rounding(math.RoundToEven, roundHalfEven)
)

// roundHalfEven returns v/k rounded to the nearest integer, halves to the even one.
func roundHalfEven(v graph.Dim, k int64) graph.Dim {
	if k%2 == 1 { // no halves
		return v.MulInt(2).AddInt(k).MustFloorDiv(2 * k)
	}
	// The result steps up just above each even half and at each odd one.
	h := k / 2
	return v.AddInt(2*k - h - 1).MustFloorDiv(2 * k).Add(v.AddInt(k - h).MustFloorDiv(2 * k))
}

func absElem(d graph.DType, x Elem) Elem {
	return bySign(x, func() Elem { return negElem(d, x) }, x)
}

func signElem(d graph.DType, x Elem) Elem {
	one := func(k int64) Elem {
		if d.IsFloat() {
			return FloatElem(float64(k))
		}
		return IntElem(graph.Int(k))
	}
	switch c := compareZero(x); {
	case c.less:
		return one(-1)
	case c.equal:
		return one(0)
	case c.greater:
		return one(1)
	}
	return Elem{}
}

// bySign returns pos when x is not negative, neg() when it is not positive.
func bySign(x Elem, neg func() Elem, pos Elem) Elem {
	v, _, ok := x.Ratio()
	if f, isConst := x.Float(); isConst {
		if f < 0 {
			return neg()
		}
		return pos
	}
	if s, known := sign(v); ok && known && x.Known() {
		if s < 0 {
			return neg()
		}
		return pos
	}
	return Elem{}
}

// order3 says which of three relations is certain.
type order3 struct{ less, equal, greater bool }

func compareZero(x Elem) order3 {
	if f, ok := x.Float(); ok {
		return order3{f < 0, f == 0, f > 0}
	}
	v, _, ok := x.Ratio()
	if !ok || !x.Known() {
		return order3{}
	}
	lo, hasLo := v.Lower()
	hi, hasHi := v.Upper()
	return order3{less: hasHi && hi < 0, equal: v.IsZero(), greater: hasLo && lo > 0}
}

// floatFn makes a rule of a function of constants.
func floatFn(f func(float64) float64) unaryFn {
	return func(d graph.DType, x Elem) Elem {
		if c, ok := x.Float(); ok && d.IsFloat() {
			return floatElem(d, f(c))
		}
		return Elem{}
	}
}

package ops

import (
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Arithmetic on the elements of small tensors, as a run would do it. d is the
// element type of the operands. What is not certain to be what a run computes is
// not known: an integer past its type, a 16-bit float that needs rounding, a
// symbolic quotient whose sign is open. Symbolic floats are taken for exact, which
// holds for sizes below 2^22.

type unaryFn func(d graph.DType, x Elem) Elem
type binaryFn func(d graph.DType, x, y Elem) Elem

// maxRatio bounds the divisor of symbolic floats.
const maxRatio = 4096

// intElem keeps an integer result that type d holds. An int64 that
// overflows is kept as it is, so that the pass refuses the node.
func intElem(d graph.DType, v graph.Dim) Elem {
	if k, ok := v.Const(); ok {
		if !inRange(d, k) {
			return Elem{}
		}
		return IntElem(v)
	}
	if v.IsConst() && d == graph.Int64 {
		return IntElem(v)
	}
	lo, known := v.Lower()
	if v.Wide() || v.HasUnknown() || d.IsUnsigned() && (!known || lo < 0) {
		return Elem{}
	}
	return IntElem(v)
}

// inRange reports whether integer type d holds k.
func inRange(d graph.DType, k int64) bool {
	bits := d.Bits()
	switch {
	case d == graph.Bool:
		return k == 0 || k == 1
	case d.IsUnsigned():
		return k >= 0 && (bits >= 63 || k < 1<<bits)
	case bits >= 64:
		return true
	}
	return k >= -(1<<(bits-1)) && k < 1<<(bits-1)
}

// intPair returns two integer elements as Dims. A uint64 past int64 is not followed.
func intPair(d graph.DType, x, y Elem) (a, b graph.Dim, ok bool) {
	a, okA := x.Dim()
	b, okB := y.Dim()
	if d == graph.Uint64 && (negative(a) || negative(b)) {
		return a, b, false
	}
	return a, b, okA && okB && x.Known() && y.Known() && !a.Wide() && !b.Wide()
}

func negative(d graph.Dim) bool { k, ok := d.Const(); return ok && k < 0 }

// floatPair returns two constant elements as floats.
func floatPair(x, y Elem) (a, b float64, ok bool) {
	a, okA := x.Float()
	b, okB := y.Float()
	return a, b, okA && okB
}

// floatElem keeps a float result at the precision of d.
func floatElem(d graph.DType, f float64) Elem {
	switch d {
	case graph.Float32, graph.Float64:
		return FloatElem(roundTo(d, f))
	case graph.Float16, graph.BFloat16:
		if exactIn(d, f) {
			return FloatElem(f)
		}
	}
	return Elem{}
}

// exactIn reports whether a 16-bit float type holds f as it is.
func exactIn(d graph.DType, f float64) bool {
	if f == 0 || f != f || math.IsInf(f, 0) {
		return true
	}
	digits, minExp, most := 11, -24, 65504.0
	if d == graph.BFloat16 {
		digits, minExp, most = 8, -133, 0x1.fep127
	}
	_, e := math.Frexp(f)
	unit := math.Ldexp(1, max(e-digits, minExp))
	return math.Abs(f) <= most && f/unit == math.Trunc(f/unit)
}

// realElem is the real number v/k of type d, in lowest terms as far as is cheap.
func realElem(d graph.DType, v graph.Dim, k int64) Elem {
	if v.Wide() || v.HasUnknown() || k < 1 || k > maxRatio {
		return Elem{}
	}
	if c, ok := v.Const(); ok {
		return floatElem(d, float64(c)/float64(k))
	}
	if d != graph.Float32 && d != graph.Float64 {
		return Elem{}
	}
	if q, ok := exactQuotient(v, graph.Int(k)); ok {
		return RatioElem(q, 1)
	}
	for k%2 == 0 {
		q, ok := exactQuotient(v, graph.Int(2))
		if !ok {
			break
		}
		v, k = q, k/2
	}
	return RatioElem(v, k)
}

// exactQuotient returns a/b when b divides a for every value of the symbols.
func exactQuotient(a, b graph.Dim) (graph.Dim, bool) {
	q, ok := a.FloorDiv(b)
	return q, ok && q.Mul(b).Equal(a)
}

// ratioPair returns two real elements as Dims over constants.
func ratioPair(x, y Elem) (a graph.Dim, k int64, b graph.Dim, m int64, ok bool) {
	a, k, okA := x.Ratio()
	b, m, okB := y.Ratio()
	return a, k, b, m, okA && okB && x.Known() && y.Known()
}

// odd returns the largest odd divisor of k > 0. A ratio over a power of two is
// exact in binary floating point; one over an odd number is rounded, but is exact
// wherever it is an integer, which is all that rounding to integers needs.
func odd(k int64) int64 {
	for k%2 == 0 {
		k /= 2
	}
	return k
}

func addElem(d graph.DType, x, y Elem) Elem {
	if !d.IsFloat() {
		a, b, ok := intPair(d, x, y)
		if !ok {
			return Elem{}
		}
		return intElem(d, a.Add(b))
	}
	if a, b, ok := floatPair(x, y); ok {
		return floatElem(d, a+b)
	}
	a, k, b, m, ok := ratioPair(x, y)
	if !ok || odd(k) != 1 && odd(m) != 1 {
		return Elem{}
	}
	return realElem(d, a.MulInt(m).Add(b.MulInt(k)), k*m)
}

func negElem(d graph.DType, x Elem) Elem {
	if !d.IsFloat() {
		v, ok := x.Dim()
		if !ok {
			return Elem{}
		}
		return intElem(d, v.Neg())
	}
	if f, ok := x.Float(); ok {
		return floatElem(d, -f)
	}
	if v, k, ok := x.Ratio(); ok {
		return realElem(d, v.Neg(), k)
	}
	return Elem{}
}

func subElem(d graph.DType, x, y Elem) Elem {
	if !d.IsFloat() {
		a, b, ok := intPair(d, x, y)
		if !ok {
			return Elem{}
		}
		return intElem(d, a.Sub(b))
	}
	return addElem(d, x, negElem(d, y))
}

func mulElem(d graph.DType, x, y Elem) Elem {
	if !d.IsFloat() {
		a, b, ok := intPair(d, x, y)
		if !ok {
			return zeroProduct(x, y)
		}
		return intElem(d, a.Mul(b))
	}
	if a, b, ok := floatPair(x, y); ok {
		return floatElem(d, a*b)
	}
	a, k, b, m, ok := ratioPair(x, y)
	if !ok || !exactFactor(b, odd(k)) || !exactFactor(a, odd(m)) {
		return Elem{}
	}
	return realElem(d, a.Mul(b), k*m)
}

// zeroProduct is 0 when one factor is, whatever the other is.
func zeroProduct(x, y Elem) Elem {
	for _, e := range []Elem{x, y} {
		if k, ok := e.Int(); ok && k == 0 {
			return e
		}
	}
	return Elem{}
}

// exactFactor reports whether a ratio over the odd number k may be multiplied by
// v: k is 1, or v is a constant prime to k, so that the product is an integer only
// where the ratio is.
func exactFactor(v graph.Dim, k int64) bool {
	c, ok := v.Const()
	for ok && c != 0 {
		c, k = k%c, c
	}
	return k == 1 || ok && k == -1
}

// divElem divides; integers truncate toward zero.
func divElem(d graph.DType, x, y Elem) Elem {
	if !d.IsFloat() {
		a, b, ok := intPair(d, x, y)
		if !ok {
			return Elem{}
		}
		return truncDiv(d, a, b)
	}
	if a, b, ok := floatPair(x, y); ok {
		return floatElem(d, a/b)
	}
	a, k, b, m, ok := ratioPair(x, y)
	if !ok {
		return Elem{}
	}
	c, isConst := b.Const()
	switch {
	case isConst && c > 0 && c <= maxRatio:
		return realElem(d, a.MulInt(m), k*c)
	case isConst && c < 0 && c >= -maxRatio:
		return realElem(d, a.MulInt(-m), -k*c)
	case isConst || odd(k) != 1 || odd(m) != 1:
		return Elem{}
	}
	if q, exact := exactQuotient(a.MulInt(m), b.MulInt(k)); exact && nonZero(b) { // 0/0 is not a number
		return realElem(d, q, 1)
	}
	return Elem{}
}

// nonZero reports whether v is certainly not 0.
func nonZero(v graph.Dim) bool {
	lo, hasLo := v.Lower()
	hi, hasHi := v.Upper()
	return hasLo && lo > 0 || hasHi && hi < 0
}

// truncDiv divides integers where the sign of the quotient is known.
func truncDiv(d graph.DType, a, b graph.Dim) Elem {
	if b.IsZero() {
		panic(invalid{err: graph.Errorf("integer division by zero")})
	}
	if q, ok := exactQuotient(a, b); ok {
		return intElem(d, q)
	}
	sa, okA := sign(a)
	sb, okB := sign(b)
	if !okA || !okB {
		return Elem{}
	}
	q, ok := a.MulInt(sa).FloorDiv(b.MulInt(sb))
	if !ok {
		return Elem{}
	}
	return intElem(d, q.MulInt(sa*sb))
}

// sign returns 1 for v >= 0 and -1 for v <= 0; ok is false when neither is certain.
func sign(v graph.Dim) (int64, bool) {
	if lo, ok := v.Lower(); ok && lo >= 0 {
		return 1, true
	}
	if hi, ok := v.Upper(); ok && hi <= 0 {
		return -1, true
	}
	return 0, false
}

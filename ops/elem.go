package ops

import (
	"math"
	"strconv"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Elem is one element of a small tensor whose value matters for shapes: an
// integer that may be symbolic, a float, a ratio of a symbolic integer, a string,
// or not known. The zero value is not known.
type Elem struct {
	kind elemKind
	dim  graph.Dim // of integers and ratios
	f    float64   // of floats; the divisor of ratios
	s    string
}

type elemKind uint8

const (
	elemUnknown elemKind = iota
	elemInt
	elemFloat
	elemRatio // dim / f, f a positive integer
	elemString
	elemOverflow // an integer that no integer type holds: an error where a shape needs it
)

// IntElem returns an integer element; booleans are 0 and 1.
func IntElem(d graph.Dim) Elem { return Elem{kind: elemInt, dim: d} }

// BoolElem returns a boolean element.
func BoolElem(b bool) Elem {
	if b {
		return IntElem(graph.Int(1))
	}
	return IntElem(graph.Int(0))
}

// FloatElem returns a float element.
func FloatElem(f float64) Elem { return Elem{kind: elemFloat, f: f} }

// StringElem returns a string element.
func StringElem(s string) Elem { return Elem{kind: elemString, s: s} }

// RatioElem returns the real number d/k of a symbolic integer.
func RatioElem(d graph.Dim, k int64) Elem {
	if c, ok := d.Const(); ok {
		return FloatElem(float64(c) / float64(k))
	}
	return Elem{kind: elemRatio, dim: d, f: float64(k)}
}

// Known reports whether the element's value is known, symbolically or not.
func (e Elem) Known() bool { return e.kind != elemUnknown && !e.dim.HasUnknown() }

// Dim returns an integer element.
func (e Elem) Dim() (graph.Dim, bool) { return e.dim, e.kind == elemInt }

// Int returns a constant integer element.
func (e Elem) Int() (int64, bool) {
	if e.kind != elemInt {
		return 0, false
	}
	return e.dim.Const()
}

// Float returns a constant element as a float.
func (e Elem) Float() (float64, bool) {
	switch e.kind {
	case elemFloat:
		return e.f, true
	case elemInt:
		k, ok := e.dim.Const()
		return float64(k), ok
	}
	return 0, false
}

// Ratio returns a real element as a symbolic integer over a positive constant.
func (e Elem) Ratio() (d graph.Dim, k int64, ok bool) {
	switch e.kind {
	case elemInt:
		return e.dim, 1, true
	case elemRatio:
		return e.dim, int64(e.f), true
	case elemFloat:
		for k := int64(1); k <= 1024; k *= 2 { // exact binary fractions only
			if v := e.f * float64(k); v == math.Trunc(v) && math.Abs(v) < 1<<52 {
				return graph.Int(int64(v)), k, true
			}
		}
	}
	return graph.Dim{}, 0, false
}

// Str returns a string element.
func (e Elem) Str() (string, bool) { return e.s, e.kind == elemString }

// IsConst reports whether the element is a known constant.
func (e Elem) IsConst() bool {
	switch e.kind {
	case elemFloat, elemString:
		return true
	case elemInt:
		return e.dim.IsConst()
	}
	return false
}

// String prints the element for documentation and for memoisation keys.
func (e Elem) String() string {
	switch e.kind {
	case elemInt:
		return e.dim.String()
	case elemFloat:
		return strconv.FormatFloat(e.f, 'g', -1, 64)
	case elemRatio:
		return "(" + e.dim.String() + ")/" + strconv.FormatFloat(e.f, 'g', -1, 64)
	case elemString:
		return strconv.Quote(e.s)
	}
	return "?"
}

// IntElems makes integer elements.
func IntElems(ds ...graph.Dim) []Elem {
	out := make([]Elem, len(ds))
	for i, d := range ds {
		out[i] = IntElem(d)
	}
	return out
}

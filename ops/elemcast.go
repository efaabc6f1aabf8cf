package ops

import (
	"math"
	"strconv"

	"github.com/onnxmeter/onnxmeter/graph"
)

// castElem converts an element between types as Cast does: floats truncate toward
// zero, integers wrap, numbers print and parse. What the specification leaves
// open (a float past the integer type) is not known.
func castElem(from, to graph.DType, x Elem) Elem {
	switch {
	case !x.Known() || to.IsComplex():
		return Elem{}
	case from == to:
		return x
	case to == graph.String:
		return castToString(from, x)
	case from == graph.String:
		return castFromString(to, x)
	case to == graph.Bool:
		return castToBool(x)
	case to.IsFloat():
		return castToFloat(to, x)
	case to.IsInt():
		return castToInt(from, to, x)
	}
	return Elem{}
}

func castToBool(x Elem) Elem {
	c := compareZero(x)
	switch {
	case c.less || c.greater:
		return BoolElem(true)
	case c.equal:
		return BoolElem(false)
	}
	if f, ok := x.Float(); ok && f != f { // NaN is not zero
		return BoolElem(true)
	}
	return Elem{}
}

func castToFloat(to graph.DType, x Elem) Elem {
	if f, ok := x.Float(); ok {
		return floatElem(to, f)
	}
	if v, k, ok := x.Ratio(); ok {
		return realElem(to, v, k)
	}
	return Elem{}
}

func castToInt(from, to graph.DType, x Elem) Elem {
	if !from.IsFloat() {
		v, ok := x.Dim()
		if k, isConst := v.Const(); ok && isConst && (k >= 0 || to != graph.Uint64) {
			return IntElem(graph.Int(wrap(to, k)))
		}
		if !ok {
			return Elem{}
		}
		return intElem(to, v)
	}
	if f, ok := x.Float(); ok {
		k, ok := floatToInt(f)
		if !ok {
			return Elem{}
		}
		return intElem(to, graph.Int(k))
	}
	v, k, ok := x.Ratio()
	if s, known := sign(v); ok && known {
		return intElem(to, v.MulInt(s).MustFloorDiv(k).MulInt(s))
	}
	return Elem{}
}

// wrap keeps the low bits of k, as a conversion between integer types does.
func wrap(to graph.DType, k int64) int64 {
	shift := 64 - to.Bits()
	if shift <= 0 || shift >= 64 {
		return k
	}
	if to.IsUnsigned() {
		return int64(uint64(k) << shift >> shift)
	}
	return k << shift >> shift
}

func castToString(from graph.DType, x Elem) Elem {
	if k, ok := x.Int(); ok && from.IsInt() && from != graph.Uint64 {
		return StringElem(strconv.FormatInt(k, 10))
	}
	return Elem{}
}

func castFromString(to graph.DType, x Elem) Elem {
	s, ok := x.Str()
	if !ok {
		return Elem{}
	}
	if to.IsInt() {
		k, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return Elem{}
		}
		return intElem(to, graph.Int(k))
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return Elem{}
	}
	return floatElem(to, f)
}

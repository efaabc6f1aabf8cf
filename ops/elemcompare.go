package ops

import "github.com/onnxmeter/onnxmeter/graph"

// Comparisons and logic on elements. A symbolic comparison is decided by the
// bounds of the difference, where they suffice.

// truth is a boolean that may be open.
type truth uint8

const (
	open truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) elem() Elem {
	switch t {
	case yes:
		return BoolElem(true)
	case no:
		return BoolElem(false)
	}
	return Elem{}
}

func truthElem(x Elem) truth {
	if k, ok := x.Int(); ok {
		return truthOf(k != 0)
	}
	return open
}

// difference returns y - x times a positive constant.
func difference(d graph.DType, x, y Elem) (graph.Dim, bool) {
	if !d.IsFloat() {
		a, b, ok := intPair(d, x, y)
		return b.Sub(a), ok
	}
	a, k, b, m, ok := ratioPair(x, y)
	return b.MulInt(k).Sub(a.MulInt(m)), ok
}

func less(d graph.DType, x, y Elem) truth {
	if a, b, ok := floatPair(x, y); ok && d.IsFloat() {
		return truthOf(a < b)
	}
	diff, ok := difference(d, x, y)
	if !ok {
		return open
	}
	if lo, known := diff.Lower(); known && lo > 0 {
		return yes
	}
	if hi, known := diff.Upper(); known && hi <= 0 {
		return no
	}
	return open
}

func equal(d graph.DType, x, y Elem) truth {
	if a, ok := x.Str(); ok {
		if b, ok := y.Str(); ok {
			return truthOf(a == b)
		}
	}
	if a, b, ok := floatPair(x, y); ok && d.IsFloat() {
		return truthOf(a == b)
	}
	diff, ok := difference(d, x, y)
	switch lo, known := diff.Lower(); {
	case !ok:
		return open
	case diff.IsZero():
		return yes
	case known && lo > 0:
		return no
	}
	if hi, known := diff.Upper(); known && hi < 0 {
		return no
	}
	return open
}

func not(t truth) truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return open
}

func lessElem(d graph.DType, x, y Elem) Elem    { return less(d, x, y).elem() }
func greaterElem(d graph.DType, x, y Elem) Elem { return less(d, y, x).elem() }
func equalElem(d graph.DType, x, y Elem) Elem   { return equal(d, x, y).elem() }

// lessEqualElem and greaterEqualElem are not the negations of the strict ones when
// an operand is NaN.
func lessEqualElem(d graph.DType, x, y Elem) Elem {
	if a, b, ok := floatPair(x, y); ok && d.IsFloat() {
		return BoolElem(a <= b)
	}
	return not(less(d, y, x)).elem()
}

func greaterEqualElem(d graph.DType, x, y Elem) Elem { return lessEqualElem(d, y, x) }

func notElem(_ graph.DType, x Elem) Elem { return not(truthElem(x)).elem() }

func andElem(_ graph.DType, x, y Elem) Elem {
	a, b := truthElem(x), truthElem(y)
	switch {
	case a == no || b == no:
		return no.elem()
	case a == yes && b == yes:
		return yes.elem()
	}
	return Elem{}
}

func orElem(_ graph.DType, x, y Elem) Elem {
	a, b := truthElem(x), truthElem(y)
	switch {
	case a == yes || b == yes:
		return yes.elem()
	case a == no && b == no:
		return no.elem()
	}
	return Elem{}
}

func xorElem(_ graph.DType, x, y Elem) Elem {
	a, b := truthElem(x), truthElem(y)
	if a == open || b == open {
		return Elem{}
	}
	return truthOf(a != b).elem()
}

// sameElem reports whether two elements certainly have one value.
func sameElem(x, y Elem) bool {
	return x.Known() && x.kind == y.kind && x.String() == y.String()
}

// whereElem selects; the condition may be open when both choices are one value.
func whereElem(cond, x, y Elem) Elem {
	switch truthElem(cond) {
	case yes:
		return x
	case no:
		return y
	}
	if sameElem(x, y) {
		return x
	}
	return Elem{}
}

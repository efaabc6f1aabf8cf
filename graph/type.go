package graph

import "strings"

// Kind says what a value holds.
type Kind uint8

// The kinds of TypeProto.
const (
	KindUnknown Kind = iota
	KindTensor
	KindSparse
	KindSequence
	KindOptional
	KindMap
	KindOpaque
)

// String returns the kind's name as the shapes report prints it; an unknown kind is "".
func (k Kind) String() string {
	return [...]string{"", "tensor", "sparse", "sequence", "optional", "map", "opaque"}[k]
}

// DimDef is one dim as a model declares it: a value, or a symbolic name, or
// nothing at all (Known false and Param "").
type DimDef struct {
	Value int64
	Known bool
	Param string
}

// TypeDef is a type as a model declares it (TypeProto).
type TypeDef struct {
	Kind  Kind
	DType DType // of a tensor or sparse tensor; the key type of a map
	// Dims are the declared dims; HasShape tells a scalar from an unknown rank.
	Dims     []DimDef
	HasShape bool
	Elem     *TypeDef // element of a sequence or optional, value of a map
	Opaque   string   // "domain/name" of an opaque type
	// Denotation is TypeProto.denotation ("IMAGE", ...), kept as written.
	Denotation string
}

// ValueInfo is a declared type of a named value.
type ValueInfo struct {
	Name     string
	Type     *TypeDef // nil: no type was written
	Metadata []Pair
}

// Shape is the dims of a tensor. nil means that the rank is unknown; a scalar is
// the empty, non-nil Shape.
type Shape []Dim

// Elements returns the product of the dims, 1 for a scalar. It must not be
// called on a nil Shape.
func (s Shape) Elements() Dim {
	n := Int(1)
	for _, d := range s {
		n = n.Mul(d)
	}
	return n
}

// Static returns the dims as integers, and false if any is not constant.
func (s Shape) Static() ([]int64, bool) {
	out := make([]int64, len(s))
	for i, d := range s {
		k, ok := d.Const()
		if !ok {
			return nil, false
		}
		out[i] = k
	}
	return out, s != nil
}

// Equal reports whether both shapes are known and have equal dims.
func (s Shape) Equal(t Shape) bool {
	if s == nil || t == nil || len(s) != len(t) {
		return false
	}
	for i := range s {
		if !s[i].Equal(t[i]) {
			return false
		}
	}
	return true
}

// String prints the shape as [1, 3, H, W]; an unknown rank prints as [?].
func (s Shape) String() string {
	if s == nil {
		return "[?]"
	}
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(d.String())
	}
	b.WriteByte(']')
	return b.String()
}

// Ints makes a Shape of constants.
func Ints(dims ...int64) Shape {
	s := make(Shape, len(dims))
	for i, d := range dims {
		s[i] = Int(d)
	}
	return s
}

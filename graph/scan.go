package graph

import "errors"

// WordScanner is a Payload of any size that streams its elements as bit patterns (see
// Words), a chunk at a time and in order. visit may not keep a chunk; its error ends
// the scan. Strings are an error.
type WordScanner interface {
	ScanWords(visit func([]uint64) error) error
}

// ElementClass tells the elements of a tensor apart as far as sparsity goes.
type ElementClass uint8

// The classes. A mask has zeros and ones only. The parts of a complex number are
// elements of their own.
const (
	ElementZero ElementClass = iota
	ElementOne
	ElementOther
)

// ErrNoElements says that a tensor has no payload to scan.
var ErrNoElements = errors.New("the elements are not in the file")

// Scan streams the classes of a tensor's elements in their order. from is its Payload,
// or one that stands for it; visit may not keep a chunk.
func (t *Tensor) Scan(from Payload, visit func([]ElementClass) error) error {
	if from == nil {
		return ErrNoElements
	}
	if m, ok := from.(*MemPayload); ok {
		return visit(m.classes())
	}
	s, ok := from.(WordScanner)
	if !ok {
		return errors.New("the elements cannot be streamed")
	}
	class := t.DType.classifier()
	var out []ElementClass
	return s.ScanWords(func(words []uint64) error {
		out = out[:0]
		for _, w := range words {
			out = append(out, class(w))
		}
		return visit(out)
	})
}

// classifier returns the class of a bit pattern of a type.
func (d DType) classifier() func(uint64) ElementClass {
	switch {
	case d == Bool:
		return func(w uint64) ElementClass {
			if w != 0 {
				return ElementOne
			}
			return ElementZero
		}
	case d.IsFloat(), d.IsComplex():
		part := map[DType]DType{Complex64: Float32, Complex128: Float64}[d]
		if part == 0 {
			part = d
		}
		return func(w uint64) ElementClass { return classOf(part.Float(w) == 0, part.Float(w) == 1) }
	}
	return func(w uint64) ElementClass { return classOf(w == 0, w == 1) }
}

func classOf(zero, one bool) ElementClass {
	switch {
	case zero:
		return ElementZero
	case one:
		return ElementOne
	}
	return ElementOther
}

// ScanWords implements WordScanner.
func (w *Words) ScanWords(visit func([]uint64) error) error { return visit(w.W) }

func (m *MemPayload) classes() []ElementClass {
	var out []ElementClass
	for _, v := range m.I {
		out = append(out, classOf(v == 0, v == 1))
	}
	for _, v := range m.F {
		out = append(out, classOf(v == 0, v == 1))
	}
	return out
}

package graph

import (
	"fmt"
	"math"
)

// Words holds the elements of a tensor as bit patterns, zero-extended from their
// width; a complex number is two of them, the real part first. It is a Payload
// that is in memory, and bit-exact where Payload's numbers are not.
type Words struct {
	DType DType
	W     []uint64
}

// WordReader is a Payload that can give its elements as bit patterns. It returns
// ErrTooLarge when there are more than max elements and an error for strings.
type WordReader interface {
	Payload
	Words(max int) (*Words, error)
}

// Words implements WordReader.
func (w *Words) Words(max int) (*Words, error) {
	n := len(w.W)
	if w.DType.IsComplex() {
		n /= 2
	}
	if n > max {
		return nil, ErrTooLarge
	}
	return w, nil
}

// Ints implements Payload for integer types and bool, whose elements are 0 or 1.
func (w *Words) Ints(max int) ([]int64, error) {
	if !w.DType.IsInt() && w.DType != Bool {
		return nil, w.wrongClass("integers")
	}
	if len(w.W) > max {
		return nil, ErrTooLarge
	}
	out := make([]int64, len(w.W))
	unused := 64 - w.DType.Bits()
	for i, v := range w.W {
		switch {
		case w.DType == Bool:
			if v != 0 {
				out[i] = 1
			}
		case !w.DType.IsUnsigned():
			out[i] = int64(v<<unused) >> unused
		case v > math.MaxInt64:
			return nil, fmt.Errorf("element %d is %d, which exceeds int64", i, v)
		default:
			out[i] = int64(v)
		}
	}
	return out, nil
}

// Floats implements Payload for real floating-point types.
func (w *Words) Floats(max int) ([]float64, error) {
	if !w.DType.IsFloat() {
		return nil, w.wrongClass("real numbers")
	}
	if len(w.W) > max {
		return nil, ErrTooLarge
	}
	out := make([]float64, len(w.W))
	for i, v := range w.W {
		out[i] = w.DType.Float(v)
	}
	return out, nil
}

// Strings implements Payload; Words never holds strings.
func (w *Words) Strings(int) ([]string, error) { return nil, w.wrongClass("strings") }

func (w *Words) wrongClass(want string) error {
	return fmt.Errorf("elements are %s, not %s", w.DType, want)
}

// WordBits returns the width in bits of one word of Words: the stored width, half
// of it for a complex type.
func (d DType) WordBits() int {
	if d.IsComplex() {
		return d.Bits() / 2
	}
	return d.Bits()
}

// PerEntry returns how many elements one entry of a typed field of TensorProto
// (int32_data ...) holds: four of 2 bits, two of 4 bits, otherwise one.
func (d DType) PerEntry() int {
	if b := d.Bits(); b == 2 || b == 4 {
		return 8 / b
	}
	return 1
}

// Entries returns how many entries of a typed field of TensorProto n elements
// take: two for a complex number, otherwise see PerEntry. n must be at most
// math.MaxInt64/2.
func (d DType) Entries(n int64) int64 {
	if d.IsComplex() {
		return 2 * n
	}
	per := int64(d.PerEntry())
	return n/per + (n%per+per-1)/per
}

package graph

import "errors"

// Storage says where the elements of a tensor lie.
type Storage uint8

// The places where a tensor's elements may be.
const (
	StorageAbsent   Storage = iota // no payload: stripped weights
	StorageInline                  // in the file, readable through Payload
	StorageExternal                // in another file, named by External
)

// Payload decodes the elements of a tensor whose bytes were skipped while
// reading. Each method decodes at most max elements and returns an error when
// the tensor holds more, when its bytes cannot be read, or when its type is of
// another class. Integer types include bool.
type Payload interface {
	Ints(max int) ([]int64, error)
	Floats(max int) ([]float64, error)
	Strings(max int) ([]string, error)
}

// Pair is a key with a value: metadata, external-data entries.
type Pair struct{ Key, Value string }

// Tensor is a constant: its name, dims and type, and where its elements lie.
// The elements themselves are not held.
type Tensor struct {
	Name     string
	DType    DType
	Dims     []int64
	Storage  Storage
	Payload  Payload // nil unless the elements can be read
	External []Pair  // location, offset, length, checksum as written
	Metadata []Pair
}

// Elements returns the number of elements.
func (t *Tensor) Elements() Dim { return Ints(t.Dims...).Elements() }

// Bytes returns the stored size of the elements.
func (t *Tensor) Bytes() Dim { return t.DType.Bytes(t.Elements()) }

// SparseTensor is a constant in coordinate form: the dense dims, the values
// (dims [nnz]) and the indices (dims [nnz] or [nnz, rank]).
type SparseTensor struct {
	Dims    []int64
	Values  *Tensor // carries the name
	Indices *Tensor
}

// MemPayload is a Payload that is already in memory, for programs that build
// graphs. At most one field is used; with none there are no elements.
type MemPayload struct {
	I []int64
	F []float64
	S []string
}

var errOtherClass = errors.New("the elements are of another class")

// Ints implements Payload.
func (m *MemPayload) Ints(max int) ([]int64, error) {
	return within(m.I, max, m.F != nil || m.S != nil)
}

// Floats implements Payload.
func (m *MemPayload) Floats(max int) ([]float64, error) {
	return within(m.F, max, m.I != nil || m.S != nil)
}

// Strings implements Payload.
func (m *MemPayload) Strings(max int) ([]string, error) {
	return within(m.S, max, m.I != nil || m.F != nil)
}

func within[T any](s []T, max int, other bool) ([]T, error) {
	switch {
	case other:
		return nil, errOtherClass
	case len(s) > max:
		return nil, ErrTooLarge
	}
	return s, nil
}

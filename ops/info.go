package ops

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Info is what is known of a value: what a rule reads of inputs and sets of outputs.
type Info struct {
	Kind graph.Kind
	// Const marks a value that is computed from constants only.
	Const bool
	// Has is 1 or 0 when it is known whether an optional holds a value, else -1.
	Has   int8
	DType graph.DType
	Shape graph.Shape // nil: rank unknown; of sparse tensors the dense shape
	// Elems are the elements in row-major order, nil when they are not followed.
	Elems []Elem
	// Item is the element type of a sequence or optional, the value type of a map.
	Item *Info
	// Len is the length of a sequence; nil if it is not known.
	Len *graph.Dim
	// Items are the elements of a sequence, where each is known.
	Items []Info
	// Opaque names an opaque type.
	Opaque string

	omitted bool          // an input of a function that the call leaves out
	tensor  *graph.Tensor // constant whose elements can be read when asked for
}

// Tensor returns an Info of a tensor.
func Tensor(d graph.DType, s graph.Shape) Info {
	return Info{Kind: graph.KindTensor, DType: d, Shape: s, Has: -1}
}

// Sequence returns an Info of a sequence of known items. Its element type has a shape
// where all items have the same.
func Sequence(items []Info) Info {
	n := graph.Int(int64(len(items)))
	out := Info{Kind: graph.KindSequence, Len: &n, Has: -1}
	if len(items) == 0 {
		return out
	}
	item := items[0]
	for i := range items[1:] {
		if !items[1+i].Shape.Equal(item.Shape) {
			item.Shape = nil
		}
	}
	out.Item = &item
	if len(items) <= maxItems {
		out.Items = items
	}
	return out
}

// Bytes returns the stored size; ok is false when the shape or width is not known.
func (in *Info) Bytes() (graph.Dim, bool) {
	switch {
	case in.Kind == graph.KindTensor && in.Shape != nil:
		return in.DType.Bytes(in.Shape.Elements()), true
	case in.Kind == graph.KindSequence && in.Items != nil:
		sum := graph.Int(0)
		for i := range in.Items {
			b, ok := in.Items[i].Bytes()
			if !ok {
				return sum, false
			}
			sum = sum.Add(b)
		}
		return sum, true
	case in.Kind == graph.KindOptional && in.Item != nil:
		return in.Item.Bytes()
	}
	return graph.Dim{}, false
}

// sharable reports whether two tensors look the same and will go on doing so: there
// are no elements that could be read for one of them.
func (in *Info) sharable(o *Info) bool {
	if in.Kind != graph.KindTensor || o.Kind != in.Kind || in.DType != o.DType || in.Const != o.Const || in.Has != o.Has {
		return false
	}
	if !in.plain() || !o.plain() || (in.Shape == nil) != (o.Shape == nil) || len(in.Shape) != len(o.Shape) {
		return false
	}
	for i, d := range in.Shape {
		if d != o.Shape[i] { // == on symbolic sizes compares identity, which only shares less
			return false
		}
	}
	return true
}

// plain reports whether dtype and shape are all that is known of a tensor.
func (in *Info) plain() bool {
	return in.tensor == nil && in.Elems == nil && in.Item == nil && in.Items == nil && in.Len == nil && in.Opaque == ""
}

// allConst reports whether every element is a known constant.
func (in *Info) allConst() bool {
	if in.Elems == nil {
		return false
	}
	for _, e := range in.Elems {
		if !e.IsConst() {
			return false
		}
	}
	return true
}

// key prints all that a rule can see of an Info: equal keys give equal results.
func (in *Info) key(b *strings.Builder) {
	if in == nil {
		b.WriteString("-;")
		return
	}
	b.WriteString(strconv.Itoa(int(in.Kind)) + ":" + strconv.Itoa(int(in.DType)) + in.Shape.String())
	if in.Const {
		b.WriteByte('!')
	}
	if in.omitted {
		b.WriteByte('_')
	}
	if in.tensor != nil {
		fmt.Fprintf(b, "@%p", in.tensor) // names of tensors in attributes are not unique
	}
	for _, e := range in.Elems {
		b.WriteString("," + e.String())
	}
	if in.Len != nil {
		b.WriteString("#" + in.Len.String())
	}
	b.WriteString("h" + strconv.Itoa(int(in.Has)))
	if in.Item != nil {
		b.WriteByte('<')
		in.Item.key(b)
	}
	for i := range in.Items {
		b.WriteByte('|')
		in.Items[i].key(b)
	}
	b.WriteByte(';')
}

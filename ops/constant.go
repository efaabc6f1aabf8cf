package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

// inferConstant serves every version: exactly one of the attributes that the
// version declares holds the value.
func inferConstant(c *Call) {
	if n := len(c.Node.Attrs); n != 1 || c.Attr(c.Node.Attrs[0].Name) == nil {
		c.Wantf("exactly one", "%d attributes hold a value", n)
	}
	a := c.Attr(c.Node.Attrs[0].Name)
	switch a.Type {
	case graph.AttrTensor:
		if a.Tensor == nil {
			c.Failf("attribute %q holds no tensor", a.Name)
		}
		c.SetTensor(0, a.Tensor)
	case graph.AttrSparse:
		c.sparseConstant(a.Sparse)
	case graph.AttrInt:
		c.setValue(graph.Int64, graph.Shape{}, IntElems(graph.Int(a.Int)))
	case graph.AttrInts:
		c.setValue(graph.Int64, lengthOf(a.Ints), elemsOf(a.Ints, func(k int64) Elem { return IntElem(graph.Int(k)) }))
	case graph.AttrFloat:
		c.setValue(graph.Float32, graph.Shape{}, []Elem{FloatElem(float64(a.Float))})
	case graph.AttrFloats:
		c.setValue(graph.Float32, lengthOf(a.Floats), elemsOf(a.Floats, func(f float32) Elem { return FloatElem(float64(f)) }))
	case graph.AttrString:
		c.setValue(graph.String, graph.Shape{}, []Elem{StringElem(a.Str)})
	case graph.AttrStrings:
		c.setValue(graph.String, lengthOf(a.Strs), elemsOf(a.Strs, StringElem))
	}
}

func lengthOf[T any](list []T) graph.Shape { return graph.Ints(int64(len(list))) }

// elemsOf turns a list of an attribute into elements, nil when it is too long to follow.
func elemsOf[T any](list []T, elem func(T) Elem) []Elem {
	if len(list) > graph.MaxFoldElements {
		return nil
	}
	out := make([]Elem, len(list))
	for i, x := range list {
		out[i] = elem(x)
	}
	return out
}

func (c *Call) setValue(d graph.DType, s graph.Shape, es []Elem) {
	c.SetDType(0, d)
	c.SetShape(0, s)
	c.SetElems(0, es)
}

// sparseConstant sets the dense dims of a sparse tensor and, where it is small, its
// dense elements.
func (c *Call) sparseConstant(t *graph.SparseTensor) {
	if t == nil || t.Values == nil {
		c.Failf("sparse_value holds no values")
	}
	s := graph.Ints(t.Dims...)
	c.setValue(t.Values.DType, s, c.pass.denseElems(t, s))
}

// denseElems returns the elements of a sparse tensor in its dense dims: zeros but
// at the indices, which are positions in row-major order (dims [n]) or coordinates
// (dims [n, rank]). It is nil when they cannot be read or are not worth following.
func (p *pass) denseElems(t *graph.SparseTensor, s graph.Shape) []Elem {
	g, ok := newGrid(s)
	if !ok || p.folded+g.n > graph.MaxFoldTotal || !p.walk(g.n) {
		return nil
	}
	values, indices := payloadElems(t.Values), payloadElems(t.Indices)
	if !follows(t.Values.DType, g.n) || values == nil || indices == nil {
		return nil
	}
	coordinates := len(t.Indices.Dims) == 2
	out := make([]Elem, g.n)
	for i := range out {
		out[i] = numberElem(t.Values.DType, 0)
	}
	at := make([]int, len(s))
	for i, v := range values {
		place := -1
		switch {
		case !coordinates && i < len(indices):
			place = positionIn(indices[i], g.n)
		case coordinates && (i+1)*len(s) <= len(indices):
			for j := range at {
				if at[j] = positionIn(indices[i*len(s)+j], g.dims[j]); at[j] < 0 {
					return nil
				}
			}
			place = g.index(at)
		}
		if place < 0 {
			return nil
		}
		out[place] = v
	}
	return out
}

// payloadElems reads a small constant, nil when it is none.
func payloadElems(t *graph.Tensor) []Elem {
	if t == nil || t.Payload == nil {
		return nil
	}
	n, ok := foldable(graph.Ints(t.Dims...))
	if !ok {
		return nil
	}
	return readElems(t, n)
}

// positionIn returns an element as a position in [0, n), -1 if it is none.
func positionIn(e Elem, n int) int {
	if k, ok := e.Int(); ok && k >= 0 && k < int64(n) {
		return int(k)
	}
	return -1
}

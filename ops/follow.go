package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Helpers of operators that move elements without computing: an element of the
// output is one of an input, or a fill value.

// SetTensor sets output o to a constant whose elements are read when asked for.
func (c *Call) SetTensor(o int, t *graph.Tensor) {
	info := Tensor(t.DType, graph.Ints(t.Dims...))
	info.tensor = t
	c.SetOut(o, info)
}

// SetView gives output o the elements of input i in the same order; a constant
// that was not read yet stays unread.
func (c *Call) SetView(o, i int) {
	if o < len(c.Out) && c.Has(i) {
		c.Out[o].Elems, c.Out[o].tensor = c.In[i].Elems, c.In[i].tensor
	}
}

// follows reports whether n elements of a type are worth following: index types
// up to graph.MaxFoldElements, others while they are small, so that weights are
// not read.
func follows(d graph.DType, n int) bool {
	switch d {
	case graph.Int64, graph.Int32, graph.Bool:
		return n <= graph.MaxFoldElements
	}
	return n <= maxFloatFold
}

// walk takes n steps from the number that all rules may take together: the same
// elements, used by very many nodes, must not cost more than a file is worth. It
// reports whether they were left; a few elements are always worth a walk.
func (p *pass) walk(n int) bool {
	const few, most = 64, 8 * graph.MaxFoldTotal
	if n <= few {
		return true
	}
	p.walked += n
	return p.walked <= most
}

// followsOut returns the number of elements of output o and whether they are worth
// following within the limits.
func (c *Call) followsOut(o int) (n int, ok bool) {
	n, ok = foldable(c.Out[o].Shape)
	return n, ok && follows(c.Out[o].DType, n) && c.pass.folded+n <= graph.MaxFoldTotal && c.pass.walk(n)
}

// Moved returns the elements of input i for an operator that moves them, nil when
// they are not followed.
func (c *Call) Moved(i int) []Elem {
	if !c.Has(i) {
		return nil
	}
	return c.pass.moved(c.In[i])
}

// moved returns the elements of a value that is worth following.
func (p *pass) moved(in *Info) []Elem {
	n, ok := foldable(in.Shape)
	if !ok || !follows(in.DType, n) || !p.walk(n) {
		return nil
	}
	return p.elems(in)
}

// MovedOrUnknown is Moved with elements that are not known where only their
// number is known and small, so that one unknown part does not hide the others.
func (c *Call) MovedOrUnknown(i int) []Elem {
	if es := c.Moved(i); es != nil {
		return es
	}
	if n, ok := foldable(c.Shape(i)); ok && n <= maxFloatFold && !c.DType(i).IsFloat() {
		return make([]Elem, n)
	}
	return nil
}

// grid is a shape of constant dims with its row-major strides.
type grid struct {
	dims, strides []int
	n             int
}

// newGrid returns the grid of a shape that is small enough to be followed.
func newGrid(s graph.Shape) (grid, bool) {
	n, ok := foldable(s)
	if !ok {
		return grid{}, false
	}
	g := grid{make([]int, len(s)), make([]int, len(s)), n}
	stride := 1
	for i := len(s) - 1; i >= 0; i-- {
		k, _ := s[i].Const()
		g.dims[i], g.strides[i] = int(k), stride
		stride *= max(int(k), 1)
	}
	return g, true
}

// grid is newGrid for a walk over all elements.
func (c *Call) grid(s graph.Shape) (grid, bool) {
	g, ok := newGrid(s)
	return g, ok && c.pass.walk(g.n)
}

// index returns the flat index of coordinates.
func (g grid) index(at []int) int {
	k := 0
	for i, x := range at {
		k += x * g.strides[i]
	}
	return k
}

// each calls f for every element's coordinates in row-major order. The slice is reused.
func (g grid) each(f func(k int, at []int)) {
	at := make([]int, len(g.dims))
	for k := 0; k < g.n; k++ {
		f(k, at)
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < g.dims[i] {
				break
			}
			at[i] = 0
		}
	}
}

// Select sets each element of output o to one of src, the elements of a tensor
// of shape in: from gives the coordinates of the one to take, writing them to
// src, or false for fill. Nothing is set when the output is not followed.
func (c *Call) Select(o int, src []Elem, in graph.Shape, fill Elem, from func(at, src []int) bool) {
	if o >= len(c.Out) || src == nil {
		return
	}
	if _, ok := c.followsOut(o); !ok {
		return
	}
	g, ok := c.grid(c.Out[o].Shape)
	from1, okIn := c.grid(in)
	if !ok || !okIn || len(src) != from1.n {
		return
	}
	out, pick := make([]Elem, g.n), make([]int, len(in))
	g.each(func(k int, at []int) {
		if !from(at, pick) {
			out[k] = fill
			return
		}
		for i, x := range pick {
			if x < 0 || x >= from1.dims[i] {
				return // stays unknown
			}
		}
		out[k] = src[from1.index(pick)]
	})
	c.SetElems(o, out)
}

// readsOutput is the traffic of operators that read only what they write of their
// first input, and the other inputs whole: Slice, Gather.
var readsOutput = Moving(func(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, b.Written)
	for i := 1; i < len(c.In); i++ {
		c.reads(&b, i, c.InBytes(i))
	}
	return b
})

// outputBytes returns the bytes of all outputs.
func (c *Call) outputBytes() graph.Dim {
	var n graph.Dim
	for i := range c.Out {
		n = n.Add(c.OutBytes(i))
	}
	return n
}

// reads adds a read of n bytes of input i: of weights when it is a constant.
func (c *Call) reads(b *Bytes, i int, n graph.Dim) {
	switch {
	case !c.Has(i):
	case c.In[i].Const:
		b.Weights = b.Weights.Add(n)
	default:
		b.Read = b.Read.Add(n)
	}
}

// axesOf returns the axes of an optional input: known is false when their values
// are not, and n is then their number, -1 if not even that is known.
func (c *Call) axesOf(i int) (axes []int64, n int, known bool) {
	c.ShapeOfRank(i, 0, 1)
	if axes, known = c.ConstInts(i); known {
		return axes, len(axes), true
	}
	if ds, ok := c.Dims(i); ok {
		return nil, len(ds), false
	}
	return nil, -1, false
}

// target returns an input that lists the dims of a tensor, as Dims does.
func (c *Call) target(i int) ([]graph.Dim, bool) {
	if s := c.ShapeOfRank(i, 1, 1); s != nil {
		if n, ok := s[0].Const(); ok && n > graph.MaxRank {
			c.Wantf(fmt.Sprintf("a rank of at most %d", graph.MaxRank), "%s has %d entries", c.InName(i), n)
		}
	}
	return c.Dims(i)
}

// ints turns constants into sizes.
func ints(ks []int64) []graph.Dim {
	out := make([]graph.Dim, len(ks))
	for i, k := range ks {
		out[i] = graph.Int(k)
	}
	return out
}

// with returns a copy of s with another size at axis i.
func with(s graph.Shape, i int, d graph.Dim) graph.Shape {
	out := append(graph.Shape{}, s...)
	out[i] = d
	return out
}

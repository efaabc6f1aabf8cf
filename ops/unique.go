package ops

import (
	"sort"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

var uniqueOps = []Op{
	{
		Name: "Unique", Since: []int{11, 28},
		Doc: "The different elements, or slices along an axis, with the indices of their first occurrence, the index of each input in them, and " +
			"their counts: the number depends on the data. One comparison per input element, the least any algorithm needs. (ONNX Operators.md, Unique)",
		In: "X:T", Out: "Y:T, indices?:int64, inverse_indices?:int64, counts?:int64", Types: "T: all", Attrs: "axis:int sorted:int=1",
		Infer: inferUnique, Cost: costPerInput,
		Cases: []Case{
			{In: "i64[6]={2,1,1,3,4,3}", Out: "i64[4]={1,2,3,4} i64[4]={1,0,3,4} i64[6]={1,0,0,2,3,2} i64[4]={2,1,2,1}"},
			{In: "i64[6]={2,1,1,3,4,3}", Attrs: "sorted=0", Out: "i64[4]={2,1,3,4} i64[4]={0,1,3,4} i64[6]={0,1,1,2,3,2} i64[4]={1,2,2,1}"},
			{In: "f32[3]={0,-0,1}", Out: "f32[2]={0,1} i64[2]={0,2}"},
			{In: "f32[3,4]", Out: "f32[`y0[0]`] _ i64[12] i64[`y0[0]`]", Cost: "cmp=12"},
			{In: "f32[3,4]", Attrs: "axis=-1", Out: "f32[3,`y0[1]`] i64[`y0[1]`] i64[4]"},
			{In: "i64[2,3]={1,1,2,3,3,1}", Attrs: "axis=1", Out: "i64[2,2]={1,2,3,1} i64[2]={0,2} i64[3]={0,0,1} i64[2]={2,1}"},
			{In: "f32[3,4]", Attrs: "axis=2", Err: "axis is 2"},
		},
	},
}

func inferUnique(c *Call) {
	s := c.Shape(0)
	if s == nil {
		c.inferUniqueAnyRank()
		return
	}
	axis, hasAxis := 0, c.Attr("axis") != nil
	n := s.Elements()
	if hasAxis {
		axis = c.Axis("axis", 0, len(s))
		n = s[axis]
	}
	if c.foldUnique(s, axis, hasAxis) {
		return
	}
	lo := int64(0)
	if least, ok := n.Lower(); ok && least > 0 {
		lo = 1
	}
	u := c.DataDim(0, axis, lo, &n)
	c.SetShape(0, graph.Shape{u})
	if hasAxis {
		c.SetShape(0, with(s, axis, u))
	}
	for i, d := range []graph.Dim{u, n, u} {
		c.SetShape(1+i, graph.Shape{d})
	}
}

func (c *Call) inferUniqueAnyRank() {
	u := c.DataDim(0, 0, 0, nil)
	if c.Attr("axis") == nil {
		c.SetShape(0, graph.Shape{u})
	}
	for i, d := range []graph.Dim{u, c.UnknownDim(), u} {
		c.SetShape(1+i, graph.Shape{d})
	}
}

// foldUnique follows constants and reports whether it did.
func (c *Call) foldUnique(s graph.Shape, axis int, hasAxis bool) bool {
	es := c.Moved(0)
	if es == nil || !allConstElems(es) || hasAxis && len(es) == 0 {
		return false
	}
	slices := slicesAlong(es, s, axis, hasAxis)
	g, ok := groupSlices(slices)
	if !ok {
		return false
	}
	if c.Int("sorted", 1) != 0 {
		d := c.DType(0)
		sort.Slice(g.order, func(i, j int) bool {
			return sliceBefore(d, slices[g.first[g.order[i]]], slices[g.first[g.order[j]]])
		})
	}
	shape := graph.Shape{constDim(len(g.order))}
	if hasAxis {
		shape = with(s, axis, shape[0])
	}
	c.SetShape(0, shape)
	c.setUniqueValues(slices, g, axis)
	c.setUniqueIndices(g)
	return true
}

// slicesAlong returns the elements of each slice along an axis in row-major order;
// without an axis each element is a slice.
func slicesAlong(es []Elem, s graph.Shape, axis int, hasAxis bool) [][]Elem {
	if !hasAxis {
		out := make([][]Elem, len(es))
		for i := range es {
			out[i] = es[i : i+1]
		}
		return out
	}
	g, _ := newGrid(s)
	out := make([][]Elem, g.dims[axis])
	g.each(func(k int, at []int) { out[at[axis]] = append(out[at[axis]], es[k]) })
	return out
}

// groups are the different slices in order of occurrence: where each occurs first and
// how often, which one each slice is, and the order of the output.
type groups struct{ first, counts, inverse, order []int }

func groupSlices(slices [][]Elem) (g groups, ok bool) {
	place := map[string]int{}
	for i, sl := range slices {
		name, ok := sliceKey(sl)
		if !ok {
			return g, false
		}
		k, seen := place[name]
		if !seen {
			k = len(g.first)
			place[name] = k
			g.first, g.counts, g.order = append(g.first, i), append(g.counts, 0), append(g.order, k)
		}
		g.inverse = append(g.inverse, k)
		g.counts[k]++
	}
	return g, true
}

// sliceKey names the values of a slice, both zeros alike. It fails on NaN, of which
// each may be one of its own.
func sliceKey(es []Elem) (string, bool) {
	var key strings.Builder
	for _, e := range es {
		f, ok := e.Float()
		switch {
		case ok && f != f:
			return "", false
		case ok && f == 0:
			key.WriteString("0,")
		default:
			key.WriteString(e.String() + ",")
		}
	}
	return key.String(), true
}

func sliceBefore(d graph.DType, x, y []Elem) bool {
	for i := range x {
		if elemBefore(d, x[i], y[i]) {
			return true
		}
		if elemBefore(d, y[i], x[i]) {
			return false
		}
	}
	return false
}

func elemBefore(d graph.DType, x, y Elem) bool {
	if a, ok := x.Str(); ok {
		b, _ := y.Str()
		return a < b
	}
	return less(d, x, y) == yes
}

func (c *Call) setUniqueIndices(g groups) {
	rank := make([]int, len(g.order)) // from order of occurrence to order of output
	indices, inverse, counts := []int{}, []int{}, []int{}
	for i, k := range g.order {
		rank[k] = i
		indices, counts = append(indices, g.first[k]), append(counts, g.counts[k])
	}
	for _, k := range g.inverse {
		inverse = append(inverse, rank[k])
	}
	for i, ks := range [][]int{indices, inverse, counts} {
		es := make([]Elem, len(ks))
		for j, k := range ks {
			es[j] = IntElem(constDim(k))
		}
		c.SetShape(1+i, graph.Shape{constDim(len(ks))})
		c.SetElems(1+i, es)
	}
}

// setUniqueValues puts the chosen slices together again along the axis.
func (c *Call) setUniqueValues(slices [][]Elem, u groups, axis int) {
	g, _ := newGrid(c.Out[0].Shape)
	out, next := make([]Elem, g.n), make([]int, len(u.order))
	g.each(func(k int, at []int) {
		i := at[axis]
		out[k] = slices[u.first[u.order[i]]][next[i]]
		next[i]++
	})
	c.SetElems(0, out)
}

func constDim(k int) graph.Dim { return graph.Int(int64(k)) }

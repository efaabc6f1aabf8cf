package ops

import (
	"sort"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	topkOut   = "Values:T, Indices:I"
	topkTypes = "T: number; I: int64"
)

var topkOps = []Op{
	{
		Name: "TopK", Since: []int{1},
		Doc: "The k largest elements along an axis and their indices. One comparison per input element, the least any algorithm needs. (ONNX Operators.md, TopK-1)",
		In:  "X:T", Out: topkOut, Types: topkTypes, Attrs: "axis:int=-1 k:int!",
		Infer: inferTopK, Cost: costPerInput,
		Cases: []Case{
			{In: "f32[N,8]", Attrs: "k=3", Out: "f32[N,3] i64[N,3]", Cost: "cmp=8*N"},
			{In: "f32[N,8]", Attrs: "k=9", Out: "f32[*] i64[*]", Err: "k is 9"},
			{In: "f32[N,8]", Attrs: "k=-1", Out: "f32[*] i64[*]", Err: "k is -1"},
		},
	},
	{
		Name: "TopK", Since: []int{10},
		Doc: "The K largest elements along an axis and their indices. One comparison per input element, the least any algorithm needs. (ONNX Operators.md, TopK-10)",
		In:  "X:T, K:int64 shape", Out: topkOut, Types: topkTypes, Attrs: "axis:int=-1",
		Infer: inferTopK, Cost: costPerInput,
		Cases: []Case{{In: "f32[8,N] i64[1]={3}", Attrs: "axis=0", Out: "f32[3,N] i64[3,N]", Cost: "cmp=8*N"}},
	},
	{
		Name: "TopK", Since: []int{11, 24},
		Doc: "The K largest or smallest elements along an axis and their indices. One comparison per input element, the least any algorithm needs. (ONNX Operators.md, TopK)",
		In:  "X:T, K:int64 shape", Out: topkOut, Types: topkTypes, Attrs: "axis:int=-1 largest:int=1 sorted:int=1",
		Infer: inferTopK, Cost: costPerInput,
		Cases: []Case{
			{In: "f32[N,8] i64[1]={3}", Out: "f32[N,3] i64[N,3]", Cost: "cmp=8*N"},
			{In: "i64[4]={3,9,9,1} i64[1]={3}", Out: "i64[3]={9,9,3} i64[3]={1,2,0}"},
			{In: "i64[4]={3,9,9,1} i64[1]={2}", Attrs: "largest=0", Out: "i64[2]={1,3} i64[2]={3,0}"},
			{In: "f32[N,8] i64[1]={9}", Out: "f32[*] i64[*]", Err: "k is 9"},
			{In: "f32[N,8] i64[2]={1,2}", Out: "f32[*] i64[*]", Err: "one element"},
			{In: "f32 i64[1]={1}", Out: "f32[*] i64[*]", Err: "rank"},
		},
	},
}

// topCount returns how many elements TopK takes; ok is false when it is not known.
func (c *Call) topCount() (k graph.Dim, ok bool) {
	if c.Opset < 10 {
		k := c.Int("k", 0)
		if k < 1 {
			c.Wantf("1 or more", "k is %d", k)
		}
		return graph.Int(k), true
	}
	if s := c.ShapeOfRank(1, 1, 1); s != nil && s[0].IsConst() && !s[0].Is(1) {
		c.Wantf("one element", "K has shape %s", s)
	}
	e, ok := c.Scalar(1)
	if !ok {
		return k, false
	}
	return e.Dim()
}

func inferTopK(c *Call) {
	s := c.ShapeOfRank(0, 1, -1)
	k, ok := c.topCount()
	if s == nil {
		return
	}
	axis := c.Axis("axis", -1, len(s))
	f := s[axis]
	if ok {
		c.checkTop(k, f)
	} else {
		k = c.DataDim(0, axis, 0, &f)
	}
	c.SetShape(0, with(s, axis, k))
	c.SetShape(1, with(s, axis, k))
	c.foldTopK(s, axis)
}

func (c *Call) checkTop(k, f graph.Dim) {
	want := fmt0to(f)
	if hi, ok := k.Upper(); ok && hi < 0 {
		c.Wantf(want, "k is %s", k)
	}
	if over, ok := k.Sub(f).Lower(); ok && over > 0 {
		c.Wantf(want, "k is %s", k)
	}
}

func fmt0to(d graph.Dim) string { return "0 to " + d.String() }

// foldTopK follows constants along the axis, in order of the result.
func (c *Call) foldTopK(s graph.Shape, axis int) {
	es := c.Moved(0)
	k, ok := c.Out[0].Shape[axis].Const()
	if es == nil || !ok || c.Int("sorted", 1) != 1 || len(c.Out) < 2 {
		return
	}
	d, largest := c.DType(0), c.Int("largest", 1) == 1
	rows, length := rowsAlong(s, axis)
	if len(rows) != 1 || !allConstElems(es) {
		return
	}
	order := make([]int, length)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		x, y := es[order[i]], es[order[j]]
		if largest {
			x, y = y, x
		}
		return less(d, x, y) == yes
	})
	values, indices := make([]Elem, k), make([]Elem, k)
	for i := range values {
		values[i], indices[i] = es[order[i]], IntElem(constDim(order[i]))
	}
	c.SetElems(0, values)
	c.SetElems(1, indices)
}

func allConstElems(es []Elem) bool { return (&Info{Elems: es}).allConst() }

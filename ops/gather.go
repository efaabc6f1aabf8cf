package ops

import "github.com/onnxmeter/onnxmeter/graph"

var gatherOps = []Op{
	{
		Name: "Gather", Since: []int{1, 11, 13},
		Doc: "Takes the slices of an axis that indices name. Only those are read. (ONNX Operators.md, Gather)",
		In:  "data:T, indices:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "axis:int=0",
		Infer: inferGather, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "!f32[100,8] i64[N,S]", Out: "f32[N,S,8]"}, {In: "f32[N,4,8] i64={1}", Attrs: "axis=-2", Out: "f32[N,8]"},
			{In: "i64[3]={7,8,9} i64[2]={-1,0}", Out: "i64[2]={9,7}"}, {In: "i64[2,2]={1,2,3,4} i64={1}", Attrs: "axis=1", Out: "i64[2]={2,4}"},
			{In: "f32 i64={1}", Err: "rank"}, {In: "f32[3] i64={1}", Attrs: "axis=1", Err: "axis is 1"},
		},
	},
}

func inferGather(c *Call) {
	data, idx := c.ShapeOfRank(0, 1, -1), c.Shape(1)
	if data == nil || idx == nil {
		return
	}
	axis := c.Axis("axis", 0, len(data))
	out := append(append(append(graph.Shape{}, data[:axis]...), idx...), data[axis+1:]...)
	c.SetShape(0, out)
	src := c.Moved(0)
	if src == nil {
		return
	}
	at, n := c.indices(1, data[axis])
	g, ok := newGrid(idx)
	if at == nil || !ok || n < 0 {
		return
	}
	c.Select(0, src, data, Elem{}, func(dst, src []int) bool {
		copy(src, dst[:axis])
		src[axis] = at[g.index(dst[axis:axis+len(idx)])]
		copy(src[axis+1:], dst[axis+len(idx):])
		return true
	})
}

// indices returns the elements of input i as positions in an axis of size d,
// negative ones counted from the back, and -1 where an element is not known or
// lies outside. n is the size of the axis, -1 if it is not constant.
func (c *Call) indices(i int, d graph.Dim) (at []int, n int) {
	es := c.Elems(i)
	size, ok := d.Const()
	if es == nil || !ok {
		return nil, -1
	}
	at = make([]int, len(es))
	for j, e := range es {
		at[j] = -1
		if k, ok := e.Int(); ok && k >= -size && k < size {
			if k < 0 {
				k += size
			}
			at[j] = int(k)
		}
	}
	return at, int(size)
}

package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

var gatherOps = []Op{
	{
		Name: "Gather", Since: []int{1, 11, 13},
		Doc: "Takes the slices of an axis that indices name. Only those are read. (ONNX Operators.md, Gather)",
		In:  "data:T, indices:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "axis:int=0",
		Infer: inferGather, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "!f32[100,8] i64[N,S]", Out: "f32[N,S,8]"}, {In: "f32[N,4,8] i64={1}", Attrs: "axis=-2", Out: "f32[N,8]"},
			{In: "i64[3]={7,8,9} i64[2]={-1,0}", Out: "i64[2]={9,7}"}, {In: "i64[2,2]={1,2,3,4} i64={1}", Attrs: "axis=1", Out: "i64[2]={2,4}"},
			{In: "f32[8] i64={8}", Err: "index is 8"}, {In: "f32 i64={1}", Err: "rank"}, {In: "f32[3] i64={1}", Attrs: "axis=1", Err: "axis is 1"},
		},
	},
	{
		Name: "GatherElements", Since: []int{11, 13},
		Doc: "Takes for each element of indices the one of data at its place, with the index along the axis. Only those are read. " +
			"(ONNX Operators.md, GatherElements)",
		In: "data:T, indices:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "axis:int=0",
		Infer: inferGatherElements, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "f32[N,4] i64[N,2]", Attrs: "axis=1", Out: "f32[N,2]"}, {In: "i64[2,2]={1,2,3,4} i64[1,2]={1,-2}", Out: "i64[1,2]={3,2}"},
			{In: "f32[2,2] i64[2]", Err: "rank"}, {In: "f32[2,2] i64[2,3]", Err: "dim 1"},
		},
	},
	{
		Name: "GatherND", Since: []int{11},
		Doc: "Takes slices of data: the last axis of indices holds positions in its leading axes. Only those are read. (ONNX Changelog.md, GatherND-11)",
		In:  "data:T, indices:int64 shape", Out: "output:T", Types: "T: all",
		Infer: inferGatherND, Free: moveReason, Moves: readsOutput,
		Cases: []Case{{In: "f32[4,5,6] i64[N,2]", Out: "f32[N,6]"}},
	},
	{
		Name: "GatherND", Since: []int{12, 13},
		Doc: "Takes slices of data: after batch_dims common axes the last axis of indices holds positions in the next axes of data. Only " +
			"those are read. (ONNX Operators.md, GatherND)",
		In: "data:T, indices:int64 shape", Out: "output:T", Types: "T: all", Attrs: "batch_dims:int=0",
		Infer: inferGatherND, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "f32[N,5,6] i64[N,7,1]", Attrs: "batch_dims=1", Out: "f32[N,7,6]"}, {In: "i64[2,2]={1,2,3,4} i64[2,2]={0,0,1,-1}", Out: "i64[2]={1,4}"},
			{In: "i64[2,2]={1,2,3,4} i64[1]={1}", Out: "i64[2]={3,4}"}, {In: "i64[2,2]={1,2,3,4} i64[2,1]={1,0}", Attrs: "batch_dims=1", Out: "i64[2]={2,3}"},
			{In: "f32[4] i64[3,2]", Err: "2 positions"}, {In: "f32[4,5] i64[3,1]", Attrs: "batch_dims=1", Err: "dim 0"},
			{In: "f32[4,5] i64[3,1]", Attrs: "batch_dims=2", Err: "batch_dims is 2"},
		},
	},
	{
		Name: "Scatter", Since: []int{9, 11}, Deprecated: 11,
		Doc: "Writes updates to the places that indices name along an axis of a copy of data. (ONNX Changelog.md, Scatter-11)",
		In:  "data:T, indices:Tind shape, updates:T", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "axis:int=0",
		Infer: inferScatterElements, Free: moveReason,
		Cases: []Case{{In: "f32[N,4] i64[1,2] f32[1,2]", Out: "f32[N,4]"}},
	},
	{
		Name: "ScatterElements", Since: []int{11, 13},
		Doc: "Writes updates to the places that indices name along an axis of a copy of data. (ONNX Changelog.md, ScatterElements-13)",
		In:  "data:T, indices:Tind shape, updates:T", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "axis:int=0",
		Infer: inferScatterElements, Free: moveReason,
		Cases: []Case{
			{In: "i64[3]={1,2,3} i64[2]={2,0} i64[2]={8,9}", Out: "i64[3]={9,2,8}"}, {In: "f32[N,4] i64[1,2] f32[1,3]", Err: "indices and updates"},
			{In: "f32[4] i64[1,2] f32[1,2]", Err: "rank"},
		},
	},
	{
		Name: "ScatterElements", Since: []int{16, 18},
		Doc: "Writes updates to the places that indices name along an axis of a copy of data, or with a reduction combines them: one " +
			"operation for each update. (ONNX Operators.md, ScatterElements)",
		In: "data:T, indices:Tind shape, updates:T", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "axis:int=0 reduction:string=none",
		Infer: inferScatterElements, Cost: costScatter,
		Cases: []Case{
			{In: "f32[N,4] i64[1,2] f32[1,2]", Attrs: "reduction=\"add\"", Out: "f32[N,4]", Cost: "flop=2"},
			{In: "f32[N,4] i64[1,2] f32[1,2]", Attrs: "reduction=\"max\"", Out: "f32[N,4]", Cost: "cmp=2"},
			{In: "f32[N,4] i64[1,2] f32[1,2]", Out: "f32[N,4]", Cost: "flop=0"}, {In: "i64[3]={1,2,3} i64[2]={1,1} i64[2]={8,9}", Attrs: "reduction=\"add\"", Out: "i64[3]={1,19,3}"},
			{In: "f32[N,4] i64[1,2] f32[1,2]", Attrs: "reduction=\"x\"", Opset: 16, Err: "reduction"},
		},
	},
	{
		Name: "ScatterND", Since: []int{11, 13},
		Doc: "Writes slices to the places that the last axis of indices names in a copy of data. (ONNX Changelog.md, ScatterND-13)",
		In:  "data:T, indices:int64 shape, updates:T", Out: "output:T", Types: "T: all",
		Infer: inferScatterND, Free: moveReason,
		Cases: []Case{
			{In: "f32[8,4] i64[N,1] f32[N,4]", Out: "f32[8,4]"}, {In: "i64[3]={1,2,3} i64[2,1]={2,-3} i64[2]={8,9}", Out: "i64[3]={9,2,8}"},
			{In: "f32[8,4] i64[3,1] f32[3,5]", Err: "updates"}, {In: "f32[8] i64[3,2] f32[3]", Err: "2 positions"},
		},
	},
	{
		Name: "ScatterND", Since: []int{16, 18},
		Doc: "Writes slices to the places that the last axis of indices names in a copy of data, or with a reduction combines them: one " +
			"operation for each element of updates. (ONNX Operators.md, ScatterND)",
		In: "data:T, indices:int64 shape, updates:T", Out: "output:T", Types: "T: all", Attrs: "reduction:string=none",
		Infer: inferScatterND, Cost: costScatter,
		Cases: []Case{
			{In: "i32[8,4] i64[N,1] i32[N,4]", Attrs: "reduction=\"mul\"", Out: "i32[8,4]", Cost: "int=4*N"},
			{In: "i64[2,2]={1,2,3,4} i64[1,1]={1} i64[1,2]={5,6}", Attrs: "reduction=\"add\"", Out: "i64[2,2]={1,2,8,10}"},
		},
	},
	{
		Name: "TensorScatter", Since: []int{24},
		Doc: "Writes update into a key or value cache at write_indices of each batch; the rest is copied. (ONNX Operators.md, TensorScatter)",
		In:  "past_cache:T, update:T, write_indices?:int64 shape", Out: "present_cache:T", Types: "T: all", Attrs: "axis:int=-2 mode:string=linear",
		Infer: inferTensorScatter, Free: moveReason,
		Cases: []Case{
			{In: "f32[B,8,128,64] f32[B,8,1,64] i64[B]", Out: "f32[B,8,128,64]"}, {In: "f32[2,8,4,64] f32[2,8,5,64]", Err: "axis 2"},
			{In: "f32[2,8,4,64] f32[2,8,1,64] i64[3]", Err: "batch"}, {In: "f32[2,8,4,64] f32[2,8,1,64]", Attrs: "axis=0", Err: "axis"},
		},
	},
	{
		Name: "Compress", Since: []int{9},
		Doc: "The slices of an axis, or of the flattened tensor, whose condition is true. (ONNX Changelog.md, Compress-9)",
		In:  "input:T, condition:T1", Out: "output:T", Types: "T: all; T1: bool", Attrs: "axis:int",
		Infer: inferCompress, Free: moveReason,
		Cases: []Case{{In: "f32[N,4] bool[3]={true,false,true}", Attrs: "axis=1", Out: "f32[N,2]"}},
	},
	{
		Name: "Compress", Since: []int{11, 28},
		Doc: "The slices of an axis, or of the flattened tensor, whose condition is true: their number is at most that of the conditions and " +
			"the dim. (ONNX Operators.md, Compress)",
		In: "input:T, condition:T1", Out: "output:T", Types: "T: all; T1: bool", Attrs: "axis:int",
		Infer: inferCompress, Free: moveReason,
		Cases: []Case{
			{In: "i64[2,2]={1,2,3,4} bool[3]={true,false,true}", Out: "i64[2]={1,3}"}, {In: "i64[2,2]={1,2,3,4} bool[2]={false,true}", Attrs: "axis=-1", Out: "i64[2,1]={2,4}"},
			{In: "f32[N,4] bool[4]", Attrs: "axis=1", Out: "f32[N,`y0[1]`]"}, {In: "f32 bool[1]", Err: "rank"},
			{In: "f32[N,4] bool[4]", Attrs: "axis=2", Err: "axis is 2"},
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
	at := c.indices(data[axis])
	g, ok := c.grid(idx)
	if at == nil || !ok {
		return
	}
	c.Select(0, c.Moved(0), data, Elem{}, func(dst, src []int) bool {
		copy(src, dst[:axis])
		src[axis] = at[g.index(dst[axis:axis+len(idx)])]
		copy(src[axis+1:], dst[axis+len(idx):])
		return true
	})
}

// indices returns the elements of input 1 as positions in an axis of size d; nil
// when they are not followed.
func (c *Call) indices(d graph.Dim) []int {
	return c.positions(func(int) graph.Dim { return d })
}

// positions returns the elements of input 1 as positions, -1 where one is not
// known; the k-th lies in an axis of size(k), else it is refused. Elements are
// followed where the data is, else while they are few, to check them.
func (c *Call) positions(size func(k int) graph.Dim) []int {
	if n, ok := foldable(c.Shape(1)); !ok || n > maxFloatFold && c.Moved(0) == nil || !c.pass.walk(n) {
		return nil
	}
	es := c.Elems(1)
	if es == nil {
		return nil
	}
	at := make([]int, len(es))
	for i, e := range es {
		k, ok := e.Int()
		n, isConst := size(i).Const()
		if at[i] = -1; !ok || !isConst {
			continue
		}
		if k < -n || k >= n {
			c.Wantf(fmt.Sprintf("-%d to %d", n, n-1), "an index is %d for an axis of %d", k, n)
		}
		if k < 0 {
			k += n
		}
		at[i] = int(k)
	}
	return at
}

// sameRank refuses inputs whose known ranks differ from that of input 0.
func (c *Call) sameRank(inputs ...int) {
	first, rank := 0, -1
	for _, i := range append([]int{0}, inputs...) {
		t := c.ShapeOfRank(i, 1, -1)
		switch {
		case t == nil:
		case rank < 0:
			first, rank = i, len(t)
		case len(t) != rank:
			c.Wantf(fmt.Sprintf("rank %d, that of %s", rank, c.InName(first)), "%s has rank %d", c.InName(i), len(t))
		}
	}
}

// within refuses a shape that exceeds that of input 0 in an axis other than but.
func (c *Call) within(s graph.Shape, name string, but int) {
	for i, d := range c.Shape(0) {
		k, ok := s[i].Const()
		if n, isConst := d.Const(); i != but && ok && isConst && k > n {
			c.Wantf(fmt.Sprintf("at most %d, as in %s", n, c.InName(0)), "dim %d of %s is %d", i, name, k)
		}
	}
}

func inferGatherElements(c *Call) {
	c.sameRank(1)
	data, idx := c.Shape(0), c.Shape(1)
	c.SameShape(0, 1)
	if data == nil || idx == nil {
		return
	}
	axis := c.Axis("axis", 0, len(data))
	c.within(idx, "indices", axis)
	at := c.indices(data[axis])
	if g, ok := c.grid(idx); ok && at != nil {
		c.Select(0, c.Moved(0), data, Elem{}, func(dst, src []int) bool {
			copy(src, dst)
			src[axis] = at[g.index(dst)]
			return true
		})
	}
}

// tuples returns how many positions the last axis of indices (input 1) holds, -1
// if that is not known; they must fit the axes of data after the first b.
func (c *Call) tuples(b int) int {
	data, idx := c.Shape(0), c.Shape(1)
	if idx == nil {
		return -1
	}
	k, ok := idx[len(idx)-1].Const()
	if !ok {
		return -1
	}
	if data != nil && (k < 0 || k > int64(len(data)-b)) {
		c.Wantf(fmt.Sprintf("at most %d, the axes of data", len(data)-b), "the last axis of indices holds %d positions", k)
	}
	return int(min(k, graph.MaxRank))
}

func inferGatherND(c *Call) {
	data, idx := c.ShapeOfRank(0, 1, -1), c.ShapeOfRank(1, 1, -1)
	batch := c.Int("batch_dims", 0)
	for _, s := range []graph.Shape{data, idx} {
		if batch < 0 || s != nil && batch >= int64(len(s)) {
			c.Wantf("at least 0 and less than both ranks", "batch_dims is %d", batch)
		}
	}
	if data == nil || idx == nil {
		return
	}
	b := int(batch)
	k := c.tuples(b)
	out := append(graph.Shape{}, idx[:len(idx)-1]...)
	for i := 0; i < b; i++ {
		out[i] = c.Same(data[i], idx[i], fmt.Sprintf("batch dim %d", i))
	}
	if k < 0 {
		return
	}
	c.SetShape(0, append(out, data[b+k:]...))
	if data[b+k:].Elements().IsZero() { // nothing is read, so that no index is looked at
		return
	}
	at := c.positions(func(i int) graph.Dim { return data[b+i%k] })
	g, ok := c.grid(idx)
	if at == nil || !ok {
		return
	}
	tuple := make([]int, len(idx))
	c.Select(0, c.Moved(0), data, Elem{}, func(dst, src []int) bool {
		copy(src, dst[:b])
		copy(tuple, dst[:len(idx)-1])
		for j := 0; j < k; j++ {
			tuple[len(idx)-1] = j
			src[b+j] = at[g.index(tuple)]
		}
		copy(src[b+k:], dst[len(idx)-1:])
		return true
	})
}

func inferCompress(c *Call) {
	in, cond := c.ShapeOfRank(0, 1, -1), c.Shape(1) // of rank 1; ONNX Runtime reads others flat
	flat := c.Attr("axis") == nil
	if in == nil {
		if flat {
			c.SetShape(0, graph.Shape{c.UnknownDim()})
		}
		return
	}
	src, axis := in, 0
	if flat {
		src = graph.Shape{in.Elements()}
	} else {
		axis = c.Axis("axis", 0, len(in))
	}
	taken, known := c.taken(src[axis])
	if known {
		c.SetShape(0, with(src, axis, graph.Int(int64(len(taken)))))
		c.Select(0, c.Moved(0), src, Elem{}, func(dst, at []int) bool {
			copy(at, dst)
			at[axis] = taken[dst[axis]]
			return true
		})
		return
	}
	hi := src[axis]
	if cond != nil {
		hi = hi.Min(cond.Elements())
	}
	c.SetShape(0, with(src, axis, c.part(axis, hi)))
}

// taken returns the positions of an axis of size d where input 1 is true.
func (c *Call) taken(d graph.Dim) (at []int, known bool) {
	es := c.Elems(1)
	if es == nil {
		return nil, false
	}
	n, bounded := d.Const()
	for i, e := range es {
		k, ok := e.Int()
		if !ok || k != 0 && !bounded {
			return nil, false
		}
		if k == 0 {
			continue
		}
		if int64(i) < n { // conditions past the axis are ignored
			at = append(at, i)
		}
	}
	return at, true
}

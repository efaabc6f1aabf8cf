package ops

import (
	"fmt"
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

const moveReason = "moves elements, does no arithmetic"

var movementOps = []Op{
	{
		Name: "Transpose", Since: []int{1, 13, 21, 23, 24, 25},
		Doc: "Permutes the axes; without perm it reverses them. A copy of the tensor. (ONNX Operators.md, Transpose)",
		In:  "data:T", Out: "transposed:T", Types: "T: all", Attrs: "perm:ints",
		Infer: inferTranspose, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "perm=[1,2,0]", Out: "f32[3,4,N]"}, {In: "f32[N,3,4]", Out: "f32[4,3,N]"},
			{In: "i64[2,3]={1,2,3,4,5,6}", Out: "i64[3,2]={1,4,2,5,3,6}"}, {In: "f32[2,3]", Attrs: "perm=[0,0]", Err: "twice"},
			{In: "f32[2,3]", Attrs: "perm=[0]", Err: "perm has 1"}, {In: "f32[2,3]", Attrs: "perm=[-1,0]", Err: "perm holds -1"}, {In: "f32[*]", Attrs: "perm=[1,0]", Out: "f32[?,?]"},
		},
	},
	{
		Name: "Concat", Since: []int{1},
		Doc: "Joins tensors along an axis, 1 by default. (ONNX Changelog.md, Concat-1)",
		In:  "inputs...:T", Out: "concat_result:T", Types: "T: float", Attrs: "axis:int=1",
		Infer: inferConcat, Free: moveReason,
		Cases: []Case{{In: "f32[N,3] f32[N,4]", Out: "f32[N,7]"}},
	},
	{
		Name: "Concat", Since: []int{4, 11, 13},
		Doc: "Joins tensors along an axis. (ONNX Operators.md, Concat)",
		In:  "inputs...:T", Out: "concat_result:T", Types: "T: all", Attrs: "axis:int!",
		Infer: inferConcat, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3] f32[M,3]", Attrs: "axis=0", Out: "f32[N+M,3]"}, {In: "i64[1]={7} i64[2]={8,9}", Attrs: "axis=-1", Out: "i64[3]={7,8,9}"},
			{In: "i64[2,1]={1,2} i64[2,2]={3,4,5,6}", Attrs: "axis=1", Out: "i64[2,3]={1,3,4,2,5,6}"},
			{In: "f32[2,3] f32[2,4]", Attrs: "axis=0", Err: "dim 1"}, {In: "f32[2] f32[2,1]", Attrs: "axis=0", Err: "rank"},
			{In: "f32[2]", Attrs: "axis=1", Err: "axis is 1"},
		},
	},
	{
		Name: "Split", Since: []int{1},
		Doc: "Cuts a tensor along an axis into parts of the sizes of split, or equal ones. (ONNX Changelog.md, Split-1)",
		In:  "input:T, split?:T shape", Out: "outputs...:T", Types: "T: float", Attrs: "axis:int=0 split:ints",
		Infer: inferSplit1, Free: moveReason,
		Cases: []Case{{In: "f32[N,6]", Attrs: "axis=1", Out: "f32[N,3] f32[N,3]"}, {In: "f32[6] f32[2]={2,4}", Out: "f32[2] f32[4]"}},
	},
	{
		Name: "Split", Since: []int{2, 11},
		Doc: "Cuts a tensor along an axis into parts of the sizes of split, or equal ones. (ONNX Changelog.md, Split-11)",
		In:  "input:T", Out: "outputs...:T", Types: "T: all", Attrs: "axis:int=0 split:ints",
		Infer: inferSplitAttr, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,6]", Attrs: "axis=-1 split=[2,4]", Out: "f32[N,2] f32[N,4]"}, {In: "f32[N,2*N]", Attrs: "axis=1", Out: "f32[N,N] f32[N,N]"},
			{In: "f32[5]", Out: "f32[3] f32[2]", Err: "does not divide"},
		},
	},
	{
		Name: "Split", Since: []int{13},
		Doc: "Cuts a tensor along an axis into parts of the sizes of the input split, or equal ones. (ONNX Changelog.md, Split-13)",
		In:  "input:T, split?:int64 shape", Out: "outputs...:T", Types: "T: all", Attrs: "axis:int=0",
		Infer: inferSplit13, Free: moveReason,
		Cases: []Case{
			{In: "f32[6,N] i64[2]={1,5}", Out: "f32[1,N] f32[5,N]"}, {In: "f32[6,N] i64[2]", Out: "f32[`y0[0]`,N] f32[6-`y0[0]`,N]"}, {In: "f32[0] i64[2]", Out: "f32[0] f32[0]"},
			{In: "f32[6] i64[2]={1,4}", Out: "f32[1] f32[4]", Err: "sum"}, {In: "f32[6] i64[2]={-1,7}", Out: "f32[1] f32[4]", Err: "negative"},
			{In: "f32[6] i64[3]={1,4,1}", Out: "f32[1] f32[4]", Err: "3 sizes"}, {In: "i64[4]={5,6,7,8}", Out: "i64[2]={5,6} i64[2]={7,8}"},
		},
	},
	{
		Name: "Split", Since: []int{18},
		Doc: "Cuts a tensor along an axis into parts of the sizes of the input split, or into num_outputs parts of ceil(size / num_outputs) " +
			"of which the last is what remains. (ONNX Operators.md, Split)",
		In: "input:T, split?:int64 shape", Out: "outputs...:T", Types: "T: all", Attrs: "axis:int=0 num_outputs:int",
		Infer: inferSplit18, Free: moveReason,
		Cases: []Case{
			{In: "f32[7]", Attrs: "num_outputs=3", Out: "f32[3] f32[3] f32[1]"}, {In: "f32[N,2*N]", Attrs: "axis=1 num_outputs=2", Out: "f32[N,N] f32[N,N]"},
			{In: "f32[7]", Attrs: "num_outputs=3", Out: "f32[?] f32[?]"}, {In: "f32[7]", Attrs: "num_outputs=0", Err: "num_outputs is 0"}, {In: "f32[7]", Out: "f32[7]", Err: "neither"},
			{In: "f32[5]", Attrs: "num_outputs=4", Out: "f32[2] f32[2] f32[1] f32", Err: "4 parts"},
		},
	},
	{
		Name: "Slice", Since: []int{1},
		Doc: "A part of a tensor: [start, end) along the axes of attributes, clamped to the dim. Only the part is read. (ONNX Changelog.md, Slice-1)",
		In:  "data:T", Out: "output:T", Types: "T: all", Attrs: "axes:ints starts:ints! ends:ints!",
		Infer: inferSlice1, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "f32[N,8]", Attrs: "axes=[1] starts=[2] ends=[-1]", Out: "f32[N,5]"}, {In: "f32[N,8]", Attrs: "starts=[0,1] ends=[9223372036854775807,100]", Out: "f32[N,7]"},
			{In: "f32[8]", Attrs: "starts=[0] ends=[1,2]", Err: "ends has 2"},
		},
	},
	{
		Name: "Slice", Since: []int{10, 11, 13},
		Doc: "A part of a tensor: from start to end by step along axes, negative positions counted from the back, all clamped to the dim. " +
			"Only the part is read. (ONNX Operators.md, Slice)",
		In: "data:T, starts:Tind shape, ends:Tind shape, axes?:Tind shape, steps?:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64",
		Infer: inferSlice, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "f32[N,8] i64[1]={1} i64[1]={9223372036854775807} i64[1]={0}", Out: "f32[N-1,8]"},
			{In: "f32[9] i64[1]={1} i64[1]={8} _ i64[1]={3}", Out: "f32[3]"}, {In: "f32[9] i64[1]={-1} i64[1]={-9223372036854775808} _ i64[1]={-2}", Out: "f32[5]"},
			{In: "i64[4]={1,2,3,4} i64[1]={3} i64[1]={-5} i64[1]={0} i64[1]={-2}", Out: "i64[2]={4,2}"},
			{In: "f32[9] i64[1]={1} i64[1]={8} _ i64[1]={0}", Err: "steps"}, {In: "f32[9] i64[1]={1} i64[1]={8} i64[1]={1}", Err: "axes is 1"},
			{In: "f32[1024] i64[1]={0} i64[1]", Out: "f32[`y0[0]`]"}, {In: "f32[9,9] i64[2]={0,1} i64[2]={3,3} i64[2]={0,0}", Err: "twice"},
		},
	},
	{
		Name: "Expand", Since: []int{8, 13},
		Doc: "Broadcasts a tensor to a shape (both ways, ONNX Broadcasting.md): the input is read once, the output written. (ONNX Operators.md, Expand)",
		In:  "input:T, shape:int64 shape", Out: "output:T", Types: "T: all",
		Infer: inferExpand, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,1] i64[3]={2,1,4}", Out: "f32[2,N,4]"}, {In: "f32[3] i64[1]={2}", Err: "do not broadcast"},
			{In: "f32[1,3] i64[2]", Out: "f32[?,3]"}, {In: "i64[1]={7} i64[1]={3}", Out: "i64[3]={7,7,7}"},
		},
	},
	{
		Name: "Tile", Since: []int{1},
		Doc: "Repeats a tensor along one axis. (ONNX Changelog.md, Tile-1)",
		In:  "input:T, tiles:T shape, axis:T shape", Out: "output:T", Types: "T: float",
		Infer: inferTile1, Free: moveReason,
		Cases: []Case{{In: "f32[N,3] f32={2} f32={1}", Out: "f32[N,6]"}},
	},
	{
		Name: "Tile", Since: []int{6, 13},
		Doc: "Repeats a tensor along each axis. (ONNX Operators.md, Tile)",
		In:  "input:T, repeats:T1 shape", Out: "output:T", Types: "T: all; T1: int64",
		Infer: inferTile, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3] i64[2]={1,2}", Out: "f32[N,6]"}, {In: "i64[2]={1,2} i64[1]={2}", Out: "i64[4]={1,2,1,2}"},
			{In: "f32[N,3] i64[1]={1}", Err: "repeats has 1"}, {In: "f32[N,3] i64[2]={1,-1}", Err: "-1"},
		},
	},
	{
		Name: "Pad", Since: []int{1},
		Doc: "Adds elements before and after each axis. (ONNX Changelog.md, Pad-1)",
		In:  "data:T", Out: "output:T", Types: "T: float", Attrs: "mode:string=constant paddings:ints! value:float=0",
		Infer: func(c *Call) { c.pad(ints(c.Ints("paddings")), nil) }, Free: moveReason,
		Cases: []Case{{In: "f32[N,3]", Attrs: "paddings=[0,1,0,2]", Out: "f32[N,6]"}},
	},
	{
		Name: "Pad", Since: []int{2},
		Doc: "Adds elements before and after each axis, or removes them where a number is negative. (ONNX Changelog.md, Pad-2)",
		In:  "data:T", Out: "output:T", Types: "T: float", Attrs: "mode:string=constant pads:ints! value:float=0",
		Infer: func(c *Call) { c.pad(ints(c.Ints("pads")), nil) }, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3]", Attrs: "pads=[0,1,0,-2]", Out: "f32[N,2]"}, {In: "f32[N,3]", Attrs: "pads=[0,1]", Err: "pads has 2"},
			{In: "f32[3]", Attrs: "pads=[0,1] mode=\"x\"", Err: "mode"},
		},
	},
	{
		Name: "Pad", Since: []int{11, 13},
		Doc: "Adds elements before and after each axis, or removes them where a number is negative. (ONNX Changelog.md, Pad-13)",
		In:  "data:T, pads:int64 shape, constant_value?:T shape", Out: "output:T", Types: "T: all", Attrs: "mode:string=constant",
		Infer: (*Call).padInput, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3] i64[4]={0,1,0,1}", Out: "f32[N,5]"}, {In: "i64[2]={1,2} i64[2]={1,0} i64={9}", Out: "i64[3]={9,1,2}"},
			{In: "f32[N,3] i64[4]", Out: "f32[?,?]"}, {In: "f32[3] i64[2]={-2,-2}", Err: "dim 0"},
			{In: "f32[3,0] i64[4]={2,-1,2,1}", Attrs: "mode=\"edge\"", Out: "f32[7,0]"},
			{In: "f32[3,0] i64[4]={2,-1,2,2}", Attrs: "mode=\"edge\"", Err: "dim 1"},
		},
	},
	{
		Name: "Pad", Since: []int{18},
		Doc: "Adds elements before and after the axes, or removes them where a number is negative. (ONNX Changelog.md, Pad-18)",
		In:  "data:T, pads:int64 shape, constant_value?:T shape, axes?:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "mode:string=constant",
		Infer: (*Call).padInput, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3] i64[2]={2,1} _ i64[1]={-1}", Out: "f32[N,6]"}, {In: "f32[3] i64[2]={1,3}", Attrs: "mode=\"reflect\"", Err: "reflect adds 3"},
		},
	},
	{
		Name: "Pad", Since: []int{19, 21, 23, 24, 25},
		Doc: "Adds elements before and after the axes, or removes them where a number is negative; mode wrap continues at the other end. " +
			"(ONNX Operators.md, Pad)",
		In: "data:T, pads:int64 shape, constant_value?:T shape, axes?:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Attrs: "mode:string=constant",
		Infer: (*Call).padInput, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3] i64[2]={2,1} _ i64[1]={-1}", Out: "f32[N,6]"}, {In: "i64[3]={1,2,3} i64[2]={1,2}", Attrs: "mode=\"wrap\"", Out: "i64[6]={3,1,2,3,1,2}"},
			{In: "i64[3]={1,2,3} i64[2]={2,1}", Attrs: "mode=\"reflect\"", Out: "i64[6]={3,2,1,2,3,2}"},
			{In: "i64[3]={1,2,3} i64[2]={-1,1}", Attrs: "mode=\"edge\"", Out: "i64[3]={2,3,3}"},
			{In: "f32[2,3] i64[4]={0,0,0,0} _ i64[2]={1,-1}", Err: "twice"},
		},
	},
	{
		Name: "DepthToSpace", Since: []int{1},
		Doc: "Moves blocks of channels to blocks of pixels. (ONNX Changelog.md, DepthToSpace-1)",
		In:  "input:T", Out: "output:T", Types: "T: all", Attrs: "blocksize:int!",
		Infer: inferDepthToSpace, Free: moveReason,
		Cases: []Case{{In: "f32[N,8,H,W]", Attrs: "blocksize=2", Out: "f32[N,2,2*H,2*W]"}},
	},
	{
		Name: "DepthToSpace", Since: []int{11, 13, 28},
		Doc: "Moves blocks of channels to blocks of pixels; mode says in which order channels are taken. (ONNX Operators.md, DepthToSpace)",
		In:  "input:T", Out: "output:T", Types: "T: all", Attrs: "blocksize:int! mode:string=DCR",
		Infer: inferDepthToSpace, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,8,H,W]", Attrs: "blocksize=2 mode=\"CRD\"", Out: "f32[N,2,2*H,2*W]"}, {In: "f32[N,7,H,W]", Attrs: "blocksize=2", Err: "divide"},
			{In: "f32[N,7,H]", Attrs: "blocksize=2", Err: "rank 4"}, {In: "f32[N,8,H,W]", Attrs: "blocksize=0", Err: "blocksize is 0"},
		},
	},
	{
		Name: "SpaceToDepth", Since: []int{1, 13},
		Doc: "Moves blocks of pixels to blocks of channels. (ONNX Changelog.md, SpaceToDepth-13)",
		In:  "input:T", Out: "output:T", Types: "T: all", Attrs: "blocksize:int!",
		Infer: inferSpaceToDepth, Free: moveReason,
		Cases: []Case{{In: "f32[N,2,4,6]", Attrs: "blocksize=2", Out: "f32[N,8,2,3]"}, {In: "f32[N,2,5,6]", Attrs: "blocksize=2", Err: "divide"}},
	},
	{
		Name: "SpaceToDepth", Since: []int{28},
		Doc: "Moves blocks of pixels to blocks of channels; mode says in which order channels are laid. (ONNX Operators.md, SpaceToDepth)",
		In:  "input:T", Out: "output:T", Types: "T: all", Attrs: "blocksize:int! mode:string=DCR",
		Infer: inferSpaceToDepth, Free: moveReason,
		Cases: []Case{{In: "f32[H,2,2*H,6]", Attrs: "blocksize=2", Out: "f32[H,8,H,3]"}, {In: "f32[N,2,4,6]", Attrs: "blocksize=2 mode=\"X\"", Err: "mode"}},
	},
	{
		Name: "ReverseSequence", Since: []int{10, 28},
		Doc: "Reverses the first sequence_lens elements of each batch along the time axis. (ONNX Operators.md, ReverseSequence)",
		In:  "input:T, sequence_lens:int64 shape", Out: "Y:T", Types: "T: all", Attrs: "batch_axis:int=1 time_axis:int=0",
		Infer: inferReverseSequence, Free: moveReason,
		Cases: []Case{
			{In: "f32[T,N,3] i64[N]", Out: "f32[T,N,3]"}, {In: "f32[4,2] i64[3]", Err: "sequence_lens"}, {In: "f32[4,2] i64[2]={4,5}", Err: "length is 5"},
			{In: "f32[4,2] i64[2]", Attrs: "batch_axis=0 time_axis=0", Err: "axis"},
		},
	},
}

func inferTranspose(c *Call) {
	in, perm := c.Shape(0), c.Ints("perm")
	if in == nil {
		if perm != nil && len(perm) <= graph.MaxRank {
			c.permutation(perm)
			c.SetShape(0, c.UnknownShape(len(perm)))
		}
		return
	}
	at := make([]int, len(in))
	for i := range at {
		at[i] = len(in) - 1 - i
	}
	if perm != nil {
		if len(perm) != len(in) {
			c.Wantf(fmt.Sprintf("%d, the rank of data", len(in)), "perm has %d entries", len(perm))
		}
		at = c.permutation(perm)
	}
	out := make(graph.Shape, len(in))
	for i, a := range at {
		out[i] = in[a]
	}
	c.SetShape(0, out)
	c.Select(0, c.Moved(0), in, Elem{}, func(dst, src []int) bool {
		for i, a := range at {
			src[a] = dst[i]
		}
		return true
	})
}

// permutation checks perm, whose entries do not count from the back.
func (c *Call) permutation(perm []int64) []int {
	for _, a := range perm {
		if a < 0 {
			c.Wantf("at least 0", "perm holds %d", a)
		}
	}
	return c.NormAxes("perm", perm, len(perm))
}

func inferConcat(c *Call) {
	parts := make([]Info, len(c.In))
	for i := range parts {
		if parts[i].Has = -1; c.Has(i) {
			parts[i] = Tensor(c.DType(i), c.Shape(i))
			parts[i].Elems = c.MovedOrUnknown(i)
		}
	}
	c.concat(parts, c.Int("axis", 1))
}

// concat sets output 0 to tensors joined along an axis.
func (c *Call) concat(parts []Info, axis int64) {
	var out graph.Shape
	a, known := 0, true
	var sum graph.Dim
	for i := range parts {
		s := parts[i].Shape
		if s == nil {
			known = false
			continue
		}
		if out == nil {
			a = c.NormAxis("axis", axis, len(s))
			out, sum = append(graph.Shape{}, s...), s[a]
			continue
		}
		if len(s) != len(out) {
			c.Wantf(fmt.Sprintf("rank %d", len(out)), "input %d has rank %d", i, len(s))
		}
		sum = sum.Add(s[a])
		for j := range out {
			if j != a {
				out[j] = c.Same(out[j], s[j], fmt.Sprintf("dim %d of the inputs", j))
			}
		}
	}
	if out == nil {
		return
	}
	if out[a] = sum; !known {
		out[a] = c.UnknownDim()
	}
	c.SetShape(0, out)
	c.concatElems(parts, a)
}

// concatElems joins the elements of all parts, chunk by chunk of the dims from axis on.
func (c *Call) concatElems(parts []Info, axis int) {
	n, ok := c.followsOut(0)
	if !ok {
		return
	}
	src, chunk := make([][]Elem, len(parts)), make([]int, len(parts))
	for i := range parts {
		size, isConst := parts[i].Shape.Elements().Const()
		if src[i] = parts[i].Elems; src[i] == nil || !isConst || int64(len(src[i])) != size {
			return
		}
		k, _ := parts[i].Shape[axis:].Elements().Const()
		chunk[i] = int(k)
	}
	es := make([]Elem, 0, n)
	for len(es) < n {
		for i := range src {
			es, src[i] = append(es, src[i][:chunk[i]]...), src[i][chunk[i]:]
		}
	}
	c.SetElems(0, es)
}

func inferSplit1(c *Call) {
	if !c.Has(1) {
		inferSplitAttr(c)
		return
	}
	c.ShapeOfRank(1, 1, 1)
	var sizes []graph.Dim
	for _, e := range c.Elems(1) {
		f, _ := e.Float()
		k, ok := floatToInt(f)
		if !ok {
			c.Failf("split holds %v", f)
		}
		sizes = append(sizes, graph.Int(k))
	}
	if sizes == nil {
		sizes = c.UnknownShape(len(c.Out))
	}
	c.split(sizes)
}

func inferSplitAttr(c *Call) {
	if c.Attr("split") != nil {
		c.split(ints(c.Ints("split")))
		return
	}
	c.splitEven()
}

func inferSplit13(c *Call) {
	if c.Has(1) {
		c.splitInput()
		return
	}
	c.splitEven()
}

func inferSplit18(c *Call) {
	given := c.Attr("num_outputs") != nil
	switch {
	case c.Has(1) && given:
		c.Failf("both split and num_outputs are given")
	case c.Has(1):
		c.splitInput()
		return
	case !given:
		c.Failf("neither split nor num_outputs is given")
	}
	n := c.Int("num_outputs", 0)
	if n < 1 {
		c.Wantf("at least 1", "num_outputs is %d", n)
	}
	in := c.Shape(0)
	if in == nil {
		return
	}
	axis := c.Axis("axis", 0, len(in))
	if n != int64(len(c.Out)) { // by ONNX Runtime the outputs decide, by ONNX's shape inference the attribute
		c.Warnf("num_outputs is %d, the node has %d outputs", n, len(c.Out))
		for i := range c.Out {
			c.SetShape(i, with(in, axis, c.UnknownDim()))
		}
		return
	}
	d := in[axis]
	chunk := d.CeilDiv(graph.Int(n))
	sizes := make([]graph.Dim, n)
	for i := range sizes {
		sizes[i] = chunk
	}
	last := d.Sub(chunk.MulInt(n - 1))
	if k, ok := last.Const(); ok && k < 1 {
		c.Failf("a dim of %s does not give %d parts of %s", d, n, chunk)
	}
	sizes[n-1] = last
	c.split(sizes)
}

func (c *Call) splitInput() {
	c.ShapeOfRank(1, 1, 1)
	sizes, ok := c.Dims(1)
	if !ok {
		sizes = c.UnknownShape(len(c.Out))
	}
	c.split(sizes)
}

// splitEven cuts input 0 into parts of one size.
func (c *Call) splitEven() {
	in := c.Shape(0)
	if in == nil {
		return
	}
	axis, n := c.Axis("axis", 0, len(in)), graph.Int(int64(len(c.Out)))
	if !divides(n, in[axis]) {
		c.Failf("%s does not divide dim %d, which is %s", n, axis, in[axis])
	}
	part, _ := in[axis].FloorDiv(n)
	sizes := make([]graph.Dim, len(c.Out))
	for i := range sizes {
		sizes[i] = part
	}
	c.split(sizes)
}

// split cuts input 0 along the axis into parts of given sizes.
func (c *Call) split(sizes []graph.Dim) {
	if len(sizes) != len(c.Out) {
		c.Wantf(fmt.Sprintf("%d, the number of outputs", len(c.Out)), "split has %d sizes", len(sizes))
	}
	var sum graph.Dim
	for i, d := range sizes {
		if k, ok := d.Const(); ok && k < 0 {
			c.Failf("size %d of split is negative: %d", i, k)
		}
		sum = sum.Add(d)
	}
	in := c.Shape(0)
	if in == nil {
		return
	}
	axis := c.Axis("axis", 0, len(in))
	if hasUnknown(sizes) {
		c.openSizes(sizes, axis, in[axis])
	} else if sum.IsConst() && in[axis].IsConst() && !sum.Equal(in[axis]) {
		c.Wantf(in[axis].String(), "the sum of split is %s", sum)
	}
	src := c.Moved(0)
	first := graph.Int(0)
	for i, d := range sizes {
		c.SetShape(i, with(in, axis, d))
		if off, ok := first.Const(); ok {
			c.Select(i, src, in, Elem{}, func(dst, at []int) bool {
				copy(at, dst)
				at[axis] += int(off)
				return true
			})
		}
		first = first.Add(d)
	}
}

// openSizes puts symbols within an axis of size d for the sizes of split that are
// not known; the last of these is what the others leave.
func (c *Call) openSizes(sizes []graph.Dim, axis int, d graph.Dim) {
	if d.HasUnknown() {
		return
	}
	left, last := d, -1
	for i, size := range sizes {
		if size.HasUnknown() {
			last = i
		} else {
			left = left.Sub(size)
		}
	}
	most := left.Max(graph.Int(0))
	for i, size := range sizes {
		if !size.HasUnknown() || i == last {
			continue
		}
		if sizes[i] = graph.Int(0); !most.IsZero() {
			sizes[i] = c.DataDim(i, axis, 0, &most)
		}
		left = left.Sub(sizes[i])
	}
	sizes[last] = left
}

func inferSlice1(c *Call) {
	starts, ends, axes := c.Ints("starts"), c.Ints("ends"), c.Ints("axes")
	if axes == nil {
		axes = firstAxes(len(starts))
	}
	c.slice(ints(starts), ints(ends), axes, nil)
}

func firstAxes(n int) []int64 {
	axes := make([]int64, n)
	for i := range axes {
		axes[i] = int64(i)
	}
	return axes
}

func inferSlice(c *Call) {
	in := c.Shape(0)
	for i := 1; i < len(c.In); i++ {
		c.ShapeOfRank(i, 1, 1)
	}
	starts, okS := c.Dims(1)
	ends, okE := c.Dims(2)
	switch {
	case !okS && !okE:
		c.anySlice(in)
		return
	case !okS:
		starts = c.UnknownShape(len(ends))
	case !okE:
		ends = c.UnknownShape(len(starts))
	}
	axes := firstAxes(len(starts))
	if c.Has(3) {
		var known bool
		if axes, _, known = c.axesOf(3); !known {
			c.anySlice(in)
			return
		}
	}
	var steps []graph.Dim
	if c.Has(4) {
		if steps, okS = c.Dims(4); !okS {
			steps = c.UnknownShape(len(starts))
		}
	}
	c.slice(starts, ends, axes, steps)
}

// anySlice sets output 0 to a part of input 0 along axes that are not known.
func (c *Call) anySlice(in graph.Shape) {
	if in == nil {
		return
	}
	out := make(graph.Shape, len(in))
	for i, d := range in {
		out[i] = c.part(i, d)
	}
	c.SetShape(0, out)
}

// slice sets output 0 to the part of input 0 between starts and ends; nil steps are 1.
func (c *Call) slice(starts, ends []graph.Dim, axes []int64, steps []graph.Dim) {
	c.sameLength("starts", "ends", len(ends), len(starts))
	c.sameLength("starts", "axes", len(axes), len(starts))
	if steps == nil {
		steps = make([]graph.Dim, len(starts))
		for i := range steps {
			steps[i] = graph.Int(1)
		}
	}
	c.sameLength("starts", "steps", len(steps), len(starts))
	in := c.Shape(0)
	if in == nil {
		return
	}
	out := append(graph.Shape{}, in...)
	first, by := make([]graph.Dim, len(in)), make([]int64, len(in))
	for i := range by {
		by[i] = 1
	}
	followed := true
	for i, a := range c.NormAxes("axes", axes, len(in)) {
		step, ok := steps[i].Const()
		if ok && step == 0 {
			c.Failf("steps has a 0")
		}
		if !ok || starts[i].HasUnknown() || ends[i].HasUnknown() || in[a].HasUnknown() || openEnd(ends[i], step) {
			followed = false
			out[a] = c.part(a, in[a])
			continue
		}
		first[a], out[a] = sliceRange(in[a], starts[i], ends[i], step)
		by[a] = step
	}
	c.SetShape(0, out)
	if followed {
		c.sliceElems(in, first, by)
	}
}

func (c *Call) sameLength(a, b string, n, want int) {
	if n != want {
		c.Wantf(fmt.Sprintf("%d, as %s has", want, a), "%s has %d entries", b, n)
	}
}

// openEnd reports whether an end past every dim meets a negative step: by the text
// it is clamped to the last position, in ONNX Runtime it means none.
func openEnd(end graph.Dim, step int64) bool {
	return step < 0 && (end.Is(math.MaxInt32) || end.Is(math.MaxInt64))
}

// part is the size of an unknown part of a dim: a symbol no larger than it.
func (c *Call) part(axis int, of graph.Dim) graph.Dim {
	switch {
	case of.HasUnknown():
		return c.UnknownDim()
	case of.IsZero():
		return of
	}
	return c.DataDim(0, axis, 0, &of)
}

// sliceRange returns the first position and the length of start:end:step in a dim
// of size d: negative positions count from the back; for positive steps positions
// are clamped to [0, d], for negative ones start to [0, d-1] and end to [-1, d-1].
func sliceRange(d, start, end graph.Dim, step int64) (first, n graph.Dim) {
	zero := graph.Int(0)
	if step > 0 {
		first = position(start, d, zero, d).Max(zero)
		n = position(end, d, zero, d).Min(d).Sub(first)
	} else {
		last := d.AddInt(-1)
		first = position(start, d, zero, last).Max(zero).Min(last)
		n = first.Sub(position(end, d, graph.Int(-1), last).Max(graph.Int(-1)))
	}
	if !d.IsConst() && (step > math.MaxInt32 || step < -math.MaxInt32) { // no dim is as long as the step
		return first, n.Min(graph.Int(1)).Max(zero)
	}
	return first, n.CeilDiv(graph.Int(step).Max(graph.Int(step).Neg())).Max(zero)
}

// position counts v from the front of a dim of size d. Numbers past the 32-bit
// range mean an end of the dim, as the operator's text recommends.
func position(v, d, lo, hi graph.Dim) graph.Dim {
	if k, ok := v.Const(); ok && !d.IsConst() {
		if k >= math.MaxInt32 {
			return hi
		}
		if k <= -math.MaxInt32 {
			return lo
		}
	}
	if low, ok := v.Lower(); ok && low >= 0 {
		return v
	}
	if high, ok := v.Upper(); ok && high < 0 {
		return v.Add(d)
	}
	negative := v.Neg().Max(graph.Int(0)).Min(graph.Int(1)) // 1 where v < 0
	return v.Add(d.Mul(negative))
}

func (c *Call) sliceElems(in graph.Shape, first []graph.Dim, by []int64) {
	off := make([]int64, len(in))
	for i, d := range first {
		k, ok := d.Const()
		if !ok {
			return
		}
		off[i] = k
	}
	c.Select(0, c.Moved(0), in, Elem{}, func(dst, src []int) bool {
		for i, x := range dst {
			src[i] = int(off[i] + int64(x)*by[i])
		}
		return true
	})
}

func inferExpand(c *Call) {
	in := c.Shape(0)
	target, ok := c.target(1)
	if !ok || in == nil {
		return
	}
	for i, d := range target {
		if k, isConst := d.Const(); isConst && k < 0 {
			c.Wantf("at least 0", "shape has %d at %d", k, i)
		}
	}
	c.SetShape(0, c.Broadcast(in, target))
	c.Select(0, c.Moved(0), in, Elem{}, func(dst, src []int) bool {
		for i := range src {
			if src[i] = dst[len(dst)-len(src)+i]; in[i].Is(1) {
				src[i] = 0
			}
		}
		return true
	})
}

// inferTile1 serves version 1, whose number of tiles and axis are floats.
func inferTile1(c *Call) {
	in := c.Shape(0)
	if in == nil {
		return
	}
	c.SetShape(0, c.UnknownShape(len(in)))
	tiles, okT := c.floatScalar(1)
	axis, okA := c.floatScalar(2)
	if okA {
		a := c.NormAxis("axis", axis, len(in))
		out := with(in, a, c.UnknownDim())
		if okT {
			out[a] = in[a].MulInt(tiles)
		}
		c.SetShape(0, out)
	}
}

// floatScalar returns a scalar input of floating type that holds an integer.
func (c *Call) floatScalar(i int) (int64, bool) {
	e, ok := c.Scalar(i)
	if !ok {
		return 0, false
	}
	f, ok := e.Float()
	if !ok {
		return 0, false
	}
	return floatToInt(f)
}

func inferTile(c *Call) {
	in := c.Shape(0)
	repeats, ok := c.target(1)
	switch {
	case !ok && in == nil:
		return
	case !ok:
		repeats = c.UnknownShape(len(in))
	case in == nil:
		c.SetShape(0, c.UnknownShape(len(repeats)))
		return
	}
	if len(repeats) != len(in) {
		c.Wantf(fmt.Sprintf("%d, the rank of input", len(in)), "repeats has %d entries", len(repeats))
	}
	out := make(graph.Shape, len(in))
	for i, d := range in {
		if k, isConst := repeats[i].Const(); isConst && k < 0 {
			c.Wantf("at least 0", "repeats has %d at %d", k, i)
		}
		out[i] = d.Mul(repeats[i])
	}
	c.SetShape(0, out)
	c.Select(0, c.Moved(0), in, Elem{}, func(dst, src []int) bool {
		for i := range src {
			k, _ := in[i].Const()
			src[i] = dst[i] % int(k)
		}
		return true
	})
}

// padInput serves the versions with pads and axes as inputs.
func (c *Call) padInput() {
	if s := c.ShapeOfRank(1, 1, 2); len(s) == 2 { // ONNX Runtime takes a row of a matrix, too
		c.Same(s[0], graph.Int(1), "rows of pads")
	}
	in := c.Shape(0)
	var axes []int64
	if c.Has(3) {
		var known bool
		if axes, _, known = c.axesOf(3); !known {
			c.fillMode()
			if in != nil {
				c.SetShape(0, c.UnknownShape(len(in)))
			}
			return
		}
	}
	pads, ok := c.Dims(1)
	if !ok {
		if in == nil {
			return
		}
		n := len(in)
		if axes != nil {
			n = len(axes)
		}
		pads = c.UnknownShape(2 * n)
	}
	c.pad(pads, axes)
}

// fillMode returns the mode of Pad. Mode wrap came with opset 19; ONNX Runtime takes
// it before.
func (c *Call) fillMode() string {
	mode := c.Str("mode", "constant")
	switch mode {
	case "constant", "reflect", "edge", "wrap":
	default:
		c.Wantf("constant, reflect, edge or wrap", "mode is %s", graph.Quote(mode))
	}
	return mode
}

// pad sets output 0 to input 0 with pads, first all of the beginnings and then
// all of the ends, at the axes; nil axes are all.
func (c *Call) pad(pads []graph.Dim, axes []int64) {
	mode := c.fillMode()
	in := c.Shape(0)
	if in == nil {
		if axes == nil && len(pads)%2 == 0 && len(pads) <= 2*graph.MaxRank {
			c.SetShape(0, c.UnknownShape(len(pads)/2))
		}
		return
	}
	if axes == nil {
		axes = firstAxes(len(in))
	}
	if len(pads) != 2*len(axes) {
		c.Wantf(fmt.Sprintf("%d, two for each axis", 2*len(axes)), "pads has %d entries", len(pads))
	}
	out := append(graph.Shape{}, in...)
	before, after := make([]graph.Dim, len(in)), make([]graph.Dim, len(in))
	for i, a := range c.NormAxes("axes", axes, len(in)) {
		before[a], after[a] = pads[i], pads[i+len(axes)]
		out[a] = in[a].Add(before[a]).Add(after[a])
	}
	c.SetShape(0, out)
	if mode != "constant" {
		for i := range in {
			c.checkPad(mode, i, out[i], before[i], after[i])
		}
	}
	c.padElems(in, before, after, mode)
}

// checkPad refuses repeating elements where there are too few after negative pads
// removed theirs: mode reflect adds less than there are, the others need one. An
// empty input is refused only where an axis of 0 becomes longer.
func (c *Call) checkPad(mode string, axis int, out, before, after graph.Dim) {
	in, zero := c.Shape(0), graph.Int(0)
	n, known := in[axis].Add(before.Min(zero)).Add(after.Min(zero)).Const()
	if in.Elements().IsZero() {
		known = in[axis].IsZero() && out.IsConst() && !out.IsZero()
	}
	if !known {
		return
	}
	if n <= 0 {
		c.Failf("mode %s pads dim %d, of which nothing is left", mode, axis)
	}
	for _, p := range []graph.Dim{before, after} {
		if k, ok := p.Const(); ok && mode == "reflect" && k >= n && k > 0 {
			c.Wantf("less than that", "mode reflect adds %d to the %d elements of dim %d", k, n, axis)
		}
	}
}

// padElems moves elements of a padded tensor that is followed. What negative pads
// remove is not repeated by the others.
func (c *Call) padElems(in graph.Shape, before, after []graph.Dim, mode string) {
	off, lo, hi := make([]int, len(in)), make([]int, len(in)), make([]int, len(in))
	for i := range in {
		k, ok := before[i].Const()
		e, okE := after[i].Const()
		n, okN := in[i].Const()
		if !ok || !okE || !okN || max(k, -k, e, -e) > graph.MaxFoldElements || min(k, e) == math.MinInt64 {
			return
		}
		off[i], lo[i], hi[i] = int(k), int(max(-k, 0)), int(n-max(-e, 0))
	}
	c.Select(0, c.Moved(0), in, c.padFill(), func(dst, src []int) bool {
		for i, x := range dst {
			x -= off[i]
			if x < lo[i] || x >= hi[i] {
				if mode == "constant" || hi[i] <= lo[i] {
					return false
				}
				x = lo[i] + padIndex(x-lo[i], hi[i]-lo[i], mode)
			}
			src[i] = x
		}
		return true
	})
}

// padFill returns the element that mode constant adds.
func (c *Call) padFill() Elem {
	switch {
	case c.Has(2):
		e, _ := c.Scalar(2)
		return e
	case c.DType(0).IsFloat():
		return FloatElem(float64(c.Float("value", 0)))
	case c.DType(0) == graph.String:
		return StringElem("")
	}
	return IntElem(graph.Int(0))
}

// padIndex maps a position outside [0, n) to the one that a mode repeats there.
func padIndex(x, n int, mode string) int {
	switch mode {
	case "edge":
		return min(max(x, 0), n-1)
	case "wrap":
		return ((x % n) + n) % n
	}
	if n == 1 { // reflect without repeating the border
		return 0
	}
	period := 2 * (n - 1)
	if x = ((x % period) + period) % period; x >= n {
		x = period - x
	}
	return x
}

// blocks returns the shape of input 0 and the block size of a node that moves
// blocks between channels and pixels.
func (c *Call) blocks() (graph.Shape, graph.Dim) {
	if mode := c.Str("mode", "DCR"); mode != "DCR" && mode != "CRD" {
		c.Wantf(`"DCR" or "CRD"`, "mode is %s", graph.Quote(mode))
	}
	b := c.Int("blocksize", 0)
	if b < 1 {
		c.Wantf("at least 1", "blocksize is %d", b)
	}
	return c.ShapeOfRank(0, 4, 4), graph.Int(b)
}

// divided returns dim i of s over d, which must divide it.
func (c *Call) divided(s graph.Shape, i int, d graph.Dim) graph.Dim {
	if !divides(d, s[i]) {
		c.Failf("%s does not divide dim %d, which is %s", d, i, s[i])
	}
	q, _ := s[i].FloorDiv(d)
	return q
}

func inferDepthToSpace(c *Call) {
	in, b := c.blocks()
	if in == nil {
		c.SetShape(0, c.UnknownShape(4))
		return
	}
	c.SetShape(0, graph.Shape{in[0], c.divided(in, 1, b.Mul(b)), in[2].Mul(b), in[3].Mul(b)})
}

func inferSpaceToDepth(c *Call) {
	in, b := c.blocks()
	if in == nil {
		c.SetShape(0, c.UnknownShape(4))
		return
	}
	c.SetShape(0, graph.Shape{in[0], in[1].Mul(b).Mul(b), c.divided(in, 2, b), c.divided(in, 3, b)})
}

func inferReverseSequence(c *Call) {
	in, lens := c.ShapeOfRank(0, 2, -1), c.ShapeOfRank(1, 1, 1)
	batch, time := c.Int("batch_axis", 1), c.Int("time_axis", 0)
	if batch == time || batch > 1 || time > 1 {
		c.Wantf("one is 0, the other 1", "batch_axis is %d, time_axis %d", batch, time)
	}
	c.SameShape(0, 0)
	if in == nil || lens == nil || batch < 0 || time < 0 { // ONNX Runtime lets negative ones pass
		return
	}
	c.Same(in[batch], lens[0], "length of sequence_lens and the batch")
	most, bounded := in[time].Const()
	for _, e := range c.Elems(1) {
		if k, ok := e.Int(); ok && bounded && (k < 0 || k > most) {
			c.Wantf(fmt.Sprintf("0 to %d", most), "a sequence length is %d", k)
		}
	}
}

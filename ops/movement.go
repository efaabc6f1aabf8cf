package ops

import (
	"fmt"

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

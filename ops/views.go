package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

const viewReason = "the output is the input's memory under other dims"

var viewOps = []Op{
	{
		Name: "Constant", Since: []int{1, 9},
		Doc: "A tensor that is written into the model. Nothing is counted; a float constant that feeds a weight is a parameter. " +
			"(ONNX Operators.md, Constant)",
		Out: "output:T", Types: "T: all", Attrs: "value:tensor!",
		Infer: inferConstant, Free: "part of the model", Moves: View,
		Cases: []Case{{Attrs: "value=f32[2,3]", Out: "f32[2,3]"}, {Err: "missing"}},
	},
	{
		Name: "Constant", Since: []int{11},
		Doc:   "A tensor, dense or sparse, that is written into the model. Nothing is counted. (ONNX Changelog.md, Constant-11)",
		Out:   "output:T",
		Types: "T: all", Attrs: "sparse_value:sparse_tensor value:tensor",
		Infer: inferConstant, Free: "part of the model", Moves: View,
		Cases: []Case{{Attrs: "value=i64[2]={7,-1}", Out: "i64[2]={7,-1}"}, {Err: "exactly one"}},
	},
	{
		Name: "Constant", Since: []int{12, 13, 19, 21, 23, 24, 25},
		Doc: "A tensor, a number, a string or a list of them that is written into the model. Nothing is counted. A sparse one is given " +
			"in its dense dims. (ONNX Operators.md, Constant)",
		Out: "output:T", Types: "T: all",
		Attrs: "value_strings:strings value_string:string value_floats:floats value_float:float value_ints:ints value_int:int sparse_value:sparse_tensor value:tensor",
		Infer: inferConstant, Free: "part of the model", Moves: View,
		Cases: []Case{
			{Attrs: "value_int=5", Out: "i64={5}"}, {Attrs: "value_ints=[1,2]", Out: "i64[2]={1,2}"},
			{Attrs: "value_float=0.5", Out: "f32={0.5}"}, {Attrs: "value_floats=[0.5,2]", Out: "f32[2]={0.5,2}"},
			{Attrs: "value_string=\"a\"", Out: "str={a}"}, {Attrs: "value_strings=[\"a\",\"b\"]", Out: "str[2]={a,b}"},
			{Attrs: "value_int=5 value_float=1", Err: "exactly one"},
		},
	},
	{
		Name: "Shape", Since: []int{1, 13},
		Doc: "The dims of a tensor as int64. Only metadata is read. (ONNX Operators.md, Shape)",
		In:  "data:T", Out: "shape:T1", Types: "T: all; T1: int64",
		Infer: inferShape, Free: "reads metadata only", Moves: View,
		Cases: []Case{{In: "f32[N,3,8]", Out: "i64[3]={N,3,8}"}, {In: "f32", Out: "i64[0]"}, {In: "f32[*]", Out: "i64[?]"}},
	},
	{
		Name: "Shape", Since: []int{15, 19, 21, 23, 24, 25},
		Doc: "The dims from start to end of a tensor as int64; both count from the back when negative and are clamped to the rank. " +
			"Only metadata is read. (ONNX Operators.md, Shape)",
		In: "data:T", Out: "shape:T1", Types: "T: all; T1: int64", Attrs: "start:int=0 end:int",
		Infer: inferShape, Free: "reads metadata only", Moves: View,
		Cases: []Case{
			{In: "f32[N,3,8]", Attrs: "start=-2", Out: "i64[2]={3,8}"}, {In: "f32[N,3,8]", Attrs: "start=-9 end=-1", Out: "i64[2]={N,3}"},
			{In: "f32[N,3,8]", Attrs: "start=2 end=1", Out: "i64[0]"},
			{In: "f32[N,3,8]", Attrs: "start=-9223372036854775808 end=9223372036854775807", Out: "i64[3]={N,3,8}"},
		},
	},
	{
		Name: "Size", Since: []int{1, 13, 19, 21, 23, 24, 25},
		Doc: "The number of elements of a tensor as int64. Only metadata is read. (ONNX Operators.md, Size)",
		In:  "data:T", Out: "size:T1", Types: "T: all; T1: int64",
		Infer: inferSize, Free: "reads metadata only", Moves: View,
		Cases: []Case{{In: "f32[N,3,8]", Out: "i64={24*N}"}, {In: "f32", Out: "i64={1}"}},
	},
	{
		Name: "Reshape", Since: []int{1},
		Doc: "Other dims for the same elements, from an attribute: 0 copies the input's dim, one -1 is what remains. (ONNX Changelog.md, Reshape-1)",
		In:  "data:T", Out: "reshaped:T", Types: "T: float", Attrs: "shape:ints consumed_inputs:ints",
		Infer: func(c *Call) { c.reshape(ints(c.Ints("shape")), false) }, Free: viewReason, Moves: View,
		Cases: []Case{{In: "f32[N,3,4]", Attrs: "shape=[0,-1]", Out: "f32[N,12]"}},
	},
	{
		Name: "Reshape", Since: []int{5, 13},
		Doc: "Other dims for the same elements: 0 copies the input's dim, one -1 is what remains. (ONNX Changelog.md, Reshape-13)",
		In:  "data:T, shape:int64 shape", Out: "reshaped:T", Types: "T: all",
		Infer: inferReshape, Free: viewReason, Moves: View,
		Cases: []Case{
			{In: "f32[N,3,4] i64[2]={0,-1}", Out: "f32[N,12]"}, {In: "f32[N,3,4] i64[2]={-1,6}", Out: "f32[2*N,6]"},
			{In: "f32[2,3] i64[2]={4,-1}", Err: "do not divide"}, {In: "f32[2,3] i64[2]={-1,-1}", Err: "more than one -1"},
			{In: "f32[2,3] i64[3]={2,3,0}", Err: "no dim 2"}, {In: "f32[0,3] i64[2]={0,-1}", Err: "-1"},
		},
	},
	{
		Name: "Reshape", Since: []int{14, 19, 21, 23, 24, 25},
		Doc: "Other dims for the same elements: 0 copies the input's dim, or with allowzero is a 0; one -1 is what remains. " +
			"(ONNX Operators.md, Reshape)",
		In: "data:T, shape:int64 shape", Out: "reshaped:T", Types: "T: all", Attrs: "allowzero:int=0",
		Infer: inferReshape, Free: viewReason, Moves: View,
		Cases: []Case{
			{In: "f32[0,3] i64[2]={3,0}", Attrs: "allowzero=1", Out: "f32[3,0]"}, {In: "f32[2,3] i64[2]={3,-1}", Out: "f32[3,2]"},
			{In: "f32[2,3] i64[2]={-9223372036854775808,3}", Err: "-9223372036854775808"},
			{In: "f32[2,3] i64[2]={7,1}", Err: "6 elements"}, {In: "f32[4,3] i64[2]", Out: "f32[?,?]"},
			{In: "i64[2]={5,6} i64[2]={2,1}", Out: "i64[2,1]={5,6}"},
		},
	},
	{
		Name: "Flatten", Since: []int{1, 9},
		Doc: "A matrix of the dims before axis by those after it. (ONNX Changelog.md, Flatten-9)",
		In:  "input:T", Out: "output:T", Types: "T: all", Attrs: "axis:int=1",
		Infer: func(c *Call) { c.flatten(0) }, Free: viewReason, Moves: View,
		Cases: []Case{{In: "f32[N,3,4]", Out: "f32[N,12]"}, {In: "f32[N,3,4]", Attrs: "axis=-1", Err: "axis is -1"}},
	},
	{
		Name: "Flatten", Since: []int{11, 13, 21, 23, 24, 25},
		Doc: "A matrix of the dims before axis by those after it; a negative axis counts from the back. (ONNX Operators.md, Flatten)",
		In:  "input:T", Out: "output:T", Types: "T: all", Attrs: "axis:int=1",
		Infer: func(c *Call) { c.flatten(1) }, Free: viewReason, Moves: View,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axis=-1", Out: "f32[3*N,4]"}, {In: "f32[2,3]", Attrs: "axis=0", Out: "f32[1,6]"},
			{In: "f32[2,3]", Attrs: "axis=2", Out: "f32[6,1]"}, {In: "f32[2,3]", Attrs: "axis=3", Err: "axis is 3"},
			{In: "f32[*]", Out: "f32[?,?]"},
		},
	},
	{
		Name: "Squeeze", Since: []int{1, 11},
		Doc: "Removes dims of 1: those of the attribute, or all. (ONNX Changelog.md, Squeeze-11)",
		In:  "data:T", Out: "squeezed:T", Types: "T: all", Attrs: "axes:ints",
		Infer: func(c *Call) { c.squeeze(c.Ints("axes"), len(c.Ints("axes")), true, c.Attr("axes") != nil) }, Free: viewReason, Moves: View,
		Cases: []Case{{In: "f32[1,3,1]", Out: "f32[3]"}, {In: "f32[1,N,1]", Attrs: "axes=[0]", Out: "f32[N,1]"}},
	},
	{
		Name: "Squeeze", Since: []int{13, 21, 23, 24, 25},
		Doc: "Removes dims of 1: those of the input axes, or all. (ONNX Operators.md, Squeeze)",
		In:  "data:T, axes?:int64 shape", Out: "squeezed:T", Types: "T: all",
		Infer: inferSqueeze, Free: viewReason, Moves: View,
		Cases: []Case{
			{In: "f32[1,N,1] i64[2]={0,-1}", Out: "f32[N]"}, {In: "f32[1,3] i64[1]={1}", Err: "dim 1 is 3"},
			{In: "f32[1,N,1]", Out: "f32[*]"}, {In: "f32[1,N,1] i64[1]", Out: "f32[?,?]"}, {In: "f32[3,1,4] i64[1]", Out: "f32[3,4]"}, {In: "f32[1] i64[1]={4}", Err: "axes is 4"},
			{In: "i64[1]={9} i64[1]={0}", Out: "i64={9}"},
		},
	},
	{
		Name: "Unsqueeze", Since: []int{1, 11},
		Doc: "Inserts dims of 1 at the axes of the attribute, counted in the output. (ONNX Changelog.md, Unsqueeze-11)",
		In:  "data:T", Out: "expanded:T", Types: "T: all", Attrs: "axes:ints!",
		Infer: func(c *Call) { c.unsqueeze(c.Ints("axes"), len(c.Ints("axes")), true) }, Free: viewReason, Moves: View,
		Cases: []Case{{In: "f32[N,3]", Attrs: "axes=[0,3]", Out: "f32[1,N,3,1]"}},
	},
	{
		Name: "Unsqueeze", Since: []int{13, 21, 23, 24, 25},
		Doc: "Inserts dims of 1 at the axes of the input, counted in the output. (ONNX Operators.md, Unsqueeze)",
		In:  "data:T, axes:int64 shape", Out: "expanded:T", Types: "T: all",
		Infer: func(c *Call) { c.unsqueeze(c.axesOf(1)) }, Free: viewReason, Moves: View,
		Cases: []Case{
			{In: "f32[N,3] i64[2]={-1,0}", Out: "f32[1,N,3,1]"}, {In: "f32[3] i64[2]={0,-3}", Err: "twice"},
			{In: "f32[3] i64[1]={2}", Err: "axes is 2"}, {In: "f32[3] i64[2]", Out: "f32[?,?,?]"}, {In: "i64={4} i64[1]={0}", Out: "i64[1]={4}"},
		},
	},
	{
		Name: "Identity", Since: []int{1, 13},
		Doc: "Its input. (ONNX Operators.md, Identity)",
		In:  "input:T", Out: "output:T", Types: "T: all",
		Infer: inferIdentity, Free: "the output is the input's memory", Moves: View,
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]"}, {In: "i64[2]={1,2}", Out: "i64[2]={1,2}"}},
	},
	{
		Name: "Identity", Since: []int{14, 16, 19, 21, 23, 24, 25},
		Doc: "Its input: a tensor, a sequence or an optional. (ONNX Operators.md, Identity)",
		In:  "input:V", Out: "output:V", Types: "V: all tensor seq optional",
		Infer: inferIdentity, Free: "the output is the input's memory", Moves: View,
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]"}, {In: "f32[*]", Out: "f32[*]"}},
	},
}

func inferShape(c *Call) {
	in := c.Shape(0)
	if in == nil {
		c.SetShape(0, graph.Shape{c.UnknownDim()})
		return
	}
	start := clampAxis(c.Int("start", 0), len(in))
	end := clampAxis(c.Int("end", int64(len(in))), len(in))
	if end < start {
		end = start
	}
	c.SetShape(0, graph.Ints(int64(end-start)))
	c.SetElems(0, IntElems(in[start:end]...))
}

// clampAxis counts an axis from the front and moves it into [0, rank].
func clampAxis(a int64, rank int) int {
	if a < 0 {
		a += int64(rank)
	}
	return int(min(max(a, 0), int64(rank)))
}

func inferSize(c *Call) {
	c.SetShape(0, graph.Shape{})
	if in := c.Shape(0); in != nil {
		c.SetElems(0, IntElems(in.Elements()))
	}
}

func inferReshape(c *Call) {
	if target, ok := c.target(1); ok {
		c.reshape(target, c.Int("allowzero", 0) != 0)
	}
}

// reshape sets output 0 to the elements of input 0 under a target shape.
func (c *Call) reshape(target []graph.Dim, allowZero bool) {
	out, rest := c.reshapeDims(target, allowZero)
	c.SetShape(0, out)
	c.SetView(0, 0)
	in := c.Shape(0)
	if in == nil {
		if rest >= 0 {
			out[rest] = c.UnknownDim()
		}
		return
	}
	if rest < 0 {
		if rest = onlyUnknown(out); rest >= 0 && !hasUnknown(in) {
			if q, ok := divExact(in.Elements(), elementsBut(out, rest)); ok {
				out[rest] = q
			}
		}
		c.sameElements(in, out)
		return
	}
	others := elementsBut(out, rest)
	q, ok := in.Elements().FloorDiv(others)
	if !ok {
		c.Failf("shape has a -1 beside a 0: what remains is not determined")
	}
	if !divides(others, in.Elements()) {
		c.Failf("the other dims of shape, %s, do not divide the %s elements of %s", others, in.Elements(), in)
	}
	out[rest] = q
}

// reshapeDims copies dims for zeros and returns the place of -1, -1 if there is none.
func (c *Call) reshapeDims(target []graph.Dim, allowZero bool) (out graph.Shape, rest int) {
	in := c.Shape(0)
	out, rest = append(graph.Shape{}, target...), -1
	for i, d := range target {
		k, isConst := d.Const()
		switch {
		case !isConst:
		case k < -1:
			c.Wantf("at least -1", "shape has a dim of %d", k)
		case k == -1 && rest >= 0:
			c.Failf("shape has more than one -1")
		case k == -1:
			rest = i
		case k == 0 && !allowZero && in == nil:
			out[i] = c.UnknownDim()
		case k == 0 && !allowZero && i >= len(in):
			c.Failf("shape has a 0 at %d: %s has no dim %d to copy", i, in, i)
		case k == 0 && !allowZero:
			out[i] = in[i]
		}
	}
	return out, rest
}

// onlyUnknown returns the axis of the only dim that is not known, -1 if there is
// none or more than one.
func onlyUnknown(s graph.Shape) int {
	at := -1
	for i, d := range s {
		if d.HasUnknown() {
			if at >= 0 {
				return -1
			}
			at = i
		}
	}
	return at
}

func elementsBut(s graph.Shape, axis int) graph.Dim {
	n := graph.Int(1)
	for i, d := range s {
		if i != axis {
			n = n.Mul(d)
		}
	}
	return n
}

// divExact returns d / e when e divides d.
func divExact(d, e graph.Dim) (graph.Dim, bool) {
	q, ok := d.FloorDiv(e)
	return q, ok && q.Mul(e).Equal(d)
}

// divides reports whether d may divide n: false only for constants that do not.
func divides(d, n graph.Dim) bool {
	if !d.IsConst() || !n.IsConst() || d.IsZero() {
		return true
	}
	m, ok := n.Mod(d)
	return !ok || m.IsZero()
}

// sameElements refuses shapes whose constant numbers of elements differ.
func (c *Call) sameElements(in, out graph.Shape) {
	n, m := in.Elements(), out.Elements()
	if n.IsConst() && m.IsConst() && !n.Equal(m) {
		c.Wantf(fmt.Sprintf("%s elements, as %s has", n, in), "shape %s has %s elements", out, m)
	}
}

// flatten sets output 0 to a matrix; neg is 1 when the axis may be negative.
func (c *Call) flatten(neg int64) {
	in := c.Shape(0)
	c.SetView(0, 0)
	if in == nil {
		c.SetShape(0, c.UnknownShape(2))
		return
	}
	axis, rank := c.Int("axis", 1), int64(len(in))
	if axis > rank || axis < -rank*neg {
		c.Wantf(fmt.Sprintf("%d to %d", -rank*neg, rank), "axis is %d for rank %d", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	c.SetShape(0, graph.Shape{in[:axis].Elements(), in[axis:].Elements()})
}

func inferSqueeze(c *Call) {
	if !c.Has(1) {
		c.squeeze(nil, 0, true, false)
		return
	}
	axes, n, known := c.axesOf(1)
	c.squeeze(axes, n, known, true)
}

// squeeze sets output 0 to input 0 without dims of 1: those of axes when they are
// given, n of them where known is false, else all.
func (c *Call) squeeze(axes []int64, n int, known, given bool) {
	in := c.Shape(0)
	c.SetView(0, 0)
	switch {
	case in == nil:
	case !given || n == 0:
		c.squeezeAll(in, given)
	case !known:
		if n != 1 { // some may name one dim twice
			return
		}
		if i := onlyOne(in); i >= 0 {
			c.SetShape(0, removed(in, i))
		} else if len(in) > 0 {
			c.SetShape(0, c.UnknownShape(len(in)-1))
		}
	default:
		gone := map[int]bool{}
		for _, a := range axes {
			i := c.NormAxis("axes", a, len(in))
			if k, ok := in[i].Const(); ok && k != 1 {
				c.Wantf("1", "dim %d is %d", i, k)
			}
			gone[i] = true
		}
		out := graph.Shape{}
		for i, d := range in {
			if !gone[i] {
				out = append(out, d)
			}
		}
		c.SetShape(0, out)
	}
}

// onlyOne returns the only axis whose dim can be 1, -1 if there is not exactly one.
func onlyOne(s graph.Shape) int {
	at := -1
	for i, d := range s {
		lo, bounded := d.Lower()
		if k, ok := d.Const(); ok && k != 1 || bounded && lo > 1 {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = i
	}
	return at
}

// squeezeAll removes every dim of 1; the rank stays unknown when a dim may be 1.
// An empty list of axes removes none by the text and all in ONNX Runtime: the
// result is known where the two agree.
func (c *Call) squeezeAll(in graph.Shape, emptyList bool) {
	out := graph.Shape{}
	for _, d := range in {
		k, isConst := d.Const()
		lo, bounded := d.Lower()
		switch {
		case isConst && k == 1:
			if emptyList {
				return
			}
		case isConst || bounded && lo > 1:
			out = append(out, d)
		default:
			return
		}
	}
	c.SetShape(0, out)
}

// unsqueeze sets output 0 to input 0 with n more dims of 1 at axes.
func (c *Call) unsqueeze(axes []int64, n int, known bool) {
	in := c.Shape(0)
	c.SetView(0, 0)
	if in == nil || n < 0 {
		return
	}
	rank := len(in) + n
	if rank > graph.MaxRank {
		c.Wantf(fmt.Sprintf("at most %d", graph.MaxRank), "the output has rank %d", rank)
	}
	if !known {
		c.SetShape(0, c.UnknownShape(rank))
		return
	}
	out := make(graph.Shape, rank)
	one := make([]bool, rank)
	for _, a := range c.NormAxes("axes", axes, rank) {
		out[a], one[a] = graph.Int(1), true
	}
	for i := range out {
		if !one[i] {
			out[i], in = in[0], in[1:]
		}
	}
	c.SetShape(0, out)
}

func inferIdentity(c *Call) {
	if c.Has(0) {
		c.SetOut(0, *c.In[0])
	}
}

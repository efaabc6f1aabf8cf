package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

const sequenceReason = "handles references to tensors"

var sequenceOps = []Op{
	{
		Name: "SequenceEmpty", Since: []int{11},
		Doc: "A sequence without tensors, of an element type: float32 by default. (ONNX Operators.md, SequenceEmpty)",
		Out: "output:S", Types: "S: all seq", Attrs: "dtype:int",
		Infer: inferSequenceEmpty, Free: sequenceReason, Moves: View,
		Cases: []Case{{Out: "seq(f32[*],0)"}, {Attrs: "dtype=7", Out: "seq(i64[*],0)"}, {Attrs: "dtype=-1", Err: "dtype"}},
	},
	{
		Name: "SequenceConstruct", Since: []int{11},
		Doc: "A sequence of its inputs. (ONNX Operators.md, SequenceConstruct)",
		In:  "inputs...:T", Out: "output_sequence:S", Types: "T: all; S: all seq",
		Infer: inferSequenceConstruct, Free: sequenceReason, Moves: View,
		Cases: []Case{{In: "f32[N,3] f32[2,3]", Out: "seq(f32[?,3],2)"}, {In: "f32[2] i64[2]", Err: "type"}, {In: "f32[2] f32[2,3]", Out: "seq(f32[*],2)"}},
	},
	{
		Name: "SequenceInsert", Since: []int{11},
		Doc: "A sequence with one more tensor, at the end or at a position. (ONNX Operators.md, SequenceInsert)",
		In:  "input_sequence:S, tensor:T, position?:I shape", Out: "output_sequence:S", Types: "T: all; S: all seq; I: int32 int64",
		Infer: inferSequenceInsert, Free: sequenceReason, Moves: View,
		Cases: []Case{
			{In: "seq(f32[2,3],4) f32[2,5]", Out: "seq(f32[2,?],5)"}, {In: "seq(f32[2,3],4) f32[2,5] i64={5}", Err: "position is 5"},
			{In: "seq(f32[2,3],4) i64[2,5]", Err: "type"}, {In: "f32[2] f32[2]", Err: "is a tensor"},
		},
	},
	{
		Name: "SequenceErase", Since: []int{11},
		Doc: "A sequence without its last tensor, or that at a position. (ONNX Operators.md, SequenceErase)",
		In:  "input_sequence:S, position?:I shape", Out: "output_sequence:S", Types: "S: all seq; I: int32 int64",
		Infer: inferSequenceErase, Free: sequenceReason, Moves: View,
		Cases: []Case{{In: "seq(f32[2,3],4) i64={-4}", Out: "seq(f32[2,3],3)"}, {In: "seq(f32[2,3],4) i64={4}", Err: "position is 4"}, {In: "seq(f32[2],0)", Err: "position is -1"}},
	},
	{
		Name: "SequenceAt", Since: []int{11},
		Doc: "The tensor at a position of a sequence. (ONNX Operators.md, SequenceAt)",
		In:  "input_sequence:S, position:I shape", Out: "tensor:T", Types: "S: all seq; T: all; I: int32 int64",
		Infer: inferSequenceAt, Free: sequenceReason, Moves: View,
		Cases: []Case{{In: "seq(f32[2,N],4) i64={-1}", Out: "f32[2,N]"}, {In: "seq(f32[2,N],4) i64={4}", Err: "position is 4"}, {In: "seq(f32[2,N]) i64", Out: "f32[2,N]"}},
	},
	{
		Name: "SequenceLength", Since: []int{11},
		Doc: "The number of tensors in a sequence. (ONNX Operators.md, SequenceLength)",
		In:  "input_sequence:S", Out: "length:I", Types: "S: all seq; I: int64",
		Infer: inferSequenceLength, Free: "reads metadata only", Moves: View,
		Cases: []Case{{In: "seq(f32[2],4)", Out: "i64={4}"}, {In: "seq(f32[2])", Out: "i64"}},
	},
	{
		Name: "ConcatFromSequence", Since: []int{11},
		Doc: "Joins the tensors of a sequence along an axis, or along a new one. (ONNX Operators.md, ConcatFromSequence)",
		In:  "input_sequence:S", Out: "concat_result:T", Types: "S: all seq; T: all", Attrs: "axis:int! new_axis:int=0",
		Infer: inferConcatFromSequence, Free: moveReason,
		Cases: []Case{
			{In: "seq(f32[2,N],4)", Attrs: "axis=0", Out: "f32[8,N]"}, {In: "seq(f32[2,N],4)", Attrs: "axis=-1 new_axis=1", Out: "f32[2,N,4]"},
			{In: "seq(f32[2,N])", Attrs: "axis=0", Out: "f32[`y0[0]`,N]"}, {In: "seq(f32[2,N],4)", Attrs: "axis=2", Err: "axis is 2"},
			{In: "seq(f32[2,N],4)", Attrs: "axis=2 new_axis=2", Err: "new_axis"}, {In: "seq(f32[2,N],0)", Attrs: "axis=0", Err: "empty"},
		},
	},
	{
		Name: "SplitToSequence", Since: []int{11, 24},
		Doc: "Cuts a tensor along an axis into a sequence: parts of 1 (without the axis if keepdims is 0), of one size where the last may be " +
			"smaller, or of listed sizes. (ONNX Operators.md, SplitToSequence)",
		In: "input:T, split?:I shape", Out: "output_sequence:S", Types: "T: all; I: int32 int64; S: all seq", Attrs: "axis:int=0 keepdims:int=1",
		Infer: inferSplitToSequence, Free: moveReason,
		Cases: []Case{
			{In: "f32[4,N]", Out: "seq(f32[1,N],4)"}, {In: "f32[4,N]", Attrs: "keepdims=0", Out: "seq(f32[N],4)"}, {In: "f32[7,N] i64={3}", Out: "seq(f32[?,N],3)"},
			{In: "f32[N,6] i64={2}", Attrs: "axis=-1", Out: "seq(f32[N,2],3)"}, {In: "f32[N,6] i64[2]={2,4}", Attrs: "axis=1", Out: "seq(f32[N,?],2)"},
			{In: "f32[6] i64[2]={2,3}", Err: "sum"}, {In: "f32[6] i64={0}", Err: "split is 0"}, {In: "f32[1000000000000]", Out: "seq(f32[1],1000000000000)"},
		},
	},
	{
		Name: "Optional", Since: []int{15, 28},
		Doc: "An optional that holds its input, or nothing of the type of the attribute. (ONNX Operators.md, Optional)",
		In:  "input?:V", Out: "output:O", Types: "V: all tensor seq; O: optional", Attrs: "type:type_proto",
		Infer: inferOptional, Free: sequenceReason, Moves: View,
		Cases: []Case{{In: "f32[N]", Out: "opt(f32[N])"}, {Err: "neither"}},
	},
	{
		Name: "OptionalGetElement", Since: []int{15},
		Doc: "What an optional holds. (ONNX Changelog.md, OptionalGetElement-15)",
		In:  "input:O", Out: "output:V", Types: "O: optional; V: all tensor seq",
		Infer: inferOptionalGetElement, Free: sequenceReason, Moves: View,
		Cases: []Case{{In: "opt(f32[N])", Out: "f32[N]"}, {In: "f32[N]", Err: "is a tensor"}},
	},
	{
		Name: "OptionalGetElement", Since: []int{18, 28},
		Doc: "What an optional holds, or its input. (ONNX Operators.md, OptionalGetElement)",
		In:  "input:O", Out: "output:V", Types: "O: all optional tensor seq; V: all tensor seq",
		Infer: inferOptionalGetElement, Free: sequenceReason, Moves: View,
		Cases: []Case{{In: "opt(f32[N])", Out: "f32[N]"}, {In: "f32[N]", Out: "f32[N]"}, {In: "seq(f32[N],2)", Out: "seq(f32[N],2)"}},
	},
	{
		Name: "OptionalHasElement", Since: []int{15},
		Doc: "Whether an optional holds something. (ONNX Changelog.md, OptionalHasElement-15)",
		In:  "input:O", Out: "output:B", Types: "O: optional; B: bool",
		Infer: inferOptionalHasElement, Free: "reads metadata only", Moves: View,
		Cases: []Case{{In: "opt(f32[N])", Out: "bool"}},
	},
	{
		Name: "OptionalHasElement", Since: []int{18, 28},
		Doc: "Whether its input is given and no empty optional. (ONNX Operators.md, OptionalHasElement)",
		In:  "input?:O", Out: "output:B", Types: "O: all optional tensor seq; B: bool",
		Infer: inferOptionalHasElement, Free: "reads metadata only", Moves: View,
		Cases: []Case{{In: "opt(f32[N])", Out: "bool"}, {In: "f32[N]", Out: "bool={true}"}, {Out: "bool={false}"}},
	},
}

// maxItems bounds the items of a sequence that are followed one by one; each
// takes as much of the budget of followed elements as itemWeight elements.
const maxItems, itemWeight = 256, 16

// sequence returns a sequence of items; each is followed only while they are few.
func (c *Call) sequence(items []Info) Info {
	n := graph.Int(int64(len(items)))
	out := Info{Kind: graph.KindSequence, Len: &n, Has: -1}
	for i := range items {
		item := items[i]
		item.Const, item.Elems, item.tensor = false, nil, nil
		if i == 0 {
			out.Item = &item
			continue
		}
		joined := c.join(*out.Item, item, c.anyDim)
		out.Item = &joined
	}
	if weight := itemWeight * len(items); len(items) <= maxItems && c.pass.folded+weight <= graph.MaxFoldTotal {
		c.pass.folded += weight
		out.Items = append([]Info{}, items...)
	}
	return out
}

// item returns what is known of every item of input i; sizes that are not known
// are no item's in particular.
func (c *Call) item(i int) Info {
	if !c.Has(i) || c.In[i].Item == nil {
		return Info{Kind: graph.KindTensor, Has: -1}
	}
	item := *c.In[i].Item
	if hasUnknown(item.Shape) {
		item.Shape = append(graph.Shape{}, item.Shape...)
		for j, d := range item.Shape {
			if d.HasUnknown() {
				item.Shape[j] = c.UnknownDim()
			}
		}
	}
	return item
}

// length returns the number of items of input i, nil when it is not known.
func (c *Call) length(i int) *graph.Dim {
	if !c.Has(i) {
		return nil
	}
	return c.In[i].Len
}

// position returns the place that input i names in a sequence of n items, counted
// from the front: the last if the input is omitted. With spare 0 it must lie in
// [-n, n-1], with spare 1 it is a place to insert at, in [-n, n].
func (c *Call) position(i int, n *graph.Dim, spare int64) (at int64, known bool) {
	c.ShapeOfRank(i, 0, 1)
	if n == nil {
		return 0, false
	}
	size, isConst := n.Const()
	e, _ := c.Scalar(i)
	at, ok := e.Int()
	if !c.Has(i) {
		at, ok = size-1+spare, true
	}
	if !ok || !isConst {
		return 0, false
	}
	if at < -size || at >= size+spare {
		c.Wantf(fmt.Sprintf("-%d to %d", size, size-1+spare), "position is %d", at)
	}
	if at < 0 {
		at += size
	}
	return at, true
}

func inferSequenceEmpty(c *Call) {
	d := graph.Float32
	if c.Attr("dtype") != nil {
		d = c.dtypeAttr("dtype", 0)
	}
	out := c.sequence(nil)
	item := Tensor(d, nil)
	out.Item, out.Items = &item, []Info{}
	c.SetOut(0, out)
}

func inferSequenceConstruct(c *Call) {
	items := make([]Info, len(c.In))
	for i := range items {
		if items[i].Has = -1; c.Has(i) {
			items[i] = *c.In[i]
		}
	}
	c.SetOut(0, c.sequence(items))
}

func inferSequenceInsert(c *Call) {
	tensor, item, n := *c.In[1], c.item(0), c.length(0)
	if item.DType != graph.Undefined && tensor.DType != graph.Undefined && item.DType != tensor.DType {
		c.Wantf(item.DType.String(), "tensor has type %s", tensor.DType)
	}
	var places *graph.Dim
	if n != nil {
		d := n.AddInt(1)
		places = &d
	}
	at, known := c.position(2, n, 1)
	if items := c.In[0].Items; items != nil && known {
		all := append(append(append([]Info{}, items[:at]...), tensor), items[at:]...)
		c.SetOut(0, c.sequence(all))
		return
	}
	if n == nil || !n.IsZero() {
		tensor.Elems, tensor.tensor = nil, nil
		tensor = c.join(item, tensor, c.anyDim)
	}
	tensor.Const = false
	c.SetOut(0, Info{Kind: graph.KindSequence, Item: &tensor, Len: places, Has: -1})
}

func inferSequenceErase(c *Call) {
	n := c.length(0)
	at, known := c.position(1, n, 0)
	item := c.item(0)
	if items := c.In[0].Items; items != nil && known {
		out := c.sequence(append(append([]Info{}, items[:at]...), items[at+1:]...))
		if out.Item == nil {
			out.Item = &item
		}
		c.SetOut(0, out)
		return
	}
	out := Info{Kind: graph.KindSequence, Item: &item, Has: -1}
	if n != nil {
		d := n.AddInt(-1)
		out.Len = &d
	}
	c.SetOut(0, out)
}

func inferSequenceAt(c *Call) {
	at, known := c.position(1, c.length(0), 0)
	if items := c.In[0].Items; items != nil && known {
		c.SetOut(0, items[at])
		return
	}
	c.SetOut(0, c.item(0))
}

func inferSequenceLength(c *Call) {
	c.SetShape(0, graph.Shape{})
	if n := c.length(0); n != nil {
		c.SetElems(0, IntElems(*n))
	}
}

func inferConcatFromSequence(c *Call) {
	newAxis := c.Int("new_axis", 0)
	if newAxis != 0 && newAxis != 1 {
		c.Wantf("0 or 1", "new_axis is %d", newAxis)
	}
	if n := c.length(0); n != nil && n.IsZero() {
		c.Failf("input_sequence is empty")
	}
	c.SetDType(0, c.item(0).DType)
	item := c.item(0).Shape
	if item == nil {
		return
	}
	axis := c.NormAxis("axis", c.Int("axis", 0), len(item)+int(newAxis))
	stacked := func(s graph.Shape) graph.Shape {
		if newAxis == 1 {
			return inserted(s, axis, graph.Int(1))
		}
		return s
	}
	if items := c.In[0].Items; len(items) > 0 && conform(items, axis, newAxis == 1) {
		parts := append([]Info{}, items...)
		for i := range parts {
			parts[i].Elems = c.pass.moved(&parts[i])
			parts[i].Shape = stacked(parts[i].Shape)
		}
		c.concat(parts, int64(axis))
		return
	}
	item = stacked(item)
	size := c.DataDim(0, axis, 0, nil)
	if n := c.length(0); n != nil && !item[axis].HasUnknown() {
		size = n.Mul(item[axis])
	}
	c.SetShape(0, with(item, axis, size))
}

// conform reports whether tensors of a sequence can be joined along an axis:
// those that are known to differ elsewhere are refused by a run, not by the type.
func conform(items []Info, axis int, all bool) bool {
	first := items[0].Shape
	for i := range items {
		s := items[i].Shape
		if s == nil || len(s) != len(first) {
			return false
		}
		for j := range s {
			a, okA := first[j].Const()
			b, okB := s[j].Const()
			if (all || j != axis) && okA && okB && a != b {
				return false
			}
		}
	}
	return true
}

// inserted returns s with one more dim at axis i.
func inserted(s graph.Shape, i int, d graph.Dim) graph.Shape {
	return append(append(append(graph.Shape{}, s[:i]...), d), s[i:]...)
}

// removed returns s without the dim at axis i.
func removed(s graph.Shape, i int) graph.Shape {
	return append(append(graph.Shape{}, s[:i]...), s[i+1:]...)
}

func inferSplitToSequence(c *Call) {
	in := c.ShapeOfRank(0, 1, -1)
	split := c.ShapeOfRank(1, 0, 1)
	if in == nil {
		item := Tensor(c.DType(0), nil)
		c.SetOut(0, Info{Kind: graph.KindSequence, Item: &item, Has: -1})
		return
	}
	axis := c.Axis("axis", 0, len(in))
	switch {
	case !c.Has(1):
		item := with(in, axis, graph.Int(1))
		if c.Int("keepdims", 1) == 0 {
			item = removed(in, axis)
		}
		c.parts(item, in[axis])
	case split == nil:
		c.listedParts(in, axis, nil)
	case len(split) == 0:
		c.equalParts(in, axis)
	default:
		sizes, _ := c.Dims(1)
		c.listedParts(in, axis, sizes)
	}
}

// parts sets output 0 to n tensors of one shape.
func (c *Call) parts(shape graph.Shape, n graph.Dim) {
	item := Tensor(c.DType(0), shape)
	c.SetOut(0, Info{Kind: graph.KindSequence, Item: &item, Len: &n, Has: -1})
}

// equalParts cuts the axis into parts of one size; the last may be smaller.
func (c *Call) equalParts(in graph.Shape, axis int) {
	e, _ := c.Scalar(1)
	size, ok := e.Dim()
	if !ok {
		c.listedParts(in, axis, nil)
		return
	}
	k, isConst := size.Const()
	if isConst && k < 1 {
		c.Wantf("at least 1", "split is %d", k)
	}
	n := in[axis].CeilDiv(size)
	if _, exact := divExact(in[axis], size); exact {
		c.parts(with(in, axis, size), n)
		return
	}
	count, okN := n.Const()
	if !isConst || !okN || count > maxItems {
		c.parts(with(in, axis, c.UnknownDim()), n)
		return
	}
	sizes := make([]graph.Dim, count)
	for i := range sizes {
		sizes[i] = size
	}
	sizes[count-1] = in[axis].Sub(size.MulInt(count - 1))
	c.listedParts(in, axis, sizes)
}

// listedParts cuts the axis into parts of the sizes; nil sizes are not known.
func (c *Call) listedParts(in graph.Shape, axis int, sizes []graph.Dim) {
	if sizes == nil {
		item := Tensor(c.DType(0), with(in, axis, c.UnknownDim()))
		c.SetOut(0, Info{Kind: graph.KindSequence, Item: &item, Has: -1})
		return
	}
	var sum graph.Dim
	items := make([]Info, len(sizes))
	for i, d := range sizes {
		if k, ok := d.Const(); ok && k < 0 {
			c.Failf("size %d of split is negative: %d", i, k)
		}
		sum = sum.Add(d)
		items[i] = Tensor(c.DType(0), with(in, axis, d))
	}
	if sum.IsConst() && in[axis].IsConst() && !sum.Equal(in[axis]) {
		c.Wantf(in[axis].String(), "the sum of split is %s", sum)
	}
	c.SetOut(0, c.sequence(items))
}

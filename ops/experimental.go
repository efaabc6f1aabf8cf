package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	experimentalDoc = " An experiment of early ONNX that its checker still lets through. "
	contribSource   = "(onnxruntime, contrib_defs.cc, "
	defsSource      = "(ONNX 1.4, onnx/defs/experiments/defs.cc, "
)

// experimentalOps have no schema in ONNX any more; ATen and GRUUnit are left out,
// whose rules were never written down.
var experimentalOps = []Op{
	{
		Name: "Affine", Since: []int{1}, Deprecated: 10, Doc: "alpha*x + beta: two flops per element." + experimentalDoc + contribSource + "Affine)",
		In: "X:T", Out: "Y:T", Types: realFloats, Attrs: "alpha:float=1.0 beta:float=0.0", Infer: keepShape, Cost: each(work{flop: 2}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "alpha=2.0", Opset: 7, Out: "f32[N,3]", Cost: "flop=6*N"}},
	},
	{
		Name: "ConstantFill", Since: []int{1}, Deprecated: 10, Doc: "A tensor of one value." + experimentalDoc + defsSource + "ConstantFill)",
		In: "input?:T1 shape", Out: "output:T2", Types: "T1: bool float32 int32 int64; T2: bool float32 int32 int64", Attrs: "dtype:int=1 extra_shape:ints input_as_shape:int shape:ints value:float=0.0", Infer: inferConstantFill, Free: fillReason, Moves: writesOnly,
		Cases: []Case{
			{Attrs: "shape=[2,3]", Opset: 7, Out: "f32[2,3]"}, {In: "i64[2]={4,5}", Attrs: "input_as_shape=1 extra_shape=[6] dtype=7", Opset: 7, Out: "i64[4,5,6]"}, {In: "f32[N,3]", Opset: 7, Out: "f32[N,3]"},
			{In: "f32[N,3]", Attrs: "extra_shape=[-1]", Opset: 7, Err: "extra_shape"}, {Opset: 7, Err: "shape"},
		},
	},
	{
		Name: "Crop", Since: []int{1}, Deprecated: 10, Doc: "A part of images: without the borders, or of size scale from the left and upper ones." + experimentalDoc + contribSource + "Crop)",
		In: "input:T", Out: "output:T", Types: realFloats, Attrs: "border:ints! scale:ints", Infer: inferCrop, Free: moveReason, Moves: readsOutput,
		Cases: []Case{
			{In: "f32[N,3,10,12]", Attrs: "border=[1,2,3,4]", Opset: 7, Out: "f32[N,3,4,8]"}, {In: "f32[N,3,10,12]", Attrs: "border=[1,2,3,4] scale=[5,6]", Opset: 7, Out: "f32[N,3,5,6]"},
			{In: "f32[N,3,5,12]", Attrs: "border=[1,2,3,4]", Opset: 7, Err: "border"}, {In: "f32[N,3,9,12]", Attrs: "border=[1,2,0,0] scale=[8,6]", Opset: 7, Err: "scale"},
		},
	},
	{
		Name: "DynamicSlice", Since: []int{1}, Deprecated: 10, Doc: "A part of a tensor: [start, end) along axes, clamped to the dim." + experimentalDoc + contribSource + "DynamicSlice)",
		In: "data:T, starts:Tind shape, ends:Tind shape, axes?:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Infer: inferSlice, Free: moveReason, Moves: readsOutput,
		Cases: []Case{{In: "f32[N,8] i64[1]={2} i64[1]={-1} i64[1]={1}", Opset: 7, Out: "f32[N,5]"}},
	},
	{
		Name: "GivenTensorFill", Since: []int{1}, Deprecated: 10, Doc: "A tensor of given values." + experimentalDoc + contribSource + "GivenTensorFill)",
		In: "shape?:T shape", Out: "X:T", Types: realFloats, Attrs: "extra_shape:ints input_as_shape:int shape:ints values:floats", Infer: inferConstantFill, Free: fillReason, Moves: writesOnly,
		Cases: []Case{{Attrs: "shape=[2,2] values=[1,2,3,4]", Opset: 7, Out: "f32[2,2]"}, {In: "f16[2]", Attrs: "extra_shape=[2] values=[1,2,3,4]", Opset: 7, Out: "f16[2,2]"}},
	},
	{
		Name: "ImageScaler", Since: []int{1}, Deprecated: 10, Doc: "scale*x and the bias of the channel: two flops per element." + experimentalDoc + contribSource + "ImageScaler)",
		In: "input:T", Out: "output:T", Types: realFloats, Attrs: "bias:floats scale:float=1.0", Infer: inferImageScaler, Cost: each(work{flop: 2}),
		Cases: []Case{{In: "f32[N,3,4,4]", Attrs: "bias=[1,2,3] scale=0.5", Opset: 7, Out: "f32[N,3,4,4]", Cost: "flop=96*N"}, {In: "f32[N,3,4,4]", Attrs: "bias=[1,2]", Opset: 7, Err: "bias"}},
	},
	{
		Name: "MemcpyFromHost", Since: []int{1}, Doc: "Copies to the device; ONNX Runtime adds it. " + contribSource + "MemcpyFromHost)",
		In: "X:T", Out: "Y:T", Types: "T: all seq tensor", Infer: inferIdentity, Free: moveReason,
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]"}, {In: "seq(f32[N,3])", Out: "seq(f32[N,3])"}},
	},
	{
		Name: "MemcpyToHost", Since: []int{1}, Doc: "Copies from the device; ONNX Runtime adds it. " + contribSource + "MemcpyToHost)",
		In: "X:T", Out: "Y:T", Types: "T: all seq tensor", Infer: inferIdentity, Free: moveReason,
		Cases: []Case{{In: "i64[2]={3,4}", Out: "i64[2]={3,4}"}},
	},
	{
		Name: "ParametricSoftplus", Since: []int{1}, Deprecated: 10, Doc: "alpha*ln(exp(beta*x) + 1): per element three flops and two transcendental calls." + experimentalDoc + contribSource + "ParametricSoftplus)",
		In: "X:T", Out: "Y:T", Types: realFloats, Attrs: "alpha:float beta:float", Infer: keepShape, Cost: each(work{flop: 3, exp: 2}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "alpha=1 beta=1", Opset: 7, Out: "f32[N,3]", Cost: "flop=9*N exp=6*N"}},
	},
	{
		Name: "Scale", Since: []int{1}, Deprecated: 10, Doc: "scale*x: a flop per element." + experimentalDoc + contribSource + "Scale)",
		In: "input:T", Out: "output:T", Types: realFloats, Attrs: "scale:float=1.0", Infer: keepShape, Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "scale=2.0", Opset: 7, Out: "f32[N,3]", Cost: "flop=3*N"}},
	},
	{
		Name: "ScaledTanh", Since: []int{1}, Deprecated: 10, Doc: "alpha*tanh(beta*x): per element two flops and a transcendental call." + experimentalDoc + contribSource + "ScaledTanh)",
		In: "input:T", Out: "output:T", Types: realFloats, Attrs: "alpha:float beta:float", Infer: keepShape, Cost: each(work{flop: 2, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "alpha=1 beta=1", Opset: 7, Out: "f32[N,3]", Cost: "flop=6*N exp=3*N"}},
	},
}

// inferConstantFill takes the shape from an attribute, from the elements of the
// input, or from its shape.
func inferConstantFill(c *Call) {
	switch {
	case c.Op.Name == "ConstantFill" && c.Attr("dtype") != nil:
		c.SetDType(0, c.dtypeAttr("dtype", 0))
	case c.Op.Name == "ConstantFill" || !c.Has(0):
		c.SetDType(0, graph.Float32)
	}
	var out graph.Shape
	switch {
	case !c.Has(0):
		if c.Attr("shape") == nil {
			c.Failf("neither an input nor the attribute shape is given")
		}
		out = graph.Shape(c.sizesOf("shape"))
	case c.Int("input_as_shape", 0) != 0:
		dims, ok := c.target(0)
		if !ok {
			return
		}
		out = dims
	default:
		out = c.Shape(0)
		if out == nil {
			return
		}
	}
	if c.Has(0) {
		out = append(out[:len(out):len(out)], c.sizesOf("extra_shape")...)
	}
	c.SetShape(0, out)
}

// sizesOf reads a list attribute of sizes.
func (c *Call) sizesOf(name string) []graph.Dim {
	ks := c.Ints(name)
	for _, k := range ks {
		if k < 0 {
			c.Wantf("at least 0", "%s has an entry %d", name, k)
		}
	}
	return ints(ks)
}

func inferCrop(c *Call) {
	border := c.IntsAtLeast("border", 4, 0, 0) // left, upper, right, lower
	var scale []int64
	if len(c.Ints("scale")) > 0 {
		scale = c.IntsAtLeast("scale", 2, 0, 0)
	}
	x := c.ShapeOfRank(0, 4, 4)
	if x == nil {
		x = c.UnknownShape(4)
	}
	out := append(graph.Shape{}, x...)
	for i := range 2 {
		first, last := border[1-i], border[3-i]
		out[2+i] = x[2+i].AddInt(-first).AddInt(-last)
		if k, ok := out[2+i].Const(); ok && k < 0 {
			c.Failf("the attribute border cuts %d and %d of %s", first, last, x[2+i])
		}
		if scale == nil {
			continue
		}
		out[2+i] = graph.Int(scale[i])
		if room, ok := x[2+i].AddInt(-first).Const(); ok && scale[i] > room {
			c.Failf("the attribute scale asks for %d of %d", scale[i], room)
		}
	}
	c.SetShape(0, out)
}

func inferImageScaler(c *Call) {
	keepShape(c)
	x := c.ShapeOfRank(0, 4, 4)
	if n, given := c.listLen("bias"); given && n > 0 && x != nil {
		c.Same(graph.Int(int64(n)), x[1], "entries of bias and channels")
	}
}

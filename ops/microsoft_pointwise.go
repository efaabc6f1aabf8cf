package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	geluWork   = "Gelu is four flops and an error function per element. "
	fastGelu   = "FastGelu is eight flops and a tanh per element. "
	maskBits   = "The mask has a bit for each element, in words of 32. "
	smallReals = "T: bfloat16 float16 float32"
)

// microsoftActivationOps compute each element from the elements at its place.
var microsoftActivationOps = []Op{
	{
		Domain: msDomain, Name: "Gelu", Since: []int{1}, Doc: geluWork + "(ContribOperators.md, Gelu)",
		In: "X:T", Out: "Y:T", Types: floatsT, Infer: keepShape, Cost: each(work{flop: 4, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=12*N exp=3*N"}},
	},
	{
		Domain: msDomain, Name: "BiasGelu", Since: []int{1}, Doc: "Gelu of A plus a bias, a flop per element. " + geluWork + "(ContribOperators.md, BiasGelu)",
		In: "A:T, B:T", Out: "C:T", Types: floatsT, Infer: inferBiased, Cost: each(work{flop: 5, exp: 1}),
		Cases: []Case{{In: "f32[N,3] !f32[3]", Out: "f32[N,3]", Cost: "flop=15*N exp=3*N"}, {In: "f32[2,3] !f32[2]", Err: "B"}},
	},
	{
		Domain: msDomain, Name: "FastGelu", Since: []int{1}, Doc: fastGelu + "A bias is another flop. (ContribOperators.md, FastGelu)",
		In: "X:T, bias?:T", Out: "Y:T", Types: floatsT, Infer: inferBiased,
		Cost:  func(c *Call) Cost { return each(work{flop: 8 + c.count(1), exp: 1})(c) },
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=24*N exp=3*N"}, {In: "f32[N,3] !f32[3]", Out: "f32[N,3]", Cost: "flop=27*N exp=3*N"}},
	},
	{
		Domain: msDomain, Name: "QuickGelu", Since: []int{1}, Doc: "x*sigmoid(alpha*x): per element five flops and an exponential. (ContribOperators.md, QuickGelu)",
		In: "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.702", Infer: keepShape, Cost: each(work{flop: 5, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=15*N exp=3*N"}},
	},
	{
		Domain: msDomain, Name: "ScaledSiLU", Since: []int{1}, Doc: "SiLU of a scaled input: per element five flops and an exponential. (ContribOperators.md, ScaledSiLU)",
		In: "X:T, scale?:M", Out: "Y:T", Types: smallReals + "; M: bfloat16 float16 float32", Attrs: "alpha:float=1", Infer: keepShape, Cost: each(work{flop: 5, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=15*N exp=3*N"}},
	},
	{
		Domain: msDomain, Name: "BiasAdd", Since: []int{1}, Doc: "Adds a bias and a residual: two flops per element. (ContribOperators.md, BiasAdd)",
		In: "X:T, bias:T, skip:T", Out: "Y:T", Types: "T: float16 float32", Infer: func(c *Call) { inferBiased(c); c.sameShape(0, 2) }, Cost: each(work{flop: 2}),
		Cases: []Case{{In: "f16[N,S,8] !f16[8] f16[N,S,8]", Out: "f16[N,S,8]", Cost: "flop=16*N*S"}},
	},
	{
		Domain: msDomain, Name: "GatedAdd", Since: []int{1}, Doc: "X + Y*gate with a gate for each row: two flops per element. (ContribOperators.md, GatedAdd)",
		In: "X:T, Y:T, gate:T", Out: "output:T", Types: smallReals, Infer: func(c *Call) { keepShape(c); c.sameShape(0, 1) }, Cost: each(work{flop: 2}),
		Cases: []Case{{In: "f16[N,S,8] f16[N,S,8] f16[N,S,1]", Out: "f16[N,S,8]", Cost: "flop=16*N*S"}},
	},
}

var microsoftPointwiseOps = []Op{
	{
		Domain: msDomain, Name: "BiasSplitGelu", Since: []int{1},
		Doc: "Adds a bias (a flop per input element), then multiplies the left half by Gelu of the right one: five flops and an error function per output element. (ContribOperators.md, BiasSplitGelu)",
		In:  "X:T, bias:T", Out: "Y:T", Types: "T: float16 float32", Infer: inferSplitGelu, Cost: costSplitGelu,
		Cases: []Case{{In: "f16[N,S,8] !f16[8]", Out: "f16[N,S,4]", Cost: "flop=28*N*S exp=4*N*S"}, {In: "f16[1,2,7] !f16[7]", Err: "even"}},
	},
	{
		Domain: msDomain, Name: "BiasSoftmax", Since: []int{1},
		Doc: "Softmax over all axes from axis on of data plus a bias, a flop per element. Softmax per row of f elements: f - 1 comparisons, f subtractions, f exponentials, f - 1 additions and f divisions. " +
			"(ContribOperators.md, BiasSoftmax)",
		In: "data:T, bias:T", Out: "output:T", Types: "T: float16 float32 float64", Attrs: "axis:int=1 is_inner_broadcast:int!", Infer: inferBiasSoftmax, Cost: costBiasSoftmax,
		Cases: []Case{{In: "f32[N,2,3,4] f32[N,1,1,4]", Attrs: "axis=3 is_inner_broadcast=0", Out: "f32[N,2,3,4]", Cost: "flop=90*N cmp=18*N exp=24*N"}},
	},
	{
		Domain: msDomain, Name: "BiasDropout", Since: []int{1}, Doc: "Dropout of data plus a bias, and a residual: a flop per element each. " + dropoutTrain + " (ContribOperators.md, BiasDropout)",
		In: "data:T, bias:T, residual?:T, ratio?:T1 shape, training_mode?:bool shape", Out: "output:T, mask?:bool", Types: "T: float; T1: float", Attrs: "seed:int",
		Infer: inferMsDropout, Cost: costMsDropout, Random: true,
		Cases: []Case{{In: "f32[N,8] !f32[8] f32[N,8]", Out: "f32[N,8] bool[N,8]", Cost: "flop=16*N"}, {In: "f32[N,8] !f32[8] _ f32={0.1} bool={true}", Out: "f32[N,8]", Cost: "flop=24*N cmp=8*N"}},
	},
	{
		Domain: msDomain, Name: "BitmaskBiasDropout", Since: []int{1},
		Doc: "Dropout of data plus a bias, and a residual: a flop per element each. " + maskBits + dropoutTrain + " (ContribOperators.md, BitmaskBiasDropout)",
		In:  "data:T, bias:T, residual?:T, ratio?:T1 shape, training_mode?:bool shape", Out: "output:T, mask?:uint32", Types: "T: float; T1: float", Attrs: "seed:int",
		Infer: inferMsDropout, Cost: costMsDropout, Random: true,
		Cases: []Case{{In: "f32[5,8] !f32[8]", Out: "f32[5,8] u32[2]", Cost: "flop=40"}},
	},
	{
		Domain: msDomain, Name: "BitmaskDropout", Since: []int{1}, Doc: maskBits + dropoutTrain + " (ContribOperators.md, BitmaskDropout)",
		In: "data:T, ratio?:T1 shape, training_mode?:bool shape", Out: "output:T, mask?:uint32", Types: "T: float; T1: float", Attrs: "seed:int",
		Infer: inferMsDropout, Cost: costMsDropout, Random: true,
		Cases: []Case{{In: "f32[5,8]", Out: "f32[5,8] u32[2]", Cost: "flop=0"}, {In: "f32[5,8] _ bool", Out: "f32[5,8] u32[2]"}},
	},
	{
		Domain: msDomain, Name: "ComplexMul", Since: []int{1}, Doc: complexDoc + "(ContribOperators.md, ComplexMul)",
		In: "A:T, B:T", Out: "C:T", Types: "T: float16 float32 float64", Infer: inferBroadcast, Cost: each(work{flop: 3}),
		Cases: []Case{{In: "f32[N,5,2] f32[5,2]", Out: "f32[N,5,2]", Cost: "flop=30*N"}},
	},
	{
		Domain: msDomain, Name: "ComplexMulConj", Since: []int{1}, Doc: complexDoc + "B is conjugated. (ContribOperators.md, ComplexMulConj)",
		In: "A:T, B:T", Out: "C:T", Types: "T: float16 float32 float64", Infer: inferBroadcast, Cost: each(work{flop: 3}),
		Cases: []Case{{In: "f32[N,5,2] f32[5,2]", Out: "f32[N,5,2]", Cost: "flop=30*N"}},
	},
	{
		Domain: msDomain, Name: "MulInteger", Since: []int{1},
		Doc: "Product of 8-bit integers in 32 bits: an integer operation per element, and one for the zero point of each element of A and B. (ContribOperators.md, MulInteger)",
		In:  "A:T, A_zero_point?:T quant, B:T, B_zero_point?:T quant", Out: "C:int32", Types: "T: int8 uint8",
		Infer: func(c *Call) { c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(2))) }, Cost: costMulInteger,
		Cases: []Case{{In: "u8[2,3] u8 u8[3]", Out: "i32[2,3]", Cost: "int=12"}},
	},
	{
		Domain: msDomain, Name: "IsAllFinite", Since: []int{1}, Doc: "Whether all elements are finite: a comparison each. (ContribOperators.md, IsAllFinite)",
		In: "input...:V each", Out: "output:bool", Types: "V: float", Attrs: "isinf_only:int=0 isnan_only:int=0",
		Infer: func(c *Call) { c.SetShape(0, graph.Shape{}) }, Cost: costAllFinite,
		Cases: []Case{{In: "f32[N,3] f16[4]", Out: "bool[]", Cost: "cmp=3*N+4"}},
	},
	{
		Domain: msDomain, Name: "LinearAttentionGate", Since: []int{1},
		Doc: "decay_scale*softplus(a + dt_bias), three flops and two transcendental calls per element, and sigmoid(b), three flops and an exponential. (ContribOperators.md, LinearAttentionGate)",
		In:  "a:T, dt_bias:float32, decay_scale:float32, b?:T", Out: "decay:T, beta?:T", Types: smallReals,
		Infer: func(c *Call) { keepShape(c); c.SameShape(1, 0); c.sameShape(0, 3) }, Cost: costLinearGate,
		Cases: []Case{{In: "f16[B,S,4] !f32[4] !f32[4] f16[B,S,4]", Out: "f16[B,S,4] f16[B,S,4]", Cost: "flop=24*B*S exp=12*B*S"}},
	},
	{
		Domain: msDomain, Name: "HyperConnectionPreMix", Since: []int{1},
		Doc: "Weighted sum of streams into one: a multiplication per element, an addition for each but the first of a sum, and a flop per output element for a reduction_scale other than 1. (ContribOperators.md, HyperConnectionPreMix)",
		In:  "streams:T, pre_mix:M", Out: "output:T", Types: smallReals + "; M: bfloat16 float16 float32", Attrs: "num_branches:int=0 reduction_scale:float=1",
		Infer: inferPreMix, Cost: costPreMix,
		Cases: []Case{
			{In: "f16[B,S,4,8] f16[B,S,4]", Out: "f16[B,S,8]", Cost: "flop=56*B*S"}, {In: "f16[B,S,32] f16[B,S,4]", Attrs: "num_branches=4", Out: "f16[B,S,8]", Cost: "flop=56*B*S"},
			{In: "f16[B,S,31] f16[B,S,4]", Attrs: "num_branches=4", Err: "multiple"},
		},
	},
	{
		Domain: msDomain, Name: "HyperConnectionPostMix", Since: []int{1},
		Doc: "Mixes C streams with a C x C matrix, C MACs per element, and adds a weighted output, two flops per element. (ContribOperators.md, HyperConnectionPostMix)",
		In:  "streams:T, block_output:T, post_mix:M, stream_mix?:M", Out: "output:T", Types: smallReals + "; M: bfloat16 float16 float32", Attrs: "num_branches:int=0",
		Infer: keepShape, Cost: costPostMix,
		Cases: []Case{{In: "f16[B,4,8] f16[B,8] f16[B,4] f16[B,4,4]", Out: "f16[B,4,8]", Cost: "mac=128*B flop=64*B"}},
	},
	{
		Domain: msDomain, Name: "QOrderedGelu", Since: []int{1}, Doc: "Gelu of int8 in a layout of cublasLt: a flop makes an element a float. " + geluWork + rescaleDoc + " (ContribOperators.md, QOrderedGelu)",
		In: "X:Q, scale_X:S quant, scale_Y:S quant", Out: "Y:Q", Types: "Q: int8; S: float32", Attrs: "order_X:int order_Y:int", Infer: keepShape,
		Cost: func(c *Call) Cost {
			return rescaleCost(c.InN(0)).Add(work{flop: 5, exp: 1}.times(c.InN(0), graph.Float32))
		},
		Cases: []Case{{In: "i8[N,3] f32 f32", Out: "i8[N,3]", Cost: "flop=21*N exp=3*N cmp=6*N"}},
	},
}

const complexDoc = "Product of complex numbers, pairs in the last axis, with broadcasting: six flops for a pair. "

// inferBroadcast is the rule of two operands with multidirectional broadcasting
// whose values no shape depends on.
func inferBroadcast(c *Call) { c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(1))) }

// inferBiased keeps the shape of input 0; a bias at input 1 is as long as its last dim.
func inferBiased(c *Call) {
	keepShape(c)
	if x := c.Shape(0); len(x) > 0 {
		c.mustBe(1, x[len(x)-1])
	}
}

func inferSplitGelu(c *Call) {
	x := c.ShapeOfRank(0, 1, -1)
	if x == nil {
		return
	}
	last := len(x) - 1
	if k, ok := x[last].Const(); ok && k%2 != 0 {
		c.Wantf("an even number", "the last dim of X is %d", k)
	}
	c.mustBe(1, x[last])
	c.SetShape(0, append(append(graph.Shape{}, x[:last]...), x[last].MustFloorDiv(2)))
}

func costSplitGelu(c *Call) Cost {
	return Cost{Flop: c.InN(0).Add(c.OutN(0).MulInt(5)), Exp: c.OutN(0)}
}

func inferBiasSoftmax(c *Call) {
	keepShape(c)
	if s := c.Shape(0); s != nil {
		c.Axis("axis", 1, len(s))
	}
}

func costBiasSoftmax(c *Call) Cost {
	s := c.InShape(0)
	axis := c.Axis("axis", 1, len(s))
	cost := softmaxCost(s[:axis].Elements(), s[axis:].Elements())
	cost.Flop = cost.Flop.Add(s.Elements())
	return cost
}

// dropoutInputs are the places of ratio and training_mode, the last inputs of the
// signature.
func (c *Call) dropoutInputs() (ratio, mode int) {
	n := len(c.Op.Signature().In)
	return n - 2, n - 1
}

func inferMsDropout(c *Call) {
	keepShape(c)
	c.SameShape(1, 0)
	if s := c.Shape(0); s != nil && c.Op.Signature().Out[1].Type == "uint32" {
		c.SetShape(1, graph.Shape{s.Elements().CeilDiv(graph.Int(32))})
	}
}

// msTrains says whether a fused dropout drops anything.
func (c *Call) msTrains() truth {
	ratio, mode := c.dropoutInputs()
	if !c.Has(mode) {
		return no
	}
	if e, ok := c.Scalar(ratio); ok {
		if f, isConst := e.Float(); isConst && f == 0 {
			return no
		}
	}
	e, _ := c.Scalar(mode)
	return truthElem(e)
}

func costMsDropout(c *Call) Cost {
	var w work
	if c.Op.Name != "BitmaskDropout" {
		w.flop = c.count(1, 2)
	}
	switch c.msTrains() {
	case open:
		c.Unresolved("the value of training_mode is not known")
	case yes:
		w.flop, w.cmp = w.flop+2, 1
	}
	return each(w)(c)
}

func costMulInteger(c *Call) Cost {
	n := c.OutN(0)
	for _, i := range []int{0, 2} {
		if c.Has(i + 1) {
			n = n.Add(c.InN(i))
		}
	}
	return Cost{Int: n}
}

func costAllFinite(c *Call) Cost {
	var n graph.Dim
	for i := range c.In {
		n = n.Add(c.InN(i))
	}
	return Cost{Cmp: n}
}

func costLinearGate(c *Call) Cost {
	n := c.InN(0)
	cost := Cost{Flop: n.MulInt(3), Exp: n.MulInt(2)}
	if c.Has(3) {
		cost = cost.Add(activationCosts["sigmoid"].Times(c.InN(3)))
	}
	return cost
}

// branches returns the number of streams and the leading dims of input 0, which
// holds them grouped (..., C, H) or flattened (..., C*H).
func (c *Call) streams(x graph.Shape) (lead graph.Shape, count, width graph.Dim) {
	if k := c.Int("num_branches", 0); k != 0 && len(x) > 0 {
		n := c.heads("num_branches")
		return x[:len(x)-1], n, c.headSize(x[len(x)-1], n, "streams")
	}
	if len(x) < 2 {
		c.Wantf("rank 2 or more without num_branches", "streams has shape %s", x)
	}
	return x[:len(x)-2], x[len(x)-2], x[len(x)-1]
}

func inferPreMix(c *Call) {
	x := c.ShapeOfRank(0, 1, -1)
	if x == nil {
		return
	}
	lead, _, width := c.streams(x)
	c.SetShape(0, append(append(graph.Shape{}, lead...), width))
}

func costPreMix(c *Call) Cost {
	flop := c.InN(0).MulInt(2)
	if c.Float("reduction_scale", 1) == 1 {
		flop = flop.Sub(c.OutN(0))
	}
	return Cost{Flop: flop}
}

func costPostMix(c *Call) Cost {
	x := c.InShape(0)
	_, count, _ := c.streams(x)
	n := x.Elements()
	cost := Cost{Flop: n.MulInt(2)}
	if c.Has(3) {
		cost.MAC = n.Mul(count)
	}
	return cost
}

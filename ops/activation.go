package ops

import "github.com/onnxmeter/onnxmeter/graph"

// activationOps keep the shape of their input. Their cost is that of the formula in
// ONNX Operators.md as it is written, with every branch of a case distinction taken.
var activationOps = []Op{
	{
		Name: "Celu", Since: []int{12, 28},
		Doc: "max(0, x) + min(0, alpha*(exp(x/alpha) - 1)): per element four flops, two comparisons and an exponential. (ONNX Operators.md, Celu)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.0",
		Infer: keepShape, Cost: each(work{flop: 4, cmp: 2, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=12*N cmp=6*N exp=3*N"}},
	},
	{
		Name: "Elu", Since: []int{1, 6, 22},
		Doc: "x, or alpha*(exp(x) - 1) below 0: per element two flops, a comparison and an exponential. (ONNX Operators.md, Elu)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.0 consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{flop: 2, cmp: 1, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "alpha=2", Out: "f32[N,3]", Cost: "flop=6*N cmp=3*N exp=3*N"}},
	},
	{
		Name: "Gelu", Since: []int{20},
		Doc: "0.5*x*(1 + erf(x/sqrt(2))): per element four flops and an error function; with approximate=tanh " +
			"0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x*x*x))): eight flops and a tanh. (ONNX Operators.md, Gelu)",
		In: "X:T", Out: "Y:T", Types: floatsT, Attrs: "approximate:string=none",
		Infer: inferGelu, Cost: costGelu,
		Cases: []Case{
			{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=12*N exp=3*N"},
			{In: "f32[N,3]", Attrs: `approximate="tanh"`, Out: "f32[N,3]", Cost: "flop=24*N exp=3*N"},
			{In: "f32[N,3]", Attrs: `approximate="erf"`, Err: "none or tanh"},
		},
	},
	{
		Name: "HardSigmoid", Since: []int{1, 6, 22},
		Doc: "max(0, min(1, alpha*x + beta)): per element two flops and two comparisons. (ONNX Operators.md, HardSigmoid)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=0.2 beta:float=0.5 consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{flop: 2, cmp: 2}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=6*N cmp=6*N"}},
	},
	{
		Name: "HardSwish", Since: []int{14, 22},
		Doc: "x*max(0, min(1, x/6 + 0.5)): per element three flops and two comparisons. (ONNX Operators.md, HardSwish)",
		In:  "X:T", Out: "Y:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{flop: 3, cmp: 2}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=9*N cmp=6*N"}},
	},
	{
		Name: "LeakyRelu", Since: []int{1, 6, 16},
		Doc: "x, or alpha*x below 0: per element a flop and a comparison. (ONNX Operators.md, LeakyRelu)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=0.01 consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{flop: 1, cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=3*N cmp=3*N"}},
	},
	{
		Name: "Mish", Since: []int{18, 22},
		Doc: "x*tanh(ln(1 + exp(x))): per element two flops and three transcendental calls. (ONNX Operators.md, Mish)",
		In:  "X:T", Out: "Y:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{flop: 2, exp: 3}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=6*N exp=9*N"}},
	},
	{
		Name: "PRelu", Since: []int{1, 6},
		Doc: "x, or slope*x below 0, with one slope or one for each channel: per element a flop and a comparison. (ONNX Operators.md, PRelu-6)",
		In:  "X:T, slope:T", Out: "Y:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: inferPReluChannels, Cost: each(work{flop: 1, cmp: 1}),
		Cases: []Case{
			{In: "f32[N,3,4,4] !f32[3]", Out: "f32[N,3,4,4]", Cost: "flop=48*N cmp=48*N"},
			{In: "f32[N,3,4,4] !f32[1]", Out: "f32[N,3,4,4]"},
			{In: "f32[N,3,4,4] !f32[4]", Err: "slope"},
		},
	},
	{
		Name: "PRelu", Since: []int{7, 9, 16},
		Doc: "x, or slope*x below 0, with broadcasting: per element a flop and a comparison." + intDoc + " (ONNX Operators.md, PRelu)",
		In:  "X:T, slope:T", Out: "Y:T", Types: "T: float int32 int64 uint32 uint64",
		Infer: inferPRelu, Cost: each(work{flop: 1, cmp: 1}),
		Cases: []Case{
			{In: "f32[N,3,4,4] !f32[3,1,1]", Out: "f32[N,3,4,4]", Cost: "flop=48*N cmp=48*N"},
			{In: "f32[2,1] !f32[2,3]", Out: "f32[2,3]"},
			{In: "f32[2,4] !f32[2,3]", Err: "do not broadcast"},
		},
	},
	{
		Name: "Relu", Since: []int{1, 6, 13, 14},
		Doc: "max(0, x): a comparison per element. (ONNX Operators.md, Relu)",
		In:  "X:T", Out: "Y:T", Types: "T: float int", Attrs: "consumed_inputs:ints<6",
		Infer: unary(reluElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "cmp=3*N"}, {In: "i64[2]={-3,4}", Out: "i64[2]={0,4}"}},
	},
	{
		Name: "Selu", Since: []int{1, 6, 22},
		Doc: "gamma*x, or gamma*(alpha*exp(x) - alpha) below 0: per element three flops, a comparison and an exponential. (ONNX Operators.md, Selu)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.6732632 gamma:float=1.050701 consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{flop: 3, cmp: 1, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=9*N cmp=3*N exp=3*N"}},
	},
	{
		Name: "Shrink", Since: []int{9},
		Doc: "x + bias below -lambd, x - bias above lambd, else 0: per element a flop and two comparisons." + intDoc + " (ONNX Operators.md, Shrink)",
		In:  "input:T", Out: "output:T", Types: numbers, Attrs: "bias:float=0.0 lambd:float=0.5",
		Infer: keepShape, Cost: each(work{flop: 1, cmp: 2}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "bias=1.5", Out: "f32[N,3]", Cost: "flop=3*N cmp=6*N"}, {In: "i8[3]", Out: "i8[3]", Cost: "int=3 cmp=6"}},
	},
	{
		Name: "Sigmoid", Since: []int{1, 6, 13},
		Doc: "1/(1 + exp(-x)): per element three flops and an exponential. (ONNX Operators.md, Sigmoid)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{flop: 3, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=9*N exp=3*N"}},
	},
	{
		Name: "Softplus", Since: []int{1, 22},
		Doc: "ln(exp(x) + 1): per element a flop and two transcendental calls. (ONNX Operators.md, Softplus)",
		In:  "X:T", Out: "Y:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{flop: 1, exp: 2}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=3*N exp=6*N"}},
	},
	{
		Name: "Softsign", Since: []int{1, 22},
		Doc: "x/(1 + |x|): three flops per element. (ONNX Operators.md, Softsign)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{flop: 3}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=9*N"}},
	},
	{
		Name: "SwiGLU", Since: []int{28},
		Doc: "A*sigmoid(alpha*A)*B for equal shapes: per element six flops and an exponential. (ONNX Operators.md, SwiGLU)",
		In:  "A:T, B:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.0",
		Infer: inferSwiGLU, Cost: each(work{flop: 6, exp: 1}),
		Cases: []Case{
			{In: "f32[N,3] f32[N,3]", Out: "f32[N,3]", Cost: "flop=18*N exp=3*N"},
			{In: "f32[N,M] f32[2,3]", Out: "f32[2,3]"},
			{In: "f32[N,3] f32[*]", Out: "f32[N,3]"},
			{In: "f32[N,3] f32[N,1]", Err: "equal sizes"},
			{In: "f32[N,3] f32[3]", Err: "equal shapes"},
		},
	},
	{
		Name: "Swish", Since: []int{24},
		Doc: "x*sigmoid(alpha*x): per element five flops and an exponential. (ONNX Operators.md, Swish)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.0",
		Infer: keepShape, Cost: each(work{flop: 5, exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=15*N exp=3*N"}},
	},
	{
		Name: "ThresholdedRelu", Since: []int{10, 22},
		Doc: "x above alpha, else 0: a comparison per element. (ONNX Operators.md, ThresholdedRelu)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "alpha:float=1.0",
		Infer: keepShape, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "cmp=3*N"}},
	},
}

func reluElem(d graph.DType, x Elem) Elem {
	if d.IsFloat() {
		return maxElem(d, x, FloatElem(0))
	}
	return maxElem(d, x, IntElem(graph.Int(0)))
}

func inferGelu(c *Call) {
	if a := c.Str("approximate", "none"); a != "none" && a != "tanh" {
		c.Wantf("none or tanh", "approximate is %q", graph.Clip(a))
	}
	keepShape(c)
}

func costGelu(c *Call) Cost {
	if c.Str("approximate", "none") == "tanh" {
		return each(work{flop: 8, exp: 1})(c)
	}
	return each(work{flop: 4, exp: 1})(c)
}

// inferPReluChannels checks that there is one slope, or one for each channel.
func inferPReluChannels(c *Call) {
	keepShape(c)
	x, s := c.Shape(0), c.Shape(1)
	if x == nil || s == nil || s.Elements().Is(1) || x.Equal(s) {
		return
	}
	if len(x) > 1 {
		c.Same(x[1], s.Elements(), "channels and slope")
	}
}

// inferPRelu broadcasts. The text of PRelu lets slope alone be broadcast, which keeps
// the shape of X; its function body and ONNX Runtime broadcast both ways.
func inferPRelu(c *Call) { c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(1))) }

// inferSwiGLU merges two equal shapes: what one leaves open the other may know.
func inferSwiGLU(c *Call) {
	c.sameShapes(1)
	a, b := c.Shape(0), c.Shape(1)
	if a == nil || b == nil {
		c.SetShape(0, append(a, b...))
		return
	}
	out := make(graph.Shape, len(a))
	for i := range a {
		out[i] = c.Same(a[i], b[i], "A and B")
	}
	c.SetShape(0, out)
}

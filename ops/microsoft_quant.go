package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	qLinearDoc = "Operands are made floats (a flop, and an integer operation where there is a zero point, per element read), the result is quantised. " + requantDoc + " "
	quant8     = "T: int8 uint8"
	binaryQIn  = "A:T, A_scale:float32 quant, A_zero_point?:T quant, B:T, B_scale:float32 quant, B_zero_point?:T quant, C_scale:float32 quant, C_zero_point?:T quant"
	unaryQIn   = "X:T, X_scale:float32 quant, X_zero_point?:T quant, Y_scale:float32 quant, Y_zero_point?:T quant"
	quantShort = "int16 int4 int8 uint16 uint4 uint8"
	poolQAttrs = "auto_pad:string=NOTSET ceil_mode:int=0 channels_last:int=0 count_include_pad:int=0 kernel_shape:ints! pads:ints strides:ints"
)

var microsoftQuantOps = []Op{
	{
		Domain: msDomain, Name: "QuantizeLinear", Since: []int{1}, Doc: quantizeDoc + perAxisDoc + " (ContribOperators.md, QuantizeLinear)",
		In: "x:T1, y_scale:T1 quant, y_zero_point?:T2 quant", Out: "y:T2", Types: "T1: float16 float32; T2: " + quantShort, Attrs: "axis:int",
		Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{{In: "f32[2,3] f32 u16", Out: "u16[2,3]", Cost: "flop=12 cmp=12 int=6"}, {In: "f32[2,3] f32", Out: "u8[2,3]", Cost: "flop=12 cmp=12"}},
	},
	{
		Domain: msDomain, Name: "DequantizeLinear", Since: []int{1}, Doc: dequantizeDoc + perAxisDoc + " (ContribOperators.md, DequantizeLinear)",
		In: "x:T1, x_scale:T2 quant, x_zero_point?:T1 quant", Out: "y:T2", Types: "T1: int32 " + quantShort + "; T2: float16 float32", Attrs: "axis:int",
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{{In: "i16[2,3] f32 i16", Out: "f32[2,3]", Cost: "flop=6 int=6"}},
	},
	{
		Domain: msDomain, Name: "QLinearAdd", Since: []int{1}, Doc: "Sum with broadcasting, a flop per element. " + qLinearDoc + "(ContribOperators.md, QLinearAdd)",
		In: binaryQIn, Out: "C:T", Types: quant8, Infer: inferQBinary, Cost: costQBinary,
		Cases: []Case{
			{In: "u8[N,4] f32 u8 u8[4] f32 u8 f32 u8", Out: "u8[N,4]", Cost: "flop=16*N+4 int=8*N+4 cmp=8*N"}, {In: "i8[2,3] f32 _ i8[2,3] f32 _ f32", Out: "i8[2,3]", Cost: "flop=30 cmp=12"}, {In: "u8[2,3] f32[2] u8 u8[3] f32 u8 f32 u8", Err: "A_scale"},
		},
	},
	{
		Domain: msDomain, Name: "QLinearMul", Since: []int{1}, Doc: "Product with broadcasting, a flop per element. " + qLinearDoc + "(ContribOperators.md, QLinearMul)",
		In: binaryQIn, Out: "C:T", Types: quant8, Infer: inferQBinary, Cost: costQBinary,
		Cases: []Case{{In: "u8[N,4] f32 u8 u8[4] f32 u8 f32 u8", Out: "u8[N,4]", Cost: "flop=16*N+4 int=8*N+4 cmp=8*N"}},
	},
	{
		Domain: msDomain, Name: "QLinearSigmoid", Since: []int{1}, Doc: "Sigmoid: three flops and an exponential per element. " + qLinearDoc + "(ContribOperators.md, QLinearSigmoid)",
		In: unaryQIn, Out: "Y:T", Types: quant8, Infer: func(c *Call) { keepShape(c); c.quantScalars() }, Cost: func(c *Call) Cost { return c.quantUnary(activationCosts["sigmoid"].Times(c.InN(0))) },
		Cases: []Case{{In: "u8[N,4] f32 u8 f32 u8", Out: "u8[N,4]", Cost: "flop=24*N int=8*N cmp=8*N exp=4*N"}},
	},
	{
		Domain: msDomain, Name: "QLinearLeakyRelu", Since: []int{1}, Doc: "LeakyRelu: a comparison and a flop per element. " + qLinearDoc + "(ContribOperators.md, QLinearLeakyRelu)",
		In: unaryQIn, Out: "Y:T", Types: quant8, Attrs: "alpha:float=0.01", Infer: func(c *Call) { keepShape(c); c.quantScalars() },
		Cost:  func(c *Call) Cost { return c.quantUnary(activationCosts["leakyrelu"].Times(c.InN(0))) },
		Cases: []Case{{In: "u8[N,4] f32 u8 f32 u8", Out: "u8[N,4]", Cost: "flop=16*N int=8*N cmp=12*N"}},
	},
	{
		Domain: msDomain, Name: "QLinearSoftmax", Since: []int{1},
		Doc: "Softmax along axis, or along all axes from axis on where opset is below 13: per row of f elements f - 1 comparisons, f subtractions, f exponentials, f - 1 additions and f divisions. " + qLinearDoc +
			"(ContribOperators.md, QLinearSoftmax)",
		In: "X:T, X_scale:float32 quant, x_zero_point?:T quant, y_scale:float32 quant, y_zero_point:T quant", Out: "Y:T", Types: quant8, Attrs: "axis:int=-1 opset:int!",
		Infer: func(c *Call) { keepShape(c); c.quantScalars(); c.quantSoftmaxAxis() }, Cost: costQSoftmax,
		Cases: []Case{
			{In: "u8[N,3,4] f32 u8 f32 u8", Attrs: "opset=13", Out: "u8[N,3,4]", Cost: "flop=69*N int=24*N cmp=33*N exp=12*N"},
			{In: "u8[N,3,4] f32 u8 f32 u8", Attrs: "opset=12 axis=1", Out: "u8[N,3,4]", Cost: "flop=71*N int=24*N cmp=35*N exp=12*N"},
			{In: "u8[N,3,4] f32 u8 f32 u8", Attrs: "opset=13 axis=3", Err: "axis is 3"},
		},
	},
	{
		Domain: msDomain, Name: "QLinearConcat", Since: []int{1}, Doc: "Concatenation; each element is scaled to the output's type. " + qLinearDoc + "(ContribOperators.md, QLinearConcat)",
		In: "Y_scale:float32 quant, Y_zero_point:T8 quant, inputs...:TV each", Out: "Y:T8", Types: "T8: int8 uint8; TV: float32 int8 uint8", Attrs: "axis:int!", Infer: inferQConcat,
		Cost: func(c *Call) Cost { return requantCost(c.OutN(0)).Add(Cost{Flop: c.OutN(0), Int: c.OutN(0)}) },
		Cases: []Case{
			{In: "f32 u8 u8[N,3] f32 u8 u8[N,4] f32 u8", Attrs: "axis=1", Out: "u8[N,7]", Cost: "flop=21*N int=14*N cmp=14*N"},
			{In: "f32 u8 u8[N,3] f32 u8 u8[N,4]", Attrs: "axis=1", Err: "three for each"},
			{In: "f32 u8 u8[2,3] f32 u8 u8[3,4] f32 u8", Attrs: "axis=1", Err: "2 and 3"},
		},
	},
	{
		Domain: msDomain, Name: "QLinearWhere", Since: []int{1}, Doc: "Chooses elements with broadcasting, no arithmetic, and scales what is chosen. " + qLinearDoc + "(ContribOperators.md, QLinearWhere)",
		In: "condition:bool, X:T, x_scale:float32 quant, x_zero_point:T quant, Y:T, y_scale:float32 quant, y_zero_point:T quant, z_scale:float32 quant, z_zero_point:T quant", Out: "Z:T", Types: quant8,
		Infer: func(c *Call) { c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(1), c.Shape(4))) },
		Cost: func(c *Call) Cost {
			return requantCost(c.OutN(0)).Add(Cost{Flop: c.OutN(0), Int: c.OutN(0)})
		},
		Cases: []Case{{In: "bool[N,1] u8[3] f32 u8 u8[N,3] f32 u8 f32 u8", Out: "u8[N,3]", Cost: "flop=9*N int=6*N cmp=6*N"}},
	},
	{
		Domain: msDomain, Name: "QLinearReduceMean", Since: []int{1}, Doc: "Mean over axes: an addition per element but one of each mean, and a division. " + qLinearDoc + "(ContribOperators.md, QLinearReduceMean)",
		In: "data:T, data_scale:float32 quant, data_zero_point?:T quant, reduced_scale:float32 quant, reduced_zero_point?:T quant", Out: "reduced:T", Types: quant8, Attrs: "axes:ints! keepdims:int!",
		Infer: inferAttrReduce, Cost: costQReduceMean,
		Cases: []Case{
			{In: "u8[N,3,4,4] f32 u8 f32 u8", Attrs: "axes=[2,3] keepdims=0", Out: "u8[N,3]", Cost: "flop=102*N int=51*N cmp=6*N"},
			{In: "u8[N,3] f32 u8 f32 u8", Attrs: "axes=[2] keepdims=1", Err: "axes is 2"},
		},
	},
	{
		Domain: msDomain, Name: "ReduceSumInteger", Since: []int{1}, Doc: "Sum of 8-bit integers over axes: an integer addition per element but one of each sum. (ContribOperators.md, ReduceSumInteger)",
		In: "data:T1", Out: "reduced:T2", Types: "T1: int8 uint8; T2: int32 uint32", Attrs: "axes:ints! keepdims:int!",
		Infer: inferAttrReduce, Cost: func(c *Call) Cost { return Cost{Int: c.InN(0).Sub(c.OutN(0))} },
		Cases: []Case{{In: "u8[N,3,4]", Attrs: "axes=[2] keepdims=1", Out: "?[N,3,1]", Cost: "int=9*N"}},
	},
	{
		Domain: msDomain, Name: "QLinearAveragePool", Since: []int{1}, Doc: "Average over windows, a flop per element of each. " + qLinearDoc + "(ContribOperators.md, QLinearAveragePool)",
		In: "X:T, x_scale:float32 quant, x_zero_point?:T quant, y_scale:float32 quant, y_zero_point?:T quant", Out: "Y:T", Types: quant8, Attrs: poolQAttrs,
		Infer: inferMsPool, Cost: func(c *Call) Cost { return c.quantUnary(Cost{Flop: c.msPoolTaps().Mul(c.OutN(0))}) },
		Cases: []Case{
			{In: "u8[N,3,8,8] f32 u8 f32 u8", Attrs: "kernel_shape=[2,2] strides=[2,2]", Out: "u8[N,3,4,4]", Cost: "flop=480*N int=240*N cmp=96*N"},
			{In: "u8[N,8,8,3] f32 u8 f32 u8", Attrs: "kernel_shape=[2,2] strides=[2,2] channels_last=1", Out: "u8[N,4,4,3]", Cost: "flop=480*N int=240*N cmp=96*N"},
		},
	},
	{
		Domain: msDomain, Name: "QLinearGlobalAveragePool", Since: []int{1}, Doc: "Average over all spatial axes, a flop per element. " + qLinearDoc + "(ContribOperators.md, QLinearGlobalAveragePool)",
		In: "X:T, x_scale:float32 quant, x_zero_point:T quant, y_scale:float32 quant, y_zero_point:T quant", Out: "Y:T", Types: quant8, Attrs: "channels_last:int=0",
		Infer: inferMsGlobalPool, Cost: func(c *Call) Cost { return c.quantUnary(Cost{Flop: c.InN(0)}) },
		Cases: []Case{
			{In: "u8[N,3,8,8] f32 u8 f32 u8", Out: "u8[N,3,1,1]", Cost: "flop=390*N int=195*N cmp=6*N"}, {In: "u8[N,8,8,3] f32 u8 f32 u8", Attrs: "channels_last=1", Out: "u8[N,1,1,3]"},
		},
	},
	{
		Domain: msDomain, Name: "QuantizeWithOrder", Since: []int{1}, Doc: "Quantises to int8 in a layout of cublasLt: a division and a rounding (flops) and two comparisons per element. (ContribOperators.md, QuantizeWithOrder)",
		In: "input:F, scale_input:float32 quant", Out: "output:int8", Types: "F: float16 float32", Attrs: "order_input:int! order_output:int!",
		Infer: keepShape, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0).MulInt(2), Cmp: c.InN(0).MulInt(2)} },
		Cases: []Case{{In: "f16[N,3] f32", Attrs: "order_input=1 order_output=2", Out: "i8[N,3]", Cost: "flop=6*N cmp=6*N"}},
	},
	{
		Domain: msDomain, Name: "DequantizeWithOrder", Since: []int{1}, Doc: "Makes floats of int8 in a layout of cublasLt: a flop per element. (ContribOperators.md, DequantizeWithOrder)",
		In: "input:Q, scale_input:float32 quant", Out: "output:F", Types: "Q: int8; F: float16 float32", Attrs: "order_input:int! order_output:int! to:int!",
		Infer: func(c *Call) { keepShape(c); c.outputType("to", 0) }, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0)} },
		Cases: []Case{{In: "i8[N,3] f32", Attrs: "order_input=1 order_output=2 to=10", Out: "f16[N,3]", Cost: "flop=3*N"}, {In: "i8[N,3] f32", Attrs: "order_input=1 order_output=2 to=7", Err: "to is 7"}},
	},
	{
		Domain: msDomain, Name: "QuantizeBFP", Since: []int{1}, Doc: "Quantises to block floating point: per element a comparison for the block's exponent, a division and a rounding (flops). (ContribOperators.md, QuantizeBFP)",
		In: "x:T1", Out: "y:uint8, shape:int64, strides:int64", Types: "T1: bfloat16 float16 float32", Attrs: "bfp_type:int! block_dim:int=-1",
		Infer: inferQuantizeBFP, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0).MulInt(2), Cmp: c.InN(0)} },
		Cases: []Case{{In: "f32[N,16]", Attrs: "bfp_type=0", Out: "u8[?] i64[2] i64[2]", Cost: "flop=32*N cmp=16*N"}},
	},
	{
		Domain: msDomain, Name: "DequantizeBFP", Since: []int{1}, Doc: "Makes floats of block floating point: a flop per element. (ContribOperators.md, DequantizeBFP)",
		In: "x:uint8, shape:int64 shape, strides:int64 shape", Out: "y:T3", Types: "T3: bfloat16 float16 float32", Attrs: "bfp_type:int! block_dim:int=-1 dtype:int=1",
		Infer: inferDequantizeBFP, Cost: func(c *Call) Cost { return Cost{Flop: c.OutN(0)} },
		Cases: []Case{{In: "u8[100] i64[2]={4,16} i64[2]={16,1}", Attrs: "bfp_type=0 dtype=10", Out: "f16[4,16]", Cost: "flop=64"}},
	},
}

// dequantCost is the work of making floats of n codes whose zero point is input i.
func (c *Call) dequantCost(n graph.Dim, i int) Cost {
	cost := Cost{Flop: n}
	if c.Has(i) {
		cost.Int = n
	}
	return cost
}

// requantInto is requantCost without the integer operation where the zero point, input i, is not given.
func (c *Call) requantInto(n graph.Dim, i int) Cost {
	if !c.Has(i) {
		return rescaleCost(n)
	}
	return requantCost(n)
}

// quantUnary is the work of an operator with inputs X, scale, zero point, scale, zero point.
func (c *Call) quantUnary(inner Cost) Cost {
	return inner.Add(c.dequantCost(c.InN(0), 2)).Add(c.requantInto(c.OutN(0), 4))
}

func inferQBinary(c *Call) {
	c.quantScalars()
	c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(3)))
}

// quantScalars refuses a scale or zero point that is not one number.
func (c *Call) quantScalars() {
	for i := range c.In {
		if c.Op.Signature().InParam(i).Role == RoleQuant {
			c.quantScalar(i)
		}
	}
}

func costQBinary(c *Call) Cost {
	n := c.OutN(0)
	cost := c.dequantCost(c.InN(0), 2).Add(c.dequantCost(c.InN(3), 5)).Add(c.requantInto(n, 7))
	cost.Flop = cost.Flop.Add(n)
	return cost
}

// quantSoftmaxAxis returns the axis of QLinearSoftmax, -1 where the rank is not known.
func (c *Call) quantSoftmaxAxis() int {
	if s := c.Shape(0); s != nil {
		return c.Axis("axis", -1, len(s))
	}
	return -1
}

func costQSoftmax(c *Call) Cost {
	s := c.InShape(0)
	axis := c.quantSoftmaxAxis()
	rows, f := s[:axis].Elements(), s[axis:].Elements()
	if c.Int("opset", 0) >= 13 {
		rows, f = rows.Mul(s[axis+1:].Elements()), s[axis]
	}
	return c.quantUnary(softmaxCost(rows, f))
}

func inferQConcat(c *Call) {
	n := len(c.In) - 2
	if n < 3 || n%3 != 0 {
		c.Wantf("three for each tensor: it, its scale and its zero point", "%d inputs after Y_zero_point", n)
	}
	var out graph.Shape
	axis := 0
	for i := 2; i < len(c.In); i += 3 {
		s := c.Shape(i)
		if s == nil {
			return
		}
		if i == 2 {
			axis, out = c.Axis("axis", 0, len(s)), append(out, s...)
			continue
		}
		if len(s) != len(out) {
			c.Wantf("inputs of one rank", "input %d has shape %s, another %s", i, s, out)
		}
		for j := range s {
			if j == axis {
				out[j] = out[j].Add(s[j])
			} else {
				out[j] = c.Same(out[j], s[j], "inputs of QLinearConcat")
			}
		}
	}
	c.SetShape(0, out)
}

// inferAttrReduce reduces the axes of an attribute.
func inferAttrReduce(c *Call) {
	s := c.Shape(0)
	if s == nil {
		return
	}
	c.SetShape(0, reducedShape(s, c.attrAxes(len(s)), c.Int("keepdims", 1) != 0))
}

// attrAxes marks the axes of attribute axes, all when it is empty.
func (c *Call) attrAxes(rank int) []bool {
	axes := c.Ints("axes")
	reduced := make([]bool, rank)
	for i := range reduced {
		reduced[i] = len(axes) == 0
	}
	for _, a := range axes {
		reduced[c.NormAxis("axes", a, rank)] = true
	}
	return reduced
}

func costQReduceMean(c *Call) Cost {
	return c.quantUnary(Cost{Flop: c.InN(0)}) // n - means additions and as many divisions as means
}

func inferQuantizeBFP(c *Call) {
	c.SetShape(0, c.UnknownShape(1))
	if s := c.Shape(0); s != nil {
		n := graph.Ints(int64(len(s)))
		c.SetShape(1, n)
		c.SetShape(2, n)
		c.SetElems(1, IntElems(s...))
	}
}

func inferDequantizeBFP(c *Call) {
	c.outputType("dtype", 1)
	if ds, ok := c.Dims(1); ok {
		c.SetShape(0, ds)
	}
}

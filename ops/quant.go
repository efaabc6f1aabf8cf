package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	requantDoc = "Scaling back to the output's type is saturate(round(v * scale) + zero_point) as QuantizeLinear defines it, with the scales combined " +
		"beforehand: a multiplication and a rounding (flops), the zero point (an integer operation) and saturation (two comparisons) per output element."
	rescaleDoc = "Scaling back to the output's type, which has no zero point, is a multiplication and a rounding (flops) and saturation (two comparisons) " +
		"per output element."
	quantizeDoc = "saturate(round(x / y_scale) + y_zero_point). Per element a division and a rounding (flops), saturation (two comparisons), " +
		"and with a zero point an integer addition. "
	dequantizeDoc  = "(x - x_zero_point) * x_scale. Per element a multiplication (flop) and with a zero point an integer subtraction. "
	perTensorDoc   = "The scale is one for the whole tensor."
	perAxisDoc     = "The scale is one, or one for each index of axis."
	blockedDoc     = "The scale is one, one for each index of axis, or one for each block of block_size elements along axis."
	quantSource    = " (ONNX Operators.md, QuantizeLinear)"
	dequantSource  = " (ONNX Operators.md, DequantizeLinear)"
	float8Types    = "float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz"
	float8Zero     = " The zero point of a floating-point type is 0 and costs nothing."
	quantInt16     = "int16 int4 int8 uint16 uint4 uint8"
	quantSmall     = "float4e2m1 " + float8Types + " " + quantInt16
	blockedAttrs   = "axis:int=1 block_size:int=0 output_dtype:int=0"
	quantAttrs21   = blockedAttrs + " saturate:int=1"
	quantAttrs23   = quantAttrs21 + " precision:int=0"
	quantIn23      = "x:T1, y_scale:T2 quant, y_zero_point?:T3 quant"
	dequantIn      = "x:T1, x_scale:T2 quant, x_zero_point?:T1 quant"
	quantX         = "T1: bfloat16 float16 float32 int32; "
	quantScale     = "T2: bfloat16 float16 float32 int32"
	dequantScale   = "T2: bfloat16 float16 float32"
	dequantOut     = "; T3: bfloat16 float16 float32"
	quantizeDoc19  = quantizeDoc + perAxisDoc + float8Zero + quantSource
	quantizeDoc21  = quantizeDoc + blockedDoc + float8Zero + quantSource
	dequantizeDocB = dequantizeDoc + blockedDoc + float8Zero + dequantSource
)

var quantOps = []Op{
	{
		Name: "QuantizeLinear", Since: []int{10}, Doc: quantizeDoc + perTensorDoc + quantSource,
		In: "x:T1, y_scale:float32 quant, y_zero_point?:T2 quant", Out: "y:T2", Types: "T1: float32 int32; T2: int8 uint8",
		Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[2,3] f32", Out: "u8[2,3]", Cost: "flop=12 cmp=12"},
			{In: "f32[2,3] f32 i8", Out: "i8[2,3]", Cost: "flop=12 cmp=12 int=6"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{13}, Doc: quantizeDoc + perAxisDoc + quantSource,
		In: "x:T1, y_scale:float32 quant, y_zero_point?:T2 quant", Out: "y:T2", Types: "T1: float32 int32; T2: int8 uint8",
		Attrs: "axis:int=1", Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[N,3] f32[3] i8[3]", Out: "i8[N,3]", Cost: "flop=6*N cmp=6*N int=3*N"},
			{In: "f32[2,3] f32[3]", Attrs: "axis=0", Err: "scale has 3"},
			{In: "f32[2,3] f32[3]", Attrs: "axis=2", Err: "axis is 2"},
			{In: "f32[2,3] f32[3] u8[2]", Err: "y_zero_point"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{19}, Doc: quantizeDoc19,
		In: "x:T1, y_scale:T1 quant, y_zero_point?:T2 quant", Out: "y:T2", Types: quantX + "T2: " + float8Types + " int8 uint8",
		Attrs: "axis:int=1 saturate:int=1", Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f16[2,3] f16 float8e4m3fn", Out: "float8e4m3fn[2,3]", Cost: "flop=12 cmp=12"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{21}, Doc: quantizeDoc21,
		In: "x:T1, y_scale:T1 quant, y_zero_point?:T2 quant", Out: "y:T2", Types: quantX + "T2: " + float8Types + " " + quantInt16,
		Attrs: quantAttrs21, Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[2,64] f32[2,2]", Attrs: "block_size=32 output_dtype=22", Out: "i4[2,64]", Cost: "flop=256 cmp=256"},
			{In: "f32[2,64] f32[2,3]", Attrs: "block_size=32", Err: "block_size"},
			{In: "f32[2,64] f32 u8", Attrs: "output_dtype=22", Err: "output_dtype"},
			{In: "f32[2,64] f32", Attrs: "output_dtype=1", Err: "output_dtype"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{23}, Doc: quantizeDoc21,
		In: quantIn23, Out: "y:T3", Types: quantX + quantScale + "; T3: " + quantSmall,
		Attrs: quantAttrs23, Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[2,3] f16 u4", Attrs: "precision=1", Out: "u4[2,3]", Cost: "flop=12 cmp=12 int=6"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{24}, Doc: quantizeDoc21,
		In: quantIn23, Out: "y:T3", Types: quantX + quantScale + " float8e8m0; T3: " + quantSmall,
		Attrs: quantAttrs23, Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[2,3] float8e8m0 float4e2m1", Out: "float4e2m1[2,3]", Cost: "flop=12 cmp=12"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{25}, Doc: quantizeDoc21,
		In: quantIn23, Out: "y:T3", Types: quantX + quantScale + " float8e8m0; T3: " + quantSmall + " int2 uint2",
		Attrs: quantAttrs23, Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[2,3] f32", Attrs: "output_dtype=25", Out: "uint2[2,3]", Cost: "flop=12 cmp=12"},
		},
	},
	{
		Name: "QuantizeLinear", Since: []int{28}, Doc: quantizeDoc21,
		In: quantIn23, Out: "y:T3", Types: quantX + quantScale + " float8e8m0; T3: " + quantSmall + " int2 uint2 float6e2m3 float6e3m2",
		Attrs: quantAttrs23, Infer: inferQuantize, Cost: costQuantize,
		Cases: []Case{
			{In: "f32[2,3] f32", Attrs: "output_dtype=27", Out: "float6e2m3[2,3]", Cost: "flop=12 cmp=12"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{10}, Doc: dequantizeDoc + perTensorDoc + dequantSource,
		In: "x:T, x_scale:float32 quant, x_zero_point?:T quant", Out: "y:float32", Types: "T: int32 int8 uint8",
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "u8[2,3] f32", Out: "f32[2,3]", Cost: "flop=6"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{13}, Doc: dequantizeDoc + perAxisDoc + dequantSource,
		In: "x:T, x_scale:float32 quant, x_zero_point?:T quant", Out: "y:float32", Types: "T: int32 int8 uint8", Attrs: "axis:int=1",
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "!i8[64,3,7,7] !f32[64] !i8[64]", Attrs: "axis=0", Out: "f32[64,3,7,7]"},
			{In: "u8[2,3] f32[3] u8[3]", Out: "f32[2,3]", Cost: "flop=6 int=6"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{19}, Doc: dequantizeDoc + perAxisDoc + float8Zero + dequantSource,
		In: dequantIn, Out: "y:T2", Types: "T1: " + float8Types + " int32 int8 uint8; " + dequantScale, Attrs: "axis:int=1",
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "float8e5m2[2,3] f16 float8e5m2", Out: "f16[2,3]", Cost: "flop=6"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{21}, Doc: dequantizeDocB,
		In: dequantIn, Out: "y:T2", Types: "T1: " + float8Types + " int32 " + quantInt16 + "; " + dequantScale, Attrs: "axis:int=1 block_size:int=0",
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "i4[64,5] f32[2,5] i4[2,5]", Attrs: "axis=0 block_size=32", Out: "f32[64,5]", Cost: "flop=320 int=320"},
			{In: "i4[64,5] f32[2,5]", Attrs: "axis=0", Err: "block_size"},
			{In: "i4[64,5] f32[2,4]", Attrs: "axis=0 block_size=32", Err: "x_scale"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{23}, Doc: dequantizeDocB,
		In: dequantIn, Out: "y:T3", Types: "T1: int32 " + quantSmall + "; " + dequantScale + dequantOut, Attrs: blockedAttrs,
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "u8[2,3] f32", Attrs: "output_dtype=10", Out: "f16[2,3]", Cost: "flop=6"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{24}, Doc: dequantizeDocB,
		In: dequantIn, Out: "y:T3", Types: "T1: int32 " + quantSmall + "; " + dequantScale + " float8e8m0" + dequantOut, Attrs: blockedAttrs,
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "u8[2,3] float8e8m0", Attrs: "output_dtype=1", Out: "f32[2,3]", Cost: "flop=6"},
			{In: "u8[2,3] float8e8m0", Err: "output_dtype"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{25}, Doc: dequantizeDocB,
		In: dequantIn, Out: "y:T3", Types: "T1: int32 int2 uint2 " + quantSmall + "; " + dequantScale + " float8e8m0" + dequantOut, Attrs: blockedAttrs,
		Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "int2[2,3] f32", Out: "f32[2,3]", Cost: "flop=6"},
		},
	},
	{
		Name: "DequantizeLinear", Since: []int{28}, Doc: dequantizeDocB,
		In: dequantIn, Out: "y:T3", Types: "T1: int32 int2 uint2 float6e2m3 float6e3m2 " + quantSmall + "; " + dequantScale + " float8e8m0" + dequantOut,
		Attrs: blockedAttrs, Infer: inferDequantize, Cost: costDequantize,
		Cases: []Case{
			{In: "float6e3m2[2,S] f32", Out: "f32[2,S]", Cost: "flop=2*S"},
		},
	},
	{
		Name: "DynamicQuantizeLinear", Since: []int{11},
		Doc: "Quantises with scale and zero point taken from the range of x. Per element, and 0, a minimum and a maximum, then what " +
			"QuantizeLinear does; once the range, scale and zero point: 5 flops, and 2 comparisons to saturate it. (ONNX Operators.md, DynamicQuantizeLinear)",
		In: "x:float32", Out: "y:uint8, y_scale:float32, y_zero_point:uint8",
		Infer: inferDynamicQuantize, Cost: costDynamicQuantize,
		Cases: []Case{
			{In: "f32[2,N]", Out: "u8[2,N] f32 u8", Cost: "flop=4*N+5 cmp=8*N+2 int=2*N"},
		},
	},
}

// requantCost is the work of scaling n accumulated sums back to a quantised type, which
// requantDoc describes.
func requantCost(n graph.Dim) Cost { return rescaleCost(n).Add(Cost{Int: n}) }

// rescaleCost is requantCost where there is no zero point.
func rescaleCost(n graph.Dim) Cost { return Cost{Flop: n.MulInt(2), Cmp: n.MulInt(2)} }

// checkScale refuses a scale, and a zero point unlike it, that does not fit x: one
// for the tensor, one for each index of axis, or one for each block.
func (c *Call) checkScale(scale, zero int) {
	block := c.Int("block_size", 0)
	if block < 0 {
		c.Wantf("0 or more", "block_size is %d", block)
	}
	x, s := c.Shape(0), c.Shape(scale)
	if s == nil || isOne(s) {
		if z := c.Shape(zero); s != nil && z != nil && !isOne(z) && !unsettled(z) {
			c.Failf("%s has shape %s, %s %s", c.InName(zero), z, c.InName(scale), s)
		}
		return
	}
	c.sameShape(scale, zero)
	if x == nil || len(s) == 1 && unsettled(s) {
		return
	}
	axis := c.Axis("axis", 1, len(x))
	if block == 0 {
		if len(s) != 1 {
			c.Wantf("rank 0 or 1 without block_size", "%s has shape %s", c.InName(scale), s)
		}
		k, ok := x[axis].Const()
		if n, isConst := s[0].Const(); ok && isConst && n != k {
			c.Failf("%s has %d elements for axis %d of size %d", c.InName(scale), n, axis, k)
		}
		return
	}
	c.checkBlocks(x, s, axis, block, scale)
}

// checkBlocks refuses a scale that is not one for each block along axis.
func (c *Call) checkBlocks(x, s graph.Shape, axis int, block int64, scale int) {
	if len(s) != len(x) {
		c.Wantf("the rank of the input", "%s has shape %s for an input of shape %s", c.InName(scale), s, x)
	}
	for i := range x {
		want := x[i]
		if i == axis {
			want = want.CeilDiv(graph.Int(block))
		}
		k, ok := want.Const()
		if n, isConst := s[i].Const(); ok && isConst && n != k {
			c.Failf("%s has shape %s for an input of shape %s and a block_size of %d along axis %d", c.InName(scale), s, x, block, axis)
		}
	}
}

// quantScalar refuses a scale or zero point, input i, that is neither a scalar nor a
// vector of one element.
func (c *Call) quantScalar(i int) {
	if s := c.Shape(i); len(s) > 1 || len(s) == 1 && s[0].IsConst() && !s[0].Is(1) {
		c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
	}
}

// isOne reports whether a shape is that of a scalar or of a vector of one element.
func isOne(s graph.Shape) bool { return len(s) == 0 || len(s) == 1 && s[0].Is(1) }

// unsettled reports whether any dim is not a number.
func unsettled(s graph.Shape) bool { _, ok := s.Static(); return !ok }

// sameShape refuses two inputs whose shapes are known and differ.
func (c *Call) sameShape(i, j int) {
	s, t := c.Shape(i), c.Shape(j)
	if s != nil && t != nil && !compatible(s, t) {
		c.Failf("%s has shape %s, %s %s", c.InName(i), s, c.InName(j), t)
	}
}

// outputDType sets the type of output 0 from attribute output_dtype and reports
// whether it is given.
func (c *Call) outputDType() bool { return c.outputType("output_dtype", 0) }

// outputType sets the type of output 0 from an attribute, which must be one that
// the signature's out type takes; 0 is none.
func (c *Call) outputType(name string, def int64) bool {
	k := c.Int(name, def)
	if k == 0 {
		return false
	}
	d := graph.DType(min(max(k, -1), 1<<20))
	sig := c.Op.Signature()
	if !d.Valid() || !sig.Types[sig.Out[0].Type].Has(d) {
		c.Failf("%s is %d, which %s does not make in opset %d", name, k, c.Op.Name, c.Opset)
	}
	c.SetDType(0, d)
	return true
}

func inferQuantize(c *Call) {
	c.SameShape(0, 0)
	c.checkScale(1, 2)
	zero := c.DType(2)
	switch {
	case c.outputDType():
		if zero != graph.Undefined && zero != c.Out[0].DType {
			c.Failf("output_dtype is %s, y_zero_point is %s", c.Out[0].DType, zero)
		}
	case !c.Has(2):
		c.SetDType(0, graph.Uint8)
	}
}

// quantZeroOps is an operation per element where the zero point is an integer.
func (c *Call) quantZeroOps(zero int, n graph.Dim) graph.Dim {
	if !c.Has(zero) || c.DType(zero).IsFloat() {
		return graph.Int(0)
	}
	return n
}

func costQuantize(c *Call) Cost {
	n := c.InN(0)
	return Cost{Flop: n.MulInt(2), Cmp: n.MulInt(2), Int: c.quantZeroOps(2, n)}
}

func inferDequantize(c *Call) {
	c.SameShape(0, 0)
	c.checkScale(1, 2)
	if c.outputDType() {
		return
	}
	if c.Op.Signature().Out[0].Type == "T3" {
		if c.DType(1) == graph.Float8E8M0 {
			c.Wantf("float16, bfloat16 or float32", "output_dtype is missing, and x_scale is float8e8m0")
		}
		c.SetDType(0, c.DType(1))
	}
}

func costDequantize(c *Call) Cost {
	n := c.InN(0)
	return Cost{Flop: n, Int: c.quantZeroOps(2, n)}
}

func inferDynamicQuantize(c *Call) {
	c.SameShape(0, 0)
	c.SetShape(1, graph.Shape{})
	c.SetShape(2, graph.Shape{})
}

func costDynamicQuantize(c *Call) Cost {
	n := c.InN(0)
	return Cost{Flop: n.MulInt(2).AddInt(5), Cmp: n.MulInt(4).AddInt(2), Int: n}
}

package ops

import (
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// elementwiseOps are the arithmetic operators. Sub, Mul, Div and Pow differ from Add
// in the function alone, and so do their entries.
var elementwiseOps = []Op{
	{
		Name: "Abs", Since: []int{1, 6, 13},
		Doc: "Absolute value. One flop per element." + intDoc + " (ONNX Operators.md, Abs)",
		In:  "X:T", Out: "Y:T", Types: numbers, Attrs: "consumed_inputs:ints<6",
		Infer: unary(absElem), Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=3*N"},
			{In: "i64[3]={-2,0,5}", Out: "i64[3]={2,0,5}"},
			{In: "i8[2]", Out: "i8[2]", Cost: "int=2"},
			{In: "i8[2]={-128,-1}", Out: "i8[2]={?,1}"},
			{In: "f32[2]", Attrs: "consumed_inputs=[0]", Out: "f32[2]", Opset: 1},
			{In: "f32[2]", Attrs: "consumed_inputs=[0]", Err: "not one of Abs", Opset: 6},
		},
	},
	{
		Name: "Add", Since: []int{1, 6},
		Doc: "Sum of two tensors. One flop per output element." + legacyDoc + intDoc + " (ONNX Operators.md, Add-6)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers, Attrs: legacyAx,
		Infer: legacyBinary(addElem), Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[2,3,4,5] !f32[3,4]", Attrs: "broadcast=1 axis=1", Out: "f32[2,3,4,5]", Cost: "flop=120"},
			{In: "f32[2,3] f32[2,3]", Out: "f32[2,3]", Cost: "flop=6"},
			{In: "f32[2,3] !f32[3]", Attrs: "broadcast=1", Out: "f32[2,3]"},
			{In: "f32[2,3] !f32[1,1]", Attrs: "broadcast=1", Out: "f32[2,3]"},
			{In: "f32[2,3] !f32[3]", Err: "broadcast=1"},
			{In: "f32[2,3] !f32[2]", Attrs: "broadcast=1", Err: "equal sizes"},
			{In: "f32[2,3] !f32[3]", Attrs: "broadcast=1 axis=9", Err: "axis is 9"},
			{In: "f32[2,3] !f32[2,3]", Attrs: "broadcast=1 axis=1", Err: "no room"},
		},
	},
	{
		Name: "Add", Since: []int{7, 13, 14},
		Doc: "Sum of two tensors, with broadcasting. One flop per output element." + intDoc + " (ONNX Operators.md, Add)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers,
		Infer: binary(addElem), Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[N,3,1] !f32[3,4]", Out: "f32[N,3,4]", Cost: "flop=12*N"},
			{In: "i64[2]={3,-1} i64={1}", Out: "i64[2]={4,0}"},
			{In: "f32[2] f32[3]", Err: "do not broadcast"},
		},
	},
	{
		Name: "Ceil", Since: []int{1, 6, 13},
		Doc: "Rounds up to an integer. One flop per element. (ONNX Operators.md, Ceil)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: unary(ceilElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[2,N]", Out: "f32[2,N]", Cost: "flop=2*N"}, {In: "f32[2]={1.5,-1.5}", Out: "f32[2]={2,-1}"}},
	},
	{
		Name: "Div", Since: []int{1, 6},
		Doc: "Quotient of two tensors; integers truncate toward zero. One flop per output element." + legacyDoc + intDoc + " (ONNX Operators.md, Div-6)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers, Attrs: legacyAx,
		Infer: legacyBinary(divElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[2,3] !f32[3]", Attrs: "broadcast=1", Out: "f32[2,3]", Cost: "flop=6"}},
	},
	{
		Name: "Div", Since: []int{7, 13, 14},
		Doc: "Quotient of two tensors, with broadcasting; integers truncate toward zero. One flop per output element." + intDoc + " (ONNX Operators.md, Div)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers,
		Infer: binary(divElem), Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[N,1] f32[4]", Out: "f32[N,4]", Cost: "flop=4*N"},
			{In: "i64[3]={7,-7,7} i64[3]={2,2,-2}", Out: "i64[3]={3,-3,-3}"},
			{In: "i64[1]={6} i64[1]={0}", Err: "division by zero"},
		},
	},
	{
		Name: "Floor", Since: []int{1, 6, 13},
		Doc: "Rounds down to an integer. One flop per element. (ONNX Operators.md, Floor)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: unary(floorElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[2,N]", Out: "f32[2,N]", Cost: "flop=2*N"}, {In: "f32[2]={1.5,-1.5}", Out: "f32[2]={1,-2}"}},
	},
	{
		Name: "Max", Since: []int{1, 6, 8, 12, 13},
		Doc: "Largest of the operands, from opset 8 with broadcasting. One comparison per output element and operand after the first. (ONNX Operators.md, Max)",
		In:  "data_0...:T", Out: "max:T", Types: numbers, Attrs: "consumed_inputs:ints<6",
		Infer: variadic(8, maxElem), Cost: eachOperand(work{cmp: 1}, work{}),
		Cases: []Case{
			{In: "f32[N,1] f32[3] f32", Out: "f32[N,3]", Cost: "cmp=6*N"},
			{In: "i64[2]={1,5} i64={3}", Out: "i64[2]={3,5}"},
			{In: "f32[2] f32[1]", Err: "equal sizes", Opset: 6},
		},
	},
	{
		Name: "Mean", Since: []int{1, 6, 8, 13},
		Doc: "Mean of the operands, from opset 8 with broadcasting. Per output element an addition for each operand after the first and a division. (ONNX Operators.md, Mean)",
		In:  "data_0...:T", Out: "mean:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: variadic(8, nil), Cost: eachOperand(work{flop: 1}, work{flop: 1}),
		Cases: []Case{
			{In: "f32[N,1] f32[3] f32", Out: "f32[N,3]", Cost: "flop=9*N"},
			{In: "f32[2] f32[1]", Err: "equal sizes", Opset: 6},
		},
	},
	{
		Name: "Min", Since: []int{1, 6, 8, 12, 13},
		Doc: "Smallest of the operands, from opset 8 with broadcasting. One comparison per output element and operand after the first. (ONNX Operators.md, Min)",
		In:  "data_0...:T", Out: "min:T", Types: numbers, Attrs: "consumed_inputs:ints<6",
		Infer: variadic(8, minElem), Cost: eachOperand(work{cmp: 1}, work{}),
		Cases: []Case{
			{In: "f32[N,1] f32[3] f32", Out: "f32[N,3]", Cost: "cmp=6*N"},
			{In: "i64[2]={1,5} i64={3}", Out: "i64[2]={1,3}"},
		},
	},
	{
		Name: "Mod", Since: []int{10, 13, 28},
		Doc: "Remainder with the sign of the divisor, or of the dividend with fmod=1; floats need fmod=1 below opset 28. One flop per output element." + intDoc + " (ONNX Operators.md, Mod)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers, Attrs: "fmod:int=0",
		Infer: inferMod, Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[N] f32[1]", Attrs: "fmod=1", Out: "f32[N]", Cost: "flop=N"},
			{In: "i32[N] i32[1]", Out: "i32[N]", Cost: "int=N"},
			{In: "i64[4]={-4,7,5,-7} i64[4]={2,-3,8,3}", Out: "i64[4]={0,-2,5,2}"},
			{In: "i64[4]={-4,7,5,-7} i64[4]={2,-3,8,3}", Attrs: "fmod=1", Out: "i64[4]={0,1,5,-1}"},
			{In: "i32[N] i32[1]", Attrs: "fmod=2", Err: "0 or 1"},
		},
	},
	{
		Name: "Mul", Since: []int{1, 6},
		Doc: "Product of two tensors. One flop per output element." + legacyDoc + intDoc + " (ONNX Operators.md, Mul-6)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers, Attrs: legacyAx,
		Infer: legacyBinary(mulElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[2,3] !f32[2]", Attrs: "broadcast=1 axis=0", Out: "f32[2,3]", Cost: "flop=6"}},
	},
	{
		Name: "Mul", Since: []int{7, 13, 14},
		Doc: "Product of two tensors, with broadcasting. One flop per output element." + intDoc + " (ONNX Operators.md, Mul)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers,
		Infer: binary(mulElem), Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[N,1] f32[1,M]", Out: "f32[N,M]", Cost: "flop=M*N"},
			{In: "i64[2]={3,-4} i64={2}", Out: "i64[2]={6,-8}"},
			{In: "f32[2]={0.1,3} f32={0.5}", Out: "f32[2]={0.05000000074505806,1.5}"},
		},
	},
	{
		Name: "Neg", Since: []int{1, 6, 13},
		Doc: "Negation. One flop per element." + intDoc + " (ONNX Operators.md, Neg)",
		In:  "X:T", Out: "Y:T", Types: "T: float int", Attrs: "consumed_inputs:ints<6",
		Infer: unary(negElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[N]", Out: "f32[N]", Cost: "flop=N"}, {In: "i64[2]={3,-1}", Out: "i64[2]={-3,1}"}},
	},
	{
		Name: "Pow", Since: []int{1},
		Doc: "Power. One transcendental call per output element." + legacyDoc + " (ONNX Operators.md, Pow-1)",
		In:  "X:T, Y:T", Out: "Z:T", Types: floatsT, Attrs: "axis:int broadcast:int=0",
		Infer: legacyBinary(powElem), Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[2,3] !f32[3]", Attrs: "broadcast=1", Out: "f32[2,3]", Cost: "exp=6"}},
	},
	{
		Name: "Pow", Since: []int{7, 12, 13, 15},
		Doc: "Power, with broadcasting; from opset 12 the exponent may be of another type. One transcendental call per output element." + intDoc + " (ONNX Operators.md, Pow)",
		In:  "X:T, Y:T1", Out: "Z:T", Types: "T: float int32 int64; T1: number",
		Infer: inferPow, Cost: each(work{exp: 1}),
		Cases: []Case{
			{In: "f32[N,2] f32={2}", Out: "f32[N,2]", Cost: "exp=2*N"},
			{In: "i64[2]={3,-2} i64={3}", Out: "i64[2]={27,-8}"},
			{In: "f32[2] i64={3}", Err: "one type", Opset: 7},
		},
	},
	{
		Name: "Reciprocal", Since: []int{1, 6, 13},
		Doc: "1/x. One flop per element. (ONNX Operators.md, Reciprocal)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: unary(func(d graph.DType, x Elem) Elem { return divElem(d, FloatElem(1), x) }), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[N]", Out: "f32[N]", Cost: "flop=N"}, {In: "f32[1]={4}", Out: "f32[1]={0.25}"}},
	},
	{
		Name: "Round", Since: []int{11, 22},
		Doc: "Rounds to the nearest integer, halves to the even one. One flop per element. (ONNX Operators.md, Round)",
		In:  "X:T", Out: "Y:T", Types: floatsT,
		Infer: unary(roundElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[N]", Out: "f32[N]", Cost: "flop=N"}, {In: "f32[4]={0.5,1.5,-2.5,2.6}", Out: "f32[4]={0,2,-2,3}"}},
	},
	{
		Name: "Sign", Since: []int{9, 13},
		Doc: "-1, 0 or 1: two comparisons with zero per element. (ONNX Operators.md, Sign)",
		In:  "input:T", Out: "output:T", Types: numbers,
		Infer: unary(signElem), Cost: each(work{cmp: 2}),
		Cases: []Case{{In: "f32[N]", Out: "f32[N]", Cost: "cmp=2*N"}, {In: "i64[3]={-3,0,9}", Out: "i64[3]={-1,0,1}"}},
	},
	{
		Name: "Sqrt", Since: []int{1, 6, 13},
		Doc: "Square root. One flop per element. (ONNX Operators.md, Sqrt)",
		In:  "X:T", Out: "Y:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: unary(floatFn(math.Sqrt)), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[N]", Out: "f32[N]", Cost: "flop=N"}, {In: "f32[2]={9,2}", Out: "f32[2]={3,1.4142135381698608}"}},
	},
	{
		Name: "Sub", Since: []int{1, 6},
		Doc: "Difference of two tensors. One flop per output element." + legacyDoc + intDoc + " (ONNX Operators.md, Sub-6)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers, Attrs: legacyAx,
		Infer: legacyBinary(subElem), Cost: each(work{flop: 1}),
		Cases: []Case{{In: "f32[2,3] !f32[3]", Attrs: "broadcast=1", Out: "f32[2,3]", Cost: "flop=6"}},
	},
	{
		Name: "Sub", Since: []int{7, 13, 14},
		Doc: "Difference of two tensors, with broadcasting. One flop per output element." + intDoc + " (ONNX Operators.md, Sub)",
		In:  "A:T, B:T", Out: "C:T", Types: numbers,
		Infer: binary(subElem), Cost: each(work{flop: 1}),
		Cases: []Case{
			{In: "f32[N,1] f32[4]", Out: "f32[N,4]", Cost: "flop=4*N"},
			{In: "i64[2]={3,-4} i64={2}", Out: "i64[2]={1,-6}"},
			{In: "u8[2]={3,5} u8[1]={4}", Out: "u8[2]={?,1}"},
		},
	},
	{
		Name: "Sum", Since: []int{1, 6, 8, 13},
		Doc: "Sum of the operands, from opset 8 with broadcasting. One addition per output element and operand after the first. (ONNX Operators.md, Sum)",
		In:  "data_0...:T", Out: "sum:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: variadic(8, addElem), Cost: eachOperand(work{flop: 1}, work{}),
		Cases: []Case{{In: "f32[N,1] f32[3] f32", Out: "f32[N,3]", Cost: "flop=6*N"}, {In: "f32[N]", Out: "f32[N]", Cost: ""}},
	},
}

// inferMod refuses floats without fmod, which ONNX left undefined before opset 28.
func inferMod(c *Call) {
	f := binary(modElem)
	if c.boolAttr("fmod", 0) {
		f = binary(fmodElem)
	} else if c.Opset < 28 && c.DType(0).IsFloat() {
		c.Warnf("%s has type %s, for which the standard wants fmod=1", c.InName(0), c.DType(0))
	}
	f(c)
}

func inferPow(c *Call) {
	if x, y := c.DType(0), c.DType(1); c.Opset < 12 && x != y && x != graph.Undefined && y != graph.Undefined {
		c.Wantf("one type", "%s has type %s, %s %s", c.InName(0), x, c.InName(1), y)
	}
	binary(powElem)(c)
}

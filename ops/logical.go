package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	boolTypes = "T: bool; T1: bool"
	cmpTypes  = "T: number bool; T1: bool"
	legacyBC  = "axis:int broadcast:int=0"
)

// logicalOps are logic, comparisons, selection and bit arithmetic.
var logicalOps = []Op{
	{
		Name: "And", Since: []int{1},
		Doc: "Logical and. One integer operation per output element." + legacyDoc + " (ONNX Operators.md, And-1)",
		In:  "A:T, B:T", Out: "C:T1", Types: boolTypes, Attrs: legacyBC,
		Infer: legacyBinary(andElem), Cost: each(work{int: 1}),
		Cases: []Case{{In: "bool[2,3] bool[3]", Attrs: "broadcast=1", Out: "bool[2,3]", Cost: "int=6"}},
	},
	{
		Name: "And", Since: []int{7},
		Doc: "Logical and, with broadcasting. One integer operation per output element. (ONNX Operators.md, And)",
		In:  "A:T, B:T", Out: "C:T1", Types: boolTypes,
		Infer: binary(andElem), Cost: each(work{int: 1}),
		Cases: []Case{
			{In: "bool[N,1] bool[3]", Out: "bool[N,3]", Cost: "int=3*N"},
			{In: "bool[2]={true,true} bool[2]={false,true}", Out: "bool[2]={false,true}"},
		},
	},
	{
		Name: "BitShift", Since: []int{11, 28},
		Doc: "Shifts the bits of X by Y to the LEFT or RIGHT, with broadcasting. One integer operation per output element. (ONNX Operators.md, BitShift)",
		In:  "X:T, Y:T", Out: "Z:T", Types: "T: uint int", Attrs: "direction:string!",
		Infer: inferBitShift, Cost: each(work{int: 1}),
		Cases: []Case{
			{In: "u8[N,2] u8[2]", Attrs: `direction="LEFT"`, Out: "u8[N,2]", Cost: "int=2*N"},
			{In: "u8[3]={16,4,1} u8[3]={1,2,3}", Attrs: `direction="RIGHT"`, Out: "u8[3]={8,1,0}"},
			{In: "u8[3]={16,4,1} u8[3]={1,2,3}", Attrs: `direction="LEFT"`, Out: "u8[3]={32,16,8}"},
			{In: "u8[2] u8[2]", Attrs: `direction="UP"`, Err: "direction"},
			{In: "u8[2] u8[2]", Err: "missing"},
		},
	},
	{
		Name: "BitwiseAnd", Since: []int{18},
		Doc: "Bitwise and, with broadcasting. One integer operation per output element. (ONNX Operators.md, BitwiseAnd)",
		In:  "A:T, B:T", Out: "C:T", Types: "T: int uint",
		Infer: binary(bitElem(func(a, b int64) int64 { return a & b })), Cost: each(work{int: 1}),
		Cases: []Case{{In: "i32[N,1] i32[3]", Out: "i32[N,3]", Cost: "int=3*N"}, {In: "i64[1]={12} i64[1]={10}", Out: "i64[1]={8}"}},
	},
	{
		Name: "BitwiseNot", Since: []int{18},
		Doc: "Bitwise complement. One integer operation per element. (ONNX Operators.md, BitwiseNot)",
		In:  "X:T", Out: "Y:T", Types: "T: int uint",
		Infer: keepShape, Cost: each(work{int: 1}),
		Cases: []Case{{In: "i32[N,3]", Out: "i32[N,3]", Cost: "int=3*N"}},
	},
	{
		Name: "BitwiseOr", Since: []int{18},
		Doc: "Bitwise or, with broadcasting. One integer operation per output element. (ONNX Operators.md, BitwiseOr)",
		In:  "A:T, B:T", Out: "C:T", Types: "T: int uint",
		Infer: binary(bitElem(func(a, b int64) int64 { return a | b })), Cost: each(work{int: 1}),
		Cases: []Case{{In: "i32[N,1] i32[3]", Out: "i32[N,3]", Cost: "int=3*N"}, {In: "i64[1]={12} i64[1]={10}", Out: "i64[1]={14}"}},
	},
	{
		Name: "BitwiseXor", Since: []int{18},
		Doc: "Bitwise exclusive or, with broadcasting. One integer operation per output element. (ONNX Operators.md, BitwiseXor)",
		In:  "A:T, B:T", Out: "C:T", Types: "T: int uint",
		Infer: binary(bitElem(func(a, b int64) int64 { return a ^ b })), Cost: each(work{int: 1}),
		Cases: []Case{{In: "i32[N,1] i32[3]", Out: "i32[N,3]", Cost: "int=3*N"}, {In: "i64[1]={12} i64[1]={10}", Out: "i64[1]={6}"}},
	},
	{
		Name: "Equal", Since: []int{1},
		Doc: "Comparison. One comparison per output element." + legacyDoc + " (ONNX Operators.md, Equal-1)",
		In:  "A:T, B:T", Out: "C:T1", Types: cmpTypes, Attrs: legacyBC,
		Infer: legacyBinary(equalElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "i32[2,3] i32[3]", Attrs: "broadcast=1", Out: "bool[2,3]", Cost: "cmp=6"}},
	},
	{
		Name: "Equal", Since: []int{7, 11, 13, 19},
		Doc: "Comparison, with broadcasting. One comparison per output element. (ONNX Operators.md, Equal)",
		In:  "A:T, B:T", Out: "C:T1", Types: "T: number bool string; T1: bool",
		Infer: binary(equalElem), Cost: each(work{cmp: 1}),
		Cases: []Case{
			{In: "i64[N,1] i64[3]", Out: "bool[N,3]", Cost: "cmp=3*N"},
			{In: "i64[2]={1,2} i64={2}", Out: "bool[2]={false,true}"},
			{In: `str[1]={"a"} str={"a"}`, Out: "bool[1]={true}"},
		},
	},
	{
		Name: "Greater", Since: []int{1},
		Doc: "Comparison. One comparison per output element." + legacyDoc + " (ONNX Operators.md, Greater-1)",
		In:  "A:T, B:T", Out: "C:T1", Types: cmpTypes, Attrs: legacyBC,
		Infer: legacyBinary(greaterElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[2,3] f32[3]", Attrs: "broadcast=1", Out: "bool[2,3]", Cost: "cmp=6"}},
	},
	{
		Name: "Greater", Since: []int{7, 9, 13},
		Doc: "Comparison, with broadcasting. One comparison per output element. (ONNX Operators.md, Greater)",
		In:  "A:T, B:T", Out: "C:T1", Types: "T: number; T1: bool",
		Infer: binary(greaterElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,1] f32[3]", Out: "bool[N,3]", Cost: "cmp=3*N"}, {In: "i64[2]={1,2} i64={1}", Out: "bool[2]={false,true}"}},
	},
	{
		Name: "GreaterOrEqual", Since: []int{12, 16},
		Doc: "Comparison, with broadcasting. One comparison per output element. (ONNX Operators.md, GreaterOrEqual)",
		In:  "A:T, B:T", Out: "C:T1", Types: "T: number; T1: bool",
		Infer: binary(greaterEqualElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,1] f32[3]", Out: "bool[N,3]", Cost: "cmp=3*N"}, {In: "i64[2]={1,2} i64={2}", Out: "bool[2]={false,true}"}},
	},
	{
		Name: "IsInf", Since: []int{10, 20},
		Doc: "Whether an element is infinite. One comparison per element and infinity that is looked for, the positive and the negative one by default. (ONNX Operators.md, IsInf)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: float float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz; T2: bool", Attrs: "detect_negative:int=1 detect_positive:int=1",
		Infer: keepShape, Cost: costIsInf,
		Cases: []Case{{In: "f32[N,3]", Out: "bool[N,3]", Cost: "cmp=6*N"}, {In: "f32[N,3]", Attrs: "detect_negative=0", Out: "bool[N,3]", Cost: "cmp=3*N"}},
	},
	{
		Name: "IsNaN", Since: []int{9, 13, 20},
		Doc: "Whether an element is not a number. One comparison per element. (ONNX Operators.md, IsNaN)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: float float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz; T2: bool",
		Infer: keepShape, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "bool[N,3]", Cost: "cmp=3*N"}},
	},
	{
		Name: "Less", Since: []int{1},
		Doc: "Comparison. One comparison per output element." + legacyDoc + " (ONNX Operators.md, Less-1)",
		In:  "A:T, B:T", Out: "C:T1", Types: cmpTypes, Attrs: legacyBC,
		Infer: legacyBinary(lessElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[2,3] f32[3]", Attrs: "broadcast=1", Out: "bool[2,3]", Cost: "cmp=6"}},
	},
	{
		Name: "Less", Since: []int{7, 9, 13},
		Doc: "Comparison, with broadcasting. One comparison per output element. (ONNX Operators.md, Less)",
		In:  "A:T, B:T", Out: "C:T1", Types: "T: number; T1: bool",
		Infer: binary(lessElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,1] f32[3]", Out: "bool[N,3]", Cost: "cmp=3*N"}, {In: "i64[2]={1,2} i64={2}", Out: "bool[2]={true,false}"}},
	},
	{
		Name: "LessOrEqual", Since: []int{12, 16},
		Doc: "Comparison, with broadcasting. One comparison per output element. (ONNX Operators.md, LessOrEqual)",
		In:  "A:T, B:T", Out: "C:T1", Types: "T: number; T1: bool",
		Infer: binary(lessEqualElem), Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,1] f32[3]", Out: "bool[N,3]", Cost: "cmp=3*N"}, {In: "i64[2]={2,3} i64={2}", Out: "bool[2]={true,false}"}},
	},
	{
		Name: "Not", Since: []int{1},
		Doc: "Logical negation. One integer operation per element. (ONNX Operators.md, Not)",
		In:  "X:T", Out: "Y:T", Types: "T: bool",
		Infer: unary(notElem), Cost: each(work{int: 1}),
		Cases: []Case{{In: "bool[N]", Out: "bool[N]", Cost: "int=N"}, {In: "bool[2]={true,false}", Out: "bool[2]={false,true}"}},
	},
	{
		Name: "Or", Since: []int{1},
		Doc: "Logical or. One integer operation per output element." + legacyDoc + " (ONNX Operators.md, Or-1)",
		In:  "A:T, B:T", Out: "C:T1", Types: boolTypes, Attrs: legacyBC,
		Infer: legacyBinary(orElem), Cost: each(work{int: 1}),
		Cases: []Case{{In: "bool[2,3] bool[3]", Attrs: "broadcast=1", Out: "bool[2,3]", Cost: "int=6"}},
	},
	{
		Name: "Or", Since: []int{7},
		Doc: "Logical or, with broadcasting. One integer operation per output element. (ONNX Operators.md, Or)",
		In:  "A:T, B:T", Out: "C:T1", Types: boolTypes,
		Infer: binary(orElem), Cost: each(work{int: 1}),
		Cases: []Case{{In: "bool[N,1] bool[3]", Out: "bool[N,3]", Cost: "int=3*N"}, {In: "bool[2]={true,false} bool[2]={false,false}", Out: "bool[2]={true,false}"}},
	},
	{
		Name: "Where", Since: []int{9, 16},
		Doc: "Selects from X or Y by the condition, with broadcasting: no arithmetic, each value is moved once. (ONNX Operators.md, Where)",
		In:  "condition:B, X:T, Y:T", Out: "output:T", Types: "B: bool; T: all",
		Infer: inferWhere, Free: "selection moves values and computes none",
		Cases: []Case{
			{In: "bool[N,1] f32[3] f32", Out: "f32[N,3]"},
			{In: "bool[2]={true,false} i64[2]={1,2} i64={9}", Out: "i64[2]={1,9}"},
			{In: "bool[2] i64[2]={1,1} i64={1}", Out: "i64[2]={1,1}"},
			{In: "bool[2]={true,false} i64[2]={1,2} i64", Out: "i64[2]={1,?}"},
		},
	},
	{
		Name: "Xor", Since: []int{1},
		Doc: "Logical exclusive or. One integer operation per output element." + legacyDoc + " (ONNX Operators.md, Xor-1)",
		In:  "A:T, B:T", Out: "C:T1", Types: boolTypes, Attrs: legacyBC,
		Infer: legacyBinary(xorElem), Cost: each(work{int: 1}),
		Cases: []Case{{In: "bool[2,3] bool[3]", Attrs: "broadcast=1", Out: "bool[2,3]", Cost: "int=6"}},
	},
	{
		Name: "Xor", Since: []int{7},
		Doc: "Logical exclusive or, with broadcasting. One integer operation per output element. (ONNX Operators.md, Xor)",
		In:  "A:T, B:T", Out: "C:T1", Types: boolTypes,
		Infer: binary(xorElem), Cost: each(work{int: 1}),
		Cases: []Case{{In: "bool[N,1] bool[3]", Out: "bool[N,3]", Cost: "int=3*N"}, {In: "bool[2]={true,false} bool[2]={true,true}", Out: "bool[2]={false,true}"}},
	},
}

func costIsInf(c *Call) Cost {
	var w work
	for _, name := range []string{"detect_negative", "detect_positive"} {
		if c.Int(name, 1) != 0 {
			w.cmp++
		}
	}
	return each(w)(c)
}

func inferWhere(c *Call) {
	c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(1), c.Shape(2)))
	c.FoldPartly(0, func(x []Elem) Elem { return whereElem(x[0], x[1], x[2]) })
}

func inferBitShift(c *Call) {
	left := false
	switch d := c.Str("direction", ""); d {
	case "LEFT":
		left = true
	case "RIGHT":
	default:
		c.Wantf("LEFT or RIGHT", "direction is %q", graph.Clip(d))
	}
	binary(shiftElem(left))(c)
}

// bitElem makes a rule of a function on the bits of constants.
func bitElem(f func(a, b int64) int64) binaryFn {
	return func(d graph.DType, x, y Elem) Elem {
		a, okA := x.Int()
		b, okB := y.Int()
		if !okA || !okB || d == graph.Uint64 {
			return Elem{}
		}
		return intElem(d, graph.Int(f(a, b)))
	}
}

// shiftElem shifts constants; only shifts within the type are followed.
func shiftElem(left bool) binaryFn {
	return func(d graph.DType, x, y Elem) Elem {
		a, okA := x.Int()
		n, okB := y.Int()
		if !okA || !okB || a < 0 || n < 0 || n >= int64(d.Bits()) || n >= 62 {
			return Elem{}
		}
		if left {
			return intElem(d, graph.Int(a).MulInt(1<<n))
		}
		return intElem(d, graph.Int(a>>n))
	}
}

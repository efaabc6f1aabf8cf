package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	matMulDoc = "Matrix product with numpy.matmul's rules: a 1-D operand is a row on the left and a column on the right, leading dims " +
		"broadcast. MACs are output elements times the common dim K, for integer types too. (ONNX Operators.md, MatMul)"
	gemmDoc = "alpha*A'*B' + beta*C with A' and B' transposed on request. MACs are M*N*K. Adding C is a flop per output element; " +
		"an alpha other than 1 is a flop per output element, a beta other than 1 one per element of C. (ONNX Operators.md, Gemm)"
	gemmIntDoc = gemmDoc + " For integer types these are integer operations."
	gemmAttrs  = "alpha:float=1 beta:float=1 transA:int=0 transB:int=0"
	qMatMulDoc = "Matrix product of quantised operands, scaled back to a quantised result. MACs are output elements times K. Subtracting a " +
		"zero point is an integer operation per element of a and b. " + requantDoc + " (ONNX Operators.md, QLinearMatMul)"
	matMulTypes = "float int32 int64 uint32 uint64"
	qTypes      = float8Types + " int8 uint8"
)

var matmulOps = []Op{
	{
		Name: "MatMul", Since: []int{1}, Doc: matMulDoc,
		In: "A:T, B:T", Out: "Y:T", Types: "T: float16 float32 float64",
		Infer: inferMatMul, Cost: costMatMul,
		Cases: []Case{
			{In: "f32[3,4] f32[4,5]", Out: "f32[3,5]", Cost: "mac=60"},
		},
	},
	{
		Name: "MatMul", Since: []int{9, 13}, Doc: matMulDoc,
		In: "A:T, B:T", Out: "Y:T", Types: "T: " + matMulTypes,
		Infer: inferMatMul, Cost: costMatMul,
		Cases: []Case{
			{In: "f32[8,8] !f32[12,8,8]", Out: "f32[12,8,8]", Cost: "mac=6144"},
			{In: "f32[4,8] f32[8]", Out: "f32[4]", Cost: "mac=32"},
			{In: "f32[8] f32[8]", Out: "f32[]", Cost: "mac=8"},
			{In: "i32[B,1,S,64] i32[H,64,T]", Out: "i32[B,H,S,T]", Cost: "mac=64*B*H*S*T"},
			{In: "f32[B,S,?] f32[768,N]", Out: "f32[B,S,N]", Cost: "mac=768*B*N*S"},
			{In: "f32[*] f32[3]", Out: "f32[*]"},
			{In: "f32[2,3] f32[4,5]", Err: "last dim of A and second-to-last of B: 3 and 4"},
			{In: "f32[2,2,3] f32[3,3,5]", Err: "do not broadcast"},
			{In: "f32 f32[3]", Err: "A has rank 0"},
		},
	},
	{
		Name: "MatMulInteger", Since: []int{10},
		Doc: "Matrix product of 8-bit integers into int32. MACs are output elements times K. Subtracting a zero point is an integer " +
			"operation per element of that operand. (ONNX Operators.md, MatMulInteger)",
		In: "A:T1, B:T2, a_zero_point?:T1 quant, b_zero_point?:T2 quant", Out: "Y:int32", Types: "T1: int8 uint8; T2: int8 uint8",
		Infer: inferMatMulInteger, Cost: costMatMulInteger,
		Cases: []Case{
			{In: "u8[2,3] i8[3,4] u8[2] i8[1,4]", Out: "i32[2,4]", Cost: "mac=24 int=18"},
			{In: "u8[5,2,3] i8[5,3,4] u8[5,2,1] i8[5,1,4]", Out: "i32[5,2,4]", Cost: "mac=120 int=90"},
			{In: "u8[5,M,3] i8[3,N] u8[5,2,1] i8[4]", Out: "i32[5,M,N]", Cost: "mac=15*M*N int=15*M+3*N"},
			{In: "u8[2,3] i8[3,4] u8[3]", Err: "a_zero_point has shape [3]"},
			{In: "u8[2,3] i8[3,4] _ i8[3]", Err: "b_zero_point has shape [3]"},
			{In: "u8[2,3] i8[3,4] _ i8[1,1]", Err: "b_zero_point"},
			{In: "u8[5,2,3] i8[5,3,4] _ i8[4]", Err: "b_zero_point"},
			{In: "u8[2,3] i8[3] _ i8[3]", Err: "b_zero_point"},
			{In: "u8[2,3] i8[3,4]", Out: "i32[2,4]", Cost: "mac=24"},
			{In: "u8[2,3] !i8[3,4] !u8[]", Out: "i32[2,4]", Cost: "mac=24 int=6"},
			{In: "u8[2,3] i8[3,4] u8[] i8[4]", Out: "i32[2,4]", Cost: "mac=24 int=18"},
			{In: "u8[2,3] i8[4,4]", Err: "3 and 4"},
		},
	},
	{
		Name: "QLinearMatMul", Since: []int{10}, Doc: qMatMulDoc,
		In:  "a:T1, a_scale:float32 quant, a_zero_point:T1 quant, b:T2, b_scale:float32 quant, b_zero_point:T2 quant, y_scale:float32 quant, y_zero_point:T3 quant",
		Out: "y:T3", Types: "T1: int8 uint8; T2: int8 uint8; T3: int8 uint8",
		Infer: inferQLinearMatMul, Cost: costQLinearMatMul,
		Cases: []Case{
			{In: "u8[2,3] f32 u8 i8[3,4] f32 i8 f32 u8", Out: "u8[2,4]", Cost: "mac=24 int=26 flop=16 cmp=16"},
			{In: "u8[2,3] f32[2] u8[2] i8[3,4] f32[4] i8[4] f32[1] u8[1]", Out: "u8[2,4]", Cost: "mac=24 int=26 flop=16 cmp=16"},
			{In: "u8[2,3] f32[3] u8 i8[3,4] f32 i8 f32 u8", Err: "a_scale has shape [3]"},
			{In: "u8[2,3] f32 u8 i8[3,4] f32 i8[3] f32 u8", Err: "b_zero_point has shape [3]"},
			{In: "u8[2,3] f32 u8 i8[3,4] f32 i8 f32 u8[4]", Err: "y_zero_point has shape [4]"},
		},
	},
	{
		Name: "QLinearMatMul", Since: []int{21}, Doc: qMatMulDoc,
		In:  "a:T1, a_scale:TS quant, a_zero_point:T1 quant, b:T2, b_scale:TS quant, b_zero_point:T2 quant, y_scale:TS quant, y_zero_point:T3 quant",
		Out: "y:T3", Types: "TS: bfloat16 float16 float32; T1: " + qTypes + "; T2: " + qTypes + "; T3: " + qTypes,
		Infer: inferQLinearMatMul, Cost: costQLinearMatMul,
		Cases: []Case{
			{In: "u8[N,3] f16 u8 i8[3,4] f16 i8 f16 i8", Out: "i8[N,4]", Cost: "mac=12*N int=7*N+12 flop=8*N cmp=8*N"},
			{In: "u8[2,3] f32 u8 i8[2,4] f32 i8 f32 u8", Err: "3 and 2"},
		},
	},
	{
		Name: "Gemm", Since: []int{1, 6}, Doc: gemmDoc + " C has shape (M, N) unless broadcast is set.",
		In: "A:T, B:T, C:T", Out: "Y:T", Types: "T: float16 float32 float64",
		Attrs: gemmAttrs + " broadcast:int=0", Infer: inferGemm, Cost: costGemm,
		Cases: []Case{
			{In: "f32[3,4] f32[4,5] f32[5]", Attrs: "broadcast=1", Out: "f32[3,5]", Cost: "mac=60 flop=15"},
			{In: "f32[3,4] f32[4,5] f32[5]", Err: "C has shape [5]"},
		},
	},
	{
		Name: "Gemm", Since: []int{7}, Doc: gemmDoc,
		In: "A:T, B:T, C:T", Out: "Y:T", Types: "T: float16 float32 float64",
		Attrs: gemmAttrs, Infer: inferGemm, Cost: costGemm,
		Cases: []Case{
			{In: "f32[4,3] f32[5,4] f32[5]", Attrs: "transA=1 transB=1", Out: "f32[3,5]", Cost: "mac=60 flop=15"},
		},
	},
	{
		Name: "Gemm", Since: []int{9}, Doc: gemmIntDoc,
		In: "A:T, B:T, C:T", Out: "Y:T", Types: "T: float16 float32 float64 int32 int64 uint32 uint64",
		Attrs: gemmAttrs, Infer: inferGemm, Cost: costGemm,
		Cases: []Case{
			{In: "i32[3,4] i32[4,5] i32[1,5]", Out: "i32[3,5]", Cost: "mac=60 int=15"},
		},
	},
	{
		Name: "Gemm", Since: []int{11, 13}, Doc: gemmIntDoc,
		In: "A:T, B:T, C?:T", Out: "Y:T", Types: "T: " + matMulTypes,
		Attrs: gemmAttrs, Infer: inferGemm, Cost: costGemm,
		Cases: []Case{
			{In: "f32[N,2048] !f32[1000,2048] !f32[1000]", Attrs: "transB=1", Out: "f32[N,1000]", Cost: "mac=2048000*N flop=1000*N"},
			{In: "f32[3,4] f32[4,5]", Attrs: "alpha=0.5", Out: "f32[3,5]", Cost: "mac=60 flop=15"},
			{In: "f32[3,4] f32[4,5] f32[3,1]", Attrs: "beta=2", Out: "f32[3,5]", Cost: "mac=60 flop=18"},
			{In: "f32[*] f32[4,5]", Out: "f32[?,5]"},
			{In: "f32[2,3,4] f32[4,5]", Err: "A has rank 3"},
			{In: "f32[3,4] f32[5,4]", Err: "K of A and B: 4 and 5"},
			{In: "f32[3,4] f32[4,5] f32[4]", Err: "C has shape [4]"},
		},
	},
	{
		Name: "Einsum", Since: []int{12}, Doc: einsumDoc,
		In: "Inputs...:T", Out: "Output:T", Types: "T: int uint float16 float32 float64",
		Attrs: "equation:string!", Infer: inferEinsum, Cost: costEinsum,
		Cases: []Case{
			{In: "f32[2,3] f32[3,4]", Attrs: "equation=ij,jk->ik", Out: "f32[2,4]", Cost: "mac=24"},
		},
	},
	{
		Name: "Einsum", Since: []int{28}, Doc: einsumDoc,
		In: "Inputs...:T", Out: "Output:T", Types: "T: float int uint",
		Attrs: "equation:string!", Infer: inferEinsum, Cost: costEinsum,
		Cases: einsumCases,
	},
}

// matMulDims returns the shape of the matrix product of inputs a and b and the
// common dim; ok is false when a rank is not known.
func (c *Call) matMulDims(a, b int) (out graph.Shape, k graph.Dim, ok bool) {
	return c.productDims(c.ShapeOfRank(a, 1, -1), c.ShapeOfRank(b, 1, -1), "last dim of "+c.InName(a)+" and second-to-last of "+c.InName(b))
}

// productDims returns the shape of a matrix product of two shapes. A 1-D operand
// has no rows or columns of its own; what names the common dim.
func (c *Call) productDims(a, b graph.Shape, what string) (out graph.Shape, k graph.Dim, ok bool) {
	if a == nil || b == nil {
		return nil, k, false
	}
	leadA, leadB, tail := graph.Shape{}, graph.Shape{}, graph.Shape{}
	kb := b[0]
	if n := len(a); n > 1 {
		leadA, tail = a[:n-2], append(tail, a[n-2])
	}
	if n := len(b); n > 1 {
		leadB, kb, tail = b[:n-2], b[n-2], append(tail, b[n-1])
	}
	k = c.Same(a[len(a)-1], kb, what)
	out = append(append(graph.Shape{}, c.Broadcast(leadA, leadB)...), tail...)
	return out, k, true
}

// setMatMul sets output 0 to the shape of the matrix product of inputs a and b.
func (c *Call) setMatMul(a, b int) {
	if out, _, ok := c.matMulDims(a, b); ok {
		c.SetShape(0, out)
	}
}

// matMulMACs returns output elements times the common dim for a cost rule.
func (c *Call) matMulMACs(a, b int) graph.Dim {
	c.InShape(a)
	c.InShape(b)
	out, k, _ := c.matMulDims(a, b)
	return out.Elements().Mul(k)
}

func inferMatMul(c *Call) { c.setMatMul(0, 1) }

func inferMatMulInteger(c *Call) {
	c.setMatMul(0, 1)
	c.quantisedRows(2, 0)
	c.quantisedColumns(3, 1)
}

func inferQLinearMatMul(c *Call) {
	c.setMatMul(0, 3)
	c.quantisedRows(1, 0)
	c.quantisedRows(2, 0)
	c.quantisedColumns(4, 3)
	c.quantisedColumns(5, 3)
	c.quantScalar(6)
	c.quantScalar(7)
}

// quantisedRows refuses a scale or zero point, input i, that has neither one element nor
// one for each row of operand x. quantisedColumns does so for columns. (ONNX
// Operators.md, QLinearMatMul: v_1 ... v_M for a matrix, [D1, D2, M, 1] in general.)
func (c *Call) quantisedRows(i, x int)    { c.quantisedLines(i, c.Shape(x), 2) }
func (c *Call) quantisedColumns(i, x int) { c.quantisedLines(i, c.Shape(x), 1) }

// quantisedLines is quantisedRows for a shape and the place, counted from its end, of
// the axis that has an element for each index.
func (c *Call) quantisedLines(i int, x graph.Shape, back int) {
	s := c.Shape(i)
	if s == nil || x == nil || isOne(s) || len(s) == 1 && !s[0].IsConst() {
		return
	}
	rank := len(x)
	if rank < 2 {
		c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
	}
	lines := with(x, rank-3+back, graph.Int(1))
	if !compatible(s, lines) && (rank > 2 || !compatible(s, x[rank-back:][:1])) {
		c.Wantf("a scalar or "+showUnknown(lines), "%s has shape %s", c.InName(i), s)
	}
}

func costMatMul(c *Call) Cost { return Cost{MAC: c.matMulMACs(0, 1)} }

func costMatMulInteger(c *Call) Cost {
	return Cost{MAC: c.matMulMACs(0, 1), Int: c.zeroPoints(2)}
}

func costQLinearMatMul(c *Call) Cost {
	cost := Cost{MAC: c.matMulMACs(0, 3), Int: c.InN(0).Add(c.InN(3))}
	return cost.Add(requantCost(c.OutN(0)))
}

// gemmDims returns M, N and K; dims of an operand whose rank is not known are not known.
func (c *Call) gemmDims() (m, n, k graph.Dim) {
	m, ka := c.matrix(0, c.Int("transA", 0) != 0)
	kb, n := c.matrix(1, c.Int("transB", 0) != 0)
	return m, n, c.Same(ka, kb, "K of A and B")
}

// matrix returns the dims of a 2-D input, swapped on request.
func (c *Call) matrix(i int, swap bool) (rows, cols graph.Dim) {
	s := c.ShapeOfRank(i, 2, 2)
	if s == nil {
		s = c.UnknownShape(2)
	}
	if swap {
		return s[1], s[0]
	}
	return s[0], s[1]
}

func inferGemm(c *Call) {
	m, n, _ := c.gemmDims()
	out := graph.Shape{m, n}
	c.checkGemmC(out)
	c.SetShape(0, out)
}

// checkGemmC refuses a C that does not broadcast to the output.
func (c *Call) checkGemmC(out graph.Shape) {
	s := c.Shape(2)
	if s == nil {
		return
	}
	exact := c.Op.Signature().attr("broadcast") != nil && c.Int("broadcast", 0) == 0
	ok := len(s) == 2 || len(s) < 2 && !exact
	for i := 0; ok && i < len(s); i++ {
		have, isConst := s[i].Const()
		want, wantConst := out[2-len(s)+i].Const()
		if isConst && wantConst && have != want && (exact || have != 1) {
			ok = false
		}
	}
	if !ok {
		want := "(M, N) or what broadcasts to it"
		if exact {
			want = "(M, N)"
		}
		c.Wantf(want, "C has shape %s for an output of %s", s, showUnknown(out))
	}
}

func costGemm(c *Call) Cost {
	m, n, k := c.gemmDims()
	mn := m.Mul(n)
	var rest graph.Dim
	if c.Float("alpha", 1) != 1 {
		rest = mn
	}
	if c.Has(2) {
		rest = rest.Add(mn)
		if c.Float("beta", 1) != 1 {
			rest = rest.Add(c.InN(2))
		}
	}
	cost := Cost{MAC: mn.Mul(k)}
	if c.DType(0).IsInt() {
		cost.Int = rest
	} else {
		cost.Flop = rest
	}
	return cost
}

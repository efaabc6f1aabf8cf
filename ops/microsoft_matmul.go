package ops

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The operators of ONNX Runtime. Their schemas are those of onnxruntime 1.31
// (docs/ContribOperators.md), all at version 1.
const (
	msDomain = "com.microsoft"

	fusedMatMulDoc = "Matrix product of operands that may be transposed in their last two dims (transA, transB) or with their first dim as rows " +
		"(transBatchA, transBatchB). MACs are output elements times K; an alpha other than 1 is a flop per output element. "
	fusedMatMulAttrs = "alpha:float=1 transA:int=0 transB:int=0"
	batchTransAttrs  = fusedMatMulAttrs + " transBatchA:int=0 transBatchB:int=0"
	activationAttrs  = " activation:string activation_alpha:float activation_beta:float activation_gamma:float"
	weightOnlyDoc    = "MACs are elements of A times N. Making a weight from its code is a multiplication (flop) for each of the N*K, and an integer subtraction " +
		"where it has a zero point, also the middle of the codes that stands for one not given; a bias add is a flop per output element. "
	fp16Types = "T: bfloat16 float16; "
	t1Types   = "T1: bfloat16 float16 float32; "
)

var microsoftMatmulOps = []Op{
	{
		Domain: msDomain, Name: "FusedMatMul", Since: []int{1}, Doc: fusedMatMulDoc + "(ContribOperators.md, FusedMatMul)",
		In: "A:T, B:T", Out: "Y:T", Types: "T: float", Attrs: batchTransAttrs, Infer: inferFusedMatMul, Cost: costFusedMatMul,
		Cases: []Case{
			{In: "f32[2,4,3] f32[2,5,4]", Attrs: "transA=1 transB=1 alpha=0.125", Out: "f32[2,3,5]", Cost: "mac=120 flop=30"},
			{In: "f32[3,7,4] f32[7,4,5]", Attrs: "transBatchA=1", Out: "f32[7,3,5]", Cost: "mac=420"},
			{In: "f32[4] f32[4,5]", Attrs: "transA=1", Out: "f32[5]", Cost: "mac=20"},
			{In: "f32[2,4,3] f32[2,5,4]", Attrs: "transB=1", Err: "3 and 4"},
		},
	},
	{
		Domain: msDomain, Name: "FusedMatMulActivation", Since: []int{1},
		Doc: fusedMatMulDoc + "The activation follows for each output element. (ContribOperators.md, FusedMatMulActivation)",
		In:  "A:T, B:T", Out: "Y:T", Types: "T: float",
		Attrs: batchTransAttrs + " activation:string! activation_alpha:float activation_axis:int activation_beta:float activation_gamma:float",
		Infer: inferFusedMatMul, Cost: costFusedMatMul,
		Cases: []Case{{In: "f32[3,4] f32[4,N]", Attrs: "activation=Relu", Out: "f32[3,N]", Cost: "mac=12*N cmp=3*N"}},
	},
	{
		Domain: msDomain, Name: "TransposeMatMul", Since: []int{1}, Doc: fusedMatMulDoc + "The former name of FusedMatMul. (ContribOperators.md, TransposeMatMul)",
		In: "A:T, B:T", Out: "Y:T", Types: "T: float", Attrs: fusedMatMulAttrs, Infer: inferFusedMatMul, Cost: costFusedMatMul,
		Cases: []Case{{In: "f32[3,4] f32[5,4]", Attrs: "transB=1", Out: "f32[3,5]", Cost: "mac=60"}},
	},
	{
		Domain: msDomain, Name: "SparseToDenseMatMul", Since: []int{1},
		Doc: "Product of a sparse and a dense matrix. MACs are the non-zero elements of A, a number between 0 and that of all elements, times the columns " +
			"of B. A non-zero element is read with an index of 8 bytes. (ContribOperators.md, SparseToDenseMatMul)",
		In: "A:T, B:T1", Out: "Y:T1", Types: "T: float32 float64 int32 int64 uint32 uint64 sparse; T1: float32 float64 int32 int64 uint32 uint64",
		Attrs: fusedMatMulAttrs, Infer: inferFusedMatMul, Cost: costSparseMatMul, Moves: Moving(sparseMoves),
		Cases: []Case{{In: "sparse:f32[3,4] f32[4,5]", Out: "f32[3,5]", Cost: "mac=5*node.nonzero"}},
	},
	{
		Domain: msDomain, Name: "FusedGemm", Since: []int{1}, Doc: gemmIntDoc + " The activation follows for each output element. (ContribOperators.md, FusedGemm)",
		In: "A:T, B:T, C?:T", Out: "Y:T", Types: "T: float16 float32 float64 int32 int64 uint32 uint64", Attrs: gemmAttrs + activationAttrs,
		Infer: inferGemm, Cost: func(c *Call) Cost { return costGemm(c).Add(c.fusedActivation(c.OutN(0))) },
		Cases: []Case{
			{In: "f32[3,4] f32[5,4] f32[5]", Attrs: "transB=1 activation=LeakyRelu activation_alpha=0.1", Out: "f32[3,5]", Cost: "mac=60 flop=30 cmp=15"},
			{In: "f32[3,4] f32[4,5]", Attrs: "activation=Sigmoid", Out: "f32[3,5]", Cost: "mac=60 flop=45 exp=15"},
		},
	},
	{
		Domain: msDomain, Name: "GemmFastGelu", Since: []int{1},
		Doc: "FastGelu of a matrix product. MACs are output elements times K; the bias is a flop and FastGelu eight and a tanh per output element. " +
			"(ContribOperators.md, GemmFastGelu)",
		In: "X:T, W:T, bias?:T", Out: "Y:T", Types: "T: bfloat16 float16 float32", Infer: inferMatMul, Cost: costGemmFastGelu,
		Cases: []Case{{In: "f16[B,S,4] !f16[4,5] !f16[5]", Out: "f16[B,S,5]", Cost: "mac=20*B*S flop=45*B*S exp=5*B*S"}},
	},
	{
		Domain: msDomain, Name: "GemmFloat8", Since: []int{1},
		Doc: "Gemm of 8-bit or other floats. MACs are M*N*K; C is added when beta is not 0, as in Gemm; the activation is RELU or GELU. " +
			"(ContribOperators.md, GemmFloat8)",
		In: "A:TA, B:TB, C?:TC, scaleA?:float32 quant, scaleB?:float32 quant, scaleY?:float32 quant", Out: "Y:TR",
		Types: "TA: bfloat16 float16 float32 float8e4m3fn float8e5m2; TB: bfloat16 float16 float32 float8e4m3fn float8e5m2; TC: bfloat16 float16 float32; " +
			"TR: bfloat16 float16 float32 float8e4m3fn float8e5m2",
		Attrs: "activation:string alpha:float=1 beta:float=0 dtype:int=1 transA:int=0 transB:int=0",
		Infer: inferGemmFloat8, Cost: costGemmFloat8,
		Cases: []Case{
			{In: "float8e4m3fn[3,4] float8e4m3fn[5,4] f16[5]", Attrs: "transB=1 dtype=10 beta=1 activation=RELU", Out: "f16[3,5]", Cost: "mac=60 flop=15 cmp=15"},
			{In: "f32[3,4] f32[4,5]", Attrs: "dtype=7", Err: "dtype"},
		},
	},
	{
		Domain: msDomain, Name: "QGemm", Since: []int{1},
		Doc: "Gemm of 8-bit operands. MACs are M*N*K; subtracting a zero point is an integer operation per element of A and B, adding C one per output " +
			"element. Without y_scale the result is scaled to float: a flop per output element. " + requantDoc + " (ContribOperators.md, QGemm)",
		In:  "A:TA, a_scale:float32 quant, a_zero_point:TA quant, B:TB, b_scale:float32 quant, b_zero_point:TB quant, C?:int32, y_scale?:float32 quant, y_zero_point?:TYZ quant",
		Out: "Y:TY", Types: "TA: int8 uint8; TB: int8 uint8; TYZ: int8 uint8; TY: float32 int8 uint8", Attrs: "alpha:float=1 transA:int=0 transB:int=0",
		Infer: inferQGemm, Cost: costQGemm,
		Cases: []Case{
			{In: "u8[3,4] f32 u8 i8[5,4] f32[5] i8[5] i32[5] f32 u8", Attrs: "transB=1", Out: "u8[3,5]", Cost: "mac=60 int=62 flop=30 cmp=30"},
			{In: "u8[3,4] f32 u8 i8[4,5] f32 i8", Out: "f32[3,5]", Cost: "mac=60 int=32 flop=15"},
			{In: "u8[3,4] f32 u8 i8[5,4] f32 i8", Err: "K of A and B"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulInteger16", Since: []int{1},
		Doc: "Matrix product of 16-bit integers into 32 bits. MACs are output elements times K. (ContribOperators.md, MatMulInteger16)",
		In:  "A:T1, B:T2", Out: "Y:T3", Types: "T1: int16 uint16; T2: int16 uint16; T3: int32 uint32", Infer: inferMatMulInteger16, Cost: costMatMul,
		Cases: []Case{
			{In: "i16[3,4] i16[4,5]", Out: "i32[3,5]", Cost: "mac=60"}, {In: "u16[3,4] u16[4,5]", Out: "u32[3,5]", Cost: "mac=60"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulIntegerToFloat", Since: []int{1},
		Doc: "Matrix product of 8-bit operands, scaled to float. MACs are output elements times K; subtracting a zero point is an integer operation per element of " +
			"that operand, the scale a flop per output element, the bias another. (ContribOperators.md, MatMulIntegerToFloat)",
		In:  "A:T1, B:T2, a_scale:T3 quant, b_scale:T3 quant, a_zero_point?:T1 quant, b_zero_point?:T2 quant, bias?:T3",
		Out: "Y:T3", Types: "T1: int8 uint8; T2: int8 uint8; T3: float16 float32", Infer: inferMatMul, Cost: costMatMulIntegerToFloat,
		Cases: []Case{{In: "u8[B,4] !i8[4,5] f32 !f32[5] u8 _ !f32[5]", Out: "f32[B,5]", Cost: "mac=20*B int=4*B flop=10*B"}},
	},
	{
		Domain: msDomain, Name: "DynamicQuantizeMatMul", Since: []int{1},
		Doc: "Quantises A as DynamicQuantizeLinear does, multiplies it by an 8-bit B and scales to float. MACs are output elements times K; " +
			"subtracting a zero point is an integer operation per element of that operand, the scale a flop per output element, the bias another. " +
			"(ContribOperators.md, DynamicQuantizeMatMul)",
		In:  "A:T1, B:T2, b_scale:T1 quant, b_zero_point?:T2 quant, bias?:T1",
		Out: "Y:T1", Types: "T1: float32; T2: int8 uint8", Infer: inferMatMul, Cost: costDynamicQuantizeMatMul,
		// A: 12 elements, 2*12+5 flops, 4*12+2 comparisons, 12 integer additions and 12 subtractions; Y: 15 elements.
		Cases: []Case{{In: "f32[3,4] !u8[4,5] !f32 !u8 !f32[5]", Out: "f32[3,5]", Cost: "mac=60 flop=59 cmp=50 int=44"}},
	},
	{
		Domain: msDomain, Name: "QOrderedMatMul", Since: []int{1},
		Doc: "Matrix product of int8 operands in a layout of cublasLt. MACs are output elements times K; the bias is a flop per output element and C, which is scaled, two. " +
			rescaleDoc + " (ContribOperators.md, QOrderedMatMul)",
		In:  "A:Q, scale_A:S quant, B:Q, scale_B:S quant, scale_Y:S quant, bias?:S, C?:Q, scale_C?:S quant",
		Out: "Y:Q", Types: "Q: int8; S: float32", Attrs: "order_A:int! order_B:int! order_Y:int!",
		Infer: func(c *Call) { c.setMatMul(0, 2) }, Cost: costQOrderedMatMul,
		Cases: []Case{{In: "i8[2,3,4] f32 !i8[4,5] !f32 f32 !f32[5]", Attrs: "order_A=1 order_B=0 order_Y=1", Out: "i8[2,3,5]", Cost: "mac=120 flop=90 cmp=60"}},
	},
	{
		Domain: msDomain, Name: "CDist", Since: []int{1},
		Doc: "Distances between the rows of A and those of B. A pair of rows of N elements is N subtractions (flops) and N MACs, and for euclidean a root " +
			"(flop). Other metrics are not counted. (ContribOperators.md, CDist)",
		In: "A:T, B:T", Out: "C:T", Types: "T: float32 float64", Attrs: "metric:string=sqeuclidean", Infer: inferCDist, Cost: costCDist,
		Cases: []Case{
			{In: "f32[M,8] f32[3,8]", Out: "f32[M,3]", Cost: "mac=24*M flop=24*M"},
			{In: "f32[2,8] f32[3,8]", Attrs: "metric=euclidean", Out: "f32[2,3]", Cost: "mac=48 flop=54"},
			{In: "f32[2,8] f32[3,7]", Err: "8 and 7"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulNBits", Since: []int{1},
		Doc: "Product with weights of 2, 4 or 8 bits in blocks along K. " + weightOnlyDoc + "(ContribOperators.md, MatMulNBits)",
		In:  "A:T1, B:uint8, scales:T1 quant, zero_points?:T3 quant, g_idx?:int32 shape, bias?:T1", Out: "Y:T1",
		Types: t1Types + "T3: bfloat16 float16 float32 uint8",
		Attrs: "K:int! N:int! accuracy_level:int=0 bits:int=4 block_size:int! weight_prepacked:int=0", Infer: inferMatMulNBits, Cost: costMatMulNBits,
		Cases: []Case{
			{In: "f32[B,S,64] !u8[32,2,16] !f32[64] _ _ !f32[32]", Attrs: "K=64 N=32 block_size=32", Out: "f32[B,S,32]", Cost: "mac=2048*B*S flop=32*B*S+2048 int=2048"},
			{In: "f16[64] !u8[32,2,16] !f16[32,2] !u8[32]", Attrs: "K=64 N=32 block_size=32", Out: "f16[32]", Cost: "mac=2048 flop=2048 int=2048"},
			{In: "f32[3,65] !u8[32,2,16] !f32[64]", Attrs: "K=64 N=32 block_size=32", Err: "65 and 64"},
			{In: "f32[3,64] !u8[32,2,16] !f32[64]", Attrs: "K=64 N=0 block_size=32", Err: "N is 0"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulBnb4", Since: []int{1},
		Doc: "Product with a weight of [N, K] in 4-bit floats of bitsandbytes, transposed unless transB is 0. " + weightOnlyDoc + "(ContribOperators.md, MatMulBnb4)",
		In:  "A:T1, B:uint8, absmax:T1 quant", Out: "Y:T1", Types: t1Types,
		Attrs: "K:int! N:int! block_size:int! quant_type:int! training_mode:int=0 transB:int=1", Infer: inferMatMulNBits, Cost: costMatMulNBits,
		Cases: []Case{
			{In: "f32[S,64] !u8[1024] !f32[32]", Attrs: "K=64 N=32 block_size=64 quant_type=1", Out: "f32[S,32]", Cost: "mac=2048*S flop=2048"},
			{In: "f32[S,32] !u8[1024] !f32[32]", Attrs: "K=64 N=32 block_size=64 quant_type=1 transB=0", Out: "f32[S,64]", Cost: "mac=2048*S flop=2048"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulFpQ4", Since: []int{1},
		Doc: "Product with 4-bit weights packed in one blob; B_shape holds K and N. " + weightOnlyDoc + "(ContribOperators.md, MatMulFpQ4)",
		In:  "A:T1, B:uint8, B_shape:int64 shape", Out: "Y:T1", Types: "T1: float32", Attrs: "blk_quant_type:int=1", Infer: inferMatMulNBits, Cost: costMatMulNBits,
		Cases: []Case{
			{In: "f32[2,S,52] !u8[1000] i64[2]={52,288}", Out: "f32[2,S,288]", Cost: "mac=29952*S flop=14976 int=14976"},
			{In: "f32[2,52] !u8[1000] i64[2]", Out: "f32[2,?]"},
			{In: "f32[2,50] !u8[1000] i64[2]={52,288}", Err: "50 and 52"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulBlockQuantizedFp4Weight", Since: []int{1},
		Doc: "Product with weights in NVFP4, two in a byte of B. " + weightOnlyDoc + "(ContribOperators.md, MatMulBlockQuantizedFp4Weight)",
		In:  "A:T, B:uint8, weight_scale:uint8 quant, weight_scale_2:float32 quant, input_scale?:float32 quant, bias?:T", Out: "Y:T",
		Types: fp16Types, Attrs: "block_size:int=16", Infer: inferMatMulNBits, Cost: costMatMulNBits,
		Cases: []Case{{In: "f16[B,64] !u8[8,32] !u8[8,4] !f32 _ f16[8]", Out: "f16[B,8]", Cost: "mac=512*B flop=8*B+512"}},
	},
	{
		Domain: msDomain, Name: "MatMulBlockQuantizedFp8Weight", Since: []int{1},
		Doc: "Product with float8 weights scaled by block. " + weightOnlyDoc + "With a_scale each element of A is divided by it, rounded, saturated and multiplied: three flops and two comparisons. " +
			"(ContribOperators.md, MatMulBlockQuantizedFp8Weight)",
		In: "A:T, B:float8e4m3fn, b_scale:float32 quant, a_scale?:float32 quant, bias?:T", Out: "Y:T", Types: fp16Types,
		Attrs: "block_size:int=128", Infer: inferMatMulNBits,
		Cost: func(c *Call) Cost {
			cost := costMatMulNBits(c)
			if c.Has(3) {
				cost = cost.Add(rescaleCost(c.InN(0))).Add(Cost{Flop: c.InN(0)})
			}
			return cost
		},
		Cases: []Case{{In: "f16[3,64] !float8e4m3fn[8,64] !f32[8,1] !f32", Out: "f16[3,8]", Cost: "mac=1536 flop=1088 cmp=384"}},
	},
	{
		Domain: msDomain, Name: "MatMulNBitsMlp", Since: []int{1},
		Doc: "activation(A*gate + bias)*(A*up + bias) with 4-bit weights, optionally after (Skip)SimplifiedLayerNormalization. MACs are twice elements of A " +
			"times N. " + mlpDoc + "the product of the two is a flop per output element. (ContribOperators.md, MatMulNBitsMlp)",
		In:  "A:T1, skip?:T1, norm_scale?:T1, gate_B:uint8, gate_scales:T1 quant, gate_bias?:T1, up_B:uint8, up_scales:T1 quant, up_bias?:T1",
		Out: "Y:T1, input_skip_bias_sum?:T1", Types: t1Types,
		Attrs: "K:int! N:int! accuracy_level:int=0 activation:string! bits:int=4 block_size:int! epsilon:float=1e-5",
		Infer: func(c *Call) { c.inferProjections([]string{"N"}, 1) }, Cost: costMatMulNBitsMlp,
		Cases: []Case{
			{In: "f16[B,32] _ _ !u8[16,1,16] !f16[16] _ !u8[16,1,16] !f16[16] _", Attrs: "K=32 N=16 block_size=32 activation=relu", Out: "f16[B,16]",
				Cost: "mac=1024*B flop=16*B+1024 cmp=16*B int=1024"},
		},
	},
	{
		Domain: msDomain, Name: "MatMulNBitsQkv", Since: []int{1},
		Doc: "Three products with 4-bit weights after (Skip)SimplifiedLayerNormalization. MACs are elements of A times Nq + 2*Nkv. " + mlpDoc +
			"a bias add is a flop per element. (ContribOperators.md, MatMulNBitsQkv)",
		In: "A:T1, skip?:T1, norm_scale:T1, q_B:uint8, q_scales:T1 quant, q_bias?:T1, k_B:uint8, k_scales:T1 quant, k_bias?:T1, " +
			"v_B:uint8, v_scales:T1 quant, v_bias?:T1",
		Out: "Q:T1, K:T1, V:T1, input_skip_bias_sum?:T1", Types: t1Types,
		Attrs: "K:int! Nkv:int! Nq:int! accuracy_level:int=0 bits:int=4 block_size:int! epsilon:float=1e-6",
		Infer: func(c *Call) { c.inferProjections([]string{"Nq", "Nkv", "Nkv"}, 3) }, Cost: costMatMulNBitsQkv,
		Cases: []Case{
			// one row of 32: normalisation 4*32+3 = 131 flops; 32*32 weights
			{In: "f16[1,32] _ !f16[32] !u8[16,1,16] !f16[16] _ !u8[8,1,16] !f16[8] _ !u8[8,1,16] !f16[8] !f16[8]", Attrs: "K=32 Nq=16 Nkv=8 block_size=32",
				Out: "f16[1,16] f16[1,8] f16[1,8]", Cost: "mac=1024 flop=1163 int=1024"},
		},
	},
}

const mlpDoc = "Making a weight from its code is an integer subtraction and a flop. Per element of A, a residual add is a flop and the normalisation four, and three per row, as " +
	"RMSNormalization; "

// transposedMatrix returns the shape of an operand of FusedMatMul as a product
// takes it: the rows are the first dim with transBatch, the last two dims swap with trans.
func (c *Call) transposedMatrix(i int, suffix string) graph.Shape {
	s := c.ShapeOfRank(i, 1, -1)
	n := len(s)
	if n < 2 {
		return s
	}
	out := append(graph.Shape{}, s...)
	if c.Int("transBatch"+suffix, 0) != 0 {
		copy(out, s[1:n-1])
		out[n-2] = s[0]
	}
	if c.Int("trans"+suffix, 0) != 0 {
		out[n-2], out[n-1] = out[n-1], out[n-2]
	}
	return out
}

// fusedMatMulDims is matMulDims of operands that attributes transpose.
func (c *Call) fusedMatMulDims() (out graph.Shape, k graph.Dim, ok bool) {
	a, b := c.transposedMatrix(0, "A"), c.transposedMatrix(1, "B")
	batch := c.Int("transBatchA", 0) != 0 || c.Int("transBatchB", 0) != 0
	if batch && a != nil && b != nil && (len(a) != len(b) || len(a) < 3) {
		c.Wantf("operands of one rank, at least 3", "transBatch is set, and A has rank %d, B rank %d", len(a), len(b))
	}
	return c.productDims(a, b, "last dim of A and second-to-last of B")
}

func inferFusedMatMul(c *Call) {
	if out, _, ok := c.fusedMatMulDims(); ok {
		c.SetShape(0, out)
	}
}

func costFusedMatMul(c *Call) Cost {
	out, k, ok := c.fusedMatMulDims()
	if !ok {
		c.Unresolved("the shape of an operand is not known")
	}
	n := out.Elements()
	cost := Cost{MAC: n.Mul(k)}
	if c.Float("alpha", 1) != 1 {
		cost.Flop = n
	}
	return cost.Add(c.fusedActivation(n))
}

func costSparseMatMul(c *Call) Cost {
	out, k, ok := c.fusedMatMulDims()
	if !ok {
		c.Unresolved("the shape of an operand is not known")
	}
	if out.Elements().IsZero() || k.IsZero() {
		return Cost{}
	}
	cols, _ := out.Elements().Mul(k).FloorDiv(c.InN(0))
	return Cost{MAC: c.nonZero().Mul(cols)}
}

// nonZero is the number of non-zero elements of input 0.
func (c *Call) nonZero() graph.Dim {
	all := c.InN(0)
	return c.DataSym("nonzero", 0, &all)
}

func sparseMoves(c *Call) Bytes {
	const index = 8
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, c.DType(0).Bytes(c.nonZero()).Add(c.nonZero().MulInt(index)))
	c.reads(&b, 1, c.InBytes(1))
	return b
}

// fusedActivations is the work of activation functions that only fused operators name.
var fusedActivations = map[string]work{
	"clip": {cmp: 2}, "gelu": {flop: 4, exp: 1}, "fastgelu": {flop: 8, exp: 1}, "quickgelu": {flop: 5, exp: 1}, "silu": {flop: 4, exp: 1},
	"swish": {flop: 4, exp: 1}, "identity": {}, "none": {}, "hardswish": {flop: 3, cmp: 2}, "selu": {flop: 3, cmp: 1, exp: 1}, "celu": {flop: 3, cmp: 2, exp: 1},
}

// fusedActivation is the work of the attribute activation on n elements.
func (c *Call) fusedActivation(n graph.Dim) Cost {
	name := strings.ToLower(c.Str("activation", "none"))
	if cost, ok := activationCosts[name]; ok {
		return cost.Times(n)
	}
	w, ok := fusedActivations[name]
	if name != "" && !ok {
		c.Unresolved("the work of activation %q is not known", graph.Clip(c.Str("activation", "")))
	}
	return w.times(n, graph.Float32)
}

func costGemmFastGelu(c *Call) Cost {
	n := c.OutN(0)
	cost := costMatMul(c).Add(fusedActivations["fastgelu"].times(n, graph.Float32))
	if c.Has(2) {
		cost.Flop = cost.Flop.Add(n)
	}
	return cost
}

func inferGemmFloat8(c *Call) {
	c.outputType("dtype", 1)
	m, n, _ := c.gemmDims()
	c.SetShape(0, graph.Shape{m, n})
}

func costGemmFloat8(c *Call) Cost {
	m, n, k := c.gemmDims()
	mn := m.Mul(n)
	cost := Cost{MAC: mn.Mul(k)}
	if c.Float("alpha", 1) != 1 {
		cost.Flop = mn
	}
	if beta := c.Float("beta", 0); c.Has(2) && beta != 0 {
		if cost.Flop = cost.Flop.Add(mn); beta != 1 {
			cost.Flop = cost.Flop.Add(c.InN(2))
		}
	}
	return cost.Add(c.fusedActivation(mn))
}

// qGemmDims returns M, N and K of QGemm.
func (c *Call) qGemmDims() (m, n, k graph.Dim) {
	m, ka := c.matrix(0, c.Int("transA", 0) != 0)
	kb, n := c.matrix(3, c.Int("transB", 0) != 0)
	return m, n, c.Same(ka, kb, "K of A and B")
}

func inferQGemm(c *Call) {
	m, n, _ := c.qGemmDims()
	c.SetShape(0, graph.Shape{m, n})
	switch {
	case c.Has(8):
		c.SetDType(0, c.DType(8))
	case !c.Has(7):
		c.SetDType(0, graph.Float32)
	}
}

func costQGemm(c *Call) Cost {
	m, n, k := c.qGemmDims()
	mn := m.Mul(n)
	cost := Cost{MAC: mn.Mul(k), Int: c.InN(0).Add(c.InN(3))}
	if c.Has(6) {
		cost.Int = cost.Int.Add(mn)
	}
	if c.Has(7) {
		return cost.Add(requantCost(mn))
	}
	cost.Flop = mn
	return cost
}

func inferMatMulInteger16(c *Call) {
	inferMatMul(c)
	c.SetDType(0, graph.Int32)
	if c.DType(0) == graph.Uint16 && c.DType(1) == graph.Uint16 {
		c.SetDType(0, graph.Uint32)
	}
}

// zeroPoints is an integer subtraction per element of operands 0 and 1 whose zero point, at input z and z + 1, is given.
func (c *Call) zeroPoints(z int) (ops graph.Dim) {
	for i := 0; i < 2; i++ {
		if c.Has(z + i) {
			ops = ops.Add(c.InN(i))
		}
	}
	return ops
}

func costMatMulIntegerToFloat(c *Call) Cost {
	n := c.OutN(0)
	cost := Cost{MAC: c.matMulMACs(0, 1), Int: c.zeroPoints(4), Flop: n}
	if c.Has(6) {
		cost.Flop = cost.Flop.Add(n)
	}
	return cost
}

func costDynamicQuantizeMatMul(c *Call) Cost {
	n := c.OutN(0)
	cost := costDynamicQuantize(c)
	cost.MAC, cost.Flop, cost.Int = c.matMulMACs(0, 1), cost.Flop.Add(n), cost.Int.Add(c.InN(0))
	if c.Has(3) {
		cost.Int = cost.Int.Add(c.InN(1))
	}
	if c.Has(4) {
		cost.Flop = cost.Flop.Add(n)
	}
	return cost
}

func costQOrderedMatMul(c *Call) Cost {
	n := c.OutN(0)
	cost := rescaleCost(n)
	cost.MAC = c.matMulMACs(0, 2)
	cost.Flop = cost.Flop.Add(n.MulInt(c.count(5) + 2*c.count(6)))
	return cost
}

func inferCDist(c *Call) {
	a, b := c.shapeOr(0, 2), c.shapeOr(1, 2)
	c.Same(a[1], b[1], "columns of A and B")
	c.SetShape(0, graph.Shape{a[0], b[0]})
}

func costCDist(c *Call) Cost {
	pairs := c.OutN(0)
	n := pairs.Mul(c.Same(c.shapeOr(0, 2)[1], c.shapeOr(1, 2)[1], "columns of A and B"))
	switch m := c.Str("metric", "sqeuclidean"); m {
	case "sqeuclidean":
		return Cost{MAC: n, Flop: n}
	case "euclidean":
		return Cost{MAC: n, Flop: n.Add(pairs)}
	default:
		c.Unresolved("the work of metric %q is not known", graph.Clip(m))
	}
	return Cost{}
}

// weightDims returns the rows and columns of a quantised weight as the product
// takes it, by operator: attributes K and N, values of B_shape, or the shape of B.
func (c *Call) weightDims() (k, n graph.Dim) {
	switch c.Op.Name {
	case "MatMulFpQ4":
		ds, ok := c.Dims(2)
		if !ok {
			ds = c.UnknownShape(2)
		}
		if len(ds) != 2 {
			c.Wantf("2", "B_shape has %d elements", len(ds))
		}
		return ds[0], ds[1]
	case "MatMulBlockQuantizedFp4Weight":
		s := c.shapeOr(1, 2)
		return s[1].MulInt(2), s[0]
	case "MatMulBlockQuantizedFp8Weight":
		s := c.shapeOr(1, 2)
		return s[1], s[0]
	}
	k, n = c.heads("K"), c.heads("N")
	if c.Int("transB", 1) == 0 {
		k, n = n, k
	}
	return k, n
}

func inferMatMulNBits(c *Call) {
	a := c.ShapeOfRank(0, 1, -1)
	k, n := c.weightDims()
	if a == nil {
		return
	}
	c.Same(a[len(a)-1], k, "last dim of A and K")
	if c.Op.Name == "MatMulNBits" {
		c.checkNBits(k, n)
	}
	c.SetShape(0, append(append(graph.Shape{}, a[:len(a)-1]...), n))
}

// checkNBits refuses weights of MatMulNBits that do not hold N rows of K codes in blocks.
func (c *Call) checkNBits(k, n graph.Dim) {
	bits, block := c.Int("bits", 4), c.Int("block_size", 0)
	if bits < 1 || bits > 8 {
		c.Wantf("1 to 8", "bits is %d", bits)
	}
	if block < 16 || block&(block-1) != 0 {
		c.Wantf("a power of two, at least 16", "block_size is %d", block)
	}
	if c.Int("weight_prepacked", 0) == 0 && len(c.Shape(1)) == 3 {
		c.mustBe(1, n, k.CeilDiv(graph.Int(block)), graph.Int(block).MulInt(bits).MustFloorDiv(8))
	}
}

func costMatMulNBits(c *Call) Cost {
	a := c.InShape(0)
	k, n := c.weightDims()
	rows := a[:len(a)-1].Elements()
	cost := Cost{MAC: rows.Mul(k).Mul(n), Flop: k.Mul(n)}
	switch c.Op.Name {
	case "MatMulNBits":
		if c.DType(3).IsFloat() {
			cost.Flop = cost.Flop.Add(k.Mul(n))
		} else {
			cost.Int = k.Mul(n)
		}
	case "MatMulFpQ4":
		if c.Int("blk_quant_type", 1) == 1 {
			cost.Int = k.Mul(n)
		}
	}
	if p := len(c.In) - 1; c.Has(p) && c.InName(p) == "bias" {
		cost.Flop = cost.Flop.Add(rows.Mul(n))
	}
	return cost
}

// inferProjections sets the outputs of products with weights of K rows and the
// columns that attributes name; output sum has the shape of A.
func (c *Call) inferProjections(columns []string, sum int) {
	a := c.ShapeOfRank(0, 1, -1)
	k := c.heads("K")
	if a == nil {
		return
	}
	last := len(a) - 1
	c.Same(a[last], k, "last dim of A and K")
	for i, name := range columns {
		c.SetShape(i, append(append(graph.Shape{}, a[:last]...), c.heads(name)))
	}
	if c.Wants(sum) && !c.Has(1) {
		c.Failf("the sum with skip is asked for, and skip is not given")
	}
	c.SetShape(sum, a)
}

// projections is the work of products with n columns in all, with weights made from
// codes, and of the normalisation before them.
func (c *Call) projections(n graph.Dim) (rows graph.Dim, cost Cost) {
	a := c.InShape(0)
	k := c.heads("K")
	rows = a[:len(a)-1].Elements()
	all := rows.Mul(k)
	cost = Cost{MAC: all.Mul(n), Flop: k.Mul(n), Int: k.Mul(n)}
	if c.Has(1) {
		cost.Flop = cost.Flop.Add(all)
	}
	if c.Has(2) {
		cost.Flop = cost.Flop.Add(all.MulInt(4)).Add(rows.MulInt(3))
	}
	return rows, cost
}

func costMatMulNBitsMlp(c *Call) Cost {
	n := c.heads("N")
	rows, cost := c.projections(n.MulInt(2))
	out := rows.Mul(n)
	cost.Flop = cost.Flop.Add(out)
	for _, i := range []int{5, 8} {
		if c.Has(i) {
			cost.Flop = cost.Flop.Add(out)
		}
	}
	return cost.Add(c.fusedActivation(out))
}

func costMatMulNBitsQkv(c *Call) Cost {
	q, kv := c.heads("Nq"), c.heads("Nkv")
	rows, cost := c.projections(q.Add(kv.MulInt(2)))
	for i, n := range map[int]graph.Dim{5: q, 8: kv, 11: kv} {
		if c.Has(i) {
			cost.Flop = cost.Flop.Add(rows.Mul(n))
		}
	}
	return cost
}

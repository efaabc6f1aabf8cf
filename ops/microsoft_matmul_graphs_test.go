package ops

import "strings"

const gemm4Bits = "K={16*K} N={N} block_size=16"

var matmulGraphs = []decomposed{
	{op: "com.microsoft.FusedMatMul", in: "f32[B,K,M] f32[B,N,K]", attrs: "transA=1 transB=1 alpha=0.125",
		graph: "l = Transpose <perm = [0, 2, 1]> (x0) r = Transpose <perm = [0, 2, 1]> (x1) p = MatMul (l, r) y = Mul (p, a)"},
	{op: "com.microsoft.FusedMatMul", in: "f32[M,B,K] f32[B,K,N]", attrs: "transBatchA=1", graph: "l = Transpose <perm = [1, 0, 2]> (x0) y = MatMul (l, x1)"},
	{op: "com.microsoft.FusedMatMul", in: "f32[K,B,M] f32[N,B,K]", attrs: "transBatchA=1 transA=1 transBatchB=1 transB=1",
		graph: "l = Transpose <perm = [1, 2, 0]> (x0) r = Transpose <perm = [1, 2, 0]> (x1) y = MatMul (l, r)"},
	{op: "com.microsoft.FusedMatMulActivation", in: "f32[M,K] f32[K,N]", attrs: "activation=LeakyRelu", graph: "p = MatMul (x0, x1) y = LeakyRelu (p)"},
	{op: "com.microsoft.TransposeMatMul", in: "f32[M,K] f32[N,K]", attrs: "transB=1", graph: "r = Transpose (x1) y = MatMul (x0, r)"},
	{op: "com.microsoft.FusedGemm", in: "f32[M,K] f32[N,K] f32[N]", attrs: "transB=1 activation=Sigmoid", graph: "g = Gemm <transB = 1> (x0, x1, x2) y = Sigmoid (g)"},
	{op: "com.microsoft.FusedGemm", in: "f32[K,M] f32[K,N] f32[N]", attrs: "transA=1 alpha=0.5 beta=2 activation=Tanh",
		graph: "g = Gemm <transA = 1, alpha = 0.5, beta = 2.0> (x0, x1, x2) y = Tanh (g)"},
	{op: "com.microsoft.GemmFastGelu", in: "f32[B,S,K] f32[K,N] f32[N]", graph: "p = MatMul (x0, x1) y = com.microsoft.FastGelu (p, x2)"},
	{op: "com.microsoft.GemmFloat8", in: "f32[M,K] f32[N,K] f32[N]", attrs: "transB=1 alpha=0.5 beta=2 activation=RELU",
		graph: "g = Gemm <transB = 1, alpha = 0.5, beta = 2.0> (x0, x1, x2) y = Relu (g)"},
	{op: "com.microsoft.GemmFloat8", in: "f32[K,M] f32[K,N] f32[N]", attrs: "transA=1 beta=1 activation=GELU", graph: "g = Gemm <transA = 1> (x0, x1, x2) y = Gelu (g)"},
	{op: "com.microsoft.QGemm", in: "u8[M,K] f32 u8 i8[N,K] f32 i8 i32[N] f32 u8", attrs: "transB=1",
		graph: "r = Transpose (x3) p = MatMulInteger (x0, r, x2, x5) s = Add (p, x6) f = Cast <to = 1> (s) y = QuantizeLinear (f, a, x8)"},
	{op: "com.microsoft.QGemm", in: "u8[M,K] f32 u8 i8[K,N] f32 i8", graph: "p = MatMulInteger (x0, x3, x2, x5) f = Cast <to = 1> (p) y = Mul (f, a)"},
	{op: "com.microsoft.MatMulIntegerToFloat", in: "u8[B,S,K] i8[K,N] f32 f32[N] u8 i8 f32[N]",
		graph: "p = MatMulInteger (x0, x1, x4, x5) f = Cast <to = 1> (p) s = Mul (f, x3) y = Add (s, x6)"},
	{op: "com.microsoft.MatMulIntegerToFloat", in: "u8[S,K] i8[K,N] f32 f32", graph: "p = MatMulInteger (x0, x1) f = Cast <to = 1> (p) y = Mul (f, a)"},
	{op: "com.microsoft.DynamicQuantizeMatMul", in: "f32[B,S,K] u8[K,N] f32 u8 f32[N]",
		graph: "q, qs, qz = DynamicQuantizeLinear (x0) p = MatMulInteger (q, x1, qz, x3) f = Cast <to = 1> (p) c = Mul (qs, x2) s = Mul (f, c) y = Add (s, x4)",
		more:  "flop=-1", why: "the graph multiplies the two scales, once a tensor; the rule counts only what grows with the tensors"},
	{op: "com.microsoft.QOrderedMatMul", in: "i8[B,S,K] f32 i8[K,N] f32 f32 f32[N] i8[1,S,N] f32", attrs: "order_A=1 order_B=0 order_Y=1",
		graph: "p = MatMulInteger (x0, x2) f = Cast <to = 1> (p) u = Add (f, x5) c = Cast <to = 1> (x6) e = Expand (c, #[B,S,N]) d = Mul (e, a) s = Add (u, d) y = QuantizeLinear <output_dtype = 3> (s, x4)"},
	{op: "com.microsoft.QOrderedMatMul", in: "i8[B,S,K] f32 i8[K,N] f32 f32", attrs: "order_A=1 order_B=0 order_Y=1",
		graph: "p = MatMulInteger (x0, x2) f = Cast <to = 1> (p) y = QuantizeLinear <output_dtype = 3> (f, x4)"},
	{op: "com.microsoft.MatMulNBits", in: "f32[B,S,16*K] u8[N,K,8] f32[N,K] u8[N*K] _ f32[N]", attrs: gemm4Bits,
		graph: nbits("x1", "x2", "w") + "p = MatMul (x0, w) y = Add (p, x5)"},
	{op: "com.microsoft.MatMulNBits", in: "f32[B,S,16*K] u8[N,K,8] f32[N,K]", attrs: gemm4Bits, graph: nbits("x1", "x2", "w") + "y = MatMul (x0, w)"},
	{op: "com.microsoft.MatMulFpQ4", in: "f32[B,K] u8[99] i64[2]={K,N}", graph: "c = Slice (x1, #[0], #[1]) c0 = Squeeze (c) e = Expand (c, #[K,N]) w = DequantizeLinear (e, a, c0) y = MatMul (x0, w)"},
	{op: "com.microsoft.MatMulBnb4", in: "f32[B,K] u8[99] f32[9]", attrs: "K={K} N={N} block_size=16 quant_type=1",
		graph: "e = Expand (a, #[K,N]) w = Mul (e, a) y = MatMul (x0, w)"},
	{op: "com.microsoft.MatMulBlockQuantizedFp4Weight", in: "f16[B,2*K] u8[N,K] u8[N,1] f32 _ f16[N]",
		graph: "h = Cast <to = 10> (a) e = Expand (h, #[2*K,N]) w = Mul (e, h) p = MatMul (x0, w) y = Add (p, x5)"},
	{op: "com.microsoft.MatMulBlockQuantizedFp8Weight", in: "f16[B,K] float8e4m3fn[N,K] f32[N,1] f32 f16[N]",
		graph: "h = Cast <to = 10> (x3) q = QuantizeLinear <output_dtype = 17> (x0, h) d = DequantizeLinear (q, h) e = DequantizeLinear (x1, h) w = Transpose (e) p = MatMul (d, w) y = Add (p, x4)"},
	{op: "com.microsoft.MatMulNBitsMlp", in: "f32[B,16*K] _ _ u8[N,K,8] f32[N,K] f32[N] u8[N,K,8] f32[N,K] f32[N]", attrs: gemm4Bits + " activation=silu",
		graph: nbits("x3", "x4", "g") + nbits("x6", "x7", "u") + "p = MatMul (x0, g) q = Add (p, x5) s = Sigmoid (q) w = Mul (q, s) l = MatMul (x0, u) m = Add (l, x8) y = Mul (w, m)"},
	{op: "com.microsoft.MatMulNBitsMlp", in: "f32[B,16*K] f32[B,16*K] f32[16*K] u8[N,K,8] f32[N,K] _ u8[N,K,8] f32[N,K] _", attrs: gemm4Bits + " activation=silu",
		graph: nbits("x3", "x4", "g") + nbits("x6", "x7", "u") + "n = com.microsoft.SkipSimplifiedLayerNormalization (x0, x1, x2) p = MatMul (n, g) s = Sigmoid (p) w = Mul (p, s) l = MatMul (n, u) y = Mul (w, l)"},
	{op: "com.microsoft.MatMulNBitsQkv", in: "f32[B,16*K] _ f32[16*K] u8[Q,K,8] f32[Q,K] f32[Q] u8[N,K,8] f32[N,K] f32[N] u8[N,K,8] f32[N,K] _", attrs: "K={16*K} Nq={Q} Nkv={N} block_size=16", outs: "f32 f32 f32",
		graph: nbitsRows("x3", "x4", "q", "Q") + nbits("x6", "x7", "k") + nbits("x9", "x10", "v") +
			"n = RMSNormalization (x0, x2) qp = MatMul (n, q) qb = Add (qp, x5) kp = MatMul (n, k) kb = Add (kp, x8) y = MatMul (n, v)"},
}

// nbits makes the weight of MatMulNBits: its 16*K*N codes, of which a byte stands for
// one here, less a zero point, which is 8 where none is given, times the scales of blocks.
func nbits(codes, scales, name string) string { return nbitsRows(codes, scales, name, "N") }

func nbitsRows(codes, scales, name, rows string) string {
	return strings.NewReplacer("CODES", codes, "SCALES", scales, "NAME", name, "ROWS", rows).Replace(
		"NAME_c = Slice (CODES, #[0,0,0], #[1,1,1]) NAME_d = Reshape (NAME_c, #[1,1]) NAME_e = Expand (NAME_d, #[ROWS,16*K]) NAME_i = Slice (SCALES, #[0,0], #[ROWS,K]) " +
			"NAME_z = Expand (NAME_d, #[ROWS,K]) NAME_f = DequantizeLinear <axis = 1, block_size = 16> (NAME_e, NAME_i, NAME_z) NAME = Transpose (NAME_f) ")
}

var quantGraphs = []decomposed{
	{op: "com.microsoft.QLinearAdd", in: "u8[B,H] f32 u8 u8[H] f32 u8 f32 u8", graph: dequantPair + "s = Add (p, q) y = QuantizeLinear (s, x6, x7)"},
	{op: "com.microsoft.QLinearMul", in: "u8[B,H] f32 u8 u8[H] f32 u8 f32 u8", graph: dequantPair + "s = Mul (p, q) y = QuantizeLinear (s, x6, x7)"},
	{op: "com.microsoft.QLinearAdd", in: "i8[B,H] f32 _ i8[H] f32 _ f32", graph: "p = DequantizeLinear (x0, x1) q = DequantizeLinear (x3, x4) s = Add (p, q) y = QuantizeLinear <output_dtype = 3> (s, x6)"},
	{op: "com.microsoft.QLinearSigmoid", in: unaryIn, graph: unaryGraph("Sigmoid (d)")},
	{op: "com.microsoft.QLinearLeakyRelu", in: unaryIn, graph: unaryGraph("LeakyRelu (d)")},
	{op: "com.microsoft.QLinearSoftmax", in: unaryIn, attrs: "opset=13 axis=1", graph: unaryGraph("Softmax <axis = 1> (d)")},
	{op: "com.microsoft.QLinearSoftmax", in: unaryIn, attrs: "opset=12 axis=2", graph: "d = DequantizeLinear (x0, x1, x2) l = Flatten <axis = 2> (d) f = Softmax <axis = -1> (l) y = QuantizeLinear (f, x3, x4)"},
	{op: "com.microsoft.QLinearConcat", in: "f32 u8 u8[B,S] f32 u8 u8[B,H] f32 u8", attrs: "axis=1",
		graph: "p = DequantizeLinear (x2, x3, x4) q = DequantizeLinear (x5, x6, x7) c = Concat <axis = 1> (p, q) y = QuantizeLinear (c, x0, x1)"},
	{op: "com.microsoft.QLinearWhere", in: "bool[B,S] u8[B,S] f32 u8 u8[B,S] f32 u8 f32 u8",
		graph: "c = Where (x0, x1, x4) d = DequantizeLinear (c, a, x3) y = QuantizeLinear (d, x7, x8)"},
	{op: "com.microsoft.QLinearReduceMean", in: unaryIn, attrs: "axes=[1,3] keepdims=0", graph: unaryGraph("ReduceMean <keepdims = 0> (d, #[1,3])")},
	{op: "com.microsoft.QLinearAveragePool", in: "u8[B,C,5+H,6+W] f32 u8 f32 u8", attrs: "kernel_shape=[3,2] strides=[2,1]", graph: unaryGraph("AveragePool <kernel_shape = [3, 2], strides = [2, 1]> (d)")},
	{op: "com.microsoft.QLinearAveragePool", in: "u8[B,5+H,6+W,C] f32 u8 f32 u8", attrs: "kernel_shape=[3,2] strides=[2,1] pads=[1,0,1,1] channels_last=1",
		graph: "d = DequantizeLinear (x0, x1, x2) t = Transpose <perm = [0, 3, 1, 2]> (d) f = AveragePool <kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 1]> (t) y = QuantizeLinear (f, x3, x4)"},
	{op: "com.microsoft.QLinearGlobalAveragePool", in: "u8[B,C,H,W] f32 u8 f32 u8", graph: unaryGraph("ReduceMean (d, #[2,3])")},
	{op: "com.microsoft.ReduceSumInteger", in: "u8[B,C,H]", attrs: "axes=[1] keepdims=1", graph: "i = Cast <to = 6> (x0) y = ReduceSum (i, #[1])"},
	{op: "com.microsoft.QuantizeWithOrder", in: "f32[B,H] f32", attrs: "order_input=1 order_output=2", graph: "y = QuantizeLinear <output_dtype = 3> (x0, x1)"},
	{op: "com.microsoft.DequantizeWithOrder", in: "i8[B,H] f32", attrs: "order_input=1 order_output=2 to=1", graph: "y = DequantizeLinear (x0, x1)"},
	{op: "com.microsoft.QuantizeLinear", in: "f32[B,H] f32 u8", graph: "y = QuantizeLinear (x0, x1, x2)"},
	{op: "com.microsoft.DequantizeLinear", in: "u8[B,H] f32 u8", graph: "y = DequantizeLinear (x0, x1, x2)"},
	{op: "com.microsoft.GatherBlockQuantized", in: "u8[9,16*K] i64[B,S] f32[9,K] u8[9,K]", attrs: "bits=8 block_size=16",
		graph: "d = Gather (x0, x1) s = Gather (x2, x1) z = Gather (x3, x1) y = DequantizeLinear <axis = 2, block_size = 16> (d, s, z)"},
	{op: "com.microsoft.GatherBlockQuantized", in: "i4[9,16*K] i64[B,S] f32[9,K]", attrs: "block_size=16", graph: "d = Gather (x0, x1) s = Gather (x2, x1) y = DequantizeLinear <axis = 2, block_size = 16> (d, s)"},
}

const (
	dequantPair = "p = DequantizeLinear (x0, x1, x2) q = DequantizeLinear (x3, x4, x5) "
	unaryIn     = "u8[B,C,H,W] f32 u8 f32 u8"
)

// unaryGraph is an operation on floats between the two quantisations.
func unaryGraph(call string) string {
	return "d = DequantizeLinear (x0, x1, x2) f = " + call + " y = QuantizeLinear (f, x3, x4)"
}

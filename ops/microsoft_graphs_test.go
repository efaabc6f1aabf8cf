package ops

import "strings"

// The graphs of this file are written from the definitions in ONNX Runtime's
// ContribOperators.md and the documentation of its schemas.

var pointwiseGraphs = []decomposed{
	{op: "com.microsoft.Gelu", in: "f32[B,S]", graph: "y = Gelu (x0)"},
	{op: "com.microsoft.BiasGelu", in: "f32[B,S,H] f32[H]", graph: "s = Add (x0, x1) y = Gelu (s)"},
	{op: "com.microsoft.FastGelu", in: "f32[B,H]", graph: fastGeluGraph},
	{op: "com.microsoft.FastGelu", in: "f32[B,H] f32[H]", graph: "s = Add (x0, x1)" + strings.ReplaceAll(fastGeluGraph, "x0", "s")},
	{op: "com.microsoft.QuickGelu", in: "f32[B,H]", graph: "z = Mul (a, x0) s = Sigmoid (z) y = Mul (x0, s)"},
	{op: "com.microsoft.ScaledSiLU", in: "f32[B,H] f32[1]", graph: "z = Mul (x1, x0) s = Sigmoid (z) y = Mul (z, s)"},
	{op: "com.microsoft.BiasAdd", in: "f32[B,S,H] f32[H] f32[B,S,H]", graph: "s = Add (x0, x1) y = Add (s, x2)"},
	{op: "com.microsoft.GatedAdd", in: "f32[B,S,H] f32[B,S,H] f32[B,S,1]", graph: "s = Mul (x1, x2) y = Add (x0, s)"},
	{op: "com.microsoft.BiasSplitGelu", in: "f32[B,S,2*H] f32[2*H]",
		graph: "s = Add (x0, x1) l, r = Split <axis = -1, num_outputs = 2> (s) g = Gelu (r) y = Mul (l, g)"},
	{op: "com.microsoft.BiasSoftmax", in: "f32[B,N,Q,K] f32[B,1,1,K]", attrs: "axis=2 is_inner_broadcast=0",
		graph: "s = Add (x0, x1) f = Flatten <axis = 2> (s) y = Softmax <axis = -1> (f)"},
	{op: "com.microsoft.BiasDropout", in: "f32[B,H] f32[H] f32[B,H] f32={0.1} bool={true}",
		graph: trainGraph + "s = Add (x0, x1) d = Dropout (s, r, m) y = Add (d, x2)"},
	{op: "com.microsoft.BiasDropout", in: "f32[B,H] f32[H]", graph: "s = Add (x0, x1) y = Dropout (s)"},
	{op: "com.microsoft.BitmaskDropout", in: "f32[B,H] f32={0.1} bool={true}", graph: trainGraph + "y = Dropout (x0, r, m)"},
	{op: "com.microsoft.ComplexMul", in: "f32[B,S,2] f32[S,2]", graph: complexParts + "r0 = Mul (ar, br) r1 = Mul (ai, bi) r = Sub (r0, r1)" + complexImaginary + "i = Add (i0, i1) y = Concat <axis = -1> (r, i)"},
	{op: "com.microsoft.ComplexMulConj", in: "f32[B,S,2] f32[S,2]", graph: complexParts + "r0 = Mul (ar, br) r1 = Mul (ai, bi) r = Add (r0, r1)" + complexImaginary + "i = Sub (i1, i0) y = Concat <axis = -1> (r, i)"},
	{op: "com.microsoft.MulInteger", in: "u8[B,H] u8 i8[H] i8", graph: "p = Cast <to = 6> (x0) pz = Cast <to = 6> (x1) q = Cast <to = 6> (x2) qz = Cast <to = 6> (x3) f = Sub (p, pz) g = Sub (q, qz) y = Mul (f, g)"},
	{op: "com.microsoft.LinearAttentionGate", in: "f32[B,S,H] f32[H] f32[H] f32[B,S,H]", outs: "f32 f32",
		graph: "s = Add (x0, x1) p = Softplus (s) y = Mul (x2, p) z = Sigmoid (x3)"},
	{op: "com.microsoft.HyperConnectionPreMix", in: "f32[B,S,C,H] f32[B,S,C,1]", attrs: "reduction_scale=0.5", graph: "p = Mul (x0, x1) s = ReduceSum <keepdims = 0> (p, #[-2]) y = Mul (a, s)"},
	{op: "com.microsoft.HyperConnectionPreMix", in: "f32[B,S,C*H] f32[B,S,C]", attrs: "num_branches={C}",
		graph: "x = Reshape (x0, #[B,S,C,H]) w = Unsqueeze (x1, #[-1]) p = Mul (x, w) y = ReduceSum <keepdims = 0> (p, #[-2])"},
	{op: "com.microsoft.HyperConnectionPostMix", in: "f32[B,C,H] f32[B,H] f32[B,C] f32[B,C,C]",
		graph: "t = Transpose <perm = [0, 2, 1]> (x3) m = MatMul (t, x0) o = Unsqueeze (x1, #[1]) w = Unsqueeze (x2, #[2]) p = Mul (w, o) y = Add (m, p)"},
	{op: "com.microsoft.HyperConnectionPostMix", in: "f32[B,C,H] f32[B,H] f32[B,C]",
		graph: "o = Unsqueeze (x1, #[1]) w = Unsqueeze (x2, #[2]) p = Mul (w, o) y = Add (x0, p)"},
	{op: "com.microsoft.QOrderedGelu", in: "i8[B,H] f32 f32", graph: "d = DequantizeLinear (x0, x1) g = Gelu (d) y = QuantizeLinear <output_dtype = 3> (g, x2)"},
}

const (
	fastGeluGraph = "h = Mul (a, x0) u = Mul (a, x0) q = Mul (x0, x0) c = Mul (q, x0) w = Mul (a, c) v = Add (u, w) th = Tanh (v) o = Add (a, th) y = Mul (h, o)"
	trainGraph    = "r = Constant <value_float = 0.1> () one = Constant <value_int = 1> () m = Cast <to = 9> (one) "
	complexParts  = "ar, ai = Split <axis = -1, num_outputs = 2> (x0) br, bi = Split <axis = -1, num_outputs = 2> (x1) "

	complexImaginary = " i0 = Mul (ar, bi) i1 = Mul (ai, br) "
)

var normGraphs = []decomposed{
	{op: "com.microsoft.SkipLayerNormalization", in: "f32[B,S,H] f32[B,S,H] f32[H] f32[H] f32[H]", graph: "s = Add (x0, x1) u = Add (s, x4) y = LayerNormalization (u, x2, x3)"},
	{op: "com.microsoft.SkipLayerNormalization", in: "f32[B,S,H] f32[S,H] f32[H]", graph: "s = Add (x0, x1) y = LayerNormalization (s, x2)"},
	{op: "com.microsoft.SkipSimplifiedLayerNormalization", in: "f32[B,S,H] f32[B,S,H] f32[H] f32[H]", graph: "s = Add (x0, x1) u = Add (s, x3) y = RMSNormalization (u, x2)"},
	{op: "com.microsoft.EmbedLayerNormalization", in: "i32[B,S] i32[B,S] f32[9,H] f32[7,H] f32[2,H] f32[H] f32[H] i32[B,S]", outs: "f32 i32",
		graph: "w = Gather (x2, x0) p = Slice (x3, #[0], #[S]) g = Gather (x4, x1) s = Add (w, p) u = Add (s, g) y = LayerNormalization (u, x5, x6) m = ReduceSum <keepdims = 0> (x7, #[1])",
		more:  "int=B", why: "the rule counts a step for each word of the mask, the graph's sum starts at the first"},
	{op: "com.microsoft.EmbedLayerNormalization", in: "i32[B,S] _ f32[9,H] f32[7,H] _ f32[H] f32[H]",
		graph: "w = Gather (x2, x0) p = Slice (x3, #[0], #[S]) s = Add (w, p) y = LayerNormalization (s, x5, x6)"},
	{op: "com.microsoft.QEmbedLayerNormalization", in: "i32[B,S] _ u8[9,H] u8[7,H] _ u8[H] u8[H] _ f32 f32 _ f32 f32 u8 u8 _ u8 u8", outs: "f32 i32",
		graph: "w = Gather (x2, x0) p = Slice (x3, #[0], #[S]) q = Expand (p, #[B,S,H]) wf = DequantizeLinear (w, x8, x13) pf = DequantizeLinear (q, x9, x14) s = Add (wf, pf) " +
			"g = DequantizeLinear (x5, x11, x16) b = DequantizeLinear (x6, x12, x17) y = LayerNormalization (s, g, b)"},
	{op: "com.microsoft.GroupNorm", in: "f32[B,S,T,G*C] f32[G*C] f32[G*C]", attrs: "activation=1 groups={G}",
		graph: "t = Transpose <perm = [0, 3, 1, 2]> (x0) n = GroupNormalization <num_groups = {G}> (t, x1, x2) s = Sigmoid (n) y = Mul (n, s)"},
	{op: "com.microsoft.SkipGroupNorm", in: "f32[B,S,T,G*C] f32[G*C] f32[G*C] f32[B,1,1,G*C] f32[G*C]", attrs: "activation=0 groups={G}",
		graph: "s = Add (x0, x3) u = Add (s, x4) t = Transpose <perm = [0, 3, 1, 2]> (u) y = GroupNormalization <num_groups = {G}> (t, x1, x2)"},
	{op: "com.microsoft.QOrderedLayerNormalization", in: "i8[B,S,H] f32 f32[H] f32[H] f32",
		graph: "d = DequantizeLinear (x0, x1) n = LayerNormalization (d, x2, x3) y = QuantizeLinear <output_dtype = 3> (n, x4)"},
	{op: "com.microsoft.GatedRMSNorm", in: "f32[B,S,G*C] f32[C] f32[B,S,G*C]",
		graph: "x = Reshape (x0, #[B,S,G,C]) n = RMSNormalization (x, x1) f = Reshape (n, #[B,S,G*C]) s = Sigmoid (x2) g = Mul (x2, s) y = Mul (f, g)"},
	{op: "com.microsoft.GatedRMSNorm", in: "f32[B,G*C] f32[C] f32[B,G*C]", attrs: "activation=sigmoid",
		graph: "x = Reshape (x0, #[B,G,C]) n = RMSNormalization (x, x1) f = Reshape (n, #[B,G*C]) s = Sigmoid (x2) y = Mul (f, s)"},
	{op: "com.microsoft.BranchwiseRMSNorm", in: "f32[B,C,H] f32[H]", graph: "y = RMSNormalization (x0, x1)"},
	{op: "com.microsoft.BranchwiseRMSNorm", in: "f32[B,C*H]", attrs: "num_branches={C}",
		graph: "x = Reshape (x0, #[B,C,H]) q = Mul (x, x) m = ReduceMean (q, #[-1]) e = Add (m, a) r = Sqrt (e) i = Reciprocal (r) y = Mul (x, i)"},
	{op: "com.microsoft.EngramGate", in: "f32[B,S,C,H] f32[B,S,C,H] f32[B,S,H] f32[H] f32[H]",
		graph: engramGraph},
	{op: "com.microsoft.EngramGate", in: "f32[B,S,C,H] f32[B,S,C,H] f32[B,S,H] f32[H] f32[H] f32[H]", outs: "f32 f32",
		graph: engramGraph + " z = RMSNormalization (y, x5)"},
}

const engramGraph = "k = RMSNormalization (x0, x3) q = RMSNormalization (x1, x4) p = Mul (k, q) s = ReduceSum (p, #[-1]) dot = Div (s, a) sign = Sign (dot) ab = Abs (dot) m = Max (ab, a) r = Sqrt (m) " +
	"u = Mul (sign, r) gate = Sigmoid (u) v = Unsqueeze (x2, #[2]) y = Mul (gate, v)"

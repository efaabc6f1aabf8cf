package ops

const (
	convAttrs = "strides=[2,1] pads=[1,0,1,1] dilations=[1,2]"
	convText  = "<strides = [2, 1], pads = [1, 0, 1, 1], dilations = [1, 2]>"
	toChannel = " = Transpose <perm = [0, 3, 1, 2]> "
)

var windowGraphs = []decomposed{
	{op: "com.microsoft.FusedConv", in: "f32[B,C,4+H,6+W] f32[M,C,3,2] f32[M] f32[B,M,ceil((4+H)/2),5+W]", attrs: convAttrs + " activation=Relu",
		graph: "c = Conv " + convText + " (x0, x1, x2) s = Add (c, x3) y = Relu (s)"},
	{op: "com.microsoft.FusedConv", in: "f32[B,2*C,4+H,6+W] f32[2*M,C,3,2]", attrs: convAttrs + " group=2 activation=Clip activation_params=[0,6]",
		graph: "c = Conv <group = 2, strides = [2, 1], pads = [1, 0, 1, 1], dilations = [1, 2]> (x0, x1) y = Clip (c, a, a)"},
	{op: "com.microsoft.NhwcConv", in: "f16[B,4+H,6+W,C] f16[M,C,3,2] f16[M]", attrs: convAttrs, graph: "t" + toChannel + "(x0) y = Conv " + convText + " (t, x1, x2)"},
	{op: "com.microsoft.NhwcFusedConv", in: "f16[B,4+H,6+W,C] f16[M,C,3,2] f16[M]", attrs: convAttrs + " activation=HardSigmoid",
		graph: "t" + toChannel + "(x0) c = Conv " + convText + " (t, x1, x2) y = HardSigmoid (c)"},
	{op: "com.microsoft.nchwc.Conv", in: "f32[B,C,4+H,6+W] f32[M,C,3,2] f32[M] f32[B,M,ceil((4+H)/2),5+W]", attrs: convAttrs + " activation=Tanh",
		graph: "c = Conv " + convText + " (x0, x1, x2) s = Add (c, x3) y = Tanh (s)"},
	{op: "com.microsoft.QLinearConv", in: "u8[B,4+H,6+W,C] f32 u8 i8[M,C,3,2] f32[M] i8[M] f32 u8 i32[M]", attrs: convAttrs + " channels_last=1",
		graph: "t" + toChannel + "(x0) y = QLinearConv " + convText + " (t, x1, x2, x3, x4, x5, x6, x7, x8)"},
	{op: "com.microsoft.NhwcMaxPool", in: "u8[B,4+H,6+W,C]", attrs: "kernel_shape=[3,2] " + convAttrs,
		graph: "t" + toChannel + "(x0) y = MaxPool <kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 1], dilations = [1, 2]> (t)"},
	{op: "com.microsoft.MaxpoolWithMask", in: "f32[B,C,4+H,6+W] i32[B,C,4+H,6+W]", attrs: "kernel_shape=[3,2]", graph: "y = MaxPool <kernel_shape = [3, 2]> (x0)"},
	{op: "com.microsoft.ConvTransposeWithDynamicPads", in: "f32[B,C,4+H] f32[C,M,3] i64[2]={1,1} f32[M]", attrs: "strides=[2]",
		graph: "y = ConvTranspose <strides = [2], pads = [1, 1]> (x0, x1, x3)"},
	{op: "com.microsoft.CausalConvWithState", in: "f32[B,C,L] f32[C,1,K] f32[C] f32[B,C,K-1]", attrs: "activation=silu", outs: "f32 f32",
		graph: "j = Concat <axis = 2> (x3, x0) c = Conv <group = {C}> (j, x1, x2) s = Sigmoid (c) y = Mul (c, s)"},
	{op: "com.microsoft.CausalConvWithState", in: "f32[B,L,C] f32[C,1,K]", attrs: "channels_last=1 dilation=2", outs: "f32 f32",
		graph: "t = Transpose <perm = [0, 2, 1]> (x0) y = Conv <group = {C}, dilations = [2], pads = [{2*K-2}, 0]> (t, x1)"},
	{op: "com.microsoft.VarlenCausalConvWithState", in: "f32[T,C] f32[C,1,K] i32[3] f32[C] f32[2,C,K-1]", outs: "f32 f32",
		graph: "t = Transpose (x0) u = Unsqueeze (t, #[0]) y = Conv <group = {C}, pads = [{K-1}, 0]> (u, x1, x3)"},
	{op: "com.microsoft.GridSample", in: "f32[B,C,H,W] f32[B,M,N,2]", graph: "y = GridSample (x0, x1)"},
	{op: "com.microsoft.GridSample", in: "f32[B,C,H,W] f32[B,M,N,2]", attrs: "mode=bicubic", graph: "y = GridSample <mode = \"cubic\"> (x0, x1)"},
	// Words of 5+L characters, embedded by C of D numbers each.
	{op: "com.microsoft.WordConvEmbedding", in: "i32[B,5+L] f32[M,1,K,D] f32[M] f32[9,D]",
		graph: "e = Gather (x3, x0) u = Unsqueeze (e, #[1]) c = Conv (u, x1, x2) h = Tanh (c) y = ReduceMax <keepdims = 0> (h, #[2])"},
	{op: "com.microsoft.nchwc.GlobalAveragePool", in: "f32[B,C,H,W]", graph: "y = ReduceMean (x0, #[2,3])"},
	{op: "com.microsoft.nchwc.GlobalMaxPool", in: "f32[B,C,H,W]", graph: "y = ReduceMax (x0, #[2,3])"},
	{op: "com.microsoft.nchwc.AveragePool", in: "f32[B,C,4+H,6+W]", attrs: "kernel_shape=[3,2] strides=[2,1]", graph: "y = AveragePool <kernel_shape = [3, 2], strides = [2, 1]> (x0)"},
}

var moveGraphs = []decomposed{
	{op: "com.microsoft.Rfft", in: "f32[B,2*L]", graph: "u = Unsqueeze (x0, #[-1]) y = DFT <onesided = 1> (u)"},
	{op: "com.microsoft.Rfft", in: "f32[B,H,2*L]", attrs: "signal_ndim=2", graph: "u = Unsqueeze (x0, #[-1]) d = DFT <onesided = 1> (u) ax = Constant <value_int = 1> () y = DFT (d, , ax)"},
	// The inverse runs the steps of a transform of 2*L numbers backwards and divides by their count.
	{op: "com.microsoft.Irfft", in: "f32[B,L+1,2]", attrs: "signal_ndim=1", graph: "u = Expand (a, #[B,2*L,1]) d = DFT <onesided = 1> (u) y = Div (u, a)"},
	// Frames are centred: the signal reaches half a frame past both ends.
	{op: "ai.onnx.contrib.StftNorm", in: stftIn, graph: stftGraph}, {op: "com.microsoft.extensions.StftNorm", in: stftIn, graph: stftGraph},
	{op: "com.microsoft.GemmaRotaryEmbedding", in: "f32[B,S,H] f16[B,N,S,H] f16[B,N,S,H] f16[B,M,S,H] f16[B,M,S,H]", outs: "f16 f16",
		graph: "s0 = Sin (x0) s1 = Cast <to = 10> (s0) sn = Unsqueeze (s1, #[1]) c0 = Cos (x0) c1 = Cast <to = 10> (c0) cs = Unsqueeze (c1, #[1]) " +
			"q0 = Mul (x1, cs) q1 = Mul (x2, sn) y = Add (q0, q1) r0 = Mul (x3, cs) r1 = Mul (x4, sn) r = Add (r0, r1)"},
	{op: "com.microsoft.RotaryEmbedding", in: "f32[B,S,2*N*H] i64[B,S] f32[9,H] f32[9,H]", attrs: "num_heads={N}", graph: "y = RotaryEmbedding <num_heads = {N}> (x0, x2, x3, x1)"},
	{op: "com.microsoft.RotaryEmbedding", in: "f32[B,N,S,8] i64[B,S] f32[9,2] f32[9,2]", attrs: "num_heads={N} rotary_embedding_dim=4",
		graph: "y = RotaryEmbedding <rotary_embedding_dim = 4> (x0, x2, x3, x1)"},
	{op: "com.microsoft.MRotaryEmbedding", in: "f32[B,S,8*N] i64[3,B,S] f32[9,4] f32[9,4]", attrs: "mrope_section=[2,1,1]",
		graph: "p, p1, p2 = Split <axis = 0, num_outputs = 3> (x1) i = Squeeze (p, #[0]) y = RotaryEmbedding <num_heads = {N}> (x0, x2, x3, i)"},
	{op: "com.microsoft.GatedRelativePositionBias", in: "f32[B,S,N*H] f32[N*H] f32[1,N,S,S] f32[H,2*D] f32[2*D] f32[1,N,1,1]", attrs: "num_heads={N}",
		graph: "s = Add (x0, x1) r = Reshape (s, #[B,S,N,H]) t = Transpose <perm = [0, 2, 1, 3]> (r) p = MatMul (t, x3) b = Add (p, x4) v = Reshape (b, #[B,N,S,2,D]) h = ReduceSum <keepdims = 0> (v, #[-1]) " +
			"g = Sigmoid (h) u, w = Split <axis = -1, num_outputs = 2> (g) e = Mul (w, x5) f = Sub (e, a) i = Mul (u, f) j = Add (i, a) y = Mul (j, x2)"},
}

const (
	stftIn    = "f32[1,4*L] i64={16} i64={4} f32[16] i64={16}"
	stftGraph = "u = Expand (a, #[1,4*L+16,1]) hop = Constant <value_int = 4> () f = STFT <onesided = 1> (u, hop, x3) q = Mul (f, f) y = ReduceSum (q, #[-1])"
)

package ops

// The graphs of QONNX's operators are written from its reference implementation, module
// qonnx.custom_op.
var qonnxGraphs = []decomposed{
	{op: "qonnx.custom_op.general.Quant", in: quantIn, graph: quantGraph}, {op: "qonnx.custom_op.general.IntQuant", in: quantIn, graph: quantGraph},
	{op: "onnx.brevitas.Quant", in: quantIn, graph: quantGraph}, {op: "onnx.brevitas.IntQuant", in: quantIn, graph: quantGraph},
	{op: "qonnx.custom_op.general.BipolarQuant", in: "f32[B,H] f32", graph: bipolarGraph}, {op: "onnx.brevitas.BipolarQuant", in: "f32[B,H] f32", graph: bipolarGraph},
	{op: "qonnx.custom_op.general.Trunc-1", in: "f32[B,H] f32 f32 f32 f32", graph: truncGraph + "f = Floor (t) m = Sub (f, x2) y = Mul (m, x1)"},
	{op: "onnx.brevitas.Trunc-1", in: "f32[B,H] f32 f32 f32 f32", graph: truncGraph + "f = Floor (t) m = Sub (f, x2) y = Mul (m, x1)"},
	{op: "qonnx.custom_op.general.Trunc", in: "f32[B,H] f32 f32 f32 f32 f32", graph: truncGraph + "c = Clip (t, a, a) f = Floor (c) m = Sub (f, x2) y = Mul (m, x4)"},
	{op: "onnx.brevitas.Trunc", in: "f32[B,H] f32 f32 f32 f32 f32", graph: truncGraph + "c = Clip (t, a, a) f = Floor (c) m = Sub (f, x2) y = Mul (m, x4)"},
	{op: "qonnx.custom_op.general.FloatQuant", in: "f32[B,H] f32 f32 f32 f32 f32", graph: floatQuantGraph},
	{op: "onnx.brevitas.FloatQuant", in: "f32[B,H] f32 f32 f32 f32", attrs: "saturation=0", graph: floatQuantGraph + " over = Greater (u, a) under = Less (u, a) endless = Equal (u, a)"},
	{op: "qonnx.custom_op.general.XnorPopcountMatMul", in: "f32[B,K] f32[K,N]", graph: "y = MatMul (x0, x1)"},
	{op: "finn.custom_op.general.XnorPopcountMatMul", in: "f32[B,K] f32[K,N]", graph: "y = MatMul (x0, x1)"},
	{op: "qonnx.custom_op.general.MaxPoolNHWC", in: "f32[B,4+H,6+W,C]", attrs: "kernel_shape=[3,2] strides=[2,1] pads=[1,0,1,1]",
		graph: "t" + toChannel + "(x0) y = MaxPool <kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 1]> (t)"},
	{op: "qonnx.custom_op.channels_last.MaxPool", in: "f32[B,4+H,6+W,C]", attrs: "kernel_shape=[3,2] " + convAttrs,
		graph: "t" + toChannel + "(x0) y = MaxPool <kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 1], dilations = [1, 2]> (t)"},
	{op: "qonnx.custom_op.channels_last.Conv", in: "f32[B,4+H,6+W,C] f32[M,3,2,C] f32[M]", attrs: convAttrs, graph: "t" + toChannel + "(x0) w" + toChannel + "(x1) y = Conv " + convText + " (t, w, x2)"},
	{op: "qonnx.custom_op.channels_last.BatchNormalization", in: "f32[B,H,W,C] f32[C] f32[C] f32[C] f32[C]", graph: "t" + toChannel + "(x0) y = BatchNormalization (t, x1, x2, x3, x4)"},
	// Each element is compared with the T thresholds of its channel.
	{op: "qonnx.custom_op.general.MultiThreshold", in: "f32[B,C,H] f32[C,T]", attrs: "out_dtype=UINT4 out_scale=0.5 out_bias=-1",
		graph: "u = Unsqueeze (x0, #[-1]) v = Unsqueeze (x1, #[1]) g = GreaterOrEqual (u, v) s = Mul (x0, a) y = Add (s, a)"},
	{op: "qonnx.custom_op.general.MultiThreshold", in: "f32[B,H,C] f32[C,T]", attrs: "out_dtype=UINT4 data_layout=NHWC", graph: "u = Unsqueeze (x0, #[-1]) y = GreaterOrEqual (u, x1)"},
}

const (
	quantIn         = "f32[B,H] f32[H] f32 f32"
	quantGraph      = "s = Div (x0, x1) z = Add (s, x2) c = Clip (z, a, a) r = Round (c) m = Sub (r, x2) y = Mul (m, x1)"
	bipolarGraph    = "g = GreaterOrEqual (x0, a) w = Where (g, a, a) e = Expand (w, #[B,H]) y = Mul (e, x1)"
	truncGraph      = "s = Div (x0, x1) z = Add (s, x2) r = Round (z) t = Div (r, a) "
	floatQuantGraph = "s = Div (x0, x1) b = Abs (s) e = Add (b, a) l = Log (e) f = Floor (l) n = Sub (f, x3) h = Max (n, a) i = Exp (h) q = Div (s, i) r = Round (q) u = Mul (i, r) c = Clip (u, a, a) y = Mul (c, x1)"
)

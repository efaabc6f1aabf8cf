package convention

import "github.com/onnxmeter/onnxmeter/counters"

// The conventions of tools that read ONNX: their rules are about nodes as written.

var onnxTool = Convention{
	Name: "onnx-tool", Title: "onnx-tool: MACs with weights for transcendental functions", Unit: counters.UnitMACs,
	Source: Source{Tool: "onnx-tool", Version: "0.9 to 1.0", Where: "onnx_tool/node.py: the profile function of each node class, and the constants at its head", URL: "https://github.com/ThanatosShinji/onnx-tool"},
	Rules: []Rule{
		{Kinds: "Conv", Count: "mac + bias*out"},
		{Kinds: "ConvTranspose", Count: "out*prod(w[1:]) + bias*out", Bug: "counted at the positions of the output with the output's channels: 0.28 to 4 times the work", Meant: "mac + bias*out"},
		{Kinds: "ConvInteger QLinearConv MatMulInteger QLinearMatMul Einsum", Count: "mac"},
		{Kinds: "Gemm MatMul", Count: "mac + bias*out"},
		{Kinds: "BatchNormalization", Count: "31*out"},
		{Kinds: "LayerNormalization", Count: "7*in + 29*(in//features)"},
		{Kinds: "InstanceNormalization", Count: "14*out"},
		{Kinds: "Relu Add Sub Mul Min Max Neg Mod Abs Ceil Floor Sign CumSum Equal Greater GreaterOrEqual Less LessOrEqual Round Not And Or Xor NonZero", Count: "out"},
		{Kinds: "Sum", Count: "out*max(1, inputs - 1)"},
		{Kinds: "Clip PRelu LeakyRelu QuantizeLinear DequantizeLinear", Count: "2*out"},
		{Kinds: "Div Reciprocal HardSigmoid", Count: "4*out"},
		{Kinds: "HardSwish", Count: "5*out"},
		{Kinds: "Exp Sigmoid Pow", Count: "32*out"},
		{Kinds: "Atan", Count: "32*out"},
		{Kinds: "Elu", Count: "35*out"},
		{Kinds: "Softmax", Count: "36*out"},
		{Kinds: "Gelu", Count: "34*out"},
		{Kinds: "Tanh", Count: "38*out"},
		{Kinds: "Sin Cos", Count: "39*out"},
		{Kinds: "Log", Count: "43*out"},
		{Kinds: "Softplus", Count: "76*out"},
		{Kinds: "LogSoftmax", Count: "80*out"},
		{Kinds: "Sqrt", Count: "24*out"},
		{Kinds: "AveragePool MaxPool", Count: "kernel*out"},
		{Kinds: "GlobalAveragePool", Count: "in + 4*out"},
		{Kinds: "ReduceMean ReduceSum ReduceProd ReduceMin ReduceMax", Count: "in"},
		{Kinds: "ReduceL2", Count: "25*in"},
		{Kinds: "Resize:linear Resize:bilinear Resize:trilinear", Count: "4*out"},
		{Kinds: "Resize:bicubic", Count: "8*out"},
		{Kinds: "LSTM", Count: "mac + 8*bias*cells + floor(cells/w[0])*180", Meant: "mac + 8*bias*cells + 180*cells", Bug: "the gates of one direction only"},
		{Kinds: "GRU", Count: "mac + 6*bias*cells + floor(cells/w[0])*110", Meant: "mac + 6*bias*cells + 110*cells", Bug: "the gates of one direction only"},
		{Kinds: "*", Count: "0", Note: "Erf among them"},
	},
}

var onnxOpcounter = Convention{
	Name: "onnx-opcounter", Title: "onnx_opcounter: MACs, and the output of every other operator", Unit: counters.UnitMACs,
	Source: Source{Tool: "onnx-opcounter", Version: "0.0.4", Where: "onnx_opcounter/onnx_opcounter.py: calculate_macs", URL: "https://github.com/gmalivenko/onnx-opcounter"},
	Rules: []Rule{
		{Kinds: "Conv", Count: "mac"},
		{Kinds: "ConvTranspose", Count: "out*floor(x[1]*w[1]/y[1])*prod(w[2:])", Bug: "counted as a convolution, at the positions of the output", Meant: "mac"},
		{Kinds: "Gemm MatMul", Count: "in*y[-1]", Meant: "mac", Bug: "the first operand is taken to have every batch dim: a product that broadcasts it is counted once (12 times too few for 12 heads)"},
		{Kinds: "BatchNormalization", Count: "2*out"},
		{Kinds: "Relu Add", Count: "in", Note: "of Add the first operand"},
		{Kinds: "Resize:nearest Constant Reshape Slice Shape Gather ScatterND Tile Transpose Sign Squeeze Unsqueeze Split Cast", Count: "0"},
		{Kinds: "Resize:linear Resize:bilinear Resize:trilinear", Count: "11*out"},
		{Kinds: "*", Count: "out"},
	},
}

var digest = Convention{
	Name: "digest", Title: "DigestAI and turnkey: FLOPs", Unit: counters.UnitFLOPs,
	Source: Source{Tool: "DigestAI", Version: "1.2.0", Where: "src/digest/model_class/digest_onnx_model.py: parse_model_nodes", URL: "https://github.com/onnx/digestai"},
	Rules: []Rule{
		{Kinds: "Conv QLinearConv ConvInteger", Count: "(2*prod(w[1:]) + bias)*x[0]*w[0]*(same*prod(x[2:])*prod(strides) + (1 - same)*prod(y[2:]))", Bug: "with auto_pad SAME the sizes are multiplied by the stride in place of divided: 16 times the work for a stride of 2", Meant: "2*mac + bias*out"},
		{Kinds: "ConvTranspose", Count: "2*prod(w[1:])*x[0]*w[0]*prod(y[2:])", Bug: "counted at the positions of the output", Meant: "2*mac"},
		{Kinds: "MatMul MatMulInteger QLinearMatMul", Count: "2*in*y[-1]", Meant: "2*mac", Bug: "the first operand is taken to have every batch dim: a product that broadcasts it is counted once (12 times too few for 12 heads)"},
		{Kinds: "Gemm QGemm", Count: "2*mac + in3"},
		{Kinds: "Add Mul Div", Count: "in + in2", Note: "the elements of both operands"},
		{Kinds: "LSTM DynamicQuantizeLSTM", Count: "2*mac + 8*bias*cells"},
		{Kinds: "*", Count: "0"},
	},
}

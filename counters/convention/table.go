package convention

import "github.com/onnxmeter/onnxmeter/counters"

// List returns every convention, the tool's own first.
func List() []*Convention { return list }

var list = []*Convention{
	&macs, &torchvision, &torch, &fvcore, &thop, &thop00, &ultralytics, &ptflops, &ptflopsATen,
	&torchinfo, &deepspeed, &onnxTool, &onnxOpcounter, &digest,
}

// macs is what every report shows by default.
var macs = Convention{
	Name: Default, Title: "multiply-accumulates of matmul-class operators", Unit: counters.UnitMACs,
	Source: Source{Tool: "onnxmeter", Where: "docs/operators.md, the mac column of each operator"},
	Rules:  []Rule{{Kinds: "*", Count: "mac", Note: "convolutions, linear layers, matrix products and recurrences; no bias, taps in the padding counted, causal attention in full"}},
}

var torchvision = Convention{
	Name: "torchvision", Title: "GFLOPS of torchvision's model tables, which are MACs", Unit: counters.UnitMACs,
	Source: Source{Tool: "torchvision", Version: "0.15 and later", Where: "torchvision/models: _ops of every weights entry", URL: "https://pytorch.org/vision/stable/models.html"},
	Rules:  []Rule{{Kinds: "*", Count: "mac", Note: "torch's FlopCounterMode divided by two"}},
	Notes:  []string{"the table prints three decimals of 1e9"},
}

var torch = Convention{
	Name: "torch", Title: "torch's FlopCounterMode: two FLOPs for each multiply-accumulate", Unit: counters.UnitFLOPs,
	Source: Source{Tool: "PyTorch", Version: "2.1 to 2.15", Where: "torch/utils/flop_counter.py: mm_flop, addmm_flop, bmm_flop, conv_flop, sdpa_flop", URL: "https://github.com/pytorch/pytorch"},
	Rules:  []Rule{{Kinds: "*", Count: "2*mac", Note: "attention is 2 b h sq sk (dq + dv), causal not halved; a bias is not counted"}},
}

// Classes of torch.nn that module hooks are registered for.
const (
	convModules      = "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d"
	linearModules    = "Linear"
	batchModules     = "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm"
	instanceModules  = "InstanceNorm1d InstanceNorm2d InstanceNorm3d"
	avgPoolModules   = "AvgPool1d AvgPool2d AvgPool3d"
	maxPoolModules   = "MaxPool1d MaxPool2d MaxPool3d"
	adaptiveModules  = "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d"
	recurrentModules = "RNN GRU LSTM RNNCell GRUCell LSTMCell"
	upsampleModules  = "Upsample UpsamplingBilinear2d UpsamplingNearest2d"
)

var fvcore = Convention{
	Name: "fvcore", Title: "FlopCountAnalysis, GMACs of timm's tables", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "fvcore", Version: "0.1.5 and 0.1.6", Where: "fvcore/nn/flop_count.py: table of handles; fvcore/nn/jit_handles.py", URL: "https://github.com/facebookresearch/fvcore"},
	Rules: []Rule{
		{Kinds: "Attention", Count: "mac", Note: "timm's tables are made with the fused call off; a traced aten::scaled_dot_product_attention is not seen"},
		{Kinds: "LSTM GRU RNN Recurrent:product", Count: "0", Note: "no handle: not seen"},
		{Kinds: "Einsum", Count: "einsum", Meant: "mac", Bug: "read from the text of numpy's einsum_path, which prints four digits"},
		{Kinds: "BatchNormalization BatchNormalization:weights", Count: "in*(1 + affine) + 3*training*in", Note: "5 where statistics are of the batch, as those of standardised weights"},
		{Kinds: "LayerNormalization GroupNormalization InstanceNormalization", Count: "in*(4 + affine)"},
		{Kinds: "AdaptiveAvgPool2d", Count: "in", Note: "the two-dimensional one only"},
		{Kinds: "Resize:bilinear", Count: "4*out"},
		{Kinds: "GridSample", Count: "4*out"},
		{Kinds: "Resize:nearest", Count: "out"},
		{Kinds: "*", Count: "mac"},
	},
	Notes: []string{"no bias, no activation, no elementwise arithmetic"},
}

var thop = Convention{
	Name: "thop", Title: "pytorch-OpCounter since June 2022", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "thop", Version: "0.1.1", Where: "thop/profile.py: register_hooks; thop/vision/basic_hooks.py, calc_func.py; thop/rnn_hooks.py", URL: "https://github.com/Lyken17/pytorch-OpCounter"},
	Rules: append([]Rule{
		{Kinds: "Conv", Count: "mac", Modules: convModules},
		{Kinds: "ConvTranspose", Count: "out*floor(x[1]*w[1]/y[1])*prod(w[2:])", Modules: convModules, Bug: "counted as a convolution, at the positions of the output: stride^2 times the work", Meant: "mac"},
		{Kinds: "Linear", Count: "mac", Modules: linearModules},
		{Kinds: "MatMul Attention Einsum", Count: "0", Note: "a function, no module: not seen"},
		{Kinds: "BatchNormalization", Count: "2*in*(1 + affine)", Modules: batchModules},
		{Kinds: "LayerNormalization", Count: "2*in*(1 + affine)", Modules: "LayerNorm"},
		{Kinds: "InstanceNormalization", Count: "2*in*(1 + affine)", Modules: instanceModules},
		{Kinds: "Softmax", Count: "3*in - in//features", Modules: "Softmax"},
		{Kinds: "AveragePool", Count: "out", Modules: avgPoolModules},
		{Kinds: "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", Count: "in + out", Modules: adaptiveModules},
		{Kinds: "PRelu", Count: "in", Modules: "PReLU"},
		{Kinds: "Resize:linear", Count: "5*out", Modules: upsampleModules},
		{Kinds: "Resize:bilinear", Count: "11*out", Modules: upsampleModules},
		{Kinds: "Resize:bicubic", Count: "259*out", Modules: upsampleModules},
		{Kinds: "Resize:trilinear", Count: "31*out", Modules: upsampleModules, Note: "as its function for it says; the hook of 0.1.1 warns and takes 0"},
		{Kinds: "Resize:nearest", Count: "out", Modules: upsampleModules},
	}, append(thopRecurrent, Rule{Kinds: "*", Count: "0"})...),
	Notes: []string{"counts calls of registered modules: functions and subclasses are not seen"},
}

// thopRecurrent are the rules of recurrent layers: gates and both biases.
var thopRecurrent = []Rule{
	{Kinds: "LSTM", Count: "mac + 16*cells", Modules: recurrentModules, Note: "4 gates of (activation + 2 biases), 3 for the cell, 1 for the output"},
	{Kinds: "GRU", Count: "mac + 13*cells", Modules: recurrentModules, Note: "3 gates of (activation + 2 biases), 1 for the reset, 3 for the output"},
	{Kinds: "RNN", Count: "mac + 3*cells", Modules: recurrentModules},
	{Kinds: "Recurrent:product", Count: "mac + floor(3*out/2)", Modules: "RNN", Note: "an unrolled RNN: half of its cell for each of the two products"},
}

var thop00 = Convention{
	Name: "thop-0.0", Title: "pytorch-OpCounter before June 2022", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "thop", Version: "0.0.31", Where: "thop/profile.py: register_hooks; thop/vision/basic_hooks.py, calc_func.py", URL: "https://github.com/Lyken17/pytorch-OpCounter/tree/509fb7e"},
	Rules: append([]Rule{
		{Kinds: "Conv", Count: "mac + bias*out", Modules: convModules},
		{Kinds: "ConvTranspose", Count: "out*(floor(x[1]*w[1]/y[1])*prod(w[2:]) + bias)", Modules: convModules, Bug: "counted as a convolution, at the positions of the output: stride^2 times the work", Meant: "mac + bias*out"},
		{Kinds: "Linear", Count: "mac", Modules: linearModules},
		{Kinds: "BatchNormalization", Count: "2*in", Modules: batchModules},
		{Kinds: "LayerNormalization", Count: "2*in", Modules: "LayerNorm"},
		{Kinds: "InstanceNormalization", Count: "2*in", Modules: instanceModules},
		{Kinds: "Softmax", Count: "3*in - in//features", Modules: "Softmax"},
		{Kinds: "AveragePool", Count: "out", Modules: avgPoolModules},
		{Kinds: "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", Count: "in + out", Modules: adaptiveModules},
		{Kinds: "PRelu LeakyRelu", Count: "in", Modules: "PReLU LeakyReLU"},
		{Kinds: "Resize:linear", Count: "5*out", Modules: upsampleModules},
		{Kinds: "Resize:bilinear", Count: "11*out", Modules: upsampleModules},
		{Kinds: "Resize:bicubic", Count: "259*out", Modules: upsampleModules},
	}, append(thopRecurrent, Rule{Kinds: "*", Count: "0"})...),
}

var ultralytics = Convention{
	Name: "ultralytics", Title: "thop as Ultralytics maintains it", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "ultralytics-thop", Version: "2.0 to 2.1", Where: "README: ResNet-50 4133742592; thop/profile.py: register_hooks; thop/vision/basic_hooks.py", URL: "https://github.com/ultralytics/thop"},
	Rules: append([]Rule{
		{Kinds: "Conv ConvTranspose", Count: "mac", Modules: convModules},
		{Kinds: "Linear", Count: "mac", Modules: linearModules},
		{Kinds: "BatchNormalization", Count: "2*in*(1 + affine)"},
		{Kinds: "LayerNormalization GroupNormalization InstanceNormalization", Count: "2*in*(1 + affine)"},
		{Kinds: "Softmax", Count: "3*in - in//features", Modules: "Softmax"},
		{Kinds: "AveragePool", Count: "out*(kernel + 1)", Modules: avgPoolModules, Note: "taps in the padding counted, as the pool's default has it"},
		{Kinds: "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", Count: "in + out", Modules: adaptiveModules},
		{Kinds: "PRelu", Count: "in", Modules: "PReLU"},
		{Kinds: "Resize:linear", Count: "5*out", Modules: upsampleModules},
		{Kinds: "Resize:bilinear", Count: "11*out", Modules: upsampleModules},
		{Kinds: "Resize:trilinear", Count: "31*out", Modules: upsampleModules},
		{Kinds: "Resize:bicubic", Count: "259*out", Modules: upsampleModules},
	}, append(thopRecurrent, Rule{Kinds: "*", Count: "0"})...),
	Notes: []string{"the GFLOPs of YOLO's tables are twice this figure"},
}

var ptflops = Convention{
	Name: "ptflops", Title: "ptflops with its pytorch back end: hooks on modules and functions", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "ptflops", Version: "0.7.5", Where: "ptflops/pytorch_ops.py: MODULES_MAPPING, FUNCTIONAL_MAPPING, TENSOR_OPS_MAPPING", URL: "https://github.com/sovrasov/flops-counter.pytorch"},
	Rules: []Rule{
		{Kinds: "Conv ConvTranspose", Count: "mac + bias*out", Modules: convModules},
		{Kinds: "Linear", Count: "mac + bias*out", Modules: linearModules},
		{Kinds: "MatMul", Count: "mac", Note: "torch.matmul and bmm; the @ operator is not seen"},
		{Kinds: "Attention Einsum", Count: "0", Note: "not seen"},
		{Kinds: "BatchNormalization", Count: "in*(1 + affine)", Modules: batchModules},
		{Kinds: "LayerNormalization", Count: "in", Modules: "LayerNorm", Note: "the attribute affine, which LayerNorm lacks, would double it"},
		{Kinds: "GroupNormalization InstanceNormalization", Count: "in*(1 + affine)", Modules: "GroupNorm " + instanceModules},
		{Kinds: "Relu PRelu Elu LeakyRelu Relu6 Gelu", Count: "out"},
		{Kinds: "Swish", Count: "in", Note: "as the function F.silu"},
		{Kinds: "AveragePool MaxPool AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d GlobalMaxPool", Count: "in"},
		{Kinds: "Softmax", Count: "in", Note: "as the function F.softmax"},
		{Kinds: "Resize:nearest Resize:linear Resize:bilinear Resize:trilinear Resize:bicubic", Count: "out"},
		{Kinds: "Add Mul", Count: "residual*out", Note: "torch.add and torch.mul of two tensors; the operators + and * are not seen"},
		{Kinds: "LSTM", Count: "mac + 18*cells", Modules: recurrentModules},
		{Kinds: "GRU", Count: "mac + 13*cells", Modules: recurrentModules},
		{Kinds: "RNN", Count: "mac + 3*cells", Modules: recurrentModules},
		{Kinds: "Recurrent:product", Count: "mac + floor(3*out/2)", Modules: "RNN", Note: "an unrolled RNN: half of its cell for each of the two products"},
		{Kinds: "*", Count: "0"},
	},
	Notes: []string{"a torch module whose forward calls a patched function (ReLU, pools, GELU, SiLU) is counted twice by the tool; here it is counted once"},
}

var ptflopsATen = Convention{
	Name: "ptflops-aten", Title: "ptflops with its aten back end", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "ptflops", Version: "0.7.5", Where: "ptflops/aten_ops.py: ATEN_OPS_MAPPING", URL: "https://github.com/sovrasov/flops-counter.pytorch"},
	Rules: []Rule{
		{Kinds: "Conv ConvTranspose Linear", Count: "mac + bias*out"},
		{Kinds: "Attention", Count: "0", Note: "the fused call of scaled_dot_product_attention is not seen"},
		{Kinds: "LSTM GRU RNN", Count: "0", Note: "not seen"},
		{Kinds: "Recurrent:product", Count: "mac + bias*out"},
		{Kinds: "*", Count: "mac"},
	},
	Notes: []string{"a linear layer on a tensor of three or more dims that is not contiguous is a product without its bias"},
}

var torchinfo = Convention{
	Name: "torchinfo", Title: "mult-adds of torchinfo: parameters times positions", Unit: counters.UnitMACs, Calls: true,
	Source: Source{Tool: "torchinfo", Version: "1.8.0", Where: "torchinfo/layer_info.py: LayerInfo.calculate_macs; model_statistics.py", URL: "https://github.com/TylerYep/torchinfo"},
	Rules: []Rule{
		{Kinds: "Conv ConvTranspose", Count: "params*x[0]*prod(y[2:])", Modules: "*Conv"},
		{Kinds: "Linear", Count: "y[0]*params", Modules: "*Linear", Note: "positions of a sequence are not multiplied"},
		{Kinds: "BatchNormalization LayerNormalization RMSNormalization GroupNormalization InstanceNormalization PRelu Embedding", Count: "y[0]*params",
			NoModules: "BatchNormAct2d GroupNormAct GroupNorm1Act LayerNormAct LayerNormAct2d", Note: "modules without modules inside: those that hold an activation are not seen"},
		{Kinds: "LSTM GRU RNN", Count: "x[0]*x[1]*params", Modules: recurrentModules},
		{Kinds: "Recurrent:product", Count: "mac + out", Modules: "RNN"},
		{Kinds: "*", Count: "0"},
	},
}

var deepspeed = Convention{
	Name: "deepspeed", Title: "DeepSpeed's FLOPs profiler, and calflops", Unit: counters.UnitFLOPs, Calls: true,
	Source: Source{Tool: "deepspeed; calflops 0.3.2 has its rules", Version: "0.9 to 0.17", Where: "deepspeed/profiling/flops_profiler/profiler.py: the *_flops_compute functions; calflops/pytorch_ops.py", URL: "https://github.com/microsoft/DeepSpeed"},
	Rules: []Rule{
		{Kinds: "Conv ConvTranspose", Count: "2*mac + bias*out"},
		{Kinds: "Linear MatMul", Count: "2*mac", Note: "F.linear without its bias"},
		{Kinds: "Einsum", Count: "2*einsum", Meant: "2*mac", Bug: "read from the text of numpy's einsum_path, which prints four digits"},
		{Kinds: "Attention", Count: "0", Note: "the fused call is not seen"},
		{Kinds: "BatchNormalization BatchNormalization:weights", Count: "in*(1 + affine) + 3*training*in"},
		{Kinds: "LayerNormalization GroupNormalization InstanceNormalization", Count: "in*(4 + affine)"},
		{Kinds: "Relu PRelu Elu LeakyRelu Relu6 Gelu Swish", Count: "in"},
		{Kinds: "AveragePool MaxPool AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d GlobalMaxPool", Count: "in"},
		{Kinds: "Softmax", Count: "in"},
		{Kinds: "Resize:nearest Resize:linear Resize:bilinear Resize:trilinear Resize:bicubic", Count: "in", Note: "by scale factor; by size it is the product of the sizes"},
		{Kinds: "LSTM", Count: "2*mac + 10*cells", Modules: recurrentModules},
		{Kinds: "GRU", Count: "2*mac + 7*cells", Modules: recurrentModules},
		{Kinds: "RNN", Count: "2*mac + cells", Modules: recurrentModules},
		{Kinds: "Recurrent:product", Count: "2*mac + floor(out/2)", Modules: "RNN", Note: "an unrolled RNN: half of its cell for each of the two products"},
		{Kinds: "*", Count: "0"},
	},
}

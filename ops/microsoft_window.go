package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	nchwcDomain  = "com.microsoft.nchwc"
	fusedConvDoc = "Convolution with a residual and an activation." + convCost + "A bias and a residual are a flop each per output element; the activation follows. "
	nhwcDoc      = "The channels are the last axis of input and output; the weights are those of Conv. "
	nchwcDoc     = "Channels are stored in blocks; the sizes are those of the operator of ai.onnx. "
	fusedAttrs   = windowAttrs + " activation:string activation_params:floats"
	realFloats   = "T: float16 float32 float64"
	maxPoolAttrs = "auto_pad:string=NOTSET ceil_mode:int=0 dilations:ints kernel_shape:ints! pads:ints strides:ints"
)

var microsoftWindowOps = []Op{
	{
		Domain: msDomain, Name: "FusedConv", Since: []int{1}, Doc: fusedConvDoc + "(ContribOperators.md, FusedConv)",
		In: "X:T, W:T, B?:T, Z?:T", Out: "Y:T", Types: realFloats, Attrs: fusedAttrs, Infer: inferMsConv, Cost: costMsConv,
		Cases: []Case{
			{In: "f32[1,3,5,5] !f32[4,3,3,3] !f32[4] f32[1,4,3,3]", Attrs: "activation=Relu", Out: "f32[1,4,3,3]", Cost: "mac=972 flop=72 cmp=36"},
			{In: "f32[1,3,5,5] !f32[4,3,3,3]", Attrs: "activation=Clip activation_params=[0,6]", Out: "f32[1,4,3,3]", Cost: "mac=972 cmp=72"},
			{In: "f32[1,4,5,5] !f32[4,3,3,3]", Err: "input channels"},
		},
	},
	{
		Domain: msDomain, Name: "NhwcConv", Since: []int{1}, Doc: "Convolution." + convCost + nhwcDoc + "(ContribOperators.md, NhwcConv)",
		In: "X:T, W:T, B?:T", Out: "Y:T", Types: realFloats, Attrs: windowAttrs, Infer: inferMsConv, Cost: costMsConv,
		Cases: []Case{{In: "f16[N,5,6,3] !f16[4,3,3,3] !f16[4]", Attrs: "pads=[1,1,1,1]", Out: "f16[N,5,6,4]", Cost: "mac=3240*N flop=120*N"}},
	},
	{
		Domain: msDomain, Name: "NhwcFusedConv", Since: []int{1}, Doc: fusedConvDoc + nhwcDoc + "(ContribOperators.md, NhwcFusedConv)",
		In: "X:T, W:T, B?:T, Z?:T", Out: "Y:T", Types: "T: float16 float32", Attrs: fusedAttrs, Infer: inferMsConv, Cost: costMsConv,
		Cases: []Case{{In: "f16[N,5,6,3] !f16[4,3,3,3] _ f16[N,5,6,4]", Attrs: "pads=[1,1,1,1] activation=Relu", Out: "f16[N,5,6,4]", Cost: "mac=3240*N flop=120*N cmp=120*N"}},
	},
	{
		Domain: msDomain, Name: "QLinearConv", Since: []int{1},
		Doc: "Convolution of quantised tensors, with the channels last where channels_last is set." + qConvDoc + " (ContribOperators.md, QLinearConv)",
		In:  "x:T1, x_scale:float32 quant, x_zero_point:T1 quant, w:T2, w_scale:float32 quant, w_zero_point:T2 quant, y_scale:float32 quant, y_zero_point:T3 quant, B?:T4",
		Out: "y:T3", Types: "T1: int8 uint8; T2: int8 uint8; T3: int8 uint8; T4: int32", Attrs: windowAttrs + " channels_last:int=0", Infer: inferMsConv, Cost: costMsQLinearConv,
		Cases: []Case{
			{In: "u8[N,8,8,3] !f32 !u8 !i8[4,3,3,3] !f32[4] !i8[4] !f32 !u8 !i32[4]", Attrs: "strides=[2,2] pads=[1,1,1,1] channels_last=1", Out: "u8[N,4,4,4]", Cost: "mac=1728*N flop=128*N cmp=128*N int=320*N+108"},
			{In: "u8[N,3,8,8] !f32 !u8 !i8[4,3,3,3] !f32[4] !i8[4] !f32 !u8", Out: "u8[N,4,6,6]", Cost: "mac=3888*N flop=288*N cmp=288*N int=336*N+108"},
		},
	},
	{
		Domain: msDomain, Name: "NhwcMaxPool", Since: []int{1}, Doc: "Maximum over windows: taps - 1 comparisons per output element. " + nhwcDoc + "(ContribOperators.md, NhwcMaxPool)",
		In: "x:T", Out: "y:T", Types: quant8, Attrs: maxPoolAttrs, Infer: inferMsPool, Cost: func(c *Call) Cost { return Cost{Cmp: c.msPoolTaps().AddInt(-1).Mul(c.OutN(0))} },
		Cases: []Case{{In: "u8[N,8,8,3]", Attrs: "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]", Out: "u8[N,4,4,3]", Cost: "cmp=384*N"}},
	},
	{
		Domain: msDomain, Name: "MaxpoolWithMask", Since: []int{1}, Doc: "Maximum over the elements of windows that a mask leaves: taps - 1 comparisons per output element. (ContribOperators.md, MaxpoolWithMask)",
		In: "X:T, M:int32", Out: "Y:T", Types: "T: float32", Attrs: "auto_pad:string=NOTSET kernel_shape:ints pads:ints storage_order:int=0 strides:ints", Infer: inferPool, Cost: costMaxPool,
		Cases: []Case{{In: "f32[N,3,8,8] i32[N,3,8,8]", Attrs: "kernel_shape=[2,2] strides=[2,2]", Out: "f32[N,3,4,4]", Cost: "cmp=144*N"}},
	},
	{
		Domain: msDomain, Name: "ConvTransposeWithDynamicPads", Since: []int{1},
		Doc: "Transposed convolution with pads from an input. MACs are input elements times kernel taps times output channels of a group; a bias add is a flop per output element. (ContribOperators.md, ConvTransposeWithDynamicPads)",
		In:  "X:T, W:T, Pads?:int64 shape, B?:T", Out: "Y:T", Types: realFloats, Attrs: "auto_pad:string=NOTSET dilations:ints group:int=1 kernel_shape:ints output_padding:ints strides:ints",
		Infer: inferDynamicTranspose, Cost: costDynamicTranspose,
		Cases: []Case{
			{In: "f32[1,4,5] !f32[4,2,3] i64[2]={1,1} !f32[2]", Attrs: "strides=[2]", Out: "f32[1,2,9]", Cost: "mac=120 flop=18"},
			{In: "f32[1,4,5] !f32[4,2,3] i64[2]", Attrs: "strides=[2]", Out: "f32[1,2,?]", Cost: "mac=120"},
			{In: "f32[1,4,5] !f32[3,2,3]", Err: "input channels"},
		},
	},
	{
		Domain: msDomain, Name: "CausalConvWithState", Since: []int{1},
		Doc: "Depthwise convolution over past positions of the last spatial axis, and the last positions to carry on. MACs are output elements times kernel taps; taps before the start count. A bias add is a flop per output " +
			"element; silu is 4 flops and an exponential. (ContribOperators.md, CausalConvWithState)",
		In: "input:T, weight:T, bias?:T, past_state?:T state", Out: "output:T, present_state:T", Types: "T: bfloat16 float16 float32",
		Attrs: "activation:string=none channels_last:int=0 dilation:int=1 ndim:int=1 state_window:int=0", Infer: inferMsCausalConv, Cost: costMsCausalConv,
		Cases: []Case{
			{In: "f32[B,8,L] !f32[8,1,4] !f32[8]", Out: "f32[B,8,L] f32[B,8,3]", Cost: "mac=32*B*L flop=8*B*L"},
			{In: "f32[B,L,8] !f32[8,1,4]", Attrs: "channels_last=1 dilation=2 state_window=3 activation=silu", Out: "f32[B,L,8] f32[3,B,6,8]", Cost: "mac=32*B*L flop=32*B*L exp=8*B*L"},
			{In: "f32[B,7,L] !f32[8,1,4]", Out: "f32 f32", Err: "channels"},
			{In: "f32[B,8,L] !f32[8,1,4]", Attrs: "dilation=0", Out: "f32 f32", Err: "dilation"},
		},
	},
	{
		Domain: msDomain, Name: "VarlenCausalConvWithState", Since: []int{1},
		Doc: "CausalConvWithState over packed sequences. MACs are output elements times kernel taps; taps before the start count. A bias add is a flop per output element; silu is 4 flops and an exponential. " +
			"(ContribOperators.md, VarlenCausalConvWithState)",
		In: "input:T, weight:T, cumulative_sequence_length:int32 shape, bias?:T, initial_state:T state, capture_count?:int32 shape", Out: "output:T, final_state:T, state_update?:T", Types: "T: bfloat16 float16 float32",
		Attrs: "activation:string=none dilation:int=1 state_update_capacity:int=0", Infer: inferVarlenConv, Cost: costMsCausalConv,
		Cases: []Case{{In: "f16[T,8] !f16[8,1,4] i32[3] _ f16[2,8,3] i32[2]", Attrs: "state_update_capacity=5", Out: "f16[T,8] f16[2,8,3] f16[2,5,8]", Cost: "mac=32*T"}},
	},
	{
		Domain: msDomain, Name: "WordConvEmbedding", Since: []int{1},
		Doc: "Embeds words by a convolution over their characters, tanh and a maximum over positions. MACs per word are positions*window*char_embedding_size*filters, all characters of the padded length counted; " +
			"per position and filter a flop for the bias and a tanh, and for each position but the first of a word a comparison. (ContribOperators.md, WordConvEmbedding)",
		In: "Sequence:T, W:T1, B:T1, C:T1", Out: "Y:T1", Types: "T: int32; T1: float32", Attrs: "char_embedding_size:int conv_window_size:int embedding_size:int",
		Infer: inferWordConv, Cost: costWordConv,
		// 15 words of 10 - 3 + 1 positions
		Cases: []Case{{In: "i32[15,10] !f32[16,1,3,8] !f32[16] !f32[100,8]", Out: "f32[15,16]", Cost: "mac=46080 flop=1920 exp=1920 cmp=1680"}},
	},
	{
		Domain: msDomain, Name: "CropAndResize", Since: []int{1},
		Doc: "Cuts regions out of feature maps and resizes them. Eight flops for the corners and steps of a region; per row and column of it two comparisons and three flops for the place, with bilinear four, and then three interpolations of 3 flops per output element. (ContribOperators.md, CropAndResize)",
		In:  "X:T1, rois:T1, batch_indices:int32, crop_size:int32 shape", Out: "Y:T1", Types: "T1: float16 float32 float64", Attrs: "extrapolation_value:float=0 mode:string=bilinear",
		Infer: inferCropResize, Cost: costCropResize,
		Cases: []Case{
			{In: "f32[1,3,50,50] f32[R,4] i32[R] i32[2]={7,8}", Out: "f32[R,3,7,8]", Cost: "flop=1580*R cmp=30*R"}, {In: "f32[1,3,50,50] f32[R,5] i32[R] i32[2]={7,8}", Err: "rois has shape"},
			{In: "f32[1,3,50,50] f32[2,4] i32[2] i32[2]={7,0}", Err: "crop_size"},
		},
	},
	{
		Domain: msDomain, Name: "GridSample", Since: []int{1}, Doc: gridSampleDoc + "(ContribOperators.md, GridSample)", In: "X:T1, Grid:T1", Out: "Y:T2", Types: "T1: all; T2: float16 float32 float64",
		Attrs: "align_corners:int=0 mode:string=bilinear padding_mode:string=zeros",
		Infer: func(c *Call) { inferGridSample(c, "bilinear", "nearest", "bicubic"); c.SetDType(0, c.DType(0)) },
		Cost: func(c *Call) Cost {
			return costGridSample(c, map[string]int64{"bilinear": 2, "bicubic": 4}[c.Str("mode", "bilinear")])
		},
		Cases: []Case{{In: "f32[N,3,4,5] f32[N,6,7,2]", Out: "f32[N,3,6,7]", Cost: "flop=1722*N"}},
	},
}

var nchwcOps = []Op{
	{
		Domain: nchwcDomain, Name: "Conv", Since: []int{1}, Doc: fusedConvDoc + nchwcDoc + "(onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T, W:T, B?:T, Sum?:T", Out: "Y:T", Types: "T: float32", Attrs: fusedAttrs, Infer: inferMsConv, Cost: costMsConv,
		Cases: []Case{{In: "f32[1,3,5,5] !f32[16,3,3,3] !f32[16] f32[1,16,3,3]", Attrs: "activation=Relu", Out: "f32[1,16,3,3]", Cost: "mac=3888 flop=288 cmp=144"}},
	},
	{
		Domain: nchwcDomain, Name: "MaxPool", Since: []int{1}, Doc: "Maximum over windows: taps - 1 comparisons per output element. " + nchwcDoc + "(onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T", Out: "Y:T", Types: "T: float32", Attrs: maxPoolAttrs + " storage_order:int=0", Infer: inferPool, Cost: costMaxPool,
		Cases: []Case{{In: "f32[N,16,8,8]", Attrs: "kernel_shape=[2,2] strides=[2,2]", Out: "f32[N,16,4,4]", Cost: "cmp=768*N"}},
	},
	{
		Domain: nchwcDomain, Name: "AveragePool", Since: []int{1}, Doc: "Average over windows: a flop per tap of each output element. " + nchwcDoc + "(onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T", Out: "Y:T", Types: "T: float32", Attrs: maxPoolAttrs + " count_include_pad:int=0", Infer: inferPool, Cost: costAveragePool,
		Cases: []Case{{In: "f32[N,16,8,8]", Attrs: "kernel_shape=[2,2] strides=[2,2]", Out: "f32[N,16,4,4]", Cost: "flop=1024*N"}},
	},
	{
		Domain: nchwcDomain, Name: "GlobalMaxPool", Since: []int{1}, Doc: "Maximum over all spatial axes. " + nchwcDoc + "(onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T", Out: "Y:T", Types: "T: float32", Infer: inferGlobalPool, Cost: func(c *Call) Cost { return Cost{Cmp: c.InN(0).Sub(c.OutN(0))} },
		Cases: []Case{{In: "f32[N,16,7,7]", Out: "f32[N,16,1,1]", Cost: "cmp=768*N"}},
	},
	{
		Domain: nchwcDomain, Name: "GlobalAveragePool", Since: []int{1}, Doc: "Average over all spatial axes: a flop per element. " + nchwcDoc + "(onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T", Out: "Y:T", Types: "T: float32", Infer: inferGlobalPool, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0)} },
		Cases: []Case{{In: "f32[N,16,7,7]", Out: "f32[N,16,1,1]", Cost: "flop=784*N"}},
	},
	{
		Domain: nchwcDomain, Name: "ReorderInput", Since: []int{1},
		Doc: "Puts channels into blocks of 8 or 16, as the machine wants; channels that 16 does not divide are filled up to a number that is not known here. (onnxruntime, nchwc_schema_defs.cc)",
		In:  "X:T", Out: "Y:T", Types: "T: float32", Attrs: "channels_last:int=0", Infer: inferReorderInput, Free: moveReason,
		Cases: []Case{{In: "f32[N,32,7,7]", Out: "f32[N,32,7,7]"}, {In: "f32[N,7,7,32]", Attrs: "channels_last=1", Out: "f32[N,32,7,7]"}, {In: "f32[N,3,7,7]", Out: "f32[N,?,7,7]"}},
	},
	{
		Domain: nchwcDomain, Name: "ReorderOutput", Since: []int{1}, Doc: "Takes channels out of their blocks. (onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T", Out: "Y:T", Types: "T: float32", Attrs: "channels:int=0 channels_last:int=0", Infer: inferReorderOutput, Free: moveReason,
		Cases: []Case{{In: "f32[N,32,7,7]", Attrs: "channels=30", Out: "f32[N,30,7,7]"}, {In: "f32[N,32,7,7]", Attrs: "channels=30 channels_last=1", Out: "f32[N,7,7,30]"}},
	},
	{
		Domain: nchwcDomain, Name: "Upsample", Since: []int{1}, Doc: "Enlarges by whole factors; linear is three interpolations of 3 flops per output element. " + nchwcDoc + "(onnxruntime, nchwc_schema_defs.cc)",
		In: "X:T", Out: "Y:T", Types: "T: float32", Attrs: "coordinate_transformation_mode:string=asymmetric mode:string=nearest scales:ints", Infer: inferBlockedUpsample, Cost: costBlockedUpsample,
		Cases: []Case{
			{In: "f32[N,16,4,4]", Attrs: "scales=[1,1,2,2]", Out: "f32[N,16,8,8]", Cost: "flop=0"}, {In: "f32[N,16,4,4]", Attrs: "scales=[1,1,2,2] mode=linear", Out: "f32[N,16,8,8]", Cost: "flop=9216*N"},
			{In: "f32[N,16,4,4]", Attrs: "scales=[2,2]", Err: "scales"},
		},
	},
}

// channelsLast reports whether the channels are the last axis of input and output.
func (c *Call) channelsLast() bool {
	if c.Op.Domain == qonnxLast {
		return true
	}
	switch c.Op.Name {
	case "MaxPoolNHWC", "NhwcConv", "NhwcFusedConv", "NhwcMaxPool":
		return true
	}
	return c.Int("channels_last", 0) != 0
}

// toFirst returns a shape with its last axis moved to axis 1, toLast the reverse.
func toFirst(s graph.Shape) graph.Shape {
	if len(s) < 2 {
		return s
	}
	return append(graph.Shape{s[0], s[len(s)-1]}, s[1:len(s)-1]...)
}

func toLast(s graph.Shape) graph.Shape {
	if len(s) < 2 {
		return s
	}
	return append(append(graph.Shape{s[0]}, s[2:]...), s[1])
}

// msConvInputs are the places of weights, bias and residual.
func (c *Call) msConvInputs() (w, bias, residual int) {
	if c.Op.Name == "QLinearConv" {
		return 3, 8, -1
	}
	return 1, 2, 3
}

// msConv reads a convolution in either layout; nil when no rank is known.
func (c *Call) msConv() *convolution {
	w, bias, _ := c.msConvInputs()
	x := c.ShapeOfRank(0, 3, -1)
	if c.channelsLast() {
		x = toFirst(x)
	}
	return c.convolutionOf(x, c.ShapeOfRank(w, 3, -1), bias)
}

func inferMsConv(c *Call) {
	v := c.msConv()
	if v == nil {
		return
	}
	out := append(graph.Shape{v.batch, v.out}, c.positive(v.win.outs(v.in))...)
	if c.channelsLast() {
		out = toLast(out)
	}
	if _, _, residual := c.msConvInputs(); residual >= 0 {
		c.mustBe(residual, out...)
	}
	c.SetShape(0, out)
}

func costMsConv(c *Call) Cost {
	v := c.msConv()
	if v == nil {
		c.Unresolved("the shapes of the input and the weights are not known")
	}
	_, bias, residual := c.msConvInputs()
	cost := v.cost(c, v.win.outs(v.in), c.Has(bias), c.ExactPadding())
	n := c.OutN(0)
	if c.Has(residual) {
		cost.Flop = cost.Flop.Add(n)
	}
	return cost.Add(c.fusedActivation(n))
}

func costMsQLinearConv(c *Call) Cost { return c.quantisedConv(costMsConv(c)) }

// msPool returns the input with its channels at axis 1, and the window.
func (c *Call) msPool() (graph.Shape, *window) {
	x := c.ShapeOfRank(0, 3, -1)
	if x == nil {
		x = c.UnknownShape(len(c.Ints("kernel_shape")) + 2)
	} else if c.channelsLast() {
		x = toFirst(x)
	}
	return x, c.window(len(x)-2, nil)
}

func inferMsPool(c *Call) {
	x, w := c.msPool()
	out := append(x[:2:2], c.positive(w.outs(x[2:]))...)
	if c.channelsLast() {
		out = toLast(out)
	}
	c.SetShape(0, out)
}

func (c *Call) msPoolTaps() graph.Dim { _, w := c.msPool(); return w.taps() }

func inferMsGlobalPool(c *Call) {
	x := c.ShapeOfRank(0, 2, -1)
	if x == nil {
		return
	}
	out := append(graph.Shape{}, x...)
	for i := 1; i < len(out); i++ {
		if channel := (c.channelsLast() && i == len(out)-1) || (!c.channelsLast() && i == 1); !channel {
			out[i] = graph.Int(1)
		}
	}
	c.SetShape(0, out)
}

func inferDynamicTranspose(c *Call) {
	x, w := c.oneRank(c.ShapeOfRank(0, 3, -1), c.ShapeOfRank(1, 3, -1))
	if x == nil {
		return
	}
	group := c.group()
	c.divisible("input channels", c.Same(x[1], w[0], "input channels of X and W"), group)
	out := graph.Shape{x[0], w[1].MulInt(group)}
	c.mustBe(3, out[1])
	n := len(x) - 2
	win := c.window(n, w[2:])
	extra := c.IntsAtLeast("output_padding", n, 0, 0)
	pads, ok := make([]graph.Dim, 2*n), true
	if c.Has(2) {
		if pads, ok = c.Dims(2); !ok {
			pads = c.UnknownShape(2 * n)
		}
	}
	if len(pads) != 2*n {
		c.Wantf(fmt.Sprint(2*n), "Pads has %d elements", len(pads))
	}
	for i := 0; i < n; i++ {
		d := x[i+2].AddInt(-1).MulInt(win.stride[i]).Add(win.span(i)).AddInt(extra[i]).Sub(pads[i]).Sub(pads[n+i])
		if win.pad.same() {
			d = c.UnknownDim()
		}
		out = append(out, d)
	}
	c.SetShape(0, append(out[:2:2], c.positive(out[2:])...))
}

func costDynamicTranspose(c *Call) Cost {
	x, w := c.InShape(0), c.InShape(1)
	cost := Cost{MAC: x.Elements().Mul(w[1:].Elements())}
	if c.Has(3) {
		cost.Flop = c.OutN(0)
	}
	return cost
}

// stateLength is the number of positions that a causal convolution carries on.
func (c *Call) stateLength(w graph.Shape) graph.Dim {
	dilation := c.Int("dilation", 1)
	if dilation < 1 {
		c.Wantf("at least 1", "dilation is %d", dilation)
	}
	k := w[len(w)-1]
	if v, ok := k.Const(); ok && v < 1 {
		c.Wantf("at least 1", "the kernel has size %d", v)
	}
	return k.AddInt(-1).MulInt(dilation)
}

func inferMsCausalConv(c *Call) {
	n := c.Int("ndim", 1)
	if n < 1 || n > 3 {
		c.Wantf("1 to 3", "ndim is %d", n)
	}
	c.SameShape(0, 0)
	w := c.shapeOr(1, int(n)+2)
	length := c.stateLength(w)
	x := c.ShapeOfRank(0, 3, -1)
	if x == nil {
		return
	}
	state := append(graph.Shape{}, x...)
	channels := x[1]
	if c.channelsLast() {
		channels, state[1] = x[2:].Elements(), length
	} else {
		x = c.ShapeOfRank(0, int(n)+2, int(n)+2)
		state[len(x)-1] = length
	}
	c.Same(channels, w[0], "channels of input and weight")
	c.mustBe(2, w[0])
	if k := c.Int("state_window", 0); k > 0 {
		state = append(graph.Ints(k), state...)
	}
	c.mustBe(3, state...)
	c.SetShape(1, state)
}

func inferVarlenConv(c *Call) {
	x, w, s := c.shapeOr(0, 2), c.shapeOr(1, 3), c.shapeOr(4, 3)
	channels := c.Same(x[1], w[0], "channels of input and weight")
	state := graph.Shape{s[0], channels, c.stateLength(w)}
	c.mustBe(4, state...)
	c.SetShape(0, graph.Shape{x[0], channels})
	c.SetShape(1, state)
	c.SetShape(2, graph.Shape{s[0], graph.Int(c.Int("state_update_capacity", 0)), channels})
}

func costMsCausalConv(c *Call) Cost {
	n, w := c.InN(0), c.InShape(1)
	cost := Cost{MAC: n.Mul(w[1:].Elements())}
	bias := 2
	if c.Op.Name == "VarlenCausalConvWithState" {
		bias = 3
	}
	if c.Has(bias) {
		cost.Flop = n
	}
	return cost.Add(c.fusedActivation(n))
}

func inferWordConv(c *Call) {
	words, w := c.ShapeOfRank(0, 2, -1), c.shapeOr(1, 4)
	if words != nil {
		c.SetShape(0, graph.Shape{words[0], w[0]})
	}
}

func costWordConv(c *Call) Cost {
	words, w := c.InShape(0), c.InShape(1)
	sums := words[0].Mul(w[0])
	positions := sums.Mul(words[1].Sub(w[2]).AddInt(1))
	return Cost{MAC: positions.Mul(w[2]).Mul(w[3]), Flop: positions, Exp: positions, Cmp: positions.Sub(sums)}
}

func inferCropResize(c *Call) {
	x, rois := c.shapeOr(0, 4), c.shapeOr(1, 2)
	c.Word("mode", "bilinear", "nearest")
	c.mustBe(1, rois[0], graph.Int(4))
	c.mustBe(2, rois[0])
	size, ok := c.Dims(3)
	if !ok {
		size = c.UnknownShape(2)
	}
	if len(size) != 2 {
		c.Wantf("2", "crop_size has %d elements", len(size))
	}
	for _, d := range size {
		if k, isConst := d.Const(); isConst && k < 1 {
			c.Wantf("at least 1", "crop_size has an element %d", k)
		}
	}
	c.SetShape(0, graph.Shape{rois[0], x[1], size[0], size[1]})
}

func costCropResize(c *Call) Cost {
	y := c.OutShape(0)
	lines := y[0].Mul(y[2].Add(y[3]))
	cost := Cost{Flop: y[0].MulInt(8).Add(lines.MulInt(3)), Cmp: lines.MulInt(2)}
	if c.Str("mode", "bilinear") == "bilinear" {
		cost.Flop = cost.Flop.Add(lines).Add(y.Elements().MulInt(9))
	}
	return cost
}

func inferReorderInput(c *Call) {
	x := c.ShapeOfRank(0, 4, 4)
	if x == nil {
		return
	}
	if c.channelsLast() {
		x = toFirst(x)
	}
	out := append(graph.Shape{}, x...)
	if k, ok := x[1].Const(); !ok || k%16 != 0 {
		out[1] = c.UnknownDim()
	}
	c.SetShape(0, out)
}

func inferReorderOutput(c *Call) {
	x := c.ShapeOfRank(0, 4, 4)
	if x == nil {
		return
	}
	out := append(graph.Shape{}, x...)
	out[1] = c.heads("channels")
	if c.channelsLast() {
		out = toLast(out)
	}
	c.SetShape(0, out)
}

func inferBlockedUpsample(c *Call) {
	x := c.shapeOr(0, 4)
	c.Word("mode", "nearest", "linear")
	out := append(graph.Shape{}, x...)
	for i, k := range c.IntsAtLeast("scales", 4, 1, 1) {
		out[i] = x[i].MulInt(k)
	}
	c.SetShape(0, out)
}

func costBlockedUpsample(c *Call) Cost {
	if c.Str("mode", "nearest") == "linear" {
		return Cost{Flop: c.OutN(0).MulInt(9)}
	}
	return Cost{}
}

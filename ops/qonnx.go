package ops

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	qonnxDomain    = "qonnx.custom_op.general"
	qonnxLast      = "qonnx.custom_op.channels_last"
	brevitasDomain = "onnx.brevitas"
	finnDomain     = "finn.custom_op.general"
	qonnxTypes     = "T: float; S: number; Z: number; B: number"
	qonnxQuantDoc  = "Rounds to integers of a bit width and back: per element five flops (the scale and the zero point there and back, and rounding) and two comparisons. (qonnx, custom_op/general/intquant.py)"
	qonnxQuantIn   = "X:T, scale:S quant, zeropt:Z quant, bitwidth:B quant"
	qonnxQuantAttr = "narrow:int=0 rounding_mode:string=ROUND signed:int=1 *"
	truncDoc       = "Drops low bits of quantised numbers: per element seven flops (the scale and the zero point there and back, two roundings, and the shift)"
)

// qonnxOps are those of QONNX. Brevitas writes its quantisers in a domain of its
// own, and FINN knew the others by another.
var qonnxOps = join(
	inDomain(qonnxDomain, qonnxQuantizers), inDomain(qonnxDomain, qonnxDataflow), channelsLastOps,
	inDomain(brevitasDomain, qonnxQuantizers), inDomain(finnDomain, qonnxDataflow),
)

func join(lists ...[]Op) []Op {
	var all []Op
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// inDomain returns operators in a domain.
func inDomain(domain string, ops []Op) []Op {
	out := append([]Op{}, ops...)
	for i := range out {
		out[i].Domain = domain
	}
	return out
}

var qonnxQuantizers = []Op{
	{
		Name: "BipolarQuant", Since: []int{1}, Doc: "The sign of each element times a scale: a comparison and a flop. (qonnx, custom_op/general/bipolar_quant.py)",
		In: "X:T, scale:S quant", Out: "Y:T", Types: qonnxTypes, Infer: inferQonnxQuant, Cost: each(work{flop: 1, cmp: 1}),
		Cases: []Case{{In: "f32[N,3] !f32", Out: "f32[N,3]", Cost: "flop=3*N cmp=3*N"}},
	},
	{
		Name: "FloatQuant", Since: []int{1},
		Doc: "Rounds to floating-point numbers of fewer bits: per element nine flops (the scale there and back, magnitude and its offset, exponent, the step there and back, and rounding), a logarithm and a power, and three comparisons; three more " +
			"without saturation. (qonnx, custom_op/general/floatquant.py)",
		In:  "X:T, scale:S quant, exponent_bitwidth:S quant, mantissa_bitwidth:S quant, exponent_bias:S quant, max_val?:S quant",
		Out: "Y:float32", Types: qonnxTypes,
		Attrs: "has_inf:int=0 has_infinity:int=0 has_nan:int=0 has_subnormal:int=0 rounding_mode:string=ROUND saturation:int=1 signed:int=1 *", Infer: inferQonnxQuant, Cost: costFloatQuant,
		Cases: []Case{
			{In: "f32[N,3] !f32 !f32 !f32 !f32 !f32", Attrs: "saturation=1", Out: "f32[N,3]", Cost: "flop=27*N cmp=9*N exp=6*N"},
			{In: "f32[4] !f32 !f32 !f32 !f32", Attrs: "saturation=0", Out: "f32[4]", Cost: "flop=36 cmp=24 exp=8"},
		},
	},
	{
		Name: "IntQuant", Since: []int{1}, Doc: qonnxQuantDoc,
		In: qonnxQuantIn, Out: "Y:float32", Types: qonnxTypes, Attrs: qonnxQuantAttr, Infer: inferQonnxQuant, Cost: each(work{flop: 5, cmp: 2}),
		Cases: []Case{{In: "f32[N,3] !f32[3] !f32 !f32", Attrs: "signed=1", Out: "f32[N,3]", Cost: "flop=15*N cmp=6*N"}},
	},
	{
		Name: "Quant", Since: []int{1}, Doc: qonnxQuantDoc,
		In: qonnxQuantIn, Out: "Y:float32", Types: qonnxTypes, Attrs: qonnxQuantAttr, Infer: inferQonnxQuant, Cost: each(work{flop: 5, cmp: 2}),
		Cases: []Case{
			{In: "f32[8,3,3,3] !f32[8,1,1,1] !f32 !f32", Attrs: "narrow=1", Out: "f32[8,3,3,3]", Cost: "flop=1080 cmp=432"},
			{In: "f32[2,3] !f32[2] !f32 !f32", Err: "scale"},
			{In: "f32[3] !f32[2,3] !f32 !f32", Err: "scale"},
		},
	},
	{
		Name: "Trunc", Since: []int{1}, Doc: truncDoc + ". (qonnx, custom_op/general/trunc.py)",
		In: "X:T, scale:S quant, zeropt:Z quant, in_bitwidth:B quant, out_bitwidth:B quant", Out: "Y:T", Types: qonnxTypes, Attrs: "rounding_mode:string=FLOOR *", Infer: inferQonnxQuant, Cost: each(work{flop: 7}),
		Cases: []Case{{In: "f32[N,3] !f32 !f32 !f32 !f32", Out: "f32[N,3]", Cost: "flop=21*N"}},
	},
	{
		Name: "Trunc", Since: []int{2}, Doc: truncDoc + " and two comparisons. (qonnx, custom_op/general/trunc.py)",
		In: "X:T, scale:S quant, zeropt:Z quant, in_bitwidth:B quant, out_scale:S quant, out_bitwidth:B quant", Out: "Y:T", Types: qonnxTypes,
		Attrs: "narrow:int=0 rounding_mode:string=FLOOR signed:int=1 *", Infer: inferQonnxQuant, Cost: each(work{flop: 7, cmp: 2}),
		Cases: []Case{{In: "f32[N,3] !f32 !f32 !f32 !f32 !f32", Out: "f32[N,3]", Cost: "flop=21*N cmp=6*N"}},
	},
}

var qonnxDataflow = []Op{
	{
		Name: "DebugMarker", Since: []int{1}, Doc: "Passes its input on under a second name. (qonnx, custom_op/general/debugmarker.py)",
		In: "X:T", Out: "Y:T", Types: "T: all", Attrs: "export_debug_name:string *", Infer: keepShape, Free: viewReason, Moves: View,
		Cases: []Case{{In: "f32[N,3]", Attrs: "export_debug_name=a", Out: "f32[N,3]"}},
	},
	{
		Name: "Im2Col", Since: []int{1}, Doc: "The elements under each place of a kernel as one row; the channels are the last axis. (qonnx, custom_op/general/im2col.py)",
		In: "X:T", Out: "Y:T", Types: "T: number", Attrs: "depthwise:int=0 dilations:ints input_shape:string kernel_size:ints! pad_amount:ints pad_value:int=0 stride:ints! *", Infer: inferIm2Col, Free: moveReason,
		Cases: []Case{
			{In: "f32[1,8,9,3]", Attrs: "kernel_size=[3,2] stride=[2,1] pad_amount=[1,0,1,0] input_shape=\"(1,8,9,3)\"", Out: "f32[1,4,8,18]"},
			{In: "f32[1,8,9]", Attrs: "kernel_size=[3,2] stride=[2,1]", Err: "rank 3"}, {In: "f32[1,8,9,3]", Attrs: "kernel_size=[3] stride=[2,1]", Err: "kernel_size"},
		},
	},
	{
		Name: "MaxPoolNHWC", Since: []int{1}, Doc: "Maximum over windows: taps - 1 comparisons per output element. The channels are the last axis. (qonnx, custom_op/general/maxpoolnhwc.py)",
		In: "X:T", Out: "Y:T", Types: "T: number", Attrs: "ceil_mode:int=0 kernel_shape:ints! pads:ints strides:ints *", Infer: inferMsPool, Cost: costLastMaxPool,
		Cases: []Case{{In: "f32[N,8,8,3]", Attrs: "kernel_shape=[2,2] strides=[2,2] pads=[0,0,0,0]", Out: "f32[N,4,4,3]", Cost: "cmp=144*N"}},
	},
	{
		Name: "MultiThreshold", Since: []int{1},
		Doc: "The number of thresholds that are not above each element: a comparison per element and threshold; a scale other than 1 and a bias other than 0 are a flop each. (qonnx, custom_op/general/multithreshold.py)",
		In:  "X:T, thresholds:T", Out: "Y:T", Types: "T: number", Attrs: "data_layout:string=NCHW out_bias:float=0.0 out_dtype:string out_scale:float=1.0 *", Infer: inferMultiThreshold, Cost: costMultiThreshold,
		Cases: []Case{
			{In: "f32[N,4,3] !f32[4,15]", Attrs: "out_dtype=UINT4", Out: "f32[N,4,3]", Cost: "cmp=180*N"},
			{In: "f32[N,3,4] !f32[4,15]", Attrs: "out_dtype=UINT4 out_scale=0.5 out_bias=-1 data_layout=NHWC", Out: "f32[N,3,4]", Cost: "cmp=180*N flop=24*N"},
			{In: "f32[N,3,4] !f32[1,7]", Attrs: "out_dtype=UINT4", Out: "f32[N,3,4]", Cost: "cmp=84*N"},
			{In: "f32[N,3,4] !f32[4,7]", Attrs: "out_dtype=UINT4", Err: "thresholds"},
		},
	},
	{
		Name: "QuantAvgPool2d", Since: []int{1}, Doc: "Sum over windows, shifted to the bit width of the output: as many integer operations per output element as a window has taps. (qonnx, custom_op/general/quantavgpool2d.py)",
		In: "X:T", Out: "Y:T", Types: "T: number", Attrs: "data_layout:string=NCHW ibits:int kernel:int! obits:int signed:int stride:int! *", Infer: inferQuantAvgPool, Cost: costQuantAvgPool,
		Cases: []Case{
			{In: "f32[N,3,8,8]", Attrs: "kernel=2 stride=2 ibits=4 obits=4 signed=0", Out: "f32[N,3,4,4]", Cost: "int=192*N"},
			{In: "f32[N,8,8,3]", Attrs: "kernel=3 stride=1 ibits=4 obits=4 signed=0 data_layout=NHWC", Out: "f32[N,6,6,3]", Cost: "int=972*N"},
			{In: "f32[N,8,8,3]", Attrs: "kernel=0 stride=1", Err: "kernel is 0"}, {In: "f32[N,8,8,3]", Attrs: "kernel=1 stride=1 data_layout=CHWN", Err: "data_layout"},
		},
	},
	{
		Name: "XnorPopcountMatMul", Since: []int{1}, Doc: "Matrix product of binary matrices, elements that agree counted: a MAC for each as in MatMul. (qonnx, custom_op/general/xnorpopcount.py)",
		In: "A:T, B:T", Out: "Y:T", Types: "T: number", Infer: func(c *Call) { c.setMatMul(0, 1) }, Cost: func(c *Call) Cost { return Cost{MAC: c.matMulMACs(0, 1)} },
		Cases: []Case{{In: "f32[N,16] !f32[16,4]", Out: "f32[N,4]", Cost: "mac=64*N"}},
	},
}

var channelsLastOps = []Op{
	{
		Domain: qonnxLast, Name: "BatchNormalization", Since: []int{1, 9, 14}, Doc: "BatchNormalization in inference with the channels as the last axis: four flops per element and two per channel. (qonnx, custom_op/channels_last/batch_normalization.py)",
		In: "X:T, scale:T, B:T, mean:T stat, var:T stat", Out: "Y:T", Types: "T: float", Attrs: "epsilon:float=1e-5 momentum:float=0.9 training_mode:int=0 *", Infer: inferLastBatchNorm, Cost: costBatchNorm,
		Cases: []Case{{In: "f32[2,4,5,3] !f32[3] !f32[3] !f32[3] !f32[3]", Out: "f32[2,4,5,3]", Cost: "flop=486"}, {In: "f32[2,4,5,3] !f32[4] !f32[4] !f32[4] !f32[4]", Err: "scale"}},
	},
	{
		Domain: qonnxLast, Name: "Conv", Since: []int{1}, Doc: "Convolution." + convCost + "The channels are the last axis of input, weights and output. (qonnx, custom_op/channels_last/conv.py)",
		In: "X:T, W:T, B?:T", Out: "Y:T", Types: "T: float", Attrs: windowAttrs + " *", Infer: inferLastConv, Cost: costLastConv,
		Cases: []Case{{In: "f32[N,8,8,3] !f32[4,3,3,3] !f32[4]", Attrs: "pads=[1,1,1,1] strides=[2,2]", Out: "f32[N,4,4,4]", Cost: "mac=1728*N flop=64*N"}, {In: "f32[N,8,3] !f32[4,5,3]", Out: "f32[N,4,4]", Cost: "mac=240*N"}},
	},
	{
		Domain: qonnxLast, Name: "MaxPool", Since: []int{1, 10}, Doc: "Maximum over windows: taps - 1 comparisons per output element. The channels are the last axis. (qonnx, custom_op/channels_last/max_pool.py)",
		In: "X:T", Out: "Y:T", Types: "T: number", Attrs: "auto_pad:string=NOTSET ceil_mode:int=0 dilations:ints kernel_shape:ints! pads:ints storage_order:int=0 strides:ints *", Infer: inferMsPool, Cost: costLastMaxPool,
		Cases: []Case{{In: "f32[N,8,8,3]", Attrs: "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]", Out: "f32[N,4,4,3]", Cost: "cmp=384*N"}},
	},
}

// inferQonnxQuant keeps the shape, which scale and zero point must not enlarge.
func inferQonnxQuant(c *Call) {
	keepShape(c)
	x := c.Shape(0)
	for i := 1; i < len(c.In) && x != nil; i++ {
		if s := c.Shape(i); s != nil && (len(s) > len(x) || !c.fits(s, x)) {
			c.Wantf("one that broadcasts to "+showUnknown(x), "%s has shape %s", c.InName(i), s)
		}
	}
}

// fits reports whether s may be broadcast to x.
func (c *Call) fits(s, x graph.Shape) bool {
	for i := range s {
		k, known := s[i].Const()
		n, ok := x[len(x)-len(s)+i].Const()
		if known && ok && k != 1 && k != n {
			return false
		}
	}
	return true
}

func costFloatQuant(c *Call) Cost {
	work := work{flop: 9, cmp: 3, exp: 2}
	if c.Int("saturation", 1) == 0 {
		work.cmp += 3
	}
	return each(work)(c)
}

func inferIm2Col(c *Call) {
	w := &window{
		stride: c.IntsAtLeast("stride", 2, 1, 1), dilation: c.IntsAtLeast("dilations", 2, 1, 1),
		kernel: graph.Ints(c.IntsAtLeast("kernel_size", 2, 1, 1)...),
	}
	pads := c.IntsAtLeast("pad_amount", 4, 0, 0)
	w.begin, w.end = pads[:2], pads[2:]
	x := c.ShapeOfRank(0, 4, 4)
	if x == nil {
		return
	}
	out := c.positive(w.outs(x[1:3]))
	c.SetShape(0, graph.Shape{x[0], out[0], out[1], x[3].Mul(w.taps())})
}

// thresholdAxis is the axis of the channels: the last one where data_layout ends in C.
func (c *Call) thresholdAxis(rank int) int {
	if strings.HasSuffix(c.Str("data_layout", "NCHW"), "C") {
		return rank - 1
	}
	return 1
}

func inferMultiThreshold(c *Call) {
	keepShape(c)
	x, t := c.ShapeOfRank(0, 2, -1), c.ShapeOfRank(1, 2, 2)
	if x != nil && t != nil && !t[0].Is(1) {
		c.Same(t[0], x[c.thresholdAxis(len(x))], "rows of thresholds and channels")
	}
}

func costMultiThreshold(c *Call) Cost {
	n := c.InN(0)
	cost := Cost{Cmp: n.Mul(c.InShape(1)[1])}
	for name, neutral := range map[string]float32{"out_scale": 1, "out_bias": 0} {
		if c.Float(name, neutral) != neutral {
			cost.Flop = cost.Flop.Add(n)
		}
	}
	return cost
}

// quantPool reads the square window of QuantAvgPool2d.
func (c *Call) quantPool() *window {
	w := &window{begin: []int64{0, 0}, end: []int64{0, 0}, dilation: []int64{1, 1}}
	for _, name := range []string{"kernel", "stride"} {
		k := c.Int(name, 1)
		if k < 1 {
			c.Wantf("at least 1", "%s is %d", name, k)
		}
		if name == "kernel" {
			w.kernel = graph.Ints(k, k)
		} else {
			w.stride = []int64{k, k}
		}
	}
	return w
}

func inferQuantAvgPool(c *Call) {
	w, last := c.quantPool(), c.Word("data_layout", "NCHW", "NHWC") == "NHWC"
	x := c.ShapeOfRank(0, 4, 4)
	if x == nil {
		return
	}
	if last {
		x = toFirst(x)
	}
	out := append(x[:2:2], c.positive(w.outs(x[2:]))...)
	if last {
		out = toLast(out)
	}
	c.SetShape(0, out)
}

func costQuantAvgPool(c *Call) Cost { return Cost{Int: c.quantPool().taps().Mul(c.OutN(0))} }

func costLastMaxPool(c *Call) Cost { return Cost{Cmp: c.msPoolTaps().AddInt(-1).Mul(c.OutN(0))} }

func inferLastBatchNorm(c *Call) {
	if c.Int("training_mode", 0) != 0 {
		c.Wantf("0", "training_mode is %d", c.Int("training_mode", 0))
	}
	keepShape(c)
	x := c.ShapeOfRank(0, 2, -1)
	for i := 1; i < 5 && x != nil; i++ {
		c.mustBe(i, x[len(x)-1])
	}
}

// lastConv reads a convolution whose input and weights have their channels last.
func (c *Call) lastConv() *convolution {
	return c.convolutionOf(toFirst(c.ShapeOfRank(0, 3, -1)), toFirst(c.ShapeOfRank(1, 3, -1)), 2)
}

func inferLastConv(c *Call) {
	if v := c.lastConv(); v != nil {
		c.SetShape(0, toLast(append(graph.Shape{v.batch, v.out}, c.positive(v.win.outs(v.in))...)))
	}
}

func costLastConv(c *Call) Cost {
	v := c.lastConv()
	if v == nil {
		c.Unresolved("the shapes of %s and %s are not known", c.InName(0), c.InName(1))
	}
	return v.cost(c, v.win.outs(v.in), c.Has(2), c.ExactPadding())
}

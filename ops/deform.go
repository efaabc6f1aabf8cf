package ops

import "github.com/onnxmeter/onnxmeter/graph"

// sampledConvOps are convolutions that read their input in a way of their own.
var sampledConvOps = []Op{
	{
		Name: "DeformConv", Since: []int{19, 22},
		Doc: "Convolution whose taps are moved by offsets. MACs are output elements times kernel taps times input channels of a group. Besides, an addition per offset and three flops for what lies around it (floor, fraction and the rest to 1); per image, input channel, tap and output position " +
			"2^d-1 linear interpolations of 3 flops over d axes, and a flop for the mask if there is one. A bias add is a flop per output element. " +
			"(ONNX Operators.md, DeformConv)",
		In: "X:T, W:T, offset:T, B?:T, mask?:T", Out: "Y:T", Types: "T: float",
		Attrs: "dilations:ints group:int=1 kernel_shape:ints offset_group:int=1 pads:ints strides:ints",
		Infer: inferDeformConv, Cost: costDeformConv,
		Cases: []Case{
			{In: "f32[1,4,5,5] !f32[6,2,3,3] f32[1,18,3,3]", Attrs: "group=2", Out: "f32[1,6,3,3]", Cost: "mac=972 flop=3564"},
			{In: "f32[1,4,5,5] !f32[6,2,3,3] f32[1,36,3,3] !f32[6] f32[1,18,3,3]", Attrs: "group=2 offset_group=2", Out: "f32[1,6,3,3]", Cost: "mac=972 flop=4590"},
			{In: "f32[1,4,5,5] !f32[6,2,3,3] f32[1,17,3,3]", Attrs: "group=2", Err: "offset"},
			{In: "f32[1,4,5,5] !f32[6,2,3,3] f32[1,18,3,3]", Attrs: "group=2 offset_group=0", Err: "offset_group"},
			{In: "f32[1,4,5,5] !f32[6,2,3,3] f32[1,18,3,3] _ f32[1,8,3,3]", Attrs: "group=2", Err: "mask"},
		},
	},
	{
		Name: "CausalConvWithState", Since: []int{27},
		Doc: "Depthwise convolution over past positions, and the last positions to carry on. MACs are output elements times kernel taps; taps before the " +
			"start count, unless exact padding is asked for. A bias add is a flop per output element; silu is 4 flops and an exponential. " +
			"(the function body in ONNX Operators.md, CausalConvWithState)",
		In: "input:T, weight:T, bias?:T, past_state?:T", Out: "output:T, present_state:T", Types: "T: float16 bfloat16 float32", Attrs: "activation:string=none",
		Infer: inferCausalConv, Cost: costCausalConv,
		Cases: []Case{
			{In: "f32[B,8,L] !f32[8,1,4] !f32[8]", Out: "f32[B,8,L] f32[B,8,3]", Cost: "mac=32*B*L flop=8*B*L"},
			{In: "f32[2,8,5] !f32[8,1,4] _ f32[2,8,3]", Attrs: `activation="silu"`, Out: "f32[2,8,5] f32[2,8,3]", Cost: "mac=320 flop=320 exp=80"},
			{In: "f32[2,8,5] !f32[8,1,0]", Out: "f32 f32", Err: "kernel"},
			{In: "f32[2,8] !f32[8,1,4]", Out: "f32 f32", Err: "rank"},
			{In: "f32[2,8,5] !f32[7,1,4]", Out: "f32 f32", Err: "channels"},
			{In: "f32[2,8,5] !f32[8,1,4] _ f32[2,8,4]", Out: "f32 f32", Err: "past_state"},
			{In: "f32[2,8,5] !f32[8,1,4]", Attrs: `activation="relu"`, Out: "f32 f32", Err: "activation"},
		},
	},
}

func inferDeformConv(c *Call) {
	v := c.convolution(0, 1, 3)
	if v == nil {
		return
	}
	groups := c.Int("offset_group", 1)
	if groups < 1 {
		c.Wantf("at least 1", "offset_group is %d", groups)
	}
	if x := c.Shape(0); x != nil {
		c.divisible("input channels (offset_group)", x[1], groups)
	}
	v.win.hangs = true
	out := v.win.outs(v.in)
	offsets := v.win.taps().MulInt(groups)
	c.mustBe(2, append(graph.Shape{v.batch, offsets.MulInt(int64(len(out)))}, out...)...)
	c.mustBe(4, append(graph.Shape{v.batch, offsets}, out...)...)
	c.SetShape(0, append(graph.Shape{v.batch, v.out}, out...))
}

func costDeformConv(c *Call) Cost {
	cost := convCostOf(c, 0, 1, 3, false) // where a tap lies is data
	x, y := c.InShape(0), c.OutShape(0)
	axes := make([]graph.Dim, len(y)-2)
	for i := range axes {
		axes[i] = graph.Int(2)
	}
	flops := interpolation(axes)
	if c.Has(4) {
		flops = flops.AddInt(1)
	}
	samples := x[:2].Elements().Mul(y[2:].Elements()).Mul(c.InShape(1)[2:].Elements())
	cost.Flop = cost.Flop.Add(samples.Mul(flops)).Add(c.InN(2).MulInt(4))
	return cost
}

// interpolation returns the flops of one interpolated element: the axes are
// interpolated one after the other, t taps of an axis with t products and t-1
// additions, once for each element that the later axes ask for.
func interpolation(taps []graph.Dim) graph.Dim {
	each, flops := graph.Int(1), graph.Dim{}
	for _, t := range taps {
		flops = flops.Add(each.Mul(t.MulInt(2).AddInt(-1)))
		each = each.Mul(t)
	}
	return flops
}

func inferCausalConv(c *Call) {
	c.Word("activation", "none", "silu", "swish")
	x, w := c.shapeOr(0, 3), c.shapeOr(1, 3)
	channels := c.Same(x[1], w[0], "channels of input and weight")
	c.Same(w[1], graph.Int(1), "channels of a group of weight")
	if k, ok := w[2].Const(); ok && k < 1 {
		c.Wantf("at least 1", "the kernel has size %d", k)
	}
	state := graph.Shape{x[0], channels, w[2].AddInt(-1)}
	c.mustBe(2, channels)
	c.mustBe(3, state...)
	c.SetShape(0, graph.Shape{x[0], channels, x[2]})
	c.SetShape(1, state)
}

func costCausalConv(c *Call) Cost {
	y, k := c.OutShape(0), c.InShape(1)[2]
	n := y.Elements()
	cost := Cost{MAC: n.Mul(k)}
	if c.ExactPadding() && !c.Has(3) {
		w := window{kernel: []graph.Dim{k}, stride: []int64{1}, dilation: []int64{1}}
		if taps, ok := w.meetings(0, y[2], y[2], k.AddInt(-1)); ok {
			cost.MAC = y[:2].Elements().Mul(taps)
		} else {
			c.Warnf("taps in the padding are counted: %s", inexact)
		}
	}
	if c.Has(2) {
		cost.Flop = n
	}
	if c.Str("activation", "none") != "none" {
		cost = cost.Add(Cost{Flop: n.MulInt(4), Exp: n})
	}
	return cost
}

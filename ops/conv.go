package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	windowAttrs = " auto_pad:string=NOTSET dilations:ints group:int=1 kernel_shape:ints pads:ints strides:ints"
	convCost    = " MACs are output elements times kernel taps times input channels of a group; taps in the padding count, " +
		"unless exact padding is asked for. "
	qConvDoc = convCost + "Subtracting a zero point is an integer operation per element of x and w, adding the bias one per output element. " + requantDoc
)

var convOps = []Op{
	{
		Name: "Conv", Since: []int{1, 11, 22},
		Doc: "Convolution of X with the kernels W." + convCost + "A bias add is a flop per output element. (ONNX Operators.md, Conv)",
		In:  "X:T, W:T, B?:T", Out: "Y:T", Types: "T: float", Attrs: windowAttrs,
		Infer: func(c *Call) { inferConv(c, 0, 1, 2) },
		Cost:  func(c *Call) Cost { return costConv(c, 0, 1, 2) },
		Cases: []Case{
			{In: "f32[1,3,5,5] !f32[4,3,3,3] !f32[4]", Out: "f32[1,4,3,3]", Cost: "mac=972 flop=36"},
			{In: "f32[1,3,8,8] !f32[8,3,3,3]", Attrs: `auto_pad="SAME_UPPER" strides=[2,2]`, Out: "f32[1,8,4,4]", Cost: "mac=3456"},
			{In: "f32[N,3,224,224] !f32[64,3,7,7]", Attrs: "strides=[2,2] pads=[3,3,3,3]", Out: "f32[N,64,112,112]", Cost: "mac=118013952*N"},
			{In: "f32[1,6,H] !f32[6,1,5]", Attrs: "group=6 dilations=[2] pads=[4,4] strides=[2]", Out: "f32[1,6,floor((H+1)/2)]", Cost: "mac=30*floor((H+1)/2)"},
			{In: "f32[2,4,L] !f32[6,2,3]", Attrs: `group=2 auto_pad="SAME_LOWER" strides=[3]`, Out: "f32[2,6,floor((L+2)/3)]", Cost: "mac=72*floor((L+2)/3)"},
			{In: "f32[1,3,5,5] !f32[4,2,3,3]", Err: "input channels"},
			{In: "f32[1,4,5] !f32[3,2,3]", Attrs: "group=2", Err: "divisible"},
			{In: "f32[1,3,5] !f32[4,3,3]", Attrs: "strides=[0]", Err: "strides"},
			{In: "f32[1,3,5] !f32[4,3,3]", Attrs: "group=0", Err: "group"},
			{In: "f32[1,3,5] !f32[4,3,3]", Attrs: "kernel_shape=[2]", Err: "kernel_shape"},
			{In: "f32[1,3,5] !f32[4,3,3]", Attrs: `auto_pad="VALID" pads=[1,1]`, Err: "auto_pad"},
			{In: "f32[1,3,2] !f32[4,3,3]", Err: "does not fit"},
			{In: "f32[1,3,5] !f32[4,3,3] !f32[3]", Err: "B has shape"},
		},
	},
	{
		Name: "ConvInteger", Since: []int{10},
		Doc: "Convolution of 8-bit integers into 32-bit sums." + convCost + "Zero points are subtracted from each element they belong to, an integer " +
			"operation each. (ONNX Operators.md, ConvInteger)",
		In: "x:T1, w:T2, x_zero_point?:Z1 quant, w_zero_point?:Z2 quant", Out: "y:T3",
		Types: "T1: int8 uint8; T2: int8 uint8; Z1: int8 uint8; Z2: int8 uint8; T3: int32", Attrs: windowAttrs,
		Infer: func(c *Call) {
			inferConv(c, 0, 1, -1)
			c.quantScalar(2)
			c.quantised(3, c.channelsOf(1))
		},
		Cost: func(c *Call) Cost {
			cost := costConv(c, 0, 1, -1)
			for i := 0; i < 2; i++ {
				if c.Has(i + 2) {
					cost.Int = cost.Int.Add(c.InN(i))
				}
			}
			return cost
		},
		Cases: []Case{
			{In: "u8[1,1,3,3] !u8[1,1,2,2] !u8={1}", Attrs: "pads=[1,1,1,1]", Out: "i32[1,1,4,4]", Cost: "mac=64 int=9"},
			{In: "u8[1,1,3,3] i8[2,1,2,2] u8 i8[2]", Out: "i32[1,2,2,2]", Cost: "mac=32 int=17"},
			{In: "u8[1,1,3,3] i8[2,1,2,2] u8 i8[3]", Err: "w_zero_point"},
		},
	},
	{
		Name: "QLinearConv", Since: []int{10},
		Doc: "Convolution of quantised tensors." + qConvDoc + " (ONNX Operators.md, QLinearConv)",
		In: "x:T1, x_scale:float32 quant, x_zero_point:T1 quant, w:T2, w_scale:float32 quant, w_zero_point:T2 quant, " +
			"y_scale:float32 quant, y_zero_point:T3 quant, B?:T4",
		Out: "y:T3", Types: "T1: int8 uint8; T2: int8 uint8; T3: int8 uint8; T4: int32", Attrs: windowAttrs,
		Infer: func(c *Call) {
			inferConv(c, 0, 3, 8)
			for _, i := range []int{1, 2, 6, 7} {
				c.quantScalar(i)
			}
			c.quantised(4, c.channelsOf(3))
			c.quantised(5, c.channelsOf(3))
		},
		Cost: func(c *Call) Cost { return c.quantisedConv(costConv(c, 0, 3, 8)) },
		Cases: []Case{
			{In: "u8[1,1,7,7] !f32 !u8 !u8[1,1,1,1] !f32[1] !u8[1] !f32 !u8", Out: "u8[1,1,7,7]", Cost: "mac=49 flop=98 cmp=98 int=99"},
			{In: "u8[N,3,8,8] !f32 !u8 !i8[4,3,3,3] !f32[4] !i8[4] !f32 !u8 !i32[4]", Attrs: "strides=[2,2] pads=[1,1,1,1]", Out: "u8[N,4,4,4]", Cost: "mac=1728*N flop=128*N cmp=128*N int=320*N+108"},
			{In: "u8[1,3,8,8] !f32 !u8 !i8[4,3,3,3] !f32[3] !i8[4] !f32 !u8", Err: "w_scale"},
		},
	},
}

// convolution is the shape of one convolution.
type convolution struct {
	batch, out, depth graph.Dim // images, output channels, input channels of a group
	in                []graph.Dim
	win               *window
}

// convolution reads the sizes of a convolution with input x, weights w and bias b.
// It is nil when neither rank is known.
func (c *Call) convolution(xi, wi, bi int) *convolution {
	return c.convolutionOf(c.ShapeOfRank(xi, 3, -1), c.ShapeOfRank(wi, 3, -1), bi)
}

// convolutionOf is convolution for an input of shape x with its channels at axis 1
// and weights of shape w.
func (c *Call) convolutionOf(x, w graph.Shape, bi int) *convolution {
	x, w = c.oneRank(x, w)
	if x == nil {
		return nil
	}
	group := c.group()
	c.Same(x[1], w[1].MulInt(group), "input channels of X and of W times group")
	c.divisible("output channels (group)", w[0], group)
	c.mustBe(bi, w[0])
	win := c.window(len(x)-2, w[2:])
	c.onePadding(win)
	return &convolution{batch: x[0], out: w[0], depth: c.Same(w[1], x[1].MustFloorDiv(group), "input channels"), in: x[2:], win: win}
}

// oneRank refuses shapes of different rank and gives one that is not known the
// rank of the other.
func (c *Call) oneRank(x, w graph.Shape) (graph.Shape, graph.Shape) {
	switch {
	case x == nil && w == nil:
	case x == nil:
		x = c.UnknownShape(len(w))
	case w == nil:
		w = c.UnknownShape(len(x))
	case len(x) != len(w):
		c.Failf("the input has %d axes, the weights %d", len(x), len(w))
	}
	return x, w
}

// group returns the attribute group, which must be positive.
func (c *Call) group() int64 {
	g := c.Int("group", 1)
	if g < 1 {
		c.Wantf("at least 1", "group is %d", g)
	}
	return g
}

// divisible refuses a size that a number of groups does not divide.
func (c *Call) divisible(what string, d graph.Dim, group int64) {
	if k, ok := d.Const(); ok && k%group != 0 {
		c.Wantf(fmt.Sprintf("divisible by %d", group), "%d %s", k, what)
	}
}

// channelsOf returns the output channels of weights.
func (c *Call) channelsOf(i int) graph.Dim {
	if s := c.Shape(i); len(s) > 0 {
		return s[0]
	}
	return c.UnknownDim()
}

// quantised refuses a scale or zero point that has neither one element nor one
// for each of n channels.
func (c *Call) quantised(i int, n graph.Dim) {
	s := c.ShapeOfRank(i, 0, 1)
	if len(s) == 1 && !s[0].Is(1) {
		c.Same(s[0], n, "size of "+c.InName(i)+" and channels")
	}
}

// onePadding refuses pads beside auto_pad.
func (c *Call) onePadding(w *window) {
	if w.pad != padExplicit && c.Attr("pads") != nil {
		c.Failf("both pads and auto_pad are given")
	}
}

func inferConv(c *Call, x, w, b int) {
	v := c.convolution(x, w, b)
	if v == nil {
		return
	}
	c.SetShape(0, append(graph.Shape{v.batch, v.out}, c.positive(v.win.outs(v.in))...))
}

// positive refuses an output without elements along an axis.
func (c *Call) positive(out []graph.Dim) []graph.Dim {
	for i, d := range out {
		if k, ok := d.Const(); ok && k < 1 {
			c.Failf("the kernel does not fit into the input: output size %d along spatial axis %d", k, i)
		}
	}
	return out
}

func costConv(c *Call, x, w, b int) Cost { return convCostOf(c, x, w, b, c.ExactPadding()) }

// convCostOf is the work of a convolution with input x, weights w and bias b;
// exact leaves out the taps in the padding.
func convCostOf(c *Call, x, w, b int, exact bool) Cost {
	v := c.convolution(x, w, b)
	if v == nil {
		c.Unresolved("the shapes of %s and %s are not known", c.InName(x), c.InName(w))
	}
	return v.cost(c, c.OutShape(0)[2:], c.Has(b), exact)
}

// cost is the work of the convolution for spatial output sizes out.
func (v *convolution) cost(c *Call, out []graph.Dim, bias, exact bool) Cost {
	positions := graph.Shape(out).Elements()
	work := v.win.taps().Mul(positions)
	if exact {
		if n, ok := v.win.exactTaps(v.in, out); ok {
			work = n
		} else {
			c.Warnf("taps in the padding are counted: %s", inexact)
		}
	}
	cost := Cost{MAC: work.Mul(v.batch).Mul(v.out).Mul(v.depth)}
	if bias {
		cost.Flop = positions.Mul(v.batch).Mul(v.out)
	}
	return cost
}

// quantisedConv is the work of a QLinearConv whose products and bias cost what is given.
func (c *Call) quantisedConv(cost Cost) Cost {
	cost.Int, cost.Flop = c.InN(0).Add(c.InN(3)).Add(cost.Flop), graph.Dim{}
	return cost.Add(requantCost(c.OutN(0)))
}

const inexact = "their number is not exact for a size that is no number"

package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

var transposedConvOps = []Op{
	{
		Name: "ConvTranspose", Since: []int{1, 11, 22},
		Doc: "Transposed convolution. MACs are input elements times kernel taps times output channels of a group: every input position meets " +
			"every tap; those that pads cut off count, unless exact padding is asked for. A bias add is a flop per output element. " +
			"(ONNX Operators.md, ConvTranspose)",
		In: "X:T, W:T, B?:T", Out: "Y:T", Types: "T: float", Attrs: windowAttrs + " output_padding:ints output_shape:ints",
		Infer: inferConvTranspose, Cost: costConvTranspose,
		Cases: []Case{
			{In: "f32[1,32,1,1] !f32[32,1,3,3]", Out: "f32[1,1,3,3]", Cost: "mac=288"},
			{In: "f32[1,64,32,32] !f32[64,64,4,4]", Attrs: "strides=[2,2] pads=[1,1,1,1]", Out: "f32[1,64,64,64]", Cost: "mac=67108864"},
			{In: "f32[1,64,32,32] !f32[64,1,4,4]", Attrs: "group=64 strides=[2,2] pads=[1,1,1,1]", Out: "f32[1,64,64,64]", Cost: "mac=1048576"},
			{In: "f32[1,64,32,32] !f32[64,32,4,4] !f32[32]", Attrs: "strides=[2,2] pads=[1,1,1,1]", Out: "f32[1,32,64,64]", Cost: "mac=33554432 flop=131072"},
			{In: "f32[1,4,H] !f32[4,2,3]", Attrs: `auto_pad="SAME_UPPER" strides=[2]`, Out: "f32[1,2,2*H]", Cost: "mac=24*H"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: `auto_pad="SAME_LOWER" strides=[4]`, Out: "f32[1,2,19]", Cost: "mac=120"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: "output_shape=[10] strides=[2]", Out: "f32[1,2,10]", Cost: "mac=120"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: "output_padding=[1] strides=[2]", Out: "f32[1,2,12]", Cost: "mac=120"},
			{In: "f32[1,4,5] !f32[3,2,3]", Err: "input channels"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: "group=3", Err: "divisible"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: "output_shape=[1,2,10]", Err: "output_shape"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: "pads=[4,4]", Err: "does not fit"},
			{In: "f32[1,4,5] !f32[4,2,3]", Attrs: "output_padding=[1]", Err: "output_padding"},
		},
	},
}

// transposed is the shape of a transposed convolution: the depth of its
// convolution are the output channels of a group.
type transposed struct {
	convolution
	channels graph.Dim   // of the input
	spatial  []graph.Dim // of the output
	begin    []graph.Dim // cut off at the start
}

// transposed reads the sizes of ConvTranspose, nil when neither rank is known.
func (c *Call) transposed() *transposed {
	x, w := c.oneRank(c.ShapeOfRank(0, 3, -1), c.ShapeOfRank(1, 3, -1))
	if x == nil {
		return nil
	}
	group := c.group()
	in := c.Same(x[1], w[0], "input channels of X and W")
	c.divisible("input channels (group)", in, group)
	c.mustBe(2, w[1].MulInt(group))
	win := c.window(len(x)-2, w[2:])
	c.onePadding(win)
	v := &transposed{channels: in, convolution: convolution{batch: x[0], out: w[1].MulInt(group), depth: w[1], in: x[2:], win: win}}
	extra := c.outputPadding(win)
	wanted := make([]graph.Dim, len(v.in))
	if c.Attr("output_shape") != nil {
		wanted = graph.Ints(c.IntsAtLeast("output_shape", len(v.in), 1, 0)...)
	}
	for i := range v.in {
		size, begin := v.axis(i, extra[i], wanted[i])
		v.spatial, v.begin = append(v.spatial, size), append(v.begin, begin)
	}
	return v
}

// outputPadding returns the attribute output_padding, each entry of which must be
// less than stride or dilation.
func (c *Call) outputPadding(w *window) []int64 {
	extra := c.IntsAtLeast("output_padding", len(w.stride), 0, 0)
	for i, e := range extra {
		if most := max(w.stride[i], w.dilation[i]); e >= most {
			c.Wantf(fmt.Sprintf("less than %d, the larger of stride and dilation", most), "output_padding has an entry %d", e)
		}
	}
	return extra
}

// axis returns the output size of an axis and what is cut off at its start. wanted
// is the size that output_shape asks for, 0 if it is not given. SAME padding gives
// input size times stride, or less where the kernel does not reach.
func (v *transposed) axis(i int, extra int64, wanted graph.Dim) (size, begin graph.Dim) {
	w, stride := v.win, v.win.stride[i]
	reach := w.span(i).AddInt(extra)
	full := v.in[i].AddInt(-1).MulInt(stride).Add(reach) // when nothing is cut off
	switch {
	case !wanted.IsZero():
		size = wanted
	case w.pad.same():
		size = v.in[i].MulInt(stride).Add(reach.Sub(graph.Int(stride)).Min(graph.Dim{}))
	default:
		begin, end := w.pads(i)
		return full.Sub(begin).Sub(end), begin
	}
	return size, w.split(full.Sub(size).Max(graph.Dim{}))
}

func inferConvTranspose(c *Call) {
	if v := c.transposed(); v != nil {
		c.SetShape(0, append(graph.Shape{v.batch, v.out}, c.positive(v.spatial)...))
	}
}

func costConvTranspose(c *Call) Cost {
	v := c.transposed()
	if v == nil {
		c.Unresolved("the shapes of X and W are not known")
	}
	work := v.win.taps().Mul(graph.Shape(v.in).Elements())
	if c.ExactPadding() {
		if n, ok := v.keptTaps(); ok {
			work = n
		} else {
			c.Warnf("taps that are cut off are counted: %s", inexact)
		}
	}
	cost := Cost{MAC: work.Mul(v.batch).Mul(v.channels).Mul(v.depth)}
	if c.Has(2) {
		cost.Flop = c.OutN(0)
	}
	return cost
}

// keptTaps counts the pairs of an input position and a tap that meet an output
// element, a product over the axes.
func (v *transposed) keptTaps() (n graph.Dim, ok bool) {
	return overAxes(len(v.in), func(i int) (graph.Dim, bool) {
		return v.win.meetings(i, v.in[i], v.spatial[i], v.begin[i])
	})
}

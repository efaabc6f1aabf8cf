package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// imageOps rearrange images and pick boxes in them.
var imageOps = []Op{
	{
		Name: "CenterCropPad", Since: []int{18},
		Doc: "Crops or pads axes to a size, around the centre. (ONNX Operators.md, CenterCropPad)",
		In:  "input_data:T, shape:Tind shape", Out: "output_data:T", Types: "T: all; Tind: int32 int64", Attrs: "axes:ints",
		Infer: inferCenterCropPad, Free: "moves elements",
		Cases: []Case{
			{In: "f32[5,6,7] i64[3]={3,8,7}", Out: "f32[3,8,7]"},
			{In: "f32[N,6,7] i64[2]={3,8}", Attrs: "axes=[1,-1]", Out: "f32[N,3,8]"},
			{In: "f32[N,6,7] i64[1]", Attrs: "axes=[1]", Out: "f32[N,?,7]"},
			{In: "f32[5,6,7] i64[2]={3,8}", Err: "shape"},
			{In: "f32[5,6,7] i64[2]={3,8}", Attrs: "axes=[0,0]", Err: "axes"},
			{In: "f32[5,6,7] i64[2]={3,8}", Attrs: "axes=[0,3]", Err: "axes"},
		},
	},
	{
		Name: "Col2Im", Since: []int{18},
		Doc: "Adds the columns of blocks into an image: an addition per input element. (ONNX Operators.md, Col2Im)",
		In:  "input:T, image_shape:int64 shape, block_shape:int64 shape", Out: "output:T", Types: "T: all", Attrs: "dilations:ints pads:ints strides:ints",
		Infer: inferCol2Im,
		Cost: func(c *Call) Cost {
			if c.DType(0).IsFloat() {
				return Cost{Flop: c.InN(0)}
			}
			return Cost{Int: c.InN(0)}
		},
		Cases: []Case{
			{In: "f32[N,5,5] i64[2]={5,5} i64[2]={1,5}", Out: "f32[N,1,5,5]", Cost: "flop=25*N"},
			{In: "i32[1,9,4] i64[2]={5,5} i64[2]={3,3}", Attrs: "strides=[2,2]", Out: "i32[1,1,5,5]", Cost: "int=36"},
			{In: "f32[1,6,L] i64[1]={7} i64[1]={3}", Out: "f32[1,2,7]", Cost: "flop=6*L"},
			{In: "f32[1,9,4] i64[2] i64[2]={3,3}", Out: "f32[1,1,?,?]"},
			{In: "f32[1,10,4] i64[2]={5,5} i64[2]={3,3}", Attrs: "strides=[2,2]", Err: "block_shape"},
			{In: "f32[1,9,5] i64[2]={5,5} i64[2]={3,3}", Attrs: "strides=[2,2]", Err: "blocks"},
			{In: "f32[1,9,4] i64[2]={5,5} i64[2]={3,0}", Err: "block_shape"},
			{In: "f32[1,9,4] i64[2]={5,5} i64[3]={3,3,1}", Err: "block_shape"},
			{In: "f32[9,4] i64[2]={5,5} i64[2]={3,3}", Err: "rank"},
		},
	},
	{
		Name: "NonMaxSuppression", Since: []int{10, 11},
		Doc: "Picks boxes by score and drops those that overlap a picked one. The number of rows is data, at most batches times classes times the " +
			"smaller of max_output_boxes_per_class (0 when omitted, and no work) and the number of boxes. Per score a comparison with the threshold, if " +
			"there is one, and one per level of a sort; per box two comparisons to order its corners and 3 flops for its area, or 7 flops for both " +
			"from its centre; per pair that is compared 6 flops and 7 comparisons for the overlap; the number of pairs is data, at most boxes times " +
			"rows. (ONNX Operators.md, NonMaxSuppression)",
		In:  "boxes:float32, scores:float32, max_output_boxes_per_class?:int64 shape, iou_threshold?:float32 shape, score_threshold?:float32 shape",
		Out: "selected_indices:int64", Attrs: "center_point_box:int=0",
		Infer: inferNonMaxSuppression, Cost: costNonMaxSuppression,
		Cases: []Case{
			{In: "f32[1,8,4] f32[1,2,8] i64={3} f32={0.5} f32", Out: "i64[`y0[0]`,3]", Cost: "flop=6*node.pairs+24 cmp=7*node.pairs+80"},
			{In: "f32[1,8,4] f32[1,2,8] i64={3}", Attrs: "center_point_box=1", Out: "i64[`y0[0]`,3]", Cost: "flop=6*node.pairs+56 cmp=7*node.pairs+48"},
			{In: "f32[1,8,4] f32[1,2,8] i64={0}", Out: "i64[0,3]", Cost: "flop=0"},
			{In: "f32[1,8,4] f32[1,2,8]", Out: "i64[0,3]"},
			{In: "f32[1,8,3] f32[1,2,8]", Err: "boxes"},
			{In: "f32[1,8,4] f32[1,2,7]", Err: "scores"},
			{In: "f32[1,8,4] f32[1,2,8] i64={3} f32={1.5}", Err: "iou_threshold"},
			{In: "f32[1,8,4] f32[1,2,8]", Attrs: "center_point_box=2", Err: "center_point_box"},
		},
	},
}

func inferCenterCropPad(c *Call) {
	x := c.Shape(0)
	if x == nil {
		return
	}
	axes := c.allAxes(len(x))
	c.vectorOf(1, len(axes))
	size, ok := c.Dims(1)
	out := append(graph.Shape{}, x...)
	for i, a := range axes {
		if !ok || len(size) != len(axes) {
			out[a] = c.UnknownDim()
			continue
		}
		out[a] = size[i].Max(graph.Dim{}) // a negative size crops to nothing
	}
	c.SetShape(0, out)
}

// allAxes returns the attribute axes, all of them when it is not given.
func (c *Call) allAxes(rank int) []int {
	if given := c.Ints("axes"); given != nil {
		return c.NormAxes("axes", given, rank)
	}
	all := make([]int, rank)
	for i := range all {
		all[i] = i
	}
	return all
}

func inferCol2Im(c *Call) {
	x := c.shapeOr(0, 3)
	n, ok := c.spatialAxes()
	if !ok {
		return
	}
	image, block := c.sizes(1, n, 0), c.sizes(2, n, 1)
	w := &window{kernel: block, stride: c.IntsAtLeast("strides", n, 1, 1), dilation: c.IntsAtLeast("dilations", n, 1, 1)}
	pads := c.IntsAtLeast("pads", 2*n, 0, 0)
	w.begin, w.end = pads[:n], pads[n:]
	blocks := graph.Shape(c.positive(w.outs(image))).Elements()
	c.Same(x[2], blocks, "number of blocks in input and in the image")
	if k, isConst := w.taps().Const(); isConst {
		c.divisible("rows of input (elements of block_shape)", x[1], k)
	}
	channels, _ := x[1].FloorDiv(w.taps())
	c.SetShape(0, append(graph.Shape{x[0], channels}, image...))
}

// spatialAxes returns the number of axes of the image, as the length of
// image_shape or block_shape or an attribute tells.
func (c *Call) spatialAxes() (n int, ok bool) {
	for i := 1; i <= 2; i++ {
		if s := c.ShapeOfRank(i, 1, 1); s != nil {
			if k, isConst := s[0].Const(); isConst && k >= 1 && k <= graph.MaxRank {
				return int(k), true
			}
		}
	}
	for _, name := range []string{"strides", "dilations"} {
		if a := c.Ints(name); len(a) > 0 {
			return len(a), true
		}
	}
	return 0, false
}

// sizes returns the n elements of input i as sizes of at least least.
func (c *Call) sizes(i, n int, least int64) []graph.Dim {
	c.vectorOf(i, n)
	ds, ok := c.Dims(i)
	if !ok || len(ds) != n {
		return c.UnknownShape(n)
	}
	for _, d := range ds {
		if k, isConst := d.Const(); isConst && k < least {
			c.Wantf(fmt.Sprintf("at least %d", least), "%s has an entry %d", c.InName(i), k)
		}
	}
	return ds
}

func inferNonMaxSuppression(c *Call) {
	boxes, scores := c.shapeOr(0, 3), c.shapeOr(1, 3)
	c.Same(boxes[2], graph.Int(4), "last axis of boxes")
	c.mustBe(1, boxes[0], scores[1], boxes[1])
	if k := c.Int("center_point_box", 0); k != 0 && k != 1 {
		c.Wantf("0 or 1", "center_point_box is %d", k)
	}
	if e, ok := c.Scalar(3); ok {
		if f, isFloat := e.Float(); isFloat && !(f >= 0 && f <= 1) {
			c.Wantf("0 to 1", "iou_threshold is %v", f)
		}
	}
	most := c.mostPicked(boxes[1]).Mul(c.Same(boxes[0], scores[0], "batches")).Mul(scores[1])
	rows := graph.Dim{}
	switch {
	case most.HasUnknown():
		rows = c.DataDim(0, 0, 0, nil)
	case !most.IsZero():
		rows = c.DataDim(0, 0, 0, &most)
	}
	c.SetShape(0, graph.Shape{rows, graph.Int(3)})
}

// mostPicked bounds the boxes picked for a class, given the number of boxes.
func (c *Call) mostPicked(boxes graph.Dim) graph.Dim {
	if !c.Has(2) {
		return graph.Dim{}
	}
	if es := c.Elems(2); len(es) > 0 {
		if d, ok := es[0].Dim(); ok {
			return d.Max(graph.Dim{}).Min(boxes)
		}
	}
	return boxes
}

func costNonMaxSuppression(c *Call) Cost {
	boxes, scores := c.InShape(0), c.InShape(1)
	n := scores.Elements()
	most := n.Mul(c.mostPicked(boxes[1]))
	if most.IsZero() {
		return Cost{}
	}
	perBox, perScore := work{flop: 3, cmp: 2}, c.log2(boxes[1])
	if c.Int("center_point_box", 0) == 1 {
		perBox = work{flop: 7}
	}
	if c.Has(4) {
		perScore = perScore.AddInt(1)
	}
	pairs := c.DataSym("pairs", 0, &most)
	cost := perBox.times(boxes[:2].Elements(), graph.Float32).Add(work{flop: 6, cmp: 7}.times(pairs, graph.Float32))
	return cost.Add(Cost{Cmp: n.Mul(perScore)})
}

// log2 returns the logarithm of a size to base 2, rounded up; of a size that is
// no number a symbol within its bounds.
func (c *Call) log2(d graph.Dim) graph.Dim {
	k, ok := d.Const()
	if !ok {
		most := graph.Int(63)
		return c.DataSym("log2", 0, &most)
	}
	n := int64(0)
	for k > 1 {
		k, n = k/2+k%2, n+1
	}
	return graph.Int(n)
}

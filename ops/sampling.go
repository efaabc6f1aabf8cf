package ops

import "github.com/onnxmeter/onnxmeter/graph"

// samplingOps read an image at places that other tensors name.
var samplingOps = []Op{
	{
		Name: "MaxUnpool", Since: []int{9, 11, 22},
		Doc: "Puts elements back to where MaxPool found them, zeros elsewhere. The size is stride*(in-1) + kernel - pads, or output_shape. " +
			"(ONNX Operators.md, MaxUnpool)",
		In: "X:T1, I:I, output_shape?:int64 shape", Out: "output:T1", Types: "T1: float; I: " + anyNumber, Attrs: "kernel_shape:ints! pads:ints strides:ints",
		Infer: inferMaxUnpool, Free: "moves elements",
		Cases: []Case{
			{In: "f32[1,1,H,2] i64[1,1,H,2]", Attrs: "kernel_shape=[2,2] strides=[2,2]", Out: "f32[1,1,2*H,4]"},
			{In: "f32[1,1,2,2] i64[1,1,2,2] i64[4]={1,1,5,5}", Attrs: "kernel_shape=[2,2] strides=[2,2]", Out: "f32[1,1,5,5]"},
			{In: "f32[1,1,2,2] i64[1,1,2,2] i64[4]={1,1,3,3}", Attrs: "kernel_shape=[2,2] strides=[2,2]", Err: "output_shape"},
			{In: "f32[1,1,2,2] i64[1,1,2,2] i64[3]={1,5,5}", Attrs: "kernel_shape=[2,2]", Err: "output_shape"},
			{In: "f32[1,1,2,2] i64[1,1,2,3]", Attrs: "kernel_shape=[2,2]", Err: "I has shape"},
		},
	},
	{
		Name: "MaxRoiPool", Since: []int{1, 22},
		Doc: "Maximum over each cell of a grid laid over each region. A maximum over k elements is k-1 comparisons; k depends on the regions, at most the " +
			"whole image. Where the cells of a region lie, which all channels share, is not counted. (ONNX Operators.md, MaxRoiPool)",
		In: "X:T, rois:R", Out: "Y:T", Types: "T: float; R: " + anyNumber, Attrs: "pooled_shape:ints! spatial_scale:float=1.0",
		Infer: inferMaxRoiPool, Cost: costMaxRoiPool,
		Cases: []Case{
			{In: "f32[1,3,8,8] f32[R,5]", Attrs: "pooled_shape=[2,3]", Out: "f32[R,3,2,3]", Cost: "cmp=-18*R+18*R*node.cell"},
			{In: "f32[1,3,8,8] f32[R,4]", Attrs: "pooled_shape=[2,3]", Err: "rois"},
			{In: "f32[1,3,8,8] f32[R,5]", Attrs: "pooled_shape=[2,0]", Err: "pooled_shape"},
		},
	},
	{
		Name: "RoiAlign", Since: []int{10},
		Doc: roiAlignDoc + "(ONNX Operators.md, RoiAlign-10)", In: "X:T1, rois:T1, batch_indices:int64", Out: "Y:T1", Types: "T1: float", Attrs: roiAlignAttrs,
		Infer: inferRoiAlign, Cost: costRoiAlign,
		Cases: []Case{{In: "f32[1,3,8,8] f32[R,4] i64[R]", Attrs: "output_height=2 output_width=3 sampling_ratio=2", Out: "f32[R,3,2,3]", Cost: "flop=576*R"}},
	},
	{
		Name: "RoiAlign", Since: []int{16, 22},
		Doc: roiAlignDoc + "(ONNX Operators.md, RoiAlign)", In: "X:T1, rois:T1, batch_indices:int64", Out: "Y:T1", Types: "T1: float",
		Attrs: roiAlignAttrs + " coordinate_transformation_mode:string=half_pixel",
		Infer: inferRoiAlign, Cost: costRoiAlign,
		Cases: []Case{
			{In: "f32[1,3,8,8] f32[4,4] i64[4]", Attrs: `output_height=2 output_width=3 sampling_ratio=2 mode="max"`, Out: "f32[4,3,2,3]", Cost: "flop=2016 cmp=216"},
			{In: "f32[1,3,8,8] f32[4,4] i64[4]", Out: "f32[4,3,1,1]", Cost: "flop=96*node.samples"},
			{In: "f32[1,3,8,8] f32[4,4] i64[3]", Err: "batch_indices"},
			{In: "f32[1,3,8,8] f32[4,5] i64[4]", Err: "rois"},
			{In: "f32[1,3,8,8] f32[4,4] i64[4]", Attrs: "output_height=-1", Err: "output_height"},
			{In: "f32[1,3,8,8] f32[4,4] i64[4]", Attrs: "sampling_ratio=-1", Err: "sampling_ratio"},
		},
	},
	{
		Name: "GridSample", Since: []int{16},
		Doc: gridSampleDoc + "(ONNX Operators.md, GridSample-16)", In: "X:T1, grid:T2", Out: "Y:T1", Types: "T1: all; T2: " + anyNumber,
		Attrs: "align_corners:int=0 mode:string=bilinear padding_mode:string=zeros",
		Infer: func(c *Call) { inferGridSample(c, "bilinear", "nearest", "bicubic") },
		Cost: func(c *Call) Cost {
			return costGridSample(c, map[string]int64{"bilinear": 2, "bicubic": 4}[c.Str("mode", "bilinear")])
		},
		Cases: []Case{
			{In: "f32[N,3,4,5] f32[N,6,7,2]", Out: "f32[N,3,6,7]", Cost: "flop=1722*N"},
			{In: "f32[1,3,4,5] f32[1,6,7,2]", Attrs: `mode="nearest" align_corners=1`, Out: "f32[1,3,6,7]", Cost: "flop=336"},
			{In: "f32[1,3,4,5] f32[1,6,7,2]", Attrs: `mode="linear"`, Err: "mode"},
			{In: "f32[2,3,4,5] f32[1,6,7,2]", Err: "grid"},
			{In: "f32[1,3,4,5] f32[1,6,7,3]", Err: "grid"},
		},
	},
	{
		Name: "GridSample", Since: []int{20, 22},
		Doc: gridSampleDoc + "(ONNX Operators.md, GridSample)", In: "X:T1, grid:T2", Out: "Y:T1", Types: "T1: all; T2: " + anyNumber,
		Attrs: "align_corners:int=0 mode:string=linear padding_mode:string=zeros",
		Infer: func(c *Call) { inferGridSample(c, "linear", "nearest", "cubic") },
		Cost: func(c *Call) Cost {
			return costGridSample(c, map[string]int64{"linear": 2, "cubic": 4}[c.Str("mode", "linear")])
		},
		Cases: []Case{
			{In: "f32[2,3,4,5,6] f32[2,6,7,8,3]", Out: "f32[2,3,6,7,8]", Cost: "flop=56448"},
			{In: "f32[1,1,4,5] f32[1,6,7,2]", Attrs: `mode="cubic"`, Out: "f32[1,1,6,7]", Cost: "flop=4074"},
			{In: "f32[*] f32[1,6,7,2]", Out: "f32[1,?,6,7]"},
			{In: "f32[1,3,4,5] f32[1,6,7,2]", Attrs: `padding_mode="foo"`, Err: "padding_mode"},
		},
	},
	{
		Name: "AffineGrid", Since: []int{20},
		Doc: "Positions of an evenly spaced grid of d axes under an affine map: d products and d additions per coordinate. (ONNX Operators.md, AffineGrid)",
		In:  "theta:T1, size:int64 shape", Out: "grid:T1", Types: "T1: float", Attrs: "align_corners:int=0",
		Infer: inferAffineGrid,
		Cost:  func(c *Call) Cost { return Cost{Flop: c.OutN(0).MulInt(2 * int64(len(c.OutShape(0))-2))} },
		Cases: []Case{
			{In: "f32[2,2,3] i64[4]={2,3,4,5}", Out: "f32[2,4,5,2]", Cost: "flop=320"},
			{In: "f32[N,3,4] i64[5]", Out: "f32[N,?,?,?,3]"},
			{In: "f32[2,2,3] i64[5]={2,3,4,5,6}", Err: "theta"},
			{In: "f32[2,2,3] i64[3]={2,3,4}", Err: "size"},
			{In: "f32[2,2,3] i64[4]={1,3,4,5}", Err: "theta"},
		},
	},
}

const (
	roiAlignDoc = "Average or maximum over points in each cell of a grid laid over each region; sampling_ratio gives their number along an axis, 0 makes it " +
		"depend on the regions. A point is 4 products and 3 additions; an average over k points is k flops, a maximum k-1 comparisons. Where the points " +
		"of a region lie and their weights, which all channels share, is not counted. "
	roiAlignAttrs = "mode:string=avg output_height:int=1 output_width:int=1 sampling_ratio:int=0 spatial_scale:float=1.0"
	gridSampleDoc = "Reads X at the positions of a grid. Each coordinate is 4 flops (3 with align_corners) to map from [-1, 1], and 3 for its linear weights " +
		"(floor, fraction and the rest to 1), 27 for its cubic ones or 1 to round it to the nearest. Interpolation over the axes one after the other is " +
		"2t-1 flops for t = 2 (linear) or 4 (cubic) taps; nearest is none. Padding is index work that is not counted. "
)

// anyNumber is the types of an input that ONNX's own shape inference does not
// check: what the schema does not allow is accepted with a warning.
const anyNumber = "float int uint"

// schemaType warns about an input i whose type the schema does not allow.
func (c *Call) schemaType(i int, allowed func(graph.DType) bool) {
	if d := c.DType(i); d != graph.Undefined && !allowed(d) {
		c.Warnf("%s has type %s, which no runtime takes", c.InName(i), d)
	}
}

func isInt64(d graph.DType) bool { return d == graph.Int64 }

// DataSym returns a count of the work of the node that depends on data: a symbol
// named after the node, within [lo, hi]; a nil hi means no bound.
func (c *Call) DataSym(what string, lo int64, hi *graph.Dim) graph.Dim {
	return graph.SymBetween(graph.JoinPath(c.inst.Path, c.Node.Label())+"."+what, lo, hi)
}

func inferMaxUnpool(c *Call) {
	c.schemaType(1, isInt64)
	x := c.ShapeOfRank(0, 3, -1)
	k := c.Ints("kernel_shape")
	if x == nil {
		x = c.UnknownShape(len(k) + 2)
	}
	w := c.window(len(x)-2, nil)
	if s := c.Shape(1); s != nil {
		c.mustBe(1, x...)
	}
	out := append(graph.Shape{}, x...)
	for i := range w.kernel {
		begin, end := w.pads(i)
		out[i+2] = x[i+2].AddInt(-1).MulInt(w.stride[i]).Add(w.kernel[i]).Sub(begin).Sub(end)
	}
	c.positive(out[2:])
	if c.Has(2) {
		out = c.unpooled(out)
	}
	c.SetShape(0, out)
}

// unpooled returns the size that output_shape asks for; it must have no fewer
// elements than the least one.
func (c *Call) unpooled(least graph.Shape) graph.Shape {
	c.vectorOf(2, len(least))
	want, ok := c.Dims(2)
	if !ok || len(want) != len(least) {
		want = c.UnknownShape(len(least))
	}
	for i := range want {
		if i < 2 {
			want[i] = c.Same(want[i], least[i], "output_shape and the shape of X")
		}
	}
	spare := graph.Shape(want).Elements().Sub(least.Elements())
	if k := spare.BigConst(); k != nil && k.Sign() < 0 {
		c.Wantf("no fewer elements than "+least.String(), "output_shape is %s", graph.Shape(want))
	}
	return want
}

func inferMaxRoiPool(c *Call) {
	c.schemaType(1, graph.DType.IsFloat)
	x, rois := c.shapeOr(0, 4), c.shapeOr(1, 2)
	c.mustBe(1, rois[0], graph.Int(5))
	size := c.IntsAtLeast("pooled_shape", 2, 1, 1)
	c.SetShape(0, graph.Shape{rois[0], x[1], graph.Int(size[0]), graph.Int(size[1])})
}

func costMaxRoiPool(c *Call) Cost {
	image := c.InShape(0)[2:].Elements()
	cell := c.DataSym("cell", 1, &image)
	return Cost{Cmp: cell.AddInt(-1).Mul(c.OutN(0))}
}

func inferRoiAlign(c *Call) {
	x, rois := c.shapeOr(0, 4), c.shapeOr(1, 2)
	c.mustBe(1, rois[0], graph.Int(4))
	c.mustBe(2, rois[0])
	c.Word("mode", "avg", "max")
	size := graph.Shape{}
	for _, name := range []string{"output_height", "output_width"} {
		n := c.Int(name, 1)
		if n < 0 {
			c.Wantf("at least 0", "%s is %d", name, n)
		}
		size = append(size, graph.Int(n))
	}
	if r := c.Int("sampling_ratio", 0); r < 0 {
		c.Wantf("at least 0", "sampling_ratio is %d", r)
	}
	regions := rois[0]
	if b := c.Shape(2); b != nil {
		regions = c.Same(regions, b[0], "regions")
	}
	c.SetShape(0, append(graph.Shape{regions, x[1]}, size...))
}

func costRoiAlign(c *Call) Cost {
	r := graph.Int(c.Int("sampling_ratio", 0))
	points := r.Mul(r)
	if r.IsZero() {
		points = c.DataSym("samples", 0, nil)
	}
	n := c.OutN(0)
	if c.Str("mode", "avg") == "max" {
		return Cost{Flop: points.MulInt(7).Mul(n), Cmp: points.AddInt(-1).Mul(n)}
	}
	return Cost{Flop: points.MulInt(8).Mul(n)}
}

func inferGridSample(c *Call, modes ...string) {
	c.schemaType(1, graph.DType.IsFloat)
	c.Word("mode", modes...)
	c.Word("padding_mode", "zeros", "border", "reflection")
	x, grid := c.ShapeOfRank(0, 3, -1), c.ShapeOfRank(1, 3, -1)
	x, grid = c.oneRank(x, grid)
	if x == nil {
		return
	}
	axes := len(x) - 2
	want := append(append(graph.Shape{x[0]}, grid[1:axes+1]...), graph.Int(int64(axes)))
	c.mustBe(1, want...)
	batch := c.Same(x[0], grid[0], "batch of X and grid")
	c.SetShape(0, append(graph.Shape{batch, x[1]}, grid[1:axes+1]...))
}

// costGridSample is the cost with a number of taps along an axis, 0 for none.
func costGridSample(c *Call, taps int64) Cost {
	per := map[int64]int64{0: 1, 2: 3, 4: 27}[taps] + 4
	if c.Int("align_corners", 0) != 0 {
		per--
	}
	cost := Cost{Flop: c.InN(1).MulInt(per)}
	if taps == 0 {
		return cost
	}
	y := c.OutShape(0)
	axes := make([]graph.Dim, len(y)-2)
	for i := range axes {
		axes[i] = graph.Int(taps)
	}
	cost.Flop = cost.Flop.Add(interpolation(axes).Mul(y.Elements()))
	return cost
}

func inferAffineGrid(c *Call) {
	theta := c.ShapeOfRank(0, 3, 3)
	axes := c.gridAxes(theta)
	if axes == 0 {
		return
	}
	size, ok := c.Dims(1)
	if !ok || len(size) != axes+2 {
		size = c.UnknownShape(axes + 2)
	}
	for _, d := range size {
		if k, isConst := d.Const(); isConst && k < 0 {
			c.Wantf("at least 0", "size has an entry %d", k)
		}
	}
	batch := size[0]
	c.mustBe(0, batch, graph.Int(int64(axes)), graph.Int(int64(axes)+1))
	if theta != nil {
		batch = c.Same(batch, theta[0], "batch of theta and size")
	}
	c.SetShape(0, append(append(graph.Shape{batch}, size[2:]...), graph.Int(int64(axes))))
}

// gridAxes returns 2 or 3, as theta or the length of size tell; 0 if neither does.
func (c *Call) gridAxes(theta graph.Shape) int {
	if s := c.ShapeOfRank(1, 1, 1); s != nil {
		if k, ok := s[0].Const(); ok {
			if k != 4 && k != 5 {
				c.Wantf("4 or 5", "size has %d elements", k)
			}
			return int(k) - 2
		}
	}
	if theta != nil {
		if k, ok := theta[1].Const(); ok && (k == 2 || k == 3) {
			return int(k)
		}
	}
	return 0
}

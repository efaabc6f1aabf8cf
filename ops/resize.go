package ops

import (
	"fmt"
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	resizeDoc = "Resamples a tensor. An axis that keeps its size costs nothing. Nearest picks an element: no arithmetic. Linear and cubic interpolate the " +
		"resized axes one after the other with t = 2 or 4 taps (2t-1 flops each), (t^d-1)/(t-1) interpolations an output element for d axes; " +
		"antialiasing widens the taps of an axis that shrinks by its scale. "
	resizeAttrs = "coordinate_transformation_mode:string=half_pixel cubic_coeff_a:float=-0.75 exclude_outside:int=0 extrapolation_value:float=0.0 " +
		"mode:string=nearest nearest_mode:string=round_prefer_floor"
	resizeIn = "X:T1, roi?:T2 shape, scales?:float32 shape, sizes?:int64 shape"
)

var resizeOps = []Op{
	{
		Name: "Upsample", Since: []int{1},
		Doc: resizeDoc + "Sizes are input sizes times scale, rounded down. (ONNX Operators.md, Upsample-1)",
		In:  "X:T", Out: "Y:T", Types: "T: bool int32 int64 float16 float32 float64", Attrs: "height_scale:float! mode:string=nearest width_scale:float!",
		Infer: func(c *Call) {
			c.ShapeOfRank(0, 4, 4)
			c.setResized(1, c.upsampleScales)
		},
		Cost: costResize,
		Cases: []Case{
			{In: "f32[1,1,H,2]", Attrs: "height_scale=2 width_scale=3", Out: "f32[1,1,2*H,6]", Cost: "flop=0"},
			{In: "f32[1,1,2,2]", Attrs: "height_scale=2 width_scale=0.5", Err: "width_scale"},
		},
	},
	{
		Name: "Upsample", Since: []int{7},
		Doc: resizeDoc + "Sizes are input sizes times scale, rounded down. (ONNX Operators.md, Upsample-7)",
		In:  "X:T", Out: "Y:T", Types: "T: all", Attrs: "mode:string=nearest scales:floats!",
		Infer: func(c *Call) { c.setResized(1, c.attrScales) }, Cost: costResize,
		Cases: []Case{
			{In: "f32[1,1,2,2]", Attrs: `scales=[1,1,2,3] mode="linear"`, Out: "f32[1,1,4,6]", Cost: "flop=216"},
			{In: "f32[1,1,2,2]", Attrs: "scales=[1,1,2]", Err: "scales"},
		},
	},
	{
		Name: "Upsample", Since: []int{9, 10}, Deprecated: 10,
		Doc: resizeDoc + "Sizes are input sizes times scale, rounded down. (ONNX Operators.md, Upsample-9)",
		In:  "X:T, scales:float32 shape", Out: "Y:T", Types: "T: all", Attrs: "mode:string=nearest",
		Infer: func(c *Call) { c.setResized(1, func(n int) []Elem { return c.scales(1, n) }) }, Cost: costResize,
		Cases: []Case{
			{In: "f32[N,1,H,W] f32[4]={1,1,2,2}", Out: "f32[N,1,2*H,2*W]", Cost: "flop=0"},
			{In: "f32[1,1,2,2] f32[4]={1,1,0.5,2}", Err: "scales"},
		},
	},
	{
		Name: "Resize", Since: []int{10},
		Doc: resizeDoc + "Sizes are input sizes times scale, rounded down. (ONNX Operators.md, Resize-10)",
		In:  "X:T, scales:float32 shape", Out: "Y:T", Types: "T: all", Attrs: "mode:string=nearest",
		Infer: func(c *Call) { c.setResized(0, func(n int) []Elem { return c.scales(1, n) }) }, Cost: costResize,
		Cases: []Case{
			{In: "f32[1,2,5,7] f32[4]={1,1,0.1,2}", Out: "f32[1,2,0,14]", Cost: "flop=0"},
			{In: "f32[1,2,H,7] f32[4]={1,1,1.5,2}", Attrs: `mode="linear"`, Out: "f32[1,2,H+floor(H/2),14]", Cost: "flop=252*H+252*floor(H/2)"},
			{In: "f32[1,2,5,7] f32[3]={1,1,2}", Err: "scales"},
			{In: "f32[1,2,5,7] f32[4]={1,1,0,2}", Err: "scales"},
		},
	},
	{
		Name: "Resize", Since: []int{11},
		Doc: resizeDoc + "Sizes are given, or input sizes times scale, rounded down. (ONNX Operators.md, Resize-11)",
		In:  "X:T1, roi:T2 shape, scales:float32 shape, sizes?:int64 shape", Out: "Y:T1", Types: "T1: all; T2: float16 float32 float64", Attrs: resizeAttrs,
		Infer: inferResize, Cost: costResize,
		Cases: []Case{
			{In: "f32[1,2,5,7] f32[0] f32[4]={1,1,1.5,0.3}", Out: "f32[1,2,7,2]", Cost: "flop=0"},
			{In: "f32[1,2,5,7] f32[0] !f32[0] i64[4]={1,2,3,4}", Attrs: `mode="cubic"`, Out: "f32[1,2,3,4]", Cost: "flop=840"},
		},
	},
	{
		Name: "Resize", Since: []int{13},
		Doc: resizeDoc + "Sizes are given, or input sizes times scale, rounded down. (ONNX Operators.md, Resize-13)",
		In:  resizeIn, Out: "Y:T1", Types: "T1: all; T2: float16 float32 float64", Attrs: resizeAttrs,
		Infer: inferResize, Cost: costResize,
		Cases: []Case{
			{In: "f32[1,2,H,W] _ f32[4]={1,1,2,2}", Out: "f32[1,2,2*H,2*W]", Cost: "flop=0"},
			{In: "f32[1,2,5,7] _ _ i64[4]={1,2,3,4}", Attrs: `mode="linear"`, Out: "f32[1,2,3,4]", Cost: "flop=216"},
			{In: "f32[1,2,5,7] _ f32[4]", Out: "f32[?,?,?,?]"},
			{In: "f32[1,2,5,7] _ f32[4]={1,1,2,2} i64[4]={1,2,3,4}", Err: "sizes"},
			{In: "f32[1,2,5,7]", Err: "sizes"},
			{In: "f32[1,2,5,7] _ _ i64[3]={1,2,3}", Err: "sizes"},
			{In: "f32[1,2,5,7] _ _ i64[4]={1,2,3,0}", Err: "sizes"},
			{In: "f32[1,2,5,7] _ f32[4]={1,1,2,2}", Attrs: `mode="foo"`, Err: "mode"},
		},
	},
	{
		Name: "Resize", Since: []int{18, 19},
		Doc: resizeDoc + "Sizes are given, or input sizes times scale, rounded down. A policy that keeps the aspect ratio takes the smallest or largest of the " +
			"scales that sizes asks for and rounds. (ONNX Operators.md, Resize)",
		In: resizeIn, Out: "Y:T1", Types: "T1: all; T2: float16 float32 float64",
		Attrs: resizeAttrs + " antialias:int=0 axes:ints keep_aspect_ratio_policy:string=stretch",
		Infer: inferResize, Cost: costResize,
		Cases: []Case{
			{In: "f32[1,2,5,7] _ f32[2]={2,3}", Attrs: "axes=[-1,2]", Out: "f32[1,2,15,14]", Cost: "flop=0"},
			{In: "f32[1,2,5,7] _ _ i64[2]={8,8}", Attrs: `axes=[2,3] keep_aspect_ratio_policy="not_larger"`, Out: "f32[1,2,6,8]", Cost: "flop=0"},
			{In: "f32[1,2,5,7] _ _ i64[2]={8,8}", Attrs: `axes=[2,3] keep_aspect_ratio_policy="not_smaller"`, Out: "f32[1,2,8,11]", Cost: "flop=0"},
			{In: "f32[1,2,H,7] _ _ i64[2]={8,8}", Attrs: `axes=[2,3] keep_aspect_ratio_policy="not_smaller"`, Out: "f32[1,2,?,?]"},
			{In: "f32[1,1,8,8] _ _ i64[2]={4,8}", Attrs: `axes=[2,3] mode="linear" antialias=1`, Out: "f32[1,1,4,8]", Cost: "flop=224"},
			{In: "f32[6,1,6] _ _ i64[3]={10,0,8}", Attrs: `keep_aspect_ratio_policy="not_smaller"`, Out: "f32[10,2,10]"},
			{In: "f32[6,1,6] _ _ i64[3]={10,0,8}", Attrs: `keep_aspect_ratio_policy="not_larger"`, Err: "sizes"},
			{In: "f32[1,2,5,7] _ f32[2]={2,3}", Attrs: "axes=[3,3]", Err: "axes"},
			{In: "f32[1,2,5,7] _ f32[2]={2,3}", Attrs: `axes=[2,3] keep_aspect_ratio_policy="not_smaller"`, Err: "keep_aspect_ratio_policy"},
		},
	},
}

// setResized sets the output to the input times scales for each axis, which must
// be at least least, or greater than 0 if least is 0.
func (c *Call) setResized(least float64, scales func(rank int) []Elem) {
	c.resizeMode()
	x := c.Shape(0)
	if x == nil {
		return
	}
	out := make(graph.Shape, len(x))
	es := scales(len(x))
	for i := range x {
		out[i] = c.scaled(x[i], es[i], least)
	}
	c.SetShape(0, out)
}

// resizeMode returns the attribute mode; "bilinear" is an old name of linear.
func (c *Call) resizeMode() string {
	switch {
	case c.Op.Since[0] >= 11:
		return c.Word("mode", "nearest", "linear", "cubic")
	case c.Word("mode", "nearest", "linear", "bilinear") == "nearest":
		return "nearest"
	}
	return "linear"
}

func (c *Call) upsampleScales(int) []Elem {
	one, h, w := FloatElem(1), c.Float("height_scale", 0), c.Float("width_scale", 0)
	if w < 1 || h < 1 || w != w || h != h {
		c.Wantf("at least 1", "width_scale is %v, height_scale is %v", w, h)
	}
	return []Elem{one, one, FloatElem(float64(h)), FloatElem(float64(w))}
}

func (c *Call) attrScales(rank int) []Elem {
	a := c.Attr("scales")
	if len(a.Floats) != rank {
		c.Wantf(fmt.Sprint(rank), "scales has %d entries", len(a.Floats))
	}
	out := make([]Elem, rank)
	for i, f := range a.Floats {
		out[i] = FloatElem(float64(f))
	}
	return out
}

// scales returns the n elements of the scales in input i, not known where they
// are not followed.
func (c *Call) scales(i, n int) []Elem {
	c.vectorOf(i, n)
	if es := c.Elems(i); len(es) == n {
		return es
	}
	return make([]Elem, n)
}

// vectorOf refuses an input that is not a vector of n elements.
func (c *Call) vectorOf(i, n int) {
	if s := c.ShapeOfRank(i, 1, 1); s != nil {
		if k, ok := s[0].Const(); ok && k != int64(n) {
			c.Wantf(fmt.Sprint(n), "%s has %d elements", c.InName(i), k)
		}
	}
}

// scaled returns floor(d * scale).
func (c *Call) scaled(d graph.Dim, scale Elem, least float64) graph.Dim {
	f, isFloat := scale.Float()
	if isFloat && (f < least || f <= 0 || math.IsNaN(f) || math.IsInf(f, 0)) {
		c.Wantf(fmt.Sprintf("greater than 0, at least %v", least), "scales has an entry %v", f)
	}
	if k, ok := d.Const(); ok && isFloat {
		v, fits := floatToInt(math.Floor(product(k, f)))
		if !fits {
			c.Failf("size %d times scale %v overflows 64 bits", k, f)
		}
		return graph.Int(v)
	}
	if num, den, ok := scale.Ratio(); ok && !d.HasUnknown() {
		return d.Mul(num).MustFloorDiv(den)
	}
	return c.UnknownDim()
}

// exactFloat32 is the largest integer up to which float32 holds every one.
const exactFloat32 = 1 << 24

// product returns k*f, rounded to float32 as ONNX Runtime computes sizes. Where
// float32 no longer holds every integer, the product of ONNX's own shape
// inference is taken, which is that of float64.
func product(k int64, f float64) float64 {
	wide := float64(k) * f
	if math.Abs(wide) > exactFloat32 || k > exactFloat32 {
		return wide
	}
	return float64(float32(float32(k) * float32(f)))
}

// given reports whether input i is given and not an empty tensor, which stands
// for an omitted one; sure is false when its size is not known.
func (c *Call) given(i int) (yes, sure bool) {
	if !c.Has(i) {
		return false, true
	}
	s := c.Shape(i)
	if s == nil {
		return true, false
	}
	k, ok := s.Elements().Const()
	return !ok || k != 0, ok
}

func inferResize(c *Call) {
	c.resizeMode()
	c.Word("coordinate_transformation_mode", "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
		"tf_half_pixel_for_nn", "tf_crop_and_resize")
	c.Word("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
	policy := c.Word("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller")
	byScales, sureScales := c.given(2)
	bySizes, sureSizes := c.given(3)
	sure := sureScales && sureSizes
	switch {
	case !sure || byScales != bySizes:
	case !bySizes:
		c.Failf("neither scales nor sizes is given")
	case c.Opset >= 13:
		c.Failf("both scales and sizes are given")
	default: // ONNX's own shape inference takes the sizes
		c.Warnf("both scales and sizes are given: the sizes are used")
		byScales = false
	}
	if sureScales && byScales && policy != "stretch" {
		c.Failf("keep_aspect_ratio_policy %q needs sizes", policy)
	}
	x := c.Shape(0)
	if x == nil {
		return
	}
	axes := c.resizedAxes(len(x))
	out := append(graph.Shape{}, x...)
	switch {
	case byScales && !bySizes:
		es := c.scales(2, len(axes))
		for i, a := range axes {
			out[a] = c.scaled(x[a], es[i], 0)
		}
	case bySizes && !byScales:
		c.setSizes(out, x, axes, policy)
	default:
		for _, a := range axes {
			out[a] = c.UnknownDim()
		}
	}
	c.SetShape(0, out)
}

// resizedAxes returns the axes that scales and sizes speak of.
func (c *Call) resizedAxes(rank int) []int {
	if given := c.Ints("axes"); len(given) > 0 {
		return c.NormAxes("axes", given, rank)
	}
	all := make([]int, rank)
	for i := range all {
		all[i] = i
	}
	return all
}

func (c *Call) setSizes(out, x graph.Shape, axes []int, policy string) {
	c.vectorOf(3, len(axes))
	sizes, ok := c.Dims(3)
	if !ok || len(sizes) != len(axes) {
		sizes = c.UnknownShape(len(axes))
	}
	for _, d := range sizes {
		if k, isConst := d.Const(); isConst && (k < 0 || k == 0 && policy == "stretch") {
			c.Wantf("at least 1", "sizes has an entry %d", k)
		}
	}
	if policy != "stretch" {
		sizes = c.keepRatio(x, axes, sizes, policy == "not_larger")
	}
	for i, a := range axes {
		out[a] = sizes[i]
	}
}

// keepRatio scales all axes alike, by the smallest or the largest of the scales
// that the sizes ask for, and rounds half away from zero. Sizes that are not
// numbers give unknown ones.
func (c *Call) keepRatio(x graph.Shape, axes []int, sizes []graph.Dim, smallest bool) []graph.Dim {
	var scale float64
	for i, a := range axes {
		in, ok := x[a].Const()
		want, isConst := sizes[i].Const()
		if !ok || !isConst || in == 0 {
			return c.UnknownShape(len(axes))
		}
		if s := float64(want) / float64(in); i == 0 || s < scale == smallest {
			scale = s
		}
	}
	if len(axes) > 0 && scale <= 0 {
		c.Failf("sizes %s scale the input by %v", graph.Shape(sizes), scale)
	}
	out := make([]graph.Dim, len(axes))
	for i, a := range axes {
		in, _ := x[a].Const()
		v, fits := floatToInt(math.Round(product(in, scale)))
		if !fits {
			c.Failf("size %d times scale %v overflows 64 bits", in, scale)
		}
		out[i] = graph.Int(v)
	}
	return out
}

func costResize(c *Call) Cost {
	mode := c.resizeMode()
	if mode == "nearest" {
		return Cost{}
	}
	taps := int64(2)
	if mode == "cubic" {
		taps = 4
	}
	x, y := c.InShape(0), c.OutShape(0)
	if len(x) != len(y) {
		c.Unresolved("the rank of the output is not known")
	}
	var resized []graph.Dim
	for i := range x {
		if x[i].Equal(y[i]) {
			continue
		}
		t := graph.Int(taps)
		if c.Int("antialias", 0) != 0 {
			t = t.Mul(x[i]).CeilDiv(y[i]).Max(t)
		}
		resized = append(resized, t)
	}
	return Cost{Flop: interpolation(resized).Mul(y.Elements())}
}

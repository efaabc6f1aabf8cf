package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	groupNormDoc = "Normalises each group of channels of each image with its own mean and variance: per element 1 flop each for mean, deviation, square, " +
		"variance, division, scale and bias, and 2 per group for the square root. "
	layerNormDoc = "Normalises over the axes from axis on. Per element 1 flop each for mean, deviation, square, variance, product with the inverse deviation, " +
		"scale, and bias if there is one; per row 3 for epsilon, square root and reciprocal. "
)

var normOps = []Op{
	{
		Name: "InstanceNormalization", Since: []int{1},
		Doc: groupNormDoc + "A group is one channel. (ONNX Operators.md, InstanceNormalization-1)",
		In:  "input:T, scale:T, B:T", Out: "output:T", Types: "T: float", Attrs: "consumed_inputs:ints epsilon:float=1e-5",
		Infer: inferInstanceNorm, Cost: costInstanceNorm,
		Cases: []Case{{In: "f32[2,3,4] !f32[3] !f32[3]", Attrs: "consumed_inputs=[0]", Out: "f32[2,3,4]", Cost: "flop=180"}},
	},
	{
		Name: "InstanceNormalization", Since: []int{6, 22},
		Doc: groupNormDoc + "A group is one channel. (ONNX Operators.md, InstanceNormalization)",
		In:  "input:T, scale:T, B:T", Out: "output:T", Types: "T: float", Attrs: "epsilon:float=1e-5",
		Infer: inferInstanceNorm, Cost: costInstanceNorm,
		Cases: []Case{
			{In: "f32[N,3,4] !f32[3] !f32[3]", Out: "f32[N,3,4]", Cost: "flop=90*N"},
			{In: "f32[2,3,4] !f32[2] !f32[3]", Err: "scale"},
			{In: "f32[2,3] !f32[3] !f32[3]", Err: "rank"},
		},
	},
	{
		Name: "GroupNormalization", Since: []int{18}, Deprecated: 18,
		Doc: groupNormDoc + "scale and bias have an element for each group. (ONNX Operators.md, GroupNormalization-18)",
		In:  "X:T, scale:T, bias:T", Out: "Y:T", Types: "T: float", Attrs: "epsilon:float=1e-5 num_groups:int!",
		Infer: inferGroupNorm, Cost: costGroupNorm,
		Cases: []Case{{In: "f32[2,4,5] !f32[2] !f32[2]", Attrs: "num_groups=2", Out: "f32[2,4,5]", Cost: "flop=288"}},
	},
	{
		Name: "GroupNormalization", Since: []int{21},
		Doc: groupNormDoc + "scale and bias have an element for each channel. (ONNX Operators.md, GroupNormalization)",
		In:  "X:T, scale:T, bias:T", Out: "Y:T", Types: "T: float", Attrs: "epsilon:float=1e-5 num_groups:int! stash_type:int=1",
		Infer: inferGroupNorm, Cost: costGroupNorm,
		Cases: []Case{
			{In: "f32[N,4,5] !f32[4] !f32[4]", Attrs: "num_groups=2", Out: "f32[N,4,5]", Cost: "flop=144*N"},
			{In: "f32[2,4,5] !f32[4] !f32[4]", Attrs: "num_groups=3", Err: "divisible"},
			{In: "f32[2,4,5] !f32[2] !f32[2]", Attrs: "num_groups=2", Err: "scale"},
		},
	},
	{
		Name: "LayerNormalization", Since: []int{17},
		Doc: layerNormDoc + "(the function body in ONNX Operators.md, LayerNormalization)",
		In:  "X:T, Scale:T, B?:T", Out: "Y:T, Mean?:U, InvStdDev?:U", Types: "T: float; U: float", Attrs: "axis:int=-1 epsilon:float=1e-5 stash_type:int=1 *",
		Infer: inferLayerNorm, Cost: costLayerNorm,
		Cases: []Case{
			{In: "f32[N,S,768] !f32[768] !f32[768]", Out: "f32[N,S,768] f32[N,S,1] f32[N,S,1]", Cost: "flop=5379*N*S"},
			{In: "f16[2,3,4] !f16[3,4]", Attrs: "axis=1 unknown=1", Out: "f16[2,3,4] f32[2,1,1]", Cost: "flop=150"},
			{In: "f32[2,3,4] !f32[5]", Err: "Scale"},
			{In: "f32[2,3,4] !f32[4]", Attrs: "axis=3", Err: "axis"},
			{In: "f32[2,3,4] !f32[4]", Attrs: "stash_type=-9223372036854775808", Err: "stash_type"},
		},
	},
	{
		Name: "SimplifiedLayerNormalization", Since: []int{1},
		Doc: "ONNX Runtime's operator of this name: RMSNormalization, which see, with the reciprocal root as a second output. " +
			"(onnxruntime OperatorKernels.md, SimplifiedLayerNormalization)",
		In: "X:T, scale:V", Out: "Y:V, inv_std_var?:U", Types: "T: float; V: float; U: float", Attrs: "axis:int=-1 epsilon:float=1e-5 stash_type:int=1 *",
		Infer: func(c *Call) { inferRMSNorm(c); c.rowStatistic(1) },
		Cost:  costRMSNorm,
		Cases: []Case{{In: "f16[N,S,64] !f16[64]", Out: "f16[N,S,64] f32[N,S,1]", Cost: "flop=259*N*S"}},
	},
	{
		Name: "RMSNormalization", Since: []int{23},
		Doc: "Divides by the root mean square over the axes from axis on. Per element 1 flop each for square, mean, product with the reciprocal root and " +
			"scale; per row 3 for epsilon, square root and reciprocal. (the function body in ONNX Operators.md, RMSNormalization)",
		In: "X:T, scale:V", Out: "Y:V", Types: "T: float; V: float", Attrs: "axis:int=-1 epsilon:float=1e-5 stash_type:int=1",
		Infer: inferRMSNorm,
		Cost:  costRMSNorm,
		Cases: []Case{
			{In: "f32[N,S,64] !f32[64]", Out: "f32[N,S,64]", Cost: "flop=259*N*S"},
			{In: "f32[2,64] !f32[64]", Attrs: "axis=-3", Err: "axis"},
		},
	},
	{
		Name: "LRN", Since: []int{1, 13},
		Doc: "Divides by a power of the sum of squares of size neighbouring channels. Per element 1 flop for the square, size-1 for the sum, 3 for scale, " +
			"bias and division, and 1 call of pow. Neighbours beyond the first and last channel count, as padding does. (ONNX Operators.md, LRN)",
		In: "X:T", Out: "Y:T", Types: "T: float", Attrs: "alpha:float=1e-4 beta:float=0.75 bias:float=1.0 size:int!",
		Infer: func(c *Call) {
			if k := c.Int("size", 1); k < 1 {
				c.Wantf("at least 1", "size is %d", k)
			}
			c.ShapeOfRank(0, 2, -1)
			c.SameShape(0, 0)
		},
		Cost: func(c *Call) Cost {
			return Cost{Flop: graph.Int(c.Int("size", 1)).AddInt(3).Mul(c.InN(0)), Exp: c.InN(0)}
		},
		Cases: []Case{
			{In: "f32[N,5,4,4]", Attrs: "size=5", Out: "f32[N,5,4,4]", Cost: "flop=640*N exp=80*N"},
			{In: "f32[1,5,4,4]", Attrs: "size=0", Err: "size"},
		},
	},
	{
		Name: "LpNormalization", Since: []int{1, 22},
		Doc: "Divides by the p-norm along an axis: " + normDoc + "A division per element. (ONNX Operators.md, LpNormalization)",
		In:  "input:T", Out: "output:T", Types: "T: float", Attrs: "axis:int=-1 p:int=2",
		Infer: inferLpNormalization,
		Cost: func(c *Call) Cost {
			s := c.InShape(0)
			k := s[c.Axis("axis", -1, len(s))]
			if k.IsZero() {
				return Cost{}
			}
			n := c.InN(0)
			rows, _ := n.FloorDiv(k)
			return normCost(float64(c.Int("p", 2)), k).Times(rows).Add(Cost{Flop: n})
		},
		Cases: []Case{
			{In: "f32[N,4]", Out: "f32[N,4]", Cost: "flop=12*N"},
			{In: "f32[3,4]", Attrs: "p=1 axis=0", Out: "f32[3,4]", Cost: "flop=32"},
			{In: "f32[3,4]", Attrs: "p=3", Err: "p is 3"},
			{In: "f32[3,4]", Attrs: "axis=2", Err: "axis"},
		},
	},
	{
		Name: "MeanVarianceNormalization", Since: []int{9, 13},
		Doc: "Subtracts the mean over axes and divides by the deviation. Per element 1 flop each for mean, square, mean of squares, deviation and division; " +
			"per mean 4 for its square, the variance, the root and epsilon. (the function body in ONNX Operators.md, MeanVarianceNormalization)",
		In: "X:T", Out: "Y:T", Types: "T: float", Attrs: "axes:ints=[0,2,3]",
		Infer: inferMeanVariance,
		Cost:  func(c *Call) Cost { return Cost{Flop: c.InN(0).MulInt(5).Add(keptElements(c).MulInt(4))} },
		Cases: []Case{
			{In: "f32[N,3,4,4]", Out: "f32[N,3,4,4]", Cost: "flop=240*N+12"},
			{In: "f32[2,3]", Attrs: "axes=[1]", Out: "f32[2,3]", Cost: "flop=38"},
			{In: "f32[2,3]", Out: "f32[2,3]", Cost: "flop=42"},
		},
	},
}

func inferInstanceNorm(c *Call) {
	c.ShapeOfRank(0, 3, -1)
	c.SameShape(0, 0)
	per := c.channelShape()
	c.mustBe(1, per...)
	c.mustBe(2, per...)
}

func costInstanceNorm(c *Call) Cost {
	return Cost{Flop: c.InN(0).MulInt(7).Add(c.InShape(0)[:2].Elements().MulInt(2))}
}

func inferGroupNorm(c *Call) {
	c.ShapeOfRank(0, 2, -1)
	c.SameShape(0, 0)
	groups := c.Int("num_groups", 0)
	if groups < 1 {
		c.Wantf("at least 1", "num_groups is %d", groups)
	}
	per := c.channelShape()
	c.divisible("channels (num_groups)", per[0], groups)
	if c.Op.Since[0] < 21 {
		per = graph.Ints(groups)
	}
	c.mustBe(1, per...)
	c.mustBe(2, per...)
}

func costGroupNorm(c *Call) Cost {
	return Cost{Flop: c.InN(0).MulInt(7).Add(c.InShape(0)[0].MulInt(c.Int("num_groups", 0)).MulInt(2))}
}

func inferLayerNorm(c *Call) {
	inferRMSNorm(c)
	if x := c.Shape(0); x != nil {
		c.BroadcastsTo(2, x)
	}
	c.rowStatistic(1)
	c.rowStatistic(2)
}

func costLayerNorm(c *Call) Cost {
	per := int64(6)
	if c.Has(2) {
		per = 7
	}
	return Cost{Flop: c.InN(0).MulInt(per).Add(rows(c).MulInt(3))}
}

// rowStatistic sets output o, one element for each row, of the type that
// stash_type names.
func (c *Call) rowStatistic(o int) {
	c.SetDType(o, c.floatType("stash_type"))
	x := c.Shape(0)
	if x == nil {
		return
	}
	stats := append(graph.Shape{}, x...)
	for i := c.Axis("axis", -1, len(x)); i < len(stats); i++ {
		stats[i] = graph.Int(1)
	}
	c.SetShape(o, stats)
}

// floatType reads an attribute that names a type to compute in; the default is
// float32.
func (c *Call) floatType(name string) graph.DType {
	k := c.Int(name, int64(graph.Float32))
	for _, d := range []graph.DType{graph.Float32, graph.Float16, graph.Float64, graph.BFloat16} {
		if k == int64(d) {
			return d
		}
	}
	c.Wantf("a floating-point type", "%s is %d", name, k)
	return graph.Undefined
}

// BroadcastsTo refuses an input i, if it is given, that does not broadcast to a
// shape (unidirectional broadcasting).
func (c *Call) BroadcastsTo(i int, to graph.Shape) {
	s := c.Shape(i)
	if len(s) > len(to) {
		c.Wantf("broadcastable to "+to.String(), "%s has shape %s", c.InName(i), s)
	}
	for j := range s {
		if !s[j].Is(1) {
			c.Same(s[j], to[len(to)-len(s)+j], "size of "+c.InName(i))
		}
	}
}

func inferRMSNorm(c *Call) {
	c.SameShape(0, 0)
	if x := c.Shape(0); x != nil {
		c.Axis("axis", -1, len(x))
		c.BroadcastsTo(1, x)
	}
}

func costRMSNorm(c *Call) Cost {
	return Cost{Flop: c.InN(0).MulInt(4).Add(rows(c).MulInt(3))}
}

// rows returns the elements before the attribute axis: the number of rows that
// are normalised.
func rows(c *Call) graph.Dim {
	x := c.InShape(0)
	return x[:c.Axis("axis", -1, len(x))].Elements()
}

func inferLpNormalization(c *Call) {
	if p := c.Int("p", 2); p != 1 && p != 2 {
		c.Wantf("1 or 2", "p is %d", p)
	}
	if x := c.Shape(0); x != nil {
		c.Axis("axis", -1, len(x))
	}
	c.SameShape(0, 0)
}

func inferMeanVariance(c *Call) {
	c.SameShape(0, 0)
	x := c.Shape(0)
	for _, a := range c.meanAxes() {
		if r := int64(len(x)); x != nil && (a < -r || a >= r) {
			c.Warnf("axis %d is none of an input of rank %d: it is passed over, as ONNX Runtime does", a, r)
		}
	}
}

// meanAxes are the axes of MeanVarianceNormalization that means are taken over.
func (c *Call) meanAxes() []int64 {
	if axes := c.Ints("axes"); axes != nil {
		return axes
	}
	return []int64{0, 2, 3}
}

// keptElements returns the number of means.
func keptElements(c *Call) graph.Dim {
	x := append(graph.Shape{}, c.InShape(0)...)
	r := int64(len(x))
	for _, a := range c.meanAxes() {
		if a >= -r && a < r {
			x[(a+r)%r] = graph.Int(1)
		}
	}
	return x.Elements()
}

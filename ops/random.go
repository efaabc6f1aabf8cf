package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	randomDoc     = " Drawing the number itself is not counted: ONNX does not say how."
	randomLike    = "T1: all; T2: float"
	bernoulliSeed = "dtype:int seed:float"
)

var randomOps = []Op{
	{
		Name: "Bernoulli", Since: []int{15, 22},
		Doc: "1 with the probability that the input gives, else 0: one comparison per element." + randomDoc + " (ONNX Operators.md, Bernoulli)",
		In:  "input:T1", Out: "output:T2", Types: "T1: float; T2: number bool", Attrs: bernoulliSeed,
		Infer: inferLike, Cost: each(work{cmp: 1}), Random: true,
		Cases: []Case{
			{In: "f32[N,3]", Out: "f32[N,3]", Cost: "cmp=3*N"},
			{In: "f32[N]", Attrs: "dtype=9", Out: "bool[N]"},
			{In: "f32[N]", Attrs: "dtype=8", Err: "dtype is 8"},
		},
	},
	{
		Name: "Multinomial", Since: []int{7, 22},
		Doc: "Draws sample_size classes for each row of logarithms of probabilities: an exponential per class, c - 1 additions per row of c classes for " +
			"the running sum, and per sample a product with the last sum and a comparison per level of a search, log2(c) rounded up." + randomDoc + " (ONNX Operators.md, Multinomial)",
		In: "input:T1", Out: "output:T2", Types: "T1: float; T2: int32 int64", Attrs: "dtype:int=6 sample_size:int=1 seed:float",
		Infer: inferMultinomial, Cost: costMultinomial, Random: true,
		Cases: []Case{
			{In: "f32[N,5]", Attrs: "sample_size=7", Out: "i32[N,7]", Cost: "exp=5*N flop=11*N cmp=21*N"},
			{In: "f32[N,5]", Attrs: "dtype=7", Out: "i64[N,1]"},
			{In: "f32[N,5]", Attrs: "dtype=1", Err: "dtype is 1"},
			{In: "f32[N]", Err: "rank"},
			{In: "f32[N,5]", Attrs: "sample_size=0", Err: "sample_size"},
		},
	},
	{
		Name: "RandomNormal", Since: []int{1, 22},
		Doc: "Normally distributed numbers, mean + scale*z: two flops per element." + randomDoc + " (ONNX Operators.md, RandomNormal)",
		Out: "output:T", Types: floatsT, Attrs: "dtype:int=1 mean:float=0.0 scale:float=1.0 seed:float shape:ints!",
		Infer: inferRandom, Cost: each(work{flop: 2}), Random: true,
		Cases: []Case{
			{Attrs: "shape=[2,3]", Out: "f32[2,3]", Cost: "flop=12"},
			{Attrs: "shape=[2,-3]", Err: "shape"},
			{Attrs: "shape=[2] dtype=7", Err: "dtype is 7"},
		},
	},
	{
		Name: "RandomNormalLike", Since: []int{1, 22},
		Doc: "Normally distributed numbers in the shape of the input, mean + scale*z: two flops per element." + randomDoc + " (ONNX Operators.md, RandomNormalLike)",
		In:  "input:T1", Out: "output:T2", Types: randomLike, Attrs: "dtype:int mean:float=0.0 scale:float=1.0 seed:float",
		Infer: inferLike, Cost: each(work{flop: 2}), Moves: writesOnly, Random: true,
		Cases: []Case{{In: "i64[N,3]", Attrs: "dtype=10", Out: "f16[N,3]", Cost: "flop=6*N"}, {In: "i64[N]", Err: "dtype"}},
	},
	{
		Name: "RandomUniform", Since: []int{1, 22},
		Doc: "Uniformly distributed numbers, low + (high - low)*u: two flops per element." + randomDoc + " (ONNX Operators.md, RandomUniform)",
		Out: "output:T", Types: floatsT, Attrs: "dtype:int=1 high:float=1.0 low:float=0.0 seed:float shape:ints!",
		Infer: inferRandom, Cost: each(work{flop: 2}), Random: true,
		Cases: []Case{{Attrs: "shape=[2,3] dtype=11", Out: "f64[2,3]", Cost: "flop=12"}, {Err: "missing"}},
	},
	{
		Name: "RandomUniformLike", Since: []int{1, 22},
		Doc: "Uniformly distributed numbers in the shape of the input, low + (high - low)*u: two flops per element." + randomDoc + " (ONNX Operators.md, RandomUniformLike)",
		In:  "input:T1", Out: "output:T2", Types: randomLike, Attrs: "dtype:int high:float=1.0 low:float=0.0 seed:float",
		Infer: inferLike, Cost: each(work{flop: 2}), Moves: writesOnly, Random: true,
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=6*N"}},
	},
}

// typeAttr returns the element type that an int attribute names, def if it is not
// given; it must be one that the output may have.
func (c *Call) typeAttr(name string, def graph.DType) graph.DType {
	k := c.Int(name, int64(def))
	if c.Attr(name) == nil && def == graph.Undefined {
		return def
	}
	s := c.Op.Signature()
	d := graph.DType(k)
	if k <= 0 || k > 1<<16 || !d.Valid() || !s.Types[s.Out[0].Type].Has(d) {
		c.Wantf("an element type of the output in this opset", "%s is %d", name, k)
	}
	return d
}

// inferLike gives the output the input's shape, and its type unless dtype is given.
func inferLike(c *Call) {
	c.SetDType(0, c.typeAttr("dtype", c.DType(0)))
	keepShape(c)
}

func inferRandom(c *Call) {
	c.SetDType(0, c.typeAttr("dtype", graph.Float32))
	s := graph.Shape{}
	for _, k := range c.Ints("shape") {
		if k < 0 {
			c.Wantf("dims of 0 or more", "shape holds %d", k)
		}
		s = append(s, graph.Int(k))
	}
	c.SetShape(0, s)
}

func inferMultinomial(c *Call) {
	c.SetDType(0, c.typeAttr("dtype", graph.Int32))
	n := c.Int("sample_size", 1)
	if n < 1 {
		c.Wantf("1 or more", "sample_size is %d", n)
	}
	batch := c.UnknownDim()
	if s := c.ShapeOfRank(0, 2, 2); s != nil {
		if batch = s[0]; s[1].IsZero() {
			c.Wantf("a class or more", "%s has shape %s", c.InName(0), s)
		}
	}
	c.SetShape(0, graph.Shape{batch, graph.Int(n)})
}

func costMultinomial(c *Call) Cost {
	s := c.InShape(0)
	n := c.OutN(0)
	return Cost{Exp: s.Elements(), Flop: s[0].Mul(lessOne(s[1])).Add(n), Cmp: n.Mul(c.log2(s[1]))}
}

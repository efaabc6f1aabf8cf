package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	trainingDomain = "ai.onnx.preview.training"
	optimizerTypes = "T1: float32 float64; T2: int64; T3: float32 float64"
	optimizerIn    = "R:T1 shape, T:T2 shape, inputs...:T3 each"
)

var trainingOps = []Op{
	{
		Domain: trainingDomain, Name: "Adagrad", Since: []int{1},
		Doc: "One step of Adagrad for each tensor: g = norm*X + G, H += g*g, X -= r*g/(sqrt(H) + epsilon), nine flops per element. (ONNX Operators.md, ai.onnx.preview.training.Adagrad)",
		In:  optimizerIn, Out: "outputs...:T3 each", Types: optimizerTypes, Attrs: "decay_factor:float=0 epsilon:float=1e-06 norm_coefficient:float=0",
		Infer: optimizer(3, 0, 2), Cost: optimizerCost(3, 9),
		Cases: []Case{{In: "f32 i64 f32[2,3] f32[2,3] f32[2,3]", Out: "f32[2,3] f32[2,3]", Cost: "flop=54"},
			{In: "f32 i64 f32[2] f32[2]", Err: "groups of 3"}},
	},
	{
		Domain: trainingDomain, Name: "Adam", Since: []int{1},
		Doc: "One step of Adam for each tensor: g = norm*X + G, V = alpha*V + (1-alpha)*g, H = beta*H + (1-beta)*g*g, X -= R*V/(sqrt(H) + epsilon), X *= 1 - norm_post, " +
			"15 flops per element. (ONNX Operators.md, ai.onnx.preview.training.Adam)",
		In: optimizerIn, Out: "outputs...:T3 each", Types: optimizerTypes,
		Attrs: "alpha:float=0.9 beta:float=0.999 epsilon:float=1e-06 norm_coefficient:float=0 norm_coefficient_post:float=0",
		Infer: optimizer(4, 0, 2, 3), Cost: optimizerCost(4, 15),
		Cases: []Case{{In: "f32 i64 f32[4] f32[4] f32[4] f32[4]", Out: "f32[4] f32[4] f32[4]", Cost: "flop=60"}},
	},
	{
		Domain: trainingDomain, Name: "Gradient", Since: []int{1},
		Doc: "Derivatives of y by each of xs, with the shapes of xs. The work is that of the differentiated graph, which this operator does not hold: never counted. " +
			"(ONNX Operators.md, ai.onnx.preview.training.Gradient)",
		In: "Inputs...:T1 each", Out: "Outputs...:T2 each", Types: "T1: all; T2: float16 float32 float64", Attrs: "xs:strings! y:string! zs:strings",
		Infer: inferGradient, Cost: func(c *Call) Cost {
			c.Unresolved("the work of a gradient is that of the graph it differentiates")
			return Cost{}
		},
		Cases: []Case{{In: "f32[2] f32[3]", Attrs: "xs=[\"a\",\"b\"] y=\"c\"", Out: "f32[2] f32[3]", Cost: "unresolved"}},
	},
	{
		Domain: trainingDomain, Name: "Momentum", Since: []int{1},
		Doc: "One step of stochastic gradient descent with momentum for each tensor: g = norm*X + G, V = alpha*V + beta*g, X -= R*V, seven flops per element; nesterov " +
			"adds g + alpha*V, two more. (ONNX Operators.md, ai.onnx.preview.training.Momentum)",
		In: optimizerIn, Out: "outputs...:T3 each", Types: optimizerTypes, Attrs: "alpha:float! beta:float! mode:string! norm_coefficient:float!",
		Infer: optimizer(3, 0, 2), Cost: costMomentum,
		Cases: []Case{
			{In: "f32 i64 f32[4] f32[4] f32[4]", Attrs: "alpha=0.9 beta=1 mode=\"standard\" norm_coefficient=0", Out: "f32[4] f32[4]", Cost: "flop=28"},
			{In: "f32 i64 f32[4] f32[4] f32[4]", Attrs: "alpha=0.9 beta=1 mode=\"nesterov\" norm_coefficient=0", Out: "f32[4] f32[4]", Cost: "flop=36"},
		},
	},
}

// tensors returns how many tensors an optimiser steps: its inputs after R and T come
// in groups, all X, then all G, then all states.
func (c *Call) tensors(groups int) int {
	n := len(c.In) - 2
	if n < 0 || n%groups != 0 {
		c.Failf("%d tensors do not come in groups of %d", max(n, 0), groups)
	}
	return n / groups
}

// optimizer makes a shape rule: the outputs are the new values of some groups.
func optimizer(groups int, results ...int) func(*Call) {
	return func(c *Call) {
		n := c.tensors(groups)
		for r, g := range results {
			for i := range n {
				in := 2 + g*n + i
				c.SetShape(r*n+i, c.Shape(in))
				c.SetDType(r*n+i, c.DType(in))
			}
		}
	}
}

// optimizerCost makes a cost rule of the flops for each element of X.
func optimizerCost(groups int, flops int64) func(*Call) Cost {
	return func(c *Call) Cost {
		sum := graph.Dim{}
		for i := range c.tensors(groups) {
			sum = sum.Add(c.InN(2 + i))
		}
		return Cost{Flop: sum.MulInt(flops)}
	}
}

func costMomentum(c *Call) Cost {
	if c.Str("mode", "standard") == "nesterov" {
		return optimizerCost(3, 9)(c)
	}
	return optimizerCost(3, 7)(c)
}

func inferGradient(c *Call) {
	a := c.Attr("xs")
	if a == nil || len(c.Out) > len(a.Strs) || len(a.Strs) > len(c.In) {
		c.Failf("xs names other inputs than there are outputs")
	}
	for i := range c.Out {
		c.SetShape(i, c.Shape(i))
		c.SetDType(i, c.DType(i))
	}
}

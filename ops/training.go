package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	trainingDomain = "ai.onnx.preview.training"
	optimizerIn    = "R:T1, T:int64, inputs...:T3 each"
	optimizerOut   = "outputs...:T3 each"
	optimizerTypes = "T1: float32 float64; T3: float32 float64"
)

// trainingOps update tensors: the inputs after R and T are the tensors, their
// gradients, and one or two states of each; the outputs are the tensors and states.
var trainingOps = []Op{
	{
		Domain: trainingDomain, Name: "Adagrad", Since: []int{1},
		Doc: "Per element nine flops: two to regularise the gradient, two for its accumulated square, two for the root, three for the step; three once for the rate. (ONNX Operators.md, ai.onnx.preview.training.Adagrad)",
		In:  optimizerIn, Out: optimizerOut, Types: optimizerTypes, Attrs: "decay_factor:float=0.0 epsilon:float=1e-6 norm_coefficient:float=0.0", Infer: func(c *Call) { c.optimizer(2) },
		Cost: func(c *Call) Cost { return Cost{Flop: c.updated(2).MulInt(9).AddInt(3)} },
		Cases: []Case{
			{In: "f32 i64 f32[N,2] f32[3] f32[N,2] f32[3] f32[N,2] f32[3]", Out: "f32[N,2] f32[3] f32[N,2] f32[3]", Cost: "flop=18*N+30"}, {In: "f32 i64 f32[2] f32[2]", Out: "f32", Err: "3 for each"},
		},
	},
	{
		Domain: trainingDomain, Name: "Adam", Since: []int{1},
		Doc: "Per element fifteen flops: two to regularise the gradient, three and four for its moments, two for the root, three for the step, one for the norm after it; two powers, five flops and a comparison once for the rate. " +
			"(ONNX Operators.md, ai.onnx.preview.training.Adam)",
		In: optimizerIn, Out: optimizerOut, Types: optimizerTypes, Attrs: "alpha:float=0.9 beta:float=0.999 epsilon:float=1e-6 norm_coefficient:float=0.0 norm_coefficient_post:float=0.0", Infer: func(c *Call) { c.optimizer(3) },
		Cost: func(c *Call) Cost {
			return Cost{Flop: c.updated(3).MulInt(15).AddInt(5), Cmp: graph.Int(1), Exp: graph.Int(2)}
		},
		Cases: []Case{{In: "f32 i64 f32[N,2] f32[N,2] f32[N,2] f32[N,2]", Out: "f32[N,2] f32[N,2] f32[N,2]", Cost: "flop=30*N+5 cmp=1 exp=2"}},
	},
	{
		Domain: trainingDomain, Name: "Momentum", Since: []int{1},
		Doc: "Per element seven flops: two to regularise the gradient, three for the momentum, two for the step, nine with Nesterov's; a comparison once for the first step. (ONNX Operators.md, ai.onnx.preview.training.Momentum)",
		In:  optimizerIn, Out: optimizerOut, Types: optimizerTypes, Attrs: "alpha:float! beta:float! mode:string! norm_coefficient:float!",
		Infer: func(c *Call) { c.Word("mode", "standard", "nesterov"); c.optimizer(2) }, Cost: costMomentum,
		Cases: []Case{
			{In: "f32 i64 f32[N,2] f32[N,2] f32[N,2]", Attrs: "alpha=0.9 beta=1 mode=nesterov norm_coefficient=0", Out: "f32[N,2] f32[N,2]", Cost: "flop=18*N cmp=1"},
			{In: "f32 i64 f32[N,2] f32[N,2] f32[N,2]", Attrs: "alpha=0.9 beta=1 mode=standard norm_coefficient=0", Out: "f32[N,2] f32[N,2]", Cost: "flop=14*N cmp=1"},
			{In: "f32 i64 f32[2] f32[2] f32[2]", Attrs: "alpha=0.9 beta=1 mode=other norm_coefficient=0", Out: "f32", Err: "mode"},
		},
	},
	{
		Domain: trainingDomain, Name: "Gradient", Since: []int{1},
		Doc: "Derivatives of a value of the graph by others, each of the shape of its input. The work is that of the way between them, which is not counted: the total stays incomplete. (ONNX Operators.md, ai.onnx.preview.training.Gradient)",
		In:  "Inputs...:T1 each", Out: "Outputs...:T2 each", Types: "T1: all; T2: float16 float32 float64", Attrs: "xs:strings! y:string! zs:strings",
		Infer: inferGradient, Cost: func(c *Call) Cost { c.Unresolved("the work of a gradient is not counted"); return Cost{} }, Body: true,
	},
}

// updated returns the elements of all tensors that an optimizer with states - 1
// states for each tensor updates, after the gradient.
func (c *Call) updated(groups int) graph.Dim {
	var n graph.Dim
	for i := range c.updates(groups) {
		n = n.Add(c.InN(2 + i))
	}
	return n
}

// updates returns the number of tensors of an optimizer whose outputs are groups of
// them: there is one more group of inputs, the gradients.
func (c *Call) updates(groups int) int {
	n := len(c.In) - 2
	if n < groups+1 || n%(groups+1) != 0 {
		c.Failf("%d inputs after R and T, not %d for each tensor", n, groups+1)
	}
	return n / (groups + 1)
}

// optimizer sets the outputs: the tensors, then the states after the gradients.
func (c *Call) optimizer(groups int) {
	n := c.updates(groups)
	for o := range c.Out {
		if o >= n*groups {
			c.Wantf("one for each tensor and state", "%d outputs", len(c.Out))
		}
		in := 2 + o
		if o >= n {
			in += n
		}
		c.SameShape(o, in)
		c.SetDType(o, c.DType(in))
	}
	for i := range n {
		for g := 1; g <= groups; g++ {
			c.sameShape(2+i, 2+i+g*n)
		}
	}
}

func costMomentum(c *Call) Cost {
	each := int64(7)
	if c.Str("mode", "") == "nesterov" {
		each = 9
	}
	return Cost{Flop: c.updated(2).MulInt(each), Cmp: graph.Int(1)}
}

func inferGradient(c *Call) {
	a := c.Attr("xs")
	for o := range c.Out {
		if o >= len(a.Strs) {
			c.Wantf("one for each of xs", "%d outputs", len(c.Out))
		}
		c.SameShape(o, o)
		c.SetDType(o, c.DType(o))
	}
}

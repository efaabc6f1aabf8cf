package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	batchNormDoc = "Normalises each channel with running statistics: (X - mean) / sqrt(var + epsilon) * scale + B is 4 flops per element, " +
		"and 2 per channel for the square root. In training mode the statistics come from the batch: 7 flops per element, as in instance " +
		"normalisation, and 2 per channel for the root and 6 for the running statistics. "
	batchNormIn = "X:T, scale:T, B:T, mean:T stat, var:T stat"
)

var batchNormOps = []Op{
	{
		Name: "BatchNormalization", Since: []int{1},
		Doc: batchNormDoc + "(ONNX Operators.md, BatchNormalization-1)",
		In:  batchNormIn, Out: "Y:T, mean?:T, var?:T, saved_mean?:T, saved_var?:T", Types: "T: float",
		Attrs: "consumed_inputs:ints! epsilon:float=1e-5 is_test:int=0 momentum:float=0.9 spatial:int=1",
		Infer: inferBatchNorm, Cost: costBatchNorm,
		Cases: []Case{{In: "f32[2,3,4] !f32[3] !f32[3] !f32[3] !f32[3]", Attrs: "consumed_inputs=[0,0,0,1,1] is_test=1", Out: "f32[2,3,4]", Cost: "flop=102"}},
	},
	{
		Name: "BatchNormalization", Since: []int{6},
		Doc: batchNormDoc + "(ONNX Operators.md, BatchNormalization-6)",
		In:  batchNormIn, Out: "Y:T, mean?:T, var?:T, saved_mean?:T, saved_var?:T", Types: "T: float",
		Attrs: "epsilon:float=1e-5 is_test:int=0 momentum:float=0.9 spatial:int=1",
		Infer: inferBatchNorm, Cost: costBatchNorm,
		Cases: []Case{{In: "f32[2,3,4] !f32[3] !f32[3] !f32[3] !f32[3]", Attrs: "is_test=1", Out: "f32[2,3,4]", Cost: "flop=102"}},
	},
	{
		Name: "BatchNormalization", Since: []int{7},
		Doc: batchNormDoc + "With spatial = 0 each position of the image has statistics of its own. (ONNX Operators.md, BatchNormalization-7)",
		In:  batchNormIn, Out: "Y:T, mean?:T, var?:T, saved_mean?:T, saved_var?:T", Types: "T: float",
		Attrs: "epsilon:float=1e-5 momentum:float=0.9 spatial:int=1",
		Infer: inferBatchNorm, Cost: costBatchNorm,
		Cases: []Case{
			{In: "f32[2,3,4] !f32[3,4] !f32[3,4] !f32[3,4] !f32[3,4]", Attrs: "spatial=0", Out: "f32[2,3,4]", Cost: "flop=120"},
			{In: "f32[2,3,4] !f32[3,4] !f32[3,4] !f32[3,4] !f32[3,4]", Err: "scale has shape"},
		},
	},
	{
		Name: "BatchNormalization", Since: []int{9},
		Doc: batchNormDoc + "(ONNX Operators.md, BatchNormalization-9)",
		In:  batchNormIn, Out: "Y:T, mean?:T, var?:T, saved_mean?:T, saved_var?:T", Types: "T: float",
		Attrs: "epsilon:float=1e-5 momentum:float=0.9",
		Infer: inferBatchNorm, Cost: costBatchNorm,
		Cases: []Case{
			{In: "f32[N,64,H,W] !f32[64] !f32[64] !f32[64] !f32[64]", Out: "f32[N,64,H,W]", Cost: "flop=256*H*N*W+128"},
			{In: "f32[2,3,4] !f32[3] !f32[3] !f32[3] !f32[3]", Out: "f32[2,3,4] f32[3] f32[3] f32[3] f32[3]", Cost: "flop=192"},
		},
	},
	{
		Name: "BatchNormalization", Since: []int{14},
		Doc: batchNormDoc + "(ONNX Operators.md, BatchNormalization-14)",
		In:  "X:T, scale:T, B:T, input_mean:U stat, input_var:U stat", Out: "Y:T, running_mean?:U, running_var?:U", Types: "T: float; U: float",
		Attrs: "epsilon:float=1e-5 momentum:float=0.9 training_mode:int=0",
		Infer: inferBatchNorm14, Cost: costBatchNorm,
		Cases: []Case{{In: "f32[2,3,4] !f32[3] !f32[3] !f32[3] !f32[3]", Attrs: "training_mode=1", Out: "f32[2,3,4] f32[3] f32[3]", Cost: "flop=192"}},
	},
	{
		Name: "BatchNormalization", Since: []int{15},
		Doc: batchNormDoc + "(ONNX Operators.md, BatchNormalization)",
		In:  "X:T, scale:T1, B:T1, input_mean:T2 stat, input_var:T2 stat", Out: "Y:T, running_mean?:T2, running_var?:T2",
		Types: "T: float; T1: float; T2: float", Attrs: "epsilon:float=1e-5 momentum:float=0.9 training_mode:int=0",
		Infer: inferBatchNorm14, Cost: costBatchNorm,
		Cases: []Case{
			{In: "f16[N,3] !f32[3] !f32[3] !f32[3] !f32[3]", Out: "f16[N,3]", Cost: "flop=12*N+6"},
			{In: "f32[5] !f32[1] !f32[1] !f32[1] !f32[1]", Out: "f32[5]", Cost: "flop=22"},
			{In: "f32[2,3,4] !f32[3] !f32[3] !f32[3] !f32[2]", Err: "input_var"},
			{In: "f32[2,3,4] !f32[3] !f32[3] !f32[3] !f32[3]", Attrs: "training_mode=1", Err: "training_mode"},
		},
	},
}

// inferBatchNorm is the rule up to opset 13, where the number of outputs tells training.
func inferBatchNorm(c *Call) {
	if n := len(c.Node.OutputNames); c.Op.Since[0] < 14 && n != 1 && n != 5 {
		c.Wantf("1, or 5 in training", "there are %d outputs", n)
	}
	c.SameShape(0, 0)
	per := c.channelShape()
	for i := 1; i < 5; i++ {
		if per != nil {
			c.mustBe(i, per...)
		}
		c.SetShape(i, c.known(per, 3+(i-1)%2)) // mean, variance, and both again
	}
}

// channelShape is the shape of the statistics of X: its channels, or with
// spatial = 0 all but the batch. It is nil when the rank is not known.
func (c *Call) channelShape() graph.Shape {
	x := c.ShapeOfRank(0, 1, -1)
	switch {
	case x == nil && c.Int("spatial", 1) == 0:
		return nil
	case x == nil:
		return c.UnknownShape(1)
	case len(x) == 1:
		return graph.Shape{graph.Int(1)}
	case c.Int("spatial", 1) == 0:
		return x[1:]
	}
	return x[1:2]
}

// known returns a shape, or that of input i when it is not known.
func (c *Call) known(s graph.Shape, i int) graph.Shape {
	if s == nil || hasUnknown(s) && c.Shape(i) != nil {
		return c.Shape(i)
	}
	return s
}

func inferBatchNorm14(c *Call) {
	inferBatchNorm(c)
	n, training := len(c.Node.OutputNames), c.Int("training_mode", 0) != 0
	if training && n != 3 || !training && n != 1 {
		c.Wantf("3 when it is set, else 1", "training_mode is %d and there are %d outputs", c.Int("training_mode", 0), n)
	}
}

func costBatchNorm(c *Call) Cost {
	n, per := c.InN(0), c.InN(3)
	if len(c.Out) > 1 {
		return Cost{Flop: n.MulInt(7).Add(per.MulInt(8))}
	}
	return Cost{Flop: n.MulInt(4).Add(per.MulInt(2))}
}

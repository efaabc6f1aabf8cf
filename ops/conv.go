package ops

import "github.com/onnxmeter/onnxmeter/graph"

var convOps = []Op{
	{
		Name: "Conv", Since: []int{1, 11, 22},
		Doc: "Convolution. MACs are output elements times kernel taps times input channels of a group; taps in the padding count. " +
			"A bias add is a flop per output element. (ONNX Operators.md, Conv)",
		In: "X:T, W:T, B?:T", Out: "Y:T", Types: "T: float",
		Attrs: "auto_pad:string=NOTSET dilations:ints group:int=1 kernel_shape:ints pads:ints strides:ints",
		Infer: inferConvSample, Cost: costConvSample,
		Cases: []Case{
			{In: "f32[1,3,5,5] !f32[4,3,3,3] !f32[4]", Out: "f32[1,4,3,3]", Cost: "mac=972 flop=36"},
		},
	},
}

func inferConvSample(c *Call) {
	x, w := c.ShapeOfRank(0, 3, -1), c.ShapeOfRank(1, 3, -1)
	if x == nil || w == nil {
		return
	}
	out := graph.Shape{x[0], w[0]}
	for i := 2; i < len(x); i++ {
		out = append(out, x[i].Sub(w[i]).AddInt(1))
	}
	c.SetShape(0, out)
}

func costConvSample(c *Call) Cost {
	w := c.InShape(1)
	n := c.OutN(0)
	cost := Cost{MAC: n.Mul(w[1:].Elements())}
	if c.Has(2) {
		cost.Flop = n
	}
	return cost
}

package ops

import "github.com/onnxmeter/onnxmeter/graph"

const dropoutTrain = "In training an element is dropped with the probability ratio: per element a comparison with a drawn number, and two " +
	"flops to mask and scale what is kept. In inference it passes the input on and costs nothing."

var dropoutOps = []Op{
	{
		Name: "Dropout", Since: []int{1, 6},
		Doc: dropoutTrain + " It trains unless is_test is set. (ONNX Operators.md, Dropout-6)",
		In:  "data:T", Out: "output:T, mask?:T", Types: floatsT, Attrs: "consumed_inputs:ints<6 is_test:int=0 ratio:float=0.5",
		Infer: inferDropout, Cost: costDropout, Moves: ViewIf(dropoutViews, dropoutTraffic), Random: true,
		Cases: []Case{
			{In: "f32[N,3]", Attrs: "is_test=1", Out: "f32[N,3]", Cost: "flop=0"},
			{In: "f32[N,3]", Out: "f32[N,3] f32[N,3]", Cost: "flop=6*N cmp=3*N"},
		},
	},
	{
		Name: "Dropout", Since: []int{7, 10},
		Doc: "Inference form: passes the input on; the mask, where it is asked for, is all ones. (ONNX Operators.md, Dropout-10)",
		In:  "data:T", Out: "output:T, mask?:T1", Types: "T: float; T1: float bool", Attrs: "ratio:float=0.5",
		Infer: inferDropout, Free: "in inference nothing is dropped", Moves: View,
		Cases: []Case{
			{In: "f32[N,3]", Out: "f32[N,3] bool[N,3]"},
			{In: "f32[N,3]", Out: "f32[N,3] f32[N,3]", Opset: 7},
		},
	},
	{
		Name: "Dropout", Since: []int{12, 13, 22},
		Doc: dropoutTrain + " It trains when the input training_mode is true. (ONNX Operators.md, Dropout)",
		In:  "data:T, ratio?:T1 shape, training_mode?:T2 shape", Out: "output:T, mask?:T2",
		Types: "T: float float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz; T1: float float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz; T2: bool", Attrs: "seed:int",
		Infer: inferDropout, Cost: costDropout, Moves: ViewIf(dropoutViews, dropoutTraffic), Random: true,
		Cases: []Case{
			{In: "f32[N,3]", Out: "f32[N,3] bool[N,3]", Cost: "flop=0"},
			{In: "f32[N,3] f32={0.1} bool={true}", Out: "f32[N,3]", Cost: "flop=6*N cmp=3*N"},
			{In: "f32[N,3] f32={0} bool={true}", Out: "f32[N,3]", Cost: "flop=0"},
			{In: "f32[N,3] f32[2]", Err: "a scalar"},
		},
	},
}

// trains says whether a Dropout drops anything.
func (c *Call) trains() truth {
	if c.Opset < 7 {
		return truthOf(c.Int("is_test", 0) == 0)
	}
	if !c.Has(2) {
		return no
	}
	if ratio, ok := c.Scalar(1); ok {
		if f, isConst := ratio.Float(); isConst && f == 0 {
			return no
		}
	}
	mode, _ := c.Scalar(2)
	return truthElem(mode)
}

func inferDropout(c *Call) {
	keepShape(c)
	c.SameShape(1, 0)
	if c.Opset < 10 {
		c.SetDType(1, c.DType(0))
	} else {
		c.SetDType(1, graph.Bool)
	}
	for i := 1; i < len(c.In); i++ {
		if s := c.Shape(i); len(s) > 0 {
			c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
		}
	}
	if c.trains() == no {
		c.SetView(0, 0)
	}
}

func costDropout(c *Call) Cost {
	switch c.trains() {
	case no:
		return Cost{}
	case open:
		c.Unresolved("the value of training_mode is not known")
	}
	return each(work{flop: 2, cmp: 1})(c)
}

// dropoutViews reports whether the output is the input's memory and nothing else is made.
func dropoutViews(c *Call) bool { return c.trains() == no && !c.Wants(1) }

// dropoutTraffic reads the input, but in inference only a mask is written.
func dropoutTraffic(c *Call) Bytes {
	if c.trains() == no {
		return Bytes{Written: c.OutBytes(1)}
	}
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, c.InBytes(0))
	return b
}

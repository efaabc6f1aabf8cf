package ops

import "github.com/onnxmeter/onnxmeter/graph"

const softmaxFlat = " Below opset 13 all axes from `axis` on are one."

// softmaxOps normalise along an axis of length f. Costs follow the definition
// that subtracts the maximum, which every implementation uses.
var softmaxOps = []Op{
	{
		Name: "Softmax", Since: []int{1, 11},
		Doc: "exp(x - max)/sum along the flattened axes: per row of f elements f - 1 comparisons, f subtractions, f exponentials, " +
			"f - 1 additions and f divisions." + softmaxFlat + " (ONNX Operators.md, Softmax-11)",
		In: "input:T", Out: "output:T", Types: floatsT, Attrs: "axis:int=1",
		Infer: inferSoftmax, Cost: costSoftmax,
		Cases: []Case{
			{In: "f32[N,3,4]", Out: "f32[N,3,4]", Cost: "flop=35*N cmp=11*N exp=12*N"},
			{In: "f32[N]", Err: "axis is 1"},
		},
	},
	{
		Name: "Softmax", Since: []int{13},
		Doc: "exp(x - max)/sum along an axis: per row of f elements f - 1 comparisons, f subtractions, f exponentials, f - 1 additions " +
			"and f divisions. (ONNX Operators.md, Softmax)",
		In: "input:T", Out: "output:T", Types: floatsT, Attrs: "axis:int=-1",
		Infer: inferSoftmax, Cost: costSoftmax,
		Cases: []Case{
			{In: "f32[N,3,4]", Out: "f32[N,3,4]", Cost: "flop=33*N cmp=9*N exp=12*N"},
			{In: "f32[N,3,4]", Attrs: "axis=1", Out: "f32[N,3,4]", Cost: "flop=32*N cmp=8*N exp=12*N"},
			{In: "f32[2,0]", Out: "f32[2,0]", Cost: "flop=0"},
			{In: "f32", Err: "rank"},
			{In: "f32[2]", Attrs: "axis=1", Err: "axis is 1"},
		},
	},
	{
		Name: "LogSoftmax", Since: []int{1, 11},
		Doc: "x - max - log(sum exp(x - max)) along the flattened axes: as Softmax, with a subtraction for the division and a logarithm " +
			"per row." + softmaxFlat + " (ONNX Operators.md, LogSoftmax-11)",
		In: "input:T", Out: "output:T", Types: floatsT, Attrs: "axis:int=1",
		Infer: inferSoftmax, Cost: costLogSoftmax,
		Cases: []Case{{In: "f32[N,3,4]", Out: "f32[N,3,4]", Cost: "flop=35*N cmp=11*N exp=13*N"}},
	},
	{
		Name: "LogSoftmax", Since: []int{13},
		Doc: "x - max - log(sum exp(x - max)) along an axis: as Softmax, with a subtraction for the division and a logarithm per row. " +
			"(ONNX Operators.md, LogSoftmax)",
		In: "input:T", Out: "output:T", Types: floatsT, Attrs: "axis:int=-1",
		Infer: inferSoftmax, Cost: costLogSoftmax,
		Cases: []Case{{In: "f32[N,3,4]", Out: "f32[N,3,4]", Cost: "flop=33*N cmp=9*N exp=15*N"}, {In: "f32", Err: "rank"}},
	},
	{
		Name: "Hardmax", Since: []int{1, 11},
		Doc: "1 at the first maximum of the flattened axes, else 0: f - 1 comparisons per row of f elements." + softmaxFlat + " (ONNX Operators.md, Hardmax-11)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "axis:int=1",
		Infer: inferSoftmax, Cost: costHardmax,
		Cases: []Case{{In: "f32[N,3,4]", Out: "f32[N,3,4]", Cost: "cmp=11*N"}},
	},
	{
		Name: "Hardmax", Since: []int{13},
		Doc: "1 at the first maximum along an axis, else 0: f - 1 comparisons per row of f elements. (ONNX Operators.md, Hardmax)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "axis:int=-1",
		Infer: inferSoftmax, Cost: costHardmax,
		Cases: []Case{{In: "f32[N,3,4]", Out: "f32[N,3,4]", Cost: "cmp=9*N"}, {In: "f32", Err: "rank"}},
	},
}

func inferSoftmax(c *Call) {
	keepShape(c)
	if s := c.ShapeOfRank(0, 1, -1); s != nil {
		c.softmaxAxis(len(s))
	}
}

// softmaxAxis returns the axis, the first of the flattened ones below opset 13.
func (c *Call) softmaxAxis(rank int) int {
	def := int64(-1)
	if c.Opset < 13 {
		def = 1
	}
	return c.Axis("axis", def, rank)
}

// softmaxRows returns how many rows are normalised and how long each is.
func (c *Call) softmaxRows() (rows, length graph.Dim) {
	s := c.InShape(0)
	axis := c.softmaxAxis(len(s))
	if c.Opset < 13 {
		return s[:axis].Elements(), s[axis:].Elements()
	}
	return s[:axis].Elements().Mul(s[axis+1:].Elements()), s[axis]
}

// lessOne returns k - 1, the number of operations that join k values; 0 for none.
func lessOne(k graph.Dim) graph.Dim { return k.AddInt(-1).Max(graph.Int(0)) }

func costSoftmax(c *Call) Cost {
	return softmaxCost(c.softmaxRows())
}

func costLogSoftmax(c *Call) Cost { return logSoftmaxCost(c.softmaxRows()) }

// logSoftmaxCost is that of rows of f elements.
func logSoftmaxCost(rows, f graph.Dim) Cost {
	n, joins := rows.Mul(f), rows.Mul(lessOne(f))
	return Cost{Flop: n.MulInt(2).Add(joins), Cmp: joins, Exp: n.Add(rows)}
}

func costHardmax(c *Call) Cost {
	rows, f := c.softmaxRows()
	return Cost{Cmp: rows.Mul(lessOne(f))}
}

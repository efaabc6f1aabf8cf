package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	lossAttrs = "ignore_index:int reduction:string=mean"
	nllDoc    = "a negation, with weights a multiplication, and with ignore_index a comparison; a reduction adds n - 1 additions, the mean a division, " +
		"the weighted mean n - 1 more additions for the sum of weights."
)

var lossOps = []Op{
	{
		Name: "NegativeLogLikelihoodLoss", Since: []int{12, 13, 22},
		Doc: "Picks the log-probability of the target class. For each of n targets " + nllDoc + " (ONNX Operators.md, NegativeLogLikelihoodLoss)",
		In:  "input:T, target:Tind, weight?:T", Out: "loss:T", Types: "T: float; Tind: int32 int64", Attrs: lossAttrs,
		Infer: inferNLL, Cost: costNLL, Moves: Moving(nllTraffic),
		Cases: []Case{
			{In: "f32[N,5,3] i64[N,3]", Attrs: `reduction="none"`, Out: "f32[N,3]", Cost: "flop=3*N"},
			{In: "f32[4,5,3] i64[4,3]", Out: "f32", Cost: "flop=24"},
			{In: "f32[4,5,3] i64[4,3] f32[5]", Attrs: "ignore_index=0", Out: "f32", Cost: "flop=47 cmp=12"},
			{In: "f32[4,5] i64[4]", Attrs: `reduction="sum"`, Out: "f32", Cost: "flop=7"},
			{In: "f32[4,5] i64[3]", Err: "equal sizes"},
			{In: "f32[4,5] i64[4] f32[4]", Err: "equal sizes"},
			{In: "f32[4,5] i64[4]", Attrs: `reduction="max"`, Out: "f32"},
			{In: "f32[4] i64[4]", Err: "rank"},
		},
	},
	{
		Name: "SoftmaxCrossEntropyLoss", Since: []int{12, 13},
		Doc: "LogSoftmax over the classes and then the negative log-likelihood. As LogSoftmax over axis 1, and for each of n labels " + nllDoc +
			" (ONNX Operators.md, SoftmaxCrossEntropyLoss)",
		In: "scores:T, labels:Tind, weights?:T", Out: "output:T, log_prob?:T", Types: "T: float; Tind: int32 int64", Attrs: lossAttrs,
		Infer: inferLoss, Cost: costCrossEntropy,
		Cases: []Case{
			{In: "f32[4,5,3] i64[4,3]", Attrs: `reduction="none"`, Out: "f32[4,3] f32[4,5,3]", Cost: "flop=180 cmp=48 exp=72"},
			{In: "f32[N,5] i64[N]", Out: "f32", Cost: "flop=16*N cmp=4*N exp=6*N"},
			{In: "f32[4,5] i64[4,1]", Err: "rank"},
		},
	},
}

func inferNLL(c *Call) {
	inferLoss(c)
	if x, w := c.Shape(0), c.Shape(2); x != nil && w != nil {
		c.Same(x[1], w[0], "classes and "+c.InName(2))
	}
}

// inferLoss checks scores (N, C, d...), targets (N, d...) and weights (C). ONNX Runtime
// takes weights of any length for SoftmaxCrossEntropyLoss.
func inferLoss(c *Call) {
	reduction := c.Str("reduction", "mean")
	if reduction != "none" && reduction != "sum" && reduction != "mean" {
		c.Warnf("reduction is %q, which is none of none, sum and mean; a scalar is assumed, as ONNX's own inference does", graph.Clip(reduction))
	}
	x, t := c.ShapeOfRank(0, 2, -1), c.ShapeOfRank(1, 1, -1)
	c.ShapeOfRank(2, 1, 1)
	if x != nil && t != nil {
		c.ShapeOfRank(1, len(x)-1, len(x)-1)
		t = append(graph.Shape{}, t...)
		for i := range t {
			t[i] = c.Same(t[i], x[classless(i)], c.InName(0)+" and "+c.InName(1))
		}
	}
	switch {
	case reduction != "none":
		c.SetShape(0, graph.Shape{})
	case t != nil:
		c.SetShape(0, t)
	case x != nil:
		c.SetShape(0, append(graph.Shape{x[0]}, x[2:]...))
	}
	c.SameShape(1, 0)
}

// classless returns the axis of the scores that is axis i of the targets.
func classless(i int) int {
	if i == 0 {
		return 0
	}
	return i + 1
}

func costNLL(c *Call) Cost {
	n := c.InN(1)
	w := work{flop: 1}
	if c.Has(2) {
		w.flop++
	}
	if c.Attr("ignore_index") != nil {
		w.cmp++
	}
	cost := w.times(n, graph.Float32)
	switch r := c.Str("reduction", "mean"); {
	case r == "none":
		return cost
	case r == "mean" && c.Has(2):
		cost.Flop = cost.Flop.Add(lessOne(n)).AddInt(1)
	case r == "mean":
		cost.Flop = cost.Flop.AddInt(1)
	}
	cost.Flop = cost.Flop.Add(lessOne(n))
	return cost
}

// nllTraffic reads one score and one weight for each target.
func nllTraffic(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, c.DType(0).Bytes(c.InN(1)))
	c.reads(&b, 1, c.InBytes(1))
	c.reads(&b, 2, c.InBytes(2))
	return b
}

func costCrossEntropy(c *Call) Cost {
	s := c.InShape(0)
	rows := s[0].Mul(s[2:].Elements())
	return logSoftmaxCost(rows, s[1]).Add(costNLL(c))
}

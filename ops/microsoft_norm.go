package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	layerNormWork = "The normalisation is that of LayerNormalization: per element 7 flops, 6 without beta, and 3 per row. "
	rmsNormWork   = "The normalisation is that of RMSNormalization: per element 4 flops, and 3 per row. "
	skipDoc       = "Adds skip, and bias if it is given (a flop per element each), then normalises rows. "
	embedDoc      = "Sums the rows of word, position and segment embeddings (a flop per element for each but the first) and normalises. "
	halfFloats    = "T: bfloat16 float16 float32; "
	skipOut       = "output:T, mean?:U, inv_std_var?:U, input_skip_bias_sum?:T"
)

var microsoftNormOps = []Op{
	{
		Domain: msDomain, Name: "SkipLayerNormalization", Since: []int{1}, Doc: skipDoc + layerNormWork + "(ContribOperators.md, SkipLayerNormalization)",
		In: "input:T, skip:T, gamma:T, beta?:T, bias?:T", Out: skipOut, Types: halfFloats + "U: float32", Attrs: "epsilon:float=1e-12",
		Infer: inferSkipNorm, Cost: func(c *Call) Cost { return c.skipNorm(c.layerNormWork(3), 4) },
		Cases: []Case{
			{In: "f32[B,S,64] f32[B,S,64] !f32[64] !f32[64] !f32[64]", Out: "f32[B,S,64] _ _ f32[B,S,64]", Cost: "flop=579*B*S"},
			{In: "f32[2,3,4] f32[3,4] !f32[4]", Out: "f32[2,3,4]", Cost: "flop=186"},
			{In: "f32[2,3,4] f32[2,3,5] !f32[4]", Err: "skip"},
			{In: "f32[2,3,4] f32[2,3,4] !f32[5]", Err: "gamma has shape [5]"},
		},
	},
	{
		Domain: msDomain, Name: "SkipSimplifiedLayerNormalization", Since: []int{1}, Doc: skipDoc + rmsNormWork + "(ContribOperators.md, SkipSimplifiedLayerNormalization)",
		In: "input:T, skip:T, gamma:T, bias?:T", Out: skipOut, Types: halfFloats + "U: float32", Attrs: "epsilon:float=1e-12",
		Infer: inferSkipNorm, Cost: func(c *Call) Cost { return c.skipNorm(4, 3) },
		Cases: []Case{{In: "f16[B,S,64] f16[B,S,64] !f16[64]", Out: "f16[B,S,64]", Cost: "flop=323*B*S"}},
	},
	{
		Domain: msDomain, Name: "EmbedLayerNormalization", Since: []int{1},
		Doc: embedDoc + layerNormWork + "The mask index is an integer operation per token. Of the tables only the rows of the tokens are read. (ContribOperators.md, EmbedLayerNormalization)",
		In:  "input_ids:int32, segment_ids?:int32, word_embedding:T, position_embedding:T, segment_embedding?:T, gamma:T, beta:T, mask?:int32, position_ids?:int32",
		Out: "output:T, mask_index?:int32, embedding_sum?:T", Types: "T: float16 float32", Attrs: "epsilon:float=1e-12 mask_index_type:int",
		Infer: inferEmbedNorm, Cost: costEmbedNorm, Moves: Moving(embedMoves),
		Cases: []Case{
			{In: "i32[B,S] i32[B,S] !f32[1000,64] !f32[512,64] !f32[2,64] !f32[64] !f32[64] i32[B,S]", Out: "f32[B,S,64] i32[B] f32[B,S,64]", Cost: "flop=579*B*S int=B*S"},
			{In: "i32[2,3] _ !f32[1000,64] !f32[512,64] _ !f32[64] !f32[64]", Out: "f32[2,3,64]", Cost: "flop=3090"},
			{In: "i32[2,3] _ !f32[1000,64] !f32[512,63] _ !f32[64] !f32[64]", Err: "position_embedding has shape"},
		},
	},
	{
		Domain: msDomain, Name: "QEmbedLayerNormalization", Since: []int{1},
		Doc: embedDoc + "A quantised element is made a float by an integer subtraction and a flop. " + layerNormWork + "(ContribOperators.md, QEmbedLayerNormalization)",
		In: "input_ids:int32, segment_ids?:int32, word_embedding_quant:T2, position_embedding_quant:T2, segment_embedding?:T2, gamma_quant:T2, beta_quant:T2, mask?:int32, word_embedding_scale:T quant, " +
			"position_embedding_scale:T quant, segment_embedding_scale?:T quant, gamma_scale:T quant, beta_scale:T quant, word_embedding_zero_point:T2 quant, position_embedding_zero_point:T2 quant, " +
			"segment_embedding_zero_point?:T2 quant, gamma_zero_point:T2 quant, beta_zero_point:T2 quant",
		Out: "layernorm_out:T, mask_index_out:int32", Types: "T2: int8 uint8; T: float32", Attrs: "epsilon:float=1e-12",
		Infer: inferEmbedNorm, Cost: costEmbedNorm, Moves: Moving(embedMoves),
		Cases: []Case{
			{In: "i32[2,3] _ !u8[1000,64] !u8[512,64] _ !u8[64] !u8[64] _ f32 f32 _ f32 f32 u8 u8 _ u8 u8", Out: "f32[2,3,64] i32[2]", Cost: "flop=3986 int=896"},
		},
	},
	{
		Domain: msDomain, Name: "GroupNorm", Since: []int{1}, Doc: groupNormDoc + "SiLU, if activation is 1, is 4 flops and an exponential. (ContribOperators.md, GroupNorm)",
		In: "X:T, gamma:M, beta:M", Out: "Y:T", Types: "T: float16 float32; M: float16 float32", Attrs: "activation:int! channels_last:int=1 epsilon:float=1e-5 groups:int!",
		Infer: inferMsGroupNorm, Cost: costMsGroupNorm,
		Cases: []Case{
			{In: "f16[N,8,8,32] !f32[32] !f32[32]", Attrs: "activation=1 groups=4", Out: "f16[N,8,8,32]", Cost: "flop=22536*N exp=2048*N"},
			{In: "f16[1,8,8,30] !f32[30] !f32[30]", Attrs: "activation=0 groups=4", Err: "divisible"},
			{In: "f16[1,32,8,8] !f32[30] !f32[32]", Attrs: "activation=0 groups=4 channels_last=0", Err: "gamma"},
		},
	},
	{
		Domain: msDomain, Name: "SkipGroupNorm", Since: []int{1},
		Doc: "Adds skip, and bias if it is given (a flop per element each). " + groupNormDoc + "SiLU, if activation is 1, is 4 flops and an exponential. (ContribOperators.md, SkipGroupNorm)",
		In:  "X:T, gamma:M, beta:M, skip:T, bias?:T", Out: "Y:T, S?:T", Types: "T: float16 float32; M: float16 float32", Attrs: "activation:int! channels_last:int=1 epsilon:float=1e-5 groups:int!",
		Infer: inferMsGroupNorm, Cost: costMsGroupNorm,
		Cases: []Case{{In: "f16[2,4,4,8] !f32[8] !f32[8] f16[2,8] f16[8]", Attrs: "activation=0 groups=2", Out: "f16[2,4,4,8] f16[2,4,4,8]", Cost: "flop=2312"}},
	},
	{
		Domain: msDomain, Name: "QOrderedLayerNormalization", Since: []int{1},
		Doc: "LayerNormalization of int8 in a layout of cublasLt: a flop per element makes it a float. " + layerNormWork + rescaleDoc + " (ContribOperators.md, QOrderedLayerNormalization)",
		In:  "X:Q, scale_X:S quant, scale:F, B?:F, scale_Y:S quant", Out: "Y:Q", Types: "F: float16 float32; S: float32; Q: int8", Attrs: "axis:int=-1 epsilon:float=1e-5 order_X:int=1 order_Y:int=1",
		Infer: keepShape, Cost: costQOrderedNorm,
		Cases: []Case{{In: "i8[2,3,4] f32 !f16[4] !f16[4] f32", Out: "i8[2,3,4]", Cost: "flop=258 cmp=48"}},
	},
	{
		Domain: msDomain, Name: "GatedRMSNorm", Since: []int{1},
		Doc: "RMS normalisation of groups as long as scale, times an activation of gate. " + rmsNormWork + "The gate is an activation (silu: 4 flops and an exponential) and a flop per element. " +
			"(ContribOperators.md, GatedRMSNorm)",
		In: "X:T, scale:T, gate:T", Out: "Y:T", Types: "T: bfloat16 float16 float32", Attrs: "activation:string=silu epsilon:float=1e-5",
		Infer: func(c *Call) { keepShape(c); c.ShapeOfRank(1, 1, 1); c.sameShape(0, 2) }, Cost: costGatedNorm,
		Cases: []Case{
			{In: "f32[B,S,64] !f32[16] f32[B,S,64]", Out: "f32[B,S,64]", Cost: "flop=588*B*S exp=64*B*S"},
			{In: "f32[2,3,64] !f32[16] f32[2,3,64]", Attrs: "activation=sigmoid", Out: "f32[2,3,64]", Cost: "flop=3144 exp=384"},
		},
	},
	{
		Domain: msDomain, Name: "BranchwiseRMSNorm", Since: []int{1},
		Doc: "RMS normalisation of each branch. " + rmsNormWork + "Without scale it is 3 per element. (ContribOperators.md, BranchwiseRMSNorm)",
		In:  "X:T, scale?:M", Out: "Y:T", Types: "T: bfloat16 float16 float32; M: bfloat16 float16 float32", Attrs: "epsilon:float=1e-5 num_branches:int=0",
		Infer: keepShape, Cost: costBranchwiseNorm,
		Cases: []Case{
			{In: "f32[B,4,16] !f32[16]", Out: "f32[B,4,16]", Cost: "flop=268*B"}, {In: "f32[B,64]", Attrs: "num_branches=4", Out: "f32[B,64]", Cost: "flop=204*B"},
		},
	},
	{
		Domain: msDomain, Name: "EngramGate", Since: []int{1},
		Doc: "Gates value by the normalised product of key and query. Two RMS normalisations (4 flops per element and 3 per row each), two flops per element for the product; per row a division, " +
			"an absolute value, a root, the product with the sign, a sigmoid and three comparisons (two for the sign, one for the floor of the root); a flop per element for the gate, and a third normalisation if gated_value_normed is asked for. (ContribOperators.md, EngramGate)",
		In: "key:T, query:T, value:T, key_norm_scale:T, query_norm_scale:T, conv_norm_scale?:T", Out: "output:T, gated_value_normed?:T", Types: "T: bfloat16 float16 float32", Attrs: "epsilon:float=1e-5",
		Infer: func(c *Call) { keepShape(c); c.SameShape(1, 0); c.sameShape(0, 1) }, Cost: costEngramGate,
		Cases: []Case{
			{In: "f32[B,S,4,8] f32[B,S,4,8] f32[B,S,8] !f32[4,8] !f32[4,8]", Out: "f32[B,S,4,8]", Cost: "flop=400*B*S cmp=12*B*S exp=4*B*S"},
		},
	},
}

// normRows splits the elements of a shape into rows of its last dim; a scalar is
// one row.
func normRows(s graph.Shape) (n, rows graph.Dim) {
	if len(s) == 0 {
		return graph.Int(1), graph.Int(1)
	}
	return s.Elements(), s[:len(s)-1].Elements()
}

// normFlops is the work of normalising rows: each flops per element and 3 per row.
func normFlops(n, rows graph.Dim, each int64) graph.Dim { return n.MulInt(each).Add(rows.MulInt(3)) }

// layerNormWork is the flops per element of LayerNormalization with its bias at input beta.
func (c *Call) layerNormWork(beta int) int64 { return 6 + c.count(beta) }

func inferSkipNorm(c *Call) {
	c.SameShape(0, 0)
	c.SameShape(3, 0)
	x := c.ShapeOfRank(0, 2, 3)
	if x == nil {
		return
	}
	last := len(x) - 1
	c.checkSkip(x)
	for i := 2; i < len(c.In); i++ {
		c.mustBe(i, x[last])
	}
	stats := append(append(graph.Shape{}, x[:last]...), graph.Int(1))
	c.SetShape(1, stats)
	c.SetShape(2, stats)
}

// checkSkip refuses a skip that is not of the input's shape; its batch may be 1 or left out.
func (c *Call) checkSkip(x graph.Shape) {
	s := c.ShapeOfRank(1, 2, 3)
	if s == nil {
		return
	}
	want := x[max(len(x)-len(s), 0):]
	if len(s) == 3 && s[0].Is(1) {
		s, want = s[1:], x[len(x)-2:]
	}
	if !compatible(s, want) {
		c.Wantf(showUnknown(x), "skip has shape %s", c.Shape(1))
	}
}

// skipNorm is the work of adding skip and a bias at an input, and a normalisation.
func (c *Call) skipNorm(each int64, bias int) Cost {
	n, rows := normRows(c.InShape(0))
	return Cost{Flop: normFlops(n, rows, each+1+c.count(bias))}
}

// embedNorm returns the shape of the embeddings of the tokens.
func (c *Call) embedNorm() graph.Shape {
	ids, word := c.shapeOr(0, 2), c.shapeOr(2, 2)
	hidden := word[1]
	for _, i := range []int{3, 4} {
		if s := c.Shape(i); len(s) == 2 {
			c.mustBe(i, s[0], hidden)
		} else {
			c.ShapeOfRank(i, 2, 2)
		}
	}
	c.mustBe(5, hidden)
	c.mustBe(6, hidden)
	return graph.Shape{ids[0], ids[1], hidden}
}

func inferEmbedNorm(c *Call) {
	out := c.embedNorm()
	c.SetShape(0, out)
	c.SetShape(1, out[:1])
	c.SetShape(2, out)
}

func costEmbedNorm(c *Call) Cost {
	out := c.embedNorm()
	n, rows := normRows(out)
	tables := 2 + c.count(4)
	cost := Cost{Flop: normFlops(n, rows, 7+tables-1)}
	if c.Op.Name == "QEmbedLayerNormalization" {
		codes := n.MulInt(tables).Add(out[2].MulInt(2))
		cost.Flop, cost.Int = cost.Flop.Add(codes), codes
	}
	if c.Has(7) {
		cost.Int = cost.Int.Add(rows)
	}
	return cost
}

// embedMoves reads of the tables the rows of the tokens.
func embedMoves(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	for i := range c.In {
		switch i {
		case 2, 3, 4:
			c.reads(&b, i, c.DType(i).Bytes(c.embedNorm().Elements()))
		default:
			c.reads(&b, i, c.InBytes(i))
		}
	}
	return b
}

// msGroupNorm checks GroupNorm and returns the images, the channels and the groups.
func (c *Call) msGroupNorm() (x graph.Shape, channels graph.Dim, groups int64) {
	x = c.shapeOr(0, 4)
	channels = x[3]
	if c.Int("channels_last", 1) == 0 {
		channels = x[1]
	}
	if groups = c.Int("groups", 0); groups < 1 {
		c.Wantf("at least 1", "groups is %d", groups)
	}
	c.divisible("channels", channels, groups)
	c.mustBe(1, channels)
	c.mustBe(2, channels)
	return x, channels, groups
}

func inferMsGroupNorm(c *Call) {
	x, channels, _ := c.msGroupNorm()
	c.mustBe(4, channels)
	c.SetShape(0, x)
	c.SetShape(1, x)
}

func costMsGroupNorm(c *Call) Cost {
	x, _, groups := c.msGroupNorm()
	n := x.Elements()
	cost := Cost{Flop: n.MulInt(7 + c.count(3, 4)).Add(x[0].MulInt(groups).MulInt(2))}
	if c.Int("activation", 0) != 0 {
		cost = cost.Add(fusedActivations["silu"].times(n, graph.Float32))
	}
	return cost
}

func costQOrderedNorm(c *Call) Cost {
	n, rows := normRows(c.InShape(0))
	return rescaleCost(n).Add(Cost{Flop: normFlops(n, rows, c.layerNormWork(3)+1)})
}

func costGatedNorm(c *Call) Cost {
	n := c.InN(0)
	groups, ok := n.FloorDiv(c.InN(1))
	if !ok {
		return Cost{}
	}
	act := fusedActivations["silu"].times(n, graph.Float32)
	if c.Word("activation", "silu", "swish", "sigmoid") == "sigmoid" {
		act = activationCosts["sigmoid"].Times(n)
	}
	return act.Add(Cost{Flop: normFlops(n, groups, 5)})
}

func costBranchwiseNorm(c *Call) Cost {
	n, rows := normRows(c.InShape(0))
	if k := c.Int("num_branches", 0); k > 0 {
		rows = rows.MulInt(k)
	}
	return Cost{Flop: normFlops(n, rows, 3+c.count(1))}
}

func costEngramGate(c *Call) Cost {
	n, rows := normRows(c.InShape(0))
	norms := int64(2)
	if c.Wants(1) {
		norms++
	}
	return Cost{Flop: normFlops(n, rows, 4).MulInt(norms).Add(n.MulInt(3)).Add(rows.MulInt(6)), Cmp: rows.MulInt(3), Exp: rows}
}

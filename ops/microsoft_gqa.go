package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

// groupQueryInputs are the places of inputs of operators with grouped heads: past is
// that of the keys.
type groupQueryInputs struct{ past, total, cos, scoreBias, norm int }

func (c *Call) groupQueryInputs() groupQueryInputs {
	switch c.Op.Name {
	case "SparseAttention":
		return groupQueryInputs{3, 7, 9, -1, -1}
	case "DynamicSparseAttention":
		return groupQueryInputs{3, 10, 11, -1, 14}
	}
	return groupQueryInputs{3, 6, 7, 10, 14}
}

// groupQuery returns the sizes of attention with grouped heads and a cache, and
// the sequence length of the present state.
func (c *Call) groupQuery() (a attention, present graph.Dim) {
	q := c.shapeOr(0, 3)
	a.qHeads, a.kvHeads = c.heads("num_heads"), c.heads("kv_num_heads")
	c.groups(a.qHeads, a.kvHeads)
	a.batch, a.q, a.kv = q[0], q[1], q[1]
	if c.Has(1) {
		a.head = c.headSize(q[2], a.qHeads, "query")
		if k := c.ShapeOfRank(1, 3, 3); k != nil {
			c.mustBe(1, a.batch, k[1], a.kvHeads.Mul(a.head))
			a.kv = k[1]
		}
	} else {
		a.head = c.headSize(q[2], a.qHeads.Add(a.kvHeads.MulInt(2)), "query")
	}
	a.vHead = a.head
	return a, c.groupedPast(&a)
}

// groupedPast joins the cache, whose filled part total_sequence_length gives.
func (c *Call) groupedPast(a *attention) (present graph.Dim) {
	at := c.groupQueryInputs()
	past := graph.Dim{}
	if c.Has(at.past) {
		past = c.shapeOr(at.past, 4)[2]
	}
	most := past.Add(a.kv)
	total, known := c.totalSequence(at.total)
	switch {
	case known:
	case !c.Has(at.past):
		total = a.kv
	default:
		total = c.DataSym("total_sequence_length", 0, &most)
	}
	a.past = total.Sub(a.kv)
	switch {
	case c.Op.Name == "SparseAttention" || c.Int("sliding_window_cache", 0) != 0:
		return past
	case known || !c.Has(at.past):
		return past.Max(total)
	}
	return c.DataDim(1, 2, 0, &most)
}

// totalSequence is the value of the input that holds the total sequence length.
func (c *Call) totalSequence(i int) (graph.Dim, bool) {
	e, ok := c.Scalar(i)
	if !ok {
		return graph.Dim{}, false
	}
	return e.Dim()
}

func inferGroupQuery(c *Call) {
	a, present := c.groupQuery()
	c.SetShape(0, a.output3())
	state := graph.Shape{a.batch, a.kvHeads, present, a.head}
	if past := c.Shape(c.groupQueryInputs().past); len(past) == 4 {
		state[3] = past[3] // of packed codes, half a head
	}
	c.SetShape(1, state)
	c.SetShape(2, state)
	for i := 1; i <= 2; i++ {
		if !c.Has(c.groupQueryInputs().past) {
			c.SetDType(i, c.DType(0))
		}
	}
	c.SetShape(3, graph.Shape{a.batch, a.qHeads, a.q, a.total()})
}

// headWork is what is done to Q and new K before the scores: rotary embedding and
// normalisation of heads.
func (c *Call) headWork(rows graph.Dim, a attention) Cost {
	at := c.groupQueryInputs()
	heads := rows.Mul(a.qHeads.Add(a.kvHeads))
	var flop graph.Dim
	if c.Int("do_rotary", 0) != 0 {
		dim := a.head
		if s := c.ShapeOfRank(at.cos, 2, 2); s != nil {
			dim = s[1].MulInt(2)
		}
		flop = heads.Mul(dim).MulInt(3)
	}
	if c.Has(at.norm) {
		flop = flop.Add(heads.Mul(a.head.MulInt(4).AddInt(3)))
	}
	return Cost{Flop: flop}
}

func costGroupQuery(c *Call) Cost {
	a, _ := c.groupQuery()
	extra := c.count(c.groupQueryInputs().scoreBias)
	causal := c.Int("causal", 1) != 0
	if causal {
		extra++
	}
	softcap := c.Float("softcap", 0) != 0
	if softcap {
		extra += 2
	}
	cost := a.scoreWork(extra).Add(c.headWork(a.batch.Mul(a.q), a))
	if softcap {
		cost.Exp = cost.Exp.Add(a.scores())
	}
	cost.MAC = a.macs(causal && c.CausalHalf())
	return cost
}

func costSparseAttention(c *Call) Cost {
	a, _ := c.groupQuery()
	most := a.rows().Mul(a.total())
	return c.sparseScores(a, most, 0).Add(c.headWork(a.batch.Mul(a.q), a))
}

// packedTokens returns the tokens and the longest sequence of packed inputs, where
// token_offset is input i.
func (c *Call) packedTokens(i int) (seq graph.Dim) { return c.shapeOr(i, 2)[1] }

func inferPackedAttention(c *Call) {
	x := c.shapeOr(0, 2)
	p := c.projections3(x[1])
	c.SetShape(0, graph.Shape{x[0], p.qHeads.Mul(p.vHead)})
}

func costPackedAttention(c *Call) Cost {
	x := c.shapeOr(0, 2)
	p := c.projections3(x[1])
	most := x[0].Mul(c.packedTokens(3)).Mul(p.qHeads)
	return project(x[0], p.in, p.columns, true).Add(c.sparseScores(p.attention, most, c.count(5)))
}

// packedMultiHead returns the tokens and sizes of PackedMultiHeadAttention.
func (c *Call) packedMultiHead() (tokens graph.Dim, a attention) {
	heads := c.heads("num_heads")
	a.qHeads, a.kvHeads = heads, heads
	q := c.ShapeOfRank(0, 2, 4)
	switch len(q) {
	case 4:
		c.mustBe(0, q[0], heads, graph.Int(3), q[3])
		a.head, a.vHead = q[3], q[3]
		return q[0], a
	case 3:
		c.Wantf("rank 2 or 4", "query has rank 3, shape %s", q)
	case 0:
		q = c.UnknownShape(2)
	}
	a.head = c.headSize(q[1], heads, "query")
	a.vHead = c.headSize(c.shapeOr(2, 2)[1], heads, "value")
	return q[0], a
}

func inferPackedMultiHead(c *Call) {
	tokens, a := c.packedMultiHead()
	c.SetShape(0, graph.Shape{tokens, a.qHeads.Mul(a.vHead)})
}

func costPackedMultiHead(c *Call) Cost {
	tokens, a := c.packedMultiHead()
	cost := c.sparseScores(a, tokens.Mul(c.packedTokens(4)).Mul(a.qHeads), c.count(6))
	if c.Has(3) {
		cost.Flop = cost.Flop.Add(tokens.Mul(a.qHeads).Mul(a.head.MulInt(2).Add(a.vHead)))
	}
	return cost
}

func inferLongformer(c *Call) {
	x := c.shapeOr(0, 3)
	c.headSize(x[2], c.heads("num_heads"), "input")
	c.heads("window")
	c.SetShape(0, x)
}

// longformer is the work of local and global attention with weights at input w
// and global weights at input g.
func (c *Call) longformer(w, g int) Cost {
	x := c.InShape(0)
	rows, hidden, heads := x[0].Mul(x[1]), x[2], c.heads("num_heads")
	c.mustBe(w, hidden, hidden.MulInt(3))
	c.mustBe(g, hidden, hidden.MulInt(3))
	global := c.DataSym("global", 0, &rows)
	local := attention{batch: x[0], qHeads: heads, q: x[1], kv: c.heads("window").MulInt(2).AddInt(1), head: c.headSize(hidden, heads, "input")}
	local.vHead = local.head
	cost := local.scoreWork(1).Add(project(rows, hidden, hidden.MulInt(3), true))
	cost.MAC = cost.MAC.Add(local.macs(false))
	// Each token meets the global ones, and each global one all tokens.
	scores := global.Mul(heads).Mul(x[1]).MulInt(2)
	cost.MAC = cost.MAC.Add(scores.Mul(local.head).MulInt(2))
	// The first score of a global token's row joins nothing; a token's row has local scores before.
	joins := scores.Sub(global.Mul(heads))
	cost = cost.Add(Cost{Flop: scores.MulInt(3).Add(joins), Cmp: joins, Exp: scores})
	anyGlobal := global.Min(graph.Int(1))
	return cost.Add(project(global, hidden, hidden, true)).Add(project(rows, hidden, hidden.MulInt(2), true).Times(anyGlobal))
}

// paged returns the tokens and sizes of attention over pages.
func (c *Call) paged() (tokens graph.Dim, a attention) {
	q := c.shapeOr(0, 2)
	a.qHeads, a.kvHeads = c.heads("num_heads"), c.heads("kv_num_heads")
	c.groups(a.qHeads, a.kvHeads)
	latent := c.Str("kv_cache_layout", "SEPARATE") == "LATENT"
	if c.Has(1) || latent {
		a.head = c.headSize(q[1], a.qHeads, "query")
	} else {
		a.head = c.headSize(q[1], a.qHeads.Add(a.kvHeads.MulInt(2)), "query")
	}
	a.vHead = a.head
	if v := c.Int("v_head_size", 0); v > 0 {
		a.vHead = graph.Int(v)
	}
	return q[0], a
}

func inferPaged(c *Call) {
	tokens, a := c.paged()
	c.SetShape(0, graph.Shape{tokens, a.qHeads.Mul(a.vHead)})
	c.SameShape(1, 3)
	c.SameShape(2, 4)
}

func costPaged(c *Call) Cost {
	tokens, a := c.paged()
	cache, table := c.shapeOr(3, 4), c.shapeOr(7, 2)
	keys := table[1].Mul(cache[1])
	if c.Op.Name == "SparsePagedAttention" && c.Int("local_window_size", -1) < 0 {
		keys = c.shapeOr(9, 2)[1]
	}
	return c.sparseScores(a, tokens.Mul(a.qHeads).Mul(keys), 0)
}

// flag returns the value of a boolean input.
func (c *Call) flag(i int) (set, known bool) {
	e, ok := c.Scalar(i)
	if !ok {
		return false, false
	}
	k, isConst := e.Int()
	return k != 0, isConst
}

func inferDecoderAttention(c *Call) {
	q := c.shapeOr(0, 3)
	heads := c.heads("num_heads")
	head := c.headSize(q[2], heads, "query")
	c.mustBe(2, q[2], q[2])
	c.mustBe(3, q[2], q[2].MulInt(2))
	c.mustBe(4, q[2].MulInt(3))
	c.SetShape(0, q)
	cache := graph.Shape{q[1], heads, c.UnknownDim(), head}
	c.SetShape(1, cache)
	c.SetShape(2, cache)
}

func costDecoderAttention(c *Call) Cost {
	var flags [4]bool
	for i := range flags {
		set, known := c.flag(8 + i)
		if !known {
			c.Unresolved("the value of %s is not known", c.InName(8+i))
		}
		flags[i] = set
	}
	static, cached, masked := flags[0], flags[1] && flags[2], flags[3]
	q, key := c.InShape(0), c.InShape(1)
	a := attention{batch: q[1], qHeads: c.heads("num_heads"), q: q[0], kv: q[0]}
	a.head = c.headSize(q[2], a.qHeads, "query")
	a.vHead = a.head
	projectedRows := q[0]
	if static {
		a.kv, projectedRows = key[0], key[0]
	}
	if cached {
		past := c.shapeOr(6, 4)[2]
		if static {
			a.kv, projectedRows = past, graph.Dim{}
		} else {
			a.past = past
		}
	}
	extra := int64(0)
	if masked {
		extra = 1
	}
	cost := a.scoreWork(extra).Add(project(q[0].Mul(q[1]), q[2], q[2], true)).Add(project(projectedRows.Mul(q[1]), q[2], q[2].MulInt(2), true))
	cost.MAC = cost.MAC.Add(a.macs(false))
	return cost
}

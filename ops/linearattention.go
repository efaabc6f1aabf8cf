package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const linearAttentionDoc = "Linear attention: a state of d_k*d_v per key/value head, updated with each token. MACs per token: d_k*d_v for the outer product " +
	"of key and value per key/value head, as many for reading the state with the key where update_rule has delta, and d_k*d_v per query head for the output. " +
	"Further per token and key/value head: with a gate d_k*d_v flops for the decay of the state and an exponential per element of decay; " +
	"with delta d_v subtractions and d_v multiplications by beta; per query head d_v for the scale. Chunked algorithms do other work; " +
	"this is the recurrence of the definition. (ONNX Operators.md, LinearAttention)"

var linearAttentionCases = []Case{
	// 2*3 tokens, 2 heads, 8*8 state: update and read-out 2*64 MACs each head
	{In: "f32[2,3,16] f32[2,3,16] f32[2,3,16]", Attrs: "q_num_heads=2 kv_num_heads=2 update_rule=linear", Out: "f32[2,3,16] f32[2,2,8,8]", Cost: "mac=1536 flop=96"},
	{In: "f32[B,S,128] f32[B,S,32] f32[B,S,64] f16[B,2,16,32] f32[B,S,2] f32[B,S,1]", Attrs: "q_num_heads=8 kv_num_heads=2", Out: "f32[B,S,256] f16[B,2,16,32]",
		Cost: "mac=6144*B*S flop=1408*B*S exp=2*B*S"},
	{In: "f32[*] f32[*] f32[*] f32[2,4,16,16]", Attrs: "q_num_heads=4 kv_num_heads=4 update_rule=linear", Out: "f32[2,?,64] f32[2,4,16,16]"},
	{In: "f32[2,4,96] f32[2,4,64] f32[2,4,64]", Attrs: "q_num_heads=6 kv_num_heads=4 update_rule=linear", Out: "f32 f32", Err: "multiple"},
	{In: "f32[2,4,64] f32[2,4,64] f32[2,4,64]", Attrs: "q_num_heads=4 kv_num_heads=4 update_rule=other", Out: "f32 f32", Err: "update_rule"},
	{In: "f32[2,4,64] f32[2,4,64] f32[2,4,64]", Attrs: "q_num_heads=4 kv_num_heads=4", Out: "f32 f32", Err: "decay"},
	{In: "f32[2,4,64] f32[2,4,64] f32[2,4,64] _ f32[2,4,7]", Attrs: "q_num_heads=4 kv_num_heads=4 update_rule=gated", Out: "f32 f32", Err: "decay has shape"},
	{In: "f32[2,4,64] f32[2,4,64] f32[2,4,64] _ _ f32[2,4,3]", Attrs: "q_num_heads=4 kv_num_heads=4 update_rule=delta", Out: "f32 f32", Err: "beta has shape"},
	{In: "f32[2,4,64] f32[2,4,62] f32[2,4,64]", Attrs: "q_num_heads=4 kv_num_heads=4 update_rule=linear", Out: "f32 f32", Err: "multiple"},
}

// linearAttention holds the sizes of LinearAttention.
type linearAttention struct {
	batch, seq, qHeads, kvHeads, dk, dv graph.Dim
	gated, delta                        bool
}

// linearAttention checks attributes and inputs against each other and returns the sizes.
func (c *Call) linearAttention() linearAttention {
	a := linearAttention{qHeads: c.heads("q_num_heads"), kvHeads: c.heads("kv_num_heads")}
	c.linearGroups(a.qHeads, a.kvHeads)
	a.gated, a.delta = c.updateRule()
	q, k, v, past := c.shapeOr(0, 3), c.shapeOr(1, 3), c.shapeOr(2, 3), c.pastState()
	a.batch, a.seq = past[0], c.UnknownDim()
	for i, s := range []graph.Shape{q, k, v, c.ShapeOfRank(4, 3, 3), c.ShapeOfRank(5, 3, 3)} {
		if s != nil {
			a.batch = c.Same(a.batch, s[0], "batch of query and "+[]string{"query", "key", "value", "decay", "beta"}[i])
			a.seq = c.Same(a.seq, s[1], "sequence of query and "+[]string{"query", "key", "value", "decay", "beta"}[i])
		}
	}
	c.Same(a.kvHeads, past[1], "kv_num_heads and heads of past_state")
	dq, dk := c.headSize(q[2], a.qHeads, "query"), c.headSize(k[2], a.kvHeads, "key")
	a.dk = c.Same(c.Same(dq, dk, "head size of query and key"), past[2], "head size of key and past_state")
	a.dv = c.Same(c.headSize(v[2], a.kvHeads, "value"), past[3], "head size of value and past_state")
	c.checkGates(a)
	return a
}

// linearGroups refuses heads that do not share: query heads are a multiple of the
// key/value heads, or, in com.microsoft, the other way about.
func (c *Call) linearGroups(qHeads, kvHeads graph.Dim) {
	q, _ := qHeads.Const()
	kv, _ := kvHeads.Const()
	if c.Op.Domain == msDomain && kv > q {
		qHeads, kvHeads = kvHeads, qHeads
	}
	c.groups(qHeads, kvHeads)
}

// pastState returns the shape of one slot of past_state, unknown dims if it is not given.
func (c *Call) pastState() graph.Shape {
	switch {
	case !c.Has(3):
		return c.UnknownShape(4)
	case c.stateWindow() > 0:
		return c.shapeOr(3, 5)[1:]
	}
	return c.shapeOr(3, 4)
}

// stateWindow is the number of slots of the states in com.microsoft, 0 for none.
func (c *Call) stateWindow() int64 {
	w := c.Int("state_window", 0)
	if w < 0 || w > 8 {
		c.Wantf("0 to 8", "state_window is %d", w)
	}
	return w
}

// outHeads is the number of heads of the output: the larger of the two.
func (a linearAttention) outHeads() graph.Dim { return a.qHeads.Max(a.kvHeads) }

// updateRule reads update_rule and refuses decay and beta where it has no use for
// them, and their absence where it has.
func (c *Call) updateRule() (gated, delta bool) {
	switch rule := c.Str("update_rule", "gated_delta"); rule {
	case "linear":
	case "gated":
		gated = true
	case "delta":
		delta = true
	case "gated_delta":
		gated, delta = true, true
	default:
		c.Wantf("linear, gated, delta or gated_delta", "update_rule is %q", graph.Clip(rule))
	}
	if c.Has(4) != gated {
		c.Failf("update_rule is %s, and decay is %s", c.Str("update_rule", "gated_delta"), givenOrNot(c.Has(4)))
	}
	if c.Has(5) != delta {
		c.Failf("update_rule is %s, and beta is %s", c.Str("update_rule", "gated_delta"), givenOrNot(c.Has(5)))
	}
	return gated, delta
}

func givenOrNot(given bool) string {
	if given {
		return "given"
	}
	return "not given"
}

// checkGates refuses decay and beta of a wrong last dim.
func (c *Call) checkGates(a linearAttention) {
	if s := c.Shape(4); s != nil && !isOneOf(s[2], a.kvHeads, a.kvHeads.Mul(a.dk)) {
		c.Wantf("kv_num_heads or kv_num_heads*d_k", "decay has shape %s", s)
	}
	if s := c.Shape(5); s != nil && !isOneOf(s[2], a.kvHeads, graph.Int(1)) {
		c.Wantf("a last dim of 1 or kv_num_heads", "beta has shape %s", s)
	}
}

// isOneOf reports whether d may be one of the given sizes.
func isOneOf(d graph.Dim, want ...graph.Dim) bool {
	k, ok := d.Const()
	for _, w := range want {
		if n, isConst := w.Const(); !ok || !isConst || n == k {
			return true
		}
	}
	return false
}

func inferLinearAttention(c *Call) {
	a := c.linearAttention()
	c.SetShape(0, graph.Shape{a.batch, a.seq, a.outHeads().Mul(a.dv)})
	state := graph.Shape{a.batch, a.kvHeads, a.dk, a.dv}
	if w := c.stateWindow(); w > 0 {
		state = append(graph.Ints(w), state...)
	}
	c.SetShape(1, state)
	if !c.Has(3) {
		c.SetDType(1, c.DType(0))
	}
}

func costLinearAttention(c *Call) Cost {
	a := c.linearAttention()
	tokens := a.batch.Mul(a.seq)
	state, kvTokens := a.dk.Mul(a.dv), tokens.Mul(a.kvHeads)
	cost := Cost{
		MAC:  kvTokens.Mul(state).Add(tokens.Mul(a.outHeads()).Mul(state)),
		Flop: tokens.Mul(a.outHeads()).Mul(a.dv),
	}
	if a.gated {
		cost.Flop, cost.Exp = cost.Flop.Add(kvTokens.Mul(state)), c.InN(4)
	}
	if a.delta {
		cost.MAC = cost.MAC.Add(kvTokens.Mul(state))
		cost.Flop = cost.Flop.Add(kvTokens.Mul(a.dv).MulInt(2))
	}
	return cost
}

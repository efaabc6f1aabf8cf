package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	attentionDoc = "Scaled dot-product attention with optional grouped key/value heads, mask, softcap and cache. MACs are the two products: " +
		"batch*q_num_heads*q_sequence_length*total_sequence_length*(head_size + v_head_size), with total = past + kv; masked positions count, " +
		"a causal mask halves the part of the new keys only under --causal half. Per score: a flop for the scale, one for a mask, two and a tanh for softcap, " +
		"and the softmax. (ONNX Operators.md, Attention)"
	attentionTypes = "T1: float; T2: float; U: float int uint bool"
	attentionIn    = "Q:T1, K:T1, V:T2, attn_mask?:U, past_key?:T1, past_value?:T2"
	attentionOut   = "Y:T1, present_key?:T1, present_value?:T2, qk_matmul_output?:T1"
	attentionAttrs = "is_causal:int=0 kv_num_heads:int q_num_heads:int qk_matmul_output_mode:int=0 scale:float softcap:float=0 softmax_precision:int"
)

var attentionOps = []Op{
	{
		Name: "Attention", Since: []int{23}, Doc: attentionDoc,
		In: attentionIn, Out: attentionOut, Types: attentionTypes, Attrs: attentionAttrs, Infer: inferAttention, Cost: costAttention,
		Cases: []Case{
			// 2*4*3*5*(8+6) = 1680; 120 scores in 24 rows
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", Out: "f32[2,4,3,6]", Cost: "mac=1680 flop=456 cmp=96 exp=120"},
			{In: "f32[B,S,32] f32[B,T,16] f32[B,T,12]", Attrs: "q_num_heads=4 kv_num_heads=2", Out: "f32[B,S,24]", Cost: "mac=56*B*S*T flop=-4*B*S+16*B*S*T cmp=-4*B*S+4*B*S*T exp=4*B*S*T"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6] f32[3,9] f32[2,2,4,8] f32[2,2,4,6]", Attrs: "softcap=2", Out: "f32[2,4,3,6] f32[2,2,9,8] f32[2,2,9,6] f32[2,4,3,9]", Cost: "mac=3024 flop=1488 cmp=192 exp=432"},
			{In: "f32[B,S,32] f32[B,T,16] f32[B,T,12]", Err: "q_num_heads"},
			{In: "f32[2,4,3,8] f32[2,3,5,8] f32[2,3,5,6]", Err: "multiple"},
			{In: "f32[2,4,3,8] f32[2,2,5,7] f32[2,2,5,6]", Err: "head size of Q and K: 8 and 7"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,4,6]", Err: "5 and 4"},
			{In: "f32[3,8] f32[2,2,5,8] f32[2,2,5,6]", Err: "Q has rank 2"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6] _ f32[2,2,4,8]", Err: "past_key and past_value"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6] f32[4,5]", Err: "attn_mask has shape [4, 5]"},
		},
	},
	{
		Name: "Attention", Since: []int{24}, Doc: attentionDoc + " nonpad_kv_seqlen saves nothing in this count.",
		In: attentionIn + ", nonpad_kv_seqlen?:int64 shape", Out: attentionOut, Types: attentionTypes, Attrs: attentionAttrs,
		Infer: inferAttention, Cost: costAttention,
		Cases: []Case{
			{In: "f16[2,4,3,8] f16[2,2,5,8] f16[2,2,5,6] bool[3,4] _ _ i64[2]", Attrs: "is_causal=1", Out: "f16[2,4,3,6]", Cost: "mac=1680 flop=576 cmp=96 exp=120"},
		},
	},
	{
		Name: "Attention", Since: []int{25}, Doc: attentionDoc + " nonpad_kv_seqlen and the window sizes save nothing in this count.",
		In: attentionIn + ", nonpad_kv_seqlen?:int64 shape", Out: attentionOut, Types: attentionTypes,
		Attrs: attentionAttrs + " left_window_size:int=-1 right_window_size:int=-1", Infer: inferAttention25, Cost: costAttention,
		Cases: []Case{
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", Attrs: "left_window_size=2", Out: "f32[2,4,3,6]", Cost: "mac=1680 flop=576 cmp=96 exp=120"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", Attrs: "left_window_size=-2", Err: "left_window_size"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", Attrs: "q_num_heads=4", Err: "q_num_heads"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6] _ f32[2,2,4,8] f32[2,2,4,6] i64[2]", Err: "nonpad_kv_seqlen"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", Out: "f32[2,4,3,6] f32[2,2,5,8]", Err: "present_key and present_value"},
		},
	},
	{
		Name: "RotaryEmbedding", Since: []int{23},
		Doc: "Rotates pairs of the first rotary_embedding_dim elements (all by default) of each head by cached cosines and sines: two " +
			"multiplications and an addition per rotated element. With position_ids only their rows of the caches are read. " +
			"(ONNX Operators.md, RotaryEmbedding)",
		In: "X:T, cos_cache:T, sin_cache:T, position_ids?:int64", Out: "Y:T", Types: "T: bfloat16 float16 float32",
		Attrs: "interleaved:int=0 num_heads:int rotary_embedding_dim:int=0", Infer: inferRotary, Cost: costRotary, Moves: Moving(rotaryMoves),
		Cases: []Case{
			{In: "f32[B,4,S,8] !f32[100,4] !f32[100,4] i64[B,S]", Out: "f32[B,4,S,8]", Cost: "flop=96*B*S"},
			{In: "f32[B,S,32] f32[B,S,2] f32[B,S,2]", Attrs: "num_heads=4 rotary_embedding_dim=4", Out: "f32[B,S,32]", Cost: "flop=48*B*S"},
			{In: "f32[B,S,32] f32[B,S,2] f32[B,S,2]", Err: "num_heads"},
			{In: "f32[S,32] f32[B,S,2] f32[B,S,2]", Err: "X has rank 2"},
			{In: "f32[B,S,30] f32[B,S,2] f32[B,S,2]", Attrs: "num_heads=4", Err: "multiple"},
			{In: "f32[B,4,S,8] f32[100,3] f32[100,3] i64[B,S]", Err: "cos_cache has shape [100, 3]"},
		},
	},
	{
		Name: "LinearAttention", Since: []int{27}, Doc: linearAttentionDoc,
		In:  "query:T, key:T, value:T, past_state?:S, decay?:T, beta?:T",
		Out: "output:T, present_state:S", Types: "T: bfloat16 float16 float32; S: bfloat16 float16 float32",
		Attrs: "chunk_size:int=64 kv_num_heads:int! q_num_heads:int! scale:float=0 update_rule:string=gated_delta",
		Infer: inferLinearAttention, Cost: costLinearAttention,
		Cases: linearAttentionCases,
	},
	{
		Domain: "ai.onnx.preview", Name: "FlexAttention", Since: []int{1},
		Doc: "Attention over 4-D Q, K and V with subgraphs that change the scores and the probabilities; their work is added. MACs are " +
			"batch*q_num_heads*q_sequence_length*kv_sequence_length*(head_size + v_head_size). Per score a flop for the scale, and the softmax. " +
			"(ONNX Operators.md, ai.onnx.preview.FlexAttention)",
		In: "Q:T1, K:T1, V:T1", Out: "Y:T1", Types: "T1: float",
		Attrs: "prob_mod:graph scale:float score_mod:graph softmax_precision:int", Infer: inferFlexAttention, Cost: costFlexAttention, Body: true,
		Cases: []Case{
			{In: "f16[2,4,3,8] f16[2,2,5,8] f16[2,2,5,6]", Out: "f16[2,4,3,6]", Cost: "mac=1680 flop=456 cmp=96 exp=120"},
			{In: "f32[2,4,8] f32[2,2,5,8] f32[2,2,5,6]", Err: "Q has rank 3"},
			{In: "f32[2,4,3,8] f32[2,2,5,8] f32[2,2,5,6]", Attrs: "softmax_precision=6", Err: "softmax_precision"},
		},
	},
}

// attention holds the sizes of scaled dot-product attention.
type attention struct {
	batch, qHeads, kvHeads graph.Dim
	q, kv, past            graph.Dim // sequence lengths: queries, new keys, cached keys
	head, vHead            graph.Dim
	packed                 bool // heads are packed into the last dim of 3-D inputs
}

// total is the number of keys that a query meets.
func (a attention) total() graph.Dim { return a.past.Add(a.kv) }

// rows is the number of rows of scores.
func (a attention) rows() graph.Dim { return a.batch.Mul(a.qHeads).Mul(a.q) }

func (a attention) scores() graph.Dim { return a.rows().Mul(a.total()) }

// macs counts both products. half counts the products with new keys half, as a
// causal mask over them leaves.
func (a attention) macs(half bool) graph.Dim {
	each := a.rows().Mul(a.head.Add(a.vHead))
	fresh := each.Mul(a.kv)
	if half {
		fresh = fresh.CeilDiv(graph.Int(2))
	}
	return each.Mul(a.past).Add(fresh)
}

// output returns the shape of Y.
func (a attention) output() graph.Shape {
	if a.packed {
		return graph.Shape{a.batch, a.q, a.qHeads.Mul(a.vHead)}
	}
	return graph.Shape{a.batch, a.qHeads, a.q, a.vHead}
}

// softmaxCost is the work of a softmax over rows of f elements: per row f - 1
// comparisons for the maximum, f subtractions, f exponentials, f - 1 additions and
// f divisions.
func softmaxCost(rows, f graph.Dim) Cost {
	n, joins := rows.Mul(f), rows.Mul(lessOne(f))
	return Cost{Flop: n.MulInt(2).Add(joins), Cmp: joins, Exp: n}
}

// CausalHalf reports whether products under a causal mask count half.
func (c *Call) CausalHalf() bool { return c.pass.opt.CausalHalf }

// Heads returns a required attribute that is a number of heads.
func (c *Call) heads(name string) graph.Dim {
	n := c.Int(name, 0)
	if n < 1 {
		c.Wantf("1 or more", "%s is %d", name, n)
	}
	return graph.Int(n)
}

// headSize divides a packed dim by the number of heads, which must divide it.
func (c *Call) headSize(packed, heads graph.Dim, what string) graph.Dim {
	if heads.IsZero() {
		return c.UnknownDim()
	}
	q, _ := packed.FloorDiv(heads)
	if k, ok := packed.Const(); ok {
		if n, isConst := heads.Const(); isConst && k%n != 0 {
			c.Wantf(fmt.Sprintf("a multiple of %d heads", n), "the last dim of %s is %d", what, k)
		}
	}
	return q
}

// groups refuses query heads that the key/value heads do not divide.
func (c *Call) groups(qHeads, kvHeads graph.Dim) {
	q, okQ := qHeads.Const()
	kv, okKV := kvHeads.Const()
	if okQ && okKV && (kv < 1 && q != kv || kv > 0 && q%kv != 0) {
		c.Wantf("a multiple of the key/value heads", "%d query heads for %d key/value heads", q, kv)
	}
}

// attention returns the sizes of ai.onnx Attention after checking the inputs
// against each other. ok is false when the rank of the inputs is not known.
func (c *Call) attention() (a attention, ok bool) {
	q, k, v := c.ShapeOfRank(0, 3, 4), c.ShapeOfRank(1, 3, 4), c.ShapeOfRank(2, 3, 4)
	rank := max(len(q), len(k), len(v))
	if rank == 0 {
		return a, false
	}
	for i, s := range []graph.Shape{q, k, v} {
		if s != nil && len(s) != rank {
			c.Wantf("Q, K and V of one rank", "%s has rank %d, another %d", c.InName(i), len(s), rank)
		}
	}
	if a.packed = rank == 3; a.packed {
		qHeads, kvHeads := c.heads("q_num_heads"), c.heads("kv_num_heads")
		q, k, v = c.unpackHeads(0, qHeads), c.unpackHeads(1, kvHeads), c.unpackHeads(2, kvHeads)
	} else {
		q, k, v = c.shapeOr(0, 4), c.shapeOr(1, 4), c.shapeOr(2, 4)
	}
	return c.joinQKV(a, q, k, v), true
}

// unpackHeads returns the 4-D shape [batch, heads, sequence, head size] of a 3-D input.
func (c *Call) unpackHeads(i int, heads graph.Dim) graph.Shape {
	s := c.shapeOr(i, 3)
	return graph.Shape{s[0], heads, s[1], c.headSize(s[2], heads, c.InName(i))}
}

// joinQKV joins the sizes of 4-D Q, K and V.
func (c *Call) joinQKV(a attention, q, k, v graph.Shape) attention {
	a.batch = c.Same(c.Same(q[0], k[0], "batch of Q and K"), v[0], "batch of Q and V")
	a.qHeads, a.q = q[1], q[2]
	a.kvHeads = c.Same(k[1], v[1], "heads of K and V")
	a.kv = c.Same(k[2], v[2], "sequence of K and V")
	a.head = c.Same(q[3], k[3], "head size of Q and K")
	a.vHead = v[3]
	c.groups(a.qHeads, a.kvHeads)
	return a
}

// addPast joins the cached keys and values, 4-D inputs k and v.
func (c *Call) addPast(a *attention, k, v int) {
	if c.Has(k) != c.Has(v) {
		c.Failf("%s and %s must be given together", c.InName(k), c.InName(v))
	}
	if !c.Has(k) {
		return
	}
	pk, pv := c.shapeOr(k, 4), c.shapeOr(v, 4)
	a.past = c.Same(pk[2], pv[2], "sequence of past_key and past_value")
	a.batch = c.Same(c.Same(a.batch, pk[0], "batch of Q and past_key"), pv[0], "batch of Q and past_value")
	a.kvHeads = c.Same(c.Same(a.kvHeads, pk[1], "heads of K and past_key"), pv[1], "heads of V and past_value")
	a.head = c.Same(a.head, pk[3], "head size of K and past_key")
	a.vHead = c.Same(a.vHead, pv[3], "head size of V and past_value")
}

// wholeAttention returns the sizes with the cache.
func (c *Call) wholeAttention() (attention, bool) {
	a, ok := c.attention()
	if ok {
		c.addPast(&a, 4, 5)
	}
	return a, ok
}

func inferAttention(c *Call) {
	a, ok := c.wholeAttention()
	if !ok {
		return
	}
	c.checkMask(a)
	c.SetShape(0, a.output())
	c.SetShape(1, graph.Shape{a.batch, a.kvHeads, a.total(), a.head})
	c.SetShape(2, graph.Shape{a.batch, a.kvHeads, a.total(), a.vHead})
	c.SetShape(3, graph.Shape{a.batch, a.qHeads, a.q, a.total()})
}

// checkMask refuses a mask that does not broadcast to the scores. Its last dim may
// be shorter than they are.
func (c *Call) checkMask(a attention) {
	m := c.ShapeOfRank(3, 0, 4)
	want := graph.Shape{a.batch, a.qHeads, a.q}
	for i := range m {
		at := 4 - len(m) + i
		if at == 3 {
			break
		}
		have, ok := m[i].Const()
		k, isConst := want[at].Const()
		if ok && isConst && have != 1 && have != k {
			c.Wantf("what broadcasts to "+showUnknown(append(want, a.total())), "attn_mask has shape %s", m)
		}
	}
}

func inferAttention25(c *Call) {
	for _, name := range []string{"left_window_size", "right_window_size"} {
		if w := c.Int(name, -1); w < -1 {
			c.Wantf("-1 or more", "%s is %d", name, w)
		}
	}
	if c.Wants(1) != c.Wants(2) {
		c.Failf("present_key and present_value must be asked for together")
	}
	if c.Has(6) && (c.Has(4) || c.Has(5) || c.Wants(1)) {
		c.Failf("nonpad_kv_seqlen is given together with past or present keys and values")
	}
	if len(c.Shape(0)) == 4 && (c.Attr("q_num_heads") != nil || c.Attr("kv_num_heads") != nil) {
		c.Failf("q_num_heads and kv_num_heads are given for 4-D inputs")
	}
	inferAttention(c)
}

// isWindowed reports whether the scores are masked by the operator itself.
func (c *Call) isWindowed() bool {
	return c.Int("is_causal", 0) != 0 || c.Int("left_window_size", -1) >= 0 || c.Int("right_window_size", -1) >= 0
}

func costAttention(c *Call) Cost {
	a, ok := c.wholeAttention()
	if !ok {
		c.Unresolved("the rank of Q, K and V is not known")
	}
	n := a.scores()
	cost := softmaxCost(a.rows(), a.total())
	cost.MAC = a.macs(c.Int("is_causal", 0) != 0 && c.CausalHalf())
	cost.Flop = cost.Flop.Add(n)
	if c.Has(3) || c.Has(6) || c.isWindowed() {
		cost.Flop = cost.Flop.Add(n)
	}
	if c.Float("softcap", 0) != 0 {
		cost.Flop, cost.Exp = cost.Flop.Add(n.MulInt(2)), cost.Exp.Add(n)
	}
	return cost
}

// flexAttention returns the sizes of FlexAttention.
func (c *Call) flexAttention() attention {
	return c.joinQKV(attention{}, c.shapeOr(0, 4), c.shapeOr(1, 4), c.shapeOr(2, 4))
}

func inferFlexAttention(c *Call) {
	c.SameType(0, 1, 2)
	a := c.flexAttention()
	c.SetShape(0, a.output())
	precision := graph.Float32
	if c.DType(0) == graph.Float64 {
		precision = graph.Float64
	}
	if c.Attr("softmax_precision") != nil {
		precision = graph.DType(min(max(c.Int("softmax_precision", 0), -1), 1<<20))
		if !precision.IsFloat() || precision.Bits() < 16 {
			c.Wantf("float, float16, bfloat16 or double", "softmax_precision is %d", c.Int("softmax_precision", 0))
		}
	}
	scores := Tensor(precision, graph.Shape{a.batch, a.qHeads, a.q, a.total()})
	for _, name := range []string{"score_mod", "prob_mod"} {
		if c.Attr(name) != nil {
			c.modifyScores(name, scores)
		}
	}
}

// modifyScores runs a subgraph that takes the scores and gives changed ones of
// the same type.
func (c *Call) modifyScores(name string, scores Info) {
	g := c.Body(name)
	if len(g.Inputs) != 1 || len(g.Outputs) != 1 {
		c.Wantf("one of each", "%s has %d inputs and %d outputs", name, len(g.Inputs), len(g.Outputs))
	}
	c.checkDeclaredScores(name+" input", g.Inputs[0].Declared, scores)
	c.checkDeclaredScores(name+" output", g.Outputs[0].Declared, scores)
	inst := c.RunBody(g, name, []Info{scores})
	c.Attach(name, inst, graph.Int(1))
	out := inst.Results()[0]
	if out.Kind != graph.KindTensor {
		return
	}
	if out.DType != graph.Undefined && out.DType != scores.DType {
		c.Wantf(scores.DType.String(), "%s gives %s", name, out.DType)
	}
	c.sameDims(name+" result", out.Shape, scores.Shape)
}

// checkDeclaredScores refuses a declaration that contradicts the scores.
func (c *Call) checkDeclaredScores(what string, t *graph.TypeDef, scores Info) {
	if t == nil || t.Kind == graph.KindUnknown {
		return
	}
	d := c.pass.declaredInfo(t)
	if d.Kind != graph.KindTensor || d.DType != graph.Undefined && d.DType != scores.DType {
		c.Wantf(scores.DType.String(), "the %s is declared as %s %s", what, d.Kind, d.DType)
	}
	c.sameDims(what, d.Shape, scores.Shape)
}

// sameDims refuses a shape that contradicts want; nil is not known.
func (c *Call) sameDims(what string, s, want graph.Shape) {
	if s == nil {
		return
	}
	if !compatible(s, want) {
		c.Wantf("shape "+showUnknown(want), "the %s has shape %s", what, showUnknown(s))
	}
}

// compatible reports whether two shapes may be equal once their dims are known.
func compatible(s, t graph.Shape) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range s {
		a, okA := s[i].Const()
		b, okB := t[i].Const()
		if okA && okB && a != b {
			return false
		}
	}
	return true
}

func costFlexAttention(c *Call) Cost {
	a := c.flexAttention()
	cost := softmaxCost(a.rows(), a.total())
	cost.MAC = a.macs(false)
	cost.Flop = cost.Flop.Add(a.scores())
	return cost
}

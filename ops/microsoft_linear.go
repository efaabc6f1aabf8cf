package ops

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	rotaryWork = "Two multiplications and an addition per rotated element; of the caches only the rows of the positions are read. "
	deltaDoc   = "Linear attention with a state of head_size_qk*head_size_v per value head. MACs per token and value head: the outer product of key and value, the read-out with the query, and with delta the read-out with " +
		"the key, each head_size_qk*head_size_v. With a gate as many flops for the decay and an exponential per element of decay; with delta two flops per element of value, and one per element of output for the scale. " +
		"The fused activations and normalisations are not in it. "
	expertDoc = "Each token passes through k experts: MACs are tokens*k times the weights of one expert (fc1, fc2 and, where it is given, fc3). Besides, a softmax over the experts and k*(experts - 1) comparisons per token, a flop per bias " +
		"element, the activation per inner element, a flop per inner element where fc3 is a factor beside it, and two flops per output element of each expert to weigh and sum; with normalize_routing_weights 2*k - 1 flops per token. Of the weights at most tokens*k experts are read. "
	searchDoc = "Runs its decoder until the sequences end: a number of times that depends on data, up to max_length; the encoder once. The work between is not counted, so the total stays incomplete. "
	searchIn  = "attention_mask?:I shape"
)

var microsoftLinearOps = []Op{
	{
		Domain: msDomain, Name: "RotaryEmbedding", Since: []int{1}, Doc: "Rotates pairs of elements of each head, all or the first rotary_embedding_dim. " + rotaryWork + "(ContribOperators.md, RotaryEmbedding)",
		In: "input:T, position_ids:int64, cos_cache:T, sin_cache:T", Out: "output:T", Types: "T: bfloat16 float16 float32",
		Attrs: "interleaved:int is_packed_batching:int num_heads:int rotary_embedding_dim:int scale:float", Infer: inferMsRotary, Cost: costMsRotary, Moves: Moving(msRotaryMoves),
		Cases: []Case{
			{In: "f32[B,S,32] i64[B,S] !f32[100,4] !f32[100,4]", Out: "f32[B,S,32]", Cost: "flop=96*B*S"}, {In: "f32[B,4,S,16] i64[1] !f32[100,2] !f32[100,2]", Attrs: "num_heads=4 rotary_embedding_dim=4", Out: "f32[B,4,S,16]", Cost: "flop=48*B*S"},
			{In: "f32[B,S,32] i64[B,S] f32[100,4] f32[100,5]", Err: "sin_cache has shape"}, {In: "f32[S,32] i64[B,S] f32[100,4] f32[100,4]", Err: "rank 2"},
		},
	},
	{
		Domain: msDomain, Name: "MRotaryEmbedding", Since: []int{1}, Doc: "Rotary embedding with three positions per token. " + rotaryWork + "(ContribOperators.md, MRotaryEmbedding)",
		In: "input:T, position_ids:int64, cos_cache:T, sin_cache:T", Out: "output:T", Types: "T: bfloat16 float16 float32",
		Attrs: "interleaved:int is_packed_batching:int mrope_layout:int mrope_section:ints! num_heads:int rotary_embedding_dim:int scale:float", Infer: inferMsRotary, Cost: costMsRotary, Moves: Moving(msRotaryMoves),
		Cases: []Case{{In: "f32[B,S,32] i64[3,B,S] !f32[100,4] !f32[100,4]", Attrs: "mrope_section=[2,1,1]", Out: "f32[B,S,32]", Cost: "flop=96*B*S"}},
	},
	{
		Domain: msDomain, Name: "GemmaRotaryEmbedding", Since: []int{1}, Doc: "q*cos(emb) + q_rot*sin(emb), and the same for k: a sine and a cosine per element of emb, three flops per element of q and k. (ContribOperators.md, GemmaRotaryEmbedding)",
		In: "emb:U, q:T, q_rot:T, k:T, k_rot:T", Out: "output1:T, output2:T", Types: "T: float16; U: float32",
		Infer: func(c *Call) { c.SameShape(0, 1); c.SameShape(1, 3); c.sameShape(1, 2); c.sameShape(3, 4) },
		Cost:  func(c *Call) Cost { return Cost{Exp: c.InN(0).MulInt(2), Flop: c.InN(1).Add(c.InN(3)).MulInt(3)} },
		Cases: []Case{{In: "f32[B,S,8] f16[B,4,S,8] f16[B,4,S,8] f16[B,2,S,8] f16[B,2,S,8]", Out: "f16[B,4,S,8] f16[B,2,S,8]", Cost: "exp=16*B*S flop=144*B*S"}},
	},
	{
		Domain: msDomain, Name: "LinearAttention", Since: []int{1}, Doc: linearAttentionDoc + " The state may hold state_window steps.",
		In:  "query:T, key:T, value:T, past_state?:S state, decay?:T, beta?:T",
		Out: "output:T, present_state:S", Types: "T: bfloat16 float16 float32; S: bfloat16 float16 float32", Attrs: "chunk_size:int=64 kv_num_heads:int! q_num_heads:int! scale:float=0 state_window:int=0 update_rule:string=gated_delta",
		Infer: inferLinearAttention, Cost: costLinearAttention,
		Cases: []Case{
			{In: "f32[2,3,16] f32[2,3,16] f32[2,3,16]", Attrs: "q_num_heads=2 kv_num_heads=2 update_rule=linear", Out: "f32[2,3,16] f32[2,2,8,8]", Cost: "mac=1536 flop=96"},
			{In: "f32[2,3,16] f32[2,3,32] f32[2,3,32]", Attrs: "q_num_heads=2 kv_num_heads=4 update_rule=linear state_window=2", Out: "f32[2,3,32] f32[2,2,4,8,8]", Cost: "mac=3072 flop=192"},
		},
	},
	{
		Domain: msDomain, Name: "GatedDeltaNet", Since: []int{1}, Doc: deltaDoc + "(ContribOperators.md, GatedDeltaNet)",
		In:  "query:T, key?:T, value?:T, cu_seqlens?:TI shape, decay?:TS, beta?:TS, initial_state?:TS state, a_log?:TS, dt_bias?:TS, capture_count?:TI shape, state_update_active?:TI shape",
		Out: "output:T, final_state?:TS, state_update?:TS", Types: "T: bfloat16 float16 float32; TS: float32; TI: int32",
		Attrs: "beta_activation:string=none chunk_size:int=64 gate_activation:string=none qk_l2_norm:int=0 scale:float=0 state_update_capacity:int=0 update_rule:string=gated_delta", Infer: inferDeltaNet, Cost: costDeltaNet,
		Cases: []Case{
			{In: "f16[N,2,8] f16[N,2,8] f16[N,4,16] i32[4] f32[N,4] f32[N,4] f32[3,4,16,8]", Out: "f16[N,4,16] f32[3,4,16,8]", Cost: "mac=1536*N flop=704*N exp=4*N"},
			{In: "f16[B,S,2,8] f16[B,S,2,8] f16[B,S,4,16] _ _ _ f32[B,4,16,8]", Attrs: "update_rule=linear", Out: "f16[B,S,4,16] f32[B,4,16,8]", Cost: "mac=1024*B*S flop=64*B*S"},
			{In: "f16[N,96] _ _ _ _ _ f32[3,4,16,8]", Attrs: "update_rule=linear", Out: "f16[N,4,16] f32[3,4,16,8]", Cost: "mac=1024*N flop=64*N"},
		},
	},
	{
		Domain: msDomain, Name: "RelativePositionBias", Since: []int{1},
		Doc: "A row of a table for each pair of positions: per pair a logarithm, three flops and three comparisons for the bucket of its distance, and three integer operations, four with is_bidirectional. (ContribOperators.md, RelativePositionBias; T5, arXiv 1910.10683)",
		In:  "bias_table:T, query_length:int64 shape, key_length:int64 shape", Out: "output:T", Types: "T: float16 float32", Attrs: "is_bidirectional:int=0 max_distance:int!", Infer: inferPositionBias,
		Cost: func(c *Call) Cost {
			y := c.OutShape(0)
			pairs := y[2].Mul(y[3])
			steps := int64(3)
			if c.Int("is_bidirectional", 0) != 0 {
				steps++
			}
			return Cost{Exp: pairs, Flop: pairs.MulInt(3), Cmp: pairs.MulInt(3), Int: pairs.MulInt(steps)}
		},
		Cases: []Case{{In: "f32[32,4] i64={5} i64={6}", Attrs: "max_distance=128", Out: "f32[1,4,5,6]", Cost: "exp=30 flop=90 cmp=90 int=90"}, {In: "!f32[32,4] i64 i64", Attrs: "max_distance=128", Out: "f32[1,4,?,?]"}},
	},
	{
		Domain: msDomain, Name: "GatedRelativePositionBias", Since: []int{1},
		Doc: "Gates a position bias by the query. MACs are the products with weight: batch*num_heads*seq_len*head_size*D. A bias is a flop per element of query and of the product, the sum of halves D - 2, two sigmoids and four flops per row, " +
			"and a flop per output element. (ContribOperators.md, GatedRelativePositionBias)",
		In: "query_layer:T, query_bias:T, rel_pos:T, weight:T, bias:T, eco_a:T, token_offset?:M shape", Out: "output:T", Types: "T: float16 float32; M: int32", Attrs: "num_heads:int!",
		Infer: inferGatedBias, Cost: costGatedBias,
		Cases: []Case{{In: "f32[B,S,8] f32[8] f32[1,2,S,S] !f32[4,8] !f32[8] !f32[1,2,1,1]", Attrs: "num_heads=2", Out: "f32[B,2,S,S]", Cost: "mac=64*B*S flop=56*B*S+2*B*S^2 exp=4*B*S"}},
	},
	{
		Domain: msDomain, Name: "MoE", Since: []int{1}, Doc: expertDoc + "(ContribOperators.md, MoE)",
		In:  "input:T, router_probs:T, fc1_experts_weights:T, fc1_experts_bias?:T, fc2_experts_weights:T, fc2_experts_bias?:T, fc3_experts_weights?:T, fc3_experts_bias?:T",
		Out: "output:T", Types: "T: bfloat16 float16 float32",
		Attrs: "activation_alpha:float=1 activation_beta:float=0 activation_type:string=relu k:int=1 normalize_routing_weights:int=0 swiglu_fusion:int=0 swiglu_limit:float use_sparse_mixer:int=0",
		Infer: inferMoE, Cost: costMoE, Moves: Moving(expertMoves),
		Cases: []Case{
			// 2 of 4 experts of 16*8 + 8*16 weights; softmax of 4: 11 flops, 3 comparisons, 4 exponentials; selection 6
			{In: "f32[B,S,8] f32[N,4] !f32[4,16,8] _ !f32[4,8,16]", Attrs: "k=2", Out: "f32[B,S,8]", Cost: "mac=512*B*S flop=43*B*S cmp=41*B*S exp=4*B*S"},
			{In: "f32[6,8] f32[6,4] !f32[4,16,8] !f32[4,16] !f32[4,8,16] !f32[4,8]", Attrs: "activation_type=silu", Out: "f32[6,8]", Cost: "mac=1536 flop=690 cmp=36 exp=120"},
			{In: "f32[6,8] f32[6,4] !f32[4,16,8] _ !f32[5,8,16]", Err: "experts"},
			{In: "f32[6,8] f32[6,4] !f32[4,16,8] _ !f32[4,8,16]", Attrs: "k=5", Err: "k is 5"},
		},
	},
	{
		Domain: msDomain, Name: "QMoE", Since: []int{1}, Doc: expertDoc + "Making a weight from its code is a flop for each weight that is read, and an integer subtraction for the zero point of integers, also one that is implied. (ContribOperators.md, QMoE)",
		In: "input:T, router_probs:T, fc1_experts_weights:T1, fc1_scales?:T2 quant, fc1_experts_bias?:T, fc2_experts_weights:T1, fc2_scales?:T2 quant, fc2_experts_bias?:T, fc3_experts_weights?:T1, fc3_scales?:T2 quant, " +
			"fc3_experts_bias?:T, fc1_zero_points?:T1 quant, fc2_zero_points?:T1 quant, fc3_zero_points?:T1 quant, router_weights?:T, fc1_global_scale?:T4 quant, fc2_global_scale?:T4 quant, fc1_act_scale?:T4 quant, " +
			"fc2_act_scale?:T4 quant, fc1_act_block_scale?:T2 quant, fc2_act_block_scale?:T2 quant",
		Out: "output:T", Types: "T: bfloat16 float16 float32; T1: float8e4m3fn uint8; T2: bfloat16 float16 float32 float8e4m3fn float8e8m0; T4: float32",
		Attrs: "accuracy_level:int=0 activation_alpha:float=1 activation_beta:float=0 activation_type:string=relu block_size:int expert_weight_bits:int=4 fc1_expert_weight_bits:int fc2_expert_weight_bits:int fc3_expert_weight_bits:int " +
			"k:int=1 normalize_routing_weights:int=0 quant_type:string=int swiglu_fusion:int=0 swiglu_limit:float use_sparse_mixer:int=0 weights_prepacked:int=-1",
		Infer: inferMoE, Cost: costMoE, Moves: Moving(expertMoves),
		Cases: []Case{
			// 6 tokens, 1 of 4 experts of 16*32 + 32*16 weights at 4 bits
			{In: "f16[6,32] f16[6,4] !u8[4,16,16] !f16[4,16] _ !u8[4,32,8] !f16[4,32]", Out: "f16[6,32]", Cost: "mac=6144 flop=4546 cmp=132 exp=24 int=4096"},
		},
	},
	{
		Domain: msDomain, Name: "BeamSearch", Since: []int{1}, Doc: searchDoc + "(ContribOperators.md, BeamSearch)",
		In: "input_ids:F, max_length:I shape, min_length?:I shape, num_beams:I shape, num_return_sequences:I shape, length_penalty?:T shape, repetition_penalty?:T shape, vocab_mask?:M shape, prefix_vocab_mask?:M shape, " + searchIn +
			", decoder_input_ids?:I, logits_processor?:I shape",
		Out: "sequences:I, sequences_scores?:T, scores?:T", Types: "T: float16 float32; F: float16 float32 int32; I: int32; M: int32",
		Attrs: "decoder:graph! decoder_start_token_id:int=-1 early_stopping:int=0 encoder:graph eos_token_id:int! init_decoder:graph model_type:int=0 no_repeat_ngram_size:int=0 pad_token_id:int! vocab_size:int=-1",
		Infer: inferBeamSearch, Cost: costSearch, Body: true,
	},
	{
		Domain: msDomain, Name: "WhisperBeamSearch", Since: []int{1}, Doc: searchDoc + "(ContribOperators.md, WhisperBeamSearch)",
		In: "input_ids:F, max_length:I shape, min_length?:I shape, num_beams:I shape, num_return_sequences:I shape, length_penalty?:T shape, repetition_penalty?:T shape, vocab_mask?:M shape, prefix_vocab_mask?:M shape, " + searchIn +
			", decoder_input_ids?:I, logits_processor?:I shape, cross_qk_layer_head?:I shape, extra_decoding_ids?:I, temperature?:T shape",
		Out: "sequences:I, sequences_scores?:T, scores?:T, cross_qk?:V, non_speech_probs?:T", Types: "T: float16 float32; F: float16 float32 int32; I: int32; M: int32; V: float32",
		Attrs: "beginning_timestamp_token_id:int decoder:graph! decoder_output_cross_qk:int decoder_start_token_id:int=-1 early_stopping:int=0 encoder:graph eos_token_id:int! init_decoder:graph model_type:int=2 no_repeat_ngram_size:int=0 " +
			"no_speech_token_id:int no_timestamps_token_id:int pad_token_id:int! start_of_lm_token_id:int transcribe_token_id:int translate_token_id:int vocab_size:int=-1",
		Infer: inferBeamSearch, Cost: costSearch, Body: true,
	},
	{
		Domain: msDomain, Name: "GreedySearch", Since: []int{1}, Doc: searchDoc + "(ContribOperators.md, GreedySearch)",
		In: "input_ids:I, max_length:I shape, min_length?:I shape, repetition_penalty?:T shape, vocab_mask?:I shape, prefix_vocab_mask?:I shape, " + searchIn, Out: "sequences:I", Types: "T: float32; I: int32",
		Attrs: "decoder:graph! decoder_start_token_id:int=-1 encoder:graph eos_token_id:int! init_decoder:graph model_type:int=0 no_repeat_ngram_size:int=0 pad_token_id:int! vocab_size:int=-1",
		Infer: inferGreedySearch, Cost: costSearch, Body: true,
	},
	{
		Domain: msDomain, Name: "Sampling", Since: []int{1}, Doc: searchDoc + "(ContribOperators.md, Sampling)",
		In:  "input_ids:I, max_length:I shape, min_length?:I shape, repetition_penalty?:T shape, vocab_mask?:I shape, prefix_vocab_mask?:I shape, " + searchIn + ", presence_mask?:I shape, seed?:I shape",
		Out: "sequences:I, filtered_logits?:T", Types: "T: float32; I: int32",
		Attrs: "custom:int=0 decoder:graph! decoder_start_token_id:int=-1 encoder:graph eos_token_id:int! filter_value:float=-1e20 init_decoder:graph min_tokens_to_keep:int=0 model_type:int=0 no_repeat_ngram_size:int=0 pad_token_id:int! " +
			"presence_penalty:float=0 temperature:float=1 top_p:float=0 vocab_size:int=-1",
		Infer: inferGreedySearch, Cost: costSearch, Body: true, Random: true,
	},
}

// msRotary returns rows, heads and rotated elements of a head; the caches give the
// head size where no number of heads does.
func (c *Call) msRotary() (r rotary, ok bool) {
	x := c.ShapeOfRank(0, 3, 4)
	cos := c.shapeOr(2, 2)
	part := c.Int("rotary_embedding_dim", 0)
	if part < 0 || part%2 != 0 {
		c.Wantf("an even number", "rotary_embedding_dim is %d", part)
	}
	if x == nil {
		return r, false
	}
	r.batch, r.seq, r.dim = x[0], x[1], cos[1].MulInt(2)
	if len(x) == 4 {
		r.heads, r.seq = x[1], x[2]
		if part == 0 {
			r.dim = c.Same(r.dim, x[3], "twice the width of cos_cache and the head size")
		}
		return r, true
	}
	if part > 0 {
		r.heads = c.heads("num_heads")
	} else if n := c.Int("num_heads", 0); n > 0 {
		r.heads = graph.Int(n)
	} else if !r.dim.IsZero() {
		r.heads, _ = x[2].FloorDiv(r.dim)
	}
	return r, true
}

func inferMsRotary(c *Call) {
	c.SameShape(0, 0)
	r, ok := c.msRotary()
	c.mustBe(3, c.shapeOr(2, 2)...)
	if !ok {
		return
	}
	if c.Op.Name == "MRotaryEmbedding" {
		c.mustBe(1, graph.Int(3), r.batch, r.seq)
	} else if len(c.ShapeOfRank(1, 1, 2)) == 2 {
		c.mustBe(1, r.batch, r.seq)
	}
}

func costMsRotary(c *Call) Cost {
	r, ok := c.msRotary()
	if !ok {
		c.Unresolved("the rank of the input is not known")
	}
	return Cost{Flop: r.batch.Mul(r.seq).Mul(r.heads).Mul(r.dim).MulInt(3)}
}

func msRotaryMoves(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, c.InBytes(0))
	c.reads(&b, 1, c.InBytes(1))
	for i := 2; i <= 3; i++ {
		n := c.InBytes(i)
		if r, ok := c.msRotary(); ok {
			n = c.DType(i).Bytes(r.batch.Mul(r.seq).Mul(c.InShape(2)[1]))
		}
		c.reads(&b, i, n)
	}
	return b
}

// deltaNet returns the leading dims, and the sizes of GatedDeltaNet.
func (c *Call) deltaNet() (lead graph.Shape, a linearAttention, keyHeads graph.Dim) {
	rule := c.Word("update_rule", "gated_delta", "linear", "gated", "delta")
	a.gated, a.delta = strings.HasPrefix(rule, "gated"), strings.HasSuffix(rule, "delta")
	state := c.shapeOr(6, 4)
	a.batch, a.kvHeads, a.dv, a.dk = state[0], state[1], state[2], state[3]
	q := c.ShapeOfRank(0, 2, 4)
	if !c.Has(1) {
		if len(q) > 0 {
			lead = q[:len(q)-1]
		}
		return lead, a, c.UnknownDim()
	}
	if len(q) < 3 {
		return nil, a, c.UnknownDim()
	}
	n := len(q) - 2
	lead, keyHeads = q[:n], q[n]
	a.dk = c.Same(q[n+1], a.dk, "head size of query and initial_state")
	if v := c.ShapeOfRank(2, len(q), len(q)); v != nil {
		a.kvHeads = c.Same(v[n], a.kvHeads, "heads of value and initial_state")
		a.dv = c.Same(v[n+1], a.dv, "head size of value and initial_state")
	}
	return lead, a, keyHeads
}

func inferDeltaNet(c *Call) {
	lead, a, keyHeads := c.deltaNet()
	if lead != nil {
		c.SetShape(0, append(append(graph.Shape{}, lead...), a.kvHeads, a.dv))
	}
	batch := a.batch
	if s := c.Shape(3); len(s) == 1 {
		batch = c.Same(batch, s[0].AddInt(-1), "batch of initial_state and cu_seqlens")
	}
	c.SetShape(1, graph.Shape{batch, a.kvHeads, a.dv, a.dk})
	row := a.kvHeads.Add(keyHeads.Mul(a.dk)).Add(a.kvHeads.Mul(a.dv))
	c.SetShape(2, graph.Shape{batch, row.MulInt(c.Int("state_update_capacity", 0))})
}

func costDeltaNet(c *Call) Cost {
	lead, a, _ := c.deltaNet()
	if lead == nil {
		c.Unresolved("the shape of query is not known")
	}
	values := lead.Elements().Mul(a.kvHeads).Mul(a.dv)
	state := values.Mul(a.dk)
	cost := Cost{MAC: state.MulInt(2), Flop: values}
	if a.gated {
		cost.Flop = cost.Flop.Add(state)
		if c.Has(4) {
			cost.Exp = c.InN(4)
		}
	}
	if a.delta {
		cost.MAC, cost.Flop = cost.MAC.Add(state), cost.Flop.Add(values.MulInt(2))
	}
	return cost
}

// scalarDim returns the value of an integer input as a size.
func (c *Call) scalarDim(i int) graph.Dim {
	if e, ok := c.Scalar(i); ok {
		if d, isDim := e.Dim(); isDim {
			return d
		}
	}
	return c.UnknownDim()
}

func inferPositionBias(c *Call) {
	table := c.shapeOr(0, 2)
	c.SetShape(0, graph.Shape{graph.Int(1), table[1], c.scalarDim(1), c.scalarDim(2)})
}

// gatedBias returns batch, sequence and heads.
func (c *Call) gatedBias() (batch, seq, heads graph.Dim) {
	heads = c.heads("num_heads")
	if c.Has(6) {
		s := c.shapeOr(6, 2)
		return s[0], s[1], heads
	}
	s := c.shapeOr(0, 3)
	return s[0], s[1], heads
}

func inferGatedBias(c *Call) {
	c.ShapeOfRank(0, 2, 3)
	c.ShapeOfRank(3, 2, 2)
	batch, seq, heads := c.gatedBias()
	c.SetShape(0, graph.Shape{batch, heads, seq, seq})
}

func costGatedBias(c *Call) Cost {
	q, w := c.InShape(0), c.InShape(3)
	hidden := q[len(q)-1]
	tokens := q[:len(q)-1].Elements()
	rows := tokens.Mul(c.heads("num_heads"))
	return Cost{
		MAC:  rows.Mul(w.Elements()),
		Flop: tokens.Mul(hidden).Add(rows.Mul(w[1].MulInt(2).AddInt(-2 + 6 + 4))).Add(c.OutN(0)),
		Exp:  rows.MulInt(2),
	}
}

// experts are the places of weights and biases of MoE operators, and how many
// weights a byte of each holds.
func (c *Call) experts() (weights, biases []int) {
	if c.Op.Name == "QMoE" {
		return []int{2, 5, 8}, []int{4, 7, 10}
	}
	return []int{2, 4, 6}, []int{3, 5, 7}
}

// codesPer is how many weights an element of projection n holds.
func (c *Call) codesPer(n, input int) int64 {
	if c.DType(input) != graph.Uint8 {
		return 1
	}
	bits := c.Int([]string{"fc1", "fc2", "fc3"}[n]+"_expert_weight_bits", c.Int("expert_weight_bits", 4))
	if bits != 2 && bits != 4 && bits != 8 {
		c.Wantf("2, 4 or 8", "a weight has %d bits", bits)
	}
	return 8 / bits
}

func inferMoE(c *Call) {
	c.ShapeOfRank(0, 2, 3)
	c.SameShape(0, 0)
	c.moe()
}

// moe returns the experts, the number that each token uses, and the weights of one expert.
func (c *Call) moe() (experts, k, weights graph.Dim) {
	at, biases := c.experts()
	experts = c.shapeOr(1, 2)[1]
	for n, i := range at {
		if !c.Has(i) {
			continue
		}
		s := c.shapeOr(i, 3)
		experts = c.Same(experts, s[0], "experts of router_probs and "+c.InName(i))
		weights = weights.Add(s[1].Mul(s[2]).MulInt(c.codesPer(n, i)))
		if b := c.ShapeOfRank(biases[n], 2, 2); b != nil {
			c.mustBe(biases[n], s[0], b[1])
		}
	}
	used := c.Int("k", 1)
	if most, ok := experts.Const(); used < 1 || ok && used > most {
		c.Wantf("1 to the number of experts", "k is %d", used)
	}
	return experts, graph.Int(used), weights
}

func costMoE(c *Call) Cost {
	x := c.InShape(0)
	experts, k, weights := c.moe()
	last := len(x) - 1
	tokens := x[:last].Elements()
	runs := tokens.Mul(k)
	at, biases := c.experts()
	inner := c.expertInner(at, x[last])
	cost := softmaxCost(tokens, experts)
	cost.MAC = runs.Mul(weights)
	cost.Cmp = cost.Cmp.Add(runs.Mul(lessOne(experts)))
	cost.Flop = cost.Flop.Add(runs.Mul(x[last]).MulInt(2))
	for _, i := range biases {
		if c.Has(i) {
			cost.Flop = cost.Flop.Add(runs.Mul(c.InShape(i)[1]))
		}
	}
	if c.Int("normalize_routing_weights", 0) != 0 {
		cost.Flop = cost.Flop.Add(runs.MulInt(2)).Sub(tokens)
	}
	if c.Has(at[2]) && c.Str("activation_type", "relu") != "swiglu" {
		cost.Flop = cost.Flop.Add(runs.Mul(inner))
	}
	if c.Op.Name == "QMoE" {
		made := runs.Min(experts).Mul(weights)
		cost.Flop = cost.Flop.Add(made)
		if c.DType(at[0]) == graph.Uint8 {
			cost.Int = made
		}
	}
	return cost.Add(c.expertActivation(runs.Mul(inner)))
}

// expertInner is the number of inner elements that the activation makes: the
// weights of fc2 over the hidden size.
func (c *Call) expertInner(at []int, hidden graph.Dim) graph.Dim {
	s := c.InShape(at[1])
	q, ok := s[1].Mul(s[2]).MulInt(c.codesPer(1, at[1])).FloorDiv(hidden)
	if !ok {
		return graph.Dim{}
	}
	return q
}

// expertActivation is the work of the activation on n inner elements: swiglu is
// seven flops, three comparisons where it clamps, and an exponential.
func (c *Call) expertActivation(n graph.Dim) Cost {
	name := c.Word("activation_type", "relu", "gelu", "silu", "swiglu", "identity")
	switch {
	case name == "relu":
		return activationCosts[name].Times(n)
	case name != "swiglu":
		return fusedActivations[name].times(n, graph.Float32)
	}
	w := work{flop: 7, exp: 1}
	if c.Attr("swiglu_limit") != nil {
		w.cmp = 3
	}
	return w.times(n, graph.Float32)
}

// expertMoves reads the weights of the experts that the tokens can use.
func expertMoves(c *Call) Bytes {
	x := c.InShape(0)
	experts, k, _ := c.moe()
	used := x[:len(x)-1].Elements().Mul(k).Min(experts)
	b := Bytes{Written: c.outputBytes()}
	for i := range c.In {
		n := c.InBytes(i)
		if s := c.Shape(i); i >= 2 && len(s) == 3 && !experts.IsZero() {
			n, _ = n.Mul(used).FloorDiv(experts)
		}
		c.reads(&b, i, n)
	}
	return b
}

// runSearch attaches the subgraphs: the encoder and the first decoder once, the
// decoder as often as data says.
func (c *Call) runSearch() {
	most := c.scalarDim(1)
	once, steps := graph.Int(1), c.DataSym("steps", 1, &most)
	for _, name := range []string{"encoder", "init_decoder", "decoder"} {
		if c.Attr(name) == nil {
			continue
		}
		g := c.Body(name)
		inputs := make([]Info, len(g.Inputs))
		for i := range inputs {
			inputs[i].Has = -1
		}
		times := once
		if name == "decoder" {
			times = steps
		}
		c.Attach(name, c.RunBody(g, name, inputs), times)
	}
}

func inferBeamSearch(c *Call) {
	c.runSearch()
	ids := c.ShapeOfRank(0, 2, 3)
	batch := c.UnknownDim()
	if ids != nil {
		batch = ids[0]
	}
	most, beams, sequences := c.scalarDim(1), c.scalarDim(3), c.scalarDim(4)
	c.SetShape(0, graph.Shape{batch, sequences, most})
	c.SetShape(1, graph.Shape{batch, sequences})
	c.SetShape(2, graph.Shape{c.UnknownDim(), batch, beams, c.UnknownDim()})
	c.SetShape(3, c.UnknownShape(5))
	c.SetShape(4, graph.Shape{batch})
	for i := 1; i < len(c.Out); i++ {
		if c.Out[i].DType == graph.Undefined {
			c.SetDType(i, graph.Float32)
		}
	}
}

func inferGreedySearch(c *Call) {
	c.runSearch()
	c.SetShape(0, graph.Shape{c.shapeOr(0, 2)[0], c.scalarDim(1)})
	c.SetShape(1, c.UnknownShape(2))
}

func costSearch(c *Call) Cost {
	c.Unresolved("the search between the runs of the decoder depends on data")
	return Cost{}
}

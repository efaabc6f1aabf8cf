package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	scoreDoc = "Per score: a flop for the scale, one for a mask and one for an attention bias, and the softmax; masked positions count, and a " +
		"causal mask halves the part of the new keys only under --causal half. "
	projectDoc = "The projections of Q, K and V are MACs too (rows*input_hidden_size*columns), with a flop per element for their bias. "
	cacheDoc   = "With a shared buffer the cached length depends on data, so the work lies between bounds. "
	productDoc = "MACs of the two products are batch*num_heads*sequence_length*total_sequence_length*(head_size + v_head_size). "
)

var microsoftAttentionOps = []Op{
	{
		Domain: msDomain, Name: "Attention", Since: []int{1},
		Doc: "Attention with merged projection weights. " + productDoc + projectDoc + scoreDoc + cacheDoc + "(ContribOperators.md, Attention)",
		In:  "input:T, weights:T, bias?:T, mask_index?:M shape, past?:T state, attention_bias?:T, past_sequence_length?:M shape", Out: "output:T, present?:T",
		Types: "T: bfloat16 float16 float32; M: int32",
		Attrs: "do_rotary:int mask_filter_value:float num_heads:int! past_present_share_buffer:int qkv_hidden_sizes:ints rotary_embedding_dim:int scale:float unidirectional:int=0",
		Infer: inferProjected, Cost: costProjected,
		Cases: []Case{
			{In: "f32[1,128,64] !f32[64,192]", Attrs: "num_heads=4", Out: "f32[1,128,64]", Cost: "mac=3670016 flop=261632 cmp=65024 exp=65536"},
			{In: "f32[B,S,8] !f32[8,24] !f32[24] _ f32[2,B,2,P,4]", Attrs: "num_heads=2 unidirectional=1", Out: "f32[B,S,8] f32[2,B,2,P+S,4]"},
			{In: "f32[2,3,8] !f32[8,20] !f32[20]", Attrs: "num_heads=2 qkv_hidden_sizes=[8,8,4]", Out: "f32[2,3,4]", Cost: "mac=1176 flop=252 cmp=24 exp=36"},
			{In: "f32[B,S,8] !f32[7,24] !f32[24]", Attrs: "num_heads=2", Err: "8 and 7"},
			{In: "f32[B,S,8] !f32[8,24] !f32[23]", Attrs: "num_heads=2", Err: "bias has shape"},
			{In: "f32[B,S,8] !f32[8,24] !f32[24]", Attrs: "num_heads=3", Err: "multiple"},
			{In: "f32[S,8] !f32[8,24] !f32[24]", Attrs: "num_heads=2", Err: "rank 2"},
		},
	},
	{
		Domain: msDomain, Name: "DecoderMaskedSelfAttention", Since: []int{1},
		Doc: "Attention of one new token with merged projection weights. " + productDoc + projectDoc + scoreDoc + cacheDoc + "(ContribOperators.md, DecoderMaskedSelfAttention)",
		In:  "input:T, weights:T, bias:T, mask_index?:M shape, past:T state, attention_bias?:T, past_sequence_length:M shape, beam_width?:M shape, cache_indirection?:M",
		Out: "output:T, present:T", Types: "T: float16 float32; M: int32",
		Attrs: "do_rotary:int mask_filter_value:float num_heads:int! past_present_share_buffer:int scale:float", Infer: inferProjected, Cost: costProjected,
		Cases: []Case{
			// 8*24 projections; a shared buffer of 16 of which 5 are filled: 2 heads, 6 keys, 4+4
			{In: "f32[1,1,8] !f32[8,24] !f32[24] _ f32[2,1,2,16,4] _ i32[1]={5}", Attrs: "num_heads=2 past_present_share_buffer=1", Out: "f32[1,1,8] f32[2,1,2,16,4]",
				Cost: "mac=288 flop=70 cmp=10 exp=12"},
		},
	},
	{
		Domain: msDomain, Name: "QAttention", Since: []int{1},
		Doc: "Attention with 8-bit input and merged 8-bit projection weights. " + productDoc + projectDoc + "Subtracting a zero point is an integer operation per element, scaling " +
			"the projections a flop per element. " + scoreDoc + cacheDoc + "(ContribOperators.md, QAttention)",
		In:  "input:T1, weight:T2, bias:T3, input_scale:T3 quant, weight_scale:T3 quant, mask_index?:int32 shape, input_zero_point?:T1 quant, weight_zero_point?:T2 quant, past?:T3 state",
		Out: "output:T3, present?:T3", Types: "T1: int8 uint8; T2: int8 uint8; T3: float16 float32",
		Attrs: "do_rotary:int mask_filter_value:float num_heads:int! past_present_share_buffer:int scale:float unidirectional:int=0", Infer: inferProjected, Cost: costQAttention,
		Cases: []Case{
			{In: "u8[1,3,8] !i8[8,24] !f32[24] f32 !f32 _ u8", Attrs: "num_heads=2", Out: "f32[1,3,8]", Cost: "mac=720 flop=210 cmp=12 exp=18 int=24"},
		},
	},
	{
		Domain: msDomain, Name: "QOrderedAttention", Since: []int{1},
		Doc: "Attention in int8 with separate projection weights. " + productDoc + projectDoc + "The projections, the probabilities and the result are scaled back: " + rescaleDoc + " " + scoreDoc +
			"(ContribOperators.md, QOrderedAttention)",
		In: "input:Q, scale_input:S quant, scale_Q_gemm:S quant, scale_K_gemm:S quant, scale_V_gemm:S quant, Q_weight:Q, K_weight:Q, V_weight:Q, scale_Q_weight:S quant, " +
			"scale_K_weight:S quant, scale_V_weight:S quant, Q_bias:S, K_bias:S, V_bias:S, scale_QKT_gemm?:S quant, scale_QKT_softmax?:S quant, scale_values_gemm:S quant, " +
			"mask_index?:int32 shape, past?:Q state, attention_bias?:S",
		Out: "output:Q", Types: "Q: int8; S: float32", Attrs: "num_heads:int! order_input:int! order_output:int! order_weight:int! qkv_hidden_sizes:ints unidirectional:int=0",
		Infer: func(c *Call) { c.SetShape(0, c.orderedAttention().output3()) }, Cost: costQOrderedAttention,
		Cases: []Case{
			// 9 * 8*3 + 2*3*3*8 MACs; requantised: 72 projections, 18 scores, 24 results
			{In: "i8[1,3,8] f32 f32 f32 f32 !i8[8,8] !i8[8,8] !i8[8,8] !f32 !f32 !f32 !f32[8] !f32[8] !f32[8] f32 f32 f32", Attrs: "num_heads=2 order_input=1 order_weight=0 order_output=1",
				Out: "i8[1,3,8]", Cost: "mac=720 flop=366 cmp=240 exp=18"},
		},
	},
	{
		Domain: msDomain, Name: "MultiHeadAttention", Since: []int{1},
		Doc: "Attention of projected Q, K and V, which may be packed. " + productDoc + "The bias of the projections is a flop per element. " + scoreDoc + cacheDoc +
			"(ContribOperators.md, MultiHeadAttention)",
		In:  "query:T, key?:T, value?:T, bias?:T, key_padding_mask?:M shape, attention_bias?:T, past_key?:T state, past_value?:T state, past_sequence_length?:M shape, cache_indirection?:M",
		Out: "output:T, present_key?:T, present_value?:T, qk?:QK", Types: "T: bfloat16 float16 float32; QK: bfloat16 float16 float32; M: int32",
		Attrs: "mask_filter_value:float num_heads:int! scale:float unidirectional:int=0", Infer: inferMultiHead, Cost: costMultiHead,
		Cases: []Case{
			{In: "f32[B,S,8] f32[B,L,8] f32[B,L,8]", Attrs: "num_heads=2", Out: "f32[B,S,8]", Cost: "mac=16*B*L*S flop=-2*B*S+8*B*L*S cmp=-2*B*S+2*B*L*S exp=2*B*L*S"},
			{In: "f32[1,3,2,3,4]", Attrs: "num_heads=2", Out: "f32[1,3,8]", Cost: "mac=144 flop=66 cmp=12 exp=18"},
			{In: "f32[1,3,8] f32[1,5,2,2,4]", Attrs: "num_heads=2", Out: "f32[1,3,8]", Cost: "mac=240 flop=114 cmp=24 exp=30"},
			{In: "f32[1,3,8] f32[1,2,5,4] f32[1,2,5,6]", Attrs: "num_heads=2", Out: "f32[1,3,12]", Cost: "mac=300 flop=114 cmp=24 exp=30"},
			{In: "f32[1,1,8] f32[1,1,8] f32[1,1,8] !f32[24] _ _ f32[1,2,7,4] f32[1,2,7,4]", Attrs: "num_heads=2", Out: "f32[1,1,8] f32[1,2,8,4] f32[1,2,8,4] f32[1,2,1,8]",
				Cost: "mac=128 flop=86 cmp=14 exp=16"},
			{In: "f32[1,3,8] f32[1,5,8] f32[1,4,8]", Attrs: "num_heads=2", Err: "5 and 4"},
			{In: "f32[1,3,8] f32[1,5,8]", Attrs: "num_heads=2", Err: "value"},
			{In: "f32[1,3,8] f32[1,5,8] f32[1,5,8]", Attrs: "num_heads=3", Err: "multiple"},
			{In: "f32[3,8] f32[1,5,8] f32[1,5,8]", Attrs: "num_heads=2", Err: "rank 2"},
		},
	},
	{
		Domain: msDomain, Name: "DecoderMaskedMultiHeadAttention", Since: []int{1},
		Doc: "Attention of one new token over a cache, or over keys and values of an encoder. " + productDoc + "The bias of the projections is a flop per element. " + scoreDoc + cacheDoc +
			"(ContribOperators.md, DecoderMaskedMultiHeadAttention)",
		In:  "query:T, key?:T, value?:T, mask_index?:M shape, attention_bias?:T, past_key?:T state, past_value?:T state, past_sequence_length?:M shape, beam_width?:M shape, cache_indirection?:M, bias?:T",
		Out: "output:T, present_key?:T, present_value?:T, qk?:QK", Types: "T: float16 float32; QK: float16 float32; M: int32",
		Attrs: "mask_filter_value:float num_heads:int! output_qk:int past_present_share_buffer:int scale:float", Infer: inferMultiHead, Cost: costMultiHead,
		Cases: []Case{
			{In: "f32[B,1,8] f32[B,1,8] f32[B,1,8] _ _ f32[B,2,16,4] f32[B,2,16,4] i32[1]={5}", Attrs: "num_heads=2 past_present_share_buffer=1",
				Out: "f32[B,1,8] f32[B,2,16,4] f32[B,2,16,4]", Cost: "mac=96*B flop=46*B cmp=10*B exp=12*B"},
			{In: "f32[B,1,24]", Attrs: "num_heads=2", Out: "f32[B,1,8]", Cost: "mac=16*B flop=6*B cmp=0 exp=2*B"},
		},
	},
	{
		Domain: msDomain, Name: "GroupQueryAttention", Since: []int{1},
		Doc: "Attention with grouped key/value heads and a cache. " + productDoc + scoreDoc + "total_sequence_length is taken from its input where that is known; otherwise it lies " +
			"between the new and all keys that fit. Rotary embedding is three flops per rotated element of Q and K, RMS normalisation of heads four per element and three per head, softcap two and a " +
			"tanh per score. A local window saves nothing in this count. (ContribOperators.md, GroupQueryAttention)",
		In: "query:T, key?:T, value?:T, past_key?:T_CACHE state, past_value?:T_CACHE state, seqlens_k:M shape, total_sequence_length:M shape, cos_cache?:T, sin_cache?:T, position_ids?:int64, attention_bias?:T, " +
			"head_sink?:T, k_scale?:float32 quant, v_scale?:float32 quant, q_norm_weight?:T, k_norm_weight?:T",
		Out: "output:T, present_key?:T_CACHE, present_value?:T_CACHE, output_qk?:T", Types: "T: bfloat16 float16 float32; T_CACHE: bfloat16 float16 float32 float8e4m3fn int8 uint8; M: int32",
		Attrs: "causal:int=1 do_rotary:int k_quant_type:string=NONE kv_cache_bit_width:int kv_num_heads:int! local_window_size:int=-1 num_heads:int! qk_norm_epsilon:float=1e-6 qk_output:int=0 " +
			"rotary_interleaved:int scale:float sliding_window_cache:int=0 smooth_softmax:int=-1 softcap:float v_quant_type:string=NONE",
		Infer: inferGroupQuery, Cost: costGroupQuery,
		Cases: []Case{
			{In: "f32[1,3,32] f32[1,3,16] f32[1,3,16] f32[1,2,5,8] f32[1,2,5,8] i32[1] i32={8}", Attrs: "num_heads=4 kv_num_heads=2", Out: "f32[1,3,32] f32[1,2,8,8] f32[1,2,8,8]",
				Cost: "mac=1536 flop=468 cmp=84 exp=96"},
			{In: "f32[1,1,64] _ _ f32[1,2,16,8] f32[1,2,16,8] i32[1] i32={6}", Attrs: "num_heads=4 kv_num_heads=2", Out: "f32[1,1,32] f32[1,2,16,8] f32[1,2,16,8]",
				Cost: "mac=384 flop=116 cmp=20 exp=24"},
			{In: "f32[B,S,32] f32[B,S,16] f32[B,S,16] f32[B,2,P,8] f32[B,2,P,8] i32[B] i32", Attrs: "num_heads=4 kv_num_heads=2", Out: "f32[B,S,32] f32[B,2,`y1[2]`,8] f32[B,2,`y1[2]`,8]"},
			{In: "f32[1,3,32] f32[1,3,16] f32[1,3,16] _ _ i32[1] i32={3}", Attrs: "num_heads=4 kv_num_heads=3", Err: "multiple"},
		},
	},
	{
		Domain: msDomain, Name: "SparseAttention", Since: []int{1},
		Doc: "Attention over the blocks of a sparse mask. The scores that are computed depend on the mask: a number between 0 and those of full attention; each is head_size MACs for the score and as many " +
			"for the result. " + scoreDoc + "(ContribOperators.md, SparseAttention)",
		In:  "query:T, key?:T, value?:T, past_key:T state, past_value:T state, block_row_indices:M shape, block_col_indices:M shape, total_sequence_length:M shape, key_total_sequence_lengths:M shape, cos_cache?:T, sin_cache?:T",
		Out: "output:T, present_key:T, present_value:T", Types: "T: bfloat16 float16 float32; M: int32",
		Attrs: "do_rotary:int kv_num_heads:int! num_heads:int! rotary_interleaved:int scale:float sparse_block_size:int!", Infer: inferGroupQuery, Cost: costSparseAttention,
		Cases: []Case{
			{In: "f32[1,3,32] f32[1,3,16] f32[1,3,16] f32[1,2,64,8] f32[1,2,64,8] i32[1,5] i32[1,9] i32={8} i32[1]", Attrs: "num_heads=4 kv_num_heads=2 sparse_block_size=16",
				Out: "f32[1,3,32] f32[1,2,64,8] f32[1,2,64,8]", Cost: "mac=16*node.scores flop=4*node.scores cmp=node.scores exp=node.scores"},
		},
	},
	{
		Domain: msDomain, Name: "PackedAttention", Since: []int{1},
		Doc: "Attention of sequences packed without padding. The scores depend on their lengths: between 0 and tokens*sequence_length per head, each head_size + v_head_size MACs. " + projectDoc + scoreDoc +
			"(ContribOperators.md, PackedAttention)",
		In: "input:T, weights:T, bias:T, token_offset:M shape, cumulative_sequence_length:M shape, attention_bias?:T", Out: "output:T", Types: "T: float16 float32; M: int32",
		Attrs: "num_heads:int! qkv_hidden_sizes:ints scale:float", Infer: inferPackedAttention, Cost: costPackedAttention,
		Cases: []Case{
			{In: "f32[7,8] !f32[8,24] !f32[24] i32[3,4] i32[4]", Attrs: "num_heads=2", Out: "f32[7,8]", Cost: "mac=8*node.scores+1344 flop=4*node.scores+168 cmp=node.scores exp=node.scores"},
		},
	},
	{
		Domain: msDomain, Name: "PackedMultiHeadAttention", Since: []int{1},
		Doc: "Attention of projected Q, K and V of sequences packed without padding. The scores depend on their lengths: between 0 and tokens*sequence_length per head, each head_size + v_head_size MACs. " +
			"The bias of the projections is a flop per element. " + scoreDoc + "(ContribOperators.md, PackedMultiHeadAttention)",
		In: "query:T, key?:T, value?:T, bias?:T, token_offset:M shape, cumulative_sequence_length:M shape, attention_bias?:T", Out: "output:T", Types: "T: float16 float32; M: int32",
		Attrs: "mask_filter_value:float num_heads:int! scale:float", Infer: inferPackedMultiHead, Cost: costPackedMultiHead,
		Cases: []Case{
			{In: "f32[7,8] f32[7,8] f32[7,12] _ i32[3,4] i32[4]", Attrs: "num_heads=2", Out: "f32[7,12]", Cost: "mac=10*node.scores flop=4*node.scores cmp=node.scores exp=node.scores"},
			{In: "f32[7,2,3,4] _ _ f32[24] i32[3,4] i32[4]", Attrs: "num_heads=2", Out: "f32[7,8]", Cost: "mac=8*node.scores flop=4*node.scores+168 cmp=node.scores exp=node.scores"},
		},
	},
	{
		Domain: msDomain, Name: "LongformerAttention", Since: []int{1}, Doc: longformerDoc + "(ContribOperators.md, LongformerAttention)",
		In: "input:T, weight:T, bias:T, mask:T, global_weight:T, global_bias:T, global:G", Out: "output:T", Types: "T: float16 float32; G: int32", Attrs: "num_heads:int! window:int!",
		Infer: inferLongformer, Cost: func(c *Call) Cost { return c.longformer(1, 4) },
		Cases: []Case{
			// 3*64*8*8 projections + 64*9 local scores of 8+8
			{In: "f32[1,64,8] !f32[8,24] !f32[24] f32[1,64] !f32[8,24] !f32[24] i32[1,64]", Attrs: "num_heads=2 window=4", Out: "f32[1,64,8]",
				Cost: "mac=8192*min(1,node.global)+2112*node.global+21504 flop=1024*min(1,node.global)+1030*node.global+7168 cmp=254*node.global+1024 exp=256*node.global+1152"},
		},
	},
	{
		Domain: msDomain, Name: "QOrderedLongformerAttention", Since: []int{1}, Doc: longformerDoc + "(ContribOperators.md, QOrderedLongformerAttention)",
		In: "input:Q, scale_input:S quant, weight:Q, scale_weight:S quant, bias:S, scale_bias:S quant, scale_qkv_gemm:S quant, mask:F, global_weight:Q, scale_global_weight:S quant, global_bias:S, " +
			"scale_global_gemm:S quant, global:G, scale_output:S quant",
		Out: "output:Q", Types: "Q: int8; S: float32; G: int32; F: float16", Attrs: "num_heads:int! order_global_weight:int! order_input:int! order_output:int! order_weight:int! window:int!",
		Infer: inferLongformer, Cost: func(c *Call) Cost { return c.longformer(2, 8).Add(rescaleCost(c.InN(0))) },
		Cases: []Case{
			{In: "i8[1,64,8] f32 !i8[8,24] !f32 !f32[24] !f32 !f32 f16[1,64] !i8[8,24] !f32 !f32[24] !f32 i32[1,64] f32", Attrs: "num_heads=2 window=4 order_input=1 order_weight=0 order_global_weight=0 order_output=1",
				Out: "i8[1,64,8]", Cost: "mac=8192*min(1,node.global)+2112*node.global+21504 flop=1024*min(1,node.global)+1030*node.global+8192 cmp=254*node.global+2048 exp=256*node.global+1152"},
		},
	},
	{
		Domain: msDomain, Name: "PagedAttention", Since: []int{1}, Doc: pagedDoc + "(ContribOperators.md, PagedAttention)",
		In: "query:T, key?:T, value?:T, key_cache:T_CACHE state, value_cache?:T_CACHE state, cumulative_sequence_length:S shape, past_seqlens:S shape, block_table:S shape, cos_cache?:T, sin_cache?:T, slot_mapping?:S shape, " +
			"head_sink?:T, q_norm_weight?:T, k_norm_weight?:T, k_scale?:float32 quant, v_scale?:float32 quant, attention_metadata?:S shape",
		Out: "output:T, key_cache_out?:T_CACHE, value_cache_out?:T_CACHE", Types: "T: bfloat16 float16; T_CACHE: bfloat16 float16 float8e4m3fn int8 uint8; S: int32",
		Attrs: "do_rotary:int is_causal:int=1 k_cache_dtype:string k_quant_type:string=NONE kv_cache_layout:string=SEPARATE kv_num_heads:int! local_window_size:int=-1 num_heads:int! qk_norm_epsilon:float rotary_interleaved:int " +
			"rotary_offset:int scale:float softcap:float v_cache_dtype:string v_head_size:int v_quant_type:string=NONE",
		Infer: inferPaged, Cost: costPaged,
		Cases: []Case{
			{In: "f16[N,32] f16[N,16] f16[N,16] f16[9,16,2,8] f16[9,16,2,8] i32[B+1] i32[B] i32[B,4]", Attrs: "num_heads=4 kv_num_heads=2", Out: "f16[N,32] f16[9,16,2,8] f16[9,16,2,8]",
				Cost: "mac=16*node.scores flop=4*node.scores cmp=node.scores exp=node.scores"},
		},
	},
	{
		Domain: msDomain, Name: "SparsePagedAttention", Since: []int{1}, Doc: pagedDoc + "(ContribOperators.md, SparsePagedAttention)",
		In: "query:T, key?:T, value?:T, key_cache:T_CACHE state, value_cache:T_CACHE state, cumulative_sequence_length:S shape, past_seqlens:S shape, block_table:S shape, slot_mapping?:S shape, selected_indices:S, selected_counts:S, " +
			"auxiliary_key?:T, auxiliary_value?:T, auxiliary_lengths?:S shape, cos_cache?:T, sin_cache?:T, head_sink?:T, q_norm_weight?:T, k_norm_weight?:T, k_scale?:float32 quant, v_scale?:float32 quant, attention_metadata?:S shape",
		Out: "output:T, key_cache_out?:T_CACHE, value_cache_out?:T_CACHE", Types: "T: bfloat16 float16; T_CACHE: bfloat16 float16 int8; S: int32",
		Attrs: "attention_mode:string=selected_only auxiliary_cache_layout:string=contiguous auxiliary_kv_shared:int=0 do_rotary:int=0 is_causal:int=1 k_quant_type:string=NONE kv_num_heads:int! local_window_size:int=-1 num_heads:int! " +
			"qk_norm_epsilon:float=1e-6 rotary_interleaved:int=0 rotary_offset:int=0 scale:float selected_kv_source:string=main softcap:float v_quant_type:string=NONE",
		Infer: inferPaged, Cost: costPaged,
		Cases: []Case{
			{In: "f16[N,32] f16[N,16] f16[N,16] f16[9,16,2,8] f16[9,16,2,8] i32[B+1] i32[B] i32[B,4] _ i32[N,7] i32[N]", Attrs: "num_heads=4 kv_num_heads=2", Out: "f16[N,32] f16[9,16,2,8] f16[9,16,2,8]",
				Cost: "mac=16*node.scores flop=4*node.scores cmp=node.scores exp=node.scores"},
		},
	},
	{
		Domain: msDomain, Name: "DynamicSparseAttention", Since: []int{1},
		Doc: "Attention over keys that an indexer selected. The scores depend on data: between 0 and those of all keys that could be selected, each two times head_size MACs. " + scoreDoc +
			"(ContribOperators.md, DynamicSparseAttention)",
		In: "query:T, key?:T, value?:T, past_key?:T state, past_value?:T state, auxiliary_key?:T, auxiliary_value?:T, selected_indices:M, selected_counts:M, seqlens_k:M shape, total_sequence_length:M shape, cos_cache?:T, sin_cache?:T, " +
			"position_ids?:int64, q_norm_weight?:T, k_norm_weight?:T, head_sink?:T",
		Out: "output:T, present_key?:T, present_value?:T", Types: "T: bfloat16 float16 float32; M: int32",
		Attrs: "attention_mode:string=selected_only auxiliary_kv_shared:int=0 do_rotary:int=0 is_causal:int=1 kv_num_heads:int! local_window_size:int=-1 num_heads:int! qk_norm_epsilon:float=1e-6 rotary_interleaved:int=0 " +
			"rotary_offset:int=0 scale:float selected_kv_source:string=main smooth_softmax:int=0",
		Infer: inferGroupQuery, Cost: costSparseAttention,
		Cases: []Case{
			{In: "f32[1,3,32] f32[1,3,16] f32[1,3,16] f32[1,2,5,8] f32[1,2,5,8] _ _ i32[3,4] i32[3] i32[1] i32={8}", Attrs: "num_heads=4 kv_num_heads=2", Out: "f32[1,3,32] f32[1,2,8,8] f32[1,2,8,8]",
				Cost: "mac=16*node.scores flop=4*node.scores cmp=node.scores exp=node.scores"},
		},
	},
	{
		Domain: msDomain, Name: "DecoderAttention", Since: []int{1},
		Doc: "Attention of a decoder with the sequence as first axis; inputs that are flags choose between self and cross attention and the use of a cache, and must be constants to be counted. " + productDoc + projectDoc +
			scoreDoc + "(ContribOperators.md, DecoderAttention)",
		In:  "query:T, key:T, q_weight:T, kv_weight:T, bias:T, key_padding_mask?:B, key_cache?:T state, value_cache?:T state, static_kv:B shape, use_past:B shape, has_layer_state:B shape, has_key_padding_mask:B shape",
		Out: "output:T, new_key_cache?:T, new_value_cache?:T", Types: "T: float16 float32; B: bool", Attrs: "mask_filter_value:float num_heads:int!",
		Infer: inferDecoderAttention, Cost: costDecoderAttention,
		Cases: []Case{
			// cross attention of 3 on 5 without cache: 3*64 + 5*128 + 2*3*5*8
			{In: "f32[3,1,8] f32[5,1,8] !f32[8,8] !f32[8,16] !f32[24] _ _ _ bool={true} bool={false} bool={false} bool={false}", Attrs: "num_heads=2", Out: "f32[3,1,8]",
				Cost: "mac=1072 flop=218 cmp=24 exp=30"},
			{In: "f32[3,B,8] f32[5,B,8] !f32[8,8] !f32[8,16] !f32[24] _ _ _ bool bool bool bool", Attrs: "num_heads=2", Out: "f32[3,B,8]"},
		},
	},
}

const (
	longformerDoc = "Attention of each token to window tokens on either side and to global ones. MACs: projections of all tokens; (2*window + 1)*2*head_size per token and head; with g global tokens, a number that depends on data, " +
		"2*g*sequence_length*2*head_size per head, their queries' projection, and the global projection of keys and values. Windows count in full at the ends. "
	pagedDoc = "Attention over a cache in pages. The scores depend on the lengths of the sequences: between 0 and tokens times the keys that block_table can hold, per head, each head_size + v_head_size MACs. " + scoreDoc
)

// scoreWork is the work of an attention's scores but for the MACs: scale, masks
// and further flops on each score, and the softmax.
func (a attention) scoreWork(extra int64) Cost {
	cost := softmaxCost(a.rows(), a.total())
	cost.Flop = cost.Flop.Add(a.scores().MulInt(1 + extra))
	return cost
}

// sparseScores is the work of a number of scores that depends on data: rows are
// not known, so that each score counts as one comparison and one addition of the softmax.
func (c *Call) sparseScores(a attention, most graph.Dim, extra int64) Cost {
	n := c.DataSym("scores", 0, &most)
	return Cost{MAC: n.Mul(a.head.Add(a.vHead)), Flop: n.MulInt(4 + extra), Cmp: n, Exp: n}
}

// count returns how many of the inputs are given.
func (c *Call) count(inputs ...int) (n int64) {
	for _, i := range inputs {
		if c.Has(i) {
			n++
		}
	}
	return n
}

// output3 is the shape of Y with heads packed.
func (a attention) output3() graph.Shape { return graph.Shape{a.batch, a.q, a.qHeads.Mul(a.vHead)} }

// project is the work of projecting rows of width in to columns, with a bias.
func project(rows, in, columns graph.Dim, bias bool) Cost {
	cost := Cost{MAC: rows.Mul(in).Mul(columns)}
	if bias {
		cost.Flop = rows.Mul(columns)
	}
	return cost
}

// cached is how much of a cache of size past is filled: all of it, or, in a buffer
// that past and present share, what input i says.
func (c *Call) cached(shared bool, i int, past graph.Dim) graph.Dim {
	if !shared {
		return past
	}
	if e, ok := c.Scalar(i); ok {
		if d, isDim := e.Dim(); isDim {
			return d
		}
	}
	return c.DataSym("past_sequence_length", 0, &past)
}

// projectedInputs are the places of optional inputs of operators with merged weights.
type projectedInputs struct{ mask, past, scoreBias, pastLength int }

func (c *Call) projectedInputs() projectedInputs {
	if c.Op.Name == "QAttention" {
		return projectedInputs{5, 8, -1, -1}
	}
	return projectedInputs{3, 4, 5, 6}
}

// projected holds the sizes of attention with merged projection weights.
type projected struct {
	attention
	in, columns graph.Dim // of the projections
	buffer      graph.Dim // sequence length of the present state
}

func (c *Call) projected() projected {
	x := c.shapeOr(0, 3)
	p := c.projections3(x[2])
	p.batch, p.q, p.kv = x[0], x[1], x[1]
	p.buffer = x[1]
	at := c.projectedInputs()
	if c.Has(at.past) {
		s := c.shapeOr(at.past, 5)
		c.mustBe(at.past, graph.Int(2), p.batch, p.kvHeads, s[3], p.head)
		shared := c.Int("past_present_share_buffer", 0) != 0
		p.past = c.cached(shared, at.pastLength, s[3])
		if p.buffer = s[3]; !shared {
			p.buffer = s[3].Add(x[1])
		}
	}
	return p
}

// projections3 reads the merged weights of inputs 1 and 2 for an input of width in.
func (c *Call) projections3(in graph.Dim) projected {
	w := c.shapeOr(1, 2)
	p := projected{in: c.Same(in, w[0], "input_hidden_size of input and weights"), columns: w[1]}
	if b := c.ShapeOfRank(2, 1, 1); b != nil {
		if p.columns.HasUnknown() {
			p.columns = b[0]
		}
		c.mustBe(2, p.columns)
	}
	heads := c.heads("num_heads")
	p.qHeads, p.kvHeads = heads, heads
	var q, v graph.Dim
	if sizes := c.Ints("qkv_hidden_sizes"); len(sizes) > 0 {
		q, v = c.hiddenSizes(sizes, p.columns)
	} else {
		q = c.headSize(p.columns, graph.Int(3), "weights")
		v = q
	}
	p.head, p.vHead = c.headSize(q, heads, "hidden size"), c.headSize(v, heads, "hidden size")
	return p
}

// hiddenSizes reads qkv_hidden_sizes for weights with so many columns.
func (c *Call) hiddenSizes(sizes []int64, columns graph.Dim) (q, v graph.Dim) {
	if len(sizes) != 3 {
		c.Wantf("3", "qkv_hidden_sizes has %d entries", len(sizes))
	}
	for _, k := range sizes {
		if k < 1 {
			c.Wantf("at least 1", "qkv_hidden_sizes has an entry %d", k)
		}
	}
	if sizes[0] != sizes[1] {
		c.Failf("qkv_hidden_sizes of Q and K are %d and %d", sizes[0], sizes[1])
	}
	c.Same(columns, graph.Int(sizes[0]).MulInt(2).AddInt(sizes[2]), "columns of weights and qkv_hidden_sizes")
	return graph.Int(sizes[0]), graph.Int(sizes[2])
}

func inferProjected(c *Call) {
	p := c.projected()
	c.SetShape(0, p.output3())
	c.SetShape(1, graph.Shape{graph.Int(2), p.batch, p.qHeads, p.buffer, p.vHead})
}

func costProjected(c *Call) Cost {
	p := c.projected()
	at := c.projectedInputs()
	masks := c.count(at.mask, at.scoreBias)
	causal := c.Int("unidirectional", 0) != 0
	if causal {
		masks++
	}
	cost := p.scoreWork(masks)
	cost.MAC = p.macs(causal && c.CausalHalf())
	rows := p.batch.Mul(p.q)
	if c.Int("do_rotary", 0) != 0 {
		cost.Flop = cost.Flop.Add(c.rotaryFlops(rows, p.qHeads.MulInt(2), p.head))
	}
	return cost.Add(project(rows, p.in, p.columns, c.Has(2)))
}

// rotaryFlops is three flops for each rotated element of heads: rotary_embedding_dim
// of each, or all.
func (c *Call) rotaryFlops(rows, heads, head graph.Dim) graph.Dim {
	if d := c.Int("rotary_embedding_dim", 0); d > 0 {
		head = graph.Int(d)
	}
	return rows.Mul(heads).Mul(head).MulInt(3)
}

func costQAttention(c *Call) Cost {
	cost := costProjected(c)
	p := c.projected()
	cost.Flop = cost.Flop.Add(p.batch.Mul(p.q).Mul(p.columns))
	cost.Int = c.zeroPoints(6)
	return cost
}

// orderedAttention returns the sizes of QOrderedAttention.
func (c *Call) orderedAttention() attention {
	x, q, v := c.shapeOr(0, 3), c.shapeOr(5, 2), c.shapeOr(7, 2)
	c.mustBe(6, q[0], q[1])
	heads := c.heads("num_heads")
	c.Same(x[2], q[0], "input_hidden_size of input and Q_weight")
	return attention{batch: x[0], q: x[1], kv: x[1], qHeads: heads, kvHeads: heads,
		head: c.headSize(q[1], heads, "Q_weight"), vHead: c.headSize(v[1], heads, "V_weight")}
}

func costQOrderedAttention(c *Call) Cost {
	a := c.orderedAttention()
	rows, heads := a.batch.Mul(a.q), a.qHeads
	columns := heads.Mul(a.head.MulInt(2).Add(a.vHead))
	cost := a.scoreWork(c.count(17, 19)).Add(project(rows, c.InShape(0)[2], columns, true))
	cost.MAC = cost.MAC.Add(a.macs(c.Int("unidirectional", 0) != 0 && c.CausalHalf()))
	return cost.Add(rescaleCost(rows.Mul(columns).Add(a.scores()).Add(a.output3().Elements())))
}

// multiHeadInputs are the places of optional inputs of operators without weights.
type multiHeadInputs struct{ bias, mask, scoreBias, past, pastLength int }

func (c *Call) multiHeadInputs() multiHeadInputs {
	if c.Op.Name == "DecoderMaskedMultiHeadAttention" {
		return multiHeadInputs{10, 3, 4, 5, 7}
	}
	return multiHeadInputs{3, 4, 5, 6, 8}
}

// multiHead holds the sizes of attention of projected inputs.
type multiHead struct {
	attention
	fresh  graph.Dim // keys that are new, and get a bias
	buffer graph.Dim // sequence length of the present state
}

func (c *Call) multiHead() multiHead {
	heads := c.heads("num_heads")
	m := multiHead{attention: attention{qHeads: heads, kvHeads: heads}}
	at := c.multiHeadInputs()
	q := c.ShapeOfRank(0, 3, 5)
	switch {
	case len(q) == 4:
		c.Wantf("rank 3 or 5", "query has rank 4, shape %s", q)
	case len(q) == 5:
		c.packedQKV(&m, q)
	default:
		c.splitQKV(&m, c.shapeOr(0, 3), heads)
	}
	m.fresh, m.buffer = m.kv, m.kv
	c.pastKeys(&m, at)
	return m
}

// packedQKV reads a query [batch, sequence, heads, 3, head size].
func (c *Call) packedQKV(m *multiHead, q graph.Shape) {
	c.Same(q[2], m.qHeads, "heads of query and num_heads")
	c.Same(q[3], graph.Int(3), "packed Q, K and V")
	m.batch, m.q, m.kv, m.head, m.vHead = q[0], q[1], q[1], q[4], q[4]
}

// splitQKV reads a query [batch, sequence, hidden] with keys and values that are
// separate, packed together, or packed with the query.
func (c *Call) splitQKV(m *multiHead, q graph.Shape, heads graph.Dim) {
	m.batch, m.q = q[0], q[1]
	if !c.Has(1) {
		m.head = c.headSize(c.headSize(q[2], graph.Int(3), "query"), heads, "query")
		m.vHead, m.kv = m.head, q[1]
		return
	}
	m.head = c.headSize(q[2], heads, "query")
	k := c.ShapeOfRank(1, 3, 5)
	switch len(k) {
	case 5:
		c.mustBe(1, m.batch, k[1], heads, graph.Int(2), m.head)
		m.kv, m.vHead = k[1], m.head
		return
	case 4:
		c.mustBe(1, m.batch, heads, k[2], m.head)
		m.kv = k[2]
	case 3:
		c.mustBe(1, m.batch, k[1], q[2])
		m.kv = k[1]
	default:
		m.kv = c.UnknownDim()
	}
	if !c.Has(2) && k != nil {
		c.Failf("value is missing beside a key of shape %s", k)
	}
	m.vHead = c.UnknownDim()
	if v := c.Shape(2); v != nil && k != nil && len(v) != len(k) {
		c.Wantf("key and value of one rank", "key has shape %s, value %s", k, v)
	}
	switch v := c.ShapeOfRank(2, 3, 4); len(v) {
	case 4:
		m.kv, m.vHead = c.Same(m.kv, v[2], "sequence of key and value"), v[3]
	case 3:
		m.kv, m.vHead = c.Same(m.kv, v[1], "sequence of key and value"), c.headSize(v[2], heads, "value")
	}
}

// pastKeys joins the cache. Keys that come with their heads apart are themselves one.
func (c *Call) pastKeys(m *multiHead, at multiHeadInputs) {
	if len(c.Shape(1)) == 4 {
		m.fresh = graph.Dim{}
	}
	if !c.Has(at.past) {
		return
	}
	past := c.shapeOr(at.past, 4)
	shared := c.Int("past_present_share_buffer", 0) != 0 || c.Op.Name == "MultiHeadAttention" && c.Has(at.pastLength)
	m.past = c.cached(shared, at.pastLength, past[2])
	if m.buffer = past[2]; !shared {
		m.buffer = past[2].Add(m.kv)
	}
}

func inferMultiHead(c *Call) {
	m := c.multiHead()
	c.SetShape(0, m.output3())
	c.SetShape(1, graph.Shape{m.batch, m.kvHeads, m.buffer, m.head})
	c.SetShape(2, graph.Shape{m.batch, m.kvHeads, m.buffer, m.vHead})
	c.SetShape(3, graph.Shape{m.batch, m.qHeads, m.q, m.total()})
	for i := 1; i < 4; i++ {
		c.SetDType(i, c.DType(0))
	}
}

func costMultiHead(c *Call) Cost {
	m := c.multiHead()
	at := c.multiHeadInputs()
	causal := c.Int("unidirectional", 0) != 0
	masks := c.count(at.mask, at.scoreBias)
	if causal {
		masks++
	}
	cost := m.scoreWork(masks)
	cost.MAC = m.macs(causal && c.CausalHalf())
	if c.Has(at.bias) {
		q := m.q.Mul(m.head)
		kv := m.fresh.Mul(m.head.Add(m.vHead))
		cost.Flop = cost.Flop.Add(m.batch.Mul(m.qHeads).Mul(q.Add(kv)))
	}
	return cost
}

package ops

import "strings"

// attend is the attention of heads q [B,N,S,H] on k [B,N,L,H] and v, as a graph. The scale
// and the masks are scalars here: one flop per score each.
func attend(masks int) string {
	return "kt = Transpose <perm = [0, 1, 3, 2]> (k) raw = MatMul (q, kt) c0 = Mul (raw, a) " + masked(masks) + "pr = Softmax <axis = -1> (cm) o = MatMul (pr, v) y = Transpose <perm = [0, 2, 1, 3]> (o) "
}

func masked(masks int) string {
	var b strings.Builder
	from := "c0"
	for i := range masks {
		to := string(rune('p'+i)) + "m"
		b.WriteString(to + " = Add (" + from + ", a) ")
		from = to
	}
	return b.String() + "cm = Identity (" + from + ") "
}

// heads splits rows [B,length,N*size] into heads [B,N,length,size].
func heads(to, from, length, count, size string) string {
	return to + "_r = Reshape (" + from + ", #[B," + length + "," + count + "," + size + "]) " + to + " = Transpose <perm = [0, 2, 1, 3]> (" + to + "_r) "
}

// oneToken makes the sequence one token long.
func oneToken(graph string) string { return strings.ReplaceAll(graph, "#[B,S,", "#[B,1,") }

// addPast joins a cache of keys and one of values to the new ones.
const addPast = "k = Concat <axis = 2> (pk, nk) v = Concat <axis = 2> (pv, nv) "

// mergedHeads projects x [B,S,I] by merged weights and splits the result.
func mergedHeads(projection string) string {
	return projection + "qs, ks, vs = Split <axis = 2, num_outputs = 3> (rows) " + heads("q", "qs", "S", "N", "H")
}

var attentionGraphs = []decomposed{
	{op: "com.microsoft.Attention", in: "f32[B,S,I] f32[I,3*N*H] f32[3*N*H] i32[B,S]", attrs: "num_heads={N}",
		graph: mergedHeads("p = MatMul (x0, x1) rows = Add (p, x2) ") + heads("k", "ks", "S", "N", "H") + heads("v", "vs", "S", "N", "H") + attend(1)},
	{op: "com.microsoft.Attention", in: "f32[B,S,I] f32[I,3*N*H] _ _ f32[2,B,N,P,H] f32[B,N,S,P+S]", attrs: "num_heads={N} unidirectional=1", outs: "f32 f32",
		graph: mergedHeads("rows = MatMul (x0, x1) ") + heads("nk", "ks", "S", "N", "H") + heads("nv", "vs", "S", "N", "H") +
			"pks, pvs = Split <axis = 0, num_outputs = 2> (x4) pk = Squeeze (pks, #[0]) pv = Squeeze (pvs, #[0]) " + addPast + attend(2)},
	{op: "com.microsoft.Attention", in: "f32[B,S,I] f32[I,N*(2*H+V)] f32[N*(2*H+V)]", attrs: "num_heads={N} qkv_hidden_sizes=[{N*H},{N*H},{N*V}]",
		graph: "p = MatMul (x0, x1) rows = Add (p, x2) qs, ks, vs = Split <axis = 2> (rows, #[N*H,N*H,N*V]) " + heads("q", "qs", "S", "N", "H") + heads("k", "ks", "S", "N", "H") + heads("v", "vs", "S", "N", "V") + attend(0)},
	{op: "com.microsoft.DecoderMaskedSelfAttention", in: "f32[B,1,I] f32[I,3*N*H] f32[3*N*H] _ f32[2,B,N,9,H] _ i32[1]={P}", attrs: "num_heads={N} past_present_share_buffer=1", outs: "f32 f32",
		graph: oneToken(mergedHeads("p = MatMul (x0, x1) rows = Add (p, x2) ")) + heads("nk", "ks", "1", "N", "H") + heads("nv", "vs", "1", "N", "H") +
			"filled = Slice (x4, #[0], #[P], #[3]) pks, pvs = Split <axis = 0, num_outputs = 2> (filled) pk = Squeeze (pks, #[0]) pv = Squeeze (pvs, #[0]) " + addPast + attend(0)},
	{op: "com.microsoft.QAttention", in: "u8[B,S,I] i8[I,3*N*H] f32[3*N*H] f32 f32 i32[B,S] u8 i8", attrs: "num_heads={N}",
		graph: mergedHeads("p = MatMulInteger (x0, x1, x6, x7) f = Cast <to = 1> (p) g = Mul (f, a) rows = Add (g, x2) ") + heads("k", "ks", "S", "N", "H") + heads("v", "vs", "S", "N", "H") + attend(1)},
	{op: "com.microsoft.QOrderedAttention", in: "i8[B,S,I] f32 f32 f32 f32 i8[I,N*H] i8[I,N*H] i8[I,N*H] f32 f32 f32 f32[N*H] f32[N*H] f32[N*H] f32 f32 f32", attrs: "num_heads={N} order_input=1 order_weight=0 order_output=1",
		graph: ordered("q", "x5", "x11") + ordered("k", "x6", "x12") + ordered("v", "x7", "x13") +
			"kt = Transpose <perm = [0, 1, 3, 2]> (k) raw = MatMulInteger (q, kt) fs = Cast <to = 1> (raw) c0 = Mul (fs, a) pr = Softmax <axis = -1> (c0) qp = QuantizeLinear <output_dtype = 3> (pr, a) " +
			"o = MatMulInteger (qp, v) fo = Cast <to = 1> (o) y = QuantizeLinear <output_dtype = 3> (fo, a)"},
	{op: "com.microsoft.MultiHeadAttention", in: "f32[B,S,N*H] f32[B,L,N*H] f32[B,L,N*V] f32[N*(2*H+V)] i32[B,L] f32[B,N,S,L]", attrs: "num_heads={N}",
		graph: "bq, bk, bv = Split (x3, #[N*H,N*H,N*V]) sq = Add (x0, bq) sk = Add (x1, bk) sv = Add (x2, bv) " + heads("q", "sq", "S", "N", "H") + heads("k", "sk", "L", "N", "H") + heads("v", "sv", "L", "N", "V") + attend(2)},
	{op: "com.microsoft.MultiHeadAttention", in: "f32[B,S,N*H] f32[B,L,N*H] f32[B,L,N*H] _ _ _ f32[B,N,P,H] f32[B,N,P,H]", attrs: "num_heads={N} unidirectional=1", outs: "f32 f32 f32",
		graph: heads("q", "x0", "S", "N", "H") + heads("nk", "x1", "L", "N", "H") + heads("nv", "x2", "L", "N", "H") + "k = Concat <axis = 2> (x6, nk) v = Concat <axis = 2> (x7, nv) " + attend(1)},
	{op: "com.microsoft.MultiHeadAttention", in: "f32[B,S,N*H] f32[B,N,L,H] f32[B,N,L,V] f32[N*(2*H+V)]", attrs: "num_heads={N}",
		graph: "bq, bk, bv = Split (x3, #[N*H,N*H,N*V]) sq = Add (x0, bq) k = Identity (x1) v = Identity (x2) " + heads("q", "sq", "S", "N", "H") + attend(0)},
	{op: "com.microsoft.DecoderMaskedMultiHeadAttention", in: "f32[B,1,N*H] f32[B,1,N*H] f32[B,1,N*H] _ _ f32[B,N,9,H] f32[B,N,9,H] i32[1]={P}", attrs: "num_heads={N} past_present_share_buffer=1", outs: "f32 f32 f32",
		graph: heads("q", "x0", "1", "N", "H") + heads("nk", "x1", "1", "N", "H") + heads("nv", "x2", "1", "N", "H") + "pk = Slice (x5, #[0], #[P], #[2]) pv = Slice (x6, #[0], #[P], #[2]) " + addPast + attend(0)},
	{op: "com.microsoft.GroupQueryAttention", in: "f32[B,S,R*G*H] f32[B,S,G*H] f32[B,S,G*H] f32[B,G,P,H] f32[B,G,P,H] i32[B] i32={P+S}", attrs: "num_heads={R*G} kv_num_heads={G}", outs: "f32 f32 f32",
		graph: heads("hq", "x0", "S", "R*G", "H") + heads("nk", "x1", "S", "G", "H") + heads("nv", "x2", "S", "G", "H") + groupedCache + groupedScores + masked(1) + groupedOutput},
	{op: "com.microsoft.GroupQueryAttention", in: "f32[B,S,R*G*2*H] f32[B,S,G*2*H] f32[B,S,G*2*H] f32[B,G,P,2*H] f32[B,G,P,2*H] i32[B] i32={P+S} f32[40,H] f32[40,H] i64[B,S] f32[B,1,S,P+S] _ _ _ f32[2*H] f32[2*H]",
		attrs: "num_heads={R*G} kv_num_heads={G} do_rotary=1 softcap=30", outs: "f32 f32 f32",
		graph: heads("h0", "x0", "S", "R*G", "2*H") + heads("n0", "x1", "S", "G", "2*H") + heads("nv", "x2", "S", "G", "2*H") +
			"h1 = RMSNormalization (h0, x14) n1 = RMSNormalization (n0, x15) hq = RotaryEmbedding (h1, x7, x8, x9) nk = RotaryEmbedding (n1, x7, x8, x9) " +
			strings.ReplaceAll(groupedCache, ",H]", ",2*H]") + strings.ReplaceAll(groupedScores, "c0 = Mul (raw, a)", "sc = Mul (raw, a) dv = Div (sc, a) th = Tanh (dv) c0 = Mul (th, a)") + masked(2) + groupedOutput},
	{op: "com.microsoft.DecoderAttention", in: "f32[S,B,N*H] f32[L,B,N*H] f32[N*H,N*H] f32[N*H,2*N*H] f32[3*N*H] _ _ _ bool={true} bool={false} bool={false} bool={true}", attrs: "num_heads={N}",
		graph: "bq, bkv = Split (x4, #[N*H,2*N*H]) p = MatMul (x0, x2) sq = Add (p, bq) r = MatMul (x1, x3) skv = Add (r, bkv) sk, sv = Split <axis = 2, num_outputs = 2> (skv) " +
			"tq = Transpose <perm = [1, 0, 2]> (sq) tk = Transpose <perm = [1, 0, 2]> (sk) tv = Transpose <perm = [1, 0, 2]> (sv) " + heads("q", "tq", "S", "N", "H") + heads("k", "tk", "L", "N", "H") + heads("v", "tv", "L", "N", "H") + attend(1)},
	{op: "com.microsoft.DecoderAttention", in: "f32[S,B,N*H] f32[L,B,N*H] f32[N*H,N*H] f32[N*H,2*N*H] f32[3*N*H] _ f32[B,N,P,H] f32[B,N,P,H] bool={false} bool={true} bool={true} bool={false}", attrs: "num_heads={N}",
		graph: "bq, bkv = Split (x4, #[N*H,2*N*H]) p = MatMul (x0, x2) sq = Add (p, bq) r = MatMul (x0, x3) skv = Add (r, bkv) sk, sv = Split <axis = 2, num_outputs = 2> (skv) " +
			"tq = Transpose <perm = [1, 0, 2]> (sq) tk = Transpose <perm = [1, 0, 2]> (sk) tv = Transpose <perm = [1, 0, 2]> (sv) " + heads("q", "tq", "S", "N", "H") + heads("nk", "tk", "S", "N", "H") + heads("nv", "tv", "S", "N", "H") +
			"k = Concat <axis = 2> (x6, nk) v = Concat <axis = 2> (x7, nv) " + attend(0)},
}

const (
	// Groups of R query heads share a head of keys and values: [B,G,R*S,H] on [B,G,L,H].
	groupedCache  = "k = Concat <axis = 2> (x3, nk) v = Concat <axis = 2> (x4, nv) q = Reshape (hq, #[B,G,R*S,H]) "
	groupedScores = "kt = Transpose <perm = [0, 1, 3, 2]> (k) raw = MatMul (q, kt) c0 = Mul (raw, a) "
	groupedOutput = "pr = Softmax <axis = -1> (cm) y = MatMul (pr, v)"
)

// ordered projects int8 rows into heads of int8.
func ordered(name, weight, bias string) string {
	return strings.NewReplacer("W", weight, "BIAS", bias, "Z", name).Replace("Z_p = MatMulInteger (x0, W) Z_f = Cast <to = 1> (Z_p) Z_b = Add (Z_f, BIAS) Z_i = QuantizeLinear <output_dtype = 3> (Z_b, a) ") +
		heads(name, name+"_i", "S", "N", "H")
}

package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	hashDoc    = "Hashes of n-grams: for each order n from 2 to max_ngram_size n multiplications and n - 1 exclusive ors per token, and a remainder per hash (integer operations). "
	paddedDoc  = "The number of tokens without padding depends on data. "
	murmurWork = "Integer operations of MurmurHash3_x86_32 (A. Appleby): 7 for each four bytes of a number and 9 to finish. The length of strings is not known, so they are not counted. "
)

var microsoftMoveOps = []Op{
	{
		Domain: msDomain, Name: "ExpandDims", Since: []int{1}, Doc: "Inserts a dim of 1 at an axis, counted in the output. (ContribOperators.md, ExpandDims)",
		In: "X:T, axis:int32 shape", Out: "Y:T", Types: "T: all", Infer: inferExpandDims, Free: viewReason, Moves: View,
		Cases: []Case{
			{In: "f32[N,3] i32={1}", Out: "f32[N,1,3]"}, {In: "f32[N,3] i32={-1}", Out: "f32[N,3,1]"}, {In: "f32[N,3] i32", Out: "f32[?,?,?]"}, {In: "f32[2,3] i32={3}", Err: "axes is 3"},
		},
	},
	{
		Domain: msDomain, Name: "GatherND", Since: []int{1}, Doc: "Takes the slices that tuples of indices name. Only those are read. (ContribOperators.md, GatherND)",
		In: "data:T, indices:Tind shape", Out: "output:T", Types: "T: all; Tind: int32 int64", Infer: inferGatherND, Free: moveReason, Moves: readsOutput,
		Cases: []Case{{In: "f32[N,3,4] i64[5,6,1]", Out: "f32[5,6,3,4]"}},
	},
	{
		Domain: msDomain, Name: "Pad", Since: []int{1}, Doc: "Adds elements before and after each axis, or removes them where a number is negative. (ContribOperators.md, Pad)",
		In: "data:T, pads:int64 shape, value?:T shape", Out: "output:T", Types: realFloats, Attrs: "mode:string=constant", Infer: func(c *Call) { c.padInput() }, Free: moveReason,
		Cases: []Case{{In: "f32[N,3] i64[4]={0,1,0,1}", Out: "f32[N,5]"}, {In: "f32[2,3] i64[1,4]={0,1,2,0}", Out: "f32[4,4]"}},
	},
	{
		Domain: msDomain, Name: "Range", Since: []int{1}, Doc: "Numbers from start to below limit by delta, 1 if it is not given: a flop or an integer operation each. (ContribOperators.md, Range)",
		In: "start:T shape, limit:T shape, delta?:T shape", Out: "Y:T", Types: "T: float32 float64 int16 int32 int64", Infer: inferMsRange, Cost: each(work{flop: 1}), Moves: writesOnly,
		Cases: []Case{
			{In: "i64={0} i64={5}", Out: "i64[5]={0,1,2,3,4}"}, {In: "f32={5} f32={0} f32={-2}", Out: "f32[3]={5,3,1}"}, {In: "i64 i64 i64", Out: "i64[`y0[0]`]", Cost: "int=y0[0]"},
			{In: "i64={0} i64={5} i64={0}", Err: "delta is 0"},
		},
	},
	{
		Domain: msDomain, Name: "Trilu", Since: []int{1}, Doc: "The upper or lower triangle of matrices: elements below or above diagonal k become 0. (ContribOperators.md, Trilu)",
		In: "X:T, k?:int64 shape", Out: "Y:T", Types: "T: number bool", Attrs: "upper:int=1", Infer: inferTrilu, Free: moveReason,
		Cases: []Case{{In: "f32[N,3,4] i64={1}", Out: "f32[N,3,4]"}, {In: "f32[3]", Err: "rank"}},
	},
	{
		Domain: msDomain, Name: "UnfoldTensor", Since: []int{1}, Doc: "All slices of size elements along dim, step apart, in a new last axis. (ContribOperators.md, UnfoldTensor)",
		In: "input:T", Out: "output:T", Types: "T: all", Attrs: "dim:int=-1 size:int! step:int=1", Infer: inferUnfold, Free: moveReason,
		Cases: []Case{
			{In: "f32[2,H,4]", Attrs: "dim=1 size=2", Out: "f32[2,H-1,4,2]"}, {In: "f32[2,3,4]", Attrs: "size=3 step=2", Out: "f32[2,3,1,3]"}, {In: "f32[2,3,4]", Attrs: "dim=1 size=4", Err: "size is 4"},
			{In: "f32[2,3,4]", Attrs: "dim=1 size=0", Err: "size is 0"}, {In: "f32[2,3,4]", Attrs: "dim=1 size=1 step=0", Err: "step is 0"},
		},
	},
	{
		Domain: msDomain, Name: "TorchEmbedding", Since: []int{1}, Doc: "Takes the rows of a table that indices name. Only those are read. (ContribOperators.md, TorchEmbedding)",
		In: "weight:T, indices:int64, padding_idx?:int64 shape, scale_grad_by_freq?:bool shape", Out: "Y:T", Types: "T: number", Infer: inferEmbedding, Free: moveReason, Moves: readsOutput,
		Cases: []Case{{In: "!f32[100,8] i64[N,S]", Out: "f32[N,S,8]"}},
	},
	{
		Domain: msDomain, Name: "GatherBlockQuantized", Since: []int{1},
		Doc: "Takes slices of a table of quantised blocks and makes them floats: a multiplication (flop) per output element and a subtraction of the zero point, where one is given or, for uint8, implied. Only the slices are read, with all scales. " +
			"(ContribOperators.md, GatherBlockQuantized)",
		In: "data:T1, indices:Tind, scales:T2 quant, zero_points?:T1 quant", Out: "output:T2", Types: "T1: float4e2m1 " + float8Types + " int4 uint4 uint8; T2: bfloat16 float16 float32; Tind: int32 int64",
		Attrs: "bits:int=4 block_size:int=128 gather_axis:int=0 quantize_axis:int=1", Infer: inferGatherBlocks, Cost: costGatherBlocks, Moves: Moving(gatherBlockMoves),
		Cases: []Case{
			{In: "!u8[10,32] i64[2,S] !f32[10,4]", Attrs: "block_size=16", Out: "f32[2,S,64]", Cost: "flop=128*S int=128*S"}, {In: "!i4[10,64] i64[3] !f16[10,4]", Attrs: "block_size=16", Out: "f16[3,64]", Cost: "flop=192"},
			{In: "!u8[10,32] i64[2] !f32[10,4]", Attrs: "bits=3", Err: "bits is 3"},
		},
	},
	{
		Domain: msDomain, Name: "Unique", Since: []int{1}, Doc: "The different elements of a vector in the order of their first occurrence, with indices and counts: an integer operation (a look-up) per element. (ContribOperators.md, Unique)",
		In: "x:T", Out: "y:T, idx:int64, counts:int64", Types: "T: all", Infer: inferMsUnique, Cost: func(c *Call) Cost { return Cost{Int: c.InN(0)} },
		Cases: []Case{{In: "f32[N]", Out: "f32[`y0[0]`] i64[N] i64[`y0[0]`]", Cost: "int=N"}, {In: "f32[2,3]", Out: "f32 i64 i64", Err: "rank 2"}},
	},
	{
		Domain: msDomain, Name: "RemovePadding", Since: []int{1}, Doc: "Packs the tokens of padded sequences. " + paddedDoc + "(ContribOperators.md, RemovePadding)",
		In: "input:T, sequence_token_count:M shape", Out: "output:T, token_offset:M, cumulated_seq_len:M, max_seq_len:M", Types: "T: float16 float32; M: int32", Infer: inferRemovePadding, Free: moveReason, Moves: readsOutput,
		Cases: []Case{{In: "f32[B,S,8] i32[B]", Out: "f32[`y0[0]`,8] i32[B,S] i32[B+1] i32[1]"}, {In: "f32[B,8] i32[B]", Out: "f32 i32 i32 i32", Err: "rank 2"}},
	},
	{
		Domain: msDomain, Name: "RestorePadding", Since: []int{1}, Doc: "Puts packed tokens into padded sequences. (ContribOperators.md, RestorePadding)",
		In: "input:T, token_offset:M shape", Out: "output:T", Types: "T: float16 float32; M: int32", Infer: inferRestorePadding, Free: moveReason,
		Cases: []Case{{In: "f32[T,8] i32[B,S]", Out: "f32[B,S,8]"}},
	},
	{
		Domain: msDomain, Name: "Tokenizer", Since: []int{1}, Doc: "Splits strings; the number of tokens depends on data. (ContribOperators.md, Tokenizer)",
		In: "X:T", Out: "Y:T", Types: "T: string", Attrs: "mark:int! mincharnum:int! pad_value:string! separators:strings tokenexp:string", Infer: inferTokenizer, Free: "strings are no arithmetic",
		Cases: []Case{{In: "str[N,C]", Attrs: "mark=0 mincharnum=1 pad_value=#", Out: "str[N,C,`y0[2]`]"}, {In: "str[2,3,4]", Attrs: "mark=0 mincharnum=1 pad_value=#", Err: "rank 3"}},
	},
	{
		Domain: msDomain, Name: "MurmurHash3", Since: []int{1}, Doc: murmurWork + "(ContribOperators.md, MurmurHash3)",
		In: "X:T1", Out: "Y:T2", Types: "T1: float32 float64 int32 int64 string uint32 uint64; T2: int32 uint32", Attrs: "positive:int=1 seed:int=0", Infer: inferMurmur, Cost: costMurmur,
		Cases: []Case{{In: "i32[N]", Out: "u32[N]", Cost: "int=16*N"}, {In: "i64[N]", Attrs: "positive=0", Out: "i32[N]", Cost: "int=23*N"}},
	},
	{
		Domain: msDomain, Name: "NGramHashMapping", Since: []int{1}, Doc: hashDoc + "(ContribOperators.md, NGramHashMapping)",
		In: "input_ids:M, multipliers:M, vocab_sizes:M, past_ids?:M, head_offsets?:M, eos_token_id?:M, segment_ids?:int32", Out: "hash_ids:M, present_ids?:M", Types: "M: int32 int64",
		Attrs: "max_ngram_size:int! n_head_per_ngram:int! pad_id:int! reset_on_eos:int=0", Infer: inferNGramHash, Cost: costNGramHash,
		// orders 2 and 3: 2 + 3 products, 1 + 2 exclusive ors, 4 remainders
		Cases: []Case{{In: "i64[B,S] i64[3] i64[4]", Attrs: "max_ngram_size=3 n_head_per_ngram=2 pad_id=0", Out: "i64[B,S,4] i64[B,2]", Cost: "int=12*B*S"}, {In: "i64[B,S] i64[3] i64[4]", Attrs: "max_ngram_size=1 n_head_per_ngram=2 pad_id=0", Err: "max_ngram_size is 1"}},
	},
	{
		Domain: msDomain, Name: "VarlenNGramHashMapping", Since: []int{1}, Doc: hashDoc + "(ContribOperators.md, VarlenNGramHashMapping)",
		In:  "input_ids:M, multipliers:M, vocab_sizes:M, cumulative_sequence_length:S shape, past_ids?:M, head_offsets?:M, eos_token_id?:M, segment_ids?:int32, past_segment_ids?:S, capture_count?:S shape",
		Out: "hash_ids:M, present_ids?:M, present_segment_ids?:S, state_update?:M", Types: "M: int32 int64; S: int32",
		Attrs: "max_ngram_size:int! n_head_per_ngram:int! pad_id:int! reset_on_eos:int=0 state_update_capacity:int=0", Infer: inferNGramHash, Cost: costNGramHash,
		Cases: []Case{{In: "i64[T] i64[3] i64[4] i32[6]", Attrs: "max_ngram_size=3 n_head_per_ngram=2 pad_id=0", Out: "i64[T,4] i64[5,2]", Cost: "int=12*T"}},
	},
	{
		Domain: msDomain, Name: "NGramRepeatBlock", Since: []int{1}, Doc: "Scores of tokens that would repeat an n-gram become -inf. A comparison per token of each of the n-grams before. (ContribOperators.md, NGramRepeatBlock)",
		In: "input_ids:Tid, scores:T", Out: "scores_out:T", Types: "Tid: int64; T: float32", Attrs: "ngram_size:int!", Infer: func(c *Call) { c.heads("ngram_size"); c.shapeOr(0, 2); c.SetShape(0, c.shapeOr(1, 2)) }, Cost: costNGramRepeat,
		Cases: []Case{{In: "i64[B,10] f32[B,V]", Attrs: "ngram_size=3", Out: "f32[B,V]", Cost: "cmp=16*B"}, {In: "i64[B,10] f32[B,V]", Attrs: "ngram_size=0", Err: "ngram_size is 0"}},
	},
	{
		Domain: msDomain, Name: "BifurcationDetector", Since: []int{1}, Doc: "Joins tokens where a prediction leaves the source: a number that depends on data. An integer operation per source token. (ContribOperators.md, BifurcationDetector)",
		In: "src_tokens:T, cur_tokens:T, prev_suffix_match_idx:T, pred_tokens?:T", Out: "tokens:T, suffix_match_idx:T", Types: "T: int64", Attrs: "max_ngram_size:int=3 min_ngram_size:int=1",
		Infer: inferBifurcation, Cost: func(c *Call) Cost { return Cost{Int: c.InN(0)} },
		Cases: []Case{{In: "i64[N] i64[C] i64[] i64[P]", Out: "i64[`y0[0]`] i64[]", Cost: "int=N"}, {In: "i64[N] i64[C] i64[]", Out: "i64[C] i64[]", Cost: "int=N"}},
	},
	{
		Domain: msDomain, Name: "DynamicTimeWarping", Since: []int{1}, Doc: "The cheapest path through a cost matrix: per element two comparisons and an addition. The length of the path depends on data. (ContribOperators.md, DynamicTimeWarping)",
		In: "input:F", Out: "output:I", Types: "F: float32; I: int32", Infer: inferTimeWarp, Cost: func(c *Call) Cost { return Cost{Cmp: c.InN(0).MulInt(2), Flop: c.InN(0)} },
		Cases: []Case{{In: "f32[1,M,7]", Out: "i32[2,`y0[1]`]", Cost: "cmp=14*M flop=7*M"}, {In: "f32[5]", Err: "rank 1"}},
	},
	{
		Domain: msDomain, Name: "Inverse", Since: []int{1},
		Doc: "Inverse of square matrices by LU decomposition and substitution: 2*m^3 flops for a matrix of order m to leading order, counted as that. (ContribOperators.md, Inverse; Golub and Van Loan, Matrix Computations, section 3.2)",
		In:  "X:T", Out: "Y:T", Types: realFloats, Infer: inferInverse, Cost: costInverse,
		Cases: []Case{{In: "f32[N,3,3]", Out: "f32[N,3,3]", Cost: "flop=54*N"}, {In: "f32[2,3]", Err: "equal sizes"}},
	},
	{
		Domain: msDomain, Name: "Rfft", Since: []int{1}, Doc: dftDoc + "(ContribOperators.md, Rfft)", In: "X:T", Out: "Y:T", Types: realFloats, Attrs: "normalized:int=0 onesided:int=1 signal_ndim:int=1",
		Infer: inferRfft, Cost: func(c *Call) Cost { return c.realTransform(c.InShape(0)) },
		Cases: []Case{{In: "f32[B,16]", Out: "f32[B,9,2]", Cost: "flop=160*B"}, {In: "f32[B,8,16]", Attrs: "signal_ndim=2", Out: "f32[B,8,9,2]", Cost: "flop=2360*B"}},
	},
	{
		Domain: msDomain, Name: "Irfft", Since: []int{1}, Doc: dftDoc + "(ContribOperators.md, Irfft)", In: "X:T", Out: "Y:T", Types: realFloats, Attrs: "normalized:int=0 onesided:int=1 signal_ndim:int!",
		Infer: inferIrfft, Cost: func(c *Call) Cost { return c.realTransform(c.OutShape(0)).Add(Cost{Flop: c.OutN(0)}) },
		Cases: []Case{{In: "f32[B,9,2]", Attrs: "signal_ndim=1", Out: "f32[B,16]", Cost: "flop=176*B"}, {In: "f32[B,9,3]", Attrs: "signal_ndim=1", Err: "3 and 2"}},
	},
	{
		Domain: msDomain, Name: "SampleOp", Since: []int{1}, Doc: "Passes its input on: an example of an operator of one's own. (ContribOperators.md, SampleOp)",
		In: "X:T", Out: "Y:T", Types: "T: float16 float32 float64 int32 int64 uint32 uint64", Infer: keepShape, Free: moveReason,
		Cases: []Case{{In: "f32[N]", Out: "f32[N]"}},
	},
}

func inferExpandDims(c *Call) {
	e, ok := c.Scalar(1)
	k, isConst := e.Int()
	c.unsqueeze([]int64{k}, 1, ok && isConst)
}

func inferMsRange(c *Call) {
	if !c.Has(2) {
		one := Tensor(c.DType(0), graph.Shape{})
		one.Const, one.Elems = true, IntElems(graph.Int(1))
		if c.DType(0).IsFloat() {
			one.Elems = []Elem{FloatElem(1)}
		}
		c.In = append(append([]*Info{}, c.In[:2]...), &one)
		defer func() { c.In = c.In[:2] }()
	}
	inferRange(c)
}

func inferUnfold(c *Call) {
	size, step := c.Int("size", 0), c.Int("step", 1)
	if size < 1 {
		c.Wantf("at least 1", "size is %d", size)
	}
	if step < 1 {
		c.Wantf("at least 1", "step is %d", step)
	}
	s := c.ShapeOfRank(0, 1, -1)
	if s == nil {
		return
	}
	axis := c.Axis("dim", -1, len(s))
	if k, ok := s[axis].Const(); ok && size > k {
		c.Wantf("at most the dim", "size is %d for a dim of %d", size, k)
	}
	out := append(append(graph.Shape{}, s...), graph.Int(size))
	out[axis] = s[axis].AddInt(-size).MustFloorDiv(step).AddInt(1)
	c.SetShape(0, out)
}

func inferEmbedding(c *Call) {
	table, idx := c.shapeOr(0, 2), c.Shape(1)
	if idx != nil {
		c.SetShape(0, append(append(graph.Shape{}, idx...), table[1]))
	}
}

// codesInByte is how many codes a byte of the table holds: uint8 data packs them.
func (c *Call) codesInByte() int64 {
	if c.DType(0) != graph.Uint8 {
		return 1
	}
	bits := c.Int("bits", 4)
	if bits != 2 && bits != 4 && bits != 8 {
		c.Wantf("2, 4 or 8", "bits is %d", bits)
	}
	return 8 / bits
}

func inferGatherBlocks(c *Call) {
	data, idx := c.ShapeOfRank(0, 1, -1), c.Shape(1)
	per := c.codesInByte()
	if data == nil {
		return
	}
	axis := c.Axis("gather_axis", 0, len(data))
	c.Axis("quantize_axis", 1, len(data))
	if idx == nil {
		return
	}
	rest := append(graph.Shape{}, data[axis+1:]...)
	if n := len(rest); n > 0 {
		rest[n-1] = rest[n-1].MulInt(per)
	}
	c.SetShape(0, append(append(append(graph.Shape{}, data[:axis]...), idx...), rest...))
}

func costGatherBlocks(c *Call) Cost {
	n := c.OutN(0)
	cost := Cost{Flop: n}
	if c.Has(3) || c.DType(0) == graph.Uint8 {
		cost.Int = n
	}
	return cost
}

func gatherBlockMoves(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	codes := c.OutN(0)
	if per := c.codesInByte(); per > 1 {
		codes = codes.CeilDiv(graph.Int(per))
	}
	c.reads(&b, 0, c.DType(0).Bytes(codes))
	for i := 1; i < len(c.In); i++ {
		c.reads(&b, i, c.InBytes(i))
	}
	return b
}

func inferMsUnique(c *Call) {
	n := c.shapeOr(0, 1)[0]
	u := c.DataDim(0, 0, 0, &n)
	c.SetShape(0, graph.Shape{u})
	c.SetShape(1, graph.Shape{n})
	c.SetShape(2, graph.Shape{u})
}

func inferRemovePadding(c *Call) {
	x := c.shapeOr(0, 3)
	all := x[0].Mul(x[1])
	c.mustBe(1, x[0])
	c.SetShape(0, graph.Shape{c.DataDim(0, 0, 0, &all), x[2]})
	c.SetShape(1, x[:2])
	c.SetShape(2, graph.Shape{x[0].AddInt(1)})
	c.SetShape(3, graph.Ints(1))
}

func inferRestorePadding(c *Call) {
	x, offset := c.shapeOr(0, 2), c.shapeOr(1, 2)
	c.SetShape(0, graph.Shape{offset[0], offset[1], x[1]})
}

func inferTokenizer(c *Call) {
	s := c.ShapeOfRank(0, 1, 2)
	if s == nil {
		return
	}
	// An input without strings gives an output of the same shape.
	if lo, ok := s.Elements().Lower(); ok && lo > 0 {
		c.SetShape(0, append(append(graph.Shape{}, s...), c.DataDim(0, len(s), 0, nil)))
	}
}

func inferMurmur(c *Call) {
	keepShape(c)
	c.SetDType(0, graph.Uint32)
	if c.Int("positive", 1) == 0 {
		c.SetDType(0, graph.Int32)
	}
}

func costMurmur(c *Call) Cost {
	if c.DType(0).Bits() == 0 {
		c.Unresolved("the length of the strings is not known")
	}
	return Cost{Int: c.InN(0).MulInt(9 + 7*int64(c.DType(0).Bits()/32))}
}

// nGram returns the attributes of the hash mappings.
func (c *Call) nGram() (most graph.Dim, heads graph.Dim) {
	if n := c.Int("max_ngram_size", 0); n < 2 {
		c.Wantf("at least 2", "max_ngram_size is %d", n)
	}
	return c.heads("max_ngram_size"), c.heads("n_head_per_ngram")
}

func inferNGramHash(c *Call) {
	most, heads := c.nGram()
	before := most.AddInt(-1)
	if c.Op.Name == "NGramHashMapping" {
		x := c.shapeOr(0, 2)
		c.SetShape(0, graph.Shape{x[0], x[1], before.Mul(heads)})
		c.SetShape(1, graph.Shape{x[0], before})
		return
	}
	x, batch := c.shapeOr(0, 1), c.shapeOr(3, 1)[0].AddInt(-1)
	c.SetShape(0, graph.Shape{x[0], before.Mul(heads)})
	c.SetShape(1, graph.Shape{batch, before})
	c.SetShape(2, graph.Shape{batch, before})
	c.SetShape(3, c.UnknownShape(2))
}

func costNGramHash(c *Call) Cost {
	most, heads := c.nGram()
	// The sum of 2n - 1 for n from 2 to most is most^2 - 1.
	perToken := most.Mul(most).AddInt(-1).Add(most.AddInt(-1).Mul(heads))
	return Cost{Int: c.InN(0).Mul(perToken)}
}

func costNGramRepeat(c *Call) Cost {
	x, n := c.InShape(0), c.Int("ngram_size", 0)
	grams := x[1].AddInt(1 - n).Max(graph.Int(0))
	return Cost{Cmp: x[0].Mul(grams).MulInt(n - 1)}
}

func inferBifurcation(c *Call) {
	cur := c.shapeOr(1, 1)
	c.SetShape(1, graph.Shape{})
	if !c.Has(3) {
		c.SetShape(0, cur)
		return
	}
	most := cur[0].Add(c.shapeOr(3, 1)[0])
	c.SetShape(0, graph.Shape{c.DataDim(0, 0, 0, &most)})
}

func inferTimeWarp(c *Call) {
	s := c.ShapeOfRank(0, 2, 3)
	if s == nil {
		s = c.UnknownShape(2)
	}
	m, n := s[len(s)-2], s[len(s)-1]
	most := m.Add(n).AddInt(-1)
	c.SetShape(0, graph.Shape{graph.Int(2), c.DataDim(0, 1, 0, &most)})
}

func inferInverse(c *Call) {
	s := c.ShapeOfRank(0, 2, -1)
	if s == nil {
		return
	}
	c.Same(s[len(s)-2], s[len(s)-1], "rows and columns")
	c.SetShape(0, s)
}

func costInverse(c *Call) Cost {
	s := c.InShape(0)
	return Cost{Flop: s.Elements().Mul(s[len(s)-1]).MulInt(2)}
}

// signalAxes is how many of the last axes are transformed.
func (c *Call) signalAxes(s graph.Shape) int {
	n := c.Int("signal_ndim", 1)
	if n < 1 || n > int64(len(s)) {
		c.Wantf("at least 1, at most the rank", "signal_ndim is %d", n)
	}
	return int(n)
}

func inferRfft(c *Call) {
	s := c.ShapeOfRank(0, 1, -1)
	if s == nil {
		return
	}
	c.signalAxes(s)
	last := len(s) - 1
	c.SetShape(0, append(append(graph.Shape{}, s[:last]...), s[last].MustFloorDiv(2).AddInt(1), graph.Int(2)))
}

func inferIrfft(c *Call) {
	s := c.ShapeOfRank(0, 2, -1)
	if s == nil {
		return
	}
	last := len(s) - 2
	c.signalAxes(s[:last+1])
	c.Same(s[last+1], graph.Int(2), "real and imaginary part")
	c.SetShape(0, append(append(graph.Shape{}, s[:last]...), s[last].AddInt(-1).MulInt(2)))
}

// realTransform is the work of transforms between real numbers of shape s and the
// half of their spectrum: one over the last axis of s, then those over the other
// axes for the half that is kept.
func (c *Call) realTransform(s graph.Shape) Cost {
	n, last := c.signalAxes(s), len(s)-1
	flop := s[:last].Elements().Mul(c.fftFlops(s[last], true))
	half := append(append(graph.Shape{}, s[:last]...), s[last].MustFloorDiv(2).AddInt(1))
	for a := len(s) - n; a < last; a++ {
		others := append(append(graph.Shape{}, half[:a]...), half[a+1:]...).Elements()
		flop = flop.Add(others.Mul(c.fftFlops(s[a], false)))
	}
	return Cost{Flop: flop}
}

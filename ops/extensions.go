package ops

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	extensionsSource = " (onnxruntime-extensions, operators/"
	tokenDoc         = "Token numbers of each string, padded to the longest. "
	dropLastDoc      = "Text of the token numbers of each row. "
)

// extensionsOps are those of onnxruntime-extensions, which go by two domains.
var extensionsOps = join(inDomain("ai.onnx.contrib", extensions), inDomain("com.microsoft.extensions", extensions))

var extensions = join(stringExtensions, tokenExtensions, mathExtensions)

var stringExtensions = []Op{
	sameText("StringECMARegexReplace", "Replaces matches of a pattern.", "string", "text:string, pattern:string shape, rewrite:string shape", "global_replace:int=1 ignore_case:int=0 *", "str[N,2] str[1] str[1]"),
	sameText("StringLength", "Number of characters of each string.", "int64", "text:string", "", "str[N,2]"),
	sameText("StringLower", "Strings in lower case.", "string", "text:string", "", "str[N,2]"),
	sameText("StringMapping", "Replaces strings that a table lists.", "string", "text:string", "map:string! *", "str[N,2]"),
	sameText("StringRegexReplace", "Replaces matches of a pattern.", "string", "text:string, pattern:string shape, rewrite:string shape", "global_replace:int=1 *", "str[N,2] str[1] str[1]"),
	sameText("StringStrip", "Strings without white space around them.", "string", "text:string", "", "str[N,2]"),
	sameText("StringToHashBucket", "Number of the bucket that each string falls into.", "int64", "text:string, num_buckets:int64 shape", "", "str[N,2] i64[1]"),
	sameText("StringToHashBucketFast", "Number of the bucket that each string falls into.", "int64", "text:string, num_buckets:int64 shape", "", "str[N,2] i64[1]"),
	sameText("StringUpper", "Strings in upper case.", "string", "text:string", "", "str[N,2]"),
	{
		Name: "MaskedFill", Since: []int{1}, Doc: "The strings at which a mask is true." + extensionsSource + "text/masked_fill.cc)",
		In: "value:string, mask:bool", Out: "output:string", Infer: inferMaskedFill, Free: textReason,
		Cases: []Case{{In: "str[N] bool[N]", Out: "str[`y0[0]`]"}, {In: "str[2] bool[3]", Err: "mask"}},
	},
	{
		Name: "StringConcat", Since: []int{1}, Doc: "Joins strings of equal shapes element by element." + extensionsSource + "text/string_concat.cc)",
		In: "left:string, right:string", Out: "output:string", Infer: inferSameText, Free: textReason,
		Cases: []Case{{In: "str[N,2] str[N,2]", Out: "str[N,2]"}, {In: "str[2] str[1]", Err: "right"}},
	},
	split("StringECMARegexSplitWithOffsets", "text:string, pattern:string shape, keep_pattern:string shape", "ignore_case:int=0 *", "text/string_ecmaregex_split.cc"),
	split("StringRegexSplitWithOffsets", "text:string, pattern:string shape, keep_pattern:string shape", "", "text/re2_strings/string_regex_split.cc"),
	{
		Name: "StringEqual", Since: []int{1}, Doc: "Whether strings are equal: a comparison per element of the larger input." + extensionsSource + "text/string_equal.cc)",
		In: "x:string, y:string", Out: "z:bool", Infer: inferStringEqual, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "str[N,2] str[N,2]", Out: "bool[N,2]", Cost: "cmp=2*N"}, {In: "str[1] str[3,2]", Out: "bool[3,2]", Cost: "cmp=6"}},
	},
	{
		Name: "StringJoin", Since: []int{1}, Doc: "Joins the strings along an axis." + extensionsSource + "text/string_join.cc)",
		In: "input_X:string, input_sep:string shape, input_axis:int64 shape", Out: "out:string", Infer: inferStringJoin, Free: textReason,
		Cases: []Case{{In: "str[N,3] str[1] i64[1]={1}", Out: "str[N]"}, {In: "str[3] str[1] i64[1]={0}", Out: "str[1]"}, {In: "str[N,3] str[1] i64[1]", Out: "str[?]"}, {In: "str[N,3] str[1] i64[1]={2}", Err: "axis"}},
	},
	{
		Name: "StringSplit", Since: []int{1}, Doc: "Cuts strings at a character: the parts, the place of each, and the size of a table of them." + extensionsSource + "text/string_split.cc)",
		In: "input_X:string, sep:string shape, skip_empty:bool shape", Out: "out_indices:int64, out_text:string, out_shape:int64", Infer: inferSplitPlaces, Free: textReason,
		Cases: []Case{{In: "str[N] str[1] bool[1]", Out: "i64[`y0[0]`,2] str[`y0[0]`] i64[2]"}, {In: "str[N,2] str[1] bool[1]", Out: "i64 str i64", Err: "rank 2"}},
	},
	{
		Name: "StringToVector", Since: []int{1}, Doc: "The numbers that a table lists for each string." + extensionsSource + "text/string_to_vector.cc)",
		In: "text:string", Out: "token_ids:int64", Attrs: "map:string! unk:string *", Infer: inferStringToVector, Free: textReason,
		Cases: []Case{{In: "str[N]", Attrs: "map=\"a\t1 2 3\nb\t4 5 6\" unk=\"0 0 0\"", Out: "i64[N,3]"}},
	},
	{
		Name: "VectorToString", Since: []int{1}, Doc: "The strings that a table lists for rows of numbers." + extensionsSource + "text/vector_to_string.cc)",
		In: "token_ids:int64", Out: "text:string", Attrs: "map:string! unk:string *", Infer: inferVectorToString, Free: textReason,
		Cases: []Case{{In: "i64[N,3]", Attrs: "map=\"a\t1 2 3\" unk=x", Out: "str[N]"}, {In: "i64[N]", Attrs: "map=\"a\t1\" unk=x", Out: "str[N]"}, {In: "i64[N,2]", Attrs: "map=\"a\t1 2 3\"", Err: "map"}},
	},
}

var tokenExtensions = []Op{
	{
		Name: "BasicTokenizer", Since: []int{1}, Doc: "Words of a text." + extensionsSource + "tokenizer/basic_tokenizer.cc)",
		In: "text:string", Out: "tokens:string", Attrs: "do_lower_case:int=1 *", Infer: inferSentences, Free: textReason,
		Cases: []Case{{In: "str[1]", Out: "str[`y0[0]`]"}},
	},
	{
		Name: "BertTokenizer", Since: []int{1}, Doc: "Token numbers of one text or of two." + extensionsSource + "tokenizer/bert_tokenizer.cc)",
		In: "text:string", Out: "input_ids:int64, token_type_ids:int64, attention_mask:int64, offset_mapping?:int64", Attrs: "vocab_file:string *", Infer: func(c *Call) { c.bertTokens(nil) }, Free: textReason,
		Cases: []Case{{In: "str[1]", Out: "i64[`y0[0]`] i64[`y0[0]`] i64[`y0[0]`] i64[`y0[0]`,2]"}},
	},
	{
		Name: "BertTokenizerDecoder", Since: []int{1}, Doc: "Text of token numbers, of all or of each span." + extensionsSource + "tokenizer/bert_tokenizer_decoder.cc)",
		In: "ids:int64, position:int64 shape", Out: "str:string", Attrs: "use_indices:int=0 vocab_file:string *", Infer: inferBertDecoder, Free: textReason,
		Cases: []Case{{In: "i64[N] i64[0]", Out: "str[1]"}, {In: "i64[N] i64[K,2]", Attrs: "use_indices=1", Out: "str[K]"}},
	},
	{
		Name: "BlingFireSentenceBreaker", Since: []int{1}, Doc: "Sentences of a text." + extensionsSource + "tokenizer/blingfire_sentencebreaker.cc)",
		In: "text:string", Out: "sentence:string", Attrs: "max_sentence:int=-1 model:string *", Infer: inferSentences, Free: textReason,
		Cases: []Case{{In: "str[1]", Out: "str[`y0[0]`]"}},
	},
	detokenizer("BpeDecoder", "tokenizer/bpe_decoder.hpp"),
	tokenizer("CLIPTokenizer", "text:string, add_special_tokens?:bool shape", "input_ids:int64, attention_mask?:int64, offset_mapping?:int64"),
	tokenizer("GPT2Tokenizer", "text:string", "input_ids:int64, attention_mask?:int64"),
	{
		Name: "HfBertTokenizer", Since: []int{1}, Doc: "Token numbers of one text or of two, as one row." + extensionsSource + "tokenizer/bert_tokenizer.cc)",
		In: "text:string", Out: "input_ids:int64, attention_mask:int64, token_type_ids?:int64, offset_mapping?:int64", Attrs: "vocab_file:string *",
		Infer: func(c *Call) { c.bertTokens(graph.Ints(1)) }, Free: textReason,
		Cases: []Case{{In: "str[1]", Out: "i64[1,`y0[1]`] i64[1,`y0[1]`] i64[1,`y0[1]`] i64[`y0[1]`,2]"}},
	},
	tokenizer("HfJsonTokenizer", "text:string", "input_ids:int64, attention_mask?:int64, offset_mapping?:int64"),
	tokenizer("RobertaTokenizer", "text:string, add_special_tokens?:bool shape", "input_ids:int64, attention_mask?:int64, offset_mapping?:int64"),
	{
		Name: "SentencepieceDecoder", Since: []int{1}, Doc: "Text of token numbers." + extensionsSource + "tokenizer/sentencepiece_decoder.hpp)",
		In: "ids:int64, fairseq?:bool shape", Out: "str:string", Attrs: "model:string *", Infer: func(c *Call) { c.SetShape(0, graph.Ints(1)) }, Free: textReason,
		Cases: []Case{{In: "i64[N]", Out: "str[1]"}},
	},
	{
		Name: "SentencepieceTokenizer", Since: []int{1}, Doc: "Token numbers of all strings in one row, and where those of each string start." + extensionsSource + "tokenizer/sentencepiece_tokenizer.cc)",
		In:  "inputs:string, nbest_size:int64 shape, alpha:float32 shape, add_bos:bool shape, add_eos:bool shape, reverse:bool shape, fairseq?:bool shape",
		Out: "tokens:int32, instance_indices:int64, token_indices?:int32", Attrs: "model:string *", Infer: inferSentencepiece, Free: textReason,
		Cases: []Case{{In: "str[N] i64[1] f32[1] bool[1] bool[1] bool[1]", Out: "i32[`y0[0]`] i64[N+1] i32[`y0[0]`]"}},
	},
	tokenizer("SpmTokenizer", "text:string, add_special_tokens?:bool shape", "input_ids:int64, attention_mask?:int64, offset_mapping?:int64"),
	detokenizer("TrieDetokenizer", "tokenizer/trie_tokenizer.hpp"),
	tokenizer("TrieTokenizer", "text:string", "ids:int64"),
}

// sameText makes an operator whose output has the shape of its first input, with a
// case in which it is N by 2.
func sameText(name, doc, out, in, attrs, caseIn string) Op {
	short := map[string]string{"string": "str", "int64": "i64"}[out]
	c := Case{In: caseIn, Out: short + "[N,2]"}
	if strings.Contains(attrs, "map:") {
		c.Attrs = "map=x"
	}
	return Op{Name: name, Since: []int{1}, Doc: doc + extensionsSource + "text/text.cc)", In: in, Out: "output:" + out, Attrs: attrs, Infer: keepShape, Free: textReason, Cases: []Case{c}}
}

// split makes an operator that cuts strings at a pattern.
func split(name, in, attrs, source string) Op {
	return Op{
		Name: name, Since: []int{1}, Doc: "Cuts strings at a pattern: the parts, where each begins and ends, and the first part of each string." + extensionsSource + source + ")",
		In: in, Out: "words:string, begin:int64, end:int64, row_offsets:int64", Attrs: attrs, Infer: inferSplitOffsets, Free: textReason,
		Cases: []Case{{In: "str[N] str[1] str[1]", Out: "str[`y0[0]`] i64[`y0[0]`] i64[`y0[0]`] i64[N+1]"}},
	}
}

// tokenizer makes an operator that turns each string into a row of numbers.
func tokenizer(name, in, out string) Op {
	c := Case{In: "str[N]", Out: "i64[N,`y0[1]`]"}
	if n := strings.Count(out, ":"); n > 1 {
		c.Out += " i64[N,`y0[1]`]"
		if n > 2 {
			c.Out += " i64[N,`y0[1]`,2]"
		}
	}
	return Op{
		Name: name, Since: []int{1}, Doc: tokenDoc + strings.TrimSpace(extensionsSource) + "tokenizer/tokenizers.cc)",
		In: in, Out: out, Attrs: "padding_length:int=-1 *", Infer: inferTokenRows, Free: textReason,
		Cases: []Case{c, {In: "str[N]", Attrs: "padding_length=77", Out: "i64[N,77]"}},
	}
}

// detokenizer makes an operator that turns rows of numbers into strings.
func detokenizer(name, source string) Op {
	return Op{
		Name: name, Since: []int{1}, Doc: dropLastDoc + strings.TrimSpace(extensionsSource) + source + ")",
		In: "ids:int64", Out: "str:string", Attrs: "vocab:string *", Infer: inferDetokenizer, Free: textReason,
		Cases: []Case{{In: "i64[N,7]", Out: "str[N]"}, {In: "i64[7]", Out: "str[1]"}},
	}
}

func inferSameText(c *Call) {
	keepShape(c)
	if s := c.Shape(0); s != nil {
		c.mustBe(1, s...)
	}
}

func inferMaskedFill(c *Call) {
	n := c.UnknownDim()
	for i := range 2 {
		if s := c.ShapeOfRank(i, 0, 1); s != nil {
			n = c.Same(n, s.Elements(), "value and mask")
		}
	}
	c.SetShape(0, graph.Shape{c.DataDim(0, 0, 0, bound(n))})
}

// bound is d as the upper bound of a size, none if nothing is known of it.
func bound(d graph.Dim) *graph.Dim {
	if d.HasUnknown() {
		return nil
	}
	return &d
}

// anyLength is the size of output 0 at an axis, which depends on data.
func (c *Call) anyLength(axis int) graph.Dim { return c.DataDim(0, axis, 0, nil) }

func inferSentences(c *Call) { c.SetShape(0, graph.Shape{c.anyLength(0)}) }

func inferSplitOffsets(c *Call) {
	rows := c.UnknownDim()
	if s := c.ShapeOfRank(0, 1, -1); s != nil {
		rows = s[0]
	}
	n := c.anyLength(0)
	for o := range 3 {
		c.SetShape(o, graph.Shape{n})
	}
	c.SetShape(3, graph.Shape{rows.AddInt(1)})
}

func inferSplitPlaces(c *Call) {
	c.ShapeOfRank(0, 1, 1)
	n := c.anyLength(0)
	c.SetShape(0, graph.Shape{n, graph.Int(2)})
	c.SetShape(1, graph.Shape{n})
	c.SetShape(2, graph.Ints(2))
}

// inferStringEqual gives the shape of the larger input; the smaller one is aligned at
// the first axis, so that it has the same sizes or 1 there.
func inferStringEqual(c *Call) {
	x, y := c.Shape(0), c.Shape(1)
	switch {
	case x == nil || y == nil:
	case len(x) != len(y):
		if len(y) > len(x) {
			x, y = y, x
		}
		c.SetShape(0, x)
	default:
		out := make(graph.Shape, len(x))
		for i := range x {
			out[i] = c.BroadcastDim(x[i], y[i])
		}
		c.SetShape(0, out)
	}
}

func inferStringJoin(c *Call) {
	x := c.Shape(0)
	if x == nil {
		return
	}
	axis, ok := c.ConstInts(2)
	ok = ok && len(axis) == 1
	if ok && len(x) > 0 && (axis[0] < 0 || axis[0] >= int64(len(x))) {
		c.Failf("the axis is %d of %d axes", axis[0], len(x))
	}
	switch {
	case len(x) <= 1:
		c.SetShape(0, graph.Ints(1))
	case !ok:
		c.SetShape(0, c.UnknownShape(len(x)-1))
	default:
		c.SetShape(0, append(append(graph.Shape{}, x[:axis[0]]...), x[axis[0]+1:]...))
	}
}

// mapWidth is the number of numbers in each line of attribute map, which holds a
// string, a tab and numbers with spaces between them.
func (c *Call) mapWidth() int64 {
	for _, line := range strings.Split(c.Str("map", ""), "\n") {
		if line == "" {
			continue
		}
		_, numbers, ok := strings.Cut(line, "\t")
		n := len(strings.Fields(numbers))
		if !ok || n == 0 {
			c.Failf("the attribute map has a line %q without numbers behind a tab", graph.Clip(line))
		}
		return int64(n)
	}
	c.Failf("the attribute map is empty")
	return 0
}

func inferStringToVector(c *Call) {
	n := graph.Int(c.mapWidth())
	if s := c.Shape(0); s != nil {
		c.SetShape(0, append(append(graph.Shape{}, s...), n))
	}
}

func inferVectorToString(c *Call) {
	n, s := c.mapWidth(), c.Shape(0)
	switch {
	case s == nil:
	case n == 1 && len(s) <= 1:
		c.SetShape(0, s)
	case len(s) == 0:
		c.Wantf("rows of numbers", "the input is a scalar")
	default:
		c.Same(s[len(s)-1], graph.Int(n), "the last axis and the numbers in a line of map")
		c.SetShape(0, s[:len(s)-1])
	}
}

// bertTokens sets the outputs of a tokenizer of one text to rows of one length,
// after some axes.
func (c *Call) bertTokens(outer graph.Shape) {
	if s := c.Shape(0); s != nil {
		if n, ok := s.Elements().Const(); ok && (n < 1 || n > 2) {
			c.Wantf("one or two", "there are %d texts", n)
		}
	}
	row := append(outer[:len(outer):len(outer)], c.anyLength(len(outer)))
	for o := range c.Out {
		c.SetShape(o, row)
	}
	c.SetShape(3, graph.Shape{row[len(row)-1], graph.Int(2)})
}

func inferBertDecoder(c *Call) {
	n := graph.Int(1)
	if c.Int("use_indices", 0) != 0 {
		n = c.UnknownDim()
		if s := c.ShapeOfRank(1, 1, 2); s != nil {
			n = s[0] // an empty list has one axis
		}
	}
	c.SetShape(0, graph.Shape{n})
}

func inferTokenRows(c *Call) {
	length := c.Int("padding_length", -1)
	if length != -1 && length <= 0 {
		c.Wantf("-1 or more than 0", "padding_length is %d", length)
	}
	s := c.Shape(0)
	if s == nil {
		return
	}
	n := graph.Int(length)
	if length < 0 {
		n = c.anyLength(len(s))
	}
	row := append(append(graph.Shape{}, s...), n)
	c.SetShape(0, row)
	c.SetShape(1, row)
	c.SetShape(2, append(row[:len(row):len(row)], graph.Int(2)))
}

func inferDetokenizer(c *Call) {
	switch s := c.ShapeOfRank(0, 1, -1); {
	case s == nil:
	case len(s) == 1:
		c.SetShape(0, graph.Ints(1))
	default:
		c.SetShape(0, s[:len(s)-1])
	}
}

func inferSentencepiece(c *Call) {
	n := c.anyLength(0)
	c.SetShape(0, graph.Shape{n})
	c.SetShape(2, graph.Shape{n})
	rows := c.UnknownDim()
	if s := c.Shape(0); s != nil {
		rows = s.Elements()
	}
	c.SetShape(1, graph.Shape{rows.AddInt(1)})
}

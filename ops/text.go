package ops

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/graph"
)

const textReason = "handles strings, does no arithmetic"

var textOps = []Op{
	{
		Name: "StringConcat", Since: []int{20},
		Doc: "Joins strings element by element, with broadcasting. (ONNX Operators.md, StringConcat)",
		In:  "X:T, Y:T", Out: "Z:T", Types: "T: string",
		Infer: inferStringConcat, Free: textReason,
		Cases: []Case{{In: "str[N,1] str[3]", Out: "str[N,3]"}, {In: "str[1]={a} str[2]={b,c}", Out: "str[2]={ab,ac}"}, {In: "str[2] str[3]", Err: "broadcast"}},
	},
	{
		Name: "StringSplit", Since: []int{20},
		Doc: "Cuts each string at a delimiter, or at white space; the new last axis is as long as the most parts of a string. " +
			"(ONNX Operators.md, StringSplit)",
		In: "X:T1", Out: "Y:T2, Z:T3", Types: "T1: string; T2: string; T3: int64", Attrs: "delimiter:string maxsplit:int",
		Infer: inferStringSplit, Free: textReason,
		Cases: []Case{
			{In: "str[N]", Out: "str[N,`y0[1]`] i64[N]"}, {In: "str[2]={a-b-c,d}", Attrs: "delimiter=\"-\"", Out: "str[2,3] i64[2]={3,1}"},
			{In: "str[2]={a-b-c,d}", Attrs: "delimiter=\"-\" maxsplit=1", Out: "str[2,2] i64[2]={2,1}"},
		},
	},
	{
		Name: "StringNormalizer", Since: []int{10},
		Doc: "Changes the case of strings and drops those that are stop words; one empty string remains where all are dropped. " +
			"(ONNX Operators.md, StringNormalizer)",
		In: "X:string", Out: "Y:string", Attrs: "case_change_action:string=NONE is_case_sensitive:int=0 locale:string stopwords:strings",
		Infer: inferStringNormalizer, Free: textReason,
		Cases: []Case{
			{In: "str[5]", Out: "str[5]"}, {In: "str[1,5]", Attrs: "stopwords=[\"a\"]", Out: "str[1,`y0[1]`]"}, {In: "str[3]={a,b,c}", Attrs: "stopwords=[\"a\",\"c\"] is_case_sensitive=1", Out: "str[1]"},
			{In: "str[2,5]", Err: "dim 0"}, {In: "str[1,1,5]", Err: "rank"}, {In: "str[5]", Attrs: "case_change_action=\"X\"", Err: "case_change_action"},
		},
	},
	{
		Name: "RegexFullMatch", Since: []int{20},
		Doc: "Whether each string as a whole matches a regular expression of RE2. (ONNX Operators.md, RegexFullMatch)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: string; T2: bool", Attrs: "pattern:string",
		Infer: inferRegexFullMatch, Free: textReason,
		Cases: []Case{
			{In: "str[N]", Attrs: "pattern=\"a+\"", Out: "bool[N]"}, {In: "str[2]={aa,ab}", Attrs: "pattern=\"a|aa\"", Out: "bool[2]={true,false}"},
			{In: "str[2]", Attrs: "pattern=\"(\"", Err: "pattern"}, {In: "str[2]", Err: "pattern"},
		},
	},
	{
		Name: "TfIdfVectorizer", Since: []int{9},
		Doc: "Counts the n-grams of each row that are in a pool. Counted is one look-up for each window: for n-grams of length n and a skip " +
			"of s, C - (n-1)*(s+1) windows of a row of C, where n = 1 has no skips; modes IDF and TFIDF multiply each output by a weight. " +
			"(ONNX Operators.md, TfIdfVectorizer)",
		In: "X:T", Out: "Y:T1", Types: "T: int32 int64 string; T1: float32",
		Attrs: "max_gram_length:int! max_skip_count:int! min_gram_length:int! mode:string! ngram_counts:ints! ngram_indexes:ints! " +
			"pool_int64s:ints pool_strings:strings weights:floats",
		Infer: inferTfIdf, Cost: costTfIdf,
		Cases: []Case{
			{In: "i64[N,10]", Attrs: tfIdfCase + "mode=\"TF\"", Out: "f32[N,4]", Cost: "int=27*N"}, // 10, and 9 + 8
			{In: "i64[10]", Attrs: tfIdfCase + "mode=\"TFIDF\" weights=[1,1,1]", Out: "f32[4]", Cost: "int=27 flop=4"},
			{In: "i64[10]", Attrs: tfIdfCase + "mode=\"X\"", Err: "mode"}, {In: "i64[1,2,3]", Attrs: tfIdfCase + "mode=\"TF\"", Err: "rank"},
			{In: "i64[10]", Attrs: tfIdfCase + "mode=\"IDF\" weights=[1]", Err: "weights"},
		},
	},
	{
		Name: "ImageDecoder", Since: []int{20},
		Doc: "Decodes a picture to height, width and channels, 1 for Grayscale and 3 otherwise. The header of a picture that is known " +
			"gives its size. The work of the codec, integer work, is not counted. (ONNX Operators.md, ImageDecoder)",
		In: "encoded_stream:T1", Out: "image:T2", Types: "T1: uint8; T2: uint8", Attrs: "pixel_format:string=RGB",
		Infer: inferImageDecoder, Free: "decoding is integer work of a codec",
		Cases: []Case{
			{In: "u8[1000]", Out: "u8[`y0[0]`,`y0[1]`,3]"}, {In: "u8[1000]", Attrs: "pixel_format=\"Grayscale\"", Out: "u8[`y0[0]`,`y0[1]`,1]"},
			{In: "u8[10,10]", Err: "rank 1"}, {In: "u8[10]", Attrs: "pixel_format=\"CMYK\"", Err: "pixel_format"},
		},
	},
}

const tfIdfCase = "max_gram_length=2 max_skip_count=1 min_gram_length=1 ngram_counts=[0,2] ngram_indexes=[0,1,3] pool_int64s=[5,6,7,8] "

func inferStringConcat(c *Call) {
	c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(1)))
	c.Fold(0, func(args []Elem) Elem {
		a, okA := args[0].Str()
		b, okB := args[1].Str()
		if !okA || !okB || len(a)+len(b) > maxFoldedString {
			return Elem{}
		}
		return StringElem(a + b)
	})
}

// maxFoldedString bounds the length of strings that are computed.
const maxFoldedString = 1 << 12

// strings returns the elements of input i when each is known.
func (c *Call) strings(i int) ([]string, bool) {
	es := c.Moved(i)
	out := make([]string, len(es))
	for j, e := range es {
		s, ok := e.Str()
		if !ok {
			return nil, false
		}
		out[j] = s
	}
	return out, es != nil
}

func inferStringSplit(c *Call) {
	in := c.Shape(0)
	c.SetShape(1, in)
	if in == nil {
		return
	}
	most, counts, ok := c.splitParts()
	if !ok {
		c.SetShape(0, append(append(graph.Shape{}, in...), c.DataDim(0, len(in), 0, nil)))
		return
	}
	c.SetShape(0, append(append(graph.Shape{}, in...), graph.Int(most)))
	c.SetElems(1, counts)
}

// splitParts counts the parts of each string. A string that is empty has no part
// in ONNX Runtime and one in ONNX's reference: it is left open where that matters.
func (c *Call) splitParts() (most int64, counts []Elem, ok bool) {
	in, ok := c.strings(0)
	if !ok {
		return 0, nil, false
	}
	delim, limit := c.Str("delimiter", ""), -1
	if k := c.Int("maxsplit", -1); k >= 0 {
		limit = int(min(k, graph.MaxFoldElements)) + 1
	}
	counts = make([]Elem, len(in))
	open := false
	for i, s := range in {
		n := 0
		switch {
		case delim != "" && s == "":
			open = true
			continue
		case delim != "":
			n = len(strings.SplitN(s, delim, limit))
		case !plainText(s):
			return 0, nil, false
		default:
			n = len(strings.Fields(s))
			if limit > 0 {
				n = min(n, limit)
			}
		}
		counts[i], most = IntElem(graph.Int(int64(n))), max(most, int64(n))
	}
	return most, counts, most > 0 || !open
}

// plainText reports whether all implementations agree on what is white space in s.
func plainText(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' {
			return false
		}
	}
	return true
}

func inferStringNormalizer(c *Call) {
	if a := c.Str("case_change_action", "NONE"); a != "NONE" && a != "LOWER" && a != "UPPER" {
		c.Wantf("NONE, LOWER or UPPER", "case_change_action is %s", graph.Quote(a))
	}
	in := c.ShapeOfRank(0, 1, 2)
	if in == nil {
		return
	}
	if len(in) == 2 {
		c.Same(in[0], graph.Int(1), "dim 0")
	}
	last := len(in) - 1
	if in[last].IsZero() {
		c.Wantf("at least 1", "dim %d is 0", last)
	}
	stop := c.attrStrings("stopwords")
	if len(stop) == 0 {
		c.SetShape(0, in)
		return
	}
	if n, ok := c.kept(stop); ok {
		c.SetShape(0, with(in, last, graph.Int(max(n, 1))))
		return
	}
	hi := in[last]
	d := c.UnknownDim()
	if !hi.HasUnknown() {
		d = c.DataDim(0, last, 1, &hi)
	}
	c.SetShape(0, with(in, last, d))
}

func (c *Call) attrStrings(name string) []string {
	if a := c.Attr(name); a != nil {
		return a.Strs
	}
	return nil
}

// kept counts the strings that are no stop words. Where case does not matter only
// ASCII is compared: the rest depends on the locale.
func (c *Call) kept(stop []string) (n int64, ok bool) {
	in, ok := c.strings(0)
	if !ok {
		return 0, false
	}
	sensitive := c.Int("is_case_sensitive", 0) != 0
	norm := func(s string) string {
		if !sensitive {
			ok = ok && plainText(s)
			return strings.ToLower(s)
		}
		return s
	}
	set := make(map[string]bool, len(stop))
	for _, s := range stop {
		set[norm(s)] = true
	}
	for _, s := range in {
		if !set[norm(s)] {
			n++
		}
	}
	return n, ok
}

func inferRegexFullMatch(c *Call) {
	c.SameShape(0, 0)
	if c.Attr("pattern") == nil {
		c.Failf("attribute pattern is missing")
	}
	pattern := c.Str("pattern", "")
	re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		if strings.Contains(pattern, `\C`) { // RE2's "any byte", which package regexp lacks
			return
		}
		c.Failf("pattern %s is no regular expression", graph.Quote(pattern))
	}
	in, ok := c.strings(0)
	if !ok {
		return
	}
	es := make([]Elem, len(in))
	for i, s := range in {
		if len(s) <= maxFoldedString {
			es[i] = BoolElem(re.MatchString(s))
		}
	}
	c.SetElems(0, es)
}

func inferTfIdf(c *Call) {
	if m := c.Str("mode", ""); m != "TF" && m != "IDF" && m != "TFIDF" {
		c.Wantf("TF, IDF or TFIDF", "mode is %s", graph.Quote(m))
	}
	c.checkGrams()
	var top int64
	for _, k := range c.Ints("ngram_indexes") {
		if k < 0 {
			c.Wantf("at least 0", "ngram_indexes holds %d", k)
		}
		top = max(top, k)
	}
	in := c.ShapeOfRank(0, 1, 2)
	if in == nil {
		return
	}
	c.SetShape(0, append(append(graph.Shape{}, in[:len(in)-1]...), graph.Int(top).AddInt(1)))
}

// checkGrams refuses attributes of TfIdfVectorizer that contradict each other.
func (c *Call) checkGrams() {
	lo, hi := c.Int("min_gram_length", 0), c.Int("max_gram_length", 0)
	if lo < 1 || hi < lo {
		c.Wantf("1 or more, in this order", "min_gram_length is %d, max_gram_length %d", lo, hi)
	}
	if s := c.Int("max_skip_count", 0); s < 0 {
		c.Wantf("at least 0", "max_skip_count is %d", s)
	}
	if n := int64(len(c.Ints("ngram_counts"))); n < hi {
		c.Wantf(fmt.Sprintf("at least %d, the max_gram_length", hi), "ngram_counts has %d entries", n)
	}
	idx := len(c.Ints("ngram_indexes"))
	if idx == 0 {
		c.Failf("ngram_indexes is empty")
	}
	if a := c.Attr("weights"); a != nil && len(a.Floats) != idx {
		c.Wantf(fmt.Sprintf("%d, as ngram_indexes has", idx), "weights has %d entries", len(a.Floats))
	}
	pool, words := int64(len(c.Ints("pool_int64s"))), int64(len(c.attrStrings("pool_strings")))
	if (pool == 0) == (words == 0) {
		c.Failf("exactly one of pool_int64s and pool_strings must be given")
	}
	c.checkPool(pool + words)
}

// checkPool refuses a pool that ngram_counts does not cut into n-grams: those from
// its i-th entry on have the length i + 1.
func (c *Call) checkPool(items int64) {
	counts := c.Ints("ngram_counts")
	for i, from := range counts {
		to, length := items, int64(i)+1
		if i+1 < len(counts) {
			to = counts[i+1]
		}
		if from < 0 || from > to || to > items || (to-from)%length != 0 {
			c.Failf("ngram_counts does not cut a pool of %d into %d-grams", items, length)
		}
	}
}

func costTfIdf(c *Call) Cost {
	in := c.InShape(0)
	row, rows := in[len(in)-1], in[:len(in)-1].Elements()
	lo, hi := c.Int("min_gram_length", 1), c.Int("max_gram_length", 1)
	skips := c.Int("max_skip_count", 0)
	cost := Cost{Int: c.windows(row, lo, hi, skips).Mul(rows)}
	if c.Str("mode", "") != "TF" && c.Attr("weights") != nil {
		cost.Flop = c.OutN(0)
	}
	return cost
}

// windows counts the n-grams of a row: for n = 1 each element, else the sum over
// skips s of row - (n-1)*(s+1), as far as that is positive: m*row - (n-1)*m*(m+1)/2
// for m = min(skips + 1, floor(row / (n-1))).
func (c *Call) windows(row graph.Dim, lo, hi, skips int64) graph.Dim {
	const most = 64 // lengths of a row that is not constant
	size, isConst := row.Const()
	if !isConst && hi-lo >= most {
		c.Unresolved("n-grams of %d lengths in a row of %s", hi-lo+1, row)
	}
	var sum graph.Dim
	for n := lo; n <= hi; n++ {
		if n == 1 {
			sum = sum.Add(row)
			continue
		}
		if isConst && n > size {
			break
		}
		m := graph.Int(skips).AddInt(1).Min(row.MustFloorDiv(n - 1))
		pairs := m.Mul(m.AddInt(1)).MustFloorDiv(2)
		sum = sum.Add(m.Mul(row)).Sub(pairs.MulInt(n - 1))
	}
	return sum
}

func inferImageDecoder(c *Call) {
	c.ShapeOfRank(0, 1, 1)
	channels := graph.Int(3)
	switch f := c.Str("pixel_format", "RGB"); f {
	case "RGB", "BGR":
	case "Grayscale":
		channels = graph.Int(1)
	default:
		c.Wantf("RGB, BGR or Grayscale", "pixel_format is %s", graph.Quote(f))
	}
	if w, h, ok := imageSize(c.bytes(0)); ok {
		c.SetShape(0, graph.Shape{graph.Int(h), graph.Int(w), channels})
		return
	}
	c.SetShape(0, graph.Shape{c.DataDim(0, 0, 0, nil), c.DataDim(0, 1, 0, nil), channels})
}

// bytes returns the elements of input i as bytes, nil when they are not followed.
func (c *Call) bytes(i int) []byte {
	es := c.Elems(i)
	b := make([]byte, len(es))
	for j, e := range es {
		k, ok := e.Int()
		if !ok {
			return nil
		}
		b[j] = byte(k)
	}
	return b
}

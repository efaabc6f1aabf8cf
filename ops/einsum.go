package ops

import (
	"slices"
	"sort"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

const einsumDoc = "Sum of products over index letters; \"...\" stands for broadcast dims, and without \"->\" the letters that occur once, in " +
	"ASCII order, are the output. MACs of two operands are the product of the sizes of all indices. More operands contract pairwise from " +
	"left to right, as numpy.einsum_path does when it does not optimise: after each pair the indices that neither a later operand nor the output " +
	"has are gone. One operand multiplies nothing: where it sums, each element read is a flop (an integer operation for integer types). " +
	"(ONNX Operators.md, Einsum)"

var einsumCases = []Case{
	{In: "f32[2,3] f32[3,4]", Attrs: "equation=ij,jk", Out: "f32[2,4]", Cost: "mac=24"},
	{In: "f32[B,H,S,64] f32[B,H,T,64]", Attrs: "equation=bhsd,bhtd->bhst", Out: "f32[B,H,S,T]", Cost: "mac=64*B*H*S*T"},
	{In: "f32[5,2,3] f32[3,4]", Attrs: "equation=...ij,jk->...ki", Out: "f32[5,4,2]", Cost: "mac=120"},
	{In: "f32[5,1,2,3] f32[7,3]", Attrs: "equation=...ij,...j", Err: "stands for"},
	{In: "f32[2,3] f32[3,4] f32[4,5]", Attrs: "equation=ij,jk,kl->il", Out: "f32[2,5]", Cost: "mac=64"}, // 2*3*4 + 2*4*5
	{In: "f32[3,3]", Attrs: "equation=ii->i", Out: "f32[3]", Cost: "mac=0"},
	{In: "f32[3,3]", Attrs: "equation=ii->", Out: "f32[]", Cost: "flop=3"},
	{In: "i32[3,4]", Attrs: "equation=ij->j", Out: "i32[4]", Cost: "int=12"},
	{In: "f32[3,4]", Attrs: "equation=ba", Out: "f32[4,3]", Cost: "mac=0"},
	{In: "f32[] f32[3]", Attrs: "equation=,i->i", Out: "f32[3]", Cost: "mac=3"},
	{In: "f32[2,3] f32[3,4]", Attrs: "equation=Ia,aJ", Out: "f32[2,4]", Cost: "mac=24"},
	{In: "f32[1,3] f32[5,3]", Attrs: "equation=ij,ij->i", Out: "f32[5]", Cost: "mac=15"},
	{In: "f32[*] f32[3]", Attrs: "equation=ij,j->i", Out: "f32[?]"},
	{In: "f32[*] f32[3]", Attrs: "equation=...j,j->...", Out: "f32[*]"},
	{In: "f32[3,4] f32[5,6]", Attrs: "equation=ij,jk->ik", Err: "dims 4 and 5 do not broadcast"},
	{In: "f32[]", Attrs: "equation=i->i", Err: "rank 0"},
	{In: "f32[3]", Attrs: "equation=i,i->", Err: "2 terms for 1 operands"},
	{In: "f32[3]", Attrs: "equation=i->k", Err: "output index k"},
	{In: "f32[3]", Attrs: "equation=i->ii", Err: "twice"},
	{In: "f32[3]", Attrs: "equation=1->1", Err: "for an index"},
	{In: "f32[3]", Attrs: "equation=i..->i", Err: "for an index"},
}

// An einsumIndex is a letter, or the number of a dim of the ellipsis counted from
// the right: -1 is the last.
type einsumIndex = rune

// einsumTerm is one term of an equation: letters, and possibly an ellipsis between
// head and tail.
type einsumTerm struct {
	head, tail []einsumIndex
	dots       bool
}

// einsum is a parsed equation with the sizes of its indices.
type einsum struct {
	in    [][]einsumIndex // nil for an operand of unknown rank with an ellipsis
	out   []einsumIndex
	sizes map[einsumIndex]graph.Dim
	whole bool // every operand's indices are known
}

// einsum parses the equation and checks it against the operands. ok is false when
// not even the number of dims of the ellipsis is known, but is needed.
func (c *Call) einsum() (e einsum, ok bool) {
	left, right, explicit := strings.Cut(strings.ReplaceAll(c.Str("equation", ""), " ", ""), "->")
	names := strings.Split(left, ",")
	if len(names) != len(c.In) {
		c.Failf("the equation has %d terms for %d operands", len(names), len(c.In))
	}
	terms := make([]einsumTerm, len(names))
	for i, t := range names {
		terms[i] = c.einsumTerm(t)
	}
	var out einsumTerm
	if explicit {
		out = c.einsumTerm(right)
	}
	dots, known := c.ellipsisDims(terms)
	e.sizes, e.whole = map[einsumIndex]graph.Dim{}, true
	for i, t := range terms {
		idx := []einsumIndex(nil)
		if known || !t.dots {
			idx = t.indices(dots)
		}
		e.in = append(e.in, idx)
		e.whole = e.whole && idx != nil
		c.einsumSizes(&e, i, t, idx)
	}
	switch {
	case !explicit:
		e.out = implicitOutput(terms, dots)
		ok = e.whole
	default:
		e.out = out.indices(dots)
		c.checkEinsumOutput(e, out, dots, known)
		ok = known || !out.dots
	}
	return e, ok
}

// einsumTerm parses one term, blanks removed.
func (c *Call) einsumTerm(t string) einsumTerm {
	head, tail, dots := strings.Cut(t, "...")
	for _, l := range head + tail {
		if !(l >= 'a' && l <= 'z' || l >= 'A' && l <= 'Z') {
			c.Wantf("letters and one ellipsis", "the equation has %q for an index", l)
		}
	}
	return einsumTerm{[]rune(head), []rune(tail), dots}
}

// indices returns the indices of a term whose ellipsis, if there is one, stands for n dims.
func (t einsumTerm) indices(n int) []einsumIndex {
	out := append([]einsumIndex{}, t.head...)
	for i := n; t.dots && i > 0; i-- {
		out = append(out, einsumIndex(-i))
	}
	return append(out, t.tail...)
}

// ellipsisDims returns how many dims the ellipsis stands for, which is the same in
// all terms; known is false when the ranks of all operands that have one are not known.
func (c *Call) ellipsisDims(terms []einsumTerm) (n int, known bool) {
	anyDots := false
	for i, t := range terms {
		s := c.Shape(i)
		anyDots = anyDots || t.dots
		if s == nil {
			continue
		}
		rest := len(s) - len(t.head) - len(t.tail)
		switch {
		case rest < 0, rest > 0 && !t.dots:
			c.Failf("operand %d has rank %d, the equation gives it %d indices", i, len(s), len(t.head)+len(t.tail))
		case t.dots && known && rest != n:
			c.Failf("the ellipsis stands for %d dims of operand %d and %d of another", rest, i, n)
		case t.dots:
			n, known = rest, true
		}
	}
	return n, known || !anyDots
}

// einsumSizes joins the sizes that operand i gives to its indices. Operands
// broadcast; within one operand the dims of a repeated index are equal.
func (c *Call) einsumSizes(e *einsum, i int, t einsumTerm, idx []einsumIndex) {
	s := c.Shape(i)
	if s == nil {
		for _, l := range append(append([]einsumIndex{}, t.head...), t.tail...) {
			if d, seen := e.sizes[l]; !seen || d.Is(1) {
				e.sizes[l] = c.UnknownDim()
			}
		}
		return
	}
	own := map[einsumIndex]graph.Dim{}
	for j, l := range idx {
		d, seen := own[l]
		if !seen {
			d = s[j]
		}
		own[l] = c.Same(d, s[j], "an index that occurs twice in one operand")
	}
	for _, l := range idx {
		if d, seen := e.sizes[l]; seen {
			e.sizes[l] = c.BroadcastDim(d, own[l])
		} else {
			e.sizes[l] = own[l]
		}
	}
}

// implicitOutput is the output without "->": the ellipsis, then the letters that
// occur once in ASCII order.
func implicitOutput(terms []einsumTerm, dots int) []einsumIndex {
	times := map[einsumIndex]int{}
	anyDots := false
	for _, t := range terms {
		anyDots = anyDots || t.dots
		for _, l := range append(append([]einsumIndex{}, t.head...), t.tail...) {
			times[l]++
		}
	}
	var once []einsumIndex
	for l, k := range times {
		if k == 1 {
			once = append(once, l)
		}
	}
	sort.Slice(once, func(i, j int) bool { return once[i] < once[j] })
	return einsumTerm{tail: once, dots: anyDots}.indices(dots)
}

// checkEinsumOutput refuses output indices that repeat or that no operand has.
func (c *Call) checkEinsumOutput(e einsum, out einsumTerm, dots int, known bool) {
	seen := map[einsumIndex]bool{}
	for _, l := range e.out {
		if _, has := e.sizes[l]; !has && l > 0 {
			c.Failf("output index %c of the equation is in no operand", l)
		}
		if seen[l] {
			c.Failf("output index %c of the equation occurs twice", l)
		}
		seen[l] = true
	}
	if known && dots > 0 && !out.dots {
		c.Failf("the operands have an ellipsis of %d dims, the output has none", dots)
	}
}

func inferEinsum(c *Call) {
	e, ok := c.einsum()
	if !ok {
		return
	}
	out := make(graph.Shape, len(e.out))
	for i, l := range e.out {
		out[i] = c.einsumDim(e, l)
	}
	c.SetShape(0, out)
}

// einsumDim returns the size of an output index. An operand of unknown rank may
// broadcast a dim of the ellipsis.
func (c *Call) einsumDim(e einsum, l einsumIndex) graph.Dim {
	d, has := e.sizes[l]
	if !has || l < 0 && d.Is(1) && c.anyRankUnknown() {
		return c.UnknownDim()
	}
	return d
}

func (c *Call) anyRankUnknown() bool {
	for i := range c.In {
		if c.Shape(i) == nil {
			return true
		}
	}
	return false
}

func costEinsum(c *Call) Cost {
	for i := range c.In {
		c.InShape(i)
	}
	e, _ := c.einsum()
	if len(e.in) == 1 {
		return c.einsumSum(e)
	}
	var cost Cost
	for _, macs := range c.contractions() {
		cost.MAC = cost.MAC.Add(macs)
	}
	return cost
}

// contractions returns the MACs of each pairwise product, from left to right.
func (c *Call) contractions() []graph.Dim {
	e, _ := c.einsum()
	last := e.lastUse()
	var out []graph.Dim
	have := e.in[0]
	for i := 1; i < len(e.in); i++ {
		all := union(have, e.in[i])
		out = append(out, e.product(all))
		have = slices.DeleteFunc(all, func(l einsumIndex) bool { return last[l] <= i })
	}
	return out
}

// lastUse gives for each index the last operand that has it; the output comes after all.
func (e einsum) lastUse() map[einsumIndex]int {
	last := map[einsumIndex]int{}
	for i, t := range append(append([][]einsumIndex{}, e.in...), e.out) {
		for _, l := range t {
			last[l] = i
		}
	}
	return last
}

// einsumSum is the work of one operand: an addition for each element on its
// diagonals if any index is summed.
func (c *Call) einsumSum(e einsum) Cost {
	all := union(e.in[0], nil)
	if len(all) == len(e.out) {
		return Cost{}
	}
	n := e.product(all)
	if c.DType(0).IsInt() {
		return Cost{Int: n}
	}
	return Cost{Flop: n}
}

// product returns the product of the sizes of indices.
func (e einsum) product(idx []einsumIndex) graph.Dim {
	n := graph.Int(1)
	for _, l := range idx {
		n = n.Mul(e.sizes[l])
	}
	return n
}

// union returns the indices of a and b, each once.
func union(a, b []einsumIndex) []einsumIndex {
	var out []einsumIndex
	for _, l := range append(append([]einsumIndex{}, a...), b...) {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

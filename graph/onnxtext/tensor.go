package onnxtext

import (
	"fmt"
	"math"
	"strconv"

	"github.com/onnxmeter/onnxmeter/graph"
)

// constant parses the elements of a constant, in braces or as the keys and values
// of external data. The type t was written at an offset.
func (p *parser) constant(name string, t *graph.TypeDef, at int) *graph.Tensor {
	out := &graph.Tensor{Name: name}
	n := p.constantType(out, t, at)
	switch {
	case p.err != nil:
	case p.is('['):
		out.Storage, out.External = graph.StorageExternal, p.pairs("of external data")
		if len(out.External) == 0 {
			p.fail(at, "constant %q has external data without a key", graph.Clip(name)).Expect(`expected "location"`)
		}
	case p.is('{'):
		p.elements(out, n)
	default:
		p.unexpected(`"{" and elements or "[" and keys of external data`)
	}
	return out
}

// constantType sets the type and dims of a constant and returns its number of
// elements, -1 if that exceeds int64.
func (p *parser) constantType(out *graph.Tensor, t *graph.TypeDef, at int) int64 {
	if t == nil || t.Kind != graph.KindTensor || !t.HasShape {
		p.fail(at, "constant %q has no tensor type with dims", graph.Clip(out.Name)).Expect("expected as in float[2,3]")
		return 0
	}
	out.DType = t.DType
	for _, d := range t.Dims {
		if !d.Known || d.Value < 0 {
			p.fail(at, "a dim of constant %q is not a size", graph.Clip(out.Name)).Expect("expected integers from 0")
			return 0
		}
		out.Dims = append(out.Dims, d.Value)
	}
	if n, ok := out.Elements().Const(); ok {
		return n
	}
	return -1
}

// elements parses the elements of a tensor in braces.
func (p *parser) elements(t *graph.Tensor, n int64) {
	open := p.tok.pos
	p.advance()
	got := 0
	words := &graph.Words{DType: t.DType}
	var strs []string
	p.items('}', "after the elements", func() {
		got++
		if t.DType == graph.String {
			strs = append(strs, p.str("a string"))
		} else {
			words.W = append(words.W, p.entry(t.DType))
		}
	})
	if got == 0 && n != 0 {
		return // StorageAbsent
	}
	if n < 0 || n > math.MaxInt64/2 || t.DType.Entries(n) != int64(got) {
		p.fail(open, "found %d elements", got).Expect("expected %s", expectedEntries(t))
		return
	}
	t.Storage = graph.StorageInline
	if t.DType == graph.String {
		t.Payload = &graph.MemPayload{S: strs}
		return
	}
	words.W = unpack(t.DType, words.W, n)
	t.Payload = words
}

// expectedEntries says how many numbers the elements of a tensor take.
func expectedEntries(t *graph.Tensor) string {
	n := t.Elements()
	switch per := t.DType.PerEntry(); {
	case t.DType.IsComplex():
		return fmt.Sprintf("%s: two for each of %s elements", n.MulInt(2), n)
	case per > 1:
		return fmt.Sprintf("%s: one byte for %d of %s elements", n.CeilDiv(graph.Int(int64(per))), per, n)
	}
	return n.String()
}

// entry parses one number as the typed field of TensorProto for d holds it and
// returns its bit pattern.
func (p *parser) entry(d graph.DType) uint64 {
	switch d {
	case graph.Float32, graph.Complex64:
		return uint64(math.Float32bits(float32(p.float(32))))
	case graph.Float64, graph.Complex128:
		return math.Float64bits(p.float(64))
	}
	width := d.Bits() * d.PerEntry()
	if d.IsUnsigned() && d.PerEntry() == 1 {
		return p.uint(width)
	}
	if d.IsInt() && d.PerEntry() == 1 {
		return uint64(p.int(width)) & mask(width)
	}
	return p.pattern(width)
}

// mask has the low bits of a width set.
func mask(width int) uint64 { return 1<<width - 1 }

// uint parses an unsigned integer of a width in bits.
func (p *parser) uint(bits int) uint64 {
	if p.tok.kind != tokenInt {
		p.unexpected("an integer")
		return 0
	}
	v, err := strconv.ParseUint(string(p.text()), 10, bits)
	if err != nil {
		p.unexpected("an unsigned integer of " + strconv.Itoa(bits) + " bits")
	}
	p.advance()
	return v
}

// pattern parses a bit pattern of a width, which may be written as the signed
// number of that pattern.
func (p *parser) pattern(bits int) uint64 {
	at := p.tok.pos
	v := p.int(64)
	if p.err == nil && (v < -1<<(bits-1) || v >= 1<<bits) {
		p.fail(at, "found \"%d\"", v).Expect("expected a bit pattern of %d bits", bits)
	}
	return uint64(v) & mask(bits)
}

// float parses a number of a width in bits. Numbers too small for the width
// become zero, those too large are errors.
func (p *parser) float(bits int) float64 {
	switch {
	case p.tok.kind == tokenIdent && isFloatWord(p.text()):
	case p.tok.kind != tokenInt && p.tok.kind != tokenFloat:
		p.unexpected("a number")
		return 0
	}
	text := p.text()
	negativeNaN := len(text) == 4 && text[0] == '-' && text[1]|0x20 == 'n'
	if negativeNaN {
		text = text[1:] // strconv knows no sign of NaN
	}
	v, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		p.unexpected("a number of " + strconv.Itoa(bits) + " bits")
	}
	if negativeNaN {
		v = math.Copysign(v, -1)
	}
	p.advance()
	return v
}

// unpack splits entries that hold several elements into n elements.
func unpack(d graph.DType, entries []uint64, n int64) []uint64 {
	per, width := d.PerEntry(), d.Bits()
	if per == 1 {
		return entries
	}
	out := make([]uint64, 0, n)
	for i := range n {
		shift := int(i) % per * width
		out = append(out, entries[int(i)/per]>>shift&mask(width))
	}
	return out
}

// pack is the inverse of unpack.
func pack(d graph.DType, words []uint64) []uint64 {
	per, width := d.PerEntry(), d.Bits()
	if per == 1 {
		return words
	}
	out := make([]uint64, (len(words)+per-1)/per)
	for i, w := range words {
		out[i/per] |= w << (i % per * width)
	}
	return out
}

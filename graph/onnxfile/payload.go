package onnxfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// maxStringPayload bounds the bytes of string elements that are read at once.
const maxStringPayload = 16 << 20

// payload implements graph.Payload on ranges of the file.
type payload struct {
	r     io.ReaderAt
	dtype graph.DType
	n     int64 // elements, from the dims
	from  source
	frags []fragment
}

// size returns the bytes of all fragments.
func (p *payload) size() (n int64) {
	for _, f := range p.frags {
		n += f.size
	}
	return n
}

// wantEntries returns how many entries of a typed field n elements take: two per
// complex number, one per byte of packed 2-bit and 4-bit numbers.
func (p *payload) wantEntries() int64 {
	switch {
	case p.dtype.IsComplex():
		return 2 * p.n
	case p.packedBits():
		per := 8 / int64(p.dtype.Bits())
		return (p.n + per - 1) / per
	}
	return p.n
}

// packedBits reports whether a byte holds several elements without overlap.
func (p *payload) packedBits() bool { return p.dtype.Bits() == 2 || p.dtype.Bits() == 4 }

// check says what is wrong with the length of the data, "" if nothing is. The
// entries of a packed varint field are not counted but bounded by their length.
func (p *payload) check(dims []int64, tagged int64) string {
	if p.from == rawData || p.from == noSource {
		if want := p.dtype.Bytes(graph.Int(p.n)); p.dtype != graph.String && !want.Is(p.size()) {
			return fmt.Sprintf("raw_data has %d bytes (%s for %s%v)", p.size(), want, p.dtype, dims)
		}
		return ""
	}
	least, most := tagged, tagged
	for _, f := range p.frags {
		switch w := p.from.width(); {
		case f.tagged:
		case w > 0 && f.size%w != 0:
			return fmt.Sprintf("%s at offset %d has %d bytes (a multiple of %d)", p.from, f.off, f.size, w)
		case w > 0:
			least, most = least+f.size/w, most+f.size/w
		default:
			least, most = least+(f.size+9)/10, most+f.size
		}
	}
	if p.n > math.MaxInt64/2 {
		return fmt.Sprintf("%s cannot hold %d elements", p.from, p.n)
	}
	if want := p.wantEntries(); want < least || want > most {
		got := fmt.Sprint(least)
		if least != most {
			got += fmt.Sprintf(" to %d", most)
		}
		return fmt.Sprintf("%s has %s entries (%d for %s%v)", p.from, got, want, p.dtype, dims)
	}
	return ""
}

// Ints implements graph.Payload for integer types and bool.
func (p *payload) Ints(max int) ([]int64, error) {
	if !p.dtype.IsInt() && p.dtype != graph.Bool {
		return nil, p.wrongClass("integers")
	}
	words, err := p.words(max)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(words))
	width := p.dtype.Bits()
	for i, w := range words {
		switch {
		case p.dtype == graph.Bool:
			if w != 0 {
				out[i] = 1
			}
		case p.dtype.IsUnsigned():
			if w > math.MaxInt64 {
				return nil, fmt.Errorf("element %d is %d, which exceeds int64", i, w)
			}
			out[i] = int64(w)
		default:
			out[i] = int64(w<<(64-width)) >> (64 - width)
		}
	}
	return out, nil
}

// Floats implements graph.Payload for real floating-point types.
func (p *payload) Floats(max int) ([]float64, error) {
	if !p.dtype.IsFloat() {
		return nil, p.wrongClass("real numbers")
	}
	words, err := p.words(max)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(words))
	for i, w := range words {
		out[i] = toFloat(p.dtype, w)
	}
	return out, nil
}

// Strings implements graph.Payload for strings. Bytes that are not UTF-8 are kept.
func (p *payload) Strings(max int) ([]string, error) {
	if p.dtype != graph.String {
		return nil, p.wrongClass("strings")
	}
	if p.n > int64(max) || p.size() > maxStringPayload {
		return nil, graph.ErrTooLarge
	}
	out := make([]string, 0, p.n)
	for _, f := range p.frags {
		w := newWire(p.r, f.off, f.off+f.size)
		for w.more() {
			w.key()
			out = append(out, string(w.bytes()))
		}
		if w.err != nil {
			return nil, w.err
		}
	}
	return out, nil
}

func (p *payload) wrongClass(want string) error {
	return fmt.Errorf("elements are %s, not %s", p.dtype, want)
}

// words returns the elements as bit patterns, zero-extended from their width.
func (p *payload) words(max int) ([]uint64, error) {
	if p.n > int64(max) {
		return nil, graph.ErrTooLarge
	}
	if p.from == rawData || p.from == noSource {
		return p.rawWords()
	}
	out := make([]uint64, 0, p.n)
	for _, f := range p.frags {
		var err error
		if out, err = p.typedWords(out, f); err != nil {
			return nil, err
		}
	}
	want := p.wantEntries()
	if p.packedBits() {
		want *= 8 / int64(p.dtype.Bits())
	}
	if int64(len(out)) != want {
		return nil, fmt.Errorf("%s holds %d elements (expected %d)", p.from, len(out), want)
	}
	return out[:p.n], nil
}

// rawWords reads raw_data, a little-endian stream of bits whatever the width.
func (p *payload) rawWords() ([]uint64, error) {
	buf := make([]byte, p.size(), p.size()+8)
	if len(buf) > 0 {
		if _, err := p.r.ReadAt(buf, p.frags[0].off); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	buf = buf[:cap(buf)]
	width := p.dtype.Bits()
	out := make([]uint64, p.n)
	for i := range out {
		at := i * width
		out[i] = binary.LittleEndian.Uint64(buf[at/8:]) >> (at % 8) & (1<<width - 1)
	}
	return out, nil
}

// typedWords appends the entries of a fragment of a typed field.
func (p *payload) typedWords(out []uint64, f fragment) ([]uint64, error) {
	w := newWire(p.r, f.off, f.off+f.size)
	width := p.dtype.Bits()
	mask := uint64(1)<<width - 1
	for w.more() {
		if int64(len(out)) > p.n {
			return nil, fmt.Errorf("%s holds more than %d elements", p.from, p.n)
		}
		if f.tagged {
			w.key()
		}
		var v uint64
		switch p.from {
		case floatData:
			v = uint64(w.fixed32())
		case doubleData:
			v = w.fixed64()
		default:
			v = w.varint()
		}
		if p.packedBits() {
			for s := 0; s < 8; s += width {
				out = append(out, v>>s&mask)
			}
			continue
		}
		out = append(out, v&mask)
	}
	return out, w.err
}

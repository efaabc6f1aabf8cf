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
	if want := p.dtype.Entries(p.n); want < least || want > most {
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
	w, err := p.Words(max)
	if err != nil {
		return nil, err
	}
	return w.Ints(max)
}

// Floats implements graph.Payload for real floating-point types.
func (p *payload) Floats(max int) ([]float64, error) {
	if !p.dtype.IsFloat() {
		return nil, p.wrongClass("real numbers")
	}
	w, err := p.Words(max)
	if err != nil {
		return nil, err
	}
	return w.Floats(max)
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

// Words implements graph.WordReader for all types but strings.
func (p *payload) Words(max int) (*graph.Words, error) {
	if p.dtype == graph.String {
		return nil, p.wrongClass("numbers")
	}
	if p.n > int64(max) {
		return nil, graph.ErrTooLarge
	}
	out := &graph.Words{DType: p.dtype}
	if p.from == rawData || p.from == noSource {
		var err error
		out.W, err = p.rawWords()
		return out, err
	}
	out.W = make([]uint64, 0, p.wordCount())
	for _, f := range p.frags {
		var err error
		if out.W, err = p.typedWords(out.W, f); err != nil {
			return nil, err
		}
	}
	want := p.dtype.Entries(p.n) * int64(p.dtype.PerEntry())
	if int64(len(out.W)) != want {
		return nil, fmt.Errorf("%s holds %d elements (expected %d)", p.from, len(out.W), want)
	}
	out.W = out.W[:p.wordCount()]
	return out, nil
}

// wordCount returns the number of words of all elements.
func (p *payload) wordCount() int64 {
	if p.dtype.IsComplex() {
		return 2 * p.n
	}
	return p.n
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
	width := p.dtype.WordBits()
	out := make([]uint64, p.wordCount())
	for i := range out {
		at := i * width
		out[i] = binary.LittleEndian.Uint64(buf[at/8:]) >> (at % 8) & (1<<width - 1)
	}
	return out, nil
}

// typedWords appends the entries of a fragment of a typed field.
func (p *payload) typedWords(out []uint64, f fragment) ([]uint64, error) {
	w := newWire(p.r, f.off, f.off+f.size)
	width := p.dtype.WordBits()
	mask := uint64(1)<<width - 1
	most := p.wordCount()
	for w.more() {
		if int64(len(out)) > most {
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
		for k := range p.dtype.PerEntry() {
			out = append(out, v>>(k*width)&mask)
		}
	}
	return out, w.err
}

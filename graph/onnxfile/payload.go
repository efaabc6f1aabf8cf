package onnxfile

import (
	"encoding/binary"
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
	if p.n > int64(max) {
		return nil, graph.ErrTooLarge
	}
	out := &graph.Words{DType: p.dtype, W: make([]uint64, 0, p.wordCount())}
	err := p.ScanWords(func(w []uint64) error {
		out.W = append(out.W, w...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ScanWords implements graph.WordScanner for all types but strings.
func (p *payload) ScanWords(visit func([]uint64) error) error {
	if p.dtype == graph.String {
		return p.wrongClass("numbers")
	}
	if p.from == rawData || p.from == noSource {
		return p.scanRaw(visit)
	}
	s := wordSink{visit: visit, left: p.wordCount()}
	entries := int64(0)
	for _, f := range p.frags {
		n, err := p.scanTyped(&s, f)
		if err != nil {
			return err
		}
		entries += n
	}
	if want := p.dtype.Entries(p.n); entries != want {
		return fmt.Errorf("%s holds %d entries (expected %d)", p.from, entries, want)
	}
	return s.flush()
}

// wordCount returns the number of words of all elements.
func (p *payload) wordCount() int64 {
	if p.dtype.IsComplex() {
		return 2 * p.n
	}
	return p.n
}

// wordChunk is the number of words that are handed on at once. It is even, and
// as many words of any width fill whole bytes.
const wordChunk = 1 << 13

// wordSink hands words on in chunks, as many as a tensor has.
type wordSink struct {
	visit func([]uint64) error
	left  int64
	buf   []uint64
	err   error
}

func (s *wordSink) add(v uint64) {
	if s.left == 0 { // the padding of the last entry
		return
	}
	s.left--
	if s.buf = append(s.buf, v); len(s.buf) == wordChunk {
		s.flush()
	}
}

func (s *wordSink) flush() error {
	if s.err == nil && len(s.buf) > 0 {
		s.err = s.visit(s.buf)
	}
	s.buf = s.buf[:0]
	return s.err
}

// scanRaw reads raw_data, a little-endian stream of bits whatever the width.
func (p *payload) scanRaw(visit func([]uint64) error) error {
	if len(p.frags) == 0 {
		return nil
	}
	width := p.dtype.WordBits()
	buf := make([]byte, min(p.size(), wordChunk*int64(width)/8)+8)
	words := make([]uint64, min(wordChunk, p.wordCount()))
	at := p.frags[0].off
	for left := p.wordCount(); left > 0; left -= int64(len(words)) {
		words = words[:min(int64(len(words)), left)]
		n := (len(words)*width + 7) / 8
		if _, err := io.ReadFull(io.NewSectionReader(p.r, at, int64(n)), buf[:n]); err != nil {
			return err
		}
		for i := range words {
			bit := i * width
			words[i] = binary.LittleEndian.Uint64(buf[bit/8:]) >> (bit % 8) & (1<<width - 1)
		}
		if err := visit(words); err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// scanTyped passes on the entries of a fragment of a typed field and returns their number.
func (p *payload) scanTyped(s *wordSink, f fragment) (entries int64, err error) {
	w := newWire(p.r, f.off, f.off+f.size)
	width := p.dtype.WordBits()
	mask := uint64(1)<<width - 1
	for ; w.more() && s.err == nil; entries++ {
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
			s.add(v >> (k * width) & mask)
		}
	}
	if s.err != nil {
		return entries, s.err
	}
	return entries, w.err
}

package onnxfile

import (
	"fmt"
	"hash/maphash"
	"strings"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/graph"
)

// decoder turns the wire format into the types of package graph.
type decoder struct {
	wire
	model graph.Model
	// bad is what is wrong with the message that is being read, when the bytes
	// are well-formed: reading goes on to the end of the node or tensor, so that
	// the error can name it.
	bad *graph.Error
	// located is set once bad has the path of its graph.
	located  bool
	untyped  *graph.Error // the first attribute without a type
	opsets   []opset
	warnings int

	seed   maphash.Seed
	recent [recentStrings]string
	arena  strings.Builder

	// Lists of unknown length are gathered here and copied when complete. A
	// nested message leaves them as it found them.
	names []string // inputs from the front
	outs  []string
	ints  []int64
	attrs []graph.Attr
	pairs []graph.Pair
	dims  []graph.DimDef

	nodeSlab   slab[graph.Node]
	tensorSlab slab[graph.Tensor]
	stringSlab slab[string]
	intSlab    slab[int64]
	attrSlab   slab[graph.Attr]
	pairSlab   slab[graph.Pair]
	dimSlab    slab[graph.DimDef]
	typeSlab   slab[graph.TypeDef]
	spare      []*tensorProto
}

const (
	recentStrings = 4096
	maxInterned   = 128
	arenaChunk    = 32 << 10
)

// reject notes what is wrong with the current node or tensor.
func (d *decoder) reject(format string, args ...any) *graph.Error {
	e := graph.Errorf(format, args...)
	if d.bad == nil {
		d.bad = e
	}
	return e
}

// warn adds a remark to the model; past graph.MaxWarnings they are only counted.
func (d *decoder) warn(format string, args ...any) {
	if d.warnings++; d.warnings <= graph.MaxWarnings {
		d.model.Warnings = append(d.model.Warnings, fmt.Sprintf(format, args...))
	}
}

// raw reads a field of bytes as a string. Strings that occur often are held once.
func (d *decoder) raw() string {
	b := d.bytes()
	switch {
	case len(b) == 0:
		return ""
	case len(b) > maxInterned:
		return string(b)
	}
	slot := &d.recent[maphash.Bytes(d.seed, b)%recentStrings]
	if *slot != string(b) {
		*slot = d.keep(b)
	}
	return *slot
}

// keep copies a short string into the arena.
func (d *decoder) keep(b []byte) string {
	if d.arena.Cap()-d.arena.Len() < len(b) {
		d.arena = strings.Builder{}
		d.arena.Grow(arenaChunk)
	}
	n := d.arena.Len()
	d.arena.Write(b)
	return d.arena.String()[n:]
}

// text reads a string field that names something.
func (d *decoder) text() string {
	at := d.pos
	s := d.raw()
	if !utf8.ValidString(s) {
		d.reject("the name %q at offset %d", graph.Clip(s), at).Expect("names are UTF-8 strings")
	}
	return s
}

// pair reads a StringStringEntryProto. Bytes that are not UTF-8 are replaced:
// neither keys nor values name anything.
func (d *decoder) pair() graph.Pair {
	var p graph.Pair
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case pairKey:
			p.Key = strings.ToValidUTF8(d.raw(), "\uFFFD")
		case pairValue:
			p.Value = strings.ToValidUTF8(d.raw(), "\uFFFD")
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	return p
}

// addPair reads a StringStringEntryProto and appends it unless it is empty.
func (d *decoder) addPair(to []graph.Pair) []graph.Pair {
	if p := d.pair(); p != (graph.Pair{}) {
		to = append(to, p)
	}
	return to
}

// int64s appends a packed list of integers.
func (d *decoder) int64s(to []int64) []int64 {
	outer := d.enter()
	for d.more() {
		to = append(to, d.int64())
	}
	d.leave(outer)
	return to
}

// slab hands out small pieces of larger allocations.
type slab[T any] struct {
	free []T
	next int
}

const slabMax = 512

func (s *slab[T]) grow(n int) {
	s.next = min(max(2*s.next, 8), slabMax)
	s.free = make([]T, max(n, s.next))
}

// new returns one zero T.
func (s *slab[T]) new() *T {
	if len(s.free) == 0 {
		s.grow(1)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}

// take returns the end of a pile, from mark on, as a list of its own.
func take[T any](pile *[]T, mark int, s *slab[T]) []T {
	part := (*pile)[mark:]
	if mark == 0 && len(part) > slabMax { // the pile itself, for a pile that is rarely so large
		*pile = nil
		return part[:len(part):len(part)]
	}
	*pile = (*pile)[:mark]
	return s.copy(part)
}

// copy returns a copy of in that cannot grow in place; nil if in is empty.
func (s *slab[T]) copy(in []T) []T {
	n := len(in)
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		if n > slabMax/4 {
			return append(make([]T, 0, n), in...)
		}
		s.grow(n)
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	copy(out, in)
	return out
}

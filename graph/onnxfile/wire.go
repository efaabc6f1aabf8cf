package onnxfile

import (
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The window grows from minWindow to maxWindow while it is read in order and
// starts small again after a skip: a file of many weights is mostly skipped.
const (
	minWindow = 4 << 10
	maxWindow = 128 << 10
)

// wire reads protobuf fields of one message after another from a file of any
// size, holding only a window of it. The first error sticks: from then on more
// reports false and every read returns a zero value.
type wire struct {
	r       io.ReaderAt
	pos     int64 // offset of the next byte
	end     int64 // end of the innermost open message
	base    int64 // offset of window[0]
	window  []byte
	space   []byte // backing of window
	chunk   int    // size of the next read
	depth   int
	skipped int64 // bytes of payload passed over
	err     error
}

func newWire(r io.ReaderAt, from, to int64) wire {
	return wire{r: r, pos: from, end: to, base: from, chunk: minWindow}
}

// fail sets the error unless there is one.
func (w *wire) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// failAt reports that the bytes at an offset are no protobuf message.
func (w *wire) failAt(offset int64, format string, args ...any) {
	w.fail(graph.Errorf("offset %d: %s", offset, fmt.Sprintf(format, args...)))
}

// more reports whether the open message has another field.
func (w *wire) more() bool { return w.pos < w.end && w.err == nil }

// structure returns how many bytes were read so far that are not payload.
func (w *wire) structure() int64 { return w.pos - w.skipped }

// peek returns the next n bytes, fewer at the end of the message. They are valid
// until the next call.
func (w *wire) peek(n int64) []byte {
	n = min(n, w.end-w.pos)
	if i := w.pos - w.base; i >= 0 && i+n <= int64(len(w.window)) {
		return w.window[i : i+n]
	}
	return w.fill(n)
}

// fill reads at least n bytes at pos into the window.
func (w *wire) fill(n int64) []byte {
	if w.err != nil {
		return nil
	}
	if w.pos > w.base+int64(len(w.window)) {
		w.chunk = minWindow
	} else {
		w.chunk = min(2*w.chunk, maxWindow)
	}
	size := int(min(max(n, int64(w.chunk)), max(n, w.end-w.pos)))
	if size > cap(w.space) {
		w.space = make([]byte, size)
	}
	w.base, w.window = w.pos, w.space[:size]
	got, err := w.r.ReadAt(w.window, w.pos)
	w.window = w.window[:got]
	if int64(got) < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		w.fail(fmt.Errorf("offset %d: %w", w.pos+int64(got), err))
		return nil
	}
	return w.window[:n]
}

// varint reads a base-128 integer.
func (w *wire) varint() uint64 {
	v, n := protowire.ConsumeVarint(w.peek(10))
	if n < 0 {
		w.failAt(w.pos, "%s", wireProblem(n))
		return 0
	}
	w.pos += int64(n)
	return v
}

func wireProblem(code int) string {
	if err := protowire.ParseError(code); errors.Is(err, io.ErrUnexpectedEOF) {
		return "the message ends inside a field"
	}
	return "an integer of more than 64 bits"
}

// key reads the number and type of the next field.
func (w *wire) key() key {
	at := w.pos
	k := w.varint()
	if w.err != nil {
		return 0
	}
	switch num := k >> 3; {
	case num == 0 || num > uint64(protowire.MaxValidNumber):
		w.failAt(at, "field number %d", num)
	case k&7 > fixed32:
		w.failAt(at, "wire type %d", k&7)
	}
	return k
}

func (w *wire) fixed32() uint32 {
	v, n := protowire.ConsumeFixed32(w.peek(4))
	if n < 0 {
		w.failAt(w.pos, "%s", wireProblem(n))
		return 0
	}
	w.pos += 4
	return v
}

func (w *wire) fixed64() uint64 {
	v, n := protowire.ConsumeFixed64(w.peek(8))
	if n < 0 {
		w.failAt(w.pos, "%s", wireProblem(n))
		return 0
	}
	w.pos += 8
	return v
}

// length reads the length of a field, which must fit into its message.
func (w *wire) length() int64 {
	at := w.pos
	n := w.varint()
	if w.err == nil && n > uint64(w.end-w.pos) {
		w.failAt(at, "a field of %d bytes where %d are left", n, w.end-w.pos)
	}
	if w.err != nil {
		return 0
	}
	return int64(n)
}

// advance passes over n bytes.
func (w *wire) advance(n int64) {
	if n > w.end-w.pos {
		w.failAt(w.pos, "the message ends inside a field")
		return
	}
	w.pos += n
}

// enter opens the message of a field; the result goes to leave.
func (w *wire) enter() (outer int64) {
	outer = w.end
	n := w.length()
	if w.deeper(); w.err == nil {
		w.end = w.pos + n
	}
	w.bounded(0)
	return outer
}

// deeper counts a level of nesting.
func (w *wire) deeper() {
	if w.depth++; w.depth > graph.MaxMessageDepth {
		w.failAt(w.pos, "messages are nested too deep (limit %d)", graph.MaxMessageDepth)
	}
}

// leave closes the message that enter opened.
func (w *wire) leave(outer int64) {
	w.end = outer
	w.depth--
}

// bounded refuses a file whose structure, with n more bytes, is past the limit.
func (w *wire) bounded(n int64) {
	if w.structure()+n > graph.MaxStructureBytes {
		w.failAt(w.pos, "the file's structure is larger than %d bytes", int64(graph.MaxStructureBytes))
	}
}

// bytes reads a field of bytes; they are valid until the next call.
func (w *wire) bytes() []byte {
	n := w.length()
	if w.bounded(n); w.err != nil {
		return nil
	}
	b := w.peek(n)
	w.pos += int64(len(b))
	return b
}

// skip passes over the value of a field that is not read.
func (w *wire) skip(k key) {
	if w.err != nil {
		return
	}
	switch k & 7 {
	case varint:
		w.varint()
	case fixed32:
		w.advance(4)
	case fixed64:
		w.advance(8)
	case length:
		w.advance(w.length())
	case key(protowire.StartGroupType):
		w.skipGroup(k)
	default:
		w.failAt(w.pos, "a group ends that was not opened")
	}
	w.bounded(0)
}

func (w *wire) skipGroup(open key) {
	w.deeper()
	for w.err == nil {
		if w.pos >= w.end {
			w.failAt(w.pos, "a group is not closed")
			return
		}
		k := w.key()
		if k&7 == key(protowire.EndGroupType) {
			if k>>3 != open>>3 {
				w.failAt(w.pos, "a group ends that was not opened")
			}
			break
		}
		w.skip(k)
	}
	w.depth--
}

func (w *wire) int64() int64     { return int64(w.varint()) }
func (w *wire) int32() int32     { return int32(w.varint()) }
func (w *wire) float32() float32 { return math.Float32frombits(w.fixed32()) }

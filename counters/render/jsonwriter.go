package render

import (
	"bufio"
	"encoding/json"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// jsonWriter writes one JSON text as a stream, so that a model of a million nodes
// needs no copy of its report. Objects and arrays opened by block put each member
// on a line of its own; others stay on one line. Write errors are kept by w.
type jsonWriter struct {
	w       *bufio.Writer
	compact bool // blocks stay on one line too
	levels  []jsonLevel
	keyed   bool // a key was written, its value is next
}

type jsonLevel struct {
	close byte
	block bool
	n     int // members so far
}

func newJSONWriter(w io.Writer, compact bool) *jsonWriter {
	return &jsonWriter{w: bufio.NewWriterSize(w, 64<<10), compact: compact}
}

// finish ends the text with a line feed and returns the first write error.
func (j *jsonWriter) finish() error {
	j.w.WriteByte('\n')
	return j.w.Flush()
}

// before writes what separates a value from the one before it.
func (j *jsonWriter) before() {
	if j.keyed {
		j.keyed = false
		return
	}
	if len(j.levels) == 0 {
		return
	}
	l := &j.levels[len(j.levels)-1]
	if l.n > 0 {
		j.w.WriteByte(',')
	}
	l.n++
	if l.block {
		j.line(len(j.levels))
	}
}

func (j *jsonWriter) line(depth int) {
	j.w.WriteByte('\n')
	for range depth {
		j.w.WriteByte(' ')
	}
}

func (j *jsonWriter) begin(open, close byte, block bool) {
	j.before()
	j.w.WriteByte(open)
	j.levels = append(j.levels, jsonLevel{close: close, block: block && !j.compact})
}

func (j *jsonWriter) object()      { j.begin('{', '}', false) }
func (j *jsonWriter) array()       { j.begin('[', ']', false) }
func (j *jsonWriter) objectBlock() { j.begin('{', '}', true) }
func (j *jsonWriter) arrayBlock()  { j.begin('[', ']', true) }

// end closes the innermost object or array.
func (j *jsonWriter) end() {
	l := j.levels[len(j.levels)-1]
	j.levels = j.levels[:len(j.levels)-1]
	if l.block && l.n > 0 {
		j.line(len(j.levels))
	}
	j.w.WriteByte(l.close)
}

// key writes the name of a member and returns j for its value.
func (j *jsonWriter) key(k string) *jsonWriter {
	j.str(k)
	j.w.WriteByte(':')
	j.keyed = true
	return j
}

func (j *jsonWriter) str(s string) {
	j.before()
	j.quote(clipJSON(s))
}

// quote writes a string; most need no escape.
func (j *jsonWriter) quote(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			j.w.Write(quoteJSON(s))
			return
		}
	}
	j.w.WriteByte('"')
	j.w.WriteString(s)
	j.w.WriteByte('"')
}

func (j *jsonWriter) raw(s string) {
	j.before()
	j.w.WriteString(s)
}

func (j *jsonWriter) null() { j.raw("null") }

func (j *jsonWriter) int(n int64) {
	j.before()
	j.w.Write(strconv.AppendInt(j.w.AvailableBuffer(), n, 10))
}

// big writes an integer of any size; nil is null.
func (j *jsonWriter) big(n *big.Int) {
	if n == nil {
		j.null()
		return
	}
	j.raw(n.String())
}

// float writes a number, which must be finite, in its shortest exact form.
func (j *jsonWriter) float(f float64) {
	b, err := json.Marshal(f)
	if err != nil {
		j.null()
		return
	}
	j.raw(string(b))
}

func (j *jsonWriter) strs(list []string) {
	j.array()
	for _, s := range list {
		j.str(s)
	}
	j.end()
}

// shape writes an array of integers, expressions, and nulls for sizes that are
// not known; a shape of unknown rank is null.
func (j *jsonWriter) shape(s graph.Shape) {
	if s == nil {
		j.null()
		return
	}
	j.array()
	for _, d := range s {
		j.dim(d)
	}
	j.end()
}

func (j *jsonWriter) dim(d graph.Dim) {
	k, small := d.Const()
	switch {
	case small:
		j.int(k)
	case d.HasUnknown():
		j.null()
	case d.IsConst():
		j.big(d.BigConst())
	default:
		j.str(d.String())
	}
}

// maxJSONName bounds a string in JSON: machines compare names, so the bound is
// wider than for print, but a report is not longer than its model.
const maxJSONName = 4096

func clipJSON(s string) string {
	if len(s) <= maxJSONName {
		return s
	}
	return clip(s, maxJSONName)
}

// quoteJSON encodes a string; what a terminal might act on is escaped as well.
func quoteJSON(s string) []byte {
	b, _ := json.Marshal(s)
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x7f && hidden(r) }) < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	for _, r := range string(b) {
		if r >= 0x7f && hidden(r) {
			out = appendEscape(out, r)
			continue
		}
		out = append(out, string(r)...)
	}
	return out
}

// maxJSONText bounds a string that this program made: a formula, a sentence.
const maxJSONText = 64 << 10

// text writes a string that was made by this program.
func (j *jsonWriter) text(s string) {
	j.before()
	j.quote(clip(s, maxJSONText))
}

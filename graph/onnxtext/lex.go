package onnxtext

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/graph"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenIdent
	tokenString // with its quotes
	tokenInt
	tokenFloat
	tokenArrow // =>
	tokenByte  // any other byte, mostly punctuation
)

// token is a range of the source.
type token struct {
	kind     tokenKind
	pos, end int
}

// lexer splits a text into tokens. It keeps the current token and the first
// error, after which every token is the end of the text.
type lexer struct {
	src  []byte
	path string
	tok  token
	err  *graph.Error
	// pool holds each name once, so that a model does not keep its text.
	pool map[string]string
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// skipBlank returns the offset of the first byte at or after i that is neither
// white space nor in a comment.
func (l *lexer) skipBlank(i int) int {
	for i < len(l.src) {
		switch l.src[i] {
		case ' ', '\t', '\n', '\v', '\f', '\r':
			i++
		case '#':
			n := bytes.IndexByte(l.src[i:], '\n')
			if n < 0 {
				return len(l.src)
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// advance makes the next token the current one.
func (l *lexer) advance() {
	if l.err != nil {
		return
	}
	i := l.skipBlank(l.tok.end)
	l.tok = token{tokenByte, i, i + 1}
	if i == len(l.src) {
		l.tok = token{tokenEnd, i, i}
		return
	}
	switch c := l.src[i]; {
	case isLetter(c):
		l.tok = token{tokenIdent, i, l.word(i)}
	case isDigit(c):
		l.number(i)
	case c == '"':
		l.quoted(i)
	case c == '-' && i+1 < len(l.src) && isDigit(l.src[i+1]):
		l.number(i + 1)
	case c == '-' && isFloatWord(l.src[i+1:l.word(i+1)]):
		l.tok = token{tokenFloat, i, l.word(i + 1)}
	case c == '=' && i+1 < len(l.src) && l.src[i+1] == '>':
		l.tok = token{tokenArrow, i, i + 2}
	}
}

// word returns the end of the letters and digits that start at i.
func (l *lexer) word(i int) int {
	for i < len(l.src) && (isLetter(l.src[i]) || isDigit(l.src[i])) {
		i++
	}
	return i
}

// isFloatWord reports whether a word stands for a number: inf, infinity or nan in
// any case.
func isFloatWord(w []byte) bool {
	switch len(w) {
	case 3:
		return strings.EqualFold(string(w), "inf") || strings.EqualFold(string(w), "nan")
	case 8:
		return strings.EqualFold(string(w), "infinity")
	}
	return false
}

// number makes the current token the number whose digits start at i.
func (l *lexer) number(i int) {
	l.tok.kind = tokenInt
	i = l.digits(i)
	if i < len(l.src) && l.src[i] == '.' {
		l.tok.kind = tokenFloat
		i = l.digits(i + 1)
	}
	if i < len(l.src) && l.src[i]|0x20 == 'e' {
		l.tok.kind = tokenFloat
		i++
		if i < len(l.src) && (l.src[i] == '+' || l.src[i] == '-') {
			i++
		}
		start := i
		if i = l.digits(i); i == start {
			l.tok.end = i
			l.unexpected("a number with digits in its exponent")
			return
		}
	}
	l.tok.end = i
}

func (l *lexer) digits(i int) int {
	for i < len(l.src) && isDigit(l.src[i]) {
		i++
	}
	return i
}

// quoted makes the current token the string that starts at i.
func (l *lexer) quoted(i int) {
	for j := i + 1; j < len(l.src); j++ {
		switch l.src[j] {
		case '\\':
			j++
		case '"':
			l.tok = token{tokenString, i, j + 1}
			return
		}
	}
	l.fail(i, "found a string without an end").Expect("expected a closing quote")
}

// text returns the bytes of the current token.
func (l *lexer) text() []byte { return l.src[l.tok.pos:l.tok.end] }

// unquoted returns what the current token, a string, means. It shares memory with
// the source where it can.
func (l *lexer) unquoted() []byte {
	in := l.src[l.tok.pos+1 : l.tok.end-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return in
	}
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		if in[i] == '\\' {
			i++
		}
		out = append(out, in[i])
	}
	return out
}

// intern returns b as a string that is shared between equal names.
func (l *lexer) intern(b []byte) string {
	if s, ok := l.pool[string(b)]; ok {
		return s
	}
	s := string(b)
	l.pool[s] = s
	return s
}

// is reports whether the current token is a byte of punctuation.
func (l *lexer) is(c byte) bool { return l.tok.kind == tokenByte && l.src[l.tok.pos] == c }

// accept passes over a byte of punctuation if it is the current token.
func (l *lexer) accept(c byte) bool {
	if !l.is(c) {
		return false
	}
	l.advance()
	return true
}

// expect passes over a byte of punctuation that must be the current token.
func (l *lexer) expect(c byte, where string) {
	if !l.accept(c) {
		l.unexpected(fmt.Sprintf("%q %s", string(c), where))
	}
}

// unexpected notes that the current token is not what the syntax wants here.
func (l *lexer) unexpected(want string) {
	found := "the end of the text"
	switch l.tok.kind {
	case tokenEnd:
	case tokenString:
		found = fmt.Sprintf("the string %q", graph.Clip(string(l.unquoted())))
	default:
		found = fmt.Sprintf("%q", graph.Clip(string(l.found())))
	}
	l.fail(l.tok.pos, "found %s", found).Expect("expected %s", want)
}

// found returns the current token, a whole character where it is a part of one.
func (l *lexer) found() []byte {
	if l.tok.kind == tokenByte && l.src[l.tok.pos] >= utf8.RuneSelf {
		_, n := utf8.DecodeRune(l.src[l.tok.pos:])
		return l.src[l.tok.pos : l.tok.pos+n]
	}
	return l.text()
}

// fail notes an error at an offset, unless there is one, and ends the text.
func (l *lexer) fail(pos int, format string, args ...any) *graph.Error {
	e := graph.Errorf(format, args...)
	if l.err == nil {
		line, col := l.position(pos)
		e.File = fmt.Sprintf("%d:%d", line, col)
		if l.path != "" {
			e.File = l.path + ":" + e.File
		}
		l.err = e
		l.tok = token{tokenEnd, len(l.src), len(l.src)}
	}
	return e
}

// position returns the line and the column of an offset, both from 1; columns
// count characters.
func (l *lexer) position(pos int) (line, col int) {
	before := l.src[:pos]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

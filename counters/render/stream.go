package render

import (
	"bufio"
	"encoding/csv"
	"io"
)

// Stream writes one item after the other to one output in one format. Close
// completes the output; it does not close the writer below.
type Stream[T any] interface {
	Add(T) error
	Close() error
}

// jsonStream writes one JSON object for a single item, and for several an object
// that lists them.
type jsonStream[T any] struct {
	j       *jsonWriter
	several bool
	schema  string // of the list
	member  string // name of the list
	item    func(j *jsonWriter, v T, several bool)
	begun   bool
}

func (s *jsonStream[T]) begin() {
	if !s.begun && s.several {
		s.j.objectBlock()
		s.j.key("schema").str(s.schema)
		s.j.key(s.member).arrayBlock()
	}
	s.begun = true
}

func (s *jsonStream[T]) Add(v T) error {
	s.begin()
	s.item(s.j, v, s.several)
	return s.j.w.Flush()
}

func (s *jsonStream[T]) Close() error {
	if s.several {
		s.begin()
		s.j.end()
		s.j.end()
	}
	if !s.begun {
		return nil
	}
	return s.j.finish()
}

// ndjsonStream writes one object a line.
type ndjsonStream[T any] struct {
	j    *jsonWriter
	item func(j *jsonWriter, v T)
}

func (s *ndjsonStream[T]) Add(v T) error {
	s.item(s.j, v)
	return s.j.finish()
}

func (s *ndjsonStream[T]) Close() error { return nil }

// csvStream writes a header once and rows for each item.
type csvStream[T any] struct {
	w      *csv.Writer
	head   func(T) []string
	rows   func(v T, row func(...string))
	headed bool
}

func (s *csvStream[T]) Add(v T) error {
	if !s.headed {
		s.w.Write(s.head(v))
		s.headed = true
	}
	s.rows(v, func(cells ...string) { s.w.Write(cells) })
	s.w.Flush()
	return s.w.Error()
}

func (s *csvStream[T]) Close() error { return nil }

// textStream writes items one below the other with an empty line between them.
type textStream[T any] struct {
	w    *bufio.Writer
	item func(w *bufio.Writer, v T)
	n    int
}

func newTextStream[T any](w io.Writer, item func(*bufio.Writer, T)) *textStream[T] {
	return &textStream[T]{w: bufio.NewWriterSize(w, 64<<10), item: item}
}

func (s *textStream[T]) Add(v T) error {
	if s.n++; s.n > 1 {
		s.w.WriteByte('\n')
	}
	s.item(s.w, v)
	return s.w.Flush()
}

func (s *textStream[T]) Close() error { return nil }

package graph

import (
	"errors"
	"fmt"
	"strings"
)

// ErrTooLarge is returned by a Payload that holds more elements than were asked for.
var ErrTooLarge = errors.New("more elements than the limit")

// Error says what is wrong with a model and where. It prints as one line:
//
//	file: graph/path/node "name" (Op): what is wrong (what was expected)
type Error struct {
	File string
	Path string // graph path of the node, "" at the top level
	Node string // name of the node; "" when none is concerned
	Op   string
	What string
	Want string
	Err  error // the cause, when it is no fault of the model
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error implements error. Names are quoted, so that no byte of a file reaches a
// terminal unescaped.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ": ")
	}
	if e.Node != "" || e.Op != "" {
		if e.Path != "" {
			b.WriteString(Quote(e.Path) + "/")
		}
		fmt.Fprintf(&b, "node %q", Clip(e.Node))
		if e.Op != "" {
			b.WriteString(" (" + Quote(e.Op) + ")")
		}
		b.WriteString(": ")
	} else if e.Path != "" {
		b.WriteString(Quote(e.Path) + ": ")
	}
	b.WriteString(e.What)
	if e.Want != "" {
		b.WriteString(" (" + e.Want + ")")
	}
	return b.String()
}

// Errorf makes an Error that concerns no node.
func Errorf(format string, args ...any) *Error {
	return &Error{What: fmt.Sprintf(format, args...)}
}

// Expect adds what was expected and returns e.
func (e *Error) Expect(format string, args ...any) *Error {
	e.Want = fmt.Sprintf(format, args...)
	return e
}

// maxName bounds a name from a file wherever it is printed.
const maxName = 200

// Clip cuts a name that is too long to print and says how long it was.
func Clip(s string) string {
	if len(s) <= maxName {
		return s
	}
	cut := maxName
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return fmt.Sprintf("%s...(%d bytes)", s[:cut], len(s))
}

// Quote escapes control and other unprintable characters as Go does, without
// adding quotes, and cuts names that are too long to print.
func Quote(s string) string {
	q := fmt.Sprintf("%q", Clip(s))
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// under puts the path of an enclosing graph in front.
func (e *Error) under(parts ...string) *Error {
	e.Path = JoinPath(append(parts, e.Path)...)
	return e
}

// JoinPath joins the parts of a graph path, leaving out empty ones.
func JoinPath(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "/")
}

// FileError says what is wrong with a file that is no model, and where: a configuration,
// a table, a log.
type FileError struct {
	File string
	Line int    // 0: the file as a whole
	What string // what was found, with what was expected in parentheses
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

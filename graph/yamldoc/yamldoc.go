// Package yamldoc reads the YAML files of users: one document, bounded, without
// anchors, aliases and tags, with known keys that occur once. Every mistake has a line.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	yaml "go.yaml.in/yaml/v3"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The bounds of a file.
const (
	MaxBytes = 1 << 20
	MaxDepth = 32
)

// Error is a mistake in a file.
type Error struct {
	Line int
	What string // what was found, with what was expected in parentheses
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// Errorf makes an Error at a node.
func Errorf(n *yaml.Node, format string, args ...any) *Error {
	return &Error{max(1, n.Line), fmt.Sprintf(format, args...)}
}

// Read reads at most what a file may hold.
func Read(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, MaxBytes+1)) }

var place = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)`)

// Parse reads the document of a file and returns its top node. hint is added to
// errors of syntax.
func Parse(src []byte, hint string) (*yaml.Node, *Error) {
	if len(src) > MaxBytes {
		return nil, &Error{1, fmt.Sprintf("a file of more than %d bytes", MaxBytes)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, &Error{1, "an empty file"}
	} else if err != nil {
		m := place.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(m[1])
		return nil, &Error{max(1, line), "no YAML: " + m[2] + hint}
	}
	if err := plain(&doc, 0); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{1, "more than one YAML document"}
	}
	return doc.Content[0], nil
}

// plain refuses what stands for something else than it reads.
func plain(n *yaml.Node, depth int) *Error {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return Errorf(n, "an anchor or alias (expected the value itself)")
	case n.Style&yaml.TaggedStyle != 0:
		return Errorf(n, "a tag %q (expected a value without)", graph.Clip(n.Tag))
	case depth > MaxDepth:
		return Errorf(n, "nested more than %d deep", MaxDepth)
	}
	for _, c := range n.Content {
		if err := plain(c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Field is a key of a mapping with its value.
type Field struct {
	Key   string
	Line  int // of the key
	Value *yaml.Node
}

// Fields returns the fields of a mapping in the order of the file. Keys must be among
// the allowed ones, if there are any, and occur once.
func Fields(n *yaml.Node, allowed ...string) ([]Field, *Error) {
	if n.Kind != yaml.MappingNode {
		return nil, Errorf(n, "%s (expected %s)", Describe(n), orMapping(allowed))
	}
	var out []Field
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode:
			return nil, Errorf(k, "%s for a key (expected a name)", Describe(k))
		case len(allowed) > 0 && !slices.Contains(allowed, k.Value):
			return nil, Errorf(k, "unknown field %q (expected %s%s)", graph.Clip(k.Value), graph.OrList(allowed), Hint(k.Value, allowed))
		case seen[k.Value]:
			return nil, Errorf(k, "%q occurs twice", graph.Clip(k.Value))
		}
		seen[k.Value] = true
		out = append(out, Field{k.Value, k.Line, n.Content[i+1]})
	}
	return out, nil
}

func orMapping(allowed []string) string {
	if len(allowed) == 0 {
		return "a mapping"
	}
	return graph.OrList(allowed)
}

// Hint words the nearest name for the end of a list of what was expected.
func Hint(name string, pool []string) string {
	if near := graph.Nearest(name, pool); len(near) > 0 {
		return fmt.Sprintf("; did you mean %q?", near[0])
	}
	return ""
}

// Describe names a node in a message.
func Describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case IsNull(n):
		return "nothing"
	}
	return fmt.Sprintf("%q", graph.Clip(n.Value))
}

// IsNull reports whether a value is left out or null.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// List returns the elements of a list.
func List(n *yaml.Node) ([]*yaml.Node, *Error) {
	if n.Kind != yaml.SequenceNode {
		return nil, Errorf(n, "%s (expected a list)", Describe(n))
	}
	return n.Content, nil
}

// Text returns a scalar as it is written.
func Text(n *yaml.Node) (string, *Error) {
	if n.Kind != yaml.ScalarNode || IsNull(n) {
		return "", Errorf(n, "%s (expected a text)", Describe(n))
	}
	return n.Value, nil
}

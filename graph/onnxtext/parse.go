package onnxtext

import (
	"fmt"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/graph"
)

// parser turns tokens into a model. Its methods parse what they are named after,
// starting at the current token; after an error they return at once with whatever
// they have.
type parser struct {
	lexer
	model  graph.Model
	depth  int // of types and graphs
	graphs int // subgraphs around the current graph

	// Scratch for lists of unknown length; attrs is a stack, because nodes nest.
	dims  []graph.DimDef
	names []string
	attrs graph.Attrs
}

func newParser(src []byte, path string) *parser {
	p := &parser{lexer: lexer{src: src, path: path, pool: map[string]string{}}}
	p.model.Path = path
	p.model.StructureBytes = int64(len(src))
	if len(src) > graph.MaxStructureBytes {
		p.fail(0, "the text has %d bytes", len(src)).Expect("at most %d", graph.MaxStructureBytes)
	}
	p.advance()
	return p
}

// Parse reads a model and links it. path is for messages only. What is wrong with
// the text is an error with path, line and column (in characters), what was found
// and what was expected; what is wrong with the graph is the error of
// graph.Model.Link.
func Parse(src []byte, path string) (*graph.Model, error) {
	p := newParser(src, path)
	p.header()
	return p.finish()
}

// ParseGraph reads a graph without a model header, and functions, as a model of a
// version of the standard operator set.
func ParseGraph(src []byte, path string, opset int64) (*graph.Model, error) {
	p := newParser(src, path)
	p.model.IRVersion = graph.MaxIRVersion
	p.model.Opsets = map[string]int64{"": opset}
	return p.finish()
}

// finish parses what follows the header and links the model.
func (p *parser) finish() (*graph.Model, error) {
	p.model.Graph = p.graph(p.named("a graph"))
	for p.err == nil && p.tok.kind != tokenEnd {
		if len(p.model.Functions) == graph.MaxFunctions {
			p.fail(p.tok.pos, "more than %d local functions", graph.MaxFunctions)
			break
		}
		p.model.Functions = append(p.model.Functions, p.function())
	}
	if p.err != nil {
		return nil, p.err
	}
	m := p.model // a copy, which does not keep the parser and the text
	if err := m.Link(); err != nil {
		return nil, err
	}
	return &m, nil
}

// header parses the fields of the model.
func (p *parser) header() {
	at := p.tok.pos
	m := &p.model
	p.fields("a field of the model", map[string]func(){
		"ir_version":       func() { m.IRVersion = p.int(64) },
		"opset_import":     func() { m.Opsets = p.opsets() },
		"producer_name":    func() { m.Producer = p.str("a string") },
		"producer_version": func() { m.ProducerVersion = p.str("a string") },
		"domain":           func() { m.Domain = p.str("a string") },
		"model_version":    func() { m.ModelVersion = p.int(64) },
		"doc_string":       func() { p.str("a string") },
		"metadata_props":   func() { m.Metadata = p.pairs("of metadata") },
	})
	switch {
	case p.err != nil:
	case m.IRVersion < 1 || m.IRVersion > graph.MaxIRVersion:
		p.fail(at, "ir_version %d", m.IRVersion).Expect("expected 1 to %d", graph.MaxIRVersion)
	case len(m.Opsets) == 0:
		p.fail(at, "the model imports no operator set").Expect(`expected opset_import, as in opset_import: ["": 17]`)
	}
}

// fields parses fields in angle brackets, each at most once.
func (p *parser) fields(what string, known map[string]func()) {
	p.expect('<', "before the header")
	seen := map[string]bool{}
	for more := true; more && p.err == nil; more = p.accept(',') {
		key := string(p.text())
		value := known[key]
		if p.tok.kind != tokenIdent || value == nil || seen[key] {
			if seen[key] {
				what += " that is not given yet"
			}
			p.unexpected(what)
			return
		}
		seen[key] = true
		p.advance()
		p.expect(':', "after a key")
		value()
	}
	p.expect('>', "at the end of the header")
}

// opsets parses ["domain": version, ...].
func (p *parser) opsets() map[string]int64 {
	out := map[string]int64{}
	p.expect('[', "before operator sets")
	p.items(']', "after operator sets", func() {
		at := p.tok.pos
		domain := graph.NormalDomain(p.utf8String("a domain in quotes"))
		p.expect(':', "after a domain")
		version := p.int(64)
		before, again := out[domain]
		name := graph.Clip(graph.DomainName(domain))
		switch {
		case p.err != nil:
		case version < 1:
			p.fail(at, "opset version %d of domain %q", version, name).Expect("expected 1 or more")
		case again && before != version:
			p.fail(at, "domain %q is imported at opset %d and at opset %d", name, before, version)
		}
		out[domain] = version
	})
	return out
}

// pairs parses ["key": "value", ...].
func (p *parser) pairs(what string) []graph.Pair {
	var out []graph.Pair
	p.expect('[', "before keys and values "+what)
	p.items(']', "after keys and values "+what, func() {
		key := p.str("a key in quotes")
		p.expect(':', "after a key")
		out = append(out, graph.Pair{Key: key, Value: p.str("a value in quotes")})
	})
	return out
}

// items parses items separated by commas up to a closing byte, which is passed.
func (p *parser) items(end byte, where string, item func()) {
	for more := p.err == nil && !p.is(end); more; more = p.err == nil && p.accept(',') {
		item()
	}
	p.expect(end, where)
}

// str parses a quoted string, any bytes.
func (p *parser) str(want string) string {
	if p.tok.kind != tokenString {
		p.unexpected(want)
		return ""
	}
	s := p.intern(p.unquoted())
	p.advance()
	return s
}

// utf8String parses a quoted string that is text.
func (p *parser) utf8String(want string) string {
	at := p.tok.pos
	s := p.str(want)
	if p.err == nil && !utf8.ValidString(s) {
		p.fail(at, "found %q", graph.Clip(s)).Expect("expected UTF-8")
	}
	return s
}

// name parses a bare or quoted name, which may be empty.
func (p *parser) name() string {
	if p.tok.kind == tokenString {
		return p.utf8String("a name")
	}
	return p.ident("a name")
}

// named parses the name of something that must have one: a value, a function. A
// graph may have an empty one.
func (p *parser) named(what string) string {
	if p.tok.kind != tokenString && p.tok.kind != tokenIdent {
		p.unexpected("the name of " + what)
		return ""
	}
	at := p.tok.pos
	s := p.name()
	if s == "" && what != "a graph" {
		p.fail(at, "found an empty name").Expect("expected the name of %s", what)
	}
	return s
}

// ident parses a bare name.
func (p *parser) ident(want string) string {
	if p.tok.kind != tokenIdent {
		p.unexpected(want)
		return ""
	}
	s := p.intern(p.text())
	p.advance()
	return s
}

// qualified parses bare names joined by dots.
func (p *parser) qualified(want string) string {
	s := p.ident(want)
	if !p.is('.') {
		return s
	}
	joined := []byte(s)
	for p.accept('.') {
		joined = append(append(joined, '.'), p.ident(want)...)
	}
	return p.intern(joined)
}

// warn adds a remark to the model.
func (p *parser) warn(format string, args ...any) {
	m := &p.model
	if len(m.Warnings) < graph.MaxWarnings {
		m.Warnings = append(m.Warnings, fmt.Sprintf(format, args...))
	}
}

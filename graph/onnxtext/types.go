package onnxtext

import (
	"strconv"

	"github.com/onnxmeter/onnxmeter/graph"
)

// elementTypes maps the syntax's own names of element types; those of reports
// (float32) are not among them.
var elementTypes = func() map[string]graph.DType {
	out := map[string]graph.DType{}
	for d := graph.Undefined; ; d++ {
		switch {
		case d.Valid():
			out[d.ProtoName()] = d
		case d > graph.Undefined:
			return out
		}
	}
}()

// containers are the words that start a type which is no tensor.
var containers = map[string]graph.Kind{
	"seq":           graph.KindSequence,
	"optional":      graph.KindOptional,
	"map":           graph.KindMap,
	"sparse_tensor": graph.KindSparse,
	"opaque":        graph.KindOpaque,
}

// isTypeName reports whether a bare word starts a type.
func isTypeName(word []byte) bool {
	_, element := elementTypes[string(word)]
	_, container := containers[string(word)]
	return element || container
}

// atType reports whether a type starts here.
func (p *parser) atType() bool { return p.tok.kind == tokenIdent && isTypeName(p.text()) }

// enter counts the nesting of types and graphs; each successful call needs a leave.
func (p *parser) enter() bool {
	if p.depth == graph.MaxMessageDepth {
		p.fail(p.tok.pos, "types and graphs are nested deeper than %d", graph.MaxMessageDepth)
		return false
	}
	p.depth++
	return true
}

func (p *parser) leave() { p.depth-- }

// typeDef parses a type.
func (p *parser) typeDef() *graph.TypeDef {
	t := &graph.TypeDef{}
	if !p.enter() {
		return t
	}
	defer p.leave()
	if p.tok.kind != tokenIdent {
		p.unexpected("a type")
		return t
	}
	kind, ok := containers[string(p.text())]
	if !ok {
		p.tensorType(t, graph.KindTensor)
		return t
	}
	t.Kind = kind
	p.advance()
	p.expect('(', "after the kind of a type")
	switch kind {
	case graph.KindSequence, graph.KindOptional:
		t.Elem = p.typeDef()
	case graph.KindMap:
		t.DType = p.elementType()
		p.expect(',', "after the key type of a map")
		t.Elem = p.typeDef()
	case graph.KindSparse:
		p.tensorType(t, graph.KindSparse)
	case graph.KindOpaque:
		p.opaque(t)
	}
	p.expect(')', "at the end of a type")
	return t
}

// elementType parses the name of an element type.
func (p *parser) elementType() graph.DType {
	d, ok := elementTypes[string(p.text())]
	if p.tok.kind != tokenIdent || !ok {
		p.unexpected("an element type")
		return graph.Undefined
	}
	p.advance()
	return d
}

// tensorType parses an element type and its dims: none for a scalar, empty
// brackets for an unknown rank.
func (p *parser) tensorType(t *graph.TypeDef, kind graph.Kind) {
	t.Kind, t.DType = kind, p.elementType()
	if !p.accept('[') {
		t.HasShape = true
		return
	}
	if p.accept(']') {
		return
	}
	t.HasShape = true
	p.dims = p.dims[:0]
	for more := true; more; more = p.accept(',') {
		if len(p.dims) == graph.MaxRank {
			p.fail(p.tok.pos, "the rank exceeds %d", graph.MaxRank)
			return
		}
		p.dims = append(p.dims, p.dim())
	}
	t.Dims = append([]graph.DimDef(nil), p.dims...)
	p.expect(']', "after the dims")
}

// dim parses one dim: a number, a name or a question mark.
func (p *parser) dim() (d graph.DimDef) {
	switch {
	case p.accept('?'):
	case p.tok.kind == tokenIdent || p.tok.kind == tokenString:
		d.Param = p.name()
	case p.tok.kind == tokenInt:
		d.Value, d.Known = p.int(64), true
	default:
		p.unexpected("a dim: a number, a name or ?")
	}
	return d
}

// opaque parses the inside of opaque(), opaque(name) or opaque(domain, name).
func (p *parser) opaque(t *graph.TypeDef) {
	if p.is(')') {
		return
	}
	t.Opaque = p.qualified("the name of an opaque type")
	if p.accept(',') {
		t.Opaque = graph.JoinPath(t.Opaque, p.ident("the name of an opaque type"))
	}
}

// checkDeclared replaces negative dims, which some exporters write for open ones,
// as the reader of binary files does.
func (p *parser) checkDeclared(name string, t *graph.TypeDef) {
	for i := range t.Dims {
		if dim := &t.Dims[i]; dim.Known && dim.Value < 0 {
			p.warn("value %q: dim %d is %d, taken as unknown", graph.Clip(name), i, dim.Value)
			*dim = graph.DimDef{}
		}
	}
	if t.Elem != nil {
		p.checkDeclared(name, t.Elem)
	}
}

// int parses an integer of a width in bits.
func (p *parser) int(bits int) int64 {
	if p.tok.kind != tokenInt {
		p.unexpected("an integer")
		return 0
	}
	v, err := strconv.ParseInt(string(p.text()), 10, bits)
	if err != nil {
		p.unexpected("an integer of " + strconv.Itoa(bits) + " bits")
	}
	p.advance()
	return v
}

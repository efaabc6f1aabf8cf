package onnxtext

import (
	"fmt"
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
)

// attrTypes maps the names of attribute types.
var attrTypes = func() map[string]graph.AttrType {
	out := map[string]graph.AttrType{}
	for t := graph.AttrFloat; t <= graph.AttrTypeProtos; t++ {
		out[t.String()] = t
	}
	return out
}()

// singles maps the types of lists to those of their elements.
var singles = map[graph.AttrType]graph.AttrType{
	graph.AttrFloats:     graph.AttrFloat,
	graph.AttrInts:       graph.AttrInt,
	graph.AttrStrings:    graph.AttrString,
	graph.AttrTensors:    graph.AttrTensor,
	graph.AttrGraphs:     graph.AttrGraph,
	graph.AttrSparses:    graph.AttrSparse,
	graph.AttrTypeProtos: graph.AttrTypeProto,
}

// lists is the inverse of singles.
var lists = func() map[graph.AttrType]graph.AttrType {
	out := map[graph.AttrType]graph.AttrType{}
	for list, single := range singles {
		out[single] = list
	}
	return out
}()

// attributes parses the attributes of a node in angle brackets.
func (p *parser) attributes() graph.Attrs {
	mark := len(p.attrs)
	p.expect('<', "before attributes")
	for more := true; more && p.err == nil; more = p.accept(',') {
		a := p.attribute(p.ident("the name of an attribute"))
		p.attrs = append(p.attrs, a)
	}
	p.expect('>', "after attributes")
	out := slices.Clone(p.attrs[mark:])
	p.attrs = p.attrs[:mark]
	return out
}

// attribute parses what follows the name of an attribute: a type or none, a value.
func (p *parser) attribute(name string) graph.Attr {
	declared := graph.AttrUndefined
	if p.accept(':') {
		t, ok := attrTypes[string(p.text())]
		if p.tok.kind != tokenIdent || !ok {
			p.unexpected("an attribute type")
		}
		declared = t
		p.advance()
	}
	p.expect('=', "before the value of an attribute")
	a := graph.Attr{Name: name, Type: declared}
	switch {
	case p.is('['):
		p.list(&a)
	case p.accept('@'):
		a.Ref = p.named("an attribute")
	default:
		p.single(&a, declared)
	}
	return a
}

// list parses a list of values. An empty one needs a declared type, otherwise the
// first value tells the type.
func (p *parser) list(a *graph.Attr) {
	open := p.tok.pos
	want, declared := singles[a.Type]
	if a.Type != graph.AttrUndefined && !declared {
		p.unexpected(fmt.Sprintf("one value of the declared type %s", a.Type))
		return
	}
	p.advance()
	p.items(']', "after a list of values", func() {
		var v graph.Attr
		p.single(&v, want)
		want = v.Type
		a.Type = lists[want]
		appendValue(a, &v)
	})
	if p.err == nil && a.Type == graph.AttrUndefined {
		p.fail(open, "an empty list without a type").Expect("expected as in %s : ints = []", graph.Clip(a.Name))
	}
}

// appendValue adds a single value to the list of its type.
func appendValue(a, v *graph.Attr) {
	switch v.Type {
	case graph.AttrFloat:
		a.Floats = append(a.Floats, v.Float)
	case graph.AttrInt:
		a.Ints = append(a.Ints, v.Int)
	case graph.AttrString:
		a.Strs = append(a.Strs, v.Str)
	case graph.AttrTensor:
		l := a.AddLists()
		l.Tensors = append(l.Tensors, v.Tensor)
	case graph.AttrGraph:
		l := a.AddLists()
		l.Graphs = append(l.Graphs, v.Graph)
	case graph.AttrTypeProto:
		l := a.AddLists()
		l.Types = append(l.Types, v.TypeDef)
	}
}

// single parses one value into a. A wanted type other than AttrUndefined must be
// the value's; an integer is also a float.
func (p *parser) single(a *graph.Attr, want graph.AttrType) {
	at := p.tok.pos
	switch p.tok.kind {
	case tokenIdent:
		p.word(a, at)
	case tokenString:
		p.stringOrGraph(a)
	case tokenInt:
		if want == graph.AttrFloat {
			a.Type, a.Float = graph.AttrFloat, float32(p.float(32))
		} else {
			a.Type, a.Int = graph.AttrInt, p.int(64)
		}
	case tokenFloat:
		a.Type, a.Float = graph.AttrFloat, float32(p.float(32))
	default:
		p.unexpected("a value")
	}
	if want != graph.AttrUndefined && want != a.Type && p.err == nil {
		p.fail(at, "found a value of type %s", a.Type).Expect("expected %s", want)
	}
}

// word parses a value that starts with a bare word: a number, a type, a tensor or
// a graph.
func (p *parser) word(a *graph.Attr, at int) {
	switch {
	case isFloatWord(p.text()):
		a.Type, a.Float = graph.AttrFloat, float32(p.float(32))
	case p.atType():
		t := p.typeDef()
		if p.is('{') || p.is('=') || p.is('[') || p.tok.kind == tokenIdent || p.tok.kind == tokenString {
			a.Type, a.Tensor = graph.AttrTensor, p.tensor(t, at)
		} else {
			a.Type, a.TypeDef = graph.AttrTypeProto, t
		}
	default:
		a.Type, a.Graph = graph.AttrGraph, p.subgraph(p.name())
	}
}

// tensor parses what follows the type of a tensor: a name or none, an optional
// equals sign, elements.
func (p *parser) tensor(t *graph.TypeDef, at int) *graph.Tensor {
	name := ""
	if p.tok.kind == tokenIdent || p.tok.kind == tokenString {
		name = p.name()
	}
	p.accept('=')
	return p.constant(name, t, at)
}

// stringOrGraph parses a string, or a graph with a quoted name.
func (p *parser) stringOrGraph(a *graph.Attr) {
	at := p.tok
	s := p.str("a string")
	if !p.is('(') && p.tok.kind != tokenArrow {
		a.Type, a.Str = graph.AttrString, s
		return
	}
	p.tok = at
	a.Type, a.Graph = graph.AttrGraph, p.subgraph(p.name())
}

// subgraph parses what follows the name of a graph inside a node.
func (p *parser) subgraph(name string) *graph.Graph {
	if p.graphs == graph.MaxGraphDepth {
		p.fail(p.tok.pos, "subgraphs are nested more than %d deep", graph.MaxGraphDepth)
	}
	p.graphs++
	defer func() { p.graphs-- }()
	return p.graph(name)
}

package onnxtext

import (
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// graph parses what follows the name of a graph: inputs, outputs, initializers and
// declared types, nodes.
func (p *parser) graph(name string) *graph.Graph {
	g := &graph.Graph{Name: name}
	if !p.enter() {
		return g
	}
	defer p.leave()
	if p.accept('(') {
		p.values(')', "a graph input", func(v graph.ValueInfo, init *graph.Tensor) {
			g.InputInfo = append(g.InputInfo, v)
			if init != nil {
				g.Initializers = append(g.Initializers, init)
			}
		})
	}
	p.arrow()
	p.expect('(', "before the outputs")
	p.values(')', "a graph output", func(v graph.ValueInfo, init *graph.Tensor) {
		if init != nil {
			p.fail(p.tok.pos, "graph output %q has elements", graph.Clip(v.Name)).Expect("expected a type and a name only")
		}
		g.OutputInfo = append(g.OutputInfo, v)
	})
	if p.accept('<') {
		p.values('>', "an initializer or a value", func(v graph.ValueInfo, init *graph.Tensor) {
			if init != nil {
				g.Initializers = append(g.Initializers, init)
			} else {
				g.ValueInfo = append(g.ValueInfo, v)
			}
		})
	}
	g.Nodes = p.nodes()
	return g
}

func (p *parser) arrow() {
	if p.tok.kind != tokenArrow {
		p.unexpected(`"=>" and outputs`)
		return
	}
	p.advance()
}

// values parses a list of values, each a name with or without a type and, after a
// type, with or without the elements of a constant. The opening bracket is passed.
func (p *parser) values(end byte, what string, add func(graph.ValueInfo, *graph.Tensor)) {
	p.items(end, "after the values", func() {
		at := p.tok.pos
		var v graph.ValueInfo
		if p.atType() {
			v.Type = p.typeDef()
		}
		v.Name = p.named(what)
		var init *graph.Tensor
		if p.accept('=') {
			init = p.constant(v.Name, v.Type, at)
		} else if v.Type != nil {
			p.checkDeclared(v.Name, v.Type)
		}
		if p.err == nil {
			add(v, init)
		}
	})
}

// nodes parses the nodes of a graph or a function in braces.
func (p *parser) nodes() []*graph.Node {
	p.expect('{', "before the nodes")
	var out []*graph.Node
	for p.err == nil && !p.is('}') {
		out = append(out, p.node())
	}
	p.expect('}', "after the nodes")
	return out
}

// node parses [label] outputs = domain.Op:overload <attributes> (inputs), where
// the attributes may also be last.
func (p *parser) node() *graph.Node {
	n := &graph.Node{}
	if p.accept('[') {
		if !p.is(']') {
			n.Name = p.name()
		}
		p.expect(']', "after the name of a node")
	}
	n.OutputNames = p.nameList()
	p.expect('=', "after the outputs of a node")
	p.operator(n)
	early := p.is('<')
	if early {
		n.Attrs = p.attributes()
	}
	p.expect('(', "before the inputs of a node")
	n.InputNames = p.nameList()
	p.expect(')', "after the inputs of a node")
	if !early && p.is('<') {
		n.Attrs = p.attributes()
	}
	return n
}

// operator parses the operator of a node with its domain and overload.
func (p *parser) operator(n *graph.Node) {
	n.Op = p.qualified("the name of an operator")
	if dot := strings.LastIndexByte(n.Op, '.'); dot >= 0 {
		n.Domain, n.Op = graph.NormalDomain(n.Op[:dot]), n.Op[dot+1:]
	}
	if p.accept(':') {
		n.Overload = p.ident("the name of an overload")
	}
}

// nameList parses names separated by commas. An empty one is written as "" or as
// nothing before a comma; a comma at the end means nothing.
func (p *parser) nameList() []string {
	p.names = p.names[:0]
	for p.err == nil {
		switch {
		case p.tok.kind == tokenIdent || p.tok.kind == tokenString:
			p.names = append(p.names, p.name())
		case p.is(','):
			p.names = append(p.names, "")
		default:
			return slices.Clone(p.names)
		}
		if !p.accept(',') {
			break
		}
	}
	return slices.Clone(p.names)
}

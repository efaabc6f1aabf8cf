package onnxtext

import "github.com/onnxmeter/onnxmeter/graph"

// function parses a local function: its header, name, attributes, parameters,
// declared types and nodes.
func (p *parser) function() *graph.Function {
	f := &graph.Function{Body: &graph.Graph{}, Opsets: map[string]int64{}}
	if p.is('<') {
		p.fields("a field of a function", map[string]func(){
			"domain":       func() { f.Domain = graph.NormalDomain(p.utf8String("a domain in quotes")) },
			"overload":     func() { f.Overload = p.utf8String("an overload in quotes") },
			"opset_import": func() { f.Opsets = p.opsets() },
			"doc_string":   func() { p.str("a string") },
		})
	}
	f.Name = p.named("a function")
	f.Body.Name = f.Name
	if p.accept('<') {
		p.signature(f)
	}
	f.Body.InputInfo = p.parameters(f.Body, "a function input")
	p.arrow()
	f.Body.OutputInfo = p.parameters(f.Body, "a function output")
	if p.accept('<') {
		p.values('>', "a value", func(v graph.ValueInfo, init *graph.Tensor) {
			if init != nil {
				p.fail(p.tok.pos, "value %q of a function has elements", graph.Clip(v.Name)).Expect("expected a type and a name only")
			}
			f.Body.ValueInfo = append(f.Body.ValueInfo, v)
		})
	}
	f.Body.Nodes = p.nodes()
	return f
}

// signature parses the attributes of a function, with or without a default. The
// opening bracket is passed.
func (p *parser) signature(f *graph.Function) {
	for more := true; more && p.err == nil; more = p.accept(',') {
		at := p.tok.pos
		name := p.named("an attribute")
		if !p.is(':') && !p.is('=') {
			f.Attrs = append(f.Attrs, name)
			continue
		}
		a := p.attribute(name)
		if a.Ref != "" {
			p.fail(at, "the default of attribute %q refers to an attribute", graph.Clip(name)).Expect("expected a value")
		}
		f.Defaults = append(f.Defaults, a)
	}
	p.expect('>', "after the attributes of a function")
}

// parameters parses the formal inputs or outputs of a function. Their types, where
// there are any, become declared types of the body.
func (p *parser) parameters(body *graph.Graph, what string) []graph.ValueInfo {
	var out []graph.ValueInfo
	p.expect('(', "before the parameters of a function")
	p.values(')', what, func(v graph.ValueInfo, init *graph.Tensor) {
		if init != nil {
			p.fail(p.tok.pos, "%s %q has elements", what[2:], graph.Clip(v.Name)).Expect("expected a type and a name only")
		}
		if v.Type != nil {
			body.ValueInfo = append(body.ValueInfo, v)
		}
		out = append(out, graph.ValueInfo{Name: v.Name})
	})
	return out
}

package onnxfile

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// graph reads a GraphProto into g, which may hold what an earlier occurrence of
// the same field gave.
func (d *decoder) graph(g *graph.Graph) {
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case graphNode:
			g.Nodes = append(g.Nodes, d.node())
		case graphName:
			g.Name = d.label()
		case graphInitializer:
			d.addInitializer(g)
		case graphSparse:
			d.addSparse(g)
		case graphInput:
			g.InputInfo = append(g.InputInfo, d.namedValue("input", len(g.InputInfo)))
		case graphOutput:
			g.OutputInfo = append(g.OutputInfo, d.namedValue("output", len(g.OutputInfo)))
		case graphValueInfo:
			d.addValueInfo(g)
		case graphQuantization:
			if a := d.annotation(); a.Tensor != "" {
				g.Quantization = append(g.Quantization, a)
			}
		case graphMetadata:
			g.Metadata = d.addPair(g.Metadata)
		default:
			d.skip(k)
		}
		if d.bad != nil {
			d.located = true
			d.settle()
		}
	}
	d.leave(outer)
}

// label reads a string that is only shown: bytes that are not UTF-8 are replaced.
func (d *decoder) label() string { return strings.ToValidUTF8(d.raw(), "\uFFFD") }

// namedValue reads a graph input or output, which must have a name.
func (d *decoder) namedValue(role string, i int) graph.ValueInfo {
	v := d.valueInfo()
	if v.Name == "" && d.err == nil {
		d.reject("graph %s %d has no name", role, i)
	}
	return v
}

// addValueInfo reads a declared type. One without a name declares nothing.
func (d *decoder) addValueInfo(g *graph.Graph) {
	if v := d.valueInfo(); v.Name != "" {
		g.ValueInfo = append(g.ValueInfo, v)
	}
}

func (d *decoder) valueInfo() graph.ValueInfo {
	var v graph.ValueInfo
	outer := d.enter()
	mark := len(d.pairs)
	for d.more() {
		switch k := d.key(); k {
		case valueName:
			v.Name = d.text()
		case valueType:
			if v.Type == nil {
				v.Type = d.typeSlab.new()
			}
			d.typeDef(v.Type)
		case valueMetadata:
			d.pairs = d.addPair(d.pairs)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	v.Metadata = take(&d.pairs, mark, &d.pairSlab)
	if v.Type != nil {
		d.checkType(v.Name, v.Type)
	}
	return v
}

func (d *decoder) annotation() graph.QuantAnnotation {
	var a graph.QuantAnnotation
	outer := d.enter()
	mark := len(d.pairs)
	for d.more() {
		switch k := d.key(); k {
		case annotationTensor:
			a.Tensor = d.text()
		case annotationParams:
			d.pairs = d.addPair(d.pairs)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	a.Params = take(&d.pairs, mark, &d.pairSlab)
	return a
}

func (d *decoder) node() *graph.Node {
	n := d.nodeSlab.new()
	outer := d.enter()
	at := d.pos
	ins, outs, attrs, pairs := len(d.names), len(d.outs), len(d.attrs), len(d.pairs)
	for d.more() {
		switch k := d.key(); k {
		case nodeInput:
			d.names = append(d.names, d.text())
		case nodeOutput:
			d.outs = append(d.outs, d.text())
		case nodeName:
			n.Name = d.text()
		case nodeOpType:
			n.Op = d.text()
		case nodeDomain:
			n.Domain = graph.NormalDomain(d.text())
		case nodeOverload:
			n.Overload = d.text()
		case nodeAttribute:
			if a := d.attribute(); d.bad == nil {
				d.attrs = append(d.attrs, a)
			}
		case nodeMetadata:
			d.pairs = d.addPair(d.pairs)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	n.InputNames = take(&d.names, ins, &d.stringSlab)
	n.OutputNames = take(&d.outs, outs, &d.stringSlab)
	n.Attrs = take(&d.attrs, attrs, &d.attrSlab)
	n.Metadata = take(&d.pairs, pairs, &d.pairSlab)
	if n.Op == "" && d.err == nil {
		d.reject("the node at offset %d has no op_type", at)
	}
	if d.bad != nil {
		d.placeInNode(n)
	}
	if e := d.untyped; e != nil && e.Op == "" {
		e.Node, e.Op = n.Label(), n.Op
	}
	return n
}

// placeInNode completes the error of a node, or the path of one in its subgraph.
func (d *decoder) placeInNode(n *graph.Node) {
	if d.located {
		d.bad.Path = graph.JoinPath(n.Label(), d.bad.Path)
		return
	}
	d.bad.Node, d.bad.Op = n.Label(), n.Op
}

package onnxfile

import (
	"math/bits"

	"github.com/onnxmeter/onnxmeter/graph"
)

// attrParts holds what an AttributeProto says until it is complete: message
// fields may occur several times and are merged.
type attrParts struct {
	graph.Attr
	set    uint32 // bit per graph.AttrType whose field occurred
	tensor *tensorProto
	sparse *sparseProto
}

func (p *attrParts) mark(t graph.AttrType) { p.set |= 1 << t }

// attribute reads an AttributeProto.
func (d *decoder) attribute() graph.Attr {
	var p attrParts
	outer := d.enter()
	mark := len(d.ints)
	for d.more() {
		switch k := d.key(); k {
		case attrName:
			p.Name = d.text()
		case attrType:
			p.Type = graph.AttrType(d.int32())
		case attrRef:
			p.Ref = d.text()
		case attrI:
			p.Int = d.int64()
			p.mark(graph.AttrInt)
		case attrInt:
			d.ints = append(d.ints, d.int64())
			p.mark(graph.AttrInts)
		case attrInts:
			d.ints = d.int64s(d.ints)
			p.mark(graph.AttrInts)
		case attrF:
			p.Float = d.float32()
			p.mark(graph.AttrFloat)
		case attrS:
			p.Str = d.raw()
			p.mark(graph.AttrString)
		default:
			d.attributePart(&p, k)
		}
	}
	d.leave(outer)
	p.Ints = take(&d.ints, mark, &d.intSlab)
	d.finishAttribute(&p)
	return p.Attr
}

// attributePart reads the less frequent fields.
func (d *decoder) attributePart(p *attrParts, k key) {
	switch k {
	case attrFloat:
		p.Floats = append(p.Floats, d.float32())
		p.mark(graph.AttrFloats)
	case attrFloats:
		outer := d.enter()
		for d.more() {
			p.Floats = append(p.Floats, d.float32())
		}
		d.leave(outer)
		p.mark(graph.AttrFloats)
	case attrStrings:
		p.Strs = append(p.Strs, d.raw())
		p.mark(graph.AttrStrings)
	case attrT:
		if p.tensor == nil {
			p.tensor = d.newTensor()
		}
		d.tensor(p.tensor)
		p.mark(graph.AttrTensor)
	case attrTensors:
		t := d.newTensor()
		d.tensor(t)
		l := p.AddLists()
		l.Tensors = append(l.Tensors, d.finishTensor(t, p.Name))
		p.mark(graph.AttrTensors)
	case attrSparse:
		if p.sparse == nil {
			p.sparse = &sparseProto{}
		}
		d.sparse(p.sparse)
		p.mark(graph.AttrSparse)
	case attrSparses:
		var s sparseProto
		d.sparse(&s)
		l := p.AddLists()
		l.Sparses = append(l.Sparses, d.finishSparse(&s, p.Name))
		p.mark(graph.AttrSparses)
	default:
		d.attributeGraph(p, k)
	}
}

// attributeGraph reads subgraphs and types.
func (d *decoder) attributeGraph(p *attrParts, k key) {
	switch k {
	case attrG:
		if p.Graph == nil {
			p.Graph = &graph.Graph{}
		}
		d.body(p.Graph, p.Name)
		p.mark(graph.AttrGraph)
	case attrGraphs:
		g := &graph.Graph{}
		d.body(g, p.Name)
		l := p.AddLists()
		l.Graphs = append(l.Graphs, g)
		p.mark(graph.AttrGraphs)
	case attrTypeProto:
		if p.TypeDef == nil {
			p.TypeDef = &graph.TypeDef{}
		}
		d.typeDef(p.TypeDef)
		d.checkType(p.Name, p.TypeDef)
		p.mark(graph.AttrTypeProto)
	case attrTypes:
		t := &graph.TypeDef{}
		d.typeDef(t)
		d.checkType(p.Name, t)
		l := p.AddLists()
		l.Types = append(l.Types, t)
		p.mark(graph.AttrTypeProtos)
	default:
		d.skip(k)
	}
}

// body reads the subgraph of an attribute.
func (d *decoder) body(g *graph.Graph, attr string) {
	clean := d.bad == nil
	d.graph(g)
	if clean && d.bad != nil {
		d.bad.Path = graph.JoinPath(attr, d.bad.Path)
	}
}

// finishAttribute checks that the type and the field that is set agree. A type
// without a field is the type's default value, which some writers leave out; a
// field without a type is how files before IR version 2 wrote it.
func (d *decoder) finishAttribute(p *attrParts) {
	if p.tensor != nil {
		p.Tensor = d.finishTensor(p.tensor, p.Name)
	}
	if p.sparse != nil {
		p.Sparse = d.finishSparse(p.sparse, p.Name)
	}
	if d.err != nil {
		return
	}
	name := graph.Clip(p.Name)
	switch {
	case p.Name == "":
		d.reject("an attribute has no name")
	case p.Type < 0 || p.Type > graph.AttrTypeProtos:
		d.reject("attribute %q has the unknown type %d", name, p.Type)
	case bits.OnesCount32(p.set) > 1:
		d.reject("attribute %q has values of more than one type", name)
	case p.Ref != "":
		if p.set != 0 {
			d.reject("attribute %q has a value and refers to %q", name, graph.Clip(p.Ref))
		}
	case p.Type == graph.AttrUndefined:
		d.inferType(p)
	case p.set != 0 && p.set != 1<<p.Type:
		d.reject("attribute %q has type %s and a value of type %s", name, p.Type, graph.AttrType(bits.TrailingZeros32(p.set)))
	case p.set == 0 && needsValue(p.Type):
		d.reject("attribute %q of type %s has no value", name, p.Type)
	}
}

// needsValue reports whether a type has no default value.
func needsValue(t graph.AttrType) bool {
	switch t {
	case graph.AttrTensor, graph.AttrGraph, graph.AttrSparse, graph.AttrTypeProto:
		return true
	}
	return false
}

// inferType takes the type of the field that is set. Whether the IR version
// allows that is known at the end of the file.
func (d *decoder) inferType(p *attrParts) {
	if p.set == 0 {
		d.reject("attribute %q has neither type nor value", graph.Clip(p.Name))
		return
	}
	p.Type = graph.AttrType(bits.TrailingZeros32(p.set))
	d.noType(p.Name)
}

// noType notes the first attribute without a type; node completes the error.
func (d *decoder) noType(name string) {
	if d.untyped == nil {
		d.untyped = graph.Errorf("attribute %q has no type", graph.Clip(name)).Expect("required since IR version %d", irAttrTypes)
	}
}

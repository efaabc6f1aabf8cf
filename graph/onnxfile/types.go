package onnxfile

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

// typeDef reads a TypeProto into t. The kinds are alternatives: the last one
// wins, and the same one twice is merged.
func (d *decoder) typeDef(t *graph.TypeDef) {
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case typeTensor:
			become(t, graph.KindTensor)
			d.tensorType(t)
		case typeSparse:
			become(t, graph.KindSparse)
			d.tensorType(t)
		case typeSequence:
			become(t, graph.KindSequence)
			d.containerType(t)
		case typeOptional:
			become(t, graph.KindOptional)
			d.containerType(t)
		case typeMap:
			become(t, graph.KindMap)
			d.mapType(t)
		case typeOpaque:
			become(t, graph.KindOpaque)
			d.opaqueType(t)
		case typeDenotation:
			t.Denotation = d.label()
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
}

// become makes t a type of kind k, forgetting what another kind has set.
func become(t *graph.TypeDef, k graph.Kind) {
	if t.Kind != k {
		*t = graph.TypeDef{Kind: k, Denotation: t.Denotation}
	}
}

func (d *decoder) tensorType(t *graph.TypeDef) {
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case tensorTypeElem:
			t.DType = d.declaredDType()
		case tensorTypeShape:
			d.shape(t)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
}

// declaredDType reads an element type; one that ONNX does not define is undefined.
func (d *decoder) declaredDType() graph.DType {
	v := d.int32()
	if dt := graph.DType(v); dt == graph.Undefined || dt.Valid() {
		return dt
	}
	d.warn("element type %d is not known, taken as undefined", v)
	return graph.Undefined
}

func (d *decoder) shape(t *graph.TypeDef) {
	outer := d.enter()
	mark := len(d.dims)
	for d.more() {
		k := d.key()
		if k != shapeDim || len(d.dims)-mark > graph.MaxRank { // a rank past the limit is refused
			d.skip(k)
			continue
		}
		d.dims = append(d.dims, d.dim())
	}
	d.leave(outer)
	added := d.dims[mark:]
	if !t.HasShape {
		t.Dims, t.HasShape = d.dimSlab.copy(added), true
	} else {
		t.Dims = append(t.Dims, added...)
	}
	d.dims = d.dims[:mark]
}

// dim reads a Dimension; value and name are alternatives, the last one wins.
func (d *decoder) dim() graph.DimDef {
	var dim graph.DimDef
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case dimValue:
			dim = graph.DimDef{Value: d.int64(), Known: true}
		case dimParam:
			dim = graph.DimDef{Param: d.text()}
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	return dim
}

// containerType reads TypeProto.Sequence or TypeProto.Optional.
func (d *decoder) containerType(t *graph.TypeDef) {
	outer := d.enter()
	for d.more() {
		if k := d.key(); k == elemType {
			d.elem(t)
		} else {
			d.skip(k)
		}
	}
	d.leave(outer)
}

func (d *decoder) elem(t *graph.TypeDef) {
	if t.Elem == nil {
		t.Elem = &graph.TypeDef{}
	}
	d.typeDef(t.Elem)
}

func (d *decoder) mapType(t *graph.TypeDef) {
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case mapKey:
			t.DType = d.declaredDType()
		case mapValue:
			d.elem(t)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
}

func (d *decoder) opaqueType(t *graph.TypeDef) {
	var domain, name string
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case opaqueDomain:
			domain = d.label()
		case opaqueName:
			name = d.label()
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	t.Opaque = graph.JoinPath(domain, name)
}

// checkType refuses a rank past the limit. A negative dim is what some exporters
// write for an open one.
func (d *decoder) checkType(name string, t *graph.TypeDef) {
	if len(t.Dims) > graph.MaxRank {
		d.reject("value %q has a rank above %d", graph.Clip(name), graph.MaxRank)
		return
	}
	for i := range t.Dims {
		if dim := &t.Dims[i]; dim.Known && dim.Value < 0 {
			d.warn("value %q: dim %d is %d, taken as unknown", graph.Clip(name), i, dim.Value)
			*dim = graph.DimDef{}
		}
	}
	if t.Elem != nil {
		d.checkType(name, t.Elem)
	}
}

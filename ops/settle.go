package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// maxDimSize bounds the complexity of a dim; a larger one becomes a symbol of its own.
const maxDimSize = 4096

// settle checks an inferred output, joins it with what the model declares and
// bounds what is followed.
func (p *pass) settle(inst *Instance, n *graph.Node, v *graph.Value, out *Info) *graph.Error {
	if len(out.Shape) > graph.MaxRank {
		return graph.Errorf("output %q has rank %d", graph.Clip(v.Name), len(out.Shape)).Expect("at most %d", graph.MaxRank)
	}
	for i, d := range out.Shape {
		k, isConst := d.Const()
		switch {
		case d.Wide():
			return graph.Errorf("output %q: dim %d overflows 64 bits: %s", graph.Clip(v.Name), i, graph.Clip(d.String()))
		case isConst && k < 0:
			return graph.Errorf("output %q: dim %d is %d", graph.Clip(v.Name), i, k).Expect("a dim is not negative")
		case d.Size() > maxDimSize:
			out.Shape = append(graph.Shape{}, out.Shape...)
			out.Shape[i] = p.unknown()
		}
	}
	if !sharesElems(inst, n, out) {
		p.settleElems(out)
	}
	if !p.opt.IgnoreDeclared && v.Declared != nil {
		p.joinDeclared(inst, n, v, out)
	}
	return nil
}

// sharesElems reports whether the elements of an output are those of an input: a
// view holds nothing of its own.
func sharesElems(inst *Instance, n *graph.Node, out *Info) bool {
	size, ok := foldable(out.Shape)
	if !ok || len(out.Elems) == 0 || size != len(out.Elems) {
		return false
	}
	for _, v := range n.Inputs {
		if v == nil {
			continue
		}
		if in := inst.Info(v); in != nil && len(in.Elems) == size && &in.Elems[0] == &out.Elems[0] {
			return true
		}
	}
	return false
}

// settleElems drops element values that do not fit the shape or the limits.
func (p *pass) settleElems(out *Info) {
	if out.Elems == nil {
		return
	}
	n, ok := foldable(out.Shape)
	if !ok || n != len(out.Elems) || p.folded+n > graph.MaxFoldTotal {
		out.Elems = nil
		return
	}
	p.folded += n
	for i, e := range out.Elems {
		switch {
		case e.kind != elemInt:
		case e.dim.Wide():
			out.Elems[i] = Elem{kind: elemOverflow}
		case e.dim.Size() > maxDimSize:
			out.Elems[i] = Elem{}
		}
	}
}

// joinDeclared fills what inference left open from the declared type and warns
// where the two contradict.
func (p *pass) joinDeclared(inst *Instance, n *graph.Node, v *graph.Value, out *Info) {
	d := p.declaredInfo(v.Declared)
	if d.Kind == graph.KindUnknown {
		return
	}
	if out.Kind == graph.KindUnknown {
		*out = d
		return
	}
	clash := func(what string, got, want any) {
		p.warn(inst, n, fmt.Sprintf("output %q: inferred %s %v, declared %v; the inferred one is used", graph.Clip(v.Name), what, got, want))
	}
	switch {
	case out.Kind != d.Kind:
		clash("kind", out.Kind, d.Kind)
		return
	case out.DType == graph.Undefined:
		out.DType = d.DType
	case d.DType != graph.Undefined && out.DType != d.DType:
		clash("type", out.DType, d.DType)
	}
	if out.Item == nil {
		out.Item = d.Item
	}
	if d.Shape == nil {
		return
	}
	if out.Shape == nil {
		out.Shape = d.Shape
		return
	}
	if len(out.Shape) != len(d.Shape) {
		clash("rank", len(out.Shape), len(d.Shape))
		return
	}
	for i := range d.Shape {
		have, haveConst := out.Shape[i].Const()
		want, wantConst := d.Shape[i].Const()
		switch {
		case haveConst && wantConst && have != want:
			clash("shape", out.Shape, d.Shape)
			return
		case out.Shape[i].HasUnknown() && !d.Shape[i].HasUnknown(), out.Shape[i].HasData() && wantConst:
			out.Shape = append(graph.Shape{}, out.Shape...)
			out.Shape[i] = d.Shape[i]
		}
	}
}

// elems returns the elements of a value, reading a constant when it is small.
func (p *pass) elems(in *Info) []Elem {
	if in.Elems != nil || in.tensor == nil {
		return in.Elems
	}
	t := in.tensor
	in.tensor = nil // read once
	n, ok := foldable(in.Shape)
	if !ok || p.folded+n > graph.MaxFoldTotal {
		return nil
	}
	if t.Payload == nil {
		return nil
	}
	es := readElems(t, n)
	if es != nil {
		p.folded += n
		in.Elems = es
	}
	return es
}

func readElems(t *graph.Tensor, n int) []Elem {
	es := make([]Elem, 0, n)
	switch {
	case t.DType == graph.String:
		vs, err := t.Payload.Strings(n)
		if err != nil {
			return nil
		}
		for _, v := range vs {
			es = append(es, StringElem(v))
		}
	case t.DType.IsInt() || t.DType == graph.Bool:
		vs, err := t.Payload.Ints(n)
		if err != nil {
			return nil
		}
		for _, v := range vs {
			es = append(es, IntElem(graph.Int(v)))
		}
	case t.DType.IsFloat():
		vs, err := t.Payload.Floats(n)
		if err != nil {
			return nil
		}
		for _, v := range vs {
			es = append(es, FloatElem(v))
		}
	}
	if len(es) != n {
		return nil
	}
	return es
}

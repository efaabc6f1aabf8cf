package onnxtext

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// derived are the fields that front ends do not fill in, or that tell where a
// model came from.
var derived = map[string]bool{
	"Model.Path": true, "Model.StructureBytes": true, "Model.Warnings": true, "Model.functions": true,
	"Graph.Parent": true, "Graph.Inputs": true, "Graph.Outputs": true, "Graph.Values": true, "Graph.Captures": true,
	"Node.Inputs": true, "Node.Outputs": true,
}

// diff says where two models, or parts of them, differ first in what front ends
// fill in; "" if nowhere. Nil and empty slices are equal, and so are NaNs.
func diff[T any](want, got T) string {
	return differ(reflect.ValueOf(want), reflect.ValueOf(got))
}

func differ(a, b reflect.Value) string {
	switch a.Kind() {
	case reflect.Pointer:
		return differPointers(a, b)
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if derived[a.Type().Name()+"."+name] {
				continue
			}
			if d := differ(a.Field(i), b.Field(i)); d != "" {
				return "." + name + d
			}
		}
		return ""
	case reflect.Slice:
		if a.Len() != b.Len() {
			return fmt.Sprintf(": %d elements, want %d", b.Len(), a.Len())
		}
		for i := range a.Len() {
			if d := differ(a.Index(i), b.Index(i)); d != "" {
				return fmt.Sprintf("[%d]%s", i, d)
			}
		}
		return ""
	case reflect.Map:
		if a.Len() == 0 && b.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface()) {
			return ""
		}
	case reflect.Float32:
		if a.Float() == b.Float() || math.IsNaN(a.Float()) && math.IsNaN(b.Float()) {
			return ""
		}
	default:
		if a.Equal(b) {
			return ""
		}
	}
	return fmt.Sprintf(": got %#v, want %#v", b, a)
}

func differPointers(a, b reflect.Value) string {
	if a.IsNil() || b.IsNil() {
		if a.IsNil() != b.IsNil() {
			return fmt.Sprintf(": nil is %v, want %v", b.IsNil(), a.IsNil())
		}
		return ""
	}
	if t, ok := a.Interface().(*graph.Tensor); ok {
		return differTensors(t, b.Interface().(*graph.Tensor))
	}
	return differ(a.Elem(), b.Elem())
}

// differTensors compares elements instead of the Payloads that hold them.
func differTensors(a, b *graph.Tensor) string {
	ca, cb := *a, *b
	ca.Payload, cb.Payload = nil, nil
	if d := differ(reflect.ValueOf(ca), reflect.ValueOf(cb)); d != "" {
		return d
	}
	if !equalElements(a, b) {
		return fmt.Sprintf(".Payload: elements of %q differ", a.Name)
	}
	return ""
}

// equalElements compares bit patterns, except that all NaNs are equal.
func equalElements(a, b *graph.Tensor) bool {
	if a.Payload == nil || b.Payload == nil {
		return a.Payload == b.Payload
	}
	if a.DType == graph.String {
		sa, errA := a.Payload.Strings(math.MaxInt)
		sb, errB := b.Payload.Strings(math.MaxInt)
		return errA == nil && errB == nil && slices.Equal(sa, sb)
	}
	wa, errA := words(a)
	wb, errB := words(b)
	return errA == nil && errB == nil && slices.EqualFunc(wa, wb, func(x, y uint64) bool {
		return x == y || isNaN(a.DType, x) && isNaN(a.DType, y)
	})
}

func isNaN(d graph.DType, w uint64) bool {
	switch d {
	case graph.Float32, graph.Complex64:
		return math.IsNaN(graph.Float32.Float(w))
	case graph.Float64, graph.Complex128:
		return math.IsNaN(graph.Float64.Float(w))
	}
	return false
}

// The comparison that other tests rest on sees a change anywhere.
func TestDiff(t *testing.T) {
	if d := diff(everythingModel(), everythingModel()); d != "" {
		t.Fatal(d)
	}
	for where, change := range map[string]func(*graph.Model){
		".Opsets":                func(m *graph.Model) { m.Opsets["x"] = 1 },
		".Metadata":              func(m *graph.Model) { m.Metadata = nil },
		".Graph.Nodes[1].Attrs":  func(m *graph.Model) { m.Graph.Nodes[1].Attrs[1].Str = "" },
		".Graph.Nodes[2].Attrs":  func(m *graph.Model) { m.Graph.Nodes[2].Attrs[0].Graph = nil },
		".Graph.Nodes[3].Attrs":  func(m *graph.Model) { m.Graph.Nodes[3].Attrs[0].Floats[1] = 3 },
		".Graph.InputInfo[0]":    func(m *graph.Model) { m.Graph.InputInfo[0].Type.Dims[0].Param = "M" },
		".Graph.Initializers[1]": func(m *graph.Model) { m.Graph.Initializers[1].Payload.(*graph.MemPayload).I[0] = 1 },
		".Graph.Initializers[2]": func(m *graph.Model) { m.Graph.Initializers[2].Storage = graph.StorageAbsent },
		".Functions[0].FuncKey":  func(m *graph.Model) { m.Functions[0].Overload = "" },
		".Functions[0].Defaults": func(m *graph.Model) { m.Functions[0].Defaults[0].Type = graph.AttrInt },
	} {
		m := everythingModel()
		change(m)
		if d := diff(everythingModel(), m); !strings.HasPrefix(d, where) {
			t.Errorf("%s: got %q", where, d)
		}
	}
}

// strip removes from a model what Losses documents.
func strip(m *graph.Model) {
	stripGraph(m.Graph)
	for _, f := range m.Functions {
		f.Metadata = nil
		stripAttrs(f.Defaults)
		stripGraph(f.Body)
	}
}

func stripGraph(g *graph.Graph) {
	g.Metadata, g.Quantization = nil, nil
	for _, list := range [][]graph.ValueInfo{g.InputInfo, g.OutputInfo, g.ValueInfo} {
		for i := range list {
			list[i].Metadata = nil
			stripType(list[i].Type)
			if _, ok := typeText(list[i].Type); !ok {
				list[i].Type = nil
			}
		}
	}
	for _, t := range g.Initializers {
		t.Metadata = nil
	}
	for _, n := range g.Nodes {
		n.Metadata = nil
		stripAttrs(n.Attrs)
	}
}

func stripType(t *graph.TypeDef) {
	for ; t != nil; t = t.Elem {
		t.Denotation = ""
	}
}

func stripAttrs(list graph.Attrs) {
	for i := range list {
		a := &list[i]
		stripType(a.TypeDef)
		for _, t := range a.Lists.Get().Types {
			stripType(t)
		}
		for _, t := range append([]*graph.Tensor{a.Tensor}, a.Lists.Get().Tensors...) {
			if t != nil {
				t.Metadata = nil
				if !isIdent(t.Name) {
					t.Name = ""
				}
			}
		}
		for _, g := range append([]*graph.Graph{a.Graph}, a.Lists.Get().Graphs...) {
			if g != nil {
				if !isGraphName(g.Name) {
					g.Name = "graph"
				}
				stripGraph(g)
			}
		}
	}
}

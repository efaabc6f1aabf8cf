package onnxfile

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// describe prints what a model says, its payloads decoded, so that two ways of
// writing one model can be compared.
func describe(m *graph.Model) string {
	var b strings.Builder
	fmt.Fprintln(&b, m.IRVersion, m.Opsets, m.Producer, m.ProducerVersion, m.Domain, m.ModelVersion, m.Metadata)
	describeGraph(&b, m.Graph)
	for _, f := range m.Functions {
		fmt.Fprintln(&b, "function", f.FuncKey, f.Attrs, f.Opsets, f.Metadata)
		describeAttrs(&b, f.Defaults)
		describeGraph(&b, f.Body)
	}
	return b.String()
}

func describeGraph(b *strings.Builder, g *graph.Graph) {
	fmt.Fprintln(b, "graph", g.Name, g.Metadata, g.Quantization)
	for i, infos := range [][]graph.ValueInfo{g.InputInfo, g.OutputInfo, g.ValueInfo} {
		for _, v := range infos {
			fmt.Fprint(b, [...]string{"input ", "output ", "value "}[i], v.Name, v.Metadata)
			describeType(b, v.Type)
			fmt.Fprintln(b)
		}
	}
	for _, t := range g.Initializers {
		describeTensor(b, t)
	}
	for _, s := range g.Sparse {
		describeSparse(b, s)
	}
	for _, n := range g.Nodes {
		fmt.Fprintf(b, "node %q %q %q %q %q %q %v\n", n.Name, n.Domain, n.Op, n.Overload, n.InputNames, n.OutputNames, n.Metadata)
		describeAttrs(b, n.Attrs)
	}
}

func describeType(b *strings.Builder, t *graph.TypeDef) {
	if t == nil {
		fmt.Fprint(b, " untyped")
		return
	}
	fmt.Fprint(b, " ", t.Kind, " ", t.DType, t.HasShape, t.Dims, t.Opaque, t.Denotation)
	if t.Elem != nil {
		fmt.Fprint(b, " of")
		describeType(b, t.Elem)
	}
}

func describeTensor(b *strings.Builder, t *graph.Tensor) {
	fmt.Fprint(b, "tensor ", t.Name, " ", t.DType, t.Dims, t.Storage, t.External, t.Metadata)
	if p := t.Payload; p != nil {
		const most = 1 << 16
		ints, _ := p.Ints(most)
		floats, _ := p.Floats(most)
		strs, _ := p.Strings(most)
		fmt.Fprint(b, ints, floats, strs)
	}
	fmt.Fprintln(b)
}

func describeSparse(b *strings.Builder, s *graph.SparseTensor) {
	fmt.Fprintln(b, "sparse", s.Dims)
	describeTensor(b, s.Values)
	describeTensor(b, s.Indices)
}

func describeAttrs(b *strings.Builder, as graph.Attrs) {
	for _, a := range as {
		fmt.Fprintf(b, "attr %s %s %d %g %q %d %g %q %s", a.Name, a.Type, a.Int, a.Float, a.Str, a.Ints, a.Floats, a.Strs, a.Ref)
		for _, t := range append(a.Lists.Get().Types, a.TypeDef) {
			describeType(b, t)
		}
		fmt.Fprintln(b)
		if a.Tensor != nil {
			describeTensor(b, a.Tensor)
		}
		for _, t := range a.Lists.Get().Tensors {
			describeTensor(b, t)
		}
		if a.Sparse != nil {
			describeSparse(b, a.Sparse)
		}
		for _, s := range a.Lists.Get().Sparses {
			describeSparse(b, s)
		}
		for _, g := range a.Lists.Get().Graphs {
			describeGraph(b, g)
		}
		if a.Graph != nil {
			describeGraph(b, a.Graph)
		}
	}
}

package onnxtext

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// lossKind is something of a model that the syntax has no words for.
type lossKind int

const (
	metadataOfNodes lossKind = iota
	metadataOfValues
	metadataOfTensors
	metadataOfGraphs
	metadataOfFunctions
	annotations
	denotations
	odderTypes
	graphNames
	tensorNames
	lossKinds
)

var lossNames = [lossKinds]string{
	metadataOfNodes:     "metadata of nodes",
	metadataOfValues:    "metadata of values",
	metadataOfTensors:   "metadata of tensors",
	metadataOfGraphs:    "metadata of graphs",
	metadataOfFunctions: "metadata of functions",
	annotations:         "quantization annotations",
	denotations:         "denotations of types",
	odderTypes:          "declared types without an element type or with an odd name",
	graphNames:          "names of subgraphs that are no identifiers",
	tensorNames:         "names of tensors in attributes that are no identifiers",
}

// Losses lists what Print leaves out of a model, one line for each kind with its
// number; nil means that the text is complete. Not in the list, because a Model
// holds neither or the numbers are equal: documentation strings, training
// information, the payload bits of NaN.
func Losses(m *graph.Model) []string {
	var l losses
	l.graph(m.Graph)
	for _, f := range m.Functions {
		l.metadata(metadataOfFunctions, f.Metadata)
		l.attrs(f.Defaults)
		l.graph(f.Body)
	}
	var out []string
	for kind, n := range l {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s: %d", lossNames[kind], n))
		}
	}
	return out
}

// losses counts by kind.
type losses [lossKinds]int

func (l *losses) metadata(kind lossKind, list []graph.Pair) {
	if len(list) > 0 {
		l[kind]++
	}
}

func (l *losses) graph(g *graph.Graph) {
	l.metadata(metadataOfGraphs, g.Metadata)
	l[annotations] += len(g.Quantization)
	for _, list := range [][]graph.ValueInfo{g.InputInfo, g.OutputInfo, g.ValueInfo} {
		for i := range list {
			l.value(&list[i])
		}
	}
	for _, t := range g.Initializers {
		l.metadata(metadataOfTensors, t.Metadata)
	}
	for _, n := range g.Nodes {
		l.metadata(metadataOfNodes, n.Metadata)
		l.attrs(n.Attrs)
	}
}

func (l *losses) value(v *graph.ValueInfo) {
	l.metadata(metadataOfValues, v.Metadata)
	if v.Type == nil {
		return
	}
	if _, ok := typeText(v.Type); !ok {
		l[odderTypes]++
		return
	}
	l.denotation(v.Type)
}

func (l *losses) denotation(t *graph.TypeDef) {
	for ; t != nil; t = t.Elem {
		if t.Denotation != "" {
			l[denotations]++
		}
	}
}

func (l *losses) attrs(list graph.Attrs) {
	for i := range list {
		a := &list[i]
		l.tensor(a.Tensor)
		l.subgraph(a.Graph)
		l.denotation(a.TypeDef)
		for _, t := range a.Lists.Get().Tensors {
			l.tensor(t)
		}
		for _, g := range a.Lists.Get().Graphs {
			l.subgraph(g)
		}
		for _, t := range a.Lists.Get().Types {
			l.denotation(t)
		}
	}
}

// tensor counts what a tensor in an attribute loses.
func (l *losses) tensor(t *graph.Tensor) {
	if t == nil {
		return
	}
	l.metadata(metadataOfTensors, t.Metadata)
	if t.Name != "" && !isIdent(t.Name) {
		l[tensorNames]++
	}
}

func (l *losses) subgraph(g *graph.Graph) {
	if g == nil {
		return
	}
	if !isGraphName(g.Name) {
		l[graphNames]++
	}
	l.graph(g)
}

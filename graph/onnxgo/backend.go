// Package onnxgo is a front end for programs that already hold a model of
// github.com/owulveryck/onnx-go: a Backend that collects what onnx-go decodes
// into a graph.Model.
//
// What arrives is what onnx-go v0.5.0 hands to a backend: operators with their
// attributes, the names of values, edges in input order, and, with NewValues, the
// element types of values and the tensors of initializers. What never arrives:
// domains, operator-set versions, the names of nodes, subgraphs, functions, types
// that are no tensors, and metadata. The caller gives the operator sets.
//
// Symbolic dims are dropped by onnx-go without a trace: a [N,3,224] and a [3,224]
// look the same. The declared dims of values are therefore taken only when the
// caller says, with StaticDims, that the model has no symbolic ones.
//
// The package imports gorgonia.org/tensor; programs that read files should use
// package onnxfile, which needs neither.
package onnxgo

import (
	"github.com/owulveryck/onnx-go"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gorgonia.org/tensor"

	// gorgonia.org/tensor panics before main unless this module is new enough for the Go release.
	_ "go4.org/unsafe/assume-no-moving-gc"
)

// Backend implements onnx.Backend. It is made by NewTopology or NewValues, passed
// to onnx.NewModel, filled by UnmarshalBinary and read by Model.
type Backend struct {
	// StaticDims says that no value of the model has symbolic dims, so that the
	// dims which onnx-go hands over are complete.
	StaticDims bool

	values  bool
	nodes   []graph.Node // by ID
	out     [][]edge     // by ID of the tail
	in      [][]edge     // by ID of the head
	pending []edge       // since the last operation
	first   int          // nodes there were at the last operation
	calls   []call
}

// call is an operation with its outputs and inputs in order.
type call struct {
	op       onnx.Operation
	outputs  []namer
	inputs   []namer
	newNodes int // nodes from this ID on were made for this call
}

// namer is a node of this package.
type namer interface {
	onnx.Namer
	tensor() tensor.Tensor
}

// value is a named value of the model.
type value struct {
	id   int64
	name string
}

func (v *value) ID() int64             { return v.id }
func (v *value) SetName(name string)   { v.name = name }
func (v *value) GetName() string       { return v.name }
func (v *value) tensor() tensor.Tensor { return nil }

// carrier is a value that accepts a tensor: onnx-go then converts initializers
// and declared types.
type carrier struct {
	value
	t tensor.Tensor
}

// SetTensor implements onnx.DataCarrier.
func (c *carrier) SetTensor(t tensor.Tensor) error { c.t = t; return nil }

// GetTensor implements onnx.DataCarrier.
func (c *carrier) GetTensor() tensor.Tensor { return c.t }

func (c *carrier) tensor() tensor.Tensor { return c.t }

// edge goes from an output of an operation to one of its inputs, as onnx-go
// draws it; its weight is the position of the input.
type edge struct {
	from, to graph.Node
	weight   float64
}

func (e edge) From() graph.Node         { return e.from }
func (e edge) To() graph.Node           { return e.to }
func (e edge) Weight() float64          { return e.weight }
func (e edge) ReversedEdge() graph.Edge { return edge{e.to, e.from, e.weight} }

// NewTopology returns a Backend that collects operators, attributes and edges.
// No tensor of an initializer is converted, so that onnx-go decodes models whose
// element types it does not know; nothing is learned of any value but its name.
func NewTopology() *Backend { return &Backend{} }

// NewValues returns a Backend that also collects element types and initializers.
func NewValues() *Backend { return &Backend{values: true} }

// ApplyOperation implements onnx.OperationCarrier: it notes the operation whose
// edges were set last. Without outputs there are no edges, and the inputs are lost.
func (b *Backend) ApplyOperation(op onnx.Operation, outputs ...graph.Node) error {
	c := call{op: op, newNodes: b.first}
	for _, n := range outputs {
		c.outputs = append(c.outputs, n.(namer))
	}
	for _, e := range b.pending {
		if e.from == outputs[0] && int(e.weight) == len(c.inputs) {
			c.inputs = append(c.inputs, e.to.(namer))
		}
	}
	b.calls = append(b.calls, c)
	b.pending, b.first = b.pending[:0], len(b.nodes)
	return nil
}

// NewNode implements graph.NodeAdder.
func (b *Backend) NewNode() graph.Node {
	v := value{id: int64(len(b.nodes))}
	if b.values {
		return &carrier{value: v}
	}
	return &v
}

// AddNode implements graph.NodeAdder for the node that NewNode returned last.
func (b *Backend) AddNode(n graph.Node) {
	if n.ID() != int64(len(b.nodes)) {
		panic("onnxgo: the node was added before")
	}
	b.nodes = append(b.nodes, n)
	b.out = append(b.out, nil)
	b.in = append(b.in, nil)
}

// NewWeightedEdge implements graph.WeightedEdgeAdder.
func (b *Backend) NewWeightedEdge(from, to graph.Node, weight float64) graph.WeightedEdge {
	return edge{from, to, weight}
}

// SetWeightedEdge implements graph.WeightedEdgeAdder. Parallel edges are kept: an
// operation may use a value twice.
func (b *Backend) SetWeightedEdge(e graph.WeightedEdge) {
	kept := edge{e.From(), e.To(), e.Weight()}
	b.pending = append(b.pending, kept)
	b.out[kept.from.ID()] = append(b.out[kept.from.ID()], kept)
	b.in[kept.to.ID()] = append(b.in[kept.to.ID()], kept)
}

// Node implements graph.Graph.
func (b *Backend) Node(id int64) graph.Node {
	if id < 0 || id >= int64(len(b.nodes)) {
		return nil
	}
	return b.nodes[id]
}

// Nodes implements graph.Graph.
func (b *Backend) Nodes() graph.Nodes { return ordered(b.nodes) }

// From implements graph.Graph.
func (b *Backend) From(id int64) graph.Nodes {
	return b.ends(b.out, id, func(e edge) graph.Node { return e.to })
}

// To implements graph.Directed.
func (b *Backend) To(id int64) graph.Nodes {
	return b.ends(b.in, id, func(e edge) graph.Node { return e.from })
}

func (b *Backend) ends(lists [][]edge, id int64, end func(edge) graph.Node) graph.Nodes {
	if b.Node(id) == nil {
		return graph.Empty
	}
	var ns []graph.Node
	seen := map[int64]bool{}
	for _, e := range lists[id] {
		if n := end(e); !seen[n.ID()] {
			seen[n.ID()] = true
			ns = append(ns, n)
		}
	}
	return ordered(ns)
}

func ordered(ns []graph.Node) graph.Nodes {
	if len(ns) == 0 {
		return graph.Empty
	}
	return iterator.NewOrderedNodes(ns)
}

// HasEdgeFromTo implements graph.Directed.
func (b *Backend) HasEdgeFromTo(from, to int64) bool { return b.Edge(from, to) != nil }

// HasEdgeBetween implements graph.Graph.
func (b *Backend) HasEdgeBetween(x, y int64) bool {
	return b.HasEdgeFromTo(x, y) || b.HasEdgeFromTo(y, x)
}

// Edge implements graph.Graph.
func (b *Backend) Edge(from, to int64) graph.Edge {
	if b.Node(from) == nil {
		return nil
	}
	for _, e := range b.out[from] {
		if e.to.ID() == to {
			return e
		}
	}
	return nil
}

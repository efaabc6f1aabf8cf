// Package diff names the nodes that differ between two counts of a model.
package diff

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Node is what a report says of one node, without what it was concluded from.
type Node struct {
	Path    string // graph path and label
	Domain  string
	Op      string
	Outputs string // types and shapes: "float32[1, 64, 112, 112]"
	State   ops.State
	Params  graph.Dim
	counters.Sums

	label  string // the last part of Path
	figure string // everything but the names: nodes with the same one cost the same
}

// nodes copies the rows of a report.
func nodes(r *counters.Report) []Node {
	out := make([]Node, 0, r.NodeRows)
	for n := range r.Nodes() {
		out = append(out, newNode(n))
	}
	return out
}

func newNode(n *counters.Node) Node {
	c := Node{Path: n.Path, Domain: n.Domain, Op: n.Op, Outputs: outputsText(n.Outputs), State: n.State,
		Params: n.Params, Sums: n.Sums, label: n.Node.Label()}
	parts := []string{c.Domain, c.Op, c.Outputs, c.State.String()}
	for _, d := range []graph.Dim{c.Params, c.MACs(), c.FLOPs(), c.Work.MAC, c.Work.Flop, c.Work.Cmp, c.Work.Exp, c.Work.Int, c.Bytes} {
		parts = append(parts, sizeText(d))
	}
	c.figure = strings.Join(parts, "\x00")
	return c
}

// sizeText prints a size; sizes that are not known look the same.
func sizeText(d graph.Dim) string {
	if d.HasUnknown() {
		return "?"
	}
	return d.String()
}

// outputsText prints types and shapes of the outputs of a node.
func outputsText(outputs []counters.IO) string {
	parts := make([]string, len(outputs))
	for i, o := range outputs {
		parts[i] = infoText(o.Info)
	}
	return strings.Join(parts, ", ")
}

func infoText(in *ops.Info) string {
	switch {
	case in.Item != nil:
		return fmt.Sprintf("%s(%s)", in.Kind, infoText(in.Item))
	case in.Kind != graph.KindTensor && in.Kind != graph.KindUnknown:
		return in.Kind.String()
	}
	dtype := "?"
	if in.DType.Valid() {
		dtype = in.DType.String()
	}
	if in.Shape == nil {
		return dtype + "[...]"
	}
	dims := make([]string, len(in.Shape))
	for i, d := range in.Shape {
		dims[i] = sizeText(d)
	}
	return dtype + "[" + strings.Join(dims, ", ") + "]"
}

// works reports whether the node is more than a view or a constant.
func (n *Node) works() bool { return n.State != ops.Free && n.State != ops.Folded }

var number = regexp.MustCompile(`[_.:/-]?[0-9]+$`)

// numbered reports whether an exporter made the node's name of a running number:
// "123", "Conv_12", "node_Conv_12", "val_3". Such a name says nothing when nodes
// before it come or go.
func (n *Node) numbered() bool {
	stem := number.ReplaceAllString(n.label, "")
	if stem == n.label {
		return false
	}
	stem = strings.TrimPrefix(strings.TrimPrefix(stem, "node_"), "onnx::")
	return stem == "" || stem == "val" || strings.EqualFold(stem, n.Op)
}

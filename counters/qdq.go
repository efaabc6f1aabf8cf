package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// quantFolds says for each node of an instance whether it is a QuantizeLinear or
// DequantizeLinear that a runtime folds into the integer operator beside it: a
// DequantizeLinear whose results only nodes read, a QuantizeLinear whose operand a
// node makes. Such nodes do no work of their own, and the operator reads and
// writes integers. nil when there are none.
func (o Options) quantFolds(in *ops.Instance) []bool {
	if o.QDQLiteral {
		return nil
	}
	var folds []bool
	for i := range in.Nodes {
		n := &in.Nodes[i]
		if !isQuantNode(n) {
			continue
		}
		if folds == nil {
			folds = make([]bool, len(in.Nodes))
		}
		folds[i] = true
		if n.Node.Op == "QuantizeLinear" {
			v := n.Node.Input(0)
			folds[i] = v != nil && v.Producer != nil
		}
	}
	if folds == nil {
		return nil
	}
	leaves := map[*graph.Node]bool{} // what leaves the graph is computed
	for _, v := range in.Graph.Outputs {
		leaves[v.Producer] = true
	}
	for i := range folds {
		if n := in.Nodes[i].Node; n.Op == "DequantizeLinear" && leaves[n] {
			folds[i] = false
		}
	}
	return folds
}

func isQuantNode(n *ops.NodeResult) bool {
	if n.Op == nil || n.State == ops.Folded || n.State == ops.Uncounted {
		return false
	}
	if d := n.Node.Domain; d != "" && d != "com.microsoft" {
		return false
	}
	return n.Node.Op == "QuantizeLinear" || n.Node.Op == "DequantizeLinear"
}

// asRun returns a node, without work when it is folded into its neighbour.
func asRun(in *ops.Instance, i int, folds []bool) *ops.NodeResult {
	n := &in.Nodes[i]
	if folds == nil || !folds[i] {
		return n
	}
	c := *n
	c.Work = ops.NoWork
	c.Because(ops.Free, "folded into the integer operator beside it")
	return &c
}

// integerType is the dtype that a node reads when DequantizeLinear nodes are folded.
func integerType(in *ops.Instance, v *graph.Value) graph.DType {
	if v.Producer != nil && v.Producer.Op == "DequantizeLinear" && len(v.Producer.Inputs) > 0 && v.Producer.Inputs[0] != nil {
		if info := in.Info(v.Producer.Inputs[0]); info != nil {
			return info.DType
		}
	}
	return in.Info(v).DType
}

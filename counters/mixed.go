package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Automatic mixed precision, of a float32 model that torch.autocast runs: products work
// at half the width, some operators at full width, and the others at that of their widest
// operand. Weights are float32, so that a parameter widens what it is added to or
// multiplied with; the scalars of a function do not. Each use of a wide value by a
// product, and of a narrow one by an operator of full width, converts it by a kernel of
// its own. (PyTorch documentation, torch.amp, "CUDA Op-Specific Behavior")

// fullWidth are the operators that autocast runs in float32. InstanceNormalization is
// how exporters write group_norm.
var fullWidth = map[string]bool{
	"CumSum": true, "Exp": true, "GroupNormalization": true, "InstanceNormalization": true, "LayerNormalization": true, "Log": true,
	"LogSoftmax": true, "Pow": true, "Reciprocal": true, "ReduceL1": true, "ReduceL2": true, "ReduceProd": true, "ReduceSum": true,
	"RMSNormalization": true, "Softmax": true, "Softplus": true,
}

// wideValues tells by root which values automatic mixed precision holds in float32.
func (e *eager) wideValues() []bool {
	wide := make([]bool, len(e.in.Infos))
	if e.in.Path == "" {
		for _, v := range e.in.Graph.Inputs {
			if r := e.root(v); r >= 0 {
				wide[r] = e.in.Info(v).DType == graph.Float32
			}
		}
	}
	for i := range e.in.Nodes {
		n := &e.in.Nodes[i]
		if n.Op == nil || !e.widens(i, wide) {
			continue
		}
		for _, v := range n.Node.Outputs {
			if r := e.root(v); r >= 0 && e.in.Info(v).DType == graph.Float32 {
				wide[r] = true
			}
		}
	}
	return wide
}

// widens reports whether the results of a node are float32.
func (e *eager) widens(i int, wide []bool) bool {
	n := &e.in.Nodes[i]
	if k := e.kernel[i]; k >= 0 && (e.kernels[k].class == matmul || e.kernels[k].class == depthwise) {
		return false
	}
	if isMatmulClass(n) || n.Node.Op == "PRelu" {
		return false
	}
	if fullWidth[n.Node.Op] || takesWidest(n) && e.readsParameter(n) {
		return true
	}
	for _, v := range n.Node.Inputs {
		if r := e.root(v); r >= 0 && wide[r] {
			return true
		}
	}
	return false
}

// takesWidest reports whether a parameter among the operands sets the width of the result.
func takesWidest(n *ops.NodeResult) bool {
	switch n.Node.Op {
	case "BatchNormalization":
		return false
	case "Concat", "Gather":
		return true
	}
	return ops.Pointwise(n.Op)
}

// readsParameter reports whether an operand is a constant float32 tensor that is no scalar.
func (e *eager) readsParameter(n *ops.NodeResult) bool {
	for _, v := range n.Node.Inputs {
		if v == nil || e.root(v) >= 0 {
			continue
		}
		if info := e.in.Info(v); info.Const && info.DType == graph.Float32 && len(info.Shape) > 0 {
			return true
		}
	}
	return false
}

// mixed returns how many elements of half the width a movement adds for each element that
// it moves. A conversion down reads two and writes one, a conversion up reads one and
// writes two.
func (e *eager) mixed(m movement, wide bool) int64 {
	k := &e.kernels[m.kernel]
	product := k.class == matmul || k.class == depthwise
	switch {
	case product && wide:
		return 3
	case wide:
		return 1
	case !m.writes && !product && fullWidth[e.in.Nodes[k.first].Node.Op]:
		return 4
	}
	return 0
}

package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Automatic mixed precision, of a float32 model that torch.autocast runs: products work
// at half the width, some operators at full width, and the others at that of their widest
// operand. Weights are float32, so that a parameter widens what it is added to or
// multiplied with; the scalars of a function do not. Each use of a wide value by a product
// converts it by a kernel of its own. The operators are those of PyTorch's
// aten/src/ATen/autocast_mode.h, AT_FORALL_FP32 and AT_FORALL_FP32_SET_OPT_DTYPE. What
// enters the body of an If, a Loop or a function is taken as narrow.

// fullWidth are the operators that autocast runs in float32 on converted operands.
var fullWidth = map[string]bool{
	"Acos": true, "Asin": true, "Cosh": true, "Exp": true, "GroupNormalization": true, "LayerNormalization": true, "Log": true,
	"Pow": true, "Reciprocal": true, "ReduceLogSumExp": true, "Resize": true, "Sinh": true, "Softplus": true, "Tan": true, "Upsample": true,
}

// fullResult are those that read narrow operands as they are and write float32.
var fullResult = map[string]bool{
	"CumProd": true, "CumSum": true, "LogSoftmax": true, "ReduceL1": true, "ReduceL2": true, "ReduceProd": true, "ReduceSum": true, "Softmax": true,
}

// wideValues tells by root which values automatic mixed precision holds in float32.
func (e *eager) wideValues() []bool {
	wide := make([]bool, len(e.in.Infos))
	if e.in.Path == "" {
		for _, v := range e.in.Graph.Inputs {
			e.widen(wide, v)
		}
	}
	for i := range e.in.Nodes {
		if n := &e.in.Nodes[i]; n.Op != nil && e.widens(i, wide) {
			for _, v := range n.Node.Outputs {
				e.widen(wide, v)
			}
		}
	}
	return wide
}

func (e *eager) widen(wide []bool, v *graph.Value) {
	if r := e.root(v); r >= 0 && e.in.Info(v).DType == graph.Float32 {
		wide[r] = true
	}
}

// widens reports whether the results of a node are float32.
func (e *eager) widens(i int, wide []bool) bool {
	n := &e.in.Nodes[i]
	k := e.kernel[i]
	switch {
	case isMatmulClass(n) || n.Node.Op == "PRelu" || k >= 0 && e.kernels[k].isProduct():
		return false
	case takesWidest(n) && e.readsParameter(n):
		return true
	case k >= 0 && (e.converts(k) || fullResult[n.Node.Op]):
		return true
	}
	for _, v := range n.Node.Inputs {
		if r := e.root(v); r >= 0 && wide[r] {
			return true
		}
	}
	return false
}

// converts reports whether a kernel works on operands converted to float32. A function
// that an exporter wrote out (mish, with a Softplus in it) is a call of its own and does
// not; nor does an InstanceNormalization, unless it is how exporters write group_norm.
func (e *eager) converts(k int32) bool {
	first := e.in.Nodes[e.kernels[k].first].Node
	if first.Op == "InstanceNormalization" {
		p := first.Input(0)
		return p != nil && p.Producer != nil && p.Producer.Op == "Reshape"
	}
	return fullWidth[first.Op] && e.kernels[k].nodes == 1
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

// readsParameter reports whether an operand is a constant of floats that is no scalar. One
// element with a rank is a parameter unless a Constant node makes it: exporters write the
// scalars of a function so, or without a rank.
func (e *eager) readsParameter(n *ops.NodeResult) bool {
	for _, v := range n.Node.Inputs {
		if v == nil || e.root(v) >= 0 {
			continue
		}
		info := e.in.Info(v)
		isScalar := len(info.Shape) == 0 || info.Shape.Elements().Is(1) && v.Producer != nil && v.Producer.Op == "Constant"
		if info.Const && info.DType.IsFloat() && !isScalar {
			return true
		}
	}
	return false
}

// mixed returns how many elements of half the width a movement adds for each element that
// it moves. A conversion down reads two and writes one, a conversion up reads one and
// writes two.
func (e *eager) mixed(m movement, wide bool) int64 {
	product := e.kernels[m.kernel].isProduct()
	switch {
	case e.in.Infos[m.root].DType != graph.Float32:
		return 0
	case product && wide:
		return 3
	case wide:
		return 1
	case !m.writes && !product && e.converts(m.kernel):
		return 4
	}
	return 0
}

package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Matrix units work on tiles: a reduction of 9 or an output of 3 channels keeps the
// unit as busy as one that fills the tile. The sizes are those of the half-precision
// kernels of the measurements' GPUs, found by trying 16 to 128 on held-out networks.
const (
	tileReduction = 32
	tileColumns   = 64
)

// addMACs adds the multiply-accumulates of a matmul-class node to its class.
func (f *Features) addMACs(in *ops.Instance, n *ops.NodeResult) {
	switch convKind(in, n) {
	case grouped:
		f.GroupedMACs = f.GroupedMACs.Add(n.Cost.MAC)
	case depthwiseConv:
		f.DepthwiseMACs = f.DepthwiseMACs.Add(n.Cost.MAC)
	default:
		f.DenseMACs = f.DenseMACs.Add(n.Cost.MAC)
		f.TileMACs = f.TileMACs.Add(tileMACs(in, n))
	}
}

// tileMACs returns the multiply-accumulates of a dense node with reduction and columns
// rounded up to whole tiles; those of a node without weights as they are.
func tileMACs(in *ops.Instance, n *ops.NodeResult) graph.Dim {
	rows, reduction, columns := product(in, n)
	if rows == nil {
		return n.Cost.MAC
	}
	return rows.Elements().Mul(roundUp(reduction, tileReduction)).Mul(roundUp(columns, tileColumns))
}

// product reads a convolution or a linear layer as a matrix product: the dims of its
// rows, and its two other sizes. rows is nil for all other nodes.
func product(in *ops.Instance, n *ops.NodeResult) (rows graph.Shape, reduction, columns graph.Dim) {
	x, w := shapeOf(in, n.Node.Input(0)), shapeOf(in, n.Node.Input(1))
	if len(n.Node.Outputs) == 0 || len(w) < 2 {
		return nil, graph.Dim{}, graph.Dim{}
	}
	out := shapeOf(in, n.Node.Outputs[0])
	isWeight := in.Info(n.Node.Input(1)).Const
	switch {
	case n.Node.Op == "Conv" && len(out) > 2:
		return without(out, 1), w[1:].Elements(), w[0]
	case n.Node.Op == "ConvTranspose" && len(x) > 2:
		return without(x, 1), w[0], w[1:].Elements()
	case n.Node.Op == "MatMul" && isWeight && len(w) == 2 && len(out) > 0:
		return without(out, len(out)-1), w[0], w[1]
	case n.Node.Op == "Gemm" && isWeight && len(out) == 2:
		columns = out[1]
		reduction = w[0]
		if w[0].Equal(columns) {
			reduction = w[1]
		}
		return out[:1], reduction, columns
	}
	return nil, graph.Dim{}, graph.Dim{}
}

func shapeOf(in *ops.Instance, v *graph.Value) graph.Shape {
	if v == nil {
		return nil
	}
	return in.Info(v).Shape
}

// without returns a shape without one of its axes.
func without(s graph.Shape, axis int) graph.Shape {
	return append(s[:axis:axis], s[axis+1:]...)
}

func roundUp(d graph.Dim, tile int64) graph.Dim {
	return d.CeilDiv(graph.Int(tile)).MulInt(tile)
}

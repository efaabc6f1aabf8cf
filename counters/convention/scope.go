package convention

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// call is one node, or what a group of nodes is one call of.
type call struct {
	kind  string // word of the rules; "" is part of another call
	class string // of the module around it, "" if the exporter did not record it
	// bias says that a bias is added, where that is not the node's own third input.
	bias bool
	// affine says that a scale is applied, for a call of several nodes.
	affine bool
	// folded is a call that an exporter has folded into the node n: it has no node of its own.
	folded bool
	// plain is a call without bias and scale, whatever the node has: they may be of another
	// call that was folded into it.
	plain bool
	// x and y replace what the node reads and writes, for a call of several nodes.
	x, y *ops.Info

	in *ops.Instance
	n  *ops.NodeResult
}

// count evaluates a formula. Where a size is not known, or a node has not the form that a
// formula is about (the batch of a scalar), the figure is not known.
func (k *call) count(e *graph.Expr) graph.Dim {
	d, err := e.Dim(k.term)
	if err != nil {
		return graph.Unknown(k.kind + " of " + k.in.Path + "/" + k.n.Node.Label())
	}
	return d
}

// term gives the names of a formula their values.
func (k *call) term(name string) (graph.Operand, error) {
	if k.folded {
		if o, ok := k.foldedTerm(name); ok {
			return o, nil
		}
	}
	if f, ok := sizes[name]; ok {
		return f(k)
	}
	return k.flag(name)
}

// sizes are the names that stand for sizes and counts.
var sizes = map[string]func(*call) (graph.Operand, error){
	"mac":      func(k *call) (graph.Operand, error) { return number(k.n.Cost.MAC) },
	"flop":     func(k *call) (graph.Operand, error) { return number(k.n.Cost.Flop) },
	"exp":      func(k *call) (graph.Operand, error) { return number(k.n.Cost.Exp) },
	"einsum":   func(k *call) (graph.Operand, error) { return number(printed(k.n.Cost.MAC)) },
	"in":       func(k *call) (graph.Operand, error) { return elements(k.input()) },
	"in2":      func(k *call) (graph.Operand, error) { return k.optional(1) },
	"in3":      func(k *call) (graph.Operand, error) { return k.optional(2) },
	"out":      func(k *call) (graph.Operand, error) { return elements(k.output()) },
	"x":        func(k *call) (graph.Operand, error) { return shape(k.input()) },
	"y":        func(k *call) (graph.Operand, error) { return shape(k.output()) },
	"w":        func(k *call) (graph.Operand, error) { return shape(k.info(1)) },
	"inputs":   func(k *call) (graph.Operand, error) { return number(graph.Int(k.given())) },
	"params":   (*call).params,
	"features": (*call).features,
	"kernel":   (*call).kernel,
	"strides":  (*call).strides,
	"cells":    (*call).cells,
}

// foldedTerm gives the names that a call without a node of its own has other values for.
func (k *call) foldedTerm(name string) (graph.Operand, bool) {
	switch name {
	case "mac", "flop", "exp", "in2", "in3":
		return graph.Operand{}, true
	case "params": // scale and bias of each channel
		if y := k.output(); len(y.Shape) > 1 {
			return graph.Operand{Dim: y.Shape[1].MulInt(2)}, true
		}
	}
	return graph.Operand{}, false
}

// printed is half of what numpy's einsum_path prints for two operations a product: a
// figure of four digits.
func printed(mac graph.Dim) graph.Dim {
	n := mac.BigConst()
	if n == nil {
		return mac
	}
	f, _ := new(big.Float).SetInt(n.Lsh(n, 1)).Float64()
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'e', 3, 64), 64)
	if math.IsInf(f, 0) { // past what numpy prints
		return mac
	}
	half, _ := big.NewFloat(math.Floor(f / 2)).Int(nil)
	return graph.BigInt(half)
}

// flag gives the names that are 0 or 1.
func (k *call) flag(name string) (graph.Operand, error) {
	on := false
	switch name {
	case "bias":
		i, ok := biasInput[k.n.Node.Op]
		on = k.bias || ok && !k.plain && k.n.Node.Input(i) != nil
	case "affine":
		on = !k.plain && (k.affine || k.folded || k.n.Node.Input(1) != nil && k.x == nil)
	case "training":
		a := k.n.Node.Attrs.Get("training_mode")
		on = a != nil && a.Int == 1 || k.constant(0) // of weights they are always their own
	case "same":
		a := k.n.Node.Attrs.Get("auto_pad")
		on = a != nil && (a.Str == "SAME_UPPER" || a.Str == "SAME_LOWER")
	case "residual":
		on = !k.constant(0) && !k.constant(1)
	default:
		return graph.Operand{}, fmt.Errorf("unknown name %q", name)
	}
	if on {
		return number(graph.Int(1))
	}
	return number(graph.Dim{})
}

// biasInput is the input that is a bias.
var biasInput = map[string]int{"Conv": 2, "ConvTranspose": 2, "Gemm": 2, "FusedConv": 2, "FusedGemm": 2, "QLinearConv": 8,
	"LSTM": 3, "GRU": 3, "RNN": 3, "DynamicQuantizeLSTM": 3, "DeformConv": 3}

func number(d graph.Dim) (graph.Operand, error) { return graph.Operand{Dim: d}, nil }

func elements(info *ops.Info) (graph.Operand, error) {
	if info == nil || info.Shape == nil {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return number(info.Shape.Elements())
}

func shape(info *ops.Info) (graph.Operand, error) {
	if info == nil || info.Shape == nil {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return graph.ListOf(info.Shape), nil
}

func (k *call) info(i int) *ops.Info {
	v := k.n.Node.Input(i)
	if v == nil {
		return nil
	}
	return k.in.Info(v)
}

func (k *call) optional(i int) (graph.Operand, error) {
	if k.n.Node.Input(i) == nil {
		return number(graph.Dim{})
	}
	return elements(k.info(i))
}

func (k *call) constant(i int) bool {
	info := k.info(i)
	return info == nil || info.Const
}

// input is the first input, never nil.
func (k *call) input() *ops.Info {
	if k.x != nil {
		return k.x
	}
	if info := k.info(0); info != nil {
		return info
	}
	return nothing
}

// output is the first output, never nil.
func (k *call) output() *ops.Info {
	if k.y != nil {
		return k.y
	}
	for _, v := range k.n.Node.Outputs {
		if v != nil {
			return k.in.Info(v)
		}
	}
	return nothing
}

// given counts the inputs that are not left out.
func (k *call) given() int64 {
	n := int64(0)
	for _, v := range k.n.Node.Inputs {
		if v != nil {
			n++
		}
	}
	return n
}

// params sums the weights of a call: the constants that are inputs, without running
// statistics, and a bias or a scale that another node applies.
func (k *call) params() (graph.Operand, error) {
	if k.x != nil && isNorm(k.kind) {
		return k.vectors()
	}
	sum := graph.Dim{}
	for i := range k.n.Node.Inputs {
		info := k.info(i)
		if i == 0 && k.n.Node.Op != "Gather" || info == nil || !info.Const || !info.DType.IsFloat() || k.n.Node.Op == "BatchNormalization" && i > 2 || recurrent[k.n.Node.Op] && i > 3 || k.plain && i > 1 {
			continue
		}
		if info.Shape == nil {
			return graph.Operand{}, graph.ErrUnknownSize
		}
		sum = sum.Add(info.Shape.Elements())
	}
	if i, ok := biasInput[k.n.Node.Op]; k.bias && (!ok || k.n.Node.Input(i) == nil) {
		y := k.output()
		if len(y.Shape) < 2 {
			return graph.Operand{}, graph.ErrUnknownSize
		}
		channel := len(y.Shape) - 1
		if strings.HasPrefix(k.n.Node.Op, "Conv") {
			channel = 1
		}
		sum = sum.Add(y.Shape[channel])
	}
	return number(sum)
}

// vectors are the scale and the bias of a normalisation: over the last axis, of channels
// where it is by groups.
func (k *call) vectors() (graph.Operand, error) {
	y := k.output()
	if len(y.Shape) == 0 {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	n := int64(0)
	for _, given := range []bool{k.affine, k.bias} {
		if given {
			n++
		}
	}
	axis := len(y.Shape) - 1
	if k.kind == "GroupNormalization" {
		axis = min(1, axis)
	}
	return number(y.Shape[axis].MulInt(n))
}

// features is the size of the attribute axis of the input, the last one by default.
func (k *call) features() (graph.Operand, error) {
	in := k.input()
	if len(in.Shape) == 0 {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	axis := int64(len(in.Shape) - 1)
	if a := k.n.Node.Attrs.Get("axis"); a != nil {
		if axis = a.Int; axis < 0 {
			axis += int64(len(in.Shape))
		}
	}
	if axis < 0 || axis >= int64(len(in.Shape)) {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return number(in.Shape[axis])
}

// kernel is the number of positions of the window.
func (k *call) kernel() (graph.Operand, error) {
	a := k.n.Node.Attrs.Get("kernel_shape")
	if a == nil {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return number(graph.Ints(a.Ints...).Elements())
}

// strides are 1 where they are not given.
func (k *call) strides() (graph.Operand, error) {
	if a := k.n.Node.Attrs.Get("strides"); a != nil {
		return graph.ListOf(graph.Ints(a.Ints...)), nil
	}
	in := k.input()
	if len(in.Shape) < 2 {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	ones := make(graph.Shape, len(in.Shape)-2)
	for i := range ones {
		ones[i] = graph.Int(1)
	}
	return graph.ListOf(ones), nil
}

// cells counts how often a unit of a recurrent layer is computed.
func (k *call) cells() (graph.Operand, error) {
	x, r := k.info(0), k.info(2)
	if x == nil || r == nil || len(x.Shape) != 3 || len(r.Shape) != 3 {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return number(x.Shape[0].Mul(x.Shape[1]).Mul(r.Shape[0]).Mul(r.Shape[2]))
}

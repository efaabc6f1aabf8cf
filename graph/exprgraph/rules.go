package exprgraph

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// rule converts the operations of one type.
type rule struct {
	doc     string // the operators that they become
	convert func(*call) (value, bool)
}

// rules are by the type of the operation in gorgonia.
var rules = map[string]rule{
	"linAlgBinOp":         {"MatMul, Gemm, com.microsoft.FusedMatMul", (*call).linearAlgebra},
	"tensordotOp":         {"Einsum", (*call).tensordot},
	"elemBinOp":           {"Add, Sub, Mul, Div, Pow; comparisons, with a Cast where they give numbers", (*call).binary},
	"elemUnaryOp":         {"the operator of the same name; Mul for square and cube, Sqrt and Reciprocal for invSqrt; log2, log1p and expm1 have none", (*call).unary},
	"sumOp":               {"ReduceSum", func(k *call) (value, bool) { return k.reduce("ReduceSum", "Σ") }},
	"maxOp":               {"ReduceMax", func(k *call) (value, bool) { return k.reduce("ReduceMax", "MaxAlong") }},
	"reshapeOp":           {"Reshape", func(k *call) (value, bool) { return k.in[0], true }},
	"transposeOp":         {"Transpose", (*call).transpose},
	"concatOp":            {"Concat", (*call).concat},
	"sliceOp":             {"Slice", (*call).slice},
	"repeatOp":            {"Expand", (*call).repeat},
	"im2colOp":            {"Pad and Gather", (*call).im2col},
	"col2imOp":            {"Transpose and Col2Im", (*call).col2im},
	"maxPoolOp":           {"MaxPool", func(k *call) (value, bool) { return k.pool("MaxPool") }},
	"avgPoolOp":           {"AveragePool", func(k *call) (value, bool) { return k.pool("AveragePool") }},
	"dropoutOp":           {"Dropout", func(k *call) (value, bool) { return k.emit("", "Dropout", nil, dims(k.node), k.in[0].name), true }},
	"globalAveragePoolOp": {"GlobalAveragePool", (*call).globalAveragePool},
	"softmaxOp":           {"Softmax, LogSoftmax", (*call).softmax},
	"byIndicesOp":         {"Gather", (*call).byIndices},
	"dtConvOp":            {"Cast", (*call).cast},
}

// Ledger lists the types of operations that have an operator of ONNX, with it.
func Ledger() map[string]string {
	out := map[string]string{"constantScalar": "an initializer", "constantTensor": "an initializer", "sizeOp": "an initializer",
		"letOp": "nothing: a statement", "readOp": "nothing: a statement"}
	for name, r := range rules {
		out[name] = r.doc
	}
	return out
}

func intAttr(name string, v int64) graph.Attr {
	return graph.Attr{Name: name, Type: graph.AttrInt, Int: v}
}

func intsAttr(name string, v ...int64) graph.Attr {
	return graph.Attr{Name: name, Type: graph.AttrInts, Ints: v}
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// linearAlgebra converts products. Their text is "A × B" with ᵀ behind what is transposed;
// vectors are small letters.
func (k *call) linearAlgebra() (value, bool) {
	if len(k.in) != 2 {
		return value{}, false
	}
	a, b := k.in[0], k.in[1]
	left, right, _ := strings.Cut(k.text, " ")
	transA, transB := strings.HasSuffix(left, "ᵀ"), strings.HasSuffix(right, "ᵀ")
	out := dims(k.node)
	switch {
	case strings.Contains(k.text, "×××"):
		return k.batched(a, b, transA, transB), true
	case strings.HasPrefix(k.text, "A") && strings.Contains(k.text, "× B"):
		if !transA && !transB {
			return k.emit("", "MatMul", nil, out, a.name, b.name), true
		}
		return k.emit("", "Gemm", graph.Attrs{intAttr("transA", flag(transA)), intAttr("transB", flag(transB))}, out, a.name, b.name), true
	case strings.Contains(k.text, "× b"):
		return k.matrixVector(a, b, transA), true
	case strings.Contains(k.text, "⋅"):
		n := []int64{product(a.shape)}
		return k.emit("", "MatMul", nil, []int64{}, k.reshape(a, n).name, k.reshape(b, n).name), true
	case strings.Contains(k.text, "⊗"):
		m, n := product(a.shape), product(b.shape)
		a, b = k.reshape(a, []int64{m, 1}), k.reshape(b, []int64{1, n})
		return k.emit("", "MatMul", nil, []int64{m, n}, a.name, b.name), true
	}
	return value{}, false
}

// matrixVector is a product with a vector on the right; a transposed matrix is one with the
// vector on the left.
func (k *call) matrixVector(a, b value, trans bool) value {
	b = k.reshape(b, []int64{product(b.shape)})
	if trans {
		return k.emit("", "MatMul", nil, []int64{a.shape[1]}, b.name, a.name)
	}
	return k.emit("", "MatMul", nil, []int64{a.shape[0]}, a.name, b.name)
}

func (k *call) batched(a, b value, transA, transB bool) value {
	if !transA && !transB {
		return k.emit("", "MatMul", nil, dims(k.node), a.name, b.name)
	}
	rows, cols := a.shape[len(a.shape)-2], b.shape[len(b.shape)-1]
	if transA {
		rows = a.shape[len(a.shape)-1]
	}
	if transB {
		cols = b.shape[len(b.shape)-2]
	}
	out := append(append([]int64{}, a.shape[:len(a.shape)-2]...), rows, cols)
	return k.emit("com.microsoft", "FusedMatMul", graph.Attrs{intAttr("transA", flag(transA)), intAttr("transB", flag(transB))}, out, a.name, b.name)
}

// tensordot contracts axes: each pair has one letter.
func (k *call) tensordot() (value, bool) {
	_, rest, _ := strings.Cut(k.text, "aAxes=[")
	left, rest, _ := strings.Cut(rest, "], bAxes=[")
	right, _, ok := strings.Cut(rest, "]")
	aAxes, bAxes := integers(left), integers(right)
	if !ok || len(aAxes) != len(bAxes) || len(k.in) != 2 || len(k.in[0].shape)+len(k.in[1].shape) > 52 {
		return value{}, false
	}
	next := 'a'
	letters := func(rank int) []rune {
		out := make([]rune, rank)
		for i := range out {
			if out[i] = next; next == 'z' {
				next = 'A' - 1
			}
			next++
		}
		return out
	}
	a, b := letters(len(k.in[0].shape)), letters(len(k.in[1].shape))
	for i := range aAxes {
		b[bAxes[i]] = a[aAxes[i]]
	}
	var out []rune
	for _, l := range append(append([]rune{}, a...), b...) {
		if strings.ContainsRune(string(a), l) != strings.ContainsRune(string(b), l) {
			out = append(out, l)
		}
	}
	equation := graph.Attr{Name: "equation", Type: graph.AttrString, Str: string(a) + "," + string(b) + "->" + string(out)}
	return k.emit("", "Einsum", graph.Attrs{equation}, dims(k.node), k.in[0].name, k.in[1].name), true
}

// integers reads numbers between other characters.
func integers(s string) []int64 {
	var out []int64
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '-' }) {
		var v int64
		if _, err := fmt.Sscan(f, &v); err == nil {
			out = append(out, v)
		}
	}
	return out
}

var (
	arithmetic  = map[string]string{"+": "Add", "-": "Sub", "⊙": "Mul", "÷": "Div", "^": "Pow"}
	comparisons = map[string]string{"<": "Less", ">": "Greater", "<=": "LessOrEqual", ">=": "GreaterOrEqual", "==": "Equal", "!=": "Equal"}
)

// binary converts elementwise arithmetic: its text is the sign, then "true" for a comparison
// that gives numbers. Operands have one shape, or one of them has one element.
func (k *call) binary() (value, bool) {
	sign, _, _ := strings.Cut(k.text, " ")
	out := dims(k.node)
	a, okA := k.operand(k.in[0], out)
	b, okB := k.operand(k.in[1], out)
	if !okA || !okB {
		return value{}, false
	}
	if op, ok := arithmetic[sign]; ok {
		return k.emit("", op, nil, out, a.name, b.name), true
	}
	op, ok := comparisons[sign]
	if !ok {
		return value{}, false
	}
	v := k.logical(op, out, a.name, b.name)
	if sign == "!=" {
		v = k.logical("Not", out, v.name)
	}
	if dtype(k.node) == graph.Bool {
		return v, true
	}
	return k.emit("", "Cast", graph.Attrs{intAttr("to", int64(dtype(k.node)))}, out, v.name), true
}

// logical adds a node whose output is boolean.
func (k *call) logical(op string, shape []int64, inputs ...string) value {
	v := k.emit("", op, nil, shape, inputs...)
	k.out.ValueInfo[len(k.out.ValueInfo)-1].Type.DType = graph.Bool
	return v
}

// operand gives an operand the shape of the result, or that of a scalar.
func (k *call) operand(v value, out []int64) (value, bool) {
	switch {
	case product(v.shape) == product(out):
		return k.reshape(v, out), true
	case product(v.shape) == 1:
		return k.reshape(v, []int64{}), true
	}
	return v, false
}

var unaries = map[string][]string{
	"abs": {"Abs"}, "sign": {"Sign"}, "ceil": {"Ceil"}, "floor": {"Floor"}, "sin": {"Sin"}, "cos": {"Cos"}, "exp": {"Exp"}, "ln": {"Log"},
	"neg": {"Neg"}, "sqrt": {"Sqrt"}, "inv": {"Reciprocal"}, "invSqrt": {"Sqrt", "Reciprocal"}, "tanh": {"Tanh"}, "sigmoid": {"Sigmoid"},
	"softplus": {"Softplus"}, "square": {"Mul"}, "cube": {"Mul", "Mul"},
}

func (k *call) unary() (value, bool) {
	ops := unaries[k.text]
	v := k.in[0]
	for _, op := range ops {
		inputs := []string{v.name}
		if op == "Mul" {
			inputs = append(inputs, k.in[0].name)
		}
		v = k.emit("", op, nil, k.in[0].shape, inputs...)
	}
	return v, len(ops) > 0
}

// reduce converts a reduction, whose text ends in the axes; none stand for all.
func (k *call) reduce(op, prefix string) (value, bool) {
	axes := integers(strings.TrimPrefix(k.text, prefix))
	left := []int64{}
	for i, d := range k.in[0].shape {
		if !contains(axes, int64(i)) && len(axes) > 0 {
			left = append(left, d)
		}
	}
	inputs := []string{k.in[0].name}
	if len(axes) > 0 {
		inputs = append(inputs, k.ints(axes...))
	}
	return k.emit("", op, graph.Attrs{intAttr("keepdims", 0)}, left, inputs...), product(left) == product(dims(k.node))
}

func contains(list []int64, v int64) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func (k *call) softmax() (value, bool) {
	op, axis := "Softmax", integers(k.text)
	if strings.Contains(k.text, "true") {
		op = "LogSoftmax"
	}
	if len(axis) != 1 {
		return value{}, false
	}
	return k.emit("", op, graph.Attrs{intAttr("axis", axis[0])}, dims(k.node), k.in[0].name), true
}

func (k *call) byIndices() (value, bool) {
	axis := integers(k.text)
	if len(axis) != 1 || len(k.in) != 2 {
		return value{}, false
	}
	return k.emit("", "Gather", graph.Attrs{intAttr("axis", axis[0])}, dims(k.node), k.in[0].name, k.in[1].name), true
}

func (k *call) cast() (value, bool) {
	return k.emit("", "Cast", graph.Attrs{intAttr("to", int64(dtype(k.node)))}, k.in[0].shape, k.in[0].name), true
}

package convention

import (
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
)

// patterns finds calls that an exporter wrote as several nodes, by their form.
func (r *reading) patterns() {
	for i := range r.calls {
		switch r.calls[i].n.Node.Op {
		case "Softmax":
			r.attention(i)
		case "Div":
			r.layerNorm(i)
		case "Sqrt":
			r.rmsNorm(i)
		case "Erf":
			r.gelu(i)
		case "InstanceNormalization":
			r.groupNorm(i)
		}
	}
}

// attention finds the products around a softmax that torch's exporter writes for
// scaled_dot_product_attention: it splits the scale over both factors of the first,
// which nobody else does.
func (r *reading) attention(softmax int) {
	v := r.calls[softmax].n.Node.Input(0)
	qk := r.through(v, "Add", "Where", "Cast")
	if qk < 0 || !r.isScaled(r.calls[qk].n.Node.Input(0)) || !r.isScaled(r.calls[qk].n.Node.Input(1)) {
		return
	}
	pv := r.product(softmax)
	if pv < 0 {
		return
	}
	r.calls[qk].kind, r.calls[pv].kind, r.calls[softmax].kind = "Attention", "Attention", ""
	for i := range 2 {
		r.calls[r.producer(r.calls[qk].n.Node.Input(i), "Mul")].kind = ""
	}
	if mask := r.producer(v, "Add"); mask >= 0 {
		r.calls[mask].kind = ""
	}
}

// through returns the MatMul that v comes from, over nodes of the given operators.
func (r *reading) through(v *graph.Value, over ...string) int {
	for range 8 {
		i := r.at(v)
		if i < 0 {
			return -1
		}
		if r.calls[i].kind == "MatMul" {
			return i
		}
		if !slices.Contains(over, v.Producer.Op) {
			return -1
		}
		next := v.Producer.Input(0)
		if info := r.info(next); info == nil || next.Producer == nil || info.Const || v.Producer.Op == "Where" {
			next = v.Producer.Input(1)
		}
		v = next
	}
	return -1
}

// isScaled reports whether v is a product with a scalar.
func (r *reading) isScaled(v *graph.Value) bool {
	i := r.producer(v, "Mul")
	if i < 0 {
		return false
	}
	for _, f := range r.calls[i].n.Node.Inputs {
		if info := r.info(f); info.Shape != nil && info.Shape.Elements().Is(1) {
			return true
		}
	}
	return false
}

// product returns the MatMul that a softmax feeds, over the nodes that exporters put
// between them.
func (r *reading) product(i int) int {
	for range 4 {
		next := -1
		for _, j := range r.readers(i) {
			switch r.calls[j].n.Node.Op {
			case "MatMul":
				return int(j)
			case "Where", "Cast", "Dropout":
				next = int(j)
			}
		}
		if next < 0 {
			return -1
		}
		i = next
	}
	return -1
}

// layerNorm finds (x - mean)/sqrt(var + eps) over the last axes, with a scale and a bias
// behind it if there are any: what exporters wrote before opset 17.
func (r *reading) layerNorm(div int) {
	n := r.calls[div].n.Node
	sub, sqrt := r.producer(n.Input(0), "Sub"), r.producer(n.Input(1), "Sqrt")
	if sub < 0 || sqrt < 0 {
		return
	}
	x := r.calls[sub].n.Node.Input(0)
	mean := r.producer(r.calls[sub].n.Node.Input(1), "ReduceMean")
	if mean < 0 || r.calls[mean].n.Node.Input(0) != x || !r.overLast(mean) {
		return
	}
	for _, i := range append(r.above(sqrt, 4), sub, mean, div) {
		r.calls[i].kind = ""
	}
	last, affine, bias := div, false, false
	if j := r.reader(div); j >= 0 && r.calls[j].n.Node.Op == "Mul" && r.hasConstant(j) {
		last, affine = j, true
		r.calls[j].kind = ""
		if j = r.reader(j); j >= 0 && r.calls[j].n.Node.Op == "Add" && r.hasConstant(j) {
			last, bias = j, true
		}
	}
	k := &r.calls[last]
	k.kind, k.x, k.affine, k.bias = "LayerNormalization", r.info(x), affine, bias
}

// rmsNorm finds x / sqrt(mean(x^2) + eps) with a scale behind it.
func (r *reading) rmsNorm(sqrt int) {
	i := sqrt
	for range 2 { // the reciprocal, then the product with x
		if i = r.reader(i); i < 0 {
			return
		}
	}
	if r.calls[i].n.Node.Op == "Cast" || r.calls[i].n.Node.Op != "Mul" {
		return
	}
	x := r.calls[i].n.Node.Input(0)
	for range 2 {
		if i = r.reader(i); i < 0 {
			return
		}
		if r.calls[i].n.Node.Op != "Cast" {
			break
		}
	}
	if k := &r.calls[i]; k.n.Node.Op == "Mul" && r.hasConstant(i) {
		k.kind, k.x, k.affine = "RMSNormalization", r.info(x), true
	}
}

// above lists a node and those before it, over the first input.
func (r *reading) above(i, most int) []int {
	out := []int{i}
	for range most - 1 {
		j := r.at(r.calls[i].n.Node.Input(0))
		if j < 0 {
			break
		}
		out, i = append(out, j), j
	}
	return out
}

// overLast reports whether a reduction is over the last axis and keeps it.
func (r *reading) overLast(i int) bool {
	in, out := r.calls[i].input(), r.calls[i].output()
	last := len(in.Shape) - 1
	return last > 0 && len(out.Shape) == len(in.Shape) && out.Shape[last].Is(1) && out.Shape[0].Equal(in.Shape[0]) && out.Shape[1].Equal(in.Shape[1]) == (last > 1)
}

// hasConstant reports whether a node has a constant operand of more than one element.
func (r *reading) hasConstant(i int) bool {
	for _, v := range r.calls[i].n.Node.Inputs {
		if info := r.info(v); info.Const && info.Shape != nil && !info.Shape.Elements().Is(1) {
			return true
		}
	}
	return false
}

// gelu finds x * (erf(x/sqrt 2) + 1) / 2: the last product is the call.
func (r *reading) gelu(erf int) {
	div := r.producer(r.calls[erf].n.Node.Input(0), "Div")
	if div < 0 {
		div = r.producer(r.calls[erf].n.Node.Input(0), "Mul")
	}
	if div < 0 {
		return
	}
	x := r.calls[div].n.Node.Input(0)
	i, last := erf, -1
	for range 3 {
		if i = r.reader(i); i < 0 {
			break
		}
		if op := r.calls[i].n.Node.Op; op != "Add" && op != "Mul" {
			break
		}
		r.calls[i].kind, last = "", i
	}
	if last >= 0 {
		r.calls[last].kind, r.calls[last].x = "Gelu", r.info(x)
	}
}

// groupNorm finds the instance normalisation of reshaped groups, with a scale and a bias
// of the channels behind it.
func (r *reading) groupNorm(i int) {
	k := &r.calls[i]
	before := r.producer(k.n.Node.Input(0), "Reshape")
	if before < 0 {
		return
	}
	k.kind, k.x = "GroupNormalization", r.calls[before].input()
	k.y = k.x
	for j := r.reader(i); j >= 0; j = r.reader(j) {
		switch op := r.calls[j].n.Node.Op; {
		case op == "Reshape":
		case op == "Mul" && r.hasConstant(j) && !k.affine:
			k.affine, r.calls[j].kind = true, ""
		case op == "Add" && r.hasConstant(j):
			k.bias, r.calls[j].kind = true, ""
			return
		default:
			return
		}
	}
}

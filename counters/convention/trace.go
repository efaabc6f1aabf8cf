package convention

import (
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
)

// traces uses what the exporter recorded: the operator of torch that a node is a part of,
// and the class of the module that called it. Nodes of one call share their scopes.
func (r *reading) traces() {
	groups := map[string][]int{}
	var order []string
	for i := range r.calls {
		t := counters.TraceOf(r.calls[i].n.Node)
		if len(t.Classes) == 0 {
			continue
		}
		key := strings.Join(t.Scopes, "\x00") + "\x00" + t.Classes[len(t.Classes)-1]
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	for _, key := range order {
		r.traced(groups[key])
	}
}

// traced gives the nodes of one recorded call its kind and class.
func (r *reading) traced(nodes []int) {
	t := counters.TraceOf(r.calls[nodes[0]].n.Node)
	called, _, _ := strings.Cut(strings.TrimPrefix(t.Classes[len(t.Classes)-1], "aten."), ".")
	class := moduleClass(t)
	for _, i := range nodes {
		if _, ok := r.folded[i]; !ok { // of a folded pair the module is the normalisation's
			r.calls[i].class = class
		}
	}
	switch {
	case recurrent[lastPart(class)]:
		r.rename(nodes, "Recurrent:product", "Linear", "MatMul")
	case called == "scaled_dot_product_attention":
		r.rename(nodes, "Attention", "MatMul", "Attention")
		r.rename(nodes, "", "Softmax", "Add", "Mul")
	case strings.HasPrefix(called, "clamp"):
		r.join(nodes, "Clip")
	case tracedKinds[called] != "":
		r.join(nodes, tracedKinds[called])
	default:
		if kind := adaptivePool(called, class); kind != "" && !r.follows(nodes[0]) {
			r.join(nodes, kind)
		}
	}
}

// tracedKinds are the words of the rules for operators of torch that exporters write as
// one node or as several.
var tracedKinds = map[string]string{"silu": "Swish", "gelu": "Gelu", "relu": "Relu", "leaky_relu": "LeakyRelu", "elu": "Elu",
	"prelu": "PRelu", "hardtanh": "Relu6", "layer_norm": "LayerNormalization", "group_norm": "GroupNormalization",
	"instance_norm": "InstanceNormalization"}

// adaptivePool is the kind of a call that an adaptive average pool made, "" for others:
// torch takes a mean, a plain pool or a view where these do.
func adaptivePool(called, class string) string {
	const word = "AdaptiveAvgPool"
	switch called {
	case "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d":
		return word + called[len(called)-2:]
	case "mean", "avg_pool1d", "avg_pool2d", "avg_pool3d", "as_strided":
		if name := lastPart(class); strings.HasPrefix(name, word) {
			return name
		}
	}
	return ""
}

// rename gives those nodes that are of the kinds from another one.
func (r *reading) rename(nodes []int, kind string, from ...string) {
	for _, i := range nodes {
		if slices.Contains(from, r.calls[i].kind) {
			r.calls[i].kind = kind
		}
	}
}

// recurrent are modules that an exporter may unroll.
var recurrent = map[string]bool{"RNN": true, "LSTM": true, "GRU": true}

// join makes one call of several nodes, at the last of them.
func (r *reading) join(nodes []int, kind string) {
	first, last := &r.calls[nodes[0]], &r.calls[nodes[len(nodes)-1]]
	x := first.input()
	for _, i := range nodes {
		r.calls[i].kind = ""
	}
	last.kind = kind
	if len(nodes) > 1 {
		last.x = x
	}
}

// follows reports whether the node before is of the same module: one call of torch may
// be recorded as several.
func (r *reading) follows(i int) bool {
	n := r.calls[i].n.Node
	if in := n.Input(0); in != nil && in.Producer != nil {
		return modulePath(in.Producer) == modulePath(n)
	}
	return false
}

// lastPart is what stands behind the last dot.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

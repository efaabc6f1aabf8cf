package convention

import (
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
	called, class := t.Classes[len(t.Classes)-1], moduleClass(t)
	called, _, _ = strings.Cut(strings.TrimPrefix(called, "aten."), ".")
	for _, i := range nodes {
		if _, ok := r.folded[i]; !ok { // of a folded pair the module is the normalisation's
			r.calls[i].class = class
		}
	}
	if recurrent[lastPart(class)] {
		for _, i := range nodes {
			if r.calls[i].kind == "Linear" || r.calls[i].kind == "MatMul" {
				r.calls[i].kind = "Recurrent:product"
			}
		}
		return
	}
	last := &r.calls[nodes[len(nodes)-1]]
	switch called {
	case "scaled_dot_product_attention":
		for _, i := range nodes {
			if r.calls[i].kind == "MatMul" {
				r.calls[i].kind = "Attention"
			} else if r.calls[i].kind != "Attention" {
				r.calls[i].kind = ""
			}
		}
	case "mean", "avg_pool2d", "avg_pool3d", "avg_pool1d", "as_strided", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d":
		name := lastPart(class)
		if strings.HasPrefix(called, "adaptive") {
			name = "AdaptiveAvgPool" + strings.ToLower(called[len(called)-2:])
		}
		if strings.HasPrefix(name, "AdaptiveAvgPool") && !r.follows(nodes[0]) {
			r.join(nodes, name)
		}
	case "silu", "gelu", "relu", "leaky_relu", "elu", "prelu", "hardtanh":
		r.join(nodes, map[string]string{"silu": "Swish", "gelu": "Gelu", "relu": "Relu", "leaky_relu": "LeakyRelu",
			"elu": "Elu", "prelu": "PRelu", "hardtanh": "Relu6"}[called])
	case "layer_norm", "group_norm", "instance_norm":
		r.join(nodes, map[string]string{"layer_norm": "LayerNormalization", "group_norm": "GroupNormalization",
			"instance_norm": "InstanceNormalization"}[called])
	case "clamp", "clamp_min", "clamp_max":
		last.kind = "Clip"
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

package convention

import (
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// reading is what a convention sees of an instance.
type reading struct {
	in     *ops.Instance
	calls  []call       // by node
	folded map[int]call // by Conv node: the BatchNormalization that its metadata say was folded into it
	maybe  map[int]call // the same where only the name of the weight suggests it

	place  []int32                    // by Node.Index: the node's place in calls
	from   []int32                    // by Value.ID: where its readers begin in uses, and behind all their end
	uses   []int32                    // nodes that read a value, by value
	scopes map[string]map[string]bool // kinds by the path of their module
}

func newReading(in *ops.Instance) *reading {
	r := &reading{in: in, calls: make([]call, len(in.Nodes)), folded: map[int]call{}, maybe: map[int]call{},
		place: make([]int32, len(in.Nodes)), from: make([]int32, len(in.Infos)+1)}
	reads := func(f func(node int, v *graph.Value)) {
		for i := range in.Nodes {
			for _, v := range in.Nodes[i].Node.Inputs {
				if v != nil && v.Graph == in.Graph {
					f(i, v)
				}
			}
		}
	}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		r.calls[i] = call{kind: nodeKind(in, n), in: in, n: n}
		r.place[n.Node.Index] = int32(i)
	}
	reads(func(_ int, v *graph.Value) { r.from[v.ID+1]++ })
	for id := range in.Infos {
		r.from[id+1] += r.from[id]
	}
	r.uses = make([]int32, r.from[len(in.Infos)])
	next := slices.Clone(r.from)
	reads(func(i int, v *graph.Value) { r.uses[next[v.ID]] = int32(i); next[v.ID]++ })
	return r
}

// at returns the place of the node that makes v, -1 if it is none of this graph.
func (r *reading) at(v *graph.Value) int {
	if v == nil || v.Producer == nil || v.Graph != r.in.Graph {
		return -1
	}
	return int(r.place[v.Producer.Index])
}

// readNodes takes every node for itself. What is computed before the run counts nothing.
func readNodes(in *ops.Instance) *reading {
	r := newReading(in)
	for i := range r.calls {
		if in.Nodes[i].State == ops.Folded {
			r.calls[i].kind = ""
		}
	}
	return r
}

// readCalls finds the calls of the framework that wrote the graph: from what the
// exporter recorded, or from the form of the graph.
func readCalls(in *ops.Instance) *reading {
	r := newReading(in)
	for i := range r.calls {
		r.layer(i)
	}
	for i := range r.calls {
		r.linearBias(i)
		r.foldedNorm(i)
		r.swish(i)
	}
	r.patterns()
	r.traces()
	return r
}

// nodeKind names a node in rules: by its operator; a resize also by what it does.
func nodeKind(in *ops.Instance, n *ops.NodeResult) string {
	if n.Node.Op != "Resize" && n.Node.Op != "Upsample" {
		return n.Node.Op
	}
	mode := "nearest"
	if a := n.Node.Attrs.Get("mode"); a != nil {
		mode = a.Str
	}
	spatial := 2
	if v := n.Node.Input(0); v != nil && in.Info(v).Shape != nil {
		spatial = len(in.Info(v).Shape) - 2
	}
	switch {
	case mode == "linear" && spatial == 2:
		mode = "bilinear"
	case mode == "linear" && spatial == 3:
		mode = "trilinear"
	case mode == "cubic":
		mode = "bicubic"
	}
	return "Resize:" + mode
}

// attentionOps are operators that hold a whole attention.
var attentionOps = map[string]bool{"Attention": true, "MultiHeadAttention": true, "GroupQueryAttention": true, "PackedAttention": true,
	"PackedMultiHeadAttention": true, "DecoderMaskedMultiHeadAttention": true}

// layer gives a node the word that frameworks have for its call.
func (r *reading) layer(i int) {
	k := &r.calls[i]
	if k.n.State == ops.Folded && k.n.Node.Op != "BatchNormalization" { // statistics of weights are taken in every run
		k.kind = ""
		return
	}
	switch op := k.n.Node.Op; {
	case op == "BatchNormalization" && k.constant(0):
		k.kind = "BatchNormalization:weights"
	case attentionOps[op]:
		k.kind = "Attention"
	case op == "Gemm" || op == "MatMul" || op == "FusedMatMul" || op == "FusedGemm":
		if k.kind = "MatMul"; k.constant(1) {
			k.kind = "Linear"
		}
	case op == "GlobalAveragePool":
		k.kind = adaptiveKind(k)
	case op == "AveragePool" && k.isIdentity():
		k.kind = adaptiveKind(k)
	case op == "Clip":
		k.kind = "Relu6"
	case op == "Gather" && k.isLookup():
		k.kind = "Embedding"
	case op == "FastGelu" || op == "BiasGelu" || op == "QuickGelu":
		k.kind = "Gelu"
	}
}

// isLookup recognises the rows of a weight.
func (k *call) isLookup() bool {
	w := k.info(0)
	return w != nil && w.Const && w.DType.IsFloat() && len(w.Shape) == 2 && !k.constant(1)
}

// isIdentity recognises an adaptive pool to the size that its input has.
func (k *call) isIdentity() bool {
	a := k.n.Node.Attrs.Get("kernel_shape")
	in, out := k.input(), k.output()
	return a != nil && graph.Ints(a.Ints...).Elements().Is(1) && in.Shape != nil && in.Shape.Equal(out.Shape)
}

// adaptiveKind is the adaptive pool of as many dims as the input has.
func adaptiveKind(k *call) string {
	switch info := k.input(); {
	case len(info.Shape) == 3:
		return "AdaptiveAvgPool1d"
	case len(info.Shape) == 5:
		return "AdaptiveAvgPool3d"
	}
	return "AdaptiveAvgPool2d"
}

// linearBias makes the Add of a constant vector behind a product with a weight its bias.
func (r *reading) linearBias(i int) {
	k := &r.calls[i]
	if k.kind != "Linear" || k.n.Node.Op != "MatMul" {
		return
	}
	j := r.reader(i)
	if j < 0 || r.calls[j].n.Node.Op != "Add" {
		return
	}
	for _, v := range r.calls[j].n.Node.Inputs {
		if info := r.info(v); info.Const && len(info.Shape) == 1 {
			k.bias, r.calls[j].kind = true, ""
		}
	}
}

// readers are the nodes that read the first output of a node.
func (r *reading) readers(i int) []int32 {
	if out := r.calls[i].n.Node.Outputs; len(out) > 0 && out[0] != nil {
		return r.uses[r.from[out[0].ID]:r.from[out[0].ID+1]]
	}
	return nil
}

// reader returns the only one of readers, -1 if there is none or there are more.
func (r *reading) reader(i int) int {
	if u := r.readers(i); len(u) == 1 {
		return int(u[0])
	}
	return -1
}

// nothing is what is known of a value that is not there.
var nothing = &ops.Info{}

// info returns what is known of a value, never nil.
func (r *reading) info(v *graph.Value) *ops.Info {
	if v == nil {
		return nothing
	}
	if info := r.in.Info(v); info != nil {
		return info
	}
	return nothing
}

// foldedNorm notes a BatchNormalization that was folded into a convolution: a fact where
// the exporter recorded the rewrite, else a guess from the name that the older exporter
// gives to weights that it has changed.
func (r *reading) foldedNorm(i int) {
	k := r.calls[i]
	if k.kind != "Conv" && k.kind != "ConvTranspose" {
		return
	}
	norm := call{kind: "BatchNormalization", in: k.in, n: k.n, x: k.output(), y: k.output(), folded: true}
	t := counters.TraceOf(k.n.Node)
	switch {
	case strings.Contains(t.Rules, "FuseBatchNormInto"):
		norm.class = moduleClass(t)
		r.folded[i] = norm
		r.calls[i].plain = true
	case k.n.Node.Input(1) != nil && strings.HasPrefix(k.n.Node.Input(1).Name, "onnx::Conv_"):
		r.maybe[i] = norm
	}
}

// moduleClass is the class of the module that made the call, "" if it is not recorded.
func moduleClass(t counters.Trace) string {
	if len(t.Classes) < 2 {
		return ""
	}
	return t.Classes[len(t.Classes)-2]
}

// swish joins x and Sigmoid(x) that a Mul multiplies.
func (r *reading) swish(i int) {
	k := &r.calls[i]
	if k.n.Node.Op != "Mul" || len(k.n.Node.Inputs) != 2 {
		return
	}
	for a, v := range k.n.Node.Inputs {
		s := r.producer(v, "Sigmoid")
		if s < 0 || r.calls[s].n.Node.Input(0) != k.n.Node.Inputs[1-a] {
			continue
		}
		k.kind, k.x = "Swish", r.info(k.n.Node.Inputs[1-a])
		r.calls[s].kind = ""
	}
}

// producer returns the node of an operator that makes v, -1 if it is another.
func (r *reading) producer(v *graph.Value, op string) int {
	if i := r.at(v); i >= 0 && v.Producer.Op == op {
		return i
	}
	return -1
}

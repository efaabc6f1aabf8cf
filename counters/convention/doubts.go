package convention

import (
	"cmp"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Doubt is something that a file does not tell, or tells only by its form, with what it
// would change in the figure of a convention.
type Doubt struct {
	// Class names it: the same words for every model.
	Class string
	// Nodes are those that it concerns.
	Nodes int
	// Change is what it adds to the figure; negative where it takes away.
	Change graph.Dim
}

// Doubts lists what a count by the convention rests on and the file does not tell, in the
// order in which an explanation tries them.
func (m *Result) Doubts(r *counters.Report) []Doubt {
	d := &doubter{m: m, index: map[string]int{}}
	for n := range r.Nodes() {
		if !n.Times.IsZero() && n.State != ops.Uncounted && n.State != ops.Unresolved {
			d.node(n)
		}
	}
	d.dropped(r)
	slices.SortStableFunc(d.list, func(a, b Doubt) int { return cmp.Compare(rank(a.Class), rank(b.Class)) })
	return slices.DeleteFunc(d.list, func(x Doubt) bool { return x.Change.IsZero() })
}

// The classes of doubts, without what is specific to a model.
const (
	probableFold  = "BatchNormalization probably folded into convolutions (weights named onnx::Conv_N)"
	fusedCall     = "attention as one call of scaled_dot_product_attention"
	fallback      = "attention of five dims: the call falls back to products"
	asProducts    = "attention that torch runs as products"
	zeroBias      = "biases of zeros that the exporter dropped"
	noBias        = "without a bias of its own: "
	foldedBias    = "biases of convolutions that a BatchNormalization was folded into"
	apartBias     = "biases that torch adds apart, behind a transposed input"
	samePadding   = "depthwise convolutions with padding given as 'same'"
	droppedPooler = "a pooler over the first token that no output needs: dropped by the exporter"
	unscaled      = "weights that are normalised without a scale"
	mergedCalls   = "equal calls that the exporter merged"
	beforeRun     = "on constants alone, computed before the run: "
	notSeen       = "not seen by the tool: "
	asMethod      = "written as an operator or a method, not seen by the tool: "
	attentionHook = "attention as the hook of its module counts it"
	insideHook    = "layers inside a module that has a hook of its own"
	asFunction    = "called as a function, not seen by the tool: "
	ownClass      = "of a class of its own, not seen by the tool: "
	twice         = "counted twice, by module and by function: "
)

// order lists the classes, what needs the least to be believed first.
var order = []string{probableFold, fusedCall, fallback, asProducts, zeroBias, foldedBias, noBias, droppedPooler, apartBias,
	samePadding, unscaled, mergedCalls, beforeRun, attentionHook, insideHook, asMethod, asFunction, twice, notSeen, ownClass}

// rank is the place of a class in order: a class of order is the beginning of its own.
func rank(class string) int {
	return slices.IndexFunc(order, func(c string) bool { return strings.HasPrefix(class, c) })
}

type doubter struct {
	m     *Result
	list  []Doubt
	index map[string]int
}

func (d *doubter) add(class string, change graph.Dim) {
	if change.IsZero() {
		return
	}
	i, ok := d.index[class]
	if !ok {
		i = len(d.list)
		d.index[class] = i
		d.list = append(d.list, Doubt{Class: class})
	}
	d.list[i].Nodes++
	d.list[i].Change = d.list[i].Change.Add(change)
}

// count evaluates the convention's rule for a call.
func (d *doubter) count(k call) graph.Dim { return d.m.part(&k, false).Count }

func (d *doubter) node(n *counters.Node) {
	t := d.m.tally(n.Inst)
	i := int(t.place[n.Node.Index])
	k := t.calls[i]
	if norm, ok := t.maybe[i]; ok {
		plain := k
		plain.plain = true
		d.add(foldedBias, d.count(plain).Sub(d.count(k)).Mul(n.Times))
		d.add(probableFold, d.count(plain).Sub(d.count(k)).Add(d.count(norm)).Mul(n.Times))
	}
	if k.kind == "" {
		d.constant(k, n.Times)
		return
	}
	own := d.count(k).Mul(n.Times)
	switch k.kind {
	case "Attention":
		d.attention(k, own, n.Times)
	case "Linear", "Conv", "ConvTranspose", "Recurrent:product":
		d.bias(t, i, n.Times)
	case "BatchNormalization", "BatchNormalization:weights":
		d.norm(t, i, n.Times)
	}
	if k.kind == "Conv" && isDepthwise(&k) && !strings.Contains(counters.TraceOf(n.Node).Rules, "RemoveOptionalBias") {
		d.add(samePadding, own.Neg())
	}
	d.hooks(t, i, own)
}

// constant is a call on constants alone, which the framework makes in every run.
func (d *doubter) constant(k call, times graph.Dim) {
	if k.n.State == ops.Folded && k.n.Op != nil {
		k.kind = nodeKind(k.in, k.n)
		change := d.count(k).Mul(times)
		d.add(beforeRun+k.kind, change)
		if d.m.Convention.Name == "ptflops" {
			d.add(twice+k.kind+" on constants", change)
		}
	}
}

// attention is a call of a function that tools see or do not see, as it was run.
func (d *doubter) attention(k call, own, times graph.Dim) {
	if d.m.Convention.Name == "ptflops" {
		d.add(attentionHook, hookedAttention(&k).Mul(times))
	}
	if !own.IsZero() {
		d.add(fusedCall, own.Neg())
		return
	}
	products := k
	products.kind = "MatMul"
	class := asProducts
	if len(k.output().Shape) == 5 {
		class = fallback
	}
	d.add(class, d.count(products).Mul(times))
}

// hookedAttention is what the hook of a module of attention counts: the products, the
// scaling of the queries and one for each score.
func hookedAttention(k *call) graph.Dim {
	mac, q, out := k.n.Cost.MAC, k.input(), k.output()
	switch {
	case len(q.Shape) != 4 || len(out.Shape) != 4:
		return graph.Dim{}
	case k.n.Node.Op != "MatMul":
		scores, _ := mac.FloorDiv(q.Shape[3].MulInt(2))
		return mac.Add(q.Shape.Elements()).Add(scores)
	case q.Shape[2].Equal(q.Shape[3]) && !out.Shape[3].Equal(q.Shape[3]): // scores times values
		return mac
	}
	return mac.Add(q.Shape.Elements()).Add(out.Shape.Elements())
}

// bias finds biases that the original had and the file does not, or the reverse.
func (d *doubter) bias(t *tally, i int, times graph.Dim) {
	k := t.calls[i]
	with, without := k, k
	with.bias, with.plain, without.bias, without.plain = true, false, false, true
	has := d.count(k).Sub(d.count(without))
	gain := d.count(with).Sub(d.count(k)).Mul(times)
	if has.IsZero() && strings.Contains(counters.TraceOf(k.n.Node).Rules, "RemoveOptionalBiasFrom") {
		if k.plain {
			d.add(zeroBias+" from convolutions with a BatchNormalization", gain)
		} else {
			d.add(zeroBias+" from every other layer", gain)
			d.add(zeroBias+" from "+layerName(t.reading, i), gain)
			d.add(noBias+layerName(t.reading, i), gain.Neg())
		}
	}
	if k.kind != "Conv" && !has.IsZero() && t.transposed(k.n.Node.Input(0), 6) {
		d.add(apartBias, has.Mul(times).Neg())
	}
}

// norm finds statistics of weights, and normalisations that several layers share.
func (d *doubter) norm(t *tally, i int, times graph.Dim) {
	k := t.calls[i]
	own := d.count(k)
	if k.constant(0) {
		k.plain = true
		d.add(unscaled, d.count(k).Sub(own).Mul(times))
	}
	readers := 0
	for _, j := range t.readers(i) {
		if t.calls[j].kind == "Linear" {
			readers++
		}
	}
	if readers > 1 {
		d.add(mergedCalls, own.MulInt(int64(readers-1)).Mul(times))
	}
}

// layerName is what a module is called: the last three names of its path that are no numbers.
func layerName(r *reading, i int) string {
	words := strings.FieldsFunc(modulePath(r.calls[i].n.Node), func(c rune) bool { return c == '/' || c == '.' })
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "0123456789") == "" })
	words = slices.Compact(words)
	return strings.Join(words[max(0, len(words)-3):], ".")
}

// modulePath is the path of the module around a call, "" if it is not recorded.
func modulePath(n *graph.Node) string {
	if t := counters.TraceOf(n); len(t.Scopes) > 1 {
		return t.Scopes[len(t.Scopes)-2]
	}
	if i := strings.LastIndexByte(n.Name, '/'); i > 0 && n.Name[0] == '/' {
		return n.Name[:i]
	}
	return ""
}

// transposed reports whether v is a transposed tensor, over operators that keep its layout.
func (r *reading) transposed(v *graph.Value, depth int) bool {
	i := r.at(v)
	if i < 0 || depth == 0 {
		return false
	}
	switch k := &r.calls[i]; {
	case v.Producer.Op == "Transpose":
		return true
	case ops.Pointwise(k.n.Op) && !isNorm(k.kind):
		return r.transposed(v.Producer.Input(0), depth-1)
	}
	return false
}

// standardised reports whether the weight of a convolution is normalised in every run.
func (r *reading) standardised(k *call) bool {
	w := k.n.Node.Input(1)
	if i := r.producer(w, "Reshape"); i >= 0 {
		w = r.calls[i].n.Node.Input(0)
	}
	return r.producer(w, "BatchNormalization") >= 0
}

// kernelText prints the window of a convolution as 3x3.
func kernelText(k *call) string {
	w := k.info(1)
	if w == nil || len(w.Shape) < 3 {
		return "unknown size"
	}
	parts := make([]string, len(w.Shape)-2)
	for i, d := range w.Shape[2:] {
		parts[i] = d.String()
	}
	return strings.Join(parts, "x")
}

func isNorm(kind string) bool { return strings.HasSuffix(kind, "Normalization") }

func isDepthwise(k *call) bool {
	w := k.info(1)
	return w != nil && len(w.Shape) > 2 && w.Shape[1].Is(1)
}

// hooks are doubts about what a tool that hooks modules sees: where the class is not
// recorded, a call may be of a subclass or of a function.
func (d *doubter) hooks(t *tally, i int, own graph.Dim) {
	k := t.calls[i]
	if own.IsZero() {
		return
	}
	if k.class == "" {
		d.add(notSeen+k.kind, own.Neg())
		if t.isFunction(i) {
			d.add(asFunction+k.kind, own.Neg())
		}
		d.add(ownClass+k.kind+" of "+layerName(t.reading, i), own.Neg())
		if k.kind == "Conv" {
			d.add(ownClass+"Conv with a kernel of "+kernelText(&k), own.Neg())
			if t.standardised(&k) {
				d.add(ownClass+"Conv of standardised weights", own.Neg())
			}
			if strings.Contains(counters.TraceOf(k.n.Node).Rules, "FuseConvPad") {
				d.add(ownClass+"Conv with a Pad folded into it", own.Neg())
			}
		}
	}
	if k.class != "" && !strings.HasPrefix(k.class, "torch.nn.") && methods[k.kind] {
		d.add(asMethod+k.kind, own.Neg())
	}
	if d.m.Convention.Name == "ptflops" {
		d.ptflops(t, i, own)
	}
	if u := t.readers(i); k.kind == "MaxPool" && len(u) > 1 {
		d.add(mergedCalls+": "+layerName(t.reading, i), own.MulInt(int64(len(u)-1)))
	}
}

// methods are kinds that are also written as an operator or as a method of a tensor, which
// tools that patch functions do not see.
var methods = map[string]bool{"MatMul": true, "Einsum": true, "Softmax": true, "Add": true, "Mul": true, "Relu": true}

// ptflops has hooks on modules that call patched functions, and hooks on whole modules of
// attention.
func (d *doubter) ptflops(t *tally, i int, own graph.Dim) {
	k := t.calls[i]
	switch k.kind {
	case "Relu", "Gelu", "Elu", "PRelu", "AveragePool", "MaxPool", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d":
		d.add(twice+k.kind, own)
	case "Linear":
		if slices.Contains(counters.TraceOf(k.n.Node).Classes, "timm.models.vision_transformer.Attention") ||
			slices.Contains(counters.TraceOf(k.n.Node).Classes, "timm.layers.attention.Attention") {
			d.add(insideHook, own.Neg())
		}
	}
}

// isFunction guesses from node names that a call is no module's own: other kinds of calls
// stand in the same scope.
func (r *reading) isFunction(i int) bool {
	path := modulePath(r.calls[i].n.Node)
	if path == "" {
		return false
	}
	if r.scopes == nil {
		r.scopes = map[string]map[string]bool{}
		for j := range r.calls {
			if k := &r.calls[j]; k.kind != "" && (k.n.State == ops.Counted || k.kind == "Transpose") {
				p := modulePath(k.n.Node)
				if r.scopes[p] == nil {
					r.scopes[p] = map[string]bool{}
				}
				r.scopes[p][k.kind] = true
			}
		}
	}
	return len(r.scopes[path]) > 1
}

// dropped adds work that the exporter left out, where the outputs tell its size.
func (d *doubter) dropped(r *counters.Report) {
	for _, o := range r.Outputs {
		if s := o.Info.Shape; len(s) == 3 && len(r.Outputs) == 1 {
			pooler := s[0].Mul(s[2]).Mul(s[2])
			if d.m.Convention.Unit == counters.UnitFLOPs {
				pooler = pooler.MulInt(2)
			}
			d.add(droppedPooler, pooler)
			d.add(droppedPooler+", with its bias", pooler.Add(s[0].Mul(s[2])))
		}
	}
}

package training_test

import (
	"fmt"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/training"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// count counts a model in the textual syntax and a step over it.
func count(t *testing.T, text string, o training.Options) (*counters.Report, *training.Work) {
	t.Helper()
	m, err := onnxtext.Parse([]byte("<ir_version: 10, opset_import: [\"\": 23, \"com.microsoft\": 1, \"local\": 1]>\n"+text), "test")
	if err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := training.Count(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// The expected figures are worked out by hand: the comment gives the forward products, and
// which gradients each of them needs.
var byHand = []struct {
	name, text               string
	freeze                   []string
	forward, weights, inputs string
}{
	{
		name:    "a single layer has no gradient of its input", // 2*3*4
		text:    `g (float[2,3] x) => (float[2,4] y) <float[3,4] w = {}> { y = MatMul (x, w) }`,
		forward: "24", weights: "24", inputs: "0",
	},
	{
		name: "two layers", // N*3*4, N*4*5: both weights, the input of the second
		text: `g (float[N,3] x) => (float[N,5] y) <float[4,3] w = {}, float[4] b = {}, float[5,4] v = {}, float[5] c = {}>
			{ h = Gemm <transB = 1> (x, w, b) r = Relu (h) y = Gemm <transB = 1> (r, v, c) }`,
		forward: "32*N", weights: "32*N", inputs: "20*N",
	},
	{
		name: "a frozen head: its weight none, its input one", freeze: []string{"v"},
		text: `g (float[N,3] x) => (float[N,5] y) <float[3,4] w = {}, float[4,5] v = {}>
			{ h = MatMul (x, w) y = MatMul (h, v) }`,
		forward: "32*N", weights: "12*N", inputs: "20*N",
	},
	{
		name: "a frozen base: nothing is gone back to", freeze: []string{"w"},
		text: `g (float[N,3] x) => (float[N,5] y) <float[3,4] w = {}, float[4,5] v = {}>
			{ h = MatMul (x, w) y = MatMul (h, v) }`,
		forward: "32*N", weights: "20*N", inputs: "0",
	},
	{
		name: "but a trained bias below is", freeze: []string{"w"},
		text: `g (float[N,3] x) => (float[N,5] y) <float[3,4] w = {}, float[4,5] v = {}, float[4] b = {}>
			{ h = MatMul (x, w) z = Add (h, b) y = MatMul (z, v) }`,
		forward: "32*N", weights: "20*N", inputs: "20*N",
	},
	{
		name: "all frozen", freeze: []string{"*"},
		text:    `g (float[2,3] x) => (float[2,4] y) <float[3,4] w = {}> { y = MatMul (x, w) }`,
		forward: "24", weights: "0", inputs: "0",
	},
	{
		name: "convolutions", // 4*8*8*3*9 = 6912; depthwise 4*8*8*9 = 2304; 1x1 transposed 64*4*2*4 = 2048
		text: `g (float[1,3,8,8] x) => (float[1,2,16,16] y) <float[4,3,3,3] a = {}, float[4,1,3,3] b = {}, float[4,2,2,2] c = {}>
			{ p = Conv <pads = [1,1,1,1]> (x, a) q = Conv <group = 4, pads = [1,1,1,1]> (p, b) y = ConvTranspose <strides = [2,2]> (q, c) }`,
		forward: "11264", weights: "11264", inputs: "4352",
	},
	{
		name: "attention of two products", // q, k, v: 3 * S*8*8; scores S*S*8; mix S*S*8
		text: `g (float[S,8] x) => (float[S,8] y) <float[8,8] a = {}, float[8,8] b = {}, float[8,8] c = {}>
			{ q = MatMul (x, a) k = MatMul (x, b) v = MatMul (x, c) kt = Transpose (k) s = MatMul (q, kt) p = Softmax (s) y = MatMul (p, v) }`,
		forward: "192*S + 16*S^2", weights: "192*S", inputs: "32*S^2",
	},
	{
		name: "attention in one node", // the same with 2 heads of 4: scores 2*S*S*4 = 8*S^2, mix 8*S^2
		text: `g (float[1,S,8] x) => (float[1,S,8] y) <float[8,8] a = {}, float[8,8] b = {}, float[8,8] c = {}>
			{ q = MatMul (x, a) k = MatMul (x, b) v = MatMul (x, c) y = Attention <q_num_heads = 2, kv_num_heads = 2> (q, k, v) }`,
		forward: "192*S + 16*S^2", weights: "192*S", inputs: "32*S^2",
	},
	{
		name: "attention of Microsoft with two queries trained only", freeze: []string{"b", "c"}, // dQ = 8*S^2, dP = 8*S^2
		text: `g (float[1,S,8] x) => (float[1,S,8] y) <float[8,8] a = {}, float[8,8] b = {}, float[8,8] c = {}>
			{ q = MatMul (x, a) k = MatMul (x, b) v = MatMul (x, c) y = com.microsoft.MultiHeadAttention <num_heads = 2> (q, k, v) }`,
		forward: "192*S + 16*S^2", weights: "64*S", inputs: "16*S^2",
	},
	{
		name:    "a recurrence", // 7 steps of 2 rows: X*W 7*2*4*5*3 = 840, H*R 7*2*4*5*5 = 1400; W and R, and the state
		text:    `g (float[7,2,3] x) => (float[7,1,2,5] y) <float[1,20,3] w = {}, float[1,20,5] r = {}> { y = LSTM <hidden_size = 5> (x, w, r) }`,
		forward: "2240", weights: "2240", inputs: "1200",
	},
	{
		name: "einsum of two", // B*4*5*6 each
		text: `g (float[B,4,5] x) => (float[B,4,6] y) <float[5,6] w = {}, float[4,4] u = {}>
			{ h = Einsum <equation = "bij,ik->bkj"> (x, u) y = Einsum <equation = "bij,jk->bik"> (h, w) }`, // 4*4*5*B = 80, 120
		forward: "200*B", weights: "200*B", inputs: "120*B",
	},
	{
		name:    "einsum of three", // (x,a): 2*3*4 = 24, then (.,b): 2*4*5 = 40; b 40, back 40 to the pair, a 24
		text:    `g (float[2,3] x) => (float[2,5] y) <float[3,4] a = {}, float[4,5] b = {}> { y = Einsum <equation = "ij,jk,kl->il"> (x, a, b) }`,
		forward: "64", weights: "64", inputs: "40",
	},
	{
		name:    "a deformable convolution",                                                                                                                  // 1*4*3*3 positions: 4*2*9*36... forward 4*36*2*9 = see counts
		text:    `g (float[1,2,6,6] x, float[1,18,4,4] o) => (float[1,4,4,4] y) <float[4,2,3,3] w = {}> { y = DeformConv <kernel_shape = [3,3]> (x, w, o) }`, // 4*16*2*9
		forward: "1152", weights: "1152", inputs: "0",
	},
	{
		name:    "tied weights have two gradients", // embedding 0; S*4*9 twice back: weight and input
		text:    `g (int64[S] i) => (float[S,9] y) <float[9,4] w = {}> { e = Gather (w, i) t = Transpose (w) y = MatMul (e, t) }`,
		forward: "36*S", weights: "36*S", inputs: "36*S",
	},
	{
		name: "a gradient does not pass a comparison", // the mask's path adds none: 2*3*4 for w only
		text: `g (float[2,3] x) => (float[2,4] y) <float[3,4] w = {}, float[3,4] v = {}, float zero = {0}>
			{ h = MatMul (x, w) m = MatMul (x, v) b = Greater (m, zero) y = Where (b, h, zero) }`,
		forward: "48", weights: "24", inputs: "0",
	},
	{
		name: "what leads to no float output has none",
		text: `g (float[2,3] x) => (float[2,4] y, int64[2,1] k) <float[3,4] w = {}, float[3,4] v = {}>
			{ y = MatMul (x, w) m = MatMul (x, v) k = ArgMax <axis = 1> (m) }`,
		forward: "48", weights: "24", inputs: "0",
	},
	{
		name: "low-rank adapters", freeze: []string{"w"}, // x*w 2*8*8 = 128; a*b 8*2*8 = 128, both gradients of it
		text: `g (float[2,8] x) => (float[2,8] y) <float[8,8] w = {}, float[8,2] a = {}, float[2,8] b = {}>
			{ d = MatMul (a, b) s = Add (w, d) y = MatMul (x, s) }`,
		forward: "256", weights: "384", inputs: "0", // s 128, a 128, b 128
	},
	{
		name: "a function", // twice N*3*3; the weight is shared: two gradients of w, one of an input
		text: `g (float[N,3] x) => (float[N,3] y) <float[3,3] w = {}> { h = local.Layer (x, w) y = local.Layer (h, w) }
			<domain: "local", opset_import: ["": 23]> Layer (a, b) => (c) { m = MatMul (a, b) c = Relu (m) }`,
		forward: "18*N", weights: "18*N", inputs: "9*N",
	},
	{
		name: "a loop carries the gradient of its state", // 5 times 2*3*3; the first state needs none
		text: `g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {}, int64 five = {5}, bool yes = {1}> {
			y = Loop (five, yes, x) <body = b (int64 i, bool c, float[2,3] h) => (bool d, float[2,3] k) { d = Identity (c) k = MatMul (h, w) }> }`,
		forward: "90", weights: "90", inputs: "72",
	},
	{
		name: "a loop over a trained state", // its initial state has a gradient too: 5 times, and u 2*3*3
		text: `g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {}, float[3,3] u = {}, int64 five = {5}, bool yes = {1}> {
			z = MatMul (x, u)
			y = Loop (five, yes, z) <body = b (int64 i, bool c, float[2,3] h) => (bool d, float[2,3] k) { d = Identity (c) k = MatMul (h, w) }> }`,
		forward: "108", weights: "108", inputs: "90",
	},
	{
		name: "a scan", // 4 rows: h*w 3*3 and x*u 3*3 each; w, u, and 3 states
		text: `g (float[4,3] x, float[3] s) => (float[3] y) <float[3,3] w = {}, float[3,3] u = {}> {
			y, all = Scan <num_scan_inputs = 1, body = b (float[3] h, float[3] r) => (float[3] k, float[3] o) { p = MatMul (h, w) q = MatMul (r, u) k = Add (p, q) o = Identity (k) }> (s, x) }`,
		forward: "72", weights: "72", inputs: "27",
	},
	{
		name: "a branch captures what is around it", // the larger branch: h*v 2*3*4 = 24, its input and weight
		text: `g (bool c, float[2,3] x) => (float[2,4] y) <float[3,3] w = {}, float[3,4] v = {}, float[2,4] z = {}> {
			h = MatMul (x, w)
			y = If (c) <then_branch = t () => (float[2,4] a) { a = MatMul (h, v) }, else_branch = e () => (float[2,4] b) { b = Identity (z) }> }`,
		forward: "42", weights: "42", inputs: "24",
	},
}

func TestByHand(t *testing.T) {
	for _, c := range byHand {
		t.Run(c.name, func(t *testing.T) {
			r, w := count(t, c.text, training.Options{Freeze: c.freeze})
			for _, f := range []struct {
				name string
				got  graph.Dim
				want string
			}{{"forward", w.Forward, c.forward}, {"weights", w.Weights, c.weights}, {"inputs", w.Inputs, c.inputs}} {
				if f.got.String() != f.want {
					t.Errorf("%s: %s MACs, want %s", f.name, f.got, f.want)
				}
			}
			if !w.Complete() || r.Coverage.Status == counters.Incomplete {
				t.Errorf("incomplete: %v %v %v", w.Unruled, w.Unresolved, r.Coverage)
			}
		})
	}
}

// TestIncomplete names the nodes whose gradients are not counted, and still counts the others.
func TestIncomplete(t *testing.T) {
	_, w := count(t, `g (float[3,3] x) => (float y) <float[3,3] w = {}, float[3,3] v = {}> { h = MatMul (x, w) k = MatMul (h, v) y = Det (k) }`, training.Options{})
	if len(w.Unruled) != 1 || w.Unruled[0].Op != "Det" || w.Complete() {
		t.Errorf("%v, want Det", w.Unruled)
	}
	if got := w.Weights.String(); got != "54" { // what lies below is gone back to: its gradient is needed, whoever gives it
		t.Errorf("weights: %s MACs, want 54", got)
	}
	_, w = count(t, `g (float[3,3] x) => (float[3,3] y) <float[3,3] w = {}> { h = MatMul (x, w) y = local.Mystery (h) }`, training.Options{})
	if len(w.Unruled) != 1 || w.Unruled[0].Op != "Mystery" || w.Complete() {
		t.Errorf("%v, want Mystery", w.Unruled)
	}
}

// TestIdle says which weights no gradient reaches.
func TestIdle(t *testing.T) {
	_, w := count(t, `g (float[2,3] x) => (float[2,4] y) <float[3,4] w = {}, float[3,3] v = {}> { h = MatMul (x, v) r = Round (h) y = MatMul (r, w) }`, training.Options{})
	if w.Trained.Elements.String() != "12" || w.Idle.Elements.String() != "9" || len(w.Warnings) != 1 {
		t.Errorf("trained %v, idle %v, %v", w.Trained, w.Idle, w.Warnings)
	}
}

// TestOptimizers holds the state and traffic of the optimisers to their update rules: each reads
// weight, gradient and moments and writes weight and moments.
func TestOptimizers(t *testing.T) {
	for name, want := range map[string][2]string{"": {"0", "144"}, "sgd": {"0", "144"}, "momentum": {"48", "240"}, "adam": {"96", "336"}, "adamw": {"96", "336"}} {
		_, w := count(t, byHand[0].text, training.Options{Optimizer: name})
		if s := w.StateBytes(); s.Moments.String() != want[0] || s.Moved.String() != want[1] || s.Weights.String() != "48" || s.Gradients.String() != "48" {
			t.Errorf("%q: %v, want %v", name, s, want)
		}
	}
}

// TestPatterns matches names with stars and question marks.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{{"w", "w", true}, {"w", "ww", false}, {"*", "", true}, {"*", "a/b.c", true}, {"a*c", "abcbc", true}, {"a*c", "abcb", false},
		{"?", "w", true}, {"?", "", false}, {"layer?.*.bias", "layer1.0.bias", true}, {"layer?.*.bias", "layer10.bias", false},
		{"**b**", "abc", true}, {"a*b*c*d", "a1b2c3", false}, {"[x]", "[x]", true}, {"\xff*", "\xff1", true}} {
		p := counters.Parameter{Value: &graph.Value{Name: c.name}}
		if got := training.Matches(c.pattern, p); got != c.want {
			t.Errorf("%q against %q: %v", c.pattern, c.name, got)
		}
	}
}

// TestManyCalls counts functions that call functions twice each: as many calls as can be
// followed, and a remark when there are more.
func TestManyCalls(t *testing.T) {
	text := "g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {}> { y = local.f0 (x, w) }\n"
	const depth = 40
	for i := range depth {
		body := "h = MatMul (a, b) c = MatMul (h, b)"
		if i < depth-1 {
			body = fmt.Sprintf("h = local.f%d (a, b) c = local.f%d (h, b)", i+1, i+1)
		}
		text += fmt.Sprintf("<domain: \"local\", opset_import: [\"\": 23, \"local\": 1]> f%d (a, b) => (c) { %s }\n", i, body)
	}
	_, w := count(t, text, training.Options{})
	if w.Complete() {
		t.Errorf("2^%d calls are counted as %s MACs", depth, w.MACs())
	}
}

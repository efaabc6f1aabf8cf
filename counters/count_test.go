package counters_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

// model parses a graph body under opset 17.
func model(t *testing.T, body string) *graph.Model { return modelAt(t, 17, body) }

// modelAt parses a graph body under an opset.
func modelAt(t *testing.T, opset int, body string) *graph.Model {
	t.Helper()
	m, err := onnxtext.Parse(fmt.Appendf(nil, `<ir_version: 10, opset_import: ["" : %d]> %s`, opset, body), "test")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func count(t *testing.T, body string) *counters.Report { return countOpset(t, 17, body) }

func countOpset(t *testing.T, opset int, body string) *counters.Report {
	t.Helper()
	r, err := counters.Count(modelAt(t, opset, body), counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func want(t *testing.T, what string, got graph.Dim, wanted any) {
	t.Helper()
	if got.String() != fmt.Sprint(wanted) {
		t.Errorf("%s is %s, want %v", what, got, wanted)
	}
}

// Sums by hand: a convolution 3 -> 8 of 3x3 on 16x16 without padding gives 14x14;
// MACs 8*14*14*27 = 42336, bias 1568 flops, ReLU 1568 comparisons.
const convNet = `g (float[N,3,16,16] X) => (float[N,8,14,14] Y)
<float[8,3,3,3] W = ["location": "w.bin"], float[8] B = ["location": "w.bin"]>
{
  C = Conv (X, W, B)
  Y = Relu (C)
}`

func TestColumnsAndFormulas(t *testing.T) {
	r := count(t, convNet)
	want(t, "MACs", r.Totals.MACs(), "42336*N")
	want(t, "FLOPs", r.Totals.FLOPs(), "86240*N")
	want(t, "comparisons", r.Totals.Work.Cmp, "1568*N")
	want(t, "params", r.Totals.Params, 8*27+8)
	want(t, "param bytes", r.Totals.ParamBytes, 4*(8*27+8))
	want(t, "activations", r.Totals.Elements, "1568*N")
	// As written: the convolution reads X, ReLU reads C.
	want(t, "read", r.Totals.Read, fmt.Sprintf("%d*N", 4*(768+1568)))
	want(t, "written", r.Totals.Written, fmt.Sprintf("%d*N", 4*2*1568))
	// Fused: X in, Y out, one kernel.
	want(t, "fused", r.Totals.Fused, fmt.Sprintf("%d*N", 4*(768+1568)))
	want(t, "kernels", r.Totals.Kernels, 1)
	want(t, "launches", r.Totals.Launches, 2)
	if r.Coverage.Status != counters.Symbolic {
		t.Errorf("status %s", r.Coverage.Status)
	}
	if len(r.Free) != 1 || r.Free[0].Flag != "--dim N=N" {
		t.Errorf("free symbols %v", r.Free)
	}
}

func TestBoundReportIsExact(t *testing.T) {
	r, err := counters.Count(model(t, convNet), counters.Options{Options: ops.Options{Dims: map[string]int64{"N": 2}}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "MACs", r.Totals.MACs(), 84672)
	if r.Coverage.Status != counters.Exact {
		t.Errorf("status %s", r.Coverage.Status)
	}
}

func TestWeightsByIdentity(t *testing.T) {
	r := count(t, `g (float[1,4] X, float[1,3,2,2] I) => (float[1,4] Y, float[1,3,2,2] Z)
<float[4,4] W = ["location": "w"], float[3] s = ["location": "w"], float[3] b = ["location": "w"], float[3] m = ["location": "w"], float[3] v = ["location": "w"],
 int64[2] shape = {1, 4}, float[4] unused = ["location": "w"]>
{
  A = MatMul (X, W)
  Wt = Transpose <perm = [1, 0]> (W)
  B = MatMul (A, Wt)
  half = Constant <value = float {0.5}> ()
  H = Mul (B, half)
  Y = Reshape (H, shape)
  Z = BatchNormalization (I, s, b, m, v)
}`)
	want(t, "params: W once, scale and bias", r.Weights.Params.Elements, 16+6)
	want(t, "running statistics", r.Weights.Statistics.Elements, 6)
	want(t, "other constants: shape, scalar, unused", r.Weights.Index.Elements, 2+1+4)
}

// Alive at once: X (4*10), A (4*10) while Relu runs; then A and B; the view R is B.
func TestPeakIsLiveness(t *testing.T) {
	r := count(t, `g (float[10] X) => (float[2,5] Y)
<int64[2] shape = {2, 5}>
{
  A = Relu (X)
  B = Concat <axis = 0> (A, A)
  C = Slice (B, zero, ten)
  R = Reshape (C, shape)
  Y = Relu (R)
  zero = Constant <value = int64[1] {0}> ()
  ten = Constant <value = int64[1] {10}> ()
}`)
	want(t, "peak", r.Totals.Peak, 4*(20+10)) // B and C while Slice runs; A has died
}

func TestFusedLayerNormAndGelu(t *testing.T) {
	r := count(t, `g (float[2,8] X) => (float[2,8] Y)
<float[8] gamma = ["location": "w"], float[8] beta = ["location": "w"]>
{
  two = Constant <value = float {2.0}> ()
  eps = Constant <value = float {0.00001}> ()
  mean = ReduceMean <axes = [-1]> (X)
  d = Sub (X, mean)
  sq = Pow (d, two)
  var = ReduceMean <axes = [-1]> (sq)
  ve = Add (var, eps)
  sd = Sqrt (ve)
  n = Div (d, sd)
  g = Mul (n, gamma)
  h = Add (g, beta)
  e = Erf (h)
  Y = Mul (h, e)
}`)
	want(t, "kernels", r.Totals.Kernels, 1)
	want(t, "fused traffic: X read, Y written", r.Totals.Fused, 4*2*16)
}

// scaledAttention scales its scores after their product.
const scaledAttention = `g (float[1,4,6,8] Q, float[1,4,8,6] K, float[1,4,6,8] V) => (float[1,4,6,8] Y)
{
  s = MatMul (Q, K)
  scale = Constant <value = float {0.35}> ()
  t = Mul (s, scale)
  p = Softmax (t)
  Y = MatMul (p, V)
}`

func TestFusedAttention(t *testing.T) {
	r := count(t, scaledAttention)
	want(t, "kernels", r.Totals.Kernels, 1)
	want(t, "scores", r.Features.ScoreElements, 4*6*6)
	want(t, "fused traffic: Q, K, V, Y", r.Totals.Fused, 4*4*4*48)
	want(t, "MACs", r.Totals.MACs(), 2*4*6*6*8)
}

// An Attention node and the four nodes that it stands for write the same activations,
// and one kernel runs either.
func TestAttentionWritesItsScores(t *testing.T) {
	const head = `g (float[1,4,6,8] Q, float[1,4,6,8] K, float[1,4,6,8] V) => (float[1,4,6,8] Y)`
	node := countOpset(t, 24, head+` { Y = Attention (Q, K, V) }`)
	capped := countOpset(t, 24, head+` { Y = Attention <softcap = 2.0> (Q, K, V) }`)
	written := countOpset(t, 24, head+`
{
  T = Transpose <perm = [0,1,3,2]> (K)
  s = MatMul (Q, T)
  p = Softmax (s)
  Y = MatMul (p, V)
}`)
	for name, r := range map[string]*counters.Report{"node": node, "capped": capped, "written out": written} {
		want(t, name+": scores and result", r.Totals.Elements, 4*6*6+4*6*8)
		want(t, name+": eager kernels", r.Features.KernelsEager, 1)
		want(t, name+": scores that are written", r.Features.ScoreElements, 0)
	}
}

// What an eager framework runs of a block that was exported node by node.
func TestEagerKernels(t *testing.T) {
	r := count(t, `g (float[1,8,4] X) => (float[1,8,4] Y)
<float[4,16] W = ["location": "w"], float[16] B = ["location": "w"], float[16,4] W2 = ["location": "w"]>
{
  m = MatMul (X, W)
  b = Add (m, B)
  two = Constant <value = float {2.0}> ()
  d = Div (b, two)
  e = Erf (d)
  h = Mul (b, e)
  o = MatMul (h, W2)
  Y = Add (o, X)
}`)
	// The linear layer with its bias, a GELU of three nodes, a linear layer, the residual.
	want(t, "kernels", r.Features.KernelsEager, 4)
	want(t, "linear layers: X, b, h, o", r.Features.LinearTraffic, 8*4+8*16+8*16+8*4)
	want(t, "GELU: b, h; residual: o, X, Y", r.Features.OtherTraffic, 2*8*16+3*8*4)
	want(t, "mixed precision: X converted for a product, then read by the residual, whose sum is wide", r.Features.MixedTraffic, 3*8*4+8*4+8*4)
	want(t, "tiles: reductions 4 and 16 to 32, columns 16 and 4 to 64", r.Features.TileMACs, 8*32*64+8*32*64)
	want(t, "MACs", r.Features.DenseMACs, 2*8*4*16)
}

// Attention that scales its scores was written out by the model: they are moved by
// each node.
func TestWrittenAttention(t *testing.T) {
	r := count(t, scaledAttention)
	const scores, heads = 4 * 6 * 6, 4 * 6 * 8
	want(t, "kernels", r.Features.KernelsEager, 4)
	want(t, "scores", r.Features.ScoreElements, scores)
	want(t, "products", r.Features.LinearTraffic, 4*heads+2*scores)
	want(t, "scale and softmax", r.Features.OtherTraffic, 4*scores)
	// Q, K and V are converted; the softmax writes float32, which is converted again.
	want(t, "mixed precision", r.Features.MixedTraffic, 3*3*heads+(1+3)*scores)
}

// A function is one kernel whatever the rank and the width in which its scalars are kept,
// and a bias is no kernel beside its product.
func TestEagerKernelsOfExporters(t *testing.T) {
	const swish = `
  a = Add (X, three)
  r = Relu (a)
  s = Mul (r, sixth)
  Y = Mul (X, s)
}`
	for _, scalars := range []string{
		"<float three = {3}, float sixth = {0.166}> {",
		"{ three = Constant <value = float {3}> () sixth = Constant <value = float {0.166}> ()",
		"{ three = Constant <value = float[1] {3}> () sixth = Constant <value = float[1,1,1,1] {0.166}> ()",
	} {
		r := count(t, "g (float[1,8,4,4] X) => (float[1,8,4,4] Y) "+scalars+swish)
		want(t, "one function: "+scalars, r.Features.KernelsEager, 1)
		want(t, "reads and writes: "+scalars, r.Features.OtherTraffic, 2*8*16)
	}
	affine := count(t, `g (float[1,8,4,4] X) => (float[1,8,4,4] Y) <float[1] S = ["location": "s"]> { r = Relu (X) Y = Mul (r, S) }`)
	want(t, "activation, scale by a parameter", affine.Features.KernelsEager, 2)
	const scale = `g (%[1]s[1,8,4,4] X) => (%[1]s[1,8,4,4] Y)
<%[1]s[8,1,1] S = ["location": "s"]>
{
  r = Relu (X)
  Y = Mul (r, S)
}`
	for dtype, mixed := range map[string]int64{"float": 4 * 8 * 16, "float16": 0} {
		r := count(t, fmt.Sprintf(scale, dtype))
		want(t, dtype+": activation, scale", r.Features.KernelsEager, 2)
		want(t, dtype+": mixed precision", r.Features.MixedTraffic, mixed)
	}
	const bias = `g (float[1,3,4,4] X) => (float[1,8,4,4] Y)
<float[8,3,1,1] W = ["location": "w"], float[1,8,1,1] B = ["location": "b"]>
{
  c = Conv (X, W)
  Y = Add (c, B)
}`
	r := count(t, bias)
	want(t, "convolution with its bias", r.Features.KernelsEager, 1)
	want(t, "the image is converted", r.Features.MixedTraffic, 3*3*16)
}

// Operators of full width convert what they read, those of full result do not.
func TestFullWidth(t *testing.T) {
	for op, more := range map[string]int64{"Exp (c)": 4 + 1, "Softmax (c)": 1, "Tanh (c)": 0} {
		r := count(t, `g (float[1,3,4,4] X) => (float[1,8,4,4] Y)
<float[8,3,1,1] W = ["location": "w"]>
{
  c = Conv (X, W)
  Y = `+op+`
}`)
		want(t, op, r.Features.MixedTraffic, 3*3*16+more*8*16)
	}
	r := count(t, `g (int64[8] X) => (int64[8] Y)
{
  axis = Constant <value = int64 {0}> ()
  Y = CumSum (X, axis)
}`)
	want(t, "integers", r.Features.MixedTraffic, 0)
}

// A scale by a parameter is a kernel of its own, and widens what it scales; so does a
// normalisation, and both stay wide up to the next product.
func TestMixedPrecision(t *testing.T) {
	r := count(t, `g (float[1,3,4,4] X) => (float[1,8,4,4] Y)
<float[8,3,1,1] W = ["location": "w"], float[8,1,1] S = ["location": "s"], float[2] G = ["location": "g"], float[2] B = ["location": "b"],
 float[8,8,1,1] V = ["location": "v"]>
{
  c = Conv (X, W)
  s = Mul (c, S)
  h = Relu (s)
  groups = Constant <value_ints = [0, 2, -1]> ()
  g = Reshape (h, groups)
  i = InstanceNormalization (g, G, B)
  whole = Constant <value_ints = [1, 8, 4, 4]> ()
  n = Reshape (i, whole)
  Y = Conv (n, V)
}`)
	const x, c = 3 * 16, 8 * 16
	want(t, "kernels", r.Features.KernelsEager, 5)
	want(t, "convolutions", r.Features.ConvTraffic, x+3*c)
	want(t, "linear layers", r.Features.LinearTraffic, 0)
	want(t, "scale, activation, normalisation", r.Features.OtherTraffic, 6*c)
	// X converted; s written wide; h read and written wide; n too; n converted.
	want(t, "mixed precision", r.Features.MixedTraffic, 3*x+c+2*c+2*c+3*c)
}

func TestResidualReadsTwice(t *testing.T) {
	r := count(t, `g (float[1,4,6,6] X) => (float[1,4,6,6] Y)
<float[4,4,1,1] W = ["location": "w"]>
{
  C = Conv (X, W)
  A = Add (C, X)
  Y = Relu (A)
}`)
	want(t, "kernels", r.Totals.Kernels, 1)
	want(t, "fused: X once, Y", r.Totals.Fused, 4*2*144)
}

const loopNet = `g (float[1,4] X, int64 n) => (float[1,4] Y)
<float[4,4] W = ["location": "w"], bool yes = {1}>
{
  Y = Loop <body = b (int64 i, bool c, float[1,4] s) => (bool c2, float[1,4] s2) {
    c2 = Identity (c)
    s2 = MatMul (s, W)
  }> (n, yes, X)
}`

func TestLoopMultipliesWorkNotWeights(t *testing.T) {
	m := model(t, loopNet)
	m.Graph.Nodes[0].Name = "loop"
	r, err := counters.Count(m, counters.Options{Options: ops.Options{Trip: map[string]int64{"loop": 10}}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "MACs", r.Totals.MACs(), 160)
	want(t, "params", r.Totals.Params, 16)
}

func TestIfIsABound(t *testing.T) {
	r := count(t, `g (bool c, float[1,4] X) => (float[1,4] Y)
<float[4,4] W = ["location": "w"]>
{
  Y = If <then_branch = a () => (float[1,4] p) { p = MatMul (X, W) }, else_branch = b () => (float[1,4] q) { q = Relu (X) }> (c)
}`)
	if r.Coverage.Status != counters.Bound {
		t.Errorf("status %s", r.Coverage.Status)
	}
	if w := strings.Join(r.Warnings, "\n"); !strings.Contains(w, "then_branch is counted, then_branch has 16 MACs, else_branch has 0 MACs") {
		t.Errorf("warnings %q", w)
	}
	lo, hi := counters.Interval(r.Lower.MACs(), r.Totals.MACs())
	if lo.Sign() != 0 || hi.Cmp(big.NewInt(16)) != 0 {
		t.Errorf("bounds [%s, %s], want [0, 16]", lo, hi)
	}
}

// calls makes n functions, each of which calls the next one; the last is a ReLU.
func calls(t *testing.T, n int) *graph.Model {
	t.Helper()
	var b strings.Builder
	b.WriteString("<ir_version: 10, opset_import: [\"\" : 17, \"f\" : 1]>\ng (float[4] X) => (float[4] Y) { Y = f.f1 (X) }\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "<domain: \"f\", opset_import: [\"f\" : 1]> f%d (x) => (y) { y = f.f%d (x) }\n", i, i+1)
	}
	fmt.Fprintf(&b, "<domain: \"f\", opset_import: [\"\" : 17]> f%d (x) => (y) { y = Relu (x) }", n)
	m, err := onnxtext.Parse([]byte(b.String()), "calls")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCallDepth(t *testing.T) {
	if _, err := counters.Count(calls(t, graph.MaxCallDepth), counters.Options{}); err != nil {
		t.Error(err)
	}
	_, err := counters.Count(calls(t, graph.MaxCallDepth+1), counters.Options{})
	if err == nil || !strings.Contains(err.Error(), "nested more than 100 deep") {
		t.Errorf("error %v", err)
	}
}

// Fifty functions that each call the next one twice: 2^50 calls of a MatMul of 16 MACs.
func TestFunctionsAreCountedOnceEach(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<ir_version: 10, opset_import: ["" : 17, "f" : 1]>
g (float[1,4] X) => (float[1,4] Y) { Y = f.f0 (X) }
`)
	for i := range 50 {
		fmt.Fprintf(&b, "<domain: \"f\", opset_import: [\"\" : 17, \"f\" : 1]> f%d (x) => (y) { t = f.f%d (x) y = f.f%d (t) }\n", i, i+1, i+1)
	}
	b.WriteString(`<domain: "f", opset_import: ["" : 17]> f50 (x) => (y) { w = ConstantOfShape (s) y = MatMul (x, w) s = Constant <value_ints = [4, 4]> () }`)
	m, err := onnxtext.Parse([]byte(b.String()), "laughs")
	if err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{NoNodes: true})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "MACs", r.Totals.MACs(), new(big.Int).Lsh(big.NewInt(16), 50))
	want(t, "params", r.Totals.Params, 16)
}

func TestUnknownOperatorIsNeverASilentZero(t *testing.T) {
	r := count(t, `g (float[1,4] X) => (float[1,4] Y) { T = Frobnicate (X) Y = Relu (T) }`)
	if r.Coverage.Status != counters.Incomplete || len(r.Coverage.Uncounted) != 1 {
		t.Errorf("coverage %+v", r.Coverage)
	}
}

func TestDeadNodesAreSaid(t *testing.T) {
	r := count(t, `g (float[1,4] X) => (float[1,4] Y)
<float[4,4] W = ["location": "w"]>
{ dead = MatMul (X, W) Y = Relu (X) }`)
	want(t, "MACs", r.Totals.MACs(), 16)
	if !strings.Contains(strings.Join(r.Warnings, "\n"), "dead") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

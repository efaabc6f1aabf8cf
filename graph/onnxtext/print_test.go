package onnxtext

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

func printed(t *testing.T, m *graph.Model) string {
	t.Helper()
	var b bytes.Buffer
	if err := Print(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// everythingPrinted is the model of everything as Print writes it.
const everythingPrinted = `<
  ir_version: 9,
  opset_import: ["": 17, "ai.onnx.ml": 3, "local": 1],
  producer_name: "a \"quoted\" \\ name",
  producer_version: "1.0",
  domain: "org.example",
  model_version: 7,
  metadata_props: ["author": "me", "empty": ""]
>
"main graph" (float[N,3] x, y, float[2] b) => (float[N,?,"two words"] z, q)
<
  float[2] b = {1.0, -0.25},
  int64[2] axes = {0, -1},
  float16[64,3] w = ["location": "w.bin", "offset": "4096"],
  float[] hint
>
{
  ["/layer 1/MatMul"] h = MatMul (x, w)
  t, "", "s t" = local.Split:fast <axis = 1, mode = "keep"> (h, "", axes)
  z = If <then_branch = yes () => (float[N,3] a)
      {
        a = Identity (t)
      }, else_branch = no () => (c)
      <
        float[N,3] c
      >
      {
        c = Identity (h)
      }> (y)
  [last] q = ai.onnx.ml.Scaler <offset = [1.5, 2.0], scale = [3.0]> (h)
}
<
  domain: "local",
  overload: "fast",
  opset_import: ["": 17]
>
Split <axis, "odd name", mode = "drop"> (a, b, c) => (d, e, f)
<
  float[N] a,
  float f,
  int64 g
>
{
  g = Constant <value = int64 {4}> ()
  d = Relu (a)
  e = Op <k : int = @axis, m = @mode, l = @"odd name"> (b, c)
  f = Neg (g)
}
`

func TestPrint(t *testing.T) {
	m := everythingModel()
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	got := printed(t, m)
	if got != everythingPrinted {
		t.Errorf("got\n%s", got)
	}
	back, err := Parse([]byte(got), "")
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(m, back); d != "" {
		t.Error(d)
	}
	if l := Losses(m); l != nil {
		t.Errorf("losses %q", l)
	}
}

// Each text is what Print writes for the model that Parse reads from it.
func TestPrintAsParsed(t *testing.T) {
	for _, decl := range []string{
		"int8[2] w = {-128, 127}", "uint8 w = {255}", "bool[2] w = {0, 1}", "uint64 w = {18446744073709551615}",
		"int64 w = {-9223372036854775808}", "float16[2] w = {15360, 49152}", "bfloat16 w = {32768}", "float8e8m0 w = {255}",
		"int4[3] w = {225, 8}", "uint2[5] w = {228, 2}", "float4e2m1[3] w = {33, 7}", "float6e3m2 w = {63}",
		"float[5] w = {1.0, -0.0, 1e+10, 1e-45, 3.4028235e+38}", "float[3] w = {nan, inf, -inf}", "double w = {0.1}",
		"complex64 w = {1.0, -2.0}", "complex128[1] w = {0.1, nan}", `string[2] w = {"a\\\"", ""}`,
		"float[2,0] w = {}", "float[2] w = {}", `float w = ["location": "f"]`, `float "float" = {1.0}`,
	} {
		checkFixedPoint(t, "g () => ()\n<\n  "+decl+"\n>\n{\n}")
	}
	for _, decl := range []string{
		"x", "float x", "float[] x", `float[2,N,?,"a b","float"] x`, "seq(float) x", "optional(seq(int64[])) x",
		"map(int64, string[2]) x", "sparse_tensor(float[2]) x", "sparse_tensor(float[]) x", "sparse_tensor(float) x",
		"opaque() x", "opaque(a.b) x", "opaque(a.b, c) x", `"seq"`, `float "x y"`,
	} {
		checkFixedPoint(t, "g ("+decl+") => ()\n{\n}")
	}
	for _, attr := range []string{
		"= 1", "= 1.0", `= "s"`, "= [1, 2]", "= [1.0, 2.0]", `= ["a", "b"]`, ": ints = []", ": floats = []", ": strings = []",
		": tensors = []", ": graphs = []", ": type_protos = []", ": sparse_tensors = []", "= float {1.0}", "= float n {1.0}",
		`= float = ["location": "f"]`, `= float n = ["location": "f"]`, "= seq(float)", ": tensors = [int8 {1}, float n {}]",
		": type_protos = [float, int64[]]",
	} {
		checkFixedPoint(t, "g (x) => ()\n{\n  y = Op <a "+attr+"> (x)\n}")
	}
}

func checkFixedPoint(t *testing.T, text string) {
	t.Helper()
	m, err := ParseGraph([]byte(text), "", 17)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	_, got, _ := strings.Cut(printed(t, m), "\n>\n")
	if got != text+"\n" {
		t.Errorf("got\n%swant\n%s", got, text)
	}
}

// What is lost is counted and said at the top of the text.
func TestLosses(t *testing.T) {
	meta := []graph.Pair{{Key: "namespace", Value: "a"}}
	image := tensorType(graph.Float32, 1)
	image.Denotation = "IMAGE"
	body := &graph.Graph{Name: "torch-jit-export", Metadata: meta}
	m := &graph.Model{
		IRVersion: 9, Opsets: map[string]int64{"": 17},
		Graph: &graph.Graph{
			Name: "g", Metadata: meta,
			InputInfo: []graph.ValueInfo{
				{Name: "x", Type: image, Metadata: meta},
				{Name: "y", Type: &graph.TypeDef{Kind: graph.KindTensor}},
				{Name: "z", Type: &graph.TypeDef{Kind: graph.KindOpaque, Opaque: "a-b"}},
				{Name: "u", Type: &graph.TypeDef{}},
			},
			Initializers: []*graph.Tensor{{Name: "w", DType: graph.Float32, Metadata: meta}},
			Quantization: []graph.QuantAnnotation{{Tensor: "x"}, {Tensor: "y"}},
			Nodes: []*graph.Node{{
				Op: "Op", OutputNames: []string{"o"}, Metadata: meta,
				Attrs: graph.Attrs{
					{Name: "a", Type: graph.AttrTensor, Tensor: &graph.Tensor{Name: "n m", DType: graph.Float32, Metadata: meta}},
					{Name: "b", Type: graph.AttrGraph, Graph: body},
					{Name: "c", Type: graph.AttrTypeProto, TypeDef: &graph.TypeDef{Kind: graph.KindSequence, Elem: image}},
				},
			}},
		},
		Functions: []*graph.Function{{FuncKey: graph.FuncKey{Name: "f"}, Metadata: meta, Body: &graph.Graph{Name: "f"}}},
	}
	want := []string{
		"metadata of nodes: 1", "metadata of values: 1", "metadata of tensors: 2", "metadata of graphs: 2",
		"metadata of functions: 1", "quantization annotations: 2", "denotations of types: 2",
		"declared types without an element type or with an odd name: 3",
		"names of subgraphs that are no identifiers: 1", "names of tensors in attributes that are no identifiers: 1",
	}
	if got := Losses(m); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	text := printed(t, m)
	top := "# not in this text: " + strings.Join(want, "\n# not in this text: ") + "\n<\n"
	if !strings.HasPrefix(text, top) {
		t.Errorf("got\n%s", text)
	}
	back, err := Parse([]byte(text), "")
	if err != nil {
		t.Fatal(err)
	}
	strip(m)
	if d := diff(m, back); d != "" {
		t.Error(d)
	}
}

// Names of subgraphs that onnx.parser takes for a type, a number or a string.
func TestIsGraphName(t *testing.T) {
	for name, want := range map[string]bool{
		"body": true, "_b1": true, "information": true, "infx": true, "inf1": false, "inf_b": false, "NaN": false,
		"Infinity_": false, "float": false, "seq": false, "": false, "a b": false, "1a": false, "float32": true,
	} {
		if got := isGraphName(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

// What cannot be written and would change what the model computes is an error.
func TestPrintErrors(t *testing.T) {
	node := func(change func(*graph.Node)) *graph.Graph {
		n := &graph.Node{Name: "n", Op: "Op", OutputNames: []string{"y"}}
		change(n)
		return &graph.Graph{Name: "g", Nodes: []*graph.Node{n}}
	}
	attr := func(a graph.Attr) *graph.Graph {
		a.Name = "a"
		return node(func(n *graph.Node) { n.Attrs = graph.Attrs{a} })
	}
	tensor := func(c graph.Tensor) *graph.Graph {
		c.Name = "w"
		return &graph.Graph{Name: "g", Initializers: []*graph.Tensor{&c}}
	}
	sparse := &graph.SparseTensor{Values: &graph.Tensor{Name: "s"}}
	const cannot = " (the textual syntax cannot express it)"
	for want, g := range map[string]*graph.Graph{
		`f: initializer "s" is sparse` + cannot:                                                      {Name: "g", Sparse: []*graph.SparseTensor{sparse}},
		`f: node "n" (aten::add): the name "aten::add" of an operator is not an identifier` + cannot: node(func(n *graph.Node) { n.Op = "aten::add" }),
		`f: node "n" (Op): a domain "a-b" is not made of identifiers and dots` + cannot:              node(func(n *graph.Node) { n.Domain = "a-b" }),
		`f: node "n" (Op): the name "1" of an overload is not an identifier` + cannot:                node(func(n *graph.Node) { n.Overload = "1" }),
		`f: node "n" (Op): the name "a b" of an attribute is not an identifier` + cannot:             node(func(n *graph.Node) { n.Attrs = graph.Attrs{{Name: "a b", Type: graph.AttrInt}} }),
		`f: node "n" (Op): attribute "a" has type sparse_tensor` + cannot:                            attr(graph.Attr{Type: graph.AttrSparse, Sparse: sparse}),
		`f: node "n" (Op): attribute "a" has type sparse_tensors` + cannot:                           attr(graph.Attr{Type: graph.AttrSparses, Lists: &graph.AttrLists{Sparses: []*graph.SparseTensor{sparse}}}),
		`f: node "n" (Op): attribute "a" has type undefined` + cannot:                                attr(graph.Attr{}),
		`f: node "n" (Op): attribute "a" has type tensor` + cannot:                                   attr(graph.Attr{Type: graph.AttrTensor}),
		`f: node "n" (Op): a type of kind "tensor" has no element type or no name` + cannot:          attr(graph.Attr{Type: graph.AttrTypeProto, TypeDef: &graph.TypeDef{Kind: graph.KindTensor}}),
		`f: tensor "w" has element type undefined` + cannot:                                          tensor(graph.Tensor{}),
		`f: tensor "w" has element type dtype(99)` + cannot:                                          tensor(graph.Tensor{DType: 99}),
		`f: tensor "w" has elements that cannot be read` + cannot:                                    tensor(graph.Tensor{DType: graph.Int8, Storage: graph.StorageInline}),
		`f: tensor "w" has external data without a location` + cannot:                                tensor(graph.Tensor{DType: graph.Int8, Storage: graph.StorageExternal}),
		`f: the elements of tensor "w" cannot be read: elements are int8, not strings`: tensor(graph.Tensor{
			DType: graph.String, Storage: graph.StorageInline, Payload: &graph.Words{DType: graph.Int8},
		}),
	} {
		err := Print(&bytes.Buffer{}, &graph.Model{Path: "f", Graph: g})
		checkError(t, "print", err, want)
	}
	for want, f := range map[string]*graph.Function{
		`f: function "h" has the initializer "w"` + cannot:        {Body: tensor(graph.Tensor{DType: graph.Int8})},
		`f: function "h" has the sparse initializer "s"` + cannot: {Body: &graph.Graph{Sparse: []*graph.SparseTensor{sparse}}},
	} {
		f.Name = "h"
		err := Print(&bytes.Buffer{}, &graph.Model{Path: "f", Graph: &graph.Graph{}, Functions: []*graph.Function{f}})
		checkError(t, "print", err, want)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestPrintReportsWriteErrors(t *testing.T) {
	if err := Print(brokenWriter{}, &graph.Model{Graph: &graph.Graph{}}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

// Payloads that give numbers only are written like those that give bit patterns.
func TestPrintPlainPayloads(t *testing.T) {
	for want, c := range map[string]*graph.Tensor{
		"int8[2] w = {-1, 127}": constant("w", graph.Int8, []int64{2}, &graph.MemPayload{I: []int64{-1, 127}}),
		"int4[2] w = {225}":     constant("w", graph.Int4, []int64{2}, &graph.MemPayload{I: []int64{1, -2}}),
		"float w = {-0.5}":      constant("w", graph.Float32, nil, &graph.MemPayload{F: []float64{-0.5}}),
		"double[1] w = {nan}":   constant("w", graph.Float64, []int64{1}, &graph.MemPayload{F: []float64{math.NaN()}}),
		`string[1] w = {"a\\"}`: constant("w", graph.String, []int64{1}, &graph.MemPayload{S: []string{`a\`}}),
	} {
		got := printed(t, &graph.Model{Graph: &graph.Graph{Name: "g", Initializers: []*graph.Tensor{c}}})
		if !strings.Contains(got, "  "+want+"\n") {
			t.Errorf("want %s in\n%s", want, got)
		}
	}
}

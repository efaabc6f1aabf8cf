package onnxtext

import (
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// mustParse parses a graph with functions of opset 17.
func mustParse(t *testing.T, text string) *graph.Model {
	t.Helper()
	m, err := ParseGraph([]byte(text), "", 17)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

// tensorType makes the type of a tensor; dims are numbers, names or nil for an
// unknown one. No dims at all is a scalar.
func tensorType(d graph.DType, dims ...any) *graph.TypeDef {
	t := &graph.TypeDef{Kind: graph.KindTensor, DType: d, HasShape: true}
	for _, dim := range dims {
		switch dim := dim.(type) {
		case int:
			t.Dims = append(t.Dims, graph.DimDef{Value: int64(dim), Known: true})
		case string:
			t.Dims = append(t.Dims, graph.DimDef{Param: dim})
		default:
			t.Dims = append(t.Dims, graph.DimDef{})
		}
	}
	return t
}

const everything = `# A model that uses every part of the syntax.
<
  ir_version: 9,
  opset_import: ["": 17, "ai.onnx.ml": 3, "local": 1],
  producer_name: "a \"quoted\" \\ name", producer_version: "1.0",
  domain: "org.example", model_version: 7,
  doc_string: "dropped # no comment",
  metadata_props: ["author": "me", "empty": ""]
>
"main graph" (float[N,3] x, y, float[2] b = {1.0, -2.5e-1}) => (float[N,?,"two words"] z, q)
<
  int64[2] axes = {0, -1},
  float[] hint,
  float16[64,3] w = ["location": "w.bin", "offset": "4096"]
>
{
  ["/layer 1/MatMul"] h = MatMul (x, w)  # a comment
  t, , "s t" = local.Split:fast <axis = 1, mode = "keep"> (h, "", axes)
  z = If (y) <
    then_branch = yes () => (float[N,3] a) { a = Identity (t) },
    else_branch = no () => (c) <float[N,3] c> { c = Identity (h) }
  >
  [last] q = ai.onnx.ml.Scaler <offset = [1.5, 2.0], scale = [3.0]> (h)
}
<domain: "local", opset_import: ["": 17], overload: "fast", doc_string: "also dropped">
Split <axis, mode: string = "drop", "odd name"> (float[N] a, b, c) => (d, e, float f)
<int64 g>
{
  g = Constant <value : tensor = int64 {4}> ()
  d = Relu (a)
  e = Op <k : int = @axis, m = @mode, l = @"odd name"> (b, c)
  f = Neg (g)
}
`

func constant(name string, d graph.DType, dims []int64, p graph.Payload) *graph.Tensor {
	return &graph.Tensor{Name: name, DType: d, Dims: dims, Storage: graph.StorageInline, Payload: p}
}

func everythingModel() *graph.Model {
	yes := &graph.Graph{
		Name:       "yes",
		Nodes:      []*graph.Node{{Op: "Identity", InputNames: []string{"t"}, OutputNames: []string{"a"}}},
		OutputInfo: []graph.ValueInfo{{Name: "a", Type: tensorType(graph.Float32, "N", 3)}},
	}
	no := &graph.Graph{
		Name:       "no",
		Nodes:      []*graph.Node{{Op: "Identity", InputNames: []string{"h"}, OutputNames: []string{"c"}}},
		OutputInfo: []graph.ValueInfo{{Name: "c"}},
		ValueInfo:  []graph.ValueInfo{{Name: "c", Type: tensorType(graph.Float32, "N", 3)}},
	}
	main := &graph.Graph{
		Name: "main graph",
		InputInfo: []graph.ValueInfo{
			{Name: "x", Type: tensorType(graph.Float32, "N", 3)},
			{Name: "y"},
			{Name: "b", Type: tensorType(graph.Float32, 2)},
		},
		OutputInfo: []graph.ValueInfo{
			{Name: "z", Type: tensorType(graph.Float32, "N", nil, "two words")},
			{Name: "q"},
		},
		ValueInfo: []graph.ValueInfo{{Name: "hint", Type: &graph.TypeDef{Kind: graph.KindTensor, DType: graph.Float32}}},
		Initializers: []*graph.Tensor{
			constant("b", graph.Float32, []int64{2}, &graph.MemPayload{F: []float64{1, -0.25}}),
			constant("axes", graph.Int64, []int64{2}, &graph.MemPayload{I: []int64{0, -1}}),
			{
				Name: "w", DType: graph.Float16, Dims: []int64{64, 3}, Storage: graph.StorageExternal,
				External: []graph.Pair{{Key: "location", Value: "w.bin"}, {Key: "offset", Value: "4096"}},
			},
		},
		Nodes: []*graph.Node{
			{Name: "/layer 1/MatMul", Op: "MatMul", InputNames: []string{"x", "w"}, OutputNames: []string{"h"}},
			{
				Domain: "local", Op: "Split", Overload: "fast", Index: 1,
				InputNames: []string{"h", "", "axes"}, OutputNames: []string{"t", "", "s t"},
				Attrs: graph.Attrs{
					{Name: "axis", Type: graph.AttrInt, Int: 1},
					{Name: "mode", Type: graph.AttrString, Str: "keep"},
				},
			},
			{
				Op: "If", Index: 2, InputNames: []string{"y"}, OutputNames: []string{"z"},
				Attrs: graph.Attrs{
					{Name: "then_branch", Type: graph.AttrGraph, Graph: yes},
					{Name: "else_branch", Type: graph.AttrGraph, Graph: no},
				},
			},
			{
				Name: "last", Domain: "ai.onnx.ml", Op: "Scaler", Index: 3, InputNames: []string{"h"}, OutputNames: []string{"q"},
				Attrs: graph.Attrs{
					{Name: "offset", Type: graph.AttrFloats, Floats: []float32{1.5, 2}},
					{Name: "scale", Type: graph.AttrFloats, Floats: []float32{3}},
				},
			},
		},
	}
	return &graph.Model{
		IRVersion:       9,
		Opsets:          map[string]int64{"": 17, "ai.onnx.ml": 3, "local": 1},
		Producer:        `a "quoted" \ name`,
		ProducerVersion: "1.0",
		Domain:          "org.example",
		ModelVersion:    7,
		Metadata:        []graph.Pair{{Key: "author", Value: "me"}, {Key: "empty"}},
		Graph:           main,
		Functions:       []*graph.Function{splitFunction()},
	}
}

func splitFunction() *graph.Function {
	return &graph.Function{
		FuncKey:  graph.FuncKey{Domain: "local", Name: "Split", Overload: "fast"},
		Opsets:   map[string]int64{"": 17},
		Attrs:    []string{"axis", "odd name"},
		Defaults: graph.Attrs{{Name: "mode", Type: graph.AttrString, Str: "drop"}},
		Body: &graph.Graph{
			Name:       "Split",
			InputInfo:  []graph.ValueInfo{{Name: "a"}, {Name: "b"}, {Name: "c"}},
			OutputInfo: []graph.ValueInfo{{Name: "d"}, {Name: "e"}, {Name: "f"}},
			ValueInfo: []graph.ValueInfo{
				{Name: "a", Type: tensorType(graph.Float32, "N")},
				{Name: "f", Type: tensorType(graph.Float32)},
				{Name: "g", Type: tensorType(graph.Int64)},
			},
			Nodes: []*graph.Node{
				{Op: "Constant", OutputNames: []string{"g"}, Attrs: graph.Attrs{{
					Name: "value", Type: graph.AttrTensor,
					Tensor: constant("", graph.Int64, nil, &graph.MemPayload{I: []int64{4}}),
				}}},
				{Op: "Relu", Index: 1, InputNames: []string{"a"}, OutputNames: []string{"d"}},
				{
					Op: "Op", Index: 2, InputNames: []string{"b", "c"}, OutputNames: []string{"e"},
					Attrs: graph.Attrs{
						{Name: "k", Type: graph.AttrInt, Ref: "axis"},
						{Name: "m", Ref: "mode"},
						{Name: "l", Ref: "odd name"},
					},
				},
				{Op: "Neg", Index: 3, InputNames: []string{"g"}, OutputNames: []string{"f"}},
			},
		},
	}
}

func TestParse(t *testing.T) {
	got, err := Parse([]byte(everything), "m.onnxtxt")
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(everythingModel(), got); d != "" {
		t.Error(d)
	}
	if got.Path != "m.onnxtxt" || got.StructureBytes != int64(len(everything)) {
		t.Errorf("path %q, %d bytes", got.Path, got.StructureBytes)
	}
	if v := got.Graph.Nodes[0].Inputs[1]; v.Init == nil || v.Init.Name != "w" {
		t.Error("the model is not linked")
	}
}

func TestParseTypes(t *testing.T) {
	float2 := tensorType(graph.Float32, 2)
	for text, want := range map[string]*graph.TypeDef{
		"float":                  tensorType(graph.Float32),
		"double[1]":              tensorType(graph.Float64, 1),
		"float[]":                {Kind: graph.KindTensor, DType: graph.Float32},
		`bool[ N , "a b",?,007]`: tensorType(graph.Bool, "N", "a b", nil, 7),
		"float[-1,3]":            tensorType(graph.Float32, nil, 3),
		"seq(float[2])":          {Kind: graph.KindSequence, Elem: float2},
		"optional(seq(float[2]))": {
			Kind: graph.KindOptional, Elem: &graph.TypeDef{Kind: graph.KindSequence, Elem: float2},
		},
		"map(string, float[2])":       {Kind: graph.KindMap, DType: graph.String, Elem: float2},
		"sparse_tensor(float[4,5])":   {Kind: graph.KindSparse, DType: graph.Float32, HasShape: true, Dims: tensorType(graph.Float32, 4, 5).Dims},
		"sparse_tensor(float[])":      {Kind: graph.KindSparse, DType: graph.Float32},
		"opaque()":                    {Kind: graph.KindOpaque},
		"opaque(test.rng.RNG)":        {Kind: graph.KindOpaque, Opaque: "test.rng.RNG"},
		"opaque(ai.onnx . ml, Thing)": {Kind: graph.KindOpaque, Opaque: "ai.onnx.ml/Thing"},
	} {
		m := mustParse(t, "g ("+text+" x) => () {}")
		if d := diff(want, m.Graph.InputInfo[0].Type); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
	m := mustParse(t, "g (float[-1] x) => () {}")
	if want := `value "x": dim 0 is -1, taken as unknown`; !slices.Equal(m.Warnings, []string{want}) {
		t.Errorf("warnings %q, want %q", m.Warnings, want)
	}
}

// Every element type of TensorProto has its name there, in lower case.
func TestParseElementTypes(t *testing.T) {
	names := strings.Fields("float uint8 int8 uint16 int16 int32 int64 string bool float16 double uint32 uint64 " +
		"complex64 complex128 bfloat16 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz uint4 int4 float4e2m1 " +
		"float8e8m0 uint2 int2 float6e2m3 float6e3m2")
	for i, name := range names {
		m := mustParse(t, "g ("+name+"[3] x) => () {}")
		if got := m.Graph.InputInfo[0].Type; got == nil || got.DType != graph.DType(i+1) {
			t.Errorf("%s: got %+v, want element type %d", name, got, i+1)
		}
	}
	// The names of reports are names of values here.
	m := mustParse(t, "g (float32, tensor) => (undefined) {undefined = Op()}")
	if in := m.Graph.InputInfo; in[0].Name != "float32" || in[0].Type != nil || in[1].Name != "tensor" {
		t.Errorf("got %+v", in)
	}
}

func TestParseAttributes(t *testing.T) {
	words := func(w ...uint64) graph.Payload { return &graph.Words{W: w} }
	one := constant("", graph.Float32, []int64{1}, words(0x3F800000))
	for text, want := range map[string]graph.Attr{
		"5":                        {Type: graph.AttrInt, Int: 5},
		"-9223372036854775808":     {Type: graph.AttrInt, Int: -1 << 63},
		"1.":                       {Type: graph.AttrFloat, Float: 1},
		"1e3":                      {Type: graph.AttrFloat, Float: 1000},
		"-2.5E-1":                  {Type: graph.AttrFloat, Float: -0.25},
		"1e-60":                    {Type: graph.AttrFloat},
		`"a\"b\\c\n"`:              {Type: graph.AttrString, Str: `a"b\cn`},
		"\"two\nlines # not\xff\"": {Type: graph.AttrString, Str: "two\nlines # not\xff"},
		"[1, -2]":                  {Type: graph.AttrInts, Ints: []int64{1, -2}},
		"[1.5, 2]":                 {Type: graph.AttrFloats, Floats: []float32{1.5, 2}},
		`["a", ""]`:                {Type: graph.AttrStrings, Strs: []string{"a", ""}},
		"float[1] {1.0}":           {Type: graph.AttrTensor, Tensor: one},
		"float[1] = {1}":           {Type: graph.AttrTensor, Tensor: one},
		"float[1] n {1.0}":         {Type: graph.AttrTensor, Tensor: constant("n", graph.Float32, []int64{1}, words(0x3F800000))},
		`float[1] "n m" = {1.0}`:   {Type: graph.AttrTensor, Tensor: constant("n m", graph.Float32, []int64{1}, words(0x3F800000))},
		`float[1]["location": "f"]`: {Type: graph.AttrTensor, Tensor: &graph.Tensor{
			DType: graph.Float32, Dims: []int64{1}, Storage: graph.StorageExternal, External: []graph.Pair{{Key: "location", Value: "f"}},
		}},
		"[float[1] {1.0}, float[1] {1.0}]": {Type: graph.AttrTensors, Lists: &graph.AttrLists{Tensors: []*graph.Tensor{one, one}}},
		"seq(float[])":                     {Type: graph.AttrTypeProto, TypeDef: &graph.TypeDef{Kind: graph.KindSequence, Elem: &graph.TypeDef{Kind: graph.KindTensor, DType: graph.Float32}}},
		"[float[2], int64]":                {Type: graph.AttrTypeProtos, Lists: &graph.AttrLists{Types: []*graph.TypeDef{tensorType(graph.Float32, 2), tensorType(graph.Int64)}}},
		"b () => () {}":                    {Type: graph.AttrGraph, Graph: &graph.Graph{Name: "b"}},
		`"b c" () => () {}`:                {Type: graph.AttrGraph, Graph: &graph.Graph{Name: "b c"}},
		"inf_b => () {}":                   {Type: graph.AttrGraph, Graph: &graph.Graph{Name: "inf_b"}},
		"[b () => () {}, c () => () {}]":   {Type: graph.AttrGraphs, Lists: &graph.AttrLists{Graphs: []*graph.Graph{{Name: "b"}, {Name: "c"}}}},
	} {
		checkAttr(t, "="+text, want)
	}
	for text, want := range map[string]graph.Attr{
		" : float = 7":            {Type: graph.AttrFloat, Float: 7},
		":ints=[]":                {Type: graph.AttrInts},
		": floats = [1, 2]":       {Type: graph.AttrFloats, Floats: []float32{1, 2}},
		": tensors = []":          {Type: graph.AttrTensors},
		": sparse_tensors = []":   {Type: graph.AttrSparses},
		": type_proto = float":    {Type: graph.AttrTypeProto, TypeDef: tensorType(graph.Float32)},
		": type_protos = []":      {Type: graph.AttrTypeProtos},
		": string = \"s\"":        {Type: graph.AttrString, Str: "s"},
		" : tensor = uint8 {255}": {Type: graph.AttrTensor, Tensor: constant("", graph.Uint8, nil, words(255))},
	} {
		checkAttr(t, text, want)
	}
}

// checkAttr parses an attribute from what follows its name, before and after the
// inputs of a node.
func checkAttr(t *testing.T, text string, want graph.Attr) {
	t.Helper()
	want.Name = "a"
	for _, node := range []string{"y = Op <a" + text + "> (x)", "y = Op (x) <a" + text + ">"} {
		m := mustParse(t, "g (x) => (y) {"+node+"}")
		got := m.Graph.Nodes[0].Attrs
		if d := diff(graph.Attrs{want}, got); d != "" {
			t.Errorf("%s: %s", node, d)
		}
	}
}

func TestParseSpecialFloats(t *testing.T) {
	m := mustParse(t, "g (x) => (y) {y = Op <a = inf, b = -Infinity, c = NaN, d = -nan, e : float = -0, f = [inf, -inf]> (x)}")
	var got []string
	for _, a := range m.Graph.Nodes[0].Attrs {
		if a.Type == graph.AttrFloat {
			a.Floats = []float32{a.Float}
		}
		for _, f := range a.Floats {
			got = append(got, floatText(float64(f), 32))
		}
	}
	if want := []string{"inf", "-inf", "nan", "-nan", "-0.0", "inf", "-inf"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestParseNodes(t *testing.T) {
	for text, want := range map[string]graph.Node{
		"y = Op (x)":                  {Op: "Op", InputNames: []string{"x"}, OutputNames: []string{"y"}},
		"y=Op(x,)":                    {Op: "Op", InputNames: []string{"x"}, OutputNames: []string{"y"}},
		"[n] y = Op (,x)":             {Name: "n", Op: "Op", InputNames: []string{"", "x"}, OutputNames: []string{"y"}},
		`["n m"] y = Op (x,,"")`:      {Name: "n m", Op: "Op", InputNames: []string{"x", "", ""}, OutputNames: []string{"y"}},
		`[] y, "" = Op ()`:            {Op: "Op", OutputNames: []string{"y", ""}},
		",y = Op (,)":                 {Op: "Op", InputNames: []string{""}, OutputNames: []string{"", "y"}},
		"y = ai.onnx.Op ()":           {Op: "Op", OutputNames: []string{"y"}},
		"y = a . b.Op : v (x)":        {Domain: "a.b", Op: "Op", Overload: "v", InputNames: []string{"x"}, OutputNames: []string{"y"}},
		"y = float (x)":               {Op: "float", InputNames: []string{"x"}, OutputNames: []string{"y"}},
		"y#c = (\n=#d\nOp\v(\f\r\tx)": {Op: "Op", InputNames: []string{"x"}, OutputNames: []string{"y"}},
	} {
		m := mustParse(t, "g (x) => () {"+text+"}")
		if d := diff(&want, m.Graph.Nodes[0]); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
	m := mustParse(t, "g (x) => () { = Op (x)}")
	if n := m.Graph.Nodes[0]; len(n.OutputNames) != 0 || n.Op != "Op" {
		t.Errorf("a node without outputs: %+v", n)
	}
}

// Nodes may stand in any order; the file's order is kept in Index.
func TestParseOrder(t *testing.T) {
	m := mustParse(t, "g (x) => (z) {z = B (y) y = A (x)}")
	if ns := m.Graph.Nodes; ns[0].Op != "A" || ns[0].Index != 1 || ns[1].Index != 0 {
		t.Errorf("got %+v, %+v", ns[0], ns[1])
	}
}

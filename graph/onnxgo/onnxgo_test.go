package onnxgo

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/owulveryck/onnx-go"
	gonum "gonum.org/v1/gonum/graph"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
)

var _ onnx.Backend = (*Backend)(nil)

// msg is a protobuf message in the field numbers of onnx.proto.
type msg []byte

func (m msg) str(num protowire.Number, s string) msg {
	return protowire.AppendString(protowire.AppendTag(m, num, protowire.BytesType), s)
}

func (m msg) sub(num protowire.Number, s msg) msg { return m.str(num, string(s)) }

func (m msg) int(num protowire.Number, v int64) msg {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.VarintType), uint64(v))
}

func node(op string, ins, outs []string) msg {
	var n msg
	for _, s := range ins {
		n = n.str(1, s)
	}
	for _, s := range outs {
		n = n.str(2, s)
	}
	return n.str(4, op)
}

// info is a ValueInfoProto of a float tensor; a dim of -1 is the symbol N.
func info(name string, dims ...int64) msg {
	var shape msg
	for _, d := range dims {
		dim := msg{}.int(1, d)
		if d < 0 {
			dim = msg{}.str(2, "N")
		}
		shape = shape.sub(1, dim)
	}
	return msg{}.str(1, name).sub(2, msg{}.sub(1, msg{}.int(1, 1).sub(2, shape)))
}

func attr(name string, typ graph.AttrType, v msg) msg {
	return msg{}.sub(5, append(msg{}.str(1, name).int(20, int64(typ)), v...))
}

func weights(name string, dims []int64, data string) msg {
	m := msg{}.int(2, 1).str(8, name).str(9, data)
	for _, d := range dims {
		m = m.int(1, d)
	}
	return m
}

func model(g msg) []byte { return msg{}.int(1, 8).sub(7, g).sub(8, msg{}.int(2, 17)) }

// sample is y = Gemm(x, w, transB=1) + y's own square.
func sample() []byte {
	return model(msg{}.
		sub(1, append(node("Gemm", []string{"x", "w", ""}, []string{"h"}), attr("transB", graph.AttrInt, msg{}.int(3, 1))...)).
		sub(1, node("Mul", []string{"h", "h"}, []string{"y"})).
		sub(5, weights("w", []int64{2, 1}, "\x00\x00\x80\x3f\x00\x00\x00\x40")).
		sub(11, info("x", -1, 1)).sub(11, info("w", 2, 1)).sub(12, info("y", -1, 2)))
}

var opset17 = map[string]int64{"ai.onnx": 17}

func TestValues(t *testing.T) {
	m, err := Decode(sample(), NewValues(), opset17)
	if err != nil {
		t.Fatal(err)
	}
	g := m.Graph
	if len(g.Inputs) != 1 || g.Inputs[0].Name != "x" || g.Inputs[0].Declared.DType != graph.Float32 || g.Inputs[0].Declared.HasShape {
		t.Errorf("inputs %+v", g.InputInfo)
	}
	w := g.Initializers[0]
	if v, err := w.Payload.Floats(2); err != nil || fmt.Sprintf("%s %s %d %g", w.Name, w.DType, w.Dims, v) != "w float32 [2 1] [1 2]" {
		t.Errorf("w is %+v, %v, %v", w, v, err)
	}
	if _, err := w.Payload.Floats(1); err != graph.ErrTooLarge {
		t.Errorf("two elements where one was asked for: %v", err)
	}
	if _, err := w.Payload.Ints(2); err == nil {
		t.Error("real numbers came out as integers")
	}
	gemm, mul := g.Nodes[0], g.Nodes[1]
	if got := fmt.Sprintf("%q %q", gemm.InputNames, mul.InputNames); got != `["x" "w" ""] ["h" "h"]` {
		t.Errorf("inputs are %s", got)
	}
	if a := gemm.Attrs.Get("transB"); a == nil || a.Type != graph.AttrInt || a.Int != 1 {
		t.Errorf("attributes are %+v", gemm.Attrs)
	}
	if m.Opsets[""] != 17 {
		t.Errorf("opsets are %v", m.Opsets)
	}
}

// Without tensors an initializer is a value of which nothing is known.
func TestTopology(t *testing.T) {
	m, err := Decode(sample(), NewTopology(), opset17)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Graph.Inputs) != 2 || m.Graph.Inputs[1].Name != "w" || m.Graph.Inputs[1].Declared != nil {
		t.Errorf("inputs %+v", m.Graph.InputInfo)
	}
}

// onnx-go drops the symbolic dim: only the caller knows whether there was one.
func TestStaticDims(t *testing.T) {
	b := NewValues()
	b.StaticDims = true
	m, err := Decode(model(msg{}.sub(1, node("Relu", []string{"x"}, []string{"y"})).sub(11, info("x", 2, 3)).sub(12, info("y", -1, 3))), b, opset17)
	if err != nil {
		t.Fatal(err)
	}
	in, out := m.Graph.Inputs[0].Declared, m.Graph.Outputs[0].Declared
	if !in.HasShape || fmt.Sprint(in.Dims) != "[{2 true } {3 true }]" || fmt.Sprint(out.Dims) != "[{3 true }]" {
		t.Errorf("dims %v and %v", in, out)
	}
}

// onnx-go makes up an input for an operation that has none.
func TestPlaceholder(t *testing.T) {
	constant := append(node("Constant", nil, []string{"c"}), attr("value", graph.AttrTensor, msg{}.sub(5, weights("", []int64{1}, "\x00\x00\x80\x3f")))...)
	other := append(node("Constant", nil, []string{"d"}), attr("value", graph.AttrTensor, msg{}.sub(5, weights("", []int64{1}, "\x00\x00\x00\x40")))...)
	for name, b := range map[string]*Backend{"topology": NewTopology(), "values": NewValues()} {
		m, err := Decode(model(msg{}.sub(1, constant).sub(1, other).sub(1, node("Relu", []string{"x/input"}, []string{"e"})).
			sub(1, node("Sum", []string{"c", "d", "e"}, []string{"y"})).sub(11, info("x/input", 1)).sub(12, info("y", 1))), b, opset17)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := len(m.Graph.Nodes[0].Inputs) + len(m.Graph.Nodes[1].Inputs); got != 0 {
			t.Errorf("%s: constants have %d inputs", name, got)
		}
		if got := m.Graph.Nodes[2].InputNames; len(got) != 1 || got[0] != "x/input" || len(m.Graph.Inputs) != 1 {
			t.Errorf("%s: Relu has inputs %q, the graph %d", name, got, len(m.Graph.Inputs))
		}
		v, err := m.Graph.Nodes[1].Attrs.Get("value").Tensor.Payload.Floats(1)
		if err != nil || v[0] != 2 {
			t.Errorf("%s: the second constant is %v, %v", name, v, err)
		}
	}
}

// A real input may have the name of a made-up one.
func TestNoPlaceholder(t *testing.T) {
	first := node("Relu", []string{"a/input"}, []string{"h"})
	second := node("Relu", []string{"b/input"}, []string{"y"})
	g := msg{}.sub(5, weights("a/input", []int64{1}, "\x00\x00\x80\x3f")).sub(5, weights("b/input", []int64{1}, "\x00\x00\x80\x3f")).sub(12, info("y", 1))
	m, err := Decode(model(g.sub(1, first).sub(1, second)), NewValues(), opset17)
	if err != nil || len(m.Graph.Initializers) != 2 || len(m.Graph.Nodes[0].Inputs) != 1 || len(m.Graph.Nodes[1].Inputs) != 1 {
		t.Errorf("values: %v, %v", m, err)
	}
	m, err = Decode(model(g.sub(1, first).sub(1, second)), NewTopology(), opset17)
	if err != nil || len(m.Graph.Nodes[1].Inputs) != 1 {
		t.Errorf("topology: %v, %v", m, err)
	}
}

// Omitted outputs are one node for onnx-go; the inputs come once all the same.
func TestOmittedOutputs(t *testing.T) {
	m, err := Decode(model(msg{}.sub(1, node("Split", []string{"x", "n"}, []string{"", "", "y"})).sub(11, info("x", 2)).sub(11, info("n", 1)).sub(12, info("y", 1))), NewTopology(), opset17)
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Graph.Nodes[0]; len(n.InputNames) != 2 || len(n.OutputNames) != 3 || n.Outputs[0] != nil {
		t.Errorf("inputs %q, outputs %q", n.InputNames, n.OutputNames)
	}
}

func TestErrors(t *testing.T) {
	x, y := info("x", 1), info("y", 1)
	for name, c := range map[string]struct {
		g    msg
		want string
	}{
		"subgraph": {msg{}.sub(1, append(node("If", []string{"x"}, []string{"y"}), attr("then_branch", graph.AttrGraph, msg{}.sub(6, msg{}))...)).sub(11, x).sub(12, y), "not handled"},
		"panic":    {msg{}.sub(1, node("Relu", []string{"x"}, []string{"y"})).sub(11, info("x", 1<<(strconv.IntSize-2))).sub(12, y), "onnx-go panics"},
		"cycle":    {msg{}.sub(1, node("Add", []string{"x", "y"}, []string{"y"})).sub(11, x).sub(12, y), "cycle"},
	} {
		if m, err := Decode(model(c.g), NewValues(), opset17); err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := Decode([]byte{0x3a}, NewValues(), opset17); err == nil {
		t.Error("half a field was decoded")
	}
	if m, err := Decode(model(msg{}.sub(1, node("Relu", []string{"x"}, []string{"y"})).sub(1, node("Print", []string{"y"}, nil)).sub(11, x).sub(12, y)), NewValues(), opset17); err != nil || len(m.Graph.Nodes) != 2 {
		t.Errorf("an operation without outputs: %v", err)
	}
}

// The backend is a graph of gonum, too: edges go from outputs to inputs.
func TestGonumGraph(t *testing.T) {
	b := NewValues()
	if _, err := Decode(sample(), b, opset17); err != nil {
		t.Fatal(err)
	}
	id := map[string]int64{}
	for it := b.Nodes(); it.Next(); {
		id[it.Node().(onnx.Namer).GetName()] = it.Node().ID()
	}
	if b.From(id["y"]).Len() != 1 || b.To(id["h"]).Len() != 1 || b.To(id["x"]).Len() != 1 || b.From(id["x"]).Len() != 0 {
		t.Errorf("degrees are wrong")
	}
	if !b.HasEdgeFromTo(id["h"], id["w"]) || b.HasEdgeFromTo(id["w"], id["h"]) || !b.HasEdgeBetween(id["w"], id["h"]) || b.HasEdgeBetween(id["x"], id["y"]) {
		t.Error("edges are wrong")
	}
	e := b.Edge(id["h"], id["w"]).(gonum.WeightedEdge)
	if e.Weight() != 1 || e.From().ID() != id["h"] || e.ReversedEdge().From().ID() != id["w"] {
		t.Errorf("edge %+v", e)
	}
	if b.Node(-1) != nil || b.Edge(99, 0) != nil || b.From(99).Len() != 0 {
		t.Error("an unknown node has edges")
	}
}

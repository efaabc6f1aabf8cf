package onnxfile

import (
	"bytes"
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
)

// msg is a protobuf message under construction: tests say bytes in field numbers
// of onnx.proto.
type msg []byte

func (m msg) str(num protowire.Number, s string) msg {
	return protowire.AppendString(protowire.AppendTag(m, num, protowire.BytesType), s)
}

func (m msg) sub(num protowire.Number, s msg) msg { return m.str(num, string(s)) }

func (m msg) int(num protowire.Number, v int64) msg {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.VarintType), uint64(v))
}

// packed appends a packed list of integers.
func (m msg) packed(num protowire.Number, vs ...int64) msg {
	var b []byte
	for _, v := range vs {
		b = protowire.AppendVarint(b, uint64(v))
	}
	return m.str(num, string(b))
}

func (m msg) join(parts ...msg) msg {
	for _, p := range parts {
		m = append(m, p...)
	}
	return m
}

func node(op string, ins, outs []string, more ...msg) msg {
	var n msg
	for _, s := range ins {
		n = n.str(1, s)
	}
	for _, s := range outs {
		n = n.str(2, s)
	}
	return n.str(4, op).join(more...)
}

// value is a ValueInfoProto of a float tensor.
func value(name string, dims ...int64) msg {
	var shape msg
	for _, d := range dims {
		shape = shape.sub(1, msg{}.int(1, d))
	}
	return msg{}.str(1, name).sub(2, msg{}.sub(1, msg{}.int(1, 1).sub(2, shape)))
}

// tensorMsg is a TensorProto without elements.
func tensorMsg(name string, dt graph.DType, dims ...int64) msg {
	return msg{}.packed(1, dims...).int(2, int64(dt)).str(8, name)
}

// model wraps the bytes of a GraphProto.
func model(g msg) msg {
	return msg{}.int(1, 8).sub(7, g).sub(8, msg{}.int(2, 17))
}

// oneNode is a graph X -> node n -> Y.
func oneNode(n msg, more ...msg) msg {
	return msg{}.sub(1, n).sub(11, value("X", 1, 2)).sub(12, value("Y")).join(more...)
}

func read(b []byte) (*graph.Model, error) {
	return Read(bytes.NewReader(b), int64(len(b)), "")
}

// chain is a model of n Relu nodes in a row, named as exporters name them.
func chain(n int) []byte {
	g := msg{}
	for i := range n {
		g = g.sub(1, node("Relu", []string{fmt.Sprintf("/layer%d/Relu_output_0", i)},
			[]string{fmt.Sprintf("/layer%d/Relu_output_0", i+1)}).str(3, fmt.Sprintf("/layer%d/Relu", i)))
	}
	g = g.sub(11, value("/layer0/Relu_output_0", 1, 64)).sub(12, value(fmt.Sprintf("/layer%d/Relu_output_0", n), 1, 64))
	return model(g)
}

// weighted is a model of n MatMuls whose weights, 1 MiB each, are inside.
func weighted(n int) []byte {
	g := msg{}.sub(11, value("v0", 1, 512)).sub(12, value(fmt.Sprintf("v%d", n), 1, 512))
	payload := string(make([]byte, 4*512*512))
	for i := range n {
		w := fmt.Sprintf("w%d", i)
		g = g.sub(5, tensorMsg(w, graph.Float32, 512, 512).str(9, payload))
		g = g.sub(1, node("MatMul", []string{fmt.Sprintf("v%d", i), w}, []string{fmt.Sprintf("v%d", i+1)}))
	}
	return model(g)
}

// BenchmarkRead decodes and links; the weights of the last model are passed over.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		name  string
		nodes int
		data  []byte
	}{
		{"chain=10000", 1e4, chain(1e4)}, {"chain=100000", 1e5, chain(1e5)}, {"weights=64MiB", 64, weighted(64)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(c.data); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.nodes), "ns/node")
		})
	}
}

package onnxgo

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// encode writes a model as a ModelProto, as far as the fixtures need it: functions,
// metadata, sparse tensors and types of containers are not written.
func encode(m *graph.Model) []byte {
	b := msg{}.int(1, m.IRVersion).sub(7, encodeGraph(m.Graph))
	for domain, version := range m.Opsets {
		b = b.sub(8, msg{}.str(1, domain).int(2, version))
	}
	return b
}

func encodeGraph(g *graph.Graph) msg {
	b := msg{}.str(2, g.Name)
	for _, n := range inFileOrder(g) {
		b = b.sub(1, encodeNode(n))
	}
	for _, t := range g.Initializers {
		b = b.sub(5, encodeTensor(t))
	}
	for num, infos := range map[protowire.Number][]graph.ValueInfo{11: g.InputInfo, 12: g.OutputInfo, 13: g.ValueInfo} {
		for _, v := range infos {
			b = b.sub(num, encodeInfo(v))
		}
	}
	return b
}

func encodeNode(n *graph.Node) msg {
	b := node(n.Op, n.InputNames, n.OutputNames).str(3, n.Name).str(7, n.Domain)
	for i := range n.Attrs {
		b = b.sub(5, encodeAttr(&n.Attrs[i]))
	}
	return b
}

func encodeAttr(a *graph.Attr) msg {
	b := msg{}.str(1, a.Name).int(20, int64(a.Type))
	switch a.Type {
	case graph.AttrInt:
		b = b.int(3, a.Int)
	case graph.AttrFloat:
		b = b.float(2, a.Float)
	case graph.AttrString:
		b = b.str(4, a.Str)
	case graph.AttrTensor:
		b = b.sub(5, encodeTensor(a.Tensor))
	case graph.AttrGraph:
		b = b.sub(6, encodeGraph(a.Graph))
	}
	for _, v := range a.Ints {
		b = b.int(8, v)
	}
	for _, v := range a.Floats {
		b = b.float(7, v)
	}
	for _, v := range a.Strs {
		b = b.str(9, v)
	}
	return b
}

func (m msg) float(num protowire.Number, v float32) msg {
	return protowire.AppendFixed32(protowire.AppendTag(m, num, protowire.Fixed32Type), math.Float32bits(v))
}

func encodeTensor(t *graph.Tensor) msg {
	b := msg{}.int(2, int64(t.DType)).str(8, t.Name)
	for _, d := range t.Dims {
		b = b.int(1, d)
	}
	if t.Storage == graph.StorageExternal {
		b = b.int(14, 1)
		for _, e := range t.External {
			b = b.sub(13, msg{}.str(1, e.Key).str(2, e.Value))
		}
	}
	if w, ok := t.Payload.(graph.WordReader); ok {
		words, err := w.Words(1 << 20)
		if err != nil {
			panic(err)
		}
		b = b.str(9, string(pack(words.W, t.DType.WordBits())))
	}
	return b
}

// pack writes words of a width as a little-endian stream of bits: raw_data.
func pack(words []uint64, width int) []byte {
	out := make([]byte, (len(words)*width+7)/8)
	for i, w := range words {
		for k := range width {
			at := i*width + k
			out[at/8] |= byte(w>>k&1) << (at % 8)
		}
	}
	return out
}

func encodeInfo(v graph.ValueInfo) msg {
	b := msg{}.str(1, v.Name)
	if v.Type == nil || v.Type.Kind != graph.KindTensor {
		return b
	}
	typ := msg{}.int(1, int64(v.Type.DType))
	if v.Type.HasShape {
		var shape msg
		for _, d := range v.Type.Dims {
			dim := msg{}
			switch {
			case d.Known:
				dim = dim.int(1, d.Value)
			case d.Param != "":
				dim = dim.str(2, d.Param)
			}
			shape = shape.sub(1, dim)
		}
		typ = typ.sub(2, shape)
	}
	return b.sub(2, msg{}.sub(1, typ))
}

// fixtures compares the fixtures: their text, the same written in binary and read
// by our reader, and read by onnx-go.
func fixtures(t *testing.T) (out []outcome) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "models", "*.onnxtxt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures: ", err)
	}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := onnxtext.Parse(src, path)
		if err != nil {
			t.Error(err)
			continue
		}
		data := encode(text)
		ours, err := onnxfile.Read(bytes.NewReader(data), int64(len(data)), path)
		if err != nil {
			t.Error(err)
			continue
		}
		same(t, path, topology(ours.Graph), topology(text.Graph))
		same(t, path, constants(ours.Graph, text.Graph), constants(text.Graph, ours.Graph))
		out = append(out, compare(t, path, data, ours))
	}
	return out
}

func TestFixturesAgreeWithReader(t *testing.T) {
	n := summarize(fixtures(t))
	t.Logf("%+v", n)
	if n.topology < 8 {
		t.Errorf("onnx-go decoded %d fixtures of %d", n.topology, n.models)
	}
}

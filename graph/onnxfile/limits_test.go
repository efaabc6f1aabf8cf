package onnxfile

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
)

// sparseFile is a file that is zero between its parts, and counts what is read.
type sparseFile struct {
	parts map[int64][]byte // by offset
	size  int64
	read  int64
}

func (f *sparseFile) ReadAt(p []byte, off int64) (int, error) {
	n := int(min(int64(len(p)), f.size-off))
	clear(p[:n])
	for at, b := range f.parts {
		if at < off+int64(n) && at+int64(len(b)) > off {
			if at >= off {
				copy(p[at-off:n], b)
			} else {
				copy(p[:n], b[off-at:])
			}
		}
	}
	f.read += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// hole makes a file of head, n zero bytes and tail.
func hole(head msg, n int64, tail msg) *sparseFile {
	at := int64(len(head))
	return &sparseFile{parts: map[int64][]byte{0: head, at + n: tail}, size: at + n + int64(len(tail))}
}

// open appends the tag and length of a field whose n bytes follow.
func (m msg) open(num protowire.Number, n int64) msg {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.BytesType), uint64(n))
}

// wantLimit fails unless err is nil within a limit, and has the words past it.
func wantLimit(t *testing.T, what string, within bool, err error, words string) {
	t.Helper()
	switch {
	case within && err != nil:
		t.Errorf("%s: %v", what, err)
	case !within && (err == nil || !strings.Contains(err.Error(), words)):
		t.Errorf("%s: got %v, want %q", what, err, words)
	}
}

func TestStructureLimit(t *testing.T) {
	for _, extra := range []int64{0, 1} {
		m := msg(model(oneNode(node("Relu", []string{"X"}, []string{"Y"}))))
		const docTag = 1 + 5 // tag and length
		doc := graph.MaxStructureBytes + extra - int64(len(m)) - docTag
		f := hole(m.open(6, doc), doc, nil)
		_, err := Read(f, f.size, "")
		wantLimit(t, fmt.Sprintf("a file of %d bytes of structure", f.size), extra == 0, err, "structure is larger than 2147483647")
	}
}

// A name past the limit is refused before it is read.
func TestStructureLimitOfNames(t *testing.T) {
	n := int64(graph.MaxStructureBytes)
	f := hole(msg{}.open(2, n), n, nil)
	_, err := Read(f, f.size, "")
	wantLimit(t, "a producer name of 2 GiB", false, err, "structure is larger")
	if f.read > 1<<20 {
		t.Errorf("%d bytes were read", f.read)
	}
}

// Weights do not count as structure and are not read.
func TestSkipsPayload(t *testing.T) {
	const elements = 800 << 20 // 3.1 GiB
	weights := tensorMsg("W", graph.Float32, elements).open(9, 4*elements)
	after := msg{}.sub(1, node("Add", []string{"X", "W"}, []string{"Y"})).sub(11, value("X", 1)).sub(12, value("Y"))
	tensor := int64(len(weights)) + 4*elements
	head := msg{}.open(5, tensor)
	inGraph := int64(len(head)) + tensor + int64(len(after))
	head = msg{}.int(1, 8).sub(8, msg{}.int(2, 17)).open(7, inGraph).join(head, weights)
	f := hole(head, 4*elements, after)
	m, err := Read(f, f.size, "")
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(len(head) + len(after)); m.StructureBytes != want {
		t.Errorf("structure of %d bytes, want %d", m.StructureBytes, want)
	}
	if len(m.Graph.Nodes) != 1 || m.Graph.Initializers[0].Dims[0] != elements {
		t.Errorf("got %s", describe(m))
	}
	if f.read > 64<<10 {
		t.Errorf("%d bytes were read", f.read)
	}
}

// A length that the file does not have must not be allocated.
func TestLengthBomb(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, b := range []msg{
		msg{}.open(2, 1<<40),
		msg{}.open(7, 1<<62),
		msg{}.open(7, 30).open(5, 20).open(9, 1<<50),
		msg{}.open(7, 30).open(1, 20).open(1, 1<<33),
		msg{}.open(7, -1),
	} {
		_, err := read(b)
		wantLimit(t, fmt.Sprintf("%x", b), false, err, "offset")
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d bytes were allocated", grown)
	}
}

func TestRankLimit(t *testing.T) {
	for _, rank := range []int{graph.MaxRank, graph.MaxRank + 1} {
		dims := make([]int64, rank)
		words := fmt.Sprintf("rank above %d", graph.MaxRank)
		_, err := initializer(tensorMsg("W", graph.Float32, dims...))
		wantLimit(t, fmt.Sprint("a tensor of rank ", rank), rank <= graph.MaxRank, err, words)
		_, err = read(model(oneNode(node("Relu", []string{"X"}, []string{"Y"}), msg{}.sub(13, value("v", dims...)))))
		wantLimit(t, fmt.Sprint("a value of rank ", rank), rank <= graph.MaxRank, err, words)
	}
}

func TestFunctionLimit(t *testing.T) {
	b := model(oneNode(node("Relu", []string{"X"}, []string{"Y"})))
	for i := range graph.MaxFunctions {
		b = b.sub(25, msg{}.str(1, fmt.Sprint("F", i)))
	}
	_, err := read(b)
	wantLimit(t, "10,000 functions", true, err, "")
	_, err = read(b.sub(25, msg{}.str(1, "one more")))
	wantLimit(t, "10,001 functions", false, err, "more than 10000 local functions")
}

// TestDepthLimit nests types, two messages a level, below model, graph, value and type.
func TestDepthLimit(t *testing.T) {
	nested := func(depth int) msg {
		typ := msg{}
		for range (depth - 3) / 2 {
			typ = msg{}.sub(4, msg{}.sub(1, typ)) // sequence of
		}
		if (depth-3)%2 == 1 {
			typ = msg{}.sub(4, typ)
		}
		return model(oneNode(node("Relu", []string{"X"}, []string{"Y"}), msg{}.sub(13, msg{}.str(1, "v").sub(2, typ))))
	}
	for _, depth := range []int{graph.MaxMessageDepth, graph.MaxMessageDepth + 1} {
		_, err := read(nested(depth))
		wantLimit(t, fmt.Sprint("messages ", depth, " deep"), depth <= graph.MaxMessageDepth, err, "nested too deep (limit 512)")
	}
}

func TestGroupDepthLimit(t *testing.T) {
	for _, depth := range []int{graph.MaxMessageDepth, graph.MaxMessageDepth + 1} {
		b := slicesOfGroups(model(oneNode(node("Relu", []string{"X"}, []string{"Y"}))), depth)
		_, err := read(b)
		wantLimit(t, fmt.Sprint("groups ", depth, " deep"), depth <= graph.MaxMessageDepth, err, "nested too deep")
	}
}

func slicesOfGroups(b msg, depth int) msg {
	for range depth {
		b = protowire.AppendTag(b, 500, protowire.StartGroupType)
	}
	for range depth {
		b = protowire.AppendTag(b, 500, protowire.EndGroupType)
	}
	return b
}

func TestGraphDepthLimit(t *testing.T) {
	nested := func(depth int) msg {
		g := oneNode(node("Relu", []string{"X"}, []string{"Y"}))
		for i := range depth {
			body := msg{}.sub(1, node("Relu", []string{"X"}, []string{fmt.Sprint("d", i)})).sub(12, msg{}.str(1, fmt.Sprint("d", i)))
			if i > 0 {
				body = body.sub(1, node("If", []string{"X"}, []string{fmt.Sprint("o", i)}, attr("b", graph.AttrGraph, msg{}.sub(6, g))))
			}
			g = body
		}
		return model(oneNode(node("If", []string{"X"}, []string{"Y"}, attr("b", graph.AttrGraph, msg{}.sub(6, g)))))
	}
	for _, depth := range []int{graph.MaxGraphDepth, graph.MaxGraphDepth + 1} {
		_, err := read(nested(depth))
		wantLimit(t, fmt.Sprint("subgraphs ", depth, " deep"), depth <= graph.MaxGraphDepth, err, "nested more than 64 deep")
	}
}

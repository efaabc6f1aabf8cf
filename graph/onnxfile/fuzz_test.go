package onnxfile

import (
	"bytes"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// FuzzRead reads arbitrary bytes. Besides not panicking, what is read must hold
// together: every input of a node has a Value, and payloads decode or fail.
func FuzzRead(f *testing.F) {
	f.Add(everything())
	f.Add([]byte(model(oneNode(node("Relu", []string{"X"}, []string{"Y"})))))
	f.Add([]byte(model(oneNode(node("Add", []string{"X", "W"}, []string{"Y"}), msg{}.sub(5, tensorMsg("W", graph.Int4, 3).packed(5, 1, 2))))))
	f.Add([]byte(model(oneNode(node("Relu", []string{"X"}, []string{"Y"}), msg{}.sub(1, node("If", []string{"Y"}, []string{"Z"},
		attr("then_branch", graph.AttrGraph, msg{}.sub(6, msg{}.sub(12, msg{}.str(1, "Y"))))))))))
	f.Add([]byte("version https://git-lfs.github.com/spec/v1\n"))
	f.Add([]byte{0x3a, 0x80, 0x80, 0x80, 0x80, 0x10})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := read(b)
		if err != nil {
			if m != nil || err.Error() == "" {
				t.Fatalf("%v with error %q", m, err)
			}
			return
		}
		checkGraph(t, m.Graph)
		for _, fn := range m.Functions {
			checkGraph(t, fn.Body)
		}
		_ = describe(m)
	})
}

// checkGraph checks what Link promises of a graph.
func checkGraph(t *testing.T, g *graph.Graph) {
	done := map[*graph.Value]bool{}
	for _, n := range g.Nodes {
		for i, v := range n.Inputs {
			if (v == nil) != (n.InputNames[i] == "") {
				t.Fatalf("input %d of %q is %v", i, n.Label(), v)
			}
			if v != nil && v.Graph == g && v.Producer != nil && !done[v] {
				t.Fatalf("%q uses %q before it is produced", n.Label(), v.Name)
			}
		}
		n.Bodies(func(_ string, body *graph.Graph) { checkGraph(t, body) })
		for _, v := range n.Outputs {
			done[v] = true
		}
	}
	for i, v := range g.Values {
		if v.ID != i || v.Graph != g {
			t.Fatalf("value %q is out of place", v.Name)
		}
	}
	if len(g.Inputs) != len(g.InputInfo) || len(g.Outputs) != len(g.OutputInfo) {
		t.Fatalf("graph %q lacks inputs or outputs", g.Name)
	}
}

// FuzzReadTensor reads arbitrary bytes as a tensor and decodes it.
func FuzzReadTensor(f *testing.F) {
	f.Add([]byte(tensorMsg("a", graph.Float32, 1).str(9, "abcd")))
	f.Add([]byte(tensorMsg("a", graph.Int2, 5).int(5, 1).int(5, 200)))
	f.Add([]byte(tensorMsg("a", graph.String, 2).str(6, "a").str(6, "b")))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := ReadTensor(bytes.NewReader(b), int64(len(b)), "")
		if err != nil || w.Payload == nil {
			return
		}
		const most = 1 << 12
		n, isConst := w.Elements().Const()
		ints, errI := w.Payload.Ints(most)
		floats, errF := w.Payload.Floats(most)
		strs, errS := w.Payload.Strings(most)
		for _, got := range []struct {
			n   int
			err error
		}{{len(ints), errI}, {len(floats), errF}, {len(strs), errS}} {
			if got.err == nil && (!isConst || int64(got.n) != n) {
				t.Fatalf("%d elements of %s", got.n, w.Elements())
			}
		}
	})
}

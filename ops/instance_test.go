package ops

import (
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// What nodes share must not be written to: a reason for one would be one for all.
func TestSharedParts(t *testing.T) {
	const text = `<ir_version: 10, opset_import: ["" : 21, "d" : 1]>
	g (float[2, 4] x, bool c) => (float[2, 4] y, float[2, 4] z) {
	  a = Relu(x)
	  b = Relu(a)
	  s = d.Secret(x)
	  u = Relu(s)
	  y = If(c) <then_branch = t () => (float[2, 4] p) { p = Identity(b) }, else_branch = e () => (float[2, 4] q) { q = Neg(b) }>
	  z = Identity(b)
	}`
	m, err := onnxtext.Parse([]byte(text), "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := Infer(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if *NoWork != (Work{}) || NoMore.Why != "" || NoMore.Subs != nil || NoMore.Branches || noInfo.Kind != graph.KindUnknown {
		t.Errorf("shared parts were written to: %v %v %v", *NoWork, *NoMore, *noInfo)
	}
	infos := func(names ...string) (out []*Info) {
		for _, n := range names {
			for _, v := range m.Graph.Values {
				if v.Name == n {
					out = append(out, res.Main.Info(v))
				}
			}
		}
		return out
	}
	if is := infos("x", "a", "b"); is[0] != is[1] || is[1] != is[2] {
		t.Error("equal values of a chain are held apart")
	}
	if is := infos("c", "s", "u", "x"); is[0] == is[1] || is[0] == is[3] || is[1] == is[3] {
		t.Error("values that differ share one Info")
	}
	if w := res.Main.Nodes[0].Work; w != res.Main.Nodes[1].Work || w.Cost.Cmp.IsZero() {
		t.Errorf("the work of equal nodes is held apart: %v", *w)
	}
}

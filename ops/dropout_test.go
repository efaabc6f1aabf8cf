package ops

import "testing"

// TestDropoutInInference: a Dropout that drops nothing launches no kernel and moves
// nothing, unless a mask is asked for.
func TestDropoutInInference(t *testing.T) {
	for _, c := range []struct {
		in, out, attrs string
		opset          int64
		view           bool
		written        string
	}{
		{"f32[2,3]", "f32[2,3]", "is_test=1", 6, true, "0"},
		{"f32[2,3]", "f32[2,3]", "", 6, false, "24"},
		{"f32[2,3]", "f32[2,3]", "", 10, true, "0"},
		{"f32[2,3]", "f32[2,3]", "", 13, true, "0"},
		{"f32[2,3]", "f32[2,3] bool[2,3]", "", 13, false, "6"},
		{"f32[2,3] f32={0.5} bool={false}", "f32[2,3]", "", 13, true, "0"},
		{"f32[2,3] f32={0.5} bool={true}", "f32[2,3] bool[2,3]", "", 13, false, "30"},
	} {
		op := Lookup("", "Dropout", c.opset)
		m, _, err := buildCase(op, Case{In: c.in, Out: c.out, Attrs: c.attrs}, c.opset)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Link(); err != nil {
			t.Fatal(err)
		}
		r, err := Infer(m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := r.Main.Nodes[0]; n.View != c.view || n.Traffic.Written.String() != c.written {
			t.Errorf("%s at opset %d: view %v, %s bytes written", c.in, c.opset, n.View, n.Traffic.Written)
		}
	}
}

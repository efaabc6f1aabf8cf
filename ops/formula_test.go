package ops

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// inferText reads a graph of one node at opset 17 and infers it.
func inferText(t *testing.T, text string) *Result {
	t.Helper()
	m, err := onnxtext.Parse([]byte(`<ir_version: 8, opset_import: ["": 17]> `+text), "test")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Infer(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFormulaHoldsElsewhere takes the formulas of a node at one size and puts the
// dims of another in: they must give what inference finds there.
func TestFormulaHoldsElsewhere(t *testing.T) {
	for _, c := range []struct {
		text        string // with %s for the dims of the first input
		here, there string
	}{
		{`g (float[%s] x) => (float[A,B,C,D] y) <float[8,3,5,5] w = {}, float[8] b = {}> { y = Conv <strides = [2,2], pads = [2,2,2,2]> (x, w, b) }`, "2,3,32,32", "4,3,57,18"},
		{`g (float[%s] x) => (float[A,B] y) <float[7,5] w = {}, float[5] b = {}> { y = Gemm (x, w, b) }`, "3,7", "11,7"},
		{`g (float[%s] x) => (float[A,B,C] y) <float[6,5] w = {}> { y = MatMul (x, w) }`, "2,4,6", "9,13,6"},
		{`g (float[%s] x) => (float[A,B,C,D] y) { y = MaxPool <kernel_shape = [3,3], strides = [2,2]> (x) }`, "3,4,16,16", "2,4,33,17"},
		{`g (float[%s] x) => (float[A,B] y) { y = Softmax <axis = 1> (x) }`, "3,10", "5,99"},
	} {
		here, elsewhere := inferText(t, fmt.Sprintf(c.text, c.here)), inferText(t, fmt.Sprintf(c.text, c.there))
		f := here.Formula(here.Main, &here.Main.Nodes[0])
		if !f.Costed || len(f.Shapes) == 0 || f.Shapes[0] == nil {
			t.Errorf("%s: no formula", c.text)
			continue
		}
		names := elsewhere.Formula(elsewhere.Main, &elsewhere.Main.Nodes[0])
		if got := names.subst(f.Shapes[0]); !got.Equal(elsewhere.Main.Infos[elsewhere.Main.Nodes[0].Node.Outputs[0].ID].Shape) {
			t.Errorf("%s: at %s the formula %s gives %s", c.text, c.there, f.Shapes[0], got)
		}
		want := elsewhere.Main.Nodes[0].Cost
		for _, col := range []struct {
			name        string
			formula, at graph.Dim
		}{{"mac", f.Cost.MAC, want.MAC}, {"flop", f.Cost.Flop, want.Flop}, {"cmp", f.Cost.Cmp, want.Cmp}, {"exp", f.Cost.Exp, want.Exp}} {
			if got := col.formula.Subst(names.Values); !got.Equal(col.at) {
				t.Errorf("%s: at %s %s = %s gives %s, want %s", c.text, c.there, col.name, col.formula, got, col.at)
			}
		}
	}
}

// TestFormulaOfEveryCase runs the formulas of every example: none breaks, and few
// operators have none.
func TestFormulaOfEveryCase(t *testing.T) {
	counted, costed := 0, 0
	Each(func(_ string, op *Op) {
		for _, c := range op.Cases {
			if c.Err != "" {
				continue
			}
			opset := c.Opset
			if opset == 0 {
				opset = op.Since[len(op.Since)-1]
			}
			m, _, err := buildCase(op, c, int64(opset))
			if err != nil || m.Link() != nil {
				continue
			}
			r, err := Infer(m, Options{})
			if err != nil {
				continue
			}
			n := &r.Main.Nodes[0]
			f := r.Formula(r.Main, n)
			if n.State == Counted {
				counted++
				if f.Costed {
					costed++
				}
			}
			if f.Costed && strings.Contains(f.Cost.MAC.String(), "?") {
				t.Errorf("%s: MACs = %s", op.Name, f.Cost.MAC)
			}
		}
	})
	if counted == 0 || costed*10 < counted*8 {
		t.Errorf("%d of %d examples have a formula", costed, counted)
	}
	t.Logf("%d of %d counted examples have a formula", costed, counted)
}

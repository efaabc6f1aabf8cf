package ops_test

import (
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

// outShapes infers a graph in the textual syntax and returns the shapes of its outputs.
func outShapes(t *testing.T, src string) []string {
	t.Helper()
	m, err := onnxtext.Parse([]byte("<ir_version: 9, opset_import: [\"\": 20]>\n"+src), "chain")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ops.Infer(m, ops.Options{IgnoreDeclared: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range m.Graph.Outputs {
		in := r.Main.Info(v)
		s := in.Shape.String()
		if in.Item != nil {
			s = in.Kind.String() + " of " + in.Item.Shape.String()
		}
		out = append(out, s)
	}
	return out
}

// The sizes are computed by hand from what the graph does to its inputs.
func TestValuesStayExactThroughChains(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"heads of attention", `g (float[N,S,768] x) => (float[] y, float[] z) {
			s = Shape (x)
			zero = Constant <value_int = 0> ()
			one = Constant <value_int = 1> ()
			ax = Constant <value_ints = [0]> ()
			n = Gather (s, zero)
			l = Gather (s, one)
			n1 = Unsqueeze (n, ax)
			l1 = Unsqueeze (l, ax)
			heads = Constant <value_ints = [12, 64]> ()
			to = Concat <axis = 0> (n1, l1, heads)
			split = Reshape (x, to)
			y = Transpose <perm = [0, 2, 1, 3]> (split)
			rest = Constant <value_ints = [-1]> ()
			back = Concat <axis = 0> (n1, l1, rest)
			z = Reshape (split, back)
		}`, "[N, 12, S, 64] [N, S, 768]"},
		{"flatten all but the batch", `g (float[N,C,4,4] x) => (float[] y) {
			s = Shape <end = 1> (x)
			rest = Constant <value_ints = [-1]> ()
			to = Concat <axis = 0> (s, rest)
			y = Reshape (x, to)
		}`, "[N, 16*C]"},
		{"positions up to the length", `g (int64[B,S] ids) => (int64[] y, int64[] z) {
			s = Shape (ids)
			zero = Constant <value_int = 0> ()
			one = Constant <value_int = 1> ()
			l = Gather (s, one)
			r = Range (zero, l, one)
			ax = Constant <value_ints = [0]> ()
			row = Unsqueeze (r, ax)
			y = Expand (row, s)
			z = Slice (row, zero1, l1, one1)
			zero1 = Constant <value_ints = [0]> ()
			one1 = Constant <value_ints = [1]> ()
			l1 = Unsqueeze (l, ax)
		}`, "[B, S] [1, S]"},
		{"shape of ones by scatter and gather", `g (float[N,3,H,W] x) => (float[] y, float[] z) {
			s = Shape (x)
			at = Constant <value = int64[1,1] {1}> ()
			c = Constant <value_ints = [7]> ()
			t = ScatterND (s, at, c)
			y = ConstantOfShape (t)
			idx = Constant <value = int64[2,1] {3, -2}> ()
			p = GatherND (s, idx)
			z = ConstantOfShape (p)
		}`, "[N, 7, H, W] [W, H]"},
		{"pads to a multiple", `g (float[N,H,8] x) => (float[] y) {
			two = Constant <value_ints = [2]> ()
			zero = Constant <value_ints = [0]> ()
			s = Shape (x)
			h = Slice (s, one, two)
			one = Constant <value_ints = [1]> ()
			pads = Concat <axis = 0> (zero, zero, zero, zero, h, zero)
			y = Pad (x, pads)
		}`, "[N, 2*H, 8]"},
		{"split and stack", `g (float[N,6,H] x) => (float[] y, seq(float) z) {
			sizes = Constant <value_ints = [2, 4]> ()
			a, b = Split <axis = 1> (x, sizes)
			c = Slice (b, from, to, at, by)
			from = Constant <value_ints = [-1]> ()
			to = Constant <value_ints = [-9223372036854775808]> ()
			at = Constant <value_ints = [1]> ()
			by = Constant <value_ints = [-2]> ()
			z = SequenceConstruct (a, c)
			y = ConcatFromSequence <axis = 0, new_axis = 1> (z)
		}`, "[2, N, 2, H] sequence of [N, 2, H]"},
	} {
		if got := strings.Join(outShapes(t, c.src), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A value is followed up to graph.MaxFoldElements and not past it.
func TestFoldLimit(t *testing.T) {
	for n, followed := range map[string]bool{"65536": true, "65537": false} {
		got := outShapes(t, `g () => (int64[] a, float[] b) {
			n = Constant <value_ints = [`+n+`]> ()
			a = ConstantOfShape <value = int64[1] {1}> (n)
			zero = Constant <value_ints = [0]> ()
			first = Gather (a, zero)
			b = ConstantOfShape (first)
		}`)
		if got[0] != "["+n+"]" || (got[1] == "[1]") != followed || !followed && !strings.Contains(got[1], "?") {
			t.Errorf("%s elements: %s", n, got)
		}
	}
}

// A tensor too large to be followed costs no memory: its size is only counted.
func TestHugeOutputsAreNotComputed(t *testing.T) {
	got := outShapes(t, `g () => (int64[] a, int64[] b, int64[] c) {
		n = Constant <value_ints = [1000000000000]> ()
		a = ConstantOfShape <value = int64[1] {1}> (n)
		one = Constant <value_int = 1> ()
		one1 = Constant <value_ints = [1]> ()
		zero = Constant <value_int = 0> ()
		many = Constant <value_int = 4611686018427387904> ()
		b = Range (zero, many, one)
		c = Expand (one1, n)
	}`)
	if s := strings.Join(got, " "); s != "[1000000000000] [4611686018427387904] [1000000000000]" {
		t.Error(s)
	}
}

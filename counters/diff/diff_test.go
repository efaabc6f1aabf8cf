package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/diff"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// count counts the nodes of a graph of one input x of 8 x 8 floats.
func count(t *testing.T, nodes, output string) *counters.Report {
	t.Helper()
	m, err := onnxtext.Parse([]byte(`<ir_version: 10, opset_import: ["" : 17]> g (float[8,8] x) => (`+output+`)
		<float[8,8] a = {}, float[8,8] b = {}, float[8,16] wide = {}> {`+nodes+`}`), "test")
	if err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func name(n *diff.Node) string {
	if n == nil {
		return "-"
	}
	return n.Path + " " + n.Op
}

func TestNodes(t *testing.T) {
	const square, wide = "float[8,8] y", "float[8,16] y"
	for _, c := range []struct {
		what        string
		old, oldOut string
		new, newOut string
		want        []string
		related     bool
	}{
		{"the same", "[m] y = MatMul(x, a)", square, "[m] y = MatMul(x, a)", square, nil, true},
		{"another name", "[m] y = MatMul(x, a)", square, "[n] y = MatMul(x, a)", square, []string{"renamed m MatMul > n MatMul"}, true},
		{"another size", "[m] y = MatMul(x, a)", square, "[m] y = MatMul(x, wide)", wide, []string{"changed m MatMul > m MatMul"}, false},
		{"another size and name", "[m] y = MatMul(x, a)", square, "[n] y = MatMul(x, wide)", wide, []string{"changed m MatMul > n MatMul"}, false},
		{"another operator", "[m] t = MatMul(x, a) [r] y = Relu(t)", square, "[m] t = MatMul(x, a) [r] y = Tanh(t)", square,
			[]string{"changed r Relu > r Tanh"}, true},
		{"one more in the middle", "[m] t = MatMul(x, a) [r] y = Relu(t)", square, "[m] t = MatMul(x, a) [s] u = Tanh(t) [r] y = Relu(u)", square,
			[]string{"added - > s Tanh"}, true},
		{"one less in the middle", "[m] t = MatMul(x, a) [s] u = Tanh(t) [r] y = Relu(u)", square, "[m] t = MatMul(x, a) [r] y = Relu(t)", square,
			[]string{"removed s Tanh > -"}, true},
		{"names with running numbers", "[MatMul_0] t = MatMul(x, a) [Relu_1] u = Relu(t) [MatMul_2] y = MatMul(u, wide)", wide,
			"[Tanh_0] s = Tanh(x) [MatMul_1] t = MatMul(s, a) [Relu_2] u = Relu(t) [MatMul_3] y = MatMul(u, wide)", wide,
			[]string{"added - > Tanh_0 Tanh", "renamed MatMul_0 MatMul > MatMul_1 MatMul", "renamed Relu_1 Relu > Relu_2 Relu", "renamed MatMul_2 MatMul > MatMul_3 MatMul"}, true},
		{"names of the layers win over costs", "[first] t = MatMul(x, a) [second] y = MatMul(t, wide)", wide,
			"[first] t = MatMul(x, wide) [w] u = Transpose(t) [second] y = MatMul(x, a)", square,
			[]string{"changed first MatMul > first MatMul", "added - > w Transpose", "changed second MatMul > second MatMul"}, false},
		{"nodes without names", "y = MatMul(x, a)", square, "y = MatMul(x, wide)", wide, []string{"changed y MatMul > y MatMul"}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := diff.Nodes(count(t, c.old, c.oldOut), count(t, c.new, c.newOut))
			var got []string
			for _, ch := range r.Changes {
				got = append(got, fmt.Sprintf("%s %s > %s", ch.Kind, name(ch.Old), name(ch.New)))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if r.Related != c.related {
				t.Errorf("related is %v", r.Related)
			}
		})
	}
}

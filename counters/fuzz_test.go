package counters_test

import (
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

// FuzzCount counts whatever text parses: no panic, no mistake in a rule, and no
// status better than what the totals are.
func FuzzCount(f *testing.F) {
	for _, body := range []string{convNet, loopNet,
		`g (float[N,4] X) => (float[N,4] Y) { S = Shape (X) R = Reshape (X, S) Y = Softmax <axis = 1> (R) }`,
		`g (float[2,N] X, float[N,3] W) => (float[2,3] Y) { Y = MatMul (X, W) }`,
		`g (float[1,2,H,W] X) => (float[1,2,P,Q] Y) { Y = MaxPool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1], ceil_mode = 1> (X) }`,
		`g (float[B,S,8] X) => (float[B,S,8] Y) <int64[3] p = {0, -1, 4}> { R = Reshape (X, p) T = Transpose <perm = [1,0,2]> (R) S = Shape (X) Y = Reshape (T, S) }`,
		`g (float[N] X) => (int64[1,M] Y) { Y = NonZero (X) }`,
	} {
		f.Add(`<ir_version: 10, opset_import: ["" : 17]> ` + body)
	}
	f.Fuzz(func(t *testing.T, src string) {
		m, err := onnxtext.Parse([]byte(src), "fuzz")
		if err != nil {
			return
		}
		r, err := counters.Count(m, counters.Options{})
		if err != nil {
			if strings.Contains(err.Error(), ops.InternalError) {
				t.Fatal(err)
			}
			return
		}
		for _, u := range r.Coverage.Unresolved {
			if strings.Contains(u.Why, ops.InternalError) {
				t.Fatal(u)
			}
		}
		if r.Coverage.Status == counters.Exact && !r.Totals.MACs().IsConst() {
			t.Fatalf("exact, but MACs are %s", r.Totals.MACs())
		}
	})
}

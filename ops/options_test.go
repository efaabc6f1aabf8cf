package ops

import (
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Names of dims as exporters write them: an expression over other dims of the
// inputs is one, a number is a name, and ? is no size.
func TestDimNames(t *testing.T) {
	p := &pass{dims: map[string]int64{"past": 3}, inputDims: map[string]bool{"past": true, "seq": true}, usedOpts: map[string]bool{}}
	for name, want := range map[string]string{
		"seq": "seq", "past": "3", "past + seq": "seq + 3", "2*seq": "2*seq", "other + seq": "other + seq", "-1": "-1", "batch size": "batch size",
	} {
		if got := p.symbol(name).String(); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	if k, ok := p.symbol("-1").Const(); ok {
		t.Errorf("the name -1 is the number %d", k)
	}
	a, b := p.symbol("?"), p.symbol("?")
	if !a.HasUnknown() || a.Equal(b) || a.Equal(graph.Sym("?")) {
		t.Errorf("two dims named ? are %s and %s", a, b)
	}
}

package convention

import (
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// callKinds are kinds that are no operators: calls that are read back from the graph.
var callKinds = []string{"*", "Linear", "Relu6", "Embedding", "Recurrent:product", "BatchNormalization:weights",
	"AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"}

// TestTables holds every convention to having a source, and every rule to kinds that
// exist, a formula over the documented names and, for a mistake, what was meant.
func TestTables(t *testing.T) {
	operators := map[string]bool{}
	ops.Each(func(_ string, op *ops.Op) { operators[op.Name] = true })
	terms, used := map[string]bool{}, map[string]bool{}
	for _, n := range Terms() {
		terms[n.Name] = true
	}
	for _, c := range List() {
		if c.Title == "" || c.Source.Tool == "" || c.Source.Where == "" || c.Name != Default && (c.Source.Version == "" || c.Source.URL == "") {
			t.Errorf("%s: title, tool, version, place and address of the source are wanted: %+v", c.Name, c.Source)
		}
		seen := map[string]bool{}
		for _, r := range c.Rules {
			for _, k := range strings.Fields(r.Kinds) {
				op, _, _ := strings.Cut(k, ":")
				if !operators[k] && !slices.Contains(callKinds, k) && !(op == "Resize" && operators[op]) {
					t.Errorf("%s: no kind is called %s", c.Name, k)
				}
				if seen[k] {
					t.Errorf("%s: two rules for %s", c.Name, k)
				}
				seen[k] = true
			}
			if (r.Bug == "") != (r.Meant == "") {
				t.Errorf("%s: %s: a mistake and what was meant go together", c.Name, r.Kinds)
			}
			for _, formula := range []string{r.Count, r.Meant} {
				checkFormula(t, c, formula, terms, used)
			}
		}
		if last := c.Rules[len(c.Rules)-1]; last.Kinds != "*" {
			t.Errorf("%s: the last rule is for %s, want one for every other kind", c.Name, last.Kinds)
		}
	}
	for n := range terms {
		if !used[n] && n != "flop" && n != "exp" { // columns of the tool's own that a new table may want
			t.Errorf("no rule uses %s", n)
		}
	}
}

func checkFormula(t *testing.T, c *Convention, formula string, terms, used map[string]bool) {
	if formula == "" {
		return
	}
	e, err := graph.ParseExpr(formula)
	if err != nil {
		t.Errorf("%s: %v", c.Name, err)
		return
	}
	e.Names(func(name string, _ int) {
		used[name] = true
		if !terms[name] {
			t.Errorf("%s: %s: %q is no name of Terms", c.Name, formula, name)
		}
	})
}

// TestLookup takes names in any case and suggests for others.
func TestLookup(t *testing.T) {
	if c, err := Lookup("THOP"); err != nil || c.Name != "thop" {
		t.Errorf("THOP: %v, %v", c, err)
	}
	_, err := Lookup("fvcor")
	if err == nil || !strings.Contains(err.Error(), `did you mean "fvcore"`) {
		t.Errorf("fvcor: %v", err)
	}
}

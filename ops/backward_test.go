package ops

import (
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// TestBackwardTable refuses a name that the table of operators lacks, one that stands twice,
// and an operator that multiplies forward but is said not to backward.
func TestBackwardTable(t *testing.T) {
	seen := map[opKey]bool{}
	for _, b := range backwards {
		if b.rule.Doc == "" {
			t.Errorf("%s: the rule has no documentation", b.names)
		}
		for _, name := range strings.Fields(b.names) {
			k := opKey{b.domain, name}
			if Versions(b.domain, name) == nil {
				t.Errorf("%v is no operator", k)
			}
			if seen[k] {
				t.Errorf("%v stands twice", k)
			}
			seen[k] = true
			for _, op := range Versions(b.domain, name) {
				if multipliesInCase(op) != b.rule.Multiplies() {
					t.Errorf("%v: MACs in its cases: %v, products in its gradient: %v", k, multipliesInCase(op), b.rule.Multiplies())
				}
			}
		}
	}
}

// multipliesInCase reports whether an example of any version of an operator has MACs.
func multipliesInCase(op *Op) bool {
	for _, v := range Versions(op.Domain, op.Name) {
		for _, c := range v.Cases {
			if strings.HasPrefix(c.Cost, "mac=") && !strings.HasPrefix(c.Cost, "mac=0") {
				return true
			}
		}
	}
	return false
}

// TestBackwardCoverage lists the operators of the standard that give floats from floats and
// have no rule: a new one must get a rule or a place here.
func TestBackwardCoverage(t *testing.T) {
	known := []string{"Det", "LinearAttention", "Range"}
	var missing []string
	Each(func(_ string, op *Op) {
		if op.Domain == "" && !op.Body && op.Backward() == nil && takesFloats(op) && !slices.Contains(missing, op.Name) {
			missing = append(missing, op.Name)
		}
	})
	slices.Sort(missing)
	if !slices.Equal(missing, known) {
		t.Errorf("no rule for gradients: %v, want %v", missing, known)
	}
}

// takesFloats reports whether an input and an output may be floats.
func takesFloats(op *Op) bool {
	s := op.Signature()
	float := func(p Param) bool {
		if d, ok := graph.ParseDType(p.Type); ok {
			return d.IsFloat()
		}
		return s.Types[p.Type].Has(graph.Float32)
	}
	return slices.ContainsFunc(s.In, float) && slices.ContainsFunc(s.Out, float)
}

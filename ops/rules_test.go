package ops

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/yamldoc"
)

// ruleWith is a file of one rule with some lines of its own.
func ruleWith(lines ...string) string {
	head := []string{"rules:", "- domain: acme", "  op: Foo"}
	return strings.Join(append(head, lines...), "\n") + "\n"
}

const anyOutput = "  outputs: [{shape: in0, dtype: in0}]"

func TestParseRulesRefuses(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"empty", "", "r.yaml:1: an empty file"},
		{"no YAML", "rules: [", "r.yaml:1: no YAML: did not find expected node content"},
		{"no rules", "{}", "no rules (expected rules: with a list)"},
		{"unknown field", "rule: []", `r.yaml:1: unknown field "rule" (expected rules; did you mean "rules"?)`},
		{"a text", "foo", `"foo" (expected rules)`},
		{"two documents", "rules: []\n---\nrules: []", "more than one YAML document"},
		{"alias", "rules: &a []", "an anchor or alias"},
		{"too large", strings.Repeat("#", yamldoc.MaxBytes+1), "more than 1048576 bytes"},
		{"no list", "rules: 3", `rules: "3" (expected a list)`},
		{"no domain", "rules:\n- op: Foo", "a rule without domain or op"},
		{"a standard operator", "rules:\n- domain: ai.onnx\n  op: Conv\n  free: no\n" + anyOutput, "r.yaml:2: ai.onnx.Conv: the standard has this operator"},
		{"field of a rule", ruleWith("  output: []"), `r.yaml:4: unknown field "output" (expected domain, op,`},
		{"twice", ruleWith("  op: Bar"), `"op" occurs twice`},
		{"no cost", ruleWith(anyOutput), "with cost and free, or with neither"},
		{"cost and free", ruleWith(anyOutput, "  free: yes", "  cost: {mac: 1}"), "with cost and free, or with neither"},
		{"no reason", ruleWith(anyOutput, `  free: " "`), "no reason (expected why the operator does no work)"},
		{"no outputs", ruleWith("  free: yes"), "r.yaml:2: acme.Foo: no outputs"},
		{"empty outputs", ruleWith("  free: yes", "  outputs: []"), "an empty list (expected shape and dtype"},
		{"no dtype", ruleWith("  free: yes", "  outputs:", "  - shape: in0"), "r.yaml:6: acme.Foo: outputs[0]: no dtype"},
		{"unknown type", ruleWith("  free: yes", "  outputs:", "  - shape: in0", "    dtype: flaot32"), `r.yaml:7: acme.Foo: outputs[0].dtype: unknown type "flaot32" (expected a type as in float32, an input as in in0, or attr.NAME; did you mean "float32"?)`},
		{"syntax", ruleWith("  free: yes", "  outputs:", "  - shape: in0[0", "    dtype: in0"), `r.yaml:6: acme.Foo: outputs[0].shape: in0[0: end where "]" is expected at 5`},
		{"unknown name", ruleWith("  free: yes", "  outputs:", "  - shape: [ni0[0], 4]", "    dtype: in0"), `unknown name "ni0" at 1 (expected in0, out0, attr.NAME; did you mean "in0"?)`},
		{"name of an input", ruleWith("  inputs: [data]", "  free: yes", "  outputs:", "  - shape: dat", "    dtype: in0"), `did you mean "data"?`},
		{"input past the names", ruleWith("  inputs: [data]", "  free: yes", "  outputs:", "  - shape: in1", "    dtype: in0"), `unknown name "in1"`},
		{"part", ruleWith("  free: yes", "  outputs:", "  - shape: in0.dims", "    dtype: in0"), "(expected in0.given or in0.values)"},
		{"a later output", ruleWith("  free: yes", "  outputs:", "  - shape: out0", "    dtype: in0"), "out0 at 0 is not known here"},
		{"an output too many", ruleWith(anyOutput, "  cost:", "    mac: elements(out1)"), "r.yaml:6: acme.Foo: cost.mac: elements(out1): out1 at 9 is not known here"},
		{"unknown function", ruleWith(anyOutput, "  cost: {mac: product(in0)}"), `unknown function "product"`},
		{"unknown column", ruleWith(anyOutput, "  cost: {macs: 1}"), `unknown field "macs" (expected mac, flop, cmp, exp or int; did you mean "mac"?)`},
		{"no column", ruleWith(anyOutput, "  cost: {}"), "no column (expected mac, flop, cmp, exp or int)"},
		{"null", ruleWith(anyOutput, "  cost: {mac: }"), `(expected a text)`},
		{"version", ruleWith("  since: 0", "  free: yes", anyOutput), `since: "0" (expected a version from 1)`},
		{"moves", ruleWith("  moves: none", "  free: yes", anyOutput), `moves: "none" (expected all or view)`},
		{"name", ruleWith("  inputs: [in0]", "  free: yes", anyOutput), "inputs[0]: \"in0\" (expected a name that is not taken"},
		{"word", ruleWith("  inputs: [X shap]", "  free: yes", anyOutput), `unknown word "shap" (expected quant, shape, stat, state or optional; did you mean "shape"?)`},
		{"default", ruleWith("  attributes: {k: in0}", "  free: yes", anyOutput), "attributes.k: in0: a name at 0 (expected an integer"},
		{"second rule", ruleWith("  free: yes", anyOutput) + "- domain: acme\n  op: Foo\n  free: yes\n" + anyOutput, "r.yaml:6: acme.Foo: a second rule since version 1 (the first is at r.yaml:2)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseRules([]byte(c.src), "r.yaml")
			var rule *RuleError
			if !errors.As(err, &rule) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

// fooModel is a model of one node acme.Foo.
func fooModel(t *testing.T, in string, attrs graph.Attrs, outs int) *graph.Model {
	t.Helper()
	m, _, err := buildCase(&Op{Name: "Foo", Domain: "acme"}, Case{In: in}, 3)
	if err != nil {
		t.Fatal(err)
	}
	n := m.Graph.Nodes[0]
	n.Attrs, n.OutputNames = attrs, nil
	for i := range outs {
		n.OutputNames = append(n.OutputNames, fmt.Sprintf("y%d", i))
	}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	return m
}

func applyRules(t *testing.T, m *graph.Model, src string) (*Result, error) {
	t.Helper()
	rules, err := ParseRules([]byte(src), "r.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return Infer(m, Options{Rules: rules})
}

var fooAttrs = graph.Attrs{
	{Name: "k", Type: graph.AttrInt, Int: 3}, {Name: "zero", Type: graph.AttrInt}, {Name: "huge", Type: graph.AttrInt, Int: 1 << 62},
	{Name: "to", Type: graph.AttrInt, Int: 10}, {Name: "kind", Type: graph.AttrString, Str: "DOUBLE"},
	{Name: "pads", Type: graph.AttrInts, Ints: []int64{1, 2}}, {Name: "scale", Type: graph.AttrFloat, Float: 2}, {Name: "half", Type: graph.AttrFloat, Float: 0.5},
}

// TestRuleShapes evaluates shapes on a node with inputs [N,3,8,6], of unknown rank, the values {4,2}, and one omitted.
func TestRuleShapes(t *testing.T) {
	for _, c := range []struct{ shape, dtype, want string }{
		{"in0", "in0", "float32 [N,3,8,6]"},
		{"[in0[0], attr.k, floor((in0[2] - attr.k) / 2) + 1]", "attr.to", "float16 [N,3,3]"},
		{"in0[:2], sum(attr.pads)", "attr.kind", "float64 [N,3,3]"},
		{"[]", "int64", "int64 []"},
		{"attr.scale * in0[1], attr.stride", "bool", "bool [6,7]"},
		{"in1", "in2", "int64 []*"},
		{"in1[0], 4", "in1", "float32 [?,4]"},
		{"in2.values", "in0", "float32 [4,2]"},
		{"in0[1] + in3.given, rank(in0)", "in0", "float32 [3,4]"},
	} {
		m := fooModel(t, "f32[N,3,8,6] f32[*] i64[2]={4,2} _", fooAttrs, 1)
		r, err := applyRules(t, m, ruleWith("  attributes: {stride: 7}", "  free: yes", "  outputs:", "  - shape: "+c.shape, "    dtype: "+c.dtype))
		if err != nil {
			t.Errorf("%s: %v", c.shape, err)
			continue
		}
		if got := showOut(r.Main.Info(m.Graph.Nodes[0].Outputs[0]), false); got != c.want {
			t.Errorf("%s: %s, want %s", c.shape, got, c.want)
		}
	}
}

func TestRuleCosts(t *testing.T) {
	m := fooModel(t, "f32[N,3,8,6] !f32[5]", fooAttrs, 1)
	src := ruleWith(anyOutput, "  cost:", "    mac: elements(out0)*attr.k^2", "    flop: 5*in0[0]", "    cmp: prod(in0[1:])", "    exp: 2", "    int: attr.huge*attr.huge")
	r, err := applyRules(t, m, src)
	if err != nil {
		t.Fatal(err)
	}
	checkCost(t, r.Main.Nodes[0], "mac=1296*N flop=5*N cmp=144 exp=2 int=21267647932558653966460912964485513216")
	if got := r.Main.Nodes[0].Op.Source; got != "r.yaml:2" {
		t.Errorf("the rule is from %s", got)
	}
	m = fooModel(t, "f32[N,3,8,6] f32[*]", fooAttrs, 1)
	r, err = applyRules(t, m, ruleWith(anyOutput, "  cost: {mac: elements(in1)}"))
	if err != nil || r.Main.Nodes[0].State != Unresolved {
		t.Errorf("a cost of a shape that is not known is %v (%v)", r.Main.Nodes[0].State, err)
	}
}

// TestRuleOfConstants has a node of constants only: what it computes before the run nobody knows.
func TestRuleOfConstants(t *testing.T) {
	r, err := applyRules(t, fooModel(t, "!f32[5]", nil, 1), ruleWith(anyOutput, "  cost: {flop: 7}"))
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Main.Nodes[0]; n.State != Counted || !n.Cost.Flop.Is(7) {
		t.Errorf("%v, %v flops", n.State, n.Cost.Flop)
	}
}

func TestRuleErrorsAtNodes(t *testing.T) {
	for _, c := range []struct{ shape, cost, want string }{
		{"in0[4]", "1", "outputs[0].shape: in0[4]: index 4 in a list of 4 at 3"},
		{"in0, in7", "1", "the node does not give in7"},
		{"in3", "1", "the node does not give in3"},
		{"in0[0], attr.zeroo", "1", `the node has no attribute "zeroo" (expected k, zero, huge, to, kind, pads, scale or half, or a default under attributes; did you mean "zero"?)`},
		{"1 / attr.zero", "1", "a division by zero at 2"},
		{"in0[2] / attr.k", "1", "a division with a remainder: (8)/(3)"},
		{"attr.huge * attr.huge", "1", "dim 0 is 21267647932558653966460912964485513216, which exceeds 64 bits"},
		{"in0[1] - 4", "1", "dim 0 is -1 (expected 0 or more)"},
		{"attr.half", "1", `attribute "half" is the float 0.5 (expected int, ints, or a float that is whole)`},
		{"attr.kind", "1", `attribute "kind" is of type string`},
		{"in0", "mod(3, attr.zero)", "r.yaml:7: acme.Foo: cost.mac: mod(3, attr.zero): a division by zero"},
		{"in0", "-in0[0]", "the cost is -N (expected 0 or more)"},
		{"in0", "in0", "a list of 4 sizes where a number is expected"},
		{"in0", "out0.values[0]", "the values of out0 are not known to a rule"},
	} {
		m := fooModel(t, "f32[N,3,8,6] f32[*] i64[2]={4,2} _", fooAttrs, 1)
		_, err := applyRules(t, m, ruleWith("  outputs:", "  - dtype: in0", "    shape: "+c.shape, "  cost: {mac: "+`"`+c.cost+`"}`))
		var rule *RuleError
		if !errors.As(err, &rule) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `node "node" (Foo): r.yaml:`) {
			t.Errorf("%s, %s: %v, want %q", c.shape, c.cost, err, c.want)
		}
	}
	_, err := applyRules(t, fooModel(t, "f32[2]", nil, 2), ruleWith("  free: yes", anyOutput))
	if err == nil || !strings.Contains(err.Error(), "the node has 2 outputs (expected at most 1") {
		t.Error(err)
	}
	_, err = applyRules(t, fooModel(t, "f32[2] f32[2]", nil, 1), ruleWith("  inputs: [X]", "  free: yes", anyOutput))
	if err == nil || !strings.Contains(err.Error(), "2 inputs (1 to 1, says the rule at r.yaml:2)") {
		t.Error(err)
	}
}

// TestRuleVersions has two rules of one operator; the model imports version 3.
func TestRuleVersions(t *testing.T) {
	rule := func(since int) string {
		return fmt.Sprintf("- domain: acme\n  op: Foo\n  since: %d\n  cost: {flop: %d}\n%s\n", since, since, anyOutput)
	}
	for _, c := range []struct {
		src  string
		flop int64
	}{{rule(2) + rule(1) + rule(4), 2}, {rule(3) + rule(4), 3}} {
		r, err := applyRules(t, fooModel(t, "f32[2]", nil, 1), "rules:\n"+c.src)
		if err != nil || !r.Main.Nodes[0].Cost.Flop.Is(c.flop) {
			t.Errorf("%v flops (%v), want %d", r.Main.Nodes[0].Cost.Flop, err, c.flop)
		}
	}
	r, err := applyRules(t, fooModel(t, "f32[2]", nil, 1), "rules:\n"+rule(4))
	if err != nil || r.Main.Nodes[0].State != Uncounted {
		t.Errorf("a rule of a later version counts: %v", err)
	}
}

// FuzzParseRules looks for panics and for errors of more than one line.
func FuzzParseRules(f *testing.F) {
	f.Add(ruleWith("  attributes: {stride: 7}", "  free: yes", "  outputs:", "  - shape: [in0[0], attr.k]", "    dtype: in0"))
	f.Add(ruleWith(anyOutput, "  cost: {mac: elements(out0)*attr.k^2}"))
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := ParseRules([]byte(src), "r.yaml"); err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q", err.Error())
		}
	})
}

// TestRulesPageIsRight parses the example of the documentation.
func TestRulesPageIsRight(t *testing.T) {
	page, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	src, _, ok := strings.Cut(rest, "```")
	r, err := ParseRules([]byte(src), "rules.md")
	if !ok || err != nil || r.lookup("com.acme", "Conv1", 1) == nil {
		t.Errorf("the example of docs/rules.md: %v", err)
	}
}

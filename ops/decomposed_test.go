package ops

import (
	"fmt"
	"math/rand"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// A decomposed operator is one whose definition is a computation of other
// operators. Its graph is counted beside its rule, column by column.
//
// Capital letters are sizes; the test draws them. Inputs and attributes are written
// as in a Case, with {expression} for a size in an attribute. The graph sees the inputs
// as x0, x1 ... and a scalar float a, none of them constants; {expression} is a size
// and #[4,B*S] a constant vector of integers.
type decomposed struct {
	op, in, attrs string
	outs          string // outputs to ask for, one if ""
	graph         string
	// more is what the rule counts that the graph does not, "flop=B*S cmp=-B", and why.
	more, why string
}

// decompositions are the operators that are compared with a graph.
var decompositions = map[string][]decomposed{
	"pointwise": pointwiseGraphs, "norm": normGraphs, "matmul": matmulGraphs, "quant": quantGraphs, "attention": attentionGraphs, "window": windowGraphs, "move": moveGraphs, "qonnx": qonnxGraphs,
}

var (
	bracketed = regexp.MustCompile(`[\[{][^\]}]*[\]}]`)
	template  = regexp.MustCompile(`\{([^}]*)\}`)
	vector    = regexp.MustCompile(`#\[([^\]]*)\]`)
	sizeName  = regexp.MustCompile(`\b[A-Z]\b`)
)

// evaluate returns an expression of sizes as a number, and others as they are.
func evaluate(s string, env map[string]int64) string {
	if d, err := graph.ParseDim(strings.TrimSpace(s)); err == nil {
		if k, err := d.Eval(env); err == nil {
			return strconv.FormatInt(k, 10)
		}
	}
	return s
}

func evaluateList(s string, env map[string]int64) string {
	parts := splitTop(s)
	for i := range parts {
		parts[i] = evaluate(parts[i], env)
	}
	return strings.Join(parts, ",")
}

// fillInputs writes numbers for the sizes in dims and values of inputs.
func fillInputs(s string, env map[string]int64) string {
	return bracketed.ReplaceAllStringFunc(s, func(m string) string {
		return m[:1] + evaluateList(m[1:len(m)-1], env) + m[len(m)-1:]
	})
}

func fillTemplates(s string, env map[string]int64) string {
	return template.ReplaceAllStringFunc(s, func(m string) string { return evaluate(m[1:len(m)-1], env) })
}

// textType is the type of a case's input in the textual syntax.
func textType(v caseValue) string {
	name := map[graph.DType]string{graph.Float32: "float", graph.Float64: "double"}[v.dtype]
	if name == "" {
		name = v.dtype.String()
	}
	return name + strings.ReplaceAll(v.dims.String(), " ", "")
}

// source writes the graph of a decomposed operator as text.
func (d decomposed) source(t *testing.T, env map[string]int64) string {
	t.Helper()
	inputs := []string{"float a"}
	for i, s := range strings.Fields(fillInputs(d.in, env)) {
		name := fmt.Sprintf("x%d", i)
		v, err := parseCaseValue(s, name)
		if err != nil {
			t.Fatal(err)
		}
		if !v.omitted {
			if v.dims.String() == "[]" {
				v.dims = nil
			}
			inputs = append(inputs, strings.TrimSuffix(textType(v), "[?]")+" "+name)
		}
	}
	constants := ""
	body := vector.ReplaceAllStringFunc(fillTemplates(d.graph, env), func(m string) string {
		name := fmt.Sprintf("k%d", strings.Count(constants, "Constant"))
		constants += fmt.Sprintf("%s = Constant <value_ints = [%s]> ()\n", name, evaluateList(m[2:len(m)-1], env))
		return name
	})
	return fmt.Sprintf("<ir_version: 10, opset_import: [\"\": 25, \"%s\": 1]>\ng (%s) => (float[] y) {\n%s%s\n}", msDomain, strings.Join(inputs, ", "), constants, body)
}

// graphCost is the work of all nodes of a graph in the textual syntax.
func graphCost(t *testing.T, source string) (sum Cost) {
	t.Helper()
	m, err := onnxtext.Parse([]byte(source), "decomposed")
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	if err := m.Link(); err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	r, err := Infer(m, Options{IgnoreDeclared: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	for i, n := range r.Main.Nodes {
		if n.State != Counted && n.State != Free && n.State != Folded {
			t.Fatalf("%s is %s: %s\n%s", m.Graph.Nodes[i].Op, n.State, n.Why, source)
		}
		sum = sum.Add(n.Cost)
	}
	return sum
}

// parseCost reads "mac=B*S flop=3" at sizes.
func parseCost(t *testing.T, s string, env map[string]int64) (c Cost) {
	t.Helper()
	columns := map[string]*graph.Dim{"mac": &c.MAC, "flop": &c.Flop, "cmp": &c.Cmp, "exp": &c.Exp, "int": &c.Int}
	for _, f := range strings.Fields(s) {
		name, expr, _ := strings.Cut(f, "=")
		d, err := graph.ParseDim(expr)
		if err != nil || columns[name] == nil {
			t.Fatalf("%q: %v", f, err)
		}
		k, err := d.Eval(env)
		if err != nil {
			t.Fatal(err)
		}
		*columns[name] = graph.Int(k)
	}
	return c
}

// compare counts a decomposed operator and its graph at random sizes.
func (d decomposed) compare(t *testing.T, r *rand.Rand) {
	for range 6 {
		env := map[string]int64{}
		for _, letter := range sizeName.FindAllString(d.in+" "+d.attrs+" "+d.graph, -1) {
			env[letter] = int64(1 + r.Intn(6))
		}
		in := fillInputs(d.in, env)
		attrs := fillTemplates(d.attrs, env)
		got := costAt(t, d.op, attrs, d.outs, in)
		want := graphCost(t, d.source(t, env)).Add(parseCost(t, d.more, env))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s of %s %s costs %v, its graph and what it leaves out %v", d.op, in, attrs, got, want)
			return
		}
	}
}

func TestGraphsOfFusedOperators(t *testing.T) {
	for family, list := range decompositions {
		t.Run(family, func(t *testing.T) {
			r := rand.New(rand.NewSource(5))
			for _, d := range list {
				if (d.more == "") != (d.why == "") {
					t.Errorf("%s: a difference and its reason go together", d.op)
				}
				d.compare(t, r)
			}
		})
	}
}

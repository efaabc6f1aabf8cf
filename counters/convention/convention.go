// Package convention counts a model as other tools do: each counting convention is a
// table of formulas over the columns and sizes of a node, with the source of its rules.
//
//	c, err := convention.Lookup("fvcore")
//	r, err := counters.Count(m, counters.Options{Measure: c.Measure()})
//	fmt.Println(r.Totals.MACs())
package convention

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Default is the name of the tool's own convention.
const Default = "macs"

// Convention is one way to count.
type Convention struct {
	Name  string
	Title string
	Unit  counters.Unit
	// Calls says that the rules are about calls of a framework, which are read back from
	// the graph; otherwise they are about nodes as written.
	Calls bool
	// Source names the tool with its version and the file and function of the rules, or
	// the paper.
	Source Source
	Rules  []Rule
	// Notes say what the convention leaves out and how it is told.
	Notes []string

	compiled sync.Once
	index    map[string]*Rule
}

// Source is where the rules of a convention are written down.
type Source struct {
	Tool, Version string
	Where         string // files and functions, or sections
	URL           string
}

// Rule says what the calls or nodes of some kinds count for.
type Rule struct {
	// Kinds are operators or calls, separated by spaces; "*" is every other one.
	Kinds string
	// Count is a formula over the names of Terms, "0" for nothing.
	Count string
	// Modules are the classes of torch.nn, separated by spaces, whose calls are seen, or
	// with a * a part of the name of any class; "" for all. It decides where the exporter
	// recorded the class.
	Modules string
	// NoModules are classes, separated by spaces, whose calls are not seen.
	NoModules string
	// Bug says that the rule is a mistake of the tool, kept because published figures rest
	// on it; Meant is what the rule would be without: where both agree there is no harm.
	Bug   string
	Meant string
	Note  string

	expr, meant *graph.Expr
}

// Term is a name that a formula may use.
type Term struct{ Name, Doc string }

// Terms lists the names of formulas.
func Terms() []Term {
	return []Term{
		{"mac", "multiply-accumulates of the node"},
		{"flop", "other float operations of the node"},
		{"exp", "transcendental calls of the node"},
		{"in", "elements of the first input"},
		{"in2", "elements of the second input, 0 if there is none"},
		{"in3", "elements of the third input, 0 if there is none"},
		{"out", "elements of the first output"},
		{"x", "shape of the first input"},
		{"y", "shape of the first output"},
		{"w", "shape of the second input"},
		{"bias", "1 with a bias, else 0"},
		{"affine", "1 with a scale, else 0"},
		{"training", "1 where statistics are of the batch, else 0"},
		{"params", "elements of the weights"},
		{"kernel", "positions of the window"},
		{"features", "size of the axis that is normalised"},
		{"einsum", "mac in the four digits that numpy's einsum_path prints"},
		{"cells", "steps x batch x directions x hidden units of a recurrent layer"},
		{"inputs", "how many inputs are given"},
		{"strides", "strides, one for each spatial axis"},
		{"same", "1 with auto_pad SAME_UPPER or SAME_LOWER, else 0"},
		{"residual", "1 where both operands are computed, 0 where one is a constant"},
	}
}

// NameError says that a name is of no convention.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("unknown convention %q (expected %s%s)", e.Name, graph.OrList(Names()), hint(e.Name))
}

func hint(name string) string {
	h := graph.DidYouMean(name, Names())
	return strings.TrimSuffix(strings.Replace(h, " (", "; ", 1), ")")
}

// Lookup returns the convention of a name; the error is a *NameError.
func Lookup(name string) (*Convention, error) {
	for _, c := range List() {
		if strings.EqualFold(c.Name, name) {
			return c, nil
		}
	}
	return nil, &NameError{name}
}

// Names lists the conventions in the order of List.
func Names() []string {
	var out []string
	for _, c := range List() {
		out = append(out, c.Name)
	}
	return out
}

// rule returns the rule of a kind, nil if the convention has none: it counts nothing.
func (c *Convention) rule(kind string) *Rule {
	c.compiled.Do(c.compile)
	if r := c.index[kind]; r != nil {
		return r
	}
	return c.index["*"]
}

func (c *Convention) compile() {
	c.index = map[string]*Rule{}
	for i := range c.Rules {
		r := &c.Rules[i]
		r.expr = c.parse(r.Count)
		if r.Bug != "" {
			r.meant = c.parse(r.Meant)
		}
		for _, k := range strings.Fields(r.Kinds) {
			c.index[k] = r
		}
	}
}

func (c *Convention) parse(formula string) *graph.Expr {
	e, err := graph.ParseExpr(formula)
	if err != nil {
		panic(c.Name + ": " + err.Error()) // a test compiles every convention
	}
	return e
}

// sees reports whether a call of a module class is counted: class is "" where the
// exporter did not record it, which is taken for one of the expected.
func (r *Rule) sees(class string) bool {
	if slices.Contains(strings.Fields(r.NoModules), lastPart(class)) {
		return false
	}
	if r.Modules == "" || class == "" {
		return true
	}
	for _, m := range strings.Fields(r.Modules) {
		part, anyPackage := strings.CutPrefix(m, "*")
		if anyPackage && strings.Contains(lastPart(class), part) || strings.HasPrefix(class, "torch.nn.") && lastPart(class) == m {
			return true
		}
	}
	return false // a function that another module calls, or a class of its own
}

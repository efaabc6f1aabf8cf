package budget

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/yamldoc"
	"github.com/onnxmeter/onnxmeter/ops"
)

// OpsLimit says which operators a model may hold. Names are those of operators of the
// standard, or have their domain in front: com.microsoft.Attention; com.microsoft.*
// stands for a whole domain.
type OpsLimit struct {
	Allow    []string // nil: all
	Deny     []string
	MaxOpset int64 // of ai.onnx; 0: any
	Level    Level
	Source   string
}

var opsFields = []string{"allow", "deny", "max_opset", "level"}

// ops reads the lists of operators.
func (p *parser) ops(f yamldoc.Field) *OpsLimit {
	o := &OpsLimit{Level: Fail, Source: p.source(f.Line)}
	fields, err := yamldoc.Fields(f.Value, opsFields...)
	p.must(err)
	for _, f := range fields {
		switch f.Key {
		case "allow":
			o.Allow = p.operators(f)
		case "deny":
			o.Deny = p.operators(f)
		case "max_opset":
			o.MaxOpset, _ = strconv.ParseInt(p.count(f.Value, "ops.max_opset"), 10, 64)
			if o.MaxOpset == 0 {
				p.fail(f.Value, "ops.max_opset: 0 (expected 1 or more)")
			}
		case "level":
			o.Level = Level(p.text(f.Value, "ops.level"))
			if o.Level != Fail && o.Level != Warn {
				p.fail(f.Value, "ops.level: %q (expected fail or warn)", graph.Clip(string(o.Level)))
			}
		}
	}
	if o.Allow == nil && o.Deny == nil && o.MaxOpset == 0 {
		p.fail(f.Value, "ops: no limit (expected allow, deny or max_opset)")
	}
	return o
}

// operators reads a list of names. One of the standard must exist: a name misspelt
// would deny nothing.
func (p *parser) operators(f yamldoc.Field) []string {
	list, err := yamldoc.List(f.Value)
	p.must(err)
	if len(list) == 0 {
		p.fail(f.Value, "ops.%s: an empty list (expected names of operators)", f.Key)
	}
	var out []string
	for _, n := range list {
		name := p.text(n, "ops."+f.Key)
		p.known(n, name)
		domain, op := splitName(name)
		out = append(out, qualified(domain, op))
	}
	return out
}

func (p *parser) known(n *yaml.Node, name string) {
	if name == "" || strings.Contains(strings.TrimSuffix(name, ".*"), "*") {
		p.fail(n, "ops: %q (expected the name of an operator, or DOMAIN.*)", graph.Clip(name))
	}
	domain, op := splitName(name)
	var siblings []string
	ops.Each(func(_ string, o *ops.Op) {
		if o.Domain == domain {
			siblings = append(siblings, o.Name)
		}
	})
	if op == "*" || len(siblings) == 0 && domain != "" || slices.Contains(siblings, op) {
		return
	}
	p.fail(n, "ops: unknown operator %q (expected one that onnxmeter ops lists, or one of a domain of your own%s)", graph.Clip(name), yamldoc.Hint(op, slices.Compact(siblings)))
}

// splitName separates the domain of an operator; that of the standard is empty.
func splitName(name string) (domain, op string) {
	i := strings.LastIndex(name, ".")
	return graph.NormalDomain(name[:max(i, 0)]), name[i+1:]
}

// judge holds the operators of a model to the lists.
func (o *OpsLimit) judge(m *graph.Model, r *Result) {
	held := census(m)
	if o.MaxOpset > 0 {
		c, f := o.opset(m)
		o.add(r, c, f, fmt.Sprintf("export the model with opset %d, or raise ops.max_opset at %s", o.MaxOpset, o.Source))
	}
	if o.Allow != nil {
		c, f := o.count(held, "is not allowed", func(name string) bool { return !listed(o.Allow, name) })
		o.add(r, c, f, "add it to ops.allow at "+o.Source)
	}
	if o.Deny != nil {
		c, f := o.count(held, "is denied", func(name string) bool { return listed(o.Deny, name) })
		o.add(r, c, f, "remove it from ops.deny at "+o.Source)
	}
}

// add enters a comparison and its finding, if there is one.
func (o *OpsLimit) add(r *Result, c Check, f *Finding, fix string) {
	c.Level, c.Source, c.Passed = o.Level, o.Source, f == nil
	r.Checks = append(r.Checks, c)
	if f != nil {
		f.File, f.Rule, f.Kind, f.Level, f.Fix, f.Source = r.File, c.Rule, Over, o.Level, fix, o.Source
		f.Value, f.Limit, f.Over = c.Value, c.Limit, new(big.Rat).Sub(c.Value, c.Limit)
		r.Findings = append(r.Findings, *f)
	}
}

func (o *OpsLimit) opset(m *graph.Model) (Check, *Finding) {
	c := Check{Rule: Opset, Value: new(big.Rat).SetInt64(m.Opsets[""]), Limit: new(big.Rat).SetInt64(o.MaxOpset)}
	if c.Value.Cmp(c.Limit) <= 0 {
		return c, nil
	}
	return c, &Finding{Message: fmt.Sprintf("opset %d of ai.onnx is over %d", m.Opsets[""], o.MaxOpset)}
}

// count counts the nodes whose operator is bad.
func (o *OpsLimit) count(held []opNodes, verb string, bad func(string) bool) (Check, *Finding) {
	c := Check{Rule: Ops, Value: new(big.Rat), Limit: new(big.Rat)}
	var t top
	var first *opNodes
	kinds := 0
	for i := range held {
		if h := &held[i]; bad(h.name) {
			n := new(big.Rat).SetInt64(h.nodes)
			c.Value.Add(c.Value, n)
			t.add(h.name, n)
			if kinds++; first == nil {
				first = h
			}
		}
	}
	if first == nil {
		return c, nil
	}
	return c, &Finding{Contributors: t.list,
		Message: fmt.Sprintf("operator %s of node %q %s%s", graph.Quote(first.name), graph.Clip(first.node), verb, more(kinds-1, "operator"))}
}

// qualified is the name of an operator in lists: with its domain unless that is the
// standard one, whose name is needed for all of it.
func qualified(domain, op string) string {
	if domain == "" && op != "*" {
		return op
	}
	return graph.DomainName(domain) + "." + op
}

// listed reports whether a list names an operator or its domain.
func listed(list []string, name string) bool {
	domain, _ := splitName(name)
	return slices.Contains(list, name) || slices.Contains(list, qualified(domain, "*"))
}

// opNodes is how often an operator stands in a model.
type opNodes struct {
	name  string
	node  string // the first
	nodes int64
}

// census lists the operators in the order of the file, those in subgraphs, in branches
// that are not counted and in local functions too. Calls of local functions are not
// operators.
func census(m *graph.Model) []opNodes {
	local := map[string]bool{}
	for _, f := range m.Functions {
		// One with the name of a known operator does not replace it.
		local[qualified(f.Domain, f.Name)] = len(ops.Versions(f.Domain, f.Name)) == 0
	}
	var out []opNodes
	at := map[string]int{}
	var walk func(g *graph.Graph)
	walk = func(g *graph.Graph) {
		for _, n := range g.Nodes {
			if name := qualified(n.Domain, n.Op); !local[name] {
				i, seen := at[name]
				if !seen {
					i = len(out)
					at[name] = i
					out = append(out, opNodes{name: name, node: n.Label()})
				}
				out[i].nodes++
			}
			n.Bodies(func(_ string, body *graph.Graph) { walk(body) })
		}
	}
	walk(m.Graph)
	for _, f := range m.Functions {
		walk(f.Body)
	}
	return out
}

// String words the limit: "allow A, B; deny C; opset 17".
func (o *OpsLimit) String() string {
	var parts []string
	if o.Allow != nil {
		parts = append(parts, "allow "+strings.Join(o.Allow, ", "))
	}
	if o.Deny != nil {
		parts = append(parts, "deny "+strings.Join(o.Deny, ", "))
	}
	if o.MaxOpset > 0 {
		parts = append(parts, fmt.Sprintf("opset %d", o.MaxOpset))
	}
	return strings.Join(parts, "; ")
}

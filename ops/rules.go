package ops

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/yamldoc"
)

// Rules are formulas of a user for operators that the table does not know. The nil
// Rules has none.
type Rules struct {
	path  string
	table table
}

// RuleError says what is wrong with a user's rule and where.
type RuleError struct {
	Path  string
	Line  int
	Op    string // domain.op, "" if none is concerned
	Field string // "" if no single one is concerned
	What  string // what was found, with what was expected in parentheses
}

func (e *RuleError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", e.Path, e.Line)
	for _, part := range []string{e.Op, e.Field} {
		if part != "" {
			b.WriteString(graph.Quote(part) + ": ")
		}
	}
	return b.String() + e.What
}

// userRule is the rule of one operator; its Op evaluates it.
type userRule struct {
	file    *Rules
	line    int
	op      *Op
	inputs  []string // names of inputs beside in0, in1 ...
	attrs   map[string]graph.Operand
	outputs []ruleOutput
	cost    [len(costColumns)]*ruleExpr
}

type ruleOutput struct {
	shape *ruleExpr
	dtype *ruleExpr // a name: a type, an input, an attribute
}

// ruleExpr is a formula with its place.
type ruleExpr struct {
	*graph.Expr
	field string
	line  int
}

var costColumns = [...]string{"mac", "flop", "cmp", "exp", "int"}

// ParseRules reads a file of rules; docs/rules.md describes it. A wrong one gives a
// *RuleError.
func ParseRules(src []byte, path string) (r *Rules, err error) {
	p := &ruleParser{rules: &Rules{path: path, table: table{}}}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *RuleError:
			e.Path = path
			r, err = nil, e
		default:
			panic(e)
		}
	}()
	p.file(src)
	return p.rules, nil
}

// lookup returns the newest rule that is not newer than an opset version.
func (r *Rules) lookup(domain, name string, opset int64) *Op {
	if r == nil {
		return nil
	}
	return r.table.lookup(domain, name, opset)
}

type ruleParser struct {
	rules *Rules
	op    string
}

func (p *ruleParser) fail(line int, field, format string, args ...any) {
	panic(&RuleError{Line: max(1, line), Op: p.op, Field: field, What: fmt.Sprintf(format, args...)})
}

var shapeLine = regexp.MustCompile(`(?m)^([ \t]*(?:- )?[ \t]*shape:[ \t]+)(\[[^"'\n#]*\])([ \t]*(?:#.*)?\r?)$`)

// file reads the whole file. A line "shape: [in0[0], 4]" is read as if the list were in
// quotes: in plain YAML an element of a list cannot hold a bracket.
func (p *ruleParser) file(src []byte) {
	doc, err := yamldoc.Parse(shapeLine.ReplaceAll(src, []byte(`$1"$2"$3`)), " (a formula with brackets, commas or a colon needs quotes)")
	p.must(err, "")
	list := p.fields(doc, "", "rules")["rules"]
	if list == nil {
		p.fail(doc.Line, "", "no rules (expected rules: with a list)")
	}
	for _, n := range p.list(list, "rules") {
		p.rule(n)
	}
	for _, versions := range p.rules.table {
		sort.Slice(versions, func(i, j int) bool { return versions[i].Since[0] < versions[j].Since[0] })
	}
}

// must fails with an error of the file, if there is one.
func (p *ruleParser) must(err *yamldoc.Error, field string) {
	if err != nil {
		p.fail(err.Line, field, "%s", err.What)
	}
}

// fields returns the values of a mapping whose keys must be among the allowed ones.
func (p *ruleParser) fields(n *yaml.Node, field string, allowed ...string) map[string]*yaml.Node {
	list, err := yamldoc.Fields(n, allowed...)
	p.must(err, field)
	out := make(map[string]*yaml.Node, len(list))
	for _, f := range list {
		out[f.Key] = f.Value
	}
	return out
}

func (p *ruleParser) list(n *yaml.Node, field string) []*yaml.Node {
	list, err := yamldoc.List(n)
	p.must(err, field)
	return list
}

func (p *ruleParser) text(n *yaml.Node, field string) string {
	if n == nil {
		return ""
	}
	s, err := yamldoc.Text(n)
	p.must(err, field)
	return s
}

var ruleFields = []string{"domain", "op", "since", "doc", "inputs", "attributes", "outputs", "cost", "free", "moves"}

// rule reads one rule and enters it.
func (p *ruleParser) rule(n *yaml.Node) {
	p.op = ""
	f := p.fields(n, "", ruleFields...)
	r := &userRule{file: p.rules, line: n.Line}
	r.op = &Op{Domain: graph.NormalDomain(p.text(f["domain"], "domain")), Name: p.text(f["op"], "op"), Since: []int{p.since(f["since"])},
		Doc: p.text(f["doc"], "doc"), Source: fmt.Sprintf("%s:%d", p.rules.path, n.Line), Random: true,
		Types: "T: all tensor seq optional map sparse; U: all tensor", Out: "out...?:U each"}
	if f["domain"] == nil || r.op.Name == "" {
		p.fail(n.Line, "", "a rule without domain or op (expected both; domain is ai.onnx for the standard's own)")
	}
	p.op = graph.DomainName(r.op.Domain) + "." + r.op.Name
	p.free(r, f, n.Line)
	p.inputs(r, f["inputs"])
	p.defaults(r, f["attributes"])
	p.outputs(r, f["outputs"], n.Line)
	p.costs(r, f["cost"])
	switch moves := p.text(f["moves"], "moves"); moves {
	case "", "all":
	case "view":
		r.op.Moves = View
	default:
		p.fail(f["moves"].Line, "moves", "%q (expected all or view)", graph.Clip(moves))
	}
	if r.op.Doc == "" {
		r.op.Doc = "Counted as its rule says."
	}
	r.op.Infer = r.infer
	p.enter(r)
}

// free reads what stands in for a cost.
func (p *ruleParser) free(r *userRule, f map[string]*yaml.Node, line int) {
	if (f["free"] == nil) == (f["cost"] == nil) {
		p.fail(line, "", "a rule with cost and free, or with neither (expected cost: with formulas, or free: with the reason why it does no work)")
	}
	if f["free"] != nil {
		if r.op.Free = p.text(f["free"], "free"); strings.TrimSpace(r.op.Free) == "" {
			p.fail(f["free"].Line, "free", "no reason (expected why the operator does no work)")
		}
	}
}

// standardDomains are those of the standard, whose operators no rule may replace.
var standardDomains = []string{"", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview", "ai.onnx.preview.training"}

func (p *ruleParser) enter(r *userRule) {
	op := r.op
	if slices.Contains(standardDomains, op.Domain) && index().versions(op.Domain, op.Name) != nil {
		p.fail(r.line, "", "the standard has this operator (expected one that it has not: its rules cannot be replaced)")
	}
	k := opKey{op.Domain, op.Name}
	for _, old := range p.rules.table[k] {
		if old.Since[0] == op.Since[0] {
			p.fail(r.line, "", "a second rule since version %d (the first is at %s)", op.Since[0], old.Source)
		}
	}
	p.rules.table[k] = append(p.rules.table[k], op)
}

func (p *ruleParser) since(n *yaml.Node) int {
	if n == nil {
		return 1
	}
	v, err := strconv.Atoi(p.text(n, "since"))
	if err != nil || v < 1 || v > math.MaxInt32 {
		p.fail(n.Line, "since", "%q (expected a version from 1)", graph.Clip(n.Value))
	}
	return v
}

var (
	ruleName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	reservedName = regexp.MustCompile(`^((in|out)[0-9]+|attr)$`)
)

// inputWords may follow the name of an input: a role, or that it may be omitted.
var inputWords = append(sortedKeys(roleWords), "optional")

// inputs reads the names of inputs with the words after them: "B optional".
func (p *ruleParser) inputs(r *userRule, n *yaml.Node) {
	if n == nil {
		r.op.In = "in...?:T each"
		return
	}
	var params []string
	for i, item := range p.list(n, "inputs") {
		field := fmt.Sprintf("inputs[%d]", i)
		words := strings.Fields(p.text(item, field))
		if len(words) == 0 || !ruleName.MatchString(words[0]) || reservedName.MatchString(words[0]) || slices.Contains(r.inputs, words[0]) {
			p.fail(item.Line, field, "%q (expected a name that is not taken, as in X, or B optional)", graph.Clip(item.Value))
		}
		typ := ":T each"
		for _, w := range words[1:] {
			switch {
			case !slices.Contains(inputWords, w):
				p.fail(item.Line, field, "unknown word %q (expected %s%s)", graph.Clip(w), graph.OrList(inputWords), yamldoc.Hint(w, inputWords))
			case w == "optional":
				typ = "?" + typ
			default:
				typ += " " + w
			}
		}
		r.inputs = append(r.inputs, words[0])
		params = append(params, words[0]+typ)
	}
	r.op.In = strings.Join(params, ",")
}

// defaults reads the attributes that a node may leave out.
func (p *ruleParser) defaults(r *userRule, n *yaml.Node) {
	r.attrs = map[string]graph.Operand{}
	if n == nil {
		return
	}
	for name, v := range p.fields(n, "attributes") {
		field := "attributes." + name
		e := p.expr(v, field)
		o, err := e.Eval(func(string) (graph.Operand, error) { return graph.Operand{}, errors.New("a name") })
		if err != nil {
			p.fail(v.Line, field, "%v (expected an integer or a list of integers)", err)
		}
		r.attrs[name] = o
	}
}

// expr reads a formula; a YAML list is one of its elements.
func (p *ruleParser) expr(n *yaml.Node, field string) *ruleExpr {
	src := ""
	if n.Kind == yaml.SequenceNode {
		parts := make([]string, len(n.Content))
		for i, item := range n.Content {
			parts[i] = p.text(item, fmt.Sprintf("%s[%d]", field, i))
		}
		src = "[" + strings.Join(parts, ", ") + "]"
	} else {
		src = p.text(n, field)
	}
	e, err := graph.ParseExpr(src)
	if err != nil {
		p.fail(n.Line, field, "%v", err)
	}
	return &ruleExpr{e, field, n.Line}
}

func (p *ruleParser) outputs(r *userRule, n *yaml.Node, line int) {
	if n == nil {
		p.fail(line, "", "no outputs (expected a list with shape and dtype of each)")
	}
	for i, item := range p.list(n, "outputs") {
		field := fmt.Sprintf("outputs[%d]", i)
		f := p.fields(item, field, "shape", "dtype")
		for _, k := range []string{"shape", "dtype"} {
			if f[k] == nil {
				p.fail(item.Line, field, "no %s", k)
			}
		}
		o := ruleOutput{p.expr(f["shape"], field+".shape"), p.expr(f["dtype"], field+".dtype")}
		p.names(r, o.shape, i)
		p.dtype(r, o.dtype)
		r.outputs = append(r.outputs, o)
	}
	if len(r.outputs) == 0 {
		p.fail(n.Line, "outputs", "an empty list (expected shape and dtype of each output)")
	}
}

// dtype checks that a dtype is a type, an input or an attribute.
func (p *ruleParser) dtype(r *userRule, e *ruleExpr) {
	name := e.String()
	if _, ok := graph.ParseDType(name); ok || strings.HasPrefix(name, "attr.") {
		return
	}
	if i, ok := r.inputIndex(name); ok && i >= 0 {
		return
	}
	p.fail(e.line, e.field, "unknown type %q (expected a type as in float32, an input as in in0, or attr.NAME%s)", graph.Clip(name), yamldoc.Hint(name, dtypeNames()))
}

func dtypeNames() (out []string) {
	for d := graph.Float32; d.Valid(); d++ {
		out = append(out, d.String())
	}
	return out
}

func (p *ruleParser) costs(r *userRule, n *yaml.Node) {
	if n == nil {
		return
	}
	f := p.fields(n, "cost", costColumns[:]...)
	for i, col := range costColumns {
		if f[col] != nil {
			r.cost[i] = p.expr(f[col], "cost."+col)
			p.names(r, r.cost[i], len(r.outputs))
		}
	}
	if len(f) == 0 {
		p.fail(n.Line, "cost", "no column (expected %s)", graph.OrList(costColumns[:]))
	}
	r.op.Cost = r.price
}

// names refuses names that no node could give a value; outs is the number of outputs
// that the formula may refer to.
func (p *ruleParser) names(r *userRule, e *ruleExpr, outs int) {
	e.Names(func(name string, pos int) {
		base, part, dotted := strings.Cut(name, ".")
		if base == "attr" && part != "" {
			return
		}
		if dotted && part != "given" && part != "values" {
			p.fail(e.line, e.field, "%s: unknown name %q at %d (expected %s.given or %s.values)", graph.Quote(e.String()), graph.Clip(name), pos, graph.Quote(base), graph.Quote(base))
		}
		if i, ok := r.outputIndex(base); ok {
			if i >= outs {
				p.fail(e.line, e.field, "%s: %s at %d is not known here (expected an output before it, or an input)", graph.Quote(e.String()), name, pos)
			}
			return
		}
		if _, ok := r.inputIndex(base); !ok {
			pool := append([]string{"in0", "out0", "attr." + base}, r.inputs...)
			p.fail(e.line, e.field, "%s: unknown name %q at %d (expected in0, out0, attr.NAME%s%s)", graph.Quote(e.String()), graph.Clip(name), pos,
				strings.Join(append([]string{""}, r.inputs...), ", "), yamldoc.Hint(base, pool))
		}
	})
}

// inputIndex returns which input a name stands for.
func (r *userRule) inputIndex(name string) (int, bool) {
	if i := slices.Index(r.inputs, name); i >= 0 {
		return i, true
	}
	i, ok := numbered(name, "in")
	return i, ok && (r.inputs == nil || i < len(r.inputs))
}

func (r *userRule) outputIndex(name string) (int, bool) { return numbered(name, "out") }

// numbered reads prefix and number: in0.
func numbered(name, prefix string) (int, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	i, err := strconv.Atoi(digits)
	return i, ok && err == nil && i >= 0 && i < 1<<16 && digits == strconv.Itoa(i)
}

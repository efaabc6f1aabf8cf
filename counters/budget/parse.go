package budget

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/yamldoc"
	yaml "go.yaml.in/yaml/v3"
)

// LoadConfig reads a configuration. What is wrong with it gives a *graph.FileError with
// the name given; other errors are those of r.
func LoadConfig(r io.Reader, name string) (c *Config, err error) {
	src, err := yamldoc.Read(r)
	if err != nil {
		return nil, err
	}
	p := &parser{c: &Config{Path: name}}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *yamldoc.Error:
			c, err = nil, &graph.FileError{File: name, Line: e.Line, What: e.What}
		default:
			panic(e)
		}
	}()
	p.file(src)
	return p.c, nil
}

// parser reads a configuration. A mistake ends it by a panic with a *yamldoc.Error,
// which LoadConfig recovers.
type parser struct{ c *Config }

func (p *parser) must(err *yamldoc.Error) {
	if err != nil {
		panic(err)
	}
}

func (p *parser) fail(n *yaml.Node, format string, args ...any) {
	panic(yamldoc.Errorf(n, format, args...))
}

func (p *parser) source(line int) string { return fmt.Sprintf("%s:%d", p.c.Path, line) }

func (p *parser) file(src []byte) {
	doc, err := yamldoc.Parse(src, "")
	p.must(err)
	fields, err := yamldoc.Fields(doc, "defaults", "models")
	p.must(err)
	for _, f := range fields {
		if f.Key == "defaults" {
			p.entry(&p.c.Defaults, f.Value, append(keyNames(), "budget"))
			continue
		}
		list, err := yamldoc.List(f.Value)
		p.must(err)
		for _, n := range list {
			e := &Entry{}
			p.entry(e, n, append([]string{"path", "skip", "budget"}, keyNames()...))
			p.c.Models = append(p.c.Models, e)
		}
	}
	if len(p.c.Models) == 0 {
		p.fail(doc, "no models (expected models: with a list of entries)")
	}
	for _, e := range p.c.Models {
		p.whole(e)
	}
}

// whole refuses an entry that would hold its models to nothing, or that contradicts itself.
func (p *parser) whole(e *Entry) {
	at := &yaml.Node{Line: e.Line}
	budgets := len(e.Budgets) > 0 || e.Ops != nil
	all := p.c.Effective(e)
	switch {
	case len(e.Patterns) == 0:
		p.fail(at, "an entry without path")
	case e.Skip != "" && (budgets || len(e.Settings) > 0):
		p.fail(at, "an entry with skip and other fields (expected path and skip alone)")
	case e.Skip == "" && len(all.Budgets) == 0 && all.Ops == nil:
		p.fail(at, "an entry without a budget (expected budget: with a limit, or skip: with the reason)")
	}
}

// entry reads the fields of an entry or of the defaults.
func (p *parser) entry(e *Entry, n *yaml.Node, allowed []string) {
	e.Line = n.Line
	fields, err := yamldoc.Fields(n, allowed...)
	p.must(err)
	for _, f := range fields {
		switch f.Key {
		case "path":
			p.patterns(e, f.Value)
		case "skip":
			if e.Skip = p.text(f.Value, "skip"); strings.TrimSpace(e.Skip) == "" {
				p.fail(f.Value, "skip: no reason (expected why the models are not checked)")
			}
		case "budget":
			p.budgets(e, f.Value)
		default:
			p.setting(e, f)
		}
	}
}

// The bounds of a pattern: the time that alternatives take is the product of their numbers.
const (
	maxPattern      = 1000
	maxGroups       = 4
	maxAlternatives = 32
)

// patterns reads one glob or a list of them.
func (p *parser) patterns(e *Entry, n *yaml.Node) {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	for _, n := range list {
		glob := p.text(n, "path")
		switch {
		case !isBelow(glob):
			p.fail(n, "path %q leads out of the folder of the configuration (expected a path below it, with slashes)", graph.Clip(glob))
		case len(glob) > maxPattern || strings.Count(glob, "{") > maxGroups || strings.Count(glob, ",") > maxAlternatives:
			p.fail(n, "path %q is too long (expected at most %d bytes, %d groups of alternatives and %d commas)", graph.Clip(glob), maxPattern, maxGroups, maxAlternatives)
		case !doublestar.ValidatePattern(glob):
			p.fail(n, "path %q is no pattern (expected one as in models/**/*.onnx)", graph.Clip(glob))
		}
		e.Patterns = append(e.Patterns, Pattern{strings.TrimPrefix(glob, "./"), n.Line})
	}
}

// isBelow reports whether a path or pattern stays in the folder that it starts from, on
// every system.
func isBelow(path string) bool {
	return path != "" && filepath.IsLocal(path) && !strings.HasPrefix(path, "/") && !strings.ContainsAny(path, `\:`) &&
		!slices.ContainsFunc(strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/{},", r) }), func(part string) bool { return part == ".." })
}

// text reads a text that is written as one: no number, no null.
func (p *parser) text(n *yaml.Node, field string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		p.fail(n, "%s: %s (expected a text)", field, yamldoc.Describe(n))
	}
	return n.Value
}

var (
	decimalCount  = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	decimalNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
)

// count reads an integer that is not negative and fits in 64 bits.
func (p *parser) count(n *yaml.Node, field string) string {
	_, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || !decimalCount.MatchString(n.Value) || err != nil {
		p.fail(n, "%s: %s (expected an integer that is not negative)", field, yamldoc.Describe(n))
	}
	return n.Value
}

// setting reads the value of a key.
func (p *parser) setting(e *Entry, f yamldoc.Field) {
	key, _ := findKey(f.Key)
	add := func(name, value string, line int) {
		e.Settings = append(e.Settings, Setting{key, name, value, p.source(line)})
	}
	if key.Kind != Sizes && key.Kind != Texts {
		add("", p.scalar(key, f.Value), f.Line)
		return
	}
	fields, err := yamldoc.Fields(f.Value)
	p.must(err)
	for _, item := range fields {
		where := key.Name + "." + graph.Clip(item.Key)
		if key.Kind == Sizes {
			add(item.Key, p.count(item.Value, where), item.Line)
		} else {
			add(item.Key, p.text(item.Value, where), item.Line)
		}
	}
}

// scalar reads a value that is no mapping.
func (p *parser) scalar(k Key, n *yaml.Node) string {
	switch k.Kind {
	case Count:
		if v := p.count(n, k.Name); v != "0" {
			return v
		}
		p.fail(n, "%s: 0 (expected 1 or more)", k.Name)
	case Number:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" || !decimalNumber.MatchString(n.Value) {
			p.fail(n, "%s: %s (expected a positive number)", k.Name, yamldoc.Describe(n))
		}
		return n.Value
	case Switch:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
			p.fail(n, "%s: %s (expected true or false)", k.Name, yamldoc.Describe(n))
		}
		return n.Value
	}
	v := p.text(n, k.Name)
	switch {
	case v == "":
		p.fail(n, "%s: an empty text", k.Name)
	case k.Kind == Choice && !slices.Contains(k.Choices, v):
		p.fail(n, "%s: unknown %q%s", k.Name, graph.Clip(v), expected(v, k.Choices))
	case k.Kind == File && !isBelow(v):
		p.fail(n, "%s: %q leads out of the folder of the configuration (expected a path below it, with slashes)", k.Name, graph.Clip(v))
	}
	return v
}

// budgets reads the limits of an entry.
func (p *parser) budgets(e *Entry, n *yaml.Node) {
	var rules []string
	for _, r := range quantities {
		rules = append(rules, string(r))
	}
	fields, err := yamldoc.Fields(n, append(rules, string(Ops))...)
	p.must(err)
	if len(fields) == 0 {
		p.fail(n, "budget: no limit (expected one as in macs: 4.5 G)")
	}
	for _, f := range fields {
		if f.Key == string(Ops) {
			e.Ops = p.ops(f)
			continue
		}
		p.limits(e, Rule(f.Key), f)
	}
}

// limits reads one limit, or one for each level.
func (p *parser) limits(e *Entry, r Rule, f yamldoc.Field) {
	if f.Value.Kind != yaml.MappingNode {
		e.Budgets = append(e.Budgets, Budget{r, Fail, p.limit(r, f.Value), p.source(f.Line)})
		return
	}
	levels, err := yamldoc.Fields(f.Value, string(Fail), string(Warn))
	p.must(err)
	if len(levels) == 0 {
		p.fail(f.Value, "%s: no limit (expected fail or warn)", r)
	}
	for _, l := range levels {
		e.Budgets = append(e.Budgets, Budget{r, Level(l.Key), p.limit(r, l.Value), p.source(l.Line)})
	}
}

// limit reads a quantity: a text, or a number without a sign.
func (p *parser) limit(r Rule, n *yaml.Node) Limit {
	if n.Kind != yaml.ScalarNode || !slices.Contains([]string{"!!str", "!!int", "!!float"}, n.Tag) {
		p.fail(n, "%s: %s (expected a quantity as in %s)", r, yamldoc.Describe(n), r.example())
	}
	if n.Tag != "!!str" && strings.HasPrefix(n.Value, "+") {
		p.fail(n, "%s: %s is a number to YAML (expected a growth in quotes)", r, n.Value)
	}
	l, err := ParseLimit(r, n.Value)
	if err != nil {
		p.fail(n, "%v", err)
	}
	return l
}

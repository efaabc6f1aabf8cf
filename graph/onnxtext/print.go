package onnxtext

import (
	"bufio"
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Print writes m as text that onnx.parser accepts and that Parse reads as an equal
// model. What the syntax has no words for and no count depends on is left out;
// Losses lists it and the text says so in comments at its top. Anything else that
// cannot be written is an error that names it; the text is incomplete then.
// Elements are read from their Payloads while they are written.
func Print(w io.Writer, m *graph.Model) error {
	p := &printer{w: bufio.NewWriter(w)}
	for _, loss := range Losses(m) {
		p.put("# not in this text: ", loss, "\n")
	}
	p.header(m)
	p.put(quotable(m.Graph.Name))
	p.graph(m.Graph)
	p.put("\n")
	for _, f := range m.Functions {
		p.function(f)
	}
	if p.err != nil {
		if p.err.File == "" {
			p.err.File = m.Path
		}
		return p.err
	}
	return p.w.Flush()
}

// printer writes the parts of a model and keeps the first thing that cannot be
// written. Errors of the writer are kept by bufio.
type printer struct {
	w      *bufio.Writer
	indent string
	err    *graph.Error
	node   *graph.Node // for errors
}

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		p.w.WriteString(s)
	}
}

// line starts a new line at the current indent.
func (p *printer) line() { p.put("\n", p.indent) }

// fail notes something that the syntax cannot express.
func (p *printer) fail(format string, args ...any) {
	if p.err != nil {
		return
	}
	p.err = graph.Errorf(format, args...).Expect("the textual syntax cannot express it")
	if p.node != nil {
		p.err.Node, p.err.Op = p.node.Label(), p.node.Op
	}
}

// bare writes a name that cannot be quoted.
func (p *printer) bare(what, name string) {
	if !isIdent(name) {
		p.fail("the name %q of %s is not an identifier", graph.Clip(name), what)
	}
	p.put(name)
}

// isIdent reports whether s is a bare word of the syntax.
func isIdent(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != ""
}

// quotable returns a name as it stands where names may be quoted.
func quotable(name string) string {
	if isIdent(name) && !isTypeName([]byte(name)) {
		return name
	}
	return quote(name)
}

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quote(s string) string { return `"` + escaper.Replace(s) + `"` }

// each writes the items of a list with a separator.
func each[T any](p *printer, items []T, sep string, put func(T)) {
	for i, it := range items {
		if i > 0 {
			p.put(sep)
		}
		put(it)
	}
}

func (p *printer) header(m *graph.Model) {
	p.put("<\n  ir_version: ", strconv.FormatInt(m.IRVersion, 10))
	p.put(",\n  opset_import: ")
	p.opsets(m.Opsets)
	for _, f := range []struct{ key, value string }{
		{"producer_name", m.Producer}, {"producer_version", m.ProducerVersion}, {"domain", m.Domain},
	} {
		if f.value != "" {
			p.put(",\n  ", f.key, ": ", quote(f.value))
		}
	}
	if m.ModelVersion != 0 {
		p.put(",\n  model_version: ", strconv.FormatInt(m.ModelVersion, 10))
	}
	if len(m.Metadata) > 0 {
		p.put(",\n  metadata_props: ")
		p.pairs(m.Metadata)
	}
	p.put("\n>\n")
}

func (p *printer) opsets(versions map[string]int64) {
	p.put("[")
	each(p, slices.Sorted(maps.Keys(versions)), ", ", func(domain string) {
		p.put(quote(domain), ": ", strconv.FormatInt(versions[domain], 10))
	})
	p.put("]")
}

func (p *printer) pairs(list []graph.Pair) {
	p.put("[")
	each(p, list, ", ", func(kv graph.Pair) { p.put(quote(kv.Key), ": ", quote(kv.Value)) })
	p.put("]")
}

// graph writes what follows the name of a graph.
func (p *printer) graph(g *graph.Graph) {
	for _, s := range g.Sparse {
		p.fail("initializer %q is sparse", graph.Clip(s.Values.Name))
	}
	p.put(" (")
	each(p, g.InputInfo, ", ", p.value)
	p.put(") => (")
	each(p, g.OutputInfo, ", ", p.value)
	p.put(")")
	p.line()
	if len(g.Initializers)+len(g.ValueInfo) > 0 {
		p.declarations(g)
	}
	p.nodes(g.Nodes)
}

// declarations writes initializers and declared types, one a line.
func (p *printer) declarations(g *graph.Graph) {
	sep := "<"
	next := func() {
		p.put(sep)
		p.line()
		p.put("  ")
		sep = ","
	}
	for _, t := range g.Initializers {
		next()
		p.tensorType(t)
		p.put(" ", quotable(t.Name), " = ")
		p.elements(t)
	}
	for _, v := range g.ValueInfo {
		next()
		p.value(v)
	}
	p.line()
	p.put(">")
	p.line()
}

// value writes a value with its type if it has one that can be written.
func (p *printer) value(v graph.ValueInfo) {
	if t, ok := typeText(v.Type); ok {
		p.put(t, " ")
	}
	p.put(quotable(v.Name))
}

// nodes writes nodes in the order of the file.
func (p *printer) nodes(list []*graph.Node) {
	inFile := slices.Clone(list)
	slices.SortStableFunc(inFile, func(a, b *graph.Node) int { return cmp.Compare(a.Index, b.Index) })
	p.put("{")
	outer := p.indent
	p.indent += "  "
	for _, n := range inFile {
		p.line()
		p.nodeText(n)
	}
	p.indent = outer
	p.line()
	p.put("}")
}

func (p *printer) nodeText(n *graph.Node) {
	outer := p.node
	p.node = n
	if n.Name != "" {
		p.put("[", quotable(n.Name), "] ")
	}
	p.names(n.OutputNames)
	p.put(" = ")
	if n.Domain != "" {
		p.qualified("a domain", n.Domain)
		p.put(".")
	}
	p.bare("an operator", n.Op)
	if n.Overload != "" {
		p.put(":")
		p.bare("an overload", n.Overload)
	}
	if len(n.Attrs) > 0 {
		p.put(" <")
		each(p, n.Attrs, ", ", func(a graph.Attr) {
			p.bare("an attribute", a.Name)
			p.attribute(&a)
		})
		p.put(">")
	}
	p.put(" (")
	p.names(n.InputNames)
	p.put(")")
	p.node = outer
}

func (p *printer) names(list []string) {
	each(p, list, ", ", func(s string) { p.put(quotable(s)) })
}

// qualified writes identifiers joined by dots.
func (p *printer) qualified(what, name string) {
	if !isQualified(name) {
		p.fail("%s %q is not made of identifiers and dots", what, graph.Clip(name))
	}
	p.put(name)
}

func isQualified(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if !isIdent(part) {
			return false
		}
	}
	return true
}

func (p *printer) function(f *graph.Function) {
	p.put("<\n  domain: ", quote(f.Domain))
	if f.Overload != "" {
		p.put(",\n  overload: ", quote(f.Overload))
	}
	p.put(",\n  opset_import: ")
	p.opsets(f.Opsets)
	p.put("\n>\n", quotable(f.Name))
	if len(f.Attrs)+len(f.Defaults) > 0 {
		p.signature(f)
	}
	p.put(" (")
	each(p, f.Body.InputInfo, ", ", p.value)
	p.put(") => (")
	each(p, f.Body.OutputInfo, ", ", p.value)
	p.put(")\n")
	for _, t := range f.Body.Initializers {
		p.fail("function %q has the initializer %q", graph.Clip(f.Name), graph.Clip(t.Name))
	}
	for _, s := range f.Body.Sparse {
		p.fail("function %q has the sparse initializer %q", graph.Clip(f.Name), graph.Clip(s.Values.Name))
	}
	if len(f.Body.ValueInfo) > 0 {
		p.declarations(f.Body)
	}
	p.nodes(f.Body.Nodes)
	p.put("\n")
}

// signature writes the attributes of a function.
func (p *printer) signature(f *graph.Function) {
	p.put(" <")
	p.names(f.Attrs)
	for i := range f.Defaults {
		if i+len(f.Attrs) > 0 {
			p.put(", ")
		}
		p.put(quotable(f.Defaults[i].Name))
		p.attribute(&f.Defaults[i])
	}
	p.put(">")
}

package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/convention"
)

// unitName is the column that a convention fills.
func unitName(c *convention.Convention) string {
	if c.Unit == counters.UnitFLOPs {
		return "flops"
	}
	return "macs"
}

// unitProse writes the columns of work as prose does.
var unitProse = map[string]string{"flops": "FLOPs", "macs": "MACs"}

// unitText is unitName as it is written in prose.
func unitText(c *convention.Convention) string {
	return unitProse[unitName(c)]
}

// countedBy notes whose figure a total is, or what it is otherwise.
func (r *Report) countedBy(u counters.Unit, otherwise string) string {
	if r.Measured == nil || r.Measured.Unit() != u {
		return otherwise
	}
	return "as " + r.Convention + " counts"
}

// flopsNote says what the FLOPs are: where a convention counts the MACs beside them,
// they are not twice those.
func (r *Report) flopsNote() string {
	macs := "MACs"
	if r.Measured != nil && r.Measured.Unit() == counters.UnitMACs {
		macs = "MACs of convention macs"
	}
	return r.countedBy(counters.UnitFLOPs, "2 x "+macs+" + other float operations")
}

// convention writes what a convention found beside its figure.
func (j *jsonWriter) convention(m *convention.Result) {
	if m == nil {
		return
	}
	c := m.Convention
	fact, probable := m.Folded()
	j.key("measured").object()
	j.key("unit").str(unitName(c))
	j.key("source").str(sourceText(c))
	j.knownBugs(m)
	for _, f := range []struct {
		key  string
		fold convention.Fold
	}{{"folded_batchnorm", fact}, {"probable_batchnorm", probable}} {
		j.key(f.key).object()
		j.key("nodes").int(int64(f.fold.Nodes))
		j.key("count").dim(f.fold.Count)
		j.end()
	}
	j.end()
}

// knownBugs lists the mistakes of a tool that its figure holds.
func (j *jsonWriter) knownBugs(m *convention.Result) {
	j.key("known_bug").array()
	for _, b := range m.KnownBugs() {
		j.object()
		j.key("kinds").str(b.Kinds)
		j.key("nodes").int(int64(b.Nodes))
		j.key("excess").dim(b.Excess)
		j.key("what").str(b.What)
		j.end()
	}
	j.end()
}

// sourceText names the tool, its version and where the rules stand in it.
func sourceText(c *convention.Convention) string {
	s := &c.Source
	text := s.Tool
	if s.Version != "" {
		text += " " + s.Version
	}
	return text + ": " + s.Where
}

// Conventions writes conventions as text, json, csv or markdown: a list of them, or with
// detail the rules of each.
func Conventions(w io.Writer, kind string, list []*convention.Convention, detail, color bool) error {
	switch {
	case kind == "json":
		return conventionsJSON(w, list)
	case !detail:
		return conventionTable(list).write(w, kind, color)
	case kind == "csv":
		return ruleTable(list...).write(w, kind, color)
	}
	b := bufio.NewWriter(w)
	for i, c := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		conventionDetail(b, kind, c, color)
	}
	return b.Flush()
}

func conventionTable(list []*convention.Convention) *table {
	t := &table{head: []string{"name", "unit", "what", "source"}, right: make([]bool, 4)}
	for _, c := range list {
		t.rows = append(t.rows, []string{c.Name, unitText(c), c.Title, strings.TrimSpace(c.Source.Tool + " " + c.Source.Version)})
	}
	return t
}

func ruleTable(list ...*convention.Convention) *table {
	t := &table{head: []string{"convention", "kinds", "count", "modules", "known_bug", "note"}, right: make([]bool, 6)}
	for _, c := range list {
		for _, r := range c.Rules {
			t.rows = append(t.rows, []string{c.Name, r.Kinds, r.Count, r.Modules, r.Bug, r.Note})
		}
	}
	return t
}

// conventionFacts are what stands above the rules of a convention, with labels.
func conventionFacts(c *convention.Convention) [][2]string {
	reads := "nodes as they are written"
	if c.Calls {
		reads = "calls of the framework, read back from the graph"
	}
	facts := [][2]string{{"counts", unitText(c)}, {"rules for", reads}, {"source", sourceText(c)}}
	if c.Source.URL != "" {
		facts = append(facts, [2]string{"at", c.Source.URL})
	}
	for _, n := range c.Notes {
		facts = append(facts, [2]string{"note", n})
	}
	return facts
}

// conventionDetail writes one convention for a reader.
func conventionDetail(b *bufio.Writer, kind string, c *convention.Convention, color bool) {
	if kind == "markdown" {
		conventionMarkdown(b, c)
		return
	}
	fmt.Fprintf(b, "%s  %s\n", paint(c.Name, sgrBold, color), c.Title)
	for _, f := range conventionFacts(c) {
		for i, l := range wrap(f[1], textWidth-13) {
			if i > 0 {
				f[0] = ""
			}
			fmt.Fprintf(b, "  %-10s %s\n", f[0], l)
		}
	}
	for _, r := range c.Rules {
		fmt.Fprintf(b, "\n")
		for _, l := range wrap(r.Kinds, textWidth-4) {
			fmt.Fprintf(b, "  %s\n", paint(l, sgrCyan, color))
		}
		fmt.Fprintf(b, "      %s\n", r.Count)
		for _, remark := range ruleRemarks(&r) {
			for _, l := range wrap(remark, textWidth-6) {
				fmt.Fprintf(b, "      %s\n", paint(l, sgrDim, color))
			}
		}
	}
}

func conventionMarkdown(b *bufio.Writer, c *convention.Convention) {
	fmt.Fprintf(b, "## %s\n\n%s.\n\n", c.Name, prose.Replace(c.Title))
	for _, f := range conventionFacts(c) {
		fmt.Fprintf(b, "- %s: %s\n", f[0], prose.Replace(f[1]))
	}
	fmt.Fprintf(b, "\n| kinds | count | |\n|---|---|---|\n")
	for _, r := range c.Rules {
		fmt.Fprintf(b, "| %s | `%s` | %s |\n", markdown(r.Kinds), r.Count, markdown(strings.Join(ruleRemarks(&r), "; ")))
	}
}

// ruleRemarks are what a rule says beside its formula.
func ruleRemarks(r *convention.Rule) []string {
	var out []string
	if r.Modules != "" {
		out = append(out, "only calls of torch.nn's "+r.Modules)
	}
	if r.NoModules != "" {
		out = append(out, "not calls of "+r.NoModules)
	}
	if r.Bug != "" {
		out = append(out, "known_bug: "+r.Bug+" (meant: "+r.Meant+")")
	}
	if r.Note != "" {
		out = append(out, r.Note)
	}
	return out
}

// conventionsJSON writes onnxmeter.convention/1.
func conventionsJSON(w io.Writer, list []*convention.Convention) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.convention/1")
	j.key("conventions").arrayBlock()
	for _, c := range list {
		j.conventionRules(c)
	}
	j.end()
	j.key("terms").arrayBlock()
	for _, t := range convention.Terms() {
		j.object()
		j.key("name").str(t.Name)
		j.key("doc").str(t.Doc)
		j.end()
	}
	j.end()
	j.end()
	return j.finish()
}

func (j *jsonWriter) conventionRules(c *convention.Convention) {
	j.object()
	for _, f := range []struct{ key, text string }{{"name", c.Name}, {"title", c.Title}, {"unit", unitName(c)}} {
		j.key(f.key).str(f.text)
	}
	j.key("source").object()
	for _, f := range []struct{ key, text string }{{"tool", c.Source.Tool}, {"version", c.Source.Version}, {"where", c.Source.Where}, {"url", c.Source.URL}} {
		j.key(f.key).str(f.text)
	}
	j.end()
	j.key("reads").str(map[bool]string{true: "calls", false: "nodes"}[c.Calls])
	j.key("rules").array()
	for _, r := range c.Rules {
		j.object()
		j.key("kinds").strs(strings.Fields(r.Kinds))
		j.key("count").str(r.Count)
		j.key("modules").strs(strings.Fields(r.Modules))
		j.key("no_modules").strs(strings.Fields(r.NoModules))
		for _, f := range []struct{ key, text string }{{"known_bug", r.Bug}, {"meant", r.Meant}, {"note", r.Note}} {
			if f.text != "" {
				j.key(f.key).str(f.text)
			}
		}
		j.end()
	}
	j.end()
	j.key("notes").strs(c.Notes)
	j.end()
}

// ConventionsPage writes the reference page of all conventions.
func ConventionsPage(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Counting conventions\n\nGenerated from the tables of counters/convention by `go test ./counters/render -run GeneratedConventionsPage -update`; do not edit.\n"+
		"`onnxmeter convention NAME` prints the same rules; `count --convention NAME` counts by them, `compare --conventions all MODEL` sets them side by side.\n\n")
	conventionTable(convention.List()).markdown(b)
	fmt.Fprintf(b, "\nA rule gives what a node, or a call that is read back from several nodes, counts for. Its formula uses the names\n\n| name | |\n|---|---|\n")
	for _, t := range convention.Terms() {
		fmt.Fprintf(b, "| `%s` | %s |\n", t.Name, markdown(t.Doc))
	}
	fmt.Fprintf(b, "\nA mistake of a tool is kept where published figures rest on it; the report marks it known_bug, with the nodes and the difference.\n")
	for _, c := range convention.List() {
		b.WriteByte('\n')
		conventionDetail(b, "markdown", c, false)
	}
	return b.Flush()
}

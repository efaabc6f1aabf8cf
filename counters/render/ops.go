package render

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Entry is one entry of the operator table with its family.
type Entry struct {
	Family string
	*ops.Op
}

// Entries lists the operator table by domain, name and version.
func Entries() []Entry {
	var out []Entry
	ops.Each(func(family string, op *ops.Op) { out = append(out, Entry{family, op}) })
	slices.SortStableFunc(out, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Domain, b.Domain), strings.Compare(a.Name, b.Name), cmp.Compare(a.Since[0], b.Since[0]))
	})
	return out
}

// FullName is the operator with its domain, unless that is the standard one.
func (e *Entry) FullName() string { return qualified(e.Domain, e.Name) }

// OpsJSON writes onnxmeter.ops/1.
func OpsJSON(w io.Writer, list []Entry) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.ops/1")
	j.key("operators").str(ops.Version)
	j.key("latest_opset").int(ops.LatestOpset)
	j.key("ops").arrayBlock()
	for i := range list {
		j.op(&list[i])
	}
	j.end()
	j.end()
	return j.finish()
}

func (j *jsonWriter) op(e *Entry) {
	j.object()
	j.key("domain").str(e.Domain)
	j.key("op").str(e.Name)
	j.key("family").str(e.Family)
	j.key("since").array()
	for _, v := range e.Since {
		j.int(int64(v))
	}
	j.end()
	if e.Deprecated > 0 {
		j.key("deprecated").int(int64(e.Deprecated))
	}
	for _, f := range []struct{ key, text string }{{"inputs", e.In}, {"outputs", e.Out}, {"types", e.Types},
		{"attributes", e.Attrs}, {"doc", e.Doc}, {"cost", costKind(e.Op)}, {"free", e.Free}, {"traffic", trafficKind(e.Op)}, {"gradient", gradientText(e.Op)}} {
		j.key(f.key).text(f.text)
	}
	j.key("cases").array()
	for i := range e.Cases {
		c := &e.Cases[i]
		j.object()
		for _, f := range []struct{ key, text string }{{"in", c.In}, {"attributes", c.Attrs}, {"out", c.Out}, {"cost", c.Cost}, {"error", c.Err}} {
			j.key(f.key).text(f.text)
		}
		j.end()
	}
	j.end()
	j.end()
}

// costKind says how the work of an operator is found.
func costKind(op *ops.Op) string {
	switch {
	case op.Body:
		return "subgraph"
	case op.Free != "":
		return "free"
	}
	return "counted"
}

// trafficKind says what an operator moves.
func trafficKind(op *ops.Op) string {
	switch {
	case op.Moves.IsView():
		return "view"
	case op.Moves.IsRule():
		return "rule"
	}
	return "all"
}

// trafficText is trafficKind in words.
func trafficText(op *ops.Op) string {
	return map[string]string{
		"view": "none: the output is the input's memory, or known to the host",
		"rule": "by a rule of its own: less or more than all inputs and outputs",
		"all":  "reads every input and writes every output once",
	}[trafficKind(op)]
}

// gradientText says what gradients through an operator take, "" where no rule does.
func gradientText(op *ops.Op) string {
	if b := op.Backward(); b != nil {
		return b.Doc
	}
	return ""
}

// OpsCSV writes one line for each entry.
func OpsCSV(w io.Writer, list []Entry) error {
	c := csv.NewWriter(w)
	c.Write([]string{"domain", "op", "family", "since", "cost", "traffic"})
	for i := range list {
		e := &list[i]
		c.Write([]string{graph.DomainName(e.Domain), e.Name, e.Family, sinceText(e.Op), costKind(e.Op), trafficKind(e.Op)})
	}
	c.Flush()
	return c.Error()
}

// OpsText writes the coverage of the table: by domain, by opset, by family.
func OpsText(w io.Writer, list []Entry, color bool) error {
	b := bufio.NewWriter(w)
	g := grid{head: []string{"Domain", "Operators", "Entries", "Opset versions"}, right: []bool{false, true, true, false}, color: color}
	for _, d := range domains(list) {
		var names []string
		lo, hi, entries := 1<<30, 0, 0
		for i := range list {
			if e := &list[i]; e.Domain == d {
				entries++
				names = append(names, e.Name)
				lo, hi = min(lo, e.Since[0]), max(hi, e.Since[len(e.Since)-1])
			}
		}
		g.rows = append(g.rows, []cell{{graph.DomainName(d), ""}, {fmt.Sprint(len(slices.Compact(names))), ""},
			{fmt.Sprint(entries), ""}, {fmt.Sprintf("%d to %d", lo, hi), ""}})
	}
	g.write(b)
	fmt.Fprintf(b, "\nOperators of ai.onnx by opset (newest known: %d)\n", ops.LatestOpset)
	opsetLine(b, list)
	fmt.Fprintln(b)
	families(b, list, color)
	fmt.Fprintln(b, "\nonnxmeter ops NAME prints the documentation of one operator.")
	return b.Flush()
}

func domains(list []Entry) []string {
	var out []string
	for i := range list {
		out = append(out, list[i].Domain)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// opsetLine counts the operators that each opset of the standard domain has a rule for.
func opsetLine(b *bufio.Writer, list []Entry) {
	first, gone := map[string]int{}, map[string]int{}
	for i := range list {
		e := &list[i]
		if e.Domain != "" {
			continue
		}
		if v, ok := first[e.Name]; !ok || e.Since[0] < v {
			first[e.Name] = e.Since[0]
		}
		if e.Deprecated > 0 {
			gone[e.Name] = e.Deprecated
		}
	}
	for opset := 1; opset <= ops.LatestOpset; opset++ {
		n := 0
		for name, v := range first {
			if v <= opset && (gone[name] == 0 || opset < gone[name]) {
				n++
			}
		}
		fmt.Fprintf(b, "  %2d: %3d", opset, n)
		if opset%7 == 0 || opset == ops.LatestOpset {
			b.WriteByte('\n')
		}
	}
}

func families(b *bufio.Writer, list []Entry, color bool) {
	names := map[string][]string{}
	for i := range list {
		e := &list[i]
		names[e.Family] = append(names[e.Family], e.FullName())
	}
	for _, f := range sortedKeys(names) {
		fmt.Fprintln(b, paint(f, sgrBold, color))
		for _, l := range wrap(strings.Join(slices.Compact(names[f]), " "), textWidth) {
			fmt.Fprintf(b, "  %s\n", l)
		}
	}
}

// OpDoc writes the documentation of the entries of one operator.
func OpDoc(w io.Writer, list []Entry, color bool) error {
	b := bufio.NewWriter(w)
	for i := range list {
		e := &list[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		title := fmt.Sprintf("%s, opset %s", e.FullName(), sinceText(e.Op))
		if e.Deprecated > 0 {
			title += fmt.Sprintf(", deprecated in %d", e.Deprecated)
		}
		fmt.Fprintln(b, paint(title, sgrBold, color))
		for _, l := range wrap(e.Doc, textWidth-2) {
			fmt.Fprintf(b, "  %s\n", l)
		}
		b.WriteByte('\n')
		for _, f := range entryFacts(e) {
			for k, l := range wrap(f[1], textWidth-14) {
				label := f[0]
				if k > 0 {
					label = ""
				}
				fmt.Fprintf(b, "  %-11s %s\n", label, l)
			}
		}
		for k := range e.Cases {
			label := "examples"
			if k > 0 {
				label = ""
			}
			fmt.Fprintf(b, "  %-11s %s\n", label, caseText(&e.Cases[k]))
		}
	}
	return b.Flush()
}

// entryFacts are the fields of an entry with their labels, those that hold nothing left out.
func entryFacts(e *Entry) [][2]string {
	cost := e.Free
	if costKind(e.Op) == "counted" {
		cost = "counted, as above"
	} else {
		cost = "free: " + cost
	}
	var out [][2]string
	for _, f := range [][2]string{{"family", e.Family}, {"inputs", e.In}, {"outputs", e.Out}, {"types", e.Types},
		{"attributes", e.Attrs}, {"cost", cost}, {"traffic", trafficText(e.Op)}, {"gradient", gradientText(e.Op)}} {
		if f[1] != "" {
			out = append(out, f)
		}
	}
	return out
}

// caseText prints an example as "inputs {attributes} -> outputs: cost".
func caseText(c *ops.Case) string {
	s := c.In
	if c.Attrs != "" {
		s += "  " + c.Attrs
	}
	if c.Err != "" {
		return s + "  ->  refused: " + c.Err
	}
	s += "  ->  " + c.Out
	if c.Cost != "" {
		s += "  " + c.Cost
	}
	return strings.TrimSpace(s)
}

// OpsMarkdown writes the reference page of all operators.
func OpsMarkdown(w io.Writer, list []Entry) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Operators\n\nGenerated from the operator table (version %s) by `go test ./counters/render -run GeneratedOperatorsPage -update`; do not edit.\n", ops.Version)
	fmt.Fprintf(b, "`onnxmeter ops NAME` prints the same text.\n\n")
	fmt.Fprintf(b, "An example reads: inputs, attributes -> outputs, cost. `!` marks a constant, `={...}` its values, `_` an omitted input; a cost column that is not named is 0.\n")
	domain, name := "-", ""
	for i := range list {
		e := &list[i]
		if e.Domain != domain {
			domain = e.Domain
			fmt.Fprintf(b, "\n## %s\n", graph.DomainName(domain))
			name = ""
		}
		if e.Name != name {
			name = e.Name
			fmt.Fprintf(b, "\n### %s\n", e.FullName())
		}
		entryMarkdown(b, e)
	}
	return b.Flush()
}

func entryMarkdown(b *bufio.Writer, e *Entry) {
	title := "Opset " + sinceText(e.Op)
	if e.Deprecated > 0 {
		title += fmt.Sprintf(", deprecated in %d", e.Deprecated)
	}
	fmt.Fprintf(b, "\n**%s.** %s\n\n", title, prose.Replace(e.Doc))
	for _, f := range entryFacts(e) {
		switch f[0] {
		case "inputs", "outputs", "types", "attributes":
			f[1] = "`" + f[1] + "`"
		default:
			f[1] = prose.Replace(f[1])
		}
		fmt.Fprintf(b, "- %s: %s\n", f[0], f[1])
	}
	for k := range e.Cases {
		fmt.Fprintf(b, "- `%s`\n", caseText(&e.Cases[k]))
	}
}

// prose escapes what Markdown would take for markup in our own sentences.
var prose = strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;", "[", `\[`, "|", `\|`)

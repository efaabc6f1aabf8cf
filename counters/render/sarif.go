package render

import (
	"io"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// sarifSchema names the schema that the output follows.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF writes the findings in the Static Analysis Results Interchange Format 2.1.0.
func SARIF(w io.Writer, r *CheckReport) error {
	findings := r.Findings()
	rules := sarifRules(findings)
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("$schema").str(sarifSchema)
	j.key("version").str("2.1.0")
	j.key("runs").array()
	j.objectBlock()
	j.key("tool").object()
	j.key("driver").objectBlock()
	j.key("name").str("onnxmeter")
	j.key("version").str(r.Tool.Version)
	j.key("informationUri").str(homepage)
	j.key("rules").arrayBlock()
	for _, id := range rules {
		j.object()
		j.key("id").str(id)
		j.key("shortDescription").object()
		j.key("text").str(ruleText(id))
		j.end()
		j.end()
	}
	j.end()
	j.end()
	j.end()
	j.key("results").arrayBlock()
	prints := fingerprints{}
	for i := range findings {
		f := &findings[i]
		j.sarifResult(f, slices.Index(rules, ruleID(f)), prints.of(f))
	}
	j.end()
	j.end()
	j.end()
	j.end()
	return j.finish()
}

// sarifRules lists the rules of the findings, each once, sorted.
func sarifRules(findings []budget.Finding) []string {
	var ids []string
	for i := range findings {
		ids = append(ids, ruleID(&findings[i]))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ruleText says what a rule asks.
func ruleText(id string) string {
	switch id {
	case string(budget.Unreadable):
		return "A model that is checked can be read"
	case string(budget.Unbudgeted):
		return "A model that is checked has a budget"
	case string(budget.Coverage):
		return "Every node of a model that has a budget is counted"
	case string(budget.Ops):
		return "A model has the operators that its budget allows"
	}
	return "A model keeps its budget of " + strings.ReplaceAll(id, "_", " ")
}

func (j *jsonWriter) sarifResult(f *budget.Finding, rule int, fingerprint string) {
	level := "error"
	if f.Level == budget.Warn {
		level = "warning"
	}
	j.object()
	j.key("ruleId").str(ruleID(f))
	j.key("ruleIndex").int(int64(rule))
	j.key("level").str(level)
	j.key("message").object()
	j.key("text").text(sarifText(explained(f)))
	j.end()
	j.key("locations").array()
	j.object()
	j.key("physicalLocation").object()
	j.key("artifactLocation").object()
	j.key("uri").str(fileURI(f.File))
	j.end()
	j.key("region").object()
	j.key("startLine").int(1) // viewers ask for a place; a model has no lines
	j.end()
	j.end()
	if len(f.Contributors) > 0 {
		j.key("logicalLocations").array()
		for _, c := range f.Contributors {
			j.object()
			j.key("fullyQualifiedName").str(c.Node)
			j.end()
		}
		j.end()
	}
	j.end()
	j.end()
	j.key("partialFingerprints").object()
	j.key("onnxmeter/v1").str(fingerprint)
	j.end()
	j.key("properties").object()
	j.key("kind").str(string(f.Kind))
	j.key("value").rat(f.Value)
	j.key("limit").rat(f.Limit)
	j.key("over").rat(f.Over)
	j.end()
	j.end()
}

// sarifText is plain text in which nothing is read as a link: a viewer makes one of
// [text](target) unless the brackets are escaped.
func sarifText(s string) string {
	if !strings.Contains(s, "](") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
}

package render

import (
	"bufio"
	"fmt"
	"io"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// ConfigReport is the effective configuration: of one model, or of those that no entry
// names.
type ConfigReport struct {
	Tool             Tool
	Config, Baseline string // files; "" if there is none
	Model            string // "" for none
	Entry            string // FILE:LINE of the one that the model takes; "" if none matches
	Skip             string // why the model is not checked
	Settings         []Effective
	Budgets          []Effective
	Entries          []ConfigEntry
}

// Effective is a value and where it comes from: a flag, FILE:LINE, or default.
type Effective struct{ Name, Level, Value, From string }

// ConfigEntry is one entry of the configuration.
type ConfigEntry struct {
	Paths []string
	Line  int
	Skip  string
}

// ConfigKinds are the formats of a ConfigReport.
var ConfigKinds = []string{"text", "json"}

// Config writes the effective configuration.
func Config(w io.Writer, kind string, r *ConfigReport, color bool) error {
	if kind == "json" {
		return r.json(w)
	}
	b := bufio.NewWriter(w)
	r.head(b)
	for _, t := range r.tables() {
		if len(t.rows) > 0 {
			b.WriteByte('\n')
			t.print(b, "text", color)
		}
	}
	return b.Flush()
}

// head names the files, and what the model takes if one is given.
func (r *ConfigReport) head(b *bufio.Writer) {
	line := func(label, value string) {
		if value == "" {
			value = "none"
		}
		fmt.Fprintf(b, "%-13s  %s\n", label, sentence(value))
	}
	line("configuration", r.Config)
	line("baseline", r.Baseline)
	if r.Model != "" {
		line("model", r.Model)
		line("entry", r.Entry)
	}
	if r.Skip != "" {
		line("skipped", r.Skip)
	}
}

func (r *ConfigReport) tables() []table {
	settings := table{head: []string{"setting", "value", "from"}, right: make([]bool, 3)}
	for _, s := range r.Settings {
		settings.rows = append(settings.rows, []string{s.Name, s.Value, s.From})
	}
	budgets := table{head: []string{"budget", "level", "limit", "from"}, right: make([]bool, 4)}
	for _, l := range r.Budgets {
		budgets.rows = append(budgets.rows, []string{l.Name, l.Level, l.Value, l.From})
	}
	entries := table{head: []string{"path", "line", "skipped"}, right: []bool{false, true, false}}
	for _, e := range r.Entries {
		for _, p := range e.Paths {
			entries.rows = append(entries.rows, []string{p, fmt.Sprint(e.Line), e.Skip})
		}
	}
	return []table{settings, budgets, entries}
}

func (r *ConfigReport) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.config/1")
	j.tool(r.Tool)
	for _, f := range []struct{ key, value string }{{"config", r.Config}, {"baseline", r.Baseline}, {"model", r.Model}, {"entry", r.Entry}, {"skip", r.Skip}} {
		j.key(f.key)
		if f.value == "" {
			j.null()
		} else {
			j.text(f.value)
		}
	}
	j.key("settings").arrayBlock()
	for _, s := range r.Settings {
		j.object()
		j.key("setting").str(s.Name)
		j.key("value").str(s.Value)
		j.key("from").str(s.From)
		j.end()
	}
	j.end()
	j.key("budgets").arrayBlock()
	for _, l := range r.Budgets {
		j.object()
		j.key("rule").str(l.Name)
		j.key("level").str(l.Level)
		j.key("limit").str(l.Value)
		j.key("from").str(l.From)
		j.end()
	}
	j.end()
	j.key("models").arrayBlock()
	for _, e := range r.Entries {
		j.object()
		j.key("paths").strs(e.Paths)
		j.key("line").int(int64(e.Line))
		if e.Skip != "" {
			j.key("skip").text(e.Skip)
		}
		j.end()
	}
	j.end()
	j.end()
	return j.finish()
}

// BudgetsOf lists limits with their sources.
func BudgetsOf(budgets []budget.Budget, ops *budget.OpsLimit) (out []Effective) {
	for _, b := range budgets {
		out = append(out, Effective{string(b.Rule), string(b.Level), b.Limit.String(), b.Source})
	}
	if ops != nil {
		out = append(out, Effective{string(budget.Ops), string(ops.Level), ops.String(), ops.Source})
	}
	return out
}

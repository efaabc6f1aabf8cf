package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// TestGeneratedBudgetPage keeps the tables of docs/budget.md those of the parser, and
// the example of the page a configuration that it reads.
func TestGeneratedBudgetPage(t *testing.T) {
	const path = "../../docs/budget.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := between(t, string(page), "rules", rulesTable())
	text = between(t, text, "settings", settingsTable())
	golden(t, path, []byte(text))

	_, example, found := strings.Cut(text, "```yaml\n")
	example, _, _ = strings.Cut(example, "```\n")
	if !found {
		t.Fatal("the page has no example")
	}
	if _, err := budget.LoadConfig(strings.NewReader(example), "example"); err != nil {
		t.Error(err)
	}
}

// between puts a table between the marks of a name.
func between(t *testing.T, page, name, table string) string {
	t.Helper()
	head, rest, found := strings.Cut(page, "<!-- "+name+" -->\n")
	_, tail, ends := strings.Cut(rest, "<!-- end -->\n")
	if !found || !ends {
		t.Fatalf("the page has no place for %s", name)
	}
	return head + "<!-- " + name + " -->\n" + table + "<!-- end -->\n" + tail
}

func rulesTable() string {
	var b strings.Builder
	b.WriteString("| rule | what it limits | unit |\n|---|---|---|\n")
	for _, r := range budget.Quantities() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r, r.Doc(), r.Unit())
	}
	return b.String()
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("| setting | flag | holds | what it says |\n|---|---|---|---|\n")
	for _, k := range budget.Keys() {
		holds := map[budget.KeyKind]string{budget.Sizes: "names with integers", budget.Texts: "names with texts", budget.Text: "a text",
			budget.Choice: "`" + strings.Join(k.Choices, "` or `") + "`", budget.Count: "an integer from 1", budget.Number: "a number",
			budget.Switch: "`true` or `false`", budget.File: "a path"}[k.Kind]
		fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s |\n", k.Name, k.Flag, holds, k.Doc)
	}
	return b.String()
}

// TestKeysAreFlags holds every setting of the configuration to a flag of check, and
// every flag that says how a model is counted to a setting.
func TestKeysAreFlags(t *testing.T) {
	root := (&app{}).checkCommand()
	known := map[string]bool{}
	for _, k := range budget.Keys() {
		known[k.Flag] = true
		if root.Flags().Lookup(k.Flag) == nil {
			t.Errorf("setting %s: check has no flag --%s", k.Name, k.Flag)
		}
	}
	for _, name := range []string{"budget", "config", "value", "update-baseline", "format", "jobs", "requests", "equivalents"} {
		known[name] = true // of one run, or of no use to a gate
	}
	root.Flags().VisitAll(func(f *pflag.Flag) {
		if !known[f.Name] {
			t.Errorf("flag --%s of check has no setting", f.Name)
		}
	})
}

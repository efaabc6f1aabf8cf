package budget

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// Draft is a configuration to be written: settings of all models, and each model with
// what it was measured at.
type Draft struct {
	Settings []Setting // in the order of keys
	Models   []DraftModel
	// HeadRoom is the share by which values may grow, and Growth the same as a limit
	// over the baseline: "+10 %". Absolute limits are written if it is "".
	HeadRoom *big.Rat
	Growth   string
}

// DraftModel is a model of a draft: measured, or skipped with a reason.
type DraftModel struct {
	Key     string
	Measure *Measure
	Skip    string
}

// Write writes the draft as a configuration that LoadConfig reads.
func (d *Draft) Write(w io.Writer) error {
	var b bytes.Buffer
	d.print(&b)
	if _, err := LoadConfig(bytes.NewReader(b.Bytes()), ConfigName); err != nil {
		return fmt.Errorf("the configuration would not be read again: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (d *Draft) print(w *bytes.Buffer) {
	out := bufio.NewWriter(w)
	defer out.Flush()
	fmt.Fprintf(out, "# yaml-language-server: $schema=%s\n# What the models may cost: onnxmeter check holds them to it.\n", SchemaID)
	var defaults bytes.Buffer
	d.settings(&defaults)
	d.growths(&defaults)
	if defaults.Len() > 0 {
		out.WriteString("defaults:\n" + defaults.String())
	}
	out.WriteString("models:\n")
	for _, m := range d.Models {
		fmt.Fprintf(out, "  - path: %s\n", scalar(escapeGlob(m.Key)))
		switch {
		case m.Measure == nil:
			fmt.Fprintf(out, "    skip: %s\n", scalar(m.Skip))
		case d.Growth == "":
			d.limits(out, m.Measure)
		}
	}
}

// growths writes the limits over the baseline, which are the same for all models.
func (d *Draft) growths(w io.Writer) {
	var rules []Rule
	for _, r := range quantities {
		if slices.ContainsFunc(d.Models, func(m DraftModel) bool { return m.Measure != nil && m.Measure.Values[r] != nil }) {
			rules = append(rules, r)
		}
	}
	if len(rules) == 0 || d.Growth == "" {
		return
	}
	fmt.Fprintf(w, "  budget: # over %s; onnxmeter check --update-baseline accepts\n", BaselineName)
	for _, r := range rules {
		fmt.Fprintf(w, "    %s: %s\n", r, d.Growth)
	}
}

// limits writes the absolute limits of a model.
func (d *Draft) limits(w io.Writer, m *Measure) {
	fmt.Fprintln(w, "    budget:")
	for _, r := range quantities {
		if v := m.Values[r]; v != nil {
			fmt.Fprintf(w, "      %s: %s\n", r, HeadRoom(r, v, d.HeadRoom))
		}
	}
}

// settings writes the defaults; those with names are mappings.
func (d *Draft) settings(w io.Writer) {
	last := ""
	for _, s := range d.Settings {
		value := s.Value
		if s.Key.Kind == Text || s.Key.Kind == Texts || s.Key.Kind == File {
			value = scalar(value)
		}
		if s.Key.Kind != Sizes && s.Key.Kind != Texts {
			fmt.Fprintf(w, "  %s: %s\n", s.Key.Name, value)
			continue
		}
		if s.Key.Name != last {
			fmt.Fprintf(w, "  %s:\n", s.Key.Name)
			last = s.Key.Name
		}
		fmt.Fprintf(w, "    %s: %s\n", scalar(s.Name), value)
	}
}

// scalar writes a text so that YAML reads it as one, on one line.
func scalar(s string) string {
	n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsAny(s, "\n\r") {
		n.Style = yaml.DoubleQuotedStyle
	}
	b, err := yaml.Marshal(&n)
	if err != nil {
		return "''" // no text that YAML can hold: reading it again fails, and says so
	}
	return strings.TrimSuffix(string(b), "\n")
}

var globEscapes = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]", "{", "[{]", "}", "[}]", ":", "?", `\`, "?")

// escapeGlob is the pattern that matches a path; of what no pattern may hold, any
// character in its place.
func escapeGlob(path string) string { return globEscapes.Replace(path) }

package render

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// CheckReport is what a gate found about several models.
type CheckReport struct {
	Tool    Tool
	Results []*budget.Result
}

// CheckKinds are the formats of a CheckReport.
var CheckKinds = []string{"text", "json", "csv", "markdown", "sarif", "junit", "github", "gitlab"}

// checkWriters are those of CheckKinds that machines and pages read.
var checkWriters = map[string]func(io.Writer, *CheckReport) error{
	"json": CheckJSON, "csv": CheckCSV, "markdown": CheckMarkdown,
	"sarif": SARIF, "junit": JUnit, "github": GitHubAnnotations, "gitlab": GitLabCodeQuality,
}

// Check writes what a gate found. Of more models than a screen holds, text lists the
// comparisons that hold only if v.Full asks for them.
func Check(w io.Writer, kind string, r *CheckReport, v View) error {
	if write := checkWriters[kind]; write != nil {
		return write(w, r)
	}
	t := &checkText{w: bufio.NewWriter(w), color: v.Color, full: len(r.Results) <= v.limit(maxListed)}
	for _, m := range r.Results {
		t.model(m)
	}
	t.w.WriteString(r.Summary() + "\n")
	return t.w.Flush()
}

// Findings lists those of all models, in their order.
func (r *CheckReport) Findings() (out []budget.Finding) {
	for _, m := range r.Results {
		out = append(out, m.Findings...)
	}
	return out
}

// Summary says in one line how the models fared.
func (r *CheckReport) Summary() string {
	count := map[budget.Status]int{}
	for _, m := range r.Results {
		count[m.Status()]++
	}
	parts := []string{plural(len(r.Results), "model")}
	for _, s := range []struct {
		status budget.Status
		verb   string
	}{{budget.Passed, "within budget"}, {budget.Warned, "with warnings"}, {budget.Failed, "failed"}, {budget.Skipped, "skipped"}} {
		if n := count[s.status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.verb))
		}
	}
	return strings.Join(parts[:1], "") + ": " + strings.Join(parts[1:], ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// checkText writes results for people.
type checkText struct {
	w     *bufio.Writer
	color bool
	full  bool // lists comparisons that hold
}

func (t *checkText) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

func (t *checkText) model(m *budget.Result) {
	mark := map[budget.Status]cell{budget.Passed: {"ok", ""}, budget.Warned: {"warn", sgrYellow}, budget.Failed: {"FAIL", sgrRed}, budget.Skipped: {"skip", sgrDim}}[m.Status()]
	t.printf("%s  %s", paint(fmt.Sprintf("%-4s", mark.text), mark.color, t.color), paint(plain(m.File), sgrBold, t.color))
	if m.Reason != "" {
		t.printf("  %s", sentence(m.Reason))
	}
	t.w.WriteByte('\n')
	if t.full {
		t.passed(m)
	}
	for i := range m.Findings {
		t.finding(&m.Findings[i])
	}
}

// passed lists the comparisons that hold.
func (t *checkText) passed(m *budget.Result) {
	for _, c := range m.Checks {
		if c.Passed {
			t.printf("      %s  %s of %s%s\n", c.Rule, budget.Format(c.Rule, c.Value), budget.Format(c.Rule, c.Limit), used(c.Value, c.Limit))
		}
	}
}

// shareOf is what a contributor makes of a value, where parts add up to it.
func shareOf(f *budget.Finding, c budget.Contributor) string {
	if !f.Rule.Additive() {
		return ""
	}
	return used(c.Value, f.Value)
}

// used is the share of a limit that is used up.
func used(value, limit *big.Rat) string {
	if value == nil || limit == nil || limit.Sign() == 0 {
		return ""
	}
	f, _ := new(big.Rat).Quo(value, limit).Float64()
	return fmt.Sprintf("  (%s%%)", strconv.FormatFloat(100*f, 'f', 1, 64))
}

func (t *checkText) finding(f *budget.Finding) {
	sgr := sgrRed
	if f.Level == budget.Warn {
		sgr = sgrYellow
	}
	rule := ""
	if f.Rule != "" {
		rule = string(f.Rule) + "  "
	}
	t.printf("      %s%s: %s\n", rule, paint(string(f.Level)+" "+string(f.Kind), sgr, t.color), sentence(f.Message))
	for i, c := range f.Contributors {
		label := ""
		if i == 0 {
			label = "largest"
		}
		t.printf("        %-8s  %s  %s%s\n", label, budget.Format(f.Rule, c.Value), middle(plain(c.Node), 60), shareOf(f, c))
	}
	if f.Source != "" {
		t.printf("        %-8s  %s\n", "set at", plain(f.Source))
	}
	if f.Fix != "" {
		t.printf("        %-8s  %s\n", fixLabel(f), paint(sentence(f.Fix), sgrCyan, t.color))
	}
}

// CheckJSON writes onnxmeter.check/1.
func CheckJSON(w io.Writer, r *CheckReport) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.check/1")
	j.tool(r.Tool)
	j.key("findings").arrayBlock()
	for _, f := range r.Findings() {
		j.finding(&f)
	}
	j.end()
	j.key("models").arrayBlock()
	for _, m := range r.Results {
		j.checked(m)
	}
	j.end()
	j.end()
	return j.finish()
}

func (j *jsonWriter) finding(f *budget.Finding) {
	j.object()
	j.key("file").str(f.File)
	j.key("rule").str(string(f.Rule))
	j.key("kind").str(string(f.Kind))
	j.key("level").str(string(f.Level))
	j.key("value").rat(f.Value)
	j.key("limit").rat(f.Limit)
	j.key("over").rat(f.Over)
	j.key("message").text(f.Message)
	j.key("contributors").array()
	for _, c := range f.Contributors {
		j.object()
		j.key("node").str(c.Node)
		j.key("value").rat(c.Value)
		j.end()
	}
	j.end()
	j.key("fix").text(f.Fix)
	j.key("source").str(f.Source)
	j.end()
}

// checked writes one model with every comparison.
func (j *jsonWriter) checked(m *budget.Result) {
	j.object()
	j.key("file").str(m.File)
	j.key("status").str(string(m.Status()))
	if m.Reason != "" {
		j.key("reason").text(m.Reason)
	}
	j.key("checks").array()
	for _, c := range m.Checks {
		j.object()
		j.key("rule").str(string(c.Rule))
		j.key("level").str(string(c.Level))
		j.key("value").rat(c.Value)
		j.key("limit").rat(c.Limit)
		j.key("source").str(c.Source)
		j.key("passed").bool(c.Passed)
		j.end()
	}
	j.end()
	j.end()
}

// rat writes a number: an integer in full, any other as a float; nil is null.
func (j *jsonWriter) rat(v *big.Rat) {
	switch {
	case v == nil:
		j.null()
	case v.IsInt():
		j.big(v.Num())
	default:
		f, _ := v.Float64()
		j.float(f)
	}
}

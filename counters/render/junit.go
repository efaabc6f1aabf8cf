package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// junitCase is one test case: a comparison, or a finding that is none.
type junitCase struct {
	name     string
	findings []budget.Finding
	skipped  string // the reason
}

// JUnit writes a test suite for each model and a test case for each comparison. A
// finding of level warn does not fail its case; a model that cannot be read is an
// error, any other finding of level fail is a failure.
func JUnit(w io.Writer, r *CheckReport) error {
	b := bufio.NewWriter(w)
	var all junitCounts
	suites := make([][]junitCase, len(r.Results))
	for i, m := range r.Results {
		suites[i] = junitCases(m)
		all.add(suites[i])
	}
	fmt.Fprintf(b, "%s<testsuites name=\"onnxmeter\"%s>\n", `<?xml version="1.0" encoding="UTF-8"?>`+"\n", all)
	for i, m := range r.Results {
		var counts junitCounts
		counts.add(suites[i])
		file := xmlText(plain(m.File))
		fmt.Fprintf(b, "  <testsuite name=\"%s\"%s>\n", file, counts)
		for _, c := range suites[i] {
			c.write(b, file)
		}
		b.WriteString("  </testsuite>\n")
	}
	b.WriteString("</testsuites>\n")
	return b.Flush()
}

// junitCases lists the comparisons of a model, then the findings that are none.
func junitCases(m *budget.Result) []junitCase {
	if m.Reason != "" {
		return []junitCase{{name: "budget", skipped: m.Reason}}
	}
	var out []junitCase
	at := map[string]int{}
	for _, c := range m.Checks {
		at[string(c.Rule)] = len(out)
		out = append(out, junitCase{name: string(c.Rule)})
	}
	for _, f := range m.Findings {
		i, ok := at[ruleID(&f)]
		if !ok {
			i = len(out)
			at[ruleID(&f)] = i
			out = append(out, junitCase{name: ruleID(&f)})
		}
		out[i].findings = append(out[i].findings, f)
	}
	return out
}

// worst is the finding that decides how a case ends, nil if none of level fail.
func (c *junitCase) worst() *budget.Finding {
	for i := range c.findings {
		if c.findings[i].Level == budget.Fail {
			return &c.findings[i]
		}
	}
	return nil
}

func (c *junitCase) write(b *bufio.Writer, file string) {
	fmt.Fprintf(b, "    <testcase classname=\"%s\" name=\"%s\"", file, xmlText(c.name))
	if len(c.findings) == 0 && c.skipped == "" {
		b.WriteString("/>\n")
		return
	}
	b.WriteString(">\n")
	if c.skipped != "" {
		fmt.Fprintf(b, "      <skipped message=\"%s\"/>\n", xmlText(sentence(c.skipped)))
	}
	if f := c.worst(); f != nil {
		element := junitElement(f)
		fmt.Fprintf(b, "      <%s type=\"%s\" message=\"%s\">%s</%s>\n", element, f.Kind, xmlText(sentence(f.Message)), xmlText(c.text()), element)
	} else if len(c.findings) > 0 {
		fmt.Fprintf(b, "      <system-out>%s</system-out>\n", xmlText(c.text()))
	}
	b.WriteString("    </testcase>\n")
}

func junitElement(f *budget.Finding) string {
	if f.Kind == budget.Unreadable {
		return "error"
	}
	return "failure"
}

// text is every finding of a case with its largest contributors.
func (c *junitCase) text() string {
	var b strings.Builder
	for i := range c.findings {
		f := &c.findings[i]
		fmt.Fprintf(&b, "%s: %s\n", f.Level, explained(f))
		for _, part := range f.Contributors {
			fmt.Fprintf(&b, "  %s  %s\n", budget.Format(f.Rule, part.Value), plain(part.Node))
		}
	}
	return b.String()
}

// junitCounts are the attributes that sum a suite up.
type junitCounts struct{ tests, failures, errors, skipped int }

func (n *junitCounts) add(cases []junitCase) {
	for i := range cases {
		c := &cases[i]
		n.tests++
		switch f := c.worst(); {
		case c.skipped != "":
			n.skipped++
		case f != nil && junitElement(f) == "error":
			n.errors++
		case f != nil:
			n.failures++
		}
	}
}

func (n junitCounts) String() string {
	return fmt.Sprintf(` tests="%d" failures="%d" errors="%d" skipped="%d"`, n.tests, n.failures, n.errors, n.skipped)
}

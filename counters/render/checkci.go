package render

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// homepage is where the tool is described.
const homepage = "https://github.com/onnxmeter/onnxmeter"

// ruleID names what a finding is about: the rule, or the kind where none is concerned.
func ruleID(f *budget.Finding) string {
	if f.Rule != "" {
		return string(f.Rule)
	}
	return string(f.Kind)
}

// explained is the message of a finding with what helps.
func explained(f *budget.Finding) string {
	s := sentence(f.Message)
	if f.Fix != "" {
		s += " (" + fixLabel(f) + ": " + sentence(f.Fix) + ")"
	}
	return s
}

// fixLabel says what the fix of a finding does.
func fixLabel(f *budget.Finding) string {
	if f.Kind == budget.Over {
		return "accept"
	}
	return "fix"
}

// fingerprints tells findings apart across runs: by file and rule, not by their
// values; several with the same are numbered.
type fingerprints map[string]int

func (p fingerprints) of(f *budget.Finding) string {
	key := slashed(f.File) + "\x00" + ruleID(f) + "\x00" + string(f.Kind)
	p[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, p[key]))
	return hex.EncodeToString(sum[:16])
}

// slashed is a file's path with slashes and without detours.
func slashed(file string) string { return path.Clean(filepath.ToSlash(file)) }

// fileURI is a file's path as a URI, relative where the path is.
func fileURI(file string) string {
	u := url.URL{Path: slashed(file)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

// GitHubAnnotations writes workflow commands for GitHub Actions: at most ten
// annotations, which is what GitHub shows of a step, and a line with the summary.
func GitHubAnnotations(w io.Writer, r *CheckReport) error {
	const most = 10
	b := bufio.NewWriter(w)
	findings := r.Findings()
	for i := range findings[:min(len(findings), most)] {
		f := &findings[i]
		command := "error"
		if f.Level == budget.Warn {
			command = "warning"
		}
		fmt.Fprintf(b, "::%s file=%s,title=%s::%s\n", command, commandProperty(slashed(f.File)), commandProperty("onnxmeter "+ruleID(f)), commandData(explained(f)))
	}
	summary := "onnxmeter: " + r.Summary()
	if left := len(findings) - most; left > 0 {
		summary += fmt.Sprintf("; %s are not annotated", plural(left, "finding"))
	}
	b.WriteString(summary + "\n")
	return b.Flush()
}

var (
	commandDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// commandData is the message of a workflow command.
func commandData(s string) string { return commandDataEscapes.Replace(Line(s)) }

// commandProperty is the value of a property of a workflow command.
func commandProperty(s string) string { return inert(commandPropertyEscapes.Replace(visible(s))) }

// GitLabCodeQuality writes a code quality report of GitLab.
func GitLabCodeQuality(w io.Writer, r *CheckReport) error {
	j := newJSONWriter(w, false)
	prints := fingerprints{}
	j.arrayBlock()
	for _, f := range r.Findings() {
		severity := "major"
		if f.Level == budget.Warn {
			severity = "minor"
		}
		j.object()
		j.key("description").text(ruleID(&f) + ": " + explained(&f))
		j.key("check_name").str("onnxmeter/" + ruleID(&f))
		j.key("fingerprint").str(prints.of(&f))
		j.key("severity").str(severity)
		j.key("location").object()
		j.key("path").str(slashed(f.File))
		j.key("lines").object()
		j.key("begin").int(1)
		j.end()
		j.end()
		j.end()
	}
	j.end()
	return j.finish()
}

// CheckCSV writes one line for each finding.
func CheckCSV(w io.Writer, r *CheckReport) error {
	out := csv.NewWriter(w)
	out.Write([]string{"file", "rule", "kind", "level", "value", "limit", "over", "message", "fix", "source"})
	for _, f := range r.Findings() {
		out.Write([]string{csvCell(f.File), string(f.Rule), string(f.Kind), string(f.Level), csvRat(f.Value), csvRat(f.Limit), csvRat(f.Over),
			csvText(f.Message), csvText(f.Fix), csvCell(f.Source)})
	}
	out.Flush()
	return out.Error()
}

// csvRat prints a number so that it reads back, "" if it is not known.
func csvRat(v *big.Rat) string {
	switch {
	case v == nil:
		return ""
	case v.IsInt():
		return v.Num().String()
	}
	f, _ := v.Float64()
	return csvFloat(f)
}

package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onnxmeter/onnxmeter/counters/budget"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// nasty are names that act on what prints them unescaped.
var nasty = []string{
	"::error file=x::injected", "a\n::error::injected", "a\r\n##vso[task.complete]", "##[error]injected", "\x1b[31mred", "=HYPERLINK(\"x\")",
	"<script>alert(1)</script>", "]]><failure/>", "a|b|c", "`x` **b** [l](http://e)", "100%0Adone", "a:b,c", "\u202egnp.exe", "\xff\xfe", "", strings.Repeat("long", 5000),
	"@everyone #1 !x", "&lt;", "</details>", "<!-- onnxmeter:check -->", "\ufffe\uffff\x00",
}

// nastyReport has every nasty name in every place, n findings in all.
func nastyReport(n int) *render.CheckReport {
	r := &render.CheckReport{Tool: render.Tool{Version: "1.2.3"}}
	for i := range n {
		name := nasty[i%len(nasty)]
		if name == "" {
			name = "-"
		}
		file := fmt.Sprintf("%s%d.onnx", name, i)
		level := budget.Fail
		if i%3 == 2 {
			level = budget.Warn
		}
		value, limit := big.NewRat(int64(i)+2, 1), big.NewRat(3, 2)
		r.Results = append(r.Results, &budget.Result{File: file,
			Checks: []budget.Check{{Rule: budget.MACs, Level: level, Value: value, Limit: limit}, {Rule: budget.Params, Level: level, Value: limit, Limit: value, Passed: true}},
			Findings: []budget.Finding{{File: file, Rule: budget.MACs, Kind: budget.Over, Level: level, Value: value, Limit: limit, Over: new(big.Rat).Sub(value, limit),
				Message: "too much " + name, Contributors: []budget.Contributor{{Node: name, Value: value}}, Fix: "run " + name, Source: name}},
		})
	}
	return r
}

// mixedReport is one model of each kind.
func mixedReport() *render.CheckReport {
	r := nastyReport(1)
	r.Results = append(r.Results,
		&budget.Result{File: "skipped.onnx", Reason: "waits for the new head"},
		&budget.Result{File: "passed.onnx", Checks: []budget.Check{{Rule: budget.MACs, Value: big.NewRat(1, 1), Limit: big.NewRat(2, 1), Passed: true}}},
		&budget.Result{File: "dir/bad model.onnx", Findings: []budget.Finding{{File: "dir/bad model.onnx", Kind: budget.Unreadable, Level: budget.Fail, Message: "no model"}}},
		&budget.Result{File: "open.onnx", Findings: []budget.Finding{
			{File: "open.onnx", Rule: budget.Ops, Kind: budget.Over, Level: budget.Fail, Message: "a"},
			{File: "open.onnx", Rule: budget.Ops, Kind: budget.Over, Level: budget.Fail, Message: "b"}}})
	return r
}

func written(t *testing.T, kind string, r *render.CheckReport) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := render.Check(&b, kind, r, render.View{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGitHubAnnotations counts the commands that a runner would see.
func TestGitHubAnnotations(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 10: 10, 25: 10} {
		out := string(written(t, "github", nastyReport(n)))
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		commands := 0
		for _, l := range lines {
			if strings.HasPrefix(strings.TrimSpace(l), "::") {
				commands++
				if !strings.HasPrefix(l, "::error file=") && !strings.HasPrefix(l, "::warning file=") {
					t.Errorf("a command that is no annotation: %q", l)
				}
				properties, _, _ := strings.Cut(l[2:], "::")
				if strings.Count(properties, ",") != 1 {
					t.Errorf("properties %q", properties)
				}
			}
			if strings.Contains(l, "##vso[") || strings.Contains(l, "##[") {
				t.Errorf("a command of another system: %q", l)
			}
		}
		if commands != want || len(lines) != want+1 {
			t.Errorf("%d findings: %d commands on %d lines, want %d and a summary", n, commands, len(lines), want)
		}
		if left := n - 10; left > 0 && !strings.HasSuffix(lines[len(lines)-1], fmt.Sprintf("; %d findings are not annotated", left)) {
			t.Errorf("summary %q", lines[len(lines)-1])
		}
	}
}

// TestJUnit reads the report as XML and counts again.
func TestJUnit(t *testing.T) {
	type outcome struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
	}
	type suite struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name      string    `xml:"name,attr"`
			Failure   []outcome `xml:"failure"`
			Error     []outcome `xml:"error"`
			Skipped   []outcome `xml:"skipped"`
			SystemOut string    `xml:"system-out"`
		} `xml:"testcase"`
	}
	var doc struct {
		suite
		Suites []suite `xml:"testsuite"`
	}
	for _, r := range []*render.CheckReport{nastyReport(50), mixedReport()} {
		doc.Suites = nil
		if err := xml.Unmarshal(written(t, "junit", r), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Suites) != len(r.Results) {
			t.Fatalf("%d suites for %d models", len(doc.Suites), len(r.Results))
		}
		var sum [4]int
		for _, s := range doc.Suites {
			var n [4]int
			for _, c := range s.Cases {
				n[0]++
				n[1] += len(c.Failure)
				n[2] += len(c.Error)
				n[3] += len(c.Skipped)
			}
			if n != [4]int{s.Tests, s.Failures, s.Errors, s.Skipped} {
				t.Errorf("suite %q says %+v, has %v", s.Name, s, n)
			}
			for i := range sum {
				sum[i] += n[i]
			}
		}
		if sum != [4]int{doc.Tests, doc.Failures, doc.Errors, doc.Skipped} {
			t.Errorf("the report says %d %d %d %d, has %v", doc.Tests, doc.Failures, doc.Errors, doc.Skipped, sum)
		}
	}
	if doc.Failures != 2 || doc.Errors != 1 || doc.Skipped != 1 {
		t.Errorf("%d failures, %d errors, %d skipped; want 2, 1, 1", doc.Failures, doc.Errors, doc.Skipped)
	}
}

// TestSARIF reads the log without unknown members and, where the schema of OASIS is
// at hand (ONNXMETER_SARIF_SCHEMA names its file), holds it to that.
func TestSARIF(t *testing.T) {
	type text struct {
		Text string `json:"text"`
	}
	var doc struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name           string `json:"name"`
					Version        string `json:"version"`
					InformationURI string `json:"informationUri"`
					Rules          []struct {
						ID               string `json:"id"`
						ShortDescription text   `json:"shortDescription"`
					} `json:"rules"`
				} `json:"driver"`
			} `json:"tool"`
			Results []struct {
				RuleID    string `json:"ruleId"`
				RuleIndex int    `json:"ruleIndex"`
				Level     string `json:"level"`
				Message   text   `json:"message"`
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct {
							URI string `json:"uri"`
						} `json:"artifactLocation"`
						Region struct {
							StartLine int `json:"startLine"`
						} `json:"region"`
					} `json:"physicalLocation"`
					LogicalLocations []struct {
						FullyQualifiedName string `json:"fullyQualifiedName"`
					} `json:"logicalLocations"`
				} `json:"locations"`
				PartialFingerprints map[string]string `json:"partialFingerprints"`
				Properties          map[string]any    `json:"properties"`
			} `json:"results"`
		} `json:"runs"`
	}
	for _, r := range []*render.CheckReport{nastyReport(0), nastyReport(40), mixedReport()} {
		out := written(t, "sarif", r)
		holdToSARIF(t, out)
		d := json.NewDecoder(bytes.NewReader(out))
		d.DisallowUnknownFields()
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		run := doc.Runs[0]
		if doc.Version != "2.1.0" || len(doc.Runs) != 1 || len(run.Results) != len(r.Findings()) {
			t.Fatalf("version %s, %d runs, %d results of %d findings", doc.Version, len(doc.Runs), len(run.Results), len(r.Findings()))
		}
		seen := map[string]bool{}
		for i, res := range run.Results {
			if run.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID {
				t.Errorf("rule %d is not %s", res.RuleIndex, res.RuleID)
			}
			u, err := url.Parse(res.Locations[0].PhysicalLocation.ArtifactLocation.URI)
			if file := r.Findings()[i].File; err != nil || u.Scheme != "" || path.Clean(u.Path) != path.Clean(file) && len(file) < 4000 && utf8.ValidString(file) {
				t.Errorf("URI %q of %q: %v", u, file, err)
			}
			if strings.Contains(res.Message.Text, "[l](") {
				t.Errorf("a link: %q", res.Message.Text)
			}
			f := res.PartialFingerprints["onnxmeter/v1"]
			if len(f) != 32 || seen[f] {
				t.Errorf("fingerprint %q is not new", f)
			}
			seen[f] = true
		}
	}
}

func holdToSARIF(t *testing.T, out []byte) {
	t.Helper()
	file := os.Getenv("ONNXMETER_SARIF_SCHEMA")
	if file == "" {
		return
	}
	schema, err := jsonschema.NewCompiler().Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestGitLabCodeQuality checks the members that GitLab asks for, and that a
// fingerprint depends on file and rule, not on the value.
func TestGitLabCodeQuality(t *testing.T) {
	type issue struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
		} `json:"location"`
	}
	read := func(r *render.CheckReport) (list []issue) {
		d := json.NewDecoder(bytes.NewReader(written(t, "gitlab", r)))
		d.DisallowUnknownFields()
		if err := d.Decode(&list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := read(nastyReport(0)); len(list) != 0 || list == nil {
		t.Errorf("no findings: %v", list)
	}
	before := read(mixedReport())
	seen := map[string]bool{}
	for _, i := range before {
		if i.Description == "" || i.CheckName == "" || i.Location.Path == "" || i.Location.Lines.Begin != 1 || seen[i.Fingerprint] || i.Severity != "major" {
			t.Errorf("%+v", i)
		}
		seen[i.Fingerprint] = true
	}
	later := mixedReport()
	f := &later.Results[0].Findings[0]
	f.Value, f.Message = big.NewRat(99, 1), "another"
	for k, i := range read(later) {
		if i.Fingerprint != before[k].Fingerprint {
			t.Errorf("%s: fingerprint %s was %s", i.Location.Path, i.Fingerprint, before[k].Fingerprint)
		}
	}
}

// TestCheckMarkdown keeps a comment within what GitHub takes, whole, and inert.
func TestCheckMarkdown(t *testing.T) {
	for _, n := range []int{0, 1, 40, 3000} {
		out := string(written(t, "markdown", nastyReport(n)))
		if len(out) > 65_536 {
			t.Errorf("%d findings: %d bytes", n, len(out))
		}
		page := withoutCode(out)
		if opened, closed := strings.Count(page, "<details>"), strings.Count(page, "</details>"); opened != closed {
			t.Errorf("%d findings: %d blocks are opened, %d closed", n, opened, closed)
		}
		if !strings.HasPrefix(out, "<!-- onnxmeter:check -->\n") || strings.Count(page, "<!--") != 1 {
			t.Errorf("%d findings: the tag is not there once", n)
		}
		if bad := active.FindString(page); bad != "" {
			t.Errorf("%d findings: %q", n, bad)
		}
		if n == 3000 && !strings.Contains(out, "more rows") {
			t.Error("nothing says that rows were left out")
		}
	}
}

// active matches what would act on a page or in a log: an escape sequence, an
// override, a command, a link, an element, a mention.
var active = regexp.MustCompile(`[\x1b\x{202e}]|\n::|[^\\]\]\(|<script|[^\\]\*\*b|@everyone`)

// withoutCode drops spans of code: nothing acts inside them.
func withoutCode(s string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(s, "\n") {
		if !strings.HasPrefix(line, "accept: `") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestCheckCSV reads the table back: no cell is computed, every line is whole.
func TestCheckCSV(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(written(t, "csv", nastyReport(60)))).ReadAll()
	if err != nil || len(rows) != 61 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		for _, c := range row {
			if strings.ContainsAny(c, "\n\r\x1b") || c != "" && strings.ContainsRune("=+@", rune(c[0])) {
				t.Errorf("cell %q", c)
			}
		}
	}
}

// TestCheckWriteErrors wants every format to say that its output is gone.
func TestCheckWriteErrors(t *testing.T) {
	for _, kind := range render.CheckKinds {
		if err := render.Check(closed{}, kind, nastyReport(3), render.View{}); err == nil {
			t.Errorf("%s: no error", kind)
		}
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

const papersPage = "docs/papers.md"

// TestGeneratedPapers runs the commands of the page of papers and compares what they
// print, or write to a file after ">", with what the page shows.
func TestGeneratedPapers(t *testing.T) {
	t.Chdir("../..")
	t.Setenv("NO_COLOR", "1")
	src, err := os.ReadFile(papersPage)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```\n")
	commands := 0
	page := blocks.ReplaceAllStringFunc(string(src), func(block string) string {
		var b strings.Builder
		b.WriteString("```console\n")
		for _, line := range strings.Split(block, "\n") {
			if command, ok := strings.CutPrefix(line, "$ onnxmeter "); ok {
				commands++
				b.WriteString(line + "\n" + shown(t, command))
			}
		}
		return b.String() + "```\n"
	})
	if commands < 15 {
		t.Errorf("%d commands on the page", commands)
	}
	golden(t, papersPage, []byte(page))
}

// shown runs a command line and returns what it prints; the output of one with > goes
// to that file.
func shown(t *testing.T, command string) string {
	t.Helper()
	args := words(command)
	file := ""
	if i := slices.Index(args, ">"); i >= 0 {
		args, file = args[:i], args[i+1]
	}
	var out, errs bytes.Buffer
	if code := run(strings.NewReader(""), &out, &errs, args); code != exitOK || errs.Len() > 0 {
		t.Errorf("onnxmeter %s: exit %d: %s", command, code, errs.String())
	}
	if file == "" {
		return out.String()
	}
	golden(t, file, out.Bytes())
	return ""
}

// words splits a command line at blanks outside of single quotes.
func words(line string) []string {
	var out []string
	for _, w := range regexp.MustCompile(`('[^']*'|[^\s'])+`).FindAllString(line, -1) {
		out = append(out, strings.ReplaceAll(w, "'", ""))
	}
	return out
}

// runJSON runs a command line and decodes what it prints.
func runJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(strings.NewReader(""), &out, &errs, append(args, "-f", "json")); code != exitOK {
		t.Fatalf("onnxmeter %s: exit %d: %s", strings.Join(args, " "), code, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

// TestPaperTrainings holds train to the printed digits of Table 1 of the paper on
// generative audio.
func TestPaperTrainings(t *testing.T) {
	f, err := os.Open(papers + "table1.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := tradeoff.ReadCSV(f, "table1.csv", "")
	if err != nil || len(table.Rows) != 5 {
		t.Fatal(table, err)
	}
	for _, r := range table.Rows {
		cell := func(column string) string { return r.Cells[slices.Index(table.Columns, column)].Text }
		var got struct{ KWh, Kg float64 }
		runJSON(t, &got, "train", "--gpu", cell("gpu"), "--gpus", cell("gpus"), "--hours", cell("hours"))
		if kwh := strconv.FormatFloat(math.Round(got.KWh*1e9)/1e9, 'f', -1, 64); kwh != cell("kwh") {
			t.Errorf("%s: %s kWh, the table has %s", r.Name, kwh, cell("kwh"))
		}
		if kg := strconv.FormatFloat(got.Kg, 'f', 2, 64); kg != cell("kg") {
			t.Errorf("%s: %s kg, the table has %s", r.Name, kg, cell("kg"))
		}
	}
}

// TestPaperFronts holds the fronts to what the papers state of them.
func TestPaperFronts(t *testing.T) {
	const waveflow, generative = papers + "waveflow.csv", papers + "generative.csv"
	for _, c := range []struct {
		name      string
		args      []string
		dominated map[string]string
	}{
		{"training of WaveFlow", []string{waveflow, "--min", "train_kWh", "--min", "loss"}, map[string]string{"WaveFlow 3": "WaveFlow 4"}},
		{"generation by WaveFlow", []string{waveflow, "--min", "generate_Wh", "--min", "loss"}, map[string]string{}},
		{"training, scores out of 5", []string{generative, "--min", "train_kWh", "--min", "1 - mos/5"}, map[string]string{}},
		{"parameters, scores out of 5", []string{generative, "--min", "params_long", "--min", "1 - mos/5"}, map[string]string{"WaveGAN": "SING"}},
	} {
		var got struct {
			Front     []string
			Dominated []struct {
				Name string
				By   []string
			}
		}
		runJSON(t, &got, append([]string{"pareto"}, c.args...)...)
		by := map[string]string{}
		for _, d := range got.Dominated {
			by[d.Name] = strings.Join(d.By, " ")
		}
		if len(by) != len(c.dominated) {
			t.Errorf("%s: %v are dominated, want %v", c.name, by, c.dominated)
		}
		for name, want := range c.dominated {
			if by[name] != want || slices.Contains(got.Front, name) {
				t.Errorf("%s: %s is dominated by %q, want %q", c.name, name, by[name], want)
			}
		}
	}
}

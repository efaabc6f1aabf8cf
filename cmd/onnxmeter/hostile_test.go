package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

// hostileCase is one entry of the manifest of hostile inputs.
type hostileCase struct {
	File   string `json:"file"`
	Class  string `json:"cls"`
	Threat string `json:"threat"`
	Expect struct {
		Outcome      string   `json:"outcome"`
		OrReject     bool     `json:"or_reject"`
		OrIncomplete bool     `json:"or_incomplete"`
		Names        []string `json:"names"`
		MACs         string   `json:"macs"`
		Params       string   `json:"params"`
		MaxSeconds   float64  `json:"max_seconds"`
		GateMayPass  bool     `json:"gate_may_pass"`
	} `json:"expect"`
}

// allowed lists the outcomes that the manifest accepts.
func (c *hostileCase) allowed() []string {
	out := strings.Split(c.Expect.Outcome, "_or_")
	if c.Expect.OrReject {
		out = append(out, "reject")
	}
	if c.Expect.OrIncomplete {
		out = append(out, "incomplete")
	}
	return out
}

// TestHostile counts every hostile file under --strict and holds exit code, message,
// figures and time to the manifest.
func TestHostile(t *testing.T) {
	dir, cases := hostileCases(t)
	ledger := map[string][2]int{} // class: right, all
	for i := range cases {
		c := &cases[i]
		if c.Class == "config" {
			continue // configuration files are inputs of other verbs
		}
		wrong := c.run(filepath.Join(dir, c.File))
		n := ledger[c.Class]
		n[1]++
		if wrong == nil {
			n[0]++
		}
		ledger[c.Class] = n
		for _, w := range wrong {
			t.Errorf("%s (%s): %s", c.File, c.Threat, w)
		}
	}
	var classes []string
	for c := range ledger {
		classes = append(classes, c)
	}
	sort.Strings(classes)
	for _, c := range classes {
		t.Logf("%-10s %d of %d as the manifest says", c, ledger[c][0], ledger[c][1])
	}
}

// hostileCases reads the manifest; dir is where its files are.
func hostileCases(t *testing.T) (dir string, cases []hostileCase) {
	t.Helper()
	shared := os.Getenv("ONNXMETER_SHARED")
	if shared == "" {
		t.Skip("ONNXMETER_SHARED is not set: no hostile files")
	}
	dir = filepath.Join(shared, "hostile")
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return dir, cases
}

// run counts the file and returns what differs from the manifest.
func (c *hostileCase) run(path string) (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	var stdout, stderr bytes.Buffer
	start := time.Now()
	code := run(strings.NewReader(""), &stdout, &stderr, []string{"count", "--strict", "-f", "json", path})
	if took := time.Since(start).Seconds(); took > c.Expect.MaxSeconds {
		fail("took %.2f s, at most %g", took, c.Expect.MaxSeconds)
	}
	outcome, known := map[int]string{exitOK: "count", exitInput: "reject", exitIncomplete: "incomplete"}[code]
	if !known {
		fail("exit code %d: %s", code, stderr.String())
		return wrong
	}
	if !slices.Contains(c.allowed(), outcome) {
		fail("outcome %s (exit %d), want %s: %s", outcome, code, strings.Join(c.allowed(), " or "), firstLine(stderr.String()))
	}
	if outcome == "reject" {
		if stderr.Len() == 0 || strings.Count(stderr.String(), "\n") != 1 {
			fail("the error is not one line: %q", stderr.String())
		}
	} else {
		c.figures(stdout.Bytes(), code, fail)
	}
	if outcome != "count" {
		for _, name := range c.Expect.Names {
			if !strings.Contains(stdout.String()+stderr.String(), name) {
				fail("the message does not name %q: %s", name, firstLine(stderr.String()))
			}
		}
	}
	for _, out := range []string{stdout.String(), stderr.String()} {
		if strings.ContainsFunc(out, controls) {
			fail("a control character is printed")
		}
	}
	return wrong
}

// controls reports whether a rune is one that a terminal acts on.
func controls(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line[:min(len(line), 300)]
}

// figures holds the totals to the manifest. An upper bound is one of them; a total
// that is incomplete or open is no figure.
func (c *hostileCase) figures(stdout []byte, code int, fail func(string, ...any)) {
	var report struct {
		Totals   struct{ MACs, Params *big.Int }
		Coverage struct{ Status string }
	}
	if err := json.Unmarshal(stdout, &report); err != nil {
		fail("output is no JSON: %v", err)
		return
	}
	if code == exitOK && report.Coverage.Status != "exact" {
		fail("exit 0 with status %s", report.Coverage.Status)
	}
	if code == exitOK && !c.Expect.GateMayPass && c.Expect.MACs == "" && c.Expect.Params == "" {
		fail("counted as exact where a gate must not pass")
	}
	if report.Coverage.Status != "exact" && report.Coverage.Status != "bound" {
		return
	}
	for _, f := range []struct {
		name, want string
		got        *big.Int
	}{{"macs", c.Expect.MACs, report.Totals.MACs}, {"params", c.Expect.Params, report.Totals.Params}} {
		if f.want != "" && (f.got == nil || f.got.String() != f.want) {
			fail("%s is %v, want %s", f.name, f.got, f.want)
		}
	}
}

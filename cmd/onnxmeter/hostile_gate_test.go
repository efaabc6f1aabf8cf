package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// TestHostileGate holds every hostile file to budgets that no honest model of its
// size reaches: none may pass but those of the manifest that a gate may let pass. One
// that must be incomplete may pass none of the budgets alone.
func TestHostileGate(t *testing.T) {
	dir, cases := hostileCases(t)
	rules := []string{"macs=1P", "params=1P", "flops=1P"}
	held := 0
	for i := range cases {
		c := &cases[i]
		if c.Class == "config" {
			continue // configuration files are no models
		}
		all := []string{"--budget", rules[0], "--budget", rules[1], "--budget", rules[2]}
		if code := c.gate(t, dir, all); code == exitOK && !c.Expect.GateMayPass {
			t.Errorf("%s (%s): passes", c.File, c.Threat)
		}
		for _, r := range rules {
			if code := c.gate(t, dir, []string{"--budget", r}); code == exitOK && c.Expect.Outcome == "incomplete" && !c.Expect.GateMayPass {
				t.Errorf("%s (%s): passes %s", c.File, c.Threat, r)
			}
		}
		held++
	}
	if held < 100 {
		t.Errorf("%d files only", held)
	}
}

// gate checks a file, holds the findings to the exit code, and returns that.
func (c *hostileCase) gate(t *testing.T, dir string, budgets []string) int {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := append([]string{"check", "-f", "json", filepath.Join(dir, c.File)}, budgets...)
	code := run(strings.NewReader(""), &stdout, &stderr, args)
	if !slices.Contains([]int{exitOK, exitOver, exitInput, exitIncomplete}, code) {
		t.Errorf("%s under %s: exit code %d: %s", c.File, budgets, code, stderr.String())
	}
	checkFindings(t, c.File, code, stdout.Bytes())
	for _, name := range c.Expect.Names {
		if code != exitOK && !strings.Contains(stdout.String(), name) {
			t.Errorf("%s: the findings do not name %q: %s", c.File, name, stdout.String())
		}
	}
	return code
}

// TestHostileNamesInFindings lets names that would drive a terminal stand among the
// contributors of findings, in every format.
func TestHostileNamesInFindings(t *testing.T) {
	dir, cases := hostileCases(t)
	for i := range cases {
		c := &cases[i]
		if c.Class != "names" {
			continue
		}
		for _, kind := range render.CheckKinds {
			var stdout, stderr bytes.Buffer
			run(strings.NewReader(""), &stdout, &stderr, []string{"check", "--budget", "macs=0", "--budget", "params=0", "-f", kind, filepath.Join(dir, c.File)})
			if i := strings.IndexFunc(stdout.String(), controls); i >= 0 || !utf8.Valid(stdout.Bytes()) {
				t.Errorf("%s as %s: a control character is printed, or no UTF-8: %q", c.File, kind, stdout.String()[max(0, i-20):])
			}
		}
	}
}

// checkFindings holds the exit code to the findings: one that is not 0 has a finding
// that says how to go on, and a pass has none.
func checkFindings(t *testing.T, file string, code int, stdout []byte) {
	t.Helper()
	var doc struct {
		Findings []struct{ File, Kind, Message, Fix string }
	}
	if err := json.Unmarshal(stdout, &doc); err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	kind := map[int]string{exitOver: "over", exitInput: "unreadable", exitIncomplete: "incomplete"}[code]
	found := code == exitOK && len(doc.Findings) == 0
	for _, f := range doc.Findings {
		if f.Message == "" || f.Fix == "" {
			t.Errorf("%s: a finding without message or fix: %+v", file, f)
		}
		found = found || f.Kind == kind
	}
	if !found {
		t.Errorf("%s: exit code %d with findings %+v", file, code, doc.Findings)
	}
}

// TestHostileTables gives the hostile files of configuration to the flags that read
// them: exit 2, one line that names the file and a line in it.
func TestHostileTables(t *testing.T) {
	dir, cases := hostileCases(t)
	model := "../../fixtures/models/resnet50.onnxtxt"
	for i := range cases {
		c := &cases[i]
		if c.Class != "config" {
			continue
		}
		path := filepath.Join(dir, c.File)
		flag := "--coefficients"
		if filepath.Ext(path) == ".yaml" {
			flag = "--config"
		}
		args := []string{"check", "--budget", "macs=1P", flag, path, model}
		var stdout, stderr bytes.Buffer
		code := run(strings.NewReader(""), &stdout, &stderr, args)
		if code != exitUsage || stdout.Len() > 0 || !strings.Contains(stderr.String(), path+":1: ") || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s (%s): exit code %d: %.300s%.300s", c.File, c.Threat, code, stdout.String(), stderr.String())
		}
	}
}

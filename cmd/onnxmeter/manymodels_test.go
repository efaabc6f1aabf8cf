package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// TestManyModels checks a thousand models in one run, two at a time: the bytes are those
// of one at a time, and broken models hide none of the others.
func TestManyModels(t *testing.T) {
	t.Chdir(t.TempDir())
	const n = 1000
	for i := range n {
		text := fmt.Sprintf(`<ir_version: 8, opset_import: ["": 17]> g (float[1,%d] x) => (float[1,1] y) <float[%d,1] w = {}> { [mul] y = MatMul (x, w) }`, i+1, i+1)
		switch i {
		case 10:
			text = "garbage"
		case 20:
			text = strings.Replace(text, "MatMul", "Magic", 1)
		case 30:
			text = strings.Replace(text, "float[1,31] x", "float[N,31] x", 1)
		}
		dir := fmt.Sprintf("d%02d", i%7)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(fmt.Sprintf("%s/m%04d.onnxtxt", dir, i), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config := "models:\n- path: '**/*.onnxtxt'\n  budget: {macs: {fail: 990, warn: 900}, ops: {deny: [Loop]}}\n"
	if err := os.WriteFile(budget.ConfigName, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"text", "json", "junit"} {
		one, two := checkMany(t, kind, "1"), checkMany(t, kind, "2")
		if !bytes.Equal(one, two) {
			t.Errorf("%s differs between one and two models at a time", kind)
		}
	}
	if text := checkMany(t, "text", "2"); bytes.Contains(text, []byte("MACs of 990 MACs")) || !bytes.Contains(checkMany(t, "text", "2", "-v"), []byte("MACs of 990 MACs")) {
		t.Error("text lists what holds of many models, or -v does not")
	}
	countMany(t, checkMany(t, "json", "2"), n)
}

func checkMany(t *testing.T, kind, jobs string, more ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := append([]string{"check", "-q", "-f", kind, "--jobs", jobs}, more...)
	if code := run(strings.NewReader(""), &stdout, &stderr, args); code != exitInput || stderr.Len() > 0 {
		t.Fatalf("exit code %d, stderr %q; want %d and nothing", code, stderr.String(), exitInput)
	}
	return stdout.Bytes()
}

// countMany holds the numbers of models and findings to what was written: 10 models over
// the limit, 90 more over the warning, one broken, one unknown, one open.
func countMany(t *testing.T, stdout []byte, n int) {
	t.Helper()
	var doc struct {
		Models   []struct{ Status string }
		Findings []struct{ Kind, Level string }
	}
	if err := json.Unmarshal(stdout, &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, m := range doc.Models {
		got[m.Status]++
	}
	for _, f := range doc.Findings {
		got[f.Kind+" "+f.Level]++
	}
	want := map[string]int{"pass": n - 103, "warn": 90, "fail": 13, "over fail": 10, "over warn": 90, "unreadable fail": 1, "incomplete fail": 2}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiffThousand compares 1,000 models, of which a third changed and one cannot be
// read: the same bytes for any number of jobs, all models named, and a comment that
// GitHub takes.
func TestDiffThousand(t *testing.T) {
	t.Chdir(t.TempDir())
	const text = "<ir_version: 8, opset_import: [\"\": 17]>\ng (float[2,1] x) => (float[2,%d] y) <float[1,%d] w = {}> { [%q] y = MatMul (x, w) }\n"
	for i := range 1000 {
		name := strings.Repeat("long.", 20) + fmt.Sprint("<b>|", i)
		for dir, width := range map[string]int{"old": 4, "new": 4 + i%3/2} {
			file := filepath.Join(dir, fmt.Sprintf("%04d.onnxtxt", i))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, fmt.Appendf(nil, text, width, width, name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile("new/0500.onnxtxt", []byte("<"), 0o644); err != nil {
		t.Fatal(err)
	}
	diff := func(args ...string) string {
		var stdout, stderr bytes.Buffer
		if code := run(strings.NewReader(""), &stdout, &stderr, append([]string{"diff", "old", "new"}, args...)); code != exitInput {
			t.Fatalf("%v: exit code %d: %s", args, code, stderr.String())
		}
		return stdout.String()
	}
	one := diff("-f", "json", "--jobs", "1")
	if one != diff("-f", "json", "--jobs", "2") {
		t.Error("--jobs 2 prints other bytes than --jobs 1")
	}
	if !strings.Contains(one, `"summary":{"broken":1,"changed":332,"added":0,"removed":0,"unchanged":667}`) || strings.Count(one, `"path":"old/`) != 1000 {
		t.Errorf("the summary is not right: %.300s", one)
	}
	page := diff("-f", "markdown")
	if len(page) > 65_536 || strings.Count(page, "<details>") != strings.Count(page, "</details>") || !strings.HasPrefix(page, "<!-- onnxmeter:diff -->\n") {
		t.Errorf("a comment of %d bytes, %d blocks opened and %d closed", len(page), strings.Count(page, "<details>"), strings.Count(page, "</details>"))
	}
	if !strings.Contains(page, "more rows") || !strings.Contains(page, "did not fit") || strings.Contains(page, "<b>") {
		t.Error("the comment does not say what was left out, or has elements of a name")
	}
}

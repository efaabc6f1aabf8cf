package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestGeneratedReadme runs the README's first command and compares its output
// with the block that the README shows.
func TestGeneratedReadme(t *testing.T) {
	t.Chdir("../..")
	src, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(src)
	_, rest, _ := strings.Cut(readme, "go run ./cmd/onnxmeter ")
	args, _, _ := strings.Cut(rest, "\n")
	var out, errs bytes.Buffer
	if code := run(strings.NewReader(""), &out, &errs, strings.Fields(args)); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	const mark = "<!-- output of the first command -->\n```\n"
	before, after, found := strings.Cut(readme, mark)
	if !found {
		t.Fatal("the README has no block for the output")
	}
	shown, tail, _ := strings.Cut(after, "```\n")
	if shown == out.String() {
		return
	}
	if !*update {
		t.Fatalf("the README shows\n%s\nthe command prints\n%s", shown, out.String())
	}
	if err := os.WriteFile("README.md", []byte(before+mark+out.String()+"```\n"+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

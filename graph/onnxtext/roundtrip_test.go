package onnxtext

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
)

// checkRoundTrip prints m, parses the text and compares. It strips from m what the
// syntax cannot hold.
func checkRoundTrip(t *testing.T, m *graph.Model) {
	t.Helper()
	var text bytes.Buffer
	if err := Print(&text, m); err != nil {
		t.Errorf("print: %v", err)
		return
	}
	back, err := Parse(text.Bytes(), m.Path)
	if err != nil {
		t.Errorf("parse: %v", err)
		return
	}
	strip(m)
	if d := diff(m, back); d != "" {
		t.Errorf("%s: not the same after printing and parsing:\n%.2000s", m.Path, d)
	}
}

func TestFixtures(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/models/*.onnxtxt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(src, path)
		if err != nil {
			t.Error(err)
			continue
		}
		if l := Losses(m); l != nil {
			t.Errorf("%s: losses %q", path, l)
		}
		checkRoundTrip(t, m)
	}
}

// inexpressible are parts of messages of Print for models that the syntax has no
// words for.
var inexpressible = []string{"sparse"}

// Binary models survive printing and parsing. One in ten of the small conformance
// models and the other models up to a megabyte keep the test short.
func TestSharedModels(t *testing.T) {
	root := os.Getenv("ONNXMETER_SHARED")
	if root == "" {
		t.Skip("ONNXMETER_SHARED is not set")
	}
	read, seen := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "hostile":
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".onnx":
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if seen++; info.Size() > 1<<20 || strings.Contains(path, "conformance") && seen%10 != 0 {
			return nil
		}
		f, err := onnxfile.Open(path)
		if err != nil {
			return nil // the reader's tests tell whether it is right to refuse it
		}
		defer f.Close()
		read++
		checkShared(t, f.Model)
		return nil
	})
	if err != nil || read < 100 {
		t.Errorf("%d models: %v", read, err)
	}
}

func checkShared(t *testing.T, m *graph.Model) {
	err := Print(&bytes.Buffer{}, m)
	for _, part := range inexpressible {
		if err != nil && strings.Contains(err.Error(), part) {
			return
		}
	}
	checkRoundTrip(t, m)
}

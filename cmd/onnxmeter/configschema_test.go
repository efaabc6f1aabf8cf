package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// TestGeneratedConfigSchema keeps the published schema of the configuration the one
// that the parser's table gives.
func TestGeneratedConfigSchema(t *testing.T) {
	golden(t, filepath.Join(schemaDir, filepath.Base(budget.SchemaID)), budget.Schema())
}

// golden holds a generated file to what it is generated from; -update writes it anew.
func golden(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what it is made from (%v): run go test ./cmd/onnxmeter -run %s -update", path, err, t.Name())
	}
}

// TestSchemaOfConfig holds the document of config to its schema.
func TestSchemaOfConfig(t *testing.T) {
	c := newCompiler(t)
	t.Chdir(t.TempDir())
	checkSchema(t, c, "config", "-f", "json")
	text := "defaults: {dims: {n: 1}}\nmodels:\n- {path: '*.onnx', budget: {macs: {fail: 4 G, warn: 3 G}, ops: {deny: [Loop], max_opset: 17}}}\n- {path: old, skip: gone}\n"
	if err := os.WriteFile(budget.ConfigName, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"a.onnx", "old", "other"} {
		checkSchema(t, c, "config", "-f", "json", "--gpu", "a30", "--budget", "energy=1J", model)
	}
	checkSchema(t, c, "check", "-f", "json", "nosuch.onnx", "old")
}

// TestSchemaOfBaseline holds what check --update-baseline writes to its schema.
func TestSchemaOfBaseline(t *testing.T) {
	model, err := filepath.Abs("../../fixtures/models/resnet50.onnxtxt")
	if err != nil {
		t.Fatal(err)
	}
	c := newCompiler(t)
	t.Chdir(t.TempDir())
	text, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("m.onnxtxt", text, 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if code := run(strings.NewReader(""), io.Discard, &stderr, []string{"check", "--update-baseline", "--gpu", "a30", "m.onnxtxt"}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	written, err := os.ReadFile(budget.BaselineName)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("https://onnxmeter.github.io/schema/baseline-1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%s\n%v", written, err)
	}
}

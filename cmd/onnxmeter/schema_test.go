package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onnxmeter/onnxmeter/counters/convention"
)

const (
	schemaDir = "../../docs/schema"
	papers    = "../../fixtures/papers/"
)

// schemaFor compiles the schema of a document by the name that it carries.
func schemaFor(t *testing.T, c *jsonschema.Compiler, doc any) *jsonschema.Schema {
	t.Helper()
	o, _ := doc.(map[string]any)
	name, _ := o["schema"].(string)
	file := strings.ReplaceAll(strings.TrimPrefix(name, "onnxmeter."), "/", "-") + ".json"
	s, err := c.Compile("https://onnxmeter.github.io/schema/" + file)
	if err != nil {
		t.Fatalf("schema %q: %v", name, err)
	}
	return s
}

// checkSchema runs a command line whose output is JSON, one document or one a line,
// and holds it to the published schema that it names.
func checkSchema(t *testing.T, c *jsonschema.Compiler, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(strings.NewReader(""), &stdout, &stderr, args)
	if stdout.Len() == 0 {
		t.Fatalf("onnxmeter %s: exit %d, no output: %s", strings.Join(args, " "), code, stderr.String())
	}
	docs := []string{stdout.String()}
	if strings.Contains(strings.Join(args, " "), "ndjson") {
		docs = strings.Split(strings.TrimSpace(stdout.String()), "\n")
	}
	for _, text := range docs {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("onnxmeter %s: %v", strings.Join(args, " "), err)
		}
		if err := schemaFor(t, c, doc).Validate(doc); err != nil {
			t.Errorf("onnxmeter %s: %v", strings.Join(args, " "), err)
		}
	}
}

// newCompiler resolves the schemas' ids to the files of docs/schema.
func newCompiler(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	files, err := filepath.Glob(filepath.Join(schemaDir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		id := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
	}
	return c
}

// TestSchemasOfTables holds the documents that need no model to their schemas.
func TestSchemasOfTables(t *testing.T) {
	c := newCompiler(t)
	for _, args := range [][]string{{"ops", "-f", "json"}, {"ops", "conv", "-f", "json"}, {"gpus", "-f", "json"},
		{"gpus", "h100", "-f", "json"}, {"zones", "-f", "json"}, {"energy", "validate", "-f", "json"}, {"version", "-f", "json"},
		{"convention", "-f", "json"}, {"convention", "thop", "digest", "-f", "json"},
		{"train", "--gpu", "h100-pcie-80gb", "--hours", "3", "--zone", "WORLD", "--zone", "DEU", "-f", "json"},
		{"pareto", papers + "waveflow.csv", "--min", "train_kWh", "--min", "loss", "-f", "json"},
		{"pareto", papers + "waveflow.csv", "--min", "train_kWh", "--max", "1 - loss", "--knee", "--curve", "epoch", "--worth", "50kWh/0.01", "-f", "json"},
		{"rank", papers + "waveflow.csv", "--fp", "loss", "--fc", "params_m", "--weight", "0,1", "-f", "json"},
		{"rank", papers + "waveflow.csv", "--objective", "loss", "-f", "json"},
		{"caps", papers + "waveflow.csv", "--cost", "params_m", "--cost", "generate_Wh", "--score-min", "floor(loss*50)", "-f", "json"},
		{"energy", "normalize", papers + "waveflow.csv", "--energy", "train_kWh", "--reference", "train_kWh", "--reference-at", "1", "-f", "json"},
		{"train", "--tdp", "300", "--tdp-share", "0.5", "--hours", "0.1", "--intensity", "5", "--equivalents", "-f", "json"}} {
		checkSchema(t, c, args...)
	}
}

// TestSchemasOfModels holds the documents of real models to their schemas, with
// estimates, with open dims and with dims bound.
func TestSchemasOfModels(t *testing.T) {
	c := newCompiler(t)
	var models []string
	for _, pattern := range []string{"../../fixtures/models/*.onnxtxt", filepath.Join(os.Getenv("ONNXMETER_SHARED"), "zoo", "*.onnx")} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, found...)
	}
	if testing.Short() {
		models = models[:min(len(models), 6)]
	}
	for _, m := range models {
		if strings.Contains(m, "wavernn") { // invalid, and refused
			continue
		}
		checkSchema(t, c, "count", "-f", "json", "--by", "module", "--gpu", "a100-pcie-40gb", "--gpu", "h100-pcie-80gb", "--zone", "DEU", "--zone", "WORLD", m)
		checkSchema(t, c, "shapes", "-f", "json", "--ignore-declared", m)
		checkSchema(t, c, "train", "-f", "json", "--gpu", "h100-pcie-80gb", "--zone", "DEU", "--zone", "WORLD", "--steps", "10", m)
		checkSchema(t, c, "check", "-f", "json", "--budget", "macs=1G", "--budget", "energy=0.1J", "--gpu", "a100-pcie-40gb", m)
	}
	checkSchema(t, c, "compare", "-f", "json", "--conventions", "all", models[0])
	checkSchema(t, c, "compare", "-f", "json", "--conventions", "fvcore,thop", "--figure", "17582740224", "../../fixtures/models/vit_b_16.onnxtxt")
	for _, name := range convention.Names() {
		checkSchema(t, c, "count", "-f", "json", "--convention", name, models[0])
	}
	checkSchema(t, c, "compare", "-f", "json", models[0], models[1])
	checkSchema(t, c, "check", "-f", "json", "--budget", "macs=1", "nosuch.onnx", models[0])
	checkSchema(t, c, "diff", "-f", "json", "--gpu", "a100-pcie-40gb", models[0], models[1])
	checkSchema(t, c, "diff", "-f", "json", models[1], models[1])
	checkSchema(t, c, "diff", "-f", "json", models[1], "schema_test.go")
	checkSchema(t, c, "cite", "-f", "json", models[0], "--gpu", "h100-pcie-80gb")
	checkSchema(t, c, append([]string{"count", "-f", "json", "--by", "op"}, models[:3]...)...)
	checkSchema(t, c, append([]string{"count", "-f", "ndjson"}, models[:3]...)...)
	checkSchema(t, c, append([]string{"shapes", "-f", "json"}, models[:3]...)...)
	checkSchema(t, c, append([]string{"shapes", "-f", "ndjson"}, models[:3]...)...)
}

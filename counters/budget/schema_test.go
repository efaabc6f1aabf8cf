package budget

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v3"
)

// TestSchemaAgrees holds the schema to the parser both ways: what the parser takes it
// takes; of what the parser refuses it refuses all that is a matter of structure.
func TestSchemaAgrees(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{wholeConfig, "models: [{path: a, budget: {macs: 0}}]\n", "models:\n- path: [a]\n  skip: x\n",
		"defaults: {budget: {energy: 0.4}}\nmodels:\n- {path: ./a}\n- {path: 'b/{c,d}/**', dims: {}}\n"} {
		load(t, text)
		if v, ok := asJSON(text); !ok {
			t.Errorf("%q is no JSON", text)
		} else if err := schema.Validate(v); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	seen := 0
	for _, m := range mistakes {
		v, ok := asJSON(m.text)
		if !ok {
			if m.structural {
				t.Errorf("%q is no JSON", m.text)
			}
			continue
		}
		seen++
		if refused := schema.Validate(v) != nil; refused != m.structural {
			t.Errorf("%q: refused by the schema: %t, want %t", m.text, refused, m.structural)
		}
	}
	if seen < 50 {
		t.Errorf("%d mistakes only", seen)
	}
}

// asJSON reads YAML as a validator sees it; false if JSON cannot say it.
func asJSON(text string) (any, bool) {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil || text == "" {
		return nil, false
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	return out, err == nil
}

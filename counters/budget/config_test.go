package budget

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// atTheLimit is a pattern that is as long and wide as one may be.
var atTheLimit = strings.Repeat("{a,b,c,d,e,f,g,h,i}", 4) + strings.Repeat("a", 1000-4*19)

const wholeConfig = `# every field once
defaults:
  dims: {batch: 1, "seq=len": 128}
  inputs: {"x:0": "1x3x224x224:float16"}
  trip: {loop: 10}
  assume: {n: 0}
  rules: rules/own.yaml
  ignore_declared: true
  convention: thop
  qdq: literal
  padding: exact
  causal: half
  gpu: a100-sxm4-80gb
  precision: fp16
  mode: fused
  batch: 8
  energy_model: flops
  tdp: 300
  peak: 312.5
  bandwidth: 1555
  tdp_share: 0.8
  coefficients: own.csv
  zone: DEU
  intensity: 381.5
  pue: 1.2
  strict: false
  budget: {params: 26 M, kernels: 60}
models:
  - path: models/old/**
    skip: retired in v2
  - path: ["models/*.onnx", 'export/{a,b}.onnx']
    dims: {batch: 4}
    zone: FRA
    budget:
      params: {fail: "+2 %", warn: 25 M}
      param_bytes: 256 MiB
      macs: 4500000000
      flops: 9e9
      traffic: 1.5 GB
      peak_activation_bytes: "64 MiB"
      energy: +5 % and 10 mJ
      carbon: 1 mg
      ops: {allow: [Conv, ai.onnx.Relu, "com.microsoft.*"], deny: [com.acme.Magic], max_opset: 21, level: warn}
`

func load(t *testing.T, text string) *Config {
	t.Helper()
	c, err := LoadConfig(strings.NewReader(text), "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoadConfig(t *testing.T) {
	c := load(t, wholeConfig)
	if len(c.Defaults.Settings) != len(Keys())+1 { // dims has two
		t.Errorf("%d settings: %v", len(c.Defaults.Settings), c.Defaults.Settings)
	}
	e := c.For("export/b.onnx")
	if e == nil || e != c.For("models/x.onnx") || c.For("models/old/deep/x.onnx").Skip != "retired in v2" || c.For("models/deep/x.onnx") != nil {
		t.Fatalf("patterns: %v", e)
	}
	all := c.Effective(e)
	settings := map[string]string{}
	for _, s := range all.Settings {
		settings[s.Key.Flag+" "+s.Name] = s.Value + " at " + s.Source
	}
	for key, want := range map[string]string{"dim batch": "4 at c.yaml:32", "dim seq=len": "128 at c.yaml:3", "zone ": "FRA at c.yaml:33",
		"gpu ": "a100-sxm4-80gb at c.yaml:13", "intensity ": ""} { // a zone stands in for the intensity
		if settings[key] != want {
			t.Errorf("%s is %q, want %q", key, settings[key], want)
		}
	}
	var rules []string
	for _, b := range all.Budgets {
		rules = append(rules, string(b.Rule)+" "+string(b.Level)+" "+b.Limit.String()+" "+b.Source)
	}
	want := []string{"params fail +2 % c.yaml:35", "params warn 25 M c.yaml:35", "param_bytes fail 256 MiB c.yaml:36", "macs fail 4500000000 c.yaml:37",
		"flops fail 9e9 c.yaml:38", "traffic fail 1.5 GB c.yaml:39", "peak_activation_bytes fail 64 MiB c.yaml:40", "kernels fail 60 c.yaml:27",
		"energy fail +5 % and 10 mJ c.yaml:41", "carbon fail 1 mg c.yaml:42"}
	if !slices.Equal(rules, want) {
		t.Errorf("budgets\n%s\nwant\n%s", strings.Join(rules, "\n"), strings.Join(want, "\n"))
	}
	if o := all.Ops; !slices.Equal(o.Allow, []string{"Conv", "Relu", "com.microsoft.*"}) || o.MaxOpset != 21 || o.Level != Warn {
		t.Errorf("ops %+v", o)
	}
	if s := c.Effective(nil); len(s.Budgets) > 0 || len(s.Settings) != len(c.Defaults.Settings) {
		t.Errorf("a model that is not listed has %+v", s)
	}
}

// mistakes are files that must be refused, each with the place and what is said.
// structural ones the schema refuses as well.
var mistakes = []struct {
	text, says string
	structural bool
}{
	{"", "c.yaml:1: an empty file", false}, // no document at all
	{"max_macs: -1\n", `c.yaml:1: unknown field "max_macs" (expected defaults or models`, true},
	{"models: []\n", "c.yaml:1: no models", true},
	{"models:\n", "c.yaml:1: nothing (expected a list)", true},
	{"defaults: {gpu: a30}\n", "c.yaml:1: no models", true},
	{"- a\n", "c.yaml:1: a list", true},
	{"models: [{budget: {macs: 1}}]\n", "c.yaml:1: an entry without path", true},
	{"models: [{path: [], budget: {macs: 1}}]\n", "c.yaml:1: an entry without path", true},
	{"models:\n- path: a\n", "c.yaml:2: an entry without a budget", false}, // the defaults may have one
	{"models:\n- path: a\n  budget: {}\n", "c.yaml:3: budget: no limit", true},
	{"models:\n- path: a\n  skip: true\n", `c.yaml:3: skip: "true" (expected a text)`, true},
	{"models:\n- path: a\n  skip:\n", "c.yaml:3: skip: nothing (expected a text)", true},
	{"models:\n- path: a\n  skip: ' '\n", "c.yaml:3: skip: no reason", true},
	{"models:\n- path: a\n  skip: x\n  budget: {macs: 1}\n", "c.yaml:2: an entry with skip and other fields", true},
	{"models:\n- path: a\n  skip: x\n  gpu: a30\n", "c.yaml:2: an entry with skip and other fields", true},
	{"models:\n- path: /etc/*\n  budget: {macs: 1}\n", `c.yaml:2: path "/etc/*" leads out`, true},
	{"models:\n- path: ../a.onnx\n  budget: {macs: 1}\n", `c.yaml:2: path "../a.onnx" leads out`, true},
	{"models:\n- path: a/../../b\n  budget: {macs: 1}\n", "leads out", true},
	{"models:\n- path: a/{..,b}/c\n  budget: {macs: 1}\n", "leads out", true},
	{"models:\n- path: C:/a.onnx\n  budget: {macs: 1}\n", "leads out", true},
	{"models:\n- path: 'a\\b'\n  budget: {macs: 1}\n", "leads out", true},
	{"models:\n- path: https://example.com/a.onnx\n  budget: {macs: 1}\n", "leads out", true},
	{"models:\n- path: ''\n  budget: {macs: 1}\n", "leads out", true},
	{"models:\n- path: 'a[b'\n  budget: {macs: 1}\n", "is no pattern", false},
	{"models:\n- path: '" + strings.Repeat("{a,b}", 5) + "'\n  budget: {macs: 1}\n", "is too long", false},
	{"models:\n- path: '{" + strings.Repeat("a,", 33) + "}'\n  budget: {macs: 1}\n", "is too long", false},
	{"models:\n- path: " + strings.Repeat("a", 1001) + "\n  budget: {macs: 1}\n", "is too long", false},
	{"models:\n- path: 12\n  budget: {macs: 1}\n", `path: "12" (expected a text)`, true},
	{"models:\n- path: a\n  path: b\n", `c.yaml:3: "path" occurs twice`, false},
	{"models:\n- path: a\n  budget: {macs: 1, macs: 2}\n", `c.yaml:3: "macs" occurs twice`, false},
	{"models:\n- path: a\n  budget:\n    mac: 1\n", `c.yaml:4: unknown field "mac" (expected params,`, true},
	{"models:\n- path: a\n  budget: {macs: -1}\n", `c.yaml:3: macs "-1": not a quantity`, true},
	{"models:\n- path: a\n  budget: {macs: .nan}\n", `c.yaml:3: macs ".nan": not a quantity`, false}, // JSON has no NaN
	{"models:\n- path: a\n  budget: {macs: .inf}\n", "not a quantity", false},
	{"models:\n- path: a\n  budget: {macs: +5}\n", "is a number to YAML", false},
	{"models:\n- path: a\n  budget: {macs: 0x10}\n", "not a quantity", false},
	{"models:\n- path: a\n  budget: {macs: 4.5 X}\n", `unknown unit "X"`, false},
	{"models:\n- path: a\n  budget: {macs: true}\n", `macs: "true" (expected a quantity`, true},
	{"models:\n- path: a\n  budget: {macs: [1]}\n", "macs: a list (expected a quantity", true},
	{"models:\n- path: a\n  budget: {macs: }\n", "macs: nothing (expected a quantity", true},
	{"models:\n- path: a\n  budget: {macs: {}}\n", "macs: no limit", true},
	{"models:\n- path: a\n  budget: {macs: {error: 1}}\n", `unknown field "error" (expected fail or warn)`, true},
	{"models:\n- path: a\n  budget: {ops: {}}\n", "ops: no limit", true},
	{"models:\n- path: a\n  budget: {ops: {level: warn}}\n", "ops: no limit", true},
	{"models:\n- path: a\n  budget: {ops: {deny: []}}\n", "ops.deny: an empty list", true},
	{"models:\n- path: a\n  budget: {ops: {deny: Loop}}\n", `"Loop" (expected a list)`, true},
	{"models:\n- path: a\n  budget: {ops: {deny: [Lop]}}\n", `unknown operator "Lop" (expected one that onnxmeter ops lists, or one of a domain of your own; did you mean "Log"?)`, false},
	{"models:\n- path: a\n  budget: {ops: {deny: [com.microsoft.Atention]}}\n", `did you mean "Attention"?`, false},
	{"models:\n- path: a\n  budget: {ops: {deny: ['*']}}\n", `ops: "*" (expected the name of an operator, or DOMAIN.*)`, false},
	{"models:\n- path: a\n  budget: {ops: {deny: ['Conv*']}}\n", `expected the name of an operator, or DOMAIN.*`, false},
	{"models:\n- path: a\n  budget: {ops: {max_opset: 0}}\n", "ops.max_opset: 0 (expected 1 or more)", true},
	{"models:\n- path: a\n  budget: {ops: {max_opset: 1, level: info}}\n", `ops.level: "info"`, true},
	{"defaults: {skip: x}\nmodels: [{path: a, budget: {macs: 1}}]\n", `c.yaml:1: unknown field "skip"`, true},
	{"defaults: {dims: 1}\nmodels: [{path: a, budget: {macs: 1}}]\n", `c.yaml:1: "1" (expected a mapping)`, true},
	{"defaults: {dims: {n: -1}}\nmodels: [{path: a, budget: {macs: 1}}]\n", `dims.n: "-1" (expected an integer`, true},
	{"defaults: {dims: {n: 1.5}}\nmodels: [{path: a, budget: {macs: 1}}]\n", `dims.n: "1.5" (expected an integer`, true},
	{"defaults: {dims: {n: '1'}}\nmodels: [{path: a, budget: {macs: 1}}]\n", `dims.n: "1" (expected an integer`, true},
	{"defaults: {dims: {n: 010}}\nmodels: [{path: a, budget: {macs: 1}}]\n", `dims.n: "010" (expected an integer`, false},
	{"defaults: {dims: {n: 99999999999999999999}}\nmodels: [{path: a, budget: {macs: 1}}]\n", `dims.n: "99999999999999999999"`, true},
	{"defaults: {inputs: {x: 3}}\nmodels: [{path: a, budget: {macs: 1}}]\n", `inputs.x: "3" (expected a text)`, true},
	{"defaults: {batch: 0}\nmodels: [{path: a, budget: {macs: 1}}]\n", "batch: 0 (expected 1 or more)", true},
	{"defaults: {pue: -1}\nmodels: [{path: a, budget: {macs: 1}}]\n", `pue: "-1" (expected a positive number)`, true},
	{"defaults: {pue: .inf}\nmodels: [{path: a, budget: {macs: 1}}]\n", "expected a positive number", false},
	{"defaults: {strict: yes}\nmodels: [{path: a, budget: {macs: 1}}]\n", `strict: "yes" (expected true or false)`, true},
	{"defaults: {mode: lazy}\nmodels: [{path: a, budget: {macs: 1}}]\n", `mode: unknown "lazy" (expected eager or fused)`, true},
	{"defaults: {gpu: 4090}\nmodels: [{path: a, budget: {macs: 1}}]\n", `gpu: "4090" (expected a text)`, true},
	{"defaults: {gpu: ''}\nmodels: [{path: a, budget: {macs: 1}}]\n", "gpu: an empty text", true},
	{"defaults: {rules: ../r.yaml}\nmodels: [{path: a, budget: {macs: 1}}]\n", `rules: "../r.yaml" leads out`, true},
	{"defaults: {output: x}\nmodels: [{path: a, budget: {macs: 1}}]\n", `unknown field "output"`, true},
	{"models: &m [{path: a, budget: {macs: 1}}]\n", "c.yaml:1: an anchor or alias", false},
	{"models: [{path: !!str a, budget: {macs: 1}}]\n", "c.yaml:1: a tag", false},
	{"models: [{path: a, budget: {macs: 1}}]\n---\n", "more than one YAML document", false},
	{"models: [", "c.yaml:1: no YAML", false},
}

func TestPatternAtTheLimit(t *testing.T) {
	c := load(t, "models:\n- path: '"+atTheLimit+"'\n  budget: {macs: 1}\n")
	if c.For("abcd"+strings.Repeat("a", 924)) == nil || c.For("abcd"+strings.Repeat("a", 925)) != nil {
		t.Error("the longest pattern does not match what it should")
	}
}

func TestLoadConfigRefuses(t *testing.T) {
	for _, c := range mistakes {
		_, err := LoadConfig(strings.NewReader(c.text), "c.yaml")
		var bad *graph.FileError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "c.yaml:") {
			t.Errorf("%q: %v, want %s", c.text, err, c.says)
		}
	}
}

func FuzzLoadConfig(f *testing.F) {
	f.Add(wholeConfig)
	for _, c := range mistakes {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := LoadConfig(strings.NewReader(text), "c.yaml")
		var bad *graph.FileError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		for _, e := range c.Models {
			if all := c.Effective(e); e.Skip == "" && len(all.Budgets) == 0 && all.Ops == nil {
				t.Errorf("an entry that holds nothing: %q", text)
			}
		}
	})
}

package budget

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

const twoModels = `[{"schema":"onnxmeter.baseline/1"}
,{"file":"models/a.onnx","with":"--dim batch=1","params":25557032,"macs":100000000000000000000000000000,"energy":0.4,"carbon":1e-07,"priced":"a30 fp16 eager"}
,{"file":"models/é\"\\.onnx","macs":0}
]
`

func TestBaselineRoundTrip(t *testing.T) {
	b, err := LoadBaseline(strings.NewReader(twoModels), "b.json")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.Write(&out); err != nil || out.String() != twoModels {
		t.Errorf("%v\n%s", err, out.String())
	}
	now := &Measure{With: "--dim batch=1", Priced: "a30 fp16 eager"}
	for _, c := range []struct {
		key  string
		rule Rule
		now  *Measure
		want string // a value, or what the error says
	}{
		{"models/a.onnx", MACs, now, "100000000000000000000000000000"},
		{"models/a.onnx", Energy, now, "2/5"},
		{"models/a.onnx", Carbon, now, "1/10000000"},
		{"models/a.onnx", FLOPs, now, "b.json holds no flops"},
		{"models/b.onnx", MACs, now, "b.json does not hold the model"},
		{"models/a.onnx", MACs, &Measure{With: "--dim batch=8"}, "b.json holds it with --dim batch=1, now it is counted with --dim batch=8"},
		{"models/a.onnx", MACs, &Measure{With: "--dim batch=1"}, "100000000000000000000000000000"},
		{"models/a.onnx", Energy, &Measure{With: "--dim batch=1", Priced: "h100"}, "b.json holds an estimate on a30 fp16 eager, now it is on h100"},
	} {
		v, err := b.Value(c.key, c.rule, c.now)
		switch {
		case err != nil && !strings.Contains(err.Error(), c.want), err == nil && v.Cmp(rat(t, c.want)) != 0:
			t.Errorf("%s of %s: %v, %v; want %s", c.rule, c.key, v, err, c.want)
		}
	}
}

// TestBaselineMerges joins what two branches added, line by line, as version control
// does: the result is a baseline.
func TestBaselineMerges(t *testing.T) {
	lines := func(models ...string) []string {
		b := &Baseline{Models: map[string]*Measure{}}
		for _, m := range models {
			b.Models[m] = &Measure{Values: map[Rule]*big.Rat{MACs: big.NewRat(1, 1)}}
		}
		var out bytes.Buffer
		b.Write(&out)
		return strings.SplitAfter(out.String(), "\n")
	}
	base, ours, theirs := lines("d"), lines("a", "d"), lines("d", "z")
	if len(ours) != len(base)+1 || len(theirs) != len(base)+1 {
		t.Fatal("a model is not one line")
	}
	merged := strings.Join(append(append([]string{}, ours[:3]...), theirs[2:]...), "")
	b, err := LoadBaseline(strings.NewReader(merged), "b.json")
	if err != nil || len(b.Models) != 3 {
		t.Errorf("%v\n%s", err, merged)
	}
}

func TestLoadBaselineRefuses(t *testing.T) {
	const head = "[{\"schema\":\"onnxmeter.baseline/1\"}\n"
	for _, c := range []struct{ text, says string }{
		{"", "b.json:1: no baseline"},
		{"{}", "b.json:1: no baseline"},
		{"[{}]", "b.json:1: no baseline"},
		{"[{\"schema\":\"onnxmeter.baseline/2\"}]", "b.json:1: no baseline"},
		{strings.Repeat("[", 100_000), "b.json:1: [ (expected an object"},
		{head, "no JSON: EOF"},
		{head + ",{\"file\":\"a\"}\n,{\"file\":\"a\"}\n]", `b.json:3: "a" stands here twice`},
		{head + ",{\"macs\":1}\n]", `b.json:2: no "file"`},
		{head + ",{\"file\":\"a\",\"macs\":1,\"macs\":2}\n]", `b.json:2: "macs" occurs twice`},
		{head + ",{\"file\":\"a\",\"mac\":1}\n]", `b.json:2: unknown rule "mac"`},
		{head + ",{\"file\":\"a\",\"macs\":-1}\n]", "b.json:2: macs \"-1\": not a quantity"},
		{head + ",{\"file\":\"a\",\"macs\":1.5}\n]", "not a whole number"},
		{head + ",{\"file\":\"a\",\"macs\":\"1 G\"}\n]", `b.json:2: "macs": 1 G (expected a number)`},
		{head + ",{\"file\":\"a\",\"energy\":1e999}\n]", "exponent past 400"},
		{head + ",{\"file\":\"a\",\"energy\":NaN}\n]", "b.json:2: no JSON"},
		{head + ",{\"file\":\"a\",\"with\":1}\n]", `"with": 1 (expected a text)`},
		{head + ",{\"file\":\"a\",\"x\":{}}\n]", `"x": a nested value`},
		{head + "]\n[]", "b.json:3: more than one JSON text"},
		{"<<<<<<< ours\n" + head, "b.json:1: no baseline"},
	} {
		_, err := LoadBaseline(strings.NewReader(c.text), "b.json")
		var bad *graph.FileError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60q: %v, want %s", c.text, err, c.says)
		}
	}
}

func FuzzLoadBaseline(f *testing.F) {
	f.Add(twoModels)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := LoadBaseline(strings.NewReader(text), "b.json")
		var bad *graph.FileError
		if err != nil {
			if !errors.As(err, &bad) {
				t.Fatal(err)
			}
			return
		}
		var out bytes.Buffer
		if err := b.Write(&out); err != nil {
			t.Fatal(err)
		}
		again, err := LoadBaseline(&out, "b.json")
		if err != nil || len(again.Models) != len(b.Models) {
			t.Errorf("%v", err)
		}
	})
}

package ops

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated pages anew")

// Second sources of costs: tests that do the work of an operator step by step. An
// operator is named like "Conv", "domain.Op" or, for a rule of an old version, "Add-1".
var byDoing = map[string][]string{
	"TestConvAgainstLoops":          {"Conv"},
	"TestPoolAgainstLoops":          {"MaxPool", "AveragePool"},
	"TestConvTransposeAgainstLoops": {"ConvTranspose"},
	"TestMatMulAgainstLoops":        {"MatMul"},
	"TestEinsumAgainstLoops":        {"Einsum"},
	"TestRecurrentAgainstLoops":     {"LSTM", "GRU", "RNN"},
	"TestAttentionAgainstLoops":     {"Attention"},
	"TestGatesByDoing":              {"SwiGLU", "PRelu"},
	"TestIntegerConvByDoing":        {"ConvInteger", "QLinearConv"},
	"TestIntegerMatMulByDoing":      {"MatMulInteger", "QLinearMatMul"},
	"TestDeformConvByDoing":         {"DeformConv"},
	"TestQuantizeByDoing":           {"QuantizeLinear", "DequantizeLinear"},
	"TestLpPoolByDoing":             {"LpPool"},
	"TestFirstLpPoolByDoing":        {"LpPool-1", "GlobalLpPool-1"},
	"TestGlobalPoolsByDoing":        {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"},
	"TestInstanceNormByDoing":       {"InstanceNormalization"},
	"TestBatchNormByDoing":          {"BatchNormalization"},
	"TestLRNByDoing":                {"LRN"},
	"TestLpNormalizationByDoing":    {"LpNormalization"},
	"TestScatterByDoing":            {"ScatterElements", "ScatterND"},
	"TestSearchesByDoing":           {"NonZero", "TopK", "Unique"},
	"TestDropoutByDoing":            {"Dropout"},
	"TestRecurrentByDoing":          {"GRU", "LSTM", "RNN"},
	"TestGemmByDoing":               {"Gemm", "MatMul"},
	"TestConvByDoing":               {"Conv"},
	"TestConvTransposeByDoing":      {"ConvTranspose"},
	"TestAttentionByDoing":          {"Attention"},
	"TestRowNormsByDoing":           {"LayerNormalization"},
	"TestGroupNormByDoing":          {"GroupNormalization"},
	"TestMeanVarianceByDoing":       {"MeanVarianceNormalization"},
	"TestDynamicQuantizeByDoing":    {"DynamicQuantizeLinear"},
	"TestAffineGridByDoing":         {"AffineGrid"},
	"TestWindowsByDoing":            {"HannWindow", "HammingWindow", "BlackmanWindow"},
	"TestBernoulliByDoing":          {"Bernoulli"},
	"TestCausalConvByDoing":         {"CausalConvWithState"},
	"TestDFTByDoing":                {"DFT", "DFT-17"},
	"TestSTFTByDoing":               {"STFT"},
	"TestMelWeightMatrixByDoing":    {"MelWeightMatrix"},
	"TestTfIdfByDoing":              {"TfIdfVectorizer"},
	"TestGridSampleByDoing":         {"GridSample", "GridSample-16"},
	"TestResizeByDoing":             {"Resize"},
	"TestUpsampleByDoing":           {"Upsample-9"},
	"TestRoiAlignByDoing":           {"RoiAlign"},
	"TestMaxRoiPoolByDoing":         {"MaxRoiPool"},
	"TestNonMaxSuppressionByDoing":  {"NonMaxSuppression"},
	"TestMultinomialByDoing":        {"Multinomial"},
	"TestRandomByDoing":             {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"},
	"TestCol2ImByDoing":             {"Col2Im"},
	"TestDetByDoing":                {"Det"},
	"TestLossesByDoing":             {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"},
}

// Figures of papers and model pages, that the tests reproduce.
var published = map[string][]string{
	"TestResNet50Convolutions": {"Conv"},
	"TestPublishedIntegers":    {"Conv", "Gemm"},
	"TestBERTFormula":          {"MatMul"},
}

// byDefinition are operators whose count is a convention that their documentation
// states, with the reason why nothing else could tell it.
var byDefinition = map[string]string{
	"com.microsoft.BeamSearch":          "the decoder's own nodes are counted, the search between its runs is not: the total stays incomplete and says so",
	"com.microsoft.BifurcationDetector": "a step for each source token stands for comparisons whose number depends on the tokens",
	"ai.onnx.preview.training.Gradient": "the work of a gradient is not counted: the total stays incomplete and says so",
}

// zooOps are the operators whose MACs the nets of the shared data compare with
// torch's own counter: the keys of macs_by_op.
var zooOps = []string{"Attention", "Conv", "ConvTranspose", "Einsum", "Gemm", "LSTM", "MatMul"}

const sourcesHead = `# Second sources of the counts

Made by ` + "`go test ./ops -run GeneratedSecondSources -update`" + ` from the operator table; do not edit. A class is the operators that
share a cost rule. Each rule has hand-computed cases; this page says what else, that the rule's author did not
compute, checks it:

- **loop**: a test that does the work step by step and counts;
- **body**: the function body of the standard, counted beside the rule (docs/functions.md); "body*" where it differs
  in some column and that page explains why;
- **graph**: the operator's definition written as a graph of operators that are checked themselves, counted beside the
  rule at random sizes (TestGraphsOfFusedOperators); "graph*" where it differs in some column, with the reason below;
- **published**: a test that reproduces a figure of a paper or a model page;
- **torch**: MACs of exported nets equal torch's own counter.

A source checks a class through the operators that it names.

`

// costClass is a cost rule with the operators that share it.
type costClass struct {
	family, rule string
	ops          []string
	shown        []string
	versions     map[string]bool // "Conv-11", each that it rules
	newest       map[string]bool // operators whose newest version it rules
}

// costClasses groups the table by cost rule. A rule that is made by a function with
// arguments, or written in place, is shared by nobody.
func costClasses() (out []*costClass, free int) {
	byRule := map[string]*costClass{}
	Each(func(family string, op *Op) {
		name := qualified(op)
		if op.Cost == nil {
			free++
			return
		}
		fn := runtime.FuncForPC(reflect.ValueOf(op.Cost).Pointer()).Name()
		rule := fn[strings.LastIndexByte(fn, '/')+1:]
		key := rule
		if rule = strings.TrimPrefix(rule, "ops."); strings.Contains(rule, "func") || strings.HasSuffix(rule, "-fm") {
			rule, key = "of its own", key+name
		}
		c := byRule[key]
		if c == nil {
			c = &costClass{family: family, rule: rule, versions: map[string]bool{}, newest: map[string]bool{}}
			byRule[key] = c
			out = append(out, c)
		}
		if !slices.Contains(c.ops, name) {
			c.ops = append(c.ops, name)
		}
		for _, v := range op.Since {
			c.versions[fmt.Sprintf("%s-%d", name, v)] = true
		}
		if all := Versions(op.Domain, op.Name); all[len(all)-1] == op {
			c.newest[name] = true
		}
	})
	for _, c := range out {
		slices.Sort(c.ops)
		if c.shown = slices.Clone(c.ops); len(c.newest) == 0 {
			c.shown = sortedKeys(c.versions)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].family < out[j].family || out[i].family == out[j].family && out[i].ops[0] < out[j].ops[0]
	})
	return out, free
}

func qualified(op *Op) string {
	if op.Domain == "" {
		return op.Name
	}
	return op.Domain + "." + op.Name
}

// functionBodies reads which operators at which versions the ledger of function bodies
// costs, and which operators differ in a column somewhere.
func functionBodies(t *testing.T) (compared, differs map[string]bool) {
	page, err := os.ReadFile("../docs/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "## Costs")
	costs, why, ok2 := strings.Cut(rest, "## Why they differ")
	if !ok || !ok2 {
		t.Fatal("docs/functions.md has no sections Costs and Why they differ")
	}
	compared, differs = map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(costs, "\n") {
		if cells := strings.Split(line, " | "); len(cells) == 6 && cells[1] != "opset" {
			compared[strings.TrimPrefix(cells[0], "| ")] = true
		}
	}
	for _, line := range strings.Split(why, "\n") {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "- "), ":"); ok {
			differs[name] = true
		}
	}
	return compared, differs
}

// loopTests are the tests that do the work, with the operators that each does: those of
// byDoing, and the keys of tables that tests walk.
func loopTests() map[string][]string {
	loops := maps.Clone(byDoing)
	maps.Copy(loops, domainsByDoing)
	for what := range activations {
		name, _, _ := strings.Cut(what, " ")
		loops["TestActivationsByDoing"] = append(loops["TestActivationsByDoing"], name)
	}
	loops["TestRowsByDoing"] = slices.Collect(maps.Keys(rowWork))
	loops["TestElementsByDoing"] = slices.Concat(sortedKeys(singleWork), sortedKeys(callWork), sortedKeys(pairWork))
	for what := range optimizers {
		name, _, _ := strings.Cut(what, " ")
		loops["TestOptimizersByDoing"] = append(loops["TestOptimizersByDoing"], trainingDomain+"."+name)
	}
	for _, domain := range extensionDomains {
		for _, name := range []string{"NegPos", "SegmentExtraction", "SegmentSum", "StringEqual"} {
			loops["TestExtensionsByDoing"] = append(loops["TestExtensionsByDoing"], domain+name)
		}
	}
	loops["TestBitsByDoing"] = bitOps()
	loops["TestLegacyBroadcastByDoing"] = sortedKeys(legacyWork)
	return loops
}

// sourcesOf lists the second sources of a class.
func sourcesOf(t *testing.T, c *costClass) []string {
	var out []string
	add := func(kind, op string) {
		if c.newest[op] || c.versions[op] {
			out = append(out, kind+" ("+op+")")
		}
	}
	loops := loopTests()
	for _, test := range sortedKeys(loops) {
		for _, op := range slices.Sorted(slices.Values(loops[test])) {
			add("loop "+test, op)
		}
	}
	compared, differs := functionBodies(t)
	for _, version := range sortedKeys(compared) {
		if op := version[:strings.LastIndexByte(version, '-')]; c.versions[version] {
			out = append(out, map[bool]string{false: "body", true: "body*"}[differs[op]]+" ("+version+")")
		}
	}
	for _, op := range sortedKeys(graphReasons()) {
		add("graph"+map[bool]string{true: "*"}[graphReasons()[op] != ""], op)
	}
	for _, test := range sortedKeys(published) {
		for _, op := range published[test] {
			add("published "+test, op)
		}
	}
	for _, op := range zooOps {
		add("torch", op)
	}
	return slices.Compact(out)
}

// graphReasons names the operators that a graph checks, with the reason where the rule
// counts something else.
func graphReasons() map[string]string {
	out := map[string]string{}
	for _, list := range decompositions {
		for _, d := range list {
			if out[d.op] == "" {
				out[d.op] = d.why
			}
		}
	}
	return out
}

// definition is the reason why the count of a class is a convention, "" if it is not.
func definition(c *costClass) string {
	for _, op := range c.ops {
		if why := byDefinition[op]; why != "" {
			return why
		}
	}
	return ""
}

func sourcesTable(b *strings.Builder, title, last string, rows []string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n| family | cost rule | operators | %s |\n|---|---|---|---|\n%s\n", title, last, strings.Join(rows, "\n"))
}

// TestGeneratedSecondSources holds docs/second-sources.md to the table and the lists above.
func TestGeneratedSecondSources(t *testing.T) {
	var with, stated []string
	classes, free := costClasses()
	for _, c := range classes {
		row := fmt.Sprintf("| %s | %s | %s |", c.family, c.rule, strings.Join(c.shown, " "))
		if src := sourcesOf(t, c); len(src) > 0 {
			with = append(with, row+" "+strings.Join(src, ", ")+" |")
		} else if why := definition(c); why != "" {
			stated = append(stated, row+" "+why+" |")
		} else {
			t.Errorf("%s of family %s, %s, has no second source", strings.Join(c.shown, " "), c.family, c.rule)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d classes: %d with a second source, %d counted by definition. %d further entries do no work and say why.\n",
		sourcesHead, len(classes), len(with), len(stated), free)
	sourcesTable(&b, "With a second source", "second source", with)
	sourcesTable(&b, "By definition: the count is a convention that the documentation states, and nothing else could tell it", "reason", stated)
	b.WriteString("\n## Why graphs differ\n\n")
	for _, op := range sortedKeys(graphReasons()) {
		if why := graphReasons()[op]; why != "" {
			fmt.Fprintf(&b, "- %s: %s\n", op, why)
		}
	}
	const path = "../docs/second-sources.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("%s differs: run go test ./ops -run GeneratedSecondSources -update", path)
	}
}

// TestSecondSourcesAreNotStale looks for every test that the lists name, in a file
// that names its operators.
func TestSecondSourcesAreNotStale(t *testing.T) {
	text := ""
	for _, dir := range []string{".", "../counters"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, f := range files {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Base(f) != "sources_test.go" {
				text += "\x00" + string(src)
			}
		}
	}
	known := map[string]bool{}
	Each(func(_ string, op *Op) {
		known[qualified(op)] = true
		for _, v := range op.Since {
			known[fmt.Sprintf("%s-%d", qualified(op), v)] = true
		}
	})
	for name := range byDefinition {
		if !known[name] {
			t.Errorf("there is no operator %s", name)
		}
	}
	for _, tests := range []map[string][]string{byDoing, domainsByDoing, published} {
		for test, names := range tests {
			i := strings.Index(text, "func "+test+"(")
			if i < 0 {
				t.Errorf("there is no %s", test)
				continue
			}
			for _, name := range names {
				if !known[name] {
					t.Errorf("%s: there is no operator %s", test, name)
				}
				body, _, _ := strings.Cut(text[i:], "\n}\n")
				if !reflect.DeepEqual(tests, published) && !strings.Contains(body, `"`+name) {
					t.Errorf("%s does not name %s", test, name)
				}
			}
		}
	}
}

// TestSharedZooOperators holds the list of operators that torch's counter checks to the data.
func TestSharedZooOperators(t *testing.T) {
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "zoo", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	type net struct {
		MACs   *int64           `json:"macs"`
		ByOp   map[string]int64 `json:"macs_by_op"`
		Ignore json.RawMessage  `json:"-"`
	}
	have := map[string]bool{}
	byName, list := map[string]net{}, []net{}
	if json.Unmarshal(raw, &byName) != nil {
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range append(list, slices.Collect(maps.Values(byName))...) {
		if n.MACs != nil {
			for op := range n.ByOp {
				have[op] = true
			}
		}
	}
	if got := slices.Sorted(maps.Keys(have)); !slices.Equal(got, zooOps) {
		t.Errorf("the nets count %v", got)
	}
}

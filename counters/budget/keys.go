package budget

import "github.com/onnxmeter/onnxmeter/counters/energy"

// KeyKind says what a setting of the configuration holds.
type KeyKind string

// The kinds of settings.
const (
	Sizes  KeyKind = "sizes"  // names with integers
	Texts  KeyKind = "texts"  // names with texts
	Text   KeyKind = "text"   // a text
	Choice KeyKind = "choice" // one of a few words
	Count  KeyKind = "count"  // a positive integer
	Number KeyKind = "number" // a positive number
	Switch KeyKind = "switch" // true or false
	File   KeyKind = "file"   // a path below the folder of the configuration
)

// Key is a setting of the configuration. Each is a flag of check by another name.
type Key struct {
	Name    string
	Flag    string
	Kind    KeyKind
	Choices []string
	Doc     string
}

// settingKeys are the settings that defaults and models take, in the order of the page
// that describes them.
var settingKeys = []Key{
	{"dims", "dim", Sizes, nil, "sizes of symbolic dims, by name"},
	{"inputs", "input", Texts, nil, "dims of inputs, by name: `1x3x224x224`, `1x128:int64` or `scalar`"},
	{"trip", "trip", Sizes, nil, "trip counts of Loops, by node"},
	{"assume", "assume", Sizes, nil, "sizes that depend on data, by name"},
	{"rules", "rules", File, nil, "formulas for operators that the table does not know ([rules.md](rules.md))"},
	{"ignore_declared", "ignore-declared", Switch, nil, "drop value_info and output shapes of every graph"},
	{"convention", "convention", Text, nil, "whose convention counts, a name of `onnxmeter convention`"},
	{"qdq", "qdq", Choice, []string{"fold", "literal"}, "how quantised pairs count"},
	{"padding", "padding", Choice, []string{"full", "exact"}, "whether taps in the padding count"},
	{"causal", "causal", Choice, []string{"full", "half"}, "how much of causal attention counts"},
	{"gpu", "gpu", Text, nil, "the accelerator that energy and carbon are estimated on, an id or alias of `onnxmeter gpus`"},
	{"precision", "precision", Text, nil, "its arithmetic: `fp32`, `tf32`, `fp16`, `bf16`, `fp8`, `int8` or `fp16-amp`"},
	{"mode", "mode", Choice, []string{"eager", "fused"}, "how it executes"},
	{"batch", "batch", Count, nil, "inferences that run at once and share weights and launches"},
	{"energy_model", "energy-model", Choice, energy.EnergyModels(), "the formula of the estimate"},
	{"tdp", "tdp", Number, nil, "watts of an accelerator that the table of devices lacks"},
	{"peak", "peak", Number, nil, "its Tera-operations per second"},
	{"bandwidth", "bandwidth", Number, nil, "its GB per second"},
	{"tdp_share", "tdp-share", Number, nil, "the share of TDP that the device draws"},
	{"coefficients", "coefficients", File, nil, "a table of energy coefficients of your own, CSV"},
	{"zone", "zone", Text, nil, "where the energy is drawn, an id of `onnxmeter zones`"},
	{"intensity", "intensity", Number, nil, "grams of CO2e per kWh, in place of a zone"},
	{"pue", "pue", Number, nil, "power usage effectiveness of the site"},
	{"strict", "strict", Switch, nil, "hold the upper bound of an estimate to its limit, not its point"},
}

// Keys lists the settings of the configuration; the caller must not change it.
func Keys() []Key { return settingKeys }

// findKey returns the setting of a name.
func findKey(name string) (Key, bool) {
	for _, k := range settingKeys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

func keyNames() []string {
	var out []string
	for _, k := range settingKeys {
		out = append(out, k.Name)
	}
	return out
}

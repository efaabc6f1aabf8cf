// Package budget compares what a model costs with what it may cost: limits, the
// baseline that relative limits refer to, and findings. Comparisons are exact.
package budget

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Rule names one budget. The names of totals are those of a report.
type Rule string

// The rules.
const (
	Params     Rule = "params"                // elements of weights
	ParamBytes Rule = "param_bytes"           // at stored width
	MACs       Rule = "macs"                  // multiply-accumulates
	FLOPs      Rule = "flops"                 // 2 x MACs + other float operations
	Traffic    Rule = "traffic"               // bytes.fused of a report: activations read and written after fusion
	Peak       Rule = "peak_activation_bytes" // activations alive at once
	Kernels    Rule = "kernels"               // launches after fusion
	Energy     Rule = "energy"                // joules of one inference on the GPU that is given
	Carbon     Rule = "carbon"                // grams of CO2e of one inference
	Ops        Rule = "ops"                   // which operators a model may hold
	Opset      Rule = "ops.max_opset"         // the version of ai.onnx that a model imports
	Coverage   Rule = "coverage"              // whether the totals hold every node; not set by anybody
)

// quantities are the rules with a limit that is one quantity.
var quantities = []Rule{Params, ParamBytes, MACs, FLOPs, Traffic, Peak, Kernels, Energy, Carbon}

// Quantities lists the rules whose limit is one quantity, in the order of reports.
func Quantities() []Rule { return slices.Clone(quantities) }

// Doc says what a rule limits.
func (r Rule) Doc() string {
	return map[Rule]string{
		Params:     "elements of weights",
		ParamBytes: "bytes of weights as they are stored",
		MACs:       "multiply-accumulates",
		FLOPs:      "2 x MACs and other float operations",
		Traffic:    "bytes of activations read and written after fusion",
		Peak:       "bytes of activations alive at once",
		Kernels:    "kernels launched after fusion",
		Energy:     "joules of one inference on the GPU",
		Carbon:     "grams of CO2e of one inference",
	}[r]
}

// Priced reports whether a rule needs an estimate on a GPU.
func (r Rule) Priced() bool { return r == Energy || r == Carbon }

// Whole reports whether the values of a rule are integers.
func (r Rule) Whole() bool { return !r.Priced() }

// Additive reports whether the contributors of a finding are parts of its value. Of
// kernels and traffic, which are counted after fusion, and of the peak they only say
// where to look.
func (r Rule) Additive() bool { return r != Traffic && r != Kernels && r != Peak }

// Unit is the unit of a rule's values, "" for a plain count.
func (r Rule) Unit() string { return r.measure().unit }

// column is the name of a rule's total in counters.Totals.Columns.
func (r Rule) column() string {
	if r == Traffic {
		return "bytes.fused"
	}
	return string(r)
}

// measure is what a quantity may be written in.
type measure struct {
	unit     string   // what a number without a unit is in
	words    []string // names of the unit that may stand behind a number and a prefix
	prefixes []prefix
	bare     bool // a prefix may stand without a unit
}

type prefix struct {
	name  string
	scale *big.Rat
}

// powers returns prefixes for base^(step), base^(step+1) ...
func powers(base int64, step int, names ...string) []prefix {
	out := make([]prefix, len(names))
	for i, n := range names {
		e := big.NewInt(int64(max(step+i, -step-i)))
		p := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(base), e, nil))
		if step+i < 0 {
			p.Inv(p)
		}
		out[i] = prefix{n, p}
	}
	return out
}

var (
	large  = append(powers(1000, 0, "", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q"), powers(1000, 1, "K")...)
	binary = powers(1024, 1, "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
	small  = append(powers(1000, -5, "f", "p", "n", "µ", "m"), powers(1000, -2, "u")...)
	every  = append(slices.Clone(small), large...)

	counted  = measure{"", []string{""}, large, true}
	macs     = measure{"MACs", []string{"MACs", "MAC", ""}, large, true}
	flops    = measure{"FLOPs", []string{"FLOPs", "FLOP", ""}, large, true}
	octets   = measure{"B", []string{"B", ""}, append(slices.Clone(large), binary...), true}
	joules   = measure{"J", []string{"J"}, every, false}
	grams    = measure{"g", []string{"g"}, every, false}
	wattHour = big.NewRat(3600, 1)
)

func (r Rule) measure() measure {
	switch r {
	case MACs:
		return macs
	case FLOPs:
		return flops
	case ParamBytes, Traffic, Peak:
		return octets
	case Energy:
		return joules
	case Carbon:
		return grams
	}
	return counted
}

// ParseRule reads the name of a rule with one quantity.
func ParseRule(name string) (Rule, error) {
	if slices.Contains(quantities, Rule(name)) {
		return Rule(name), nil
	}
	var all []string
	for _, r := range quantities {
		all = append(all, string(r))
	}
	return "", fmt.Errorf("unknown rule %q%s", graph.Clip(name), expected(name, all))
}

// expected words what may stand in place of a wrong name.
func expected(name string, all []string) string {
	s := " (expected " + graph.OrList(all)
	if near := graph.Nearest(name, all); len(near) > 0 {
		s += fmt.Sprintf("; did you mean %q?", near[0])
	}
	return s + ")"
}

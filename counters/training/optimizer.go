package training

import (
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Optimizer is a rule that changes weights by their gradients. Its arithmetic is
// elementwise and not among the MACs; what it moves is counted.
type Optimizer struct {
	Name    string
	Moments int64 // values kept for each weight from step to step
}

var optimizers = []Optimizer{{"sgd", 0}, {"momentum", 1}, {"adam", 2}, {"adamw", 2}}

// Optimizers lists the names that OptimizerByName knows; the first is the default.
func Optimizers() []string {
	names := make([]string, len(optimizers))
	for i, o := range optimizers {
		names[i] = o.Name
	}
	return names
}

// OptimizerByName finds an optimiser; "" is the first.
func OptimizerByName(name string) (Optimizer, error) {
	if name == "" {
		return optimizers[0], nil
	}
	i := slices.IndexFunc(optimizers, func(o Optimizer) bool { return o.Name == name })
	if i < 0 {
		return Optimizer{}, &OptimizerError{name}
	}
	return optimizers[i], nil
}

// OptimizerError says that an optimiser is unknown.
type OptimizerError struct{ Name string }

func (e *OptimizerError) Error() string {
	return "unknown optimiser \"" + graph.Clip(e.Name) + "\" (expected " + graph.OrList(Optimizers()) + ")"
}

// stateBytes is the width of weights, gradients and moments in the optimiser: float32, which
// training in half precision keeps beside its half-width copies.
const stateBytes = 4

// Moved returns the elements that the optimiser reads and writes in a step for a
// number of weights: it reads weights, gradients and moments, and writes weights and moments.
func (o Optimizer) Moved(weights graph.Dim) graph.Dim { return weights.MulInt(3 + 2*o.Moments) }

// Bytes is what training keeps in memory beside activations, in float32.
type Bytes struct{ Weights, Gradients, Moments, Moved graph.Dim }

// StateBytes returns the bytes of weights, gradients and moments, and those that the
// optimiser moves in a step.
func (w *Work) StateBytes() Bytes {
	n := w.Trained.Elements.MulInt(stateBytes)
	return Bytes{Weights: n, Gradients: n, Moments: n.MulInt(w.Optimizer.Moments), Moved: w.Optimizer.Moved(n)}
}

// PatternError says that a pattern names no weight.
type PatternError struct {
	Pattern string
	Near    string // words for near names, may be empty
}

func (e *PatternError) Error() string {
	return "pattern \"" + graph.Clip(e.Pattern) + "\" names no weight" + e.Near
}

// Matches reports whether a pattern names a weight by its own name or by that of the node
// that it feeds. * stands for any characters, ? for one byte.
func Matches(pattern string, p counters.Parameter) bool {
	return wild(pattern, p.Value.Name) || p.Node != nil && wild(pattern, p.Node.Label())
}

// wild matches a name against a pattern, from left to right: a star that takes too little
// takes one byte more.
func wild(pattern, name string) bool {
	p, n := 0, 0
	star, taken := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, taken = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p, n = p+1, n+1
		case star >= 0:
			taken++
			p, n = star+1, taken
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// nearest words the names that a pattern may have meant.
func nearest(pattern string, params []counters.Parameter) string {
	var names []string
	for _, p := range params {
		names = append(names, p.Value.Name)
		if p.Node != nil {
			names = append(names, p.Node.Label())
		}
	}
	return graph.DidYouMean(pattern, names)
}

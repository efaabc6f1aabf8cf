// Package training counts what one step of gradient descent takes: the forward pass as
// counted, the products that give the gradients of weights and of inputs, and the
// traffic of the optimiser. A gradient is made only where it is needed: a frozen
// weight has none, and nothing below the lowest trained weight is gone back to.
//
//	r, err := counters.Count(f.Model, counters.Options{})
//	w, err := training.Count(r, training.Options{Optimizer: "adam"})
//	fmt.Println(w.MACs())
package training

import (
	"fmt"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Options choose what is trained, and how.
type Options struct {
	Optimizer string   // one of Optimizers; "" is the first
	Freeze    []string // patterns of weights that keep their values, see Matches
}

// Work is one step over what the report counts as one run of the model.
type Work struct {
	Forward graph.Dim // MACs, as counted
	Weights graph.Dim // MACs of the gradients of weights
	Inputs  graph.Dim // MACs of the gradients of activations, and of what several gradients rest on

	Optimizer Optimizer
	Trained   Group // weights with a gradient
	Frozen    Group // weights that a pattern names
	Idle      Group // weights that no output depends on in a differentiable way

	// Unruled are the nodes that a gradient must pass and that no rule covers, Unresolved
	// those whose rule lacks a size: the sums are then at least.
	Unruled    []counters.OpNodes
	Unresolved []counters.NodeWhy
	Warnings   []string

	Backward Features
	upper    bool // somewhere the larger branch of an If is counted
}

// Group is a number of weights.
type Group struct {
	Tensors  int
	Elements graph.Dim
}

func (g *Group) add(elements graph.Dim) {
	g.Tensors, g.Elements = g.Tensors+1, g.Elements.Add(elements)
}

// Features are what energy estimates price of the backward pass of one run, in elements.
type Features struct {
	DenseMACs      graph.Dim
	GroupedMACs    graph.Dim // of convolutions with groups, depthwise ones apart
	DepthwiseMACs  graph.Dim
	ConvTraffic    graph.Dim // read and written by the products of convolutions, depthwise ones apart
	LinearTraffic  graph.Dim // of linear layers and matmuls
	DepthTraffic   graph.Dim // of depthwise convolutions
	OtherTraffic   graph.Dim
	Elements       graph.Dim // gradients of activations that products write
	WeightElements graph.Dim // weights read and gradients of weights written, once a batch
	Kernels        graph.Dim // once a batch
}

// MACs returns those of the whole step.
func (w *Work) MACs() graph.Dim { return w.Forward.Add(w.Weights).Add(w.Inputs) }

// Complete reports whether every gradient that is needed is counted.
func (w *Work) Complete() bool { return len(w.Unruled) == 0 && len(w.Unresolved) == 0 }

// Count adds the backward pass and the optimiser to a report. Errors are those of options:
// an unknown optimiser, a pattern that names no weight.
func Count(r *counters.Report, o Options) (*Work, error) {
	opt, err := OptimizerByName(o.Optimizer)
	if err != nil {
		return nil, err
	}
	w := &Work{Forward: r.Totals.Work.MAC, Optimizer: opt}
	trained, err := w.choose(r.Parameters(), o.Freeze)
	if err != nil {
		return nil, err
	}
	s := newStep(r, w, trained)
	s.run()
	w.settle(r, s, trained)
	return w, nil
}

// choose splits the weights into frozen ones and those to train.
func (w *Work) choose(params []counters.Parameter, freeze []string) (map[*graph.Value]graph.Dim, error) {
	trained := map[*graph.Value]graph.Dim{}
	hit := make([]bool, len(freeze))
	for _, p := range params {
		frozen := false
		for i, pattern := range freeze {
			if Matches(pattern, p) {
				hit[i], frozen = true, true
			}
		}
		switch {
		case frozen:
			w.Frozen.add(p.Elements)
		case p.DType.IsFloat():
			trained[p.Value] = p.Elements
		default:
			w.Idle.add(p.Elements) // integers have no gradient
		}
	}
	if i := slices.Index(hit, false); i >= 0 {
		return nil, &PatternError{freeze[i], nearest(freeze[i], params)}
	}
	return trained, nil
}

// settle counts the weights that got a gradient and says what a reader must know.
func (w *Work) settle(r *counters.Report, s *step, trained map[*graph.Value]graph.Dim) {
	for _, p := range r.Parameters() {
		if _, ok := trained[p.Value]; !ok {
			continue
		}
		if s.graded[p.Value] {
			w.Trained.add(p.Elements)
		} else {
			w.Idle.add(p.Elements)
		}
	}
	slices.SortFunc(w.Unruled, compareOps)
	if w.Trained.Tensors == 0 {
		w.Warnings = append(w.Warnings, "no weight has a gradient: a step is the forward pass alone")
	} else if w.Idle.Tensors > 0 {
		w.Warnings = append(w.Warnings, fmt.Sprintf("%d weights of %s elements have no gradient: no output depends on them in a differentiable way",
			w.Idle.Tensors, w.Idle.Elements))
	}
	if w.upper {
		w.Warnings = append(w.Warnings, "of branches whose condition is not known the one with more backward MACs is counted")
	}
}

package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

// State says how a node was counted.
type State uint8

// The states of a node.
const (
	Counted    State = iota // by its cost rule
	Free                    // by a rule that says it does no arithmetic
	Folded                  // computed from constants before the run: costs nothing
	Uncounted               // no rule for the operator
	Unresolved              // a size that the rule needs is not known
)

// String returns the state's name in reports.
func (s State) String() string {
	return [...]string{"counted", "free", "folded", "uncounted", "unresolved"}[s]
}

// Result is what Infer concludes about a model.
type Result struct {
	Model *graph.Model
	Main  *Instance
	// Warnings are remarks in the order of the nodes, each one line.
	Warnings []string
	// Dims are the bound symbols: those of Options.Dims and those that bound inputs imply.
	Dims map[string]int64
	// Unused lists options that named nothing in the model, as "--dim NAME".
	Unused []string

	opt Options
}

// Instance is a graph with the types of its values for one use: the main graph
// once, a subgraph or function body once for each different set of inputs. An
// Instance may be shared by several nodes.
type Instance struct {
	Graph *graph.Graph
	Path  string // of the first use
	Func  *graph.Function
	Infos []*Info      // by Value.ID, none nil; values that look the same may share one
	Nodes []NodeResult // parallel to Graph.Nodes

	outer  *Instance
	attrs  map[string]*graph.Attr // of a function call
	env    string                 // key of attrs, with those of enclosing calls
	opsets map[string]int64
	depth  int // of function calls
}

// NodeResult is what is known of a node's work.
type NodeResult struct {
	Node  *graph.Node
	Op    *Op // nil for local functions and unknown operators
	State State
	// View marks a node that moves nothing and launches no kernel: its first output is
	// the memory of its first input, or is known to the host.
	View  bool
	*Work // never nil; nodes with equal work may share it
	*More // never nil; most nodes share NoMore
}

// More is what most nodes do not have.
type More struct {
	Why  string // the reason of the state, "" where the state says all
	Subs []Sub
	// Branches marks an If whose condition is not known: of Subs one runs.
	Branches bool
}

// NoMore is the More of a node without subgraphs and reasons. It is shared: a node gets
// a More of its own before anything is written to it.
var NoMore = &More{}

// Because gives the node a state with its reason.
func (r *NodeResult) Because(s State, why string) {
	r.State = s
	r.More = &More{why, r.Subs, r.Branches}
}

// Work is what a node itself does, without its subgraphs.
type Work struct {
	Cost    Cost
	Traffic Bytes
}

// NoWork is the work of a node that does none.
var NoWork = &Work{}

// Sub is a graph that a node runs.
type Sub struct {
	Label string // attribute name, or the function's name
	Inst  *Instance
	Times graph.Dim // how often it runs
}

// Info returns what is known of v, which may belong to an enclosing graph.
func (in *Instance) Info(v *graph.Value) *Info {
	for i := in; i != nil; i = i.outer {
		if i.Graph == v.Graph {
			return i.Infos[v.ID]
		}
	}
	return nil
}

// Owner returns the instance that holds v, nil if none does.
func (in *Instance) Owner(v *graph.Value) *Instance {
	for i := in; i != nil; i = i.outer {
		if i.Graph == v.Graph {
			return i
		}
	}
	return nil
}

// attr returns an attribute of n, resolving a reference to the function call.
func (in *Instance) attr(n *graph.Node, name string) *graph.Attr {
	a := n.Attrs.Get(name)
	if a == nil || a.Ref == "" {
		return a
	}
	for i := in; i != nil; i = i.outer {
		if i.attrs != nil {
			return i.attrs[a.Ref]
		}
	}
	return nil
}

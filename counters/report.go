// Package counters sums what package ops concludes about a model: parameters,
// work in its columns, memory traffic, kernels and peak memory, in total and by
// node, operator, dtype and module.
//
//	f, err := onnxfile.Open("model.onnx")
//	r, err := counters.Count(f.Model, counters.Options{})
//	fmt.Println(r.Totals.MACs)
package counters

import (
	"math/big"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Options are what a caller may bind or choose.
type Options struct {
	ops.Options
	// NoNodes leaves Report.NodeRows and Report.Modules empty: totals and groups are all that is wanted.
	NoNodes bool
	// QDQLiteral counts QuantizeLinear and DequantizeLinear as they are written;
	// by default they are folded into the integer operator beside them.
	QDQLiteral bool
	// Measure is the counting convention of the report, nil for the tool's own columns.
	Measure Measure
}

// Status says how far a total can be trusted.
type Status string

// The states of a report, from best to worst.
const (
	Exact      Status = "exact"      // integers
	Bound      Status = "bound"      // upper bounds: sizes or branches depend on data
	Symbolic   Status = "symbolic"   // formulas: dims are not bound
	Incomplete Status = "incomplete" // at least: nodes are uncounted or unresolved
)

// Report is the result of Count.
type Report struct {
	Model    *graph.Model
	Inputs   []IO
	Outputs  []IO
	Dims     map[string]int64 // bound symbols
	Free     []FreeSymbol     // unbound ones
	Totals   Totals           // upper bounds where the work depends on data
	Lower    Totals           // lower bounds; equal to Totals when nothing depends on data
	Weights  WeightGroups
	Coverage Coverage
	ByOp     []Row // sorted by MACs, then by name
	ByDType  []Row
	Modules  *Module
	NodeRows int // how many Nodes lists
	Warnings []string
	// Features are what energy estimates price, LowerFeatures those of the least work
	// that the model may do.
	Features, LowerFeatures Features

	Inference *ops.Result

	list       *listing
	parameters []Parameter
}

// IO is an input or output of the model.
type IO struct {
	Name string
	Info *ops.Info
	// Bind is the flag that binds the open dims, "" when there are none.
	Bind string
}

// FreeSymbol is a size that the file leaves open, with the flag that binds it.
type FreeSymbol struct {
	Name string
	Flag string // "--dim batch=N", "--input X:...", "--trip NODE=N", "--assume VALUE=N"
	Data bool   // depends on data
}

// Totals are sums over the model. Each is a Dim: a number, or a formula.
type Totals struct {
	Params     graph.Dim // elements of weights, by identity
	ParamBytes graph.Dim // at stored width
	Work       ops.Cost
	Named      Named     // by Options.Measure
	Read       graph.Dim // bytes of activations read, as written
	Written    graph.Dim // bytes of activations written, as written
	WeightRead graph.Dim // bytes of constants read
	Fused      graph.Dim // bytes of activations read and written after fusion
	Elements   graph.Dim // activations: elements written by matmul-class nodes
	Peak       graph.Dim // bytes of activations alive at once
	Kernels    graph.Dim // launches after fusion
	Launches   graph.Dim // launches as written: nodes that are not views
}

// Column is one named total.
type Column struct {
	Name string
	Dim  graph.Dim
}

// Columns lists every total under its name in reports, in their order.
func (t *Totals) Columns() []Column {
	return []Column{
		{"params", t.Params}, {"param_bytes", t.ParamBytes}, {"macs", t.MACs()}, {"flops", t.FLOPs()},
		{"other.flop", t.Work.Flop}, {"other.cmp", t.Work.Cmp}, {"other.exp", t.Work.Exp}, {"other.int", t.Work.Int},
		{"bytes.weights", t.WeightRead}, {"bytes.activations_read", t.Read}, {"bytes.activations_written", t.Written},
		{"bytes.fused", t.Fused}, {"activations", t.Elements}, {"peak_activation_bytes", t.Peak}, {"kernels", t.Kernels},
	}
}

// Interval returns the bounds of a total: equal when it is a number, nil where
// no bound is known or a dim is open.
func Interval(lower, upper graph.Dim) (lo, hi *big.Int) {
	lo, _ = lower.Bounds()
	_, hi = upper.Bounds()
	return lo, hi
}

// WeightGroups are the constants of a model, each counted once by identity.
type WeightGroups struct {
	Params     Group // weights and biases
	Statistics Group // running mean and variance of normalisations
	Quant      Group // scales and zero points
	Index      Group // shapes, indices, masks and scalars: constants that are no weights
}

// Group is a number of elements and their stored bytes.
type Group struct{ Elements, Bytes graph.Dim }

// Coverage says which nodes the totals hold.
type Coverage struct {
	Status     Status
	Nodes      graph.Dim // with those in subgraphs and functions, each as often as it is written
	Counted    graph.Dim
	Free       graph.Dim // with folded ones
	Folded     graph.Dim
	Uncounted  []OpNodes
	Unresolved []NodeWhy
}

// OpNodes is a number of nodes of an operator.
type OpNodes struct {
	Domain, Op string
	Nodes      graph.Dim
}

// NodeWhy names a node and what is missing.
type NodeWhy struct{ Node, Why string }

// Row is the work of a group of nodes.
type Row struct {
	Domain string // of an operator
	Name   string // operator or dtype
	Nodes  graph.Dim
	Params graph.Dim // weights that are first used here
	Sums
}

// Sums are the additive columns of a group.
type Sums struct {
	Work     ops.Cost
	Named    Named     // by Options.Measure
	Bytes    graph.Dim // read and written, weights too
	Elements graph.Dim // written by matmul-class nodes
}

// Node is one node of the report, from Report.Nodes. Work inside a loop is that of all iterations.
type Node struct {
	Path   string // graph path and label
	Domain string
	Op     string
	State  ops.State
	Why    string
	Params graph.Dim // weights that are first used here
	// ParamBytes are those of Params at stored width.
	ParamBytes graph.Dim
	Times      graph.Dim // how often it runs
	Sums
	Outputs []IO
	Node    *graph.Node
	Inst    *ops.Instance
	Result  *ops.NodeResult
}

// Module is a module of the exporting framework with all that is inside it.
type Module struct {
	Name   string // last part of the path, "" for the model
	Path   string
	Class  string // as the exporter recorded it, "" if it did not
	Nodes  graph.Dim
	Params graph.Dim
	Sums
	Children []*Module // in order of first appearance
}

// Features are the quantities that the energy coefficients price, for one run of
// the model. Elements are counted, not bytes, so that a precision can be chosen
// later. Traffic is that of an eager framework (see eager): a compiler moves less,
// which the coefficients of that mode say.
type Features struct {
	DenseMACs      graph.Dim // dense convolutions, linear layers, matmuls
	TileMACs       graph.Dim // the same with sizes rounded up to the tiles of matrix units
	GroupedMACs    graph.Dim // grouped convolutions, depthwise ones apart
	DepthwiseMACs  graph.Dim // convolutions with one channel per group
	Elements       graph.Dim // written by matmul-class nodes
	ConvTraffic    graph.Dim // elements read and written by convolutions, depthwise ones apart
	LinearTraffic  graph.Dim // elements read and written by linear layers, matmuls and all other products
	DepthTraffic   graph.Dim // elements read and written by depthwise convolutions
	ScoreElements  graph.Dim // elements of attention scores that no fused kernel can keep to itself
	OtherTraffic   graph.Dim // elements read and written by all other kernels
	MixedTraffic   graph.Dim // half-width elements that automatic mixed precision moves besides
	WeightElements graph.Dim
	WeightBytes    graph.Dim
	KernelsEager   graph.Dim
	KernelsFused   graph.Dim
}

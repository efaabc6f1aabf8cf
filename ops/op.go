// Package ops knows the operators: for each its documentation, signature, shape
// rule, cost rule and traffic rule, one literal for an operator and a range of
// opset versions. Infer runs them over a model.
//
// A rule sees one node through a Call: the dtypes, shapes and small values of its
// inputs, its attributes, and its outputs to fill. Sizes are graph.Dim, so one
// rule serves bound and unbound models alike.
package ops

import "github.com/onnxmeter/onnxmeter/graph"

// Op is one operator for a range of opset versions: from the first of Since until
// the next Op of the same name.
type Op struct {
	Domain string // "" for ai.onnx
	Name   string
	// Since lists the schema versions that this entry covers, in ascending order.
	Since []int
	// Doc says what is computed, what is counted and what is not, with the
	// source of the formula.
	Doc string

	// In and Out are the formal parameters in order, separated by commas:
	//
	//	X:T            a tensor whose type is bound to T
	//	B?:T           optional
	//	inputs...:T    variadic, all of one type
	//	v...:V each    variadic, each of its own type
	//	shape:int64 shape   a steering input: index, shape, axes; not a parameter
	//	mean:T stat    running statistics, listed apart from parameters
	//	x_scale:float32 quant   quantisation scale or zero point
	//	initial_h:T state   initial state of a recurrence, not a parameter
	In, Out string
	// Types gives the types each type name may take: "T: float16 float32; I: int32 int64".
	// The groups float, int, uint, number, all, and seq, optional, map stand for several.
	Types string
	// Attrs are the attributes, "axis:int=0 perm:ints mode:string=constant value:tensor".
	// A trailing ! marks a required one; "consumed_inputs:ints<6" is an attribute
	// that opset 6 dropped.
	Attrs string

	// Infer sets shapes, and values where they matter, of the outputs. Output
	// dtypes follow from Out; Infer sets those that do not.
	Infer func(*Call)
	// Cost returns the work of one call. Exactly one of Cost and Free is set.
	Cost func(*Call) Cost
	// Free says why the operator does no arithmetic.
	Free string
	// Moves is the memory traffic; the zero value is All.
	Moves Traffic
	// Body marks control flow and function-like operators that run subgraphs; their
	// Infer attaches instances to the call and their own Cost is added.
	Body bool
	// Random marks operators that are never folded: their output is not a
	// function of their inputs.
	Random bool
	// Deprecated is the opset version that deprecated the operator, 0 if none did.
	Deprecated int

	// Source is the file and line of a user's rule, "" for the table's own: such an
	// operator may have any attribute.
	Source string

	Cases []Case
}

// Cost is work in the columns of the reports. The zero value is no work.
type Cost struct {
	MAC  graph.Dim // multiply-accumulates of matmul-class operators
	Flop graph.Dim // other floating-point operations
	Cmp  graph.Dim // comparisons
	Exp  graph.Dim // calls of transcendental functions
	Int  graph.Dim // integer, index and bit operations
}

// Add returns the sum of two costs.
func (c Cost) Add(d Cost) Cost {
	return Cost{c.MAC.Add(d.MAC), c.Flop.Add(d.Flop), c.Cmp.Add(d.Cmp), c.Exp.Add(d.Exp), c.Int.Add(d.Int)}
}

// Times returns the cost of n repetitions.
func (c Cost) Times(n graph.Dim) Cost {
	return Cost{c.MAC.Mul(n), c.Flop.Mul(n), c.Cmp.Mul(n), c.Exp.Mul(n), c.Int.Mul(n)}
}

// IsZero reports whether there is no work in any column.
func (c Cost) IsZero() bool {
	return c.MAC.IsZero() && c.Flop.IsZero() && c.Cmp.IsZero() && c.Exp.IsZero() && c.Int.IsZero()
}

// FLOPs returns 2*MAC + Flop + Exp: comparisons and integer work are no FLOPs.
func (c Cost) FLOPs() graph.Dim { return c.MAC.MulInt(2).Add(c.Flop).Add(c.Exp) }

// Bytes is memory traffic of one call.
type Bytes struct {
	Read    graph.Dim // of values that are not constants
	Weights graph.Dim // of constants
	Written graph.Dim
}

// Traffic is a rule for memory traffic.
type Traffic struct {
	view   bool
	viewIf func(*Call) bool
	rule   func(*Call) Bytes
}

var (
	// All reads every input and writes every output once.
	All = Traffic{}
	// View moves nothing: the output is the input's memory, or is known to the host.
	View = Traffic{view: true}
)

// Moving makes a Traffic of a rule.
func Moving(rule func(*Call) Bytes) Traffic { return Traffic{rule: rule} }

// ViewIf makes a Traffic that is View for calls where cond holds, and a rule elsewhere.
func ViewIf(cond func(*Call) bool, rule func(*Call) Bytes) Traffic {
	return Traffic{viewIf: cond, rule: rule}
}

// IsView reports whether the operator moves nothing and launches no kernel, whatever
// the call.
func (t Traffic) IsView() bool { return t.view }

// views reports whether a call moves nothing and launches no kernel.
func (t Traffic) views(c *Call) bool { return t.view || t.viewIf != nil && t.viewIf(c) }

// Case is an example that documents an operator and is run by the tests.
type Case struct {
	// In are the inputs, separated by spaces: "f32[N,3,8,8] !f32[4,3,3,3] _ i64[2]={1,-1}":
	// dtype, dims, ! for a constant, = for its values, _ for an omitted one. Short
	// names f32, f16, f64, bf16, i8, i32, i64, u8, bool, str stand for the long ones.
	In string
	// Attrs as "axis=1 perm=[0,2,1] mode=\"linear\" alpha=0.5".
	Attrs string
	// Out are the outputs in the same form; a dim may be an expression without spaces.
	Out string
	// Cost is "mac=27*N flop=8 exp=0"; columns that are left out must be 0. "unresolved": no
	// cost can be told. "" checks nothing.
	Cost string
	// Err is a part of the message that the node is refused with; Out then only says
	// how many outputs there are, one if it is empty.
	Err string
	// Opset is the version to run at, the newest of Since if 0.
	Opset int
}

// IsRule reports whether the traffic follows a rule of its own.
func (t Traffic) IsRule() bool { return t.rule != nil }

// Package exprgraph is a front end for programs that build their networks with
// gorgonia.org/gorgonia: an ExprGraph becomes a graph.Model, before gorgonia.Grad or
// after, when it holds the gradients too.
//
// What an operation is, gorgonia says by its type and by its String only. Most have an
// operator of ONNX of the same meaning (Ledger lists them); a few become several, such
// as im2col, a gather of patches. Every other one becomes a node of domain "gorgonia",
// which no rule counts: a report over it is incomplete and says so. Shapes are those
// that gorgonia inferred.
//
// An ExprGraph does not tell weights from inputs: Options.Weights does.
package exprgraph

import (
	"fmt"
	"strings"

	gonum "gonum.org/v1/gonum/graph"
	"gorgonia.org/gorgonia"

	"github.com/onnxmeter/onnxmeter/graph"

	// gorgonia.org/tensor panics before main unless this module is new enough for the Go release.
	_ "go4.org/unsafe/assume-no-moving-gc"
)

// Domain is that of operations that ONNX has no operator for.
const Domain = "gorgonia"

// Options say what an ExprGraph does not.
type Options struct {
	// Weights are the nodes that training changes; they become initializers. All other
	// variables are inputs.
	Weights gorgonia.Nodes
	// Outputs are the results: what leads to none of them is left out, as the gradients
	// of inputs that Grad makes unasked. nil: every node that no other uses, and all nodes.
	Outputs gorgonia.Nodes
}

// Model returns the graph, linked. It fails for a node without a shape.
func Model(g *gorgonia.ExprGraph, o Options) (*graph.Model, error) {
	c := &converter{g: g, out: &graph.Graph{Name: "ExprGraph"}, weights: set(o.Weights), names: map[*gorgonia.Node]string{}, taken: map[string]bool{}}
	nodes, outputs := c.whole()
	if o.Outputs != nil {
		nodes, outputs = c.leadingTo(o.Outputs), o.Outputs
	}
	for _, n := range nodes {
		if err := c.node(n); err != nil {
			return nil, err
		}
	}
	for _, n := range outputs {
		c.out.OutputInfo = append(c.out.OutputInfo, graph.ValueInfo{Name: c.names[n], Type: declared(n)})
	}
	m := &graph.Model{Graph: c.out, IRVersion: 8, Producer: "gorgonia", Opsets: map[string]int64{"": opset, "com.microsoft": 1, Domain: 1}}
	if err := m.Link(); err != nil {
		return nil, err
	}
	return m, nil
}

// whole returns all nodes, and those that no other uses.
func (c *converter) whole() (nodes, outputs gorgonia.Nodes) {
	used := map[*gorgonia.Node]bool{}
	nodes = c.g.AllNodes()
	for _, n := range nodes {
		if !isStatement(n) {
			for _, k := range c.children(n) {
				used[k] = true
			}
		}
	}
	for _, n := range nodes {
		if !used[n] && n.Op() != nil && !isStatement(n) && !isConstant(n) {
			outputs = append(outputs, n)
		}
	}
	return nodes, outputs
}

// leadingTo returns the nodes that outputs depend on, in the order of the graph.
func (c *converter) leadingTo(outputs gorgonia.Nodes) (nodes gorgonia.Nodes) {
	needed := set(outputs)
	todo := append(gorgonia.Nodes{}, outputs...)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, k := range c.children(n) {
			if !needed[k] {
				needed[k] = true
				todo = append(todo, k)
			}
		}
	}
	for _, n := range c.g.AllNodes() {
		if needed[n] {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// opset is the version of the standard operators that nodes are written for.
const opset = 18

func set(list gorgonia.Nodes) map[*gorgonia.Node]bool {
	m := make(map[*gorgonia.Node]bool, len(list))
	for _, n := range list {
		m[n] = true
	}
	return m
}

// converter fills a graph.
type converter struct {
	g       *gorgonia.ExprGraph
	out     *graph.Graph
	weights map[*gorgonia.Node]bool
	names   map[*gorgonia.Node]string
	taken   map[string]bool
	fresh   int
}

// children returns the operands of a node in order.
func (c *converter) children(n *gorgonia.Node) []*gorgonia.Node {
	var out []*gorgonia.Node
	for _, k := range gonum.NodesOf(c.g.From(n.ID())) {
		out = append(out, k.(*gorgonia.Node))
	}
	return out
}

// opName is the type of an operation without its package.
func opName(op gorgonia.Op) string {
	name := fmt.Sprintf("%T", op)
	return name[strings.LastIndexByte(name, '.')+1:]
}

func isConstant(n *gorgonia.Node) bool {
	return n.Op() != nil && strings.HasPrefix(opName(n.Op()), "constant")
}

// isStatement reports whether a node computes nothing: it assigns or prints.
func isStatement(n *gorgonia.Node) bool {
	if n.Op() == nil {
		return false
	}
	name := opName(n.Op())
	return name == "letOp" || name == "readOp"
}

func dtype(n *gorgonia.Node) graph.DType { return graph.DTypeOfKind(n.Dtype().Kind()) }

// dims returns the shape of a node; that of a scalar is empty.
func dims(n *gorgonia.Node) []int64 {
	out := []int64{}
	for _, d := range n.Shape() {
		out = append(out, int64(d))
	}
	return out
}

func typeDef(d graph.DType, shape []int64) *graph.TypeDef {
	t := &graph.TypeDef{Kind: graph.KindTensor, DType: d, HasShape: true}
	for _, k := range shape {
		t.Dims = append(t.Dims, graph.DimDef{Value: k, Known: true})
	}
	return t
}

func declared(n *gorgonia.Node) *graph.TypeDef { return typeDef(dtype(n), dims(n)) }

// name makes a name that no value has yet.
func (c *converter) name(want string) string {
	for c.taken[want] || want == "" {
		c.fresh++
		want = fmt.Sprintf("%s_%d", strings.TrimRight(want, "_0123456789"), c.fresh)
	}
	c.taken[want] = true
	return want
}

// node adds a variable, a constant or an operation.
func (c *converter) node(n *gorgonia.Node) error {
	if n.Shape() == nil && !n.IsScalar() {
		return fmt.Errorf("node %d (%s) has no shape", n.ID(), n.Name())
	}
	switch {
	case n.Op() == nil:
		c.variable(n)
	case isStatement(n):
	case isConstant(n), opName(n.Op()) == "sizeOp": // a size is known to the host
		c.names[n] = c.initializer(fmt.Sprintf("constant_%d", n.ID()), dtype(n), dims(n), nil)
	default:
		c.operation(n)
	}
	return nil
}

func (c *converter) variable(n *gorgonia.Node) {
	if c.weights[n] {
		c.names[n] = c.initializer(n.Name(), dtype(n), dims(n), nil)
		return
	}
	c.names[n] = c.name(n.Name())
	c.out.InputInfo = append(c.out.InputInfo, graph.ValueInfo{Name: c.names[n], Type: declared(n)})
}

// initializer adds a constant; nil elements are not known.
func (c *converter) initializer(name string, d graph.DType, shape, elements []int64) string {
	t := &graph.Tensor{Name: c.name(name), DType: d, Dims: shape}
	if elements != nil {
		t.Storage, t.Payload = graph.StorageInline, &graph.MemPayload{I: elements}
	}
	c.out.Initializers = append(c.out.Initializers, t)
	return t.Name
}

// ints adds a constant list of integers.
func (c *converter) ints(v ...int64) string {
	return c.initializer("ints", graph.Int64, []int64{int64(len(v))}, v)
}

// value is what a call gives: its name and shape.
type value struct {
	name  string
	shape []int64
}

func (c *converter) operation(n *gorgonia.Node) {
	k := &call{converter: c, node: n, text: fmt.Sprint(n.Op())}
	for _, in := range c.children(n) {
		k.in = append(k.in, value{c.names[in], dims(in)})
	}
	var v value
	ok := false
	if rule := rules[opName(n.Op())]; rule.convert != nil {
		v, ok = rule.convert(k)
	}
	if !ok {
		v = k.unknown()
	}
	c.names[n] = k.reshape(v, dims(n)).name
}

// call is the conversion of one operation.
type call struct {
	*converter
	node *gorgonia.Node
	text string // the operation's String
	in   []value
}

// emit adds a node and returns its output, whose shape is given.
func (k *call) emit(domain, op string, attrs graph.Attrs, shape []int64, inputs ...string) value {
	label := k.converter.name(fmt.Sprintf("%s_%d", op, k.node.ID()))
	k.out.Nodes = append(k.out.Nodes, &graph.Node{Name: label, Domain: domain, Op: op, Attrs: attrs, InputNames: inputs, OutputNames: []string{label}})
	k.out.ValueInfo = append(k.out.ValueInfo, graph.ValueInfo{Name: label, Type: typeDef(dtype(k.node), shape)})
	return value{label, shape}
}

// unknown adds a node that no rule counts.
func (k *call) unknown() value {
	inputs := make([]string, len(k.in))
	for i, v := range k.in {
		inputs[i] = v.name
	}
	name := strings.TrimSuffix(opName(k.node.Op()), "Op")
	if name == "elemUnary" {
		name = k.text
	}
	return k.emit(Domain, strings.ToUpper(name[:1])+name[1:], nil, dims(k.node), inputs...)
}

// reshape gives a value the shape that gorgonia has for it.
func (k *call) reshape(v value, shape []int64) value {
	if equal(v.shape, shape) {
		return v
	}
	return k.emit("", "Reshape", nil, shape, v.name, k.ints(shape...))
}

func equal(a, b []int64) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func product(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return n
}

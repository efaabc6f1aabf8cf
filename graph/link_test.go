package graph

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// n makes a node: its operator, "inputs -> outputs" separated by spaces, where _
// is an omitted one, and subgraphs.
func n(op, io string, bodies ...*Graph) *Node {
	ins, outs, _ := strings.Cut(io, "->")
	names := func(s string) (out []string) {
		for _, f := range strings.Fields(s) {
			out = append(out, strings.TrimPrefix(f, "_"))
		}
		return out
	}
	node := &Node{Name: op, Op: strings.TrimRight(op, "0123456789"), InputNames: names(ins), OutputNames: names(outs)}
	for i, b := range bodies {
		node.Attrs = append(node.Attrs, Attr{Name: fmt.Sprint("body", i), Type: AttrGraph, Graph: b})
	}
	return node
}

// g makes a graph of "inputs -> outputs" and nodes.
func g(io string, nodes ...*Node) *Graph {
	ins, outs, _ := strings.Cut(io, "->")
	out := &Graph{Nodes: nodes}
	for _, f := range strings.Fields(ins) {
		out.InputInfo = append(out.InputInfo, ValueInfo{Name: f})
	}
	for _, f := range strings.Fields(outs) {
		out.OutputInfo = append(out.OutputInfo, ValueInfo{Name: f})
	}
	return out
}

func (gr *Graph) with(initializers ...string) *Graph {
	for _, name := range initializers {
		gr.Initializers = append(gr.Initializers, &Tensor{Name: name, DType: Float32, Dims: []int64{1}})
	}
	return gr
}

func link(gr *Graph, fs ...*Function) (*Model, error) {
	m := &Model{Path: "m.onnx", Graph: gr, Functions: fs}
	return m, m.Link()
}

func TestLinkErrors(t *testing.T) {
	f := func(name string, attrs ...Attr) *Function {
		node := n("Relu", "a -> b")
		node.Attrs = attrs
		return &Function{FuncKey: FuncKey{"d", name, ""}, Body: g("a -> b", node)}
	}
	attr := func(as ...Attr) *Graph {
		node := n("Op1", "x -> y")
		node.Attrs = as
		return g("x -> y", node)
	}
	many := make([]Attr, 40)
	for i := range many {
		many[i].Name = fmt.Sprint("a", i%39)
	}
	relu := func() *Graph { return g("x -> y", n("Relu", "x -> y")) }
	for _, c := range []struct {
		name string
		g    *Graph
		fs   []*Function
		want string // "" if the graph is right
	}{
		{"no graph", nil, nil, "the model has no graph"},
		{"right", relu(), nil, ""},
		{"undefined input", g("x -> y", n("Add1", "x ghost -> y")), nil, `m.onnx: node "Add1" (Add): input "ghost" is not defined`},
		{"undefined output", g("x -> z", n("Relu1", "x -> y")), nil, `m.onnx: graph output "z" is not defined`},
		{"output twice", g("x -> y", n("Relu1", "x -> y"), n("Relu2", "x -> y")), nil, `node "Relu2" (Relu): value "y" is already defined`},
		{"output is an input", g("x -> x", n("Relu1", "x -> x")), nil, `value "x" is already defined`},
		{"output is an initializer", g("x -> w", n("Relu1", "x -> w")).with("w"), nil, `value "w" is already defined`},
		{"input twice", g("x x -> y", n("Relu1", "x -> y")), nil, `value "x" is already defined`},
		{"initializer twice", relu().with("w", "w"), nil, `value "w" is already defined`},
		{"initializer without a name", relu().with(""), nil, "an initializer has no name"},
		{"initializer as default", g("x w -> y", n("Add1", "x w -> y")).with("w"), nil, ""},
		{"default twice", g("x w -> y", n("Add1", "x w -> y")).with("w", "w"), nil, `value "w" is already defined`},
		{"omitted", g("x -> y", n("Clip1", "x _ _ -> y _")), nil, ""},
		{"no operator", g("x -> y", &Node{Name: "q", InputNames: []string{"x"}, OutputNames: []string{"y"}}), nil, `node "q": the node has no op_type`},
		{"name not UTF-8", g("x -> \xff", n("Relu1", "x -> \xff")), nil, `"\xff" is not UTF-8`},
		{"attribute without a name", attr(Attr{}), nil, `node "Op1" (Op): attribute 0 has no name`},
		{"attribute twice", attr(Attr{Name: "k"}, Attr{Name: "j"}, Attr{Name: "k"}), nil, `attribute "k" occurs twice`},
		{"attribute twice among many", attr(many...), nil, `attribute "a0" occurs twice`},
		{"many attributes", attr(many[:39]...), nil, ""},
		{"reference outside a function", attr(Attr{Name: "k", Ref: "r"}), nil, `attribute "k" refers to "r" outside a function`},
		{"reference in a function", relu(), []*Function{f("F", Attr{Name: "k", Ref: "r"})}, ""},
		{"function twice", relu(), []*Function{f("F"), f("G"), f("F")}, `function "F" of domain "d" is defined twice`},
		{"function uses what it does not define", relu(), []*Function{{FuncKey: FuncKey{"d", "F", ""}, Body: g("a -> b", n("Add1", "a x -> b"))}}, `F/node "Add1" (Add): input "x" is not defined`},
		{"cycle", g("x -> c", n("A1", "x c -> a"), n("B1", "a -> b"), n("C1", "b -> c")), nil, `the graph has a cycle through "A1", "B1", "C1"`},
		{"cycle of one", g("x -> y", n("A1", "x y -> y")), nil, `the graph has a cycle through "A1"`},
		{"cycle behind others", g("x -> d", n("P1", "c -> p"), n("A1", "x b -> a"), n("B1", "a -> b"), n("C1", "b -> c"), n("D1", "p -> d")), nil, `a cycle through "A1", "B1"`},
		{"cycle through a subgraph", g("x -> y", n("If1", "x -> y", g("-> q", n("A1", "y -> q")))), nil, `a cycle through "If1"`},
		{"subgraph hides an input by an output", g("x -> y", n("If1", "x -> y", g("-> x", n("A1", "x -> x")))), nil, `If1/body0/node "A1" (A): value "x" is already defined in an enclosing graph`},
		{"subgraph hides what is not visible", g("x -> y", n("If1", "x -> y", g("-> y", n("A1", "x -> y")))), nil, ""},
		{"subgraph hides by an input", g("x -> y", n("Loop1", "x -> y", g("x -> z", n("A1", "x -> z")))), nil, ""},
		{"subgraph hides by an initializer", g("x w -> y", n("Loop1", "x w -> y", g("-> z", n("A1", "w -> z")).with("w"))), nil, ""},
		{"two branches with one name", g("x -> y", n("If1", "x -> y", g("-> z", n("A1", "x -> z")), g("-> z", n("B1", "x -> z")))), nil, ""},
		{"subgraph uses what another defines", g("x -> y", n("If1", "x -> y", g("-> z", n("A1", "x -> z")), g("-> v", n("B1", "z -> v")))), nil, `If1/body1/node "B1" (B): input "z" is not defined`},
		{"undefined output of a subgraph", g("x -> y", n("If1", "x -> y", g("-> z"))), nil, `m.onnx: If1/body0: graph output "z" is not defined`},
	} {
		_, err := link(c.g, c.fs...)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestLinkValues(t *testing.T) {
	gr := g("x w -> y", n("Clip1", "x _ w -> h _"), n("Relu1", "h -> y")).with("w", "k")
	gr.ValueInfo = []ValueInfo{{Name: "h", Type: &TypeDef{Kind: KindTensor, DType: Float16}}, {Name: "nobody", Type: &TypeDef{}}}
	gr.OutputInfo[0].Type = &TypeDef{Kind: KindTensor, DType: Int8}
	if _, err := link(gr); err != nil {
		t.Fatal(err)
	}
	clip, relu := gr.Nodes[0], gr.Nodes[1]
	x, w, h, y := clip.Inputs[0], clip.Inputs[2], clip.Outputs[0], relu.Outputs[0]
	switch {
	case clip.Inputs[1] != nil || clip.Outputs[1] != nil || clip.Input(9) != nil || clip.Input(2) != w:
		t.Error("omitted inputs and outputs are not nil")
	case !x.IsInput || x != gr.Inputs[0] || x.Producer != nil:
		t.Errorf("x is %+v", x)
	case !w.IsInput || w.Init != gr.Initializers[0]:
		t.Errorf("w is %+v", w)
	case h.Producer != clip || relu.Inputs[0] != h || h.Declared.DType != Float16:
		t.Errorf("h is %+v", h)
	case gr.Outputs[0] != y || y.Declared.DType != Int8:
		t.Errorf("y is %+v", y)
	case len(gr.Values) != 5: // x, w, k, h, y
		t.Errorf("%d values", len(gr.Values))
	}
	for i, v := range gr.Values {
		if v.ID != i || v.Graph != gr {
			t.Errorf("value %s has ID %d in %p", v.Name, v.ID, v.Graph)
		}
	}
}

// A value of the main graph that only an inner subgraph uses is captured by every
// graph in between, once.
func TestLinkCaptures(t *testing.T) {
	inner := g("-> q", n("Add1", "x w -> p"), n("Add2", "p x -> q"))
	outer := g("-> r", n("If2", "c -> r", inner))
	main := g("x c -> y", n("If1", "c -> y", outer)).with("w")
	if _, err := link(main); err != nil {
		t.Fatal(err)
	}
	names := func(vs []*Value) (out []string) {
		for _, v := range vs {
			out = append(out, v.Name)
		}
		slices.Sort(out)
		return out
	}
	if got := names(inner.Captures); !slices.Equal(got, []string{"w", "x"}) {
		t.Errorf("inner captures %v", got)
	}
	if got := names(outer.Captures); !slices.Equal(got, []string{"c", "w", "x"}) {
		t.Errorf("outer captures %v", got)
	}
	if inner.Parent != outer || outer.Parent != main || main.Parent != nil || len(main.Captures) != 0 {
		t.Error("parents are wrong")
	}
	if inner.Nodes[0].Inputs[0] != main.Inputs[0] {
		t.Error("the captured value is a copy")
	}
}

// A branch takes no inputs: what some exporters list is what it captures.
func TestLinkBranchInputs(t *testing.T) {
	branch := g("x own -> z", n("Add1", "x own -> z"))
	main := g("x c -> y", n("If1", "c -> y", branch))
	if _, err := link(main); err != nil {
		t.Fatal(err)
	}
	if branch.Inputs[0] != main.Inputs[0] || len(branch.Captures) != 1 {
		t.Errorf("the branch's x is %+v", branch.Inputs[0])
	}
	if !branch.Inputs[1].IsInput || branch.Inputs[1].Graph != branch {
		t.Errorf("the branch's own input is %+v", branch.Inputs[1])
	}
	body := g("x -> z", n("Relu1", "x -> z"))
	main = g("x -> y", n("Loop1", "x -> y", body))
	if _, err := link(main); err != nil {
		t.Fatal(err)
	}
	if body.Inputs[0].Graph != body || len(body.Captures) != 0 {
		t.Errorf("the loop's x is %+v", body.Inputs[0])
	}
}

// Nodes in any order come out sorted, in the order of the file where it is one.
func TestLinkSorts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		size := 2 + r.IntN(30)
		nodes := make([]*Node, size)
		for i := range nodes {
			ins := "x"
			for range r.IntN(3) {
				if i > 0 {
					ins += fmt.Sprint(" v", r.IntN(i))
				}
			}
			nodes[i] = n(fmt.Sprint("Op", i), fmt.Sprint(ins, " -> v", i))
		}
		inFile := slices.Clone(nodes)
		if _, err := link(g("x -> v0", nodes...)); err != nil || !slices.Equal(nodes, inFile) {
			t.Fatalf("a sorted graph: %v", err)
		}
		r.Shuffle(size, func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
		inFile = slices.Clone(nodes)
		gr := g("x -> v0", nodes...)
		if _, err := link(gr); err != nil {
			t.Fatal(err)
		}
		checkSorted(t, gr, inFile)
	}
}

// checkSorted checks that each node stands behind its producers, and that no
// ready node of a smaller position in the file was passed over.
func checkSorted(t *testing.T, gr *Graph, inFile []*Node) {
	t.Helper()
	done := map[*Node]bool{}
	ready := func(node *Node) bool {
		ok := !done[node]
		node.dependencies(gr, func(p *Node) { ok = ok && done[p] })
		return ok
	}
	for _, node := range gr.Nodes {
		if inFile[node.Index] != node {
			t.Fatalf("%s has index %d", node.Name, node.Index)
		}
		if first := inFile[slices.IndexFunc(inFile, ready)]; first != node {
			t.Fatalf("%s stands before %s", node.Name, first.Name)
		}
		done[node] = true
	}
	if len(gr.Nodes) != len(inFile) {
		t.Fatalf("%d nodes of %d", len(gr.Nodes), len(inFile))
	}
}

// What a subgraph declares of a value of an enclosing graph is not that value's type.
func TestLinkOuterOutput(t *testing.T) {
	branch := g("-> x")
	branch.OutputInfo[0].Type = &TypeDef{Kind: KindTensor, DType: Int8}
	main := g("x c -> y", n("If1", "c -> y", branch))
	if _, err := link(main); err != nil {
		t.Fatal(err)
	}
	if branch.Outputs[0] != main.Inputs[0] || main.Inputs[0].Declared != nil {
		t.Errorf("x is %+v", main.Inputs[0])
	}
}

func TestLinkDepth(t *testing.T) {
	nested := func(depth int) *Graph {
		gr := g("-> v0", n("Relu1", "x -> v0"))
		for i := 1; i < depth; i++ {
			gr = g(fmt.Sprint("-> v", i), n("If1", fmt.Sprint("x -> v", i), gr))
		}
		return g("x -> y", n("If1", "x -> y", gr))
	}
	if _, err := link(nested(MaxGraphDepth)); err != nil {
		t.Errorf("%d subgraphs: %v", MaxGraphDepth, err)
	}
	if _, err := link(nested(MaxGraphDepth + 1)); err == nil || !strings.Contains(err.Error(), "nested more than 64 deep") {
		t.Errorf("%d subgraphs: %v", MaxGraphDepth+1, err)
	}
}

func TestLinkFunctionLimit(t *testing.T) {
	fs := make([]*Function, MaxFunctions+1)
	for i := range fs {
		fs[i] = &Function{FuncKey: FuncKey{"d", fmt.Sprint(i), ""}, Body: &Graph{}}
	}
	relu := n("7", "x -> y")
	relu.Op, relu.Domain = "7", "d"
	m, err := link(g("x -> y", relu), fs[:MaxFunctions]...)
	if err != nil {
		t.Fatal(err)
	}
	if m.Function(relu) != fs[7] {
		t.Error("the call does not find its function")
	}
	if _, err := link(g("x -> y", n("Relu1", "x -> y")), fs...); err == nil || !strings.Contains(err.Error(), "10001 local functions") {
		t.Errorf("got %v", err)
	}
}

// Messages cut and escape what comes from a file.
func TestErrorEscapes(t *testing.T) {
	long := strings.Repeat("é", 300)
	e := Errorf("value %q", Clip(long))
	if len(e.Error()) > 260 || !strings.Contains(e.Error(), "(600 bytes)") {
		t.Errorf("got %d bytes: %s", len(e.Error()), e)
	}
	bad := &Error{File: "m.onnx", Path: "a\x1b[31m/b", Node: "n\n::error", Op: "R\x00", What: "bad"}
	if got := bad.Error(); got != `m.onnx: a\x1b[31m/b/node "n\n::error" (R\x00): bad` {
		t.Errorf("got %s", got)
	}
}

func TestDomainNames(t *testing.T) {
	if NormalDomain("ai.onnx") != "" || NormalDomain("x") != "x" || DomainName("") != "ai.onnx" || DomainName("x") != "x" {
		t.Error("the two spellings of the standard domain differ")
	}
}

// A name table finds what was added and nothing else, also when it is full.
func TestNameTable(t *testing.T) {
	for _, size := range []int{0, 1, 4, 5, 1000} {
		names := make([]string, size)
		for i := range names {
			names[i] = fmt.Sprint("v", i)
		}
		gr := g(strings.Join(names, " ") + " ->")
		sc := newScope(maphash.MakeSeed(), gr, nil, nil)
		for _, name := range names {
			if _, err := sc.define(name); err != nil {
				t.Fatal(err)
			}
		}
		for i, name := range names {
			if v := sc.own(name); v == nil || v.ID != i {
				t.Fatalf("%s is %v", name, v)
			}
			if v := sc.own("no" + name); v != nil {
				t.Fatalf("no%s is %v", name, v)
			}
		}
	}
}

package graph

import (
	"container/heap"
	"fmt"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// Link resolves the names of a model that a front end has filled: it makes the
// Values of every graph, connects them to nodes across nested scopes, sorts
// nodes topologically (file order where it is one) and refuses what is no
// graph: a name defined twice, a node's output with the name of a visible value
// of an enclosing graph, a use of an undefined name, a cycle, duplicate functions,
// attributes without a name or twice, a reference to a function's attribute
// outside a function.
func (m *Model) Link() error {
	if m.Graph == nil {
		return m.locate(Errorf("the model has no graph").Expect("ModelProto.graph"))
	}
	if len(m.Functions) > MaxFunctions {
		return m.locate(Errorf("%d local functions", len(m.Functions)).Expect("at most %d", MaxFunctions))
	}
	m.functions = make(map[FuncKey]*Function, len(m.Functions))
	for _, f := range m.Functions {
		if _, dup := m.functions[f.FuncKey]; dup {
			return m.locate(Errorf("function %q of domain %q is defined twice", Clip(f.Name), Clip(f.Domain)))
		}
		m.functions[f.FuncKey] = f
	}
	l := &linker{seed: maphash.MakeSeed()}
	if err := l.graph(m.Graph, nil, nil, ""); err != nil {
		return m.locate(err)
	}
	l.inFunction = true
	for _, f := range m.Functions {
		if err := l.graph(f.Body, nil, nil, f.Name); err != nil {
			return m.locate(err)
		}
	}
	return nil
}

func (m *Model) locate(err error) error {
	if e, ok := err.(*Error); ok && e.File == "" {
		e.File = m.Path
	}
	return err
}

// scope is a graph while its names are resolved.
type scope struct {
	g      *Graph
	names  nameTable
	parent *scope
	owner  *Node // the node of the parent graph that has this graph as an attribute
	depth  int
	seen   map[*Value]bool // captures already listed

	values []Value  // to be handed out
	links  []*Value // to be handed out: Inputs and Outputs of nodes
	later  []use    // inputs of nodes that were not defined before the node
	bodies []*Node  // nodes with subgraphs
}

// use is the i-th input of a node.
type use struct {
	n *Node
	i int
}

func newScope(seed maphash.Seed, g *Graph, parent *scope, owner *Node) *scope {
	outs, links := 0, 0
	for _, n := range g.Nodes {
		outs += len(n.OutputNames)
		links += len(n.OutputNames) + len(n.InputNames)
	}
	names := outs + len(g.Initializers) + len(g.InputInfo) + len(g.Sparse)
	sc := &scope{
		g: g, parent: parent, owner: owner,
		names:  newNameTable(seed, names),
		values: make([]Value, names),
		links:  make([]*Value, links),
	}
	g.Values = make([]*Value, 0, names)
	if parent != nil {
		g.Parent = parent.g
		sc.depth = parent.depth + 1
	}
	return sc
}

// take returns the next n of the links.
func (sc *scope) take(n int) []*Value {
	out := sc.links[:n:n]
	sc.links = sc.links[n:]
	return out
}

type linker struct {
	seed       maphash.Seed
	inFunction bool
}

func (l *linker) graph(g *Graph, parent *scope, owner *Node, path string) error {
	if parent != nil && parent.depth == MaxGraphDepth {
		return Errorf("subgraphs are nested more than %d deep", MaxGraphDepth).at(path)
	}
	sc := newScope(l.seed, g, parent, owner)
	for _, step := range []func(*scope, string) error{l.inputs, l.initializers, l.nodes, l.uses, l.subgraphs, l.results} {
		if err := step(sc, path); err != nil {
			return err
		}
	}
	l.declared(sc)
	return sortNodes(g, path)
}

func (e *Error) at(path string) *Error { e.Path = path; return e }

// define makes a Value; a graph may define a name once. A subgraph's inputs and
// initializers may hide a value of an enclosing graph.
func (sc *scope) define(name string) (*Value, *Error) {
	if !utf8.ValidString(name) {
		return nil, Errorf("value name %q is not UTF-8", Clip(name))
	}
	old, slot, tag := sc.names.find(sc.g.Values, name)
	if old != nil {
		return nil, Errorf("value %q is already defined", Clip(name)).Expect("single assignment: each name once")
	}
	id := len(sc.g.Values)
	v := &sc.values[id]
	v.Name, v.ID, v.Graph = name, id, sc.g
	sc.g.Values = append(sc.g.Values, v)
	sc.names.add(slot, tag, id)
	return v, nil
}

// own returns the Value that this graph itself defines under a name.
func (sc *scope) own(name string) *Value {
	v, _, _ := sc.names.find(sc.g.Values, name)
	return v
}

// visible reports whether an enclosing graph defines a name before the node that
// this graph belongs to, in the order of the file.
func (sc *scope) visible(name string) bool {
	for ; sc.parent != nil; sc = sc.parent {
		if v := sc.parent.own(name); v != nil && (v.Producer == nil || v.Producer.Index < sc.owner.Index) {
			return true
		}
	}
	return false
}

func (sc *scope) lookup(name string) *Value {
	for s := sc; s != nil; s = s.parent {
		if v := s.own(name); v != nil {
			if s != sc {
				sc.capture(v, s)
			}
			return v
		}
	}
	return nil
}

// capture notes v, which scope owner defines, in every scope between here and there.
func (sc *scope) capture(v *Value, owner *scope) {
	for s := sc; s != owner; s = s.parent {
		if s.seen == nil {
			s.seen = map[*Value]bool{}
		}
		if s.seen[v] {
			return
		}
		s.seen[v] = true
		s.g.Captures = append(s.g.Captures, v)
	}
}

func (l *linker) inputs(sc *scope, path string) error {
	g := sc.g
	for i := range g.InputInfo {
		info := &g.InputInfo[i]
		if info.Name == "" {
			return Errorf("graph input %d has no name", i).at(path)
		}
		if v := sc.captured(info.Name); v != nil {
			g.Inputs = append(g.Inputs, v)
			continue
		}
		v, err := sc.define(info.Name)
		if err != nil {
			return err.at(path)
		}
		v.IsInput, v.Declared = true, info.Type
		g.Inputs = append(g.Inputs, v)
	}
	return nil
}

// captured returns the value of an enclosing graph that an input of an If's
// branch stands for. A branch takes no inputs; some exporters list its captures.
func (sc *scope) captured(name string) *Value {
	if sc.owner == nil || sc.owner.Op != "If" || sc.owner.Domain != "" || sc.own(name) != nil {
		return nil
	}
	return sc.lookup(name)
}

func (l *linker) initializers(sc *scope, path string) error {
	g := sc.g
	for _, t := range g.Initializers {
		v, err := sc.initializer(t.Name)
		if err != nil {
			return err.at(path)
		}
		v.Init = t
	}
	for _, s := range g.Sparse {
		v, err := sc.initializer(s.Values.Name)
		if err != nil {
			return err.at(path)
		}
		v.Sparse = s
	}
	return nil
}

// initializer defines a constant, or finds the graph input that it is the default of.
func (sc *scope) initializer(name string) (*Value, *Error) {
	if name == "" {
		return nil, Errorf("an initializer has no name")
	}
	if v := sc.own(name); v != nil && v.IsInput && v.Init == nil && v.Sparse == nil {
		return v, nil
	}
	return sc.define(name)
}

// nodes defines the outputs of nodes and resolves the inputs that stand before
// their use, which in most files are all but captures.
func (l *linker) nodes(sc *scope, path string) error {
	for i, n := range sc.g.Nodes {
		n.Index = i
		if err := l.checkNode(n); err != nil {
			return n.locate(err, path)
		}
		n.Inputs = sc.take(len(n.InputNames))
		for j, name := range n.InputNames {
			if name == "" {
				continue
			}
			if n.Inputs[j] = sc.own(name); n.Inputs[j] == nil {
				sc.later = append(sc.later, use{n, j})
			}
		}
		if err := sc.outputs(n); err != nil {
			return n.locate(err, path)
		}
		if n.hasBody() {
			sc.bodies = append(sc.bodies, n)
		}
	}
	return nil
}

// outputs defines the outputs of a node.
func (sc *scope) outputs(n *Node) *Error {
	n.Outputs = sc.take(len(n.OutputNames))
	for j, name := range n.OutputNames {
		if name == "" {
			continue
		}
		if sc.visible(name) {
			return Errorf("value %q is already defined in an enclosing graph", Clip(name)).Expect("single assignment: each name once")
		}
		v, err := sc.define(name)
		if err != nil {
			return err
		}
		v.Producer = n
		n.Outputs[j] = v
	}
	return nil
}

func (n *Node) hasBody() bool {
	for i := range n.Attrs {
		if n.Attrs[i].Graph != nil || n.Attrs[i].Graphs != nil {
			return true
		}
	}
	return false
}

// checkNode refuses what no operator allows.
func (l *linker) checkNode(n *Node) *Error {
	if n.Op == "" {
		return Errorf("the node has no op_type")
	}
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch {
		case a.Name == "":
			return Errorf("attribute %d has no name", i)
		case a.Ref != "" && !l.inFunction:
			return Errorf("attribute %q refers to %q outside a function", Clip(a.Name), Clip(a.Ref))
		}
	}
	if twice := n.Attrs.duplicate(); twice != nil {
		return Errorf("attribute %q occurs twice", Clip(twice.Name))
	}
	return nil
}

// duplicate returns an attribute whose name occurred before, nil if there is none.
func (a Attrs) duplicate() *Attr {
	const few = 16
	if len(a) <= few {
		for i := range a {
			if a.Get(a[i].Name) != &a[i] {
				return &a[i]
			}
		}
		return nil
	}
	seen := make(map[string]bool, len(a))
	for i := range a {
		if seen[a[i].Name] {
			return &a[i]
		}
		seen[a[i].Name] = true
	}
	return nil
}

// uses resolves the inputs that nodes left open.
func (l *linker) uses(sc *scope, path string) error {
	for _, u := range sc.later {
		name := u.n.InputNames[u.i]
		v := sc.lookup(name)
		if v == nil {
			return u.n.locate(Errorf("input %q is not defined", Clip(name)).Expect("a graph input, an initializer or the output of a node"), path)
		}
		u.n.Inputs[u.i] = v
	}
	return nil
}

// subgraphs links the graphs that are attributes of nodes.
func (l *linker) subgraphs(sc *scope, path string) (err error) {
	for _, n := range sc.bodies {
		n.Bodies(func(attr string, body *Graph) {
			if err == nil {
				err = l.graph(body, sc, n, JoinPath(path, n.Label(), attr))
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// JoinPath joins the parts of a graph path, leaving out empty ones.
func JoinPath(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "/")
}

func (n *Node) locate(err *Error, path string) *Error {
	err.Path, err.Node, err.Op = path, n.Label(), n.Op
	return err
}

// results resolves the outputs of a graph.
func (l *linker) results(sc *scope, path string) error {
	g := sc.g
	for i := range g.OutputInfo {
		info := &g.OutputInfo[i]
		v := sc.lookup(info.Name)
		if v == nil {
			return Errorf("graph output %q is not defined", Clip(info.Name)).Expect("the output of a node").at(path)
		}
		if v.Graph == g && v.Declared == nil {
			v.Declared = info.Type
		}
		g.Outputs = append(g.Outputs, v)
	}
	return nil
}

func (l *linker) declared(sc *scope) {
	for i := range sc.g.ValueInfo {
		info := &sc.g.ValueInfo[i]
		if v := sc.own(info.Name); v != nil && v.Declared == nil {
			v.Declared = info.Type
		}
	}
}

// sortNodes puts the nodes into topological order: the order of the file where
// it is one, otherwise the smallest file position first among the ready nodes.
func sortNodes(g *Graph, path string) error {
	if inOrder(g) {
		return nil
	}
	waits := make([]int, len(g.Nodes)) // by file position
	users := make([][]int32, len(g.Nodes))
	for _, n := range g.Nodes {
		n.dependencies(g, func(p *Node) {
			waits[n.Index]++
			users[p.Index] = append(users[p.Index], int32(n.Index))
		})
	}
	ready := &intHeap{}
	for i, w := range waits {
		if w == 0 {
			heap.Push(ready, i)
		}
	}
	order := make([]*Node, 0, len(g.Nodes))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, g.Nodes[i])
		for _, u := range users[i] {
			if waits[u]--; waits[u] == 0 {
				heap.Push(ready, int(u))
			}
		}
	}
	if len(order) < len(g.Nodes) {
		return cycleError(g, waits).at(path)
	}
	g.Nodes = order
	return nil
}

// dependencies calls f for each node of g that n waits for, also through captures of its subgraphs.
func (n *Node) dependencies(g *Graph, f func(*Node)) {
	use := func(v *Value) {
		if v != nil && v.Graph == g && v.Producer != nil {
			f(v.Producer)
		}
	}
	for _, v := range n.Inputs {
		use(v)
	}
	n.Bodies(func(_ string, body *Graph) {
		for _, v := range body.Captures {
			use(v)
		}
	})
}

func inOrder(g *Graph) bool {
	ok := true
	for i, n := range g.Nodes {
		n.dependencies(g, func(p *Node) { ok = ok && p.Index < i })
		if !ok {
			return false
		}
	}
	return true
}

// cycleError names the nodes of one cycle among those that still wait.
func cycleError(g *Graph, waits []int) *Error {
	at := 0
	for waits[at] == 0 {
		at++
	}
	seen := map[int]int{}
	var trail []int
	for {
		if start, again := seen[at]; again {
			trail = trail[start:]
			break
		}
		seen[at] = len(trail)
		trail = append(trail, at)
		next := -1
		g.Nodes[at].dependencies(g, func(p *Node) {
			if next < 0 && waits[p.Index] > 0 {
				next = p.Index
			}
		})
		at = next
	}
	const most = 8
	names := make([]string, 0, most)
	for i := len(trail) - 1; i >= 0 && len(names) < most; i-- {
		names = append(names, fmt.Sprintf("%q", Clip(g.Nodes[trail[i]].Label())))
	}
	more := ""
	if len(trail) > most {
		more = fmt.Sprintf(" and %d more", len(trail)-most)
	}
	return Errorf("the graph has a cycle through %s%s", strings.Join(names, ", "), more).Expect("an acyclic graph")
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	s := *h
	x := s[len(s)-1]
	*h = s[:len(s)-1]
	return x
}

package graph

import (
	"hash/maphash"
	"unicode/utf8"
)

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

// captured returns the value of an enclosing graph that an input of an If's
// branch stands for. A branch takes no inputs; some exporters list its captures.
func (sc *scope) captured(name string) *Value {
	if sc.owner == nil || sc.owner.Op != "If" || sc.owner.Domain != "" || sc.own(name) != nil {
		return nil
	}
	return sc.lookup(name)
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

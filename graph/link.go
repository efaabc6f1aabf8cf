package graph

import "hash/maphash"

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
	if err := l.graph(m.Graph, nil, nil); err != nil {
		return m.locate(err)
	}
	l.inFunction = true
	for _, f := range m.Functions {
		if err := l.graph(f.Body, nil, nil); err != nil {
			return m.locate(err.under(f.Name))
		}
	}
	return nil
}

func (m *Model) locate(err *Error) error {
	err.File = m.Path
	return err
}

// linker links one graph after another. Its errors name the node, not the path of
// the graph: each enclosing graph puts its part in front.
type linker struct {
	seed       maphash.Seed
	inFunction bool
}

func (l *linker) graph(g *Graph, parent *scope, owner *Node) *Error {
	if parent != nil && parent.depth == MaxGraphDepth {
		return Errorf("subgraphs are nested more than %d deep", MaxGraphDepth)
	}
	sc := newScope(l.seed, g, parent, owner)
	for _, step := range []func(*scope) *Error{l.inputs, l.initializers, l.nodes, l.uses, l.subgraphs, l.results} {
		if err := step(sc); err != nil {
			return err
		}
	}
	l.declared(sc)
	return sortNodes(g)
}

func (l *linker) inputs(sc *scope) *Error {
	g := sc.g
	for i := range g.InputInfo {
		info := &g.InputInfo[i]
		if info.Name == "" {
			return Errorf("graph input %d has no name", i)
		}
		if v := sc.captured(info.Name); v != nil {
			g.Inputs = append(g.Inputs, v)
			continue
		}
		v, err := sc.define(info.Name)
		if err != nil {
			return err
		}
		v.IsInput, v.Declared = true, info.Type
		g.Inputs = append(g.Inputs, v)
	}
	return nil
}

func (l *linker) initializers(sc *scope) *Error {
	g := sc.g
	for _, t := range g.Initializers {
		v, err := sc.initializer(t.Name)
		if err != nil {
			return err
		}
		v.Init = t
	}
	for _, s := range g.Sparse {
		v, err := sc.initializer(s.Values.Name)
		if err != nil {
			return err
		}
		v.Sparse = s
	}
	return nil
}

// nodes defines the outputs of nodes and resolves the inputs that stand before
// their use, which in most files are all but captures.
func (l *linker) nodes(sc *scope) *Error {
	for i, n := range sc.g.Nodes {
		n.Index = i
		if err := l.checkNode(n); err != nil {
			return n.locate(err)
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
			return n.locate(err)
		}
		if n.hasBody() {
			sc.bodies = append(sc.bodies, n)
		}
	}
	return nil
}

func (n *Node) hasBody() bool {
	for i := range n.Attrs {
		if a := &n.Attrs[i]; a.Graph != nil || a.Lists.Get().Graphs != nil {
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

// uses resolves the inputs that nodes left open.
func (l *linker) uses(sc *scope) *Error {
	for _, u := range sc.later {
		name := u.n.InputNames[u.i]
		v := sc.lookup(name)
		if v == nil {
			return u.n.locate(Errorf("input %q is not defined", Clip(name)).Expect("a graph input, an initializer or the output of a node"))
		}
		u.n.Inputs[u.i] = v
	}
	return nil
}

// subgraphs links the graphs that are attributes of nodes.
func (l *linker) subgraphs(sc *scope) (err *Error) {
	for _, n := range sc.bodies {
		n.Bodies(func(attr string, body *Graph) {
			if err != nil {
				return
			}
			if err = l.graph(body, sc, n); err != nil {
				err.under(n.Label(), attr)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// results resolves the outputs of a graph.
func (l *linker) results(sc *scope) *Error {
	g := sc.g
	for i := range g.OutputInfo {
		info := &g.OutputInfo[i]
		v := sc.lookup(info.Name)
		if v == nil {
			return Errorf("graph output %q is not defined", Clip(info.Name)).Expect("the output of a node")
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

func (n *Node) locate(err *Error) *Error {
	err.Node, err.Op = n.Label(), n.Op
	return err
}

package counters

import (
	"iter"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// maxRepeated bounds the nodes that are listed beyond those of the main graph:
// functions that call functions may expand to any number.
const maxRepeated = 50_000

// listing is what a report keeps to list its nodes.
type listing struct {
	main   *ops.Instance
	sums   *summer
	params map[*graph.Node]Group // weights by the node that they feed first
	most   int                   // rows
}

// listNodes fills Report.NodeRows and Report.Modules.
func (r *Report) listNodes() {
	l := r.list.walk()
	l.tree = newModuleTree()
	l.instance(l.main, "", nil, graph.Int(1))
	if l.cut {
		r.Warnings = append(r.Warnings, "more nodes than can be listed: the list of nodes and the modules are cut, the totals are not")
	}
	r.NodeRows, r.Modules = l.rows, l.tree.root
}

// Nodes lists the nodes in the order in which they run, those of subgraphs and functions
// behind the node that runs them. A Node is valid until the next one: it is made when it
// is asked for, since a list of a million would be larger than the model.
func (r *Report) Nodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		l := r.list.walk()
		l.yield = yield
		l.instance(l.main, "", nil, graph.Int(1))
	}
}

func (l *listing) walk() *lister { return &lister{listing: l, seen: map[*graph.Node]bool{}} }

// lister walks the nodes of a report.
type lister struct {
	*listing
	seen map[*graph.Node]bool // nodes with weights
	rows int
	cut  bool // there are more rows than are listed, or yield has enough
	row  Node

	// One of them is set: the first walk sums modules, others yield.
	tree  *moduleTree
	yield func(*Node) bool
}

// instance lists the nodes of an instance that runs a number of times; scope is
// the module path of the node that runs it.
func (l *lister) instance(in *ops.Instance, path string, scope []moduleStep, times graph.Dim) {
	folds := l.sums.opt.quantFolds(in)
	for i := range in.Nodes {
		n := asRun(in, i, folds)
		if l.cut = l.cut || l.rows >= l.most; l.cut {
			return
		}
		at := scope
		if l.tree != nil {
			if own := scopeOf(n.Node); own != nil {
				at = own
			}
		}
		if n.Op != nil || len(n.Subs) == 0 {
			l.node(in, i, n, path, at, times)
		}
		headline := l.chosenBranch(n)
		for k, sub := range n.Subs {
			t := times.Mul(sub.Times)
			if headline >= 0 && k != headline {
				t = graph.Dim{} // listed, but not part of the totals
			}
			l.instance(sub.Inst, graph.JoinPath(path, n.Node.Label(), branchLabel(n, sub)), at, t)
		}
	}
}

func branchLabel(n *ops.NodeResult, sub ops.Sub) string {
	if n.Op == nil {
		return "" // the call's own label is the path
	}
	return sub.Label
}

// chosenBranch returns the branch whose nodes are the headline, -1 when all
// subgraphs run.
func (l *lister) chosenBranch(n *ops.NodeResult) int {
	if !n.Branches {
		return -1
	}
	parts := make([]*sum, len(n.Subs))
	for i, sub := range n.Subs {
		parts[i] = l.sums.instance(sub.Inst)
	}
	return headline(parts, +1)
}

func (l *lister) node(in *ops.Instance, i int, n *ops.NodeResult, path string, scope []moduleStep, times graph.Dim) {
	l.row = Node{Path: graph.JoinPath(path, n.Node.Label()), Domain: n.Node.Domain, Op: n.Node.Op, State: n.State, Why: n.Why,
		Times: times, Node: n.Node, Inst: in, Result: n, Outputs: l.row.Outputs[:0]}
	s := nodeSums(in, n, l.sums.measured(in, i))
	l.row.Sums.add(&s, times)
	if p, ok := l.params[n.Node]; ok && !l.seen[n.Node] { // weights belong to the first use
		l.seen[n.Node] = true
		l.row.Params, l.row.ParamBytes = p.Elements, p.Bytes
	}
	for k, v := range n.Node.Outputs {
		if v != nil {
			l.row.Outputs = append(l.row.Outputs, IO{Name: n.Node.OutputNames[k], Info: in.Info(v)})
		}
	}
	l.rows++
	if l.tree != nil {
		l.tree.add(scope, &l.row)
	} else {
		l.cut = !l.yield(&l.row)
	}
}

// moduleStep is one level of a module path.
type moduleStep struct{ name, class string }

// scopeOf returns the module path of a node as its exporter recorded it: in
// metadata (pkg.torch.onnx.name_scopes with class_hierarchy, or namespace), or in
// a name of the form /layer1/layer1.0/conv1/Conv; nil when it did not.
func scopeOf(n *graph.Node) []moduleStep {
	t := TraceOf(n)
	switch {
	case t.Scopes != nil:
		return scopesOf(t.Scopes, t.Classes)
	case t.namespace != "":
		return namespaceOf(t.namespace)
	case strings.HasPrefix(n.Name, "/"):
		return nameScope(n.Name)
	}
	return nil
}

// Trace is what an exporter recorded of where a node comes from.
type Trace struct {
	// Scopes are the paths of the modules around the call, from the model to the call's
	// own name; Classes their classes, the last one the operator that was called
	// ("aten.relu.default"). nil where they are not recorded.
	Scopes, Classes []string
	// Rules names the rewrites that made the node, as the exporter lists them.
	Rules string

	namespace string
}

// TraceOf reads the metadata of a node.
func TraceOf(n *graph.Node) Trace {
	var t Trace
	for _, p := range n.Metadata {
		switch p.Key {
		case "pkg.torch.onnx.name_scopes":
			t.Scopes = parseList(p.Value)
		case "pkg.torch.onnx.class_hierarchy":
			t.Classes = parseList(p.Value)
		case "pkg.onnxscript.rewriter.rule_name":
			t.Rules = p.Value
		case "namespace":
			t.namespace = p.Value
		}
	}
	return t
}

// scopesOf reads lists like [”, 'encoder', 'encoder.layer.0', 'linear']: every
// entry but the last, which is the node's own, is the full path of a module.
func scopesOf(paths, classes []string) []moduleStep {
	steps := []moduleStep{}
	prev := ""
	for i := 0; i < len(paths)-1; i++ {
		p := paths[i]
		if p == "" {
			continue
		}
		class := ""
		if i < len(classes) {
			class = lastPart(classes[i], ".")
		}
		steps = append(steps, moduleStep{relative(prev, p), class})
		prev = p
	}
	return steps
}

// relative cuts the enclosing module's path off a module's path.
func relative(outer, path string) string {
	if rest, ok := strings.CutPrefix(path, outer+"."); ok && outer != "" {
		return rest
	}
	return path
}

// namespaceOf reads "encoder: torch.nn.Encoder/encoder.layer.0: Layer/linear: aten.linear":
// the last part is the node's own.
func namespaceOf(s string) []moduleStep {
	parts := strings.Split(s, "/")
	steps := []moduleStep{}
	prev := ""
	for _, p := range parts[:len(parts)-1] {
		name, class, _ := strings.Cut(p, ": ")
		if name = strings.TrimSuffix(name, ":"); name == "" {
			continue
		}
		steps = append(steps, moduleStep{relative(prev, name), lastPart(class, ".")})
		prev = name
	}
	return steps
}

// nameScope reads /layer1/layer1.0/conv1/Conv: the last part is the operator.
func nameScope(name string) []moduleStep {
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	steps := []moduleStep{}
	prev := ""
	for _, p := range parts[:len(parts)-1] {
		steps = append(steps, moduleStep{name: relative(prev, p)})
		prev = p
	}
	return steps
}

func lastPart(s, sep string) string { return s[strings.LastIndex(s, sep)+1:] }

// parseList reads a printed Python list of strings; anything else gives nil.
func parseList(s string) []string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") {
		return nil
	}
	var out []string
	for i := 1; i < len(s)-1; i++ {
		q := s[i]
		if q != '\'' && q != '"' {
			continue
		}
		end := strings.IndexByte(s[i+1:], q)
		if end < 0 {
			return nil
		}
		out = append(out, s[i+1:i+1+end])
		i += end + 1
	}
	return out
}

// moduleTree sums nodes by module.
type moduleTree struct {
	root  *Module
	index map[*Module]map[string]*Module
}

func newModuleTree() *moduleTree {
	return &moduleTree{root: &Module{}, index: map[*Module]map[string]*Module{}}
}

func (t *moduleTree) add(scope []moduleStep, n *Node) {
	m := t.root
	m.add(n)
	for _, s := range scope {
		m = t.child(m, s)
		m.add(n)
	}
}

func (t *moduleTree) child(m *Module, s moduleStep) *Module {
	kids := t.index[m]
	if kids == nil {
		kids = map[string]*Module{}
		t.index[m] = kids
	}
	c := kids[s.name]
	if c == nil {
		path := s.name
		if m.Path != "" {
			path = m.Path + "/" + s.name
		}
		c = &Module{Name: s.name, Path: path, Class: s.class}
		kids[s.name] = c
		m.Children = append(m.Children, c)
	}
	return c
}

func (m *Module) add(n *Node) {
	m.Nodes = m.Nodes.AddInt(1)
	m.Params = m.Params.Add(n.Params)
	m.Sums.add(&n.Sums, graph.Int(1))
}

package ops

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// pass is one run of Infer.
type pass struct {
	model     *graph.Model
	table     table // not the package's own variable: rules run bodies, and that would be an initialisation cycle
	opt       Options
	dims      map[string]int64 // bound symbols
	inputDims map[string]bool  // symbols that graph inputs declare
	memo      map[string]*Instance
	stack     []graph.FuncKey
	warnings  []string
	seenWarn  map[string]bool
	usedOpts  map[string]bool
	unknowns  int
	fatal     bool // the error on its way up is wrong even where it never runs
	calls     []*Call
	infos     []Info // to be handed out
	held      int    // how many were made
	last      *Work  // of the node before: chains of equal nodes share it
	folded    int    // elements read or computed so far
	walked    int    // steps of rules over elements so far
}

// Infer types every value of a linked model and costs every node. A model that
// contradicts itself or an operator's definition gives a *graph.Error; options
// that contradict the model give a *BindingError.
func Infer(m *graph.Model, opt Options) (*Result, error) {
	p := &pass{model: m, table: index(), opt: opt, dims: map[string]int64{}, inputDims: map[string]bool{},
		memo: map[string]*Instance{}, seenWarn: map[string]bool{}, usedOpts: map[string]bool{}}
	for _, v := range m.Graph.Inputs {
		if v.Declared != nil {
			for _, d := range v.Declared.Dims {
				p.inputDims[d.Param] = true
			}
		}
	}
	if err := p.bindInputs(); err != nil {
		return nil, err
	}
	main := p.newInstance(m.Graph, nil, "")
	main.opsets = m.Opsets
	if err := p.mainInputs(main); err != nil {
		return nil, p.locate(err)
	}
	if err := p.run(main); err != nil {
		return nil, p.locate(err)
	}
	return &Result{Model: m, Main: main, Warnings: append(append([]string{}, m.Warnings...), p.warnings...), Dims: p.dims, Unused: p.unused(), opt: opt}, nil
}

func (p *pass) locate(err error) error {
	if e, ok := err.(*graph.Error); ok && e.File == "" {
		e.File = p.model.Path
	}
	return err
}

func (p *pass) used(kind, name string) { p.usedOpts[strings.TrimPrefix(kind, "--")+" "+name] = true }

func (p *pass) unused() []string {
	var out []string
	note := func(kind, name string) {
		if !p.usedOpts[kind+" "+name] {
			out = append(out, "--"+kind+" "+name)
		}
	}
	for k := range p.opt.Dims {
		if !p.inputDims[k] {
			note("dim", k)
		}
	}
	for k := range p.opt.Inputs {
		note("input", k)
	}
	for k := range p.opt.Values {
		note("value", k)
	}
	for k := range p.opt.Files {
		note("value", k)
	}
	for k := range p.opt.Trip {
		note("trip", k)
	}
	for k := range p.opt.Assume {
		note("assume", k)
	}
	sort.Strings(out)
	return slices.Compact(out)
}

func (p *pass) warn(inst *Instance, n *graph.Node, what string) {
	e := graph.Error{Path: inst.Path, What: what}
	if n != nil {
		e.Node, e.Op = n.Label(), n.Op
	}
	if s := e.Error(); !p.seenWarn[s] {
		p.seenWarn[s] = true
		p.warnings = append(p.warnings, s)
	}
}

func (p *pass) unknown() graph.Dim {
	p.unknowns++
	return graph.Unknown(fmt.Sprint(p.unknowns))
}

func (p *pass) newInstance(g *graph.Graph, outer *Instance, path string) *Instance {
	in := &Instance{Graph: g, Path: path, outer: outer, Infos: make([]*Info, len(g.Values)), Nodes: make([]NodeResult, len(g.Nodes))}
	for i := range in.Infos {
		in.Infos[i] = noInfo
	}
	if outer != nil {
		in.env, in.opsets, in.depth = outer.env, outer.opsets, outer.depth
	}
	return in
}

// mainInputs types the inputs of the main graph from declarations and bindings.
func (p *pass) mainInputs(inst *Instance) error {
	for _, v := range inst.Graph.Inputs {
		in := p.declaredInfo(v.Declared)
		if d := v.Declared; d == nil || d.Kind == graph.KindUnknown || d.Kind == graph.KindTensor && d.DType == graph.Undefined {
			p.warn(inst, nil, fmt.Sprintf("input %q has no type", graph.Clip(v.Name)))
		}
		if b, ok := p.opt.Inputs[v.Name]; ok {
			in.Kind, in.Shape = graph.KindTensor, graph.Ints(b.Dims...)
			if b.DType != graph.Undefined {
				in.DType = b.DType
			}
		}
		if o, ok := p.opt.InputInfos[v.Name]; ok {
			in = o
		}
		if t, ok := p.opt.Values[v.Name]; ok {
			in = Tensor(t.DType, graph.Ints(t.Dims...))
			in.tensor = t
		}
		for i, d := range in.Shape {
			if k, ok := d.Const(); ok && k < 0 {
				return graph.Errorf("input %q: dim %d is %d", graph.Clip(v.Name), i, k).Expect("a dim is not negative")
			}
		}
		inst.Infos[v.ID] = p.hold(nil, &in)
	}
	return nil
}

// run types the initializers of an instance and then its nodes in order.
func (p *pass) run(inst *Instance) error {
	bound := func(v *graph.Value) bool {
		_, in := p.opt.Inputs[v.Name]
		_, val := p.opt.Values[v.Name]
		return v.IsInput && (in || val)
	}
	for _, v := range inst.Graph.Values {
		switch {
		case v.Init != nil && !bound(v):
			in := Tensor(v.Init.DType, graph.Ints(v.Init.Dims...))
			in.Const, in.tensor = true, v.Init
			inst.Infos[v.ID] = p.hold(nil, &in)
		case v.Sparse != nil:
			in := Tensor(v.Sparse.Values.DType, graph.Ints(v.Sparse.Dims...))
			in.Const = true
			in.Elems = p.denseElems(v.Sparse, in.Shape)
			inst.Infos[v.ID] = p.hold(nil, &in)
		}
	}
	for i, n := range inst.Graph.Nodes {
		if err := p.node(inst, n, &inst.Nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

// noInfo is what is known of a value before it is typed.
var noInfo = &Info{}

// hold returns in for keeping: one of the inputs' where it looks the same, else a copy.
func (p *pass) hold(inputs []*Info, in *Info) *Info {
	for _, other := range inputs {
		if other != nil && other.sharable(in) {
			return other
		}
	}
	if len(p.infos) == 0 {
		const most = 256
		p.infos = make([]Info, min(p.held+1, most))
		p.held += len(p.infos)
	}
	kept := &p.infos[0]
	p.infos = p.infos[1:]
	*kept = *in
	return kept
}

// newCall takes a Call for a node from those that are done; rules do not keep it.
func (p *pass) newCall(inst *Instance, n *graph.Node) *Call {
	var c *Call
	if k := len(p.calls); k > 0 {
		c, p.calls = p.calls[k-1], p.calls[:k-1]
	} else {
		c = &Call{}
	}
	c.Node, c.pass, c.inst = n, p, inst
	c.In = sized(c.In, len(n.Inputs))
	c.Out = sized(c.Out, len(n.OutputNames))
	return c
}

func (p *pass) free(c *Call) {
	*c = Call{In: c.In, Out: c.Out}
	p.calls = append(p.calls, c)
}

// sized returns a slice of n zero values, in the memory of s if it fits.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// node types and costs one node.
func (p *pass) node(inst *Instance, n *graph.Node, r *NodeResult) error {
	r.Node, r.Work, r.More = n, NoWork, NoMore
	c := p.newCall(inst, n)
	defer p.free(c)
	for i, v := range n.Inputs {
		if v == nil {
			continue
		}
		if in := inst.Info(v); !in.omitted {
			c.In[i] = in
		}
	}
	for i := range c.Out {
		c.Out[i].Has = -1
	}
	if err := p.apply(c, r); err != nil {
		return placed(err, inst, n)
	}
	for i, v := range n.Outputs {
		if v == nil {
			continue
		}
		if err := p.settle(inst, n, v, &c.Out[i]); err != nil {
			return placed(err, inst, n)
		}
		inst.Infos[v.ID] = p.hold(c.In, &c.Out[i])
	}
	if r.Op != nil && r.State != Uncounted {
		if err := p.price(c, r); err != nil {
			return placed(err, inst, n)
		}
	}
	return nil
}

func placed(err *graph.Error, inst *Instance, n *graph.Node) *graph.Error {
	if err.Node == "" && err.Op == "" {
		err.Path, err.Node, err.Op = inst.Path, n.Label(), n.Op
	}
	return err
}

// apply finds the rule of a node and runs it: a local function first, then the table.
func (p *pass) apply(c *Call, r *NodeResult) *graph.Error {
	n := c.Node
	opset, imported := c.inst.opsets[n.Domain]
	if op := p.userRule(c, opset, imported); op != nil {
		return p.byRule(c, r, op, opset)
	}
	if f := p.model.Function(n); f != nil {
		if n.Domain != "" || p.table.versions("", n.Op) == nil {
			return p.guard(func() { p.expand(c, r, f) })
		}
		c.Warnf("the model defines a function of this name, which the standard owns; the standard operator is counted")
	}
	if !imported {
		p.uncount(c, r, fmt.Sprintf("domain %q is not imported", graph.Clip(graph.DomainName(n.Domain))))
		return nil
	}
	op := p.table.lookup(n.Domain, n.Op, opset)
	if op == nil {
		p.unknownOp(c, r, opset)
		return nil
	}
	return p.byRule(c, r, op, opset)
}

// userRule returns the user's rule for a node. Such a rule comes before a local
// function; it needs no import of the domain.
func (p *pass) userRule(c *Call, opset int64, imported bool) *Op {
	if !imported {
		opset = math.MaxInt64
	}
	op := p.opt.Rules.lookup(c.Node.Domain, c.Node.Op, opset)
	if op != nil && !imported {
		c.Warnf("domain %q is not imported; the newest rule is used", graph.Clip(graph.DomainName(c.Node.Domain)))
	}
	return op
}

// byRule runs the rules of an operator.
func (p *pass) byRule(c *Call, r *NodeResult, op *Op, opset int64) *graph.Error {
	r.Op, c.Op, c.Opset = op, op, int(opset)
	if op.Deprecated > 0 && opset >= int64(op.Deprecated) {
		c.Warnf("%s is deprecated since opset %d", op.Name, op.Deprecated)
	}
	err := p.guard(func() {
		c.checkSignature()
		op.Infer(c)
		if c.subs != nil {
			r.More = &More{Subs: c.subs, Branches: c.branches}
		}
		c.markConst()
	})
	if err != nil && op.Source != "" && err.Err == nil {
		err.Want = strings.TrimPrefix(err.Want+", says the rule at "+op.Source, ", ")
	}
	return err
}

// unknownOp keeps the model alive behind an operator that the table lacks. One that
// only later opsets have is typed by its first version, as runtimes that extend
// earlier opsets do, and not counted.
func (p *pass) unknownOp(c *Call, r *NodeResult, opset int64) {
	n := c.Node
	later := p.table.versions(n.Domain, n.Op)
	if later == nil {
		p.uncount(c, r, fmt.Sprintf("operator %q of domain %s is not known", graph.Clip(n.Op), graph.Quote(graph.DomainName(n.Domain))))
		return
	}
	c.Op, c.Opset = later[0], later[0].Since[0]
	p.uncount(c, r, fmt.Sprintf("%s is not in opset %d of %s: its first version is %d", n.Op, opset, graph.DomainName(n.Domain), c.Opset))
	err := p.guard(func() {
		c.checkSignature()
		c.Op.Infer(c)
	})
	if err != nil {
		clear(c.Out)
	}
}

// uncount keeps the model alive behind an operator without a rule.
func (p *pass) uncount(c *Call, r *NodeResult, why string) {
	r.Because(Uncounted, why)
	p.warn(c.inst, c.Node, "not counted: "+why)
}

// guard runs a rule and turns its early end into an error.
func (p *pass) guard(f func()) (err *graph.Error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case invalid:
			err = x.err
		case unresolved: // a shape rule must not ask for what is not known
			err = graph.Errorf("%s: %s", InternalError, x.why)
		case runtime.Error:
			err = bug(x)
		default:
			panic(x)
		}
	}()
	f()
	return nil
}

// bug words a mistake in a rule: the node is refused or not counted, the program
// goes on. No input should bring it about; the tests and fuzz targets look for it.
func bug(x runtime.Error) *graph.Error {
	return graph.Errorf("%s: %v", InternalError, x)
}

// InternalError begins the message of a mistake in a rule.
const InternalError = "internal error"

// price runs the cost and traffic rules. One may still find the node invalid.
func (p *pass) price(c *Call, r *NodeResult) (err *graph.Error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case invalid:
			err = x.err
		case unresolved:
			r.Work = NoWork
			r.Because(Unresolved, x.why)
		case runtime.Error:
			r.Work = NoWork
			r.Because(Unresolved, bug(x).Error())
		default:
			panic(x)
		}
	}()
	r.View = r.Op.Moves.views(c)
	switch {
	case c.foldedAway() && !c.multiplies():
		if r.State = Folded; c.sizeMissing() {
			r.Because(Unresolved, p.missing(c))
		}
		return nil
	case r.Op.Free != "":
		r.State = Free
	default:
		r.State = Counted
	}
	var w Work
	if r.Op.Cost != nil {
		w.Cost = r.Op.Cost(c)
		if w.Cost.unknown() {
			c.Unresolved("%s", p.missing(c))
		}
	}
	w.Traffic = p.traffic(c)
	if w != *NoWork && (p.last == nil || w != *p.last) { // == on symbolic sizes compares identity, which only shares less
		p.last = new(Work)
		*p.last = w // a copy: w itself stays on the stack
	}
	if r.Work = p.last; w == *NoWork {
		r.Work = NoWork
	}
	return nil
}

// missing words which value's size is not known.
func (p *pass) missing(c *Call) string {
	for i, in := range c.In {
		if in != nil && in.Shape != nil && hasUnknown(in.Shape) {
			return fmt.Sprintf("%s %q has shape %s", c.InName(i), graph.Clip(c.Node.InputNames[i]), showUnknown(in.Shape))
		}
	}
	for i := range c.Out {
		if hasUnknown(c.Out[i].Shape) {
			return fmt.Sprintf("output %q has shape %s", graph.Clip(c.Node.OutputNames[i]), showUnknown(c.Out[i].Shape))
		}
	}
	return "a size is not known"
}

func hasUnknown(s graph.Shape) bool {
	for _, d := range s {
		if d.HasUnknown() {
			return true
		}
	}
	return false
}

func showUnknown(s graph.Shape) string {
	parts := make([]string, len(s))
	for i, d := range s {
		if parts[i] = d.String(); d.HasUnknown() {
			parts[i] = "?"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (c Cost) unknown() bool {
	return c.MAC.HasUnknown() || c.Flop.HasUnknown() || c.Cmp.HasUnknown() || c.Exp.HasUnknown() || c.Int.HasUnknown()
}

// sizeMissing reports whether an output that is wanted has a size that is not known.
func (c *Call) sizeMissing() bool {
	for i := range c.Out {
		if c.Wants(i) && c.Out[i].Kind == graph.KindTensor && (c.Out[i].Shape == nil || hasUnknown(c.Out[i].Shape)) {
			return true
		}
	}
	return false
}

// traffic applies the traffic rule of the operator.
func (p *pass) traffic(c *Call) Bytes {
	t := c.Op.Moves
	switch {
	case t.views(c):
		return Bytes{}
	case t.rule != nil:
		return t.rule(c)
	}
	var b Bytes
	for i, in := range c.In {
		if in == nil {
			continue
		}
		if in.Const {
			b.Weights = b.Weights.Add(c.InBytes(i))
		} else {
			b.Read = b.Read.Add(c.InBytes(i))
		}
	}
	for i := range c.Out {
		b.Written = b.Written.Add(c.OutBytes(i))
	}
	return b
}

// markConst marks outputs that depend on constants only.
func (c *Call) markConst() {
	if c.Op.Random || c.Op.Body {
		return
	}
	for _, in := range c.In {
		if in != nil && !in.Const {
			return
		}
	}
	for i := range c.Out {
		c.Out[i].Const = true
	}
}

// multiplies reports whether the node does multiply-accumulates. Such a node counts
// as written even where a runtime could compute it from constants before the run.
func (c *Call) multiplies() (yes bool) {
	if c.Op.Cost == nil {
		return false
	}
	defer func() {
		switch x := recover().(type) {
		case nil, unresolved:
		case invalid, runtime.Error:
			yes = true // price runs the rule again and tells
		default:
			panic(x)
		}
	}()
	return !c.Op.Cost(c).MAC.IsZero()
}

// foldedAway reports whether the node is computed before the run: from constants
// only, or because its small results are known whatever the inputs hold.
func (c *Call) foldedAway() bool {
	if c.Op.Random || c.Op.Body || len(c.Out) == 0 {
		return false
	}
	for i := range c.Out {
		if !c.Out[i].Const && !c.Out[i].allConst() {
			return false
		}
	}
	return true
}

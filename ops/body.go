package ops

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// RunBody types a subgraph of the node for the given inputs. The result is
// shared between calls with equal inputs and captured values, so nesting is never
// exponential. label is the attribute's name.
func (c *Call) RunBody(g *graph.Graph, label string, inputs []Info) *Instance {
	if len(inputs) != len(g.Inputs) {
		c.Failf("%s takes %d inputs, %d are given", label, len(g.Inputs), len(inputs))
	}
	inst := c.pass.newInstance(g, c.inst, graph.JoinPath(c.inst.Path, c.Node.Label(), label))
	return c.pass.once(inst, inputs, c.inst.env)
}

// Body returns the subgraph of a required attribute.
func (c *Call) Body(name string) *graph.Graph {
	a := c.Attr(name)
	if a == nil || a.Graph == nil {
		c.Failf("attribute %q is missing", name)
	}
	return a.Graph
}

// Attach adds a subgraph's work, done times over, to the node's.
func (c *Call) Attach(label string, inst *Instance, times graph.Dim) {
	c.subs = append(c.subs, Sub{label, inst, times})
}

// AttachBranches adds subgraphs of which one runs.
func (c *Call) AttachBranches(subs ...Sub) { c.subs, c.branches = append(c.subs, subs...), true }

// Results returns what is known of the outputs of an instance.
func (in *Instance) Results() []Info {
	out := make([]Info, len(in.Graph.Outputs))
	for i, v := range in.Graph.Outputs {
		out[i] = *in.Info(v)
	}
	return out
}

// once runs an instance, or finds the one that ran with equal inputs.
func (p *pass) once(inst *Instance, inputs []Info, env string) *Instance {
	key := inst.key(inputs, env)
	if old := p.memo[key]; old != nil {
		return old
	}
	for i, v := range inst.Graph.Inputs {
		if v.Graph != inst.Graph {
			continue // a branch names a value of the graph around it as its input
		}
		in := inputs[i]
		if v.Declared != nil && !p.opt.IgnoreDeclared {
			in = p.joinInput(in, v)
		}
		inst.Infos[v.ID] = p.hold(nil, &in)
	}
	if err := p.run(inst); err != nil {
		e, ok := err.(*graph.Error)
		if !ok {
			e = graph.Errorf("%v", err)
		}
		panic(invalid{e, p.fatal})
	}
	p.memo[key] = inst
	return inst
}

// joinInput fills what the caller does not know of a body's input from its declaration.
func (p *pass) joinInput(in Info, v *graph.Value) Info {
	d := p.declaredInfo(v.Declared)
	switch {
	case d.Kind == graph.KindUnknown:
		return in
	case in.Kind == graph.KindUnknown:
		return d
	case in.DType == graph.Undefined:
		in.DType = d.DType
	}
	if in.Shape == nil && in.Kind == graph.KindTensor && d.Kind == graph.KindTensor {
		in.Shape = d.Shape
	}
	if in.Item == nil {
		in.Item = d.Item
	}
	return in
}

// key identifies a graph with all that its rules can see from outside.
func (in *Instance) key(inputs []Info, env string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%p %s|", in.Graph, env)
	for i := range inputs {
		inputs[i].key(&b)
	}
	b.WriteByte('|')
	for _, v := range in.Graph.Captures {
		in.outer.Info(v).key(&b)
	}
	return b.String()
}

// expand runs the body of a local function for one call.
func (p *pass) expand(c *Call, r *NodeResult, f *graph.Function) {
	for _, k := range p.stack {
		if k == f.FuncKey {
			p.fatal = true
			c.Failf("function %q calls itself through %s", graph.Clip(f.Name), p.callChain())
		}
	}
	if c.inst.depth >= graph.MaxCallDepth {
		p.fatal = true
		c.Failf("function calls are nested more than %d deep", graph.MaxCallDepth)
	}
	if len(c.In) > len(f.Body.Inputs) || len(c.Out) > len(f.Body.Outputs) {
		c.Wantf(fmt.Sprintf("%d and %d", len(f.Body.Inputs), len(f.Body.Outputs)),
			"function %q is called with %d inputs and %d outputs", graph.Clip(f.Name), len(c.In), len(c.Out))
	}
	inputs := make([]Info, len(f.Body.Inputs))
	for i := range inputs {
		if inputs[i].Has, inputs[i].omitted = -1, true; c.Has(i) {
			inputs[i] = *c.In[i]
		}
	}
	inst := p.newInstance(f.Body, nil, graph.JoinPath(c.inst.Path, c.Node.Label()))
	inst.Func, inst.depth, inst.opsets = f, c.inst.depth+1, f.Opsets
	if len(f.Opsets) == 0 {
		inst.opsets = p.model.Opsets
	}
	inst.attrs = c.inst.callAttrs(c.Node, f)
	inst.env = envKey(inst.attrs)
	p.stack = append(p.stack, f.FuncKey)
	inst = p.once(inst, inputs, inst.env)
	p.stack = p.stack[:len(p.stack)-1]
	for i := range c.Out {
		c.Out[i] = *inst.Info(f.Body.Outputs[i])
		c.Out[i].omitted = false
	}
	r.State = Counted
	r.More = &More{Subs: []Sub{{f.Name, inst, graph.Int(1)}}}
}

func (p *pass) callChain() string {
	names := make([]string, 0, len(p.stack))
	for _, k := range p.stack {
		names = append(names, fmt.Sprintf("%q", graph.Clip(k.Name)))
	}
	return strings.Join(names, ", ")
}

// callAttrs gives the attributes that references in the body of f resolve to.
func (in *Instance) callAttrs(n *graph.Node, f *graph.Function) map[string]*graph.Attr {
	attrs := make(map[string]*graph.Attr, len(n.Attrs)+len(f.Defaults))
	for i := range f.Defaults {
		attrs[f.Defaults[i].Name] = &f.Defaults[i]
	}
	for i := range n.Attrs {
		if a := in.attr(n, n.Attrs[i].Name); a != nil {
			attrs[n.Attrs[i].Name] = a
		}
	}
	return attrs
}

func envKey(attrs map[string]*graph.Attr) string {
	names := sortedKeys(attrs)
	var b strings.Builder
	for _, k := range names {
		a := attrs[k]
		fmt.Fprintf(&b, "%q=%d:%d %v %q %v %v %q %p %p;", k, a.Type, a.Int, a.Float, a.Str, a.Ints, a.Floats, a.Strs, a.Tensor, a.Graph)
	}
	return b.String()
}

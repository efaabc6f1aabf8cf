package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Formula is what the rules of a node say when its sizes have names in place of
// numbers: for documentation, the numbers of a report never come from it.
type Formula struct {
	// Shapes are the output shapes in terms of the inputs' dims; nil where the rule
	// gives another number than the node has.
	Shapes []graph.Shape
	// Cost is in terms of the dims of inputs and outputs; Costed is false where it
	// differs from the node's.
	Cost   Cost
	Costed bool
	// Values are the sizes behind the names, for Dim.Subst.
	Values map[string]graph.Dim
}

// Formula runs the rules of a node once more with a name for every dim but 1 of
// its data inputs: X0, X1 ... for the input that the signature calls X. Each result
// is checked: with the node's own sizes put in it must be what the node has.
func (r *Result) Formula(in *Instance, n *NodeResult) *Formula {
	f := &Formula{Values: map[string]graph.Dim{}}
	if n.Op == nil || n.Op.Body {
		return f
	}
	c, ok := f.call(r, in, n)
	if !ok || c.pass.guard(func() { n.Op.Infer(c) }) != nil {
		return f
	}
	actual := make([]*Info, len(c.Out))
	f.Shapes = make([]graph.Shape, len(c.Out))
	for i, v := range n.Node.Outputs {
		if v == nil {
			continue
		}
		actual[i] = in.Info(v)
		if s := c.Out[i].Shape; actual[i].Shape.Equal(f.subst(s)) {
			f.Shapes[i] = s
		}
	}
	f.cost(c, n, actual)
	return f
}

// call makes the call of a node with names for the dims of its inputs.
func (f *Formula) call(r *Result, in *Instance, n *NodeResult) (*Call, bool) {
	c, ok := r.call(in, n)
	if !ok {
		return nil, false
	}
	for i := range c.In {
		if c.In[i] == nil {
			continue
		}
		info := *c.In[i]
		if q := n.Op.Signature().InParam(i); q != nil && q.Role != RoleShape && info.Kind == graph.KindTensor {
			info.Shape = f.named(c.InName(i), q.Variadic, i, info.Shape)
			info.Elems, info.tensor = nil, nil
		}
		c.In[i] = &info
	}
	return c, c.pass.guard(c.checkSignature) == nil
}

// named gives every dim of a shape a name, but for those that are 1: they broadcast.
func (f *Formula) named(name string, variadic bool, i int, s graph.Shape) graph.Shape {
	if s == nil {
		return nil
	}
	if last := name[len(name)-1]; variadic {
		name = fmt.Sprintf("%s%d.", name, i)
	} else if last >= '0' && last <= '9' {
		name += "."
	}
	out := make(graph.Shape, len(s))
	for axis, d := range s {
		if out[axis] = d; !d.Is(1) {
			sym := fmt.Sprintf("%s%d", name, axis)
			f.Values[sym] = d
			out[axis] = graph.Sym(sym)
		}
	}
	return out
}

func (f *Formula) subst(s graph.Shape) graph.Shape {
	if s == nil {
		return nil
	}
	out := make(graph.Shape, len(s))
	for i, d := range s {
		out[i] = d.Subst(f.Values)
	}
	return out
}

// cost runs the cost rule with names for the dims of the outputs too.
func (f *Formula) cost(c *Call, n *NodeResult, actual []*Info) {
	if n.Op.Cost == nil || n.State != Counted {
		return
	}
	for i, a := range actual {
		if a == nil || a.Shape == nil {
			continue
		}
		name := "Y"
		if p := n.Op.Signature().OutParam(i); p != nil {
			name = p.Name
		}
		c.Out[i].Shape = f.named(name, len(actual) > 1 && i >= len(n.Op.Signature().Out)-1, i, a.Shape)
	}
	defer func() {
		if recover() != nil { // a size is missing: the node itself says which
			f.Cost, f.Costed = Cost{}, false
		}
	}()
	cost := n.Op.Cost(c)
	back := Cost{cost.MAC.Subst(f.Values), cost.Flop.Subst(f.Values), cost.Cmp.Subst(f.Values), cost.Exp.Subst(f.Values), cost.Int.Subst(f.Values)}
	f.Cost, f.Costed = cost, back.Equal(n.Cost)
}

// Equal reports whether two costs are the same polynomials.
func (c Cost) Equal(d Cost) bool {
	return c.MAC.Equal(d.MAC) && c.Flop.Equal(d.Flop) && c.Cmp.Equal(d.Cmp) && c.Exp.Equal(d.Exp) && c.Int.Equal(d.Int)
}

package ops

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/yamldoc"
)

// fail ends the rule: a formula is wrong for the node, which is no fault of the model.
func (r *userRule) fail(c *Call, e *ruleExpr, format string, args ...any) {
	err := &RuleError{Path: r.file.path, Line: e.line, Op: graph.DomainName(r.op.Domain) + "." + r.op.Name, Field: e.field, What: fmt.Sprintf(format, args...)}
	c.pass.fatal = true
	panic(invalid{&graph.Error{What: err.Error(), Err: err}, true})
}

// infer sets shapes and types of the outputs, and tries the costs: a formula that is
// wrong ends here, where the node can be refused.
func (r *userRule) infer(c *Call) {
	if len(c.Out) > len(r.outputs) {
		r.fail(c, &ruleExpr{field: "outputs", line: r.line}, "the node has %d outputs (expected at most %d, as many as the rule)", len(c.Out), len(r.outputs))
	}
	for i := range c.Out {
		c.SetDType(i, r.dtype(c, r.outputs[i].dtype))
		c.SetShape(i, r.shape(c, r.outputs[i].shape))
	}
	for _, e := range r.cost {
		if e != nil {
			r.number(c, e)
		}
	}
}

// shape evaluates a shape. What depends on a size that is not known is not known.
func (r *userRule) shape(c *Call, e *ruleExpr) graph.Shape {
	out := graph.Shape{}
	for _, item := range e.Items() {
		o, err := item.Eval(r.scope(c))
		switch {
		case err == nil && o.IsList:
			out = append(out, o.List...)
		case err == nil:
			out = append(out, o.Dim)
		case !errors.Is(err, graph.ErrUnknownSize):
			r.fail(c, e, "%v", err)
		case item.IsElement():
			out = append(out, c.UnknownDim())
		default:
			return nil
		}
	}
	for i, d := range out {
		k, isConst := d.Const()
		if d.Wide() {
			r.fail(c, e, "dim %d is %s, which exceeds 64 bits", i, graph.Clip(d.String()))
		} else if isConst && k < 0 {
			r.fail(c, e, "dim %d is %d (expected 0 or more)", i, k)
		}
	}
	return out
}

// number evaluates a cost; ok is false when it needs a size that is not known.
func (r *userRule) number(c *Call, e *ruleExpr) (graph.Dim, bool) {
	d, err := e.Dim(r.scope(c))
	if errors.Is(err, graph.ErrUnknownSize) {
		return graph.Dim{}, false
	}
	if err != nil {
		r.fail(c, e, "%v", err)
	}
	if _, hi := d.Bounds(); hi != nil && hi.Sign() < 0 {
		r.fail(c, e, "the cost is %s (expected 0 or more)", graph.Clip(d.String()))
	}
	return d, true
}

// price evaluates the costs.
func (r *userRule) price(c *Call) Cost {
	var cost Cost
	for i, col := range []*graph.Dim{&cost.MAC, &cost.Flop, &cost.Cmp, &cost.Exp, &cost.Int} {
		if r.cost[i] == nil {
			continue
		}
		d, ok := r.number(c, r.cost[i])
		if !ok {
			c.Unresolved("%s: %s needs a size that is not known", r.cost[i].field, graph.Quote(r.cost[i].String()))
		}
		*col = d
	}
	return cost
}

// dtype evaluates a dtype: its name, that of an input, or an attribute with
// TensorProto's number or name of one.
func (r *userRule) dtype(c *Call, e *ruleExpr) graph.DType {
	name := e.String()
	if d, ok := graph.ParseDType(name); ok {
		return d
	}
	attr, ok := strings.CutPrefix(name, "attr.")
	if !ok {
		i, _ := r.inputIndex(name)
		return c.DType(i)
	}
	if a := c.Attr(attr); a != nil && a.Type == graph.AttrString {
		if d, ok := graph.ParseDType(strings.ToLower(a.Str)); ok {
			return d
		}
		r.fail(c, e, "attribute %q is %q (expected a type)", attr, graph.Clip(a.Str))
	}
	o, err := r.attr(c, attr)
	k, isConst := o.Dim.Const()
	if err != nil || o.IsList || !isConst || k <= 0 || k > math.MaxInt32 || !graph.DType(k).Valid() {
		r.fail(c, e, "attribute %q gives no type (expected the number of one in TensorProto.DataType)", attr)
	}
	return graph.DType(k)
}

// scope gives the names of a formula their values at a node.
func (r *userRule) scope(c *Call) graph.Scope {
	return func(name string) (graph.Operand, error) {
		base, part, _ := strings.Cut(name, ".")
		if base == "attr" {
			return r.attr(c, part)
		}
		if i, ok := r.outputIndex(base); ok {
			return ruleOut(c, i, part)
		}
		i, _ := r.inputIndex(base)
		return ruleIn(c, base, i, part)
	}
}

func flagOperand(b bool) (graph.Operand, error) {
	if b {
		return graph.Operand{Dim: graph.Int(1)}, nil
	}
	return graph.Operand{}, nil
}

func shapeOperand(s graph.Shape) (graph.Operand, error) {
	if s == nil {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return graph.ListOf(s), nil
}

func ruleOut(c *Call, i int, part string) (graph.Operand, error) {
	switch {
	case part == "given":
		return flagOperand(c.Wants(i))
	case part != "":
		return graph.Operand{}, fmt.Errorf("the values of out%d are not known to a rule", i)
	case i >= len(c.Out):
		return graph.Operand{}, fmt.Errorf("the node has no output %d (expected out%d.given before it is used)", i, i)
	}
	return shapeOperand(c.Out[i].Shape)
}

func ruleIn(c *Call, name string, i int, part string) (graph.Operand, error) {
	switch {
	case part == "given":
		return flagOperand(c.Has(i))
	case !c.Has(i):
		return graph.Operand{}, fmt.Errorf("the node does not give %s", name)
	case part == "":
		return shapeOperand(c.Shape(i))
	}
	ds, ok := c.Dims(i)
	if !ok {
		return graph.Operand{}, graph.ErrUnknownSize
	}
	return graph.ListOf(ds), nil
}

// attr returns an attribute of the node, the rule's default if it is not given.
func (r *userRule) attr(c *Call, name string) (graph.Operand, error) {
	a := c.Attr(name)
	if a == nil {
		if o, ok := r.attrs[name]; ok {
			return o, nil
		}
		return graph.Operand{}, fmt.Errorf("the node has no attribute %q (expected %s%s)", graph.Clip(name), attrsOf(c.Node), yamldoc.Hint(name, attrNamesOf(c.Node)))
	}
	switch a.Type {
	case graph.AttrInt:
		return graph.Operand{Dim: graph.Int(a.Int)}, nil
	case graph.AttrInts:
		return graph.ListOf(graph.Ints(a.Ints...)), nil
	case graph.AttrFloat:
		if k, ok := floatToInt(float64(a.Float)); ok && float64(k) == float64(a.Float) {
			return graph.Operand{Dim: graph.Int(k)}, nil
		}
	}
	return graph.Operand{}, fmt.Errorf("attribute %q is %s (expected int, ints, or a float that is whole)", graph.Clip(name), showAttr(a))
}

func showAttr(a *graph.Attr) string {
	if a.Type == graph.AttrFloat {
		return fmt.Sprintf("the float %g", a.Float)
	}
	return "of type " + a.Type.String()
}

func attrNamesOf(n *graph.Node) []string {
	out := make([]string, len(n.Attrs))
	for i := range n.Attrs {
		out[i] = n.Attrs[i].Name
	}
	return out
}

// attrsOf words what could have been meant.
func attrsOf(n *graph.Node) string {
	if len(n.Attrs) == 0 {
		return "a default under attributes: the node has none"
	}
	names := attrNamesOf(n)
	return graph.Quote(graph.OrList(names[:min(len(names), 8)])) + ", or a default under attributes"
}

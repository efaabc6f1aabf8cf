package ops

import (
	"fmt"
	"strconv"

	"github.com/onnxmeter/onnxmeter/graph"
)

// checkSignature refuses a node whose inputs, outputs or attributes the operator
// does not have, binds the type names and sets the dtypes of the outputs.
func (c *Call) checkSignature() {
	s := c.Op.Signature()
	c.checkArity("input", s.In, c.Node.InputNames)
	c.checkArity("output", s.Out, c.Node.OutputNames)
	if c.Op.Source == "" {
		c.checkAttrs(s)
	}
	var bound typeBinding
	for i, in := range c.In {
		p := s.InParam(i)
		if in == nil || p == nil {
			continue
		}
		set := s.Types[p.Type]
		if in.Kind != graph.KindUnknown && set.Kinds&(1<<in.Kind) == 0 {
			c.Failf("%s is a %s, which %s does not take", c.InName(i), in.Kind, c.Op.Name)
		}
		if in.Kind != graph.KindTensor || in.DType == graph.Undefined {
			continue
		}
		if !set.Has(in.DType) {
			// ONNX's own inference does not check this and some runtimes extend the sets.
			c.Warnf("%s has type %s, which %s does not take in opset %d", c.InName(i), in.DType, c.Op.Name, c.Opset)
		}
		if old := bound.get(p.Type); old == graph.Undefined {
			bound = append(bound, boundType{p.Type, in.DType})
		} else if old != in.DType && !p.Each {
			c.Warnf("%s has type %s where %s has %s (one type)", c.InName(i), in.DType, p.Type, old)
		}
	}
	c.outputTypes(s, bound)
}

// typeBinding holds the dtypes that type names have taken; there are few.
type typeBinding []boundType

type boundType struct {
	name  string
	dtype graph.DType
}

func (b typeBinding) get(name string) graph.DType {
	for i := range b {
		if b[i].name == name {
			return b[i].dtype
		}
	}
	return graph.Undefined
}

// outputTypes sets the kind and dtype of each output where the signature fixes them.
func (c *Call) outputTypes(s *Sig, bound typeBinding) {
	for i := range c.Out {
		p := s.OutParam(i)
		if p == nil {
			continue
		}
		set := s.Types[p.Type]
		if set.Kinds == 1<<graph.KindTensor {
			c.Out[i].Kind = graph.KindTensor
		}
		if d := bound.get(p.Type); d != graph.Undefined && !p.Each {
			c.Out[i].DType = d
		} else if d, only := set.only(); only {
			c.Out[i].DType = d
		}
	}
}

// only returns the single dtype of a set.
func (s TypeSet) only() (graph.DType, bool) {
	if s.DTypes == 0 || s.DTypes&(s.DTypes-1) != 0 {
		return graph.Undefined, false
	}
	for d := graph.Float32; d.Valid(); d++ {
		if s.DTypes == 1<<uint(d) {
			return d, true
		}
	}
	return graph.Undefined, false
}

func (c *Call) checkArity(what string, ps []Param, names []string) {
	lo, hi := arity(ps)
	n := len(names)
	for n > 0 && names[n-1] == "" {
		n-- // trailing omitted ones
	}
	if n < lo || hi >= 0 && n > hi {
		most := "any number"
		if hi >= 0 {
			most = strconv.Itoa(hi)
		}
		c.Wantf(fmt.Sprintf("%d to %s", lo, most), "%d %ss", n, what)
	}
	for i := 0; i < n; i++ {
		if p := param(ps, i); what == "input" && c.In[i] == nil && !p.Optional && !p.Variadic {
			c.Failf("required input %d (%s) is omitted", i, p.Name)
		}
	}
}

func (c *Call) checkAttrs(s *Sig) {
	for i := range c.Node.Attrs {
		a := &c.Node.Attrs[i]
		d := s.attr(a.Name)
		if d == nil && s.AnyAttr {
			c.Warnf("attribute %q is not one of %s and is ignored", graph.Clip(a.Name), c.Op.Name)
			continue
		}
		if d == nil || d.Until > 0 && c.Opset >= d.Until {
			c.Wantf(attrNames(s), "attribute %q is not one of %s", graph.Clip(a.Name), c.Op.Name)
		}
		r := c.Attr(a.Name)
		if r != nil && r.Type != d.Type {
			c.Wantf(d.Type.String(), "attribute %q is %s", a.Name, r.Type)
		}
	}
	for _, d := range s.Attrs {
		if d.Required && c.Attr(d.Name) == nil {
			c.Failf("attribute %q is missing", d.Name)
		}
	}
}

func attrNames(s *Sig) string {
	if len(s.Attrs) == 0 {
		return "it has none"
	}
	names := ""
	for i, d := range s.Attrs {
		if i > 0 {
			names += ", "
		}
		names += d.Name
	}
	return fmt.Sprintf("one of %s", names)
}

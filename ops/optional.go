package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

func inferOptional(c *Call) {
	a := c.Attr("type")
	switch {
	case c.Has(0):
		item := *c.In[0]
		c.SetOut(0, Info{Kind: graph.KindOptional, Item: &item, Has: 1})
	case a != nil && a.TypeDef != nil:
		item := c.pass.declaredInfo(a.TypeDef)
		c.SetOut(0, Info{Kind: graph.KindOptional, Item: &item, Has: 0})
	default:
		c.Failf("neither an input nor the attribute type is given")
	}
}

func inferOptionalGetElement(c *Call) {
	in := *c.In[0]
	switch {
	case in.Kind != graph.KindOptional:
		c.SetOut(0, in)
	case in.Has == 0 && c.inst.Path == "": // elsewhere a condition may guard the node
		c.Failf("input is an empty optional")
	case in.Item != nil:
		c.SetOut(0, *in.Item)
	}
}

func inferOptionalHasElement(c *Call) {
	c.SetShape(0, graph.Shape{})
	switch {
	case !c.Has(0):
		c.SetElems(0, []Elem{BoolElem(false)})
	case c.In[0].Kind == graph.KindOptional && c.In[0].Has >= 0:
		c.SetElems(0, []Elem{BoolElem(c.In[0].Has == 1)})
	case c.In[0].Kind == graph.KindTensor, c.In[0].Kind == graph.KindSequence:
		c.SetElems(0, []Elem{BoolElem(true)})
	}
}

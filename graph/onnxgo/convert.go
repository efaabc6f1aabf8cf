package onnxgo

import (
	"fmt"
	"sort"
	"strings"

	"github.com/owulveryck/onnx-go"
	"gorgonia.org/tensor"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Decode reads a serialized ModelProto with onnx-go into b and returns it as a
// graph.Model, linked. opsets gives the operator-set versions, which onnx-go does
// not hand over, by domain. onnx-go panics on some models; that comes back as an
// error.
func Decode(data []byte, b *Backend, opsets map[string]int64) (m *graph.Model, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("onnx-go panics: %v", p)
		}
	}()
	om := onnx.NewModel(b)
	if err := om.UnmarshalBinary(data); err != nil {
		return nil, err
	}
	return b.Model(om, opsets)
}

// Model returns what b collected while m was unmarshalled, linked. Values that no
// operation produces are inputs if m says so and initializers if they carry a
// tensor; without one, nothing is known of them and they are inputs without a type.
func (b *Backend) Model(m *onnx.Model, opsets map[string]int64) (*graph.Model, error) {
	c := &collector{b: b, g: &graph.Graph{}, known: map[string]bool{"": true}}
	for _, id := range m.Input {
		c.input(b.nodes[id].(namer))
	}
	for _, call := range b.calls {
		for _, o := range call.outputs {
			c.known[o.GetName()] = true
		}
	}
	for _, call := range b.calls {
		if err := c.call(call); err != nil {
			return nil, err
		}
	}
	for _, id := range m.Output {
		n := b.nodes[id].(namer)
		c.free(n)
		c.g.OutputInfo = append(c.g.OutputInfo, graph.ValueInfo{Name: n.GetName(), Type: b.declared(n)})
	}
	out := &graph.Model{Graph: c.g, Opsets: map[string]int64{}, Warnings: c.warnings}
	for domain, version := range opsets {
		out.Opsets[graph.NormalDomain(domain)] = version
	}
	if err := out.Link(); err != nil {
		return nil, err
	}
	return out, nil
}

// collector fills a graph.
type collector struct {
	b        *Backend
	g        *graph.Graph
	known    map[string]bool // names that are defined
	warnings []string
}

func (c *collector) input(n namer) {
	c.known[n.GetName()] = true
	c.g.InputInfo = append(c.g.InputInfo, graph.ValueInfo{Name: n.GetName(), Type: c.b.declared(n)})
}

// free defines a value that no operation produces.
func (c *collector) free(n namer) {
	name := n.GetName()
	switch t := n.tensor(); {
	case c.known[name]:
	case t == nil:
		c.input(n)
	default:
		c.known[name] = true
		c.g.Initializers = append(c.g.Initializers, convert(name, t))
	}
}

// call adds the node of an operation.
func (c *collector) call(k call) error {
	n := &graph.Node{Op: k.op.Name}
	for _, o := range k.outputs {
		name := o.GetName()
		n.OutputNames = append(n.OutputNames, name)
		if t := c.b.declared(o); t != nil && name != "" {
			c.g.ValueInfo = append(c.g.ValueInfo, graph.ValueInfo{Name: name, Type: t})
		}
	}
	if !c.placeholder(k) {
		for _, in := range k.inputs {
			c.free(in)
			n.InputNames = append(n.InputNames, in.GetName())
		}
	}
	attrs, err := c.attributes(k.op)
	if err != nil {
		return err
	}
	n.Attrs = attrs
	c.g.Nodes = append(c.g.Nodes, n)
	return nil
}

// placeholder reports whether the only input of a call is the one that onnx-go
// makes up for an operation without inputs: a fresh node, named after it.
func (c *collector) placeholder(k call) bool {
	if len(k.inputs) != 1 {
		return false
	}
	in := k.inputs[0]
	return strings.HasSuffix(in.GetName(), "/input") && in.ID() >= int64(k.newNodes) && in.tensor() == nil && !c.known[in.GetName()]
}

// attributes converts the attributes of an operation, sorted by name: their order
// in the file is lost.
func (c *collector) attributes(op onnx.Operation) (graph.Attrs, error) {
	var out graph.Attrs
	for name, v := range op.Attributes {
		a := graph.Attr{Name: name}
		switch v := v.(type) {
		case float32:
			a.Type, a.Float = graph.AttrFloat, v
		case int64:
			a.Type, a.Int = graph.AttrInt, v
		case string:
			a.Type, a.Str = graph.AttrString, v
		case []float32:
			a.Type, a.Floats = graph.AttrFloats, v
		case []int64:
			a.Type, a.Ints = graph.AttrInts, v
		case []string:
			a.Type, a.Strs = graph.AttrStrings, v
		case tensor.Tensor:
			a.Type, a.Tensor = graph.AttrTensor, convert("", v)
		case struct{}: // an attribute without a type
			c.warnings = append(c.warnings, fmt.Sprintf("attribute %q of %q has no type and is left out", graph.Clip(name), graph.Clip(op.Name)))
			continue
		default:
			return nil, graph.Errorf("attribute %q of %q is a %T", graph.Clip(name), graph.Clip(op.Name), v)
		}
		out = append(out, a)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	sort.Strings(c.warnings)
	return out, nil
}

// declared returns the type that was handed over for a value, nil if none was.
func (b *Backend) declared(n namer) *graph.TypeDef {
	t := n.tensor()
	if t == nil {
		return nil
	}
	def := &graph.TypeDef{Kind: graph.KindTensor, DType: dtypeOf(t.Dtype())}
	if b.StaticDims {
		def.HasShape = true
		for _, k := range t.Shape() {
			def.Dims = append(def.Dims, graph.DimDef{Value: int64(k), Known: true})
		}
	}
	return def
}

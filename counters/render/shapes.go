package render

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Value is one value of a model with what is known of its type.
type Value struct {
	Name  string
	Graph string // path of the graph, "" for the main graph
	Info  *ops.Info
}

// Shapes are the values of one model.
type Shapes struct {
	Path     string
	Values   []Value
	Warnings []string
}

// maxRepeats bounds the values that are listed again because a graph is used in
// several places: functions that call functions may expand to any number.
const maxRepeats = 100_000

// NewShapes lists every value of every graph: of each its inputs, its
// initializers and the outputs of its nodes, and after each node the graphs that
// it runs.
func NewShapes(path string, res *ops.Result) *Shapes {
	l := &valueLister{s: &Shapes{Path: path, Warnings: res.Warnings}, seen: map[*ops.Instance]bool{}}
	l.instance(res.Main, "")
	return l.s
}

type valueLister struct {
	s       *Shapes
	seen    map[*ops.Instance]bool
	repeats int
}

func (l *valueLister) instance(in *ops.Instance, path string) {
	if l.seen[in] {
		if l.repeats += len(in.Infos) + 1; l.repeats > maxRepeats {
			return
		}
	}
	l.seen[in] = true
	for _, v := range in.Graph.Values {
		if v.Producer == nil {
			l.add(in, v, path)
		}
	}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		for _, v := range n.Node.Outputs {
			if v != nil {
				l.add(in, v, path)
			}
		}
		for _, sub := range n.Subs {
			label := sub.Label
			if sub.Inst.Func != nil {
				label = "" // the path of a call is that of its node
			}
			l.instance(sub.Inst, graph.JoinPath(path, n.Node.Label(), label))
		}
	}
}

func (l *valueLister) add(in *ops.Instance, v *graph.Value, path string) {
	l.s.Values = append(l.s.Values, Value{v.Name, path, in.Info(v)})
}

// element returns the tensor inside of sequences, optionals and maps; an empty Info where
// it is not known.
func element(in *ops.Info) *ops.Info {
	for in.Kind == graph.KindSequence || in.Kind == graph.KindOptional || in.Kind == graph.KindMap {
		if in.Item == nil {
			return &ops.Info{}
		}
		in = in.Item
	}
	return in
}

// dtypeName returns the name of an element type, "" if it is not known.
func dtypeName(d graph.DType) string {
	if !d.Valid() {
		return ""
	}
	return d.String()
}

// shapes writes onnxmeter.shapes/1, with the model's path where there are
// several. A type that is not known is null, as is the shape of an unknown rank; of
// containers the dtype and shape are those of their elements.
func (j *jsonWriter) shapes(s *Shapes, several bool) {
	j.objectBlock()
	j.key("schema").str("onnxmeter.shapes/1")
	if several {
		j.key("path").str(s.Path)
	}
	j.key("values").arrayBlock()
	for _, v := range s.Values {
		in := element(v.Info)
		j.object()
		j.key("name").str(v.Name)
		j.key("graph").str(v.Graph)
		j.key("kind").optional(v.Info.Kind.String())
		j.key("dtype").optional(dtypeName(in.DType))
		j.key("shape").shape(in.Shape)
		j.end()
	}
	j.end()
	j.end()
}

// optional writes a string, or null for "".
func (j *jsonWriter) optional(s string) {
	if s == "" {
		j.null()
		return
	}
	j.str(s)
}

// showShape prints a shape with ? for what is not known.
func showShape(s graph.Shape) string {
	if s == nil {
		return "?"
	}
	b := []byte{'['}
	for i, d := range s {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, showDim(d)...)
	}
	return string(append(b, ']'))
}

// showDim prints a size, ? if it is not known.
func showDim(d graph.Dim) string {
	if d.HasUnknown() {
		return "?"
	}
	return plain(d.String())
}

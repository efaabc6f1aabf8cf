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
	Warnings []string

	main *ops.Instance
}

// maxRepeats bounds the values that are listed again because a graph is used in
// several places: functions that call functions may expand to any number.
const maxRepeats = 100_000

// NewShapes makes the list of the values of an inferred model.
func NewShapes(path string, res *ops.Result) *Shapes {
	return &Shapes{path, res.Warnings, res.Main}
}

// Each calls f for every value of every graph: of each its inputs, its
// initializers and the outputs of its nodes, and after each node the graphs that
// it runs.
func (s *Shapes) Each(f func(*Value)) {
	w := &valueWalk{f: f, seen: map[*ops.Instance]bool{}}
	w.instance(s.main, "")
}

type valueWalk struct {
	f       func(*Value)
	v       Value
	seen    map[*ops.Instance]bool
	repeats int
}

func (w *valueWalk) instance(in *ops.Instance, path string) {
	if w.seen[in] {
		if w.repeats += len(in.Infos) + 1; w.repeats > maxRepeats {
			return
		}
	}
	w.seen[in] = true
	for _, v := range in.Graph.Values {
		if v.Producer == nil {
			w.value(in, v, path)
		}
	}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		for _, v := range n.Node.Outputs {
			if v != nil {
				w.value(in, v, path)
			}
		}
		for _, sub := range n.Subs {
			label := sub.Label
			if sub.Inst.Func != nil {
				label = "" // the path of a call is that of its node
			}
			w.instance(sub.Inst, graph.JoinPath(path, n.Node.Label(), label))
		}
	}
}

func (w *valueWalk) value(in *ops.Instance, v *graph.Value, path string) {
	w.v = Value{v.Name, path, in.Info(v)}
	w.f(&w.v)
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
	s.Each(func(v *Value) {
		in := element(v.Info)
		j.object()
		j.key("name").str(v.Name)
		j.key("graph").str(v.Graph)
		j.key("kind").optional(v.Info.Kind.String())
		j.key("dtype").optional(dtypeName(in.DType))
		j.key("shape").shape(in.Shape)
		j.end()
	})
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

package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"unicode/utf8"
)

// NewShapesStream writes shapes as text, json, ndjson, csv or markdown. several
// says that more than one model is asked for.
func NewShapesStream(w io.Writer, kind string, several bool) Stream[*Shapes] {
	switch kind {
	case "json":
		return &jsonStream[*Shapes]{j: newJSONWriter(w, false), several: several,
			schema: "onnxmeter.shapes-list/1", member: "models", item: (*jsonWriter).shapes}
	case "ndjson":
		return &ndjsonStream[*Shapes]{j: newJSONWriter(w, true),
			item: func(j *jsonWriter, s *Shapes) { j.shapes(s, several) }}
	case "csv":
		return &csvStream[*Shapes]{w: csv.NewWriter(w),
			head: func(*Shapes) []string { return []string{"model", "graph", "name", "kind", "dtype", "shape"} }, rows: shapesRows}
	case "markdown":
		return newTextStream(w, shapesMarkdown)
	}
	return newTextStream(w, func(b *bufio.Writer, s *Shapes) { shapesText(b, s, several) })
}

func shapesRows(s *Shapes, row func(...string)) {
	s.Each(func(v *Value) {
		in := element(v.Info)
		row(csvCell(s.Path), csvCell(v.Graph), csvCell(v.Name), v.Info.Kind.String(), dtypeName(in.DType), csvText(showShape(in.Shape)))
	})
}

// typeText names the type of a value: "float32", "sequence of float32", "?".
func (v *Value) typeText() string {
	d := dtypeName(element(v.Info).DType)
	if d == "" {
		d = "?"
	}
	switch k := v.Info.Kind.String(); k {
	case "tensor", "":
		return d
	default:
		return k + " of " + d
	}
}

func shapesMarkdown(w *bufio.Writer, s *Shapes) {
	fmt.Fprintf(w, "### %s\n\n| graph | value | type | shape |\n|---|---|---|---|\n", markdown(s.Path))
	s.Each(func(v *Value) {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", markdown(v.Graph), markdown(v.Name), v.typeText(), markdownText(showShape(element(v.Info).Shape)))
	})
}

// widestName bounds the column of names in text: a longer one shifts its line.
const widestName = 60

func shapesText(w *bufio.Writer, s *Shapes, several bool) {
	if several {
		fmt.Fprintf(w, "%s\n", plain(s.Path))
	}
	nameWidth, typeWidth := 0, 0
	s.Each(func(v *Value) {
		nameWidth = max(nameWidth, utf8.RuneCountInString(plain(v.Name)))
		typeWidth = max(typeWidth, len(v.typeText()))
	})
	nameWidth = min(nameWidth, widestName)
	graph := ""
	s.Each(func(v *Value) {
		if v.Graph != graph {
			graph = v.Graph
			fmt.Fprintf(w, "in %s:\n", topName(plain(graph)))
		}
		fmt.Fprintf(w, "%-*s  %-*s  %s\n", nameWidth, plain(v.Name), typeWidth, v.typeText(), showShape(element(v.Info).Shape))
	})
}

func topName(path string) string {
	if path == "" {
		return "the main graph"
	}
	return path
}

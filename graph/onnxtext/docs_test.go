package onnxtext

import (
	"os"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The example of the page about the syntax is a model, and says what its comments say.
func TestDocsExample(t *testing.T) {
	page, err := os.ReadFile("../../docs/text-syntax.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```onnx\n")
	text, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page has no example")
	}
	m, err := Parse([]byte(text), "text-syntax.md")
	if err != nil {
		t.Fatal(err)
	}
	storage := []graph.Storage{graph.StorageExternal, graph.StorageAbsent, graph.StorageInline}
	for i, want := range storage {
		if got := m.Graph.Initializers[i].Storage; got != want {
			t.Errorf("initializer %d: storage %d, want %d", i, got, want)
		}
	}
	if len(m.Graph.Nodes) != 3 || len(m.Functions) != 1 || m.Function(m.Graph.Nodes[2].Attrs[0].Graph.Nodes[0]) == nil {
		t.Error("the call of the function is not found")
	}
	checkRoundTrip(t, m)
}

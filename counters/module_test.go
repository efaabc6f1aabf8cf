package counters

import (
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The three ways in which torch's exporters record the module of a node, as
// printed in the documentation of torch.onnx.
func TestScopeOf(t *testing.T) {
	for _, c := range []struct {
		name string
		node graph.Node
		want string
	}{
		{"name", graph.Node{Name: "/layer1/layer1.0/conv1/Conv"}, "layer1 0 conv1"},
		{"name of a top-level function", graph.Node{Name: "/Relu"}, ""},
		{"scopes", graph.Node{Metadata: []graph.Pair{
			{Key: "pkg.torch.onnx.name_scopes", Value: "['', 'encoder', 'encoder.layer.0', 'linear']"},
			{Key: "pkg.torch.onnx.class_hierarchy", Value: "['bert.Model', 'bert.Encoder', 'bert.Layer', 'aten.linear.default']"}}}, "encoder:Encoder layer.0:Layer"},
		{"namespace", graph.Node{Metadata: []graph.Pair{
			{Key: "namespace", Value: ": bert.Model/encoder: bert.Encoder/encoder.layer.0: bert.Layer/linear: aten.linear.default"}}}, "encoder:Encoder layer.0:Layer"},
		{"none", graph.Node{Name: "Conv_3"}, ""},
	} {
		got := ""
		for i, s := range scopeOf(&c.node) {
			if i > 0 {
				got += " "
			}
			got += s.name
			if s.class != "" {
				got += ":" + s.class
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

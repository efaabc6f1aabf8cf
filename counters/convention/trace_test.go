package convention

import (
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

const conv = `<ir_version: 8, opset_import: ["": 17]>
g (float[1,3,4,4] x) => (float[1,4,4,4] z) <float[4,3,3,3] w = {}, float[4] b = {}> { z = Conv <pads = [1,1,1,1]> (x, w, b) }`

// TestFoldedNormalisation counts a BatchNormalization that the metadata of a Conv tell of:
// 64 elements, 27*64 products. Its module decides whether a hook of a module sees it.
func TestFoldedNormalisation(t *testing.T) {
	for _, c := range []struct {
		name, class string
		want        int64
	}{
		{"macs", "torch.nn.modules.batchnorm.BatchNorm2d", 1728},
		{"fvcore", "torch.nn.modules.batchnorm.BatchNorm2d", 1728 + 2*64},
		{"thop", "torch.nn.modules.batchnorm.BatchNorm2d", 1728 + 4*64},
		{"fvcore", "timm.layers.norm_act.BatchNormAct2d", 1728 + 2*64},
		{"thop", "timm.layers.norm_act.BatchNormAct2d", 1728},
	} {
		m := text(t, conv)
		m.Graph.Nodes[0].Metadata = []graph.Pair{
			{Key: "pkg.onnxscript.rewriter.rule_name", Value: "FuseBatchNormIntoConv"},
			{Key: "pkg.torch.onnx.class_hierarchy", Value: "['Net', '" + c.class + "', 'aten._native_batch_norm_legit_no_training.default']"},
			{Key: "pkg.torch.onnx.name_scopes", Value: "['', 'bn', 'n']"},
		}
		if got := total(t, m, c.name, ops.Options{}); !got.Equal(graph.Int(c.want)) {
			t.Errorf("%s with %s: %s, want %d", c.name, c.class, got, c.want)
		}
	}
}

package convention

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

// fixture reads one of the fixture models.
func fixture(t testing.TB, name string) *graph.Model {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("../../fixtures/models", name+".onnxtxt"))
	if err != nil {
		t.Fatal(err)
	}
	return text(t, string(src))
}

func text(t testing.TB, src string) *graph.Model {
	t.Helper()
	m, err := onnxtext.Parse([]byte(src), "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	return m
}

// total counts a model by a convention.
func total(t testing.TB, m *graph.Model, name string, o ops.Options) graph.Dim {
	t.Helper()
	c, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{Options: o, Measure: c.Measure()})
	if err != nil {
		t.Fatal(err)
	}
	if c.Unit == counters.UnitFLOPs {
		return r.Totals.FLOPs()
	}
	return r.Totals.MACs()
}

// TestResNet50 is the table of published and of hand-summed figures for ResNet-50 v1 at
// 224x224 with its BatchNormalization in place.
func TestResNet50(t *testing.T) {
	m := fixture(t, "resnet50")
	for name, want := range map[string]int64{
		"macs": 4_089_184_256, "torchvision": 4_089_184_256, "torch": 8_178_368_512, "fvcore": 4_111_512_576,
		"thop-0.0": 4_111_514_624, "thop": 4_133_742_592, "ultralytics": 4_133_742_592, "ptflops-aten": 4_089_185_256,
		"ptflops": 4_127_444_456, "torchinfo": 4_089_238_376, "deepspeed": 8_211_108_352, "onnx-tool": 4_450_761_704,
		"onnx-opcounter": 4_126_745_088, "digest": 8_189_408_232,
	} {
		if got := total(t, m, name, ops.Options{}); !got.Equal(graph.Int(want)) {
			t.Errorf("%s: %s, want %d", name, got, want)
		}
	}
}

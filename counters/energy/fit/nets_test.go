package fit

import (
	"os"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

// TestNetsAreTheFixtures counts the fixtures of the networks that benchmarks name
// without a size. BERT answers questions: a linear layer of two outputs for each of
// 384 tokens of width 768 is added to the fixture. Its attention is written out there,
// while what benchmarks run keeps the scores in one kernel: two products touch them
// once each, scaling, mask and softmax read and write them; the softmax works at full
// width, to which its operand is converted, and from which its result.
func TestNetsAreTheFixtures(t *testing.T) {
	const tokens, width, tile = 384, 768, 64
	head := energy.Features{DenseMACs: tokens * width * 2, TileMACs: tokens * width * tile, Activations: tokens * 2, LinearTraffic: tokens*width + tokens*2, MixedTraffic: 3 * tokens * width}
	for model, more := range map[string]energy.Features{"resnet50": {}, "bert-base": head} {
		x := fixtureFeatures(t, model, map[string]int64{"batch": 1, "S": tokens})
		n, ok := nets(t).byKey[netKey{model, ""}]
		if !ok {
			t.Fatalf("no %s", model)
		}
		for _, p := range []struct {
			name            string
			have, want, add float64
		}{
			{"MACs", n.MACs(), x.MACs(), more.MACs()}, {"tiles", n.TileMACs, x.TileMACs, more.TileMACs},
			{"activations", n.Activations, x.Activations, more.Activations},
			{"traffic of convolutions", n.ConvTraffic, x.ConvTraffic, 0},
			{"traffic of linear layers", n.LinearTraffic, x.LinearTraffic - 2*x.ScoreTraffic, more.LinearTraffic},
			{"other traffic", n.OtherTraffic, x.OtherTraffic - 6*x.ScoreTraffic, 0}, {"scores", n.ScoreTraffic, 0, 0},
			{"mixed precision", n.MixedTraffic, x.MixedTraffic - 8*x.ScoreTraffic, more.MixedTraffic},
		} {
			if p.have != p.want+p.add {
				t.Errorf("%s: %s %.0f in nets.csv, %.0f counted", model, p.name, p.have, p.want+p.add)
			}
		}
	}
}

func fixtureFeatures(t *testing.T, model string, dims map[string]int64) energy.Features {
	t.Helper()
	path := "../../../fixtures/models/" + model + ".onnxtxt"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnxtext.Parse(b, path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{NoNodes: true, Options: ops.Options{Dims: dims}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := energy.FromReport(r)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

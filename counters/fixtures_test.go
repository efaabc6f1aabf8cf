package counters_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

const models = "../fixtures/models"

func fixture(t testing.TB, name string) *graph.Model {
	t.Helper()
	path := filepath.Join(models, name+".onnxtxt")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnxtext.Parse(src, path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPublishedIntegers compares with what the authors of the networks and
// torchvision publish (fixtures/sources.md).
func TestPublishedIntegers(t *testing.T) {
	for _, c := range []struct {
		name         string
		params, macs any
	}{
		{"resnet50", 25557032, int64(4089184256)},
		{"vgg16", 138357544, int64(15470264320)},
		{"vit_b_16", 86567656, int64(17563828224)},
		{"mobilenet_v2", 3504872, nil},
	} {
		r, err := counters.Count(fixture(t, c.name), counters.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want(t, c.name+" params", r.Totals.Params, c.params)
		if c.macs != nil {
			want(t, c.name+" MACs", r.Totals.MACs(), c.macs)
		}
		if r.Coverage.Status != counters.Exact {
			t.Errorf("%s: status %s", c.name, r.Coverage.Status)
		}
	}
}

func TestBERTFormula(t *testing.T) {
	r, err := counters.Count(fixture(t, "bert-base"), counters.Options{Options: ops.Options{Dims: map[string]int64{"batch": 1}}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "BERT-base matmuls", r.Totals.MACs(), "84934656*S + 18432*S^2")
}

// ledgerEntry is what the fixture generator adds up over its layer tables, apart
// from this package.
type ledgerEntry struct {
	Params, Buffers int64
	Runs            []struct {
		Dims   map[string]int64
		MACs   int64
		Layers []struct {
			Node string
			MACs int64
		}
	}
}

// bind gives dims, and values to the scalar inputs of the same name: a trip count.
func bind(dims map[string]int64) ops.Options {
	o := ops.Options{Dims: dims, Values: map[string]*graph.Tensor{}}
	if k, ok := dims["steps"]; ok {
		o.Values["steps"] = &graph.Tensor{Name: "steps", DType: graph.Int64, Dims: []int64{},
			Storage: graph.StorageInline, Payload: &graph.MemPayload{I: []int64{k}}}
	}
	return o
}

func TestFixturesEqualTheGeneratorsSums(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(models, "ledger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]ledgerEntry
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 11 {
		t.Errorf("only %d fixtures", len(all))
	}
	for name, e := range all {
		for _, run := range e.Runs {
			r, err := counters.Count(fixture(t, name), counters.Options{Options: bind(run.Dims)})
			if err != nil {
				t.Error(err)
				continue
			}
			want(t, name+" params", r.Totals.Params, e.Params)
			want(t, name+" statistics", r.Weights.Statistics.Elements, e.Buffers)
			want(t, name+" MACs", r.Totals.MACs(), run.MACs)
			rows := map[string]graph.Dim{}
			for n := range r.Nodes() {
				if rows[n.Node.Name] = n.Work.MAC; n.Times.IsZero() { // the branch that is not the headline
					rows[n.Node.Name] = n.Result.Cost.MAC
				}
			}
			for _, l := range run.Layers {
				want(t, name+" "+l.Node, rows[l.Node], l.MACs)
			}
		}
	}
}

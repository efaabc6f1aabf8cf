package counters_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// chain is a linked model of n nodes in a row, with names as short as an exporter's.
func chain(t testing.TB, n int) *graph.Model {
	t.Helper()
	typ := &graph.TypeDef{Kind: graph.KindTensor, DType: graph.Float32, HasShape: true, Dims: []graph.DimDef{{Value: 1, Known: true}, {Value: 64, Known: true}}}
	name := func(i int) string { return fmt.Sprintf("v%d", i) }
	g := &graph.Graph{Name: "chain", InputInfo: []graph.ValueInfo{{Name: name(0), Type: typ}}, OutputInfo: []graph.ValueInfo{{Name: name(n), Type: typ}}}
	for i := range n {
		g.Nodes = append(g.Nodes, &graph.Node{Name: fmt.Sprintf("n%d", i), Op: "Relu", InputNames: []string{name(i)}, OutputNames: []string{name(i + 1)}})
	}
	m := &graph.Model{IRVersion: 8, Opsets: map[string]int64{"": 17}, Graph: g}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	return m
}

// benchModels runs a benchmark over chains and a network that people use.
func benchModels(b *testing.B, f func(*graph.Model) error) {
	for _, c := range []struct {
		name  string
		model *graph.Model
	}{{"chain=10000", chain(b, 1e4)}, {"chain=100000", chain(b, 1e5)}, {"bert-base", fixture(b, "bert-base")}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f(c.model); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(c.model.Graph.Nodes)), "ns/node")
		})
	}
}

func BenchmarkInfer(b *testing.B) {
	benchModels(b, func(m *graph.Model) error {
		_, err := ops.Infer(m, ops.Options{})
		return err
	})
}

func BenchmarkCount(b *testing.B) {
	benchModels(b, func(m *graph.Model) error {
		_, err := counters.Count(m, counters.Options{NoNodes: true})
		return err
	})
}

// BenchmarkNodes counts and lists every node, as JSON does.
func BenchmarkNodes(b *testing.B) {
	benchModels(b, func(m *graph.Model) error {
		r, err := counters.Count(m, counters.Options{})
		if err != nil {
			return err
		}
		for n := range r.Nodes() {
			runtime.KeepAlive(n)
		}
		return nil
	})
}

// TestMemory bounds what a report holds beyond its model: a node and its output may cost
// no more than this, so that a million nodes of 35 bytes each stay below 16 times the
// file, with what the reader holds (about 380 bytes a node).
func TestMemory(t *testing.T) {
	const nodes, most = 1e5, 100 // bytes
	m := chain(t, nodes)
	live := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := live()
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if each := (float64(live()) - float64(before)) / nodes; each > most {
		t.Errorf("a report holds %.0f bytes for each node, more than %d", each, most)
	}
	if r.NodeRows != nodes {
		t.Errorf("%d nodes", r.NodeRows)
	}
	runtime.KeepAlive(m)
}

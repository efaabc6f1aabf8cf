package fit

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/data"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
	"github.com/onnxmeter/onnxmeter/ops"
)

// netFixtures are the fixtures of the networks of nets.csv.
var netFixtures = map[string]string{
	"resnet50": "resnet50", "bert-base": "bert-base", "ssd-resnet34": "ssd_resnet34", "ssd-mobilenet": "ssd_mobilenet_v1", "retinanet": "retinanet_resnext50",
}

// bertTokens is the sequence of the benchmarks that answer questions.
const bertTokens = 384

// TestGeneratedNets counts the fixtures of the networks that benchmarks name without a
// size and demands that nets.csv says the same. Lines without a fixture stay as they are.
func TestGeneratedNets(t *testing.T) {
	comment := data.Nets[:strings.Index(data.Nets, "model,")]
	lines := netLines(t)
	for i, line := range lines {
		model := line[0]
		fixture, ok := netFixtures[model]
		if !ok {
			continue
		}
		x := fixtureFeatures(t, fixture, map[string]int64{"batch": 1, "S": bertTokens})
		if model == "bert-base" {
			x = servedBERT(x, nets(t).byKey[netKey{model, ""}])
		}
		lines[i] = netLine(model, line[1], x, line[len(line)-1])
	}
	holdNets(t, "nets.csv", comment, lines)
}

// netLines are the lines of nets.csv; every fixture must have one.
func netLines(t *testing.T) [][]string {
	t.Helper()
	for model := range netFixtures {
		if _, ok := nets(t).byKey[netKey{model, ""}]; !ok {
			t.Errorf("nets.csv has no line for %s", model)
		}
	}
	return tableLines(t, data.Nets)
}

// servedBERT makes of the counted encoder the network that benchmarks run, which answers
// questions: a linear layer of two outputs for each token of width 768 is added, and
// attention, written out in the fixture, keeps the scores in one kernel: two products touch
// them once each, scaling, mask and softmax read and write them; in mixed precision the
// softmax writes at full width, from which the second product converts. The parameters and
// kernels are those of the line, which are published.
func servedBERT(x, line energy.Features) energy.Features {
	const width, tile = 768, 64
	x.DenseMACs += bertTokens * width * 2
	x.TileMACs += bertTokens * width * tile
	x.Activations += bertTokens * 2
	x.LinearTraffic += bertTokens*width + bertTokens*2 - 2*x.ScoreTraffic
	x.OtherTraffic -= 6 * x.ScoreTraffic
	x.MixedTraffic += 3*bertTokens*width - 4*x.ScoreTraffic
	x.ScoreTraffic = 0
	x.Params, x.EagerKernels, x.FusedKernels = line.Params, line.EagerKernels, line.FusedKernels
	return x
}

// TestLargeBERT makes the line of BERT-large, which has no fixture, from that of BERT-base:
// layers are as wide as the model, and what a layer moves grows with its width.
func TestLargeBERT(t *testing.T) {
	const (
		base, large           = 768 * bertTokens, 1024 * bertTokens // elements of one activation
		macs                  = float64(24*(12*1024*large+2*bertTokens*large) + 2*large)
		embeddings, mixedHead = 11, 3 // activations that embeddings move besides in mixed precision, and the head
	)
	n := nets(t)
	small, big := n.byKey[netKey{"bert-base", ""}], n.byKey[netKey{"bert-large", ""}]
	linear := (small.LinearTraffic-base-2*bertTokens)/base/12*24*large + large + 2*bertTokens
	mixed := ((small.MixedTraffic/base-embeddings-mixedHead)*2 + embeddings + mixedHead) * large
	if big.LinearTraffic != linear || big.MixedTraffic != mixed || big.MACs() != macs {
		t.Errorf("linear %.0f, mixed %.0f, MACs %.0f; want %.0f, %.0f, %.0f", big.LinearTraffic, big.MixedTraffic, big.MACs(), linear, mixed, macs)
	}
}

// netLine is the line of a counted network in a feature table.
func netLine(model, size string, x energy.Features, source string) []string {
	exact := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	line := []string{model, size, exact(x.MACs())}
	for _, c := range netColumns(&x) {
		line = append(line, exact(*c.value))
	}
	return append(line, source)
}

// holdNets compares a feature table of the shipped data with its lines, or writes it.
func holdNets(t *testing.T, file, comment string, lines [][]string) {
	t.Helper()
	head := []string{"model", "size", "macs"}
	for _, c := range netColumns(&energy.Features{}) {
		head = append(head, c.name)
	}
	head = append(head, "source")
	holdTo(t, file, func(w io.Writer) error {
		if _, err := io.WriteString(w, comment); err != nil {
			return err
		}
		return csv.NewWriter(w).WriteAll(append([][]string{head}, lines...))
	})
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
	if r.Coverage.Status != counters.Exact {
		t.Fatalf("%s: status %s", model, r.Coverage.Status)
	}
	x, err := energy.FromReport(r)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestBenchmarkNamesItsNetwork: a row that states neither MACs nor parameters is known by
// its name where the rules of its benchmark say what the name is.
func TestBenchmarkNamesItsNetwork(t *testing.T) {
	for source, known := range map[string]bool{"mlcommons/inference_results_v3.0:x": true, "somebody/else:x": false} {
		text := "gpu,model,task,precision,energy_j_per_sample,throughput_per_s,kind,source\nL4,retinanet,inference/offline,int8,3.6,174,measured-wall," + source + "\n" +
			"L4,rnnt,inference/offline,int8,1,100,measured-wall," + source + "\n"
		rows, err := ReadRows(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		points, skipped, err := Points(rows, nets(t))
		if err != nil {
			t.Fatal(err)
		}
		used := fmt.Sprint(len(points), skipped["the MACs of the net are not known"])
		if want := map[bool]string{true: "1 1", false: "0 2"}[known]; used != want {
			t.Errorf("%s: points and rows of unknown nets %s, want %s", source, used, want)
		}
		if known && !points[0].Features.Classes {
			t.Errorf("%s: no split by class", source)
		}
	}
}

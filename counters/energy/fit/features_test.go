package fit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/data"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/ops"
)

// TestGeneratedFeatures counts the graphs of the networks behind the measurements and
// demands that features.csv says the same. A graph that is not counted to the
// last node keeps the figures that came with it and no split by class.
func TestGeneratedFeatures(t *testing.T) {
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the graphs are absent")
	}
	dir = filepath.Join(dir, "energy")
	b, err := os.ReadFile(filepath.Join(dir, "graphs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintln(&out, "# Features of networks whose graphs (batch 1, weights absent) were counted, per sample.")
	w := csv.NewWriter(&out)
	if err := w.Write(NetColumns); err != nil {
		t.Fatal(err)
	}
	counted := 0
	for _, f := range rows[1:] {
		col := map[string]string{}
		for i, name := range rows[0] {
			col[name] = f[i]
		}
		line, ok := countedNet(t, dir, col)
		if ok {
			counted++
		}
		if err := w.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	t.Logf("%d of %d graphs counted to the last node", counted, len(rows)-1)
	path := filepath.Join(dataDir, "features.csv")
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := out.String(); got != data.Features {
		t.Errorf("features.csv is not what the counter says: run with -update\n%s", firstDifference(got, data.Features))
	}
}

// countedNet is the line of one network, and whether its graph was counted.
func countedNet(t *testing.T, dir string, col map[string]string) ([]string, bool) {
	given := []string{col["model"], col["size"], col["macs"], col["fvcore_activations"], col["torch_params"],
		"", "", "", "", "", "", "", "", "", "", "timm graph; MACs of the file, activations by fvcore, parameters by torch"}
	f, err := onnxfile.Open(filepath.Join(dir, "graphs", col["model"]+".onnx"))
	if err != nil {
		t.Errorf("%s: %v", col["model"], err)
		return given, false
	}
	defer f.Close()
	r, err := counters.Count(f.Model, counters.Options{NoNodes: true})
	if err != nil || r.Coverage.Status != counters.Exact {
		return given, false
	}
	x, err := energy.FromReport(r)
	if err != nil {
		return given, false
	}
	line := []string{col["model"], col["size"]}
	for _, v := range []float64{x.MACs(), x.Activations, 0, x.EagerKernels, x.FusedKernels, x.DenseMACs, x.GroupedMACs, x.DepthwiseMACs,
		x.TileMACs, x.ConvTraffic,
		x.DepthwiseTraffic, x.ScoreTraffic, x.OtherTraffic} {
		line = append(line, strconv.FormatFloat(v, 'f', -1, 64))
	}
	line[4] = col["torch_params"] // the exporter merges weights that are equal before training; torch does not
	checkMACs(t, col, x.MACs(), r.Coverage.Folded)
	return append(line, "timm graph, counted; parameters by torch"), true
}

// checkMACs compares with what the file holds: equal, but for work on
// constants alone, which depends on no sample and is folded away.
func checkMACs(t *testing.T, col map[string]string, counted float64, folded graph.Dim) {
	file, err := strconv.ParseFloat(col["macs"], 64)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := folded.Const()
	if counted != file && (n == 0 || counted > file || counted < 0.95*file) {
		t.Errorf("%s: %.0f MACs counted, the file holds %.0f, %d nodes are folded", col["model"], counted, file, n)
	}
}

// TestZooFeatures counts networks that other exporters wrote and compares with
// what the rows of measurements print for them: the feature of a fit and the
// feature of a graph are one quantity. The rows are rounded to 1e7 MACs and 1e4
// activations.
func TestZooFeatures(t *testing.T) {
	printed := map[string]Row{}
	for _, r := range allRows(t) {
		if r.isPublishedBenchmark() && r.release() == "pt291" {
			printed[r.Model+sizeOf(r.Task)] = r
		}
	}
	zoo := filepath.Join(os.Getenv("ONNXMETER_SHARED"), "zoo")
	b, err := os.ReadFile(filepath.Join(zoo, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth []zooModel
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, m := range truth {
		model, ok := strings.CutPrefix(m.Name, "timm_")
		if !ok || len(m.Feeds) != 1 {
			continue
		}
		x, image := m.features(t, zoo)
		r, ok := printed[model+fmt.Sprintf("/%d", image)]
		if !ok {
			continue
		}
		compared++
		why := zooDiffers[model]
		// The rows add up to two operations per activation for normalisations
		// that an exporter folds into the weights.
		extra := r.MACs - x.MACs()
		same := extra >= -0.006e9 && extra <= 0.006e9+2*x.Activations && math.Abs(x.Activations-r.Activations) <= 0.006e6
		if same == (why != "") {
			t.Errorf("%s: %.4g MACs and %.4g activations counted, the rows print %.4g and %.4g (expected difference: %q)",
				model, x.MACs(), x.Activations, r.MACs, r.Activations, why)
		}
	}
	if compared < 20 {
		t.Errorf("%d networks compared", compared)
	}
}

// zooDiffers names the networks that differ from the rows, and why.
var zooDiffers = map[string]string{
	"convmixer_768_32":             "the tool behind the rows misses convolutions with padding=same",
	"maxxvit_rmlp_nano_rw_256":     "position biases depend on constants alone: once for the two samples of the graph",
	"swinv2_cr_tiny_ns_224":        "position biases depend on constants alone: once for the two samples of the graph",
	"vit_relpos_small_patch16_224": "position biases depend on constants alone: once for the two samples of the graph",
	"fastvit_t8":                   "the rows were measured with branches merged",
	"mobileone_s0":                 "the rows were measured with branches merged",
	"nfnet_l0":                     "the rows count the standardisation of weights, which the exporter folds",
	"resnetv2_50x1_bit":            "the rows count the standardisation of weights, which the exporter folds",
}

// zooModel is an entry of the zoo's truth.json.
type zooModel struct {
	Name  string
	Feeds map[string][]json.RawMessage // dtype, dims
	Dims  map[string]int64
}

// features of one sample of a model of the zoo, and the side of its image.
func (m zooModel) features(t *testing.T, dir string) (energy.Features, int64) {
	t.Helper()
	var dims []int64
	for _, f := range m.Feeds {
		if err := json.Unmarshal(f[1], &dims); err != nil {
			t.Fatal(err)
		}
	}
	f, err := onnxfile.Open(filepath.Join(dir, m.Name+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := counters.Count(f.Model, counters.Options{NoNodes: true, Options: ops.Options{Dims: m.Dims}})
	if err != nil {
		t.Fatalf("%s: %v", m.Name, err)
	}
	x, err := energy.FromReport(r)
	if err != nil {
		t.Fatalf("%s: %v", m.Name, err)
	}
	batch := float64(dims[0])
	for _, v := range []*float64{&x.DenseMACs, &x.GroupedMACs, &x.DepthwiseMACs, &x.Activations} {
		*v /= batch
	}
	return x, dims[len(dims)-1]
}

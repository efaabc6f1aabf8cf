package fit

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
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

// The sources of the lines of features.csv: graphs that tests share, and graphs that
// fixtures/measure/export_timm.py wrote.
const (
	sharedSource   = "timm graph, counted; parameters by torch"
	exportedSource = "timm 1.0.30, counted; parameters by torch"
)

// TestGeneratedFeatures counts the graphs of the networks behind the measurements and
// demands that features.csv says the same. A graph that is not counted to the last node
// keeps the figures that came with it and no split by class. The lines of exported
// networks are counted again where ONNXMETER_TIMM names the folder of an export, and
// stand as they are where it does not.
func TestGeneratedFeatures(t *testing.T) {
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the graphs are absent")
	}
	lines := sharedNets(t, filepath.Join(dir, "energy"))
	if timm := os.Getenv("ONNXMETER_TIMM"); timm != "" {
		lines = append(lines, exportedNets(t, timm, lines)...)
	} else {
		old := shippedFeatures(t)
		if *update && !reflect.DeepEqual(old[:min(len(old), len(lines))], lines) {
			t.Fatal("the counts of shared networks changed, those of exported ones will: set ONNXMETER_TIMM to the folder of an export (fixtures/measure/export_timm.py)")
		}
		for _, l := range old {
			if l[len(l)-1] == exportedSource {
				lines = append(lines, l)
			}
		}
	}
	holdNets(t, "features.csv", "# Features of networks whose graphs (batch 1, weights absent) were counted, per sample.\n", lines)
}

// shippedFeatures are the lines of features.csv.
func shippedFeatures(t *testing.T) [][]string { return tableLines(t, data.Features) }

// tableLines are the lines of a feature table, without its head.
func tableLines(t *testing.T, table string) [][]string {
	t.Helper()
	c := csv.NewReader(strings.NewReader(table))
	c.Comment = '#'
	all, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// sharedNets are the lines of the graphs that graphs.csv lists.
func sharedNets(t *testing.T, dir string) [][]string {
	t.Helper()
	rows := csvRecords(t, filepath.Join(dir, "graphs.csv"))
	var lines [][]string
	counted := 0
	for _, f := range rows[1:] {
		col := map[string]string{}
		for i, name := range rows[0] {
			col[name] = f[i]
		}
		x, folded, ok := countGraph(t, filepath.Join(dir, "graphs", col["model"]+".onnx"))
		if !ok {
			lines = append(lines, []string{col["model"], col["size"], col["macs"], col["fvcore_activations"], col["torch_params"],
				"", "", "", "", "", "", "", "", "", "", "", "", "", "timm graph; MACs of the file, activations by fvcore, parameters by torch"})
			continue
		}
		counted++
		checkMACs(t, col, x.MACs(), folded)
		lines = append(lines, featureLine(x, col["model"], col["size"], col["torch_params"], sharedSource))
	}
	t.Logf("%d of %d shared graphs counted to the last node", counted, len(rows)-1)
	return lines
}

// exportedNets are the lines of the graphs of an export that are not among the shared
// ones, by name; those of networks in both are held to be the same.
func exportedNets(t *testing.T, dir string, shared [][]string) [][]string {
	t.Helper()
	have := map[netKey][]string{}
	for _, l := range shared {
		have[netKey{l[0], l[1]}] = l
	}
	parts, err := filepath.Glob(filepath.Join(dir, "graphs.*of*.csv"))
	if err != nil || len(parts) == 0 {
		t.Fatalf("%s: no graphs.*of*.csv of an export (%v)", dir, err)
	}
	params := map[netKey]string{}
	for _, part := range parts {
		for _, f := range csvRecords(t, part) { // model, size, parameters, why not
			k := netKey{f[0], f[1]}
			params[k] = cmp.Or(f[2], params[k])
		}
	}
	var lines [][]string
	both, equal, absent := 0, 0, 0
	for k, n := range params {
		if n == "" {
			absent++
			continue
		}
		x, _, ok := countGraph(t, filepath.Join(dir, "graphs", k.model+"@"+k.size+".onnx"))
		if !ok {
			absent++
			continue
		}
		line := featureLine(x, k.model, k.size, n, exportedSource)
		if l, ok := have[k]; ok {
			both++
			if slices.Equal(l[:len(l)-1], line[:len(line)-1]) {
				equal++
			} else {
				t.Logf("another export of %s/%s:\n%v\n%v", k.model, k.size, l, line)
			}
			continue
		}
		lines = append(lines, line)
	}
	t.Logf("%d networks exported and counted, %d not; %d of %d that are shared too have the same features", len(lines), absent, equal, both)
	slices.SortFunc(lines, slices.Compare)
	return lines
}

func csvRecords(t *testing.T, path string) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// countGraph gives the features of a graph, and how many of its nodes work on constants
// alone; ok is false if it is not counted to the last node.
func countGraph(t *testing.T, path string) (x energy.Features, folded graph.Dim, ok bool) {
	t.Helper()
	f, err := onnxfile.Open(path)
	if err != nil {
		t.Error(err)
		return x, folded, false
	}
	defer f.Close()
	r, err := counters.Count(f.Model, counters.Options{NoNodes: true})
	if err != nil || r.Coverage.Status != counters.Exact {
		return x, folded, false
	}
	x, err = energy.FromReport(r)
	return x, r.Coverage.Folded, err == nil
}

// featureLine is a line of features.csv. Parameters are those of torch: the exporter merges
// weights that are equal before training.
func featureLine(x energy.Features, model, size, params, source string) []string {
	line := netLine(model, size, x, source)
	line[4] = params
	return line
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
	return x.Share(1 / float64(dims[0])), dims[len(dims)-1]
}

// TestPublishedMACs holds the features of every exported network to the rows of its own
// parameters, which state MACs and activations by another tool, rounded to 1e7 and 1e4.
// That tool misses convolutions with padding=same: all of the convmixers'.
func TestPublishedMACs(t *testing.T) {
	rows, nets, err := ShippedInputs()
	if err != nil {
		t.Fatal(err)
	}
	printed := map[netKey]Row{}
	for _, r := range rows {
		if r.isPublishedBenchmark() && !strings.HasPrefix(r.Task, "train") {
			if k := (netKey{r.Model, strings.TrimPrefix(sizeOf(r.Task), "/")}); printed[k].release() < r.release() {
				printed[k] = r
			}
		}
	}
	compared, macs, activations := 0, 0, 0
	for _, l := range shippedFeatures(t) {
		k := netKey{l[0], l[1]}
		r, x := printed[k], nets.byKey[k]
		if l[len(l)-1] != exportedSource || r.MACs == 0 || !r.matches(x) {
			continue
		}
		compared++
		// The rows add up to two operations per activation for normalisations that an
		// exporter folds, and for some networks more: group norms, standardised weights.
		extra := r.MACs - x.MACs()
		if extra < -0.006e9 || extra > 0.006e9+2*x.Activations {
			macs++
		}
		near := extra >= -0.006e9-0.01*r.MACs && extra <= 0.006e9+0.05*r.MACs
		if missesPadding := strings.HasPrefix(k.model, "convmixer_"); near == missesPadding {
			t.Errorf("%s/%s: %.4g MACs counted, its rows print %.4g", k.model, k.size, x.MACs(), r.MACs)
		}
		if math.Abs(x.Activations-r.Activations) > 0.006e6 {
			activations++
		}
	}
	t.Logf("%d networks compared: MACs of %d and activations of %d are those of their rows", compared, compared-macs, compared-activations)
	if compared < 500 || macs > compared/10 || activations > compared/20 {
		t.Errorf("%d networks compared, %d differ in MACs, %d in activations", compared, macs, activations)
	}
}

package fit

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy/data"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
)

// TestFeatures counts the graphs of the networks behind the measurements and
// demands that features.csv says the same. A graph that is not counted to the
// last node keeps the figures that came with it and no split by class.
func TestFeatures(t *testing.T) {
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
		"", "", "", "", "", "", "", "", "timm graph; MACs of the file, activations by fvcore, parameters by torch"}
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
	x := r.Features
	line := []string{col["model"], col["size"]}
	for _, d := range []graph.Dim{r.Totals.MACs(), x.Elements, x.KernelsEager, x.KernelsFused,
		x.DenseMACs, x.GroupedMACs, x.MatmulTraffic, x.DepthTraffic, x.ScoreElements, x.OtherTraffic} {
		v, ok := d.Const()
		if !ok {
			return given, false
		}
		line = append(line, strconv.FormatInt(v, 10))
	}
	checkMACs(t, col, line[2], r.Coverage.Folded)
	// The exporter merges weights that are equal before training; torch does not.
	line = slices.Insert(line, 4, col["torch_params"])
	return append(line, "timm graph, counted; parameters by torch"), true
}

// checkMACs compares with what the file holds: equal, but for work on
// constants alone, which depends on no sample and is folded away.
func checkMACs(t *testing.T, col map[string]string, counted string, folded graph.Dim) {
	if counted == col["macs"] {
		return
	}
	mine, err1 := strconv.ParseFloat(counted, 64)
	file, err2 := strconv.ParseFloat(col["macs"], 64)
	if n, _ := folded.Const(); err1 != nil || err2 != nil || n == 0 || mine > file || mine < 0.95*file {
		t.Errorf("%s: %s MACs counted, the file holds %s, %v nodes are folded", col["model"], counted, col["macs"], folded)
	}
}

package training_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
	"github.com/onnxmeter/onnxmeter/counters/training"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
)

// records reads a table of the data that stands beside the project.
func records(t *testing.T, dir, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "energy", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, len(rows)-1)
	for i, r := range rows[1:] {
		out[i] = map[string]string{}
		for k, name := range rows[0] {
			out[i][name] = r[k]
		}
	}
	return out
}

// measuredNet is a graph with its step, counted once.
type measuredNet struct {
	report *counters.Report
	work   *training.Work
}

func openNet(t *testing.T, path string) measuredNet {
	t.Helper()
	f, err := onnxfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := counters.Count(f.Model, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := training.Count(r, training.Options{Optimizer: "momentum"})
	if err != nil {
		t.Fatal(err)
	}
	if !w.Complete() || w.Idle.Tensors > 0 && w.Trained.Tensors == 0 {
		t.Errorf("%s: %v %v %v", path, w.Unruled, w.Unresolved, w.Warnings)
	}
	return measuredNet{r, w}
}

// TestMeasuredSteps prices the steps of the nets that one source trained on an RTX 3090
// and holds Factor to them: nine tenths lie within it, no fewer and few more.
func TestMeasuredSteps(t *testing.T) {
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: no measured steps")
	}
	task := map[string]string{}
	for _, g := range records(t, dir, "graphs.csv") {
		task[g["model"]] = "train/" + g["size"]
	}
	gpu, err := energy.Lookup("rtx-3090")
	if err != nil {
		t.Fatal(err)
	}
	nets := map[string]measuredNet{}
	var logs []float64
	for _, r := range records(t, dir, "measurements.csv") {
		name := r["model"]
		if r["gpu"] != "RTX 3090" || r["task"] != task[name] {
			continue
		}
		if _, ok := nets[name]; !ok {
			nets[name] = openNet(t, filepath.Join(dir, "energy", "graphs", name+".onnx"))
		}
		logs = append(logs, logRatio(t, nets[name], gpu, r))
	}
	within := func(factor float64) float64 {
		n := 0
		for _, l := range logs {
			if math.Abs(l) <= math.Log(factor) {
				n++
			}
		}
		return float64(n) / float64(len(logs))
	}
	median := math.Exp(quantile.Median(logs))
	t.Logf("%d rows of %d nets: estimate/measured %.2f in the median, %.1f %% within x%g", len(logs), len(nets), median, 100*within(training.Factor), training.Factor)
	if len(logs) != 542 || median < 0.8 || median > 1.1 {
		t.Errorf("%d rows with a median of %.2f, want 542 near 1", len(logs), median)
	}
	if in := within(training.Factor); in < 0.87 || in > 0.95 {
		t.Errorf("%.3f of the rows lie within x%g, want about 0.9", in, training.Factor)
	}
}

func logRatio(t *testing.T, net measuredNet, gpu energy.Device, row map[string]string) float64 {
	t.Helper()
	batch, err := strconv.ParseFloat(row["batch"], 64)
	if err != nil {
		t.Fatal(err)
	}
	measured, err := strconv.ParseFloat(row["energy_j_per_sample"], 64)
	if err != nil {
		t.Fatal(err)
	}
	f, err := net.work.Features(net.report, energy.Width("fp16"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := energy.Estimate(gpu, f, energy.Options{Precision: row["precision"], Batch: batch})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(e.Coefficient, "rtx-3090") {
		t.Fatalf("priced by %s", e.Coefficient)
	}
	return math.Log(e.Joules / measured)
}

package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy/fit"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// TestMeasuredNets runs count on the graphs of measured networks, with the GPU, batch and
// mode of each measurement, and holds what it prints to the energies that were published.
// The joins that graphs.csv warns of are left out.
func TestMeasuredNets(t *testing.T) {
	shared := os.Getenv("ONNXMETER_SHARED")
	if shared == "" {
		t.Skip("ONNXMETER_SHARED is not set: the graphs are absent")
	}
	dir := filepath.Join(shared, "energy")
	sizes := graphSizes(t, filepath.Join(dir, "graphs.csv"))
	measured := newestRows(t, filepath.Join(dir, "measurements.csv"), sizes)
	errors := map[string]*ratios{}
	for s, rows := range measured {
		for model, e := range countAt(t, dir, s, slices.Sorted(maps.Keys(rows))) {
			k := s.gpu + " " + s.mode
			if errors[k] == nil {
				errors[k] = &ratios{}
			}
			errors[k].add(e, rows[model].Joules)
		}
	}
	for k, r := range errors {
		median, x90, coverage := r.sum()
		t.Logf("%s: %d nets, median %.1f %%, nine tenths within x%.2f, %.0f %% inside the interval", k, len(r.ape), 100*median, x90, 100*coverage)
		most, factor := 0.09, 1.4
		if strings.HasSuffix(k, "eager") {
			most, factor = 0.11, 1.5
		}
		if len(r.ape) < 380 || median > most || x90 > factor || coverage < 0.85 {
			t.Errorf("%s: expected at most %.0f %% and x%.1f on 380 nets or more, 85 %% inside", k, 100*most, factor)
		}
	}
	if len(errors) != 5 {
		t.Errorf("%d GPUs and modes", len(errors))
	}
}

// graphSizes lists the input sizes of the graphs by model.
func graphSizes(t *testing.T, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	sizes := map[string]string{}
	for _, r := range rows[1:] {
		if !strings.HasPrefix(r[at("note")], "its ") {
			sizes[r[at("model")]] = r[at("size")]
		}
	}
	return sizes
}

// setting is how a network ran.
type setting struct {
	gpu, mode string
	batch     float64
}

// newestRows are the rows of the graphs, in the newest release of the framework that each
// was measured with.
func newestRows(t *testing.T, path string, sizes map[string]string) map[setting]map[string]fit.Row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := fit.ReadRows(f)
	if err != nil {
		t.Fatal(err)
	}
	newest := map[string]fit.Row{}
	for _, r := range rows {
		if !strings.HasPrefix(r.Note, "nchw;pt") || r.Task != "inference/"+sizes[r.Model] {
			continue
		}
		k := r.GPU + r.Model + r.Mode()
		if old, ok := newest[k]; !ok || r.Note > old.Note {
			newest[k] = r
		}
	}
	out := map[setting]map[string]fit.Row{}
	for _, r := range newest {
		s := setting{r.GPU, r.Mode(), r.Batch}
		if out[s] == nil {
			out[s] = map[string]fit.Row{}
		}
		out[s][r.Model] = r
	}
	return out
}

// estimateJSON is what a report says of energy.
type estimateJSON struct{ Joules, Lo, Hi float64 }

// countAt runs the program on models in one setting.
func countAt(t *testing.T, dir string, s setting, models []string) map[string]estimateJSON {
	t.Helper()
	args := []string{"count", "-q", "-f", "ndjson", "--precision", "fp16-amp", "--gpu", s.gpu, "--mode", s.mode, "--batch", fmt.Sprint(s.batch)}
	for _, m := range models {
		args = append(args, filepath.Join(dir, "graphs", m+".onnx"))
	}
	var out, errs bytes.Buffer
	if code := run(strings.NewReader(""), &out, &errs, args); code != exitOK {
		t.Fatalf("%+v: exit %d: %s", s, code, errs.String())
	}
	all := map[string]estimateJSON{}
	for line := range strings.Lines(out.String()) {
		var r struct {
			Model  struct{ Path string }
			Energy []estimateJSON
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || len(r.Energy) != 1 {
			t.Fatalf("%+v: %v: %.200s", s, err, line)
		}
		all[strings.TrimSuffix(filepath.Base(r.Model.Path), ".onnx")] = r.Energy[0]
	}
	return all
}

// ratios gathers errors.
type ratios struct {
	ape, x []float64
	inside int
}

func (r *ratios) add(e estimateJSON, measured float64) {
	ratio := e.Joules / measured
	r.ape = append(r.ape, math.Abs(ratio-1))
	r.x = append(r.x, max(ratio, 1/ratio))
	if e.Lo <= measured && measured <= e.Hi {
		r.inside++
	}
}

// sum returns the median error, the factor that nine tenths lie within, and the share
// inside the interval.
func (r *ratios) sum() (median, x90, coverage float64) {
	return quantile.Median(r.ape), quantile.Of(r.x, 0.9), float64(r.inside) / float64(len(r.ape))
}

// Package fit learns the coefficients of counters/energy from published
// measurements and reports how well they predict what was held out. It is
// apart from the estimate so that a program that only estimates does not
// carry the measurements. Nothing in it is random: the same rows give the
// same table, byte for byte.
package fit

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Row is one published measurement, as in measurements.csv. Numbers that the
// source does not give are 0.
type Row struct {
	GPU, Model, Task, Precision string
	Batch                       float64
	MACs, Params, Activations   float64 // per sample, as the source prints them
	Joules                      float64 // per sample
	Throughput                  float64 // samples per second of all devices together
	Watts                       float64 // sum over all devices
	Kind                        string  // measured-nvml, measured-wall, throughput-x-tdp
	Source                      string  // repo:path@commit
	Devices                     float64 // number of accelerators, at least 1
	Family, Unit, Note          string
}

// columns of a file of measurements, in order.
var columns = []string{"gpu", "model", "task", "precision", "batch", "macs", "params",
	"activations_or_bytes", "energy_j_per_sample", "throughput_per_s", "power_w", "kind",
	"source", "n_gpu", "family", "unit", "note"}

// ReadRows parses a file with the columns of measurements.csv, in any order;
// gpu, model, precision, energy_j_per_sample and kind are required. Lines that start with '#'
// are comments.
func ReadRows(r io.Reader) ([]Row, error) {
	c := csv.NewReader(r)
	c.Comment = '#'
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("measurements: header: %w", err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	for _, name := range []string{"gpu", "model", "precision", "energy_j_per_sample", "kind"} {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("measurements: no column %q", name)
		}
	}
	var rows []Row
	for {
		f, err := c.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("measurements: %w", err)
		}
		row, err := parseRow(at, f)
		if err != nil {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("measurements: line %d: %w", line, err)
		}
		rows = append(rows, row)
	}
}

func parseRow(at map[string]int, f []string) (Row, error) {
	text := func(name string) string {
		if i, ok := at[name]; ok {
			return f[i]
		}
		return ""
	}
	r := Row{GPU: text("gpu"), Model: text("model"), Task: text("task"), Precision: text("precision"),
		Kind: text("kind"), Source: text("source"), Family: text("family"), Unit: text("unit"), Note: text("note")}
	for _, p := range []struct {
		name string
		v    *float64
	}{
		{"batch", &r.Batch}, {"macs", &r.MACs}, {"params", &r.Params}, {"activations_or_bytes", &r.Activations},
		{"energy_j_per_sample", &r.Joules}, {"throughput_per_s", &r.Throughput}, {"power_w", &r.Watts},
		{"n_gpu", &r.Devices},
	} {
		s := strings.TrimSpace(text(p.name))
		if s == "" {
			continue
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0) || math.IsInf(v, 0) {
			return r, fmt.Errorf("column %s: %q is not a finite, non-negative number", p.name, s)
		}
		*p.v = v
	}
	if r.Devices == 0 {
		r.Devices = 1
	}
	return r, nil
}

// Withheld reports whether a row does not ship because its source states no
// licence: such rows enter the shipped table as coefficients only.
func (r Row) Withheld() bool {
	return strings.HasPrefix(r.Source, "lambdal/") || strings.HasPrefix(r.Source, "ml-energy/")
}

// repository of a row's source.
func (r Row) repository() string {
	repo, _, _ := strings.Cut(r.Source, ":")
	if short, _, ok := strings.Cut(repo, " ("); ok {
		repo = short
	}
	return repo
}

// Ships reports whether a row belongs to the shipped file: it has a licence
// and names a device that a table knows.
func (r Row) Ships() bool {
	return !r.Withheld() && !strings.HasPrefix(r.GPU, "unnamed-")
}

// WriteRows writes rows in the columns of measurements.csv.
func WriteRows(w io.Writer, rows []Row) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	for _, r := range rows {
		err := c.Write([]string{r.GPU, r.Model, r.Task, r.Precision, figure(r.Batch), figure(r.MACs), figure(r.Params),
			figure(r.Activations), figure(r.Joules), figure(r.Throughput), figure(r.Watts), r.Kind, r.Source,
			figure(r.Devices), r.Family, r.Unit, r.Note})
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// figure writes a number in its shortest exact form; 0, unknown, is empty.
func figure(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

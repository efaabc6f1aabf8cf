// Package fit learns the coefficients of counters/energy from published
// measurements and reports how well they predict what was held out. It is
// apart from the estimate so that a program that only estimates does not
// carry the measurements. Nothing in it is random: the same rows give the
// same table, byte for byte.
package fit

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
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

// The bounds of a file of measurements: its size, and the wrong lines that an error
// lists before it only counts them.
const (
	MaxRowsBytes = 256 << 20
	maxListed    = 20
)

// RowsError lists the lines of a file of measurements that are wrong.
type RowsError struct {
	Lines []string // "line 3, column batch: what is wrong (what was expected)"
	More  int      // further wrong lines
}

func (e *RowsError) Error() string {
	s := strings.Join(e.Lines, "; ")
	if e.More > 0 {
		s += fmt.Sprintf("; and %d more lines", e.More)
	}
	return s
}

func (e *RowsError) add(line int, format string, args ...any) {
	if len(e.Lines) == maxListed {
		e.More++
		return
	}
	e.Lines = append(e.Lines, fmt.Sprintf("line %d", line)+fmt.Sprintf(format, args...))
}

// ReadRows parses a file with the columns of measurements.csv, in any order;
// gpu, model, precision, energy_j_per_sample and kind are required. Lines that start with '#'
// are comments. Lines that are wrong are one *RowsError.
func ReadRows(r io.Reader) ([]Row, error) {
	limited := &io.LimitedReader{R: r, N: MaxRowsBytes + 1}
	c := csv.NewReader(limited)
	c.Comment = '#'
	c.FieldsPerRecord = -1
	bad := &RowsError{}
	at, err := readHeader(c, bad)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		f, err := c.Read()
		var syntax *csv.ParseError
		switch {
		case limited.N <= 0:
			return nil, fmt.Errorf("more than %d MiB of measurements", MaxRowsBytes>>20)
		case err == io.EOF && len(bad.Lines) > 0:
			return nil, bad
		case err == io.EOF:
			return rows, nil
		case errors.As(err, &syntax): // what follows cannot be told apart
			bad.add(syntax.Line, ", character %d: %v", syntax.Column, syntax.Err)
			return nil, bad
		case err != nil:
			return nil, err
		}
		line, _ := c.FieldPos(0)
		if len(f) != len(at) {
			bad.add(line, ": %d fields (expected %d)", len(f), len(at))
			continue
		}
		rows = append(rows, parseRow(at, f, func(column, value string) {
			bad.add(line, ", column %s: %s is not a finite, non-negative number", column, graph.Quote(value))
		}))
	}
}

// readHeader returns the place of each column.
func readHeader(c *csv.Reader, bad *RowsError) (map[string]int, error) {
	needed := []string{"gpu", "model", "precision", "energy_j_per_sample", "kind"}
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("no header: %w (expected columns %s)", err, strings.Join(needed, ", "))
	}
	at := map[string]int{}
	for i, name := range head {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if _, twice := at[name]; twice {
			bad.add(1, ": two columns %s", graph.Quote(name))
			return nil, bad
		}
		at[name] = i
	}
	for _, name := range needed {
		if _, ok := at[name]; !ok {
			bad.add(1, ": no column %q (expected %s)", name, strings.Join(needed, ", "))
			return nil, bad
		}
	}
	return at, nil
}

// parseRow reads the fields of a line and tells wrong of each number that is none.
func parseRow(at map[string]int, f []string, wrong func(column, value string)) Row {
	text := func(name string) string {
		if i, ok := at[name]; ok {
			return f[i]
		}
		return ""
	}
	r := Row{GPU: text("gpu"), Model: text("model"), Task: text("task"), Precision: text("precision"),
		Kind: text("kind"), Source: publicSource(text("source")), Family: text("family"), Unit: text("unit"), Note: text("note")}
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
			wrong(p.name, s)
			continue
		}
		*p.v = v
	}
	if r.Devices == 0 {
		r.Devices = 1
	}
	return r
}

// publicSource names a paper by its authors and title.
func publicSource(s string) string {
	if _, where, ok := strings.Cut(s, "(Douwes et al.)"); ok {
		return "Douwes, Esling, Briot: Energy consumption of deep generative audio models," + where
	}
	return s
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

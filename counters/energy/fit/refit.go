package fit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/data"
)

// The shipped table's name and the date of its data. Raise them with every
// change of data, features or method.
const (
	Version = "3"
	Date    = "2026-11-21"
)

// Refit is a fit with everything a reader needs to repeat it.
type Refit struct {
	Model   *Model
	Points  []Point
	Table   *energy.Table
	Skipped Skipped
	Missing int // rows of the shipped table that the data lacks: they do not ship
}

// Do fits a table from rows and features.
func Do(rows []Row, nets *Nets) (*Refit, error) {
	points, skipped, err := Points(rows, nets)
	if err != nil {
		return nil, err
	}
	m, err := Fit(points)
	if err != nil {
		return nil, err
	}
	t := m.Table(provenance(rows, points, skipped))
	return &Refit{Model: m, Points: points, Table: t, Skipped: skipped, Missing: withheld(energy.Shipped()) - withheld(t)}, nil
}

// withheld rows behind a table.
func withheld(t *energy.Table) int {
	n := 0
	for _, r := range t.Rows {
		if r.Form == "totals" {
			n += r.Withheld
		}
	}
	return n
}

// Lacks lists the rows of the shipped table that rest on measurements which the refit did
// not have, because their source states no licence.
func (r *Refit) Lacks() []energy.Coefficients {
	have := map[string]int{}
	for _, c := range r.Table.Rows {
		have[c.ID] = c.Withheld
	}
	var list []energy.Coefficients
	for _, c := range energy.Shipped().Rows {
		if c.Form == "totals" && have[c.ID] < c.Withheld {
			list = append(list, c)
		}
	}
	return list
}

// Together joins lists of rows; a row of a later one that an earlier one has too counts
// once. Rows of one list may be equal: their source measured twice.
func Together(lists ...[]Row) []Row {
	var all []Row
	seen := map[Row]bool{}
	for _, list := range lists {
		for _, r := range list {
			if !seen[r] {
				all = append(all, r)
			}
		}
		for _, r := range list {
			seen[r] = true
		}
	}
	return all
}

// ShippedInputs are the rows and the features that the binary carries.
func ShippedInputs() ([]Row, *Nets, error) {
	b, err := data.Measurements()
	if err != nil {
		return nil, nil, err
	}
	rows, err := ReadRows(bytes.NewReader(b))
	if err != nil {
		return nil, nil, err
	}
	nets, err := ShippedNets()
	return rows, nets, err
}

// ShippedNets are the features that the binary carries.
func ShippedNets() (*Nets, error) {
	return ReadNets(strings.NewReader(data.Nets), strings.NewReader(data.Features))
}

// provenance counts and hashes what a fit used.
func provenance(rows []Row, points []Point, skipped Skipped) Provenance {
	ship := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !r.Ships() })
	used, unlicensed := 0, 0
	for _, p := range points {
		used += p.Rows
		unlicensed += p.Withheld
	}
	lines := []string{
		fmt.Sprintf("rows: %d used, of them %d that do not ship because their source states no licence", used, unlicensed),
		"measurements: sha256 " + hash(func(w io.Writer) error { return WriteRows(w, ship) }) + " of the shipped rows, unpacked",
		"features: sha256 " + hash(func(w io.Writer) error { _, err := io.WriteString(w, data.Nets+data.Features); return err }) + " of nets.csv and features.csv",
		fmt.Sprintf("method: non-negative, Huber loss %v on log(predicted/measured); see docs/energy.md", huber),
		"units: joules per unit of work; rows without a device are multiples of the datasheet's price",
		"refit: go test ./counters/energy/fit -run GeneratedTable -update",
	}
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		lines = append(lines, fmt.Sprintf("unused: %d rows: %s", skipped[why], why))
	}
	return Provenance{Version: Version, Date: Date, Lines: lines}
}

// hash of what a writer writes, or the error instead of it.
func hash(write func(io.Writer) error) string {
	h := sha256.New()
	if err := write(h); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

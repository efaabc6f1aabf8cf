// Package data holds the tables that counters/energy ships: figures with
// their sources, and the coefficients fitted from them.
package data

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
)

// GPUs is the table of accelerators: identifiers, aliases, thermal design
// power, dense peaks, memory bandwidth, and the sources of each.
//
//go:embed gpus.csv
var GPUs string

// Carbon is the table of carbon factors, g CO2e per kWh, keyed by zone, kind
// and source.
//
//go:embed carbon.csv
var Carbon string

// Coefficients is the fitted table that estimates use by default.
//
//go:embed coefficients.csv
var Coefficients string

// Validation is the errors of Coefficients on what their fit did not see.
//
//go:embed validation.csv
var Validation string

// Nets gives the features of networks that measurement rows name without an
// input size, worked out from their published structure.
//
//go:embed nets.csv
var Nets string

// Features are those of networks whose graphs were counted, by model and input
// size; a test of package fit writes the file.
//
//go:embed features.csv
var Features string

//go:embed measurements.csv.gz
var measurements []byte

// Measurements unpacks the measurement rows that ship: CSV, one row per
// published point, each with its source.
func Measurements() ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(measurements))
	if err != nil {
		return nil, fmt.Errorf("embedded measurements: %w", err)
	}
	defer z.Close()
	return io.ReadAll(z)
}

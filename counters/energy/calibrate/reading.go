// Package calibrate turns a user's own measurements into coefficients of grade B: it
// reads what common meters write, joins each run with the features of the net that
// ran, and scales the coefficients that an estimate would have taken.
package calibrate

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Reading is what a meter says of one run.
type Reading struct {
	Label    string // what the meter calls the run, "" if nothing
	GPU      string // the device as the meter names it, "" if it does not
	Joules   float64
	Seconds  float64
	Boundary string // gpu: the accelerators alone; system: more of the machine
	Line     int    // where it stands in the file
	Notes    []string
}

// Window is the part of a power log that a run took: the text of a time stamp as the
// log writes it, or seconds since its first line. Empty ends are those of the log.
type Window struct{ Start, Stop string }

// maxLogBytes bounds a log: a day of ten samples a second is some 35 MB.
const maxLogBytes = 256 << 20

// Format is the kind of a log.
type Format string

// The formats, told apart by content.
const (
	CodeCarbon    Format = "codecarbon"    // emissions.csv
	Carbontracker Format = "carbontracker" // its standard log, or its output log
	NvidiaSMI     Format = "nvidia-smi"    // --query-gpu=timestamp,power.draw --format=csv
	Rows          Format = "rows"          // CSV in the columns of measurements.csv: package fit reads it
)

// Detect tells the format of a log by its first lines.
func Detect(content []byte) (Format, bool) {
	head := strings.ToLower(string(content[:min(len(content), 4096)]))
	first, _, _ := strings.Cut(strings.TrimLeft(head, "\ufeff \r\n"), "\n")
	switch {
	case strings.Contains(first, "energy_consumed") && strings.Contains(first, "duration"):
		return CodeCarbon, true
	case strings.Contains(first, "energy_j_per_sample"):
		return Rows, true
	case strings.Contains(first, "timestamp") && strings.Contains(first, "power.draw"):
		return NvidiaSMI, true
	case strings.Contains(head, "carbontracker"), strings.Contains(head, "actual consumption for"):
		return Carbontracker, true
	}
	return "", false
}

// Load reads a whole log, bounded.
func Load(r io.Reader, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxLogBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxLogBytes {
		return nil, &graph.FileError{File: name, What: fmt.Sprintf("more than %d MiB", maxLogBytes>>20)}
	}
	return b, nil
}

// Read parses a log in one of the formats but Rows. A power log is one reading, for a
// window; an emissions.csv has one a line, a Carbontracker log one in all. idle is the
// power in watts to subtract, for the whole time of a reading.
func Read(content []byte, name string, format Format, w Window, idle float64) ([]Reading, error) {
	var out []Reading
	var err error
	switch format {
	case CodeCarbon:
		out, err = codeCarbon(content)
	case Carbontracker:
		out, err = carbontracker(content)
	case NvidiaSMI:
		out, err = nvidiaSMI(content, w)
	default:
		return nil, &graph.FileError{File: name, What: fmt.Sprintf("format %q is no log of a meter", format)}
	}
	var at *graph.FileError
	if errors.As(err, &at) {
		at.File = name
	}
	if err != nil {
		return nil, err
	}
	for i := range out {
		r := &out[i]
		if idle > 0 {
			r.Joules -= idle * r.Seconds
			r.Notes = append(r.Notes, fmt.Sprintf("%g W of idle power subtracted", idle))
		}
		if !(r.Joules > 0) || !(r.Seconds > 0) || math.IsInf(r.Joules, 0) {
			return nil, &graph.FileError{File: name, Line: r.Line, What: fmt.Sprintf("%g J in %g s (expected more than 0 of both)", r.Joules, r.Seconds)}
		}
	}
	return out, nil
}

// joulesPerKWh converts kilowatt-hours.
const joulesPerKWh = 3.6e6

// lines calls f with every line and its number from 1.
func lines(content []byte, f func(line int, text string) error) error {
	s := bufio.NewScanner(bytes.NewReader(content))
	s.Buffer(nil, 1<<20)
	n := 0
	for s.Scan() {
		n++
		if err := f(n, strings.TrimPrefix(s.Text(), "\ufeff")); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return &graph.FileError{Line: n + 1, What: err.Error()}
	}
	return nil
}

// number parses a finite, non-negative number.
func number(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return v, err == nil && v >= 0 && !math.IsInf(v, 0)
}

// duration parses H:MM:SS with or without a fraction, and with days in front as Python
// prints them ("1 day, 2:03:04").
func duration(s string) (seconds float64, ok bool) {
	s = strings.TrimSpace(s)
	if days, rest, found := strings.Cut(s, " day"); found {
		n, isNumber := number(days)
		_, rest, _ = strings.Cut(rest, ", ")
		if !isNumber {
			return 0, false
		}
		seconds, s = n*24*3600, rest
	}
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	for i, unit := range []float64{3600, 60, 1} {
		v, isNumber := number(parts[i])
		if !isNumber {
			return 0, false
		}
		seconds += v * unit
	}
	return seconds, true
}

// smiTime is how nvidia-smi writes a time stamp.
const smiTime = "2006/01/02 15:04:05"

func parseTime(s string) (time.Time, error) { return time.Parse(smiTime, strings.TrimSpace(s)) }

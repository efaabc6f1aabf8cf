package calibrate

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// carbontracker reads a log of Carbontracker. The standard log has the average power of
// the GPUs in each epoch; the output log has the energy of all components, multiplied by
// a PUE that only the standard log states.
func carbontracker(content []byte) ([]Reading, error) {
	var c trackerLog
	if err := lines(content, c.line); err != nil {
		return nil, err
	}
	switch {
	case c.epochs > 0 && c.joules > 0:
		r := Reading{Joules: c.joules, Seconds: c.seconds, Boundary: "gpu", GPU: c.gpu, Line: c.first}
		r.Notes = append(r.Notes, fmt.Sprintf("%d epochs, their average power times their time", c.epochs))
		return []Reading{r}, nil
	case c.actualKWh > 0:
		r := Reading{Joules: c.actualKWh * joulesPerKWh, Seconds: c.actualSeconds, Boundary: "system", GPU: c.gpu, Line: c.first}
		if c.pue > 0 {
			r.Joules /= c.pue
			r.Notes = append(r.Notes, fmt.Sprintf("divided by its PUE of %g", c.pue))
		} else {
			r.Notes = append(r.Notes, "its energy holds a PUE that this log does not state: give the standard log, which has powers")
		}
		return []Reading{r}, nil
	}
	return nil, &graph.FileError{What: "no epoch with the power of a GPU, and no actual consumption"}
}

// trackerLog collects what the lines of a log say.
type trackerLog struct {
	gpu             string
	pue             float64
	first, epochs   int
	open            float64 // seconds of the epoch whose power comes next
	joules, seconds float64

	actual                   bool // inside the block of the actual consumption
	actualKWh, actualSeconds float64
}

// after returns what follows a mark in a line.
func after(text, mark string) (string, bool) {
	_, rest, ok := strings.Cut(text, mark)
	return strings.TrimSpace(rest), ok
}

func (c *trackerLog) line(n int, text string) error {
	bad := func(what, got, want string) error {
		return &graph.FileError{Line: n, What: fmt.Sprintf("%s %q (expected %s)", what, got, want)}
	}
	if s, ok := after(text, "PUE coefficient of "); ok {
		value, _, _ := strings.Cut(s, " ")
		if c.pue, ok = number(value); !ok || c.pue < 1 {
			return bad("PUE", value, "1 or more")
		}
	}
	if s, ok := after(text, "GPU with device(s) "); ok {
		c.gpu, _, _ = strings.Cut(s, ". ")
		c.gpu = strings.TrimSuffix(strings.Split(c.gpu, ", ")[0], ".")
	}
	if s, ok := after(text, "Duration: "); ok {
		if c.open, ok = duration(s); !ok {
			return bad("duration", s, "H:MM:SS")
		}
	}
	if s, ok := after(text, "Average power usage (W) for gpu: "); ok {
		watts, ok := powers(s)
		if !ok {
			return bad("power of the GPU", s, "watts")
		}
		if c.epochs++; c.epochs == 1 {
			c.first = n
		}
		c.joules += watts * c.open
		c.seconds += c.open
	}
	return c.actualLine(n, text)
}

// actualLine reads the block "Actual consumption for N epoch(s):"; the last one counts.
func (c *trackerLog) actualLine(n int, text string) error {
	switch {
	case strings.Contains(text, "Actual consumption for"):
		c.actual = true
		if c.first == 0 {
			c.first = n
		}
	case strings.Contains(text, "Predicted consumption for"):
		c.actual = false
	}
	if !c.actual {
		return nil
	}
	if s, ok := after(text, "Time:"); ok {
		if c.actualSeconds, ok = duration(s); !ok {
			return &graph.FileError{Line: n, What: fmt.Sprintf("time %q (expected H:MM:SS)", s)}
		}
	}
	if s, ok := after(text, "Energy:"); ok {
		value, unit, _ := strings.Cut(s, " ")
		kwh, ok := number(value)
		if !ok || unit != "kWh" {
			return &graph.FileError{Line: n, What: fmt.Sprintf("energy %q (expected kWh)", s)}
		}
		c.actualKWh = kwh
	}
	return nil
}

// powers sums the powers of several devices: "113.8" or "[113.8 97.2]".
func powers(s string) (sum float64, ok bool) {
	fields := strings.FieldsFunc(strings.Trim(s, "[]"), func(r rune) bool { return r == ' ' || r == ',' })
	for _, f := range fields {
		w, ok := number(f)
		if !ok {
			return 0, false
		}
		sum += w
	}
	return sum, len(fields) > 0
}

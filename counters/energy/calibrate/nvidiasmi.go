package calibrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onnxmeter/onnxmeter/graph"
)

// sample is the power of one GPU at one time.
type sample struct {
	at    time.Time
	watts float64
}

// nvidiaSMI integrates the power that nvidia-smi logged, between two marks: the area
// under the straight lines between samples, summed over the GPUs of the log.
func nvidiaSMI(content []byte, w Window) ([]Reading, error) {
	log, err := smiSamples(content)
	if err != nil {
		return nil, err
	}
	start, err := mark(w.Start, log.first, log.first)
	if err != nil {
		return nil, err
	}
	stop, err := mark(w.Stop, log.first, log.last)
	if err != nil {
		return nil, err
	}
	switch {
	case start.Before(log.first) || stop.After(log.last):
		return nil, &graph.FileError{What: fmt.Sprintf("the marks %s to %s are outside the log (%s to %s)",
			start.Format(smiTime), stop.Format(smiTime), log.first.Format(smiTime), log.last.Format(smiTime))}
	case !stop.After(start):
		return nil, &graph.FileError{What: fmt.Sprintf("the mark of the stop, %s, is not after that of the start", stop.Format(smiTime))}
	}
	r := Reading{Boundary: "gpu", Seconds: stop.Sub(start).Seconds(), GPU: log.name, Line: log.line}
	for _, gpu := range log.order {
		j, err := integral(log.samples[gpu], start, stop)
		if err != nil {
			return nil, err
		}
		r.Joules += j
	}
	if n := len(log.order); n > 1 {
		r.Notes = append(r.Notes, fmt.Sprintf("the sum of %d GPUs", n))
	}
	if log.missing > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d samples without a power are left out", log.missing))
	}
	return []Reading{r}, nil
}

// smiLog is the power log of one or more GPUs.
type smiLog struct {
	samples     map[string][]sample
	order       []string // GPUs in the order of the log
	name        string
	first, last time.Time
	line        int // of the first sample
	missing     int
}

func smiSamples(content []byte) (*smiLog, error) {
	log := &smiLog{samples: map[string][]sample{}}
	column := map[string]int{}
	err := lines(content, func(n int, text string) error {
		if strings.TrimSpace(text) == "" {
			return nil
		}
		f := strings.Split(text, ",")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		if len(column) == 0 {
			for i, name := range f {
				name, _, _ = strings.Cut(name, " [")
				column[name] = i
			}
			return nil
		}
		return log.add(column, f, n)
	})
	if err == nil && len(log.order) == 0 {
		err = &graph.FileError{What: "no sample of power"}
	}
	return log, err
}

func (l *smiLog) add(column map[string]int, f []string, n int) error {
	text := func(name string) string {
		if i, ok := column[name]; ok && i < len(f) {
			return f[i]
		}
		return ""
	}
	at, err := parseTime(text("timestamp"))
	if err != nil {
		return &graph.FileError{Line: n, What: fmt.Sprintf("timestamp %q (expected as in 2025/01/31 12:00:00.500)", text("timestamp"))}
	}
	power := text("power.draw")
	if strings.HasPrefix(power, "[") { // [N/A], [Not Supported]
		l.missing++
		return nil
	}
	watts, ok := number(strings.TrimSuffix(power, " W"))
	if !ok {
		return &graph.FileError{Line: n, What: fmt.Sprintf("power %q (expected watts)", power)}
	}
	gpu := text("index") + text("uuid") + text("pci.bus_id")
	if len(l.samples[gpu]) == 0 {
		l.order = append(l.order, gpu)
	}
	if len(l.order) == 1 && len(l.samples[gpu]) == 0 {
		l.first, l.name, l.line = at, text("name"), n
	}
	l.samples[gpu] = append(l.samples[gpu], sample{at, watts})
	if at.After(l.last) {
		l.last = at
	}
	return nil
}

// mark reads one end of a window.
func mark(s string, first, otherwise time.Time) (time.Time, error) {
	if s == "" {
		return otherwise, nil
	}
	if seconds, ok := number(s); ok && seconds < 1e9 {
		return first.Add(time.Duration(seconds * float64(time.Second))), nil
	}
	t, err := parseTime(s)
	if err != nil {
		return t, &graph.FileError{What: fmt.Sprintf("mark %q (expected a time as in 2025/01/31 12:00:00.5, or seconds since the first sample)", s)}
	}
	return t, nil
}

// integral is the area under the power between two times. Before the first and after
// the last sample of a GPU its power is taken as constant.
func integral(s []sample, start, stop time.Time) (float64, error) {
	if !slices.IsSortedFunc(s, func(a, b sample) int { return a.at.Compare(b.at) }) {
		return 0, &graph.FileError{What: "the samples are not in the order of their time"}
	}
	if len(s) < 2 {
		return 0, &graph.FileError{What: "one sample of power (expected two or more for each GPU)"}
	}
	points := []sample{{start, powerAt(s, start)}}
	for _, p := range s {
		if p.at.After(start) && p.at.Before(stop) {
			points = append(points, p)
		}
	}
	points = append(points, sample{stop, powerAt(s, stop)})
	sum := 0.0
	for i, p := range points[1:] {
		sum += (points[i].watts + p.watts) / 2 * p.at.Sub(points[i].at).Seconds()
	}
	return sum, nil
}

// powerAt is the power at a time, on the straight line between the samples around it.
func powerAt(s []sample, t time.Time) float64 {
	i, _ := slices.BinarySearchFunc(s, t, func(p sample, t time.Time) int { return p.at.Compare(t) })
	switch {
	case i == 0:
		return s[0].watts
	case i == len(s):
		return s[i-1].watts
	}
	a, b := s[i-1], s[i]
	share := t.Sub(a.at).Seconds() / b.at.Sub(a.at).Seconds()
	return a.watts + share*(b.watts-a.watts)
}

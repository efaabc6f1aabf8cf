package render

import (
	"fmt"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// estimates prints energy, time and CO2e, each with its interval and what it rests on.
func (t *textReport) estimates() {
	for i := range t.r.Estimates {
		e := &t.r.Estimates[i]
		t.printf("Energy    %s · %s · %s · batch %g", paint(e.GPU, sgrBold, t.v.Color), e.Precision, e.Mode, e.Batch)
		if e.Missing != "" {
			t.printf(": no estimate: %s\n", sentence(e.Missing))
			continue
		}
		t.printf(" · grade %s · boundary %s\n", e.Grade, e.Boundary)
		t.estimate("energy", interval(e.Joules, e.Lo, e.Hi, "J"), "")
		if e.Seconds.Known {
			t.estimate("time", interval(e.Seconds.Value, e.Seconds.Lo, e.Seconds.Hi, "s"), "of one, at this batch")
		}
		for k := range e.Emissions {
			c := &e.Emissions[k]
			t.estimate("CO2e", interval(c.Grams, c.Lo, c.Hi, "g"), zoneText(c))
			t.manyTimes(e, c)
			for _, q := range c.Everyday {
				t.estimate("", everyday(&q, max(e.Requests, 1)), "")
			}
		}
		t.estimate("from", plain(e.Coefficient), "")
		for _, w := range e.Warnings {
			for k, l := range wrap(sentence(w), textWidth-18) {
				label := "note"
				if k > 0 {
					label = ""
				}
				t.printf("          %s  %s\n", paint(fmt.Sprintf("%-6s", label), sgrYellow, t.v.Color), l)
			}
		}
	}
}

// manyTimes prints what a number of inferences take.
func (t *textReport) manyTimes(e *Estimate, c *energy.Emission) {
	if e.Requests == 0 {
		return
	}
	n := float64(e.Requests)
	hours := n / 3600
	t.estimate("", fmt.Sprintf("%d times: %s and %s", e.Requests, interval(hours*e.Joules, hours*e.Lo, hours*e.Hi, "Wh"), interval(n*c.Grams, n*c.Lo, n*c.Hi, "g")), "")
}

// everyday compares n of an amount with one of every day.
func everyday(q *energy.Equivalent, n int64) string {
	return fmt.Sprintf("= %s x %s (%s)", strconv.FormatFloat(float64(n)*q.Times, 'g', 3, 64), q.Name, q.Source)
}

// estimate prints one line of an estimate.
func (t *textReport) estimate(label, figure, note string) {
	t.printf("          %s  %s", paint(fmt.Sprintf("%-6s", label), sgrDim, t.v.Color), figure)
	if note != "" {
		t.printf("  %s", paint(note, sgrDim, t.v.Color))
	}
	t.w.WriteByte('\n')
}

// interval prints a figure with its ends.
func interval(v, lo, hi float64, unit string) string {
	return fmt.Sprintf("%-8s [%s, %s]", si(v, unit), si(lo, unit), si(hi, unit))
}

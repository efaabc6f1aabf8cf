package render

import (
	"fmt"
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

package render

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// Training is the energy of a training and what it emits.
type Training struct {
	Tool Tool
	GPU  string // ID of the accelerator, "" if only its power is given
	Run  energy.Run
	energy.Spent
	Emissions []energy.Emission // one for each zone, at least one
	Warnings  []string
}

// Train writes a training as text, json, csv or markdown.
func Train(w io.Writer, kind string, t *Training, color bool) error {
	switch kind {
	case "json":
		return trainJSON(w, t)
	case "text":
		b := bufio.NewWriter(w)
		t.text(b, color)
		return b.Flush()
	}
	out := t.table()
	return out.write(w, kind, color)
}

// decimal prints a number in its shortest exact form, without an exponent where
// that is readable.
func decimal(v float64) string {
	if v != 0 && (v < 1e-6 || v >= 1e15) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// kilograms rounds grams to kilograms with four digits: a carbon factor has three.
func kilograms(grams float64) float64 {
	kg, err := strconv.ParseFloat(strconv.FormatFloat(grams/1000, 'g', 4, 64), 64)
	if err != nil { // past the largest float by rounding up
		return grams / 1000
	}
	return kg
}

func (t *Training) text(b *bufio.Writer, color bool) {
	fmt.Fprintf(b, "Training  %s · %s · %s h\n", paint(t.hardware(), sgrBold, color), t.power(), decimal(t.Run.Hours))
	p := facts{b, color}
	p.row("energy", ends(decimal(t.KWh), decimal(t.Lo), decimal(t.Hi), "kWh"), "")
	p.emissions(t.Emissions)
	p.notes(t.Warnings)
}

// facts prints lines of a label, a figure and a remark.
type facts struct {
	b     *bufio.Writer
	color bool
}

func (p facts) row(label, figure, note string) { p.painted(label, figure, note, sgrDim) }

func (p facts) painted(label, figure, note, sgr string) {
	fmt.Fprintf(p.b, "          %s  %s", paint(fmt.Sprintf("%-6s", label), sgr, p.color), figure)
	if note != "" {
		fmt.Fprintf(p.b, "  %s", paint(note, sgrDim, p.color))
	}
	p.b.WriteByte('\n')
}

func (p facts) emissions(list []energy.Emission) {
	for i := range list {
		e := &list[i]
		p.row("CO2e", ends(decimal(kilograms(e.Grams)), decimal(kilograms(e.Lo)), decimal(kilograms(e.Hi)), "kg"), zoneText(e))
		for k := range e.Everyday {
			p.row("", everyday(&e.Everyday[k], 1), "")
		}
	}
}

func (p facts) notes(list []string) {
	for _, w := range list {
		for i, l := range wrap(sentence(w), textWidth-18) {
			p.painted(map[bool]string{true: "note"}[i == 0], l, "", sgrYellow)
		}
	}
}

// ends is a figure with its interval.
func ends(point, lo, hi, unit string) string {
	return fmt.Sprintf("%s %s  [%s, %s]", point, unit, lo, hi)
}

// hardware is "4 x p100-pcie-16gb".
func (t *Training) hardware() string {
	name := t.GPU
	if name == "" {
		name = "accelerator"
	}
	return fmt.Sprintf("%d x %s", t.Run.GPUs, name)
}

// power is "300 W" or "300 W x 0.8".
func (t *Training) power() string {
	s := decimal(t.Run.Watts) + " W"
	if t.Run.Share != 0 {
		s += " x " + decimal(t.Run.Share)
	}
	return s
}

func (t *Training) table() *table {
	out := &table{
		head:  []string{"gpu", "gpus", "watts", "tdp_share", "hours", "kwh", "kwh_lo", "kwh_hi", "zone", "g_per_kwh", "year", "pue", "kg", "kg_lo", "kg_hi"},
		right: []bool{false, true, true, true, true, true, true, true, false, true, true, true, true, true, true},
	}
	share := ""
	if t.Run.Share != 0 {
		share = decimal(t.Run.Share)
	}
	for i := range t.Emissions {
		out.rows = append(out.rows, append([]string{t.GPU, strconv.FormatInt(t.Run.GPUs, 10), decimal(t.Run.Watts), share, decimal(t.Run.Hours),
			decimal(t.KWh), decimal(t.Lo), decimal(t.Hi)}, emissionCells(&t.Emissions[i])...))
	}
	return out
}

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
	row := func(label, figure, note, sgr string) {
		fmt.Fprintf(b, "          %s  %s", paint(fmt.Sprintf("%-6s", label), sgr, color), figure)
		if note != "" {
			fmt.Fprintf(b, "  %s", paint(note, sgrDim, color))
		}
		b.WriteByte('\n')
	}
	ends := func(point, lo, hi, unit string) string {
		return fmt.Sprintf("%s %s  [%s, %s]", point, unit, lo, hi)
	}
	row("energy", ends(decimal(t.KWh), decimal(t.Lo), decimal(t.Hi), "kWh"), "", sgrDim)
	for i := range t.Emissions {
		e := &t.Emissions[i]
		row("CO2e", ends(decimal(kilograms(e.Grams)), decimal(kilograms(e.Lo)), decimal(kilograms(e.Hi)), "kg"), zoneText(e), sgrDim)
	}
	for _, w := range t.Warnings {
		for i, l := range wrap(sentence(w), textWidth-18) {
			row(map[bool]string{true: "note"}[i == 0], l, "", sgrYellow)
		}
	}
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
		e := &t.Emissions[i]
		out.rows = append(out.rows, []string{t.GPU, strconv.FormatInt(t.Run.GPUs, 10), decimal(t.Run.Watts), share, decimal(t.Run.Hours),
			decimal(t.KWh), decimal(t.Lo), decimal(t.Hi), e.Zone.ID, decimal(e.Zone.GPerKWh), known(float64(e.Zone.Year), 1), decimal(e.PUE),
			decimal(kilograms(e.Grams)), decimal(kilograms(e.Lo)), decimal(kilograms(e.Hi))})
	}
	return out
}

func trainJSON(w io.Writer, t *Training) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.train/1")
	j.key("kwh").float(t.KWh)
	j.key("kg").float(kilograms(t.Emissions[0].Grams))
	j.key("lo").float(t.Lo)
	j.key("hi").float(t.Hi)
	j.key("gpu").str(t.GPU)
	j.key("gpus").int(t.Run.GPUs)
	j.key("hours").float(t.Run.Hours)
	j.key("watts").float(t.Run.Watts)
	j.key("tdp_share").maybe(t.Run.Share != 0, t.Run.Share)
	j.key("carbon").arrayBlock()
	for i := range t.Emissions {
		j.emission(t.GPU, true, &t.Emissions[i])
	}
	j.end()
	j.tool(t.Tool)
	j.key("warnings").strs(t.Warnings)
	j.end()
	return j.finish()
}

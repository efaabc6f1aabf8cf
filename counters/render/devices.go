package render

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// known prints a figure of a datasheet divided by a unit, "" if no source states it.
func known(v, unit float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v/unit, 'g', 6, 64)
}

// peaks are the columns of peak rates.
var peaks = []struct {
	name string
	of   func(*energy.Device) float64
}{
	{"fp32", func(d *energy.Device) float64 { return d.FP32 }},
	{"tf32", func(d *energy.Device) float64 { return d.TF32 }},
	{"fp16", func(d *energy.Device) float64 { return d.FP16 }},
	{"bf16", func(d *energy.Device) float64 { return d.BF16 }},
	{"fp8", func(d *energy.Device) float64 { return d.FP8 }},
	{"int8", func(d *energy.Device) float64 { return d.INT8 }},
	{"fp16_vector", func(d *energy.Device) float64 { return d.FP16Vector }},
}

// GPUs writes the accelerators as text, json, csv or markdown; detail describes each in
// text instead of listing them.
func GPUs(w io.Writer, kind string, list []energy.Support, detail, color bool) error {
	if kind == "json" {
		return gpusJSON(w, list)
	}
	if kind == "text" && detail {
		b := bufio.NewWriter(w)
		for i := range list {
			if i > 0 {
				b.WriteByte('\n')
			}
			describeGPU(b, &list[i], color)
		}
		return b.Flush()
	}
	t := table{head: []string{"id", "name", "year", "tdp_w", "memory_gb", "gb_per_s", "fp32", "tf32", "fp16", "bf16", "int8", "grade", "factor"},
		right: []bool{false, false, true, true, true, true, true, true, true, true, true, false, true}}
	for i := range list {
		s := &list[i]
		d := &s.Device
		name := d.Name
		if kind == "text" {
			name = end(name, 28)
		}
		row := []string{d.ID, name, known(float64(d.Year), 1), known(d.TDP, 1), known(d.MemoryGB, 1), known(d.Bandwidth, 1e9)}
		for _, p := range peaks {
			if p.name != "fp8" && p.name != "fp16_vector" {
				row = append(row, known(p.of(d), 1e12))
			}
		}
		t.rows = append(t.rows, append(row, string(s.Best), strconv.FormatFloat(s.Factor, 'f', 1, 64)))
	}
	return t.write(w, kind, color)
}

func describeGPU(b *bufio.Writer, s *energy.Support, color bool) {
	d := &s.Device
	fmt.Fprintf(b, "%s  %s\n", paint(d.ID, sgrBold, color), d.Name)
	fact := func(label, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-12s %s\n", label, value)
		}
	}
	fact("vendor", strings.TrimSpace(d.Vendor+" "+d.Architecture))
	fact("year", known(float64(d.Year), 1))
	fact("aliases", strings.Join(d.Aliases, ", "))
	fact("TDP", unitOf(known(d.TDP, 1), "W"))
	fact("memory", unitOf(known(d.MemoryGB, 1), "GB"))
	fact("bandwidth", unitOf(known(d.Bandwidth, 1e9), "GB/s"))
	for _, p := range peaks {
		unit := "TFLOP/s"
		if p.name == "int8" {
			unit = "TOP/s"
		}
		fact(p.name, unitOf(known(p.of(d), 1e12), unit))
	}
	fact("figures", d.Status)
	fmt.Fprintf(b, "  %-12s grade %s, interval factor %.2g\n", "estimates", s.Best, s.Factor)
	for _, c := range s.Rows {
		fmt.Fprintf(b, "    %s  grade %s, x%.2g, boundary %s, %d rows of %d nets\n", plain(c.ID), c.Grade, c.Grade.Interval(c.Factor), c.Boundary, c.Rows, c.Nets)
	}
	for _, c := range s.Caveats {
		for i, l := range wrap(sentence(c), textWidth-8) {
			label := paint("note:", sgrYellow, color)
			if i > 0 {
				label = "     "
			}
			fmt.Fprintf(b, "  %s %s\n", label, l)
		}
	}
	deviceSources(b, d, color)
}

// deviceSources lists where the figures of a datasheet come from.
func deviceSources(b *bufio.Writer, d *energy.Device, color bool) {
	for _, src := range []struct{ label, text string }{{"TDP", d.TDPSource}, {"bandwidth", d.BandwidthSource}, {"peaks", d.PeakSource}} {
		if src.text == "" {
			continue
		}
		fmt.Fprintf(b, "  sources of %s\n", src.label)
		for _, s := range strings.Split(src.text, "; ") {
			fmt.Fprintf(b, "    %s\n", paint(plain(s), sgrDim, color))
		}
	}
}

func unitOf(v, unit string) string {
	if v == "" {
		return ""
	}
	return v + " " + unit
}

func (j *jsonWriter) known(v, unit float64) {
	if v == 0 {
		j.null()
		return
	}
	j.raw(known(v, unit))
}

func gpusJSON(w io.Writer, list []energy.Support) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.gpus/1")
	j.key("coefficients").str(energy.Version())
	j.key("gpus").arrayBlock()
	for i := range list {
		j.gpu(&list[i])
	}
	j.end()
	j.end()
	return j.finish()
}

func (j *jsonWriter) gpu(s *energy.Support) {
	d := &s.Device
	j.object()
	j.key("id").str(d.ID)
	j.key("name").str(d.Name)
	j.key("aliases").strs(d.Aliases)
	j.key("vendor").str(d.Vendor)
	j.key("architecture").str(d.Architecture)
	j.key("year").known(float64(d.Year), 1)
	j.key("tdp_w").known(d.TDP, 1)
	j.key("memory_gb").known(d.MemoryGB, 1)
	j.key("bandwidth_gb_s").known(d.Bandwidth, 1e9)
	j.key("peak_tops").object()
	for _, p := range peaks {
		j.key(p.name).known(p.of(d), 1e12)
	}
	j.end()
	j.key("status").str(d.Status)
	j.key("sources").object()
	j.key("tdp").str(d.TDPSource)
	j.key("peak").str(d.PeakSource)
	j.key("bandwidth").str(d.BandwidthSource)
	j.end()
	j.key("grade").str(string(s.Best))
	j.key("factor").float(s.Factor)
	j.key("coefficients").array()
	for _, c := range s.Rows {
		j.object()
		j.key("id").str(c.ID)
		j.key("precision").str(c.Precision)
		j.key("mode").str(c.Mode)
		j.key("grade").str(string(c.Grade))
		j.key("boundary").str(c.Boundary)
		j.key("factor").float(c.Grade.Interval(c.Factor))
		j.key("kind").str(c.Kind)
		j.key("rows").int(int64(c.Rows))
		j.key("nets").int(int64(c.Nets))
		j.key("families").int(int64(c.Families))
		j.key("note").str(c.Note)
		j.end()
	}
	j.end()
	j.key("caveats").strs(s.Caveats)
	j.end()
}

// Zones writes carbon factors as text, json, csv or markdown; detail describes each in
// text, with its source, instead of listing them.
func Zones(w io.Writer, kind string, list []energy.Zone, detail, color bool) error {
	if kind == "json" {
		return zonesJSON(w, list)
	}
	if kind == "text" && detail {
		b := bufio.NewWriter(w)
		for i := range list {
			describeZone(b, &list[i], color)
		}
		return b.Flush()
	}
	t := table{head: []string{"zone", "kind", "name", "g_per_kwh", "year", "method", "source"},
		right: []bool{false, false, false, true, true, false, false}}
	for i := range list {
		z := &list[i]
		row := []string{z.ID, z.Kind, z.Name, strconv.FormatFloat(z.GPerKWh, 'g', -1, 64), known(float64(z.Year), 1), z.Method, z.Source}
		if kind == "text" { // a source fits no line: it is in the description
			row[2], row[5] = end(row[2], 22), end(row[5], 24)
			row = row[:6]
		}
		t.rows = append(t.rows, row)
	}
	if kind == "text" {
		t.head, t.right = t.head[:6], t.right[:6]
	}
	return t.write(w, kind, color)
}

func describeZone(b *bufio.Writer, z *energy.Zone, color bool) {
	fmt.Fprintf(b, "%s  %s\n", paint(z.ID+"/"+z.Kind, sgrBold, color), plain(z.Name))
	factor := strconv.FormatFloat(z.GPerKWh, 'g', -1, 64) + " g/kWh"
	if z.Year != 0 {
		factor += fmt.Sprintf(", %d", z.Year)
	}
	for _, f := range [][2]string{{"factor", factor}, {"method", z.Method}, {"source", z.Source}} {
		fmt.Fprintf(b, "  %s  %s\n", f[0], plain(f[1]))
	}
}

func zonesJSON(w io.Writer, list []energy.Zone) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.zones/1")
	j.key("default").str(energy.DefaultZone)
	j.key("zones").arrayBlock()
	for i := range list {
		z := &list[i]
		j.object()
		j.key("zone").str(z.ID)
		j.key("kind").str(z.Kind)
		j.key("name").str(z.Name)
		j.key("g_per_kwh").float(z.GPerKWh)
		j.key("year").known(float64(z.Year), 1)
		j.key("method").str(z.Method)
		j.key("source").str(z.Source)
		j.key("lifecycle").bool(z.Lifecycle())
		j.end()
	}
	j.end()
	j.end()
	return j.finish()
}

package render

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// density writes the key density of a report.
func (j *jsonWriter) density(d *counters.Density) {
	if d == nil {
		return
	}
	j.key("density").objectBlock()
	j.presence(d.Weights, d.Present, d.Unread == 0)
	j.key("present_macs").dim(d.PresentMACs)
	j.key("unread").int(int64(d.Unread))
	j.key("layers").arrayBlock()
	for i := range d.Layers {
		l := &d.Layers[i]
		j.object()
		j.key("node").str(l.Path)
		j.key("domain").str(l.Domain)
		j.key("op").str(l.Op)
		j.key("source").str(string(l.Source))
		j.presence(l.Weights, l.Present, l.Source != counters.DensityUnread)
		j.key("macs").dim(l.MACs)
		j.key("present_macs").dim(l.PresentMACs)
		if p := l.Pattern; p != nil {
			j.key("blocks4").int(p.Blocks4)
			j.key("present_blocks4").int(p.Present4)
			j.key("n_m").str(p.NM)
		}
		if l.Why != "" {
			j.key("why").str(l.Why)
		}
		j.end()
	}
	j.end()
	j.end()
}

// presence writes how many weights are present: unless that is known, at most so
// many, and no density.
func (j *jsonWriter) presence(weights, present graph.Dim, known bool) {
	j.key("weights").dim(weights)
	j.key("present").dim(present)
	j.key("density")
	if f, ok := share(present, weights); ok && known {
		j.float(f)
	} else {
		j.null()
	}
}

// densityText says how dense a model is: the net, then each layer that is not dense.
func densityText(r *Report) string {
	d := r.Density
	if len(d.Layers) == 0 {
		return "no node multiplies by weights"
	}
	atMost, unread := "", ""
	if d.Unread > 0 {
		atMost, unread = "at most ", fmt.Sprintf("; %d of %d layers could not be read and count as dense", d.Unread, len(d.Layers))
	}
	return fmt.Sprintf("net %s%s: %s of %s weights present; %s of weights that are present", atMost, percentOf(d.Present, d.Weights),
		amount(d.Present), amount(d.Weights), short(d.PresentMACs, "MACs")) + unread
}

func percentOf(part, whole graph.Dim) string {
	if f, ok := share(part, whole); ok {
		return fmt.Sprintf("%.1f%%", 100*f)
	}
	return "n/a"
}

// densityTable lists the layers; all of them in full, else those that are not dense.
func densityTable(d *counters.Density, full bool) *table {
	t := &table{head: []string{"Layer", "Operator", "Weights", "Present", "Density", "MACs present", "Blocks of 4", "N:M", "Source"},
		right: []bool{false, false, true, true, true, true, true, false, false}}
	for i := range d.Layers {
		l := &d.Layers[i]
		if !full && l.Why == "" && l.Present.Equal(l.Weights) {
			continue
		}
		blocks, nm := "", ""
		if p := l.Pattern; p != nil {
			blocks, nm = fmt.Sprintf("%d/%d", p.Present4, p.Blocks4), p.NM
		}
		source := string(l.Source)
		if l.Why != "" {
			source += ": " + l.Why
		}
		present, density, macs := amount(l.Present), percentOf(l.Present, l.Weights), short(l.PresentMACs, "")
		if l.Source == counters.DensityUnread {
			present, density, macs = "?", "?", "?"
		}
		t.rows = append(t.rows, []string{middle(l.Path, 40), qualified(l.Domain, l.Op), amount(l.Weights), present, density, macs, blocks, nm, source})
	}
	return t
}

func (t *textReport) density() {
	if t.r.Density == nil {
		return
	}
	t.printf("\nDensity   %s\n", densityText(t.r))
	list := densityTable(t.r.Density, t.v.Full)
	if n := t.limit(maxListed); len(list.rows) > n {
		t.printf("          %d layers are not dense, %d are listed (-v lists all)\n", len(list.rows), n)
		list.rows = list.rows[:n]
	}
	if len(list.rows) > 0 {
		list.print(t.w, "text", t.v.Color)
	}
}

func (m *markdownReport) density() {
	if m.r.Density == nil {
		return
	}
	m.printf("Density: %s.\n\n", markdownText(densityText(m.r)))
	if list := densityTable(m.r.Density, m.v.Full); len(list.rows) > 0 {
		list.markdown(m.w)
		m.printf("\n")
	}
}

package render

import (
	"fmt"
	"math"
	"strings"
)

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(d.b, format, args...) }

// escaped is text for an element.
func escaped(s string) string { return xmlText(sentence(s)) }

// head opens the picture: what it shows, in words, and its styles.
func (d *drawing) head() {
	title := d.p.Caption
	x, y := d.p.Set.Objectives[d.p.Picture.X].Name, d.p.Set.Objectives[d.p.Picture.Y].Name
	if title == "" {
		title = "Pareto front of " + y + " against " + x
	}
	front := d.p.Set.Front()
	d.printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" font-family=\"%s\" role=\"img\">\n",
		pictureWidth, pictureHeight, pictureWidth, pictureHeight, svgFont)
	d.printf("<title>%s</title>\n<desc>%s</desc>\n", escaped(title), escaped(fmt.Sprintf("%d of %d rows are on the front: %s", len(front), len(d.p.Set.Names), d.p.named(front, maxLabels))))
	d.printf("<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", pictureWidth, pictureHeight)
}

// axes draws the grid, the marks and the titles.
func (d *drawing) axes() {
	a := plotArea
	d.printf("<g stroke=\"%s\" stroke-width=\"1\">\n", inkFaint)
	xs, ys := d.x.ticks(7), d.y.ticks(6)
	for _, t := range xs {
		if t.text != "" {
			d.line(t.at, a.y0, t.at, a.y1)
		}
	}
	for _, t := range ys {
		if t.text != "" {
			d.line(a.x0, t.at, a.x1, t.at)
		}
	}
	d.printf("</g>\n<g stroke=\"%s\" stroke-width=\"1\">\n", inkText)
	d.line(a.x0, a.y1, a.x1, a.y1)
	d.line(a.x0, a.y0, a.x0, a.y1)
	for _, t := range xs {
		d.line(t.at, a.y1, t.at, a.y1+tickLength(t))
	}
	for _, t := range ys {
		d.line(a.x0-tickLength(t), t.at, a.x0, t.at)
	}
	d.printf("</g>\n<g font-size=\"%g\" fill=\"%s\">\n", tickSize, inkText)
	for _, t := range xs {
		d.text(t.at, a.y1+19, "middle", t.text)
	}
	for _, t := range ys {
		d.text(a.x0-9, t.at+4, "end", t.text)
	}
	d.printf("</g>\n")
	d.axisTitle(d.p.Picture.X, &d.x, (a.x0+a.x1)/2, pictureHeight-14, "")
	d.axisTitle(d.p.Picture.Y, &d.y, 20, (a.y0+a.y1)/2, fmt.Sprintf(" transform=\"rotate(-90 20 %.1f)\"", (a.y0+a.y1)/2))
}

func tickLength(t tick) float64 {
	if t.text == "" {
		return 3
	}
	return 6
}

// axisTitle names an objective and points to where it is better.
func (d *drawing) axisTitle(k int, s *scale, x, y float64, turn string) {
	o := d.p.Set.Objectives[k]
	name, before, after := end(plain(o.Name), 60), "", "  better →"
	if !o.Max {
		before, after = "← better  ", ""
	}
	if o.Unit != "" {
		name += " (" + o.Unit + ")"
	}
	if s.log {
		name += ", log"
	}
	faint := func(text string) string {
		if text == "" {
			return ""
		}
		return fmt.Sprintf("<tspan fill=\"%s\" font-size=\"%g\">%s</tspan>", inkRest, tickSize, text)
	}
	d.printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"13.5\" fill=\"%s\" xml:space=\"preserve\"%s>%s%s%s</text>\n", x, y, inkText, turn, faint(before), escaped(name), faint(after))
}

func (d *drawing) line(x0, y0, x1, y1 float64) {
	d.printf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x0, y0, x1, y1)
}

func (d *drawing) text(x, y float64, anchor, s string) {
	if s != "" {
		d.printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, escaped(s))
	}
}

// front draws the front as a line of steps and tints what it dominates.
func (d *drawing) front() {
	if d.stair == nil {
		return
	}
	var path strings.Builder
	for i, p := range d.stair {
		fmt.Fprintf(&path, "%c%.1f,%.1f", "ML"[min(i, 1)], p[0], p[1])
	}
	first, last := d.stair[0], d.stair[len(d.stair)-1]
	d.printf("<path d=\"%sL%.1f,%.1fZ\" fill=\"%s\" fill-opacity=\"0.06\"/>\n", path.String(), last[0], first[1], inkFront)
	d.printf("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\"/>\n", path.String(), inkFront)
}

// points draws error bars, then hollow dots, then those of the front on top.
func (d *drawing) points() {
	for i := range d.dots {
		d.errorBars(&d.dots[i])
	}
	for _, front := range []bool{false, true} {
		ink, fill := inkRest, "#ffffff"
		if front {
			ink, fill = inkFront, inkFront
		}
		d.printf("<g fill=\"%s\" stroke=\"%s\" stroke-width=\"1.5\">\n", fill, ink)
		for i := range d.dots {
			if t := &d.dots[i]; t.front == front {
				d.printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\"><title>%s</title></circle>\n", t.x, t.y, pointRadius-0.4, escaped(d.p.Set.Names[t.row]+": "+t.fullValues))
			}
		}
		d.printf("</g>\n")
	}
}

// errorBars draws the intervals of a dot.
func (d *drawing) errorBars(t *dot) {
	if t.exact() {
		return
	}
	ink := inkRest
	if t.front {
		ink = inkFront
	}
	const cap = 3
	d.printf("<g stroke=\"%s\" stroke-width=\"1\" stroke-opacity=\"0.75\">\n", ink)
	if t.xlo != t.xhi {
		d.line(t.xlo, t.y, t.xhi, t.y)
		d.line(t.xlo, t.y-cap, t.xlo, t.y+cap)
		d.line(t.xhi, t.y-cap, t.xhi, t.y+cap)
	}
	if t.ylo != t.yhi {
		d.line(t.x, t.ylo, t.x, t.yhi)
		d.line(t.x-cap, t.ylo, t.x+cap, t.ylo)
		d.line(t.x-cap, t.yhi, t.x+cap, t.yhi)
	}
	d.printf("</g>\n")
}

// names draws the labels, each with a line to its dot where it stands off.
func (d *drawing) names() {
	for i, p := range d.labels {
		if p.leader {
			d.leader(d.marks[i], p.box)
		}
	}
	d.printf("<g font-size=\"%g\" fill=\"%s\" stroke=\"#ffffff\" stroke-width=\"2.5\" stroke-opacity=\"0.75\" stroke-linejoin=\"round\" paint-order=\"stroke\">\n", labelSize, inkText)
	for i, p := range d.labels {
		if !p.ok {
			continue
		}
		m := d.marks[i]
		d.text((p.box.x0+p.box.x1)/2, p.box.y1-2.5, "middle", m.text)
	}
	d.printf("</g>\n")
}

// leader draws the line from the edge of a dot to its label.
func (d *drawing) leader(m mark, box rect) {
	x, y := box.nearest(m.x, m.y)
	part := pointRadius / math.Hypot(x-m.x, y-m.y)
	d.printf("<g stroke=\"%s\" stroke-width=\"0.7\">", inkRest)
	d.line(m.x+(x-m.x)*part, m.y+(y-m.y)*part, x, y)
	d.printf("</g>\n")
}

// legend explains the signs above the picture.
func (d *drawing) legend() {
	x, y := plotArea.x0, 22.0
	item := func(sign, text string) {
		d.printf("%s\n", fmt.Sprintf(sign, x, y-4))
		d.text(x+12, y, "start", text)
		x += 12 + labelWidth(text, tickSize) + 22
	}
	d.printf("<g font-size=\"%g\" fill=\"%s\">\n", tickSize, inkText)
	circle := "<circle cx=\"%%.1f\" cy=\"%%.1f\" r=\"4.2\" fill=\"%s\" stroke=\"%s\" stroke-width=\"1.5\"/>"
	front := "Pareto front"
	if n := len(d.p.Set.Objectives); n > 2 {
		front += fmt.Sprintf(" of %d objectives", n)
	}
	item(fmt.Sprintf(circle, inkFront, inkFront), front)
	if len(d.p.Set.Front()) < len(d.dots) {
		item(fmt.Sprintf(circle, "#ffffff", inkRest), "dominated")
	}
	if d.bars {
		item("<path d=\"M%[1]g,%[2]g m-6,0h12m0,-3v6m-12,0v-6\" fill=\"none\" stroke=\""+inkRest+"\"/>", "stated interval")
	}
	if d.unnamed > 0 {
		d.text(x, y, "start", fmt.Sprintf("(%d without a label)", d.unnamed))
	}
	d.printf("</g>\n")
}

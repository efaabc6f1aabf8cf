package render

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Picture says how a front is drawn.
type Picture struct {
	X, Y int    // objectives of the axes
	Log  string // one of LogAxes
}

// LogAxes are the values of Picture.Log: which axes are logarithmic. auto: those whose
// values are positive and span a factor of 30 or more.
var LogAxes = []string{"auto", "none", "x", "y", "both"}

// Sizes of a picture, in its own units; it scales to any width.
const (
	pictureWidth, pictureHeight = 640.0, 430.0
	labelSize, tickSize         = 12.0, 11.5
	pointRadius                 = 4.6
	maxLabels                   = 60
)

// plotArea is where the points are.
var plotArea = rect{78, 40, pictureWidth - 18, pictureHeight - 58}

// Colours: one that colour-blind readers tell from grey, and that prints dark.
const (
	inkFront, inkRest, inkText, inkFaint = "#0b5394", "#6b6b6b", "#222222", "#e3e3e3"
)

const svgFont = `Helvetica, Arial, 'Liberation Sans', sans-serif`

// dot is one row in the picture.
type dot struct {
	row              int
	x, y             float64
	xlo, xhi         float64 // ends of the error bars; equal to x or y where there are none
	ylo, yhi         float64
	front, labelled  bool
	name, fullValues string
}

// exact reports whether a dot has no error bars.
func (t *dot) exact() bool { return t.xlo == t.xhi && t.ylo == t.yhi }

// drawing is a picture that is being made.
type drawing struct {
	p       *Pareto
	b       *bufio.Writer
	x, y    scale
	dots    []dot
	stair   [][2]float64 // the front as a line; nil where it is none
	labels  []placed
	marks   []mark
	unnamed int // dots for whose labels there is no place
	bars    bool
}

// svg draws the rows over two of the objectives.
func (p *Pareto) svg(w io.Writer) error {
	d := &drawing{p: p, b: bufio.NewWriter(w)}
	if err := d.scales(); err != nil {
		return err
	}
	d.place()
	d.head()
	d.axes()
	d.front()
	d.points()
	d.names()
	d.legend()
	d.b.WriteString("</svg>\n")
	return d.b.Flush()
}

// scales lays the axes out and puts the rows on them.
func (d *drawing) scales() error {
	x, err := d.axis(d.p.Picture.X, "x", plotArea.x0, plotArea.x1)
	if err != nil {
		return err
	}
	y, err := d.axis(d.p.Picture.Y, "y", plotArea.y1, plotArea.y0)
	if err != nil {
		return err
	}
	d.x, d.y = x, y
	s := d.p.Set
	onFront := make([]bool, len(s.Names))
	for _, i := range s.Front() {
		onFront[i] = true
	}
	for i := range s.Values {
		t := d.dot(i)
		t.front = onFront[i]
		d.bars = d.bars || !t.exact()
		d.dots = append(d.dots, t)
	}
	if len(s.Objectives) == 2 {
		d.stair = d.staircase()
	}
	return nil
}

// dot puts a row on the axes.
func (d *drawing) dot(i int) dot {
	s, kx, ky := d.p.Set, d.p.Picture.X, d.p.Picture.Y
	var values []string
	for k, o := range s.Objectives {
		values = append(values, o.Name+" "+number(s.Values[i][k]))
	}
	return dot{
		row: i, name: end(plain(s.Names[i]), 32), fullValues: strings.Join(values, ", "),
		x: d.x.at(s.Values[i][kx]), xlo: d.x.at(s.Lo[i][kx]), xhi: d.x.at(s.Hi[i][kx]),
		y: d.y.at(s.Values[i][ky]), ylo: d.y.at(s.Lo[i][ky]), yhi: d.y.at(s.Hi[i][ky]),
	}
}

// axis spans an objective with its intervals.
func (d *drawing) axis(k int, name string, from, to float64) (scale, error) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range d.p.Set.Values {
		lo, hi = min(lo, d.p.Set.Lo[i][k], d.p.Set.Values[i][k]), max(hi, d.p.Set.Hi[i][k], d.p.Set.Values[i][k])
	}
	log := false
	switch d.p.Picture.Log {
	case "auto", "":
		log = lo > 0 && hi/lo >= logSpan
	case "both", name:
		if lo <= 0 {
			return scale{}, fmt.Errorf("%s reaches %s: a logarithmic axis holds positive values only", d.p.Set.Objectives[k].Name, number(lo))
		}
		log = true
	}
	return newScale(lo, hi, log, from, to), nil
}

// staircase is the edge of what the front dominates, from the far end of the second
// axis to that of the first.
func (d *drawing) staircase() [][2]float64 {
	kx, ky := d.p.Picture.X, d.p.Picture.Y
	rows := d.p.Set.Front()
	d.p.Set.SortBy(kx, rows)
	far := func(k int, s *scale) float64 { // the worse end of an axis
		if d.p.Set.Objectives[k].Max {
			return s.from
		}
		return s.to
	}
	var path [][2]float64
	y := far(ky, &d.y)
	for _, i := range rows {
		path = append(path, [2]float64{d.dots[i].x, y}, [2]float64{d.dots[i].x, d.dots[i].y})
		y = d.dots[i].y
	}
	return append(path, [2]float64{far(kx, &d.x), y})
}

// place finds places for labels.
func (d *drawing) place() {
	// Labels may reach beyond the axes to the legend and the edge.
	l := &layout{area: rect{plotArea.x0 + 3, plotArea.y0 - 10, pictureWidth - 3, plotArea.y1 - 3}, height: labelSize}
	for i := 1; i < len(d.stair); i++ {
		a, b := d.stair[i-1], d.stair[i]
		l.lines = append(l.lines, rect{min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1})
	}
	d.labelled()
	order := d.crowded()
	for _, i := range order {
		t := &d.dots[i]
		l.marks = append(l.marks, mark{t.x, t.y, labelWidth(t.name, labelSize), t.name})
	}
	// The dots in the order of the marks, then those without a label.
	for _, i := range append(order, d.others()...) {
		t := &d.dots[i]
		l.points = append(l.points, rect{t.x, t.y, t.x, t.y}.grow(pointRadius+1))
		if t.exact() {
			continue
		}
		l.bars = append(l.bars, rect{min(t.xlo, t.xhi), t.y - 3, max(t.xlo, t.xhi), t.y + 3}, rect{t.x - 3, min(t.ylo, t.yhi), t.x + 3, max(t.ylo, t.yhi)})
	}
	d.labels, d.marks = l.place(), l.marks
	for _, p := range d.labels {
		if !p.ok {
			d.unnamed++
		}
	}
	d.unnamed += len(d.dots) - len(order)
}

// labelled chooses the dots that get a label: all, or those of the front where they
// are too many.
func (d *drawing) labelled() {
	n := 0
	for _, front := range []bool{true, false} {
		if !front && len(d.dots) > maxLabels {
			break
		}
		for i := range d.dots {
			if t := &d.dots[i]; t.front == front && n < maxLabels {
				t.labelled = true
				n++
			}
		}
	}
}

// crowded returns the dots with labels in the order in which they choose a place:
// the front first, and those with the most neighbours.
func (d *drawing) crowded() []int {
	var order []int
	crowd := make([]int, len(d.dots))
	for i, a := range d.dots {
		if !a.labelled {
			continue
		}
		order = append(order, i)
		for _, b := range d.dots {
			if math.Abs(a.x-b.x) < 80 && math.Abs(a.y-b.y) < 30 {
				crowd[i]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if d.dots[a].front != d.dots[b].front {
			return map[bool]int{true: -1, false: 1}[d.dots[a].front]
		}
		return crowd[b] - crowd[a]
	})
	return order
}

func (d *drawing) others() (out []int) {
	for i := range d.dots {
		if !d.dots[i].labelled {
			out = append(out, i)
		}
	}
	return out
}

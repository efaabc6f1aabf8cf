package render

import "math"

// rect is a box: its corners.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) overlap(o rect) float64 {
	w, h := min(r.x1, o.x1)-max(r.x0, o.x0), min(r.y1, o.y1)-max(r.y0, o.y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// grow returns the box with a margin around it.
func (r rect) grow(by float64) rect { return rect{r.x0 - by, r.y0 - by, r.x1 + by, r.y1 + by} }

// outside is how far the box reaches out of another.
func (r rect) outside(o rect) float64 {
	return max(0, o.x0-r.x0) + max(0, o.y0-r.y0) + max(0, r.x1-o.x1) + max(0, r.y1-o.y1)
}

// mark is a place in a picture that a label belongs to.
type mark struct {
	x, y  float64
	width float64 // of its label
	text  string
}

// placed is where a label stands: the box of its text, or nowhere.
type placed struct {
	box    rect
	ok     bool
	leader bool // far enough from its mark that a line should lead there
}

// layout puts labels beside their marks.
type layout struct {
	area   rect
	height float64 // of a label
	points []rect  // that no label may cover
	lines  []rect  // thin boxes that labels avoid where they can
	bars   []rect  // error bars, which they avoid more
	marks  []mark
	out    []placed
}

// Prices of a place: what must not be is dearer than anything that should not.
const (
	forbidden  = 1e6
	crossed    = 30 // for each line that a label or its leader covers
	farther    = 0.55
	lessChosen = 0.8
)

// The places that are tried: directions from the one that reads best, and distances
// from the mark to the nearest edge of the label.
var (
	labelDirections = [][2]float64{{1, -1}, {1, 1}, {-1, -1}, {-1, 1}, {1, 0}, {-1, 0}, {0, -1}, {0, 1},
		{1, -0.5}, {1, 0.5}, {-1, -0.5}, {-1, 0.5}, {0.5, -1}, {0.5, 1}, {-0.5, -1}, {-0.5, 1}}
	labelDistances = []float64{7, 11, 17, 25, 36, 50, 68, 90, 115}
)

// leaderFrom is the distance from which a label needs a line to its mark.
const leaderFrom = 17

// place chooses a place for each label, then again for each in turn while that helps.
// A label for which there is no place is left out.
func (l *layout) place() []placed {
	l.out = make([]placed, len(l.marks))
	for round := range 8 {
		moved := false
		for i := range l.marks {
			best := l.best(i)
			moved = moved || best != l.out[i]
			l.out[i] = best
		}
		if !moved && round > 0 {
			break
		}
	}
	return l.out
}

// best returns the cheapest place of a label, given where the others are.
func (l *layout) best(i int) placed {
	var out placed
	least := forbidden
	for k, dir := range labelDirections {
		for _, d := range labelDistances {
			p := placed{l.boxAt(i, dir, d), true, d >= leaderFrom}
			cost := farther*(d-labelDistances[0]) + lessChosen*float64(k)
			if cost < least {
				cost += l.cost(i, p.box)
			}
			if cost < least && p.leader {
				cost += l.leaderCost(i, p.box)
			}
			if cost < least {
				least, out = cost, p
			}
		}
	}
	return out
}

// boxAt is the box of a label at a distance from its mark.
func (l *layout) boxAt(i int, dir [2]float64, d float64) rect {
	m := l.marks[i]
	d /= math.Hypot(dir[0], dir[1])
	x, y := m.x+dir[0]*d, m.y+dir[1]*d
	left := x - m.width/2*(1-dir[0])
	top := y - l.height/2*(1-dir[1])
	return rect{left, top, left + m.width, top + l.height}
}

func (l *layout) cost(i int, box rect) float64 {
	if box.outside(l.area) > 0 {
		return forbidden
	}
	near := box.grow(1.5)
	for k, p := range l.points {
		if k != i && near.overlap(p) > 0 || k == i && box.overlap(p) > 0 {
			return forbidden
		}
	}
	cost := 0.0
	for k := range l.out {
		if k == i || !l.out[k].ok {
			continue
		}
		if near.overlap(l.out[k].box) > 0 {
			return forbidden
		}
		if l.out[k].leader && l.leader(k, l.out[k].box).crosses(box) {
			cost += 3 * crossed
		}
	}
	for _, line := range l.lines {
		if near.overlap(line) > 0 {
			cost += crossed
		}
	}
	for _, bar := range l.bars {
		if near.overlap(bar) > 0 {
			cost += 2 * crossed
		}
	}
	return cost
}

// leader is the line from a mark to its label.
func (l *layout) leader(i int, box rect) segment {
	m := l.marks[i]
	x, y := box.nearest(m.x, m.y)
	return segment{m.x, m.y, x, y}
}

// leaderCost is what a leader adds: it should cross nothing.
func (l *layout) leaderCost(i int, box rect) float64 {
	line := l.leader(i, box)
	cost := 0.0
	for k, p := range l.points {
		if k != i && line.crosses(p) {
			cost += 2 * crossed
		}
	}
	for k, o := range l.out {
		switch {
		case k == i || !o.ok:
		case line.crosses(o.box):
			cost += 3 * crossed
		case o.leader && line.meets(l.leader(k, o.box)):
			cost += 2 * crossed
		}
	}
	for _, bar := range l.bars {
		if line.y0 == line.y1 && line.crosses(bar) { // looks like one line
			cost += crossed
		}
	}
	return cost
}

// segment is a straight line between two places.
type segment struct{ x0, y0, x1, y1 float64 }

// crosses reports whether any part of the line is in a box (Liang and Barsky).
func (s segment) crosses(r rect) bool {
	from, to := 0.0, 1.0
	for _, side := range [][2]float64{{s.x0 - s.x1, s.x0 - r.x0}, {s.x1 - s.x0, r.x1 - s.x0}, {s.y0 - s.y1, s.y0 - r.y0}, {s.y1 - s.y0, r.y1 - s.y0}} {
		step, room := side[0], side[1]
		switch {
		case step == 0 && room < 0:
			return false
		case step > 0:
			to = min(to, room/step)
		case step < 0:
			from = max(from, room/step)
		}
	}
	return from < to
}

// meets reports whether two lines cross.
func (s segment) meets(o segment) bool {
	side := func(a segment, x, y float64) float64 { return (a.x1-a.x0)*(y-a.y0) - (a.y1-a.y0)*(x-a.x0) }
	return side(s, o.x0, o.y0)*side(s, o.x1, o.y1) < 0 && side(o, s.x0, s.y0)*side(o, s.x1, s.y1) < 0
}

// nearest returns the point of the box that is nearest to a place.
func (r rect) nearest(x, y float64) (float64, float64) {
	return min(max(x, r.x0), r.x1), min(max(y, r.y0), r.y1)
}

// helvetica are the widths of the printable characters of ASCII, in thousandths of
// the size of the font (Adobe's metrics; Arial and Liberation Sans are as wide).
var helvetica = [95]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// labelWidth is how wide a text is, with some room for fonts that are wider.
func labelWidth(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			sum += helvetica[r-' ']
		case r < 0x2e80:
			sum += 600
		default: // East Asian, emoji
			sum += 1000
		}
	}
	return float64(sum) / 1000 * size * 1.05
}

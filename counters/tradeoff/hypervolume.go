package tradeoff

import (
	"cmp"
	"math"
	"slices"
)

// maxHypervolumeWork bounds the steps of Hypervolume: about two seconds, enough for
// 3,000 rows on a front of five objectives.
const maxHypervolumeWork = 160_000_000

// Hypervolume returns the volume between a reference and the front (Zitzler and
// Thiele 1998): of all points at least as good as the reference and dominated by a
// row, in the product of the objectives' units. ref has a value for each objective;
// nil is Worst. Rows no better than the reference in some objective add nothing.
// ok is false when the volume was not computed: too many rows on a front of four
// objectives or more, or a volume past what a float64 holds.
//
// One to three objectives are swept in O(n log n) and O(n^2); more by WFG (While,
// Bradstreet, Barone, "A fast way of calculating exact hypervolumes", IEEE
// Transactions on Evolutionary Computation 16(1), 2012) with its slicing of the last
// objective.
func (s *Set) Hypervolume(ref []float64) (volume float64, ok bool) {
	if ref == nil {
		ref = s.Worst()
	}
	h := &hypervolume{work: maxHypervolumeWork}
	var gains [][]float64
	for _, i := range s.Front() {
		gain := make([]float64, len(ref))
		for k, v := range s.Values[i] {
			gain[k] = s.cost(k, ref[k]) - s.cost(k, v)
		}
		if slices.Min(gain) > 0 {
			gains = append(gains, gain)
		}
	}
	volume = h.volume(gains, len(ref))
	return volume, h.work > 0 && !math.IsInf(volume, 0) && !math.IsNaN(volume)
}

// hypervolume computes volumes above the origin. Points have positive coordinates,
// more is better; only the first m coordinates are looked at.
type hypervolume struct {
	work int // steps left; what is computed with none left is void
}

func (h *hypervolume) volume(points [][]float64, m int) float64 {
	if len(points) == 0 || h.work <= 0 {
		return 0
	}
	switch m {
	case 1:
		best := 0.0
		for _, p := range points {
			best = max(best, p[0])
		}
		return best
	case 2:
		return h.area(points)
	case 3:
		return h.sweep(points)
	}
	return h.wfg(points, m)
}

// descending sorts points by a coordinate, the largest first.
func descending(points [][]float64, k int) {
	slices.SortFunc(points, func(a, b []float64) int { return cmp.Compare(b[k], a[k]) })
}

// area sums the strips between steps of a staircase.
func (h *hypervolume) area(points [][]float64) float64 {
	descending(points, 0)
	h.work -= len(points)
	sum, top := 0.0, 0.0
	for _, p := range points {
		if p[1] > top {
			sum += p[0] * (p[1] - top)
			top = p[1]
		}
	}
	return sum
}

// sweep goes down the third coordinate and keeps the staircase of the first two.
func (h *hypervolume) sweep(points [][]float64) float64 {
	descending(points, 2)
	var s staircase
	volume := 0.0
	for i, p := range points {
		below := 0.0
		if i+1 < len(points) {
			below = points[i+1][2]
		}
		h.work -= 8 + s.insert(p[0], p[1])
		volume += s.area * (p[2] - below)
	}
	return volume
}

// staircase is a front in the plane: x falls and y grows from step to step.
type staircase struct {
	steps [][2]float64
	area  float64
}

// insert adds a point and returns the number of steps that it moved.
func (s *staircase) insert(x, y float64) int {
	at, _ := slices.BinarySearchFunc(s.steps, x, func(p [2]float64, x float64) int { return cmp.Compare(x, p[0]) })
	if at < len(s.steps) && s.steps[at][0] == x && s.steps[at][1] >= y || at > 0 && s.steps[at-1][1] >= y {
		return 0
	}
	low := 0.0
	if at > 0 {
		low = s.steps[at-1][1]
	}
	end := at
	for ; end < len(s.steps) && s.steps[end][1] <= y; end++ {
		s.area -= s.steps[end][0] * (s.steps[end][1] - low)
		low = s.steps[end][1]
	}
	if end < len(s.steps) { // it keeps its width and loses the height below y
		s.area -= s.steps[end][0] * (y - low)
	}
	if at > 0 {
		low = s.steps[at-1][1]
	} else {
		low = 0
	}
	s.area += x * (y - low)
	s.steps = slices.Replace(s.steps, at, end, [2]float64{x, y})
	return end - at + (len(s.steps)-at)/8
}

// probed is the number of points after which wfg compares its work with the bound.
const probed = 16

// wfg adds up what each point holds beyond the points after it. Sorted by the last
// coordinate, a point's share is a slab: all limited points have its height.
func (h *hypervolume) wfg(points [][]float64, m int) float64 {
	descending(points, m-1)
	sum, before := 0.0, h.work
	for i, p := range slices.Backward(points) {
		// The first points are the dearest: if they are much too dear, give up at once.
		if spent := before - h.work; i == len(points)-1-probed && spent/probed > 4*before/len(points) {
			h.work = 0
		}
		box := 1.0
		for k := range m - 1 {
			box *= p[k]
		}
		sum += p[m-1] * (box - h.volume(h.limited(points[:i], p, m-1), m-1))
		if h.work <= 0 {
			return 0
		}
	}
	return sum
}

// limited cuts points to the box below p in the first m coordinates and drops those
// that another one dominates.
func (h *hypervolume) limited(points [][]float64, p []float64, m int) [][]float64 {
	out := make([][]float64, 0, len(points))
	cut := make([]float64, m*len(points))
	for i, q := range points {
		c := cut[i*m : (i+1)*m : (i+1)*m]
		for k := range c {
			c[k] = min(p[k], q[k])
		}
		out = h.keep(out, c)
	}
	return out
}

// keep adds a point to a front, without those that it dominates.
func (h *hypervolume) keep(front [][]float64, p []float64) [][]float64 {
	h.work -= len(front) + 1
	n := 0
	for i, q := range front {
		better, worse := false, false
		for k := range p {
			better = better || p[k] > q[k]
			worse = worse || p[k] < q[k]
		}
		if !better { // then nothing was removed: the front would hold what p dominates
			return front
		}
		if worse {
			front[n] = front[i]
			n++
		}
	}
	return append(front[:n], p)
}

package fit

import (
	"math"
	"testing"
)

// Data made from known coefficients give them back, whatever the start.
func TestSolveLogRecovers(t *testing.T) {
	want := []float64{2e-12, 3e-9, 0}
	var d design
	for i := range 40 {
		x := []float64{1e9 * float64(1+i%7), 1e7 * float64(1+i%5), 1e3 * float64(1+i%3)}
		offset := 1e-3 * float64(i%2)
		d.x, d.offset = append(d.x, x), append(d.offset, offset)
		d.y = append(d.y, offset+want[0]*x[0]+want[1]*x[1])
	}
	for _, start := range [][]float64{nil, {1e-12, 1e-9, 1e-6}, {1e-10, 1e-12, 1}} {
		got := solveLog(d, start)
		for j := range want {
			if math.Abs(got[j]-want[j]) > 1e-6*(want[j]+1e-9) {
				t.Errorf("start %v: coefficient %d is %g, want %g", start, j, got[j], want[j])
			}
		}
	}
}

// One point in ten off by a factor of 20 moves the answer little.
func TestSolveLogIsRobust(t *testing.T) {
	var d design
	for i := range 50 {
		x := float64(i + 1)
		y := 3 * x
		if i%10 == 9 {
			y *= 20
		}
		d.x, d.offset, d.y = append(d.x, []float64{x}), append(d.offset, 0), append(d.y, y)
	}
	// Nine points pull down by |log(b/3)|, one up by the knee of the loss.
	want := 3 * math.Exp(huber/9)
	if got := solveLog(d, nil)[0]; math.Abs(got-want) > 1e-6 {
		t.Errorf("slope %g, want %g", got, want)
	}
}

// The constrained minimum is compared with a search over all sets of active
// coefficients.
func TestNonNegative(t *testing.T) {
	a := [][]float64{{4, 1, 2}, {1, 3, 0.5}, {2, 0.5, 5}}
	for _, b := range [][]float64{{1, 2, 3}, {-1, 2, 3}, {1, -2, 0.1}, {-1, -1, -1}, {3, 0.1, 0.1}} {
		got := nonNegative(a, b)
		for j, v := range got {
			g := -b[j]
			for k := range got {
				g += a[j][k] * got[k]
			}
			// Karush-Kuhn-Tucker: the slope is 0 where free, not negative at 0.
			if v < 0 || v > 0 && math.Abs(g) > 1e-9 || v == 0 && g < -1e-9 {
				t.Errorf("b %v: x %v, slope %d is %g", b, got, j, g)
			}
		}
	}
}

// By hand: ratios 2, 1/2 and 1 of measurements 1, e, e*e.
func TestErrors(t *testing.T) {
	var list []Held
	for i, ratio := range []float64{2, 0.5, 1} {
		list = append(list, Held{Point: Point{Joules: math.Exp(float64(i))}, Energy: ratio, Interval: 1.9})
	}
	e := errorsOf(list, "B", 1)
	l2 := math.Ln2 * math.Ln2
	for name, p := range map[string][2]float64{
		"median": {e.MedianAPE, 0.5}, "mean": {e.MAPE, 0.5}, "x80": {e.X80, 2}, "R2": {e.R2Log, 1 - 2*l2/2},
		"coverage": {e.Coverage, 1. / 3}, "coverage before the grade": {e.CVCoverage, 1. / 3},
	} {
		if math.Abs(p[0]-p[1]) > 1e-12 {
			t.Errorf("%s is %g, want %g", name, p[0], p[1])
		}
	}
	if e := errorsOf(list, "C", 0.5); e.Coverage != 1 {
		t.Errorf("grade C covers %g, want all: factor 2, low end halved again", e.Coverage)
	}
}

package ops

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// The loops of this file put values in places and look for them, as ONNX Operators.md
// reads.

// reductions are what a scatter does where it meets an element, by type.
var reductions = map[string]func(m *meter, a, b float64) float64{
	"none f32": func(_ *meter, _, b float64) float64 { return b },
	"add f32":  (*meter).add,
	"mul f32":  (*meter).mul,
	"max f32":  (*meter).max,
	"min i32":  (*meter).min,
	"add i32":  func(m *meter, a, b float64) float64 { return m.whole(a + b) },
	"mul i64":  func(m *meter, a, b float64) float64 { return m.whole(a * b) },
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

func TestScatterByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(31))
	for what, f := range reductions {
		reduction, dtype, _ := strings.Cut(what, " ")
		for axis := range 2 {
			updates, out := fill(func() float64 { return float64(r.Intn(5)) }, 2, 3), zeros(4, 5)
			var m meter
			odometer(updates.dims, func(idx []int) { // output[indices[i][j]][j] = f(..., updates[i][j]) for axis 0
				at := slices.Clone(idx)
				at[axis] = r.Intn(4)
				out.set(f(&m, out.get(at...), updates.get(idx...)), at...)
			})
			if reduction == "add" {
				near(t, "sum", []float64{sum(out.v)}, []float64{sum(updates.v)})
			}
			attrs := fmt.Sprintf("axis=%d reduction=%s", axis, reduction)
			m.wants(t, "ScatterElements "+attrs, costAt(t, "ScatterElements", attrs, "?", out.as(dtype), "i64[2,3]", updates.as(dtype)), nil)
		}
		for depth := 1; depth <= 3; depth++ { // the last axis of indices names this many axes of the data
			out := zeros(3, 4, 2)
			updates := fill(func() float64 { return float64(r.Intn(5)) }, append([]int{2, 3}, out.dims[depth:]...)...)
			var m meter
			odometer([]int{2, 3}, func(idx []int) {
				place := make([]int, depth)
				for i := range place {
					place[i] = r.Intn(out.dims[i])
				}
				odometer(out.dims[depth:], func(rest []int) {
					at := append(slices.Clone(place), rest...)
					out.set(f(&m, out.get(at...), updates.get(append(slices.Clone(idx), rest...)...)), at...)
				})
			})
			if reduction == "add" {
				near(t, "sum", []float64{sum(out.v)}, []float64{sum(updates.v)})
			}
			indices := fmt.Sprintf("i64[2,3,%d]", depth)
			m.wants(t, "ScatterND "+what, costAt(t, "ScatterND", "reduction="+reduction, "?", out.as(dtype), indices, updates.as(dtype)), nil)
		}
	}
}

// top keeps the k largest elements of a row in order, by comparing each with them from
// the smallest on.
func (m *meter) top(k int, row []float64) []float64 {
	var best []float64
	for _, v := range row {
		at := len(best)
		for at > 0 && m.less(best[at-1], v) {
			at--
		}
		if best = slices.Insert(best, at, v); len(best) > k {
			best = best[:k]
		}
	}
	return best
}

// unique keeps the different elements of a row, by comparing each with them.
func (m *meter) unique(row []float64) (found []float64) {
	for _, v := range row {
		if !slices.ContainsFunc(found, func(w float64) bool { return m.equal(v, w) == 1 }) {
			found = append(found, v)
		}
	}
	return found
}

// The number of comparisons of TopK and Unique depends on the algorithm and the data.
// What is counted is the least: each element is compared once, but the first one.
func TestSearchesByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(32))
	for range 40 {
		const rows = 6
		x := fill(func() float64 { return float64(r.Intn(6)) }, 2, 3, 1+r.Intn(9))
		length := x.dims[2]
		var nonZero, unique meter
		for _, v := range x.v {
			nonZero.equal(v, 0)
		}
		nonZero.wants(t, "NonZero", costAt(t, "NonZero", "", "i64", x.as("f32")), nil)
		sorted := slices.Clone(x.v)
		slices.Sort(sorted)
		found := unique.unique(x.v)
		slices.Sort(found)
		near(t, "unique", found, slices.Compact(sorted))
		unique.atLeast(t, "Unique", costAt(t, "Unique", "", "f32", x.as("f32")), 1)
		for k := 1; k <= length; k++ {
			var m meter
			for _, row := range x.rows() {
				best := m.top(k, row)
				want := slices.Clone(row)
				slices.Sort(want)
				slices.Reverse(want)
				near(t, "top", best, want[:k])
			}
			m.atLeast(t, "TopK", costAt(t, "TopK", "", "f32 i64", x.as("f32"), fmt.Sprintf("i64[1]={%d}", k)), rows)
		}
	}
	var least meter
	least.top(1, []float64{5, 4, 3, 2, 1})
	least.cmp++ // the first element
	least.wants(t, "TopK at its least", costAt(t, "TopK", "", "f32 i64", "f32[5]", "i64[1]={1}"), nil)
	least = meter{cmp: 1}
	if found := least.unique([]float64{7, 7, 7, 7, 7}); len(found) != 1 {
		t.Errorf("%v are unique", found)
	}
	least.wants(t, "Unique at its least", costAt(t, "Unique", "", "f32", "f32[5]"), nil)
}

// atLeast compares with a rule that is the least count, and counts the first element of
// each row.
func (m *meter) atLeast(t *testing.T, what string, c Cost, rows int64) {
	t.Helper()
	if k, ok := c.Cmp.Const(); !ok || m.cmp < k-rows || !c.FLOPs().IsZero() || !c.Int.IsZero() {
		t.Errorf("%s: the rule says %v, doing it takes %d comparisons for %d rows", what, c, m.cmp, rows)
	}
}

// dropout is scale * data * mask, where mask tells that a drawn number is not below ratio.
func (m *meter) dropout(r *rand.Rand, ratio float64, x []float64) []float64 {
	scale := 1 / (1 - ratio)
	return each1(x, func(v float64) float64 {
		mask := 1 - boolean(m.less(r.Float64(), ratio))
		return m.mul(m.mul(scale, v), mask)
	})
}

func TestDropoutByDoing(t *testing.T) {
	var m meter
	x := randomTensor(rand.New(rand.NewSource(33)), 2, 3, 4)
	for i, v := range m.dropout(rand.New(rand.NewSource(34)), 0.5, x.v) {
		if v != 0 && v != 2*x.v[i] {
			t.Errorf("%v becomes %v", x.v[i], v)
		}
	}
	m.wants(t, "Dropout trains", costAt(t, "Dropout", "", "f32 bool", x.as("f32"), "f32={0.5}", "bool={true}"), nil)
	m.wants(t, "Dropout-6", costAt(t, "Dropout-6", "", "f32 f32", x.as("f32")), nil)
	var none meter
	none.wants(t, "Dropout passes on", costAt(t, "Dropout", "", "f32", x.as("f32")), nil)
	none.wants(t, "Dropout-6 passes on", costAt(t, "Dropout-6", "is_test=1", "f32", x.as("f32")), nil)
}

// col2im adds each tap of each block to the image, which has its padding around it.
func (m *meter) col2im(x tensor, s sweep) tensor {
	taps := len(zeros(s.kernel()...).v)
	channels := x.dims[1] / taps
	image := zeros(append([]int{x.dims[0], channels}, s.sizes(func(a slide) int { return a.begin + a.in + a.end })...)...)
	block := 0
	odometer(s.out(), func(window []int) {
		tapAt := 0
		odometer(s.kernel(), func(tap []int) {
			odometer(x.dims[:1], func(n []int) {
				for c := range channels {
					at := []int{n[0], c}
					for i, p := range s.at(window, tap) {
						at = append(at, p+s[i].begin)
					}
					image.set(m.add(image.get(at...), x.get(n[0], c*taps+tapAt, block)), at...)
				}
			})
			tapAt++
		})
		block++
	})
	return image
}

func TestCol2ImByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(35))
	vector := func(v []int) string {
		return fmt.Sprintf("i64[%d]={%s}", len(v), strings.Trim(strings.ReplaceAll(fmt.Sprint(v), " ", ","), "[]"))
	}
	for range 60 {
		s := randomSweep(r, 1+r.Intn(2))
		taps, blocks := len(zeros(s.kernel()...).v), len(zeros(s.out()...).v)
		x := randomTensor(r, 1+r.Intn(2), taps*(1+r.Intn(3)), blocks)
		var m meter
		near(t, "sum", []float64{sum(m.col2im(x, s).v)}, []float64{sum(x.v)})
		fields := strings.Fields(windowAttrsOf(s))
		attrs := strings.Join(append(fields[:2:2], fields[3:]...), " ") // block_shape is an input
		m.wants(t, "Col2Im "+attrs, costAt(t, "Col2Im", attrs, "f32", x.as("f32"), vector(s.in()), vector(s.kernel())), nil)
		ints := meter{int: m.flop}
		ints.wants(t, "Col2Im of integers", costAt(t, "Col2Im", attrs, "i32", x.as("i32"), vector(s.in()), vector(s.kernel())), nil)
	}
}

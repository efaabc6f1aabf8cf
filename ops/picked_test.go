package ops

import (
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"
)

// box has ordered corners and an area.
type box struct{ top, left, bottom, right, area float64 }

// corners orders two diagonal corners [y1, x1, y2, x2].
func (m *meter) corners(v []float64) box {
	order := func(a, b float64) (float64, float64) {
		if m.less(b, a) {
			return b, a
		}
		return a, b
	}
	top, bottom := order(v[0], v[2])
	left, right := order(v[1], v[3])
	return box{top, left, bottom, right, m.mul(m.sub(bottom, top), m.sub(right, left))}
}

// centred takes [x_center, y_center, width, height].
func (m *meter) centred(v []float64) box {
	w, h := m.div(v[2], 2), m.div(v[3], 2)
	return box{m.sub(v[1], h), m.sub(v[0], w), m.add(v[1], h), m.add(v[0], w), m.mul(v[2], v[3])}
}

// overlap is the intersection over the union.
func (m *meter) overlap(a, b box) float64 {
	w := m.sub(m.min(a.right, b.right), m.max(a.left, b.left))
	h := m.sub(m.min(a.bottom, b.bottom), m.max(a.top, b.top))
	common := m.mul(w, h)
	share := m.div(common, m.sub(m.add(a.area, b.area), common))
	if apart := m.less(w, 0); m.less(h, 0) || apart {
		return 0
	}
	return share
}

// byScore sorts by merging, the highest first.
func (m *meter) byScore(score []float64, of []int) []int {
	if len(of) < 2 {
		return of
	}
	a, b := m.byScore(score, of[:len(of)/2]), m.byScore(score, of[len(of)/2:])
	var out []int
	for len(a) > 0 && len(b) > 0 {
		if m.less(score[a[0]], score[b[0]]) {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// suppress picks at most most boxes by score that overlap no picked one by more than
// threshold; pairs counts the boxes that are compared.
func (m *meter) suppress(boxes []box, score []float64, most int, threshold, least float64) (picked []int, pairs int64) {
	var candidates []int
	for i, s := range score {
		if !m.less(s, least) {
			candidates = append(candidates, i)
		}
	}
	for _, i := range m.byScore(score, candidates) {
		if len(picked) == most {
			break
		}
		if !slices.ContainsFunc(picked, func(j int) bool { pairs++; return m.less(threshold, m.overlap(boxes[i], boxes[j])) }) {
			picked = append(picked, i)
		}
	}
	return picked, pairs
}

func TestNonMaxSuppressionByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(46))
	for range 40 {
		batches, classes, n, most := 1+r.Intn(2), 1+r.Intn(2), 1+r.Intn(12), 1+r.Intn(5)
		centred := r.Intn(2)
		var m, sorts meter
		pairs := int64(0)
		for range batches {
			boxes := make([]box, n)
			for i := range boxes {
				v := fill(r.Float64, 4).v
				boxes[i] = map[int]func([]float64) box{0: m.corners, 1: m.centred}[centred](v)
			}
			for range classes {
				score := fill(r.Float64, n).v
				picked, k := m.suppress(boxes, score, most, 0.3, 0)
				pairs += k
				sorts.byScore(score, rand.Perm(n))
				for i := range picked {
					if i > 0 && score[picked[i]] > score[picked[i-1]] {
						t.Fatal("not in order of score")
					}
				}
			}
		}
		in := []string{fmt.Sprintf("f32[%d,%d,4]", batches, n), fmt.Sprintf("f32[%d,%d,%d]", batches, classes, n), fmt.Sprintf("i64={%d}", most), "f32={0.3}", "f32"}
		cost := costAt(t, "NonMaxSuppression", fmt.Sprintf("center_point_box=%d", centred), "i64", in...)
		m.within(t, "NonMaxSuppression", cost, map[string]int64{"node.pairs": pairs})
		flops := meter{flop: m.flop}
		cost.Cmp = cost.Cmp.MulInt(0)
		flops.wants(t, "NonMaxSuppression, flops", cost, map[string]int64{"node.pairs": pairs})
	}
	same := (&meter{}).corners([]float64{3, 4, 1, 1})
	near(t, "overlap", []float64{(&meter{}).overlap(same, same), (&meter{}).overlap(same, (&meter{}).centred([]float64{9, 9, 1, 1}))}, []float64{1, 0})
	// Two boxes: a score each, a sort of one comparison, corners, and one pair.
	var two meter
	boxes := []box{two.corners([]float64{0, 0, 1, 1}), two.corners([]float64{5, 5, 6, 6})}
	if picked, pairs := two.suppress(boxes, []float64{0.5, 0.9}, 2, 0.3, 0); pairs != 1 || !slices.Equal(picked, []int{1, 0}) {
		t.Error(picked, pairs)
	}
	two.cmp++ // a sort of two levels of two: the bound counts an element at each level
	two.wants(t, "NonMaxSuppression of two", costAt(t, "NonMaxSuppression", "", "i64", "f32[1,2,4]", "f32[1,1,2]", "i64={2}", "f32={0.3}", "f32"), map[string]int64{"node.pairs": 1})
}

// multinomial draws by the running sum of exponentials.
func (m *meter) multinomial(logs []float64, draws []float64) []int {
	total := each1(logs, func(v float64) float64 { return m.call(math.Exp, v) })
	m.running(m.add, total)
	out := make([]int, len(draws))
	for i, u := range draws {
		at := m.mul(u, total[len(total)-1])
		lo, hi := 0, len(total)-1
		for lo < hi { // the first class whose sum is above
			mid := (lo + hi) / 2
			if m.less(at, total[mid]) {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		out[i] = lo
	}
	return out
}

func TestMultinomialByDoing(t *testing.T) {
	for classes := 1; classes <= 9; classes++ {
		var m meter
		logs, draws, counts := make([]float64, classes), make([]float64, 900), make([]float64, classes)
		total := 0.0
		for i := range logs {
			logs[i] = math.Log(float64(i + 1))
			total += float64(i + 1)
		}
		for i := range draws {
			draws[i] = (float64(i) + 0.5) / float64(len(draws))
		}
		for _, k := range m.multinomial(logs, draws) {
			counts[k]++
		}
		for i, n := range counts {
			if want := 900 * float64(i+1) / total; math.Abs(n-want) > 1 {
				t.Errorf("class %d of %d is drawn %v times, want %v", i, classes, n, want)
			}
		}
		cost := costAt(t, "Multinomial", "sample_size=900", "i32", fmt.Sprintf("f32[1,%d]", classes))
		m.within(t, "Multinomial", cost, nil)
		if classes&(classes-1) == 0 {
			m.wants(t, "Multinomial", cost, nil)
		}
	}
}

func TestRandomByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(47))
	var normal, uniform meter
	low, high := 3.0, 5.0
	for range 24 {
		normal.add(2, normal.mul(0.5, r.NormFloat64()))
		if v := uniform.add(low, uniform.mul(high-low, r.Float64())); v < low || v >= high {
			t.Error(v, "is outside")
		}
	}
	normal.wants(t, "RandomNormal", costAt(t, "RandomNormal", "shape=[2,3,4]", "f32"), nil)
	normal.wants(t, "RandomNormalLike", costAt(t, "RandomNormalLike", "", "f32", "f32[2,3,4]"), nil)
	uniform.wants(t, "RandomUniform", costAt(t, "RandomUniform", "shape=[2,3,4]", "f32"), nil)
	uniform.wants(t, "RandomUniformLike", costAt(t, "RandomUniformLike", "", "f32", "f32[2,3,4]"), nil)
}

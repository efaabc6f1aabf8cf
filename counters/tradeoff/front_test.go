package tradeoff

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// setOf makes a set of minimised objectives.
func setOf(rows [][]float64) *Set {
	s := &Set{Values: rows}
	for i := range rows {
		s.Names = append(s.Names, fmt.Sprint("r", i))
	}
	if len(rows) > 0 {
		for k := range rows[0] {
			s.Objectives = append(s.Objectives, Objective{Name: fmt.Sprint("o", k)})
		}
	}
	return s
}

// randomSet has small integers as values, so that ties and equal rows are common, and
// directions at random.
func randomSet(r *rand.Rand, rows, objectives, distinct int) *Set {
	values := make([][]float64, rows)
	for i := range values {
		values[i] = make([]float64, objectives)
		for k := range values[i] {
			values[i][k] = float64(r.IntN(distinct)) - float64(distinct/2)
		}
	}
	s := setOf(values)
	for k := range s.Objectives {
		s.Objectives[k].Max = r.IntN(2) == 1
	}
	return s
}

// dominates is the definition, word for word.
func dominates(s *Set, a, b int) bool {
	better := false
	for k, o := range s.Objectives {
		x, y := s.Values[a][k], s.Values[b][k]
		if o.Max {
			x, y = y, x
		}
		if x > y {
			return false
		}
		better = better || x < y
	}
	return better
}

// TestDominators compares with the definition over random tables with ties: no row of
// the front is dominated, every other row is, and by all that are listed.
func TestDominators(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		s := randomSet(r, r.IntN(150)+1, r.IntN(5)+1, r.IntN(12)+1)
		front := s.Front()
		s.Dominators(func(i int, by []int) bool {
			var want []int
			for j := range s.Values {
				if dominates(s, j, i) {
					want = append(want, j)
				}
			}
			if !slices.Equal(by, want) {
				t.Fatalf("row %d of %v is dominated by %v, want %v", i, s.Values, by, want)
			}
			if slices.Contains(front, i) != (len(want) == 0) {
				t.Fatalf("row %d: on the front %v, dominated by %v", i, front, want)
			}
			return true
		})
		if len(front) == 0 {
			t.Fatal("a set without a front")
		}
	}
}

// TestDominatorsBlocks passes the number of rows that are looked at together.
func TestDominatorsBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := randomSet(r, 2*dominanceBlock+77, 3, 40)
	seen := 0
	s.Dominators(func(i int, by []int) bool {
		if i != seen {
			t.Fatalf("row %d where %d is expected", i, seen)
		}
		seen++
		for j := range s.Values {
			if _, found := slices.BinarySearch(by, j); found != dominates(s, j, i) {
				t.Fatalf("rows %v and %v: %v", s.Values[j], s.Values[i], found)
			}
		}
		return true
	})
	if seen != len(s.Values) {
		t.Errorf("%d rows", seen)
	}
}

// TestUncertain: b is dominated by a at any end of the intervals, c only at their points.
func TestUncertain(t *testing.T) {
	s := setOf([][]float64{{2, 5}, {5, 5}, {3, 6}})
	s.Objectives[1].Max = true
	s.Values[2][1] = 4
	s.Lo, s.Hi = [][]float64{{1, 5}, {4.5, 5}, {2, 3}}, [][]float64{{4, 5}, {7, 5}, {4, 6}}
	if got := s.Uncertain(); !slices.Equal(got, []int{2}) {
		t.Errorf("%v", got)
	}
	s.Hi[0][0] = 2
	s.Lo[2], s.Hi[2] = []float64{2, 3}, []float64{4, 5}
	if got := s.Uncertain(); got != nil {
		t.Errorf("%v", got)
	}
}

func TestFrontOfEqualRows(t *testing.T) {
	s := setOf([][]float64{{1, 2}, {1, 2}, {0, 3}, {1, 3}, {math.Copysign(0, -1), 3}})
	if got := s.Front(); !slices.Equal(got, []int{0, 1, 2, 4}) {
		t.Errorf("front %v", got)
	}
}

// volumeByParts is the hypervolume by inclusion and exclusion over all subsets.
func volumeByParts(s *Set, ref []float64) float64 {
	sum := 0.0
	for subset := uint(1); subset < 1<<len(s.Values); subset++ {
		box := 1.0
		for k := range ref {
			least := math.Inf(1)
			for i := range s.Values {
				if subset>>i&1 == 1 {
					least = min(least, max(0, s.cost(k, ref[k])-s.cost(k, s.Values[i][k])))
				}
			}
			box *= least
		}
		if bits.OnesCount(subset)%2 == 0 {
			box = -box
		}
		sum += box
	}
	return sum
}

func TestHypervolume(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		s := randomSet(r, r.IntN(11)+1, r.IntN(6)+1, r.IntN(9)+1)
		ref := s.Worst()
		if r.IntN(2) == 1 {
			for k, o := range s.Objectives {
				step := float64(r.IntN(5) - 1)
				if o.Max {
					step = -step
				}
				ref[k] += step
			}
		}
		got, ok := s.Hypervolume(ref)
		if want := volumeByParts(s, ref); !ok || got != want { // integers: exact
			t.Fatalf("%v from %v is %v (%v), want %v", s.Values, ref, got, ok, want)
		}
	}
}

// TestHypervolumeByHand has the figures of the training plane of Douwes, Esling,
// Briot: 573.6 x 0.012 and 366.4 x 0.012; the others lie on the reference.
func TestHypervolumeByHand(t *testing.T) {
	s := setOf([][]float64{{407.7, 0.148}, {437.6, 0.136}, {725.4, 0.132}, {644.8, 0.124}, {1011.2, 0.114}})
	if got, ok := s.Hypervolume(nil); !ok || math.Abs(got-(573.6*0.012+366.4*0.012)) > 1e-9 {
		t.Errorf("%v", got)
	}
	if got, ok := setOf([][]float64{{-1e308, -1e308}, {1e308, 1e308}}).Hypervolume(nil); ok {
		t.Errorf("a volume past float64 is %v", got)
	}
}

// TestHypervolumeShifts is a property of any size: moving all rows and the reference
// changes nothing, and a sixth objective of width 1 neither.
func TestHypervolumeShifts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		s := randomSet(r, 120, 5, 64)
		ref := s.Worst()
		want, ok := s.Hypervolume(ref)
		if !ok {
			t.Fatal("not computed")
		}
		wider := setOf(nil)
		for _, row := range s.Values {
			moved := []float64{0}
			for _, v := range row {
				moved = append(moved, v+1000)
			}
			wider.Values = append(wider.Values, moved)
		}
		wider.Objectives = append([]Objective{{}}, s.Objectives...)
		wref := []float64{1}
		for _, v := range ref {
			wref = append(wref, v+1000)
		}
		if got, ok := wider.Hypervolume(wref); !ok || got != want {
			t.Fatalf("%v, moved %v (%v)", want, got, ok)
		}
	}
}

func TestKnee(t *testing.T) {
	for _, c := range []struct {
		rows [][]float64
		want int // -1: none
	}{
		{[][]float64{{0, 10}, {1, 2}, {10, 0}}, 1},
		{[][]float64{{0, 10}, {5, 5}, {10, 0}}, -1}, // a line
		{[][]float64{{0, 10}, {8, 8}, {10, 0}}, -1}, // bulges away
		{[][]float64{{0, 10}, {10, 0}}, -1},         // two ends
		{[][]float64{{3, 3}}, -1},                   // one row
		{[][]float64{{3, 3}, {3, 3}, {3, 3}}, -1},   // one point
		{[][]float64{{0, 4, 4}, {4, 0, 4}, {4, 4, 0}, {1, 1, 1}}, 3},
	} {
		i, ok := setOf(c.rows).Knee()
		if ok != (c.want >= 0) || ok && i != c.want {
			t.Errorf("%v: row %d (%v), want %d", c.rows, i, ok, c.want)
		}
	}
}

// uniform is the size that a report must take under a second for.
func uniform() *Set {
	r := rand.New(rand.NewPCG(9, 10))
	values := make([][]float64, 10_000)
	for i := range values {
		values[i] = []float64{r.Float64(), r.Float64(), r.Float64(), r.Float64(), r.Float64()}
	}
	return setOf(values)
}

func BenchmarkDominators(b *testing.B) {
	s := uniform()
	for b.Loop() {
		pairs := 0
		s.Dominators(func(_ int, by []int) bool { pairs += len(by); return true })
		b.ReportMetric(float64(pairs), "pairs")
	}
}

func BenchmarkHypervolume(b *testing.B) {
	s := uniform()
	for b.Loop() {
		v, ok := s.Hypervolume(nil)
		if !ok {
			b.Fatal("not computed")
		}
		b.ReportMetric(v, "volume")
		b.ReportMetric(float64(len(s.Front())), "rows")
	}
}

// BenchmarkHypervolumeSphere has every row on the front.
func BenchmarkHypervolumeSphere(b *testing.B) {
	for _, n := range []int{100, 1000, 3000, 10_000} {
		r := rand.New(rand.NewPCG(9, 10))
		values := make([][]float64, n)
		for i := range values {
			norm := 0.0
			for range 5 {
				x := math.Abs(r.NormFloat64())
				values[i] = append(values[i], -x)
				norm += x * x
			}
			for k := range values[i] {
				values[i][k] /= math.Sqrt(norm)
			}
		}
		s := setOf(values)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				_, ok := s.Hypervolume(nil)
				b.ReportMetric(map[bool]float64{true: 1}[ok], "computed")
			}
		})
	}
}

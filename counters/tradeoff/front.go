package tradeoff

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// A row dominates another when it is at least as good in every objective and better
// in one (Pareto; the definition of Deb, Multi-Objective Optimization using
// Evolutionary Algorithms, 2001, section 2.4). Equal rows do not dominate each other.

// Front returns the rows that no row dominates, in the order of the set.
func (s *Set) Front() []int {
	var front []int
	newDominance(s.costs()).each(func(i int, set []uint64) bool {
		if !slices.ContainsFunc(set, func(word uint64) bool { return word != 0 }) {
			front = append(front, i)
		}
		return true
	})
	return front
}

// Dominators calls f with each row and all rows that dominate it, in the order of
// the set, until f returns false. by is valid during the call only.
//
// The rows at least as good as row i are the intersection, over the objectives, of
// those that are not worse in one: a prefix of the rows sorted by it, kept as a set
// of bits. For n rows and m objectives that is m*n*n/64 steps and n*1024/8 bytes.
func (s *Set) Dominators(f func(i int, by []int) bool) {
	var by []int
	newDominance(s.costs()).each(func(i int, set []uint64) bool {
		by = by[:0]
		for w, word := range set {
			for ; word != 0; word &= word - 1 {
				by = append(by, w*64+bits.TrailingZeros64(word))
			}
		}
		return f(i, by)
	})
}

// Uncertain returns the dominated rows that intervals leave in doubt: with its own
// values at their best ends and those of the others at their worst, nothing would
// dominate the row.
func (s *Set) Uncertain() []int {
	best, worst := s.ends()
	var out []int
	s.Dominators(func(i int, by []int) bool {
		surely := func(j int) bool {
			for k, v := range worst[j] {
				if v > best[i][k] {
					return false
				}
			}
			return true
		}
		if len(by) > 0 && !slices.ContainsFunc(by, surely) {
			out = append(out, i)
		}
		return true
	})
	return out
}

// ends returns the costs at the better and the worse ends of the intervals.
func (s *Set) ends() (best, worst [][]float64) {
	for i := range s.Values {
		b, w := make([]float64, len(s.Objectives)), make([]float64, len(s.Objectives))
		for k := range b {
			lo, hi := s.cost(k, s.Lo[i][k]), s.cost(k, s.Hi[i][k])
			b[k], w[k] = min(lo, hi), max(lo, hi)
		}
		best, worst = append(best, b), append(worst, w)
	}
	return best, worst
}

// dominanceBlock is the number of rows whose sets are in memory at once.
const dominanceBlock = 1024

type dominance struct {
	costs  [][]float64
	order  [][]int // for each objective the rows from best to worst
	equal  map[string]*equalRows
	prefix []uint64
	sets   [][]uint64 // of the rows of a block: those at least as good in every objective
}

func newDominance(costs [][]float64) *dominance {
	words := (len(costs) + 63) / 64
	d := &dominance{costs: costs, equal: map[string]*equalRows{}, prefix: make([]uint64, words)}
	if len(costs) == 0 {
		return d
	}
	for k := range costs[0] {
		order := make([]int, len(costs))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(costs[a][k], costs[b][k]) })
		d.order = append(d.order, order)
	}
	for i := range costs {
		key := rowKey(costs[i])
		if d.equal[key] == nil {
			d.equal[key] = &equalRows{}
		}
		d.equal[key].rows = append(d.equal[key].rows, i)
	}
	d.sets = make([][]uint64, min(dominanceBlock, len(costs)))
	for i := range d.sets {
		d.sets[i] = make([]uint64, words)
	}
	return d
}

// rowKey is equal for rows of equal values; minus zero equals zero.
func rowKey(row []float64) string {
	b := make([]byte, 0, 8*len(row))
	for _, v := range row {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v+0))
	}
	return string(b)
}

// block computes the sets of rows from (included) to to (excluded).
func (d *dominance) block(from, to int) {
	for _, set := range d.sets {
		for w := range set {
			set[w] = math.MaxUint64
		}
	}
	for k, order := range d.order {
		clear(d.prefix)
		for at := 0; at < len(order); {
			end := at
			for end < len(order) && d.costs[order[end]][k] == d.costs[order[at]][k] {
				d.prefix[order[end]/64] |= 1 << (order[end] % 64)
				end++
			}
			for ; at < end; at++ {
				if i := order[at]; from <= i && i < to {
					intersect(d.sets[i-from], d.prefix)
				}
			}
		}
	}
}

func intersect(set, other []uint64) {
	for w, bits := range other {
		set[w] &= bits
	}
}

// each calls f with each row and the set of those that dominate it, until f returns
// false.
func (d *dominance) each(f func(i int, set []uint64) bool) {
	for from := 0; from < len(d.costs); from += dominanceBlock {
		to := min(from+dominanceBlock, len(d.costs))
		d.block(from, to)
		for i := from; i < to; i++ {
			set := d.sets[i-from]
			d.equal[rowKey(d.costs[i])].remove(set)
			if !f(i, set) {
				return
			}
		}
	}
}

// equalRows are rows of the same values.
type equalRows struct {
	rows []int
	bits []uint64 // the same as a set, once it is needed; nil for few rows
}

// remove takes the rows out of a set.
func (e *equalRows) remove(set []uint64) {
	if len(e.rows) <= 64 {
		for _, r := range e.rows {
			set[r/64] &^= 1 << (r % 64)
		}
		return
	}
	if e.bits == nil {
		e.bits = make([]uint64, len(set))
		for _, r := range e.rows {
			e.bits[r/64] |= 1 << (r % 64)
		}
	}
	for w, bits := range e.bits {
		set[w] &^= bits
	}
}

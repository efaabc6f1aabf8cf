package tradeoff

import "slices"

// Step is one step along the front, from a row to the next that is better in quality.
type Step struct {
	From, To int
	Gain     float64 // improvement of the quality, positive
	// Costs and Prices have an element for each objective: what the step costs more,
	// negative where it saves, and that for one unit of quality. Those of the quality
	// are 0.
	Costs, Prices []float64
}

// Steps returns the steps along the front from the worst quality to the best. Of rows
// with equal quality the first counts, in the order of their costs.
func (s *Set) Steps(quality int) []Step {
	costs := s.costs()
	rows := s.Front()
	s.SortBy(quality, rows)
	rows = slices.CompactFunc(rows, func(a, b int) bool { return costs[a][quality] == costs[b][quality] })
	slices.Reverse(rows)
	var out []Step
	for i := 1; i < len(rows); i++ {
		from, to := rows[i-1], rows[i]
		st := Step{From: from, To: to, Gain: costs[from][quality] - costs[to][quality],
			Costs: make([]float64, len(s.Objectives)), Prices: make([]float64, len(s.Objectives))}
		for k := range st.Costs {
			if k != quality {
				st.Costs[k] = costs[to][k] - costs[from][k]
				st.Prices[k] = st.Costs[k] / st.Gain
			}
		}
		out = append(out, st)
	}
	return out
}

// BestBuy returns the row of the front at which to stop when one unit of quality is
// worth so much of a cost: the one where worth * quality - cost is largest, the
// cheapest of equal ones. No row beyond it is worth its price measured from here,
// however many steps are taken at once; every row before it is.
func (s *Set) BestBuy(cost, quality int, worth float64) int {
	costs := s.costs()
	best := -1
	loss := func(i int) float64 { return worth*costs[i][quality] + costs[i][cost] }
	for _, i := range s.Front() {
		if best < 0 || loss(i) < loss(best) || loss(i) == loss(best) && costs[i][cost] < costs[best][cost] {
			best = i
		}
	}
	return best
}

// Cumulate adds up an objective along the rows: a cost that is given for each epoch
// becomes the cost so far. The ends of intervals are added up too.
func (s *Set) Cumulate(k int) {
	for i := 1; i < len(s.Values); i++ {
		s.Values[i][k] += s.Values[i-1][k]
		s.Lo[i][k] += s.Lo[i-1][k]
		s.Hi[i][k] += s.Hi[i-1][k]
	}
}

// Falls returns the first row whose objective is less than that of the row before,
// -1 if it never falls: what is spent so far cannot.
func (s *Set) Falls(k int) int {
	for i := 1; i < len(s.Values); i++ {
		if s.Values[i][k] < s.Values[i-1][k] {
			return i
		}
	}
	return -1
}

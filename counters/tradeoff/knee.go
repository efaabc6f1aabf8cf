package tradeoff

import "slices"

// Knee returns the row of the front that bulges most towards the ideal point, with
// each objective scaled so that the front's best value is 0 and its worst is 1: the
// row with the least sum. For two objectives that is the row farthest from the line
// between the ends of the front (Das, "On characterizing the 'knee' of the Pareto
// curve", Structural Optimization 18, 1999). Of equal sums the first row counts.
// ok is false if no row lies below the line: the front has no knee.
func (s *Set) Knee() (row int, ok bool) {
	costs := s.costs()
	front := s.Front()
	if len(front) == 0 {
		return 0, false
	}
	best, worst := ends(costs, front)
	if slices.Equal(best, worst) {
		return 0, false
	}
	least := 1 - 1e-12 // of the line itself; what is not below it by more than rounding is on it
	for _, i := range front {
		sum := 0.0
		for k, v := range costs[i] {
			if worst[k] > best[k] {
				// Halves: a span of finite numbers may be infinite.
				sum += (v/2 - best[k]/2) / (worst[k]/2 - best[k]/2)
			}
		}
		if sum < least {
			row, least, ok = i, sum, true
		}
	}
	return row, ok
}

// ends returns the least and the largest cost of each objective over some rows.
func ends(costs [][]float64, rows []int) (best, worst []float64) {
	best = append(best, costs[rows[0]]...)
	worst = append(worst, costs[rows[0]]...)
	for _, i := range rows[1:] {
		for k, v := range costs[i] {
			best[k], worst[k] = min(best[k], v), max(worst[k], v)
		}
	}
	return best, worst
}

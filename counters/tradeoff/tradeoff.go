// Package tradeoff compares rows of a table on several objectives at once: the
// Pareto front and what dominates the rest, the hypervolume, the knee, the price of
// an improvement, the best score under a cap, and objectives of one number.
//
// A Table holds named rows; Table.Column reads a column or an expression over
// columns; a Set is what the objectives say of each row:
//
//	t, err := tradeoff.ReadCSV(file, "systems.csv")
//	set, err := t.Set([]tradeoff.Objective{{Name: "energy"}, {Name: "mos", Max: true}}, false)
//	for _, i := range set.Front() {
//		fmt.Println(set.Names[i])
//	}
package tradeoff

import (
	"cmp"
	"slices"
)

// Objective is a column or an expression over columns, and which way is better.
type Objective struct {
	Name string
	Max  bool   // more is better; otherwise less is
	Unit string // of the values, "" where it is not known or the name tells; Table.Set knows some
}

// Dir returns "min" or "max".
func (o Objective) Dir() string {
	if o.Max {
		return "max"
	}
	return "min"
}

// Set is a list of rows with one finite value for each objective.
type Set struct {
	Objectives []Objective
	Names      []string    // of rows
	Values     [][]float64 // [row][objective], in the units of the table
	// Lo and Hi are the ends of the intervals of the values, [row][objective]: equal
	// to the value where the table gives none.
	Lo, Hi  [][]float64
	Dropped []Problem // rows that were left out for want of a value
}

// costs returns the values with their signs turned so that less is better.
func (s *Set) costs() [][]float64 {
	out := make([][]float64, len(s.Values))
	for i, row := range s.Values {
		out[i] = make([]float64, len(row))
		for k, v := range row {
			out[i][k] = s.cost(k, v)
		}
	}
	return out
}

// cost turns the sign of a value of the k-th objective if more is better.
func (s *Set) cost(k int, v float64) float64 {
	if s.Objectives[k].Max {
		return -v
	}
	return v
}

// Worst returns the worst value of each objective, the default reference of
// Hypervolume.
func (s *Set) Worst() []float64 {
	ref := make([]float64, len(s.Objectives))
	for k := range ref {
		for i, row := range s.Values {
			if i == 0 || s.cost(k, row[k]) > s.cost(k, ref[k]) {
				ref[k] = row[k]
			}
		}
	}
	return ref
}

// SortBy sorts rows by an objective, the best first, and equal ones by the others in
// turn.
func (s *Set) SortBy(k int, rows []int) {
	costs := s.costs()
	slices.SortStableFunc(rows, func(a, b int) int {
		return cmp.Or(cmp.Compare(costs[a][k], costs[b][k]), slices.Compare(costs[a], costs[b]))
	})
}

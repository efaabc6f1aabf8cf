package tradeoff

import (
	"cmp"
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
)

// DeepNCheap is the objective of Deep-n-Cheap (Dey, Kanala, Chugg, Beerel, "Deep-n-Cheap:
// an automated search framework for low complexity deep learning", ACML 2020),
// to be minimised: fp is 1 - accuracy or a loss, fc a complexity divided by that of a
// reference, Weight how much complexity matters.
const DeepNCheap = "log10(fp + " + Weight + "*fc)"

// Weight is the name of the weight of complexity in an objective of one number.
const Weight = "w_c"

// Rank is a row with its place by an objective.
type Rank struct {
	Place int // from 1; equal values share the best place
	Row   int // of the table
	Value float64
}

// Ranking evaluates an expression for each row, with a value for Weight, and sorts: the
// least value first, or the largest. Rows without a value are an error that lists
// them, or left out with drop.
func (t *Table) Ranking(expr string, weight float64, largest, drop bool) (ranks []Rank, dropped []Problem, err error) {
	c, err := t.Column(expr, map[string]float64{Weight: weight})
	if err != nil {
		return nil, nil, err
	}
	for i := range t.Rows {
		if p, bad := c.Problems[i]; bad {
			dropped = append(dropped, p)
			continue
		}
		ranks = append(ranks, Rank{Row: i, Value: c.Values[i]})
	}
	switch {
	case len(dropped) > 0 && !drop:
		return nil, nil, &Error{t.File, dropped}
	case len(ranks) == 0:
		return nil, nil, problem(t.File, 0, "no row has a value for the objective")
	}
	slices.SortStableFunc(ranks, func(a, b Rank) int {
		if largest {
			a, b = b, a
		}
		return cmp.Compare(a.Value, b.Value)
	})
	for i := range ranks {
		ranks[i].Place = i + 1
		if i > 0 && ranks[i].Value == ranks[i-1].Value {
			ranks[i].Place = ranks[i-1].Place
		}
	}
	return ranks, dropped, nil
}

// Define adds a column that an expression computes. A row for which it has no value
// gets a cell that says why.
func (t *Table) Define(name, expr string) error {
	if slices.Contains(t.Columns, name) {
		return problem(t.File, 0, "column %q is there already", graph.Clip(name))
	}
	c, err := t.Column(expr, nil)
	if err != nil {
		return err
	}
	t.append(name, c)
	return nil
}

package tradeoff

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// ColumnError says that a name is no column of a table.
type ColumnError struct {
	File    string
	Name    string
	Columns []string
}

func (e *ColumnError) Error() string {
	list := slices.DeleteFunc(slices.Clone(e.Columns), func(c string) bool { return c == "" })
	return fmt.Sprintf("%s has no column %q (expected %s%s)", e.File, graph.Clip(e.Name), quotedOr(list), graph.OrNearest(e.Name, list))
}

// quotedOr lists at most a dozen names.
func quotedOr(names []string) string {
	const most = 12
	var out []string
	for _, n := range names[:min(len(names), most)] {
		out = append(out, strconv.Quote(graph.Clip(n)))
	}
	if len(names) > most {
		return strings.Join(out, ", ") + fmt.Sprintf(" or %d more", len(names)-most)
	}
	return graph.OrList(out)
}

// Column is what an expression gives for each row of a table.
type Column struct {
	Values   []float64
	Lo, Hi   []float64       // ends of the intervals; nil where the table gives none
	Problems map[int]Problem // rows without a value
}

// The columns beside a column X that hold the ends of its interval.
const (
	lowSuffix  = "_lo"
	highSuffix = "_hi"
)

// Column evaluates a column, or an expression over columns in the syntax of
// graph.ParseRealExpr, for each row; extra names stand for the same number in all.
// An unknown name is a *ColumnError.
func (t *Table) Column(expr string, extra map[string]float64) (*Column, error) {
	if k := slices.Index(t.Columns, expr); k >= 0 {
		return t.plain(k), nil
	}
	e, err := graph.ParseRealExpr(expr)
	if err != nil {
		return nil, err
	}
	if err := t.checkNames(e, expr, extra); err != nil {
		return nil, err
	}
	c := &Column{Values: make([]float64, len(t.Rows)), Problems: map[int]Problem{}}
	for i := range t.Rows {
		r := &t.Rows[i]
		v, err := e.Real(func(name string) (float64, error) {
			if v, ok := extra[name]; ok {
				return v, nil
			}
			return t.number(r, slices.Index(t.Columns, name))
		})
		if err != nil {
			c.Problems[i] = Problem{r.Name, r.Line, reason(err)}
		}
		c.Values[i] = v
	}
	return c, nil
}

// reason words why an expression has no value: of a cell without one, the cell.
func reason(err error) string {
	var e *graph.EvalError
	if errors.As(err, &e) && e.Err != nil {
		err = e.Err
	}
	return err.Error()
}

// checkNames finds names that are no columns.
func (t *Table) checkNames(e *graph.Expr, expr string, extra map[string]float64) (err error) {
	e.Names(func(name string, _ int) {
		if _, ok := extra[name]; !ok && err == nil && !slices.Contains(t.Columns, name) {
			err = &ColumnError{t.File, name, t.Columns}
		}
	})
	return err
}

// plain reads the k-th column with its interval.
func (t *Table) plain(k int) *Column {
	c := t.cells(k)
	lo, hi := slices.Index(t.Columns, t.Columns[k]+lowSuffix), slices.Index(t.Columns, t.Columns[k]+highSuffix)
	if lo < 0 || hi < 0 {
		return c
	}
	low, high := t.cells(lo), t.cells(hi)
	c.Lo, c.Hi = slices.Clone(c.Values), slices.Clone(c.Values)
	for i := range t.Rows {
		if _, bad := low.Problems[i]; !bad {
			c.Lo[i] = low.Values[i]
		}
		if _, bad := high.Problems[i]; !bad {
			c.Hi[i] = high.Values[i]
		}
	}
	return c
}

// cells reads the numbers of the k-th column.
func (t *Table) cells(k int) *Column {
	c := &Column{Values: make([]float64, len(t.Rows)), Problems: map[int]Problem{}}
	for i := range t.Rows {
		r := &t.Rows[i]
		v, err := t.number(r, k)
		if err != nil {
			c.Problems[i] = Problem{r.Name, r.Line, err.Error()}
		}
		c.Values[i] = v
	}
	return c
}

// missing are the ways to write that there is no value, in lower case.
var missing = []string{"", "-", "–", "—", "na", "n/a", "nan", "none", "null", "?"}

// number reads a cell: a finite decimal number.
func (t *Table) number(r *Row, k int) (float64, error) {
	cell, name := r.Cells[k], graph.Clip(t.Columns[k])
	if slices.Contains(missing, strings.ToLower(cell.Text)) {
		if cell.Why != "" {
			return 0, fmt.Errorf("column %q is missing: %s", name, cell.Why)
		}
		return 0, fmt.Errorf("column %q is missing (%q)", name, cell.Text)
	}
	v, err := strconv.ParseFloat(cell.Text, 64)
	if strings.Trim(cell.Text, "0123456789+-.eE") != "" {
		err = strconv.ErrSyntax // words, and hexadecimal digits
	}
	if math.IsInf(v, 0) {
		return 0, fmt.Errorf("column %q is %q (expected a finite number)", name, graph.Clip(cell.Text))
	}
	if err != nil {
		return 0, fmt.Errorf("column %q is %q (expected a number)", name, graph.Clip(cell.Text))
	}
	return v, nil
}

// Set evaluates objectives. A row in which one has no value is an error that lists
// all such rows, or is left out with drop.
func (t *Table) Set(objectives []Objective, drop bool) (*Set, error) {
	columns := make([]*Column, len(objectives))
	for k, o := range objectives {
		var err error
		if columns[k], err = t.Column(o.Name, nil); err != nil {
			return nil, err
		}
	}
	s := &Set{Objectives: slices.Clone(objectives)}
	for k, o := range objectives {
		s.Objectives[k].Unit = t.Units[o.Name]
	}
	for i := range t.Rows {
		if p, bad := firstProblem(columns, i); bad {
			s.Dropped = append(s.Dropped, p)
			continue
		}
		s.add(t.Rows[i].Name, columns, i)
	}
	switch {
	case len(s.Dropped) > 0 && !drop:
		return nil, &Error{t.File, s.Dropped}
	case len(s.Names) == 0:
		return nil, problem(t.File, 0, "no row has a value for every objective")
	}
	return s, nil
}

// firstProblem says why a row is not whole: what is missing in each column.
func firstProblem(columns []*Column, i int) (p Problem, bad bool) {
	for _, c := range columns {
		q, ok := c.Problems[i]
		switch {
		case !ok || bad && strings.Contains(p.What, q.What):
		case bad:
			p.What += ", " + q.What
		default:
			p, bad = q, true
		}
	}
	return p, bad
}

func (s *Set) add(name string, columns []*Column, i int) {
	values, lo, hi := make([]float64, len(columns)), make([]float64, len(columns)), make([]float64, len(columns))
	for k, c := range columns {
		values[k], lo[k], hi[k] = c.Values[i], c.Values[i], c.Values[i]
		if c.Lo != nil {
			lo[k], hi[k] = c.Lo[i], c.Hi[i]
		}
	}
	s.Names = append(s.Names, name)
	s.Values, s.Lo, s.Hi = append(s.Values, values), append(s.Lo, lo), append(s.Hi, hi)
}

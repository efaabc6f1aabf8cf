package tradeoff

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// Normalization says how energies that were measured on different hardware are made
// comparable (Cornell, Douwes, Ronchini, Serizel, Turpault, "Monitoring environmental
// impact of machine listening systems: why and how?"): by the ratio of a reference run,
// or by a linear regression with one or two variables. Columns may be expressions.
type Normalization struct {
	Energy string // column of the energy of each row, on its own hardware

	// Reference is the column of the energy that one reference run took on the
	// hardware of each row, At what it took on the hardware that all are brought to.
	Reference string
	At        float64

	// Target is the column of the energy on the common hardware, known for some rows,
	// On the one or two columns that explain it: the energy itself, FLOPs, parameters.
	Target string
	On     []string

	// Score and Baseline give the energy-weighted score of DCASE Task 4:
	// score x energy of the baseline / energy of the row, both normalised.
	Score, Baseline string
}

// The columns that Normalize adds.
const (
	NormalizedColumn = "normalized"
	EWScoreColumn    = "ew_score"
)

// Regression is a least-squares fit with a constant.
type Regression struct {
	On       []string
	Constant float64
	Slopes   []float64 // one for each of On
	Rows     int       // that it was fitted on
	R2       float64   // 1 where the fit goes through every point
	// LeftOut is the median error of rows that were left out one by one, as a fraction;
	// NaN where there are too few.
	LeftOut float64
}

// Normalize adds the column NormalizedColumn to a table, and EWScoreColumn when a score
// is given. A row without what it needs gets a cell without a value. The regression is
// nil without one.
func (t *Table) Normalize(n Normalization) (*Regression, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	energy, fit, err := t.energies(n)
	if err != nil {
		return nil, err
	}
	var weighted *Column
	if n.Score != "" {
		if weighted, err = t.weigh(n, energy); err != nil {
			return nil, err
		}
	}
	t.append(NormalizedColumn, energy)
	if weighted != nil {
		t.append(EWScoreColumn, weighted)
	}
	return fit, nil
}

// energies returns the normalised energy of each row.
func (t *Table) energies(n Normalization) (*Column, *Regression, error) {
	if n.Target != "" {
		return t.byRegression(n)
	}
	energy, err := t.Column(n.Energy, nil)
	if err == nil && n.Reference != "" {
		energy, err = t.byRatio(n, energy)
	}
	return energy, nil, err
}

// check holds a normalization to what makes sense.
func (n *Normalization) check() error {
	switch {
	case n.Energy == "" && n.Target == "":
		return errors.New("no column of energies is named")
	case n.Reference != "" && n.Target != "":
		return errors.New("both a reference run and a regression are named")
	case n.Reference != "" && !(n.At > 0 && !math.IsInf(n.At, 0)):
		return fmt.Errorf("the energy of the reference run on the common hardware is %g (expected a positive number)", n.At)
	case n.Target != "" && (len(n.On) < 1 || len(n.On) > 2):
		return fmt.Errorf("%d variables of a regression (expected one or two)", len(n.On))
	case (n.Score == "") != (n.Baseline == ""):
		return errors.New("an energy-weighted score needs a score and a baseline")
	}
	return nil
}

// byRatio multiplies each energy by what the reference run takes on the common hardware
// over what it took on the row's.
func (t *Table) byRatio(n Normalization, energy *Column) (*Column, error) {
	reference, err := t.Column(n.Reference, nil)
	if err != nil {
		return nil, err
	}
	out := &Column{Values: make([]float64, len(t.Rows)), Problems: map[int]Problem{}}
	for i := range t.Rows {
		if p, bad := firstProblem([]*Column{energy, reference}, i); bad {
			out.Problems[i] = p
			continue
		}
		if !(reference.Values[i] > 0) {
			out.Problems[i] = Problem{t.Rows[i].Name, t.Rows[i].Line, fmt.Sprintf("the reference run took %g (expected more than 0)", reference.Values[i])}
			continue
		}
		out.Values[i] = energy.Values[i] * n.At / reference.Values[i]
	}
	return out, nil
}

// byRegression fits the target on the rows that have it and predicts it for all.
func (t *Table) byRegression(n Normalization) (*Column, *Regression, error) {
	columns := make([]*Column, 0, len(n.On)+1)
	for _, name := range append([]string{n.Target}, n.On...) {
		c, err := t.Column(name, nil)
		if err != nil {
			return nil, nil, err
		}
		columns = append(columns, c)
	}
	var x [][]float64
	var y []float64
	for i := range t.Rows {
		if _, bad := firstProblem(columns, i); !bad {
			x, y = append(x, at(columns[1:], i)), append(y, columns[0].Values[i])
		}
	}
	fit, err := Regress(x, y)
	if err != nil {
		return nil, nil, problem(t.File, 0, "%v", err)
	}
	fit.On = n.On
	out := &Column{Values: make([]float64, len(t.Rows)), Problems: map[int]Problem{}}
	for i := range t.Rows {
		if p, bad := firstProblem(columns[1:], i); bad {
			out.Problems[i] = p
			continue
		}
		out.Values[i] = fit.Predict(at(columns[1:], i))
	}
	return out, fit, nil
}

func at(columns []*Column, i int) []float64 {
	out := make([]float64, len(columns))
	for k, c := range columns {
		out[k] = c.Values[i]
	}
	return out
}

// weigh is the energy-weighted score of each row.
func (t *Table) weigh(n Normalization, energy *Column) (*Column, error) {
	score, err := t.Column(n.Score, nil)
	if err != nil {
		return nil, err
	}
	b := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Name == n.Baseline })
	if b < 0 {
		return nil, problem(t.File, 0, "no row is named %q, the baseline", n.Baseline)
	}
	if p, bad := energy.Problems[b]; bad {
		return nil, &Error{t.File, []Problem{p}}
	}
	out := &Column{Values: make([]float64, len(t.Rows)), Problems: map[int]Problem{}}
	for i, r := range t.Rows {
		p, bad := firstProblem([]*Column{score, energy}, i)
		if !bad && !(energy.Values[i] > 0) {
			p, bad = Problem{r.Name, r.Line, fmt.Sprintf("the energy is %g (expected more than 0)", energy.Values[i])}, true
		}
		if bad {
			out.Problems[i] = p
			continue
		}
		out.Values[i] = score.Values[i] * (energy.Values[b] / energy.Values[i])
	}
	return out, nil
}

// append adds a column of values; a row without one gets the reason.
func (t *Table) append(name string, c *Column) {
	t.Columns = append(t.Columns, name)
	for i := range t.Rows {
		cell := Cell{Text: strconv.FormatFloat(c.Values[i], 'g', -1, 64)}
		if p, bad := c.Problems[i]; bad {
			cell = Cell{Why: p.What}
		}
		t.Rows[i].Cells = append(t.Rows[i].Cells, cell)
	}
}

// Regress fits y = constant + slopes . x by least squares. There must be more rows than
// variables, and the variables may not depend on each other.
func Regress(x [][]float64, y []float64) (*Regression, error) {
	beta, err := leastSquares(x, y)
	if err != nil {
		return nil, err
	}
	r := &Regression{Constant: beta[0], Slopes: beta[1:], Rows: len(y)}
	if largest := max(slices.Max(y), -slices.Min(y)); math.Abs(r.Constant) < 1e-12*largest {
		r.Constant = 0 // what is left of rounding
	}
	mean, rest, all := 0.0, 0.0, 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for i, v := range y {
		d := v - r.Predict(x[i])
		rest, all = rest+d*d, all+(v-mean)*(v-mean)
	}
	r.R2 = 1
	if all > 0 {
		r.R2 = 1 - rest/all
	}
	r.LeftOut = leftOutError(x, y)
	return r, nil
}

// Predict returns the fitted value for one row of variables.
func (r *Regression) Predict(x []float64) float64 {
	v := r.Constant
	for k, s := range r.Slopes {
		v += s * x[k]
	}
	return v
}

// leastSquares returns the constant and the slopes. Variables are scaled, since FLOPs
// and parameters differ by many orders of magnitude.
func leastSquares(x [][]float64, y []float64) ([]float64, error) {
	rows := len(y)
	if rows == 0 || rows < len(x[0])+1 {
		return nil, fmt.Errorf("%d rows to fit on (expected one more than variables)", rows)
	}
	n := len(x[0]) + 1
	columns := make([][]float64, n)
	scale := slices.Repeat([]float64{1}, n)
	columns[0] = slices.Repeat([]float64{1}, rows)
	for k := 1; k < n; k++ {
		largest := 0.0
		for i := range x {
			columns[k] = append(columns[k], x[i][k-1])
			largest = max(largest, math.Abs(x[i][k-1]))
		}
		if largest > 0 {
			scale[k] = largest
		}
		for i := range columns[k] {
			columns[k][i] /= scale[k]
		}
	}
	beta, ok := solveQR(columns, slices.Clone(y))
	if !ok {
		return nil, errors.New("the variables of the rows to fit on depend on each other, or are the same in all")
	}
	for k := range beta {
		beta[k] /= scale[k]
	}
	return beta, nil
}

// solveQR solves a least-squares problem by the modified Gram-Schmidt process (Golub, Van
// Loan, "Matrix Computations", 5.2.8), with the right-hand side as one more column. It
// fails when a column is, to rounding, a combination of those before it. Two or three
// columns need no package of linear algebra, which would make the program a fifth larger.
func solveQR(columns [][]float64, y []float64) (beta []float64, ok bool) {
	n := len(columns)
	r := make([][]float64, n)
	rhs := make([]float64, n)
	for k, q := range columns {
		before := math.Sqrt(dot(q, q))
		for j := range k {
			d := dot(columns[j], q)
			r[j][k] = d
			for i := range q {
				q[i] -= d * columns[j][i]
			}
		}
		length := math.Sqrt(dot(q, q))
		if !(length > 1e-12*max(before, 1e-300)) {
			return nil, false
		}
		r[k] = make([]float64, n)
		r[k][k] = length
		for i := range q {
			q[i] /= length
		}
		rhs[k] = dot(q, y)
		for i := range y {
			y[i] -= rhs[k] * q[i]
		}
	}
	for k := n - 1; k >= 0; k-- {
		for j := k + 1; j < n; j++ {
			rhs[k] -= r[k][j] * rhs[j]
		}
		rhs[k] /= r[k][k]
	}
	return rhs, true
}

// leftOutError is the median error of rows that a fit does not see.
func leftOutError(x [][]float64, y []float64) float64 {
	var errs []float64
	for i := range y {
		xs := append(slices.Clone(x[:i]), x[i+1:]...)
		ys := append(slices.Clone(y[:i]), y[i+1:]...)
		if len(ys) == 0 {
			return math.NaN()
		}
		beta, err := leastSquares(xs, ys)
		if err != nil || y[i] == 0 {
			return math.NaN()
		}
		r := Regression{Constant: beta[0], Slopes: beta[1:]}
		errs = append(errs, math.Abs(r.Predict(x[i])/y[i]-1))
	}
	return quantile.Median(errs)
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

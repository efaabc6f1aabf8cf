package fit

import (
	"math"

	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// design is the data of one regression: y[i] is near offset[i] + sum over j
// of x[i][j]*beta[j], in the sense of the log.
type design struct {
	x      [][]float64
	offset []float64
	y      []float64
}

// huber is where the loss on |log(predicted/measured)| turns from quadratic
// to linear: a tenth, so that nets off by more than 11 % pull no harder.
const huber = 0.1

// solveLog minimises the Huber loss of log(predicted/measured) over
// coefficients >= 0, by Gauss-Newton steps whose linear problems are solved
// under the sign constraint, each step halved until the loss does not rise.
// Without a start it begins where every coefficient explains an equal part of
// the median point.
func solveLog(d design, start []float64) []float64 {
	n := len(d.x[0])
	beta := make([]float64, n)
	copy(beta, start)
	for j := range beta {
		if start != nil {
			break
		}
		var v []float64
		for i := range d.x {
			if d.x[i][j] > 0 {
				v = append(v, d.y[i]/d.x[i][j]/float64(n))
			}
		}
		if len(v) > 0 {
			beta[j] = quantile.Median(v)
		}
	}
	loss := d.loss(beta)
	for range 500 {
		next := d.step(beta)
		moved := false
		for t := 1.0; t > 1e-9; t /= 2 {
			trial := make([]float64, n)
			for j := range trial {
				trial[j] = beta[j] + t*(next[j]-beta[j])
			}
			if l := d.loss(trial); l <= loss+1e-12 {
				moved = !settled(beta, trial)
				beta, loss = trial, min(l, loss)
				break
			}
		}
		if !moved {
			break
		}
	}
	return beta
}

// settled reports whether no coefficient differs by more than the eleventh
// digit: far more than a table prints, so that it does not depend on the path.
func settled(a, b []float64) bool {
	for j := range a {
		if math.Abs(a[j]-b[j]) > 1e-11*math.Abs(a[j]) {
			return false
		}
	}
	return true
}

// predict is offset + x*beta of a row.
func (d design) predict(i int, beta []float64) float64 {
	s := d.offset[i]
	for j, b := range beta {
		s += d.x[i][j] * b
	}
	return s
}

func (d design) loss(beta []float64) float64 {
	total := 0.0
	for i := range d.x {
		p := d.predict(i, beta)
		if p <= 0 {
			return math.Inf(1)
		}
		r := math.Abs(math.Log(p / d.y[i]))
		if r <= huber {
			total += r * r / 2
		} else {
			total += huber * (r - huber/2)
		}
	}
	return total
}

// step solves the weighted linearisation at beta: with p the prediction and
// r = log(p/y), log p near beta is linear in the coefficients with slopes
// x/p.
func (d design) step(beta []float64) []float64 {
	n := len(beta)
	a := make([][]float64, n)
	for j := range a {
		a[j] = make([]float64, n)
	}
	b := make([]float64, n)
	row := make([]float64, n)
	for i := range d.x {
		p := d.predict(i, beta)
		r := math.Log(p / d.y[i])
		w := 1.0
		if math.Abs(r) > huber {
			w = huber / math.Abs(r)
		}
		target := (p-d.offset[i])/p - r
		for j := range row {
			row[j] = d.x[i][j] / p
		}
		for j := range row {
			b[j] += w * row[j] * target
			for k := range row {
				a[j][k] += w * row[j] * row[k]
			}
		}
	}
	return nonNegative(a, b)
}

// nonNegative minimises x'ax/2 - b'x over x >= 0 for a positive semidefinite
// a, by coordinate descent on the scaled problem: few unknowns, exact in the
// limit, and the same order of operations on every run.
func nonNegative(a [][]float64, b []float64) []float64 {
	n := len(b)
	scale := make([]float64, n)
	for j := range scale {
		if a[j][j] > 0 {
			scale[j] = 1 / math.Sqrt(a[j][j])
		}
	}
	x := make([]float64, n)
	for range 20000 {
		change := 0.0
		for j := range x {
			if scale[j] == 0 {
				continue
			}
			g := b[j] * scale[j]
			for k := range x {
				if k != j {
					g -= a[j][k] * scale[j] * scale[k] * x[k]
				}
			}
			g = max(g, 0)
			change = max(change, math.Abs(g-x[j]))
			x[j] = g
		}
		if change < 1e-13 {
			break
		}
	}
	for j := range x {
		x[j] *= scale[j]
	}
	return x
}

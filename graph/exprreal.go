package graph

import (
	"math"
	"strconv"
)

// RealScope gives a name of a real expression its value. An error ends the
// evaluation and is returned with the place of the name.
type RealScope func(name string) (float64, error)

// Real evaluates an expression of ParseRealExpr. A result that is no finite number
// is an error: a division by zero, the logarithm of a negative number, an overflow.
func (e *Expr) Real(scope RealScope) (f float64, err error) {
	v := &realEval{exprEval{src: e.src}, scope}
	defer v.rescue(&err)
	return v.eval(e.root), nil
}

// decimal reads a number with an optional fraction and exponent.
func (p *exprParser) decimal() float64 {
	from := p.pos
	p.digits()
	if p.pos < len(p.s) && p.s[p.pos] == '.' {
		p.pos++
		p.digits()
	}
	if rest := p.s[p.pos:]; len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		sign := 0
		if rest[1] == '+' || rest[1] == '-' {
			sign = 1
		}
		if len(rest) > 1+sign && isDigit(rest[1+sign]) {
			p.pos += 1 + sign
			p.digits()
		}
	}
	f, err := strconv.ParseFloat(p.s[from:p.pos], 64)
	if err != nil {
		text := p.s[from:p.pos]
		p.pos = from
		p.fail("%q is no number that can be held", Clip(text))
	}
	if p.pos < len(p.s) && (p.s[p.pos] == '.' || isIdent(p.s[p.pos:p.pos+1])) {
		p.fail("%s after a number (expected an operator)", p.next())
	}
	return f
}

// realEval evaluates over float64.
type realEval struct {
	exprEval
	names RealScope
}

// eval returns a finite number.
func (v *realEval) eval(n *exprNode) float64 {
	f := v.value(n)
	switch {
	case math.IsNaN(f):
		v.fail(n, "no real number")
	case math.IsInf(f, 0):
		v.fail(n, "too large a number")
	}
	return f
}

func (v *realEval) value(n *exprNode) float64 {
	switch n.op {
	case exprNumber:
		return n.real
	case exprName:
		f, err := v.names(n.name)
		if err != nil {
			panic(&EvalError{ExprError: ExprError{Pos: n.pos, What: err.Error()}, Err: err})
		}
		return f
	}
	args := make([]float64, len(n.args))
	for i, a := range n.args {
		args[i] = v.eval(a)
	}
	if n.op == exprCall {
		return v.call(n, args)
	}
	return v.operate(n, args)
}

func (v *realEval) operate(n *exprNode, x []float64) float64 {
	switch n.op {
	case exprNeg:
		return -x[0]
	case exprAdd:
		return x[0] + x[1]
	case exprSub:
		return x[0] - x[1]
	case exprMul:
		return x[0] * x[1]
	case exprPow:
		if x[0] == 0 && x[1] < 0 {
			v.fail(n, "a division by zero")
		}
		return math.Pow(x[0], x[1])
	case exprFloorDiv:
		return math.Floor(v.divide(n, x[0], x[1]))
	}
	return v.divide(n, x[0], x[1])
}

func (v *realEval) divide(n *exprNode, x, y float64) float64 {
	if y == 0 {
		v.fail(n, "a division by zero")
	}
	return x / y
}

func (v *realEval) call(n *exprNode, x []float64) float64 {
	switch n.name {
	case "min":
		return fold(x, math.Min)
	case "max":
		return fold(x, math.Max)
	case "mod": // of the sign of the divisor, as Dim.Mod
		return x[0] - x[1]*math.Floor(v.divide(n, x[0], x[1]))
	case "log10", "log2", "log":
		if x[0] <= 0 {
			v.fail(n, "%s of %v (expected a positive number)", n.name, x[0])
		}
	case "sqrt":
		if x[0] < 0 {
			v.fail(n, "sqrt of %v (expected a number that is not negative)", x[0])
		}
	}
	return realFuncs[n.name](x[0])
}

// realFuncs are the functions of one number.
var realFuncs = map[string]func(float64) float64{
	"floor": math.Floor, "ceil": math.Ceil, "log10": math.Log10, "log2": math.Log2, "log": math.Log,
	"exp": math.Exp, "sqrt": math.Sqrt, "abs": math.Abs,
}

func fold(x []float64, f func(a, b float64) float64) float64 {
	out := x[0]
	for _, y := range x[1:] {
		out = f(out, y)
	}
	return out
}

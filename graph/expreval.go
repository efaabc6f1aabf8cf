package graph

import (
	"errors"
	"fmt"
)

// Operand is what a name stands for in an expression: a number, or a list of them.
type Operand struct {
	Dim    Dim
	List   []Dim
	IsList bool
}

// ListOf makes an Operand of a shape.
func ListOf(s []Dim) Operand { return Operand{List: s, IsList: true} }

// Scope gives a name its value. An error ends the evaluation and is returned with
// the place of the name: see ErrUnknownSize.
type Scope func(name string) (Operand, error)

// ErrUnknownSize is what a Scope returns for a name that is right but whose value
// cannot be told: a shape of unknown rank.
var ErrUnknownSize = errors.New("not known")

// Symbols is the Scope in which every name is a symbol.
func Symbols(name string) (Operand, error) { return Operand{Dim: Sym(name)}, nil }

// ParseDim is the inverse of Dim.String, and reads what exporters write as the
// name of a dim: an Expr in which every name is a symbol. See Expr for the syntax;
// a plain / must divide exactly.
func ParseDim(s string) (Dim, error) {
	e, err := ParseExpr(s)
	if err != nil {
		return Dim{}, err
	}
	return e.Dim(Symbols)
}

// Dim evaluates an expression that is a number.
func (e *Expr) Dim(scope Scope) (d Dim, err error) {
	v := &exprEval{src: e.src, scope: scope}
	defer v.rescue(&err)
	return v.integer(e.root), nil
}

// Eval evaluates an expression that is a number or a list.
func (e *Expr) Eval(scope Scope) (o Operand, err error) {
	v := &exprEval{src: e.src, scope: scope}
	defer v.rescue(&err)
	if r := v.eval(e.root); r.isList {
		return ListOf(r.list), nil
	}
	return Operand{Dim: v.integer(e.root)}, nil
}

// EvalError is an error at a place of an expression, from its Scope or its arithmetic.
type EvalError struct {
	ExprError
	Err error // of the Scope, nil if the arithmetic failed
}

func (e *EvalError) Unwrap() error { return e.Err }

type exprEval struct {
	src   string
	scope Scope
}

// result is a fraction num/den or a list.
type result struct {
	num, den Dim
	list     []Dim
	isList   bool
}

func whole(d Dim) result { return result{num: d, den: Int(1)} }

func (v *exprEval) rescue(err *error) {
	switch e := recover().(type) {
	case nil:
	case *EvalError:
		e.Src = v.src
		*err = e
	default:
		panic(e)
	}
}

func (v *exprEval) fail(n *exprNode, format string, args ...any) {
	panic(&EvalError{ExprError: ExprError{Pos: n.pos, What: fmt.Sprintf(format, args...)}})
}

func (v *exprEval) eval(n *exprNode) result {
	switch n.op {
	case exprNumber:
		return whole(n.num)
	case exprQuoted:
		return whole(Sym(n.name))
	case exprName:
		return v.name(n)
	case exprNeg:
		x := v.fraction(n.args[0])
		return result{num: x.num.Neg(), den: x.den}
	case exprPow:
		return v.pow(n)
	case exprCall:
		return whole(v.sized(n, v.call(n)))
	case exprIndex:
		s := v.list(n.args[0])
		return whole(s[v.place(n, n.args[1], len(s), len(s)-1)])
	case exprSlice:
		return v.slice(n)
	case exprList:
		return v.items(n)
	}
	return v.arithmetic(n, v.fraction(n.args[0]), v.fraction(n.args[1]))
}

func (v *exprEval) name(n *exprNode) result {
	o, err := v.scope(n.name)
	if err != nil {
		panic(&EvalError{ExprError: ExprError{Pos: n.pos, What: err.Error()}, Err: err})
	}
	if o.IsList {
		return result{list: o.List, isList: true}
	}
	return whole(o.Dim)
}

func (v *exprEval) arithmetic(n *exprNode, x, y result) result {
	switch n.op {
	case exprAdd, exprSub:
		b := v.mul(n, y.num, x.den)
		if n.op == exprSub {
			b = b.Neg()
		}
		return v.quotient(n, v.mul(n, x.num, y.den).Add(b), v.mul(n, x.den, y.den))
	case exprMul:
		return v.quotient(n, v.mul(n, x.num, y.num), v.mul(n, x.den, y.den))
	case exprFloorDiv:
		return whole(v.floor(n, v.mul(n, x.num, y.den), v.mul(n, x.den, y.num)))
	}
	return v.quotient(n, v.mul(n, x.num, y.den), v.mul(n, x.den, y.num))
}

// quotient makes a fraction, a whole number if the division is exact.
func (v *exprEval) quotient(n *exprNode, num, den Dim) result {
	if den.Is(1) {
		return whole(v.sized(n, num))
	}
	if q := v.floor(n, num, den); v.mul(n, q, den).Equal(num) {
		return whole(q)
	}
	return result{num: v.sized(n, num), den: v.sized(n, den)}
}

func (v *exprEval) floor(n *exprNode, num, den Dim) Dim {
	if den.Is(1) {
		return num
	}
	q, ok := v.sized(n, num).FloorDiv(v.sized(n, den))
	if !ok {
		v.fail(n, "a division by zero")
	}
	return v.sized(n, q)
}

func (v *exprEval) sized(n *exprNode, d Dim) Dim {
	if d.Size() > maxExprSize {
		v.fail(n, "too large an expression")
	}
	return d
}

// mul multiplies, unless even the sum of all products would be too large to make.
func (v *exprEval) mul(n *exprNode, d, e Dim) Dim {
	if d.Size()/8*(e.Size()/8) > maxExprSize {
		v.fail(n, "too large an expression")
	}
	return v.sized(n, d.Mul(e))
}

// fraction evaluates an operand that is no list.
func (v *exprEval) fraction(n *exprNode) result {
	r := v.eval(n)
	if r.isList {
		v.fail(n, "a list of %d sizes where a number is expected (one of them is s[0], their product prod(s))", len(r.list))
	}
	return r
}

// integer evaluates an operand that must be a whole number.
func (v *exprEval) integer(n *exprNode) Dim {
	r := v.fraction(n)
	if !r.den.Is(1) {
		v.fail(n, "a division with a remainder: (%s)/(%s) (expected floor(...) or ceil(...) around it)", Clip(r.num.String()), Clip(r.den.String()))
	}
	return r.num
}

func (v *exprEval) list(n *exprNode) []Dim {
	r := v.eval(n)
	if !r.isList {
		v.fail(n, "a number where a list of sizes is expected")
	}
	return r.list
}

func (v *exprEval) pow(n *exprNode) result {
	base := v.fraction(n.args[0])
	k, ok := v.integer(n.args[1]).Const()
	if !ok || k < 0 || k > maxExprPower {
		v.fail(n, "a power that is no number from 0 to %d", maxExprPower)
	}
	out := whole(Int(1))
	for range k {
		out = v.quotient(n, v.mul(n, out.num, base.num), v.mul(n, out.den, base.den))
	}
	return out
}

// place evaluates an index: constant, counted from the end when negative.
func (v *exprEval) place(n, index *exprNode, size, most int) int {
	k, ok := v.integer(index).Const()
	if !ok {
		v.fail(index, "an index that is no number")
	}
	i := k
	if i < 0 {
		i += int64(size)
	}
	if i < 0 || i > int64(most) {
		v.fail(n, "index %d in a list of %d", k, size)
	}
	return int(i)
}

func (v *exprEval) slice(n *exprNode) result {
	s := v.list(n.args[0])
	from, to := 0, len(s)
	if n.args[1] != nil {
		from = v.place(n, n.args[1], len(s), len(s))
	}
	if n.args[2] != nil {
		to = v.place(n, n.args[2], len(s), len(s))
	}
	return result{list: s[from:max(from, to)], isList: true}
}

func (v *exprEval) items(n *exprNode) result {
	out := result{isList: true, list: []Dim{}}
	for _, a := range n.args {
		if r := v.eval(a); r.isList {
			out.list = append(out.list, r.list...)
		} else {
			out.list = append(out.list, v.integer(a))
		}
		if len(out.list) > maxExprList {
			v.fail(n, "a list of more than %d", maxExprList)
		}
	}
	return out
}

func (v *exprEval) call(n *exprNode) Dim {
	if exprFuncs[n.name].of == ofLists {
		return v.reduce(n, v.list(n.args[0]))
	}
	if n.name == "floor" || n.name == "ceil" {
		x := v.fraction(n.args[0])
		if n.name == "ceil" && !x.den.Is(1) {
			return x.num.CeilDiv(x.den)
		}
		return v.floor(n, x.num, x.den)
	}
	d := v.integer(n.args[0])
	for _, a := range n.args[1:] {
		e := v.integer(a)
		switch n.name {
		case "min":
			d = d.Min(e)
		case "max":
			d = d.Max(e)
		default:
			m, ok := d.Mod(e)
			if !ok {
				v.fail(n, "a division by zero")
			}
			d = m
		}
		v.sized(n, d)
	}
	return d
}

func (v *exprEval) reduce(n *exprNode, s []Dim) Dim {
	switch n.name {
	case "rank":
		return Int(int64(len(s)))
	case "sum":
		d := Int(0)
		for _, e := range s {
			d = v.sized(n, d.Add(e))
		}
		return d
	}
	d := Int(1)
	for _, e := range s {
		d = v.mul(n, d, e)
	}
	return d
}

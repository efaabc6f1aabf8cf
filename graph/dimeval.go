package graph

import (
	"fmt"
	"math/big"
)

// bound is an end of an interval: a number, or none.
type bound struct {
	n     num
	known bool
}

// Lower returns a number that d is never below, when one is known and fits int64.
func (d Dim) Lower() (int64, bool) {
	lo, _ := d.interval()
	return lo.n.k, lo.known && lo.n.b == nil
}

// Upper returns a number that d never exceeds, when one is known and fits int64.
func (d Dim) Upper() (int64, bool) {
	_, hi := d.interval()
	return hi.n.k, hi.known && hi.n.b == nil
}

// Bounds returns the interval of d by interval arithmetic over the bounds of its
// symbols; a nil end is not known.
func (d Dim) Bounds() (lo, hi *big.Int) {
	l, h := d.interval()
	if l.known {
		lo = l.n.big()
	}
	if h.known {
		hi = h.n.big()
	}
	return lo, hi
}

func (d Dim) interval() (lo, hi bound) {
	if n, ok := d.num(); ok {
		return bound{n, true}, bound{n, true}
	}
	lo, hi = bound{known: true}, bound{known: true}
	for _, t := range d.p.terms {
		l, h := t.mono.interval()
		if t.coef.sign() < 0 {
			l, h = h, l
		}
		lo, hi = lo.plus(l, t.coef), hi.plus(h, t.coef)
	}
	return lo, hi
}

func (b bound) plus(c bound, coef num) bound {
	if !b.known || !c.known {
		return bound{}
	}
	return bound{b.n.add(c.n.mul(coef)), true}
}

// interval bounds a product of atoms that are all non-negative; one that may be
// negative makes both ends unknown, except for a single atom.
func (m mono) interval() (lo, hi bound) {
	lo, hi = bound{num{k: 1}, true}, bound{num{k: 1}, true}
	for _, f := range m {
		l, h := f.a.interval()
		if len(m) == 1 && f.pow == 1 {
			return l, h
		}
		if !l.known || l.n.sign() < 0 {
			return bound{}, bound{}
		}
		for range f.pow {
			lo = bound{lo.n.mul(l.n), lo.known}
			hi = bound{hi.n.mul(h.n), hi.known && h.known}
		}
	}
	return lo, hi
}

func (a *atom) interval() (lo, hi bound) {
	switch a.op {
	case opSym:
		if a.class == Missing {
			return bound{}, bound{}
		}
		if a.hi != nil {
			_, hi = a.hi.interval()
		}
		return bound{num{k: a.lo}, true}, hi
	case opFloor:
		return floorInterval(a.args[0], a.args[1])
	case opMod:
		_, h := a.args[1].interval()
		if l, _ := a.args[1].interval(); !l.known || l.n.sign() <= 0 {
			return bound{}, bound{}
		}
		return bound{known: true}, bound{h.n.add(num{k: -1}), h.known}
	}
	return pickInterval(a.op, a.args)
}

func floorInterval(x, y Dim) (lo, hi bound) {
	xl, xh := x.interval()
	yl, yh := y.interval()
	if !yl.known || yl.n.sign() <= 0 {
		return bound{}, bound{}
	}
	quot := func(x, y bound) bound {
		if !x.known || !y.known {
			return bound{}
		}
		q, _ := x.n.divMod(y.n)
		return bound{q, true}
	}
	if xl.known && xl.n.sign() >= 0 {
		lo = quot(xl, yh)
		if !yh.known {
			lo = bound{known: true}
		}
	} else {
		lo = quot(xl, yl)
	}
	if xh.known && xh.n.sign() >= 0 {
		return lo, quot(xh, yl)
	}
	return lo, quot(xh, yh)
}

func pickInterval(op atomOp, args []Dim) (lo, hi bound) {
	for i, d := range args {
		l, h := d.interval()
		if i == 0 {
			lo, hi = l, h
			continue
		}
		if op == opMin {
			lo, hi = both(lo, l, -1), either(hi, h, -1)
		} else {
			lo, hi = either(lo, l, 1), both(hi, h, 1)
		}
	}
	return lo, hi
}

// both returns the more extreme of two ends that must both be known.
func both(a, b bound, sign int) bound {
	if !a.known || !b.known {
		return bound{}
	}
	return extreme(a, b, sign)
}

// either returns the more extreme of the ends that are known.
func either(a, b bound, sign int) bound {
	if !a.known {
		return b
	}
	if !b.known {
		return a
	}
	return extreme(a, b, sign)
}

func extreme(a, b bound, sign int) bound {
	if a.n.cmp(b.n)*sign >= 0 {
		return a
	}
	return b
}

// Subst replaces symbols by Dims and simplifies.
func (d Dim) Subst(env map[string]Dim) Dim {
	if d.p == nil || len(env) == 0 {
		return d
	}
	sum := Dim{}
	for _, t := range d.p.terms {
		prod := fromNum(t.coef)
		for _, f := range t.mono {
			v := f.a.subst(env)
			for range f.pow {
				prod = prod.Mul(v)
			}
		}
		sum = sum.Add(prod)
	}
	return sum
}

func (a *atom) subst(env map[string]Dim) Dim {
	if a.op == opSym {
		if v, ok := env[a.key]; ok {
			return v
		}
		return symbol(a)
	}
	args := make([]Dim, len(a.args))
	for i, d := range a.args {
		args[i] = d.Subst(env)
	}
	return a.apply(args)
}

// apply does the operation of a on other arguments. Division by zero, which only a
// binding can bring about, stays an atom.
func (a *atom) apply(args []Dim) Dim {
	switch a.op {
	case opFloor:
		if q, ok := args[0].FloorDiv(args[1]); ok {
			return q
		}
	case opMod:
		if m, ok := args[0].Mod(args[1]); ok {
			return m
		}
	default:
		out := args[0]
		for _, d := range args[1:] {
			out = pick(a.op, out, d)
		}
		return out
	}
	return atomDim(a.op, args...)
}

// Eval returns the value of d when every symbol is given; a missing symbol, a
// division by zero or a value past int64 is an error.
func (d Dim) Eval(env map[string]int64) (int64, error) {
	b, err := d.EvalBig(env)
	if err != nil {
		return 0, err
	}
	if !b.IsInt64() {
		return 0, fmt.Errorf("%s = %s exceeds 64 bits", d, b)
	}
	return b.Int64(), nil
}

// At returns the value of d with every symbol at k: what sizes are ordered by where
// they are no numbers.
func (d Dim) At(k int64) (*big.Int, error) {
	env := map[string]int64{}
	for _, s := range d.Symbols() {
		env[s] = k
	}
	return d.EvalBig(env)
}

// EvalBig is Eval for values of any size.
func (d Dim) EvalBig(env map[string]int64) (*big.Int, error) {
	e := make(map[string]Dim, len(env))
	for k, v := range env {
		e[k] = Int(v)
	}
	r := d.Subst(e)
	if b := r.BigConst(); b != nil {
		return b, nil
	}
	if s := r.Symbols(); len(s) > 0 {
		return nil, fmt.Errorf("%s: no value for %q", d, s[0])
	}
	return nil, fmt.Errorf("%s: division by zero", d)
}

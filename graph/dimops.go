package graph

import "strings"

// FloorDiv returns floor(d / e). Parts of d that e divides leave the floor, so
// that equal sizes get one form: floor((2*H + 3)/2) is H + 1. Division by the
// number 0 gives ok = false.
func (d Dim) FloorDiv(e Dim) (q Dim, ok bool) {
	if e.IsZero() {
		return Dim{}, false
	}
	if c, isNum := e.num(); isNum {
		return d.floorNum(c), true
	}
	if q, exact := d.divExact(e); exact {
		return q, true
	}
	return d.floorSym(e), true
}

// MustFloorDiv is FloorDiv by a divisor that is known not to be 0.
func (d Dim) MustFloorDiv(k int64) Dim { return d.floorNum(num{k: k}) }

func (d Dim) floorNum(c num) Dim {
	if c.isOne() {
		return d
	}
	if n, ok := d.num(); ok {
		q, _ := n.divMod(c)
		return fromNum(q)
	}
	if c.sign() < 0 {
		return d.Neg().floorNum(c.neg())
	}
	whole, rest := d.split(c)
	if n, ok := rest.num(); ok { // 0 <= n < c: the floor is 0
		_ = n
		return whole
	}
	rest, c = reduce(rest, c)
	if inner, k, ok := rest.nestedFloor(); ok { // floor(floor(x/k)/c) = floor(x/(k*c))
		return whole.Add(inner.floorNum(k.mul(c)))
	}
	return whole.Add(atomDim(opFloor, rest, fromNum(c)))
}

// split writes d as c*whole + rest with coefficients of rest in [0, c).
func (d Dim) split(c num) (whole, rest Dim) {
	var w, r []term
	for _, t := range d.terms() {
		q, m := t.coef.divMod(c)
		if !q.isZero() {
			w = append(w, term{q, t.mono})
		}
		if !m.isZero() {
			r = append(r, term{m, t.mono})
		}
	}
	return fromTerms(w), fromTerms(r)
}

// reduce divides rest and c by a common factor g of c and the symbolic
// coefficients: floor((g*x + r)/(g*c)) = floor((x + floor(r/g))/c).
func reduce(rest Dim, c num) (Dim, num) {
	g := c
	var konst num
	for _, t := range rest.terms() {
		if len(t.mono) == 0 {
			konst = t.coef
			continue
		}
		g = gcd(g, t.coef)
	}
	if g.isOne() {
		return rest, c
	}
	k, _ := konst.divMod(g)
	var out []term
	for _, t := range rest.terms() {
		if len(t.mono) > 0 {
			q, _ := t.coef.divMod(g)
			out = append(out, term{q, t.mono})
		}
	}
	if !k.isZero() {
		out = append(out, term{coef: k})
	}
	q, _ := c.divMod(g)
	return fromTerms(out), q
}

func gcd(a, b num) num {
	for !b.isZero() {
		_, r := a.divMod(b)
		a, b = b, r
	}
	if a.sign() < 0 {
		return a.neg()
	}
	return a
}

// nestedFloor reports whether d is one floor atom with a constant divisor.
func (d Dim) nestedFloor() (inner Dim, k num, ok bool) {
	t := d.terms()
	if len(t) != 1 || !t[0].coef.isOne() || len(t[0].mono) != 1 || t[0].mono[0].pow != 1 {
		return Dim{}, num{}, false
	}
	a := t[0].mono[0].a
	if a.op != opFloor {
		return Dim{}, num{}, false
	}
	k, ok = a.args[1].num()
	return a.args[0], k, ok && !k.isZero() // a binding may have left a division by zero
}

// divExact divides by a polynomial when the remainder is zero.
func (d Dim) divExact(e Dim) (Dim, bool) {
	const maxSteps = 64
	lead := leading(e)
	var q Dim
	for steps := 0; !d.IsZero(); steps++ {
		t := leading(d)
		c, r := t.coef.divMod(lead.coef)
		m, ok := t.mono.div(lead.mono)
		if !r.isZero() || !ok || steps == maxSteps {
			return Dim{}, false
		}
		part := fromTerms([]term{{c, m}})
		q = q.Add(part)
		d = d.Sub(part.Mul(e))
	}
	return q, true
}

// leading returns the term of highest degree, the first in atom order among
// equals: a term order that products keep.
func leading(d Dim) term {
	ts := d.terms()
	best := ts[0]
	for _, t := range ts[1:] {
		if db, dt := best.mono.degree(), t.mono.degree(); dt > db || dt == db && lexBefore(t.mono, best.mono) {
			best = t
		}
	}
	return best
}

// lexBefore compares monomials of one degree lexicographically: the one with the
// higher power of the smallest atom that differs comes first.
func lexBefore(m, o mono) bool {
	for i := range m {
		if i >= len(o) || m[i].a.key != o[i].a.key {
			return i < len(o) && m[i].a.key < o[i].a.key
		}
		if m[i].pow != o[i].pow {
			return m[i].pow > o[i].pow
		}
	}
	return false
}

// floorSym divides by a symbolic divisor, cancelling common factors of all terms.
func (d Dim) floorSym(e Dim) Dim {
	if g := commonFactor(d, e); len(g) > 0 {
		gd := fromTerms([]term{{num{k: 1}, g}})
		d, _ = d.divExact(gd)
		e, _ = e.divExact(gd)
		if n, ok := e.num(); ok {
			return d.floorNum(n)
		}
	}
	return atomDim(opFloor, d, e)
}

// commonFactor returns the product of atoms that divides every term of both.
func commonFactor(d, e Dim) mono {
	var g mono
	for i, t := range append(append([]term{}, d.terms()...), e.terms()...) {
		if i == 0 {
			g = t.mono
			continue
		}
		g = g.common(t.mono)
	}
	return g
}

func (m mono) common(o mono) mono {
	var out mono
	for _, f := range m {
		for _, h := range o {
			if h.a.key == f.a.key {
				out = append(out, factor{f.a, min(f.pow, h.pow)})
			}
		}
	}
	return out
}

// CeilDiv returns ceil(d / e) for e > 0; e must not be the number 0.
func (d Dim) CeilDiv(e Dim) Dim {
	q, _ := d.Add(e).AddInt(-1).FloorDiv(e)
	return q
}

// Mod returns d - e*floor(d/e), with the sign of e; ok is false when e is the number 0.
func (d Dim) Mod(e Dim) (m Dim, ok bool) {
	c, isNum := e.num()
	switch {
	case e.IsZero():
		return Dim{}, false
	case !isNum:
		if _, exact := d.divExact(e); exact {
			return Dim{}, true
		}
		return atomDim(opMod, d, e), true
	}
	if n, isConst := d.num(); isConst {
		_, r := n.divMod(c)
		return fromNum(r), true
	}
	if c.sign() > 0 {
		_, d = d.split(c)
		if n, isConst := d.num(); isConst {
			return fromNum(n), true
		}
	}
	return atomDim(opMod, d, e), true
}

// Min returns the smaller of d and e.
func (d Dim) Min(e Dim) Dim { return pick(opMin, d, e) }

// Max returns the larger of d and e.
func (d Dim) Max(e Dim) Dim { return pick(opMax, d, e) }

// pick decides by bounds where it can and otherwise makes a flat, sorted atom.
func pick(op atomOp, d, e Dim) Dim {
	if a, ok := d.num(); ok {
		if b, ok := e.num(); ok {
			if (a.cmp(b) < 0) == (op == opMin) {
				return d
			}
			return e
		}
	}
	if smaller, larger, ok := order(d, e); ok {
		if op == opMin {
			return smaller
		}
		return larger
	}
	args := prune(op, append(flatten(op, d), flatten(op, e)...))
	if len(args) == 1 {
		return args[0]
	}
	return atomDim(op, args...)
}

// order tells which of the two is never larger than the other.
func order(d, e Dim) (smaller, larger Dim, ok bool) {
	diff := e.Sub(d)
	lo, hi := diff.interval()
	if lo.known && lo.n.sign() >= 0 {
		return d, e, true
	}
	if hi.known && hi.n.sign() <= 0 {
		return e, d, true
	}
	switch {
	case d.oneOf(opMin, e) || e.oneOf(opMax, d):
		return d, e, true
	case e.oneOf(opMin, d) || d.oneOf(opMax, e):
		return e, d, true
	}
	return d, e, false
}

// oneOf reports whether d is a min or max with e among its arguments.
func (d Dim) oneOf(op atomOp, e Dim) bool {
	args := flatten(op, d)
	if len(args) < 2 {
		return false
	}
	for _, a := range args {
		if a.Equal(e) {
			return true
		}
	}
	return false
}

func flatten(op atomOp, d Dim) []Dim {
	t := d.terms()
	if len(t) == 1 && t[0].coef.isOne() && len(t[0].mono) == 1 && t[0].mono[0].pow == 1 && t[0].mono[0].a.op == op {
		return t[0].mono[0].a.args
	}
	return []Dim{d}
}

// prune drops arguments that another makes superfluous and sorts the rest.
func prune(op atomOp, in []Dim) []Dim {
	var out []Dim
next:
	for i, d := range in {
		for j, e := range in {
			if i == j {
				continue
			}
			smaller, larger, ok := order(d, e)
			if !ok {
				continue
			}
			keep := smaller
			if op == opMax {
				keep = larger
			}
			if !keep.Equal(d) || (d.Equal(e) && j < i) {
				continue next
			}
		}
		out = append(out, d)
	}
	sortDims(out)
	return out
}

func sortDims(ds []Dim) {
	for i := 1; i < len(ds); i++ {
		for j := i; j > 0 && ds[j].String() < ds[j-1].String(); j-- {
			ds[j], ds[j-1] = ds[j-1], ds[j]
		}
	}
}

// atomDim makes the Dim that is one operation on args, a number where the bounds
// leave only one.
func atomDim(op atomOp, args ...Dim) Dim {
	a := &atom{op: op, args: args}
	switch op {
	case opFloor:
		a.key = "floor(" + operand(args[0]) + "/" + operand(args[1]) + ")"
	default:
		names := map[atomOp]string{opMod: "mod", opMin: "min", opMax: "max"}
		parts := make([]string, len(args))
		for i, d := range args {
			parts[i] = inner(d)
		}
		a.key = names[op] + "(" + strings.Join(parts, ", ") + ")"
	}
	if lo, hi := a.interval(); lo.known && hi.known && lo.n.cmp(hi.n) == 0 {
		return fromNum(lo.n)
	}
	return symbol(a)
}

// inner prints d inside an expression, where a symbol's name is quoted if need be.
func inner(d Dim) string {
	if t := d.terms(); len(t) == 1 && len(t[0].mono) == 1 && t[0].coef.isOne() && t[0].mono[0].pow == 1 {
		return t[0].mono[0].a.print(false)
	}
	return d.String()
}

// operand prints d as the operand of a division.
func operand(d Dim) string {
	t := d.terms()
	if len(t) > 1 || (len(t) == 1 && (t[0].coef.sign() < 0 || len(t[0].mono) > 0 && (!t[0].coef.isOne() || len(t[0].mono) > 1))) {
		return "(" + d.String() + ")"
	}
	return inner(d)
}

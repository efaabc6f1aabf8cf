package graph

import (
	"math"
	"math/big"
	"sort"
	"strconv"
)

// Dim is a size or a count: an exact polynomial with integer coefficients over
// atoms. An atom is a symbol ("batch") or an opaque floor, mod, min or max of
// Dims. Dims are immutable and canonical: equal polynomials are Equal. The zero
// value is the number 0. Nothing wraps: past int64 a coefficient becomes a
// big.Int.
type Dim struct {
	k int64 // the value, when p is nil
	p *poly // not nil: symbolic, or a constant past int64
}

// poly is a sum of terms sorted by their monomials; the constant is the term
// with the empty monomial. No coefficient is zero.
type poly struct{ terms []term }

type term struct {
	coef num
	mono mono
}

// mono is a product of powers of atoms, sorted by atom key.
type mono []factor

type factor struct {
	a   *atom
	pow int
}

type atomOp uint8

const (
	opSym atomOp = iota
	opFloor
	opMod
	opMin
	opMax
)

// atom is an indivisible factor. Two atoms with one key are the same.
type atom struct {
	op   atomOp
	args []Dim
	key  string // a symbol's name, or the printed form of the operation
	// lo and hi bound the value of a symbol; hi is nil when there is no bound.
	lo    int64
	hi    *Dim
	class SymbolClass
}

// SymbolClass says why a size is not a number.
type SymbolClass uint8

// The classes of symbols.
const (
	// Open is a dim that the model leaves to the caller: a binding makes it a number.
	Open SymbolClass = iota
	// Data is a size that depends on the values of tensors, within bounds.
	Data
	// Missing is a size that cannot be told from the file.
	Missing
)

// Int returns a constant.
func Int(k int64) Dim { return Dim{k: k} }

// BigInt returns a constant of any size.
func BigInt(b *big.Int) Dim { return fromNum(norm(new(big.Int).Set(b))) }

func fromNum(n num) Dim {
	if n.b == nil {
		return Dim{k: n.k}
	}
	return Dim{p: &poly{terms: []term{{coef: n}}}}
}

// Sym returns a named size that is at least 1: a dim that the model leaves open.
func Sym(name string) Dim { return symbol(&atom{key: name, lo: 1}) }

// SymBetween returns a named size within [lo, hi]: one that depends on data. A
// nil hi means that no upper bound is known.
func SymBetween(name string, lo int64, hi *Dim) Dim {
	return symbol(&atom{key: name, lo: lo, hi: hi, class: Data})
}

// Unknown returns a size of which nothing is known; id must be unique, so that
// no two unknown sizes are taken for equal.
func Unknown(id string) Dim { return symbol(&atom{key: "?" + id, class: Missing, lo: math.MinInt64}) }

// HasUnknown reports whether d holds a size that is not known.
func (d Dim) HasUnknown() bool { return d.has(Missing) }

// HasData reports whether d holds a size that depends on data.
func (d Dim) HasData() bool { return d.has(Data) }

// HasOpen reports whether d holds a dim that a binding would make a number.
func (d Dim) HasOpen() bool { return d.has(Open) }

func (d Dim) has(c SymbolClass) bool {
	if d.p == nil {
		return false
	}
	found := false
	d.eachSymbol(func(a *atom) { found = found || a.class == c })
	return found
}

func symbol(a *atom) Dim {
	return Dim{p: &poly{terms: []term{{coef: num{k: 1}, mono: mono{{a, 1}}}}}}
}

// Const returns the value of a constant that fits int64.
func (d Dim) Const() (int64, bool) { return d.k, d.p == nil }

// BigConst returns the value of a constant of any size, nil if d is symbolic.
func (d Dim) BigConst() *big.Int {
	n, ok := d.num()
	if !ok {
		return nil
	}
	return new(big.Int).Set(n.big())
}

func (d Dim) num() (num, bool) {
	if d.p == nil {
		return num{k: d.k}, true
	}
	if len(d.p.terms) == 1 && len(d.p.terms[0].mono) == 0 {
		return d.p.terms[0].coef, true
	}
	return num{}, false
}

// IsConst reports whether d has no symbols.
func (d Dim) IsConst() bool { _, ok := d.num(); return ok }

// IsZero reports whether d is the number 0.
func (d Dim) IsZero() bool { return d.p == nil && d.k == 0 }

// Is reports whether d is the number k.
func (d Dim) Is(k int64) bool { return d.p == nil && d.k == k }

// Wide reports whether any coefficient of d is past int64: such a Dim may be a
// cost but never a size.
func (d Dim) Wide() bool {
	if d.p == nil {
		return false
	}
	for _, t := range d.p.terms {
		if t.coef.b != nil {
			return true
		}
		for _, f := range t.mono {
			for _, a := range f.a.args {
				if a.Wide() {
					return true
				}
			}
		}
	}
	return false
}

// Size is a measure of how complex d is: its terms and the length of their atoms. A
// constant has size 0.
func (d Dim) Size() int {
	if d.p == nil {
		return 0
	}
	n := 0
	for _, t := range d.p.terms {
		n += 8
		for _, f := range t.mono {
			n += len(f.a.key)
		}
	}
	return n
}

func (d Dim) terms() []term {
	if d.p != nil {
		return d.p.terms
	}
	if d.k == 0 {
		return nil
	}
	return []term{{coef: num{k: d.k}}}
}

// fromTerms makes a Dim of sorted, merged terms without zeros.
func fromTerms(ts []term) Dim {
	switch {
	case len(ts) == 0:
		return Dim{}
	case len(ts) == 1 && len(ts[0].mono) == 0 && ts[0].coef.b == nil:
		return Dim{k: ts[0].coef.k}
	}
	return Dim{p: &poly{terms: ts}}
}

// Add returns d + e.
func (d Dim) Add(e Dim) Dim {
	if d.p == nil && e.p == nil {
		return fromNum(num{k: d.k}.add(num{k: e.k}))
	}
	if d.IsZero() {
		return e
	}
	if e.IsZero() {
		return d
	}
	a, b := d.terms(), e.terms()
	out := make([]term, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].mono.cmp(b[0].mono); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			if s := a[0].coef.add(b[0].coef); !s.isZero() {
				out = append(out, term{s, a[0].mono})
			}
			a, b = a[1:], b[1:]
		}
	}
	out = append(append(out, a...), b...)
	return fromTerms(out)
}

// AddInt returns d + k.
func (d Dim) AddInt(k int64) Dim { return d.Add(Int(k)) }

// Sub returns d - e.
func (d Dim) Sub(e Dim) Dim { return d.Add(e.Neg()) }

// Neg returns -d.
func (d Dim) Neg() Dim { return d.scale(num{k: -1}) }

// MulInt returns d * k.
func (d Dim) MulInt(k int64) Dim { return d.scale(num{k: k}) }

func (d Dim) scale(c num) Dim {
	switch {
	case c.isZero() || d.IsZero():
		return Dim{}
	case c.isOne():
		return d
	case d.p == nil:
		return fromNum(num{k: d.k}.mul(c))
	}
	out := make([]term, len(d.p.terms))
	for i, t := range d.p.terms {
		out[i] = term{t.coef.mul(c), t.mono}
	}
	return fromTerms(out)
}

// Mul returns d * e.
func (d Dim) Mul(e Dim) Dim {
	if n, ok := e.num(); ok {
		return d.scale(n)
	}
	if n, ok := d.num(); ok {
		return e.scale(n)
	}
	out := make([]term, 0, len(d.p.terms)*len(e.p.terms))
	for _, s := range d.p.terms {
		for _, t := range e.p.terms {
			out = append(out, term{s.coef.mul(t.coef), s.mono.mul(t.mono)})
		}
	}
	return fromTerms(mergeTerms(out))
}

// mergeTerms sorts terms by monomial, adds those of one monomial and drops zeros.
func mergeTerms(ts []term) []term {
	sort.SliceStable(ts, func(i, j int) bool { return ts[i].mono.cmp(ts[j].mono) < 0 })
	out := ts[:0]
	for _, t := range ts {
		if n := len(out); n > 0 && out[n-1].mono.cmp(t.mono) == 0 {
			out[n-1].coef = out[n-1].coef.add(t.coef)
			if out[n-1].coef.isZero() {
				out = out[:n-1]
			}
			continue
		}
		out = append(out, t)
	}
	return out
}

// Equal reports whether d and e are the same polynomial. Two Dims that are not
// Equal may still have one value.
func (d Dim) Equal(e Dim) bool {
	if d.p == nil || e.p == nil {
		return d.p == nil && e.p == nil && d.k == e.k
	}
	if d.p == e.p {
		return true
	}
	if len(d.p.terms) != len(e.p.terms) {
		return false
	}
	for i, t := range d.p.terms {
		u := e.p.terms[i]
		if t.coef.cmp(u.coef) != 0 || t.mono.cmp(u.mono) != 0 {
			return false
		}
	}
	return true
}

func (m mono) degree() int {
	n := 0
	for _, f := range m {
		n += f.pow
	}
	return n
}

// cmp orders monomials as they are printed: by degree, lower first, the constant
// last; then by atoms.
func (m mono) cmp(o mono) int {
	if len(m) == 0 || len(o) == 0 {
		return len(o) - len(m) // the constant after all others
	}
	if c := m.degree() - o.degree(); c != 0 {
		return c
	}
	for i := range m {
		if i >= len(o) {
			return 1
		}
		if m[i].a.key != o[i].a.key {
			if m[i].a.key < o[i].a.key {
				return -1
			}
			return 1
		}
		if c := o[i].pow - m[i].pow; c != 0 {
			return c
		}
	}
	return len(m) - len(o)
}

func (m mono) mul(o mono) mono {
	if len(m) == 0 {
		return o
	}
	if len(o) == 0 {
		return m
	}
	out := make(mono, 0, len(m)+len(o))
	for len(m) > 0 && len(o) > 0 {
		switch {
		case m[0].a.key < o[0].a.key:
			out, m = append(out, m[0]), m[1:]
		case m[0].a.key > o[0].a.key:
			out, o = append(out, o[0]), o[1:]
		default:
			out = append(out, factor{m[0].a, m[0].pow + o[0].pow})
			m, o = m[1:], o[1:]
		}
	}
	return append(append(out, m...), o...)
}

// div returns m / o and whether o divides m.
func (m mono) div(o mono) (mono, bool) {
	out := make(mono, 0, len(m))
	for _, f := range m {
		if len(o) > 0 && o[0].a.key == f.a.key {
			if o[0].pow > f.pow {
				return nil, false
			}
			if f.pow > o[0].pow {
				out = append(out, factor{f.a, f.pow - o[0].pow})
			}
			o = o[1:]
			continue
		}
		out = append(out, f)
	}
	return out, len(o) == 0
}

// Symbols returns the names of the symbols in d, sorted, each once.
func (d Dim) Symbols() []string { return d.names(func(*atom) bool { return true }) }

// SymbolsOf returns the names of the symbols of a class in d, sorted, each once.
func (d Dim) SymbolsOf(c SymbolClass) []string {
	return d.names(func(a *atom) bool { return a.class == c })
}

func (d Dim) names(keep func(*atom) bool) []string {
	if d.p == nil {
		return nil
	}
	set := map[string]bool{}
	d.eachSymbol(func(a *atom) {
		if keep(a) {
			set[a.key] = true
		}
	})
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

func (d Dim) eachSymbol(f func(*atom)) {
	if d.p == nil {
		return
	}
	for _, t := range d.p.terms {
		for _, fa := range t.mono {
			if fa.a.op == opSym {
				f(fa.a)
			}
			for _, arg := range fa.a.args {
				arg.eachSymbol(f)
			}
		}
	}
}

// String prints the polynomial in ascending degree with the constant last:
// 84934656*S + 18432*S^2, H + 2, floor((H - 1)/2) + 1.
func (d Dim) String() string {
	if d.p == nil {
		return strconv.FormatInt(d.k, 10)
	}
	var b []byte
	for i, t := range d.p.terms {
		c := t.coef
		switch {
		case i > 0 && c.sign() < 0:
			b, c = append(b, " - "...), c.neg()
		case i > 0:
			b = append(b, " + "...)
		case c.sign() < 0:
			b, c = append(b, '-'), c.neg()
		}
		if len(t.mono) == 0 || !c.isOne() {
			b = append(b, c.String()...)
			if len(t.mono) > 0 {
				b = append(b, '*')
			}
		}
		for j, f := range t.mono {
			if j > 0 {
				b = append(b, '*')
			}
			b = append(b, f.a.print(len(d.p.terms) == 1 && len(t.mono) == 1 && f.pow == 1 && t.coef.isOne())...)
			if f.pow > 1 {
				b = append(b, '^')
				b = strconv.AppendInt(b, int64(f.pow), 10)
			}
		}
	}
	return string(b)
}

// print returns the atom's printed form. A symbol whose name is no identifier is
// put in backquotes unless it stands alone.
func (a *atom) print(alone bool) string {
	if a.op != opSym || alone || isIdent(a.key) {
		return a.key
	}
	return "`" + a.key + "`"
}

func isIdent(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '.')) {
			return false
		}
	}
	return s != ""
}

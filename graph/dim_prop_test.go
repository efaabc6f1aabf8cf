package graph

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

// expr is a Dim with what it means: big-integer arithmetic that knows nothing of
// polynomials. The value is nil where the expression is not defined (a division
// by zero, a ceiling by a number that is not positive).
type expr struct {
	d    Dim
	eval func(env map[string]int64) *big.Int
}

// symbolsOf are the symbols of random expressions with the range of their values.
var propSymbols = []struct {
	name   string
	lo, hi int64
	bound  bool // made with SymBetween
}{
	{"a", 1, 9, false}, {"b", 1, 40, false}, {"c d", 1, 3, false}, {"n", 0, 5, true}, {"m", -4, 4, true},
}

func leaf(r *rand.Rand, bounded bool) expr {
	if r.IntN(3) == 0 {
		k := r.Int64N(13) - 4
		if r.IntN(12) == 0 {
			k = r.Int64() // products of these leave int64
		}
		return expr{Int(k), func(map[string]int64) *big.Int { return big.NewInt(k) }}
	}
	s := propSymbols[r.IntN(3)]
	if bounded {
		s = propSymbols[r.IntN(len(propSymbols))]
	}
	d := Sym(s.name)
	if s.bound {
		hi := Int(s.hi)
		d = SymBetween(s.name, s.lo, &hi)
	}
	return expr{d, func(env map[string]int64) *big.Int { return big.NewInt(env[s.name]) }}
}

// floored divides rounding toward minus infinity; nil for a zero divisor.
func floored(x, y *big.Int) (q, m *big.Int) {
	if y.Sign() == 0 {
		return nil, nil
	}
	q, m = new(big.Int).QuoRem(x, y, new(big.Int))
	if m.Sign() != 0 && m.Sign() != y.Sign() {
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
	return q, m
}

// randomExpr makes an expression of a depth.
func randomExpr(r *rand.Rand, depth int, bounded bool) expr {
	if depth == 0 || r.IntN(6) == 0 {
		return leaf(r, bounded)
	}
	x, y := randomExpr(r, depth-1, bounded), randomExpr(r, depth-1, bounded)
	if x.d.Size() > 400 || y.d.Size() > 400 {
		return leaf(r, bounded)
	}
	both := func(d Dim, f func(x, y *big.Int) *big.Int) expr {
		return expr{d, func(env map[string]int64) *big.Int {
			a, b := x.eval(env), y.eval(env)
			if a == nil || b == nil {
				return nil
			}
			return f(a, b)
		}}
	}
	switch r.IntN(9) {
	case 0:
		return both(x.d.Add(y.d), func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) })
	case 1:
		return both(x.d.Sub(y.d), func(a, b *big.Int) *big.Int { return new(big.Int).Sub(a, b) })
	case 2:
		return both(x.d.Mul(y.d), func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) })
	case 3:
		if y.d.IsZero() {
			return x
		}
		return both(x.d.CeilDiv(y.d), func(a, b *big.Int) *big.Int {
			if b.Sign() <= 0 {
				return nil
			}
			q, _ := floored(new(big.Int).Neg(a), b)
			return q.Neg(q)
		})
	case 4:
		if m, ok := x.d.Mod(y.d); ok {
			return both(m, func(a, b *big.Int) *big.Int { _, m := floored(a, b); return m })
		}
		return y
	case 5:
		return both(x.d.Min(y.d), func(a, b *big.Int) *big.Int {
			if a.Cmp(b) <= 0 {
				return a
			}
			return b
		})
	case 6:
		return both(x.d.Max(y.d), func(a, b *big.Int) *big.Int {
			if a.Cmp(b) >= 0 {
				return a
			}
			return b
		})
	default:
		if q, ok := x.d.FloorDiv(y.d); ok {
			return both(q, func(a, b *big.Int) *big.Int { q, _ := floored(a, b); return q })
		}
		return y
	}
}

func randomEnv(r *rand.Rand) map[string]int64 {
	env := map[string]int64{}
	for _, s := range propSymbols {
		env[s.name] = s.lo + r.Int64N(s.hi-s.lo+1)
	}
	return env
}

// TestDimAgreesWithBigInt evaluates random expressions at random points.
func TestDimAgreesWithBigInt(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 26))
	checked := 0
	for range 20_000 {
		e := randomExpr(r, 1+r.IntN(4), true)
		lo, hi := e.d.Bounds()
		for range 4 {
			env := randomEnv(r)
			want := e.eval(env)
			if want == nil {
				continue
			}
			checked++
			got, err := e.d.EvalBig(env)
			if err != nil || got.Cmp(want) != 0 {
				t.Fatalf("%s at %v is %v (%v), want %s", e.d, env, got, err, want)
			}
			if lo != nil && want.Cmp(lo) < 0 || hi != nil && want.Cmp(hi) > 0 {
				t.Fatalf("%s at %v is %s, outside [%v, %v]", e.d, env, want, lo, hi)
			}
			checkSubst(t, r, e, env, want)
		}
	}
	if checked < 20_000 {
		t.Errorf("only %d values were checked", checked)
	}
}

// checkSubst binds one symbol first and the rest later.
func checkSubst(t *testing.T, r *rand.Rand, e expr, env map[string]int64, want *big.Int) {
	t.Helper()
	s := propSymbols[r.IntN(len(propSymbols))].name
	half := e.d.Subst(map[string]Dim{s: Int(env[s])})
	got, err := half.EvalBig(env)
	if err != nil || got.Cmp(want) != 0 {
		t.Fatalf("%s with %s = %d is %s, at %v %v (%v), want %s", e.d, s, env[s], half, env, got, err, want)
	}
}

// TestDimStringIsParsed prints random expressions and reads them back.
func TestDimStringIsParsed(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	parsed := 0
	for range 20_000 {
		d := randomExpr(r, 1+r.IntN(4), false).d
		s := d.String()
		if s == "c d" || len(s) > maxExprLen {
			continue // a name that stands alone is printed as it is
		}
		back, err := ParseDim(s)
		if err != nil || !back.Equal(d) || back.String() != s {
			t.Fatalf("%s comes back as %s (%v)", s, back, err)
		}
		parsed++
	}
	if parsed < 10_000 {
		t.Errorf("only %d expressions were read back", parsed)
	}
}

// TestDimIsCanonical computes one polynomial in two ways.
func TestDimIsCanonical(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	for range 5_000 {
		x, y, z := randomExpr(r, 2, true).d, randomExpr(r, 2, true).d, randomExpr(r, 2, true).d
		for i, p := range [][2]Dim{
			{x.Add(y), y.Add(x)},
			{x.Mul(y), y.Mul(x)},
			{x.Add(y).Add(z), x.Add(y.Add(z))},
			{x.Mul(y).Mul(z), x.Mul(y.Mul(z))},
			{x.Mul(y.Add(z)), x.Mul(y).Add(x.Mul(z))},
			{x.Add(y).Sub(y), x},
			{x.Neg().Neg(), x},
			{x.Min(y), y.Min(x)},
			{x.Max(y), y.Max(x)},
			{x.MulInt(6).MustFloorDiv(3), x.MulInt(2)},
			{x.MulInt(7).Add(y).MustFloorDiv(7), x.Add(y.MustFloorDiv(7))},
		} {
			if !p[0].Equal(p[1]) || p[0].String() != p[1].String() {
				t.Fatalf("case %d of %s, %s, %s: %s and %s", i, x, y, z, p[0], p[1])
			}
		}
	}
}

func TestDimErrors(t *testing.T) {
	a, b := Sym("a"), Sym("b")
	if _, err := a.Add(b).Eval(map[string]int64{"a": 1}); err == nil || fmt.Sprint(err) != `a + b: no value for "b"` {
		t.Errorf("a missing symbol: %v", err)
	}
	q, _ := a.FloorDiv(b.AddInt(-1))
	for _, d := range []Dim{q, q.AddInt(1).MustFloorDiv(2), q.MustFloorDiv(2), q.CeilDiv(a), q.Max(a), q.Mul(q)} {
		if v, err := d.Eval(map[string]int64{"a": 1, "b": 1}); err == nil {
			t.Errorf("%s at b = 1 is %d", d, v)
		}
	}
	if _, err := a.Mul(a).Eval(map[string]int64{"a": 1 << 32}); err == nil {
		t.Error("2^64 fits int64")
	}
	if v, err := a.Mul(a).EvalBig(map[string]int64{"a": 1 << 32}); err != nil || v.String() != "18446744073709551616" {
		t.Errorf("2^64 is %v (%v)", v, err)
	}
	if _, ok := a.FloorDiv(Int(0)); ok {
		t.Error("a/0 is defined")
	}
	if _, ok := a.Mod(Int(0)); ok {
		t.Error("a mod 0 is defined")
	}
}

// FuzzParseDim reads arbitrary text: what is accepted prints and evaluates.
func FuzzParseDim(f *testing.F) {
	for _, s := range []string{"84934656*S + 18432*S^2", "floor((2*H + 3)/4)", "max(0, min(a, `b c`) - 3)", "mod(a, 4)//b", "ceil(a/(b - 1))", "((((1))))", "a**2/a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDim(s)
		if err != nil {
			return
		}
		env := map[string]int64{}
		for _, name := range d.Symbols() {
			env[name] = 1
		}
		v, err := d.EvalBig(env)
		if err != nil {
			return // a division by zero
		}
		if lo, hi := d.Bounds(); lo != nil && v.Cmp(lo) < 0 || hi != nil && v.Cmp(hi) > 0 {
			t.Fatalf("%s is %s, outside [%v, %v]", d, v, lo, hi)
		}
		if back, err := ParseDim(d.String()); err == nil && len(d.Symbols()) > 1 {
			if w, err := back.EvalBig(env); err != nil || w.Cmp(v) != 0 {
				t.Fatalf("%s is %s, printed and read again %v (%v)", d, v, w, err)
			}
		}
	})
}

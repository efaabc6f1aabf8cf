package graph

import "testing"

func floorDiv(t *testing.T, d Dim, e Dim) Dim {
	t.Helper()
	q, ok := d.FloorDiv(e)
	if !ok {
		t.Fatalf("%s / %s: division by zero", d, e)
	}
	return q
}

// The expected forms are worked out by hand from the definition of a canonical polynomial.
func TestDimPrints(t *testing.T) {
	s, h, n := Sym("S"), Sym("H"), Sym("N")
	odd := Sym("a b")
	for _, c := range []struct {
		d    Dim
		want string
	}{
		{s.Mul(s).MulInt(18432).Add(s.MulInt(84934656)), "84934656*S + 18432*S^2"},
		{h.AddInt(2), "H + 2"},
		{h.Neg().AddInt(-1), "-H - 1"},
		{floorDiv(t, h.MulInt(2).AddInt(3), Int(2)), "H + 1"},
		{floorDiv(t, h.AddInt(-1), Int(2)).AddInt(1), "floor((H + 1)/2)"},
		{floorDiv(t, floorDiv(t, h, Int(2)), Int(3)), "floor(H/6)"},
		{floorDiv(t, h.MulInt(2).AddInt(1), Int(4)), "floor(H/2)"},
		{floorDiv(t, n.Mul(h).Mul(s), h.Mul(n)), "S"},
		{floorDiv(t, n.Mul(h), s.Mul(n)), "floor(H/S)"},
		{h.Max(Int(0)), "H"},
		{h.AddInt(-1).Max(Int(0)), "H - 1"},
		{h.AddInt(-3).Max(Int(0)), "max(0, H - 3)"},
		{h.Min(s).Min(n), "min(H, N, S)"},
		{s.Min(Int(512)).Max(s), "S"},
		{s.Max(h).Min(h), "H"},
		{odd, "a b"},
		{odd.AddInt(1), "`a b` + 1"},
		{Int(1 << 62).MulInt(1 << 62), "21267647932558653966460912964485513216"},
		{h.Sub(h), "0"},
	} {
		if got := c.d.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

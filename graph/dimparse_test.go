package graph

import (
	"strings"
	"testing"
)

func TestParseDim(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"12", "12"}, {"-3", "-3"}, {"batch", "batch"}, {"2*a*b - 3*a^2 + 4", "-3*a^2 + 2*a*b + 4"},
		{"floor((2*H + 3)/4)", "floor((H + 1)/2)"}, {"floor(H/2)*floor(W/2)", "floor(H/2)*floor(W/2)"},
		{"ceil(H/2)", "floor((H + 1)/2)"}, {"s0//2", "floor(s0/2)"}, {"(s0 + 1)//2 + 1", "floor((s0 + 1)/2) + 1"},
		{"4*s0/2", "2*s0"}, {"s0**2", "s0^2"}, {"max(a, min(b, 3))", "max(a, min(3, b))"}, {"Max(1, s0//2 )", "max(1, floor(s0/2))"},
		{"mod(a, 4)", "mod(a, 4)"}, {"`y 0[1]`*2", "2*`y 0[1]`"}, {"floor(floor(a/b)/(c + 1))", "floor(floor(a/b)/(c + 1))"},
		{"9223372036854775808*a", "9223372036854775808*a"}, {"floor(max(4*a/2, b)/3)", "floor(max(2*a, b)/3)"},
	} {
		d, err := ParseDim(c.in)
		if err != nil || d.String() != c.want {
			t.Errorf("%s is %s (%v), want %s", c.in, d, err, c.want)
			continue
		}
		if back, err := ParseDim(d.String()); err != nil || !back.Equal(d) {
			t.Errorf("%s comes back as %s (%v)", d, back, err)
		}
	}
}

func TestParseDimRefuses(t *testing.T) {
	for _, s := range []string{"", " ", "a b", "a +", "2a", "a[0]", "floor(a", "floor(a/0)", "a//0", "mod(a, 0)", "mod(a)", "a/2", "f(a)", "`a", "1.5*a",
		"a^99", "a^b", "(a+b+c+d+e+f+g+h)^16", strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), strings.Repeat("a", 5000)} {
		if d, err := ParseDim(s); err == nil {
			t.Errorf("%.40q is %s", s, d)
		}
	}
}

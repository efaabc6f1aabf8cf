package graph

import (
	"errors"
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

// shapeScope is a scope of two shapes and two attributes.
func shapeScope(name string) (Operand, error) {
	switch name {
	case "in0":
		return ListOf(Shape{Sym("N"), Int(3), Int(8), Int(6)}), nil
	case "in1":
		return Operand{}, ErrUnknownSize
	case "attr.k":
		return Operand{Dim: Int(3)}, nil
	case "attr.pads":
		return ListOf(Ints(1, 2)), nil
	}
	return Operand{}, errors.New("unknown name")
}

func TestExprEval(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"in0[0]", "N"}, {"in0[-1] + in0[2]", "14"}, {"in0", "[N, 3, 8, 6]"}, {"in0[:1], 7", "[N, 7]"}, {"[in0[1:3], [in0[0]]]", "[3, 8, N]"},
		{"in0[:-2]", "[N, 3]"}, {"in0[4:]", "[]"}, {"in0[3:1]", "[]"}, {"[]", "[]"}, {"prod(in0)", "144*N"}, {"elements(in0[1:])", "144"}, {"sum(attr.pads)", "3"},
		{"rank(in0) - 2", "2"}, {"floor((in0[2] - attr.k) / 2) + 1", "3"}, {"ceil((in0[2] - attr.k) / 2) + 1", "4"},
		{"floor(in0[0]/2 + 1/2)", "floor((N + 1)/2)"}, {"ceil(1/3 + 1/6)", "1"}, {"1/3*3", "1"}, {"-in0[1] // 2", "-2"}, {"floor(-7/2)", "-4"}, {"ceil(-7/2)", "-3"},
		{"mod(in0[2], attr.k)", "2"}, {"min(in0[1], 2, attr.k)", "2"}, {"max(1, 4) ^ 2", "16"}, {"2^attr.k", "8"}, {"prod([])", "1"},
		{"min(in0[2], 16)*in0[0]^2", "8*N^2"}, {"(1/2 + 1/2)*attr.k", "3"}, {"(1/2)^2*4", "1"}, {"`in0`", "in0"},
	} {
		e, err := ParseExpr(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		o, err := e.Eval(shapeScope)
		got := o.Dim.String()
		if o.IsList {
			got = Shape(o.List).String()
		}
		if err != nil || got != c.want {
			t.Errorf("%s is %s (%v), want %s", c.in, got, err, c.want)
		}
	}
}

func TestExprErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"in0[4]", "index 4 in a list of 4 at 3"}, {"in0[-5]", "index -5 in a list of 4"}, {"in0 + 1", "a list of 4 sizes where a number is expected"},
		{"attr.k[0]", "a number where a list of sizes is expected at 0"}, {"in0[in0[0]]", "an index that is no number at 7"}, {"1 / (attr.k - 3)", "a division by zero at 2"},
		{"mod(1, 0)", "a division by zero"}, {"in0[2]/3 + 1", "a division with a remainder: (11)/(3)"}, {"2^in0[0]", "a power that is no number"}, {"2^17", "from 0 to 16"},
		{"1 + foo", "unknown name at 4"}, {"in1[0]", "not known"}, {"in0[:9]", "index 9 in a list of 4"}, {"min(1/2, 1)", "a division with a remainder"},
		{"flor(3)", `unknown function "flor" (did you mean "floor"?) at 0`}, {"mod(1)", "mod with 1 arguments (expected 2)"}, {"1.5", `"." after a number`},
		{"prod(in0", `end where ")" is expected at 8`}, {"in0[0", `end where "]" is expected`}, {"1 +", "end where a number or a name is expected"}, {"prod(3)", "a number where a list"},
	} {
		e, err := ParseExpr(c.in)
		if err == nil {
			_, err = e.Eval(shapeScope)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.in, err, c.want)
		}
	}
	e, _ := ParseExpr("1 + in1[0]")
	if _, err := e.Eval(shapeScope); !errors.Is(err, ErrUnknownSize) {
		t.Errorf("%v is not ErrUnknownSize", err)
	}
}

// FuzzExpr looks for panics and for values that do not come back.
func FuzzExpr(f *testing.F) {
	for _, s := range []string{"in0[0] + floor(attr.k/2)", "[in0[:1], 2^3]", "mod(a, b)", "prod(in0)/attr.k", "`x y`*2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseExpr(s)
		if err != nil {
			return
		}
		e.Eval(shapeScope)
		d, err := e.Dim(Symbols)
		if err != nil {
			return
		}
		if back, err := ParseDim(d.String()); err == nil && isIdentOnly(d) && !back.Equal(d) {
			t.Errorf("%q: %s comes back as %s", s, d, back)
		}
	})
}

// isIdentOnly reports whether every symbol prints as a name: one that stands alone is
// not put in backquotes.
func isIdentOnly(d Dim) bool {
	for _, s := range d.Symbols() {
		if !isIdent(s) {
			return false
		}
	}
	return true
}

package graph

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// columns is a scope of a row of a table.
func columns(name string) (float64, error) {
	switch name {
	case "mos":
		return 4.26, nil
	case "E_train kWh":
		return 407.7, nil
	case "zero":
		return 0, nil
	}
	return 0, errors.New("no such column")
}

func TestRealExpr(t *testing.T) {
	for _, c := range []struct {
		in   string
		want float64
	}{
		{"1 - mos/5", 1 - 4.26/5}, {"`E_train kWh`*2", 815.4}, {"0.5", 0.5}, {".5+1.", 1.5}, {"1e-3", 1e-3}, {"2E+2", 200}, {"1.5e3/2", 750},
		{"log10(0.06 + 0.1*0.4)", -1}, {"log2(8)", 3}, {"log(exp(2))", 2}, {"sqrt(2)^2", 2}, {"abs(-mos)", 4.26}, {"2^0.5", math.Sqrt2}, {"2**-1", math.NaN()},
		{"7//2", 3}, {"-7//2", -4}, {"floor(-7/2)", -4}, {"ceil(7/2)", 4}, {"mod(-7, 3)", 2}, {"min(3, mos, 4)", 3}, {"max(3, mos, 4)", 4.26}, {"1/3*3", 1},
		{"1 - 2 - 3", -4}, {"8/4/2", 1}, {"-2^2", -4}, {"2*(3 + 4)", 14}, {"2^(-1)", 0.5},
	} {
		e, err := ParseRealExpr(c.in)
		if math.IsNaN(c.want) {
			if err == nil {
				t.Errorf("%s is accepted", c.in)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got, err := e.Real(columns); err != nil || math.Abs(got-c.want) > 1e-12*math.Abs(c.want) {
			t.Errorf("%s is %v (%v), want %v", c.in, got, err, c.want)
		}
	}
}

func TestRealExprErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"mos/zero", "a division by zero at 3"}, {"mos//zero", "a division by zero"}, {"mod(mos, zero)", "a division by zero"}, {"zero^(-1)", "a division by zero"},
		{"log10(zero)", "log10 of 0 (expected a positive number) at 0"}, {"log(-1)", "log of -1"}, {"sqrt(-mos)", "sqrt of -4.26"}, {"(-1)^0.5", "no real number"},
		{"exp(1000)", "too large a number"}, {"1e308*10", "too large a number"}, {"1 + mso", "no such column at 4"}, {"`mso`", "no such column"},
		{"lgo10(1)", `unknown function "lgo10" (did you mean "log10"?)`}, {"prod(mos)", `unknown function "prod"`}, {"mos[0]", `unexpected "["`}, {"[1]", `"[" where a number or a name`},
		{"1, 2", `unexpected ","`}, {"1e999", "no number that can be held"}, {".", "no number that can be held"}, {"1.2.3", "after a number"}, {"2mos", "after a number"}, {"2e", "after a number"}, {"", "end where"},
	} {
		e, err := ParseRealExpr(c.in)
		if err == nil {
			_, err = e.Real(columns)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.in, err, c.want)
		}
	}
	// What is real is unknown to expressions over integers.
	for _, s := range []string{"log10(4)", "0.5", "1e3", "abs(4)"} {
		if d, err := ParseDim(s); err == nil {
			t.Errorf("%s is the dim %s", s, d)
		}
	}
}

// FuzzRealExpr looks for panics and for results that are not finite.
func FuzzRealExpr(f *testing.F) {
	for _, s := range []string{"1 - mos/5", "log10(mos + 0.1*zero)", "`E_train kWh`^2", "min(1, .5e-3)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseRealExpr(s)
		if err != nil {
			return
		}
		if v, err := e.Real(columns); err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("%q is %v", s, v)
		}
	})
}

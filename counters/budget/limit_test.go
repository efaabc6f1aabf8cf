package budget

import (
	"math/big"
	"strings"
	"testing"
)

func rat(t *testing.T, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("bad number %q in a test", s)
	}
	return r
}

func TestParseLimit(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		text string
		want string // absolute, in the rule's unit
	}{
		{MACs, "4.5G", "4500000000"},
		{MACs, "4.5 G", "4500000000"},
		{MACs, "4.5 GMACs", "4500000000"},
		{MACs, "4500000001", "4500000001"},
		{MACs, "0", "0"},
		{MACs, "0.3 k", "300"},
		{MACs, "1e3", "1000"},
		{MACs, "9223372036854775808", "9223372036854775808"},
		{MACs, "100000000000000000000000000000000000000000", "100000000000000000000000000000000000000000"},
		{FLOPs, "2 TFLOPs", "2000000000000"},
		{Params, "25.6 M", "25600000"},
		{Params, "7K", "7000"},
		{ParamBytes, "256 MiB", "268435456"},
		{ParamBytes, "256 MB", "256000000"},
		{ParamBytes, "256 M", "256000000"},
		{Peak, "1.5 KiB", "1536"},
		{Traffic, "12 B", "12"},
		{Kernels, "60", "60"},
		{Energy, "0.4 J", "2/5"},
		{Energy, "400mJ", "2/5"},
		{Energy, "10 µJ", "1/100000"},
		{Energy, "10 uJ", "1/100000"},
		{Energy, "1 kWh", "3600000"},
		{Energy, "0.4", "2/5"},
		{Carbon, "5 mg", "1/200"},
		{Carbon, "1.2kg", "1200"},
	} {
		l, err := ParseLimit(c.rule, c.text)
		if err != nil {
			t.Errorf("%s %q: %v", c.rule, c.text, err)
			continue
		}
		if got := l.At(c.rule, nil); got.Cmp(rat(t, c.want)) != 0 || l.Relative() || l.String() != c.text {
			t.Errorf("%s %q is %v (relative %t), want %s", c.rule, c.text, got, l.Relative(), c.want)
		}
	}
}

func TestParseLimitRefuses(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		text string
		says string
	}{
		{MACs, "", "not a quantity"},
		{MACs, "-1", "not negative"},
		{MACs, "NaN", "not a quantity"},
		{MACs, "Inf", "not a quantity"},
		{MACs, "0x10", "not a quantity"},
		{MACs, "4.5", "not a whole number"},
		{MACs, "4 g", `unknown unit "g"`},
		{MACs, "4 GB", `unknown unit "GB"`},
		{MACs, "4 m", `unknown unit "m"`},
		{MACs, "1,000", "not a quantity"},
		{MACs, "4  G", "not a quantity"},
		{MACs, "1e401", "exponent past 400"},
		{MACs, "1e9999", "exponent past 400"},
		{MACs, strings.Repeat("9", 513), "513 characters"},
		{MACs, "٤", "not a quantity"},
		{Params, "3 MACs", `unknown unit "MACs"`},
		{ParamBytes, "1.5 B", "not a whole number"},
		{Energy, "10 m", `unknown unit "m"`},
		{Energy, "0.4 MiJ", `unknown unit`},
		{Energy, "1 g", `unknown unit "g"`},
		{Carbon, "1 J", `unknown unit "J"`},
		{Carbon, "1 Wh", `unknown unit "Wh"`},
		{MACs, "+", "not a quantity"},
		{MACs, "+ %", "not a share"},
		{MACs, "+2 k%", "not a share"},
		{MACs, "+-2 %", "not a share"},
		{MACs, "2 %", `unknown unit "%"`},
		{MACs, "+2 % and 3 %", "two growths of one kind"},
		{MACs, "+2 k and 3 M", "two growths of one kind"},
		{MACs, "+2 % or 10 k", "not a quantity"},
		{MACs, "+2 % and", "not a quantity"},
	} {
		if l, err := ParseLimit(c.rule, c.text); err == nil {
			t.Errorf("%s %q is taken for %v", c.rule, c.text, l)
		} else if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), string(c.rule)) {
			t.Errorf("%s %q: %q does not name the rule and say %q", c.rule, c.text, err, c.says)
		}
	}
}

// TestRelativeLimits holds growths to hand computed ends: the last value that passes.
func TestRelativeLimits(t *testing.T) {
	for _, c := range []struct {
		rule       Rule
		text, base string
		last       string
	}{
		{MACs, "+2 %", "1000", "1020"},
		{MACs, "+2 %", "1049", "1069"}, // 1069.98: whole numbers pass up to its floor
		{MACs, "+0 %", "1049", "1049"},
		{MACs, "+5 k", "1000", "6000"},
		{MACs, "+5 % and 10", "1000", "1050"},
		{MACs, "+5 % and 100", "1000", "1100"},
		{MACs, "+100 and 5 %", "1000", "1100"},
		{MACs, "+5 % and 100", "0", "100"},
		{MACs, "+5 %", "0", "0"},
		{MACs, "+1 %", "100000000000000000000000000000", "101000000000000000000000000000"},
		{Energy, "+5 % and 10 mJ", "0.1", "0.11"},
		{Energy, "+5 % and 10 mJ", "1", "1.05"},
		{Energy, "+0.5 %", "1", "1.005"},
	} {
		l, err := ParseLimit(c.rule, c.text)
		if err != nil || !l.Relative() {
			t.Errorf("%s %q: relative %t, %v", c.rule, c.text, l.Relative(), err)
			continue
		}
		if got := l.At(c.rule, rat(t, c.base)); got.Cmp(rat(t, c.last)) != 0 {
			t.Errorf("%s %q over %s ends at %v, want %s", c.rule, c.text, c.base, got, c.last)
		}
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"4.5 G", "+5 % and 10 mJ", "1e400", "0.4 J", "256 MiB", "+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range Quantities() {
			l, err := ParseLimit(r, text)
			if err != nil {
				continue
			}
			if at := l.At(r, big.NewRat(1, 1)); at.Sign() < 0 || r.Whole() && !at.IsInt() {
				t.Errorf("%s %q ends at %v", r, text, at)
			}
		}
	})
}

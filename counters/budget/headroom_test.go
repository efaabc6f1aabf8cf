package budget

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestHeadRoom(t *testing.T) {
	for _, c := range []struct {
		rule           Rule
		value, percent string
		want           string
	}{
		{MACs, "4089184256", "10", "4.5 G"},
		{MACs, "4089184256", "0", "4.09 G"},
		{MACs, "0", "10", "0"},
		{Kernels, "56", "10", "62"},
		{Kernels, "1", "0", "1"},
		{Params, "999", "0", "999"},
		{Params, "1000", "0", "1 k"},
		{Params, "999999", "0", "1000 k"},
		{ParamBytes, "102228128", "10", "113 MB"},
		{Peak, "12", "50", "18 B"},
		{Energy, "0.0026238", "10", "2.89 mJ"},
		{Energy, "0", "10", "0 J"},
		{Energy, "1/1000000000000000000", "0", "0.01 fJ"},
		{Carbon, "1200", "0", "1.2 kg"},
		{MACs, "100000000000000000000000000000000000", "0", "100000 Q"},
	} {
		share, err := ParseShare(c.percent)
		if err != nil {
			t.Fatal(err)
		}
		if got := HeadRoom(c.rule, rat(t, c.value), share); got != c.want {
			t.Errorf("%s of %s with %s %%: %q, want %q", c.rule, c.value, c.percent, got, c.want)
		}
	}
}

// TestHeadRoomHolds draws values: the limit is read again, is not below value and
// share, and not more than a hundredth and one unit above them.
func TestHeadRoomHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		rule := quantities[r.IntN(len(quantities))]
		v := new(big.Rat).SetInt64(r.Int64N(1 << (1 + r.IntN(62))))
		if rule.Priced() {
			v.Quo(v, big.NewRat(1_000_000, 1))
		}
		share := big.NewRat(r.Int64N(300), 1000)
		text := HeadRoom(rule, v, share)
		l, err := ParseLimit(rule, text)
		if err != nil {
			t.Fatalf("%s of %v: %v", rule, v, err)
		}
		least := new(big.Rat).Mul(v, new(big.Rat).Add(share, big.NewRat(1, 1)))
		most := new(big.Rat).Add(new(big.Rat).Mul(least, big.NewRat(101, 100)), big.NewRat(1, 1))
		if at := l.At(rule, nil); at.Cmp(least) < 0 || at.Cmp(most) > 0 {
			t.Fatalf("%s of %v with %v: %q is %v, want at least %v", rule, v, share, text, at, least)
		}
	}
}

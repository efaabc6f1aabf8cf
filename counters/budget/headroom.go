package budget

import (
	"math/big"
	"slices"
	"strings"
)

// HeadRoom writes a limit that lets a value grow by a share: the value times 1 + share,
// rounded up to three digits, in a unit that people read.
func HeadRoom(r Rule, value, share *big.Rat) string {
	limit := new(big.Rat).Add(big.NewRat(1, 1), share)
	limit.Mul(limit, value)
	p := prefixFor(r, limit)
	scaled := new(big.Rat).Quo(limit, p.scale)
	decimals := 2
	switch {
	case p.name == "" && r.Whole() || scaled.Cmp(big.NewRat(100, 1)) >= 0:
		decimals = 0
	case scaled.Cmp(big.NewRat(10, 1)) >= 0:
		decimals = 1
	}
	text := roundUp(scaled, decimals)
	unit := r.measure().words[0]
	if r.Unit() != "B" && !r.Priced() { // counts speak for themselves
		unit = ""
	}
	return strings.TrimSpace(text + " " + p.name + unit)
}

// prefixFor returns the largest decimal prefix that a quantity is not below, or the
// smallest one.
func prefixFor(r Rule, v *big.Rat) prefix {
	list := slices.Clone(large[:len(large)-1]) // without the second spelling of k
	if r.Priced() {
		list = append(slices.Clone(small[:len(small)-1]), list...)
	}
	if v.Sign() == 0 {
		return large[0]
	}
	best := list[0]
	for _, p := range list {
		if v.Cmp(p.scale) >= 0 {
			best = p
		}
	}
	return best
}

// roundUp prints a number that is not negative with at most some decimals.
func roundUp(v *big.Rat, decimals int) string {
	ten := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	scaled := new(big.Rat).Mul(v, ten)
	up := new(big.Int).Add(scaled.Num(), new(big.Int).Sub(scaled.Denom(), big.NewInt(1)))
	up.Quo(up, scaled.Denom())
	text := new(big.Rat).Quo(new(big.Rat).SetInt(up), ten).FloatString(decimals)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

package budget

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Limit is the largest value that a rule lets pass: absolute, or a growth over the
// baseline. The zero Limit is 0.
type Limit struct {
	text string
	abs  *big.Rat // nil: relative, unless both others are nil too
	// The growth that passes: a share of the baseline, or an amount, whichever is
	// more. nil: not given.
	share, amount *big.Rat
}

// String is the limit as it was written.
func (l Limit) String() string { return l.text }

// Relative reports whether the limit needs a baseline.
func (l Limit) Relative() bool { return l.share != nil || l.amount != nil }

// At returns the largest value that passes. base is the value of the baseline; only
// a relative limit reads it. Of a rule of whole numbers the result is one too.
func (l Limit) At(r Rule, base *big.Rat) *big.Rat {
	at := new(big.Rat)
	if l.abs != nil {
		at.Set(l.abs)
	}
	if l.Relative() {
		grow := new(big.Rat)
		if l.share != nil {
			grow.Mul(l.share, base)
		}
		if l.amount != nil && l.amount.Cmp(grow) > 0 {
			grow = l.amount
		}
		at.Add(base, grow)
	}
	if r.Whole() {
		at.SetInt(new(big.Int).Quo(at.Num(), at.Denom())) // not negative: Quo is floor
	}
	return at
}

// maxLimit bounds the text of a limit, and maxExponent its power of ten: the
// integer that it stands for is made in full.
const (
	maxLimit    = 512
	maxExponent = 400
)

// ParseLimit reads "4.5 G", "256 MiB", "0.4 J", "+2 %" or "+5 % and 10 mJ". The last
// form passes what grew by no more than 5 % or by no more than 10 mJ: to be over, a
// growth must be worth noticing in both measures.
func ParseLimit(r Rule, text string) (Limit, error) {
	l := Limit{text: strings.TrimSpace(text)}
	if len(text) > maxLimit {
		return l, fmt.Errorf("%s %q: %d characters (expected at most %d)", r, graph.Clip(text), len(text), maxLimit)
	}
	if err := l.parse(r); err != nil {
		return l, fmt.Errorf("%s %q: %w", r, text, err)
	}
	return l, nil
}

func (l *Limit) parse(r Rule) (err error) {
	growth, relative := strings.CutPrefix(l.text, "+")
	if !relative {
		l.abs, err = parseQuantity(r, l.text)
		return err
	}
	for _, part := range strings.Split(growth, " and ") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "+")
		to := &l.amount
		number, percent := strings.CutSuffix(part, "%")
		if percent {
			to = &l.share
		}
		if *to != nil {
			return errors.New("two growths of one kind (expected a share, an amount or both: +5 % and 10 k)")
		}
		if percent {
			*to, err = ParseShare(strings.TrimSpace(number))
		} else {
			*to, err = parseQuantity(r, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var quantity = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?) ?([^\d\s]*)$`)

// ParseShare reads a number of per cent that is not negative.
func ParseShare(percent string) (*big.Rat, error) {
	m := quantity.FindStringSubmatch(percent)
	if m == nil || m[2] != "" || len(percent) > maxLimit {
		return nil, errors.New("not a share (expected a number of per cent that is not negative)")
	}
	v, err := parseNumber(m[1])
	if err != nil {
		return nil, err
	}
	return v.Quo(v, big.NewRat(100, 1)), nil
}

// parseQuantity reads a number and a unit.
func parseQuantity(r Rule, s string) (*big.Rat, error) {
	m := quantity.FindStringSubmatch(s)
	if m == nil {
		return nil, fmt.Errorf("not a quantity (expected a number that is not negative, with a unit as in %s)", r.example())
	}
	v, err := parseNumber(m[1])
	if err != nil {
		return nil, err
	}
	scale, err := r.scale(m[2])
	if err != nil {
		return nil, err
	}
	v.Mul(v, scale)
	if r.Whole() && !v.IsInt() {
		return nil, fmt.Errorf("not a whole number (expected one, as in %s)", r.example())
	}
	return v, nil
}

func parseNumber(s string) (*big.Rat, error) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		digits := strings.TrimLeft(strings.TrimLeft(s[i+1:], "+-"), "0")
		if len(digits) > 3 || len(digits) == 3 && digits > fmt.Sprint(maxExponent) {
			return nil, fmt.Errorf("an exponent past %d", maxExponent)
		}
	}
	v, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, errors.New("not a number")
	}
	return v, nil
}

// scale returns what a unit is worth in the rule's own.
func (r Rule) scale(unit string) (*big.Rat, error) {
	m := r.measure()
	if unit == "" {
		return big.NewRat(1, 1), nil
	}
	words := m.words
	if r == Energy && strings.HasSuffix(unit, "Wh") {
		words = []string{"Wh"}
	}
	for _, w := range words {
		name, ok := strings.CutSuffix(unit, w)
		for _, p := range m.prefixes {
			if ok && p.name == name {
				if w == "Wh" {
					return new(big.Rat).Mul(p.scale, wattHour), nil
				}
				return p.scale, nil
			}
		}
	}
	return nil, fmt.Errorf("unknown unit %q (expected %s)", graph.Clip(unit), r.units())
}

// units words what may stand behind a number.
func (r Rule) units() string {
	switch r.Unit() {
	case "B":
		return "B, kB, MB, GB, TB, KiB, MiB, GiB or TiB"
	case "J":
		return "mJ, J, kJ, Wh or kWh"
	case "g":
		return "µg, mg, g or kg"
	}
	return "k, M, G, T or none"
}

func (r Rule) example() string {
	switch r.Unit() {
	case "B":
		return "256 MiB"
	case "J":
		return "0.4 J"
	case "g":
		return "5 mg"
	}
	return "4.5 G"
}

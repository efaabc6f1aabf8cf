package tradeoff

import (
	"fmt"
	"strconv"
	"strings"
)

// unit is a unit of measure: of a dimension, and how many of its base units it holds.
type unit struct {
	dimension string
	size      float64
}

// units are those of the costs of a computation (SI brochure; 1 Wh = 3600 J).
var units = map[string]unit{
	"J": {"energy", 1}, "kJ": {"energy", 1e3}, "MJ": {"energy", 1e6}, "mJ": {"energy", 1e-3},
	"mWh": {"energy", 3.6}, "Wh": {"energy", 3600}, "kWh": {"energy", 3.6e6}, "MWh": {"energy", 3.6e9}, "GWh": {"energy", 3.6e12},
	"mg": {"mass", 1e-3}, "g": {"mass", 1}, "kg": {"mass", 1e3}, "t": {"mass", 1e6},
	"ms": {"time", 1e-3}, "s": {"time", 1}, "min": {"time", 60}, "h": {"time", 3600}, "d": {"time", 86400},
}

// unitInName returns the unit at the end of a column's name, "" if there is none:
// energy_kWh, E_train kWh, energy (kWh), mass [kg]. Its case matters only where two
// units differ by case alone.
func unitInName(column string) string {
	at := strings.LastIndexAny(strings.TrimRight(column, ")] "), "_ ([/")
	if at < 0 {
		return ""
	}
	return unitName(strings.Trim(column[at+1:], ")] "))
}

// unitName returns the unit that a word means, "" if none or several.
func unitName(word string) string {
	if _, ok := units[word]; ok {
		return word
	}
	found := ""
	for name := range units {
		if strings.EqualFold(name, word) {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

// Worth is a price that one is ready to pay: an amount of a cost for a gain in quality.
type Worth struct {
	Cost   string // the objective; "" where it is not named
	Amount float64
	Unit   string // of the amount, "" where none is given
	Gain   float64
}

// ParseWorth reads [OBJECTIVE:]AMOUNT[UNIT]/GAIN, as 0.5kWh/0.01 or energy:2000J/1.
func ParseWorth(s string) (Worth, error) {
	var w Worth
	bad := fmt.Errorf("%q (expected [OBJECTIVE:]AMOUNT[UNIT]/GAIN, such as 0.5kWh/0.01)", s)
	amount, gain, ok := cutLast(s, "/")
	if !ok {
		return w, bad
	}
	if name, rest, ok := cutLast(amount, ":"); ok {
		w.Cost, amount = name, rest
	}
	digits := strings.TrimRight(strings.TrimSpace(amount), "abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ ")
	w.Unit = strings.TrimSpace(strings.TrimSpace(amount)[len(digits):])
	var err1, err2 error
	w.Amount, err1 = strconv.ParseFloat(digits, 64)
	w.Gain, err2 = strconv.ParseFloat(strings.TrimSpace(gain), 64)
	if err1 != nil || err2 != nil || !(w.Amount > 0) || !(w.Gain > 0) || w.Amount/w.Gain*0 != 0 {
		return w, bad
	}
	if w.Unit != "" {
		if w.Unit = unitName(w.Unit); w.Unit == "" {
			return w, fmt.Errorf("%q: unknown unit (expected one of energy, mass or time, such as kWh, g or h)", s)
		}
	}
	return w, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// Per returns the price of one unit of quality in a unit of the cost. A worth or a
// cost without a unit is taken to be in the other's; assumed then names it. ok is false
// if the units measure different things.
func (w Worth) Per(costUnit string) (price float64, assumed string, ok bool) {
	price = w.Amount / w.Gain
	switch {
	case w.Unit == costUnit:
		return price, "", true
	case w.Unit == "":
		return price, costUnit, true
	case costUnit == "":
		return price, w.Unit, true
	}
	from, to := units[w.Unit], units[costUnit]
	return price * from.size / to.size, "", from.dimension == to.dimension
}

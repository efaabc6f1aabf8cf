package render

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// siPrefixes are the prefixes from 10^-15 to 10^30 in steps of 10^3.
var siPrefixes = []string{"f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q"}

const siUnity = 5 // index of the empty prefix

// si prints a quantity with three significant digits and a prefix: "4.09 G", "12.3 m".
// Past the prefixes it is printed in scientific notation.
func si(f float64, unit string) string {
	if f == 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return strings.TrimSpace(strconv.FormatFloat(f, 'g', -1, 64) + " " + unit)
	}
	step := int(math.Floor(math.Log10(math.Abs(f)) / 3))
	scaled := f / math.Pow(1000, float64(step))
	if math.Abs(scaled) >= 999.5 {
		step++
		scaled /= 1000
	}
	if i := step + siUnity; i >= 0 && i < len(siPrefixes) {
		return strings.TrimSpace(significant(scaled) + " " + siPrefixes[i] + unit)
	}
	return strings.TrimSpace(strconv.FormatFloat(f, 'e', 2, 64) + " " + unit)
}

// significant prints a number in [1, 1000) with three significant digits.
func significant(f float64) string {
	decimals := 2
	switch a := math.Abs(f); {
	case a >= 99.95:
		decimals = 0
	case a >= 9.995:
		decimals = 1
	}
	return strconv.FormatFloat(f, 'f', decimals, 64)
}

// siInt is si for an integer of any size; small ones are printed in full.
func siInt(n *big.Int, unit string) string {
	if n.IsInt64() && n.Int64() > -1000 && n.Int64() < 1000 {
		return strings.TrimSpace(n.String() + " " + unit)
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	if math.IsInf(f, 0) {
		return strings.TrimSpace(new(big.Float).SetInt(n).Text('e', 2) + " " + unit)
	}
	return si(f, unit)
}

// grouped prints an integer with commas: 4,089,184,256.
func grouped(n *big.Int) string {
	s := n.String()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// ratio returns a/b for b > 0, 0 otherwise.
func ratio(a, b *big.Int) float64 {
	if b.Sign() <= 0 {
		return 0
	}
	f, _ := new(big.Rat).SetFrac(a, b).Float64()
	return f
}

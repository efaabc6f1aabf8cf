package budget

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Format prints a value of a rule with its unit: integers in full with commas,
// estimates with four significant digits.
func Format(r Rule, v *big.Rat) string {
	if v == nil {
		return "?"
	}
	s := ""
	if v.IsInt() && r.Whole() {
		s = grouped(v.Num())
	} else {
		f, _ := v.Float64()
		s = strconv.FormatFloat(f, 'g', 4, 64)
	}
	return strings.TrimSpace(s + " " + r.Unit())
}

// grouped prints an integer with commas.
func grouped(n *big.Int) string {
	s := n.String()
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// exact prints a value so that it can be read again without loss.
func exact(v *big.Rat) string {
	if v.IsInt() {
		return v.Num().String()
	}
	f, _ := v.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// fileWord makes a file's name one word of a POSIX shell, and no flag.
func fileWord(s string) string {
	if strings.HasPrefix(s, "-") && s != "-" {
		s = "./" + s
	}
	return shellQuote(s)
}

// shellQuote makes a text one word of a POSIX shell.
func shellQuote(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

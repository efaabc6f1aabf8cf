package render

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/graph"
)

// widestFormula bounds a formula in a table.
const widestFormula = 44

// amount prints a size in a table: grouped digits, a bound, or a formula.
func amount(d graph.Dim) string {
	f := newFigure(d, d)
	switch {
	case f.value == nil:
		return end(abridged(f.formula), widestFormula)
	case f.value.BitLen() > 60:
		return f.sign() + siInt(f.value, "")
	}
	return f.sign() + grouped(f.value)
}

// sign marks a figure that is an upper bound.
func (f *figure) sign() string {
	if f.exact() {
		return ""
	}
	return "≤ "
}

// abridged prints a formula for a table: its large numbers with three digits.
func abridged(formula string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(formula); {
		c := formula[i]
		quoted = quoted != (c == '`')
		j := i + 1
		for isWord(c) && j < len(formula) && isWord(formula[j]) {
			j++
		}
		if word := formula[i:j]; !quoted && c >= '0' && c <= '9' && len(word) > 4 && !strings.ContainsFunc(word, notDigit) {
			n, _ := new(big.Int).SetString(word, 10)
			b.WriteString(siInt(n, ""))
		} else {
			b.WriteString(word)
		}
		i = j
	}
	return plain(b.String())
}

func isWord(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// short prints a size with a prefix.
func short(d graph.Dim, unit string) string {
	f := newFigure(d, d)
	if f.value == nil {
		return end(strings.TrimSpace(abridged(f.formula)+" "+unit), widestFormula)
	}
	return f.sign() + siInt(f.value, unit)
}

// plainFormula is a formula of any length without hidden characters.
func plainFormula(s string) string { return Line(s) }

// maxFormula bounds the printed length of a formula.
const maxFormula = 400

// wrapFormula breaks a formula after an operator or a comma at a width and indents
// what follows.
func wrapFormula(s string, indent, width int) string {
	if len(s) > maxFormula {
		cut := strings.LastIndexByte(s[:maxFormula], ' ')
		if cut < 0 {
			cut = maxFormula
			for !utf8.RuneStart(s[cut]) {
				cut--
			}
		}
		s = fmt.Sprintf("%s ... (%d characters, see -f json)", s[:cut], len(s))
	}
	var b strings.Builder
	col := indent
	for i, part := range splitFormula(s) {
		part = strings.TrimRight(part, " ")
		n := utf8.RuneCountInString(part)
		switch {
		case i > 0 && col+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			col = indent
		case i > 0:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(part)
		col += n
	}
	return b.String()
}

// splitFormula cuts a formula where a line may end.
func splitFormula(s string) []string {
	var out []string
	for {
		i := strings.IndexByte(s, ' ')
		for i > 0 && !strings.ContainsRune("+-,", rune(s[i-1])) {
			k := strings.IndexByte(s[i+1:], ' ')
			if k < 0 {
				i = -1
				break
			}
			i += k + 1
		}
		if i <= 0 {
			return append(out, s)
		}
		out, s = append(out, s[:i+1]), s[i+1:]
	}
}

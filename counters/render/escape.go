// Package render writes reports: one function for each format. Names that come
// from a model are escaped for the format they are printed in, so that no file
// can drive a terminal, a spreadsheet or a page.
package render

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// hidden reports whether a rune could act on a terminal or make text read other
// than it is: control characters, line separators, directional overrides,
// zero-width characters.
func hidden(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	case r == 0xad, r == 0x061c, r == 0xfeff, r >= 0x180b && r <= 0x180e:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r >= 0xfff0 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// appendEscape appends \uXXXX, as a surrogate pair where JSON needs one.
func appendEscape(b []byte, r rune) []byte {
	if r < 0x10000 {
		return fmt.Appendf(b, `\u%04x`, r)
	}
	r -= 0x10000
	return fmt.Appendf(b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
}

// Line makes text safe to print as one line of a terminal or of a log: hidden runes
// are printed as \u escapes, bytes that are no UTF-8 as \x escapes, and what the log
// of a CI system would take for a command has its first character escaped.
func Line(s string) string { return inert(visible(s)) }

// logCommands are how commands to CI systems begin: of GitHub, at the start of a
// line, of Azure Pipelines and TeamCity.
var logCommands = regexp.MustCompile(`^\s*::|##(?:vso|teamcity)?\[`)

// inert escapes the first character of what reads as a command to a CI system.
func inert(s string) string {
	if !strings.Contains(s, "::") && !strings.Contains(s, "##") {
		return s
	}
	return logCommands.ReplaceAllStringFunc(s, func(c string) string {
		i := strings.IndexAny(c, ":#")
		return c[:i] + fmt.Sprintf(`\u%04x`, c[i]) + c[i+1:]
	})
}

// visible escapes what is hidden or no UTF-8.
func visible(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			out = fmt.Appendf(out, `\x%02x`, s[i])
		case hidden(r):
			out = appendEscape(out, r)
		default:
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return string(out)
}

// maxName bounds a name in text, CSV and Markdown.
const maxName = 200

// clip cuts a name at max bytes and says how long it was.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	cut := max
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s...(%d bytes)", s[:cut], len(s))
}

// plain is a name for text output.
func plain(s string) string { return Line(clip(s, maxName)) }

// maxSentence bounds a remark or a flag with names in it.
const maxSentence = 2000

// sentence is a remark for text output.
func sentence(s string) string { return Line(clip(s, maxSentence)) }

// csvCell is a name for a spreadsheet.
func csvCell(s string) string { return noFormula(plain(s)) }

// maxCell bounds a cell of a spreadsheet; programs take 32,767 characters.
const maxCell = 32_000

// csvText is a formula or a shape for a spreadsheet.
func csvText(s string) string { return noFormula(Line(clip(s, maxCell))) }

// noFormula puts an apostrophe, which spreadsheets do not show, in front of text
// that they would compute.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "~", `\~`, "!", `\!`, "$", `\$`, "@", "&#64;")

// markdown is a name for a cell of a Markdown table.
func markdown(s string) string { return markdownEscapes.Replace(plain(s)) }

// markdownText is a formula, a shape or a remark in Markdown.
func markdownText(s string) string { return markdownEscapes.Replace(sentence(s)) }

// markdownCode sets text as code: between more backquotes than it has in a row.
func markdownCode(s string) string {
	s = sentence(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + " " + s + " " + fence
}

var latexEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "<", `\textless{}`, ">", `\textgreater{}`, "|", `\textbar{}`, `"`, "''",
	"[", "{[}", "]", "{]}", "--", "-{}-", "`", `\textasciigrave{}`, "≤", `$\leq$`, "≥", `$\geq$`, "×", `$\times$`, "±", `$\pm$`, "µ", `$\mu$`, "…", `\dots{}`, "·", `$\cdot$`)

// latex is a name for a cell of a LaTeX table.
func latex(s string) string { return latexRunes(plain(s)) }

// latexText is a formula, a caption or a remark in LaTeX.
func latexText(s string) string { return latexRunes(sentence(s)) }

// latexRunes escapes what TeX acts on. A rune that the default fonts of pdflatex
// lack is printed by its code point, so that any name compiles.
func latexRunes(s string) string {
	var b strings.Builder
	if rest, ok := strings.CutPrefix(s, "*"); ok { // after the end of a row it would be a command's
		b.WriteString("{*}")
		s = rest
	}
	for _, r := range latexEscapes.Replace(s) {
		if r < 0x80 || r >= 0xc0 && r <= 0xff && !strings.ContainsRune("ÐÞðþ", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "U+%04X", r)
		}
	}
	return b.String()
}

// latexLabel keeps of a label what TeX takes in one.
func latexLabel(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (isWord(byte(r)) || strings.ContainsRune(":-+/", r)) {
			return r
		}
		return '-'
	}, s)
}

// latexMath sets a formula: symbols upright, products as thin spaces.
func latexMath(s string) string {
	var b strings.Builder
	b.WriteByte('$')
	exponent := false
	for i := 0; i < len(s); {
		j := i + 1
		for isWord(s[i]) && j < len(s) && isWord(s[j]) {
			j++
		}
		if k := strings.IndexByte(s[j:], '`'); s[i] == '`' && k >= 0 { // a quoted name
			b.WriteString(`\mathrm{` + latex(s[j:j+k]) + `}`)
			i, exponent = j+k+1, false
			continue
		}
		word := s[i:j]
		tex, known := map[string]string{"*": `\,`, "≤": `\leq`, "≥": `\geq`, "^": "^"}[word]
		switch {
		case known:
			b.WriteString(tex)
		case exponent:
			b.WriteString("{" + latex(word) + "}")
		case isWord(word[0]) && strings.ContainsFunc(word, notDigit):
			b.WriteString(`\mathrm{` + latex(word) + `}`)
		default:
			b.WriteString(latex(word))
		}
		exponent = word == "^"
		i = j
	}
	b.WriteByte('$')
	return b.String()
}

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "@", "&#64;", "`", "&#96;", "*", "&#42;",
	"_", "&#95;", "[", "&#91;", "]", "&#93;", "~", "&#126;", "#", "&#35;", "!", "&#33;", "|", "&#124;", "$", "&#36;", `\`, "&#92;", ":", "&#58;")

// htmlText is a name inside an HTML element of a Markdown page: neither HTML nor
// Markdown acts on it.
func htmlText(s string) string { return htmlEscapes.Replace(plain(s)) }

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\n", "&#xA;",
	"\ufffe", `\ufffe`, "\uffff", `\uffff`) // the last two are no characters of XML

// xmlText escapes text for an element or an attribute. Control characters but the
// line feed are escaped before.
func xmlText(s string) string { return xmlEscapes.Replace(s) }

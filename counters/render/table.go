package render

import (
	"bufio"
	"strings"
	"unicode/utf8"
)

// cell is one cell of a text table. color is an SGR parameter, "" for none.
type cell struct {
	text  string
	color string
}

// grid is a text table. Columns are as wide as their widest cell.
type grid struct {
	head  []string
	right []bool // column is aligned to the right
	rows  [][]cell
	foot  []cell
	color bool
}

const gap = "  "

func (g *grid) write(w *bufio.Writer) {
	widths := g.widths()
	head := make([]cell, len(g.head))
	for i, h := range g.head {
		head[i] = cell{h, sgrBold}
	}
	g.line(w, widths, head)
	total := 0
	for _, n := range widths {
		total += n + len(gap)
	}
	rule := strings.Repeat("─", total-len(gap)) + "\n"
	w.WriteString(rule)
	for _, row := range g.rows {
		g.line(w, widths, row)
	}
	if g.foot != nil {
		w.WriteString(rule)
		g.line(w, widths, g.foot)
	}
}

func (g *grid) widths() []int {
	widths := make([]int, len(g.head))
	for i, h := range g.head {
		widths[i] = utf8.RuneCountInString(h)
	}
	for _, row := range append(g.rows[:len(g.rows):len(g.rows)], g.foot) {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	return widths
}

// line writes one row without blanks at its end.
func (g *grid) line(w *bufio.Writer, widths []int, row []cell) {
	last := len(row) - 1
	for last > 0 && row[last].text == "" {
		last--
	}
	for i, c := range row[:last+1] {
		if i > 0 {
			w.WriteString(gap)
		}
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text))
		if g.right[i] {
			w.WriteString(pad)
		}
		w.WriteString(paint(c.text, c.color, g.color))
		if !g.right[i] && i < last {
			w.WriteString(pad)
		}
	}
	w.WriteByte('\n')
}

// SGR parameters.
const (
	sgrBold   = "1"
	sgrDim    = "2"
	sgrRed    = "31"
	sgrYellow = "33"
	sgrCyan   = "36"
)

func paint(s, sgr string, on bool) string {
	if !on || sgr == "" || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// barWidth is the width of a full bar.
const barWidth = 14

// bar draws a share in [0, 1] in eighths of a character.
func bar(share float64) string {
	eighths := int(share*barWidth*8 + 0.5)
	eighths = min(max(eighths, 0), barWidth*8)
	s := strings.Repeat("█", eighths/8)
	if r := eighths % 8; r > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[r-1])
	}
	return s
}

// middle cuts text to a width in its middle: both ends of a path say where it is.
func middle(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	head := (width - 1) / 3
	return string(r[:head]) + "…" + string(r[len(r)-(width-1-head):])
}

// end cuts text to a width at its end.
func end(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return string(r[:width-1]) + "…"
}

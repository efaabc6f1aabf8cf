package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
)

// table is a list of records that is written as text, CSV, Markdown or LaTeX.
type table struct {
	head  []string
	right []bool
	rows  [][]string

	caption, label string // LaTeX only; "" for none

	formulas map[string]bool // cells that LaTeX sets as mathematics, and that are longer than names
}

// formula says that a cell with this text is a formula.
func (t *table) formula(text string) {
	if t.formulas == nil {
		t.formulas = map[string]bool{}
	}
	t.formulas[text] = true
}

// TableKinds are the formats that every table of rows can be printed in.
var TableKinds = []string{"text", "csv", "markdown", "latex"}

func (t *table) write(w io.Writer, kind string, color bool) error {
	if kind == "csv" {
		return t.csv(w)
	}
	b := bufio.NewWriter(w)
	t.print(b, kind, color)
	return b.Flush()
}

// print writes the table as text, markdown or latex.
func (t *table) print(b *bufio.Writer, kind string, color bool) {
	switch kind {
	case "markdown":
		t.markdown(b)
		return
	case "latex":
		t.latex(b)
		return
	}
	g := grid{head: t.head, right: t.right, color: color}
	for _, r := range t.rows {
		cells := make([]cell, len(r))
		for i, s := range r {
			cells[i] = cell{plain(s), ""}
		}
		g.rows = append(g.rows, cells)
	}
	g.write(b)
}

func (t *table) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write(t.head)
	for _, r := range t.rows {
		cells := make([]string, len(r))
		for i, s := range r {
			if cells[i] = csvCell(s); t.formulas[s] {
				cells[i] = csvText(s)
			}
		}
		c.Write(cells)
	}
	c.Flush()
	return c.Error()
}

func (t *table) markdown(b *bufio.Writer) {
	for _, line := range t.markdownLines() {
		b.WriteString(line)
	}
}

// markdownLines returns the head, the rule below it and a line for each row.
func (t *table) markdownLines() []string {
	row := func(cells []string) string {
		line := "|"
		for _, s := range cells {
			if t.formulas[s] {
				line += " " + markdownText(s) + " |"
				continue
			}
			line += " " + markdown(s) + " |"
		}
		return line + "\n"
	}
	rule := "|"
	for _, right := range t.right {
		rule += map[bool]string{true: "---:|", false: "---|"}[right]
	}
	lines := []string{row(t.head), rule + "\n"}
	for _, r := range t.rows {
		lines = append(lines, row(r))
	}
	return lines
}

// latex writes a tabular with the rules of package booktabs, inside a table
// environment when it has a caption or a label.
func (t *table) latex(b *bufio.Writer) {
	indent := ""
	floats := t.caption != "" || t.label != ""
	if floats {
		b.WriteString("\\begin{table}\n  \\centering\n")
		indent = "  "
	}
	if t.caption != "" {
		fmt.Fprintf(b, "  \\caption{%s}\n", latexText(t.caption))
	}
	if t.label != "" {
		fmt.Fprintf(b, "  \\label{%s}\n", latexLabel(t.label))
	}
	columns := ""
	for _, right := range t.right {
		columns += map[bool]string{true: "r", false: "l"}[right]
	}
	fmt.Fprintf(b, "%s\\begin{tabular}{%s} %% \\usepackage{booktabs}\n%s  \\toprule\n", indent, columns, indent)
	t.latexRow(b, indent, t.head)
	fmt.Fprintf(b, "%s  \\midrule\n", indent)
	for _, r := range t.rows {
		t.latexRow(b, indent, r)
	}
	fmt.Fprintf(b, "%s  \\bottomrule\n%s\\end{tabular}\n", indent, indent)
	if floats {
		b.WriteString("\\end{table}\n")
	}
}

func (t *table) latexRow(b *bufio.Writer, indent string, cells []string) {
	b.WriteString(indent + "  ")
	for i, s := range cells {
		if i > 0 {
			b.WriteString(" & ")
		}
		if t.formulas[s] {
			b.WriteString(latexMath(s))
		} else {
			b.WriteString(latex(s))
		}
	}
	b.WriteString(" \\\\\n")
}

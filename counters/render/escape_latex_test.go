package render

import (
	"bufio"
	"strings"
	"testing"
)

func TestLatexEscapes(t *testing.T) {
	for in, want := range map[string]string{
		`a_b & 50% of {x}`: `a\_b \& 50\% of \{x\}`,
		`\input{/etc}`:     `\textbackslash{}input\{/etc\}`,
		"≤ 3 µJ [1, 2]":    `$\leq$ 3 $\mu$J {[}1, 2{]}`,
		"Ünïcode":          "Ünïcode",
		"模":                "U+6A21",
		"Þ ß":              "U+00DE ß",
		"* --top `x`":      `{*} -{}-top \textasciigrave{}x\textasciigrave{}`,
		"x\x1b[2J":         `x\textbackslash{}u001b{[}2J`,
	} {
		if got := latex(in); got != want {
			t.Errorf("latex(%q) = %s, want %s", in, got, want)
		}
	}
	if got := latexLabel(`tab:a b}\x`); got != "tab:a-b--x" {
		t.Errorf("label %q", got)
	}
}

func TestLatexTable(t *testing.T) {
	tab := table{head: []string{"model", "MACs (G)"}, right: []bool{false, true}, rows: [][]string{{"a_1", "4.09"}}, caption: "Cost", label: "tab:cost"}
	var b strings.Builder
	w := bufio.NewWriter(&b)
	tab.print(w, "latex", false)
	w.Flush()
	want := `\begin{table}
  \centering
  \caption{Cost}
  \label{tab:cost}
  \begin{tabular}{lr} % \usepackage{booktabs}
    \toprule
    model & MACs (G) \\
    \midrule
    a\_1 & 4.09 \\
    \bottomrule
  \end{tabular}
\end{table}
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

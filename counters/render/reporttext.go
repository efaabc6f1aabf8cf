package render

import (
	"bufio"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// textReport writes one report for people.
type textReport struct {
	w *bufio.Writer
	r *Report
	v View

	classes bool // some module has a class
}

func (t *textReport) write() {
	t.header()
	t.table()
	t.totals()
	t.coverage()
	t.density()
	if len(t.r.Estimates) > 0 {
		t.w.WriteByte('\n')
	}
	t.estimates()
	t.warnings()
}

func (t *textReport) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// header names the model, its inputs and outputs, and the sizes that are open.
func (t *textReport) header() {
	m := t.r.Model
	t.printf("%s\n", paint(plain(m.Path), sgrBold, t.v.Color))
	facts := []string{}
	if p := producer(m); p != "" {
		facts = append(facts, plain(p))
	}
	facts = append(facts, fmt.Sprintf("IR %d", m.IRVersion))
	for _, d := range sortedKeys(m.Opsets) {
		facts = append(facts, fmt.Sprintf("%s %d", plain(graph.DomainName(d)), m.Opsets[d]))
	}
	for _, name := range sortedKeys(t.r.Dims) {
		facts = append(facts, fmt.Sprintf("%s=%d", plain(name), t.r.Dims[name]))
	}
	if t.r.Measured != nil {
		facts = append(facts, "--convention "+t.r.Convention)
	}
	facts = append(facts, t.r.Rules.unusual()...)
	t.printf("%s\n", strings.Join(facts, " · "))
	t.interfaces()
	t.w.WriteByte('\n')
}

// unusual names the rules that are not the default.
func (r Rules) unusual() []string {
	var out []string
	if r.QDQ == "literal" {
		out = append(out, "--qdq literal")
	}
	if r.Padding == "exact" {
		out = append(out, "--padding exact")
	}
	if r.Causal == "half" {
		out = append(out, "--causal half")
	}
	return out
}

// maxListed bounds the inputs, outputs, nodes and warnings that text lists.
const maxListed = 12

// limit returns n, or no limit when everything is asked for.
func (t *textReport) limit(n int) int { return t.v.limit(n) }

func (v View) limit(n int) int {
	if v.Full {
		return math.MaxInt
	}
	return n
}

func (t *textReport) interfaces() {
	g := grid{head: make([]string, 5), right: make([]bool, 5), color: t.v.Color}
	bound := map[string]bool{}
	add := func(what string, list []counters.IO) {
		for i := range list {
			if i == t.limit(maxListed) {
				g.rows = append(g.rows, []cell{{what, sgrDim}, {fmt.Sprintf("... and %d more", len(list)-i), sgrDim}})
				break
			}
			io := &list[i]
			v := Value{Info: io.Info}
			g.rows = append(g.rows, []cell{{what, sgrDim}, {middle(plain(io.Name), 40), ""}, {v.typeText(), ""},
				{end(showShape(element(io.Info).Shape), 60), ""}, {sentence(io.Bind), sgrCyan}})
			bound[io.Bind] = true
		}
	}
	add("input", t.r.Inputs)
	add("output", t.r.Outputs)
	t.openSizes(&g, bound)
	widths := g.widths()
	for _, row := range g.rows {
		t.w.WriteString("  ")
		g.line(t.w, widths, row)
	}
}

// openSizes lists the open sizes that no input's line has the flag of.
func (t *textReport) openSizes(g *grid, bound map[string]bool) {
	n := 0
	for _, s := range t.r.Free {
		if boundBy(s.Flag, bound) {
			continue
		}
		if n++; n > t.limit(maxListed) {
			g.rows = append(g.rows, []cell{{"size", sgrDim}, {"... and more", sgrDim}})
			return
		}
		why := "open"
		if s.Data {
			why = "depends on data"
		}
		g.rows = append(g.rows, []cell{{"size", sgrDim}, {middle(plain(s.Name), 40), ""}, {why, ""}, {}, {sentence(s.Flag), sgrCyan}})
	}
}

func boundBy(flag string, bound map[string]bool) bool {
	for b := range bound {
		if b == flag || strings.Contains(" "+b+" ", " "+flag+" ") {
			return true
		}
	}
	return false
}

// maxRows bounds a table on a terminal when --top is not given.
const maxRows = 1000

func (t *textReport) table() {
	v, hint := t.v, fmt.Sprintf("--top %d", t.v.Top)
	if v.Top == 0 && !v.Full {
		v.Top, hint = maxRows, "-v prints all"
	}
	lines, left := t.r.lines(v)
	if len(lines) == 0 {
		return
	}
	g := t.grid(lines)
	g.write(t.w)
	if left > 0 {
		t.printf("%s\n", paint(fmt.Sprintf("... and %d more rows (%s)", left, hint), sgrDim, t.v.Color))
	}
	t.w.WriteByte('\n')
}

// grid lays the rows out. Every grouping has the same columns of figures.
func (t *textReport) grid(lines []line) *grid {
	first := map[string][]string{"op": {"Operator"}, "module": {"Module"}, "dtype": {"Type"}, "node": {"Node", "Operator", "Output"}}[t.v.By]
	t.classes = t.v.By == "module" && slices.ContainsFunc(lines, func(l line) bool { return l.detail != "" })
	if t.classes {
		first = append(first, "Class")
	}
	g := &grid{head: append(slices.Clone(first), "Nodes", "Params", "MACs", "", "Share"), color: t.v.Color}
	if !t.symbolic() { // two more columns of formulas would not fit
		g.head = append(g.head, "FLOPs", "Traffic")
	}
	if t.v.By == "node" {
		g.head = slices.Delete(g.head, len(first), len(first)+1)
	}
	if t.bounds() {
		g.head = append(g.head, "Bound")
	}
	g.right = make([]bool, len(g.head))
	for i := len(first); i < len(g.head); i++ {
		g.right[i] = g.head[i] != "" && g.head[i] != "Bound"
	}
	for i := range lines {
		row := t.row(&lines[i])
		if t.bounds() {
			row = append(row, cell{lines[i].bound, ""})
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// symbolic reports whether the MACs are a formula.
func (t *textReport) symbolic() bool {
	f := newFigure(t.r.Lower.MACs(), t.r.Totals.MACs())
	return f.value == nil
}

func (t *textReport) row(l *line) []cell {
	var row []cell
	switch t.v.By {
	case "module":
		row = []cell{{l.guide + middle(plain(l.name), 36), ""}}
		if t.classes {
			row = append(row, cell{end(plain(l.detail), 24), ""})
		}
		row = append(row, cell{amount(l.nodes), ""})
	case "node":
		row = []cell{{middle(plain(l.name), 40), ""}, {end(plain(qualified(l.domain, l.detail)), 28), ""}, {end(l.shape, 28), ""}}
	default:
		row = []cell{{middle(plain(qualified(l.domain, l.name)), 40), ""}, {amount(l.nodes), ""}}
	}
	if uncertain(l.state) {
		unknown := cell{"?", sgrYellow}
		return t.short(append(row, cell{amount(l.params), ""}, unknown, cell{}, cell{}), unknown, unknown)
	}
	percent, b := "", ""
	if s, ok := share(l.MACs(), t.r.Totals.MACs()); ok && !l.MACs().IsZero() {
		percent, b = fmt.Sprintf("%.1f%%", 100*s), bar(s)
	}
	row = append(row, zeroDim(amount(l.params)), zeroDim(amount(l.MACs())), cell{b, sgrCyan}, cell{percent, ""})
	return t.short(row, zeroDim(short(l.FLOPs(), "")), zeroDim(short(l.Bytes, "B")))
}

// bounds reports whether the table says what bounds each node.
func (t *textReport) bounds() bool {
	return t.v.By == "node" && len(t.r.Estimates) > 0 && t.r.Estimates[0].Missing == ""
}

// short adds the columns that a table of formulas leaves out.
func (t *textReport) short(row []cell, more ...cell) []cell {
	if t.symbolic() {
		return row
	}
	return append(row, more...)
}

// zeroDim makes a zero faint, so that figures stand out.
func zeroDim(s string) cell {
	if s == "0" || s == "0 B" {
		return cell{"-", sgrDim}
	}
	return cell{s, ""}
}

// qualified prints an operator with its domain, unless that is the standard one.
func qualified(domain, op string) string {
	if domain == "" {
		return op
	}
	return domain + "." + op
}

// totalLine is one line of the totals.
type totalLine struct {
	label, unit  string
	lower, upper graph.Dim
	note         string
}

func (t *textReport) totalLines() []totalLine {
	u, l := &t.r.Totals, &t.r.Lower
	note := func(d graph.Dim, unit, text string) string { return short(d, unit) + text }
	return []totalLine{
		{"Parameters", "", l.Params, u.Params, note(u.ParamBytes, "B", " as stored")},
		{"MACs", "MACs", l.MACs(), u.MACs(), t.r.countedBy(counters.UnitMACs, "")},
		{"FLOPs", "FLOPs", l.FLOPs(), u.FLOPs(), t.r.flopsNote()},
		{"  other float operations", "", l.Work.Flop, u.Work.Flop, ""},
		{"  transcendental calls", "", l.Work.Exp, u.Work.Exp, ""},
		{"Comparisons", "", l.Work.Cmp, u.Work.Cmp, "not in FLOPs"},
		{"Integer operations", "", l.Work.Int, u.Work.Int, "not in FLOPs"},
		{"Activations", "", l.Elements, u.Elements, "elements that matmul-class nodes write"},
		{"Traffic as written", "B", l.Read.Add(l.Written), u.Read.Add(u.Written), "activations read and written"},
		{"  after fusion", "B", l.Fused, u.Fused, ""},
		{"  weights", "B", l.WeightRead, u.WeightRead, "constants read"},
		{"Peak activations", "B", l.Peak, u.Peak, "alive at once"},
		{"Kernels", "", l.Kernels, u.Kernels, note(u.Launches, "", " as written")},
	}
}

// totals prints the totals: the exact integer, then the same with a prefix.
func (t *textReport) totals() {
	lines := t.totalLines()
	wide := 0
	for _, l := range lines {
		if f := newFigure(l.lower, l.upper); f.value != nil {
			wide = max(wide, utf8.RuneCountInString(f.sign()+grouped(f.value)))
		}
	}
	wide = min(wide, 30)
	atLeast := ""
	if t.r.Coverage.Status == counters.Incomplete {
		atLeast = "at least "
	}
	for _, l := range lines {
		f := newFigure(l.lower, l.upper)
		t.printf("%-24s  ", l.label)
		if f.value == nil {
			t.printf("%s%s\n", paint(atLeast, sgrRed, t.v.Color), wrapFormula(plainFormula(f.formula), 26+len(atLeast), 110))
			continue
		}
		t.printf("%s%*s", paint(atLeast, sgrRed, t.v.Color), wide, f.sign()+grouped(f.value))
		if remark := t.remark(&f, &l); remark != "" {
			t.printf("  %s", remark)
		}
		t.w.WriteByte('\n')
	}
	t.w.WriteByte('\n')
}

// remark is what stands behind an integer: the same with a prefix, its bounds, a note.
func (t *textReport) remark(f *figure, l *totalLine) string {
	var parts []string
	if l.unit != "" && f.value.Cmp(big.NewInt(1000)) >= 0 {
		parts = append(parts, strings.TrimPrefix(siInt(f.value, l.unit), " "))
	}
	if !f.exact() && f.lo != nil {
		parts = append(parts, fmt.Sprintf("from %s, as data decide", grouped(f.lo)))
	}
	if l.note != "" {
		parts = append(parts, paint(l.note, sgrDim, t.v.Color))
	}
	return strings.Join(parts, "  ")
}

// coverage says which nodes the totals hold.
func (t *textReport) coverage() {
	c := &t.r.Coverage
	color := map[counters.Status]string{counters.Incomplete: sgrRed, counters.Bound: sgrYellow, counters.Symbolic: sgrYellow}[c.Status]
	t.printf("Coverage  %s: %s, %s counted, %s free", paint(string(c.Status), color, t.v.Color), nodesOf(c.Nodes), amount(c.Counted), amount(c.Free))
	if !c.Folded.IsZero() {
		t.printf(" (%s folded)", amount(c.Folded))
	}
	t.w.WriteByte('\n')
	for _, line := range t.r.gaps(t.v) {
		t.printf("          %s\n", line)
	}
}

func (t *textReport) warnings() {
	list := GroupWarnings(t.r.Warnings)
	for i, w := range list {
		if i == t.limit(maxListed) {
			t.printf("%s\n", paint(fmt.Sprintf("Warning   ... and %d more (-v prints all)", len(list)-i), sgrYellow, t.v.Color))
			break
		}
		t.printf("%s  %s\n", paint("Warning ", sgrYellow, t.v.Color), sentence(w))
	}
}

package render

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Explanation is all there is to say about one node.
type Explanation struct {
	Report  *counters.Report
	Node    *counters.Node
	Formula *ops.Formula
	// Measured is the convention asked for, nil for none.
	Measured *convention.Result
	Color    bool
}

// textWidth is the width that prose is wrapped at.
const textWidth = 96

type explainer struct {
	*Explanation
	w *bufio.Writer
}

// Explain writes the explanation of a node: its rule, inputs, attributes and
// outputs, and the formulas of shapes and costs with the node's numbers in.
func Explain(w io.Writer, e *Explanation) error {
	x := &explainer{e, bufio.NewWriter(w)}
	x.heading()
	x.inputs()
	x.attributes()
	x.outputs()
	x.cost()
	x.warnings()
	return x.w.Flush()
}

// warnings prints the remarks on this node.
func (x *explainer) warnings() {
	about := fmt.Sprintf("node %q (%s): ", graph.Clip(x.Node.Node.Label()), graph.Quote(x.Node.Op))
	for _, w := range x.Report.Warnings {
		if _, what, ok := strings.Cut(w, about); ok {
			x.printf("  %s %s\n", paint("warning:", sgrYellow, x.Color), sentence(what))
		}
	}
}

func (x *explainer) printf(format string, args ...any) { fmt.Fprintf(x.w, format, args...) }

func (x *explainer) title(s string) { x.printf("\n%s\n", paint(s, sgrBold, x.Color)) }

func (x *explainer) heading() {
	n := x.Node
	x.printf("%s %s\n", paint(plain(n.Path), sgrBold, x.Color), "("+plain(qualified(n.Domain, n.Op))+")")
	op := n.Result.Op
	if op == nil {
		x.printf("%s\n", sentence(n.Why))
		return
	}
	x.printf("rule of %s %s, opset %s", graph.DomainName(op.Domain), op.Name, sinceText(op))
	if op.Source != "" {
		x.printf(", from %s", plain(op.Source))
	}
	x.printf("\n\n")
	for _, l := range wrap(op.Doc, textWidth-2) {
		x.printf("  %s\n", l)
	}
}

// sinceText lists the schema versions of an entry.
func sinceText(op *ops.Op) string {
	parts := make([]string, len(op.Since))
	for i, v := range op.Since {
		parts[i] = strconv.Itoa(v)
	}
	return strings.Join(parts, ", ")
}

// formal returns the name that the signature gives to a parameter.
func formal(p *ops.Param) string {
	if p == nil {
		return "-"
	}
	return p.Name
}

func (x *explainer) inputs() {
	in := x.Node.Node.Inputs
	if len(in) == 0 {
		return
	}
	x.title("Inputs")
	g := grid{head: make([]string, 5), right: make([]bool, 5), color: x.Color}
	for i, v := range in {
		name := "-"
		if op := x.Node.Result.Op; op != nil {
			name = formal(op.Signature().InParam(i))
		}
		if v == nil {
			g.rows = append(g.rows, []cell{{name, ""}, {"omitted", sgrDim}})
			continue
		}
		g.rows = append(g.rows, append([]cell{{name, ""}}, x.value(v)...))
	}
	x.rows(&g)
}

func (x *explainer) rows(g *grid) {
	widths := g.widths()
	for _, row := range g.rows {
		x.w.WriteString("  ")
		g.line(x.w, widths, row)
	}
}

// value describes a value: name, type, shape, and what it holds.
func (x *explainer) value(v *graph.Value) []cell {
	in := x.Node.Inst.Info(v)
	t := Value{Info: in}
	note := ""
	switch {
	case in.Elems != nil:
		note = "= " + elemsText(in.Elems)
	case v.Init != nil && v.Producer == nil:
		note = "constant of " + amount(v.Init.Elements()) + " elements"
	case in.Const:
		note = "constant"
	}
	return []cell{{middle(plain(v.Name), 44), ""}, {t.typeText(), ""}, {showShape(element(in).Shape), ""}, {note, sgrDim}}
}

// elemsText prints the first elements of a small tensor.
func elemsText(es []ops.Elem) string {
	const most = 12
	parts := make([]string, 0, most+1)
	for i, e := range es {
		if i == most {
			parts = append(parts, "...")
			break
		}
		if s := e.String(); e.Known() {
			parts = append(parts, plain(s))
		} else {
			parts = append(parts, "?")
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (x *explainer) attributes() {
	n := x.Node.Node
	var lines []string
	for i := range n.Attrs {
		lines = append(lines, plain(n.Attrs[i].Name)+" = "+attrText(&n.Attrs[i]))
	}
	if op := x.Node.Result.Op; op != nil {
		for _, d := range op.Signature().Attrs {
			if d.Default != "" && n.Attrs.Get(d.Name) == nil {
				lines = append(lines, paint(d.Name+" = "+d.Default+" (default)", sgrDim, x.Color))
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	x.title("Attributes")
	for _, l := range lines {
		x.printf("  %s\n", l)
	}
}

func attrText(a *graph.Attr) string {
	if a.Ref != "" {
		return "attribute " + plain(a.Ref) + " of the function"
	}
	switch a.Type {
	case graph.AttrInt:
		return strconv.FormatInt(a.Int, 10)
	case graph.AttrFloat:
		return strconv.FormatFloat(float64(a.Float), 'g', -1, 32)
	case graph.AttrString:
		return strconv.Quote(plain(a.Str))
	case graph.AttrInts:
		return end(fmt.Sprint(a.Ints), 80)
	case graph.AttrFloats:
		return end(fmt.Sprint(a.Floats), 80)
	case graph.AttrStrings:
		return end(plain(fmt.Sprintf("%q", a.Strs[:min(len(a.Strs), 20)])), 80)
	case graph.AttrTensor:
		if a.Tensor != nil {
			return fmt.Sprintf("tensor of %s %v", a.Tensor.DType, a.Tensor.Dims)
		}
	}
	return a.Type.String()
}

func (x *explainer) outputs() {
	x.title("Outputs")
	for i, v := range x.Node.Node.Outputs {
		name := "-"
		if op := x.Node.Result.Op; op != nil {
			name = formal(op.Signature().OutParam(i))
		}
		if v == nil {
			x.printf("  %s  omitted\n", name)
			continue
		}
		c := x.value(v)
		x.printf("  %s  %s  %s %s", name, c[0].text, c[1].text, c[2].text)
		if c[3].text != "" {
			x.printf("  %s", paint(c[3].text, sgrDim, x.Color))
		}
		x.w.WriteByte('\n')
		x.shapeOrigin(i, v, name)
	}
}

// shapeOrigin says how a shape came about: by which formula, or from which declaration.
func (x *explainer) shapeOrigin(i int, v *graph.Value, name string) {
	in := x.Node.Inst.Info(v)
	switch {
	case in.Shape == nil && in.Kind == graph.KindTensor:
		x.printf("     the shape is not known\n")
	case x.Node.Result.Op == nil && v.Declared != nil:
		x.printf("     as the model declares it: no rule checks it\n")
	case i < len(x.Formula.Shapes) && x.Formula.Shapes[i] != nil:
		for axis, d := range x.Formula.Shapes[i] {
			x.equation(fmt.Sprintf("     %s%d", name, axis), d, showDim(in.Shape[axis]))
		}
	default:
		x.printf("     by the rule of %s\n", plain(x.Node.Op))
	}
}

// equation prints "name = formula = formula with numbers = value".
func (x *explainer) equation(name string, d graph.Dim, value string) {
	formula := plainFormula(d.String())
	parts := []string{name}
	if filled := x.fill(formula); formula != value {
		parts = append(parts, formula)
		if filled != formula && filled != value {
			parts = append(parts, filled)
		}
	}
	s := strings.Join(append(parts, value), " = ")
	if len(s) > 4*textWidth {
		s = name + " = " + value
	}
	x.printf("%s\n", s)
}

// fill puts the sizes in the places of their names.
func (x *explainer) fill(formula string) string {
	var b strings.Builder
	for i := 0; i < len(formula); {
		j := i
		for j < len(formula) && isWord(formula[j]) {
			j++
		}
		if j == i {
			b.WriteByte(formula[i])
			i++
			continue
		}
		word := formula[i:j]
		if d, ok := x.Formula.Values[word]; ok {
			if word = showDim(d); strings.Contains(word, " ") {
				word = "(" + word + ")"
			}
		}
		b.WriteString(word)
		i = j
	}
	return b.String()
}

func (x *explainer) cost() {
	n, r := x.Node, x.Node.Result
	x.title("Cost: " + stateName(n.State))
	if n.Why != "" {
		x.printf("  %s\n", sentence(n.Why))
	}
	switch n.State {
	case ops.Uncounted, ops.Unresolved:
		return
	case ops.Folded:
		x.printf("  computed from constants before the run\n")
	case ops.Free:
		x.printf("  %s\n", sentence(r.Op.Free))
	}
	if n.State == ops.Counted {
		x.column("MACs", x.Formula.Cost.MAC, r.Cost.MAC)
		x.column("other float operations", x.Formula.Cost.Flop, r.Cost.Flop)
		x.column("transcendental calls", x.Formula.Cost.Exp, r.Cost.Exp)
		x.column("comparisons", x.Formula.Cost.Cmp, r.Cost.Cmp)
		x.column("integer operations", x.Formula.Cost.Int, r.Cost.Int)
		x.printf("  FLOPs = 2 x MACs + other float operations + transcendental calls = %s\n", amount(r.Cost.FLOPs()))
	}
	if r.View {
		x.printf("  traffic: none, a view\n")
	} else {
		x.printf("  traffic: %s read, %s of constants read, %s written\n", short(r.Traffic.Read, "B"), short(r.Traffic.Weights, "B"), short(r.Traffic.Written, "B"))
	}
	if !n.Params.IsZero() {
		x.printf("  parameters: %s\n", amount(n.Params))
	}
	if !n.Times.Is(1) {
		x.printf("  runs %s times: %s MACs, %s FLOPs in all\n", amount(n.Times), amount(n.Work.MAC), amount(n.Work.FLOPs()))
	}
	x.convention()
}

// convention prints what the convention asked for counts, for one run of the node.
func (x *explainer) convention() {
	if x.Measured == nil {
		return
	}
	c := x.Measured.Convention
	parts := x.Measured.Parts(x.Node)
	if len(parts) == 0 {
		x.printf("  %s by %s: none, it is part of another call\n", unitText(c), c.Name)
	}
	for _, p := range parts {
		rule := "no rule"
		if p.Rule != nil {
			rule = p.Rule.Count
		}
		x.printf("  %s by %s, as %s: %s = %s\n", unitText(c), c.Name, p.Kind, rule, amount(p.Count))
	}
}

// column prints one cost with its formula; work that there is none of is left out.
func (x *explainer) column(name string, formula, d graph.Dim) {
	if d.IsZero() {
		return
	}
	value := amount(d)
	if d.BigConst() == nil {
		value = wrapFormula(plainFormula(d.String()), 4, textWidth)
	}
	if !x.Formula.Costed {
		x.printf("  %s = %s\n", name, value)
		return
	}
	x.equation("  "+name, formula, value)
}

// wrap breaks text at blanks.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

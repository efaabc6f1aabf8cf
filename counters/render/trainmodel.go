package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/training"
	"github.com/onnxmeter/onnxmeter/graph"
)

// ModelTraining is what the steps of a model take.
type ModelTraining struct {
	Tool         Tool
	Report       *counters.Report // of the forward pass
	Rules        Rules
	Work         *training.Work // of one run
	Steps, Batch int64          // a step is Batch runs and one change of the weights
	Estimate     *Estimate      // of one run of a step; nil: none is wanted
	Spent        energy.Spent   // of the whole training; holds if the estimate does
	Emissions    []energy.Emission
}

// TrainModel writes a training as text, json, csv or markdown.
func TrainModel(w io.Writer, kind string, t *ModelTraining, color bool) error {
	switch kind {
	case "json":
		return t.json(w)
	case "text":
		b := bufio.NewWriter(w)
		t.text(b, color)
		return b.Flush()
	}
	out := t.table()
	return out.write(w, kind, color)
}

// known reports whether there is a figure of energy.
func (t *ModelTraining) known() bool { return t.Estimate != nil && t.Estimate.Missing == "" }

// runs is the number of runs in the whole training.
func (t *ModelTraining) runs(of graph.Dim) graph.Dim { return of.MulInt(t.Batch).MulInt(t.Steps) }

// hours is how long it takes on one accelerator, 0 if the coefficients do not know time.
func (t *ModelTraining) hours() float64 {
	if !t.known() || !t.Estimate.Seconds.Known {
		return 0
	}
	return t.Estimate.Seconds.Value * float64(t.Batch) * float64(t.Steps) / 3600
}

// Exact reports whether every total is one number.
func (t *ModelTraining) Exact() bool { return t.status() == counters.Exact }

func (t *ModelTraining) status() counters.Status {
	if !t.Work.Complete() {
		return counters.Incomplete
	}
	if s := t.Report.Coverage.Status; s != counters.Exact {
		return s
	}
	if !t.Work.MACs().IsConst() {
		return counters.Symbolic
	}
	return counters.Exact
}

// WhyInexact says, each in one line, why a total is not an exact number.
func (t *ModelTraining) WhyInexact() []string {
	forward := &Report{Report: t.Report}
	return append(forward.WhyInexact(), t.gaps()...)
}

// gaps says which gradients are not counted.
func (t *ModelTraining) gaps() []string {
	var out []string
	for _, u := range t.Work.Unruled {
		out = append(out, fmt.Sprintf("gradient not counted: %s (%s without a backward rule)", plain(qualified(u.Domain, u.Op)), nodesOf(u.Nodes)))
	}
	for _, u := range t.Work.Unresolved {
		out = append(out, fmt.Sprintf("not resolved: %s: %s", plain(u.Node), sentence(u.Why)))
	}
	return out
}

// part is one of several amounts: its name for people, its key in JSON.
type part struct {
	name, key string
	amount    graph.Dim
}

// passes are the parts of the work in MACs, their sum last.
func (t *ModelTraining) passes() []part {
	w := t.Work
	return []part{{"forward", "forward", w.Forward}, {"gradients of weights", "weights", w.Weights},
		{"gradients of inputs", "inputs", w.Inputs}, {"all", "run", w.MACs()}}
}

func (t *ModelTraining) text(b *bufio.Writer, color bool) {
	steps := "1 step"
	if t.Steps > 1 {
		steps = fmt.Sprintf("%d steps", t.Steps)
	}
	fmt.Fprintf(b, "%s\n%s · batch %d · %s\n\n", paint(plain(t.Report.Model.Path), sgrBold, color), steps, t.Batch, t.Work.Optimizer.Name)
	g := t.macs()
	g.color = color
	g.write(b)
	b.WriteByte('\n')
	t.weights(b)
	for _, line := range append((&Report{Report: t.Report}).gaps(View{}), t.gaps()...) {
		fmt.Fprintf(b, "  %s\n", paint(line+": all is at least this", sgrRed, color))
	}
	if t.Estimate != nil {
		t.estimate(b, color)
	}
	facts{b, color}.notes(t.warnings())
}

// macs is the table of products; a column that says what the one before does is left out.
func (t *ModelTraining) macs() *grid {
	g := &grid{head: []string{"MACs", "of a run"}, right: []bool{false, true}}
	if t.Batch > 1 {
		g.head, g.right = append(g.head, "of a step"), append(g.right, true)
	}
	if t.Steps > 1 {
		g.head, g.right = append(g.head, "of the training"), append(g.right, true)
	}
	for _, p := range t.passes() {
		row := []cell{{p.name, ""}, {amount(p.amount), ""}}
		if t.Batch > 1 {
			row = append(row, cell{short(p.amount.MulInt(t.Batch), ""), ""})
		}
		if t.Steps > 1 {
			row = append(row, cell{short(t.runs(p.amount), ""), ""})
		}
		g.rows = append(g.rows, row)
	}
	last := len(g.rows) - 1
	g.foot, g.rows = g.rows[last], g.rows[:last]
	return g
}

// weights prints what is trained, and what training keeps in memory beside activations.
func (t *ModelTraining) weights(b *bufio.Writer) {
	for _, g := range []struct {
		name string
		training.Group
	}{{"trained", t.Work.Trained}, {"frozen", t.Work.Frozen}, {"no gradient", t.Work.Idle}} {
		if g.Tensors > 0 || g.name == "trained" {
			tensors := "1 tensor"
			if g.Tensors != 1 {
				tensors = fmt.Sprintf("%d tensors", g.Tensors)
			}
			fmt.Fprintf(b, "  %-12s %s weights in %s\n", g.name, amount(g.Elements), tensors)
		}
	}
	s := t.Work.StateBytes()
	fmt.Fprintf(b, "  %-12s weights %s, gradients %s, moments %s in float32; a step moves %s\n", "memory",
		short(s.Weights, "B"), short(s.Gradients, "B"), short(s.Moments, "B"), short(s.Moved, "B"))
}

func (t *ModelTraining) estimate(b *bufio.Writer, color bool) {
	e := t.Estimate
	fmt.Fprintf(b, "\nEnergy    %s · %s · %s", paint(e.GPU, sgrBold, color), e.Precision, e.Mode)
	if e.Missing != "" {
		fmt.Fprintf(b, ": no estimate: %s\n", sentence(e.Missing))
		return
	}
	fmt.Fprintf(b, " · grade %s · boundary %s\n", e.Grade, e.Boundary)
	p := facts{b, color}
	p.row("energy", ends(round(t.Spent.KWh), round(t.Spent.Lo), round(t.Spent.Hi), "kWh"), "")
	if h := t.hours(); h > 0 {
		s := e.Seconds
		p.row("time", ends(round(h), round(h*s.Lo/s.Value), round(h*s.Hi/s.Value), "h"), "on one")
	}
	p.emissions(t.Emissions)
	p.row("from", plain(e.Coefficient), "")
}

// round prints a figure of an estimate with three digits.
func round(v float64) string {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		r = v
	}
	return decimal(r)
}

// warnings lists the remarks of the work and of the estimate.
func (t *ModelTraining) warnings() []string {
	out := append([]string{}, t.Work.Warnings...)
	if t.Estimate != nil {
		out = append(out, t.Estimate.Warnings...)
	}
	return append(out, "arithmetic of gradients and of the optimiser that is no multiply-accumulate is not counted")
}

func (t *ModelTraining) table() *table {
	head := []string{"model", "steps", "batch", "optimizer", "status", "forward_macs", "weight_macs", "input_macs", "run_macs", "training_macs",
		"trained", "frozen", "no_gradient", "moved_bytes", "gpu", "precision", "mode", "kwh", "kwh_lo", "kwh_hi", "hours", "zone", "g_per_kwh", "year", "pue", "kg", "kg_lo", "kg_hi"}
	out := &table{head: head, right: make([]bool, len(head))}
	words := []string{"model", "optimizer", "status", "gpu", "precision", "mode", "zone"}
	for i, h := range head {
		out.right[i] = !slices.Contains(words, h)
	}
	row := []string{t.Report.Model.Path, strconv.FormatInt(t.Steps, 10), strconv.FormatInt(t.Batch, 10), t.Work.Optimizer.Name, string(t.status())}
	w := t.Work
	for _, d := range []graph.Dim{w.Forward, w.Weights, w.Inputs, w.MACs(), t.runs(w.MACs()), w.Trained.Elements, w.Frozen.Elements, w.Idle.Elements, w.StateBytes().Moved} {
		text := d.String()
		if !d.IsConst() {
			out.formula(text)
		}
		row = append(row, text)
	}
	if t.Estimate == nil {
		out.rows = [][]string{append(row, make([]string, len(head)-len(row))...)}
		return out
	}
	row = append(row, t.Estimate.GPU, t.Estimate.Precision, t.Estimate.Mode)
	if !t.known() {
		out.rows = [][]string{append(row, make([]string, len(head)-len(row))...)}
		return out
	}
	row = append(row, decimal(t.Spent.KWh), decimal(t.Spent.Lo), decimal(t.Spent.Hi), known(t.hours(), 1))
	for i := range t.Emissions {
		e := &t.Emissions[i]
		out.rows = append(out.rows, append(row[:len(row):len(row)], emissionCells(e)...))
	}
	return out
}

// emissionCells are zone, factor, year, PUE and kilograms with their ends.
func emissionCells(e *energy.Emission) []string {
	return []string{e.Zone.ID, decimal(e.Zone.GPerKWh), known(float64(e.Zone.Year), 1), decimal(e.PUE),
		decimal(kilograms(e.Grams)), decimal(kilograms(e.Lo)), decimal(kilograms(e.Hi))}
}

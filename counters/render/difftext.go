package render

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/diff"
)

// DiffKinds are the formats of a Diff.
var DiffKinds = []string{"text", "json", "csv", "markdown"}

// WriteDiff writes the differences in one of DiffKinds. Of the view it takes Top,
// Color and Full.
func WriteDiff(w io.Writer, kind string, d *Diff, v View) error {
	switch kind {
	case "json":
		return d.json(w)
	case "csv":
		return d.csv(w)
	case "markdown":
		return d.markdown(w)
	}
	b := bufio.NewWriter(w)
	for _, m := range d.Models {
		if m.Change != Unchanged {
			m.text(b, v)
			b.WriteByte('\n')
		}
	}
	for _, note := range d.footnotes() {
		fmt.Fprintf(b, "%s  %s\n", paint("Note", sgrYellow, v.Color), sentence(note))
	}
	fmt.Fprintf(b, "%s (%s -> %s)%s\n", d.summary(), plain(d.Old), plain(d.New), d.counted())
	return b.Flush()
}

// counted names the convention where it is not the default.
func (d *Diff) counted() string {
	if d.Convention == "macs" {
		return ""
	}
	return ", counted as " + plain(d.Convention)
}

// footnotes are what is true of the estimates of several models, each once.
func (d *Diff) footnotes() []string {
	var out []string
	add := func(note string) {
		if !slices.Contains(out, note) {
			out = append(out, note)
		}
	}
	for _, m := range d.Models {
		for i := range m.energy {
			e := &m.energy[i]
			for _, w := range e.warnings() {
				add(e.either().GPU + ": " + w)
			}
		}
	}
	for _, m := range d.Models {
		for i := range m.energy {
			if m.Change != Unchanged && m.energy[i].verdict() == "~" {
				add("~ is a change inside the error of the two estimates' ratio: either may take more")
			}
		}
	}
	return out
}

// text writes one model: its totals that differ, operators and nodes.
func (d *ModelDiff) text(b *bufio.Writer, v View) {
	fmt.Fprintf(b, "%s  %s\n", paint(plain(d.Path), sgrBold, v.Color), paint(string(d.Change), changeColor[d.Change], v.Color))
	for _, note := range d.notes() {
		fmt.Fprintf(b, "  %s\n", sentence(note))
	}
	for _, t := range []table{d.totalsTable(), d.opsTable(), d.nodesTable(v)} {
		if len(t.rows) > 0 {
			b.WriteByte('\n')
			t.print(b, "text", v.Color)
		}
	}
	if left := len(d.nodes) - v.nodeLimit(); left > 0 {
		fmt.Fprintf(b, "... and %d more nodes (%s)\n", left, v.nodeHint())
	}
}

var changeColor = map[Change]string{BrokenModel: sgrRed, ChangedModel: sgrYellow, AddedModel: sgrCyan, RemovedModel: sgrCyan}

// maxChanges bounds the nodes that text lists of a model.
const maxChanges = 40

// nodeLimit is the number of changed nodes to list.
func (v View) nodeLimit() int {
	if v.Top > 0 {
		return v.Top
	}
	return v.limit(maxChanges)
}

func (v View) nodeHint() string {
	if v.Top > 0 {
		return fmt.Sprintf("--top %d", v.Top)
	}
	return "-v prints all"
}

// notes are remarks on a model: what is wrong with it, how its figures are meant.
func (d *ModelDiff) notes() []string {
	var out []string
	for _, s := range d.sides() {
		if s.Side != nil && s.Err != nil {
			out = append(out, s.name+": "+s.Err.Error())
		}
	}
	return append(out, d.inexact()...)
}

// warnings are those of both estimates, each once.
func (e *energyDiff) warnings() []string {
	var out []string
	for _, side := range []*Estimate{e.old, e.new} {
		if side == nil {
			continue
		}
		for _, w := range side.Warnings {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// totalsTable lists the totals that differ, all of an added or removed model, and
// the estimates.
func (d *ModelDiff) totalsTable() table {
	t := table{head: []string{"total", "old", "new", "new - old", "change"}, right: []bool{false, true, true, true, true}}
	for _, p := range d.totals {
		if !p.same() || !d.comparable() {
			t.rows = append(t.rows, d.row(p.name, p.pair))
		}
	}
	for i := range d.energy {
		e := &d.energy[i]
		for _, q := range e.quantities() {
			t.rows = append(t.rows, []string{q.group + ", " + q.name, q.old.text(q.unit), q.new.text(q.unit), q.deltaText(), e.verdict()})
		}
	}
	return t
}

// comparable reports whether both sides are there in full, so that equal totals say
// nothing.
func (d *ModelDiff) comparable() bool {
	return d.Old.has() && d.New.has() && d.Old.Status != counters.Incomplete && d.New.Status != counters.Incomplete
}

// row prints a figure of both sides; of a side that is not there nothing.
func (d *ModelDiff) row(name string, p pair) []string {
	row := []string{name, d.Old.at(p.a), d.New.at(p.b), "", ""}
	if d.Old.has() && d.New.has() {
		row[3], row[4] = p.delta(), p.percentText()
	}
	return row
}

func (d *ModelDiff) opsTable() table {
	t := table{head: []string{"operator", "nodes old", "nodes new", "params old", "params new", "MACs old", "MACs new", "new - old", "change"},
		right: []bool{false, true, true, true, true, true, true, true, true}}
	for _, r := range d.ops {
		t.rows = append(t.rows, append([]string{r.name, amount(r.nodes.a), amount(r.nodes.b), amount(r.params.a), amount(r.params.b)}, d.row("", r.macs)[1:]...))
	}
	return t
}

func (d *ModelDiff) nodesTable(v View) table {
	t := table{head: []string{"change", "node", "operator", "MACs old", "MACs new", "what"}, right: []bool{false, false, false, true, true, false}}
	for _, c := range d.largestFirst()[:min(len(d.nodes), v.nodeLimit())] {
		t.rows = append(t.rows, []string{string(c.Kind), middle(plain(c.Either().Path), 48), end(plain(qualified(c.Either().Domain, c.Either().Op)), 28),
			nodeMACs(c.Old), nodeMACs(c.New), whatChanged(c)})
	}
	return t
}

// largestFirst orders the nodes by how many multiply-accumulates come or go with them,
// then as they stand.
func (d *ModelDiff) largestFirst() []*diff.Change {
	list := make([]*diff.Change, len(d.nodes))
	weight := map[*diff.Change]*big.Int{}
	for i := range d.nodes {
		c := &d.nodes[i]
		var p pair
		if c.Old != nil {
			p.a = c.Old.MACs()
		}
		if c.New != nil {
			p.b = c.New.MACs()
		}
		list[i] = c
		weight[c] = new(big.Int).Abs(magnitude(p.b.Sub(p.a)))
	}
	slices.SortStableFunc(list, func(x, y *diff.Change) int { return weight[y].Cmp(weight[x]) })
	return list
}

// nodeMACs prints the work of a node, ? when it is not known.
func nodeMACs(n *diff.Node) string {
	switch {
	case n == nil:
		return ""
	case uncertain(n.State):
		return "?"
	}
	return amount(n.MACs())
}

// widestOutputs bounds the types and shapes of a node's outputs in a table.
const widestOutputs = 60

// whatChanged says of a node in words what no column shows.
func whatChanged(c *diff.Change) string {
	old, new := c.Old, c.New
	if old == nil || new == nil {
		return end(plain(c.Either().Outputs), widestOutputs)
	}
	var out []string
	if old.Path != new.Path {
		out = append(out, "was "+middle(plain(old.Path), 48))
	}
	if old.Op != new.Op || old.Domain != new.Domain {
		out = append(out, "was "+plain(qualified(old.Domain, old.Op)))
	}
	if old.Outputs != new.Outputs {
		out = append(out, end(plain(old.Outputs), widestOutputs)+" -> "+end(plain(new.Outputs), widestOutputs))
	}
	if old.State != new.State {
		out = append(out, stateName(old.State)+" -> "+stateName(new.State))
	}
	for _, f := range []struct {
		name string
		pair
	}{{"params", pair{old.Params, new.Params}}, {"flops", pair{old.FLOPs(), new.FLOPs()}}, {"bytes", pair{old.Bytes, new.Bytes}}} {
		if !f.same() && len(out) == 0 {
			out = append(out, fmt.Sprintf("%s %s -> %s", f.name, amount(f.a), amount(f.b)))
		}
	}
	return strings.Join(out, ", ")
}

// quantity is the energy or the CO2e of both sides.
type quantity struct {
	group, name, zone, figure, unit string
	old, new                        reading
}

// reading is an estimated figure of one side.
type reading struct {
	there, known bool
	value        float64
}

// quantities lists the energy of an estimate and what it emits in each zone.
func (e *energyDiff) quantities() []quantity {
	one := e.either()
	read := func(side *Estimate, of func(*Estimate) float64) reading {
		switch {
		case side == nil:
			return reading{}
		case side.Missing != "":
			return reading{there: true}
		}
		return reading{true, true, of(side)}
	}
	joules := func(e *Estimate) float64 { return e.Joules }
	out := []quantity{{"energy", e.setting(), "", "joules", "J", read(e.old, joules), read(e.new, joules)}}
	for k := range one.Emissions {
		grams := func(e *Estimate) float64 { return e.Emissions[k].Grams }
		zone := plain(one.Emissions[k].Zone.ID)
		out = append(out, quantity{"carbon", one.GPU + " " + zone, zone, "grams", "g", read(e.old, grams), read(e.new, grams)})
	}
	return out
}

// setting names device, precision and mode.
func (e *energyDiff) setting() string {
	one := e.either()
	precision := one.Precision
	if e.old != nil && e.old.Precision != precision {
		precision = e.old.Precision + " -> " + precision
	}
	return one.GPU + " " + precision + " " + one.Mode
}

func (r reading) text(unit string) string {
	switch {
	case !r.there:
		return ""
	case !r.known:
		return "not known"
	}
	return si(r.value, unit)
}

// delta returns new - old when both are known.
func (q *quantity) delta() (float64, bool) {
	return q.new.value - q.old.value, q.old.known && q.new.known
}

func (q *quantity) deltaText() string {
	d, ok := q.delta()
	switch {
	case !ok:
		return ""
	case d > 0:
		return "+" + si(d, q.unit)
	}
	return si(d, q.unit)
}

package render

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/diff"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Diff is the differences between two states of a set of models.
type Diff struct {
	Tool       Tool
	Convention string
	Old, New   string // what the states are called: a file, a folder, a revision
	Models     []*ModelDiff
}

// Change says what happened to a model.
type Change string

// The changes of a model.
const (
	Unchanged    Change = "unchanged"
	ChangedModel Change = "changed"
	AddedModel   Change = "added"
	RemovedModel Change = "removed"
	BrokenModel  Change = "broken" // a side cannot be read
)

// Changes lists the changes in the order of summaries.
var Changes = []Change{BrokenModel, ChangedModel, AddedModel, RemovedModel, Unchanged}

// Side is a model in one of the states: counted, or what is wrong with it.
type Side struct {
	Path   string
	Status counters.Status // "" of a model that cannot be read
	Err    error
	report *Report
}

// NewSide makes a side of a report, or of the error in its place.
func NewSide(path string, r *Report, err error) *Side {
	s := &Side{Path: path, Err: err, report: r}
	if r != nil {
		s.Status = r.Coverage.Status
	}
	return s
}

// ModelDiff is the differences of one model. It does not keep the reports.
type ModelDiff struct {
	Path     string
	Change   Change
	Old, New *Side // nil where the model is not there

	totals []namedPair
	ops    []compareRow
	nodes  []diff.Change
	energy []energyDiff
}

// energyDiff is an estimate of both sides; old or new may be nil.
type energyDiff struct {
	old, new *Estimate
	ratio    *energy.Ratio // nil unless both are estimates
}

// NewModelDiff compares two sides, of which one may be nil.
func NewModelDiff(path string, old, new *Side) *ModelDiff {
	d := &ModelDiff{Path: path, Old: old, New: new}
	a, b := old.take(), new.take()
	switch {
	case old != nil && old.Err != nil || new != nil && new.Err != nil:
		d.Change = BrokenModel
		return d
	case old == nil:
		d.Change, a = AddedModel, emptyLike(b)
	case new == nil:
		d.Change, b = RemovedModel, emptyLike(a)
	}
	c := Comparison{a, b}
	d.totals = c.totalPairs()
	related := false
	if d.Change == "" {
		d.ops = slices.DeleteFunc(c.rows(View{By: "op"}), func(r compareRow) bool { return !slices.ContainsFunc(r.figures(), namedPair.differs) })
		found := diff.Nodes(a.Report, b.Report)
		d.nodes, related = found.Changes, found.Related
		d.Change = d.judge()
	}
	d.compareEnergy(a, b, related)
	return d
}

// take hands the report over: a side does not keep it.
func (s *Side) take() *Report {
	if s == nil {
		return nil
	}
	r := s.report
	s.report = nil
	return r
}

// emptyLike stands for the side on which there is no model.
func emptyLike(r *Report) *Report {
	return &Report{Report: &counters.Report{}, Estimates: make([]Estimate, len(r.Estimates))}
}

// judge tells a changed model from an unchanged one.
func (d *ModelDiff) judge() Change {
	if len(d.nodes) > 0 || d.Old.Status != d.New.Status || slices.ContainsFunc(d.totals, namedPair.differs) {
		return ChangedModel
	}
	return Unchanged
}

func (p pair) same() bool { return p.a.Equal(p.b) }

func (p namedPair) differs() bool { return !p.same() }

func (d *ModelDiff) compareEnergy(a, b *Report, related bool) {
	for i := range b.Estimates {
		e := energyDiff{&a.Estimates[i], &b.Estimates[i], nil}
		switch d.Change {
		case AddedModel:
			e.old = nil
		case RemovedModel:
			e.new = nil
		default:
			if e.old.Missing == "" && e.new.Missing == "" {
				r := energy.RatioOf(e.old.Result, e.new.Result, related)
				e.ratio = &r
			}
		}
		d.energy = append(d.energy, e)
	}
}

// either is the estimate of the new side, or of the only one there is.
func (e *energyDiff) either() *Estimate {
	if e.new != nil {
		return e.new
	}
	return e.old
}

// verdict prints the change of an estimate: a percentage, or ~ where it lies inside
// the error that the two do not share.
func (e *energyDiff) verdict() string {
	switch {
	case e.ratio == nil:
		return ""
	case !e.ratio.Clear():
		return "~"
	}
	return percent(e.ratio.Value)
}

// percent prints a ratio as a change: "+12.5%".
func percent(ratio float64) string {
	s := strconv.FormatFloat(100*(ratio-1), 'f', 2, 64)
	switch {
	case s == "0.00" || s == "-0.00":
		return map[bool]string{true: "<+0.01%", false: ">-0.01%"}[ratio > 1]
	case ratio > 1:
		return "+" + s + "%"
	}
	return s + "%"
}

// percentText prints the change of a figure, "" where it is not one number.
func (p pair) percentText() string {
	r, ok := p.ratio()
	if !ok || p.same() {
		return ""
	}
	return percent(r)
}

// has reports whether a side was counted.
func (s *Side) has() bool { return s != nil && s.Err == nil }

// namedSide is one of the two.
type namedSide struct {
	name string
	*Side
}

func (d *ModelDiff) sides() []namedSide { return []namedSide{{"old", d.Old}, {"new", d.New}} }

// at prints a figure of a side: nothing if it is not there, at least so much if
// the side is incomplete.
func (s *Side) at(d graph.Dim) string {
	switch {
	case !s.has():
		return ""
	case s.Status == counters.Incomplete:
		return "≥ " + side(d)
	}
	return side(d)
}

// inexact says of the sides whose totals are no exact numbers how they are meant.
func (d *ModelDiff) inexact() (notes []string) {
	for _, s := range d.sides() {
		if !s.has() {
			continue
		}
		switch s.Status {
		case counters.Incomplete:
			notes = append(notes, fmt.Sprintf("%s: incomplete, the totals are at least these and the differences those of what is counted", s.name))
		case counters.Bound:
			notes = append(notes, fmt.Sprintf("%s: sizes or branches depend on data, the totals are upper bounds", s.name))
		}
	}
	return notes
}

// count returns how many models changed so.
func (d *Diff) count(c Change) int {
	n := 0
	for _, m := range d.Models {
		if m.Change == c {
			n++
		}
	}
	return n
}

// summary prints the number of models by change: "3 models: 1 changed, 2 unchanged".
func (d *Diff) summary() string {
	s := fmt.Sprintf("%d models", len(d.Models))
	if len(d.Models) == 1 {
		s = "1 model"
	}
	sep := ": "
	for _, c := range Changes {
		if n := d.count(c); n > 0 {
			s += fmt.Sprintf("%s%d %s", sep, n, c)
			sep = ", "
		}
	}
	return s
}

package budget

import (
	"errors"
	"math/big"
	"slices"
	"strconv"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Budget is one limit, how much it matters, and where it stands.
type Budget struct {
	Rule   Rule
	Level  Level
	Limit  Limit
	Source string // FlagSource or "FILE:LINE"
}

// FlagSource is the source of a limit that was given on the command line.
const FlagSource = "--budget"

// Policy is what one model is held to.
type Policy struct {
	Budgets []Budget
	Ops     *OpsLimit // nil: any operator
	// Strict holds the upper bound of an estimate to its limit, not its point.
	Strict bool
}

// Priced reports whether a budget needs an estimate.
func (p *Policy) Priced() bool {
	return slices.ContainsFunc(p.Budgets, func(b Budget) bool { return b.Rule.Priced() })
}

// Price is an estimate that energy and carbon budgets are held to.
type Price struct {
	Of      string // the device and how it runs
	Missing string // why there is no estimate; "" if there is one
	Joules  Estimate
	Grams   Estimate
	Parts   []Contributor // of the joules
}

// Estimate is a point with its upper bound.
type Estimate struct{ Point, Hi float64 }

// Measured is what is known of a model.
type Measured struct {
	*counters.Report
	Price *Price // nil: no GPU is given
	// Key and With name the model and how it is counted in a baseline.
	Key, With string
	// Baseline is what relative limits refer to; nil: there is none.
	Baseline *Baseline
	// Flags are the words of a command line that counts the model as it was counted.
	Flags []string
	// Accept takes what is measured for the baseline.
	Accept bool

	now *Measure
}

// measure is what the model is measured at: every total that is known.
func (m *Measured) measure() *Measure {
	out := &Measure{With: m.With, Values: map[Rule]*big.Rat{}}
	if m.Price != nil {
		out.Priced = m.Price.Of
	}
	for _, r := range quantities {
		if r.Priced() && m.Price == nil {
			continue
		}
		if v := m.span(r, false).hi; v != nil {
			out.Values[r] = v
		}
	}
	return out
}

// base is the value that a relative limit refers to, or why there is none.
func (m *Measured) base(r Rule) (*big.Rat, error) {
	b := m.Baseline
	if m.Accept {
		b = &Baseline{Path: "the baseline", Models: map[string]*Measure{m.Key: m.now}}
	}
	if b == nil {
		return nil, errors.New("there is no baseline")
	}
	return b.Value(m.Key, r, m.now)
}

// Judge holds a model to a policy and adds what it finds to a result. A model that
// is not counted in full, or has sizes that are open, passes no budget, not even of a
// total that does not depend on what is missing.
func (p *Policy) Judge(m *Measured, r *Result) {
	whole := true
	m.now = m.measure()
	for _, b := range p.Budgets {
		// Of a growth both ends are points: intervals of one device overlap.
		j := judge{m: m, b: b, file: r.File, span: m.span(b.Rule, p.Strict && !b.Limit.Relative())}
		check, finding := j.run()
		r.Checks = append(r.Checks, check)
		if finding != nil && !r.failed(b) {
			r.Findings = append(r.Findings, *finding)
			whole = whole && (finding.Kind != Incomplete || finding.Level != p.level())
		}
	}
	if p.Ops != nil {
		p.Ops.judge(m.Model, r)
	}
	why, fix := m.missing()
	if why == "" {
		r.Measure = m.now
		return
	}
	if whole {
		r.Findings = append(r.Findings, Finding{File: r.File, Rule: Coverage, Kind: Incomplete, Level: p.level(),
			Message: "not every total is known: " + why, Fix: fix})
	}
}

// failed reports whether a warning would repeat what a limit of level Fail has found.
func (r *Result) failed(b Budget) bool {
	return b.Level == Warn && slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule == b.Rule && f.Level == Fail })
}

// level is the strictest level of the budgets; Fail if there are none.
func (p *Policy) level() Level {
	if len(p.Budgets) == 0 && p.Ops == nil || p.Ops != nil && p.Ops.Level == Fail || slices.ContainsFunc(p.Budgets, func(b Budget) bool { return b.Level == Fail }) {
		return Fail
	}
	return Warn
}

// span is what is known of a value.
type span struct {
	lo, hi   *big.Rat // nil: not known
	why, fix string   // why they differ, and what helps
}

func (m *Measured) span(r Rule, strict bool) span {
	if r.Priced() {
		return m.priced(r, strict)
	}
	return m.total(r)
}

// total is the span of a total: one number when the model is counted and bound.
func (m *Measured) total(r Rule) span {
	lower, upper := column(&m.Lower, r), column(&m.Totals, r)
	lo, hi := counters.Interval(lower, upper)
	s := span{lo: whole(lo), hi: whole(hi)}
	switch {
	case m.Coverage.Status == counters.Incomplete || upper.HasUnknown():
		s.hi = nil
		s.why, s.fix = m.gap()
	case upper.HasOpen():
		s.hi = nil
		s.why, s.fix = m.open(upper)
	case s.hi == nil || s.lo == nil || s.lo.Cmp(s.hi) != 0:
		s.why, s.fix = "it depends on data", m.dataFix(upper)
	}
	return s
}

func column(t *counters.Totals, r Rule) graph.Dim {
	for _, c := range t.Columns() {
		if c.Name == r.column() {
			return c.Dim
		}
	}
	return graph.Unknown("no column " + r.column()) // unreachable: a test asks for every rule
}

func whole(n *big.Int) *big.Rat {
	if n == nil {
		return nil
	}
	return new(big.Rat).SetInt(n)
}

// priced is the span of an estimate. Of a model that is not counted in full it is
// the least that it takes.
func (m *Measured) priced(r Rule, strict bool) span {
	switch {
	case m.Price == nil:
		return span{why: "no GPU is given to estimate it on", fix: "add --gpu ID (a list of them: onnxmeter gpus)"}
	case m.Price.Missing != "":
		_, fix := m.gap()
		return span{why: m.Price.Missing, fix: fix}
	}
	e := m.Price.Joules
	if r == Carbon {
		e = m.Price.Grams
	}
	v := e.Point
	if strict {
		v = e.Hi
	}
	s := span{lo: Decimal(v), hi: Decimal(v)}
	if m.Coverage.Status == counters.Incomplete {
		s.hi = nil
		s.why, s.fix = m.gap()
	}
	return s
}

// Decimal is the shortest decimal number that stands for a float: what is written to
// a baseline and read again compares equal.
func Decimal(v float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	if !ok {
		return nil // not finite
	}
	return r
}

package budget

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

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
	// Baseline returns the value of a rule in the baseline, or why there is none
	// that can be compared with; nil: there is no baseline.
	Baseline func(Rule) (*big.Rat, error)
}

// Judge holds a model to a policy and adds what it finds to a result.
func (p *Policy) Judge(m *Measured, r *Result) {
	whole := true
	for _, b := range p.Budgets {
		j := judge{m: m, b: b, file: r.File, span: p.span(m, b.Rule)}
		check, finding := j.run()
		r.Checks = append(r.Checks, check)
		if finding != nil {
			r.Findings = append(r.Findings, *finding)
			whole = whole && finding.Kind != Incomplete
		}
	}
	if m.Coverage.Status == counters.Incomplete && whole {
		why, fix := m.gap()
		r.Findings = append(r.Findings, Finding{File: r.File, Rule: Coverage, Kind: Incomplete, Level: p.level(),
			Message: "not every node is counted: " + why, Fix: fix})
	}
}

// level is the strictest level of the budgets.
func (p *Policy) level() Level {
	if len(p.Budgets) > 0 && !slices.ContainsFunc(p.Budgets, func(b Budget) bool { return b.Level == Fail }) {
		return Warn
	}
	return Fail
}

// span is what is known of a value.
type span struct {
	lo, hi   *big.Rat // nil: not known
	why, fix string   // why they differ, and what helps
}

func (p *Policy) span(m *Measured, r Rule) span {
	if r.Priced() {
		return m.priced(r, p.Strict)
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

// gap says which part of a model is not counted, and what helps.
func (m *Measured) gap() (why, fix string) {
	c := &m.Coverage
	switch {
	case len(c.Uncounted) > 0:
		u := c.Uncounted[0]
		name := graph.Quote(strings.TrimPrefix(u.Domain+"."+u.Op, "."))
		return fmt.Sprintf("operator %s has no rule%s", name, more(len(c.Uncounted)-1, "operator")),
			"describe the operator in a file of rules (docs/rules.md): --rules FILE"
	case len(c.Unresolved) > 0:
		u := c.Unresolved[0]
		at := ""
		if u.Node != "" {
			at = fmt.Sprintf("node %q: ", graph.Clip(u.Node))
		}
		return at + u.Why + more(len(c.Unresolved)-1, "node"), m.bind(nil)
	}
	return "a size is not known", m.bind(nil)
}

func more(n int, what string) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return fmt.Sprintf(" (and 1 more %s)", what)
	}
	return fmt.Sprintf(" (and %d more %ss)", n, what)
}

// open says which sizes of a formula are open.
func (m *Measured) open(d graph.Dim) (why, fix string) {
	names := d.SymbolsOf(graph.Open)
	return fmt.Sprintf("size %q is open%s", graph.Clip(names[0]), more(len(names)-1, "size")), m.bind(names)
}

func (m *Measured) dataFix(d graph.Dim) string {
	if names := d.SymbolsOf(graph.Data); len(names) > 0 {
		return m.bind(names)
	}
	return "raise the limit to the upper bound, or make the branch constant"
}

// bind lists the flags that bind sizes; nil: all that are open.
func (m *Measured) bind(names []string) string {
	var flags []string
	for _, s := range m.Free {
		if s.Flag != "" && (names == nil || slices.Contains(names, s.Name)) && !slices.Contains(flags, s.Flag) {
			flags = append(flags, s.Flag)
		}
	}
	if len(flags) == 0 {
		return "give the inputs their shapes: --input NAME:1x3x224x224"
	}
	return "bind it: " + strings.Join(flags, " ")
}

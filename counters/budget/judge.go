package budget

import (
	"fmt"
	"math/big"
	"strings"
)

// judge holds one value to one limit.
type judge struct {
	m    *Measured
	b    Budget
	file string
	span span
}

func (j *judge) run() (Check, *Finding) {
	c := Check{Rule: j.b.Rule, Level: j.b.Level, Source: j.b.Source, Value: j.span.hi}
	if c.Value == nil {
		c.Value = j.span.lo
	}
	f := &Finding{File: j.file, Rule: j.b.Rule, Kind: Incomplete, Level: j.b.Level, Value: c.Value, Source: j.b.Source}
	base, err := j.base()
	if err != nil {
		f.Message, f.Fix = err.Error(), j.check("--update-baseline")
		return c, f
	}
	limit := j.b.Limit.At(j.b.Rule, base)
	c.Limit, f.Limit = limit, limit
	switch {
	case j.span.hi != nil && j.span.hi.Cmp(limit) <= 0:
		c.Passed = true
		return c, nil
	case j.span.lo != nil && j.span.lo.Cmp(limit) > 0:
		f.Kind = Over
	}
	if c.Value != nil && c.Value.Cmp(limit) > 0 {
		f.Over = new(big.Rat).Sub(c.Value, limit)
	}
	j.word(f, base)
	if f.Value != nil {
		f.Contributors = j.m.contributors(j.b.Rule)
	}
	return c, f
}

// base is the baseline of a relative limit.
func (j *judge) base() (*big.Rat, error) {
	if !j.b.Limit.Relative() {
		return nil, nil
	}
	base, err := j.m.base(j.b.Rule)
	if err != nil {
		return nil, fmt.Errorf("the limit %s needs a baseline: %w", j.b.Limit, err)
	}
	return base, nil
}

// word fills Message and Fix.
func (j *judge) word(f *Finding, base *big.Rat) {
	r := j.b.Rule
	limit := "the limit of " + Format(r, f.Limit)
	switch written := fmt.Sprint(j.b.Limit); {
	case j.b.Limit.Relative():
		limit += fmt.Sprintf(" (%s of the baseline's %s)", written, Format(r, base))
	case written != exact(f.Limit):
		limit += fmt.Sprintf(" (%s)", written)
	}
	if f.Kind == Over {
		atLeast := ""
		f.Fix = j.accept(f.Value)
		if j.span.hi == nil { // no limit is known that would let it pass
			atLeast, f.Fix = "at least ", j.span.fix
		}
		f.Message = fmt.Sprintf("%s%s is over %s by %s", atLeast, Format(r, f.Value), limit, Format(r, f.Over))
		return
	}
	f.Fix = j.span.fix
	switch {
	case j.span.lo != nil && j.span.hi != nil:
		f.Message = fmt.Sprintf("from %s to %s, which may be over %s: %s", Format(r, j.span.lo), Format(r, j.span.hi), limit, j.span.why)
	case j.span.lo != nil:
		f.Message = fmt.Sprintf("at least %s, which may be over %s: %s", Format(r, j.span.lo), limit, j.span.why)
	default:
		f.Message = fmt.Sprintf("not known, so it may be over %s: %s", limit, j.span.why)
	}
}

// accept is the command or the edit that lets a value pass.
func (j *judge) accept(v *big.Rat) string {
	switch {
	case j.b.Limit.Relative():
		return j.check("--update-baseline")
	case j.b.Source == FlagSource:
		return j.check(fmt.Sprintf("--budget %s=%s", j.b.Rule, exact(v)))
	}
	return fmt.Sprintf("set %s: %s at %s", j.b.Rule, exact(v), j.b.Source)
}

// check is a command that checks this model alone, counted as it was.
func (j *judge) check(what string) string {
	words := []string{"onnxmeter check", what}
	for _, w := range j.m.Flags {
		words = append(words, shellQuote(w))
	}
	return strings.Join(append(words, fileWord(j.file)), " ")
}

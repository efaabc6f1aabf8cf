package main

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// compareConventions prints one model as several conventions count it.
func (a *app) compareConventions(c *compareFlags, model string) error {
	if c.rules.convention.Name != convention.Default {
		return usagef("both --convention and --conventions (expected one)")
	}
	if c.figure < 0 {
		return usagef("--figure %d (expected 1 or more)", c.figure)
	}
	if _, err := pickConventions(c.conventions); err != nil {
		return err
	}
	reports, err := a.countExactly(1, []string{model}, &c.bind, counting(&c.rules, new(pricing), false))
	if err != nil {
		return err
	}
	return a.emit(&c.out, tableKinds, func(s sink) error {
		list, err := pickConventions(c.conventions)
		if err != nil {
			return err
		}
		return render.CompareConventions(s.w, s.kind, &render.ConventionComparison{Report: reports[0], Results: list, Printed: c.figure}, a.colored(s.w))
	})
}

// pickConventions looks names with commas between them up; "all" is every convention.
func pickConventions(names string) ([]*convention.Result, error) {
	var out []*convention.Result
	if names == "all" {
		names = strings.Join(convention.Names(), ",")
	}
	for _, name := range strings.Split(names, ",") {
		c, err := convention.Lookup(strings.TrimSpace(name))
		if err != nil {
			return nil, asUsage(err)
		}
		out = append(out, c.Measure())
	}
	return out, nil
}

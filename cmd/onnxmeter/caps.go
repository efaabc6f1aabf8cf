package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// capsFlags are the flags of caps.
type capsFlags struct {
	costs       []string
	most, least string
	rows        rowFlags
	caption     captionFlags
	out         outputFlags
}

var capsKinds = []string{"text", "json", "csv", "markdown", "latex"}

func (c *capsFlags) register(f *pflag.FlagSet) {
	section(f, "Question", func(f *pflag.FlagSet) {
		f.Var((*list)(&c.costs), "cost", "a cost, less is better: a column or an `EXPR` over columns; repeatable")
		f.StringVar(&c.most, "score", "", "the score, more is better: a column or an `EXPR`")
		f.StringVar(&c.least, "score-min", "", "the score, where less is better: a column or an `EXPR`")
	})
	c.rows.register(f)
	section(f, "Output", func(f *pflag.FlagSet) {
		c.out.register(f, capsKinds...)
		c.caption.register(f)
	})
}

// capsCommand prints the best score under a cap on each cost.
func (a *app) capsCommand() *cobra.Command {
	var c capsFlags
	cmd := &cobra.Command{
		Use:   "caps {TABLE.csv | MODEL...} --cost COLUMN --score COLUMN",
		Short: "Find the best score under a cap on a cost: its maximum, median and 25 % quantile",
		Long: `Find the best score under a cap on a cost: its maximum, median and 25 % quantile.

A quantile is linear between the sorted values, at position p*(n - 1) from 0 (type 7, the default of
NumPy, R and spreadsheets). A row is under a cap if its cost is at most the cap. Of rows with equal
scores the cheapest is named, then the first; the others are listed as tied.`,
		Example: `  onnxmeter caps systems.csv --cost macs --cost energy --score psds
  onnxmeter caps systems.csv --cost energy --score-min wer --drop-missing -f latex`,
		Args: needRows,
		RunE: func(_ *cobra.Command, args []string) error { return a.caps(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

// score returns the score with its direction.
func (c *capsFlags) score() (tradeoff.Objective, string, error) {
	switch {
	case c.most != "" && c.least != "":
		return tradeoff.Objective{}, "", usagef("both --score and --score-min are given")
	case c.most != "":
		return tradeoff.Objective{Name: c.most, Max: true}, "--score", nil
	case c.least != "":
		return tradeoff.Objective{Name: c.least}, "--score-min", nil
	}
	return tradeoff.Objective{}, "", usagef("no score is given (expected --score COLUMN)")
}

func (a *app) caps(c *capsFlags, args []string) error {
	if len(c.costs) == 0 {
		return usagef("no cost is given (expected --cost COLUMN)")
	}
	score, flag, err := c.score()
	if err != nil {
		return err
	}
	t, err := a.table(&c.rows, args)
	if err != nil {
		return err
	}
	if _, err := t.Column(score.Name, nil); err != nil {
		return objectiveError(flag, err)
	}
	out := &render.Caps{Score: score, Caption: c.caption.text, Label: c.caption.label}
	for _, cost := range c.costs {
		set, err := t.Set([]tradeoff.Objective{{Name: cost}, score}, c.rows.drop)
		if err != nil {
			return objectiveError("--cost", err)
		}
		a.sayDropped(set.Dropped)
		out.Costs = append(out.Costs, render.CostCaps{Set: set, Caps: set.Caps()})
	}
	return a.emitTable(&c.out, capsKinds, args, c.rows.join, func(s sink) error { return out.Write(s.w, s.kind, a.colored(s.w)) })
}

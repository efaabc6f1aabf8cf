package main

import (
	"cmp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// compareGroupings are the values of compare's --by.
var compareGroupings = []string{"op", "module"}

// compareFlags are the flags of compare.
type compareFlags struct {
	bind        bindFlags
	rules       ruleFlags
	out         outputFlags
	view        viewFlags
	conventions string // names of conventions; "" for two models
	figure      int64  // of a tool; 0 for none
}

func (c *compareFlags) register(f *pflag.FlagSet) {
	section(f, "Sizes", c.bind.register)
	section(f, "Rules of counting", func(f *pflag.FlagSet) {
		c.rules.register(f)
		f.StringVar(&c.conventions, "conventions", "", "one model by each of the conventions `LIST`: names with commas between them, or all")
		f.Int64Var(&c.figure, "figure", 0, "explain what a tool of --conventions printed, the integer `N`")
	})
	section(f, "Table", func(f *pflag.FlagSet) {
		f.StringVar(&c.view.By, "by", "", "group by `G`: "+orList(compareGroupings)+" (default both)")
		f.IntVar(&c.view.Depth, "depth", 0, "`N` levels of the module tree, not with --by op; 0: as many as fit")
		f.IntVar(&c.view.Top, "top", 0, "`N` rows of a table; 0: all")
	})
	section(f, "Output", func(f *pflag.FlagSet) { c.out.register(f, tableKinds...) })
}

// models refuses a number of models that the flags cannot take.
func (c *compareFlags) models(_ *cobra.Command, args []string) error {
	switch {
	case c.conventions != "" && len(args) != 1:
		return usagef("%d models (expected one with --conventions)", len(args))
	case c.conventions == "" && c.figure != 0:
		return usagef("--figure needs --conventions")
	case c.conventions == "" && len(args) != 2:
		return usagef("%d models (expected two, or one with --conventions LIST)", len(args))
	}
	return nil
}

func (c *compareFlags) check() error {
	return cmp.Or(c.view.check(compareGroupings), c.rules.check())
}

// compareCommand prints two counts side by side.
func (a *app) compareCommand() *cobra.Command {
	var c compareFlags
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Count two models side by side, or one as several tools count it",
		Example: `  onnxmeter compare fp32.onnx int8.onnx --by op
  onnxmeter compare resnet50.onnx --conventions all
  onnxmeter compare vit.onnx --conventions fvcore,thop -f json
  onnxmeter compare encodec.onnx --conventions thop --figure 631603200`,
		Args: c.models,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := c.check(); err != nil {
				return err
			}
			if c.conventions != "" {
				return a.compareConventions(&c, args[0])
			}
			return a.compare(&c, args)
		},
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) compare(c *compareFlags, args []string) error {
	reports, err := a.countExactly(2, args, &c.bind, counting(&c.rules, new(pricing), false))
	if err != nil {
		return err
	}
	both := &render.Comparison{A: reports[0], B: reports[1]}
	return a.emit(&c.out, tableKinds, func(s sink) error {
		view := c.view.View
		view.Color = a.colored(s.w)
		return render.Compare(s.w, s.kind, both, groupingsOf(view.By, both), view)
	})
}

// groupingsOf returns the tables to print: the one asked for, or all that there is
// something to say in.
func groupingsOf(by string, c *render.Comparison) []string {
	switch {
	case by != "":
		return []string{by}
	case render.HasModules(c.A.Report) || render.HasModules(c.B.Report):
		return compareGroupings
	}
	return compareGroupings[:1]
}

package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// compareGroupings are the values of compare's --by.
var compareGroupings = []string{"op", "module"}

// compareCommand prints two counts side by side.
func (a *app) compareCommand() *cobra.Command {
	var (
		bind   bindFlags
		rules  ruleFlags
		out    outputFlags
		view   render.View
		names  string // of conventions
		figure int64
	)
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Count two models side by side, or one as several tools count it",
		Example: `  onnxmeter compare fp32.onnx int8.onnx --by op
  onnxmeter compare resnet50.onnx --conventions all
  onnxmeter compare vit.onnx --conventions fvcore,thop -f json
  onnxmeter compare encodec.onnx --conventions thop --figure 631603200`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case names != "" && len(args) != 1:
				return usagef("%d models (expected one with --conventions)", len(args))
			case names == "" && figure != 0:
				return usagef("--figure needs --conventions")
			case names == "" && len(args) != 2:
				return usagef("%d models (expected two, or one with --conventions LIST)", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if view.By != "" && view.By != "op" && view.By != "module" {
				return unknownName("--by", view.By, compareGroupings)
			}
			if view.Depth < 0 || view.Top < 0 {
				return usagef("--depth and --top are not negative")
			}
			if err := rules.check(); err != nil {
				return err
			}
			if names != "" {
				return a.compareConventions(args[0], names, figure, &bind, &rules, &out)
			}
			return a.compare(args, &bind, &rules, &out, view)
		},
	}
	section(cmd.Flags(), "Sizes", bind.register)
	section(cmd.Flags(), "Rules of counting", func(f *pflag.FlagSet) {
		rules.register(f)
		f.StringVar(&names, "conventions", "", "one model by each of the conventions `LIST`: names with commas between them, or all")
		f.Int64Var(&figure, "figure", 0, "explain what a tool of --conventions printed, the integer `N`")
	})
	section(cmd.Flags(), "Table", func(f *pflag.FlagSet) {
		f.StringVar(&view.By, "by", "", "group by `G`: "+orList(compareGroupings)+" (default both)")
		f.IntVar(&view.Depth, "depth", 0, "`N` levels of the module tree; 0: as many as fit")
		f.IntVar(&view.Top, "top", 0, "`N` rows of a table; 0: all")
	})
	section(cmd.Flags(), "Output", func(f *pflag.FlagSet) { out.register(f, tableKinds...) })
	return cmd
}

func (a *app) compare(args []string, bind *bindFlags, rules *ruleFlags, out *outputFlags, view render.View) error {
	reports, err := a.countExactly(2, args, bind, counting(rules, new(pricing), false))
	if err != nil {
		return err
	}
	c := &render.Comparison{A: reports[0], B: reports[1]}
	return a.emit(out, tableKinds, func(s sink) error {
		view.Color = a.colored(s.w)
		return render.Compare(s.w, s.kind, c, groupingsOf(view.By, c), view)
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

package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// paretoFlags are the flags of pareto.
type paretoFlags struct {
	objectives []tradeoff.Objective
	ref        numbers
	knee       bool
	price      priceFlags
	rows       rowFlags
	picture    pictureFlags
	caption    captionFlags
	out        outputFlags
}

var paretoKinds = []string{"text", "json", "csv", "latex", "svg"}

// objectiveList collects the objectives of --min and --max in the order they are given.
type objectiveList struct {
	list *[]tradeoff.Objective
	max  bool
}

func (o objectiveList) String() string { return "" }
func (o objectiveList) Type() string   { return "expression" }
func (o objectiveList) Set(s string) error {
	if slices.ContainsFunc(*o.list, func(p tradeoff.Objective) bool { return p.Name == s }) {
		return fmt.Errorf("%q is an objective already", s)
	}
	*o.list = append(*o.list, tradeoff.Objective{Name: s, Max: o.max})
	return nil
}

// captionFlags name a LaTeX table.
type captionFlags struct{ text, label string }

func (c *captionFlags) register(f *pflag.FlagSet) {
	f.StringVar(&c.text, "caption", "", "`TEXT` of the caption of a LaTeX table")
	f.StringVar(&c.label, "label", "", "`KEY` of the label of a LaTeX table")
}

// pictureFlags say how a front is drawn.
type pictureFlags struct{ x, y, log string }

func (p *pictureFlags) register(f *pflag.FlagSet) {
	f.StringVar(&p.x, "x", "", "the `OBJECTIVE` along the picture (default the first)")
	f.StringVar(&p.y, "y", "", "the `OBJECTIVE` up the picture (default the next)")
	f.StringVar(&p.log, "log", render.LogAxes[0], "logarithmic `AXES` of the picture: "+orList(render.LogAxes)+"; auto: where values span a factor of 30")
}

// picture finds the objectives of the axes: those that are named, else the first two.
func (p *pictureFlags) picture(objectives []tradeoff.Objective) (pic render.Picture, err error) {
	if !slices.Contains(render.LogAxes, p.log) {
		return pic, unknownName("--log", p.log, render.LogAxes)
	}
	names := make([]string, len(objectives))
	for k, o := range objectives {
		names[k] = o.Name
	}
	pic = render.Picture{X: slices.Index(names, p.x), Y: slices.Index(names, p.y), Log: p.log}
	switch {
	case p.x != "" && pic.X < 0:
		return pic, unknownName("--x", p.x, names)
	case p.y != "" && pic.Y < 0:
		return pic, unknownName("--y", p.y, names)
	case p.x != "" && p.x == p.y:
		return pic, usagef("--x and --y are both %q", p.x)
	}
	other := func(taken int) int {
		return slices.IndexFunc(names, func(n string) bool { return taken < 0 || n != names[taken] })
	}
	if pic.X < 0 {
		pic.X = other(pic.Y)
	}
	if pic.Y < 0 {
		pic.Y = other(pic.X)
	}
	return pic, nil
}

func (p *paretoFlags) register(f *pflag.FlagSet) {
	section(f, "Objectives", func(f *pflag.FlagSet) {
		f.Var(objectiveList{&p.objectives, false}, "min", "an objective, less is better: a column or an `EXPR` over columns such as 1-mos/5; repeatable")
		f.Var(objectiveList{&p.objectives, true}, "max", "an objective, more is better: a column or an `EXPR`; repeatable")
		f.Var(&p.ref, "ref", "the reference of the hypervolume, `V,V...`, one for each objective in their order (default the worst values)")
		f.BoolVar(&p.knee, "knee", false, "name the row of the front that bulges most")
	})
	section(f, "Price of improvement", p.price.register)
	p.rows.register(f)
	section(f, "Output", func(f *pflag.FlagSet) {
		p.out.register(f, paretoKinds...)
		p.caption.register(f)
		p.picture.register(f)
	})
}

// paretoCommand prints the Pareto front of rows.
func (a *app) paretoCommand() *cobra.Command {
	var p paretoFlags
	cmd := &cobra.Command{
		Use:   "pareto {TABLE.csv | MODEL...} --min EXPR --max EXPR",
		Short: "Find the Pareto front of systems, what dominates the rest, and the price of a step",
		Long: `Find the Pareto front of systems, what dominates the rest, and the price of a step.

A system is on the front when none is at least as good in every objective and better in one. Rows come from
a CSV file, or from models: their columns are params, param_bytes, macs, flops, activations, traffic, peak,
kernels, and with --gpu energy (J), seconds and grams. An objective is a column or an expression over columns with + - * / ^,
min, max, log10, log, exp, sqrt, abs, floor and ceil; inside an expression a name with other signs than letters, digits,
_ and . stands in backquotes. A column X beside columns X_lo and X_hi has an interval.`,
		Example: `  onnxmeter pareto systems.csv --min energy --max mos
  onnxmeter pareto systems.csv --min energy --min '1-mos/5' --knee -f svg=front.svg -f latex=front.tex
  onnxmeter pareto models/ --join qualities.csv --min energy --max mos --gpu rtx-4090
  onnxmeter pareto run.csv --min energy_kwh --max score --curve total --worth 0.5kWh/0.01`,
		Args: needRows,
		RunE: func(_ *cobra.Command, args []string) error { return a.pareto(&p, args) },
	}
	p.register(cmd.Flags())
	return cmd
}

// needRows refuses a command line without a table or a model.
func needRows(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("no table and no model is given (expected %s)", cmd.UseLine())
	}
	return nil
}

func (a *app) pareto(p *paretoFlags, args []string) error {
	if len(p.objectives) == 0 {
		return usagef("no objective is given (expected --min EXPR or --max EXPR)")
	}
	if err := p.price.check(p.objectives); err != nil {
		return err
	}
	if len(p.ref) > 0 && len(p.ref) != len(p.objectives) {
		return usagef("--ref has %d values for %d objectives", len(p.ref), len(p.objectives))
	}
	picture, err := p.picture.picture(p.objectives)
	if err != nil {
		return err
	}
	if p.out.wants("svg") && len(p.objectives) < 2 {
		return usagef("a picture needs two objectives")
	}
	t, err := a.table(&p.rows, args)
	if err != nil {
		return err
	}
	// A sum over epochs needs each of them.
	set, err := t.Set(p.objectives, p.rows.drop && p.price.curve != curveEpoch)
	if err != nil {
		return objectiveError("objective", err)
	}
	a.sayDropped(set.Dropped)
	out := &render.Pareto{Set: set, Reference: p.ref, WantKnee: p.knee, Caption: p.caption.text, Label: p.caption.label, Picture: picture}
	if out.Prices, err = a.prices(&p.price, t, set); err != nil {
		return err
	}
	return a.emitTable(&p.out, paretoKinds, args, p.rows.join, func(s sink) error { return out.Write(s.w, s.kind, a.colored(s.w)) })
}

// emitTable is emit for verbs that read tables, which no output may replace.
func (a *app) emitTable(o *outputFlags, kinds, args []string, join string, write func(sink) error) error {
	inputs := []source{{path: join}}
	for _, arg := range args {
		inputs = append(inputs, source{path: arg})
	}
	return a.emitBeside(o, inputs, kinds, write)
}

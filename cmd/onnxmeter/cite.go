package main

import (
	"cmp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// citeFlags are the flags of cite.
type citeFlags struct {
	bind   bindFlags
	energy energyFlags
	rules  ruleFlags
	run    runFlags
	out    outputFlags
	name   string
	set    *pflag.FlagSet
}

func (c *citeFlags) register(f *pflag.FlagSet) {
	c.set = f
	section(f, "Sizes", c.bind.register)
	section(f, "Rules of counting", c.rules.register)
	section(f, "Energy", c.energy.register)
	section(f, "Training, without a model", c.run.register)
	section(f, "Output", func(f *pflag.FlagSet) {
		c.out.register(f, render.CiteKinds...)
		f.StringVar(&c.name, "name", "", "`NAME` of the model in place of the file's")
	})
}

// citeCommand prints what a paper says about a figure.
func (a *app) citeCommand() *cobra.Command {
	var c citeFlags
	cmd := &cobra.Command{
		Use:   "cite [MODEL]",
		Short: "Print a methods paragraph and its BibTeX for a model, or for a training",
		Example: `  onnxmeter cite model.onnx --gpu a100-sxm4-80gb --precision fp16 --zone FRA --pue 1.2
  onnxmeter cite --gpu v100-sxm2-16gb --hours 272 -f latex`,
		RunE: func(_ *cobra.Command, args []string) error { return a.cite(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) cite(c *citeFlags, args []string) error {
	training := c.set.Changed("hours")
	switch {
	case training && len(args) > 0:
		return usagef("both a model and --hours (expected one: a model is one inference, --hours a training)")
	case training:
		return a.citeTraining(c)
	case len(args) != 1:
		return usagef("%d models (expected one, or a training by --hours)", len(args))
	}
	if c.set.Changed("gpus") {
		return usagef("--gpus needs --hours")
	}
	if err := c.rules.check(); err != nil {
		return err
	}
	return a.citeModel(c, args)
}

func (a *app) citeTraining(c *citeFlags) error {
	r, err := c.run.resolve(&c.energy)
	if err != nil {
		return err
	}
	return a.emit(&c.out, render.CiteKinds, func(s sink) error {
		return render.Cite(s.w, s.kind, &render.Citation{Tool: r.Tool, Training: r})
	})
}

func (a *app) citeModel(c *citeFlags, args []string) error {
	pricing, err := c.energy.resolve()
	if err != nil {
		return err
	}
	reports, err := a.countExactly(1, args, &c.bind, counting(&c.rules, pricing, true))
	if err != nil {
		return err
	}
	cited := render.Citation{Tool: pricing.tool(), Report: reports[0], Name: cmp.Or(c.name, baseName(reports[0].Model.Path))}
	return a.emit(&c.out, render.CiteKinds, func(s sink) error { return render.Cite(s.w, s.kind, &cited) })
}

package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// trainFlags are the flags of train.
type trainFlags struct {
	run   runFlags
	site  siteFlags
	out   outputFlags
	names []string
}

// runFlags describe a training by its hardware and time.
type runFlags struct {
	gpus       int64
	hours      float64
	tdp, share float64
	set        *pflag.FlagSet
}

func (r *runFlags) register(f *pflag.FlagSet) {
	r.set = f
	f.Int64Var(&r.gpus, "gpus", 1, "`N` accelerators")
	f.Float64Var(&r.hours, "hours", 0, "`H` hours that they ran")
	f.Float64Var(&r.tdp, "tdp", 0, "`W` watts of one at full power, in place of its datasheet's")
	f.Float64Var(&r.share, "tdp-share", 0, "`S` of 0 to 1, the share of full power that it drew")
}

func (t *trainFlags) register(f *pflag.FlagSet) {
	section(f, "Hardware and time", func(f *pflag.FlagSet) {
		f.Var((*list)(&t.names), "gpu", "the accelerator, `GPU`, an id or alias of onnxmeter gpus")
		t.run.register(f)
	})
	section(f, "Carbon", t.site.register)
	section(f, "Output", func(f *pflag.FlagSet) { t.out.register(f, tableKinds...) })
}

// trainCommand prints what a training takes.
func (a *app) trainCommand() *cobra.Command {
	var t trainFlags
	cmd := &cobra.Command{
		Use:   "train --gpu GPU --hours H [--gpus N]",
		Short: "Estimate the energy and CO2e of a training",
		Example: `  onnxmeter train --gpu v100-sxm2-16gb --hours 272
  onnxmeter train --gpu p100-pcie-16gb --gpus 4 --hours 52 --zone FRA --pue 1.2 -f json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			r, err := t.resolve()
			if err != nil {
				return err
			}
			return a.emit(&t.out, tableKinds, func(s sink) error { return render.Train(s.w, s.kind, r, a.colored(s.w)) })
		},
	}
	t.register(cmd.Flags())
	return cmd
}

// resolve prices a training of which hardware and time are known.
func (t *trainFlags) resolve() (*render.Training, error) {
	r := &render.Training{Tool: tool(), Run: energy.Run{GPUs: t.run.gpus, Watts: t.run.tdp, Hours: t.run.hours, Share: t.run.share}}
	if !t.run.set.Changed("hours") {
		return nil, usagef("train needs --hours")
	}
	if err := t.device(r); err != nil {
		return nil, err
	}
	var err error
	if r.Spent, err = r.Run.Energy(); err != nil {
		return nil, asUsage(err)
	}
	r.Warnings = append(r.Warnings, "accelerators only: processors, memory, network and cooling are not in it (--pue for the site)")
	sites, err := t.site.options()
	if err != nil {
		return nil, err
	}
	for _, o := range sites {
		e, err := r.Spent.Carbon(o)
		if err != nil {
			return nil, asUsage(err)
		}
		r.Emissions = append(r.Emissions, e)
	}
	return r, nil
}

// device finds the accelerator and its full power.
func (t *trainFlags) device(r *render.Training) error {
	given := t.run.set.Changed("tdp")
	switch {
	case len(t.names) > 1:
		return usagef("--gpu is given %d times (a training runs on one kind: its number is --gpus)", len(t.names))
	case len(t.names) == 0 && !given:
		return usagef("train needs --gpu (a list of them: onnxmeter gpus) or --tdp")
	}
	if len(t.names) == 1 {
		d, err := energy.Lookup(t.names[0])
		if err != nil {
			return err
		}
		r.GPU = d.ID
		if !given {
			r.Run.Watts = d.TDP
		}
		if r.Run.Watts == 0 && !given {
			return usagef("no source states the TDP of %s: give it with --tdp", d.ID)
		}
	}
	if t.run.set.Changed("tdp-share") && !(t.run.share > 0) {
		return usagef("--tdp-share %v (expected more than 0 and at most 1)", t.run.share)
	}
	if r.Run.Share == 0 {
		r.Warnings = append(r.Warnings, "full power all the time, the most that they take: 0.5 to 0.95 of it is likely (--tdp-share)")
	}
	return nil
}

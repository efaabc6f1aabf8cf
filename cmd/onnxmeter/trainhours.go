package main

import (
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

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

// resolve prices a training of which hardware and time are known.
func (r *runFlags) resolve(gpus []string, site *siteFlags) (*render.Training, error) {
	t := &render.Training{Tool: tool(), Run: energy.Run{GPUs: r.gpus, Watts: r.tdp, Hours: r.hours, Share: r.share}}
	if err := r.device(t, gpus); err != nil {
		return nil, err
	}
	if err := r.checkShare(); err != nil {
		return nil, err
	}
	if r.share == 0 {
		t.Warnings = append(t.Warnings, "full power all the time, the most that they take: 0.5 to 0.95 of it is likely (--tdp-share)")
	}
	var err error
	if t.Spent, err = t.Run.Energy(); err != nil {
		return nil, asUsage(err)
	}
	t.Warnings = append(t.Warnings, "accelerators only: processors, memory, network and cooling are not in it (--pue for the site)")
	sites, err := site.options()
	if err != nil {
		return nil, err
	}
	t.Emissions, err = emissions(t.Spent, sites)
	return t, err
}

// emissions converts energy at each site.
func emissions(s energy.Spent, sites []energy.CarbonOptions) ([]energy.Emission, error) {
	out := make([]energy.Emission, len(sites))
	for i, o := range sites {
		var err error
		if out[i], err = s.Carbon(o); err != nil {
			return nil, asUsage(err)
		}
	}
	return out, nil
}

// checkShare refuses a share of full power that was given and is none.
func (r *runFlags) checkShare() error {
	if r.set.Changed("tdp-share") && !(r.share > 0 && r.share <= 1) {
		return usagef("--tdp-share %v (expected more than 0 and at most 1)", r.share)
	}
	return nil
}

// device finds the accelerator and its full power.
func (r *runFlags) device(t *render.Training, gpus []string) error {
	given := r.set.Changed("tdp")
	switch {
	case len(gpus) > 1:
		return oneKind(gpus)
	case len(gpus) == 0 && !given:
		return usagef("train needs --gpu (a list of them: onnxmeter gpus) or --tdp")
	case len(gpus) == 0:
		return nil
	}
	d, err := energy.Lookup(gpus[0])
	if err != nil {
		return err
	}
	t.GPU = d.ID
	switch {
	case given:
	case d.TDP == 0:
		return usagef("no source states the TDP of %s: give it with --tdp", d.ID)
	default:
		t.Run.Watts = d.TDP
	}
	return nil
}

func oneKind(gpus []string) error {
	return usagef("--gpu is given %d times (a training runs on one kind: its number is --gpus)", len(gpus))
}

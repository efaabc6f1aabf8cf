package main

import (
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// runFlags describe a training by its hardware and time.
type runFlags struct {
	gpus  int64
	hours float64
}

func (r *runFlags) register(f *pflag.FlagSet) {
	f.Int64Var(&r.gpus, "gpus", 1, "`N` accelerators")
	f.Float64Var(&r.hours, "hours", 0, "`H` hours that they ran")
}

// resolve prices a training of which hardware and time are known.
func (r *runFlags) resolve(e *energyFlags) (*render.Training, error) {
	t := &render.Training{Tool: tool(), Run: energy.Run{GPUs: r.gpus, Watts: e.device.tdp, Hours: r.hours, Share: e.device.share}}
	if err := r.device(t, e); err != nil {
		return nil, err
	}
	if err := e.device.checkShare(); err != nil {
		return nil, err
	}
	if e.device.share == 0 {
		t.Warnings = append(t.Warnings, "full power all the time, the most that they take: 0.5 to 0.95 of it is likely (--tdp-share)")
	}
	var err error
	if t.Spent, err = t.Run.Energy(); err != nil {
		return nil, asUsage(err)
	}
	t.Warnings = append(t.Warnings, "accelerators only: processors, memory, network and cooling are not in it (--pue for the site)")
	sites, err := e.site.options()
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

// device finds the accelerator and its full power: the datasheet's, or that of --tdp.
func (r *runFlags) device(t *render.Training, e *energyFlags) error {
	gpus, given := e.gpus, e.set.Changed("tdp")
	switch {
	case e.device.given():
		return usagef("--peak and --bandwidth say nothing of a training by hours (expected --gpu or --tdp)")
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
	case d.TDP == 0, d.ID == energy.UnknownID:
		return usagef("no source states the TDP of %s: give it with --tdp", d.ID)
	default:
		t.Run.Watts = d.TDP
	}
	return nil
}

func oneKind(gpus []string) error {
	return usagef("--gpu is given %d times (a training runs on one kind: its number is --gpus)", len(gpus))
}

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/graph"
)

// energyFlags say which estimates are wanted.
type energyFlags struct {
	gpus            []string
	precision, mode string
	batch           int64
	model           string
	coefficients    string
	device          deviceFlags
	requests        int64
	site            siteFlags
	set             *pflag.FlagSet
}

func (e *energyFlags) register(f *pflag.FlagSet) {
	e.set = f
	f.Var((*list)(&e.gpus), "gpu", "estimate energy on a `GPU`, an id or alias of onnxmeter gpus; repeatable")
	f.StringVar(&e.precision, "precision", "", "arithmetic `P`: fp32, tf32, fp16, bf16, fp8, int8 or fp16-amp (default: the dtype of most MACs)")
	f.StringVar(&e.mode, "mode", energy.Eager, "execution `M`: eager or fused (compiled)")
	f.Int64Var(&e.batch, "batch", 1, "`N` of them run at once and share weights and launches")
	f.StringVar(&e.model, "energy-model", energy.EnergyModels()[0], "formula `F`: traffic, or the regressions of papers with their own intervals, "+orList(energy.EnergyModels()[1:]))
	f.StringVar(&e.coefficients, "coefficients", "", "a table of your own, a CSV `FILE`; its rows come before the shipped ones")
	e.device.register(f)
	e.site.register(f)
	f.Int64Var(&e.requests, "requests", 0, "what `N` inferences take too")
}

// priced reports whether an accelerator is named or described.
func (e *energyFlags) priced() bool { return len(e.gpus) > 0 || e.device.given() }

// pricing is a checked set of energyFlags.
type pricing struct {
	devices []energy.Device
	options energy.Options
	carbon  []energy.CarbonOptions

	requests int64 // 0: one
}

// resolve looks all names up, so that a typo ends the run before a model is read.
func (e *energyFlags) resolve() (*pricing, error) {
	p := &pricing{options: energy.Options{Precision: e.precision, Mode: e.mode, Batch: float64(e.batch), Model: e.model, TDPShare: e.device.share},
		requests: e.requests}
	if e.batch < 1 {
		return nil, usagef("--batch %d (expected 1 or more)", e.batch)
	}
	if e.set.Changed("requests") && e.requests < 1 {
		return nil, usagef("--requests %d (expected 1 or more)", e.requests)
	}
	var err error
	if p.options.Table, err = readCoefficients(e.coefficients); err != nil {
		return nil, err
	}
	if p.devices, err = e.devices(); err != nil {
		return nil, err
	}
	if _, err := energy.ParseMode(e.mode); err != nil {
		return nil, err
	}
	if !slices.Contains(energy.EnergyModels(), e.model) {
		return nil, unknownName("--energy-model", e.model, energy.EnergyModels())
	}
	if err = e.needGPU(append(pricedOnly, "batch")...); err != nil {
		return nil, err
	}
	p.carbon, err = e.site.options()
	return p, err
}

// devices looks the accelerators of --gpu up, in their order, and adds the one that
// --tdp, --peak and --bandwidth describe.
func (e *energyFlags) devices() ([]energy.Device, error) {
	var out []energy.Device
	for _, g := range e.gpus {
		d, err := energy.Lookup(g)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
		if e.precision != "" {
			if _, _, err := energy.ParsePrecision(e.precision, d); err != nil {
				return nil, err
			}
		}
	}
	if e.device.set.Changed("tdp") && !e.device.given() {
		return nil, usagef("--tdp needs --peak and --bandwidth: the three describe an accelerator of your own")
	}
	if e.device.given() {
		d, err := e.device.device(e.gpus)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, e.device.checkShare()
}

// readCoefficients puts a user's table in front of the shipped one; "" is none.
func readCoefficients(path string) (*energy.Table, error) {
	if path == "" {
		return nil, nil
	}
	t, err := readUserFile("--coefficients", path, energy.LoadCoefficients)
	if err != nil {
		return nil, err
	}
	return energy.Shipped().Merge(t), nil
}

// tool names the versions that a report with these prices rests on.
func (p *pricing) tool() render.Tool {
	t := tool()
	if p.options.Table != nil {
		t.Coefficients = p.options.Table.Version
	}
	return t
}

// pricedOnly are the flags that say nothing without an accelerator.
var pricedOnly = []string{"precision", "mode", "energy-model", "coefficients", "tdp", "tdp-share", "requests", "equivalents", "zone", "intensity", "pue"}

// needGPU refuses flags of a list without an accelerator.
func (e *energyFlags) needGPU(names ...string) error {
	for _, name := range names {
		if !e.priced() && e.set.Changed(name) {
			return usagef("--%s needs --gpu (a list of them: onnxmeter gpus)", name)
		}
	}
	return nil
}

// estimates prices a report on each device.
func (p *pricing) estimates(r *counters.Report) ([]render.Estimate, error) {
	if len(p.devices) == 0 {
		return nil, nil
	}
	o, notes := p.defaults(r)
	missing := ""
	f, err := energy.FromReport(r)
	if err != nil {
		missing = err.Error()
	}
	var out []render.Estimate
	for _, d := range p.devices {
		e, err := estimate(d, f, o, missing)
		if err != nil {
			return nil, err
		}
		if err := reachLower(&e, d, r, o); err != nil {
			return nil, err
		}
		e.Warnings = append(append(append([]string{}, notes...), honesty(r)...), e.Warnings...)
		e.Requests = p.requests
		if roof, ok := o.Roof(d); ok {
			e.Roof, e.Width = roof, energy.Width(e.Precision)/elementWidth(r)
		}
		for _, c := range p.carbon {
			em, err := energy.Carbon(e.Joules, e.Lo, e.Hi, c)
			if err != nil {
				return nil, asUsage(err)
			}
			e.Emissions = append(e.Emissions, em)
		}
		out = append(out, e)
	}
	return out, nil
}

// defaults chooses the precision by the dtype of most MACs when none is given.
func (p *pricing) defaults(r *counters.Report) (energy.Options, []string) {
	o := p.options
	if o.Precision != "" || len(r.ByDType) == 0 || r.ByDType[0].Work.MAC.IsZero() {
		return o, nil
	}
	dtype := r.ByDType[0].Name
	name, ok := energy.DefaultPrecision(dtype)
	o.Precision = name
	if !ok {
		return o, []string{fmt.Sprintf("no coefficient knows %s: priced as fp32", dtype)}
	}
	return o, nil
}

// estimate prices features on a device. What is missing leaves the coefficients
// that would have priced them.
func estimate(d energy.Device, f energy.Features, o energy.Options, missing string) (render.Estimate, error) {
	if missing != "" {
		f = energy.Features{DenseMACs: 1, Activations: 1, EagerKernels: 1, FusedKernels: 1, Classes: true}
	}
	res, err := energy.Estimate(d, f, o)
	var name *energy.NameError
	switch {
	case errors.As(err, &name):
		return render.Estimate{}, err
	case err != nil: // a figure that the datasheet lacks, or more work than a float holds
		missing = err.Error()
		res = energy.Result{GPU: d.ID, Precision: o.Precision, Mode: o.Mode, Batch: o.Batch, Model: energy.EnergyModels()[0]}
	}
	e := render.Estimate{Result: res}
	if missing != "" {
		e.Joules, e.Lo, e.Hi, e.Seconds, e.Parts = 0, 0, 0, energy.Seconds{}, nil
		e.Missing = missing
		e.Warnings = append([]string{"no estimate: " + missing}, e.Warnings...)
	}
	return e, nil
}

// reachLower widens the interval of an estimate of upper bounds down to that of the least
// work that the model may do.
func reachLower(e *render.Estimate, d energy.Device, r *counters.Report, o energy.Options) error {
	if e.Missing != "" || r.Coverage.Status != counters.Bound {
		return nil
	}
	f, err := energy.FromLower(r)
	if err != nil {
		return err
	}
	least, err := energy.Estimate(d, f, o)
	if err != nil {
		return err
	}
	e.Lo, e.Seconds.Lo = min(e.Lo, least.Lo), min(e.Seconds.Lo, least.Seconds.Lo)
	return nil
}

// elementWidth is the width in bytes of the dtype of most MACs.
func elementWidth(r *counters.Report) float64 {
	if len(r.ByDType) > 0 {
		if d, ok := graph.ParseDType(r.ByDType[0].Name); ok && d.Bits() > 0 {
			return float64(d.Bits()) / 8
		}
	}
	return 4
}

// honesty says what an estimate of totals that are not exact is worth.
func honesty(r *counters.Report) []string {
	switch r.Coverage.Status {
	case counters.Incomplete:
		return []string{"the totals are incomplete: the model takes at least this"}
	case counters.Bound:
		return []string{"the totals are upper bounds: the model takes at most this"}
	}
	return nil
}

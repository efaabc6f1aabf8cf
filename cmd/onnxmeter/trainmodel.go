package main

import (
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/training"
	"github.com/onnxmeter/onnxmeter/ops"
)

// stepFlags describe a training by its graph.
type stepFlags struct {
	bind      bindFlags
	rules     ruleFlags
	steps     int64
	optimizer string
	freeze    []string
	strict    bool
}

func (s *stepFlags) register(f *pflag.FlagSet) {
	f.Int64Var(&s.steps, "steps", 1, "`N` steps of the optimiser")
	f.StringVar(&s.optimizer, "optimizer", training.Optimizers()[0], "rule `O` of a step: "+orList(training.Optimizers()))
	f.Var((*list)(&s.freeze), "freeze", "keep the weights of a `PATTERN`, with * and ?, of their names or of those of the nodes that they feed; repeatable")
}

// check finds what is wrong before a model is read.
func (s *stepFlags) check() error {
	if s.steps < 1 {
		return usagef("--steps %d (expected 1 or more)", s.steps)
	}
	if _, err := training.OptimizerByName(s.optimizer); err != nil {
		return unknownName("--optimizer", s.optimizer, training.Optimizers())
	}
	if err := s.rules.check(); err != nil {
		return err
	}
	if s.rules.name != convention.Default {
		return usagef("--convention %s: a training is counted in %s, by a rule for each gradient", s.rules.name, convention.Default)
	}
	return nil
}

// trainModel prints what the steps of a model take.
func (a *app) trainModel(t *trainFlags, path string) error {
	if err := t.step.check(); err != nil {
		return err
	}
	pricing, err := t.pricing()
	if err != nil {
		return err
	}
	variants, done, err := t.step.bind.options()
	if err != nil {
		return err
	}
	defer done()
	b, err := a.newBatch([]string{path}, 1, variants)
	if err != nil {
		return err
	}
	if b.size() != 1 {
		return usagef("%q with these sizes stands for %d trainings (expected one)", path, b.size())
	}
	sinks, err := t.out.open(a, b.sources, tableKinds...)
	if err != nil {
		return err
	}
	return closeAll(sinks, each(b, func(m *model, o ops.Options) (*render.ModelTraining, []string, error) {
		r, err := counters.Count(m.Model, t.step.rules.options(o))
		if err != nil {
			return nil, nil, err
		}
		out, err := t.price(r, pricing)
		return out, r.Inference.Unused, err
	}, func(r *render.ModelTraining) (int, error) {
		for _, s := range sinks {
			if err := render.TrainModel(s.w, s.kind, r, a.colored(s.w)); err != nil {
				return exitIO, err
			}
		}
		return a.strictlyTrained(t.step.strict, r), nil
	}))
}

// pricing resolves the flags of energy: one accelerator, or none for the work alone.
func (t *trainFlags) pricing() (*pricing, error) {
	switch e := &t.energy; {
	case len(e.gpus) > 1:
		return nil, oneKind(e.gpus)
	case !e.priced() && e.batch >= 1:
		return &pricing{}, e.needGPU(pricedOnly...)
	}
	return t.energy.resolve()
}

// price counts the step over a report and estimates its energy.
func (t *trainFlags) price(r *counters.Report, p *pricing) (*render.ModelTraining, error) {
	w, err := training.Count(r, training.Options{Optimizer: t.step.optimizer, Freeze: t.step.freeze})
	if err != nil { // a pattern that names nothing
		return nil, usagef("--freeze: %v", err)
	}
	out := &render.ModelTraining{Tool: p.tool(), Report: r, Rules: t.step.rules.Rules, Work: w, Steps: t.step.steps, Batch: t.energy.batch}
	if len(p.devices) == 0 {
		return out, nil
	}
	o, notes := p.defaults(r)
	missing := ""
	f, err := w.Features(r, energy.Width(o.Precision))
	if err != nil {
		missing = err.Error()
	}
	e, err := estimate(p.devices[0], f, o, missing)
	if err != nil {
		return nil, err
	}
	training.Widen(&e.Result)
	notes = append(notes, honesty(r)...)
	if !w.Complete() {
		notes = append(notes, "the gradients are incomplete: a step takes at least this")
	}
	e.Warnings = append(notes, e.Warnings...)
	out.Estimate = &e
	if e.Missing != "" {
		return out, nil
	}
	out.Spent = energy.Total(e.Result, float64(t.step.steps)*float64(t.energy.batch))
	out.Emissions, err = emissions(out.Spent, p.carbon)
	return out, err
}

// strictlyTrained returns the exit code of a training under --strict and says why it is not 0.
func (a *app) strictlyTrained(strict bool, r *render.ModelTraining) int {
	if !strict || r.Exact() {
		return exitOK
	}
	for _, line := range r.WhyInexact() {
		a.fail(inputErrorf(r.Report.Model.Path, "%s", line))
	}
	return exitIncomplete
}

package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/budget"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/ops"
)

// checkFlags are the flags of check.
type checkFlags struct {
	bind    bindFlags
	rules   ruleFlags
	energy  energyFlags
	out     outputFlags
	budgets []string
	strict  bool
	jobs    int
}

func (c *checkFlags) register(f *pflag.FlagSet) {
	section(f, "Budgets", func(f *pflag.FlagSet) {
		f.Var((*list)(&c.budgets), "budget", "hold every model to `RULE=LIMIT`, as in macs=4.5G; repeatable")
		f.BoolVar(&c.strict, "strict", false, "hold the upper bound of an estimate to its limit, not its point")
	})
	section(f, "Sizes", c.bind.register)
	section(f, "Rules of counting", c.rules.register)
	section(f, "Energy", c.energy.register)
	section(f, "Output", func(f *pflag.FlagSet) {
		c.out.register(f, render.CheckKinds...)
		registerJobs(f, &c.jobs)
	})
}

// checkCommand holds models to budgets.
func (a *app) checkCommand() *cobra.Command {
	var c checkFlags
	cmd := &cobra.Command{
		Use:   "check MODEL...",
		Short: "Hold models to budgets; exit 1 over one, 4 if that is not known, 3 for a bad model",
		Example: `  onnxmeter check --budget macs=4.5G --budget param_bytes=256MiB resnet50.onnx
  onnxmeter check --budget energy=0.4J --gpu a100-sxm4-80gb --strict models/`,
		Args: needModels,
		RunE: func(_ *cobra.Command, args []string) error { return a.check(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

// target is one model with what it is held to.
type target struct {
	policy  budget.Policy
	options ops.Options
	rules   ruleFlags
	pricing *pricing
}

func (a *app) check(c *checkFlags, args []string) error {
	budgets, err := parseBudgets(c.budgets)
	if err != nil {
		return err
	}
	if len(budgets) == 0 {
		return usagef("no budget to hold the models to (expected --budget RULE=LIMIT)")
	}
	if err := c.rules.check(); err != nil {
		return err
	}
	t := target{policy: budget.Policy{Budgets: budgets, Strict: c.strict}, rules: c.rules}
	if t.pricing, err = c.energy.resolve(); err != nil {
		return err
	}
	if err := t.onePrice(); err != nil {
		return err
	}
	variants, done, err := c.bind.options()
	if err != nil {
		return err
	}
	defer done()
	if len(variants) > 1 {
		return usagef("check takes one value for each --dim")
	}
	t.options = variants[0]
	b, err := a.newBatch(args, c.jobs, variants)
	if err != nil {
		return err
	}
	sinks, err := c.out.open(a, b.sources, render.CheckKinds...)
	if err != nil {
		return err
	}
	targets := make([]*target, len(b.sources))
	for i := range targets {
		targets[i] = &t
	}
	results, code := b.judgeAll(targets)
	return closeAll(sinks, a.printCheck(sinks, results, code))
}

// parseBudgets reads --budget flags; a rule may be given once.
func parseBudgets(args []string) ([]budget.Budget, error) {
	var out []budget.Budget
	seen := map[budget.Rule]bool{}
	for _, arg := range args {
		name, limit, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, usagef("--budget %q (expected RULE=LIMIT, as in macs=4.5G)", arg)
		}
		rule, err := budget.ParseRule(name)
		if err != nil {
			return nil, usagef("--budget: %v", err)
		}
		l, err := budget.ParseLimit(rule, limit)
		if err != nil {
			return nil, usagef("--budget: %v", err)
		}
		if seen[rule] {
			return nil, usagef("--budget: %s is given twice", rule)
		}
		seen[rule] = true
		out = append(out, budget.Budget{Rule: rule, Level: budget.Fail, Limit: l, Source: budget.FlagSource})
	}
	return out, nil
}

// onePrice refuses an energy budget without a GPU, and several prices of one model.
func (t *target) onePrice() error {
	switch {
	case t.policy.Priced() && len(t.pricing.devices) == 0:
		return usagef("a budget of energy or carbon needs --gpu (a list of them: onnxmeter gpus)")
	case len(t.pricing.devices) > 1 || len(t.pricing.carbon) > 1:
		return usagef("check takes one --gpu and one --zone: a limit is for one of them")
	}
	return nil
}

// judgeAll holds every model to its target. A model that fails does not hide the
// others. It returns the results in the order of the models and the worst exit code.
func (b *batch) judgeAll(targets []*target) (results []*budget.Result, code int) {
	shared := b.share()
	p := b.app.newProgress(b.size())
	var idle *idleFlags
	done := 0
	ordered(b.jobs, b.size(), func(i int) outcome[*budget.Result] {
		return attempt(b, shared, i, func(m *model, _ ops.Options) (*budget.Result, []string, error) {
			return targets[i].judge(m, b.sources[i].path)
		})
	}, func(o outcome[*budget.Result]) error {
		p.clear()
		defer p.step()
		r, file := o.val, b.sources[done].path
		done++
		switch {
		case o.err == nil:
			idle = idle.meet(o.unused, o.hints)
		case exitCode(o.err) == exitUsage:
			b.report(o.err, false, o.stack)
			code = worse(code, exitUsage)
			return nil
		default:
			b.report(nil, true, o.stack)
			r = unreadable(file, o.err)
		}
		results = append(results, r)
		code = worse(code, checkCode(r))
		return nil
	})
	if err := idle.err(); err != nil {
		b.app.fail(err)
		code = worse(code, exitUsage)
	}
	return results, code
}

// judge counts a model and holds it to its budgets. It returns the flags that bind nothing.
func (t *target) judge(m *model, file string) (*budget.Result, []string, error) {
	r, unused, err := counting(&t.rules, t.pricing, false)(m, t.options)
	if err != nil {
		return nil, nil, err
	}
	out := &budget.Result{File: file}
	t.policy.Judge(&budget.Measured{Report: r.Report, Price: priceOf(r)}, out)
	return out, unused, nil
}

// priceOf is the estimate that energy budgets are held to; nil without a GPU.
func priceOf(r *render.Report) *budget.Price {
	if len(r.Estimates) == 0 {
		return nil
	}
	e := &r.Estimates[0]
	p := &budget.Price{Missing: e.Missing, Joules: budget.Estimate{Point: e.Joules, Hi: e.Hi}}
	for _, em := range e.Emissions {
		p.Grams = budget.Estimate{Point: em.Grams, Hi: em.Hi}
	}
	for _, part := range e.Parts {
		name := strings.ReplaceAll(strings.TrimPrefix(part.Term, "j_per_"), "_", " ")
		p.Parts = append(p.Parts, budget.Contributor{Node: name + "s", Value: budget.Decimal(part.Joules)})
	}
	return p
}

// unreadable is the result of a model that is wrong or cannot be read.
func unreadable(file string, err error) *budget.Result {
	f := budget.Finding{File: file, Kind: budget.Unreadable, Level: budget.Fail,
		Message: strings.TrimPrefix(err.Error(), file+": "), Fix: "repair the model, or skip it with a reason"}
	if strings.Contains(f.Message, "LFS") {
		f.Fix = "git lfs pull"
	}
	return &budget.Result{File: file, Findings: []budget.Finding{f}}
}

// checkCode is the exit code of a model.
func checkCode(r *budget.Result) int {
	codes := map[budget.Kind]int{budget.Over: exitOver, budget.Incomplete: exitIncomplete, budget.Unreadable: exitInput, budget.Unbudgeted: exitUsage}
	code := exitOK
	for _, f := range r.Findings {
		if f.Level == budget.Fail {
			code = worse(code, codes[f.Kind])
		}
	}
	return code
}

// printCheck writes the results in every format that is asked for.
func (a *app) printCheck(sinks []sink, results []*budget.Result, code int) error {
	report := &render.CheckReport{Tool: tool(), Results: results}
	var err error
	text := false
	for _, s := range sinks {
		err = cmp.Or(err, render.Check(s.w, s.kind, report, a.colored(s.w)))
		text = text || s.kind == "text"
	}
	if !text && code != exitOK {
		a.note("check: %s", report.Summary())
	}
	if err == nil && code != exitOK {
		err = errReported(code)
	}
	return err
}

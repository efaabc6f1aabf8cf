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
	config  string
	accept  bool
	jobs    int
	set     *pflag.FlagSet
}

func (c *checkFlags) register(f *pflag.FlagSet) {
	c.set = f
	section(f, "Budgets", c.registerBudgets)
	c.registerCounting(f)
	section(f, "Output", func(f *pflag.FlagSet) {
		c.out.register(f, render.CheckKinds...)
		f.BoolVar(&c.accept, "update-baseline", false, "write what is measured to "+budget.BaselineName)
		registerJobs(f, &c.jobs)
	})
}

// registerCounting registers the flags that say how a model is counted.
func (c *checkFlags) registerCounting(f *pflag.FlagSet) {
	section(f, "Sizes", c.bind.register)
	section(f, "Rules of counting", c.rules.register)
	section(f, "Energy", c.energy.register)
}

func (c *checkFlags) registerBudgets(f *pflag.FlagSet) {
	f.Var((*list)(&c.budgets), "budget", "hold every model to `RULE=LIMIT`, as in macs=4.5G; repeatable")
	f.StringVar(&c.config, "config", "", "budgets of a `FILE` (default: "+budget.ConfigName+" here or above, up to the root of the repository)")
	f.BoolVar(&c.strict, "strict", false, "hold the upper bound of an estimate to its limit, not its point")
}

// checkCommand holds models to budgets.
func (a *app) checkCommand() *cobra.Command {
	var c checkFlags
	cmd := &cobra.Command{
		Use:   "check [MODEL...]",
		Short: "Hold models to budgets; exit 1 over one, 4 if that is not known, 3 for a bad model",
		Example: `  onnxmeter check
  onnxmeter check --update-baseline models/encoder.onnx
  onnxmeter check --budget macs=4.5G --budget param_bytes=256MiB resnet50.onnx
  onnxmeter check --budget energy=0.4J --gpu a100-sxm4-80gb --strict models/`,
		RunE: func(_ *cobra.Command, args []string) error { return a.check(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) check(c *checkFlags, args []string) error {
	g, err := newGate(c)
	if err != nil {
		return err
	}
	defer g.close()
	models, err := g.models(args)
	if err != nil {
		return err
	}
	b, err := a.newBatch(nil, c.jobs, make([]ops.Options, 1))
	if err != nil {
		return err
	}
	for _, m := range models {
		b.sources = append(b.sources, m.source)
	}
	sinks, err := c.out.open(a, append(g.files.sources(), b.sources...), render.CheckKinds...)
	if err != nil {
		return err
	}
	results, code := b.judgeAll(models)
	if c.accept {
		err = g.updateBaseline(a, results, len(args) == 0)
	}
	if e := a.printCheck(sinks, results, code); err == nil {
		err = e
	}
	return closeAll(sinks, err)
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

// judgeAll holds every model to its target. A model that fails does not hide the
// others. It returns the results in the order of the models and the worst exit code.
func (b *batch) judgeAll(models []gated) (results []*budget.Result, code int) {
	shared := b.share()
	p := b.app.newProgress(b.size())
	var idle *idleFlags
	done := 0
	ordered(b.jobs, b.size(), func(i int) outcome[*budget.Result] {
		m := &models[i]
		if m.fixed != nil {
			return outcome[*budget.Result]{val: m.fixed}
		}
		return attempt(b, shared, i, func(read *model, _ ops.Options) (*budget.Result, []string, error) {
			return m.how.judge(read, m.path, m.key)
		})
	}, func(o outcome[*budget.Result]) error {
		p.clear()
		defer p.step()
		m := &models[done]
		done++
		if m.fixed == nil && o.err == nil {
			idle = idle.meet(o.unused, o.hints)
		}
		r, c := b.resultOf(m, o)
		code = worse(code, c)
		if r != nil {
			results = append(results, r)
		}
		return nil
	})
	if err := idle.err(); err != nil {
		b.app.fail(err)
		code = worse(code, exitUsage)
	}
	return results, code
}

// resultOf makes a result of what became of a model, nil of a mistake of the caller,
// which is printed.
func (b *batch) resultOf(m *gated, o outcome[*budget.Result]) (*budget.Result, int) {
	switch {
	case o.err == nil:
		return o.val, checkCode(o.val)
	case exitCode(o.err) == exitUsage:
		b.report(o.err, false, o.stack)
		return nil, exitUsage
	}
	b.report(nil, true, o.stack)
	r := unreadable(m.path, o.err)
	r.Key = m.key
	return r, checkCode(r)
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
		err = cmp.Or(err, render.Check(s.w, s.kind, report, render.View{Color: a.colored(s.w), Full: a.verbose > 0}))
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

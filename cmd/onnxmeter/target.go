package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/budget"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/ops"
)

// target is how some models are counted and what they are held to.
type target struct {
	entry    *budget.Entry // with the defaults in it
	flags    *checkFlags   // of the command line, over those of the configuration
	policy   budget.Policy
	options  ops.Options
	pricing  *pricing
	with     string // the rules of the count, for the baseline
	baseline *budget.Baseline
	accept   bool
	words    []string // the flags of the command line that say how to count
}

// newTarget puts an entry of the configuration, which may be nil, under the flags.
func (g *gate) newTarget(e *budget.Entry) (*target, error) {
	all := &budget.Entry{}
	if g.files.config != nil {
		all = g.files.config.Effective(e)
	}
	t := &target{entry: all, accept: g.flags.accept, words: g.flags.words()}
	if g.files.hasBase {
		t.baseline = g.files.baseline
	}
	err := g.resolve(t)
	if err != nil && g.files.config != nil && !g.flags.givesSettings() {
		err = usagef("%s: %v", g.place(all, err), err)
	}
	return t, err
}

// place is where an error of an entry stands: at the setting that holds a wrong name,
// or else at the entry.
func (g *gate) place(e *budget.Entry, err error) string {
	var name *energy.NameError
	if errors.As(err, &name) {
		for _, s := range e.Settings {
			if s.Value == name.Name {
				return s.Source
			}
		}
	}
	return fmt.Sprintf("%s:%d", g.files.config.Path, max(1, e.Line))
}

// givesSettings reports whether the command line holds a flag that the configuration
// may hold too: then either may be at fault.
func (c *checkFlags) givesSettings() bool {
	return slices.ContainsFunc(budget.Keys(), func(k budget.Key) bool { return c.set.Changed(k.Flag) })
}

// resolve turns flags into options; a typo ends the run before a model is read.
func (g *gate) resolve(t *target) (err error) {
	if t.flags, err = g.flags.over(t.entry.Settings, g.files.dir); err != nil {
		return err
	}
	f := t.flags
	t.policy = budget.Policy{Budgets: budget.Override(t.entry.Budgets, g.budgets), Ops: t.entry.Ops, Strict: f.strict}
	if err := f.rules.check(); err != nil {
		return err
	}
	if t.pricing, err = f.energy.resolve(); err != nil {
		return err
	}
	if err := t.onePrice(); err != nil {
		return err
	}
	variants, done, err := f.bind.options()
	if err != nil {
		return err
	}
	g.closers = append(g.closers, done)
	if len(variants) > 1 {
		return usagef("check takes one value for each --dim")
	}
	t.options, t.with = variants[0], f.countedWith()
	return nil
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

// over returns flags with the settings of a configuration under those of the command
// line. Files are below a folder.
func (c *checkFlags) over(settings []budget.Setting, dir string) (*checkFlags, error) {
	out := &checkFlags{}
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	out.register(f)
	for _, s := range settings {
		if c.given(s) {
			continue
		}
		value, err := flagValue(s, dir)
		if err == nil {
			err = f.Set(s.Key.Flag, value)
		}
		if err != nil {
			return nil, usagef("%s: %s: %v", s.Source, s.Key.Name, err)
		}
	}
	return out, c.copyTo(f)
}

// copyTo gives another set the flags of the command line.
func (c *checkFlags) copyTo(f *pflag.FlagSet) (err error) {
	c.set.VisitAll(func(fl *pflag.Flag) {
		args := []string{fl.Value.String()} // each is read from what it prints
		if values, isList := fl.Value.(*list); isList {
			args = *values
		} else if !fl.Changed {
			return
		}
		for _, arg := range args {
			if f.Lookup(fl.Name) != nil && err == nil {
				err = f.Set(fl.Name, arg)
			}
		}
	})
	return err
}

// given reports whether the command line says what a setting says.
func (c *checkFlags) given(s budget.Setting) bool {
	switch s.Key.Kind {
	case budget.Sizes, budget.Texts:
		for _, arg := range *c.set.Lookup(s.Key.Flag).Value.(*list) {
			if boundName(s.Key.Flag, arg) == s.Name {
				return true
			}
		}
		return false
	}
	return c.set.Changed(s.Key.Flag) || s.Key.Name == "zone" && c.set.Changed("intensity") || s.Key.Name == "intensity" && c.set.Changed("zone")
}

// boundName is the name that an argument of a binding flag binds.
func boundName(flag, arg string) string {
	if flag == "input" {
		name, _, _ := parseInput(arg)
		return name
	}
	name, _, _ := cutRight(arg, "=")
	return name
}

// flagValue writes a setting as its flag takes it.
func flagValue(s budget.Setting, dir string) (string, error) {
	switch s.Key.Kind {
	case budget.Sizes:
		return s.Name + "=" + s.Value, nil
	case budget.Texts:
		return s.Name + ":" + s.Value, nil
	case budget.File:
		return belowDir(dir, s.Value)
	}
	return s.Value, nil
}

// belowDir joins a folder and a path in it. A link must not lead out.
func belowDir(dir, name string) (string, error) {
	p := filepath.Join(dir, filepath.FromSlash(name))
	if real, err := realPath(p); err == nil && !isInside(dir, real) {
		return "", fmt.Errorf("%q is a link out of the folder of the configuration", name)
	}
	return p, nil
}

// isInside reports whether a path lies below a folder; both are without links.
func isInside(dir, p string) bool {
	rel, err := filepath.Rel(dir, p)
	return err == nil && filepath.IsLocal(rel)
}

// countedWith names the rules of a count that are not the default, and what binds by
// other means than dims, whose values a report holds.
func (c *checkFlags) countedWith() string {
	return c.unusual("input", "value", "trip", "assume", "rules", "ignore-declared", "convention", "qdq", "padding", "causal")
}

// words are the flags of a command line that say how to count.
func (c *checkFlags) words() (words []string) {
	c.set.Visit(func(fl *pflag.Flag) {
		values, isList := fl.Value.(*list)
		switch {
		case slices.Contains([]string{"budget", "format", "update-baseline", "jobs", "quiet", "verbose", "color"}, fl.Name):
		case isList:
			for _, v := range *values {
				words = append(words, "--"+fl.Name, v)
			}
		case fl.Value.String() == "true":
			words = append(words, "--"+fl.Name)
		default:
			words = append(words, "--"+fl.Name+"="+fl.Value.String())
		}
	})
	return words
}

// unusual lists the flags that do not hold their default.
func (c *checkFlags) unusual(names ...string) string {
	var parts []string
	for _, name := range names {
		fl := c.set.Lookup(name)
		if values, isList := fl.Value.(*list); isList {
			for _, v := range *values {
				parts = append(parts, "--"+name+" "+v)
			}
		} else if v := fl.Value.String(); v != fl.DefValue {
			if name == "rules" {
				v = filepath.Base(v) // the same on every machine
			}
			parts = append(parts, "--"+name+" "+v)
		}
	}
	return strings.Join(parts, " ")
}

// judge counts a model and holds it to its budgets. It returns the flags that bind
// nothing, those of the configuration apart: it may serve several models.
func (t *target) judge(m *model, file, key string) (*budget.Result, []string, error) {
	r, unused, err := counting(&t.flags.rules, t.pricing, false)(m, t.options)
	if err != nil {
		return nil, nil, err
	}
	out := &budget.Result{File: file, Key: key}
	t.policy.Judge(&budget.Measured{Report: r.Report, Price: t.price(r), Key: key, With: t.withDims(r), Baseline: t.baseline, Accept: t.accept, Flags: t.words}, out)
	return out, t.ofCommandLine(unused), nil
}

func (t *target) withDims(r *render.Report) string {
	parts := []string{}
	for _, name := range slices.Sorted(maps.Keys(r.Dims)) {
		parts = append(parts, fmt.Sprintf("--dim %s=%d", name, r.Dims[name]))
	}
	if t.with != "" {
		parts = append(parts, t.with)
	}
	return strings.Join(parts, " ")
}

// ofCommandLine drops what a setting of the configuration binds.
func (t *target) ofCommandLine(unused []string) (out []string) {
	for _, u := range unused {
		mine := false
		for _, s := range t.entry.Settings {
			mine = mine || u == "--"+s.Key.Flag+" "+s.Name
		}
		if !mine {
			out = append(out, u)
		}
	}
	return out
}

// price is the estimate that energy budgets are held to; nil without a GPU.
func (t *target) price(r *render.Report) *budget.Price {
	if len(r.Estimates) == 0 {
		return nil
	}
	e := &r.Estimates[0]
	p := &budget.Price{Missing: e.Missing, Joules: budget.Estimate{Point: e.Joules, Hi: e.Hi}}
	p.Of = fmt.Sprintf("%s %s %s, batch %g, coefficients %s", e.GPU, e.Precision, e.Mode, e.Batch, t.pricing.tool().Coefficients)
	if how := t.flags.unusual("energy-model", "tdp", "peak", "bandwidth", "tdp-share"); how != "" {
		p.Of += ", " + how
	}
	for _, em := range e.Emissions {
		p.Grams = budget.Estimate{Point: em.Grams, Hi: em.Hi}
		p.Of += fmt.Sprintf(", zone %s at %g g/kWh, PUE %g", em.Zone.ID, em.Zone.GPerKWh, em.PUE)
	}
	for _, part := range e.Parts {
		name := strings.ReplaceAll(strings.TrimPrefix(part.Term, "j_per_"), "_", " ")
		p.Parts = append(p.Parts, budget.Contributor{Node: name + "s", Value: budget.Decimal(part.Joules)})
	}
	return p
}

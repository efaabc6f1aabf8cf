package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/budget"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// configFlags are the flags of config: those of check that a configuration may hold.
type configFlags struct {
	checkFlags
	schema bool
}

func (c *configFlags) register(f *pflag.FlagSet) {
	c.set = f
	section(f, "Budgets", c.registerBudgets)
	c.registerCounting(f)
	section(f, "Output", func(f *pflag.FlagSet) {
		c.out.register(f, render.ConfigKinds...)
		f.BoolVar(&c.schema, "schema", false, "print the JSON schema of "+budget.ConfigName)
	})
}

// configCommand prints what a check would go by.
func (a *app) configCommand() *cobra.Command {
	var c configFlags
	cmd := &cobra.Command{
		Use:   "config [MODEL]",
		Short: "Print the effective configuration of check and where each value comes from",
		Example: `  onnxmeter config
  onnxmeter config models/encoder.onnx --dim batch=8
  onnxmeter config --schema > onnxmeter-yaml-1.json`,
		RunE: func(_ *cobra.Command, args []string) error { return a.printConfig(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) printConfig(c *configFlags, args []string) error {
	switch {
	case len(args) > 1:
		return usagef("%d models (expected one or none)", len(args))
	case c.schema:
		_, err := a.stdout.Write(budget.Schema())
		return err
	}
	g, err := newGate(&c.checkFlags)
	if err != nil {
		return err
	}
	defer g.close()
	r, err := g.report(args)
	if err != nil {
		return err
	}
	return a.emit(&c.out, render.ConfigKinds, func(s sink) error { return render.Config(s.w, s.kind, r, a.colored(s.w)) })
}

// report says what a model, or one that no entry names, is held to.
func (g *gate) report(args []string) (*render.ConfigReport, error) {
	r := &render.ConfigReport{Tool: tool()}
	e := &budget.Entry{} // stands for any: what the defaults give
	if g.files.hasBase {
		r.Baseline = g.files.baseline.Path
	}
	if c := g.files.config; c != nil {
		r.Config = c.Path
		for _, e := range c.Models {
			r.Entries = append(r.Entries, entryOf(e))
		}
	}
	if len(args) > 0 {
		r.Model = args[0]
		if e = g.entry(g.key(args[0])); e != nil {
			r.Entry, r.Skip = fmt.Sprintf("%s:%d", r.Config, e.Line), e.Skip
		}
	}
	if r.Skip != "" {
		return r, nil
	}
	t, err := g.newTarget(e)
	if err != nil {
		return nil, err
	}
	r.Settings = g.settings(t.entry)
	r.Budgets = render.BudgetsOf(t.policy.Budgets, t.policy.Ops)
	return r, nil
}

func entryOf(e *budget.Entry) render.ConfigEntry {
	out := render.ConfigEntry{Line: e.Line, Skip: e.Skip}
	for _, p := range e.Patterns {
		out.Paths = append(out.Paths, p.Glob)
	}
	return out
}

// settings lists every setting with its value: of the command line, of the entry, or
// the default. Those with names are listed where something gives them.
func (g *gate) settings(e *budget.Entry) (out []render.Effective) {
	unset := map[string]string{"precision": "the dtype of most MACs", "zone": energy.DefaultZone,
		"intensity": "", "tdp": "", "peak": "", "bandwidth": "", "tdp_share": ""}
	for _, k := range budget.Keys() {
		n := len(out)
		fl := g.flags.set.Lookup(k.Flag)
		if values, isList := fl.Value.(*list); isList {
			for _, v := range *values {
				out = append(out, render.Effective{Name: k.Name, Value: v, From: "--" + k.Flag})
			}
		} else if fl.Changed {
			out = append(out, render.Effective{Name: k.Name, Value: fl.Value.String(), From: "--" + k.Flag})
		}
		for _, s := range e.Settings {
			if s.Key.Name == k.Name && !g.flags.given(s) {
				value := s.Value
				if s.Name != "" {
					value, _ = flagValue(s, "")
				}
				out = append(out, render.Effective{Name: k.Name, Value: value, From: s.Source})
			}
		}
		if len(out) == n && k.Kind != budget.Sizes && k.Kind != budget.Texts {
			value, other := unset[k.Name]
			if !other {
				value = fl.DefValue
			}
			out = append(out, render.Effective{Name: k.Name, Value: value, From: "default"})
		}
	}
	return out
}

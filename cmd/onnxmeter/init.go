package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/budget"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// initFlags are the flags of init: those of check that say how a model is counted, and
// what is written.
type initFlags struct {
	checkFlags
	headroom string
	force    bool
	skip     bool
	absolute bool
}

func (c *initFlags) register(f *pflag.FlagSet) {
	c.set = f
	section(f, "Budgets", func(f *pflag.FlagSet) {
		f.StringVar(&c.headroom, "headroom", "10", "limits lie `PERCENT` above what is measured")
		f.BoolVar(&c.absolute, "absolute", false, "write limits as quantities, which hold until they are edited, not as growths over the baseline")
		f.StringVar(&c.config, "config", budget.ConfigName, "write the budgets to `FILE`, the baseline beside it")
		f.BoolVar(&c.force, "force", false, "write files anew that are there already")
		f.BoolVar(&c.skip, "skip", false, "skip models that are not known in full, with the reason")
	})
	c.registerCounting(f)
	section(f, "Output", func(f *pflag.FlagSet) { registerJobs(f, &c.jobs) })
}

// initCommand writes the first configuration.
func (a *app) initCommand() *cobra.Command {
	var c initFlags
	cmd := &cobra.Command{
		Use:   "init [MODEL...]",
		Short: "Measure models and write budgets with head-room, and a baseline",
		Long: `Measure models, by default those below the working directory, and write budgets with head-room
to ` + budget.ConfigName + ` and what was measured to ` + budget.BaselineName + `.`,
		Example: `  onnxmeter init --dim batch=1
  onnxmeter init models/ --headroom 5 --gpu a100-sxm4-80gb --precision fp16`,
		RunE: func(_ *cobra.Command, args []string) error { return a.writeBudgets(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) writeBudgets(c *initFlags, args []string) error {
	percent := strings.TrimSpace(strings.TrimSuffix(c.headroom, "%"))
	share, err := budget.ParseShare(percent)
	if err != nil {
		return usagef("--headroom %q: %v", graph.Clip(c.headroom), err)
	}
	g, err := c.gate()
	if err != nil {
		return err
	}
	defer g.close()
	if len(args) == 0 {
		args = []string{"."}
	}
	draft := &budget.Draft{HeadRoom: share}
	if !c.absolute {
		draft.Growth = "+" + percent + " %"
	}
	if draft.Settings, err = c.settings(g.files.dir); err != nil {
		return err
	}
	results, err := a.measure(c, g, args)
	if err != nil {
		return err
	}
	for _, r := range results {
		m := budget.DraftModel{Key: r.Key, Measure: r.Measure}
		if r.Measure == nil {
			m.Skip = r.Findings[0].Message
		} else {
			g.files.baseline.Models[r.Key] = r.Measure
		}
		draft.Models = append(draft.Models, m)
	}
	if err := g.write(c.config, draft); err != nil {
		return err
	}
	a.note("%s and %s: %d models, limits %s %% above what they take", c.config, g.files.baseline.Path, len(draft.Models), percent)
	return nil
}

// gate finds the folder and sees that nothing is overwritten unasked.
func (c *initFlags) gate() (*gate, error) {
	dir, err := realPath(filepath.Dir(c.config))
	if err != nil {
		return nil, usagef("--config: %v", err)
	}
	base := filepath.Join(dir, budget.BaselineName)
	for _, file := range []string{c.config, base} {
		if _, err := os.Lstat(file); !c.force && !errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("%s is there already (--force writes it anew)", file)
		}
	}
	files := &gateFiles{dir: dir, baseline: &budget.Baseline{Path: fromHere(base), Models: map[string]*budget.Measure{}}}
	return &gate{flags: &c.checkFlags, files: files, targets: map[*budget.Entry]*target{}}, nil
}

// measure counts the models. Without --skip each must be known in full.
func (a *app) measure(c *initFlags, g *gate, args []string) ([]*budget.Result, error) {
	c.accept = true // nothing is held to anything yet
	models, err := g.models(args)
	if err != nil {
		return nil, err
	}
	b, err := a.newBatch(nil, c.jobs, make([]ops.Options, 1))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, m := range models {
		switch {
		case m.err != nil:
			return nil, inputError(m.path, m.err)
		case m.key == "":
			return nil, usagef("%s lies outside of the folder of %s", m.path, c.config)
		case seen[m.key]:
			return nil, usagef("%s is given twice", m.path)
		}
		seen[m.key] = true
		b.sources = append(b.sources, m.source)
	}
	results, code := b.judgeAll(models)
	if code == exitUsage || code != exitOK && !c.skip {
		a.failAll(results)
		a.note("nothing is written (--skip writes such models down as skipped, with the reason)")
		return nil, errReported(code)
	}
	return results, nil
}

// failAll prints why models cannot be measured, each in one line.
func (a *app) failAll(results []*budget.Result) {
	for _, r := range results {
		for _, f := range r.Findings {
			a.fail(inputErrorf(r.File, "%s (%s)", f.Message, f.Fix))
		}
	}
}

// settings turns the flags into settings of the configuration.
func (c *initFlags) settings(dir string) (out []budget.Setting, err error) {
	if len(c.bind.values) > 0 {
		return nil, usagef("--value has no place in a configuration")
	}
	for _, k := range budget.Keys() {
		fl := c.set.Lookup(k.Flag)
		if fl == nil || !fl.Changed {
			continue
		}
		args := []string{fl.Value.String()}
		if values, isList := fl.Value.(*list); isList {
			args = *values
		}
		for _, arg := range args {
			s := budget.Setting{Key: k, Value: arg}
			switch k.Kind {
			case budget.Sizes, budget.Texts:
				s.Name = boundName(k.Flag, arg)
				s.Value = arg[len(s.Name)+1:]
			case budget.File:
				if s.Value, err = keyOf(dir, arg); err != nil {
					return nil, usagef("--%s: %v", k.Flag, err)
				}
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// write writes the configuration and the baseline.
func (g *gate) write(config string, d *budget.Draft) error {
	var text bytes.Buffer
	if err := d.Write(&text); err != nil {
		return asUsage(err)
	}
	if err := writeFile(config, func(w io.Writer) error { _, err := text.WriteTo(w); return err }); err != nil {
		return err
	}
	return writeFile(filepath.Join(g.files.dir, budget.BaselineName), g.files.baseline.Write)
}

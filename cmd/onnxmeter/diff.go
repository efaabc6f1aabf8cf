package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	bind   bindFlags
	energy energyFlags
	rules  ruleFlags
	out    outputFlags
	base   string
	top    int
	jobs   int
	strict bool
}

func (d *diffFlags) register(f *pflag.FlagSet) {
	section(f, "Old side", func(f *pflag.FlagSet) {
		f.StringVar(&d.base, "base", "", "compare with git revision `REF` in place of OLD; nothing is checked out")
	})
	section(f, "Sizes", d.bind.register)
	section(f, "Rules of counting", d.rules.register)
	section(f, "Energy", d.energy.register)
	section(f, "Output", func(f *pflag.FlagSet) {
		d.out.register(f, render.DiffKinds...)
		f.IntVar(&d.top, "top", 0, "`N` changed nodes of each model in text; 0: a screen of them, -v: all")
		f.BoolVar(&d.strict, "strict", false, "exit 4 unless every total is exact")
		registerJobs(f, &d.jobs)
	})
}

// diffCommand says what changed between two states of models.
func (a *app) diffCommand() *cobra.Command {
	var d diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD NEW | diff --base REF [PATH...]",
		Short: "Say what changed: totals, energy, operators and nodes of two states of models",
		Example: `  onnxmeter diff old.onnx new.onnx --gpu rtx-4090
  onnxmeter diff release-1/ release-2/ -f markdown
  onnxmeter diff --base origin/main models/ --dim batch=1`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(&d, args, cmd.Flags().Changed("base")) },
	}
	d.register(cmd.Flags())
	return cmd
}

// modelPair is a model of both states; one of the sources may be nil.
type modelPair struct {
	path     string
	old, new *source
}

func (a *app) diff(d *diffFlags, args []string, fromGit bool) error {
	if d.top < 0 {
		return usagef("--top is not negative")
	}
	if err := d.rules.check(); err != nil {
		return err
	}
	pricing, err := d.energy.resolve()
	if err != nil {
		return err
	}
	variants, done, err := d.bind.options()
	if err != nil {
		return err
	}
	defer done()
	if len(variants) > 1 {
		return usagef("diff takes one value for each --dim")
	}
	pairs, result, err := a.diffPairs(d, args, fromGit)
	if err != nil {
		return err
	}
	b := &batch{app: a, variants: variants, sources: sidesOf(pairs)}
	if b.jobs, err = jobsOf(d.jobs); err != nil {
		return err
	}
	sinks, err := d.out.open(a, b.sources, render.DiffKinds...)
	if err != nil {
		return err
	}
	err = a.diffAll(d, pricing, b, pairs, result)
	return closeAll(sinks, a.writeDiff(sinks, result, d.top, err))
}

// diffPairs finds the models of both states and says what the states are called.
func (a *app) diffPairs(d *diffFlags, args []string, fromGit bool) (pairs []modelPair, r *render.Diff, err error) {
	r = &render.Diff{Tool: tool(), Convention: d.rules.convention.Name, Old: d.base, New: "working tree"}
	if fromGit {
		pairs, err = a.pairsSince(d.base, args)
		return pairs, r, err
	}
	if pairs, err = pairsOf(args); err == nil {
		r.Old, r.New = args[0], args[1]
	}
	return pairs, r, err
}

// sidesOf lists the models to read: of each pair the old one, then the new one.
func sidesOf(pairs []modelPair) []source {
	var out []source
	for _, p := range pairs {
		for _, s := range []*source{p.old, p.new} {
			if s != nil {
				out = append(out, *s)
			}
		}
	}
	return out
}

// diffAll counts the sources of the pairs and compares each pair as soon as both
// sides are there.
func (a *app) diffAll(d *diffFlags, p *pricing, b *batch, pairs []modelPair, result *render.Diff) error {
	next := 0
	var old *render.Side
	take := func(r *render.Report, err error) {
		pair := pairs[next]
		if pair.old != nil && old == nil {
			if old = render.NewSide(pair.old.path, r, err); pair.new != nil {
				return
			}
			r, err = nil, nil
		}
		var side *render.Side
		if pair.new != nil {
			side = render.NewSide(pair.new.path, r, err)
		}
		result.Models = append(result.Models, render.NewModelDiff(pair.path, old, side))
		old = nil
		next++
	}
	b.failed = func(err error) { take(nil, err) }
	return each(b, counting(&d.rules, p, false), func(r *render.Report) (int, error) {
		code := a.strictly(d.strict, r)
		take(r, nil)
		return code, nil
	})
}

// writeDiff writes what could be compared; err is what the counting ended with.
func (a *app) writeDiff(sinks []sink, d *render.Diff, top int, err error) error {
	if code := exitCode(err); code == exitUsage || code == exitIO {
		return err
	}
	for _, s := range sinks {
		v := render.View{Top: top, Color: a.colored(s.w), Full: a.verbose > 0}
		if e := render.WriteDiff(s.w, s.kind, d, v); e != nil {
			return e
		}
	}
	return err
}

// pairsOf pairs two models, or the models of two directories by their paths inside.
func pairsOf(args []string) ([]modelPair, error) {
	if len(args) != 2 {
		return nil, usagef("%d arguments (expected diff OLD NEW, or diff --base REF [PATH...])", len(args))
	}
	if args[0] == stdinName && args[1] == stdinName {
		return nil, usagef("%s is given twice", stdinName)
	}
	switch folders := isDir(args[0]); {
	case folders != isDir(args[1]):
		return nil, usagef("%q and %q are a file and a directory (expected two of a kind)", args[0], args[1])
	case !folders:
		return []modelPair{{args[1], &source{path: args[0]}, &source{path: args[1]}}}, nil
	}
	pairs := pairing{}
	for _, s := range modelsBelow(args[0]) {
		pairs.at(below(args[0], s.path)).old = &s
	}
	for _, s := range modelsBelow(args[1]) {
		pairs.at(below(args[1], s.path)).new = &s
	}
	if len(pairs) == 0 {
		return nil, inputErrorf(args[0], "neither this directory nor %s holds a *.onnx or *.onnxtxt file", args[1])
	}
	return pairs.sorted(), nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// below is a path relative to a directory.
func below(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return rel
}

// pairing collects the two sides of models by path.
type pairing map[string]*modelPair

func (p pairing) at(path string) *modelPair {
	if p[path] == nil {
		p[path] = &modelPair{path: path}
	}
	return p[path]
}

func (p pairing) sorted() []modelPair {
	out := make([]modelPair, 0, len(p))
	for _, m := range p {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b modelPair) int { return cmp.Compare(a.path, b.path) })
	return out
}

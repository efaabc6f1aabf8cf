package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/ops"
)

// countFlags are the flags of count.
type countFlags struct {
	bind   bindFlags
	energy energyFlags
	rules  ruleFlags
	sparse densityFlags
	view   viewFlags
	out    outputFlags
	jobs   int
	strict bool
}

var countFormats = []string{"text", "json", "ndjson", "csv", "markdown"}

func (c *countFlags) register(f *pflag.FlagSet) {
	section(f, "Sizes", c.bind.register)
	section(f, "Rules of counting", c.rules.register)
	section(f, "Sparsity", c.sparse.register)
	section(f, "Energy", c.energy.register)
	section(f, "Table", c.view.register)
	section(f, "Output", func(f *pflag.FlagSet) {
		c.out.register(f, countFormats...)
		f.BoolVar(&c.strict, "strict", false, "exit 4 unless every total is exact")
		registerJobs(f, &c.jobs)
	})
}

func registerJobs(f *pflag.FlagSet, jobs *int) {
	f.IntVar(jobs, "jobs", 0, "`N` models at a time; 0: one for each processor")
}

// ruleFlags choose between readings of a model.
type ruleFlags struct {
	render.Rules
	name       string // of the convention
	convention *convention.Convention
}

func (r *ruleFlags) register(f *pflag.FlagSet) {
	f.StringVar(&r.name, "convention", convention.Default, "count as `NAME` does (a list of them: onnxmeter convention)")
	f.StringVar(&r.QDQ, "qdq", "fold", "quantised pairs `R`: fold into the integer operator beside them, or literal")
	f.StringVar(&r.Padding, "padding", "full", "taps `R` in the padding: full counts them, exact drops them")
	f.StringVar(&r.Causal, "causal", "full", "causal attention `R`: full, or half of its products")
}

func (r *ruleFlags) check() error {
	var err error
	if r.convention, err = convention.Lookup(r.name); err != nil {
		return asUsage(err)
	}
	for _, f := range []struct {
		flag, value string
		allowed     []string
	}{{"--qdq", r.QDQ, []string{"fold", "literal"}}, {"--padding", r.Padding, []string{"full", "exact"}}, {"--causal", r.Causal, []string{"full", "half"}}} {
		if !slices.Contains(f.allowed, f.value) {
			return unknownName(f.flag, f.value, f.allowed)
		}
	}
	return nil
}

// options adds the rules to the bindings.
func (r *ruleFlags) options(o ops.Options) counters.Options {
	o.ExactPadding, o.CausalHalf = r.Padding == "exact", r.Causal == "half"
	opt := counters.Options{Options: o, QDQLiteral: r.QDQ == "literal"}
	if r.convention.Name != convention.Default {
		opt.Measure = r.convention.Measure()
	}
	return opt
}

// viewFlags choose what the tables show.
type viewFlags struct{ render.View }

func (v *viewFlags) register(f *pflag.FlagSet) {
	f.StringVar(&v.By, "by", "", "group the table by `G`: "+orList(render.Groupings)+" (default op; csv: one line for each report)")
	f.IntVar(&v.Depth, "depth", 0, "`N` levels of the module tree, with --by module, the default then; 0: as many as fit")
	f.IntVar(&v.Top, "top", 0, "`N` rows of the table; 0: all")
	f.StringVar(&v.Sort, "sort", "", "order the rows by `K`: "+orList(render.SortKeys))
}

func (v *viewFlags) check(groupings []string) error {
	switch {
	case v.By != "" && !slices.Contains(groupings, v.By):
		return unknownName("--by", v.By, groupings)
	case v.Sort != "" && !slices.Contains(render.SortKeys, v.Sort):
		return unknownName("--sort", v.Sort, render.SortKeys)
	case v.Depth < 0 || v.Top < 0:
		return usagef("--depth and --top are not negative")
	case v.Depth > 0 && v.By != "" && v.By != "module":
		return usagef("--depth needs --by module, not %s", v.By)
	}
	return nil
}

// countCommand prints the count of each model.
func (a *app) countCommand() *cobra.Command {
	var c countFlags
	cmd := &cobra.Command{
		Use:   "count MODEL...",
		Short: "Count parameters, MACs, FLOPs, traffic and memory; estimate energy",
		Example: `  onnxmeter count bert.onnx --dim batch=1 --dim seq=128
  onnxmeter count bert.onnx --dim batch=1 --dim seq=128,256,512 -f csv
  onnxmeter count models/ --strict -f json=counts.json
  onnxmeter count resnet50.onnx --input x:8x3x224x224 --gpu a100-sxm4-80gb --precision fp16`,
		Args: needModels,
		RunE: func(_ *cobra.Command, args []string) error { return a.count(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) count(c *countFlags, args []string) error {
	if err := cmp.Or(c.view.check(render.Groupings), c.rules.check()); err != nil {
		return err
	}
	if c.view.Depth > 0 {
		c.view.By = "module"
	}
	pricing, err := c.energy.resolve()
	if err != nil {
		return err
	}
	variants, done, err := c.bind.options()
	if err != nil {
		return err
	}
	defer done()
	b, err := a.newBatch(args, c.jobs, variants)
	if err != nil {
		return err
	}
	sinks, err := c.out.open(a, b.sources, countFormats...)
	if err != nil {
		return err
	}
	return closeAll(sinks, a.countAll(c, pricing, b, sinks))
}

func (a *app) countAll(c *countFlags, p *pricing, b *batch, sinks []sink) error {
	streams := make([]render.Stream[*render.Report], len(sinks))
	for i, s := range sinks {
		view := c.view.View
		view.Color, view.Full = a.colored(s.w), a.verbose > 0
		streams[i] = render.NewReportStream(s.w, s.kind, view, b.size() > 1)
	}
	err := each(b, c.sparse.also(counting(&c.rules, p, !listsNodes(c.view.By, sinks))), func(r *render.Report) (int, error) {
		for _, s := range streams {
			if err := s.Add(r); err != nil {
				return exitIO, err
			}
		}
		return a.strictly(c.strict, r), nil
	})
	return closeStreams(streams, err)
}

// counting is the work of each verb that counts and prices models one by one.
func counting(rules *ruleFlags, p *pricing, noNodes bool) func(*model, ops.Options) (*render.Report, []string, error) {
	tool := p.tool()
	return func(m *model, o ops.Options) (*render.Report, []string, error) {
		opt := rules.options(o)
		opt.NoNodes = noNodes
		r, err := counters.Count(m.Model, opt)
		if err != nil {
			return nil, nil, err
		}
		rep := &render.Report{Report: r, Tool: tool, Convention: rules.convention.Name, Measured: measured(opt), Rules: rules.Rules}
		rep.Estimates, err = p.estimates(r)
		return rep, r.Inference.Unused, err
	}
}

// measured is the convention that a count was made by, nil for the tool's own.
func measured(o counters.Options) *convention.Result {
	m, _ := o.Measure.(*convention.Result)
	return m
}

// listsNodes reports whether an output shows nodes one by one or modules.
func listsNodes(by string, sinks []sink) bool {
	return by == "node" || by == "module" ||
		slices.ContainsFunc(sinks, func(s sink) bool { return s.kind == "json" || s.kind == "ndjson" })
}

// strictly returns the exit code of a report under --strict and says why it is not 0.
func (a *app) strictly(strict bool, r *render.Report) int {
	if !strict || r.Coverage.Status == counters.Exact {
		return exitOK
	}
	for _, line := range r.WhyInexact() {
		a.fail(inputErrorf(r.Model.Path, "%s", line))
	}
	return exitIncomplete
}

// closeStreams completes the outputs; the first error stays.
func closeStreams[T any](streams []render.Stream[T], err error) error {
	for _, s := range streams {
		if e := s.Close(); e != nil && exitCode(err) != exitIO {
			err = e
		}
	}
	return err
}

package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// reportFlags are the flags of report.
type reportFlags struct {
	bind    bindFlags
	energy  energyFlags
	rules   ruleFlags
	sparse  densityFlags
	out     outputFlags
	normal  normalFlags
	join    string
	columns []string
	names   []string
	caption captionFlags
	digits  int
	jobs    int
	strict  bool
}

// reportColumns are printed when --columns is not given; with a GPU its estimates too.
var reportColumns = []string{"params", "macs", "traffic", "peak_activation_bytes"}

func (r *reportFlags) register(f *pflag.FlagSet) {
	section(f, "Sizes", r.bind.register)
	section(f, "Rules of counting", r.rules.register)
	section(f, "Sparsity", r.sparse.register)
	section(f, "Energy", r.energy.register)
	section(f, "Table", func(f *pflag.FlagSet) {
		f.StringSliceVar(&r.columns, "columns", nil, "`COLUMNS` in this order: "+strings.Join(render.PaperColumns(), ", ")+
			" (default "+strings.Join(reportColumns, ",")+", with --gpu the estimates too)")
		f.StringArrayVar(&r.names, "name", nil, "`NAME` of a row in place of the file's; repeatable, in the order of the models")
		f.IntVar(&r.digits, "digits", 3, "`N` significant digits, 1 to 15")
		r.caption.register(f)
	})
	section(f, "Columns of your own", func(f *pflag.FlagSet) {
		f.StringVar(&r.join, "join", "", "further columns for --columns from `FILE`, a CSV of which each row has a model's name")
		r.normal.register(f)
	})
	section(f, "Output", func(f *pflag.FlagSet) {
		r.out.register(f, render.TableKinds...)
		f.BoolVar(&r.strict, "strict", false, "exit 4 unless every total is exact")
		registerJobs(f, &r.jobs)
	})
}

// check completes the columns and holds them to what can be known.
func (r *reportFlags) check() error {
	if r.digits < 1 || r.digits > 15 {
		return usagef("--digits %d (expected 1 to 15)", r.digits)
	}
	priced := r.energy.priced()
	if len(r.columns) == 0 {
		r.columns = reportColumns
		if priced {
			r.columns = slices.Concat(reportColumns, render.PricedColumns())
		}
	}
	for _, c := range r.columns {
		switch {
		case !slices.Contains(render.PaperColumns(), c) && r.adds():
			// known when the file has been read
		case !slices.Contains(render.PaperColumns(), c):
			return unknownName("column", c, render.PaperColumns())
		case !priced && slices.Contains(render.PricedColumns(), c):
			return usagef("column %s needs --gpu (a list of them: onnxmeter gpus)", c)
		}
	}
	return r.rules.check()
}

// adds reports whether there are columns that are not counted.
func (r *reportFlags) adds() bool { return r.join != "" || r.normal.wanted() }

// further reads and computes the columns that are not counted.
func (a *app) further(r *reportFlags, paper *render.Paper, paths map[string]string) error {
	all := *paper
	all.Columns = render.PaperColumns()
	t := all.Rows()
	t.File = "models"
	counted := len(t.Columns)
	if r.join != "" {
		if err := a.joinTable(t, r.join, "", paths); err != nil {
			return err
		}
	}
	if r.normal.wanted() {
		if r.normal.Energy == "" && r.normal.Target == "" {
			r.normal.Energy = "energy" // the estimate
		}
		if _, err := r.normal.apply(t); err != nil {
			return err
		}
	}
	for _, c := range r.columns {
		if !slices.Contains(t.Columns, c) && !slices.Contains(render.PaperColumns(), c) {
			return unknownName("column", c, slices.Concat(render.PaperColumns(), t.Columns[counted:]))
		}
	}
	paper.More = t
	return nil
}

// reportCommand prints a table of models for a paper.
func (a *app) reportCommand() *cobra.Command {
	var r reportFlags
	cmd := &cobra.Command{
		Use:   "report MODEL...",
		Short: "Print a table of models for a paper: LaTeX, Markdown or CSV",
		Example: `  onnxmeter report models/ -f latex --caption 'Cost of one inference' --label tab:cost
  onnxmeter report a.onnx b.onnx --name Ours --name Baseline --columns params,macs,energy --gpu rtx-4090`,
		Args: needModels,
		RunE: func(_ *cobra.Command, args []string) error { return a.report(&r, args) },
	}
	r.register(cmd.Flags())
	return cmd
}

func (a *app) report(r *reportFlags, args []string) error {
	if err := r.check(); err != nil {
		return err
	}
	pricing, err := r.energy.resolve()
	if err != nil {
		return err
	}
	variants, done, err := r.bind.options()
	if err != nil {
		return err
	}
	defer done()
	b, err := a.newBatch(args, r.jobs, variants)
	if err != nil {
		return err
	}
	if len(r.names) > 0 && len(r.names) != len(b.sources) {
		return usagef("%d times --name for %d models", len(r.names), len(b.sources))
	}
	sinks, err := r.out.open(a, append(slices.Clone(b.sources), source{path: r.join}), render.TableKinds...)
	if err != nil {
		return err
	}
	return closeAll(sinks, a.writePaper(r, pricing, b, sinks))
}

// writePaper counts the models and writes the table of those that could be read.
func (a *app) writePaper(r *reportFlags, p *pricing, b *batch, sinks []sink) error {
	paper := render.Paper{Columns: r.columns, Caption: r.caption.text, Label: r.caption.label, Digits: r.digits}
	names := rowNames(b.sources, r.names)
	err := each(b, r.sparse.also(counting(&r.rules, p, true)), func(rep *render.Report) (int, error) {
		name := names[rep.Model.Path]
		if len(b.variants) > 1 {
			name += " (" + dimsOf(rep) + ")"
		}
		paper.Reports, paper.Names = append(paper.Reports, rep), append(paper.Names, name)
		return a.strictly(r.strict, rep), nil
	})
	var reported errReported
	if len(paper.Reports) == 0 || err != nil && !errors.As(err, &reported) {
		return err
	}
	if r.adds() {
		if e := a.further(r, &paper, names); e != nil {
			return e
		}
	}
	for _, s := range sinks {
		if e := paper.Write(s.w, s.kind, a.colored(s.w)); e != nil {
			return e
		}
	}
	return err
}

// rowNames names the row of each file: as given, by its base name, or by its path
// where two have the same.
func rowNames(files []source, given []string) map[string]string {
	names, taken := map[string]string{}, map[string]int{}
	for _, f := range files {
		taken[baseName(f.path)]++
	}
	for i, f := range files {
		switch {
		case len(given) > 0:
			names[f.path] = given[i]
		case taken[baseName(f.path)] > 1:
			names[f.path] = f.path
		default:
			names[f.path] = baseName(f.path)
		}
	}
	return names
}

// baseName is the name of a file without folder and extension.
func baseName(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// dimsOf lists the bound sizes of a report: "N=1, S=128".
func dimsOf(r *render.Report) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(r.Dims)) {
		out = append(out, fmt.Sprintf("%s=%d", name, r.Dims[name]))
	}
	return strings.Join(out, ", ")
}

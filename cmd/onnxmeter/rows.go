package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
	"github.com/onnxmeter/onnxmeter/graph"
)

// rowFlags say where the rows of a comparison come from: a CSV file, or models whose
// columns are counted.
type rowFlags struct {
	name   string
	drop   bool
	join   string
	bind   bindFlags
	rules  ruleFlags
	energy energyFlags
	normal normalFlags
	jobs   int
	models []*pflag.FlagSet // flags that need models
}

func (r *rowFlags) register(f *pflag.FlagSet) {
	section(f, "Rows", func(f *pflag.FlagSet) {
		f.StringVar(&r.name, "name", "", "the `COLUMN` that names a row (default the first)")
		f.BoolVar(&r.drop, "drop-missing", false, "leave rows out that lack a value, which else is an error")
	})
	section(f, "Energies from different hardware", r.normal.register)
	forModels := func(title string, register func(*pflag.FlagSet)) {
		section(f, title, func(f *pflag.FlagSet) {
			register(f)
			r.models = append(r.models, f)
		})
	}
	forModels("Rows from models", func(f *pflag.FlagSet) {
		f.StringVar(&r.join, "join", "", "more columns for models from `FILE`, a CSV of which each row has a model's name")
		registerJobs(f, &r.jobs)
	})
	forModels("Sizes of models", r.bind.register)
	forModels("Rules of counting", r.rules.register)
	forModels("Energy of models", r.energy.register)
}

// table reads the rows and adds the columns that are asked for.
func (a *app) table(r *rowFlags, args []string) (*tradeoff.Table, error) {
	t, err := a.rows(r, args)
	if err == nil && r.normal.wanted() {
		_, err = r.normal.apply(t)
	}
	return t, err
}

func (a *app) rows(r *rowFlags, args []string) (*tradeoff.Table, error) {
	models := slices.ContainsFunc(args, isModelArgument)
	switch {
	case !models && len(args) > 1:
		return nil, usagef("%d tables (expected one CSV file, or models)", len(args))
	case !models:
		if name := changed(r.models); name != "" {
			return nil, usagef("--%s is for rows from models, and %s is a table", name, args[0])
		}
		return a.readTable(args[0], r.name)
	}
	if i := slices.IndexFunc(args, func(s string) bool { return !isModelArgument(s) }); i >= 0 {
		return nil, usagef("models and the table %s (expected --join %s)", args[i], args[i])
	}
	return a.modelTable(r, args)
}

// isModelArgument tells models from tables, by their names.
func isModelArgument(arg string) bool {
	info, err := os.Stat(arg)
	return isModelName(arg) || err == nil && info.IsDir() || err != nil && hasGlobMeta(arg)
}

// changed returns the first flag that was given.
func changed(sets []*pflag.FlagSet) (name string) {
	for _, set := range sets {
		set.VisitAll(func(f *pflag.Flag) {
			if f.Changed && name == "" {
				name = f.Name
			}
		})
	}
	return name
}

// readTable reads a CSV file, or standard input.
func (a *app) readTable(path, name string) (*tradeoff.Table, error) {
	if path == stdinName {
		t, err := tradeoff.ReadCSV(a.stdin, "stdin", name)
		return t, objectiveError("--name", err)
	}
	f, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := tradeoff.ReadCSV(f, path, name)
	return t, inputError(path, objectiveError("--name", err))
}

// modelTable counts the models and joins what --join holds of them.
func (a *app) modelTable(r *rowFlags, args []string) (*tradeoff.Table, error) {
	pricing, err := r.pricing()
	if err != nil {
		return nil, err
	}
	variants, done, err := r.bind.options()
	if err != nil {
		return nil, err
	}
	defer done()
	if len(variants) > 1 {
		return nil, usagef("a row has one value for each --dim")
	}
	b, err := a.newBatch(args, r.jobs, variants)
	if err != nil {
		return nil, err
	}
	paper := render.Paper{Columns: render.PaperColumns()}
	names := rowNames(b.sources, nil)
	err = each(b, counting(&r.rules, pricing, true), func(rep *render.Report) (int, error) {
		if rep.Coverage.Status == counters.Bound {
			a.note("%s: totals are upper bounds: the work depends on data", rep.Model.Path)
		}
		paper.Reports, paper.Names = append(paper.Reports, rep), append(paper.Names, names[rep.Model.Path])
		return exitOK, nil
	})
	if err != nil {
		return nil, err
	}
	t := paper.Rows()
	t.File = "models"
	if r.join == "" {
		return t, nil
	}
	return t, a.joinTable(t, r.join, r.name, names)
}

// pricing resolves the flags of energy: a row has one estimate at most.
func (r *rowFlags) pricing() (*pricing, error) {
	if err := r.rules.check(); err != nil {
		return nil, err
	}
	p, err := r.energy.resolve()
	switch {
	case err != nil:
		return nil, err
	case len(p.devices) > 1:
		return nil, usagef("--gpu is given %d times (expected one: a row has one energy)", len(p.devices))
	case len(p.carbon) > 1:
		return nil, usagef("--zone is given %d times (expected one: a row has one carbon)", len(p.carbon))
	}
	return p, nil
}

// joinTable adds the columns of --join. A row of it may have the name of a model, the
// name of its file or its path.
func (a *app) joinTable(t *tradeoff.Table, path, nameColumn string, names map[string]string) error {
	other, err := a.readTable(path, nameColumn)
	if err != nil {
		return err
	}
	paths := map[string]string{}
	for path, name := range names {
		paths[name] = path
	}
	unused, err := t.Join(other, func(row string, in map[string]int) (int, bool) {
		for _, name := range []string{row, paths[row], filepath.Base(paths[row])} {
			if i, ok := in[name]; ok {
				return i, true
			}
		}
		return 0, false
	})
	if len(unused) > 0 {
		a.note("%s: no model for %s", path, strings.Join(unused, ", "))
	}
	return err
}

// sayDropped remarks on rows that were left out.
func (a *app) sayDropped(rows []tradeoff.Problem) {
	for _, p := range rows {
		a.note("left out: %s", p)
	}
}

// objectiveError makes a mistake of the caller of an expression that cannot be read
// or names no column.
func objectiveError(flag string, err error) error {
	var syntax *graph.ExprError
	var column *tradeoff.ColumnError
	if errors.As(err, &syntax) || errors.As(err, &column) {
		return usagef("%s: %v", flag, err)
	}
	return err
}

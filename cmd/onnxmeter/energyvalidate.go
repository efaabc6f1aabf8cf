package main

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/fit"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// validateFlags are the flags of energy validate.
type validateFlags struct {
	data         []string
	coefficients string
	form, split  string
	out          outputFlags
}

func (v *validateFlags) register(f *pflag.FlagSet) {
	section(f, "Rows", func(f *pflag.FlagSet) {
		f.Var((*list)(&v.data), "data", "score the coefficients on the measurements of a CSV `FILE` instead; repeatable")
		f.StringVar(&v.coefficients, "coefficients", "", "with --data, a table of your own, a CSV `FILE`; its rows come before the shipped ones")
	})
	section(f, "Table", func(f *pflag.FlagSet) {
		f.StringVar(&v.form, "form", "", "one formula `F` only: "+orList(formNames())+" (default those of the default energy model)")
		f.StringVar(&v.split, "split", "", "one kind `S` only of what was held out: "+orList(validationSplits))
	})
	section(f, "Output", func(f *pflag.FlagSet) { v.out.register(f, tableKinds...) })
}

// validationSplits are what a fit may not have seen.
var validationSplits = []string{"family", "net", "gpu", "source"}

func formNames() []string {
	var names []string
	for _, f := range energy.Forms() {
		names = append(names, f.Name)
	}
	return names
}

func (v *validateFlags) check() error {
	switch {
	case v.coefficients != "" && len(v.data) == 0:
		return usagef("--coefficients needs --data: the errors of the shipped table are its own")
	case len(v.data) > 0 && v.form+v.split != "":
		return usagef("--form and --split choose among the errors of the fit; --data has none")
	case v.form != "" && !slices.Contains(formNames(), v.form):
		return unknownName("--form", v.form, formNames())
	case v.split != "" && !slices.Contains(validationSplits, v.split):
		return unknownName("--split", v.split, validationSplits)
	}
	return nil
}

// hides reports whether the flags leave a line out.
func (v *validateFlags) hides(g energy.Validation) bool {
	form, _ := energy.FormByName(g.Form)
	byDefault := v.form == "" && form.Model == energy.EnergyModels()[0]
	return g.Form != v.form && !byDefault || v.split != "" && g.Split != v.split
}

// energyValidateCommand says how far coefficients can be trusted.
func (a *app) energyValidateCommand() *cobra.Command {
	var v validateFlags
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Print the errors of the coefficients on what their fit never saw, or on rows of your own",
		Long: `Print the errors of the shipped coefficients on what their fit never saw, as they were when the
table was fitted (energy fit does it again): whole families of networks, the GPU, a source, or
single networks.

With --data the coefficients are scored as they are, without any fit, on rows with the columns
of the measurements that ship (gpu, model, precision, energy_j_per_sample, kind; further task,
batch, macs, params, activations_or_bytes, n_gpu, note ...). A net of the feature table is
priced by its layers, any other by MACs, parameters and activations. Rows that cannot be scored
are counted with the reason.

x80 and x90 are factors: 80 and 90 in a hundred estimates lie within them, either way. coverage
is the share inside the printed interval.`,
		Example: `  onnxmeter energy validate
  onnxmeter energy validate --split family --form classes -f json
  onnxmeter energy validate --data mine.csv --coefficients mine-coefficients.csv`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if err := v.check(); err != nil {
				return err
			}
			result, err := v.validate()
			if err != nil {
				return err
			}
			return a.emit(&v.out, tableKinds, func(s sink) error { return render.Validate(s.w, s.kind, result, a.colored(s.w)) })
		},
	}
	v.register(cmd.Flags())
	return cmd
}

func (v *validateFlags) validate() (*render.Validation, error) {
	if len(v.data) == 0 {
		return &render.Validation{Coefficients: energy.Version(), Groups: slices.DeleteFunc(energy.ShippedValidation(), v.hides)}, nil
	}
	table, err := readCoefficients(v.coefficients)
	if err != nil {
		return nil, err
	}
	table = cmp.Or(table, energy.Shipped())
	rows, err := readMeasurements(v.data)
	if err != nil {
		return nil, err
	}
	nets, err := fit.ShippedNets()
	if err != nil {
		return nil, err
	}
	out := &render.Validation{Coefficients: table.Version}
	var unscored fit.Skipped
	out.Groups, unscored = fit.ScoreRows(rows, nets, table)
	out.Unscored = reasons(unscored)
	return out, nil
}

// readMeasurements reads the rows of files.
func readMeasurements(paths []string) ([]fit.Row, error) {
	var rows []fit.Row
	for _, path := range paths {
		content, err := readLog(path)
		if err != nil {
			return nil, err
		}
		more, err := fit.ReadRows(bytes.NewReader(content))
		if err != nil {
			return nil, inputErrorf(path, "%v", err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// maxReasons bounds the reasons that are listed one by one.
const maxReasons = 20

// reasons lists why rows were left out, most rows first.
func reasons(skipped fit.Skipped) []render.Unscored {
	var out []render.Unscored
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		out = append(out, render.Unscored{Rows: skipped[why], Why: why})
	}
	slices.SortStableFunc(out, func(a, b render.Unscored) int { return cmp.Compare(b.Rows, a.Rows) })
	if len(out) <= maxReasons {
		return out
	}
	rest := render.Unscored{Why: "other reasons"}
	for _, u := range out[maxReasons-1:] {
		rest.Rows += u.Rows
	}
	return append(out[:maxReasons-1], rest)
}

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/fit"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// fitFlags are the flags of energy fit.
type fitFlags struct {
	data    []string
	shipped bool
	dir     string
	out     outputFlags
}

func (c *fitFlags) register(f *pflag.FlagSet) {
	section(f, "Rows", func(f *pflag.FlagSet) {
		f.Var((*list)(&c.data), "data", "fit the measurements of a CSV `FILE` (default those that ship); repeatable")
		f.BoolVar(&c.shipped, "shipped", false, "with --data, the rows that ship too")
	})
	section(f, "Output", func(f *pflag.FlagSet) {
		f.StringVarP(&c.dir, "out", "o", "", "write the table and what belongs to it into the folder `DIR`")
		c.out.register(f, tableKinds...)
	})
}

// energyFitCommand fits a table of coefficients from measurements.
func (a *app) energyFitCommand() *cobra.Command {
	var c fitFlags
	cmd := &cobra.Command{
		Use:   "fit --out DIR",
		Short: "Fit the coefficients from measurements, with their errors on what is held out",
		Long: `Fit a table of coefficients from measurements and write into DIR, in this order:

  comparison.csv     errors of each row, the shipped table's and the new one's
  validation.csv     errors on families, GPUs, sources and nets that a fit did not see
  provenance.txt     what the fit used, hashed, and what it could not use
  coefficients.csv   the table, for --coefficients

Nothing is random: the same rows give the same bytes. Some rows behind the shipped table do not
ship, because their source states no licence; a fit says which it lacks and takes them with
--data. The errors of the new table go to standard output.`,
		Example: `  onnxmeter energy fit --out refit
  onnxmeter energy fit --data measurements.csv --out refit
  onnxmeter energy fit --data mine.csv --shipped --out refit -f json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case c.dir == "":
				return usagef("--out is not given: the folder for the table")
			case c.shipped && len(c.data) == 0:
				return usagef("--shipped says nothing without --data: the rows that ship are the default")
			}
			return a.fit(&c)
		},
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) fit(c *fitFlags) error {
	rows, nets, err := c.inputs()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		return &outputError{err}
	}
	r, err := fit.Do(rows, nets)
	if err != nil {
		return inputErrorf(strings.Join(c.data, ", "), "%v", err)
	}
	for _, l := range r.Lacks() {
		a.note("lacks rows of %s for %s: their source states no licence, give them with --data", l.Sources, l.ID)
	}
	groups := fit.Validate(r.Model, r.Table, r.Points)
	if err := writeFit(c.dir, r, groups); err != nil {
		return err
	}
	v := &render.Validation{Coefficients: r.Table.Version, Groups: groups, Unscored: reasons(r.Skipped)}
	return a.emit(&c.out, tableKinds, func(s sink) error { return render.Validate(s.w, s.kind, v, a.colored(s.w)) })
}

// inputs reads the rows and the feature table.
func (c *fitFlags) inputs() ([]fit.Row, *fit.Nets, error) {
	if len(c.data) == 0 {
		return fit.ShippedInputs()
	}
	rows, err := readMeasurements(c.data)
	if err != nil {
		return nil, nil, err
	}
	shipped, nets, err := fit.ShippedInputs()
	if c.shipped {
		rows = fit.Together(shipped, rows)
	}
	return rows, nets, err
}

// writeFit writes the files of a fit, what speaks for or against the table before it.
func writeFit(dir string, r *fit.Refit, groups []energy.Validation) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"comparison.csv", func(w io.Writer) error { return fit.Compare(w, energy.Shipped(), r.Table) }},
		{"validation.csv", func(w io.Writer) error { return fit.WriteValidation(w, groups) }},
		{"provenance.txt", func(w io.Writer) error { return writeLines(w, r.Table.Header) }},
		{"coefficients.csv", func(w io.Writer) error { return fit.WriteTable(w, r.Table) }},
	} {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

func writeLines(w io.Writer, lines []string) error {
	for _, l := range lines {
		if _, err := fmt.Fprintln(w, l); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// normalFlags make energies from different hardware comparable.
type normalFlags struct{ tradeoff.Normalization }

func (n *normalFlags) register(f *pflag.FlagSet) {
	f.StringVar(&n.Energy, "energy", "", "the energy of a row on its own hardware, a `COLUMN`; adds column "+tradeoff.NormalizedColumn)
	f.StringVar(&n.Reference, "reference", "", "the energy that one reference run took on the hardware of each row, a `COLUMN`")
	f.Float64Var(&n.At, "reference-at", 0, "`X` that the reference run takes on the common hardware")
	f.StringVar(&n.Target, "target", "", "in place of a reference run: the energy on the common hardware where it is known, a `COLUMN`")
	f.Var((*list)(&n.On), "on", "what a linear regression explains --target by, a `COLUMN`; once or twice")
	f.StringVar(&n.Score, "ew-score", "", "the score of a row, a `COLUMN`; adds column "+tradeoff.EWScoreColumn+", score x energy of the baseline / energy")
	f.StringVar(&n.Baseline, "baseline", "", "the `ROW` of the baseline of --ew-score")
}

// wanted reports whether a flag asks for a column.
func (n *normalFlags) wanted() bool {
	return n.Energy != "" || n.Reference != "" || n.Target != "" || n.Score != "" || n.Baseline != ""
}

// apply adds the columns to a table.
func (n *normalFlags) apply(t *tradeoff.Table) (*tradeoff.Regression, error) {
	fit, err := t.Normalize(n.Normalization)
	var bad *tradeoff.Error
	if err = objectiveError("--energy, --reference, --target, --on or --ew-score", err); err == nil || errors.As(err, &bad) {
		return fit, err
	}
	return nil, asUsage(err)
}

// energyNormalizeCommand brings energies to common hardware.
func (a *app) energyNormalizeCommand() *cobra.Command {
	var (
		n       normalFlags
		name    string
		caption captionFlags
		out     outputFlags
	)
	cmd := &cobra.Command{
		Use:   "normalize TABLE.csv --energy COLUMN",
		Short: "Make energies that were measured on different hardware comparable",
		Long: `Make energies that were measured on different hardware comparable: by the ratio of a reference
run that every row made on its own hardware, or by a linear regression with one or two variables
on the rows whose energy on the common hardware is known; and weigh scores by them (EW-score of
DCASE Task 4: score x energy of the baseline / energy of the row).`,
		Example: `  onnxmeter energy normalize systems.csv --energy kwh --reference baseline_kwh --reference-at 1.390 --ew-score psds --baseline baseline
  onnxmeter energy normalize systems.csv --target kwh_a100 --on flops --on params`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%d tables (expected one CSV file)", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := a.readTable(args[0], name)
			if err != nil {
				return err
			}
			fit, err := n.apply(t)
			if err != nil {
				return err
			}
			r := &render.Normalized{Table: t, Asked: n.Normalization, Fit: fit, Caption: caption.text, Label: caption.label}
			return a.emitTable(&out, capsKinds, args, "", func(s sink) error { return r.Write(s.w, s.kind, a.colored(s.w)) })
		},
	}
	section(cmd.Flags(), "Energies", n.register)
	section(cmd.Flags(), "Rows", func(f *pflag.FlagSet) {
		f.StringVar(&name, "name", "", "the `COLUMN` that names a row (default the first)")
	})
	section(cmd.Flags(), "Output", func(f *pflag.FlagSet) {
		out.register(f, capsKinds...)
		caption.register(f)
	})
	return cmd
}

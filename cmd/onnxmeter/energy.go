package main

import (
	"github.com/spf13/cobra"
)

// energyCommand is the parent of the verbs that look after the coefficients of
// estimates; it does nothing by itself.
func (a *app) energyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "energy VERB",
		Short: "Fit, validate and calibrate the coefficients of energy estimates",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				help(a.stderr, cmd)
				return errReported(exitUsage)
			}
			return unknownVerb(cmd, args[0])
		},
	}
	cmd.AddCommand(a.energyFitCommand(), a.energyValidateCommand(), a.energyCalibrateCommand(), a.energyNormalizeCommand())
	return cmd
}

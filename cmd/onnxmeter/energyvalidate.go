package main

import (
	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// energyValidateCommand says how far the shipped coefficients can be trusted.
func (a *app) energyValidateCommand() *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Print the errors of the coefficients on what their fit never saw",
		Long: `Print the errors of the shipped coefficients on what their fit never saw: whole families of
networks, single networks, or the GPU itself. x80 and x90 are factors: 80 and 90 in a hundred
estimates lie within them, either way. coverage is the share inside the printed interval.`,
		Example: `  onnxmeter energy validate
  onnxmeter energy validate -f json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			v := render.Validation{Coefficients: energy.Version(), Groups: energy.Shipped().Validation("classes")}
			v.Groups = append(v.Groups, energy.Shipped().Validation("totals")...)
			return a.emit(&out, tableKinds, func(s sink) error { return render.Validate(s.w, s.kind, &v, a.colored(s.w)) })
		},
	}
	out.register(cmd.Flags(), tableKinds...)
	return cmd
}

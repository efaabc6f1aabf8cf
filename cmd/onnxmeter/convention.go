package main

import (
	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// conventionCommand lists the counting conventions, or prints the rules of some.
func (a *app) conventionCommand() *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "convention [NAME...]",
		Short: "List the ways to count of other tools, or the rules of one with their source",
		Example: `  onnxmeter convention
  onnxmeter convention fvcore
  onnxmeter count resnet50.onnx --convention thop
  onnxmeter compare resnet50.onnx --conventions all`,
		RunE: func(_ *cobra.Command, args []string) error {
			list := convention.List()
			if len(args) > 0 {
				list = nil
				for _, name := range args {
					c, err := convention.Lookup(name)
					if err != nil {
						return asUsage(err)
					}
					list = append(list, c)
				}
			}
			return a.emit(&out, tableKinds, func(s sink) error {
				return render.Conventions(s.w, s.kind, list, len(args) > 0, a.colored(s.w))
			})
		},
	}
	out.register(cmd.Flags(), tableKinds...)
	cmd.ValidArgsFunction = completeNames(convention.Names)
	return cmd
}

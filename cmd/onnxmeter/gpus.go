package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

var tableKinds = []string{"text", "json", "csv", "markdown"}

// gpusCommand lists the accelerators that an estimate can be made for.
func (a *app) gpusCommand() *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "gpus [NAME...]",
		Short: "List the accelerators with their datasheets, or describe one",
		Example: `  onnxmeter gpus
  onnxmeter gpus "RTX 4090"
  onnxmeter gpus h100 -f json`,
		RunE: func(_ *cobra.Command, args []string) error {
			devices := energy.Devices()
			if len(args) > 0 {
				var err error
				if devices, err = pickDevices(args); err != nil {
					return err
				}
			}
			list := make([]energy.Support, len(devices))
			for i, d := range devices {
				list[i] = energy.Describe(d, energy.Shipped())
			}
			detail := len(args) > 0 && len(list) <= len(args)
			return a.emit(&out, tableKinds, func(s sink) error { return render.GPUs(s.w, s.kind, list, detail, a.colored(s.w)) })
		},
	}
	out.register(cmd.Flags(), tableKinds...)
	cmd.ValidArgsFunction = completeNames(deviceIDs)
	return cmd
}

// pickDevices looks names up; one that several devices have in theirs stands for
// all of them.
func pickDevices(names []string) ([]energy.Device, error) {
	var out []energy.Device
	for _, name := range names {
		d, err := energy.Lookup(name)
		var known *energy.NameError
		if errors.As(err, &known) && known.Ambiguous {
			for _, id := range known.Candidates {
				if d, err := energy.Lookup(id); err == nil {
					out = append(out, d)
				}
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func deviceIDs() []string {
	var ids []string
	for _, d := range energy.Devices() {
		ids = append(ids, d.ID)
	}
	return ids
}

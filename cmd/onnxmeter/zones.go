package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
)

// zonesCommand lists the carbon factors.
func (a *app) zonesCommand() *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "zones [NAME...]",
		Short: "List the carbon factors of grids, countries and cloud regions, or describe some",
		Example: `  onnxmeter zones
  onnxmeter zones FRA gcp:europe-west1`,
		RunE: func(_ *cobra.Command, args []string) error {
			list := energy.Zones()
			if len(args) > 0 {
				var err error
				if list, err = pickZones(args); err != nil {
					return err
				}
			}
			return a.emit(&out, tableKinds, func(s sink) error { return render.Zones(s.w, s.kind, list, len(args) > 0, a.colored(s.w)) })
		},
	}
	out.register(cmd.Flags(), tableKinds...)
	cmd.ValidArgsFunction = completeNames(zoneIDs)
	return cmd
}

// pickZones returns every factor of the named zones; a name that is only a part of
// others stands for all of those.
func pickZones(names []string) ([]energy.Zone, error) {
	var ids []string
	for _, name := range names {
		_, err := energy.LookupZone(name)
		n := len(ids)
		var known *energy.NameError
		isKnown := errors.As(err, &known)
		for _, z := range energy.Zones() {
			if isZone(&z, name) || isKnown && slices.Contains(known.Candidates, z.ID+"/"+z.Kind) {
				ids = append(ids, z.ID)
			}
		}
		if len(ids) == n {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(energy.Zones()), func(z energy.Zone) bool { return !slices.Contains(ids, z.ID) }), nil
}

// isZone reports whether a factor is of a zone, given as ID, name or ID/KIND.
func isZone(z *energy.Zone, id string) bool {
	return strings.EqualFold(z.ID, id) || strings.EqualFold(z.Name, id) || strings.EqualFold(z.ID+"/"+z.Kind, id)
}

func zoneIDs() []string {
	var ids []string
	for _, z := range energy.Zones() {
		ids = append(ids, z.ID)
	}
	return slices.Compact(ids)
}

package main

import (
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// siteFlags say where energy is drawn.
type siteFlags struct {
	zones          []string
	intensity, pue float64
	everyday       bool
	set            *pflag.FlagSet
}

func (s *siteFlags) register(f *pflag.FlagSet) {
	s.set = f
	f.Var((*list)(&s.zones), "zone", "carbon factor of a `ZONE`, an id of onnxmeter zones; repeatable (default WORLD)")
	f.Float64Var(&s.intensity, "intensity", 0, "carbon factor of `G` grams per kWh in place of a zone")
	f.Float64Var(&s.pue, "pue", 1, "power usage effectiveness `X` of the site")
	f.BoolVar(&s.everyday, "equivalents", false, "compare with everyday amounts of energy and CO2e")
}

// options checks the factors, one for each zone.
func (s *siteFlags) options() (out []energy.CarbonOptions, err error) {
	zones := s.zones
	if len(zones) == 0 {
		zones = []string{""}
	}
	if s.set.Changed("intensity") && !(s.intensity > 0) {
		return nil, usagef("--intensity %v (expected a positive number)", s.intensity)
	}
	if !(s.pue >= 1) {
		return nil, usagef("--pue %v (expected 1 or more)", s.pue)
	}
	for _, z := range zones {
		o := energy.CarbonOptions{Zone: z, Intensity: s.intensity, PUE: s.pue, Everyday: s.everyday}
		if _, err := energy.Carbon(0, 0, 0, o); err != nil {
			return nil, asUsage(err)
		}
		out = append(out, o)
	}
	return out, nil
}

// asUsage makes a mistake of the caller of an error that is not one by type.
func asUsage(err error) error {
	if exitCode(err) == exitUsage {
		return err
	}
	return &usageError{err.Error()}
}

package energy

import (
	"fmt"
	"math"
	"strconv"
)

// CarbonOptions says where the energy is drawn.
type CarbonOptions struct {
	Zone      string  // see LookupZone; empty: DefaultZone, 437 g of 2018
	Intensity float64 // g CO2e per kWh given by the user; > 0 replaces Zone
	PUE       float64 // power usage effectiveness of the site, >= 1; 0: 1
	Everyday  bool    // compare with everyday amounts
}

// Emission is an amount of CO2e and everything it rests on.
type Emission struct {
	Zone    Zone // the factor: figure, year, method, source
	PUE     float64
	KWh     float64 // at the device, before PUE
	Grams   float64 // KWh x PUE x factor
	Lo, Hi  float64 // grams of the ends of the energy interval
	Warning string  // empty, or what a reader must know of the factor
	// Everyday are the amounts that CarbonOptions.Everyday asks for, else empty.
	Everyday []Equivalent
}

const joulesPerKWh = 3.6e6

// Carbon converts energy with its interval, all in joules, to CO2e.
// Grams = kWh x PUE x factor. The interval is that of the energy alone.
func Carbon(joules, lo, hi float64, o CarbonOptions) (Emission, error) {
	return emission([3]float64{joules, lo, hi}, "J", joulesPerKWh, o)
}

// Carbon converts energy to CO2e.
func (s Spent) Carbon(o CarbonOptions) (Emission, error) {
	return emission([3]float64{s.KWh, s.Lo, s.Hi}, "kWh", 1, o)
}

// emission converts a point, low and high end in a unit of which perKWh make a kWh. The products are
// those of the decimals: 81.6 kWh at 437 g/kWh are 35659.2 g.
func emission(energy [3]float64, unit string, perKWh float64, o CarbonOptions) (Emission, error) {
	for _, v := range energy {
		if !(v >= 0) || math.IsInf(v, 0) {
			return Emission{}, fmt.Errorf("carbon: energy is %v %s (expected a finite, non-negative number)", v, unit)
		}
	}
	if o.PUE == 0 {
		o.PUE = 1
	}
	if !(o.PUE >= 1) || math.IsInf(o.PUE, 0) {
		return Emission{}, fmt.Errorf("carbon: PUE is %v (expected a number of at least 1)", o.PUE)
	}
	z, err := carbonFactor(o)
	if err != nil {
		return Emission{}, err
	}
	grams := func(v float64) float64 { return product(v, o.PUE, z.GPerKWh) / perKWh }
	e := Emission{Zone: z, PUE: o.PUE, KWh: energy[0] / perKWh, Grams: grams(energy[0]), Lo: grams(energy[1]), Hi: grams(energy[2])}
	if math.IsInf(max(e.Grams, e.Lo, e.Hi), 0) {
		return Emission{}, fmt.Errorf("carbon: %v %s is past what can be expressed in grams", energy[0], unit)
	}
	if o.Everyday {
		e.Everyday = equivalents(e.KWh, e.Grams)
	}
	if z.Lifecycle() {
		e.Warning = "life-cycle factor: do not compare with direct factors"
	}
	return e, nil
}

func carbonFactor(o CarbonOptions) (Zone, error) {
	switch {
	case o.Intensity != 0 && o.Zone != "":
		return Zone{}, fmt.Errorf("carbon: both a zone (%s) and an intensity are given", o.Zone)
	case o.Intensity > 0 && !math.IsInf(o.Intensity, 0):
		return Zone{ID: "given", Kind: "given", Name: "given by the user", GPerKWh: o.Intensity,
			Method: "given by the user", Source: "given by the user"}, nil
	case o.Intensity != 0:
		return Zone{}, fmt.Errorf("carbon: intensity is %v g/kWh (expected a positive number)", o.Intensity)
	case o.Zone == "":
		o.Zone = DefaultZone
	}
	return LookupZone(o.Zone)
}

// formatNumber writes a number in its shortest exact decimal form.
func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

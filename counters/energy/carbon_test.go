package energy

import (
	"errors"
	"math"
	"testing"
)

// The training costs that Douwes, Esling and Briot print: kWh and kg at the
// world average of 437 g.
func TestCarbonOfThePapers(t *testing.T) {
	for _, c := range []struct{ kwh, kg float64 }{{81.6, 35.66}, {32.4, 14.16}, {42, 18.35}, {52, 22.72}, {24, 10.49}} {
		e, err := Carbon(c.kwh*3.6e6, 0, c.kwh*3.6e6*2, CarbonOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := math.Round(e.Grams/10) / 100; got != c.kg {
			t.Errorf("%g kWh are %g kg, want %g", c.kwh, got, c.kg)
		}
		if e.Lo != 0 || math.Abs(e.Hi-2*e.Grams) > 1e-6*e.Grams || e.Zone.GPerKWh != 437 || e.Zone.Year != 2018 || e.PUE != 1 {
			t.Errorf("%g kWh: %+v", c.kwh, e)
		}
	}
}

func TestCarbonOptions(t *testing.T) {
	e, err := Carbon(3.6e6, 1.8e6, 7.2e6, CarbonOptions{Intensity: 100, PUE: 1.5})
	if err != nil || math.Abs(e.Grams-150) > 1e-9 || math.Abs(e.Lo-75) > 1e-9 || math.Abs(e.Hi-300) > 1e-9 || e.Zone.ID != "given" {
		t.Errorf("1 kWh at 100 g and PUE 1.5: %+v, %v; want 150 g (75 to 300)", e, err)
	}
	for name, o := range map[string]CarbonOptions{
		"PUE below 1": {PUE: 0.9}, "PUE NaN": {PUE: math.NaN()}, "PUE infinite": {PUE: math.Inf(1)},
		"negative intensity": {Intensity: -1}, "zone and intensity": {Zone: "WORLD", Intensity: 5}, "unknown zone": {Zone: "Atlantis"},
		"NaN intensity": {Intensity: math.NaN()},
	} {
		if e, err := Carbon(1, 1, 1, o); err == nil {
			t.Errorf("%s: %+v, want an error", name, e)
		}
	}
	for _, j := range []float64{-1, math.NaN(), math.Inf(1), math.MaxFloat64} {
		if e, err := Carbon(j, 0, 0, CarbonOptions{}); err == nil && (math.IsNaN(e.Grams) || math.IsInf(e.Grams, 0)) {
			t.Errorf("%g J: %+v, want an error or a number", j, e)
		}
	}
}

func TestLookupZone(t *testing.T) {
	for name, want := range map[string]struct {
		id, kind string
		g        float64
	}{
		"WORLD": {"WORLD", "world", 437}, "world/world/475": {"WORLD", "world", 475}, "World/world/carbontracker": {"WORLD", "world", 481},
		"abw": {"ABW", "country", 561.224}, "Aruba": {"ABW", "country", 561.224}, "aus-nsw": {"AUS-NSW", "grid-zone", 673.9},
		"SWE/country-lifecycle": {"SWE", "country-lifecycle", 35.8}, "gcp:africa-south1": {"gcp:africa-south1", "cloud-region", 646},
		"USA/country-lifecycle": {"USA", "country-lifecycle", 383.6},
	} {
		z, err := LookupZone(name)
		if err != nil || z.ID != want.id || z.Kind != want.kind || z.GPerKWh != want.g || z.Method == "" || z.Source == "" {
			t.Errorf("LookupZone(%q) = %+v, %v; want %+v", name, z, err, want)
		}
	}
	if z, err := LookupZone("USA"); err != nil || z.Lifecycle() {
		t.Errorf("USA: %+v, %v; want a direct factor", z, err)
	}
	for name, ambiguous := range map[string]bool{"Hong Kong": true, "Delhi": true, "Atlantis": false, "": false, "SWE/moon": false, "WORLD/world/999": false} {
		_, err := LookupZone(name)
		var ne *NameError
		if !errors.As(err, &ne) || ne.Ambiguous != ambiguous {
			t.Errorf("LookupZone(%q): %v; want a NameError, ambiguous %v", name, err, ambiguous)
		}
	}
	if e, _ := Carbon(1, 1, 1, CarbonOptions{Zone: "SWE/country-lifecycle"}); e.Warning == "" {
		t.Error("a life-cycle factor carries no warning")
	}
}

func TestZoneKeysAreUnique(t *testing.T) {
	seen := map[[3]string]bool{}
	for _, z := range Zones() {
		k := [3]string{z.ID, z.Kind, z.Source}
		if seen[k] || z.GPerKWh < 0 || z.Source == "" || z.Method == "" {
			t.Errorf("%v: repeated, or without factor, method or source", k)
		}
		seen[k] = true
		if got, err := LookupZone(z.ID + "/" + z.Kind + "/" + z.Source); err != nil || got.GPerKWh != z.GPerKWh {
			t.Errorf("full key of %v finds %+v, %v", k, got, err)
		}
	}
}

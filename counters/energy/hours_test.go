package energy

import (
	"math"
	"testing"
)

// TestPublishedTrainings holds Run to Table 1 of Douwes, Esling, Briot, "Energy
// consumption of deep generative audio models": the kWh to the digit, the
// kilograms at 0.437 kg/kWh to the two decimals that they print.
func TestPublishedTrainings(t *testing.T) {
	for _, m := range []struct {
		model, gpu         string
		gpus               int64
		watts, hours       float64
		kwh, kilogramsX100 float64
	}{
		{"FloWaveNet", "v100-sxm2-16gb", 1, 300, 272, 81.6, 3566},
		{"GANSynth", "v100-sxm2-16gb", 1, 300, 108, 32.4, 1416},
		{"SampleRNN", "titan-x-maxwell", 1, 250, 168, 42, 1835},
		{"SING", "p100-pcie-16gb", 4, 250, 52, 52, 2272},
		{"WaveGAN", "p100-pcie-16gb", 1, 250, 96, 24, 1049},
	} {
		d, err := Lookup(m.gpu)
		if err != nil || d.TDP != m.watts {
			t.Fatalf("%s: %v W (%v), the paper says %v W", m.gpu, d.TDP, err, m.watts)
		}
		s, err := Run{GPUs: m.gpus, Watts: d.TDP, Hours: m.hours}.Energy()
		if err != nil || s.KWh != m.kwh || s.Hi != m.kwh || s.Lo != m.kwh/2 {
			t.Errorf("%s: %v, %v; want %v kWh", m.model, s, err, m.kwh)
		}
		e, err := s.Carbon(CarbonOptions{})
		if err != nil || math.Round(e.Grams/10) != m.kilogramsX100 {
			t.Errorf("%s: %v g, %v; want %v x 10 g", m.model, e.Grams, err, m.kilogramsX100)
		}
	}
}

// TestProduct multiplies decimals that binary arithmetic gets wrong.
func TestProduct(t *testing.T) {
	for _, c := range []struct {
		want    float64
		factors []float64
	}{{0.03, []float64{0.1, 0.3}}, {35659.2, []float64{81.6, 437}}, {1.1, []float64{1.1}}, {0, []float64{0, 5}},
		{math.Inf(1), []float64{1e308, 10}}, {1e300, []float64{1e308, 10, 1e-9}}} {
		if got := product(c.factors...); got != c.want {
			t.Errorf("product(%v) = %v, want %v", c.factors, got, c.want)
		}
	}
}

// TestRunRefuses names what is wrong with a run.
func TestRunRefuses(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, r := range []Run{{0, 1, 1, 0}, {-1, 1, 1, 0}, {1, 0, 1, 0}, {1, inf, 1, 0}, {1, nan, 1, 0}, {1, 1, 0, 0}, {1, 1, nan, 0},
		{1, 1, 1, -0.1}, {1, 1, 1, 1.01}, {1, 1, 1, nan}, {1, 1e200, 1e200, 0}} {
		if s, err := r.Energy(); err == nil {
			t.Errorf("%v is taken: %v", r, s)
		}
	}
}

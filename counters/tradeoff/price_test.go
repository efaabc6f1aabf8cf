package tradeoff

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSteps has figures of the generation plane of Douwes, Esling, Briot: from WaveFlow
// 1 to 2 it is 0.033 Wh for 0.012.
func TestSteps(t *testing.T) {
	s := setOf([][]float64{{1.349, 0.148}, {1.382, 0.136}, {2.382, 0.132}, {2.512, 0.124}, {3.871, 0.114}, {5, 0.2}, {1.382, 0.136}})
	steps := s.Steps(1)
	if len(steps) != 4 || steps[0].From != 0 || steps[0].To != 1 || steps[3].To != 4 {
		t.Fatalf("%+v", steps)
	}
	if math.Abs(steps[0].Gain-0.012) > 1e-12 || math.Abs(steps[0].Prices[0]-2.75) > 1e-9 || steps[0].Prices[1] != 0 {
		t.Errorf("%+v", steps[0])
	}
}

// TestBestBuy holds it to what it promises: beyond it no row is worth its price, before
// it every row is.
func TestBestBuy(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		s := randomSet(r, r.IntN(30)+1, 2, 50)
		s.Objectives[0].Max, s.Objectives[1].Max = false, true
		worth := float64(1 + r.IntN(4))
		stop := s.BestBuy(0, 1, worth)
		for _, i := range s.Front() {
			cost, gain := s.Values[i][0]-s.Values[stop][0], s.Values[i][1]-s.Values[stop][1]
			// Later rows cost more than they are worth, earlier ones save less than they lose.
			if cost < worth*gain {
				t.Fatalf("%v: stop at %v, not at %v, for %v", s.Values, s.Values[stop], s.Values[i], worth)
			}
		}
	}
}

func TestWorth(t *testing.T) {
	for _, c := range []struct {
		in, unit string // of the cost
		want     float64
		assumed  string
		ok       bool
	}{
		{"0.5kWh/0.01", "kWh", 50, "", true}, {"0.5kWh/0.01", "J", 1.8e8, "", true}, {"3.6 MJ/1", "kWh", 1, "", true}, {"2/0.1", "", 20, "", true},
		{"2/0.1", "kWh", 20, "kWh", true}, {"0.5kwh/0.01", "", 50, "kWh", true}, {"1g/1", "kWh", 0, "", false}, {"1e3Wh/1", "kWh", 1, "", true}, {"90min/1", "h", 1.5, "", true},
		{"a:b:1kg/1", "g", 1000, "", true},
	} {
		w, err := ParseWorth(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		got, assumed, ok := w.Per(c.unit)
		if ok != c.ok || ok && (math.Abs(got-c.want) > 1e-9*c.want || assumed != c.assumed) {
			t.Errorf("%s in %q is %v %q %v", c.in, c.unit, got, assumed, ok)
		}
	}
	for _, s := range []string{"", "1", "1/0", "0/1", "-1kWh/1", "1kWh/-1", "xkWh/1", "1furlong/1", "1kWh/NaN", "NaN/1", "Inf/1", "1mwh/1", "1e308/1e-308"} {
		if w, err := ParseWorth(s); err == nil {
			t.Errorf("%q is %+v", s, w)
		}
	}
	if w, err := ParseWorth("E train:2kWh/1"); err != nil || w.Cost != "E train" {
		t.Errorf("%+v %v", w, err)
	}
}

func TestUnit(t *testing.T) {
	for name, want := range map[string]string{"energy_kwh": "kWh", "E_train kWh": "kWh", "energy (Wh)": "Wh", "mass [kg]": "kg", "energy": "", "kWh": "", "x_mwh": "", "E/J": "J", "acc_5": ""} {
		if got := (&Table{}).Unit(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestCumulate(t *testing.T) {
	s := setOf([][]float64{{1, 5}, {2, 4}, {-1, 6}})
	if s.Falls(0) != 2 || s.Falls(1) != 1 {
		t.Error("falls")
	}
	s.Values[2][0] = 3
	s.Lo, s.Hi = setOf([][]float64{{1, 5}, {2, 4}, {3, 6}}).Values, setOf([][]float64{{1, 5}, {2, 4}, {4, 6}}).Values
	s.Cumulate(0)
	if s.Values[2][0] != 6 || s.Hi[2][0] != 7 || s.Falls(0) != -1 {
		t.Errorf("%v", s.Values)
	}
}

func read(t *testing.T, text string) *Table {
	t.Helper()
	tab, err := ReadCSV(strings.NewReader(text), "t.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

package energy

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

func TestLookup(t *testing.T) {
	for name, id := range map[string]string{
		"a100-pcie-80gb": "a100-pcie-80gb", "NVIDIA A100 80GB PCIe": "a100-pcie-80gb", "A100-PCIE-40GB": "a100-pcie-40gb",
		"geforce rtx 4090": "rtx-4090", "RTX_4090": "rtx-4090", "nvidia geforce rtx 4090": "rtx-4090",
		"GTX TITAN X": "titan-x-maxwell", "Tesla V100-SXM2-16GB": "v100-sxm2-16gb", " jetson xavier nx ": "jetson-xavier-nx-8gb",
	} {
		d, err := Lookup(name)
		if err != nil || d.ID != id {
			t.Errorf("Lookup(%q) = %q, %v; want %s", name, d.ID, err, id)
		}
	}
}

func TestLookupEveryAlias(t *testing.T) {
	if n := len(Devices()); n != 204 {
		t.Errorf("%d devices, want the 204 of the table", n)
	}
	for _, d := range Devices() {
		for _, a := range d.names() {
			for _, s := range []string{a, strings.ToUpper(a), strings.ToLower(a)} {
				if got, err := Lookup(s); err != nil || got.ID != d.ID {
					t.Errorf("Lookup(%q) = %q, %v; want %s", s, got.ID, err, d.ID)
				}
			}
		}
	}
}

func TestLookupFailures(t *testing.T) {
	for _, c := range []struct {
		name      string
		ambiguous bool
		candidate string
	}{
		{"TITAN X", true, "titan-x-pascal"}, {"TITAN X", true, "titan-x-maxwell"},
		{"A100", true, "a100-sxm4-80gb"}, {"RTX 4900", false, "rtx-4090"},
		{"rtx-409O", false, "rtx-4090"}, {"h100 pcei", false, "h100-pcie-80gb"},
		{"", false, ""}, {"toaster oven mark nine", false, ""},
	} {
		_, err := Lookup(c.name)
		var ne *NameError
		if !errors.As(err, &ne) || ne.Ambiguous != c.ambiguous {
			t.Errorf("Lookup(%q): %v; want a NameError, ambiguous %v", c.name, err, c.ambiguous)
			continue
		}
		if c.candidate != "" && !slices.Contains(ne.Candidates, c.candidate) || c.candidate == "" && len(ne.Candidates) > 0 {
			t.Errorf("Lookup(%q): candidates %v, want %q among them", c.name, ne.Candidates, c.candidate)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		d    int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1}, {"abc", "xyz", 3}, {"", "abc", 3}, {"rtx 4900", "rtx 4090", 1}} {
		if got := graph.EditDistance(c.a, c.b); got != c.d || graph.EditDistance(c.b, c.a) != c.d {
			t.Errorf("EditDistance(%q, %q) = %d, want %d both ways", c.a, c.b, got, c.d)
		}
	}
}

// The same figures from the user and from the table give the same estimate.
func TestGivenDevice(t *testing.T) {
	p100 := device(t, "p100-pcie-16gb")
	d, err := GivenDevice(p100.TDP, p100.FP32, p100.Bandwidth)
	if err != nil {
		t.Fatal(err)
	}
	got, err1 := Estimate(d, handModel, Options{Table: hand(t)})
	want, err2 := Estimate(p100, handModel, Options{Table: hand(t)})
	if err1 != nil || err2 != nil || got.Joules != want.Joules || got.Grade != GradeD || got.GPU != "given" {
		t.Errorf("%+v, %v; want %g J, %v", got, err1, want.Joules, err2)
	}
	for _, v := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		for i := range 3 {
			f := [3]float64{1, 1, 1}
			f[i] = v
			if _, err := GivenDevice(f[0], f[1], f[2]); err == nil {
				t.Errorf("figure %d of %v accepted", i, v)
			}
		}
	}
}

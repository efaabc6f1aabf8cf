package tradeoff

import (
	"math"
	"strings"
	"testing"
)

func tableOf(t *testing.T, text string) *Table {
	t.Helper()
	tab, err := ReadCSV(strings.NewReader(text), "t.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func valuesOf(t *testing.T, tab *Table, column string) []float64 {
	t.Helper()
	c, err := tab.Column(column, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Values
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

// TestRatio: the reference run took twice as much on the hardware of b as on the common
// one, so b counts half. Its score is weighed against the baseline a.
func TestRatio(t *testing.T) {
	tab := tableOf(t, "name,kwh,reference,psds\na,1.39,1.39,0.4\nb,4,2.78,0.6\n")
	if _, err := tab.Normalize(Normalization{Energy: "kwh", Reference: "reference", At: 1.39, Score: "psds", Baseline: "a"}); err != nil {
		t.Fatal(err)
	}
	norm, ew := valuesOf(t, tab, NormalizedColumn), valuesOf(t, tab, EWScoreColumn)
	if !near(norm[0], 1.39) || !near(norm[1], 2) || !near(ew[0], 0.4) || !near(ew[1], 0.6*1.39/2) {
		t.Errorf("normalized %v, EW-score %v (want 1.39, 2 and 0.4, 0.417)", norm, ew)
	}
}

// TestRegression: energies that are an exact plane in FLOPs and parameters are found again.
func TestRegression(t *testing.T) {
	tab := tableOf(t, "name,flops,params,kwh,target\na,1e12,1e6,1,3.5\nb,2e12,5e6,1,7.5\nc,4e12,3e6,1,10.5\nd,8e12,2e6,1,18\ne,5e12,8e6,1,-\n")
	fit, err := tab.Normalize(Normalization{Energy: "kwh", Target: "target", On: []string{"flops", "params"}})
	if err != nil {
		t.Fatal(err)
	}
	// 1 + 2e-12 flops + 0.5e-6 params
	if !near(fit.Constant, 1) || !near(fit.Slopes[0]*1e12, 2) || !near(fit.Slopes[1]*1e6, 0.5) || !near(fit.R2, 1) || fit.Rows != 4 || fit.LeftOut > 1e-9 {
		t.Errorf("%+v (want 1 + 2e-12 flops + 5e-7 params)", fit)
	}
	if norm := valuesOf(t, tab, NormalizedColumn); !near(norm[4], 15) {
		t.Errorf("the row without a target: %g (want 15)", norm[4])
	}
	if two, err := Regress([][]float64{{1}, {3}}, []float64{2, 6}); err != nil || !near(two.Slopes[0], 2) || !math.IsNaN(two.LeftOut) {
		t.Errorf("two reference points: %+v, %v (want a slope of 2)", two, err)
	}
}

func TestNormalizeErrors(t *testing.T) {
	const text = "name,kwh,reference,flops\na,1,2,3\nb,2,0,3\nc,,1,4\n"
	for want, n := range map[string]Normalization{
		"no column of energies is named":         {},
		"expected a positive number":             {Energy: "kwh", Reference: "reference"},
		"needs a score and a baseline":           {Energy: "kwh", Score: "flops"},
		`no row is named "z", the baseline`:      {Energy: "kwh", Score: "flops", Baseline: "z"},
		`row "c", line 4: column "kwh" is missi`: {Energy: "kwh", Score: "flops", Baseline: "c"},
		"depend on each other":                   {Energy: "kwh", Target: "kwh", On: []string{"flops"}},
		"0 rows to fit on":                       {Energy: "kwh", Target: "1/0*kwh", On: []string{"flops"}},
		"3 variables":                            {Energy: "kwh", Target: "kwh", On: []string{"flops", "kwh", "kwh"}},
		`no column "mac"`:                        {Energy: "mac"},
	} {
		_, err := tableOf(t, text).Normalize(n)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v (want %q)", err, want)
		}
	}
	tab := tableOf(t, text)
	if _, err := tab.Normalize(Normalization{Energy: "kwh", Reference: "reference", At: 1}); err != nil {
		t.Fatal(err)
	}
	c, err := tab.Column(NormalizedColumn, nil)
	if err != nil || c.Values[0] != 0.5 || !strings.Contains(c.Problems[1].What, "the reference run took 0") || !strings.Contains(c.Problems[2].What, "missing") {
		t.Errorf("%+v, %v", c, err)
	}
}

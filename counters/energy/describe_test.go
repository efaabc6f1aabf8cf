package energy

import "testing"

func TestDescribe(t *testing.T) {
	s := Describe(device(t, "rtx-4090"), hand(t))
	if s.Best != GradeD || s.Factor != 2.5 || len(s.Rows) != 0 {
		t.Errorf("a device without rows: %+v", s)
	}
	s = Describe(device(t, "rtx-3090"), hand(t))
	if s.Best != GradeC || s.Factor != 2 || len(s.Rows) != 1 {
		t.Errorf("a device with a row of grade C: %+v", s)
	}
	s = Describe(device(t, "apple-m1"), hand(t))
	if s.Best != GradeD || s.Factor != 1.5*imputeTDPFactor || len(s.Caveats) == 0 {
		t.Errorf("a device without TDP: %+v", s)
	}
	for _, d := range Devices() {
		if s := Describe(d, Shipped()); s.Factor < s.Best.minFactor() {
			t.Errorf("%s: factor %g of grade %s", d.ID, s.Factor, s.Best)
		}
	}
}

func TestShippedValidation(t *testing.T) {
	seen := map[string]bool{}
	splits := map[string]int{}
	for _, v := range ShippedValidation() {
		k := v.GPU + " " + v.Precision + " " + v.Mode + " " + v.Form + " " + v.Split
		if seen[k] || v.Rows == 0 || v.X90 < v.X80 || v.X80 < 1 || v.Coverage < 0 || v.Coverage > 1 || v.R2Log > 1 {
			t.Errorf("%+v: repeated or out of range", v)
		}
		seen[k] = true
		splits[v.Split]++
	}
	for _, split := range []string{"family", "net", "gpu", "source"} {
		if splits[split] < 5 {
			t.Errorf("%d lines of split %s", splits[split], split)
		}
	}
}

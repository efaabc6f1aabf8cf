package energy

import "testing"

func TestRoof(t *testing.T) {
	d, err := GivenDevice(250, 100e12, 1e12)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := Options{Precision: "fp16", Batch: 4}.Roof(d)
	if !ok || r.MAC != 2e-14 || r.Byte != 1e-12 || r.Node <= 0 || r.Node > 1e-4 {
		t.Fatalf("%+v, %v", r, ok)
	}
	one, _ := Options{Precision: "fp16"}.Roof(d)
	if one.Node != 4*r.Node {
		t.Errorf("a launch of one is %g, of four %g (want four times)", one.Node, r.Node)
	}
	for _, c := range []struct {
		macs, bytes float64
		want        string
	}{
		{0, 1e3, LaunchBound}, {1e12, 1e6, ComputeBound}, {1e6, 1e9, TrafficBound},
		{1e12, 2e10, TrafficBound}, // 50 MACs a byte is the ridge
		{1.01e12, 2e10, ComputeBound},
	} {
		if got := r.Bound(c.macs, c.bytes); got != c.want {
			t.Errorf("%g MACs, %g bytes: %s (want %s)", c.macs, c.bytes, got, c.want)
		}
	}
	d.Bandwidth = 0
	if _, ok := (Options{}).Roof(d); ok {
		t.Error("no bandwidth, and yet a roof")
	}
}

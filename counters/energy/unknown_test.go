package energy

import "testing"

// TestUnknownDevice: the median device is one of the middle, its estimates have grade U,
// and nine tenths of the table's devices, priced by their datasheets, lie inside its
// interval.
func TestUnknownDevice(t *testing.T) {
	if _, err := Lookup("Unknown GPU"); err == nil {
		t.Error("only the word itself asks for a device that is not known")
	}
	u, err := Lookup(UnknownID)
	if err != nil {
		t.Fatal(err)
	}
	f := Features{DenseMACs: 4e9, TileMACs: 4e9, Activations: 1e7, Params: 2.5e7, EagerKernels: 100, FusedKernels: 50, Classes: true, ConvTraffic: 2e7, OtherTraffic: 1e7}
	r, err := Estimate(u, f, Options{Precision: "fp16", Batch: 64})
	if err != nil {
		t.Fatal(err)
	}
	if r.Grade != GradeU || r.Factor < 4 {
		t.Errorf("grade %s, factor %g (want U and 4 or more)", r.Grade, r.Factor)
	}
	inside, all := 0, 0
	for _, d := range Devices() {
		e, err := Estimate(d, f, Options{Precision: "fp16", Batch: 64})
		if err != nil {
			continue
		}
		all++
		if e.Joules >= r.Lo && e.Joules <= r.Hi {
			inside++
		}
	}
	if all < 150 || float64(inside) < 0.9*float64(all) {
		t.Errorf("%d of %d devices inside [%g, %g] J", inside, all, r.Lo, r.Hi)
	}
}

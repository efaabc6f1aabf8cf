package energy

import (
	"math"
	"sync"

	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// UnknownID is the name by which a user asks for an estimate on a device that is not
// known: the median of the table's devices, grade U. No other name stands for it.
const UnknownID = "unknown"

// UnknownDevice has the median of every figure of the table, over the devices that
// state it.
var UnknownDevice = sync.OnceValue(func() Device {
	d := Device{ID: UnknownID, Name: "an unknown accelerator", Status: "median of the table"}
	for _, f := range figures {
		*f(&d) = medianOf(f)
	}
	return d
})

// figures are those of a datasheet that prices rest on.
var figures = []func(*Device) *float64{
	func(d *Device) *float64 { return &d.TDP }, func(d *Device) *float64 { return &d.Bandwidth }, func(d *Device) *float64 { return &d.MemoryGB },
	func(d *Device) *float64 { return &d.FP32 }, func(d *Device) *float64 { return &d.TF32 }, func(d *Device) *float64 { return &d.FP16 },
	func(d *Device) *float64 { return &d.BF16 }, func(d *Device) *float64 { return &d.FP8 }, func(d *Device) *float64 { return &d.INT8 },
}

func medianOf(figure func(*Device) *float64) float64 {
	var v []float64
	for _, d := range Devices() {
		if x := *figure(&d); x > 0 {
			v = append(v, x)
		}
	}
	return quantile.Median(v)
}

// unknownFactor is how far nine tenths of the table's devices lie from the median in
// what a multiply-accumulate or a byte costs at a precision, the larger of the two.
func unknownFactor(precision string) float64 {
	factor := 1.0
	for _, t := range []Term{TermMAC, TermOther} {
		middle := UnknownDevice().price(t, precision)
		var far []float64
		for _, d := range Devices() {
			if p := d.price(t, precision); p > 0 && !math.IsNaN(p) {
				far = append(far, math.Abs(math.Log(p/middle)))
			}
		}
		factor = max(factor, math.Exp(quantile.Of(far, 0.9)))
	}
	return factor
}

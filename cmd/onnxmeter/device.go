package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// deviceFlags describe an accelerator that the table lacks by its datasheet, and what an
// accelerator draws.
type deviceFlags struct {
	tdp, share      float64
	peak, bandwidth rate
	set             *pflag.FlagSet
}

func (d *deviceFlags) register(f *pflag.FlagSet) {
	d.set = f
	d.peak.unit, d.bandwidth.unit = 1e12, 1e9
	f.Float64Var(&d.tdp, "tdp", 0, "`W` watts at full power; with --peak and --bandwidth an accelerator that the table lacks, grade D")
	f.Var(&d.peak, "peak", "dense peak of its arithmetic, `TFLOPS`, or in FLOP/s as in 312e12")
	f.Var(&d.bandwidth, "bandwidth", "bandwidth of its memory, `GB/s`, or in bytes/s as in 2.039e12")
	f.Float64Var(&d.share, "tdp-share", 0, "`S` of 0 to 1, the share of full power that it draws where power is taken as TDP")
}

// rate is a number of operations or bytes a second. Below a million it is in its unit:
// no accelerator is that slow.
type rate struct{ value, unit float64 }

func (r *rate) Type() string { return "rate" }

// String is what Set reads to the same rate; "" of none.
func (r *rate) String() string {
	if r.value == 0 {
		return ""
	}
	return strconv.FormatFloat(r.value, 'g', -1, 64)
}

func (r *rate) Set(s string) error {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return usagef("%q (expected a positive number)", s)
	}
	if v < 1e6 {
		v *= r.unit
	}
	r.value = v
	return nil
}

// given reports whether a device of the user's own is described.
func (d *deviceFlags) given() bool { return d.set.Changed("peak") || d.set.Changed("bandwidth") }

// device is the one described; known are those that --gpu names.
func (d *deviceFlags) device(known []string) (energy.Device, error) {
	for _, name := range []string{"tdp", "peak", "bandwidth"} {
		if !d.set.Changed(name) {
			return energy.Device{}, usagef("an accelerator of your own needs --tdp, --peak and --bandwidth: --%s is not given", name)
		}
	}
	if len(known) > 0 {
		return energy.Device{}, usagef("--gpu %s and --tdp, --peak, --bandwidth (expected one accelerator: of the table or of your own)", known[0])
	}
	out, err := energy.GivenDevice(d.tdp, d.peak.value, d.bandwidth.value)
	if err != nil {
		return out, asUsage(err)
	}
	return out, nil
}

// checkShare refuses a share of full power that was given and is none.
func (d *deviceFlags) checkShare() error {
	if d.set.Changed("tdp-share") && !(d.share > 0 && d.share <= 1) {
		return usagef("--tdp-share %v (expected more than 0 and at most 1)", d.share)
	}
	return nil
}

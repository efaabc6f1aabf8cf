package energy

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// Run is a job of which only hardware and time are known, as papers report a
// training.
type Run struct {
	GPUs  int64
	Watts float64 // of one accelerator at full power
	Hours float64
	Share float64 // of Watts that it draws, in (0, 1]; 0: not given, all of it
}

// Spent is the energy of a job in kWh with its interval.
type Spent struct{ KWh, Lo, Hi float64 }

// Energy is accelerators x watts x share x hours / 1000, the correctly rounded
// product of the decimals: 1 x 300 W x 272 h is 81.6 kWh and no digit more.
// Without a share the point is full power all the time, which is the most that
// the accelerators take, and the low end is what they are likely to draw.
// Source: Douwes, Esling, Briot, "Energy consumption of deep generative audio
// models".
func (r Run) Energy() (Spent, error) {
	if r.GPUs < 1 {
		return Spent{}, fmt.Errorf("%d accelerators (expected 1 or more)", r.GPUs)
	}
	for _, f := range []struct {
		what string
		v    float64
	}{{"watts", r.Watts}, {"hours", r.Hours}} {
		if !(f.v > 0) || math.IsInf(f.v, 0) {
			return Spent{}, fmt.Errorf("%v %s (expected a positive number)", f.v, f.what)
		}
	}
	share, likely := r.Share, 1.0
	if share == 0 {
		share, likely = 1, LikelyDraw
	}
	if !(share > 0 && share <= 1) {
		return Spent{}, fmt.Errorf("share of TDP is %v (expected more than 0 and at most 1)", r.Share)
	}
	kwh := product(float64(r.GPUs), r.Watts, r.Hours, share, 0.001)
	if math.IsInf(kwh, 0) {
		return Spent{}, fmt.Errorf("%d accelerators for %v hours: more energy than can be expressed", r.GPUs, r.Hours)
	}
	return Spent{KWh: kwh, Lo: product(kwh, likely), Hi: kwh}, nil
}

// Total returns the energy of a number of samples.
func Total(r Result, samples float64) Spent {
	kwh := samples / joulesPerKWh
	return Spent{KWh: r.Joules * kwh, Lo: r.Lo * kwh, Hi: r.Hi * kwh}
}

// product multiplies the shortest decimals of numbers without error and rounds once.
func product(factors ...float64) float64 {
	p := big.NewRat(1, 1)
	for _, f := range factors {
		x, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
		if !ok { // an infinity or no number
			return math.NaN()
		}
		p.Mul(p, x)
	}
	f, _ := p.Float64()
	return f
}

package energy

import "math"

// RelatedFactor bounds the error of the ratio of two estimates by the same
// coefficients for two versions of one net: the error of the coefficients and of
// the device's scale is in both and cancels. For nine tenths of the pairs of nets
// of one family that were measured on one device in one setting, with the family
// held out of the fit, the ratio of the estimates is within this factor of the
// ratio of the measurements.
const RelatedFactor = 1.25

// Ratio is the energy of a sample of one model over that of another on the same
// device.
type Ratio struct{ Value, Lo, Hi float64 }

// RatioOf divides an estimate by another. related says that the models are two
// versions of one net: if the same coefficients priced both, they share their
// error. Otherwise each has an error of its own.
func RatioOf(old, new Result, related bool) Ratio {
	factor := math.Exp(math.Hypot(math.Log(old.Factor), math.Log(new.Factor)))
	if related && old.Coefficient == new.Coefficient {
		factor = RelatedFactor
	}
	value := new.Joules / old.Joules
	if new.Joules == old.Joules { // both may be 0
		value = 1
	}
	return Ratio{value, value / factor, value * factor}
}

// Clear reports whether the ratio is on one side of 1 with its whole interval: one
// of the models takes more.
func (r Ratio) Clear() bool { return r.Lo > 1 || r.Hi < 1 }

package energy

// Grade says what an estimate rests on.
type Grade string

// The grades, best first.
const (
	GradeA Grade = "A" // power measured, at least 20 models in 5 families, hold-out reported
	GradeB Grade = "B" // power measured, few models, or calibrated by the user
	GradeC Grade = "C" // time measured, power taken as TDP
	GradeD Grade = "D" // datasheet only: TDP, peak, bandwidth
	GradeU Grade = "U" // unknown device
)

// minFactor is the smallest interval factor that a grade may print; 0: not a
// grade.
func (g Grade) minFactor() float64 {
	switch g {
	case GradeA:
		return 1.5
	case GradeB:
		return 1.8
	case GradeC:
		return 2.0
	case GradeD:
		return 2.5
	case GradeU:
		return 4
	}
	return 0
}

// Interval is the printed interval factor of a grade: what cross-validation
// found, but never less than the grade's minimum.
func (g Grade) Interval(crossValidated float64) float64 {
	return max(crossValidated, g.minFactor())
}

// LikelyDraw is the low end of the share of TDP that an accelerator is likely
// to draw; it widens only the low end of an estimate whose power is TDP.
const LikelyDraw = 0.5

package energy

// Equivalent is an everyday amount of energy or of CO2e to compare with.
type Equivalent struct {
	Name   string
	KWh    float64 // of an amount of energy, else 0
	Grams  float64 // of CO2e, else 0
	Times  float64 // how many of it an estimate is
	Source string
}

const gramsPerPound = 453.59237

// everyday are the amounts that the source papers compare with.
var everyday = []Equivalent{
	{Name: "electricity of a person and day in the U.S.", KWh: 12.1, Source: "Douwes, Esling, Briot 2021"},
	{Name: "one passenger, New York to San Francisco", Grams: 1984 * gramsPerPound, Source: "Dey, slides on complexity reduction"},
	{Name: "human life, average, one year", Grams: 11023 * gramsPerPound, Source: "Dey, slides on complexity reduction"},
	{Name: "American life, average, one year", Grams: 36156 * gramsPerPound, Source: "Dey, slides on complexity reduction"},
	{Name: "car with its fuel, lifetime", Grams: 126000 * gramsPerPound, Source: "Dey, slides on complexity reduction"},
}

// equivalents says how many of each everyday amount an energy and its CO2e are.
func equivalents(kwh, grams float64) []Equivalent {
	out := make([]Equivalent, len(everyday))
	for i, e := range everyday {
		if e.KWh > 0 {
			e.Times = kwh / e.KWh
		} else {
			e.Times = grams / e.Grams
		}
		out[i] = e
	}
	return out
}

package convention

import "strings"

// Explanations hold at most so many doubts: of those that any model may raise, beside one
// about single layers, of which a model has many; and of all together.
const (
	maxDoubts  = 6
	maxBeside  = 5
	maxOfLayer = 4
)

// Explain finds few doubts that make up a difference to the last integer, nil if there
// are none. Doubts about single layers come in only where the others do not do.
func Explain(doubts []Doubt, difference int64) []Doubt {
	var general, layers []Doubt
	for _, d := range doubts {
		if strings.HasPrefix(d.Class, ownClass) {
			layers = append(layers, d)
		} else {
			general = append(general, d)
		}
	}
	if out := explain(general, difference, maxDoubts); out != nil {
		return out
	}
	if out := explain(doubts, difference, maxOfLayer); out != nil {
		return out
	}
	for _, l := range layers {
		change, _ := l.Change.Const()
		if out := explain(general, difference-change, maxBeside); out != nil {
			return append(out, l)
		}
	}
	return nil
}

func explain(doubts []Doubt, difference int64, most int) []Doubt {
	changes := make([]int64, len(doubts))
	for i := range doubts {
		changes[i], _ = doubts[i].Change.Const()
	}
	for size := 1; size <= most; size++ {
		if at := pick(changes, difference, size, 0); at != nil {
			out := make([]Doubt, len(at))
			for i, k := range at {
				out[i] = doubts[k]
			}
			return out
		}
	}
	return nil
}

// pick returns the indices of size changes from the first on that sum to want.
func pick(changes []int64, want int64, size, first int) []int {
	if size == 0 {
		if want == 0 {
			return []int{}
		}
		return nil
	}
	for i := first; i < len(changes); i++ {
		if changes[i] == 0 {
			continue
		}
		if rest := pick(changes, want-changes[i], size-1, i+1); rest != nil {
			return append([]int{i}, rest...)
		}
	}
	return nil
}

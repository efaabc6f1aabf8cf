package energy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// NameError says that a name of a device, zone, precision, mode or model is
// unknown, or fits more than one.
type NameError struct {
	Kind       string // "GPU", "zone", ...
	Name       string // as the user wrote it
	Ambiguous  bool
	Candidates []string // what it may have meant; may be empty
}

func (e *NameError) Error() string {
	const most = 8
	list := strings.Join(e.Candidates[:min(len(e.Candidates), most)], ", ")
	if n := len(e.Candidates) - most; n > 0 {
		list += fmt.Sprintf(" and %d more", n)
	}
	switch {
	case e.Ambiguous:
		return fmt.Sprintf("%s %q is ambiguous: it may be %s", e.Kind, e.Name, list)
	case list != "":
		return fmt.Sprintf("unknown %s %q (did you mean %s?)", e.Kind, e.Name, list)
	}
	return fmt.Sprintf("unknown %s %q", e.Kind, e.Name)
}

// nameKey folds a name to lower-case words: "NVIDIA A100-PCIE-40GB" and
// "a100 pcie 40gb" are one key.
func nameKey(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if len(words) > 1 && words[0] == "nvidia" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// isPart reports whether every word of key is a word of name.
func isPart(key, name string) bool {
	words := strings.Fields(name)
	for _, w := range strings.Fields(key) {
		if !slices.Contains(words, w) {
			return false
		}
	}
	return key != ""
}

// candidate is a result ID with one key under which it is known.
type candidate struct{ id, key string }

// pick returns the IDs with a key that is wanted, in their order.
func pick(pool []candidate, want func(key string) bool) []string {
	var ids []string
	for _, c := range pool {
		if want(c.key) {
			ids = append(ids, c.id)
		}
	}
	return slices.Compact(ids)
}

// nearest returns at most three IDs whose keys are within a third of the
// key's length by edit distance, nearest first.
func nearest(key string, pool []candidate) []string {
	type hit struct {
		id string
		d  int
	}
	best := map[string]int{}
	limit := max(1, len(key)/3)
	for _, c := range pool {
		if abs(len(c.key)-len(key)) > limit {
			continue
		}
		d := graph.EditDistance(key, c.key)
		if old, ok := best[c.id]; d <= limit && (!ok || d < old) {
			best[c.id] = d
		}
	}
	hits := make([]hit, 0, len(best))
	for id, d := range best {
		hits = append(hits, hit{id, d})
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.id, b.id))
	})
	var ids []string
	for _, h := range hits[:min(3, len(hits))] {
		ids = append(ids, h.id)
	}
	return ids
}

func abs(n int) int { return max(n, -n) }

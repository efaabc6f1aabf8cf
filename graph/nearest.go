package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// DidYouMean words the nearest names as " (did you mean ...?)", "" if none is near.
func DidYouMean(name string, pool []string) string {
	if hint := OrNearest(name, pool); hint != "" {
		return " (" + strings.TrimPrefix(hint, "; ") + ")"
	}
	return ""
}

// OrNearest words the nearest names behind what is expected, as "; did you mean ...?".
func OrNearest(name string, pool []string) string {
	near := Nearest(name, pool)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = fmt.Sprintf("%q", near[i])
	}
	return "; did you mean " + OrList(near) + "?"
}

// OrList joins words as "a, b or c".
func OrList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// Nearest returns at most three names of the pool: those within a third of the
// shorter one's length by edit distance, then those that contain the name or lie in
// it; nearest first.
func Nearest(name string, pool []string) []string {
	type hit struct {
		name string
		d    int
	}
	var hits []hit
	key := strings.ToLower(name)
	for _, p := range pool {
		low := strings.ToLower(p)
		limit := max(1, min(len(key), len(low))/3)
		d := max(len(key)-len(low), len(low)-len(key))
		if d <= limit {
			d = EditDistance(key, low)
		}
		switch {
		case d <= limit && d < len(key):
		case len(key) >= 3 && strings.Contains(low, key), len(low) >= 3 && strings.Contains(key, low), len(low) >= 2 && strings.HasPrefix(key, low):
			d = len(key) + len(low)
		default:
			continue
		}
		hits = append(hits, hit{p, d})
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.name, b.name)) })
	hits = slices.Compact(hits)
	var out []string
	for _, h := range hits[:min(3, len(hits))] {
		out = append(out, h.name)
	}
	return out
}

// maxCompared bounds the length of names that are compared.
const maxCompared = 200

// EditDistance counts insertions, deletions, substitutions and swaps of neighbours
// (optimal string alignment); of longer names only the first bytes are compared.
func EditDistance(a, b string) int {
	a, b = a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)]
	two, one, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			subst := one[j-1]
			if a[i-1] != b[j-1] {
				subst++
			}
			row[j] = min(one[j]+1, row[j-1]+1, subst)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(b)]
}

func sortedNames[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

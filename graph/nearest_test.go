package graph

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	pool := []string{"count", "shapes", "compare", "completion", "explain"}
	for name, want := range map[string]string{"cuont": "count", "shape": "shapes", "exlpain": "explain", "comp": "compare completion",
		"xyz": "", "": "", strings.Repeat("z", 1000): "", "SHAPES": "shapes"} {
		if got := strings.Join(Nearest(name, pool), " "); got != want {
			t.Errorf("Nearest(%.20q) is %q, want %q", name, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		d    int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3}, {"", "ab", 2}} {
		if d := EditDistance(c.a, c.b); d != c.d {
			t.Errorf("distance of %q and %q is %d, want %d", c.a, c.b, d, c.d)
		}
	}
}

package ops

import (
	"math"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// slicePositions is the loop that start:end:step over d elements stands for.
func slicePositions(d, start, end, step int64) []int64 {
	if start < 0 {
		start += d
	}
	if end < 0 {
		end += d
	}
	var out []int64
	if step > 0 {
		for i := max(start, 0); i < min(end, d); i += step {
			out = append(out, i)
		}
		return out
	}
	for i := min(max(start, 0), d-1); i > max(end, -1); i += step {
		out = append(out, i)
	}
	return out
}

func TestSliceRangeAgainstALoop(t *testing.T) {
	size := graph.Sym("d")
	for start := int64(-7); start <= 7; start++ {
		for end := int64(-7); end <= 7; end++ {
			for _, step := range []int64{1, 2, 3, 9, -1, -2, -9} {
				first, n := sliceRange(size, graph.Int(start), graph.Int(end), step)
				for d := int64(0); d <= 5; d++ {
					want := slicePositions(d, start, end, step)
					f, m := sliceRange(graph.Int(d), graph.Int(start), graph.Int(end), step)
					checkSlice(t, "bound", d, start, end, step, f, m, want)
					if d > 0 { // a symbol is at least 1
						env := map[string]graph.Dim{"d": graph.Int(d)}
						checkSlice(t, "symbolic", d, start, end, step, first.Subst(env), n.Subst(env), want)
					}
				}
			}
		}
	}
}

func checkSlice(t *testing.T, how string, d, start, end, step int64, first, n graph.Dim, want []int64) {
	t.Helper()
	if !n.Is(int64(len(want))) || len(want) > 0 && !first.Is(want[0]) {
		t.Errorf("%s: %d:%d:%d of %d: first %s, length %s, want %v", how, start, end, step, d, first, n, want)
	}
}

func TestSliceRangeOfSymbols(t *testing.T) {
	// A symbolic end whose sign is open counts from the back where it is negative.
	size, end := graph.Sym("d"), graph.Sym("e").AddInt(-4)
	_, n := sliceRange(size, graph.Int(0), end, 1)
	for d := int64(1); d <= 5; d++ {
		for e := int64(1); e <= 8; e++ {
			got := n.Subst(map[string]graph.Dim{"d": graph.Int(d), "e": graph.Int(e)})
			if want := slicePositions(d, 0, e-4, 1); !got.Is(int64(len(want))) {
				t.Errorf(":%d of %d has %s, want %d", e-4, d, got, len(want))
			}
		}
	}
	for _, huge := range []int64{math.MaxInt64, math.MaxInt32} {
		if _, n := sliceRange(size, graph.Int(0), graph.Int(huge), 1); !n.Equal(size) {
			t.Errorf(":%d of d has %s", huge, n)
		}
	}
	for _, step := range []int64{math.MinInt64, math.MaxInt64} {
		if _, n := sliceRange(size, graph.Int(math.MinInt64), graph.Int(math.MaxInt64), step); n.Wide() {
			t.Errorf("step %d: %s", step, n)
		}
	}
}

// padIndex against a walk that turns around, stays or jumps at the borders.
func TestPadIndexAgainstAWalk(t *testing.T) {
	for n := 1; n <= 4; n++ {
		at, dir := 0, 1
		for x := 0; x < 20; x++ {
			if got := padIndex(x, n, "reflect"); got != at {
				t.Errorf("reflect %d of %d is %d, want %d", x, n, got, at)
			}
			if got := padIndex(-x, n, "reflect"); got != at { // symmetric around 0
				t.Errorf("reflect %d of %d is %d, want %d", -x, n, got, at)
			}
			if n > 1 {
				if at+dir < 0 || at+dir >= n {
					dir = -dir
				}
				at += dir
			}
			wrap := x
			for wrap >= n {
				wrap -= n
			}
			if got := padIndex(x, n, "wrap"); got != wrap {
				t.Errorf("wrap %d of %d is %d, want %d", x, n, got, wrap)
			}
			if got := padIndex(-x-1, n, "wrap"); got != n-1-wrap {
				t.Errorf("wrap %d of %d is %d, want %d", -x-1, n, got, n-1-wrap)
			}
		}
	}
}

// The closed form of TfIdfVectorizer's windows against their enumeration.
func TestWindowsAgainstALoop(t *testing.T) {
	c := &Call{}
	row := graph.Sym("c")
	for lo := int64(1); lo <= 3; lo++ {
		for hi := lo; hi <= 4; hi++ {
			for skips := int64(0); skips <= 4; skips++ {
				formula := c.windows(row, lo, hi, skips)
				for size := int64(1); size <= 12; size++ {
					want := int64(0)
					for n := lo; n <= hi; n++ {
						for s := int64(0); s <= skips && (n > 1 || s == 0); s++ {
							for i := int64(0); i+(n-1)*(s+1) < size; i++ {
								want++
							}
						}
					}
					if got := c.windows(graph.Int(size), lo, hi, skips); !got.Is(want) {
						t.Errorf("%d to %d, %d skips of %d: %s, want %d", lo, hi, skips, size, got, want)
					}
					if got := formula.Subst(map[string]graph.Dim{"c": graph.Int(size)}); !got.Is(want) {
						t.Errorf("%d to %d, %d skips of c = %d: %s, want %d", lo, hi, skips, size, got, want)
					}
				}
			}
		}
	}
}

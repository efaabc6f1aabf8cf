package render

import "testing"

func TestRounded(t *testing.T) {
	for _, c := range []struct {
		f      float64
		digits int
		want   string
	}{
		{25.557032, 3, "25.6"}, {4.089184256, 3, "4.09"}, {138.357544, 3, "138"}, {1064.27, 3, "1064"},
		{0.004096, 3, "0.00410"}, {9.996, 3, "10.0"}, {999.96, 4, "1000"}, {0.9996, 3, "1.00"}, {4.089184256, 1, "4"}, {0, 3, "0"},
	} {
		if got := rounded(c.f, c.digits, false); got != c.want {
			t.Errorf("rounded(%v, %d) = %s, want %s", c.f, c.digits, got, c.want)
		}
	}
}

func TestColumnUnit(t *testing.T) {
	cells := func(values ...float64) (out []paperCell) {
		for _, v := range values {
			out = append(out, paperCell{known: true, value: v})
		}
		return out
	}
	for _, c := range []struct {
		s    paperSeries
		want string
	}{
		{paperSeries{title: "MACs", cells: cells(3e8, 4.09e9, 1.5e10)}, "MACs (G)"},
		{paperSeries{title: "Energy", unit: "J", cells: cells(0.5, 0.002)}, "Energy (mJ)"},
		{paperSeries{title: "Kernels", cells: cells(56)}, "Kernels"},
		{paperSeries{title: "Time", unit: "s", cells: cells(0)}, "Time (s)"},
		{paperSeries{title: "Time", unit: "s", cells: []paperCell{{}}}, "Time (s)"},
	} {
		if got := c.s.head(c.s.step()); got != c.want {
			t.Errorf("head %q, want %q", got, c.want)
		}
	}
}

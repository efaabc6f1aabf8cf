package graph

import (
	"slices"
	"testing"
)

func TestKindNames(t *testing.T) {
	want := []string{"", "tensor", "sparse", "sequence", "optional", "map", "opaque"}
	for k := KindUnknown; k <= KindOpaque; k++ {
		if k.String() != want[k] {
			t.Errorf("kind %d: got %q, want %q", k, k, want[k])
		}
	}
}

func TestShape(t *testing.T) {
	n := Sym("N")
	for _, c := range []struct {
		s        Shape
		text     string
		elements string // "" where there is no rank
		static   []int64
		isStatic bool
	}{
		{nil, "[?]", "", nil, false},
		{Shape{}, "[]", "1", []int64{}, true},
		{Ints(), "[]", "1", []int64{}, true},
		{Ints(2, 3, 4), "[2, 3, 4]", "24", []int64{2, 3, 4}, true},
		{Ints(5, 0), "[5, 0]", "0", []int64{5, 0}, true},
		{Shape{n, Int(3)}, "[N, 3]", "3*N", nil, false},
		{Shape{n, n.AddInt(1)}, "[N, N + 1]", "N + N^2", nil, false},
		{Shape{Int(1 << 62), Int(4)}, "[4611686018427387904, 4]", "18446744073709551616", []int64{1 << 62, 4}, true},
	} {
		if got := c.s.String(); got != c.text {
			t.Errorf("got %s, want %s", got, c.text)
		}
		if c.elements != "" && c.s.Elements().String() != c.elements {
			t.Errorf("%s: %s elements, want %s", c.s, c.s.Elements(), c.elements)
		}
		static, ok := c.s.Static()
		if ok != c.isStatic || ok && !slices.Equal(static, c.static) {
			t.Errorf("%s: static %v, %v", c.s, static, ok)
		}
	}
}

// A shape of unknown rank equals nothing, not even itself.
func TestShapeEqual(t *testing.T) {
	n := Sym("N")
	shapes := []Shape{nil, {}, Ints(2), Ints(2, 3), Ints(3, 2), {n}, {n, Int(3)}}
	for i, a := range shapes {
		for j, b := range shapes {
			if got, want := a.Equal(b), i == j && i > 0; got != want {
				t.Errorf("%s and %s: got %v", a, b, got)
			}
		}
	}
	if !(Shape{n.Add(n)}).Equal(Shape{n.MulInt(2)}) {
		t.Error("N + N and 2*N differ")
	}
}

package ops

import (
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// tensor is an array in row-major order that the loops of the tests work on.
type tensor struct {
	dims []int
	v    []float64
}

func zeros(dims ...int) tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return tensor{dims, make([]float64, n)}
}

// fill makes a tensor of the values of f.
func fill(f func() float64, dims ...int) tensor {
	x := zeros(dims...)
	for i := range x.v {
		x.v[i] = f()
	}
	return x
}

func randomTensor(r *rand.Rand, dims ...int) tensor {
	return fill(func() float64 { return 2*r.Float64() - 1 }, dims...)
}

// codes makes a tensor of 8-bit codes.
func codes(r *rand.Rand, dims ...int) tensor {
	return fill(func() float64 { return float64(r.Intn(256)) }, dims...)
}

// place returns the flat index of an element; ok is false outside.
func (x tensor) place(idx ...int) (at int, ok bool) {
	for i, k := range idx {
		if k < 0 || k >= x.dims[i] {
			return 0, false
		}
		at = at*x.dims[i] + k
	}
	return at, true
}

// get returns an element, 0 outside: the padding.
func (x tensor) get(idx ...int) float64 {
	if at, ok := x.place(idx...); ok {
		return x.v[at]
	}
	return 0
}

func (x tensor) set(v float64, idx ...int) {
	at, ok := x.place(idx...)
	if !ok {
		panic(fmt.Sprint("no element ", idx, " in ", x.dims))
	}
	x.v[at] = v
}

// rows cuts a tensor at its last axis.
func (x tensor) rows() (rows [][]float64) {
	n := x.dims[len(x.dims)-1]
	for i := 0; i < len(x.v); i += n {
		rows = append(rows, x.v[i:i+n])
	}
	return rows
}

// as writes the type of the tensor as the cases do: "u8[2,3]".
func (x tensor) as(dtype string) string {
	return dtype + strings.ReplaceAll(fmt.Sprint(x.dims), " ", ",")
}

// near compares what a loop computes with what it must be, so that its count is
// that of an implementation.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-9*(1+math.Abs(want[i])) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// wants compares a count with a rule's; env gives the symbols.
func (m *meter) wants(t *testing.T, what string, c Cost, env map[string]int64) {
	t.Helper()
	m.check(t, what, c, env, func(have, want int64) bool { return have == want })
}

// within is wants for a rule that is an upper bound.
func (m *meter) within(t *testing.T, what string, c Cost, env map[string]int64) {
	t.Helper()
	m.check(t, what, c, env, func(have, want int64) bool { return have <= want })
}

func (m *meter) check(t *testing.T, what string, c Cost, env map[string]int64, ok func(have, want int64) bool) {
	t.Helper()
	for _, col := range []struct {
		name string
		have int64
		want graph.Dim
	}{{"mac", m.mac, c.MAC}, {"flop", m.flop, c.Flop}, {"cmp", m.cmp, c.Cmp}, {"exp", m.exp, c.Exp}, {"int", m.int, c.Int}} {
		if k, err := col.want.Eval(env); err != nil || !ok(col.have, k) {
			t.Errorf("%s: %s: the rule says %s = %d (%v), doing it takes %d", what, col.name, col.want, k, err, col.have)
		}
	}
}

// costAt is the cost of an operator, "Add" for the newest version, "Add-6" or "domain.Op".
func costAt(t *testing.T, name, attrs, out string, in ...string) Cost {
	t.Helper()
	name, version, old := strings.Cut(name, "-")
	domain := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		domain, name = name[:i], name[i+1:]
	}
	versions := Versions(domain, name)
	op := versions[len(versions)-1]
	opset := op.Since[len(op.Since)-1]
	if old {
		opset, _ = strconv.Atoi(version)
		for _, v := range versions {
			if v.Since[0] <= opset {
				op = v
			}
		}
	}
	n := ruleNode(t, op, opset, attrs, Options{}, out, in...)
	if n.State != Counted {
		t.Fatalf("%s %s %v: state %s: %s", name, attrs, in, n.State, n.Why)
	}
	return n.Cost
}

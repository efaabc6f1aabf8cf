package ops

import (
	"errors"
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

var hostileInts = []int64{math.MinInt64, math.MinInt64 + 1, -1 << 32, -2, -1, 0, 1, 2, 3, 7, 1 << 31, 1 << 40, math.MaxInt64 - 1, math.MaxInt64}

// hostileAttr is a declared attribute with a value that no exporter writes.
func hostileAttr(r *rand.Rand, d AttrDecl) (graph.Attr, bool) {
	a := graph.Attr{Name: d.Name, Type: d.Type}
	pick := func() int64 { return hostileInts[r.Intn(len(hostileInts))] }
	switch d.Type {
	case graph.AttrInt:
		a.Int = pick()
	case graph.AttrInts:
		a.Ints = make([]int64, []int{0, 1, 2, 3, 4, 6, 2000}[r.Intn(7)])
		for i := range a.Ints {
			a.Ints[i] = pick()
		}
	case graph.AttrFloat:
		a.Float = []float32{0, -1, 0.5, 3, math.MaxFloat32, float32(math.Inf(1)), float32(math.NaN())}[r.Intn(7)]
	case graph.AttrFloats:
		a.Floats = make([]float32, r.Intn(5))
		for i := range a.Floats {
			a.Floats[i] = []float32{0, -1, 0.5, 3, math.MaxFloat32, float32(math.Inf(-1)), float32(math.NaN())}[r.Intn(7)]
		}
	case graph.AttrString:
		a.Str = []string{"", "SAME_UPPER", "VALID", "linear", "nearest", "\x00", strings.Repeat("a", 300)}[r.Intn(7)]
	case graph.AttrStrings:
		a.Strs = make([]string, r.Intn(4))
	default:
		return a, false
	}
	return a, true
}

// hostileCase gives an operator inputs of random ranks, sizes and values.
func hostileCase(r *rand.Rand, op *Op) Case {
	var in, out []string
	sig := op.Signature()
	for i := 0; i < len(sig.In)+r.Intn(2); i++ {
		p := sig.InParam(i)
		switch {
		case p == nil:
			continue
		case p.Optional && r.Intn(2) == 0:
			in = append(in, "_")
			continue
		}
		in = append(in, hostileInput(r, sig.Types[p.Type]))
	}
	for range max(1, r.Intn(len(sig.Out)+1)) {
		out = append(out, "f32")
	}
	return Case{In: strings.Join(in, " "), Out: strings.Join(out, " ")}
}

func hostileInput(r *rand.Rand, types TypeSet) string {
	d := graph.Float32
	for !types.Has(d) && d.Valid() {
		d++
	}
	if r.Intn(8) == 0 || !d.Valid() {
		return "?[*]"
	}
	if r.Intn(8) == 0 {
		return d.String() + "[*]"
	}
	if r.Intn(3) == 0 && (d.IsInt() || d.IsFloat()) {
		n := r.Intn(5)
		vals := make([]string, n)
		for i := range vals {
			vals[i] = fmt.Sprint(hostileInts[r.Intn(len(hostileInts))])
		}
		if n == 1 && r.Intn(2) == 0 {
			return d.String() + "={" + vals[0] + "}"
		}
		return fmt.Sprintf("%s[%d]={%s}", d, n, strings.Join(vals, ","))
	}
	sizes := make([]string, r.Intn(6))
	for i := range sizes {
		sizes[i] = []string{"0", "1", "2", "3", "8", "N", "M", "?", "4611686018427387904", "9223372036854775807"}[r.Intn(10)]
	}
	return d.String() + "[" + strings.Join(sizes, ",") + "]"
}

// Whatever an operator is given, it answers or refuses: no rule may break.
func TestNoRuleBreaks(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	Each(func(family string, op *Op) {
		if op.Body {
			return
		}
		rounds := 60
		if testing.Short() {
			rounds = 5
		}
		for range rounds {
			c := hostileCase(r, op)
			m, _, err := buildCase(op, c, int64(op.Since[len(op.Since)-1]))
			if err != nil {
				continue // the values do not fit the type
			}
			for _, d := range op.Signature().Attrs {
				if a, ok := hostileAttr(r, d); ok && r.Intn(3) > 0 {
					m.Graph.Nodes[0].Attrs = append(m.Graph.Nodes[0].Attrs, a)
				}
			}
			if err := m.Link(); err != nil {
				continue
			}
			res, err := Infer(m, Options{ExactPadding: r.Intn(2) == 0})
			if err != nil && strings.Contains(err.Error(), InternalError) {
				t.Errorf("%s: %s %s, attributes %v: %v", family, op.Name, c.In, m.Graph.Nodes[0].Attrs, err)
			}
			var e *graph.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s: %v", op.Name, err)
			}
			if err == nil && strings.Contains(res.Main.Nodes[0].Why, InternalError) {
				t.Errorf("%s: %s %s, attributes %v: %s", family, op.Name, c.In, m.Graph.Nodes[0].Attrs, res.Main.Nodes[0].Why)
			}
		}
	})
}

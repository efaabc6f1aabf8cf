package ops

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The tests of this file evaluate symbolic elements at random sizes and compare
// them with the machine's own integer and float32 arithmetic on those sizes.

// binding gives sizes the symbols of a trial.
type binding map[string]int64

func randomSizes(r *rand.Rand) binding {
	return binding{"N": 1 + r.Int63n(40), "M": 1 + r.Int63n(300), "K": 1 + r.Int63n(9)}
}

// randomDim makes a random size expression.
func randomDim(r *rand.Rand) graph.Dim {
	d := graph.Int(r.Int63n(9) - 4)
	for range r.Intn(3) {
		s := graph.Sym([]string{"N", "M", "K"}[r.Intn(3)])
		switch r.Intn(4) {
		case 0:
			s = s.MustFloorDiv(1 + r.Int63n(4))
		case 1:
			s = s.Mul(graph.Sym("K"))
		}
		d = d.Add(s.MulInt(r.Int63n(7) - 2))
	}
	return d
}

func evalDim(t *testing.T, d graph.Dim, at binding) int64 {
	t.Helper()
	k, err := d.Eval(at)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// evalInt evaluates an integer element; ok is false when it is not known.
func evalInt(t *testing.T, e Elem, at binding) (int64, bool) {
	d, ok := e.Dim()
	if !ok || !e.Known() {
		return 0, false
	}
	return evalDim(t, d, at), true
}

// floorMod is the remainder with the sign of the divisor.
func floorMod(a, b int64) int64 {
	if m := a % b; m != 0 && (m < 0) != (b < 0) {
		return m + b
	}
	return a % b
}

func truthInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

var intOracle = []struct {
	name    string
	f       binaryFn
	want    func(a, b int64) int64
	divides bool
	least   float64 // share of the trials that must be decided
}{
	{"add", addElem, func(a, b int64) int64 { return a + b }, false, 1},
	{"sub", subElem, func(a, b int64) int64 { return a - b }, false, 1},
	{"mul", mulElem, func(a, b int64) int64 { return a * b }, false, 1},
	{"min", minElem, func(a, b int64) int64 { return min(a, b) }, false, 1},
	{"max", maxElem, func(a, b int64) int64 { return max(a, b) }, false, 1},
	{"div", divElem, func(a, b int64) int64 { return a / b }, true, 0.3},
	{"mod", modElem, floorMod, true, 1},
	{"fmod", fmodElem, func(a, b int64) int64 { return a % b }, true, 0.3},
	{"less", lessElem, func(a, b int64) int64 { return truthInt(a < b) }, false, 0.3},
	{"lessEqual", lessEqualElem, func(a, b int64) int64 { return truthInt(a <= b) }, false, 0.3},
	{"greater", greaterElem, func(a, b int64) int64 { return truthInt(a > b) }, false, 0.3},
	{"greaterEqual", greaterEqualElem, func(a, b int64) int64 { return truthInt(a >= b) }, false, 0.3},
	{"equal", equalElem, func(a, b int64) int64 { return truthInt(a == b) }, false, 0.2},
}

func TestIntegerElements(t *testing.T) {
	for _, o := range intOracle {
		t.Run(o.name, func(t *testing.T) {
			r := rand.New(rand.NewSource(1))
			trials, decided := 0, 0
			for range 4000 {
				a, b := randomDim(r), randomDim(r)
				at := randomSizes(r)
				x, y := evalDim(t, a, at), evalDim(t, b, at)
				if o.divides && (y == 0 || b.IsZero()) {
					continue
				}
				trials++
				got, ok := evalInt(t, o.f(graph.Int64, IntElem(a), IntElem(b)), at)
				if !ok {
					continue
				}
				if decided++; got != o.want(x, y) {
					t.Fatalf("%s(%s, %s) at %v is %d, want %d", o.name, a, b, at, got, o.want(x, y))
				}
			}
			if share := float64(decided) / float64(trials); share < o.least {
				t.Errorf("%.2f of the trials are decided, want %.2f", share, o.least)
			}
		})
	}
}

// power raises to a small exponent.
func power(a int64, n int) int64 {
	out := int64(1)
	for range n {
		out *= a
	}
	return out
}

func TestUnaryIntegerElements(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	cube := func(d graph.DType, x Elem) Elem { return powElem(d, x, IntElem(graph.Int(3))) }
	for name, o := range map[string]struct {
		f    unaryFn
		want func(a int64) int64
	}{
		"neg":  {negElem, func(a int64) int64 { return -a }},
		"abs":  {absElem, func(a int64) int64 { return max(a, -a) }},
		"sign": {signElem, func(a int64) int64 { return truthInt(a > 0) - truthInt(a < 0) }},
		"cube": {cube, func(a int64) int64 { return power(a, 3) }},
		"bool": {func(d graph.DType, x Elem) Elem { return castElem(d, graph.Bool, x) }, func(a int64) int64 { return truthInt(a != 0) }},
		"relu": {reluElem, func(a int64) int64 { return max(a, 0) }},
	} {
		decided := 0
		for range 1000 {
			d, at := randomDim(r), randomSizes(r)
			got, ok := evalInt(t, o.f(graph.Int64, IntElem(d)), at)
			if !ok {
				continue
			}
			if decided++; got != o.want(evalDim(t, d, at)) {
				t.Fatalf("%s of %s at %v is %d", name, d, at, got)
			}
		}
		if decided < 300 {
			t.Errorf("%s: %d of 1000 are decided", name, decided)
		}
	}
}

// TestTruthTables checks logic with open operands: what is decided holds whatever
// the open one is.
func TestTruthTables(t *testing.T) {
	values := []Elem{BoolElem(false), BoolElem(true), {}}
	for name, o := range map[string]struct {
		f    binaryFn
		want func(a, b bool) bool
	}{
		"and": {andElem, func(a, b bool) bool { return a && b }},
		"or":  {orElem, func(a, b bool) bool { return a || b }},
		"xor": {xorElem, func(a, b bool) bool { return a != b }},
	} {
		for i, x := range values {
			for j, y := range values {
				agreed, first, seen := true, false, false
				for _, a := range []bool{false, true} {
					for _, b := range []bool{false, true} {
						if i < 2 && a != (i == 1) || j < 2 && b != (j == 1) {
							continue
						}
						v := o.want(a, b)
						agreed, first, seen = agreed && (!seen || v == first), v, true
					}
				}
				got, known := o.f(graph.Bool, x, y).Int()
				if known != agreed || known && got != truthInt(first) {
					t.Errorf("%s(%s, %s) is %d (%v), want %v (%v)", name, x, y, got, known, first, agreed)
				}
			}
		}
	}
	if notElem(graph.Bool, Elem{}).Known() {
		t.Error("not of an open value is known")
	}
}

func TestBitElements(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	for range 2000 {
		a, n := r.Int63n(1<<16), r.Int63n(18)
		x, y := IntElem(graph.Int(a)), IntElem(graph.Int(n))
		if got, ok := shiftElem(false)(graph.Uint16, x, y).Int(); ok && got != a>>n {
			t.Fatalf("%d >> %d is %d", a, n, got)
		}
		if got, ok := shiftElem(true)(graph.Uint16, x, y).Int(); ok && got != a<<n {
			t.Fatalf("%d << %d is %d", a, n, got)
		}
	}
	if got, ok := shiftElem(true)(graph.Uint8, IntElem(graph.Int(3)), IntElem(graph.Int(2))).Int(); !ok || got != 12 {
		t.Errorf("3 << 2 is %d (%v)", got, ok)
	}
	if bitElem(func(a, b int64) int64 { return a & b })(graph.Uint64, IntElem(graph.Int(1)), Elem{}).Known() {
		t.Error("and with an open operand is known")
	}
}

// floatStep is one operation on float32 elements with its machine equivalent.
type floatStep struct {
	name string
	elem func(x Elem) Elem
	run  func(x float32) float32
}

// randomStep combines with a constant, or rounds.
func randomStep(r *rand.Rand) floatStep {
	c := []float32{1, 2, 0.5, 0.25, 3, 4, 1.5, 7, -1, -2, 0.1, 12, 1.0 / 3}[r.Intn(13)]
	k := FloatElem(float64(c))
	with := func(name string, f binaryFn, run func(x float32) float32) floatStep {
		return floatStep{fmt.Sprintf("%s %v", name, c), func(x Elem) Elem { return f(graph.Float32, x, k) }, run}
	}
	rounded := func(name string, f unaryFn, run func(float64) float64) floatStep {
		return floatStep{name, func(x Elem) Elem { return f(graph.Float32, x) }, func(x float32) float32 { return float32(run(float64(x))) }}
	}
	return []floatStep{
		with("add", addElem, func(x float32) float32 { return x + c }),
		with("sub", subElem, func(x float32) float32 { return x - c }),
		with("mul", mulElem, func(x float32) float32 { return x * c }),
		with("div", divElem, func(x float32) float32 { return x / c }),
		with("div", divElem, func(x float32) float32 { return x / c }),
		with("min", minElem, func(x float32) float32 { return min(x, c) }),
		with("max", maxElem, func(x float32) float32 { return max(x, c) }),
		rounded("floor", floorElem, math.Floor),
		rounded("ceil", ceilElem, math.Ceil),
		rounded("round", roundElem, math.RoundToEven),
		rounded("abs", absElem, math.Abs),
		rounded("neg", negElem, func(x float64) float64 { return -x }),
	}[r.Intn(12)]
}

// TestFloatChains follows sizes through float32 and back, as exported models
// compute them: the integer at the end is the one that a run computes.
func TestFloatChains(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	ends := map[string]func(float64) float64{"floor": math.Floor, "ceil": math.Ceil, "round": math.RoundToEven, "trunc": math.Trunc}
	elemEnds := map[string]unaryFn{"floor": floorElem, "ceil": ceilElem, "round": roundElem, "trunc": func(_ graph.DType, x Elem) Elem { return x }}
	comparisons := map[string]struct {
		f    binaryFn
		want func(a, b float32) bool
	}{
		"less":    {lessElem, func(a, b float32) bool { return a < b }},
		"greater": {greaterEqualElem, func(a, b float32) bool { return a >= b }},
		"equal":   {equalElem, func(a, b float32) bool { return a == b }},
	}
	decided, trials := 0, 0
	for range 20000 {
		d := randomDim(r)
		at := randomSizes(r)
		x, e := float32(evalDim(t, d, at)), castElem(graph.Int64, graph.Float32, IntElem(d))
		names := d.String()
		for range 1 + r.Intn(4) {
			s := randomStep(r)
			x, e = s.run(x), s.elem(e)
			names += ", " + s.name
		}
		for name, c := range comparisons {
			got, ok := c.f(graph.Float32, e, FloatElem(3)).Int()
			if ok && got != truthInt(c.want(x, 3)) {
				t.Fatalf("%s, %s than 3 at %v is %d", names, name, at, got)
			}
		}
		for name, end := range ends {
			trials++
			got, ok := evalInt(t, castElem(graph.Float32, graph.Int64, elemEnds[name](graph.Float32, e)), at)
			if !ok {
				continue
			}
			if decided++; got != int64(end(float64(x))) {
				t.Fatalf("%s, %s at %v is %d, want %v", names, name, at, got, end(float64(x)))
			}
		}
	}
	if share := float64(decided) / float64(trials); share < 0.6 {
		t.Errorf("%.2f of the chains are decided", share)
	}
}

// TestZeroOverZero: a float quotient is 1 where the divisor cannot be 0.
func TestZeroOverZero(t *testing.T) {
	n := castElem(graph.Int64, graph.Float32, IntElem(graph.Sym("N")))
	less := addElem(graph.Float32, n, FloatElem(-1))
	if f, ok := divElem(graph.Float32, n, n).Float(); !ok || f != 1 {
		t.Errorf("N/N is %v", f)
	}
	if e := divElem(graph.Float32, less, less); e.Known() {
		t.Errorf("(N-1)/(N-1) is %s, though N may be 1", e)
	}
}

func TestRoundHalfEven(t *testing.T) {
	for k := int64(1); k <= 16; k++ {
		for v := int64(-100); v <= 100; v++ {
			want := int64(math.RoundToEven(float64(v) / float64(k)))
			if got, _ := roundHalfEven(graph.Int(v), k).Const(); got != want {
				t.Fatalf("%d/%d rounds to %d, want %d", v, k, got, want)
			}
		}
	}
}

func TestCastWraps(t *testing.T) {
	for _, k := range []int64{0, 1, -1, 127, 128, 255, 256, -129, 1 << 31, math.MaxInt64, math.MinInt64} {
		for d, want := range map[graph.DType]int64{graph.Int8: int64(int8(k)), graph.Uint8: int64(uint8(k)), graph.Int16: int64(int16(k)),
			graph.Uint16: int64(uint16(k)), graph.Int32: int64(int32(k)), graph.Uint32: int64(uint32(k)), graph.Int64: k, graph.Bool: truthInt(k != 0)} {
			if got, ok := castElem(graph.Int64, d, IntElem(graph.Int(k))).Int(); !ok || got != want {
				t.Errorf("%d as %s is %d (%v), want %d", k, d, got, ok, want)
			}
		}
	}
	for from, c := range map[graph.DType]struct {
		x    Elem
		to   graph.DType
		want string
	}{
		graph.String:  {StringElem("-12"), graph.Int32, "-12"},
		graph.Int32:   {IntElem(graph.Int(-12)), graph.String, `"-12"`},
		graph.Float32: {FloatElem(-2.75), graph.Int8, "-2"},
		graph.Float64: {FloatElem(1 << 40), graph.Int32, "?"},
		graph.Int64:   {IntElem(graph.Sym("N")), graph.Bool, "1"},
		graph.Uint8:   {IntElem(graph.Int(255)), graph.Float16, "255"},
		graph.Int16:   {IntElem(graph.Int(2049)), graph.Float16, "?"},
		graph.Bool:    {BoolElem(true), graph.Float32, "1"},
		graph.Float16: {FloatElem(math.NaN()), graph.Bool, "1"},
		graph.Uint64:  {IntElem(graph.Int(3)), graph.Complex64, "?"},
	} {
		if got := castElem(from, c.to, c.x).String(); got != c.want {
			t.Errorf("%s from %s to %s is %s, want %s", c.x, from, c.to, got, c.want)
		}
	}
	if got := castElem(graph.String, graph.Float32, StringElem("0.1")).String(); got != "0.10000000149011612" {
		t.Errorf("the string 0.1 is %s", got)
	}
	if e := castElem(graph.Int64, graph.Uint64, IntElem(graph.Int(-1))); e.Known() {
		t.Errorf("-1 as uint64 is %s", e)
	}
	if e := castElem(graph.Float32, graph.Int32, FloatElem(math.NaN())); e.Known() {
		t.Error("NaN as an integer is known")
	}
	if e := castElem(graph.Float64, graph.Float16, FloatElem(0.1)); e.Known() {
		t.Error("a rounded float16 is known")
	}
}

func TestExactIn(t *testing.T) {
	for _, c := range []struct {
		d    graph.DType
		f    float64
		want bool
	}{
		{graph.Float16, 2048, true}, {graph.Float16, 2049, false}, {graph.Float16, 65504, true}, {graph.Float16, 65536, false},
		{graph.Float16, math.Ldexp(1, -24), true}, {graph.Float16, math.Ldexp(1, -25), false}, {graph.Float16, math.Inf(1), true},
		{graph.BFloat16, 256, true}, {graph.BFloat16, 257, false}, {graph.BFloat16, 1e38, false}, {graph.BFloat16, 0, true},
	} {
		if got := exactIn(c.d, c.f); got != c.want {
			t.Errorf("exactIn(%s, %v) is %v", c.d, c.f, got)
		}
	}
}

// TestIntegersThatDoNotFit: what a type cannot hold is not known, and nothing wraps.
func TestIntegersThatDoNotFit(t *testing.T) {
	big := IntElem(graph.Int(math.MaxInt64))
	for name, e := range map[string]Elem{
		"int8":           addElem(graph.Int8, IntElem(graph.Int(127)), IntElem(graph.Int(1))),
		"uint8":          subElem(graph.Uint8, IntElem(graph.Int(1)), IntElem(graph.Int(2))),
		"uint32 symbol":  subElem(graph.Uint32, IntElem(graph.Sym("N")), IntElem(graph.Int(2))),
		"uint64 product": mulElem(graph.Uint64, big, IntElem(graph.Int(2))),
		"unknown":        addElem(graph.Int64, Elem{}, big),
	} {
		if e.Known() {
			t.Errorf("%s: %s is known", name, e)
		}
	}
	if d, _ := mulElem(graph.Int64, big, big).Dim(); !d.Wide() {
		t.Errorf("the int64 product is %s", d)
	}
}

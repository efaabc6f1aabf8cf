package ops

import (
	"math"
	"strings"
	"testing"
)

// The operators of this file work element by element, like those of elements_test.go;
// the formulas are those of ONNX Operators.md.

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// bits makes an operation on whole numbers.
func bits(f func(a, b int64) int64) func(m *meter, a, b float64) float64 {
	return func(m *meter, a, b float64) float64 { return m.whole(float64(f(int64(a), int64(b)))) }
}

// bitWork is what operators do for each element of the broadcast output: name, attributes
// and the types of the operands. A unary operator has one type and ignores b.
var bitWork = map[string]func(m *meter, a, b float64) float64{
	"And bool bool":                       bits(func(a, b int64) int64 { return a & b }),
	"Or bool bool":                        bits(func(a, b int64) int64 { return a | b }),
	"Xor bool bool":                       bits(func(a, b int64) int64 { return a ^ b }),
	"Not bool":                            bits(func(a, _ int64) int64 { return 1 - a }),
	"BitwiseAnd i32 i32":                  bits(func(a, b int64) int64 { return a & b }),
	"BitwiseOr u8 u8":                     bits(func(a, b int64) int64 { return a | b }),
	"BitwiseXor i64 i64":                  bits(func(a, b int64) int64 { return a ^ b }),
	"BitwiseNot i8":                       bits(func(a, _ int64) int64 { return ^a }),
	"BitShift u8 u8 direction=LEFT":       bits(func(a, b int64) int64 { return a << b }),
	"BitShift u64 u64 direction=RIGHT":    bits(func(a, b int64) int64 { return a >> b }),
	"Mod i32 i32":                         bits(func(a, b int64) int64 { return ((a % b) + b) % b }),
	"Mod f32 f32 fmod=1":                  func(m *meter, a, b float64) float64 { return m.do(math.Mod(a, b)) },
	"Add i32 i32":                         bits(func(a, b int64) int64 { return a + b }),
	"Sub u8 u8":                           bits(func(a, b int64) int64 { return a - b }),
	"Mul i64 i64":                         bits(func(a, b int64) int64 { return a * b }),
	"Div i32 i32":                         bits(func(a, b int64) int64 { return a / b }),
	"IsNaN f32":                           func(m *meter, a, _ float64) float64 { return m.equal(a, math.NaN()) },
	"IsInf f32":                           isInf(1, -1),
	"IsInf f32 detect_negative=0":         isInf(1),
	"IsInf f32 detect_positive=0":         isInf(-1),
	"Sign f32":                            signum,
	"Sign i32":                            signum,
	"PRelu-6 f32 f32":                     func(m *meter, a, b float64) float64 { return choose(m.less(a, 0), m.mul(b, a), a) },
	"Clip-6 f32 min=-1.0 max=2.0":         func(m *meter, a, _ float64) float64 { return m.max(-1, m.min(2, a)) },
	"Clip-6 f32 max=2.0":                  func(m *meter, a, _ float64) float64 { return m.min(2, a) },
	"Affine-1 f32 alpha=2.0 beta=1.0":     func(m *meter, a, _ float64) float64 { return m.add(m.mul(2, a), 1) },
	"ImageScaler-1 f32 scale=2.0":         func(m *meter, a, _ float64) float64 { return m.add(m.mul(2, a), 0.5) },
	"Scale-1 f32 scale=2.0":               func(m *meter, a, _ float64) float64 { return m.mul(2, a) },
	"ScaledTanh-1 f32 alpha=2.0 beta=1.0": func(m *meter, a, _ float64) float64 { return m.mul(2, m.call(math.Tanh, m.mul(1, a))) },
	"ParametricSoftplus-1 f32 alpha=2.0 beta=1.0": func(m *meter, a, _ float64) float64 {
		return m.mul(2, m.call(math.Log, m.add(m.call(math.Exp, m.mul(1, a)), 1)))
	},
}

// isInf looks for infinities of the given signs.
func isInf(signs ...int) func(m *meter, a, b float64) float64 {
	return func(m *meter, a, _ float64) float64 {
		found := 0.0
		for _, s := range signs {
			found = math.Max(found, m.equal(a, math.Inf(s)))
		}
		return found
	}
}

func (m *meter) equal(a, b float64) float64 { m.cmp++; return boolean(a == b || a != a && b != b) }

// signum is 1 above 0, -1 below, else 0.
func signum(m *meter, a, _ float64) float64 {
	return choose(m.less(0, a), 1, choose(m.less(a, 0), -1, 0))
}

// bitOps are the operators that the table holds.
func bitOps() (names []string) {
	for what := range bitWork {
		name, _, _ := strings.Cut(what, " ")
		names = append(names, name)
	}
	return names
}

func TestBitsByDoing(t *testing.T) {
	for what, f := range bitWork {
		fields := strings.Fields(what)
		name, types, attrs := fields[0], fields[1:2], fields[2:]
		shapes := [][]string{{"[1,2,3,4]"}}
		if len(fields) > 2 && !strings.Contains(fields[2], "=") {
			types, attrs = fields[1:3], fields[3:]
			shapes = [][]string{{"[2,3,4]", "[2,3,4]"}, {"[4]", "[2,3,1]"}, {"[]", "[2,1,3,4]"}}
			if name == "PRelu-6" {
				shapes = [][]string{{"[2,3,4]", "[3]"}, {"[2,3,4]", "[1]"}}
			}
		}
		for _, shape := range shapes {
			var in []string
			for i, s := range shape {
				in = append(in, types[i]+s)
			}
			var m meter
			odometer([]int{2, 3, 4}, func(idx []int) { f(&m, float64(idx[0]+idx[1]), float64(1+idx[2])) })
			m.compare(t, what, costAt(t, name, strings.Join(attrs, " "), "?", in...))
		}
	}
}

// The work of a table gives the values that ONNX Operators.md shows.
func TestBitWorkIsRight(t *testing.T) {
	for _, c := range []struct {
		what       string
		a, b, want float64
	}{
		{"Mod i32 i32", -7, 3, 2}, {"Mod i32 i32", 7, -3, -2}, {"Mod f32 f32 fmod=1", -7, 3, -1},
		{"BitShift u8 u8 direction=LEFT", 16, 1, 32}, {"BitShift u64 u64 direction=RIGHT", 16, 1, 8},
		{"Xor bool bool", 1, 1, 0}, {"Not bool", 0, 0, 1}, {"BitwiseNot i8", 5, 0, -6}, {"BitwiseXor i64 i64", 12, 10, 6},
		{"IsInf f32", math.Inf(-1), 0, 1}, {"IsInf f32 detect_negative=0", math.Inf(-1), 0, 0}, {"IsNaN f32", math.NaN(), 0, 1},
		{"Sign f32", -3, 0, -1}, {"Sign f32", 0, 0, 0}, {"PRelu-6 f32 f32", -2, 0.5, -1}, {"Clip-6 f32 min=-1.0 max=2.0", 5, 0, 2},
	} {
		if got := bitWork[c.what](&meter{}, c.a, c.b); got != c.want {
			t.Errorf("%s of %v and %v is %v, want %v", c.what, c.a, c.b, got, c.want)
		}
	}
}

// legacyWork are the operators of opsets below 7 that broadcast with an attribute.
var legacyWork = map[string]string{
	"Add-6": "Add", "Sub-6": "Sub", "Mul-6": "Mul", "Div-6": "Div", "Pow-1": "Pow", "Equal-1": "Equal", "Greater-1": "Greater", "Less-1": "Less",
	"And-1": "And bool bool", "Or-1": "Or bool bool", "Xor-1": "Xor bool bool",
}

func TestLegacyBroadcastByDoing(t *testing.T) {
	for name, same := range legacyWork {
		f, dtype := pairWork[same], "f32"
		if f == nil {
			f, dtype = bitWork[same], "bool"
		}
		if name == "Equal-1" {
			dtype = "i32"
		}
		for second, attrs := range map[string]string{"[2,3,4]": "", "[4]": "broadcast=1", "[3]": "broadcast=1 axis=1", "[1]": "broadcast=1"} {
			var m meter
			odometer([]int{2, 3, 4}, func([]int) { f(&m, 3, 2) })
			m.compare(t, name+" "+attrs, costAt(t, name, attrs, "?", dtype+"[2,3,4]", dtype+second))
		}
	}
}

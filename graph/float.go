package graph

import "math"

// format describes a binary floating-point type of up to 16 bits.
type format struct {
	exp, man int // bits
	bias     int
	signless bool
	// inf: an exponent of all ones means infinity or NaN, as in IEEE 754.
	inf bool
	// nan is the only bit pattern of NaN, its sign apart; 0 if there is none.
	nan uint64
	// negZero: the pattern of minus zero means NaN, and nothing else does.
	negZero bool
}

// formats holds the layouts of ONNX's small floating-point types
// (docs/docsgen/source/technical of onnx/onnx: float8, float4, float6).
var formats = map[DType]format{
	Float16:        {exp: 5, man: 10, bias: 15, inf: true},
	BFloat16:       {exp: 8, man: 7, bias: 127, inf: true},
	Float8E4M3FN:   {exp: 4, man: 3, bias: 7, nan: 0x7F},
	Float8E4M3FNUZ: {exp: 4, man: 3, bias: 8, negZero: true},
	Float8E5M2:     {exp: 5, man: 2, bias: 15, inf: true},
	Float8E5M2FNUZ: {exp: 5, man: 2, bias: 16, negZero: true},
	Float8E8M0:     {exp: 8, bias: 127, signless: true, nan: 0xFF},
	Float4E2M1:     {exp: 2, man: 1, bias: 1},
	Float6E2M3:     {exp: 2, man: 3, bias: 1},
	Float6E3M2:     {exp: 3, man: 2, bias: 3},
}

// Float converts the bit pattern of an element of a real floating-point type.
func (d DType) Float(w uint64) float64 {
	switch d {
	case Float32:
		return float64(math.Float32frombits(uint32(w)))
	case Float64:
		return math.Float64frombits(w)
	}
	return formats[d].value(w)
}

func (f format) value(w uint64) float64 {
	man := w & (1<<f.man - 1)
	exp := int(w >> f.man & (1<<f.exp - 1))
	negative := !f.signless && w>>(f.man+f.exp)&1 == 1
	v := f.magnitude(exp, man)
	switch {
	case f.negZero && negative && exp == 0 && man == 0:
		return math.NaN()
	case negative:
		return math.Copysign(v, -1)
	}
	return v
}

func (f format) magnitude(exp int, man uint64) float64 {
	switch {
	case f.inf && exp == 1<<f.exp-1 && man == 0:
		return math.Inf(1)
	case f.inf && exp == 1<<f.exp-1, f.nan != 0 && uint64(exp)<<f.man|man == f.nan:
		return math.NaN()
	case exp == 0 && !f.signless: // subnormal
		return math.Ldexp(float64(man), 1-f.bias-f.man)
	}
	return math.Ldexp(float64(man|1<<f.man), exp-f.bias-f.man)
}

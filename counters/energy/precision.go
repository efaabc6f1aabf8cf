package energy

import (
	"math"
	"strings"
)

// The modes of execution.
const (
	Eager = "eager" // one kernel per node, as a framework runs it by default
	Fused = "fused" // compiled: element-wise work is folded into its neighbours
)

// ParseMode folds a mode to Eager or Fused; "" is Eager, "compiled" is Fused.
func ParseMode(name string) (string, error) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", Eager:
		return Eager, nil
	case Fused, "compiled":
		return Fused, nil
	}
	return "", &NameError{Kind: "mode", Name: name, Candidates: []string{Eager, Fused}}
}

// precision is an arithmetic in which a device may run a model.
type precision struct {
	name  string
	width float64 // bytes of an element in memory
	class string  // precisions of one class run at one rate with one width
	note  string  // warning for names of data columns that say less than they should
}

// mixed reports whether only products work at the width.
func (p precision) mixed() bool { return p.name == "fp16-amp" }

var precisions = []precision{
	{"fp32", 4, "single", ""},
	{"tf32", 4, "tf32", ""},
	{"fp16", 2, "half", ""},
	{"bf16", 2, "half", ""},
	{"fp16-amp", 2, "half", ""},
	{"fp8", 1, "fp8", ""},
	{"int8", 1, "int8", ""},
}

// precisionAliases are the other names of users and of the data's column.
var precisionAliases = map[string]struct{ name, note string }{
	"float32": {"fp32", ""}, "float16": {"fp16", ""}, "half": {"fp16", ""},
	"bfloat16": {"bf16", ""}, "amp": {"fp16-amp", ""}, "uint8": {"int8", ""},
	"mxfp4":   {"fp8", "mxfp4 has no peak in the table of devices: priced as fp8"},
	"fp8/fp4": {"fp8", "fp8/fp4 priced as fp8"},
	"mixed":   {"int8", "mixed int8 and fp16 priced as int8"},
	"int4":    {"int8", "int4 arithmetic has no peak in the table of devices: priced as int8"},
}

// Precisions lists the names that ParsePrecision returns.
func Precisions() []string {
	names := make([]string, len(precisions))
	for i, p := range precisions {
		names[i] = p.name
	}
	return names
}

// Width returns the bytes of an element in one of Precisions; 4 for any other name.
func Width(precision string) float64 {
	for _, p := range precisions {
		if p.name == precision {
			return p.width
		}
	}
	return 4
}

// ParsePrecision folds a precision to one of Precisions, and a warning if the
// fold loses something. fp32/tf32 and fp32-or-default, the names of data whose
// framework chose by itself, are tf32 on a device that has it.
func ParsePrecision(name string, d Device) (folded, warning string, err error) {
	key := strings.ToLower(strings.TrimSpace(name))
	switch key {
	case "fp32/tf32", "fp32-or-default":
		if d.TF32 > d.FP32 {
			return "tf32", "", nil
		}
		return "fp32", "", nil
	}
	if a, ok := precisionAliases[key]; ok {
		return a.name, a.note, nil
	}
	for _, p := range precisions {
		if p.name == key {
			return key, "", nil
		}
	}
	pool := make([]candidate, len(precisions))
	for i, p := range precisions {
		pool[i] = candidate{p.name, p.name}
	}
	e := &NameError{Kind: "precision", Name: name, Candidates: nearest(key, pool)}
	if len(e.Candidates) == 0 {
		e.Candidates = Precisions()
	}
	return "", "", e
}

// DefaultPrecision is the precision in which a model runs whose
// multiply-accumulates mostly have this ONNX element type ("float32"); ok is
// false for types that no coefficient knows (float64, strings, ...).
func DefaultPrecision(dtype string) (name string, ok bool) {
	switch {
	case dtype == "float32", dtype == "float16", dtype == "bfloat16", dtype == "int4":
		return precisionAliases[dtype].name, true
	case dtype == "int8", dtype == "uint8", dtype == "uint4":
		return "int8", true
	case strings.HasPrefix(dtype, "float8"):
		return "fp8", true
	}
	return "", false
}

// precisionOf returns the entry of a folded name.
func precisionOf(name string) precision {
	for _, p := range precisions {
		if p.name == name {
			return p
		}
	}
	return precisions[0] // unreachable: names come from ParsePrecision or a checked table
}

// rate is the peak in operations per second of a device in a precision; own
// is false when the device lists none and the nearest rate that it can fall
// back to stands in. 0: no rate at all.
func (d Device) rate(precision string) (peak float64, own bool) {
	var chain []float64
	switch precision {
	case "fp32":
		chain = []float64{d.FP32, d.BF16, d.FP16}
	case "tf32":
		chain = []float64{d.TF32, d.FP32, d.BF16, d.FP16}
	case "bf16":
		chain = []float64{d.BF16, d.FP32, d.FP16}
	case "fp8":
		chain = []float64{d.FP8, d.half(), d.FP32, d.BF16}
	case "int8":
		chain = []float64{d.INT8, d.half(), d.FP32, d.BF16}
	default: // fp16, fp16-amp
		chain = []float64{d.half(), d.FP32, d.BF16}
	}
	for i, v := range chain {
		if v > 0 {
			return v, i == 0
		}
	}
	return 0, false
}

// half is the half-precision peak, in tensor cores or outside them.
func (d Device) half() float64 {
	if d.FP16 > 0 {
		return d.FP16
	}
	return d.FP16Vector
}

// floorPerMAC is half of what a multiply-accumulate costs at peak rate and
// full power: no kernel runs below it. Where the device lists no rate for the
// precision, its highest rate of any precision keeps the bound safe.
func (d Device) floorPerMAC(precision string) float64 {
	peak, own := d.rate(precision)
	if !own {
		peak = max(d.FP32, d.TF32, d.FP16, d.BF16, d.FP8, d.INT8, d.FP16Vector)
	}
	if peak == 0 || d.TDP == 0 {
		return 0
	}
	return 0.5 * 2 * d.TDP / peak
}

// price is the datasheet's cost in joules of one unit of a term: a
// multiply-accumulate at peak rate, a byte at full bandwidth, a kernel of one
// microsecond, all at full power. Depthwise convolutions find no work for matrix
// units: theirs is the single-precision rate. NaN: the datasheet does not say.
func (d Device) price(t Term, precision string) float64 {
	var perSecond float64
	switch t {
	case TermMAC, TermTile, TermGrouped, TermDepthMAC:
		if t == TermDepthMAC {
			precision = "fp32"
		}
		peak, _ := d.rate(precision)
		perSecond = peak / 2
	case TermKernel:
		perSecond = 1e6
	default:
		perSecond = d.Bandwidth
	}
	if d.TDP == 0 || perSecond == 0 {
		return math.NaN()
	}
	return d.TDP / perSecond
}

package ops

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	castFree = "a conversion of the type computes no new value"
	anyToAny = "T1: all; T2: all"
)

var castOps = []Op{
	{
		Name: "Cast", Since: []int{1},
		Doc: "Converts elements to the type that the string `to` names. No arithmetic is counted. (ONNX Operators.md, Cast-1)",
		In:  "input:T1", Out: "output:T2", Types: "T1: number bool; T2: number bool", Attrs: "to:string!",
		Infer: inferCast, Free: castFree,
		Cases: []Case{
			{In: "f32[N]", Attrs: `to="INT64"`, Out: "i64[N]"},
			{In: "f32[N]", Attrs: `to="LONG"`, Err: "to is"},
		},
	},
	{
		Name: "Cast", Since: []int{6, 9, 13},
		Doc: "Converts elements to the type `to`. No arithmetic is counted. (ONNX Operators.md, Cast-13)",
		In:  "input:T1", Out: "output:T2", Types: "T1: number bool string; T2: number bool string", Attrs: "to:int!",
		Infer: inferCast, Free: castFree,
		Cases: []Case{
			{In: "f32[N]", Attrs: "to=7", Out: "i64[N]"},
			{In: "f32[3]={1.9,-1.9,0}", Attrs: "to=7", Out: "i64[3]={1,-1,0}"},
			{In: "i64[2]={300,-1}", Attrs: "to=2", Out: "u8[2]={44,255}"},
			{In: "i64[2]={0,7}", Attrs: "to=9", Out: "bool[2]={false,true}"},
			{In: `str[2]={"12","a"}`, Attrs: "to=7", Out: "i64[2]={12,?}"},
			{In: "f32[N]", Attrs: "to=14", Err: "to is"},
			{In: "f32[N]", Attrs: "to=99", Err: "to is"},
			{In: "f32[N]", Err: "missing"},
		},
	},
	{
		Name: "Cast", Since: []int{19, 21, 23},
		Doc: "Converts elements to the type `to`. No arithmetic is counted. (ONNX Operators.md, Cast-23)",
		In:  "input:T1", Out: "output:T2", Types: anyToAny, Attrs: "saturate:int=1 to:int!",
		Infer: inferCast, Free: castFree,
		Cases: []Case{{In: "f32[N]", Attrs: "to=17 saturate=0", Out: "float8e4m3fn[N]"}},
	},
	{
		Name: "Cast", Since: []int{24, 25, 28},
		Doc: "Converts elements to the type `to`. No arithmetic is counted. (ONNX Operators.md, Cast)",
		In:  "input:T1", Out: "output:T2", Types: anyToAny, Attrs: "round_mode:string=up saturate:int=1 to:int!",
		Infer: inferCast, Free: castFree,
		Cases: []Case{
			{In: "f32[N]", Attrs: `to=24 round_mode="nearest"`, Out: "float8e8m0[N]"},
			{In: "f32[N]", Attrs: `to=24 round_mode="even"`, Err: "round_mode"},
		},
	},
	{
		Name: "CastLike", Since: []int{15},
		Doc: "Converts elements to the type of target_type. No arithmetic is counted. (ONNX Operators.md, CastLike-15)",
		In:  "input:T1, target_type:T2", Out: "output:T2", Types: "T1: number bool string; T2: number bool string",
		Infer: inferCastLike, Free: castFree, Moves: Moving(castLikeTraffic),
		Cases: []Case{{In: "f32[N] i64[3]", Out: "i64[N]"}, {In: "f32[1]={2.5} i64[3]", Out: "i64[1]={2}"}},
	},
	{
		Name: "CastLike", Since: []int{19, 21, 23},
		Doc: "Converts elements to the type of target_type. No arithmetic is counted. (ONNX Operators.md, CastLike-23)",
		In:  "input:T1, target_type:T2", Out: "output:T2", Types: anyToAny, Attrs: "saturate:int=1",
		Infer: inferCastLike, Free: castFree, Moves: Moving(castLikeTraffic),
		Cases: []Case{{In: "f32[N] f16[3]", Attrs: "saturate=0", Out: "f16[N]"}},
	},
	{
		Name: "CastLike", Since: []int{24, 25},
		Doc: "Converts elements to the type of target_type. No arithmetic is counted. (ONNX Operators.md, CastLike)",
		In:  "input:T1, target_type:T2", Out: "output:T2", Types: anyToAny, Attrs: "round_mode:string=up saturate:int=1",
		Infer: inferCastLike, Free: castFree, Moves: Moving(castLikeTraffic),
		Cases: []Case{{In: "f32[N] i64[3]", Attrs: `round_mode="down"`, Out: "i64[N]"}},
	},
	{
		Name: "BitCast", Since: []int{26},
		Doc: "Reads the bits of each element as another type of the same width: the output is the input's memory. (ONNX Operators.md, BitCast)",
		In:  "input:T1", Out: "output:T2", Types: anyToAny, Attrs: "to:int!",
		Infer: inferBitCast, Free: "the same bits under another type", Moves: View,
		Cases: []Case{
			{In: "f32[N]", Attrs: "to=6", Out: "i32[N]"},
			{In: "f32[N]", Attrs: "to=7", Err: "64 bits"},
			{In: "str[N]", Attrs: "to=7", Err: "string"},
		},
	},
}

// castTarget returns the type that the attribute `to` names, which must be one that
// the output may have.
func (c *Call) castTarget() graph.DType {
	a := c.Attr("to")
	d, name := graph.Undefined, a.Str
	if a.Type == graph.AttrString {
		d, _ = graph.ParseDType(strings.ToLower(a.Str))
	} else if name = graph.Int(a.Int).String(); a.Int > 0 && graph.DType(a.Int).Valid() && a.Int < 1<<16 {
		d = graph.DType(a.Int)
	}
	if set := c.Op.Signature().Types["T2"]; d == graph.Undefined || !set.Has(d) {
		c.Wantf("an element type of "+c.Op.Name+" in this opset", "to is %s", graph.Clip(name))
	}
	return d
}

// castTo sets the output to the input in another type.
func (c *Call) castTo(to graph.DType) {
	c.SameShape(0, 0)
	c.SetDType(0, to)
	from, es := c.DType(0), c.Moved(0)
	if es == nil || from == graph.Undefined || to == graph.Undefined {
		return
	}
	out := make([]Elem, len(es))
	for i, e := range es {
		out[i] = castElem(from, to, e)
	}
	c.SetElems(0, out)
}

func inferCast(c *Call) {
	c.checkRoundMode()
	c.castTo(c.castTarget())
}

// inferCastLike checks round_mode where it applies only, as ONNX Runtime does.
func inferCastLike(c *Call) {
	if c.DType(1) == graph.Float8E8M0 {
		c.checkRoundMode()
	}
	c.castTo(c.DType(1))
}

func (c *Call) checkRoundMode() {
	if m := c.Str("round_mode", "up"); m != "up" && m != "down" && m != "nearest" {
		c.Wantf("up, down or nearest", "round_mode is %q", graph.Clip(m))
	}
}

// castLikeTraffic leaves out target_type, of which only the type is read.
func castLikeTraffic(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, c.InBytes(0))
	return b
}

func inferBitCast(c *Call) {
	to := c.castTarget()
	from := c.DType(0)
	switch {
	case from == graph.String || to == graph.String:
		c.Failf("a string has no fixed bits to cast")
	case from != graph.Undefined && from.Bits() != to.Bits():
		c.Wantf("equal widths", "input is %s of %d bits, to is %s of %d bits", from, from.Bits(), to, to.Bits())
	}
	keepShape(c)
	c.SetDType(0, to)
}

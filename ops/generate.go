package ops

import (
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

const fillReason = "writes constants, does no arithmetic"

var generateOps = []Op{
	{
		Name: "Range", Since: []int{11},
		Doc: "Numbers from start by delta up to limit: max(ceil((limit - start) / delta), 0) of them, one addition each. (ONNX Changelog.md, Range-11)",
		In:  "start:T shape, limit:T shape, delta:T shape", Out: "output:T", Types: "T: float32 float64 int16 int32 int64",
		Infer: inferRange, Cost: costRange,
		Cases: []Case{
			{In: "i64={1} i64={8} i64={3}", Out: "i64[3]={1,4,7}", Cost: ""}, {In: "i64={8} i64={1} i64={-3}", Out: "i64[3]={8,5,2}"},
			{In: "f32={0} f32={1} f32={0.25}", Out: "f32[4]={0,0.25,0.5,0.75}"}, {In: "i64={3} i64={1} i64={1}", Out: "i64[0]"},
			{In: "i64={0} i64 i64={1}", Out: "i64[`y0[0]`]", Cost: "int=y0[0]"}, {In: "i64={0} i64={9} i64={0}", Err: "delta"},
			{In: "f32={0} f32 f32={1}", Out: "f32[`y0[0]`]", Cost: "flop=y0[0]"},
		},
	},
	{
		Name: "Range", Since: []int{27},
		Doc: "Numbers from start by delta up to limit: max(ceil((limit - start) / delta), 0) of them, one addition each. (ONNX Operators.md, Range)",
		In:  "start:T shape, limit:T shape, delta:T shape", Out: "output:T", Types: "T: float int16 int32 int64", Attrs: "stash_type:int=1",
		Infer: inferRange, Cost: costRange,
		Cases: []Case{{In: "f16={0} f16 f16={1}", Out: "f16[`y0[0]`]", Cost: "flop=y0[0]"}, {In: "i64={2} i64={5} i64={1}", Out: "i64[3]={2,3,4}"}},
	},
	{
		Name: "ConstantOfShape", Since: []int{9, 20, 21, 23, 24, 25},
		Doc: "A tensor of one value, a float32 0 by default. (ONNX Operators.md, ConstantOfShape)",
		In:  "input:T1 shape", Out: "output:T2", Types: "T1: int64; T2: all", Attrs: "value:tensor",
		Infer: inferConstantOfShape, Free: fillReason,
		Cases: []Case{
			{In: "i64[2]={2,3}", Out: "f32[2,3]={0,0,0,0,0,0}"}, {In: "i64[1]={2}", Attrs: "value=i64[1]={7}", Out: "i64[2]={7,7}"},
			{In: "i64[0]", Out: "f32"}, {In: "i64[2]", Out: "f32[?,?]"}, {In: "i64[1]={-1}", Err: "-1"},
			{In: "i64[1]={2}", Attrs: "value=i64[2]={7,8}", Err: "one element"},
		},
	},
}

func inferRange(c *Call) {
	var e [3]Elem
	known := true
	for i := range e {
		if s := c.ShapeOfRank(i, 0, 1); s != nil && !divides(s.Elements(), graph.Int(1)) {
			c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
		}
		v, ok := c.Scalar(i)
		e[i], known = v, known && ok
	}
	if e[2].Known() {
		if f, ok := e[2].Float(); ok && f == 0 {
			c.Failf("delta is 0")
		}
	}
	if known {
		if c.rangeOf(e[0], e[1], e[2]) {
			return
		}
	}
	c.SetShape(0, graph.Shape{c.DataDim(0, 0, 0, nil)})
}

// rangeOf sets output 0 when the number of elements can be told.
func (c *Call) rangeOf(start, limit, delta Elem) bool {
	if c.DType(0).IsFloat() {
		return c.floatRange(start, limit, delta)
	}
	s, okS := start.Dim()
	l, okL := limit.Dim()
	d, okD := delta.Int()
	if !okS || !okL || !okD {
		return false
	}
	span, by := l.Sub(s), graph.Int(d)
	if d < 0 {
		span, by = span.Neg(), by.Neg()
	}
	n := span.CeilDiv(by).Max(graph.Int(0))
	c.SetShape(0, graph.Shape{n})
	c.rangeElems(func(i int64) Elem { return IntElem(s.Add(graph.Int(d).MulInt(i))) })
	return true
}

// floatRange computes the span in the type of the inputs and the quotient in
// double precision, as ONNX's own shape inference and ONNX Runtime do.
func (c *Call) floatRange(start, limit, delta Elem) bool {
	s, okS := start.Float()
	l, okL := limit.Float()
	d, okD := delta.Float()
	if !okS || !okL || !okD {
		return false
	}
	t := c.DType(0)
	n, ok := floatToInt(math.Max(math.Ceil(roundTo(t, l-s)/d), 0))
	if !ok {
		return false
	}
	c.SetShape(0, graph.Ints(n))
	c.rangeElems(func(i int64) Elem { return FloatElem(roundTo(t, s+float64(i)*d)) })
	return true
}

func (c *Call) rangeElems(at func(i int64) Elem) {
	n, ok := foldable(c.Out[0].Shape)
	if !ok || !follows(c.DType(0), n) {
		return
	}
	es := make([]Elem, n)
	for i := range es {
		es[i] = at(int64(i))
	}
	c.SetElems(0, es)
}

func costRange(c *Call) Cost {
	if c.DType(0).IsFloat() {
		return Cost{Flop: c.OutN(0)}
	}
	return Cost{Int: c.OutN(0)}
}

func inferConstantOfShape(c *Call) {
	fill := c.fillValue()
	c.ShapeOfRank(0, 1, 1)
	dims, ok := c.Dims(0)
	if !ok {
		return
	}
	for i, d := range dims {
		if k, isConst := d.Const(); isConst && k < 0 {
			c.Wantf("at least 0", "input has %d at %d", k, i)
		}
	}
	c.SetShape(0, dims)
	if n, ok := foldable(dims); ok && follows(c.Out[0].DType, n) {
		es := make([]Elem, n)
		for i := range es {
			es[i] = fill
		}
		c.SetElems(0, es)
	}
}

// fillValue sets the type of output 0 from the attribute value and returns its element.
func (c *Call) fillValue() Elem {
	c.SetDType(0, graph.Float32)
	a := c.Attr("value")
	if a == nil {
		return FloatElem(0)
	}
	if a.Tensor == nil {
		c.Failf("attribute value holds no tensor")
	}
	c.SetDType(0, a.Tensor.DType)
	if !a.Tensor.Elements().Is(1) {
		c.Wantf("one element", "attribute value has dims %d", a.Tensor.Dims)
	}
	if a.Tensor.Payload != nil {
		if es := readElems(a.Tensor, 1); len(es) == 1 {
			return es[0]
		}
	}
	return Elem{}
}

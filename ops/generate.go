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
			{In: "f32={0} f32={NaN} f32={1}", Err: "limit is not a number"},
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
			{In: "i64[1]={2}", Attrs: "value=i64[2]={7,8}", Err: "of one element"},
		},
	},
	{
		Name: "EyeLike", Since: []int{9, 22},
		Doc: "Ones on a diagonal and zeros elsewhere, with the dims of the input, whose elements are not read. (ONNX Operators.md, EyeLike)",
		In:  "input:T1", Out: "output:T2", Types: "T1: number bool; T2: number bool", Attrs: "dtype:int k:int=0",
		Infer: inferEyeLike, Free: fillReason, Moves: writesOnly,
		Cases: []Case{
			{In: "f32[N,3]", Attrs: "dtype=7", Out: "i64[N,3]"}, {In: "i64[2,3]", Attrs: "k=1", Out: "i64[2,3]={0,1,0,0,0,1}"},
			{In: "f32[2]", Err: "rank 2"}, {In: "f32[2,2]", Attrs: "dtype=99", Err: "dtype"},
		},
	},
	{
		Name: "Trilu", Since: []int{14},
		Doc: "The upper or lower triangle of matrices: elements below or above diagonal k become 0. (ONNX Operators.md, Trilu)",
		In:  "input:T, k?:int64 shape", Out: "output:T", Types: "T: all", Attrs: "upper:int=1",
		Infer: inferTrilu, Free: moveReason,
		Cases: []Case{
			{In: "f32[N,3,4]", Out: "f32[N,3,4]"}, {In: "i64[2,2]={1,2,3,4}", Out: "i64[2,2]={1,2,0,4}"},
			{In: "i64[2,2]={1,2,3,4} i64={-1}", Attrs: "upper=0", Out: "i64[2,2]={0,0,3,0}"}, {In: "f32[3]", Err: "rank 2"},
			{In: "i64[1,2]={1,2} i64={9223372036854775807}", Attrs: "upper=1", Out: "i64[1,2]={0,0}"},
		},
	},
	{
		Name: "OneHot", Since: []int{9, 11, 28},
		Doc: "A new axis of size depth that holds the second of values at each index and the first elsewhere. (ONNX Operators.md, OneHot)",
		In:  "indices:T1, depth:T2 shape, values:T3 shape", Out: "output:T3", Types: "T1: number; T2: number; T3: all", Attrs: "axis:int=-1",
		Infer: inferOneHot, Free: fillReason,
		Cases: []Case{
			{In: "i64[N,3] i64={10} f32[2]", Out: "f32[N,3,10]"}, {In: "i64[N,3] f32[1]={10} f32[2]", Attrs: "axis=0", Out: "f32[10,N,3]"},
			{In: "i64[2]={1,-1} i64={3} i64[2]={5,7}", Out: "i64[2,3]={5,7,5,5,5,7}"}, {In: "i64[2] i64 f32[2]", Out: "f32[2,`y0[1]`]"},
			{In: "i64[2] i64={3} f32[3]", Err: "values"}, {In: "i64[2] i64={3} f32[2]", Attrs: "axis=2", Err: "axis is 2"},
			{In: "i64[2] i64={-3} f32[2]", Err: "depth is -3"}, {In: "i64 i64={3} f32[2]", Err: "rank 1"},
		},
	},
}

// writesOnly is the traffic of operators that need no element of their inputs.
var writesOnly = Moving(func(c *Call) Bytes { return Bytes{Written: c.outputBytes()} })

func inferRange(c *Call) {
	var e [3]Elem
	known := true
	for i := range e {
		if s := c.ShapeOfRank(i, 0, 1); s != nil && !divides(s.Elements(), graph.Int(1)) {
			c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
		}
		v, ok := c.Scalar(i)
		if f, isConst := v.Float(); ok && isConst && f != f {
			c.Failf("%s is not a number", c.InName(i))
		}
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
	q := math.Ceil(roundTo(t, l-s) / d)
	n, ok := floatToInt(math.Max(q, 0))
	if !ok {
		c.Failf("the range from %v to %v by %v has %v elements", s, l, d, q)
	}
	c.SetShape(0, graph.Ints(n))
	c.rangeElems(func(i int64) Elem { return FloatElem(roundTo(t, s+float64(i)*d)) })
	return true
}

func (c *Call) rangeElems(at func(i int64) Elem) {
	n, ok := c.followsOut(0)
	if !ok {
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
	dims, ok := c.target(0)
	if !ok {
		return
	}
	for i, d := range dims {
		if k, isConst := d.Const(); isConst && k < 0 {
			c.Wantf("at least 0", "input has %d at %d", k, i)
		}
	}
	c.SetShape(0, dims)
	if n, ok := c.followsOut(0); ok {
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
	if len(a.Tensor.Dims) != 1 || a.Tensor.Dims[0] != 1 {
		c.Wantf("one dim of one element", "attribute value has dims %d", a.Tensor.Dims)
	}
	if a.Tensor.Payload != nil {
		if es := readElems(a.Tensor, 1); len(es) == 1 {
			return es[0]
		}
	}
	return Elem{}
}

func inferEyeLike(c *Call) {
	in := c.ShapeOfRank(0, 2, 2)
	c.SetDType(0, c.DType(0))
	if c.Attr("dtype") != nil {
		c.SetDType(0, c.dtypeAttr("dtype", 0))
	}
	if in == nil {
		c.SetShape(0, c.UnknownShape(2))
		return
	}
	c.SetShape(0, in)
	if _, ok := c.followsOut(0); !ok {
		return
	}
	g, ok := c.grid(in)
	if !ok {
		return
	}
	one, zero := numberElem(c.Out[0].DType, 1), numberElem(c.Out[0].DType, 0)
	k := c.Int("k", 0)
	es := make([]Elem, g.n)
	g.each(func(i int, at []int) {
		if es[i] = zero; int64(at[1])-int64(at[0]) == k {
			es[i] = one
		}
	})
	c.SetElems(0, es)
}

// dtypeAttr returns the element type that an int attribute names; the operator
// must be able to give it.
func (c *Call) dtypeAttr(name string, output int) graph.DType {
	k := c.Int(name, 0)
	d := graph.DType(k)
	s := c.Op.Signature()
	if int64(d) != k || !d.Valid() || !s.Types[s.OutParam(output).Type].Has(d) {
		c.Failf("attribute %s names no element type that %s gives: %d", name, c.Op.Name, k)
	}
	return d
}

// numberElem returns a small number as an element of a type.
func numberElem(d graph.DType, k int64) Elem {
	switch {
	case d.IsFloat():
		return FloatElem(float64(k))
	case d == graph.String:
		return Elem{}
	}
	return IntElem(graph.Int(k))
}

func inferTrilu(c *Call) {
	in := c.ShapeOfRank(0, 2, -1)
	c.ShapeOfRank(1, 0, 1)
	c.SameShape(0, 0)
	if in == nil {
		return
	}
	diag := int64(0)
	if c.Has(1) {
		e, _ := c.Scalar(1)
		k, ok := e.Int()
		if !ok {
			return
		}
		diag = min(max(k, -graph.MaxFoldElements), graph.MaxFoldElements) // no position is further off
	}
	upper, r := c.Int("upper", 1) != 0, len(in)
	c.Select(0, c.Moved(0), in, numberElem(c.DType(0), 0), func(dst, src []int) bool {
		copy(src, dst)
		off := int64(dst[r-1]) - int64(dst[r-2]) - diag
		return upper && off >= 0 || !upper && off <= 0
	})
}

func inferOneHot(c *Call) {
	idx, values := c.ShapeOfRank(0, 1, -1), c.ShapeOfRank(2, 1, 1)
	if values != nil {
		c.Same(values[0], graph.Int(2), "entries of values")
	}
	if s := c.ShapeOfRank(1, 0, 1); s != nil && !s.Elements().IsZero() { // ONNX lets an empty one pass
		c.Same(s.Elements(), graph.Int(1), "entries of depth")
	}
	if idx == nil {
		return
	}
	axis := c.Axis("axis", -1, len(idx)+1)
	depth := c.depth(axis)
	out := append(append(append(graph.Shape{}, idx[:axis]...), depth), idx[axis:]...)
	c.SetShape(0, out)
	at, vs := c.Elems(0), c.Moved(2)
	g, okG := c.grid(idx)
	to, ok := c.grid(out)
	if _, follow := c.followsOut(0); at == nil || len(vs) != 2 || !ok || !okG || !follow {
		return
	}
	es, place := make([]Elem, to.n), make([]int, len(idx))
	to.each(func(k int, pos []int) {
		copy(place, pos[:axis])
		copy(place[axis:], pos[axis+1:])
		es[k] = oneHot(at[g.index(place)], int64(pos[axis]), int64(to.dims[axis]), vs)
	})
	c.SetElems(0, es)
}

// oneHot returns the element at pos of an axis of size depth for an index; one
// outside [-depth, depth) is nowhere.
func oneHot(index Elem, pos, depth int64, values []Elem) Elem {
	k, ok := index.Int()
	if !ok {
		return Elem{}
	}
	if k < 0 {
		k += depth
	}
	if k == pos {
		return values[1]
	}
	return values[0]
}

// depth returns the size of OneHot's new axis.
func (c *Call) depth(axis int) graph.Dim {
	e, ok := c.Scalar(1)
	d, isInt := e.Dim()
	if f, isFloat := e.Float(); ok && !isInt && isFloat {
		k, fits := floatToInt(f)
		d, isInt = graph.Int(k), fits
	}
	if !ok || !isInt {
		return c.DataDim(0, axis, 0, nil)
	}
	if k, isConst := d.Const(); isConst && k < 1 {
		c.Wantf("at least 1", "depth is %d", k)
	}
	return d
}

package ops

import "github.com/onnxmeter/onnxmeter/graph"

var clipOps = []Op{
	{
		Name: "Clip", Since: []int{1},
		Doc: "Limits elements to [min, max]. One comparison per element and limit given. (ONNX Operators.md, Clip-1)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "consumed_inputs:ints max:float min:float",
		Infer: inferClipAttrs, Cost: costClipAttrs,
		Cases: []Case{
			{In: "f32[N]", Attrs: "min=0 max=6", Out: "f32[N]", Cost: "cmp=2*N"},
			{In: "f32[3]", Attrs: "min=0", Out: "f32[3]", Cost: "cmp=3"},
			{In: "f32[3]", Attrs: "min=2 max=1", Err: "min is 2"},
		},
	},
	{
		Name: "Clip", Since: []int{6},
		Doc: "Limits elements to [min, max], by default the range of float32. One comparison per element and limit given. (ONNX Operators.md, Clip-6)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "max:float=3.4028234663852886e+38 min:float=-3.4028234663852886e+38",
		Infer: inferClipAttrs, Cost: costClipAttrs,
		Cases: []Case{
			{In: "f32[N]", Attrs: "min=0 max=6", Out: "f32[N]", Cost: "cmp=2*N"},
			{In: "f32[3]={-1,3,9}", Attrs: "min=0 max=6", Out: "f32[3]={0,3,6}"},
		},
	},
	{
		Name: "Clip", Since: []int{11, 12, 13},
		Doc: "Limits elements to [min, max], two scalars. One comparison per element and limit given. (ONNX Operators.md, Clip)",
		In:  "input:T, min?:T, max?:T", Out: "output:T", Types: numbers,
		Infer: inferClip, Cost: costClip,
		Cases: []Case{
			{In: "f32[N,2] f32={0} f32={6}", Out: "f32[N,2]", Cost: "cmp=4*N"},
			{In: "f32[4] _ f32={6}", Out: "f32[4]", Cost: "cmp=4"},
			{In: "i64[3]={-5,2,9} i64={0} i64={8}", Out: "i64[3]={0,2,8}"},
			{In: "i64[2]={-5,2} i64={3} i64={1}", Out: "i64[2]={1,1}"},
			{In: "f32[4] !f32[2]", Err: "a scalar"},
		},
	},
}

// clipElem limits x to [lo, hi]; hi wins where the limits cross.
func clipElem(d graph.DType, x, lo, hi Elem) Elem {
	if lo.Known() {
		x = maxElem(d, x, lo)
	}
	if hi.Known() {
		x = minElem(d, x, hi)
	}
	return x
}

func inferClipAttrs(c *Call) {
	c.SameShape(0, 0)
	limit := func(name string) Elem {
		if c.Attr(name) == nil {
			return Elem{}
		}
		return FloatElem(float64(c.Float(name, 0)))
	}
	lo, hi, d := limit("min"), limit("max"), c.DType(0)
	if a, b, ok := floatPair(lo, hi); ok && a > b {
		c.Wantf("at most max", "min is %v, max %v", a, b)
	}
	c.Fold(0, func(x []Elem) Elem { return clipElem(d, x[0], lo, hi) })
}

func costClipAttrs(c *Call) Cost {
	var w work
	for _, name := range []string{"min", "max"} {
		if c.Attr(name) != nil {
			w.cmp++
		}
	}
	return each(w)(c)
}

func inferClip(c *Call) {
	c.SameShape(0, 0)
	for i := 1; i < len(c.In); i++ {
		if s := c.Shape(i); s != nil && (len(s) > 1 || len(s) == 1 && s[0].IsConst() && !s[0].Is(1)) {
			c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
		}
	}
	d := c.DType(0)
	c.Fold(0, func(x []Elem) Elem {
		for i := 1; i < len(x); i++ {
			if c.Has(i) && !x[i].Known() {
				return Elem{}
			}
		}
		x = append(append([]Elem{}, x...), Elem{}, Elem{})
		return clipElem(d, x[0], x[1], x[2])
	})
}

func costClip(c *Call) Cost {
	var w work
	for i := 1; i < len(c.In); i++ {
		if c.Has(i) {
			w.cmp++
		}
	}
	return each(w)(c)
}

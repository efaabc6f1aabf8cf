package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	argTypes     = "T: number"
	argAttrs     = "axis:int=0 keepdims:int=1"
	argLastAttrs = "axis:int=0 keepdims:int=1 select_last_index:int=0"
)

// selectOps find places by comparing: of extremes and of what is not zero. TopK and
// Unique are alike. The number of comparisons of a sort depends on the
// algorithm, so what is counted is the least that any needs: one for each element.
var selectOps = []Op{
	{
		Name: "ArgMax", Since: []int{1, 11},
		Doc: "Index of the largest element along an axis: f - 1 comparisons per row of f elements. (ONNX Operators.md, ArgMax-11)",
		In:  "data:T", Out: "reduced:int64", Types: argTypes, Attrs: argAttrs,
		Infer: argMax.infer, Cost: costArg,
		Cases: []Case{{In: "f32[N,3,4]", Attrs: "axis=1", Out: "i64[N,1,4]", Cost: "cmp=8*N"}},
	},
	{
		Name: "ArgMax", Since: []int{12, 13},
		Doc: "Index of the largest element along an axis, of the first or the last one: f - 1 comparisons per row of f elements. (ONNX Operators.md, ArgMax)",
		In:  "data:T", Out: "reduced:int64", Types: argTypes, Attrs: argLastAttrs,
		Infer: argMax.infer, Cost: costArg,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axis=-2 keepdims=0", Out: "i64[N,4]", Cost: "cmp=8*N"},
			{In: "i64[4]={1,5,5,2}", Out: "i64[1]={1}"},
			{In: "i64[4]={1,5,5,2}", Attrs: "select_last_index=1 keepdims=0", Out: "i64={2}"},
			{In: "f32[2]", Attrs: "axis=1", Err: "axis is 1"},
			{In: "f32[2,0]", Attrs: "axis=1", Err: "is empty"},
		},
	},
	{
		Name: "ArgMin", Since: []int{1, 11},
		Doc: "Index of the smallest element along an axis: f - 1 comparisons per row of f elements. (ONNX Operators.md, ArgMin-11)",
		In:  "data:T", Out: "reduced:int64", Types: argTypes, Attrs: argAttrs,
		Infer: argMin.infer, Cost: costArg,
		Cases: []Case{{In: "f32[N,3,4]", Attrs: "axis=1", Out: "i64[N,1,4]", Cost: "cmp=8*N"}, {In: "f32", Out: "i64", Cost: "cmp=0", Opset: 1}},
	},
	{
		Name: "ArgMin", Since: []int{12, 13},
		Doc: "Index of the smallest element along an axis, of the first or the last one: f - 1 comparisons per row of f elements. (ONNX Operators.md, ArgMin)",
		In:  "data:T", Out: "reduced:int64", Types: argTypes, Attrs: argLastAttrs,
		Infer: argMin.infer, Cost: costArg,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axis=-2 keepdims=0", Out: "i64[N,4]", Cost: "cmp=8*N"},
			{In: "i64[2,2]={1,5,0,6}", Attrs: "keepdims=0", Out: "i64[2]={1,0}"},
			{In: "i8[0,0,4]", Attrs: "axis=0", Out: "i64[1,0,4]", Cost: "cmp=0"},
		},
	},
	{
		Name: "NonZero", Since: []int{9, 13},
		Doc: "Indices of the elements that are not zero, a column for each (of no rows for a scalar): their number depends on the data. One comparison per element. (ONNX Operators.md, NonZero)",
		In:  "X:T", Out: "Y:int64", Types: "T: all",
		Infer: inferNonZero, Cost: costPerInput,
		Cases: []Case{
			{In: "i64[2,2]={1,0,3,4}", Out: "i64[2,3]={0,1,1,0,0,1}"},
			{In: "f32[3,4]", Out: "i64[2,`y0[1]`]", Cost: "cmp=12"},
			{In: "i64={3}", Out: "i64[0,1]"},
		},
	},
}

// costPerInput is one comparison for each element of the first input.
func costPerInput(c *Call) Cost { return Cost{Cmp: c.InN(0)} }

// argReduction finds the place of an extreme; before tells that y replaces x.
type argReduction struct {
	before func(d graph.DType, x, y Elem) truth
}

var (
	argMax = argReduction{less}
	argMin = argReduction{func(d graph.DType, x, y Elem) truth { return less(d, y, x) }}
)

func (r argReduction) infer(c *Call) {
	s := c.Shape(0)
	if s == nil {
		return
	}
	if len(s) == 0 && c.Opset < 11 { // ONNX Runtime takes a scalar there, whatever the axis
		c.SetShape(0, s)
		return
	}
	axis := c.Axis("axis", 0, len(s))
	rest := s[:axis].Elements().Mul(s[axis+1:].Elements())
	if s[axis].IsZero() && !rest.IsZero() { // with no row there is no place to find
		c.Wantf("an element or more", "axis %d of shape %s is empty", axis, s)
	}
	reduced := make([]bool, len(s))
	reduced[axis] = true
	c.SetShape(0, reducedShape(s, reduced, c.Int("keepdims", 1) == 1))
	if es := c.Moved(0); es != nil {
		c.SetElems(0, r.fold(c, es, s, axis))
	}
}

// fold finds the places where every comparison that matters is certain.
func (r argReduction) fold(c *Call, es []Elem, s graph.Shape, axis int) []Elem {
	last, d := c.Int("select_last_index", 0) != 0, c.DType(0)
	rows, length := rowsAlong(s, axis)
	if length == 0 {
		return nil
	}
	out := make([]Elem, len(rows))
	for i, row := range rows {
		best, certain := 0, es[row(0)].Known()
		for k := 1; k < length && certain; k++ {
			better := r.before(d, es[row(best)], es[row(k)])
			if last && better == no {
				better = not(r.before(d, es[row(k)], es[row(best)]))
			}
			if certain = better != open; better == yes {
				best = k
			}
		}
		if certain {
			out[i] = IntElem(constDim(best))
		}
	}
	return out
}

// rowsAlong returns, for a shape of constant dims, each row along an axis as a map
// from the place in the row to the flat index, and the length of the rows.
func rowsAlong(s graph.Shape, axis int) (rows []func(k int) int, length int) {
	g, ok := newGrid(s)
	if !ok {
		return nil, 0
	}
	g.each(func(k int, at []int) {
		if at[axis] == 0 {
			rows = append(rows, func(i int) int { return k + i*g.strides[axis] })
		}
	})
	return rows, g.dims[axis]
}

func costArg(c *Call) Cost {
	s := c.InShape(0)
	if len(s) == 0 {
		return Cost{}
	}
	axis := c.Axis("axis", 0, len(s))
	return Cost{Cmp: s[:axis].Elements().Mul(s[axis+1:].Elements()).Mul(lessOne(s[axis]))}
}

func inferNonZero(c *Call) {
	s := c.Shape(0)
	if s == nil {
		c.SetShape(0, c.UnknownShape(2))
		return
	}
	rank, n := constDim(len(s)), s.Elements()
	lo, hi := int64(0), n
	if es := c.Moved(0); es != nil {
		found, least, certain := nonZeros(es)
		if certain {
			c.setNonZero(s, found)
			return
		}
		lo = least
	}
	c.SetShape(0, graph.Shape{rank, c.DataDim(0, 1, lo, &hi)})
}

// nonZeros returns the flat indices of the elements that are not zero, how many
// certainly are, and whether all are certain.
func nonZeros(es []Elem) (found []int, least int64, certain bool) {
	certain = true
	for i, e := range es {
		switch truthElem(castToBool(e)) {
		case yes:
			found, least = append(found, i), least+1
		case open:
			certain = false
		}
	}
	return found, least, certain
}

func (c *Call) setNonZero(s graph.Shape, found []int) {
	c.SetShape(0, graph.Shape{constDim(len(s)), constDim(len(found))})
	g, ok := newGrid(s)
	if !ok {
		return
	}
	out := make([]Elem, 0, len(s)*len(found))
	for i := range s {
		for _, k := range found {
			out = append(out, IntElem(constDim(k/g.strides[i]%g.dims[i])))
		}
	}
	c.SetElems(0, out)
}

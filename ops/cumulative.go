package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	cumulativeTypes = "T: float int32 int64 uint32 uint64; T2: int32 int64"
	cumulativeAttrs = "exclusive:int=0 reverse:int=0"
)

// cumulativeOps are running sums and products along an axis.
var cumulativeOps = []Op{
	{
		Name: "CumSum", Since: []int{11, 14},
		Doc: "Running sum along an axis: f - 1 additions per row of f elements." + intDoc + " (ONNX Operators.md, CumSum)",
		In:  "x:T, axis:T2 shape", Out: "y:T", Types: cumulativeTypes, Attrs: cumulativeAttrs,
		Infer: cumulative(addElem, 0), Cost: costCumulative,
		Cases: []Case{
			{In: "f32[N,3,4] i32={1}", Out: "f32[N,3,4]", Cost: "flop=8*N"},
			{In: "i64[3]={1,2,3} i64={0}", Out: "i64[3]={1,3,6}"},
			{In: "i64[3]={1,2,3} i64={0}", Attrs: "exclusive=1", Out: "i64[3]={0,1,3}"},
			{In: "i64[3]={1,2,3} i64={0}", Attrs: "reverse=1", Out: "i64[3]={6,5,3}"},
			{In: "i64[3]={1,2,3} i64={0}", Attrs: "reverse=1 exclusive=1", Out: "i64[3]={5,3,0}"},
			{In: "f32[3] i64={1}", Err: "axis is 1"},
			{In: "f32[3] i64={0}", Attrs: "reverse=2", Err: "0 or 1"},
			{In: "f32[3] i64[2]={0,0}", Err: "one element"},
		},
	},
	{
		Name: "CumProd", Since: []int{26},
		Doc: "Running product along an axis: f - 1 multiplications per row of f elements." + intDoc + " (ONNX Operators.md, CumProd)",
		In:  "x:T, axis:T2 shape", Out: "y:T", Types: cumulativeTypes, Attrs: cumulativeAttrs,
		Infer: cumulative(mulElem, 1), Cost: costCumulative,
		Cases: []Case{
			{In: "f32[N,3,4] i32={1}", Out: "f32[N,3,4]", Cost: "flop=8*N"},
			{In: "i64[3]={1,2,3} i64={0}", Attrs: "exclusive=1", Out: "i64[3]={1,1,2}"},
		},
	},
}

// cumulativeAxis returns the axis; ok is false when it is not known.
func (c *Call) cumulativeAxis(rank int) (int, bool) {
	if s := c.ShapeOfRank(1, 0, 1); len(s) == 1 && s[0].IsConst() && !s[0].Is(1) {
		c.Wantf("one element", "axis has shape %s", s)
	}
	e, _ := c.Scalar(1)
	k, ok := e.Int()
	if !ok {
		return 0, false
	}
	return c.NormAxis("axis", k, rank), true
}

// boolAttr returns an int attribute that must be 0 or 1.
func (c *Call) boolAttr(name string, def int64) bool {
	k := c.Int(name, def)
	if k != 0 && k != 1 {
		c.Wantf("0 or 1", "%s is %d", name, k)
	}
	return k == 1
}

// cumulative makes the rule of a running f that starts at the integer unit.
func cumulative(f binaryFn, unit int64) func(*Call) {
	return func(c *Call) {
		keepShape(c)
		exclusive, reverse := c.boolAttr("exclusive", 0), c.boolAttr("reverse", 0)
		s := c.ShapeOfRank(0, 1, -1)
		if s == nil {
			return
		}
		axis, ok := c.cumulativeAxis(len(s))
		es, d := c.Moved(0), c.DType(0)
		if !ok || es == nil || d.IsFloat() {
			return
		}
		rows, length := rowsAlong(s, axis)
		out := make([]Elem, len(es))
		for _, row := range rows {
			sum := IntElem(graph.Int(unit))
			for k := range length {
				if reverse {
					k = length - 1 - k
				}
				next := f(d, sum, es[row(k)])
				if out[row(k)] = next; exclusive {
					out[row(k)] = sum
				}
				sum = next
			}
		}
		c.SetElems(0, out)
	}
}

func costCumulative(c *Call) Cost {
	s := c.InShape(0)
	axis, ok := c.cumulativeAxis(len(s))
	if !ok {
		c.Unresolved("the value of axis is not known")
	}
	rows := s[:axis].Elements().Mul(s[axis+1:].Elements())
	return work{flop: 1}.times(rows.Mul(lessOne(s[axis])), c.DType(0))
}

package ops

import "github.com/onnxmeter/onnxmeter/graph"

var linalgOps = []Op{
	{
		Name: "Det", Since: []int{11, 22},
		Doc: "Determinant of square matrices by LU decomposition: for a matrix of order m, m(m-1)/2 divisions, (m-1)m(2m-1)/6 multiplications " +
			"and as many subtractions, and m - 1 multiplications of the diagonal, together m(m-1)(4m+1)/6 + m - 1 flops. " +
			"(ONNX Operators.md, Det; Golub and Van Loan, Matrix Computations, section 3.2)",
		In: "X:T", Out: "Y:T", Types: floatsT,
		Infer: inferDet, Cost: costDet,
		Cases: []Case{
			{In: "f32[3,3]", Out: "f32", Cost: "flop=15"},
			{In: "f32[N,2,2]", Out: "f32[N]", Cost: "flop=4*N"},
			{In: "f32[2,3]", Err: "equal sizes"},
			{In: "f32[3]", Err: "rank"},
		},
	},
}

func inferDet(c *Call) {
	s := c.ShapeOfRank(0, 2, -1)
	if s == nil {
		return
	}
	r := len(s) - 2
	c.Same(s[r], s[r+1], "rows and columns")
	c.SetShape(0, append(graph.Shape{}, s[:r]...))
}

func costDet(c *Call) Cost {
	s := c.InShape(0)
	m := s[len(s)-1]
	lu := m.Mul(lessOne(m)).Mul(m.MulInt(4).AddInt(1)).MustFloorDiv(6)
	return Cost{Flop: s[:len(s)-2].Elements().Mul(lu.Add(lessOne(m)))}
}

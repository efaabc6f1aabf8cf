package ops

import (
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// reduction is what distinguishes one reducing operator from another: its work for
// each element, to join an element to the others of its group, and for the result of
// a group; and how followed elements are reduced, if they are.
type reduction struct {
	each, join, last work
	// start turns the first element of a group into a partial result; nil keeps it.
	start  unaryFn
	joinFn binaryFn
	// finish makes the result of a group of n; nil keeps it.
	finish func(d graph.DType, x Elem, n int) Elem
	// anyOrder marks a result that no order of evaluation rounds differently.
	anyOrder bool
}

var (
	sumAbs        = reduction{each: work{flop: 1}, join: work{flop: 1}, start: absElem, joinFn: addElem}
	rootSumSquare = reduction{each: work{flop: 1}, join: work{flop: 1}, last: work{flop: 1}}
	logSum        = reduction{join: work{flop: 1}, last: work{exp: 1}}
	logSumExp     = reduction{each: work{exp: 1}, join: work{flop: 1}, last: work{exp: 1}}
	largest       = reduction{join: work{cmp: 1}, joinFn: maxElem, anyOrder: true}
	meanOf        = reduction{join: work{flop: 1}, last: work{flop: 1}, joinFn: addElem, finish: meanElem}
	smallest      = reduction{join: work{cmp: 1}, joinFn: minElem, anyOrder: true}
	productOf     = reduction{join: work{flop: 1}, joinFn: mulElem}
	sumOf         = reduction{join: work{flop: 1}, joinFn: addElem}
	sumSquare     = reduction{each: work{flop: 1}, join: work{flop: 1}, start: func(d graph.DType, x Elem) Elem { return mulElem(d, x, x) }, joinFn: addElem}
)

func meanElem(d graph.DType, x Elem, n int) Elem {
	if d.IsFloat() {
		return divElem(d, x, FloatElem(float64(n)))
	}
	return divElem(d, x, IntElem(graph.Int(int64(n))))
}

// reduceAxes returns which axes are reduced; ok is false when the axes are not
// known, and n is then their number, -1 if that is not known either.
func (c *Call) reduceAxes(rank int) (reduced []bool, n int, ok bool) {
	axes, n, ok := c.Ints("axes"), 0, true
	if c.Has(1) {
		axes, n, ok = c.axesOf(1)
		if ok = ok || n == 0; !ok {
			return nil, n, false
		}
	}
	reduced = make([]bool, rank)
	all := len(axes) == 0 && c.Int("noop_with_empty_axes", 0) != 1
	for i := range reduced {
		reduced[i] = all
	}
	if rank == 0 && c.Opset < 11 { // ONNX Runtime passes a scalar on, whatever the axes
		return reduced, 0, true
	}
	for _, a := range axes {
		reduced[c.NormAxis("axes", a, rank)] = true
	}
	return reduced, 0, true
}

// reducedShape returns s without the reduced axes, or with 1 in their place.
func reducedShape(s graph.Shape, reduced []bool, keep bool) graph.Shape {
	out := graph.Shape{}
	for i, d := range s {
		switch {
		case !reduced[i]:
			out = append(out, d)
		case keep:
			out = append(out, graph.Int(1))
		}
	}
	return out
}

func (r reduction) infer(c *Call) {
	s := c.Shape(0)
	if s == nil {
		return
	}
	keep := c.Int("keepdims", 1) == 1
	reduced, n, ok := c.reduceAxes(len(s))
	switch {
	case ok:
		c.SetShape(0, reducedShape(s, reduced, keep))
		c.SetElems(0, r.fold(c, s, reduced))
	case keep:
		c.SetShape(0, c.UnknownShape(len(s)))
	case n == 1:
		c.SetShape(0, c.UnknownShape(max(len(s)-1, 0)))
	}
}

// fold reduces the elements of input 0 where they are followed and the result does
// not depend on the order of evaluation.
func (r reduction) fold(c *Call, s graph.Shape, reduced []bool) []Elem {
	es := c.Moved(0)
	in, okIn := newGrid(s)
	if r.joinFn == nil || es == nil || !okIn || in.n == 0 {
		return nil
	}
	g, ok := newGrid(reducedShape(s, reduced, true))
	d := c.DType(0)
	if !ok || d.IsFloat() && !r.anyOrder && !smallInts(es) {
		return nil
	}
	out, count := make([]Elem, g.n), in.n/g.n
	started := make([]bool, g.n)
	group := make([]int, len(s))
	in.each(func(k int, at []int) {
		for i := range at {
			if group[i] = at[i]; reduced[i] {
				group[i] = 0
			}
		}
		x, o := es[k], g.index(group)
		if r.start != nil {
			x = r.start(d, x)
		}
		if started[o] {
			x = r.joinFn(d, out[o], x)
		}
		out[o], started[o] = x, true
	})
	if r.finish != nil {
		for i := range out {
			out[i] = r.finish(d, out[i], count)
		}
	}
	return out
}

// smallInts reports whether floats are integers so small that sums and products of
// them are exact in any order, as sizes are.
func smallInts(es []Elem) bool {
	sum, prod := 0.0, 1.0
	for _, e := range es {
		f, isConst := e.Float()
		if !isConst {
			continue
		}
		if f != math.Trunc(f) {
			return false
		}
		sum, prod = sum+f*f, prod*max(1, math.Abs(f))
	}
	return sum < 1<<22 && prod < 1<<24
}

// reduceGroups returns the number of groups and the elements in each.
func (c *Call) reduceGroups() (groups, size graph.Dim) {
	s := c.InShape(0)
	reduced, _, ok := c.reduceAxes(len(s))
	if !ok {
		c.Unresolved("the values of axes are not known")
	}
	groups, size = graph.Int(1), graph.Int(1)
	for i, d := range s {
		if reduced[i] {
			size = size.Mul(d)
		} else {
			groups = groups.Mul(d)
		}
	}
	return groups, size
}

func (r reduction) cost(c *Call) Cost {
	groups, size := c.reduceGroups()
	d := c.DType(0)
	return r.each.times(groups.Mul(size), d).Add(r.join.times(groups.Mul(lessOne(size)), d)).Add(r.last.times(groups, d))
}

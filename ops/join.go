package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

func inferConcat(c *Call) {
	parts := make([]Info, len(c.In))
	for i := range parts {
		if parts[i].Has = -1; c.Has(i) {
			parts[i] = Tensor(c.DType(i), c.Shape(i))
			parts[i].Elems = c.MovedOrUnknown(i)
		}
	}
	c.concat(parts, c.Int("axis", 1))
}

// concat sets output 0 to tensors joined along an axis.
func (c *Call) concat(parts []Info, axis int64) {
	var out graph.Shape
	a, known := 0, true
	var sum graph.Dim
	for i := range parts {
		s := parts[i].Shape
		if s == nil {
			known = false
			continue
		}
		if out == nil {
			a = c.NormAxis("axis", axis, len(s))
			out, sum = append(graph.Shape{}, s...), s[a]
			continue
		}
		if len(s) != len(out) {
			c.Wantf(fmt.Sprintf("rank %d", len(out)), "input %d has rank %d", i, len(s))
		}
		sum = sum.Add(s[a])
		for j := range out {
			if j != a {
				out[j] = c.Same(out[j], s[j], fmt.Sprintf("dim %d of the inputs", j))
			}
		}
	}
	if out == nil {
		return
	}
	if out[a] = sum; !known {
		out[a] = c.UnknownDim()
	}
	c.SetShape(0, out)
	c.concatElems(parts, a)
}

// concatElems joins the elements of all parts, chunk by chunk of the dims from axis on.
func (c *Call) concatElems(parts []Info, axis int) {
	n, ok := c.followsOut(0)
	if !ok {
		return
	}
	src, chunk := make([][]Elem, len(parts)), make([]int, len(parts))
	for i := range parts {
		size, isConst := parts[i].Shape.Elements().Const()
		if src[i] = parts[i].Elems; src[i] == nil || !isConst || int64(len(src[i])) != size {
			return
		}
		k, _ := parts[i].Shape[axis:].Elements().Const()
		chunk[i] = int(k)
	}
	es := make([]Elem, 0, n)
	for len(es) < n {
		for i := range src {
			es, src[i] = append(es, src[i][:chunk[i]]...), src[i][chunk[i]:]
		}
	}
	c.SetElems(0, es)
}

func inferSplit1(c *Call) {
	if !c.Has(1) {
		inferSplitAttr(c)
		return
	}
	c.ShapeOfRank(1, 1, 1)
	var sizes []graph.Dim
	for _, e := range c.Elems(1) {
		f, _ := e.Float()
		k, ok := floatToInt(f)
		if !ok {
			c.Failf("split holds %v", f)
		}
		sizes = append(sizes, graph.Int(k))
	}
	if sizes == nil {
		sizes = c.UnknownShape(len(c.Out))
	}
	c.split(sizes)
}

func inferSplitAttr(c *Call) {
	if c.Attr("split") != nil {
		c.split(ints(c.Ints("split")))
		return
	}
	c.splitEven()
}

func inferSplit13(c *Call) {
	if c.Has(1) {
		c.splitInput()
		return
	}
	c.splitEven()
}

func inferSplit18(c *Call) {
	given := c.Attr("num_outputs") != nil
	switch {
	case c.Has(1) && given:
		c.Failf("both split and num_outputs are given")
	case c.Has(1):
		c.splitInput()
		return
	case !given:
		c.Failf("neither split nor num_outputs is given")
	}
	n := c.Int("num_outputs", 0)
	if n < 1 {
		c.Wantf("at least 1", "num_outputs is %d", n)
	}
	in := c.Shape(0)
	if in == nil {
		return
	}
	axis := c.Axis("axis", 0, len(in))
	if n != int64(len(c.Out)) { // by ONNX Runtime the outputs decide, by ONNX's shape inference the attribute
		c.Warnf("num_outputs is %d, the node has %d outputs", n, len(c.Out))
		for i := range c.Out {
			c.SetShape(i, with(in, axis, c.UnknownDim()))
		}
		return
	}
	d := in[axis]
	chunk := d.CeilDiv(graph.Int(n))
	sizes := make([]graph.Dim, n)
	for i := range sizes {
		sizes[i] = chunk
	}
	last := d.Sub(chunk.MulInt(n - 1))
	if k, ok := last.Const(); ok && k < 1 {
		c.Failf("a dim of %s does not give %d parts of %s", d, n, chunk)
	}
	sizes[n-1] = last
	c.split(sizes)
}

func (c *Call) splitInput() {
	c.ShapeOfRank(1, 1, 1)
	sizes, ok := c.Dims(1)
	if !ok {
		sizes = c.UnknownShape(len(c.Out))
	}
	c.split(sizes)
}

// splitEven cuts input 0 into parts of one size.
func (c *Call) splitEven() {
	in := c.Shape(0)
	if in == nil {
		return
	}
	axis, n := c.Axis("axis", 0, len(in)), graph.Int(int64(len(c.Out)))
	if !divides(n, in[axis]) {
		c.Failf("%s does not divide dim %d, which is %s", n, axis, in[axis])
	}
	part, _ := in[axis].FloorDiv(n)
	sizes := make([]graph.Dim, len(c.Out))
	for i := range sizes {
		sizes[i] = part
	}
	c.split(sizes)
}

// split cuts input 0 along the axis into parts of given sizes.
func (c *Call) split(sizes []graph.Dim) {
	if len(sizes) != len(c.Out) {
		c.Wantf(fmt.Sprintf("%d, the number of outputs", len(c.Out)), "split has %d sizes", len(sizes))
	}
	var sum graph.Dim
	for i, d := range sizes {
		if k, ok := d.Const(); ok && k < 0 {
			c.Failf("size %d of split is negative: %d", i, k)
		}
		sum = sum.Add(d)
	}
	in := c.Shape(0)
	if in == nil {
		return
	}
	axis := c.Axis("axis", 0, len(in))
	if hasUnknown(sizes) {
		c.openSizes(sizes, axis, in[axis])
	} else if sum.IsConst() && in[axis].IsConst() && !sum.Equal(in[axis]) {
		c.Wantf(in[axis].String(), "the sum of split is %s", sum)
	}
	src := c.Moved(0)
	first := graph.Int(0)
	for i, d := range sizes {
		c.SetShape(i, with(in, axis, d))
		if off, ok := first.Const(); ok {
			c.Select(i, src, in, Elem{}, func(dst, at []int) bool {
				copy(at, dst)
				at[axis] += int(off)
				return true
			})
		}
		first = first.Add(d)
	}
}

// openSizes puts symbols within an axis of size d for the sizes of split that are
// not known; the last of these is what the others leave.
func (c *Call) openSizes(sizes []graph.Dim, axis int, d graph.Dim) {
	if d.HasUnknown() {
		return
	}
	left, last := d, -1
	for i, size := range sizes {
		if size.HasUnknown() {
			last = i
		} else {
			left = left.Sub(size)
		}
	}
	most := left.Max(graph.Int(0))
	for i, size := range sizes {
		if !size.HasUnknown() || i == last {
			continue
		}
		if sizes[i] = graph.Int(0); !most.IsZero() {
			sizes[i] = c.DataDim(i, axis, 0, &most)
		}
		left = left.Sub(sizes[i])
	}
	sizes[last] = left
}

package ops

import (
	"fmt"
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

func inferSlice1(c *Call) {
	starts, ends, axes := c.Ints("starts"), c.Ints("ends"), c.Ints("axes")
	if axes == nil {
		axes = firstAxes(len(starts))
	}
	c.slice(ints(starts), ints(ends), axes, nil)
}

func firstAxes(n int) []int64 {
	axes := make([]int64, n)
	for i := range axes {
		axes[i] = int64(i)
	}
	return axes
}

func inferSlice(c *Call) {
	in := c.Shape(0)
	for i := 1; i < len(c.In); i++ {
		c.ShapeOfRank(i, 1, 1)
	}
	starts, okS := c.Dims(1)
	ends, okE := c.Dims(2)
	switch {
	case !okS && !okE:
		c.anySlice(in)
		return
	case !okS:
		starts = c.UnknownShape(len(ends))
	case !okE:
		ends = c.UnknownShape(len(starts))
	}
	axes := firstAxes(len(starts))
	if c.Has(3) {
		var known bool
		if axes, _, known = c.axesOf(3); !known {
			c.anySlice(in)
			return
		}
	}
	var steps []graph.Dim
	if c.Has(4) {
		if steps, okS = c.Dims(4); !okS {
			steps = c.UnknownShape(len(starts))
		}
	}
	c.slice(starts, ends, axes, steps)
}

// anySlice sets output 0 to a part of input 0 along axes that are not known.
func (c *Call) anySlice(in graph.Shape) {
	if in == nil {
		return
	}
	out := make(graph.Shape, len(in))
	for i, d := range in {
		out[i] = c.part(i, d)
	}
	c.SetShape(0, out)
}

// slice sets output 0 to the part of input 0 between starts and ends; nil steps are 1.
func (c *Call) slice(starts, ends []graph.Dim, axes []int64, steps []graph.Dim) {
	c.sameLength("starts", "ends", len(ends), len(starts))
	c.sameLength("starts", "axes", len(axes), len(starts))
	if steps == nil {
		steps = make([]graph.Dim, len(starts))
		for i := range steps {
			steps[i] = graph.Int(1)
		}
	}
	c.sameLength("starts", "steps", len(steps), len(starts))
	in := c.Shape(0)
	if in == nil {
		return
	}
	out := append(graph.Shape{}, in...)
	first, by := make([]graph.Dim, len(in)), make([]int64, len(in))
	for i := range by {
		by[i] = 1
	}
	followed := true
	for i, a := range c.NormAxes("axes", axes, len(in)) {
		step, ok := steps[i].Const()
		if ok && step == 0 {
			c.Failf("steps has a 0")
		}
		if !ok || starts[i].HasUnknown() || ends[i].HasUnknown() || in[a].HasUnknown() || openEnd(ends[i], step) {
			followed = false
			out[a] = c.part(a, in[a])
			continue
		}
		first[a], out[a] = sliceRange(in[a], starts[i], ends[i], step)
		by[a] = step
	}
	c.SetShape(0, out)
	if followed {
		c.sliceElems(in, first, by)
	}
}

func (c *Call) sameLength(a, b string, n, want int) {
	if n != want {
		c.Wantf(fmt.Sprintf("%d, as %s has", want, a), "%s has %d entries", b, n)
	}
}

// openEnd reports whether an end past every dim meets a negative step: by the text
// it is clamped to the last position, in ONNX Runtime it means none.
func openEnd(end graph.Dim, step int64) bool {
	return step < 0 && (end.Is(math.MaxInt32) || end.Is(math.MaxInt64))
}

// part is the size of an unknown part of a dim: a symbol no larger than it.
func (c *Call) part(axis int, of graph.Dim) graph.Dim {
	switch {
	case of.HasUnknown():
		return c.UnknownDim()
	case of.IsZero():
		return of
	}
	return c.DataDim(0, axis, 0, &of)
}

// sliceRange returns the first position and the length of start:end:step in a dim
// of size d: negative positions count from the back; for positive steps positions
// are clamped to [0, d], for negative ones start to [0, d-1] and end to [-1, d-1].
func sliceRange(d, start, end graph.Dim, step int64) (first, n graph.Dim) {
	zero := graph.Int(0)
	if step > 0 {
		first = position(start, d, zero, d).Max(zero)
		n = position(end, d, zero, d).Min(d).Sub(first)
	} else {
		last := d.AddInt(-1)
		first = position(start, d, zero, last).Max(zero).Min(last)
		n = first.Sub(position(end, d, graph.Int(-1), last).Max(graph.Int(-1)))
	}
	if !d.IsConst() && (step > math.MaxInt32 || step < -math.MaxInt32) { // no dim is as long as the step
		return first, n.Min(graph.Int(1)).Max(zero)
	}
	return first, n.CeilDiv(graph.Int(step).Max(graph.Int(step).Neg())).Max(zero)
}

// position counts v from the front of a dim of size d. Numbers past the 32-bit
// range mean an end of the dim, as the operator's text recommends.
func position(v, d, lo, hi graph.Dim) graph.Dim {
	if k, ok := v.Const(); ok && !d.IsConst() {
		if k >= math.MaxInt32 {
			return hi
		}
		if k <= -math.MaxInt32 {
			return lo
		}
	}
	if low, ok := v.Lower(); ok && low >= 0 {
		return v
	}
	if high, ok := v.Upper(); ok && high < 0 {
		return v.Add(d)
	}
	negative := v.Neg().Max(graph.Int(0)).Min(graph.Int(1)) // 1 where v < 0
	return v.Add(d.Mul(negative))
}

func (c *Call) sliceElems(in graph.Shape, first []graph.Dim, by []int64) {
	off := make([]int64, len(in))
	for i, d := range first {
		k, ok := d.Const()
		if !ok {
			return
		}
		off[i] = k
	}
	c.Select(0, c.Moved(0), in, Elem{}, func(dst, src []int) bool {
		for i, x := range dst {
			src[i] = int(off[i] + int64(x)*by[i])
		}
		return true
	})
}

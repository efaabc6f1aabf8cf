package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// reduction returns how a scatter combines an update with what is there.
func (c *Call) reduction() string {
	r := c.Str("reduction", "none")
	switch r {
	case "none", "add", "mul", "min", "max": // min and max since opset 18; ONNX Runtime takes them before
	default:
		c.Wantf("none, add, mul, min or max", "reduction is %s", graph.Quote(r))
	}
	return r
}

// combine returns the element that a scatter leaves; one that cannot be told is not known.
func combine(reduction string, old, update Elem) Elem {
	a, okA := old.Dim()
	b, okB := update.Dim()
	switch {
	case reduction == "none":
		return update
	case !okA || !okB:
	case reduction == "add":
		return IntElem(a.Add(b))
	case reduction == "mul":
		return IntElem(a.Mul(b))
	case reduction == "min":
		return IntElem(a.Min(b))
	case reduction == "max":
		return IntElem(a.Max(b))
	}
	return Elem{}
}

func costScatter(c *Call) Cost {
	n := c.InN(2)
	r := c.reduction()
	switch {
	case r == "none":
		return Cost{}
	case r == "min" || r == "max":
		return Cost{Cmp: n}
	case c.DType(0).IsFloat() || c.DType(0).IsComplex():
		return Cost{Flop: n}
	}
	return Cost{Int: n}
}

// scattered returns a copy of the elements of data and those of updates, nil when
// they are not followed.
func (c *Call) scattered() (out, upd []Elem) {
	if _, ok := c.followsOut(0); !ok {
		return nil, nil
	}
	src := c.Moved(0)
	if upd = c.Moved(2); src == nil || upd == nil {
		return nil, nil
	}
	return append([]Elem{}, src...), upd
}

// scatter writes one element, or forgets all when its place is not known.
func scatter(out []Elem, reduction string, g grid, at []int, update Elem) bool {
	for i, x := range at {
		if x < 0 || x >= g.dims[i] {
			return false
		}
	}
	k := g.index(at)
	out[k] = combine(reduction, out[k], update)
	return true
}

func inferScatterElements(c *Call) {
	r := c.reduction()
	c.sameRank(1, 2)
	c.SameShape(0, 0)
	data, idx, upd := c.Shape(0), c.Shape(1), c.Shape(2)
	if idx != nil && upd != nil {
		for i := range idx {
			c.Same(idx[i], upd[i], fmt.Sprintf("dim %d of indices and updates", i))
		}
	}
	if data == nil {
		return
	}
	axis := c.Axis("axis", 0, len(data))
	if idx == nil {
		return
	}
	c.within(idx, "indices", axis)
	at := c.indices(data[axis])
	out, updates := c.scattered()
	from, okF := c.grid(idx)
	to, okT := c.grid(data)
	if at == nil || out == nil || !okF || !okT || len(updates) != from.n {
		return
	}
	place, known := make([]int, len(data)), true
	from.each(func(k int, pos []int) {
		copy(place, pos)
		place[axis] = at[k]
		known = known && scatter(out, r, to, place, updates[k])
	})
	if known {
		c.SetElems(0, out)
	}
}

func inferScatterND(c *Call) {
	r := c.reduction()
	data, idx, upd := c.ShapeOfRank(0, 1, -1), c.ShapeOfRank(1, 1, -1), c.Shape(2)
	c.SameShape(0, 0)
	k := c.tuples(0)
	if data == nil || idx == nil || upd == nil || k < 0 {
		return
	}
	want := append(append(graph.Shape{}, idx[:len(idx)-1]...), data[k:]...)
	if len(upd) != len(want) {
		c.Wantf(fmt.Sprintf("rank %d, for shape %s", len(want), want), "updates has rank %d", len(upd))
	}
	for i := range want {
		c.Same(want[i], upd[i], fmt.Sprintf("dim %d of updates", i))
	}
	at := c.positions(func(i int) graph.Dim { return data[i%k] })
	out, updates := c.scattered()
	from, okF := c.grid(upd)
	tuples, okI := c.grid(idx)
	to, okT := c.grid(data)
	if at == nil || out == nil || !okF || !okI || !okT || len(updates) != from.n {
		return
	}
	q := len(idx) - 1
	tuple, place, known := make([]int, len(idx)), make([]int, len(data)), true
	from.each(func(n int, pos []int) {
		copy(tuple, pos[:q])
		for j := 0; j < k; j++ {
			tuple[q] = j
			place[j] = at[tuples.index(tuple)]
		}
		copy(place[k:], pos[q:])
		known = known && scatter(out, r, to, place, updates[n])
	})
	if known {
		c.SetElems(0, out)
	}
}

func inferTensorScatter(c *Call) {
	if m := c.Str("mode", "linear"); m != "linear" && m != "circular" {
		c.Wantf("linear or circular", "mode is %s", graph.Quote(m))
	}
	c.SameShape(0, 0)
	c.sameRank(1)
	past, upd, at := c.ShapeOfRank(0, 2, -1), c.Shape(1), c.ShapeOfRank(2, 1, 1)
	if past == nil {
		return
	}
	if at != nil {
		c.Same(past[0], at[0], "batch of past_cache and write_indices")
	}
	axis := c.Axis("axis", -2, len(past))
	if axis == 0 {
		c.Failf("axis is 0, that of the batch")
	}
	if upd == nil {
		return
	}
	for i := range past {
		if i != axis {
			c.Same(past[i], upd[i], fmt.Sprintf("dim %d of past_cache and update", i))
		}
	}
	have, okH := past[axis].Const()
	if n, ok := upd[axis].Const(); ok && okH && n > have {
		c.Wantf(fmt.Sprintf("at most %d, as in past_cache", have), "update has %d along axis %d", n, axis)
	}
}

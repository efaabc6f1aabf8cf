package ops

import (
	"fmt"
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// padInput serves the versions with pads and axes as inputs.
func (c *Call) padInput() {
	if s := c.ShapeOfRank(1, 1, 2); len(s) == 2 { // ONNX Runtime takes a row of a matrix, too
		c.Same(s[0], graph.Int(1), "rows of pads")
	}
	in := c.Shape(0)
	var axes []int64
	if c.Has(3) {
		var known bool
		if axes, _, known = c.axesOf(3); !known {
			c.fillMode()
			if in != nil {
				c.SetShape(0, c.UnknownShape(len(in)))
			}
			return
		}
	}
	pads, ok := c.Dims(1)
	if !ok {
		if in == nil {
			return
		}
		n := len(in)
		if axes != nil {
			n = len(axes)
		}
		pads = c.UnknownShape(2 * n)
	}
	c.pad(pads, axes)
}

// fillMode returns the mode of Pad. Mode wrap came with opset 19; ONNX Runtime takes
// it before.
func (c *Call) fillMode() string {
	mode := c.Str("mode", "constant")
	switch mode {
	case "constant", "reflect", "edge", "wrap":
	default:
		c.Wantf("constant, reflect, edge or wrap", "mode is %s", graph.Quote(mode))
	}
	return mode
}

// pad sets output 0 to input 0 with pads, first all of the beginnings and then
// all of the ends, at the axes; nil axes are all.
func (c *Call) pad(pads []graph.Dim, axes []int64) {
	mode := c.fillMode()
	in := c.Shape(0)
	if in == nil {
		if axes == nil && len(pads)%2 == 0 && len(pads) <= 2*graph.MaxRank {
			c.SetShape(0, c.UnknownShape(len(pads)/2))
		}
		return
	}
	if axes == nil {
		axes = firstAxes(len(in))
	}
	if len(pads) != 2*len(axes) {
		c.Wantf(fmt.Sprintf("%d, two for each axis", 2*len(axes)), "pads has %d entries", len(pads))
	}
	out := append(graph.Shape{}, in...)
	before, after := make([]graph.Dim, len(in)), make([]graph.Dim, len(in))
	for i, a := range c.NormAxes("axes", axes, len(in)) {
		before[a], after[a] = pads[i], pads[i+len(axes)]
		out[a] = in[a].Add(before[a]).Add(after[a])
	}
	c.SetShape(0, out)
	if mode != "constant" {
		for i := range in {
			c.checkPad(mode, i, out[i], before[i], after[i])
		}
	}
	c.padElems(in, before, after, mode)
}

// checkPad refuses repeating elements where there are too few after negative pads
// removed theirs: mode reflect adds less than there are, the others need one. An
// empty input is refused only where an axis of 0 becomes longer.
func (c *Call) checkPad(mode string, axis int, out, before, after graph.Dim) {
	in, zero := c.Shape(0), graph.Int(0)
	n, known := in[axis].Add(before.Min(zero)).Add(after.Min(zero)).Const()
	if in.Elements().IsZero() {
		known = in[axis].IsZero() && out.IsConst() && !out.IsZero()
	}
	if !known {
		return
	}
	if n <= 0 {
		c.Failf("mode %s pads dim %d, of which nothing is left", mode, axis)
	}
	for _, p := range []graph.Dim{before, after} {
		if k, ok := p.Const(); ok && mode == "reflect" && k >= n && k > 0 {
			c.Wantf("less than that", "mode reflect adds %d to the %d elements of dim %d", k, n, axis)
		}
	}
}

// padElems moves elements of a padded tensor that is followed. What negative pads
// remove is not repeated by the others.
func (c *Call) padElems(in graph.Shape, before, after []graph.Dim, mode string) {
	off, lo, hi := make([]int, len(in)), make([]int, len(in)), make([]int, len(in))
	for i := range in {
		k, ok := before[i].Const()
		e, okE := after[i].Const()
		n, okN := in[i].Const()
		if !ok || !okE || !okN || max(k, -k, e, -e) > graph.MaxFoldElements || min(k, e) == math.MinInt64 {
			return
		}
		off[i], lo[i], hi[i] = int(k), int(max(-k, 0)), int(n-max(-e, 0))
	}
	c.Select(0, c.Moved(0), in, c.padFill(), func(dst, src []int) bool {
		for i, x := range dst {
			x -= off[i]
			if x < lo[i] || x >= hi[i] {
				if mode == "constant" || hi[i] <= lo[i] {
					return false
				}
				x = lo[i] + padIndex(x-lo[i], hi[i]-lo[i], mode)
			}
			src[i] = x
		}
		return true
	})
}

// padFill returns the element that mode constant adds.
func (c *Call) padFill() Elem {
	switch {
	case c.Has(2):
		e, _ := c.Scalar(2)
		return e
	case c.DType(0).IsFloat():
		return FloatElem(float64(c.Float("value", 0)))
	case c.DType(0) == graph.String:
		return StringElem("")
	}
	return IntElem(graph.Int(0))
}

// padIndex maps a position outside [0, n) to the one that a mode repeats there.
func padIndex(x, n int, mode string) int {
	switch mode {
	case "edge":
		return min(max(x, 0), n-1)
	case "wrap":
		return ((x % n) + n) % n
	}
	if n == 1 { // reflect without repeating the border
		return 0
	}
	period := 2 * (n - 1)
	if x = ((x % period) + period) % period; x >= n {
		x = period - x
	}
	return x
}

package ops

import "github.com/onnxmeter/onnxmeter/graph"

// Rules that element-by-element operators share.

// unary makes an inference rule: the output has the shape of the input, and
// elements that are followed go through f.
func unary(f unaryFn) func(*Call) {
	return func(c *Call) {
		c.SameShape(0, 0)
		d := c.DType(0)
		c.Fold(0, func(x []Elem) Elem { return f(d, x[0]) })
	}
}

// keepShape is the inference rule of operators whose values no shape depends on.
func keepShape(c *Call) { c.SameShape(0, 0) }

// binary makes an inference rule of two operands with multidirectional
// broadcasting (ONNX docs/Broadcasting.md).
func binary(f binaryFn) func(*Call) {
	return func(c *Call) {
		c.SetShape(0, c.Broadcast(c.Shape(0), c.Shape(1)))
		d := c.DType(0)
		c.Fold(0, func(x []Elem) Elem { return f(d, x[0], x[1]) })
	}
}

// legacyBinary is binary for opset versions below 7: without broadcast=1 the shapes are
// equal; with it the second operand is one element, or its shape is a run of the
// first one's dims, or 1 in their place, that starts at axis, at the end if axis is
// not given.
func legacyBinary(f binaryFn) func(*Call) {
	return func(c *Call) {
		c.SameShape(0, 0)
		if c.checkLegacy() {
			d := c.DType(0)
			c.Fold(0, func(x []Elem) Elem { return f(d, x[0], x[1]) })
		}
	}
}

// checkLegacy refuses operands that do not fit together and reports whether the second
// one is aligned at the end.
func (c *Call) checkLegacy() bool {
	a, b := c.Shape(0), c.Shape(1)
	if a == nil || b == nil {
		return false
	}
	switch bc := c.Int("broadcast", 0); {
	case bc == 0 && len(a) != len(b):
		c.Wantf("equal shapes, or broadcast=1", "%s has shape %s, %s %s", c.InName(0), a, c.InName(1), b)
	case bc != 0 && bc != 1:
		c.Wantf("0 or 1", "broadcast is %d", bc)
	case bc == 1 && b.Elements().Is(1):
		return len(b) <= len(a)
	}
	if len(b) > len(a) {
		c.Wantf("a rank of at most that of "+c.InName(0), "%s has shape %s, %s %s", c.InName(1), b, c.InName(0), a)
	}
	at := len(a) - len(b)
	if c.Attr("axis") != nil && c.Int("broadcast", 0) == 1 && len(b) > 0 {
		if at = c.Axis("axis", 0, len(a)); at+len(b) > len(a) {
			c.Failf("axis %d leaves no room for %s of shape %s in shape %s", at, c.InName(1), b, a)
		}
	}
	for i := range b {
		if bc := c.Int("broadcast", 0) == 1; !bc || !b[i].Is(1) {
			c.Same(a[at+i], b[i], "operands")
		}
	}
	return at == len(a)-len(b)
}

// variadic makes an inference rule of any number of operands: of one shape before
// the version since, with broadcasting from it on. f may be nil.
func variadic(since int, f binaryFn) func(*Call) {
	return func(c *Call) {
		shapes := make([]graph.Shape, len(c.In))
		for i := range c.In {
			if shapes[i] = c.Shape(i); i > 0 && c.Opset < since {
				c.sameShapes(i)
			}
		}
		c.SetShape(0, c.Broadcast(shapes...))
		if f == nil {
			return
		}
		d := c.DType(0)
		c.Fold(0, func(x []Elem) Elem {
			out := x[0]
			for _, e := range x[1:] {
				out = f(d, out, e)
			}
			return out
		})
	}
}

// sameShapes refuses an input i whose shape cannot be that of input 0.
func (c *Call) sameShapes(i int) {
	a, b := c.Shape(0), c.Shape(i)
	if a == nil || b == nil {
		return
	}
	if len(a) != len(b) {
		c.Wantf("equal shapes", "%s has shape %s, %s %s", c.InName(0), a, c.InName(i), b)
	}
	for j := range a {
		c.Same(a[j], b[j], c.InName(0)+" and "+c.InName(i))
	}
}

// work is what is done for one element.
type work struct{ flop, cmp, exp, int int64 }

// times returns the work of n elements of a type: arithmetic on integers is integer work.
func (w work) times(n graph.Dim, d graph.DType) Cost {
	if d.IsInt() || d == graph.Bool {
		w.int, w.flop, w.exp = w.int+w.flop+w.exp, 0, 0
	}
	return Cost{Flop: n.MulInt(w.flop), Cmp: n.MulInt(w.cmp), Exp: n.MulInt(w.exp), Int: n.MulInt(w.int)}
}

// each makes a cost rule of the work for each output element.
func each(w work) func(*Call) Cost {
	return func(c *Call) Cost { return w.times(c.OutN(0), c.Out[0].DType) }
}

// eachOperand makes a cost rule of variadic operators: joining the operands costs w
// for each but one of them, then last.
func eachOperand(w, last work) func(*Call) Cost {
	return func(c *Call) Cost {
		n, d := c.OutN(0), c.Out[0].DType
		return w.times(n.MulInt(int64(len(c.In)-1)), d).Add(last.times(n, d))
	}
}

// Parts of the documentation that many entries share.
const (
	intDoc    = " Arithmetic on integer tensors counts as integer operations."
	legacyDoc = " Below opset 7 the second operand is broadcast only with broadcast=1, from axis on."
	numbers   = "T: number"
	floatsT   = "T: float"
	legacyAx  = "axis:int consumed_inputs:ints<6 broadcast:int=0"
)

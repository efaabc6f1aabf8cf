package ops

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// window is the geometry of a sliding window: one entry for each spatial axis.
type window struct {
	kernel           []graph.Dim
	stride, dilation []int64
	begin, end       []int64 // explicit padding
	pad              padMode
	ceil             bool // the last window may reach past the padding
	// hangs is true for pools and deformable convolutions, whose number of windows ONNX's own shape inference
	// and ONNX Runtime divide toward zero: one that is larger than the padded input
	// by less than a stride counts.
	hangs bool
}

type padMode uint8

const (
	padExplicit padMode = iota
	padValid
	padSameUpper
	padSameLower
)

// same reports whether the padding follows from the output size.
func (m padMode) same() bool { return m == padSameUpper || m == padSameLower }

// IntsAtLeast returns a list attribute with one entry for each of n axes; def
// fills one that is not given. Entries below least are refused.
func (c *Call) IntsAtLeast(name string, n int, least, def int64) []int64 {
	given := c.Ints(name)
	if given == nil {
		given = make([]int64, n)
		for i := range given {
			given[i] = def
		}
	}
	if len(given) != n {
		c.Wantf(fmt.Sprintf("%d", n), "%s has %d entries", name, len(given))
	}
	for _, v := range given {
		if v < least {
			c.Wantf(fmt.Sprintf("at least %d", least), "%s has an entry %d", name, v)
		}
	}
	return given
}

// Word returns a string attribute that must be one of a list; the first one is
// the default.
func (c *Call) Word(name string, words ...string) string {
	s := c.Str(name, words[0])
	for _, w := range words {
		if s == w {
			return s
		}
	}
	c.Wantf(fmt.Sprintf("one of %v", words), "%s is %q", name, graph.Clip(s))
	return ""
}

// window reads the attributes of a convolution or pool over n spatial axes.
// kernel is the kernel's size where weights give it, nil where kernel_shape must.
func (c *Call) window(n int, kernel []graph.Dim) *window {
	w := &window{
		stride:   c.IntsAtLeast("strides", n, 1, 1),
		dilation: c.IntsAtLeast("dilations", n, 1, 1),
		pad:      c.padMode(),
		ceil:     c.Int("ceil_mode", 0) == 1, // any other value is taken as 0
	}
	pads := c.IntsAtLeast("pads", 2*n, 0, 0)
	w.begin, w.end = pads[:n], pads[n:]
	w.kernel = c.kernel(n, kernel)
	return w
}

func (c *Call) padMode() padMode {
	switch c.Word("auto_pad", "NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER") {
	case "VALID":
		return padValid
	case "SAME_UPPER":
		return padSameUpper
	case "SAME_LOWER":
		return padSameLower
	}
	return padExplicit
}

// kernel joins the attribute kernel_shape with the size that the weights have.
func (c *Call) kernel(n int, weights []graph.Dim) []graph.Dim {
	out := append([]graph.Dim{}, weights...)
	if weights == nil && c.Attr("kernel_shape") == nil {
		c.Failf("attribute kernel_shape is missing")
	}
	if c.Attr("kernel_shape") != nil {
		out = make([]graph.Dim, n)
		for i, k := range c.IntsAtLeast("kernel_shape", n, 1, 1) {
			if out[i] = graph.Int(k); weights != nil {
				out[i] = c.Same(out[i], weights[i], "kernel_shape and the kernel of the weights")
			}
		}
	}
	for _, k := range out {
		if v, ok := k.Const(); ok && v < 1 {
			c.Wantf("at least 1", "the kernel has size %d", v)
		}
	}
	return out
}

// span returns the extent of the dilated kernel.
func (w *window) span(i int) graph.Dim {
	return w.kernel[i].AddInt(-1).MulInt(w.dilation[i]).AddInt(1)
}

// pads returns the explicit padding of an axis, which VALID sets to zero.
func (w *window) pads(i int) (begin, end graph.Dim) {
	if w.pad != padExplicit {
		return graph.Dim{}, graph.Dim{}
	}
	return graph.Int(w.begin[i]), graph.Int(w.end[i])
}

// out returns the number of windows along an axis of size in (ONNX Operators.md,
// Conv and MaxPool). In ceil mode a window that would start in the end padding
// is dropped, in every opset version: ONNX Runtime never made it.
func (w *window) out(i int, in graph.Dim) graph.Dim {
	s := w.stride[i]
	if w.pad.same() {
		return ceilDiv(in, s)
	}
	begin, end := w.pads(i)
	if !w.ceil {
		room := in.Add(begin).Add(end).Sub(w.span(i))
		if k, ok := room.Const(); ok && k < 0 && w.hangs {
			return room.Neg().MustFloorDiv(s).Neg().AddInt(1)
		}
		return room.MustFloorDiv(s).AddInt(1)
	}
	// The windows that start before the end padding are ceil((in+begin)/s); those
	// that start no later than one step after the last that fits are
	// ceil((in+begin+over)/s) + 1. The smaller count in closed form:
	over := end.Sub(w.span(i))
	over = over.Max(graph.Dim{}).Add(over.AddInt(s).Min(graph.Dim{}))
	return ceilDiv(in.Add(begin).Add(over), s)
}

// ceilDiv is CeilDiv by a positive number.
func ceilDiv(d graph.Dim, k int64) graph.Dim { return d.AddInt(-1).MustFloorDiv(k).AddInt(1) }

// outs returns out for every axis.
func (w *window) outs(in []graph.Dim) []graph.Dim {
	out := make([]graph.Dim, len(in))
	for i := range in {
		out[i] = w.out(i, in[i])
	}
	return out
}

// taps returns the number of elements under the window.
func (w *window) taps() graph.Dim { return graph.Shape(w.kernel).Elements() }

// exactTaps returns outputs times taps with the taps in the padding left
// out: the sum over the windows of the taps that meet an input element, which is
// a product over the axes. ok is false when a size is not a number or too large
// to walk.
func (w *window) exactTaps(in, out []graph.Dim) (n graph.Dim, ok bool) {
	return overAxes(len(in), func(i int) (graph.Dim, bool) {
		begin, _ := w.pads(i)
		if w.pad.same() {
			begin = w.split(out[i].AddInt(-1).MulInt(w.stride[i]).Add(w.span(i)).Sub(in[i]).Max(graph.Dim{}))
		}
		return w.meetings(i, out[i], in[i], begin)
	})
}

// overAxes multiplies what f says of each of n axes.
func overAxes(n int, f func(i int) (graph.Dim, bool)) (graph.Dim, bool) {
	product := graph.Int(1)
	for i := range n {
		k, ok := f(i)
		if !ok {
			return product, false
		}
		product = product.Mul(k)
	}
	return product, true
}

// split returns the part of a total padding that lies at the start: the smaller
// half for SAME_UPPER, else the larger one.
func (w *window) split(total graph.Dim) graph.Dim {
	if w.pad != padSameUpper {
		total = total.AddInt(1)
	}
	return total.MustFloorDiv(2)
}

// maxWalk bounds the taps of one axis that meetings walks.
const maxWalk = 1 << 16

// meetings counts the pairs of a position p in [0, from) and a tap t of axis i
// with 0 <= p*stride - begin + t*dilation < to.
func (w *window) meetings(i int, from, to, begin graph.Dim) (graph.Dim, bool) {
	taps, ok := w.kernel[i].Const()
	if !ok || taps > maxWalk || !from.IsConst() || !to.IsConst() || !begin.IsConst() {
		return graph.Dim{}, false
	}
	sum := graph.Dim{}
	for t := int64(0); t < taps; t++ {
		shift := begin.Sub(graph.Int(t).MulInt(w.dilation[i]))
		first := ceilDiv(shift, w.stride[i]).Max(graph.Dim{})
		last := ceilDiv(shift.Add(to), w.stride[i]).Min(from)
		sum = sum.Add(last.Sub(first).Max(graph.Dim{}))
	}
	return sum, true
}

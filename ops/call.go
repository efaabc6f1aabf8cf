package ops

import (
	"fmt"
	"math"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Call is one node in the hands of a rule. Rules read In and attributes and set
// Out. A rule that finds the node invalid calls Failf and does not come back; a
// cost rule that needs a size that is not known does not come back either.
type Call struct {
	Node  *graph.Node
	Op    *Op
	Opset int
	In    []*Info // nil entries are omitted inputs
	Out   []Info  // one for each output of the node

	pass     *pass
	inst     *Instance
	subs     []Sub
	branches bool
}

// invalid and unresolved end a rule; the pass recovers them.
type invalid struct {
	err   *graph.Error
	fatal bool // wrong even where it never runs: recursion, nesting
}
type unresolved struct{ why string }

// Failf ends the rule: the model is invalid here.
func (c *Call) Failf(format string, args ...any) {
	panic(invalid{err: graph.Errorf(format, args...)})
}

// Wantf is Failf with what was expected: found and want are printed as "found (want)".
func (c *Call) Wantf(want, format string, args ...any) {
	panic(invalid{err: graph.Errorf(format, args...).Expect("%s", want)})
}

// Unresolved ends a cost or traffic rule: why says which size is missing.
func (c *Call) Unresolved(format string, args ...any) {
	panic(unresolved{fmt.Sprintf(format, args...)})
}

// Warnf notes a remark about the node that is shown in every report.
func (c *Call) Warnf(format string, args ...any) {
	c.pass.warn(c.inst, c.Node, fmt.Sprintf(format, args...))
}

// Has reports whether input i is given; a negative i is none.
func (c *Call) Has(i int) bool { return i >= 0 && i < len(c.In) && c.In[i] != nil }

// Wants reports whether output i is asked for.
func (c *Call) Wants(i int) bool {
	return i < len(c.Node.OutputNames) && c.Node.OutputNames[i] != ""
}

// Shape returns the shape of input i: nil when the input is omitted or its rank not known.
func (c *Call) Shape(i int) graph.Shape {
	if !c.Has(i) {
		return nil
	}
	return c.In[i].Shape
}

// DType returns the element type of input i, Undefined when it is omitted or not known.
func (c *Call) DType(i int) graph.DType {
	if !c.Has(i) {
		return graph.Undefined
	}
	return c.In[i].DType
}

// InName returns the declared name of input i, for messages.
func (c *Call) InName(i int) string {
	if p := c.Op.Signature().InParam(i); p != nil {
		return p.Name
	}
	return fmt.Sprintf("input %d", i)
}

// ShapeOfRank returns the shape of input i, nil when its rank is not known, and
// refuses the node when the rank lies outside [lo, hi]; hi < 0 means no limit.
func (c *Call) ShapeOfRank(i, lo, hi int) graph.Shape {
	s := c.Shape(i)
	if s == nil {
		return nil
	}
	if len(s) < lo || hi >= 0 && len(s) > hi {
		want := fmt.Sprintf("rank %d", lo)
		switch {
		case hi < 0:
			want = fmt.Sprintf("rank %d or more", lo)
		case hi != lo:
			want = fmt.Sprintf("rank %d to %d", lo, hi)
		}
		c.Wantf(want, "%s has rank %d, shape %s", c.InName(i), len(s), s)
	}
	return s
}

// SetShape sets the shape of output i.
func (c *Call) SetShape(i int, s graph.Shape) {
	if i < len(c.Out) {
		c.Out[i].Shape = s
	}
}

// SetDType sets the element type of output i.
func (c *Call) SetDType(i int, d graph.DType) {
	if i < len(c.Out) {
		c.Out[i].DType = d
	}
}

// SetElems sets the element values of output i; nil means not followed.
func (c *Call) SetElems(i int, e []Elem) {
	if i < len(c.Out) {
		c.Out[i].Elems = e
	}
}

// SetOut sets all of output i but what the signature fixes.
func (c *Call) SetOut(i int, in Info) {
	if i < len(c.Out) {
		in.Const = false
		c.Out[i] = in
	}
}

// SameShape sets output o to the shape of input i.
func (c *Call) SameShape(o, i int) { c.SetShape(o, c.Shape(i)) }

// UnknownDim returns a size of which nothing is known.
func (c *Call) UnknownDim() graph.Dim { return c.pass.unknown() }

// UnknownShape returns a shape of known rank and unknown dims.
func (c *Call) UnknownShape(rank int) graph.Shape {
	s := make(graph.Shape, rank)
	for i := range s {
		s[i] = c.UnknownDim()
	}
	return s
}

// DataDim returns the size of an axis of output o that depends on the values of
// tensors: a symbol named after the value, within [lo, hi], or the number that
// the user assumed for it, by the value's name or as "name[axis]". A nil hi means no
// bound.
func (c *Call) DataDim(o, axis int, lo int64, hi *graph.Dim) graph.Dim {
	name := ""
	if o < len(c.Node.OutputNames) {
		name = c.Node.OutputNames[o]
	}
	for _, key := range []string{fmt.Sprintf("%s[%d]", name, axis), name} {
		if k, ok := c.assumed(key, lo, hi); ok {
			return k
		}
	}
	if hi != nil && hi.Is(lo) {
		return *hi
	}
	return graph.SymBetween(fmt.Sprintf("%s[%d]", graph.JoinPath(c.inst.Path, name), axis), lo, hi)
}

// assumed returns the number that the user gives the size of a value, which must lie
// within [lo, hi].
func (c *Call) assumed(name string, lo int64, hi *graph.Dim) (graph.Dim, bool) {
	k, ok := c.pass.opt.Assume[name]
	if !ok {
		return graph.Dim{}, false
	}
	c.pass.used("assume", name)
	if hi != nil {
		if most, isConst := hi.Const(); isConst && k > most {
			c.misbound("--assume %s=%d: the size is at most %d", name, k, most)
		}
	}
	if k < lo {
		c.misbound("--assume %s=%d: the size is at least %d", name, k, lo)
	}
	return graph.Int(k), true
}

// misbound ends the rule: an option contradicts the node, which is no fault of the model.
func (c *Call) misbound(format string, args ...any) {
	err := bindErr(format, args...)
	c.pass.fatal = true
	panic(invalid{&graph.Error{What: err.Error(), Err: err}, true})
}

// ExactPadding reports whether taps in the padding are left out of the MACs.
func (c *Call) ExactPadding() bool { return c.pass.opt.ExactPadding }

// Elems returns the element values of input i: nil when they are not followed or
// more than graph.MaxFoldElements. Constants are read from the file at the first
// call.
func (c *Call) Elems(i int) []Elem {
	if !c.Has(i) {
		return nil
	}
	es := c.pass.elems(c.In[i])
	if !c.pass.walk(len(es)) {
		return nil
	}
	return es
}

// Dims returns the elements of an integer input of rank 0 or 1 as sizes. Where
// the length is known but not the values, the sizes are unknown; ok is false
// when not even the length is known.
func (c *Call) Dims(i int) (ds []graph.Dim, ok bool) {
	if !c.Has(i) {
		return nil, false
	}
	in := c.In[i]
	if es := c.Elems(i); es != nil {
		ds = make([]graph.Dim, len(es))
		for j, e := range es {
			d, isInt := e.Dim()
			switch {
			case e.kind == elemOverflow:
				c.Failf("element %d of %s overflows 64 bits", j, c.InName(i))
			case !isInt:
				d = c.UnknownDim()
			}
			ds[j] = d
		}
		return ds, true
	}
	if in.Shape == nil || len(in.Shape) > 1 {
		return nil, false
	}
	n, isConst := in.Shape.Elements().Const()
	if !isConst || n < 0 || n > graph.MaxRank {
		return nil, false
	}
	return c.UnknownShape(int(n)), true
}

// ConstInts returns the elements of an integer input when all are constants.
func (c *Call) ConstInts(i int) ([]int64, bool) {
	es := c.Elems(i)
	if es == nil {
		return nil, false
	}
	out := make([]int64, len(es))
	for j, e := range es {
		k, ok := e.Int()
		if !ok {
			return nil, false
		}
		out[j] = k
	}
	return out, true
}

// Scalar returns the only element of input i.
func (c *Call) Scalar(i int) (Elem, bool) {
	es := c.Elems(i)
	if len(es) != 1 {
		return Elem{}, false
	}
	return es[0], es[0].Known()
}

// Attr returns the attribute of a name, with references to attributes of the
// enclosing function resolved; nil if it is not given.
func (c *Call) Attr(name string) *graph.Attr { return c.inst.attr(c.Node, name) }

// Int returns an int attribute, the default if it is not given.
func (c *Call) Int(name string, def int64) int64 {
	if a := c.Attr(name); a != nil {
		return a.Int
	}
	return def
}

// Float returns a float attribute, the default if it is not given.
func (c *Call) Float(name string, def float32) float32 {
	if a := c.Attr(name); a != nil {
		return a.Float
	}
	return def
}

// Str returns a string attribute, the default if it is not given.
func (c *Call) Str(name, def string) string {
	if a := c.Attr(name); a != nil {
		return a.Str
	}
	return def
}

// Ints returns an ints attribute, nil if it is not given.
func (c *Call) Ints(name string) []int64 {
	if a := c.Attr(name); a != nil {
		if a.Ints == nil {
			return []int64{}
		}
		return a.Ints
	}
	return nil
}

// Axis returns an axis attribute counted from the front; it must lie in
// [-rank, rank-1].
func (c *Call) Axis(name string, def int64, rank int) int {
	return c.NormAxis(name, c.Int(name, def), rank)
}

// NormAxis counts an axis from the front and refuses one outside [-rank, rank-1].
func (c *Call) NormAxis(name string, axis int64, rank int) int {
	if axis < -int64(rank) || axis >= int64(rank) {
		c.Wantf(fmt.Sprintf("-%d to %d", rank, rank-1), "%s is %d for rank %d", name, axis, rank)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis)
}

// NormAxes is NormAxis for a list, which must not name an axis twice.
func (c *Call) NormAxes(name string, axes []int64, rank int) []int {
	out := make([]int, len(axes))
	seen := make(map[int]bool, len(axes))
	for i, a := range axes {
		out[i] = c.NormAxis(name, a, rank)
		if seen[out[i]] {
			c.Failf("%s names axis %d twice", name, out[i])
		}
		seen[out[i]] = true
	}
	return out
}

// Same returns the size of two dims that must be equal: the constant one if one
// is. Different constants are refused; what names the two.
func (c *Call) Same(d, e graph.Dim, what string) graph.Dim {
	dk, dc := d.Const()
	ek, ec := e.Const()
	switch {
	case dc && ec && dk != ek:
		c.Wantf("equal sizes", "%s: %d and %d", what, dk, ek)
	case ec, !dc && d.HasUnknown():
		return e
	}
	return d
}

// SameType refuses the node when the given inputs have different known types. The
// signature only warns of that: ONNX's own inference refuses it for a few operators.
func (c *Call) SameType(inputs ...int) {
	first := inputs[0]
	for _, i := range inputs[1:] {
		if a, b := c.DType(first), c.DType(i); a != b && a != graph.Undefined && b != graph.Undefined {
			c.Wantf("one type", "%s has type %s, %s %s", c.InName(first), a, c.InName(i), b)
		}
	}
}

// Broadcast returns the multidirectional broadcast of shapes (ONNX
// docs/Broadcasting.md), nil if a rank is not known. Two different symbols
// broadcast to the larger one, which is right whenever the model runs and no dim
// is 0.
func (c *Call) Broadcast(shapes ...graph.Shape) graph.Shape {
	var out graph.Shape
	for i, s := range shapes {
		if s == nil {
			return nil
		}
		if i == 0 {
			out = s
			continue
		}
		out = c.broadcast2(out, s)
	}
	return out
}

func (c *Call) broadcast2(a, b graph.Shape) graph.Shape {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(b) == 0 {
		return a
	}
	out := append(graph.Shape{}, a...)
	off := len(a) - len(b)
	for i, d := range b {
		out[off+i] = c.BroadcastDim(a[off+i], d)
	}
	return out
}

// BroadcastDim returns the broadcast of two dims.
func (c *Call) BroadcastDim(d, e graph.Dim) graph.Dim {
	dk, dc := d.Const()
	ek, ec := e.Const()
	switch {
	case dc && dk == 1:
		return e
	case ec && ek == 1, d.Equal(e):
		return d
	case dc && ec:
		c.Wantf("equal dims, or 1", "dims %d and %d do not broadcast", dk, ek)
	case dc:
		return d
	case ec:
		return e
	case d.HasUnknown() || e.HasUnknown():
		return c.UnknownDim()
	}
	return d.Max(e)
}

// InN returns the number of elements of input i for a cost rule.
func (c *Call) InN(i int) graph.Dim { return c.InShape(i).Elements() }

// InShape returns the shape of input i for a cost rule, which ends when the rank
// is not known.
func (c *Call) InShape(i int) graph.Shape {
	s := c.Shape(i)
	if s == nil {
		c.Unresolved("the shape of %s is not known", c.InName(i))
	}
	return s
}

// OutN returns the number of elements of output i for a cost rule.
func (c *Call) OutN(i int) graph.Dim { return c.OutShape(i).Elements() }

// OutShape returns the shape of output i for a cost rule, which ends when the
// rank is not known.
func (c *Call) OutShape(i int) graph.Shape {
	if i >= len(c.Out) || c.Out[i].Shape == nil {
		c.Unresolved("the shape of output %d is not known", i)
	}
	return c.Out[i].Shape
}

// InBytes returns the bytes of input i for a traffic rule; 0 if it is omitted.
func (c *Call) InBytes(i int) graph.Dim {
	if !c.Has(i) {
		return graph.Dim{}
	}
	b, ok := c.In[i].Bytes()
	if !ok {
		c.Unresolved("the size of %s is not known", c.InName(i))
	}
	return b
}

// OutBytes returns the bytes of output i for a traffic rule; 0 if it is not asked for.
func (c *Call) OutBytes(i int) graph.Dim {
	if !c.Wants(i) {
		return graph.Dim{}
	}
	b, ok := c.Out[i].Bytes()
	if !ok {
		c.Unresolved("the size of output %d is not known", i)
	}
	return b
}

// Fold computes the elements of output o from those of the inputs, broadcast to
// the output's shape, when all are followed. Float tensors are followed only
// when they are small.
func (c *Call) Fold(o int, f func(args []Elem) Elem) { c.fold(o, false, f) }

// FoldPartly is Fold for rules that can tell something of an element although some
// operands are not followed: their elements are not known.
func (c *Call) FoldPartly(o int, f func(args []Elem) Elem) { c.fold(o, true, f) }

func (c *Call) fold(o int, partly bool, f func(args []Elem) Elem) {
	if o >= len(c.Out) {
		return
	}
	n, ok := foldable(c.Out[o].Shape)
	if !ok || !c.followed(n, partly) || c.pass.folded+n > graph.MaxFoldTotal || !c.pass.walk(n) {
		return
	}
	in := make([][]Elem, len(c.In))
	walk := make([]broadcastIndex, len(in))
	for i := range in {
		if in[i] = c.Elems(i); in[i] != nil {
			walk[i] = newBroadcastIndex(c.In[i].Shape, c.Out[o].Shape)
		} else if c.Has(i) && !partly {
			return
		}
	}
	out, args := make([]Elem, n), make([]Elem, len(in))
	known := n == 0
	for k := range out {
		for i := range in {
			if in[i] != nil {
				args[i] = in[i][walk[i].at(k)]
			}
		}
		out[k] = f(args)
		known = known || out[k].Known()
	}
	if known {
		c.SetElems(o, out)
	}
}

// followed reports, without reading constants, whether the inputs of an output of n
// elements may be folded: all of them, or partly at least one.
func (c *Call) followed(n int, partly bool) bool {
	some := false
	for i, in := range c.In {
		switch {
		case in == nil:
		case c.DType(i).IsFloat() && n > maxFloatFold || c.DType(i).IsComplex():
			return false
		case in.Elems != nil || in.tensor != nil:
			some = true
		case !partly:
			return false
		}
	}
	return some
}

// maxFloatFold bounds float tensors whose values are followed: Resize scales and
// the like, not weights.
const maxFloatFold = 1024

// foldable returns the number of elements of a shape whose values may be followed.
func foldable(s graph.Shape) (int, bool) {
	if s == nil {
		return 0, false
	}
	n, ok := s.Elements().Const()
	return int(n), ok && n >= 0 && n <= graph.MaxFoldElements
}

// broadcastIndex maps a flat index of an output to one of a broadcast input.
type broadcastIndex struct{ dims, strides []int }

func newBroadcastIndex(in, out graph.Shape) broadcastIndex {
	b := broadcastIndex{make([]int, len(out)), make([]int, len(out))}
	stride := 1
	for i := range out {
		o := len(out) - 1 - i
		k, _ := out[o].Const()
		b.dims[o] = int(k)
		if j := len(in) - 1 - i; j >= 0 {
			if n, _ := in[j].Const(); n != 1 {
				b.strides[o] = stride
				stride *= int(n)
			}
		}
	}
	return b
}

func (b broadcastIndex) at(k int) int {
	idx := 0
	for i := len(b.dims) - 1; i >= 0; i-- {
		idx += k % b.dims[i] * b.strides[i]
		k /= b.dims[i]
	}
	return idx
}

// roundTo rounds a computed float to the precision of a dtype, as a run would.
func roundTo(d graph.DType, f float64) float64 {
	if d == graph.Float32 {
		return float64(float32(f))
	}
	return f
}

// floatToInt truncates toward zero; ok is false for NaN and what int64 cannot hold.
func floatToInt(f float64) (int64, bool) {
	if f != f || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

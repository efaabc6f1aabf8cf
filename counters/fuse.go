package counters

import (
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// kernelClass is what a group of fused nodes is built around.
type kernelClass uint8

const (
	pointwise kernelClass = iota // elementwise work, copies and all else
	reducing                     // a reduction that elementwise work may surround
	matmul                       // convolution, linear layer, matmul
	depthwise
	closed // a kernel that nothing joins
)

// group is one kernel after fusion.
type group struct {
	class kernelClass
	last  int       // index of its last node
	rows  graph.Dim // elements that a reduction reads
}

// fusion groups the nodes of an instance into kernels: elementwise nodes join
// the kernel that produces their operand (bias, activation, batch-norm, residual
// add, decomposed GELU), reductions join elementwise work and take back what is
// broadcast from them (decomposed layer norm), and QK^T, softmax and PV of one
// attention are one kernel. Views move nothing.
type fusion struct {
	in     *ops.Instance
	folds  []bool
	roots  []int32
	of     []int32 // by node: its group, -1 for none
	maker  []int32 // by root value: the group that produces it, -1 for none
	groups []group
	scores []bool // by root value: attention scores, which stay inside a kernel
}

// fusion adds the kernels, the traffic after fusion and the features of an instance.
func (t *sum) fusion(in *ops.Instance, folds []bool) {
	f := newFusion(in, folds)
	for i := range in.Nodes {
		f.place(i)
	}
	f.attention()
	f.total(t)
	newEager(f).total(t)
}

func newFusion(in *ops.Instance, folds []bool) *fusion {
	f := &fusion{in: in, folds: folds, roots: viewRoots(in, folds), of: make([]int32, len(in.Nodes)),
		maker: make([]int32, len(in.Infos)), scores: make([]bool, len(in.Infos))}
	for i := range f.maker {
		f.maker[i] = -1
	}
	return f
}

// launches reports whether a node is a kernel of its own as written.
func launches(n *ops.NodeResult) bool {
	if n.State == ops.Folded || len(n.Subs) > 0 {
		return false
	}
	return !n.View
}

// root returns the value whose memory v shares, -1 for values of other graphs and constants.
func (f *fusion) root(v *graph.Value) int32 {
	if v == nil || v.Graph != f.in.Graph || f.in.Infos[v.ID].Const {
		return -1
	}
	return f.roots[v.ID]
}

// place puts a node into the group of its producer or into a new one.
func (f *fusion) place(i int) {
	n := &f.in.Nodes[i]
	f.of[i] = -1
	if !launches(n) || f.folds != nil && f.folds[i] && n.Node.Op == "DequantizeLinear" {
		return
	}
	g := f.join(n)
	if g < 0 {
		g = int32(len(f.groups))
		f.groups = append(f.groups, f.newGroup(n))
	}
	f.groups[g].last = i
	f.of[i] = g
	for _, v := range n.Node.Outputs {
		if r := f.root(v); r >= 0 {
			f.maker[r] = g
		}
	}
}

func (f *fusion) newGroup(n *ops.NodeResult) group {
	g := group{class: closed}
	switch {
	case n.Op == nil:
	case isMatmulClass(n):
		if g.class = matmul; convKind(f.in, n) == depthwiseConv {
			g.class = depthwise
		}
	case ops.Reduces(n.Op):
		g.class, g.rows = reducing, f.elements(n.Node.Input(0))
	case ops.Pointwise(n.Op):
		g.class = pointwise
	}
	return g
}

func (f *fusion) elements(v *graph.Value) graph.Dim {
	if v == nil {
		return graph.Dim{}
	}
	s := f.in.Info(v).Shape
	if s == nil {
		return graph.Dim{}
	}
	return s.Elements()
}

// join returns the group that a node can join: that of its latest producer.
func (f *fusion) join(n *ops.NodeResult) int32 {
	if n.Op == nil || !ops.Pointwise(n.Op) && !ops.Reduces(n.Op) {
		return -1
	}
	best, from := int32(-1), int32(-1)
	for _, v := range n.Node.Inputs {
		r := f.root(v)
		if r < 0 || f.maker[r] < 0 {
			continue
		}
		if g := f.maker[r]; best < 0 || f.groups[g].last > f.groups[best].last {
			best, from = g, r
		}
	}
	if best < 0 {
		return -1
	}
	g := &f.groups[best]
	if ops.Reduces(n.Op) {
		if g.class != pointwise && g.class != reducing {
			return -1
		}
		g.class, g.rows = reducing, f.elements(n.Node.Input(0))
		return best
	}
	out := firstOutput(f.in, n)
	src := f.in.Infos[from].Shape
	same := src != nil && src.Elements().Equal(out)
	if g.class == closed || !same && !(g.class == reducing && g.rows.Equal(out)) {
		return -1
	}
	return best
}

// attention finds score matrices: what lies between the matmul that makes them, a
// softmax, and the matmul that uses them. Their kernels become one.
func (f *fusion) attention() {
	for i := range f.in.Nodes {
		n := &f.in.Nodes[i]
		if n.Op == nil || n.Node.Op != "Softmax" || f.of[i] < 0 {
			continue
		}
		src, dst := f.root(n.Node.Input(0)), f.root(n.Node.Outputs[0])
		if src < 0 || dst < 0 || f.maker[src] < 0 {
			continue
		}
		if pv := f.soleMatmul(dst); pv >= 0 && f.groups[f.maker[src]].class == matmul {
			f.scores[src], f.scores[dst] = true, true
			f.merge(f.maker[src], f.of[i], pv)
		}
	}
}

// soleMatmul returns the group of the matmul of two activations that alone reads value r, -1 if
// there is none.
func (f *fusion) soleMatmul(r int32) int32 {
	found := int32(-1)
	for i := range f.in.Nodes[f.groups[f.maker[r]].last:] {
		j := f.groups[f.maker[r]].last + i
		n := &f.in.Nodes[j]
		if f.of[j] < 0 || f.root(n.Node.Input(0)) != r {
			continue
		}
		if n.Node.Op != "MatMul" && n.Node.Op != "Einsum" || f.root(n.Node.Input(1)) < 0 || found >= 0 {
			return -1
		}
		found = f.of[j]
		break
	}
	return found
}

// merge makes one group of three.
func (f *fusion) merge(into int32, others ...int32) {
	for i, g := range f.of {
		for _, o := range others {
			if g == o {
				f.of[i] = into
				f.groups[into].last = max(f.groups[into].last, i)
			}
		}
	}
	for r, g := range f.maker {
		for _, o := range others {
			if g == o {
				f.maker[r] = into
			}
		}
	}
}

// total adds kernels, traffic and features.
func (f *fusion) total(t *sum) {
	one := graph.Int(1)
	used := make([]bool, len(f.groups))
	for i := range f.in.Nodes {
		if f.of[i] >= 0 {
			used[f.of[i]] = true
			t.totals.Launches = t.totals.Launches.Add(one)
		}
	}
	for _, u := range used {
		if u {
			t.totals.Kernels = t.totals.Kernels.Add(one)
		}
	}
	t.features.KernelsFused = t.totals.Kernels
	f.traffic(f.of, f.maker, func(m movement) { t.totals.Fused = t.totals.Fused.Add(m.bytes) })
}

// byStride marks, in place of a kernel, a node that changes how memory is read and
// moves nothing.
const byStride = -2

// movement is a value that a kernel reads or writes.
type movement struct {
	kernel          int32
	root            int32 // the value
	writes          bool
	bytes, elements graph.Dim
}

// traffic tells move of each value that a kernel reads from another, once, and of each
// that is used outside its kernel as written, once. of gives the kernel of a node, -1
// for none, or byStride; maker that of a root value, -1 for none.
func (f *fusion) traffic(of, maker []int32, move func(movement)) {
	written := make([]bool, len(f.in.Infos))
	for _, v := range f.in.Graph.Outputs {
		if r := f.root(v); r >= 0 {
			written[r] = true
		}
	}
	readBy := make([]int32, len(f.in.Infos)) // by root: 1 + the last kernel that read it
	for i := range f.in.Nodes {
		n := &f.in.Nodes[i]
		g := of[i]
		custom := n.Op != nil && n.Op.Moves.IsRule()
		if custom && g >= 0 {
			move(movement{g, f.root(n.Node.Input(0)), false, n.Traffic.Read, f.readElements(n)})
		}
		eachUse(f.in, n, func(v *graph.Value) {
			r := f.root(v)
			if r < 0 || g == -1 && len(n.Subs) == 0 || g >= 0 && maker[r] == g {
				return
			}
			written[r] = true
			if g < 0 || custom || readBy[r] == g+1 {
				return
			}
			readBy[r] = g + 1
			f.moveValue(movement{kernel: g, root: r}, move)
		})
	}
	for r, w := range written {
		if w && maker[r] >= 0 {
			f.moveValue(movement{kernel: maker[r], root: int32(r), writes: true}, move)
		}
	}
}

// readElements returns the elements that a node with a traffic rule reads.
func (f *fusion) readElements(n *ops.NodeResult) graph.Dim {
	bits := f.in.Info(n.Node.Inputs[0]).DType.Bits()
	if bits < 8 {
		return n.Traffic.Read
	}
	return n.Traffic.Read.MustFloorDiv(int64(bits / 8))
}

// moveValue moves a whole value, if its size is known.
func (f *fusion) moveValue(m movement, move func(movement)) {
	info := f.in.Infos[m.root]
	if b, ok := info.Bytes(); ok && !b.HasUnknown() && info.Shape != nil {
		m.bytes, m.elements = b, info.Shape.Elements()
		move(m)
	}
}

// IsConvolution reports whether a matmul-class node slides a window over its operand.
func IsConvolution(n *ops.NodeResult) bool { return strings.Contains(n.Node.Op, "Conv") }

// convClass tells dense work from grouped convolutions.
type convClass uint8

const (
	dense convClass = iota
	grouped
	depthwiseConv
)

// convKind classifies matmul-class nodes by the group attribute.
func convKind(in *ops.Instance, n *ops.NodeResult) convClass {
	a := n.Node.Attrs.Get("group")
	if a == nil || a.Int <= 1 || n.Node.Input(1) == nil {
		return dense
	}
	if w := in.Info(n.Node.Input(1)).Shape; len(w) > 1 && w[1].Is(1) {
		return depthwiseConv
	}
	return grouped
}

// ConvGroups says of a matmul-class node whether it is a convolution of several
// groups, and whether each of them has one channel.
func ConvGroups(in *ops.Instance, n *ops.NodeResult) (several, depthwise bool) {
	k := convKind(in, n)
	return k != dense, k == depthwiseConv
}

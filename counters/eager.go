package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// eager reads an instance as a framework runs it node by node: one kernel for each
// node, but
//   - none for views and for what strides do (transposes, slices, splits);
//   - one for pointwise nodes that are together one function of one activation, as
//     exporters write out GELU or x*sigmoid(x), and without parameters;
//   - the bias of a linear layer or a convolution is added in its product, and the batch
//     normalisation of a convolution counts as folded into it, as most exporters write it;
//   - attention is one kernel where a framework has one for it; see keepsScores.
type eager struct {
	*fusion
	kernel  []int32 // by node: its kernel, -1 or byStride for none
	made    []int32 // by root value: the kernel that makes it, -1 for none
	kernels []eagerKernel
	scores  graph.Dim // elements of scores that are written
}

type eagerKernel struct {
	class kernelClass
	first int   // its first node
	reads int32 // the one activation that a pointwise kernel reads, -1 for none or several
	into  int32 // the kernel that it became part of, itself if none
	nodes int   // that it was made of
	sums  bool  // pointwise additions and selections only: biases and masks
	keeps bool  // an attention that keeps its scores to itself
}

func newEager(f *fusion) *eager {
	e := &eager{fusion: f, kernel: make([]int32, len(f.of)), made: make([]int32, len(f.maker))}
	for i := range e.made {
		e.made[i] = -1
	}
	for i := range f.in.Nodes {
		e.run(i)
	}
	for i, k := range e.kernel {
		e.kernel[i] = e.find(k)
	}
	for r, k := range e.made {
		e.made[r] = e.find(k)
	}
	return e
}

// find returns the kernel that a kernel became part of.
func (e *eager) find(k int32) int32 {
	for k >= 0 && e.kernels[k].into != k {
		k = e.kernels[k].into
	}
	return k
}

// run puts a node into a kernel.
func (e *eager) run(i int) {
	n := &e.in.Nodes[i]
	e.kernel[i] = -1
	if e.of[i] < 0 { // no kernel after fusion: none before
		return
	}
	if isStrided(e.in, n) {
		e.kernel[i] = byStride
		return
	}
	k := e.joins(n)
	if k < 0 {
		k = int32(len(e.kernels))
		e.kernels = append(e.kernels, eagerKernel{class: e.newGroup(n).class, first: i, reads: e.onlyInput(n), into: k, sums: addsOrSelects(n)})
	}
	e.kernels[k].nodes++
	if n.Op != nil && n.Node.Op == "Softmax" {
		e.softmax(n, k)
	}
	e.kernel[i] = k
	for _, v := range n.Node.Outputs {
		if r := e.root(v); r >= 0 {
			e.made[r] = k
		}
	}
}

// isStrided reports whether a framework serves a node by strides and offsets into the
// memory of its operand.
func isStrided(in *ops.Instance, n *ops.NodeResult) bool {
	if n.Op == nil || n.Node.Domain != "" {
		return false
	}
	switch n.Node.Op {
	case "Transpose", "Slice", "Split", "Expand":
		return true
	case "Gather": // one index: a selection
		v := n.Node.Input(1)
		return v != nil && in.Info(v).Const && in.Info(v).Shape != nil && len(in.Info(v).Shape) == 0
	}
	return false
}

func addsOrSelects(n *ops.NodeResult) bool {
	return n.Op != nil && (n.Node.Op == "Add" || n.Node.Op == "Where")
}

// onlyInput returns the activation that a node reads when it is all that it reads but
// scalars, else -1.
func (e *eager) onlyInput(n *ops.NodeResult) int32 {
	if e.readsParameter(n) {
		return -1
	}
	only := int32(-1)
	for _, v := range n.Node.Inputs {
		r := e.root(v)
		if r < 0 || r == only {
			continue
		}
		if only >= 0 {
			return -1
		}
		only = r
	}
	return only
}

// joins returns the kernel that a node is part of, -1 if it starts its own.
func (e *eager) joins(n *ops.NodeResult) int32 {
	if n.Op == nil {
		return -1
	}
	for _, v := range n.Node.Inputs {
		k := e.maker(v)
		if k < 0 {
			continue
		}
		switch c := &e.kernels[k]; {
		case c.keeps && isMatmulClass(n) && v == n.Node.Input(0),
			c.isProduct() && (n.Node.Op == "BatchNormalization" || e.isBias(n, c)),
			c.class == pointwise && c.reads >= 0 && e.isComposable(n) && e.readsOnly(n, k, c.reads):
			c.sums = c.sums && addsOrSelects(n)
			return k
		}
	}
	return -1
}

// maker returns the kernel that makes a value, -1 for none.
func (e *eager) maker(v *graph.Value) int32 {
	r := e.root(v)
	if r < 0 {
		return -1
	}
	return e.find(e.made[r])
}

// isComposable reports whether exporters write a function with such nodes. A scale or
// shift by a parameter is a function of its own.
func (e *eager) isComposable(n *ops.NodeResult) bool {
	return ops.Pointwise(n.Op) && n.Node.Op != "BatchNormalization" && n.Node.Op != "QuantizeLinear" && !e.readsParameter(n)
}

// readsOnly reports whether a node reads nothing but what kernel k makes and what it reads.
func (e *eager) readsOnly(n *ops.NodeResult, k, reads int32) bool {
	for _, v := range n.Node.Inputs {
		if r := e.root(v); r >= 0 && r != reads && e.maker(v) != k {
			return false
		}
	}
	return true
}

// isProduct reports whether a kernel multiplies matrices or slides windows.
func (k *eagerKernel) isProduct() bool { return k.class == matmul || k.class == depthwise }

// isBias reports whether a node adds a constant vector to what a linear layer or a
// convolution makes: one element for each column or channel.
func (e *eager) isBias(n *ops.NodeResult, c *eagerKernel) bool {
	product := &e.in.Nodes[c.first]
	fromEnd := 1
	switch {
	case n.Node.Op != "Add" || len(n.Node.Inputs) != 2 || e.root(product.Node.Input(1)) >= 0:
		return false
	case IsConvolution(product):
		fromEnd = len(shapeOf(e.in, product.Node.Outputs[0])) - 1
	case product.Node.Op != "MatMul":
		return false
	}
	for _, v := range n.Node.Inputs {
		if s := shapeOf(e.in, v); e.root(v) < 0 && len(s) >= fromEnd && fromEnd > 0 {
			return s.Elements().Equal(s[len(s)-fromEnd])
		}
	}
	return false
}

// softmax makes one kernel of an attention that keeps its scores to itself, up to its
// softmax, and counts the scores of others.
func (e *eager) softmax(n *ops.NodeResult, k int32) {
	out := n.Node.Outputs[0]
	if r := e.root(out); r < 0 || !e.fusion.scores[r] {
		return
	}
	parts := e.keepsScores(n)
	if parts == nil {
		e.scores = e.scores.Add(e.elements(out))
		return
	}
	product := parts[len(parts)-1]
	for _, p := range append(parts, k) {
		e.kernels[p].into = product
	}
	e.kernels[product].keeps = true
}

// keepsScores returns the kernels between the softmax of an attention and the product of
// queries and keys, that product last, when frameworks have a fused kernel for it: of
// rank 4 (batch, heads, queries, keys), with nothing but biases and masks added. A model
// that scales the product afterwards wrote its attention out; nil for such.
func (e *eager) keepsScores(n *ops.NodeResult) []int32 {
	var parts []int32
	for v := n.Node.Input(0); ; {
		k := e.maker(v)
		if k < 0 {
			return nil
		}
		parts = append(parts, k)
		c := &e.kernels[k]
		first := &e.in.Nodes[c.first]
		switch {
		case c.class == matmul:
			if len(shapeOf(e.in, first.Node.Outputs[0])) == 4 && e.root(first.Node.Input(1)) >= 0 {
				return parts
			}
			return nil
		case c.class != pointwise || !c.sums:
			return nil
		}
		if v = e.sameSize(first); v == nil {
			return nil
		}
	}
}

// sameSize returns the operand of a node that is as large as its result: the one that
// masks and biases are broadcast to.
func (e *eager) sameSize(n *ops.NodeResult) *graph.Value {
	size := firstOutput(e.in, n)
	for _, v := range n.Node.Inputs {
		if e.root(v) >= 0 && e.elements(v).Equal(size) {
			return v
		}
	}
	return nil
}

// total adds kernels, traffic and scores to the features.
func (e *eager) total(t *sum) {
	f := &t.features
	used := make([]bool, len(e.kernels))
	for _, k := range e.kernel {
		if k >= 0 && !used[k] {
			used[k] = true
			f.KernelsEager = f.KernelsEager.Add(graph.Int(1))
		}
	}
	f.ScoreElements = f.ScoreElements.Add(e.scores)
	wide := e.wideValues()
	e.traffic(e.kernel, e.made, func(m movement) {
		to := &f.OtherTraffic
		switch k := &e.kernels[m.kernel]; {
		case k.class == matmul && IsConvolution(&e.in.Nodes[k.first]):
			to = &f.ConvTraffic
		case k.class == matmul:
			to = &f.LinearTraffic
		case k.class == depthwise:
			to = &f.DepthTraffic
		}
		*to = to.Add(m.elements)
		if m.root < 0 {
			return
		}
		if more := e.mixed(m, wide[m.root]); more > 0 {
			f.MixedTraffic = f.MixedTraffic.Add(m.elements.MulInt(more))
		}
	})
}

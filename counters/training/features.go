package training

import (
	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// elements of a value, 0 if its shape is not known.
func (f *frame) elements(v *graph.Value) graph.Dim {
	if v == nil {
		return graph.Dim{}
	}
	if info := f.in.Info(v); info != nil && info.Shape != nil {
		return info.Shape.Elements()
	}
	return graph.Dim{}
}

// products adds kernels and traffic of the products of a matmul-class node: each reads the
// gradient of the output and the other operand, and writes the gradient of its own.
func (t *sums) products(f *frame, n *ops.NodeResult, g ops.Gradients) {
	macs, traffic := &t.features.DenseMACs, &t.features.LinearTraffic
	if counters.IsConvolution(n) {
		traffic = &t.features.ConvTraffic
	}
	switch several, depthwise := counters.ConvGroups(f.in, n); {
	case depthwise:
		macs, traffic = &t.features.DepthwiseMACs, &t.features.DepthTraffic
	case several:
		macs = &t.features.GroupedMACs
	}
	*macs = macs.Add(g.Shared)
	move := func(v *graph.Value) {
		if f.in.Info(v).Const {
			t.features.WeightElements = t.features.WeightElements.Add(f.elements(v))
		} else {
			*traffic = traffic.Add(f.elements(v))
		}
	}
	for i, m := range g.Inputs {
		if m.IsZero() {
			continue
		}
		*macs = macs.Add(m)
		t.features.Kernels = t.features.Kernels.AddInt(1)
		*traffic = traffic.Add(f.elements(n.Node.Outputs[0]))
		if move(n.Node.Inputs[i]); !f.in.Info(n.Node.Inputs[i]).Const {
			t.features.Elements = t.features.Elements.Add(f.elements(n.Node.Inputs[i]))
		}
		for j := range min(2, len(n.Node.Inputs)) {
			if v := n.Node.Inputs[j]; j != i && v != nil {
				move(v)
			}
		}
	}
}

// passesOn lists operators whose gradient is that of the output itself: nothing is moved.
var passesOn = map[string]bool{"Add": true, "Sum": true, "Identity": true, "Dropout": true}

// plain adds kernels and traffic of a gradient without products: it reads the gradient of
// the output and what the forward pass kept, and writes the gradients of the inputs.
func (t *sums) plain(f *frame, n *ops.NodeResult, wants []bool) {
	if n.View || n.State == ops.Folded {
		return
	}
	out := f.elements(n.Node.Outputs[0])
	moved, some := graph.Dim{}, false
	for i, v := range n.Node.Inputs {
		if !wants[i] || passesOn[n.Node.Op] && f.elements(v).Equal(out) {
			continue
		}
		some = true
		if f.in.Info(v).Const { // summed up over the batch, written once
			t.features.WeightElements = t.features.WeightElements.Add(f.elements(v))
		} else {
			moved = moved.Add(f.elements(v).MulInt(2))
		}
	}
	if some {
		t.features.Kernels = t.features.Kernels.AddInt(1)
		t.features.OtherTraffic = t.features.OtherTraffic.Add(moved).Add(out)
	}
}

// accumulate adds the sums of gradients that reach a value from several nodes: two are
// read and one written for each but the first.
func (t *sums) accumulate(f *frame, v *graph.Value) {
	more := f.uses[v.ID] - 1
	if more < 1 || f.in.Info(v).Const {
		return
	}
	t.features.Kernels = t.features.Kernels.AddInt(int64(more))
	t.features.OtherTraffic = t.features.OtherTraffic.Add(f.elements(v).MulInt(3 * int64(more)))
}

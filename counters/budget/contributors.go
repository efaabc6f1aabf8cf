package budget

import (
	"math/big"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// maxContributors is how many parts of a value a finding names.
const maxContributors = 3

// contributors lists the largest parts of a value: of totals the nodes, of kernels
// the operators with their number of nodes, of estimates the terms. What a node
// moves is traffic as it is written, before fusion, with its weights; peak memory
// is blamed on the nodes that allocate most.
func (m *Measured) contributors(r Rule) []Contributor {
	switch {
	case r.Priced():
		return m.terms(r)
	case r == Kernels:
		return m.operators()
	}
	var t top
	for n := range m.Nodes() {
		t.add(n.Path, part(n, r))
	}
	return t.list
}

// part is what a node adds to a total.
func part(n *counters.Node, r Rule) *big.Rat {
	var d graph.Dim
	switch r {
	case Params:
		d = n.Params
	case ParamBytes:
		d = n.ParamBytes
	case MACs:
		d = n.MACs()
	case FLOPs:
		d = n.FLOPs()
	case Traffic:
		d = n.Bytes
	case Peak:
		for _, o := range n.Outputs {
			if b, ok := o.Info.Bytes(); ok {
				d = d.Add(b)
			}
		}
	}
	if d.HasOpen() || d.HasUnknown() {
		return nil
	}
	_, hi := d.Bounds()
	return whole(hi)
}

func (m *Measured) operators() []Contributor {
	var t top
	for _, r := range m.ByOp {
		_, hi := r.Nodes.Bounds()
		t.add(qualified(r.Domain, r.Name), whole(hi))
	}
	return t.list
}

// terms are the parts of the joules; of the grams in the same proportion.
func (m *Measured) terms(r Rule) []Contributor {
	var t top
	for _, p := range m.Price.Parts {
		v := p.Value
		if r == Carbon && m.Price.Joules.Point > 0 {
			v = new(big.Rat).Mul(v, Decimal(m.Price.Grams.Point/m.Price.Joules.Point))
		}
		t.add(p.Node, v)
	}
	return t.list
}

// top keeps the largest parts; of equal ones the first.
type top struct{ list []Contributor }

func (t *top) add(node string, v *big.Rat) {
	if v == nil || v.Sign() <= 0 {
		return
	}
	if len(t.list) == maxContributors && v.Cmp(t.list[maxContributors-1].Value) <= 0 {
		return
	}
	t.list = append(t.list, Contributor{node, v})
	slices.SortStableFunc(t.list, func(a, b Contributor) int { return b.Value.Cmp(a.Value) })
	t.list = t.list[:min(len(t.list), maxContributors)]
}

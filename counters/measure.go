package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Unit says which column of a report a counting convention fills.
type Unit uint8

// The units of a convention. OwnUnit is no convention: both columns are the tool's own.
const (
	OwnUnit Unit = iota
	UnitMACs
	UnitFLOPs
)

// Measure is a counting convention. Its figures stand in one column of a report in
// place of the tool's own; all else, the energy features too, stays as it is.
type Measure interface {
	Unit() Unit
	// Count returns what each node of an instance counts for, for one run of it and
	// without the graphs that it runs. The slice is parallel to Instance.Nodes. It is
	// asked for often: an implementation keeps it.
	Count(in *ops.Instance) []graph.Dim
	// Remarks are warnings about the figures of a model, given after all of its instances.
	Remarks() []string
}

// Named is a figure of a Measure; the zero value is none.
type Named struct {
	Unit  Unit
	Count graph.Dim
}

func (n *Named) add(o *Named, times graph.Dim) {
	if o.Unit != OwnUnit {
		n.Unit = o.Unit
		n.Count = n.Count.Add(o.Count.Mul(times))
	}
}

// macs and flops choose between the tool's own column and the convention's.
func (n *Named) macs(w *ops.Cost) graph.Dim {
	if n.Unit == UnitMACs {
		return n.Count
	}
	return w.MAC
}

func (n *Named) flops(w *ops.Cost) graph.Dim {
	if n.Unit == UnitFLOPs {
		return n.Count
	}
	return w.FLOPs()
}

// MACs returns the multiply-accumulates, by the convention where it counts them.
func (t *Totals) MACs() graph.Dim { return t.Named.macs(&t.Work) }

// FLOPs returns 2*MACs + other flops + transcendental calls, or what the convention
// counts where that is FLOPs.
func (t *Totals) FLOPs() graph.Dim { return t.Named.flops(&t.Work) }

// MACs is Totals.MACs of a group.
func (s *Sums) MACs() graph.Dim { return s.Named.macs(&s.Work) }

// FLOPs is Totals.FLOPs of a group.
func (s *Sums) FLOPs() graph.Dim { return s.Named.flops(&s.Work) }

// measured returns the figure of node i.
func (s *summer) measured(in *ops.Instance, i int) Named {
	m := s.opt.Measure
	if m == nil {
		return Named{}
	}
	return Named{m.Unit(), m.Count(in)[i]}
}

// Figure returns what a convention counts for the whole of a counted model, as
// Options.Measure would have: of branches the larger figure.
func (r *Report) Figure(m Measure) graph.Dim {
	return newSummer(+1, Options{Measure: m}).instance(r.Inference.Main).totals.Named.Count
}

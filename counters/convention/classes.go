package convention

import (
	"cmp"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Class is what a convention counts for the calls of one kind, beside the tool's own MACs.
type Class struct {
	Kind   string // word of the rules
	Folded bool   // folded into another node by the exporter
	Nodes  int
	Count  graph.Dim // in the convention's unit
	MACs   graph.Dim // of the same nodes
	// Change is Count less the MACs, less twice the MACs where the convention counts FLOPs.
	Change graph.Dim
	Rule   *Rule // nil: the convention has none and counts nothing
}

// Classes splits the figure of a counted model by the kinds of calls, those with the
// largest change first. The report must list its nodes.
func (m *Result) Classes(r *counters.Report) []Class {
	type key struct {
		kind   string
		folded bool
	}
	index := map[key]int{}
	var out []Class
	at := func(kind string, folded bool) *Class {
		k := key{kind, folded}
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, Class{Kind: kind, Folded: folded, Rule: m.Convention.rule(kind)})
		}
		return &out[i]
	}
	for n := range r.Nodes() {
		macs := n.Work.MAC
		for _, p := range m.Parts(n) {
			c := at(p.Kind, p.Folded)
			c.Nodes++
			c.Count = c.Count.Add(p.Count.Mul(n.Times))
			if !p.Folded {
				c.MACs, macs = c.MACs.Add(macs), graph.Dim{}
			}
		}
		if !macs.IsZero() { // work that the convention has no call for
			c := at(n.Op, false)
			c.Nodes++
			c.MACs = c.MACs.Add(macs)
		}
	}
	out = slices.DeleteFunc(out, func(c Class) bool { return c.Count.IsZero() && c.MACs.IsZero() })
	for i := range out {
		c := &out[i]
		c.Change = c.Count.Sub(c.MACs.MulInt(m.PerMAC()))
	}
	slices.SortStableFunc(out, func(a, b Class) int {
		return cmp.Or(larger(b.Change, a.Change), strings.Compare(a.Kind, b.Kind))
	})
	return out
}

// PerMAC is what one multiply-accumulate is in the convention's unit.
func (m *Result) PerMAC() int64 {
	if m.Unit() == counters.UnitFLOPs {
		return 2
	}
	return 1
}

// Sum adds the counts of classes up.
func Sum(classes []Class) graph.Dim {
	sum := graph.Dim{}
	for i := range classes {
		sum = sum.Add(classes[i].Count)
	}
	return sum
}

// larger orders changes by their size, symbols taken for large.
func larger(a, b graph.Dim) int {
	x, errX := a.At(1024)
	y, errY := b.At(1024)
	if errX != nil || errY != nil {
		return 0
	}
	return x.CmpAbs(y)
}

// Likely lists the doubts that the form of the file gives reason for, without those that
// only an explanation of a figure asks for.
func Likely(doubts []Doubt) []Doubt {
	return slices.DeleteFunc(slices.Clone(doubts), func(d Doubt) bool { return rank(d.Class) > rank(foldedBias) })
}

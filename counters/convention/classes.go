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
	b := &classBook{m: m, index: map[classKey]int{}}
	for n := range r.Nodes() {
		b.enter(n)
	}
	b.list = slices.DeleteFunc(b.list, func(c Class) bool { return c.Count.IsZero() && c.MACs.IsZero() })
	for i := range b.list {
		c := &b.list[i]
		c.Change = c.Count.Sub(c.MACs.MulInt(m.PerMAC()))
	}
	slices.SortStableFunc(b.list, func(x, y Class) int {
		return cmp.Or(larger(y.Change, x.Change), strings.Compare(x.Kind, y.Kind))
	})
	return b.list
}

type classKey struct {
	kind   string
	folded bool
}

// classBook adds nodes up by class.
type classBook struct {
	m     *Result
	list  []Class
	index map[classKey]int
}

func (b *classBook) class(kind string, folded bool) *Class {
	k := classKey{kind, folded}
	i, ok := b.index[k]
	if !ok {
		i = len(b.list)
		b.index[k] = i
		b.list = append(b.list, Class{Kind: kind, Folded: folded, Rule: b.m.Convention.rule(kind)})
	}
	return &b.list[i]
}

func (b *classBook) enter(n *counters.Node) {
	macs := n.Work.MAC
	for _, p := range b.m.Parts(n) {
		c := b.class(p.Kind, p.Folded)
		c.Nodes++
		c.Count = c.Count.Add(p.Count.Mul(n.Times))
		if !p.Folded {
			c.MACs, macs = c.MACs.Add(macs), graph.Dim{}
		}
	}
	if !macs.IsZero() { // work that the convention has no call for
		c := b.class(n.Op, false)
		c.Nodes++
		c.MACs = c.MACs.Add(macs)
	}
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

package convention

import (
	"fmt"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Result is a convention at work on one model: a counters.Measure that also tells what it
// found. It keeps what it has read, so each count of a model needs its own.
type Result struct {
	Convention *Convention
	tallies    map[*ops.Instance]*tally
	order      []*tally
}

// Measure starts a count by the convention.
func (c *Convention) Measure() *Result {
	return &Result{Convention: c, tallies: map[*ops.Instance]*tally{}}
}

// tally is what a convention counts in one instance.
type tally struct {
	*reading
	counts []graph.Dim
}

// Part is what a node counts for as one kind of call.
type Part struct {
	Kind   string // word of the rules
	Folded bool   // the call was folded into the node by the exporter
	Count  graph.Dim
	Excess graph.Dim // by a known mistake of the tool
	Rule   *Rule     // nil: the convention has none
}

// Unit implements counters.Measure.
func (m *Result) Unit() counters.Unit { return m.Convention.Unit }

// Count implements counters.Measure.
func (m *Result) Count(in *ops.Instance) []graph.Dim { return m.tally(in).counts }

func (m *Result) tally(in *ops.Instance) *tally {
	if t := m.tallies[in]; t != nil {
		return t
	}
	read := readNodes
	if m.Convention.Calls {
		read = readCalls
	}
	t := &tally{reading: read(in), counts: make([]graph.Dim, len(in.Nodes))}
	for i := range t.calls {
		for _, p := range m.partsOf(t.reading, i) {
			t.counts[i] = t.counts[i].Add(p.Count)
		}
	}
	m.tallies[in] = t
	m.order = append(m.order, t)
	return t
}

// partsOf counts a node, and what was folded into it.
func (m *Result) partsOf(r *reading, i int) []Part {
	var out []Part
	if k := &r.calls[i]; k.kind != "" && k.n.State != ops.Uncounted && k.n.State != ops.Unresolved && len(k.n.Subs) == 0 {
		out = append(out, m.part(k, false))
	}
	if k, ok := r.folded[i]; ok {
		out = append(out, m.part(&k, true))
	}
	return slices.DeleteFunc(out, func(p Part) bool { return p.Count.IsZero() && p.Rule == nil })
}

func (m *Result) part(k *call, folded bool) Part {
	p := Part{Kind: k.kind, Folded: folded, Rule: m.Convention.rule(k.kind)}
	if p.Rule != nil && p.Rule.sees(k.class) {
		p.Count = k.count(p.Rule.expr)
		if p.Rule.meant != nil {
			p.Excess = p.Count.Sub(k.count(p.Rule.meant))
		}
	}
	return p
}

// Parts lists what a node counts for.
func (m *Result) Parts(n *counters.Node) []Part {
	t := m.tally(n.Inst)
	return m.partsOf(t.reading, int(t.place[n.Node.Index]))
}

// Fold says what a convention counts for normalisations that an exporter folded away.
type Fold struct {
	Nodes int
	Count graph.Dim
}

// Folded sums the normalisations that the metadata of the model say were folded into
// convolutions: they are in the figure. Probable sums those that only the name of a
// weight suggests: they are not.
func (m *Result) Folded() (fact, probable Fold) {
	for _, t := range m.order {
		for _, k := range t.folded {
			fact.add(m, k)
		}
		for _, k := range t.maybe {
			probable.add(m, k)
		}
	}
	return fact, probable
}

func (f *Fold) add(m *Result, k call) {
	f.Nodes++
	f.Count = f.Count.Add(m.part(&k, true).Count)
}

// KnownBugs lists the mistakes of the tool that the figure holds, with the nodes concerned.
func (m *Result) KnownBugs() []NodesBug {
	bugs := map[*Rule]*NodesBug{}
	for _, t := range m.order {
		for i := range t.calls {
			if r := m.Convention.rule(t.calls[i].kind); r == nil || r.Bug == "" {
				continue
			}
			for _, p := range m.partsOf(t.reading, i) {
				if p.Excess.IsZero() {
					continue
				}
				b := bugs[p.Rule]
				if b == nil {
					b = &NodesBug{Kinds: p.Rule.Kinds, What: p.Rule.Bug}
					bugs[p.Rule] = b
				}
				b.Nodes++
				b.Excess = b.Excess.Add(p.Excess)
			}
		}
	}
	var out []NodesBug
	for i := range m.Convention.Rules {
		if b := bugs[&m.Convention.Rules[i]]; b != nil {
			out = append(out, *b)
		}
	}
	return out
}

// NodesBug is a known mistake of a tool with the nodes that it concerns and what it adds.
type NodesBug struct {
	Kinds, What string
	Nodes       int
	Excess      graph.Dim
}

// Remarks implements counters.Measure.
func (m *Result) Remarks() []string {
	var out []string
	fact, probable := m.Folded()
	name := m.Convention.Name
	if fact.Nodes > 0 && !fact.Count.IsZero() {
		out = append(out, fmt.Sprintf("%s: %s of it are of %d BatchNormalization that the exporter folded into convolutions, as the metadata of the nodes say",
			name, fact.Count, fact.Nodes))
	}
	if probable.Nodes > 0 && !probable.Count.IsZero() {
		out = append(out, fmt.Sprintf("%s: the figure is for the folded graph: %d convolutions have weights that the exporter changed (onnx::Conv_N), probably by a folded BatchNormalization, which would add %s",
			name, probable.Nodes, probable.Count))
	}
	for _, b := range m.KnownBugs() {
		out = append(out, fmt.Sprintf("%s: known_bug kept in the figure, %d nodes of %s, %s too much: %s", name, b.Nodes, b.Kinds, b.Excess, b.What))
	}
	return out
}

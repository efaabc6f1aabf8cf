package render

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// gaps says which nodes are not counted, and why, each in one line.
func (r *Report) gaps(v View) []string {
	var out []string
	c := &r.Coverage
	for i, u := range c.Uncounted {
		if i == v.limit(maxListed) {
			out = append(out, fmt.Sprintf("... and %d more operators", len(c.Uncounted)-i))
			break
		}
		out = append(out, fmt.Sprintf("not counted: %s (%s without a rule)", plain(qualified(u.Domain, u.Op)), nodesOf(u.Nodes)))
	}
	for i, u := range c.Unresolved {
		if i == v.limit(maxListed/2) {
			out = append(out, fmt.Sprintf("... and %d more nodes", len(c.Unresolved)-i))
			break
		}
		out = append(out, fmt.Sprintf("not resolved: %s: %s", plain(u.Node), sentence(u.Why)))
	}
	return out
}

func nodesOf(n graph.Dim) string {
	if n.Is(1) {
		return "1 node"
	}
	return amount(n) + " nodes"
}

// WhyInexact says, each in one line, why a total is not an exact number: what
// --strict prints.
func (r *Report) WhyInexact() []string {
	switch r.Coverage.Status {
	case counters.Exact:
		return nil
	case counters.Incomplete:
		return append([]string{"the totals are incomplete"}, r.gaps(View{})...)
	case counters.Bound:
		return []string{"the totals are upper bounds: sizes or branches depend on data"}
	}
	out := []string{"the totals are formulas: sizes are open"}
	for i, s := range r.Free {
		if i == maxListed {
			break
		}
		line := fmt.Sprintf("size %s is open", plain(s.Name))
		if s.Flag != "" {
			line += ": bind it by " + sentence(s.Flag)
		}
		out = append(out, line)
	}
	return out
}

// GroupWarnings joins warnings that differ only in the node that they are about:
// the first one stays, with the number of the others.
func GroupWarnings(list []string) []string {
	var out []string
	first := map[string]int{}
	more := map[int]int{}
	for _, w := range list {
		key := w
		if i := strings.Index(w, `" (`); strings.HasPrefix(w, `node "`) && i > 0 {
			key = w[i:]
		}
		if k, ok := first[key]; ok && key != w {
			more[k]++
			continue
		}
		first[key] = len(out)
		out = append(out, w)
	}
	for k, n := range more {
		out[k] += fmt.Sprintf(" (and %d like it)", n)
	}
	return out
}

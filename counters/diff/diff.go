package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters"
)

// Kind says what happened to a node.
type Kind string

// The kinds of changes.
const (
	Added   Kind = "added"   // Old is nil
	Removed Kind = "removed" // New is nil
	Changed Kind = "changed" // operator, output types or shapes, state or figures differ
	Renamed Kind = "renamed" // only the path differs
)

// Change is one node that differs.
type Change struct {
	Kind     Kind
	Old, New *Node
}

// Result is what the nodes of two models say.
type Result struct {
	Changes []Change
	Related bool // at least half of the nodes that work are the same in both
}

// Nodes compares the nodes of two counts. Changes are in the order of the new
// model; a removed node stands behind the one that it followed. Of a node that is
// in both, where it stands and what it reads is not compared.
//
// Nodes are matched by path and operator, then by what they cost (a renamed node),
// then by operator and place between matched ones, then by path alone.
func Nodes(old, new *counters.Report) Result {
	m := matcher{old: nodes(old), new: nodes(new)}
	m.run()
	return Result{m.changes(), m.related()}
}

// matcher pairs the nodes of two models.
type matcher struct {
	old, new     []Node
	oldAt, newAt []int // the index of the partner, -1 while there is none
}

func (m *matcher) run() {
	m.oldAt, m.newAt = unmatched(len(m.old)), unmatched(len(m.new))
	path := func(n *Node) string { return n.Path + "\x00" + n.Op }
	m.pair(func(n *Node) string { return path(n) + "\x00" + n.figure })
	m.pair(func(n *Node) string {
		if n.numbered() {
			return ""
		}
		return path(n)
	})
	m.pair(func(n *Node) string { return n.figure })
	m.pair(path)
	m.pairBetween()
	m.pair(func(n *Node) string { return n.Path })
}

func unmatched(n int) []int { return slices.Repeat([]int{-1}, n) }

// pair matches the nodes that are left and have the same key, in their order; ""
// is no key.
func (m *matcher) pair(key func(*Node) string) {
	m.pairPlaced(func(_ []int, _ int, n *Node) string { return key(n) }, nil, nil)
}

// pairBetween matches nodes of one operator that follow the same matched node.
func (m *matcher) pairBetween() {
	old, new := follows(m.oldAt), follows(m.newAt)
	for i, k := range new {
		if k >= 0 {
			new[i] = m.newAt[k] // both in indices of the old model
		}
	}
	m.pairPlaced(func(after []int, i int, n *Node) string { return fmt.Sprint(after[i], " ", n.Op) }, old, new)
}

// follows gives for each node the last one up to it that has a partner, -1 for none.
func follows(partner []int) []int {
	out, last := make([]int, len(partner)), -1
	for i, p := range partner {
		if p >= 0 {
			last = i
		}
		out[i] = last
	}
	return out
}

// pairPlaced is pair for a key that depends on the place of the node too: the
// places of the old model's nodes, and of the new one's.
func (m *matcher) pairPlaced(key func(places []int, i int, n *Node) string, oldPlaces, newPlaces []int) {
	waiting := map[string][]int{}
	for i, partner := range m.oldAt {
		if partner < 0 {
			k := key(oldPlaces, i, &m.old[i])
			waiting[k] = append(waiting[k], i)
		}
	}
	delete(waiting, "")
	if len(waiting) == 0 {
		return
	}
	for i, partner := range m.newAt {
		if partner >= 0 {
			continue
		}
		k := key(newPlaces, i, &m.new[i])
		if list := waiting[k]; len(list) > 0 {
			m.oldAt[list[0]], m.newAt[i] = i, list[0]
			waiting[k] = list[1:]
		}
	}
}

// related reports whether half of the nodes that are not free have a partner that
// costs the same.
func (m *matcher) related() bool {
	working := func(list []Node) (n int) {
		for i := range list {
			if list[i].works() {
				n++
			}
		}
		return n
	}
	same := 0
	for i, k := range m.newAt {
		if k >= 0 && m.new[i].works() && m.new[i].figure == m.old[k].figure {
			same++
		}
	}
	return 2*same >= max(working(m.old), working(m.new))
}

// changes lists what the pairs and the nodes without a partner say.
func (m *matcher) changes() []Change {
	type placed struct {
		Change
		at      int // index in the new model
		removed int // 1 + index in the old model of a removed node
	}
	var out []placed
	at := -1
	for i := range m.old {
		if m.oldAt[i] >= 0 {
			at = m.oldAt[i]
			continue
		}
		out = append(out, placed{Change{Removed, &m.old[i], nil}, at, 1 + i})
	}
	for i := range m.new {
		c := Change{Added, nil, &m.new[i]}
		if k := m.newAt[i]; k >= 0 {
			c.Old = &m.old[k]
			switch {
			case c.Old.figure != c.New.figure:
				c.Kind = Changed
			case c.Old.Path != c.New.Path:
				c.Kind = Renamed
			default:
				continue
			}
		}
		out = append(out, placed{c, i, 0})
	}
	slices.SortStableFunc(out, func(a, b placed) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.removed, b.removed)) })
	list := make([]Change, len(out))
	for i, o := range out {
		list[i] = o.Change
	}
	return list
}

// Either returns the new node, or the old one of a removed node.
func (c *Change) Either() *Node {
	if c.New != nil {
		return c.New
	}
	return c.Old
}

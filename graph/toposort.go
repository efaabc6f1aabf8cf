package graph

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
)

// sortNodes puts the nodes into topological order: the order of the file where
// it is one, otherwise the smallest file position first among the ready nodes.
func sortNodes(g *Graph) *Error {
	if inOrder(g) {
		return nil
	}
	waits := make([]int, len(g.Nodes)) // by file position
	users := make([][]int32, len(g.Nodes))
	for _, n := range g.Nodes {
		n.dependencies(g, func(p *Node) {
			waits[n.Index]++
			users[p.Index] = append(users[p.Index], int32(n.Index))
		})
	}
	ready := &intHeap{}
	for i, w := range waits {
		if w == 0 {
			heap.Push(ready, i)
		}
	}
	order := make([]*Node, 0, len(g.Nodes))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, g.Nodes[i])
		for _, u := range users[i] {
			if waits[u]--; waits[u] == 0 {
				heap.Push(ready, int(u))
			}
		}
	}
	if len(order) < len(g.Nodes) {
		return cycleError(g, waits)
	}
	g.Nodes = order
	return nil
}

// dependencies calls f for each node of g that n waits for, also through captures of its subgraphs.
func (n *Node) dependencies(g *Graph, f func(*Node)) {
	use := func(v *Value) {
		if v != nil && v.Graph == g && v.Producer != nil {
			f(v.Producer)
		}
	}
	for _, v := range n.Inputs {
		use(v)
	}
	n.Bodies(func(_ string, body *Graph) {
		for _, v := range body.Captures {
			use(v)
		}
	})
}

func inOrder(g *Graph) bool {
	ok := true
	for i, n := range g.Nodes {
		n.dependencies(g, func(p *Node) { ok = ok && p.Index < i })
		if !ok {
			return false
		}
	}
	return true
}

// cycleError names the nodes of one cycle among those that still wait.
func cycleError(g *Graph, waits []int) *Error {
	at := 0
	for waits[at] == 0 {
		at++
	}
	seen := map[int]int{}
	var trail []int
	for {
		if start, again := seen[at]; again {
			trail = trail[start:]
			break
		}
		seen[at] = len(trail)
		trail = append(trail, at)
		next := -1
		g.Nodes[at].dependencies(g, func(p *Node) {
			if next < 0 && waits[p.Index] > 0 {
				next = p.Index
			}
		})
		at = next
	}
	slices.Reverse(trail) // from producer to user, the first of the file in front
	first := slices.Index(trail, slices.Min(trail))
	trail = append(trail[first:len(trail):len(trail)], trail[:first]...)
	const most = 8
	names := make([]string, 0, most)
	for _, i := range trail[:min(most, len(trail))] {
		names = append(names, fmt.Sprintf("%q", Clip(g.Nodes[i].Label())))
	}
	more := ""
	if len(trail) > most {
		more = fmt.Sprintf(" and %d more", len(trail)-most)
	}
	return Errorf("the graph has a cycle through %s%s", strings.Join(names, ", "), more).Expect("an acyclic graph")
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	s := *h
	x := s[len(s)-1]
	*h = s[:len(s)-1]
	return x
}

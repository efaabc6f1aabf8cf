package ops

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

// A grown tree: a node has two children, a leaf has targets.
type grown struct {
	yes, no *grown
	targets int // weights at a leaf
}

func grow(r *rand.Rand, depth int) *grown {
	if depth == 0 || r.Intn(4) == 0 {
		return &grown{targets: 1 + r.Intn(2)}
	}
	return &grown{yes: grow(r, depth-1), no: grow(r, depth-1)}
}

// walk goes down all ways and returns the counts of each: a comparison a node, an
// addition for each weight of the leaf.
func (g *grown) walk(m meter, seen func(m meter)) {
	if g.yes == nil {
		m.flop += int64(g.targets)
		seen(m)
		return
	}
	m.cmp++
	g.yes.walk(m, seen)
	g.no.walk(m, seen)
}

// extremes are the least and the most of each column over all ways.
func (g *grown) extremes() (least, most meter) {
	first := true
	g.walk(meter{}, func(m meter) {
		if first {
			least, most, first = m, m, false
		}
		least.cmp, most.cmp = min(least.cmp, m.cmp), max(most.cmp, m.cmp)
		most.flop = max(most.flop, m.flop)
	})
	return least, most
}

// flat are the attribute lists of trees, older operators' way.
type flat struct{ tree, node, yes, no, modes, leafTree, leafNode, leafID []string }

func (f *flat) add(tree int, g *grown, next *int, targets int) int {
	id := *next
	*next++
	at := len(f.tree)
	f.tree, f.node = append(f.tree, fmt.Sprint(tree)), append(f.node, fmt.Sprint(id))
	f.yes, f.no, f.modes = append(f.yes, "0"), append(f.no, "0"), append(f.modes, "LEAF")
	if g.yes == nil {
		for k := range g.targets {
			f.leafTree, f.leafNode, f.leafID = append(f.leafTree, fmt.Sprint(tree)), append(f.leafNode, fmt.Sprint(id)), append(f.leafID, fmt.Sprint(k%targets))
		}
		return id
	}
	f.modes[at] = "BRANCH_LEQ"
	f.yes[at] = fmt.Sprint(f.add(tree, g.yes, next, targets))
	f.no[at] = fmt.Sprint(f.add(tree, g.no, next, targets))
	return id
}

func (f *flat) attrs(prefix string) string {
	lists := []string{"nodes_treeids", "nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_modes", prefix + "_treeids", prefix + "_nodeids", prefix + "_ids"}
	for i, l := range [][]string{f.tree, f.node, f.yes, f.no, f.modes, f.leafTree, f.leafNode, f.leafID} {
		lists[i] += "=[" + strings.Join(l, ",") + "]"
	}
	return strings.Join(lists, " ")
}

// wantsWays compares the bounds of a rule with the extremes over all ways of all trees.
func wantsWays(t *testing.T, what string, c Cost, rows int64, least, most, after meter) {
	t.Helper()
	lo, ok := c.Cmp.Lower()
	hi, ok2 := c.Cmp.Upper()
	if !ok || !ok2 || lo != rows*(least.cmp+after.cmp) || hi != rows*(most.cmp+after.cmp) {
		t.Errorf("%s: comparisons %s from %d to %d, the ways take %d to %d", what, c.Cmp, lo, hi, rows*(least.cmp+after.cmp), rows*(most.cmp+after.cmp))
	}
	wantCount(t, what, c.Flop, nil, rows*(most.flop+after.flop))
	wantCount(t, what, c.Exp, nil, rows*after.exp)
}

var aggregates = []string{"AVERAGE", "SUM", "MIN", "MAX"}

// joined moves the joining of weights to where a function of aggregates does it: MIN and
// MAX compare, AVERAGE divides each target in the end.
func joined(function int, least, most, after meter, targets int64) (lo, hi, end meter) {
	switch aggregates[function] {
	case "AVERAGE":
		after.flop += targets
	case "MIN", "MAX":
		least.cmp, most.cmp, most.flop = least.cmp+most.flop, most.cmp+most.flop, 0
	}
	return least, most, after
}

// TestTreesByDoing goes down every way of random forests.
func TestTreesByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(14))
	for range 60 {
		const rows, targets = 3, 3
		var least, most meter
		var f flat
		for tree := range 1 + r.Intn(3) {
			g := grow(r, 4)
			lo, hi := g.extremes()
			least.cmp += lo.cmp
			most.cmp, most.flop = most.cmp+hi.cmp, most.flop+hi.flop
			next := 0
			f.add(tree, g, &next, targets)
		}
		post := postTransforms[r.Intn(5)]
		var after, best meter
		after.post(post, make([]float64, targets))
		in, base := fmt.Sprintf("f32[%d,4]", rows), ""
		if r.Intn(2) == 0 {
			base = " base_values=[1,1,1]"
			after.flop += targets
		}
		join := r.Intn(4)
		lo, hi, end := joined(join, least, most, after, targets)
		c := costAt(t, "ai.onnx.ml.TreeEnsembleRegressor", f.attrs("target")+base+" n_targets=3 aggregate_function="+aggregates[join]+" post_transform="+post, "f32", in)
		softmax := after.cmp // of the post transform
		wantsWays(t, "regressor "+post+" "+aggregates[join], c, rows, lo, hi, end)
		best.fold(best.max, make([]float64, targets))
		after.cmp = softmax + best.cmp
		c = costAt(t, "ai.onnx.ml.TreeEnsembleClassifier", f.attrs("class")+base+" "+counted("classlabels_int64s", targets)+" post_transform="+post, "i64 f32", in)
		wantsWays(t, "classifier "+post, c, rows, least, most, after)
	}
}

// ensemble are the attribute lists of TreeEnsemble: inner nodes and leaves apart.
type ensemble struct{ yes, no, yesLeaf, noLeaf, leaves []string }

func (e *ensemble) add(g *grown) (id int, leaf string) {
	if g.yes == nil {
		e.leaves = append(e.leaves, "0")
		return len(e.leaves) - 1, "1"
	}
	at := len(e.yes)
	e.yes, e.no, e.yesLeaf, e.noLeaf = append(e.yes, ""), append(e.no, ""), append(e.yesLeaf, ""), append(e.noLeaf, "")
	y, yl := e.add(g.yes)
	n, nl := e.add(g.no)
	e.yes[at], e.no[at], e.yesLeaf[at], e.noLeaf[at] = fmt.Sprint(y), fmt.Sprint(n), yl, nl
	return at, "0"
}

func (e *ensemble) attrs(roots []string) string {
	n := len(e.yes)
	zeros := strings.TrimSuffix(strings.Repeat("0,", n), ",")
	weights := strings.TrimSuffix(strings.Repeat("1,", len(e.leaves)), ",")
	join := func(l []string) string { return "[" + strings.Join(l, ",") + "]" }
	return fmt.Sprintf("n_targets=2 tree_roots=%s nodes_splits=f32[%d]={%s} nodes_modes=u8[%d]={%s} nodes_featureids=[%s] nodes_truenodeids=%s nodes_falsenodeids=%s nodes_trueleafs=%s nodes_falseleafs=%s leaf_targetids=%s leaf_weights=f32[%d]={%s}",
		join(roots), n, zeros, n, zeros, zeros, join(e.yes), join(e.no), join(e.yesLeaf), join(e.noLeaf), join(e.leaves), len(e.leaves), weights)
}

func TestTreeEnsembleByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(15))
	for range 60 {
		var e ensemble
		var least, most, after meter
		var roots []string
		for range 1 + r.Intn(3) {
			g := &grown{yes: grow(r, 3), no: grow(r, 3)} // a root is an inner node
			lo, hi := g.extremes()
			least.cmp += lo.cmp
			most.cmp, most.flop = most.cmp+hi.cmp, most.flop+1 // a leaf has one weight
			id, _ := e.add(g)
			roots = append(roots, fmt.Sprint(id))
		}
		post := r.Intn(5)
		after.post([]string{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}[post], make([]float64, 2))
		join := r.Intn(4)
		lo, hi, end := joined(join, least, most, after, 2)
		c := costAt(t, "ai.onnx.ml.TreeEnsemble", fmt.Sprintf("%s post_transform=%d aggregate_function=%d", e.attrs(roots), post, join), "f32", "f32[5,4]")
		wantsWays(t, "ensemble "+aggregates[join], c, 5, lo, hi, end)
	}
}

package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	treeDoc = "Sums the leaves that a sample reaches in each tree. A comparison per node on the way: a number that depends on data, between the shortest and the longest ways of all trees. Per sample and tree a flop per weight of a leaf, " +
		"the larger leaf where they differ; MIN and MAX compare instead, AVERAGE divides each score, and base values are added to each. "
	treeNodes = "nodes_falsenodeids:ints nodes_featureids:ints nodes_hitrates:floats nodes_missing_value_tracks_true:ints nodes_modes:strings nodes_nodeids:ints nodes_treeids:ints nodes_truenodeids:ints nodes_values:floats " +
		"post_transform:string=NONE base_values:floats"
	treeClass  = " class_ids:ints class_nodeids:ints class_treeids:ints class_weights:floats classlabels_int64s:ints classlabels_strings:strings"
	treeTarget = " aggregate_function:string=SUM n_targets:int target_ids:ints target_nodeids:ints target_treeids:ints target_weights:floats"
	treeDouble = " base_values_as_tensor:tensor nodes_hitrates_as_tensor:tensor nodes_values_as_tensor:tensor"
	// A tree of three nodes and one of five.
	treeCase = "nodes_treeids=[0,0,0,1,1,1,1,1] nodes_nodeids=[0,1,2,0,1,2,3,4] nodes_truenodeids=[1,0,0,1,3,0,0,0] nodes_falsenodeids=[2,0,0,2,4,0,0,0] " +
		"nodes_modes=[BRANCH_LEQ,LEAF,LEAF,BRANCH_LEQ,BRANCH_LT,LEAF,LEAF,LEAF] nodes_featureids=[0,0,0,1,0,0,0,0]"
)

var treeOps = []Op{
	{
		Domain: mlDomain, Name: "TreeEnsembleClassifier", Since: []int{1}, Doc: treeDoc + "The best label is a comparison per class. " + postDoc + "(ONNX Changelog-ml.md, TreeEnsembleClassifier-1)",
		In: "X:T1", Out: "Y:T2, Z:float32", Types: "T1: " + mlNumbers + "; T2: int64 string", Attrs: treeNodes + treeClass, Infer: inferTreeClassifier, Cost: costTreeClassifier,
		Cases: []Case{
			{In: "f32[N,2]", Attrs: treeCase + " class_treeids=[0,0,1,1,1] class_nodeids=[1,2,2,3,4] class_ids=[0,1,0,1,0] classlabels_int64s=[7,8]", Out: "i64[N] f32[N,2]", Cost: "cmp=N+N*node.comparisons flop=2*N"},
		},
	},
	{
		Domain: mlDomain, Name: "TreeEnsembleClassifier", Since: []int{3, 5}, Deprecated: 5, Doc: treeDoc + "The best label is a comparison per class. " + postDoc + mlSource + "TreeEnsembleClassifier)",
		In: "X:T1", Out: "Y:T2, Z:float32", Types: "T1: " + mlNumbers + "; T2: int64 string", Attrs: treeNodes + treeClass + treeDouble + " class_weights_as_tensor:tensor", Infer: inferTreeClassifier, Cost: costTreeClassifier,
		Cases: []Case{
			{In: "f32[N,2]", Attrs: treeCase + " class_treeids=[0,0,1,1,1] class_nodeids=[1,2,2,3,4] class_ids=[0,1,0,1,0] classlabels_strings=[a,b] post_transform=LOGISTIC", Out: "str[N] f32[N,2]", Cost: "cmp=N+N*node.comparisons flop=8*N exp=2*N"},
			{In: "f32[2]", Attrs: "classlabels_strings=[a,b]", Out: "str f32", Err: "rank 1"},
		},
	},
	{
		Domain: mlDomain, Name: "TreeEnsembleRegressor", Since: []int{1}, Doc: treeDoc + postDoc + "(ONNX Changelog-ml.md, TreeEnsembleRegressor-1)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers, Attrs: treeNodes + treeTarget, Infer: inferTreeRegressor, Cost: costTreeRegressor,
		Cases: []Case{
			{In: "f32[N,2]", Attrs: treeCase + " n_targets=1 target_treeids=[0,0,1,1,1] target_nodeids=[1,2,2,3,4] target_ids=[0,0,0,0,0]", Out: "f32[N,1]", Cost: "cmp=N*node.comparisons flop=2*N"},
		},
	},
	{
		Domain: mlDomain, Name: "TreeEnsembleRegressor", Since: []int{3, 5}, Deprecated: 5, Doc: treeDoc + postDoc + mlSource + "TreeEnsembleRegressor)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers, Attrs: treeNodes + treeTarget + treeDouble + " target_weights_as_tensor:tensor", Infer: inferTreeRegressor, Cost: costTreeRegressor,
		Cases: []Case{
			// one tree of one way: the root and two leaves
			{In: "f32[N,2]", Attrs: "nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] n_targets=2 target_treeids=[0,0] target_nodeids=[1,2] target_ids=[0,1]",
				Out: "f32[N,2]", Cost: "cmp=N flop=N"},
			{In: "f32[N,2]", Attrs: "n_targets=0", Err: "n_targets is 0"},
		},
	},
	{
		Domain: mlDomain, Name: "TreeEnsemble", Since: []int{5}, Doc: treeDoc + "The post transform is a number: 1 softmax, 2 logistic, 3 softmax without zeros, 4 probit. " + mlSource + "TreeEnsemble)",
		In: "X:T", Out: "Y:T", Types: "T: float16 float32 float64",
		Attrs: "aggregate_function:int=1 leaf_targetids:ints! leaf_weights:tensor! membership_values:tensor n_targets:int nodes_falseleafs:ints! nodes_falsenodeids:ints! nodes_featureids:ints! nodes_hitrates:tensor " +
			"nodes_missing_value_tracks_true:ints nodes_modes:tensor! nodes_splits:tensor! nodes_trueleafs:ints! nodes_truenodeids:ints! post_transform:int=0 tree_roots:ints!",
		Infer: inferTreeEnsemble, Cost: costTreeEnsemble,
		Cases: []Case{
			{In: "f32[N,2]", Attrs: treeEnsembleCase, Out: "f32[N,3]", Cost: "cmp=N*node.comparisons flop=N"},
			{In: "f64[N,2]", Attrs: treeEnsembleCase, Err: "float32"},
			{In: "f32[N,2]", Attrs: treeEnsembleCase + " nodes_missing_value_tracks_true=[1]", Err: "nodes_missing_value_tracks_true has 1"},
			{In: "f32[N]", Attrs: treeEnsembleCase, Err: "rank 1"},
		},
	},
}

const treeEnsembleCase = "n_targets=3 tree_roots=[0] nodes_splits=f32[2]={1,2} nodes_modes=u8[2]={0,0} nodes_featureids=[0,1] nodes_truenodeids=[1,1] nodes_falsenodeids=[0,2] nodes_trueleafs=[0,1] nodes_falseleafs=[1,1] " +
	"leaf_targetids=[0,1,2] leaf_weights=f32[3]={1,2,3}"

func inferTreeClassifier(c *Call) {
	x := c.shapeOr(0, 2)
	c.SetShape(0, x[:1])
	columns := c.UnknownDim()
	if n := c.classes("classlabels_int64s"); n > 0 {
		columns = graph.Int(int64(n))
	}
	c.SetShape(1, graph.Shape{x[0], columns})
}

// targets is the attribute n_targets, which must be positive; unknown if it is not given.
func (c *Call) targets() graph.Dim {
	if c.Attr("n_targets") == nil {
		return c.UnknownDim()
	}
	return c.heads("n_targets")
}

func inferTreeRegressor(c *Call) {
	c.SetShape(0, graph.Shape{c.shapeOr(0, 2)[0], c.targets()})
}

// A forest is the trees of an ensemble with nodes by position: children are
// positions, -1 for a leaf. leaf counts the weights at the leaf of each node.
type forest struct {
	roots       []int
	left, right []int
	weights     []int
}

// nodeName identifies a node of the older operators.
type nodeName struct{ tree, node int64 }

// forest reads the trees of TreeEnsembleClassifier and TreeEnsembleRegressor, whose
// leaf weights are listed under a prefix.
func (c *Call) forest(prefix string) *forest {
	trees, ids := c.Ints("nodes_treeids"), c.Ints("nodes_nodeids")
	yes, no := c.Ints("nodes_truenodeids"), c.Ints("nodes_falsenodeids")
	modes := c.Attr("nodes_modes")
	n := len(trees)
	if modes == nil || len(ids) != n || len(yes) != n || len(no) != n || len(modes.Strs) != n {
		c.Unresolved("the lists nodes_* have different lengths")
	}
	at := make(map[nodeName]int, n)
	for i := range trees {
		at[nodeName{trees[i], ids[i]}] = i
	}
	f := &forest{left: make([]int, n), right: make([]int, n), weights: make([]int, n)}
	child := make([]bool, n)
	for i := range trees {
		f.left[i], f.right[i] = -1, -1
		if modes.Strs[i] == "LEAF" {
			continue
		}
		l, okL := at[nodeName{trees[i], yes[i]}]
		r, okR := at[nodeName{trees[i], no[i]}]
		if !okL || !okR {
			c.Unresolved("node %d of tree %d has a child that does not exist", ids[i], trees[i])
		}
		f.left[i], f.right[i] = l, r
		child[l], child[r] = true, true
	}
	for i := range child {
		if !child[i] {
			f.roots = append(f.roots, i)
		}
	}
	nodes, leafTrees := c.Ints(prefix+"_nodeids"), c.Ints(prefix+"_treeids")
	for i := range min(len(nodes), len(leafTrees)) {
		if k, ok := at[nodeName{leafTrees[i], nodes[i]}]; ok {
			f.weights[k]++
		}
	}
	return f
}

// ways is the shortest and longest way from the roots to leaves, summed over the
// trees, and the sum of the largest leaves.
type ways struct{ short, long, weights int64 }

// ways walks the trees; ok is false when a node is reached twice, which is no tree.
func (f *forest) ways() (sum ways, ok bool) {
	type visit struct {
		node int
		done bool
	}
	best := make([]ways, len(f.left))
	seen := make([]bool, len(f.left))
	for _, root := range f.roots {
		stack := []visit{{root, false}}
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			l, r := f.left[v.node], f.right[v.node]
			switch {
			case l < 0:
				best[v.node] = ways{weights: int64(f.weights[v.node])}
			case v.done:
				a, b := best[l], best[r]
				best[v.node] = ways{min(a.short, b.short) + 1, max(a.long, b.long) + 1, max(a.weights, b.weights)}
			case seen[v.node]:
				return sum, false
			default:
				seen[v.node] = true
				stack = append(stack, visit{v.node, true}, visit{l, false}, visit{r, false})
			}
		}
		b := best[root]
		sum = ways{sum.short + b.short, sum.long + b.long, sum.weights + b.weights}
	}
	return sum, len(f.roots) > 0 || len(f.left) == 0
}

// treeWork is the work of walking the trees for each row.
func (c *Call) treeWork(f *forest, rows graph.Dim) Cost {
	w, ok := f.ways()
	if !ok {
		c.Unresolved("the nodes are no trees")
	}
	steps := graph.Int(w.short)
	if w.short != w.long {
		most := graph.Int(w.long)
		steps = c.DataSym("comparisons", w.short, &most)
	}
	return Cost{Cmp: rows.Mul(steps), Flop: rows.MulInt(w.weights)}
}

// aggregated is the work of walks to leaves whose weights a function other than a sum
// joins into n scores.
func (c *Call) aggregated(walks Cost, function string, n graph.Dim) Cost {
	switch function {
	case "MIN", "MAX":
		walks.Cmp, walks.Flop = walks.Cmp.Add(walks.Flop), graph.Dim{}
	case "AVERAGE":
		walks.Flop = walks.Flop.Add(n)
	}
	if c.Attr("base_values") != nil || c.Attr("base_values_as_tensor") != nil {
		walks.Flop = walks.Flop.Add(n)
	}
	return walks
}

func costTreeClassifier(c *Call) Cost {
	rows, columns := c.InShape(0)[0], c.OutShape(1)[1]
	cost := c.treeWork(c.forest("class"), rows)
	cost.Cmp = cost.Cmp.Add(rows.Mul(lessOne(columns)))
	return c.aggregated(cost, "SUM", rows.Mul(columns)).Add(c.postTransform(rows, columns))
}

func costTreeRegressor(c *Call) Cost {
	rows, columns := c.InShape(0)[0], c.OutShape(0)[1]
	cost := c.treeWork(c.forest("target"), rows)
	return c.aggregated(cost, c.Word("aggregate_function", "SUM", "AVERAGE", "MIN", "MAX"), rows.Mul(columns)).Add(c.postTransform(rows, columns))
}

func inferTreeEnsemble(c *Call) {
	x := c.shapeOr(0, 2)
	n := c.treeTensor("nodes_splits", true)
	for _, name := range []string{"nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs", "nodes_missing_value_tracks_true", "nodes_hitrates", "nodes_modes"} {
		if k, given := c.listLen(name); given && k != n {
			c.Wantf("one for each node", "%s has %d entries for %d nodes", name, k, n)
		}
	}
	c.treeTensor("membership_values", true)
	weights := c.treeTensor("leaf_weights", true)
	if k, _ := c.listLen("leaf_targetids"); k != weights {
		c.Wantf("lists of one length", "leaf_targetids has %d entries, leaf_weights %d", k, weights)
	}
	c.SetShape(0, graph.Shape{x[0], c.targets()})
}

// treeTensor refuses a tensor attribute that is no vector, or, on request, not of
// the input's type, and returns its length.
func (c *Call) treeTensor(name string, sameType bool) int {
	a := c.Attr(name)
	if a == nil || a.Tensor == nil {
		return 0
	}
	if len(a.Tensor.Dims) != 1 {
		c.Wantf("a vector", "%s has shape %s", name, graph.Ints(a.Tensor.Dims...))
	}
	if x := c.DType(0); sameType && x != graph.Undefined && a.Tensor.DType != x {
		c.Wantf(x.String(), "%s is %s", name, a.Tensor.DType)
	}
	n, _ := c.listLen(name)
	return n
}

// ensembleForest reads the trees of TreeEnsemble: leaves follow the nodes.
func (c *Call) ensembleForest() *forest {
	yes, no := c.Ints("nodes_truenodeids"), c.Ints("nodes_falsenodeids")
	yesLeaf, noLeaf := c.Ints("nodes_trueleafs"), c.Ints("nodes_falseleafs")
	n, leaves := len(yes), len(c.Ints("leaf_targetids"))
	f := &forest{left: make([]int, n+leaves), right: make([]int, n+leaves), weights: make([]int, n+leaves)}
	place := func(id, leaf int64) int {
		most, shift := int64(n), int64(0)
		if leaf != 0 {
			most, shift = int64(leaves), int64(n)
		}
		if id < 0 || id >= most {
			c.Unresolved("a node has a child %d that does not exist", id)
		}
		return int(id + shift)
	}
	for i := range yes {
		f.left[i], f.right[i] = place(yes[i], yesLeaf[i]), place(no[i], noLeaf[i])
	}
	for i := range leaves {
		f.left[n+i], f.right[n+i], f.weights[n+i] = -1, -1, 1
	}
	for _, r := range c.Ints("tree_roots") {
		f.roots = append(f.roots, place(r, 0))
	}
	return f
}

func costTreeEnsemble(c *Call) Cost {
	rows, targets := c.InShape(0)[0], c.OutShape(0)[1]
	n := rows.Mul(targets)
	names := map[int64]string{0: "AVERAGE", 2: "MIN", 3: "MAX"}
	cost := c.aggregated(c.treeWork(c.ensembleForest(), rows), names[c.Int("aggregate_function", 1)], n)
	switch c.Int("post_transform", 0) {
	case 1, 3:
		return cost.Add(softmaxCost(rows, targets))
	case 2:
		return cost.Add(activationCosts["sigmoid"].Times(n))
	case 4:
		return cost.Add(Cost{Flop: n.MulInt(3), Exp: n})
	}
	return cost
}

package ops

import (
	"fmt"
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	mlDomain   = "ai.onnx.ml"
	mlNumbers  = "T: float32 float64 int32 int64"
	lookupFree = "looks values up"
)

var mlOps = []Op{
	{
		Domain: mlDomain, Name: "ArrayFeatureExtractor", Since: []int{1},
		Doc: "The elements of the last axis at the given places. (ONNX Operators-ml.md, ArrayFeatureExtractor)",
		In:  "X:T, Y:int64", Out: "Z:T", Types: mlNumbers + " string",
		Infer: inferFeatureExtractor, Free: "copies elements",
		Cases: []Case{{In: "f32[N,5] i64[1,3]", Out: "f32[N,3]"}, {In: "f32[4] i64[2]", Out: "f32[1,2]"}},
	},
	{
		Domain: mlDomain, Name: "Binarizer", Since: []int{1},
		Doc: "1 above the threshold, 0 elsewhere: one comparison per element. (ONNX Operators-ml.md, Binarizer)",
		In:  "X:T", Out: "Y:T", Types: mlNumbers, Attrs: "threshold:float=0",
		Infer: sameAsFirst, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "cmp=3*N"}},
	},
	{
		Domain: mlDomain, Name: "CastMap", Since: []int{1},
		Doc: "The values of a map as one row: one for each entry, or max_map when SPARSE. (ONNX Operators-ml.md, CastMap)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: all map; T2: float32 int64 string", Attrs: "cast_to:string=TO_FLOAT map_form:string=DENSE max_map:int=1",
		Infer: inferCastMap, Free: "converts", Moves: fromMap,
		Cases: []Case{{In: "f32[2]", Err: "is a tensor"}},
	},
	{
		Domain: mlDomain, Name: "CategoryMapper", Since: []int{1},
		Doc: "Strings to their numbers or numbers to their strings. (ONNX Operators-ml.md, CategoryMapper)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: int64 string; T2: int64 string",
		Attrs: "cats_int64s:ints cats_strings:strings default_int64:int=-1 default_string:string=_Unused",
		Infer: inferSwapType, Free: lookupFree,
		Cases: []Case{{In: "str[N,2]", Out: "i64[N,2]"}, {In: "i64[3]", Out: "str[3]"}},
	},
	{
		Domain: mlDomain, Name: "DictVectorizer", Since: []int{1},
		Doc: "The values of a map in the order of the vocabulary, one row. (ONNX Operators-ml.md, DictVectorizer)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: all map; T2: float32 float64 int64 string", Attrs: "int64_vocabulary:ints string_vocabulary:strings",
		Infer: inferDictVectorizer, Free: lookupFree, Moves: fromMap,
		Cases: []Case{{In: "f32[2]", Err: "is a tensor"}},
	},
	{
		Domain: mlDomain, Name: "FeatureVectorizer", Since: []int{1},
		Doc: "The inputs side by side, each cut or padded to its entry of inputdimensions. (ONNX Operators-ml.md, FeatureVectorizer)",
		In:  "X...:T", Out: "Y:float32", Types: mlNumbers, Attrs: "inputdimensions:ints",
		Infer: inferFeatureVectorizer, Free: "copies elements",
		Cases: []Case{{In: "f32[N,2] f32[N,3]", Attrs: "inputdimensions=[2,3]", Out: "f32[N,5]"}, {In: "f32[4]", Attrs: "inputdimensions=[4]", Out: "f32[1,4]"}},
	},
	{
		Domain: mlDomain, Name: "Imputer", Since: []int{1},
		Doc: "Replaces one value by another: one comparison per element. (ONNX Operators-ml.md, Imputer)",
		In:  "X:T", Out: "Y:T", Types: mlNumbers,
		Attrs: "imputed_value_floats:floats imputed_value_int64s:ints replaced_value_float:float=0 replaced_value_int64:int=0",
		Infer: sameAsFirst, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,2]", Out: "f32[N,2]", Cost: "cmp=2*N"}},
	},
	{
		Domain: mlDomain, Name: "LabelEncoder", Since: []int{1},
		Doc: "Strings to their places in classes_strings, or places to strings. (ONNX Changelog-ml.md, LabelEncoder-1)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: int64 string; T2: int64 string",
		Attrs: "classes_strings:strings default_int64:int=-1 default_string:string=_Unused",
		Infer: inferSwapType, Free: lookupFree,
		Cases: []Case{{In: "str[N]", Out: "i64[N]"}},
	},
	{
		Domain: mlDomain, Name: "LabelEncoder", Since: []int{2, 4},
		Doc: "Keys to values. (ONNX Operators-ml.md, LabelEncoder)",
		In:  "X:T1", Out: "Y:T2", Types: "T1: float32 float64 int16 int32 int64 string; T2: float32 float64 int16 int32 int64 string",
		Attrs: "default_float:float=-0 default_int64:int=-1 default_string:string=_Unused default_tensor:tensor keys_floats:floats keys_int64s:ints " +
			"keys_strings:strings keys_tensor:tensor values_floats:floats values_int64s:ints values_strings:strings values_tensor:tensor",
		Infer: inferLabelEncoder, Free: lookupFree,
		Cases: []Case{{In: "str[N,2]", Attrs: "keys_strings=[\"a\"] values_int64s=[1]", Out: "i64[N,2]"},
			{In: "i64[2]", Attrs: "keys_int64s=[1] values_tensor=i16[1]={3}", Out: "i16[2]"},
			{In: "i64[2]", Attrs: "keys_int64s=[1] values_tensor=i16[1]={3} default_tensor=i32[1]={3}", Err: "default_tensor"}},
	},
	{
		Domain: mlDomain, Name: "LinearClassifier", Since: []int{1},
		Doc: "One score for each class: rows times features times classes MACs, one flop per intercept added, and a comparison per score for the " +
			"label. LOGISTIC, SOFTMAX and PROBIT add a transcendental call per score. (ONNX Operators-ml.md, LinearClassifier)",
		In: "X:T1", Out: "Y:T2, Z:float32", Types: "T1: float32 float64 int32 int64; T2: int64 string",
		Attrs: "classlabels_ints:ints classlabels_strings:strings coefficients:floats! intercepts:floats multi_class:int=0 post_transform:string=NONE",
		Infer: func(c *Call) { c.classes("classlabels_ints") }, Cost: costLinearClassifier,
		Cases: []Case{{In: "f32[N,4]", Attrs: "coefficients=[1,2,3,4,5,6,7,8] intercepts=[0,0] classlabels_ints=[0,1]", Out: "i64[N] f32[N,2]", Cost: "mac=8*N flop=2*N cmp=2*N"},
			{In: "f32[2]", Attrs: "coefficients=[1,2,3,4] classlabels_strings=[\"a\",\"b\"]", Out: "str[1] f32[1,2]", Cost: "mac=4 cmp=2"}},
	},
	{
		Domain: mlDomain, Name: "LinearRegressor", Since: []int{1},
		Doc: "rows times features times targets MACs, one flop per intercept added. (ONNX Operators-ml.md, LinearRegressor)",
		In:  "X:T", Out: "Y:float32", Types: mlNumbers, Attrs: "coefficients:floats intercepts:floats post_transform:string=NONE targets:int=1",
		Infer: func(c *Call) { c.targets("targets", 1) }, Cost: costLinearRegressor,
		Cases: []Case{{In: "f32[N,3]", Attrs: "targets=2 coefficients=[1,2,3,4,5,6] intercepts=[1,2]", Out: "f32[N,2]", Cost: "mac=6*N flop=2*N"}},
	},
	{
		Domain: mlDomain, Name: "Normalizer", Since: []int{1},
		Doc: "Divides each row by its largest value, its sum of magnitudes or its length: two flops per element. (ONNX Operators-ml.md, Normalizer)",
		In:  "X:T", Out: "Y:float32", Types: mlNumbers, Attrs: "norm:string=MAX",
		Infer: sameAsFirst, Cost: each(work{flop: 2}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "flop=6*N"}},
	},
	{
		Domain: mlDomain, Name: "OneHotEncoder", Since: []int{1},
		Doc: "A new last axis with 1 at the category's place. (ONNX Operators-ml.md, OneHotEncoder)",
		In:  "X:T", Out: "Y:float32", Types: mlNumbers + " string", Attrs: "cats_int64s:ints cats_strings:strings zeros:int=1",
		Infer: inferOneHotEncoder, Free: lookupFree,
		Cases: []Case{{In: "i64[N,2]", Attrs: "cats_int64s=[1,2,3]", Out: "f32[N,2,3]"}, {In: "i64[N,2]", Err: "cats_"}},
	},
	{
		Domain: mlDomain, Name: "SVMClassifier", Since: []int{1},
		Doc: "Kernel values of each row with each support vector (features MACs each, one transcendental call for RBF and SIGMOID, one for POLY), " +
			"then votes: support vectors times classes less one MACs. Without support vectors it is linear. (ONNX Operators-ml.md, SVMClassifier)",
		In: "X:T1", Out: "Y:T2, Z:float32", Types: "T1: float32 float64 int32 int64; T2: int64 string",
		Attrs: "classlabels_ints:ints classlabels_strings:strings coefficients:floats kernel_params:floats kernel_type:string=LINEAR post_transform:string=NONE " +
			"prob_a:floats prob_b:floats rho:floats support_vectors:floats vectors_per_class:ints",
		Infer: inferSVMClassifier, Cost: costSVM,
		Cases: []Case{{In: "f32[N,2]", Attrs: "classlabels_ints=[0,1] support_vectors=[1,2,3,4,5,6] vectors_per_class=[2,1] coefficients=[1,2,3] prob_a=[1] prob_b=[1] kernel_type=\"RBF\"",
			Out: "i64[N] f32[N,2]", Cost: "mac=9*N exp=3*N"}},
	},
	{
		Domain: mlDomain, Name: "SVMRegressor", Since: []int{1},
		Doc: "Kernel values of each row with each support vector, then their weighted sum: (features + 1) MACs for each support vector. (ONNX Operators-ml.md, SVMRegressor)",
		In:  "X:T", Out: "Y:float32", Types: mlNumbers,
		Attrs: "coefficients:floats kernel_params:floats kernel_type:string=LINEAR n_supports:int=0 one_class:int=0 post_transform:string=NONE rho:floats support_vectors:floats",
		Infer: func(c *Call) { c.setRows(1) }, Cost: costSVM,
		Cases: []Case{{In: "f32[N,2]", Attrs: "n_supports=3 support_vectors=[1,2,3,4,5,6] coefficients=[1,2,3]", Out: "f32[N,1]", Cost: "mac=9*N"}},
	},
	{
		Domain: mlDomain, Name: "Scaler", Since: []int{1},
		Doc: "(x - offset) * scale: two flops per element. (ONNX Operators-ml.md, Scaler)",
		In:  "X:T", Out: "Y:float32", Types: mlNumbers, Attrs: "offset:floats scale:floats",
		Infer: sameAsFirst, Cost: each(work{flop: 2}),
		Cases: []Case{{In: "i64[N,2]", Out: "f32[N,2]", Cost: "flop=4*N"}},
	},
	{
		Domain: mlDomain, Name: "TreeEnsemble", Since: []int{5},
		Doc: "Decision trees: one comparison per node passed, which depends on the data and is at most all inner nodes; one flop per tree for its leaf's weight. " +
			"(ONNX Operators-ml.md, TreeEnsemble)",
		In: "X:T", Out: "Y:T", Types: "T: float16 float32 float64",
		Attrs: "aggregate_function:int=1 leaf_targetids:ints! leaf_weights:tensor! membership_values:tensor n_targets:int nodes_falseleafs:ints! " +
			"nodes_falsenodeids:ints! nodes_featureids:ints! nodes_hitrates:tensor nodes_missing_value_tracks_true:ints nodes_modes:tensor! " +
			"nodes_splits:tensor! nodes_trueleafs:ints! nodes_truenodeids:ints! post_transform:int=0 tree_roots:ints!",
		Infer: inferTreeEnsemble, Cost: func(c *Call) Cost { return c.costTrees(len(c.Ints("nodes_featureids")), len(c.Ints("tree_roots"))) },
		Cases: []Case{{In: "f32[N,2]", Attrs: "n_targets=1 nodes_featureids=[0] nodes_truenodeids=[0] nodes_falsenodeids=[1] nodes_trueleafs=[1] nodes_falseleafs=[1] " +
			"nodes_modes=u8[1]={0} nodes_splits=f32[1]={1} leaf_targetids=[0,0] leaf_weights=f32[2]={1,2} tree_roots=[0]",
			Out: "f32[N,1]", Cost: "cmp=N*node.visited flop=N"}},
	},
	{
		Domain: mlDomain, Name: "TreeEnsembleClassifier", Since: []int{1, 3, 5}, Deprecated: 5,
		Doc: "Decision trees: one comparison per node passed, which depends on the data and is at most all inner nodes; one flop per tree. (ONNX Operators-ml.md, TreeEnsembleClassifier)",
		In:  "X:T1", Out: "Y:T2, Z:float32", Types: "T1: float32 float64 int32 int64; T2: int64 string",
		Attrs: treeAttrs + " class_ids:ints class_nodeids:ints class_treeids:ints class_weights:floats class_weights_as_tensor:tensor classlabels_int64s:ints classlabels_strings:strings",
		Infer: func(c *Call) { c.classes("classlabels_int64s") }, Cost: costLegacyTrees,
		Cases: []Case{{In: "f32[N,2]", Attrs: "classlabels_int64s=[0,1,2] nodes_modes=[\"BRANCH_LEQ\",\"LEAF\",\"LEAF\"] nodes_treeids=[0,0,0]", Opset: 3,
			Out: "i64[N] f32[N,3]", Cost: "cmp=N*node.visited flop=N"}},
	},
	{
		Domain: mlDomain, Name: "TreeEnsembleRegressor", Since: []int{1, 3, 5}, Deprecated: 5,
		Doc: "Decision trees: one comparison per node passed, which depends on the data and is at most all inner nodes; one flop per tree. (ONNX Operators-ml.md, TreeEnsembleRegressor)",
		In:  "X:T", Out: "Y:float32", Types: mlNumbers,
		Attrs: treeAttrs + " aggregate_function:string=SUM n_targets:int target_ids:ints target_nodeids:ints target_treeids:ints target_weights:floats target_weights_as_tensor:tensor",
		Infer: func(c *Call) { c.targets("n_targets", 1) }, Cost: costLegacyTrees,
		Cases: []Case{{In: "f32[N,2]", Attrs: "n_targets=2 nodes_modes=[\"BRANCH_LEQ\",\"LEAF\",\"LEAF\"] nodes_treeids=[0,0,0]", Opset: 3,
			Out: "f32[N,2]", Cost: "cmp=N*node.visited flop=N"}},
	},
	{
		Domain: mlDomain, Name: "ZipMap", Since: []int{1},
		Doc: "A map from class to score for each row; as many bytes are written as read, keys apart. (ONNX Operators-ml.md, ZipMap)",
		In:  "X:float32", Out: "Z:T", Types: "T: float32 seq", Attrs: "classlabels_int64s:ints classlabels_strings:strings",
		Infer: inferZipMap, Free: "copies elements", Moves: Moving(func(c *Call) Bytes {
			return Bytes{Read: c.InBytes(0), Written: c.InBytes(0)}
		}),
		Cases: []Case{{In: "f32[N,2]", Err: "classlabels_"}},
	},
}

const treeAttrs = "base_values:floats base_values_as_tensor:tensor nodes_falsenodeids:ints nodes_featureids:ints nodes_hitrates:floats nodes_hitrates_as_tensor:tensor " +
	"nodes_missing_value_tracks_true:ints nodes_modes:strings nodes_nodeids:ints nodes_treeids:ints nodes_truenodeids:ints nodes_values:floats " +
	"nodes_values_as_tensor:tensor post_transform:string=NONE"

// fromMap moves the values of a map: as many as come out, for the size of a map is
// not in its type.
var fromMap = Moving(func(c *Call) Bytes { return Bytes{Read: c.OutBytes(0), Written: c.OutBytes(0)} })

func sameAsFirst(c *Call) { c.SameShape(0, 0) }

// rows returns the number of rows of input 0: a vector is one row.
func (c *Call) rows() (graph.Dim, bool) {
	s := c.Shape(0)
	switch {
	case s == nil:
		return graph.Dim{}, false
	case len(s) <= 1:
		return graph.Int(1), true
	}
	return s[0], true
}

// setRows sets output 0 to a matrix of some columns, one row for each of the input.
func (c *Call) setRows(columns int64) {
	if n, ok := c.rows(); ok {
		c.SetShape(0, graph.Shape{n, graph.Int(columns)})
	}
}

// targets sets output 0 to a matrix whose columns an attribute gives.
func (c *Call) targets(attr string, def int64) {
	n := c.Int(attr, def)
	if n < 0 {
		c.Wantf("0 or more", "%s is %d", attr, n)
	}
	c.setRows(n)
}

// labels returns the number of class labels and sets the type of output 0.
func (c *Call) labels(ints string) int {
	if a := c.Attr("classlabels_strings"); a != nil && len(a.Strs) > 0 {
		c.SetDType(0, graph.String)
		return len(a.Strs)
	}
	c.SetDType(0, graph.Int64)
	return len(c.Ints(ints))
}

// classes sets the label of each row and its scores, one for each class.
func (c *Call) classes(ints string) {
	k := c.labels(ints)
	n, ok := c.rows()
	if !ok {
		return
	}
	c.SetShape(0, graph.Shape{n})
	scores := graph.Int(int64(k))
	if k == 0 {
		scores = c.UnknownDim()
	}
	c.SetShape(1, graph.Shape{n, scores})
}

func inferFeatureExtractor(c *Call) {
	x, y := c.Shape(0), c.Shape(1)
	if x == nil || y == nil {
		return
	}
	if len(x) == 0 {
		c.Wantf("rank 1 or more", "X is a scalar")
	}
	out := graph.Shape{graph.Int(1)}
	if len(x) > 1 {
		out = append(graph.Shape{}, x[:len(x)-1]...)
	}
	c.SetShape(0, append(out, y.Elements()))
}

func inferCastMap(c *Call) {
	types := map[string]graph.DType{"TO_FLOAT": graph.Float32, "TO_STRING": graph.String, "TO_INT64": graph.Int64}
	d, ok := types[c.Str("cast_to", "TO_FLOAT")]
	if !ok {
		c.Wantf("TO_FLOAT, TO_STRING or TO_INT64", "cast_to is %q", graph.Clip(c.Str("cast_to", "")))
	}
	c.SetDType(0, d)
	columns := c.DataDim(0, 1, 0, nil)
	if c.Str("map_form", "DENSE") == "SPARSE" {
		columns = graph.Int(max(c.Int("max_map", 1), 0))
	}
	c.SetShape(0, graph.Shape{graph.Int(1), columns})
}

func inferSwapType(c *Call) {
	switch c.DType(0) {
	case graph.String:
		c.SetDType(0, graph.Int64)
	case graph.Int64:
		c.SetDType(0, graph.String)
	}
	c.SameShape(0, 0)
}

func inferDictVectorizer(c *Call) {
	n := len(c.Ints("int64_vocabulary"))
	if a := c.Attr("string_vocabulary"); a != nil {
		n = len(a.Strs)
	}
	c.SetShape(0, graph.Ints(1, int64(n)))
	if c.Has(0) && c.In[0].Item != nil {
		c.SetDType(0, c.In[0].Item.DType)
	}
}

func inferFeatureVectorizer(c *Call) {
	total := graph.Dim{}
	for _, k := range c.Ints("inputdimensions") {
		if k < 0 {
			c.Wantf("0 or more", "inputdimensions holds %d", k)
		}
		total = total.AddInt(k)
	}
	n, ok := c.rows()
	if ok && c.Attr("inputdimensions") != nil {
		c.SetShape(0, graph.Shape{n, total})
	}
}

// inferLabelEncoder finds the type of the values and of the default, which must agree.
func inferLabelEncoder(c *Call) {
	c.SameShape(0, 0)
	value := graph.Undefined
	for _, v := range []struct {
		attr string
		d    graph.DType
	}{{"values_floats", graph.Float32}, {"values_int64s", graph.Int64}, {"values_strings", graph.String}} {
		if c.Attr(v.attr) != nil {
			value = v.d
		}
	}
	if a := c.Attr("values_tensor"); a != nil && a.Tensor != nil {
		value = a.Tensor.DType
	}
	c.SetDType(0, value)
	a := c.Attr("default_tensor")
	if a == nil || a.Tensor == nil {
		return
	}
	if a.Tensor.DType != value && value != graph.Undefined {
		c.Wantf(value.String()+", the type of the values", "default_tensor has type %s", a.Tensor.DType)
	}
	if !slices.Equal(a.Tensor.Dims, []int64{1}) {
		c.Wantf("one element in one dim", "default_tensor has dims %v", a.Tensor.Dims)
	}
}

func inferOneHotEncoder(c *Call) {
	n := len(c.Ints("cats_int64s"))
	strs := c.Attr("cats_strings")
	if (c.Attr("cats_int64s") == nil) == (strs == nil) {
		c.Failf("exactly one of cats_int64s and cats_strings must be given")
	}
	if strs != nil {
		n = len(strs.Strs)
	}
	if s := c.Shape(0); s != nil {
		c.SetShape(0, append(append(graph.Shape{}, s...), graph.Int(int64(n))))
	}
}

// inferSVMClassifier knows the number of scores with probabilities only: otherwise
// it is one for each pair of classes or each class, as the runtime votes.
func inferSVMClassifier(c *Call) {
	c.classes("classlabels_ints")
	if c.Attr("prob_a") == nil && len(c.Out) > 1 && c.Out[1].Shape != nil {
		c.Out[1].Shape[1] = c.UnknownDim()
	}
}

func inferTreeEnsemble(c *Call) {
	inner := c.Ints("nodes_featureids")
	for _, name := range []string{"nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs"} {
		if n := len(c.Ints(name)); n != len(inner) {
			c.Wantf(fmt.Sprintf("%d, as nodes_featureids", len(inner)), "%s has %d entries", name, n)
		}
	}
	for _, name := range []string{"nodes_splits", "leaf_weights", "nodes_hitrates", "membership_values"} {
		a := c.Attr(name)
		if a == nil || a.Tensor == nil {
			continue
		}
		if d := c.DType(0); d != graph.Undefined && a.Tensor.DType != d {
			c.Wantf(d.String()+", the type of X", "%s has type %s", name, a.Tensor.DType)
		}
	}
	c.sameCount("nodes_splits", len(inner), "nodes_featureids")
	c.sameCount("nodes_modes", len(inner), "nodes_featureids")
	c.sameCount("leaf_weights", len(c.Ints("leaf_targetids")), "leaf_targetids")
	if c.Attr("n_targets") != nil {
		c.targets("n_targets", 0)
	}
}

// sameCount refuses a tensor attribute that does not have n elements.
func (c *Call) sameCount(name string, n int, other string) {
	if a := c.Attr(name); a != nil && a.Tensor != nil && !a.Tensor.Elements().Is(int64(n)) {
		c.Wantf(fmt.Sprintf("%d, as %s", n, other), "%s has %s elements", name, a.Tensor.Elements())
	}
}

func inferZipMap(c *Call) {
	key, strs := graph.Int64, c.Attr("classlabels_strings")
	if (c.Attr("classlabels_int64s") == nil) == (strs == nil) {
		c.Failf("exactly one of classlabels_int64s and classlabels_strings must be given")
	}
	if strs != nil {
		key = graph.String
	}
	value := Tensor(graph.Float32, graph.Shape{})
	item := Info{Kind: graph.KindMap, DType: key, Item: &value, Has: -1}
	out := Info{Kind: graph.KindSequence, Item: &item, Has: -1}
	if n, ok := c.rows(); ok {
		out.Len = &n
	}
	c.SetOut(0, out)
}

// rowsForCost and featuresForCost are those of a matrix, or one row of a vector.
func (c *Call) rowsForCost() graph.Dim {
	c.InShape(0)
	n, _ := c.rows()
	return n
}

func (c *Call) featuresForCost() graph.Dim {
	s := c.InShape(0)
	if len(s) == 0 {
		return graph.Int(1)
	}
	return s[len(s)-1]
}

// floats returns the length of a floats attribute.
func (c *Call) floats(name string) int64 {
	if a := c.Attr(name); a != nil {
		return int64(len(a.Floats))
	}
	return 0
}

func costLinearClassifier(c *Call) Cost {
	n := c.rowsForCost()
	scores := c.OutShape(1)[1].Mul(n)
	cost := Cost{MAC: n.MulInt(c.floats("coefficients")), Flop: n.MulInt(c.floats("intercepts")), Cmp: scores}
	if c.Str("post_transform", "NONE") != "NONE" {
		cost.Exp = scores
	}
	return cost
}

func costLinearRegressor(c *Call) Cost {
	n := c.rowsForCost()
	return Cost{MAC: n.MulInt(c.floats("coefficients")), Flop: n.MulInt(c.floats("intercepts"))}
}

func costSVM(c *Call) Cost {
	n := c.rowsForCost()
	supports := c.Int("n_supports", 0)
	for _, k := range c.Ints("vectors_per_class") {
		supports += max(k, 0)
	}
	if supports <= 0 { // linear
		return Cost{MAC: n.MulInt(c.floats("coefficients"))}
	}
	votes := c.floats("coefficients") // one for each support vector and other class
	cost := Cost{MAC: n.Mul(c.featuresForCost().MulInt(supports).AddInt(votes))}
	if c.Str("kernel_type", "LINEAR") != "LINEAR" {
		cost.Exp = n.MulInt(supports)
	}
	return cost
}

// costTrees counts trees with some inner nodes: how many of them a row passes
// depends on the data.
func (c *Call) costTrees(inner, trees int) Cost {
	n := c.rowsForCost()
	hi := graph.Int(int64(inner))
	visited := graph.SymBetween(graph.JoinPath(c.inst.Path, c.Node.Label())+".visited", 0, &hi)
	return Cost{Cmp: n.Mul(visited), Flop: n.MulInt(int64(trees))}
}

func costLegacyTrees(c *Call) Cost {
	inner := 0
	if a := c.Attr("nodes_modes"); a != nil {
		for _, m := range a.Strs {
			if m != "LEAF" {
				inner++
			}
		}
	}
	trees := map[int64]bool{}
	for _, t := range c.Ints("nodes_treeids") {
		trees[t] = true
	}
	return c.costTrees(inner, len(trees))
}

package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	mlDomain    = "ai.onnx.ml"
	mlNumbers   = "float32 float64 int32 int64"
	mlSource    = "(ONNX Operators-ml.md, "
	lookUp      = "a look-up per element, an integer operation. "
	postDoc     = "The post transform is a softmax, a sigmoid, or a probit (three flops and a logarithm) per score. "
	kernelDoc   = "Per sample and support vector the kernel: features MACs, with RBF as many subtractions, a flop and an exponential, with POLY two flops and a power, with SIGMOID two flops and a tanh. "
	labelAttrs2 = "default_float:float=-0.0 default_int64:int=-1 default_string:string=_Unused keys_floats:floats keys_int64s:ints keys_strings:strings values_floats:floats values_int64s:ints values_strings:strings"
)

var mlOps = []Op{
	{
		Domain: mlDomain, Name: "ArrayFeatureExtractor", Since: []int{1}, Doc: "Takes elements of the last axis. " + mlSource + "ArrayFeatureExtractor)",
		In: "X:T, Y:int64", Out: "Z:T", Types: "T: " + mlNumbers + " string", Infer: inferFeatureExtractor, Free: moveReason, Moves: readsOutput,
		Cases: []Case{{In: "f32[N,5] i64[3]", Out: "f32[N,3]"}, {In: "f32[5] i64[1,2]", Out: "f32[1,2]"}, {In: "f32[] i64[2]", Err: "rank 0"}},
	},
	{
		Domain: mlDomain, Name: "Binarizer", Since: []int{1}, Doc: "1 above a threshold, else 0: a comparison per element. " + mlSource + "Binarizer)",
		In: "X:T", Out: "Y:T", Types: "T: " + mlNumbers, Attrs: "threshold:float=0.0", Infer: keepShape, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "cmp=3*N"}},
	},
	{
		Domain: mlDomain, Name: "CastMap", Since: []int{1}, Doc: "A map as a tensor [1, n]; n is max_map for SPARSE, else the number of entries, which depends on data. " + mlSource + "CastMap)",
		In: "X:T1", Out: "Y:T2", Types: "T1: map; T2: float32 int64 string", Attrs: "cast_to:string=TO_FLOAT map_form:string=DENSE max_map:int=1", Infer: inferCastMap, Free: moveReason, Moves: fromMap,
		Cases: []Case{{In: "map:i64", Out: "f32[1,`y0[1]`]"}, {In: "map:i64", Attrs: "map_form=SPARSE max_map=7 cast_to=TO_INT64", Out: "i64[1,7]"}, {In: "map:i64", Attrs: "cast_to=TO_BOOL", Err: "cast_to"}},
	},
	{
		Domain: mlDomain, Name: "CategoryMapper", Since: []int{1}, Doc: "Strings to integers or back: " + lookUp + mlSource + "CategoryMapper)",
		In: "X:T1", Out: "Y:T2", Types: "T1: int64 string; T2: int64 string", Attrs: "cats_int64s:ints cats_strings:strings default_int64:int=-1 default_string:string=_Unused",
		Infer: inferCategoryMapper, Cost: lookUps,
		Cases: []Case{{In: "str[N,3]", Attrs: "cats_int64s=[1,2] cats_strings=[a,b]", Out: "i64[N,3]", Cost: "int=3*N"}, {In: "i64[3]", Attrs: "cats_int64s=[1,2] cats_strings=[a]", Err: "cats_strings"}},
	},
	{
		Domain: mlDomain, Name: "DictVectorizer", Since: []int{1}, Doc: "A map as a tensor [1, n] in the order of a vocabulary: " + lookUp + mlSource + "DictVectorizer)",
		In: "X:T1", Out: "Y:T2", Types: "T1: map; T2: float32 float64 int64 string", Attrs: "int64_vocabulary:ints string_vocabulary:strings", Infer: inferDictVectorizer, Cost: lookUps, Moves: fromMap,
		Cases: []Case{{In: "map:str", Attrs: "string_vocabulary=[a,b,c]", Out: "f32[1,3]", Cost: "int=3"}, {In: "map:str", Err: "vocabulary"}},
	},
	{
		Domain: mlDomain, Name: "FeatureVectorizer", Since: []int{1}, Doc: "Joins features into one float tensor. " + mlSource + "FeatureVectorizer)",
		In: "X...:T1", Out: "Y:float32", Types: "T1: " + mlNumbers, Attrs: "inputdimensions:ints", Infer: inferFeatureVectorizer, Free: moveReason,
		Cases: []Case{{In: "f32[N,3] f32[N,2]", Attrs: "inputdimensions=[3,2]", Out: "f32[N,5]"}, {In: "i64[3]", Attrs: "inputdimensions=[3]", Out: "f32[1,3]"}, {In: "f32[2,3] f32[3,2]", Attrs: "inputdimensions=[3,2]", Err: "2 and 3"}},
	},
	{
		Domain: mlDomain, Name: "Imputer", Since: []int{1}, Doc: "Replaces a value: a comparison per element. " + mlSource + "Imputer)",
		In: "X:T", Out: "Y:T", Types: "T: " + mlNumbers, Attrs: "imputed_value_floats:floats imputed_value_int64s:ints replaced_value_float:float=0.0 replaced_value_int64:int=0",
		Infer: func(c *Call) { c.ShapeOfRank(0, 1, -1); keepShape(c) }, Cost: each(work{cmp: 1}),
		Cases: []Case{{In: "f32[N,3]", Attrs: "imputed_value_floats=[1]", Out: "f32[N,3]", Cost: "cmp=3*N"}},
	},
	{
		Domain: mlDomain, Name: "LabelEncoder", Since: []int{1}, Doc: "Strings to integers or back: " + lookUp + "(ONNX Changelog-ml.md, LabelEncoder-1)",
		In: "X:T1", Out: "Y:T2", Types: "T1: int64 string; T2: int64 string", Attrs: "classes_strings:strings default_int64:int=-1 default_string:string=_Unused", Infer: inferSwapLabels, Cost: lookUps,
		Cases: []Case{{In: "str[N]", Attrs: "classes_strings=[a,b]", Out: "i64[N]", Cost: "int=N"}, {In: "i64[N]", Attrs: "classes_strings=[a,b]", Out: "str[N]"}},
	},
	{
		Domain: mlDomain, Name: "LabelEncoder", Since: []int{2}, Doc: "Keys to values: " + lookUp + "(ONNX Changelog-ml.md, LabelEncoder-2)",
		In: "X:T1", Out: "Y:T2", Types: "T1: float32 int64 string; T2: float32 int64 string", Attrs: labelAttrs2, Infer: inferLabelEncoder, Cost: lookUps,
		Cases: []Case{{In: "str[N,1]", Attrs: "keys_strings=[a,b] values_int64s=[1,2]", Out: "i64[N,1]", Cost: "int=N"}, {In: "str[N]", Attrs: "keys_strings=[a,b] values_int64s=[1]", Err: "2 keys and 1 values"}, {In: "str[N]", Attrs: "keys_strings=[a]", Err: "values"}},
	},
	{
		Domain: mlDomain, Name: "LabelEncoder", Since: []int{4}, Doc: "Keys to values: " + lookUp + mlSource + "LabelEncoder)",
		In: "X:T1", Out: "Y:T2", Types: "T1: " + mlNumbers + " int16 string; T2: " + mlNumbers + " int16 string", Attrs: labelAttrs2 + " default_tensor:tensor keys_tensor:tensor values_tensor:tensor", Infer: inferLabelEncoder, Cost: lookUps,
		Cases: []Case{
			{In: "str[N]", Attrs: "keys_strings=[a,b] values_tensor=i16[2]={1,2} default_tensor=i16[1]={0}", Out: "i16[N]", Cost: "int=N"},
			{In: "str[N]", Attrs: "keys_strings=[a,b] values_tensor=i16[2]={1,2} default_tensor=i32[1]={0}", Err: "default_tensor"}, {In: "str[N]", Attrs: "keys_int64s=[1] values_int64s=[1]", Err: "keys are int64"},
			{In: "str[N]", Attrs: "keys_strings=[a,b] values_int64s=[1,2] default_tensor=i64[2]={0,0}", Err: "default_tensor"},
		},
	},
	{
		Domain: mlDomain, Name: "LinearClassifier", Since: []int{1}, Doc: "Scores of classes and the best label. MACs are samples*classes*features; per score a flop for the intercept and a comparison for the best. " + postDoc + mlSource + "LinearClassifier)",
		In: "X:T1", Out: "Y:T2, Z:float32", Types: "T1: " + mlNumbers + "; T2: int64 string", Attrs: "classlabels_ints:ints classlabels_strings:strings coefficients:floats! intercepts:floats multi_class:int=0 post_transform:string=NONE",
		Infer: inferLinearClassifier, Cost: costLinearClassifier,
		Cases: []Case{
			{In: "f32[N,2]", Attrs: "coefficients=[1,2,3,4,5,6] intercepts=[1,2,3] classlabels_ints=[1,2,3] post_transform=SOFTMAX", Out: "i64[N] f32[N,3]", Cost: "mac=6*N flop=11*N cmp=4*N exp=3*N"},
			{In: "f32[2]", Attrs: "coefficients=[1,2] intercepts=[1] classlabels_strings=[a,b]", Out: "str[1] f32[1,2]", Cost: "mac=2 flop=1 cmp=1"},
			{In: "f32[2,3,4]", Attrs: "coefficients=[1,2] intercepts=[1]", Out: "i64[] f32[]", Err: "rank 3"},
		},
	},
	{
		Domain: mlDomain, Name: "LinearRegressor", Since: []int{1}, Doc: "Linear functions of the features. MACs are samples*targets*features, a flop per score for the intercept. " + postDoc + mlSource + "LinearRegressor)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers, Attrs: "coefficients:floats intercepts:floats post_transform:string=NONE targets:int=1", Infer: inferLinearRegressor, Cost: costLinearRegressor,
		Cases: []Case{{In: "f32[N,3]", Attrs: "coefficients=[1,2,3,4,5,6] intercepts=[1,2] targets=2", Out: "f32[N,2]", Cost: "mac=6*N flop=2*N"}, {In: "f32[3]", Attrs: "coefficients=[1,2,3]", Out: "f32[1,1]", Cost: "mac=3"}, {In: "f32[3]", Attrs: "targets=0", Err: "targets is 0"}},
	},
	{
		Domain: mlDomain, Name: "Normalizer", Since: []int{1}, Doc: "Divides rows by their norm: per element a division, for L1 an absolute value and for L2 a square; per row of f elements f - 1 comparisons for MAX, f - 1 additions for the others, and for L2 a root. " + mlSource + "Normalizer)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers, Attrs: "norm:string=MAX", Infer: func(c *Call) { c.Word("norm", "MAX", "L1", "L2"); c.ShapeOfRank(0, 1, 2); keepShape(c) }, Cost: costNormalizer,
		Cases: []Case{{In: "f32[N,4]", Attrs: "norm=L2", Out: "f32[N,4]", Cost: "flop=12*N"}, {In: "f32[N,4]", Out: "f32[N,4]", Cost: "flop=4*N cmp=3*N"}, {In: "f32[N,4]", Attrs: "norm=L3", Err: "norm"}},
	},
	{
		Domain: mlDomain, Name: "OneHotEncoder", Since: []int{1}, Doc: "A new last axis with 1 at the category: " + lookUp + mlSource + "OneHotEncoder)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers + " string", Attrs: "cats_int64s:ints cats_strings:strings zeros:int=1", Infer: inferOneHotEncoder, Cost: func(c *Call) Cost { return Cost{Int: c.InN(0)} },
		Cases: []Case{{In: "i64[2,N]", Attrs: "cats_int64s=[1,2,3,4]", Out: "f32[2,N,4]", Cost: "int=2*N"}, {In: "i64[2]", Err: "cats_int64s"}, {In: "i64[2]", Attrs: "cats_int64s=[1] cats_strings=[a]", Err: "cats_int64s"}},
	},
	{
		Domain: mlDomain, Name: "Scaler", Since: []int{1}, Doc: "(X - offset)*scale: two flops per element. " + mlSource + "Scaler)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers, Attrs: "offset:floats scale:floats", Infer: inferScaler, Cost: func(c *Call) Cost { return Cost{Flop: c.InN(0).MulInt(2)} },
		Cases: []Case{{In: "i64[N,3]", Attrs: "offset=[1] scale=[2]", Out: "f32[N,3]", Cost: "flop=6*N"}, {In: "f32[]", Attrs: "offset=[1] scale=[2]", Err: "rank 0"}, {In: "f32[2,3]", Attrs: "offset=[1,2] scale=[2,2]", Err: "offset"}},
	},
	{
		Domain: mlDomain, Name: "SVMClassifier", Since: []int{1},
		Doc: "Support vector machine. " + kernelDoc + "Then classes - 1 MACs per support vector and a flop per pair of classes; without support vectors features*classes MACs. A pair is a comparison; of more than two classes the pairs vote, an integer operation each, and the best takes classes - 1 comparisons. Probabilities are a sigmoid and two flops " +
			"per pair. " + postDoc + mlSource + "SVMClassifier)",
		In: "X:T1", Out: "Y:T2, Z:float32", Types: "T1: " + mlNumbers + "; T2: int64 string",
		Attrs: "classlabels_ints:ints classlabels_strings:strings coefficients:floats kernel_params:floats kernel_type:string=LINEAR post_transform:string=NONE prob_a:floats prob_b:floats rho:floats support_vectors:floats vectors_per_class:ints",
		Infer: inferSVMClassifier, Cost: costSVMClassifier,
		Cases: []Case{
			{In: "f32[N,2]", Attrs: "classlabels_ints=[0,1] vectors_per_class=[1,2] support_vectors=[1,2,3,4,5,6] coefficients=[1,2,3] rho=[0] kernel_type=RBF", Out: "i64[N] f32[N,2]", Cost: "mac=9*N flop=10*N exp=3*N cmp=N"},
			{In: "f32[N,1]", Attrs: "classlabels_strings=[a,b,c,d] vectors_per_class=[1,1,1,1] support_vectors=[1,2,3,4] coefficients=[1] rho=[0]", Out: "str[N] f32[N,6]", Cost: "mac=16*N flop=6*N cmp=9*N int=6*N"},
			{In: "f32[N,2]", Attrs: "classlabels_ints=[0,1,2] coefficients=[1,2,3,4,5,6] rho=[0]", Out: "i64[N] f32[N,3]", Cost: "mac=6*N flop=3*N cmp=2*N"},
		},
	},
	{
		Domain: mlDomain, Name: "SVMRegressor", Since: []int{1}, Doc: "Support vector machine. " + kernelDoc + "Then a MAC per support vector and a flop; without support vectors features MACs. With one_class a comparison gives the sign. " + postDoc + mlSource + "SVMRegressor)",
		In: "X:T", Out: "Y:float32", Types: "T: " + mlNumbers, Attrs: "coefficients:floats kernel_params:floats kernel_type:string=LINEAR n_supports:int=0 one_class:int=0 post_transform:string=NONE rho:floats support_vectors:floats",
		Infer: inferSVMRegressor, Cost: costSVMRegressor,
		Cases: []Case{{In: "f32[N,3]", Attrs: "n_supports=2 kernel_type=POLY", Out: "f32[N,1]", Cost: "mac=8*N flop=5*N exp=2*N"}, {In: "f32[3]", Out: "f32[1,1]", Cost: "mac=3 flop=1"}, {In: "f32[3]", Attrs: "n_supports=-1", Err: "n_supports is -1"}},
	},
	{
		Domain: mlDomain, Name: "ZipMap", Since: []int{1}, Doc: "A sequence of maps from labels to scores, one for each sample. " + mlSource + "ZipMap)",
		In: "X:float32", Out: "Z:T", Types: "T: seq", Attrs: "classlabels_int64s:ints classlabels_strings:strings", Infer: inferZipMap, Free: moveReason, Moves: Moving(zipMoves),
		Cases: []Case{{In: "f32[N,3]", Attrs: "classlabels_int64s=[1,2,3]", Out: "seq(map:i64,N)"}, {In: "f32[N,2]", Attrs: "classlabels_int64s=[1,2,3]", Err: "labels"}, {In: "f32[2,3,4]", Attrs: "classlabels_int64s=[1,2,3]", Err: "rank 3"}, {In: "f32[2,3]", Err: "classlabels"}},
	},
}

// fromMap moves the values of a map: as many as come out, for the size of a map is
// not in its type.
var fromMap = Moving(func(c *Call) Bytes { return Bytes{Read: c.OutBytes(0), Written: c.OutBytes(0)} })

// lookUps is an integer operation per output element.
func lookUps(c *Call) Cost { return Cost{Int: c.OutN(0)} }

func inferFeatureExtractor(c *Call) {
	x, idx := c.ShapeOfRank(0, 1, -1), c.Shape(1)
	if x == nil || idx == nil {
		return
	}
	out := append(graph.Shape{}, x[:len(x)-1]...)
	if len(out) == 0 {
		out = graph.Ints(1)
	}
	c.SetShape(0, append(out, idx.Elements()))
}

func inferCastMap(c *Call) {
	to := map[string]graph.DType{"TO_FLOAT": graph.Float32, "TO_INT64": graph.Int64, "TO_STRING": graph.String}
	c.SetDType(0, to[c.Word("cast_to", "TO_FLOAT", "TO_INT64", "TO_STRING")])
	if c.Word("map_form", "DENSE", "SPARSE") == "SPARSE" {
		c.SetShape(0, graph.Shape{graph.Int(1), graph.Int(max(c.Int("max_map", 1), 0))})
		return
	}
	c.SetShape(0, graph.Shape{graph.Int(1), c.DataDim(0, 1, 0, nil)})
}

// lengths of list attributes; given says which are there.
func (c *Call) listLen(name string) (n int, given bool) {
	a := c.Attr(name)
	if a == nil {
		return 0, false
	}
	if a.Tensor != nil {
		k := graph.Ints(a.Tensor.Dims...).Elements()
		v, _ := k.Const()
		return int(min(v, 1<<40)), true
	}
	return len(a.Ints) + len(a.Floats) + len(a.Strs), true
}

func inferCategoryMapper(c *Call) {
	n, given := c.listLen("cats_int64s")
	m, both := c.listLen("cats_strings")
	if !given || !both || n != m {
		c.Wantf("two lists of one length", "cats_int64s has %d entries, cats_strings %d", n, m)
	}
	inferSwapLabels(c)
}

// inferSwapLabels maps strings to integers and integers to strings.
func inferSwapLabels(c *Call) {
	keepShape(c)
	switch c.DType(0) {
	case graph.String:
		c.SetDType(0, graph.Int64)
	case graph.Int64:
		c.SetDType(0, graph.String)
	}
}

// labels returns type and number of the entries of the one of four attributes that
// is given.
func (c *Call) labels(what string) (d graph.DType, n int) {
	for _, kind := range []struct {
		name  string
		dtype graph.DType
	}{{"tensor", graph.Undefined}, {"strings", graph.String}, {"int64s", graph.Int64}, {"floats", graph.Float32}} {
		a := c.Attr(what + "_" + kind.name)
		if a == nil {
			continue
		}
		n, _ = c.listLen(what + "_" + kind.name)
		if a.Tensor != nil {
			return a.Tensor.DType, n
		}
		return kind.dtype, n
	}
	c.Failf("none of the attributes %s_* is given", what)
	return d, n
}

func inferLabelEncoder(c *Call) {
	key, keys := c.labels("keys")
	value, values := c.labels("values")
	if x := c.DType(0); x != graph.Undefined && x != key {
		c.Failf("the keys are %s, the input is %s", key, x)
	}
	if keys != values {
		c.Failf("%d keys and %d values", keys, values)
	}
	if a := c.Attr("default_tensor"); a != nil && a.Tensor != nil {
		if a.Tensor.DType != value || len(a.Tensor.Dims) != 1 || a.Tensor.Dims[0] != 1 {
			c.Wantf("one "+value.String(), "default_tensor is %s%s", a.Tensor.DType, graph.Ints(a.Tensor.Dims...))
		}
	}
	keepShape(c)
	c.SetDType(0, value)
}

func inferDictVectorizer(c *Call) {
	n, given := c.listLen("string_vocabulary")
	m, other := c.listLen("int64_vocabulary")
	if given == other {
		c.Failf("exactly one of string_vocabulary and int64_vocabulary must be given")
	}
	c.SetShape(0, graph.Ints(1, int64(n+m)))
	if in := c.In[0]; in != nil && in.Item != nil {
		c.SetDType(0, in.Item.DType)
	}
}

func inferFeatureVectorizer(c *Call) {
	dims := c.Ints("inputdimensions")
	width := graph.Dim{}
	for _, k := range dims {
		if k < 0 {
			c.Wantf("at least 0", "inputdimensions has an entry %d", k)
		}
		width = width.AddInt(k)
	}
	if len(dims) != len(c.In) {
		c.Wantf("one for each input", "inputdimensions has %d entries", len(dims))
	}
	batch := c.UnknownDim()
	for i := range c.In {
		rows := graph.Int(1)
		s := c.Shape(i)
		if s == nil {
			continue
		}
		if len(s) > 1 {
			rows = s[0]
		}
		batch = c.Same(batch, rows, "rows of inputs")
	}
	c.SetShape(0, graph.Shape{batch, width})
}

// samples returns rows and features of an input of rank 1 or 2.
func (c *Call) samples() (rows, features graph.Dim) {
	switch s := c.ShapeOfRank(0, 1, 2); len(s) {
	case 1:
		return graph.Int(1), s[0]
	case 2:
		return s[0], s[1]
	}
	return c.UnknownDim(), c.UnknownDim()
}

// classes returns the number of labels and sets the type of output 0 to theirs.
func (c *Call) classes(ints string) int {
	strs, _ := c.listLen("classlabels_strings")
	nums, _ := c.listLen(ints)
	c.SetDType(0, graph.Int64)
	if strs > 0 {
		c.SetDType(0, graph.String)
	}
	return max(strs, nums)
}

// scoreColumns is the number of scores of LinearClassifier: as many as intercepts,
// but two for two labels with one, and as many as labels without.
func (c *Call) scoreColumns() int {
	labels := c.classes("classlabels_ints")
	n, _ := c.listLen("intercepts")
	if n == 0 || n == 1 && labels == 2 {
		return labels
	}
	return n
}

func inferLinearClassifier(c *Call) {
	rows, _ := c.samples()
	c.SetShape(0, graph.Shape{rows})
	columns := c.UnknownDim()
	if n := c.scoreColumns(); n > 0 {
		columns = graph.Int(int64(n))
	}
	c.SetShape(1, graph.Shape{rows, columns})
}

func costLinearClassifier(c *Call) Cost {
	rows, _ := c.samples()
	n, _ := c.listLen("coefficients")
	intercepts, _ := c.listLen("intercepts")
	columns := c.OutShape(1)[1]
	cost := Cost{MAC: rows.MulInt(int64(n)), Flop: rows.MulInt(int64(intercepts)), Cmp: rows.Mul(lessOne(columns))}
	return cost.Add(c.postTransform(rows, columns))
}

// postTransform is the work of attribute post_transform on rows of scores.
func (c *Call) postTransform(rows, columns graph.Dim) Cost {
	n := rows.Mul(columns)
	switch c.Word("post_transform", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT") {
	case "SOFTMAX", "SOFTMAX_ZERO":
		return softmaxCost(rows, columns)
	case "LOGISTIC":
		return activationCosts["sigmoid"].Times(n)
	case "PROBIT":
		return Cost{Flop: n.MulInt(3), Exp: n}
	}
	return Cost{}
}

func inferLinearRegressor(c *Call) {
	rows, _ := c.samples()
	targets := c.Int("targets", 1)
	if targets < 1 {
		c.Wantf("at least 1", "targets is %d", targets)
	}
	c.SetShape(0, graph.Shape{rows, graph.Int(targets)})
}

func costLinearRegressor(c *Call) Cost {
	rows, features := c.samples()
	targets := graph.Int(c.Int("targets", 1))
	cost := Cost{MAC: rows.Mul(features).Mul(targets)}
	if n, _ := c.listLen("intercepts"); n > 0 {
		cost.Flop = rows.Mul(targets)
	}
	return cost.Add(c.postTransform(rows, targets))
}

func costNormalizer(c *Call) Cost {
	rows, features := c.samples()
	n := rows.Mul(features)
	joins := rows.Mul(lessOne(features))
	switch c.Str("norm", "MAX") {
	case "L1":
		return Cost{Flop: n.MulInt(2).Add(joins)}
	case "L2":
		return Cost{Flop: n.MulInt(2).Add(joins).Add(rows)}
	}
	return Cost{Flop: n, Cmp: joins}
}

func inferOneHotEncoder(c *Call) {
	n, nums := c.listLen("cats_int64s")
	m, strs := c.listLen("cats_strings")
	if nums == strs {
		c.Failf("exactly one of cats_int64s and cats_strings must be given")
	}
	if s := c.Shape(0); s != nil {
		c.SetShape(0, append(append(graph.Shape{}, s...), graph.Int(int64(n+m))))
	}
}

func inferScaler(c *Call) {
	keepShape(c)
	s := c.ShapeOfRank(0, 1, -1)
	for _, name := range []string{"offset", "scale"} {
		n, given := c.listLen(name)
		if !given || n == 1 || s == nil {
			continue
		}
		if k, ok := s[min(1, len(s)-1)].Const(); ok && k != int64(n) {
			c.Wantf("1, or one for each feature", "%s has %d entries for %d features", name, n, k)
		}
	}
}

// svmVectors is the number of support vectors of SVMClassifier, 0 in linear mode.
func (c *Call) svmVectors() graph.Dim {
	n := graph.Dim{}
	for _, k := range c.Ints("vectors_per_class") {
		if k < 0 {
			c.Wantf("at least 0", "vectors_per_class has an entry %d", k)
		}
		n = n.AddInt(k)
	}
	return n
}

func inferSVMClassifier(c *Call) {
	rows, _ := c.samples()
	c.SetShape(0, graph.Shape{rows})
	n := int64(c.classes("classlabels_ints"))
	columns := graph.Int(n)
	_, proba := c.listLen("prob_a")
	switch {
	case n == 0:
		columns = c.UnknownDim()
	case c.svmVectors().IsZero() || proba:
	case n <= 2:
		columns = graph.Int(2)
	default:
		columns = pairs(n)
	}
	c.SetShape(1, graph.Shape{rows, columns})
}

// pairs is the number of pairs of n classes.
func pairs(n int64) graph.Dim { return graph.Int(n).Mul(graph.Int(n - 1)).MustFloorDiv(2) }

// kernelCost is the work of a kernel between n pairs of vectors of some features.
func (c *Call) kernelCost(n, features graph.Dim) Cost {
	cost := Cost{MAC: n.Mul(features)}
	switch c.Word("kernel_type", "LINEAR", "POLY", "RBF", "SIGMOID") {
	case "RBF":
		cost.Flop, cost.Exp = n.Mul(features).Add(n), n
	case "POLY", "SIGMOID":
		cost.Flop, cost.Exp = n.MulInt(2), n
	}
	return cost
}

func costSVMClassifier(c *Call) Cost {
	rows, features := c.samples()
	n := int64(c.classes("classlabels_ints"))
	vectors := c.svmVectors()
	if vectors.IsZero() {
		scores := rows.MulInt(n)
		cost := Cost{MAC: scores.Mul(features), Flop: scores, Cmp: rows.MulInt(max(n-1, 0))}
		return cost.Add(c.postTransform(rows, graph.Int(n)))
	}
	votes := rows.Mul(pairs(max(n, 2)))
	cost := c.kernelCost(rows.Mul(vectors), features)
	cost = cost.Add(Cost{MAC: rows.Mul(vectors).MulInt(max(n-1, 1)), Flop: votes, Cmp: votes})
	if n > 2 {
		cost = cost.Add(Cost{Cmp: rows.MulInt(n - 1), Int: votes})
	}
	if k, _ := c.listLen("prob_a"); k > 0 {
		cost = cost.Add(activationCosts["sigmoid"].Times(votes)).Add(Cost{Flop: votes.MulInt(2)})
	}
	return cost.Add(c.postTransform(rows, c.OutShape(1)[1]))
}

func inferSVMRegressor(c *Call) {
	rows, _ := c.samples()
	if n := c.Int("n_supports", 0); n < 0 {
		c.Wantf("at least 0", "n_supports is %d", n)
	}
	c.SetShape(0, graph.Shape{rows, graph.Int(1)})
}

func costSVMRegressor(c *Call) Cost {
	rows, features := c.samples()
	one := graph.Int(1)
	n := c.Int("n_supports", 0)
	cost := c.postTransform(rows, one)
	if c.Int("one_class", 0) != 0 {
		cost.Cmp = cost.Cmp.Add(rows)
	}
	if n == 0 {
		return cost.Add(Cost{MAC: rows.Mul(features), Flop: rows})
	}
	vectors := rows.MulInt(n)
	return cost.Add(c.kernelCost(vectors, features)).Add(Cost{MAC: vectors, Flop: rows})
}

func inferZipMap(c *Call) {
	strs, _ := c.listLen("classlabels_strings")
	nums, _ := c.listLen("classlabels_int64s")
	if strs == 0 && nums == 0 {
		c.Failf("classlabels_strings or classlabels_int64s must be given")
	}
	rows, columns := c.samples()
	if k, ok := columns.Const(); ok && k != int64(max(strs, nums)) {
		c.Failf("%d labels for %d scores", max(strs, nums), k)
	}
	key := graph.Int64
	if strs > 0 {
		key = graph.String
	}
	value := Tensor(graph.Float32, graph.Shape{})
	item := Info{Kind: graph.KindMap, DType: key, Item: &value, Has: -1}
	c.SetOut(0, Info{Kind: graph.KindSequence, Item: &item, Len: &rows, Has: -1})
}

// zipMoves writes as many scores as it reads; labels are not copied in this count.
func zipMoves(c *Call) Bytes {
	b := Bytes{Written: c.InBytes(0)}
	c.reads(&b, 0, c.InBytes(0))
	return b
}

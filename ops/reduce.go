package ops

const (
	reduceTypes  = "T: float int32 int64 uint32 uint64"
	extremeTypes = "T: float int32 int64 uint32 uint64 int8 uint8 bool"
	reduceAttrs  = "axes:ints keepdims:int=1"
	reduceInput  = "data:T, axes?:int64 shape"
	reduceNoop   = "keepdims:int=1 noop_with_empty_axes:int=0"
)

// reduceOps join the elements of groups: those that differ in the axes reduced only.
// The costs of a group of k elements follow the definition in ONNX Operators.md:
// k - 1 operations to join them, and what is done to each before and to the result.
var reduceOps = []Op{
	{
		Name: "ReduceL1", Since: []int{1, 11, 13},
		Doc: "Sum of absolute values over the axes: a flop per element, and an addition for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceL1-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: sumAbs.infer, Cost: sumAbs.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "flop=20*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "flop=23"},
		},
	},
	{
		Name: "ReduceL1", Since: []int{18},
		Doc: "Sum of absolute values over the axes: a flop per element, and an addition for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceL1)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: sumAbs.infer, Cost: sumAbs.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "flop=20*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "flop=23"},
		},
	},
	{
		Name: "ReduceL2", Since: []int{1, 11, 13},
		Doc: "Square root of the sum of squares over the axes: a multiplication per element, an addition for each element of a group after the first, and a square root per group." + intDoc + " (ONNX Operators.md, ReduceL2-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: rootSumSquare.infer, Cost: rootSumSquare.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "flop=24*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "flop=24"},
		},
	},
	{
		Name: "ReduceL2", Since: []int{18},
		Doc: "Square root of the sum of squares over the axes: a multiplication per element, an addition for each element of a group after the first, and a square root per group." + intDoc + " (ONNX Operators.md, ReduceL2)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: rootSumSquare.infer, Cost: rootSumSquare.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "flop=24*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "flop=24"},
		},
	},
	{
		Name: "ReduceLogSum", Since: []int{1, 11, 13},
		Doc: "Logarithm of the sum over the axes: an addition for each element of a group after the first, and a logarithm per group." + intDoc + " (ONNX Operators.md, ReduceLogSum-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: logSum.infer, Cost: logSum.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "exp=4*N flop=8*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "exp=1 flop=11"},
		},
	},
	{
		Name: "ReduceLogSum", Since: []int{18, 28},
		Doc: "Logarithm of the sum over the axes: an addition for each element of a group after the first, and a logarithm per group." + intDoc + " (ONNX Operators.md, ReduceLogSum)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: logSum.infer, Cost: logSum.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "exp=4*N flop=8*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "exp=1 flop=11"},
		},
	},
	{
		Name: "ReduceLogSumExp", Since: []int{1, 11, 13},
		Doc: "Logarithm of the sum of exponentials over the axes: an exponential per element, an addition for each element of a group after the first, and a logarithm per group." + intDoc + " (ONNX Operators.md, ReduceLogSumExp-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: logSumExp.infer, Cost: logSumExp.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "exp=16*N flop=8*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "exp=13 flop=11"},
		},
	},
	{
		Name: "ReduceLogSumExp", Since: []int{18, 28},
		Doc: "Logarithm of the sum of exponentials over the axes: an exponential per element, an addition for each element of a group after the first, and a logarithm per group." + intDoc + " (ONNX Operators.md, ReduceLogSumExp)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: logSumExp.infer, Cost: logSumExp.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "exp=16*N flop=8*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "exp=13 flop=11"},
		},
	},
	{
		Name: "ReduceMax", Since: []int{1, 11, 12, 13},
		Doc: "Largest element over the axes: a comparison for each element of a group after the first. (ONNX Operators.md, ReduceMax-13)",
		In:  "data:T", Out: "reduced:T", Types: extremeTypes, Attrs: reduceAttrs,
		Infer: largest.infer, Cost: largest.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "cmp=8*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "cmp=11"},
		},
	},
	{
		Name: "ReduceMax", Since: []int{18, 20},
		Doc: "Largest element over the axes: a comparison for each element of a group after the first. (ONNX Operators.md, ReduceMax)",
		In:  reduceInput, Out: "reduced:T", Types: extremeTypes, Attrs: reduceNoop,
		Infer: largest.infer, Cost: largest.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "cmp=8*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "cmp=11"},
		},
	},
	{
		Name: "ReduceMean", Since: []int{1, 11, 13},
		Doc: "Mean over the axes: an addition for each element of a group after the first, and a division per group." + intDoc + " (ONNX Operators.md, ReduceMean-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: meanOf.infer, Cost: meanOf.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "flop=12*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "flop=12"},
		},
	},
	{
		Name: "ReduceMean", Since: []int{18},
		Doc: "Mean over the axes: an addition for each element of a group after the first, and a division per group." + intDoc + " (ONNX Operators.md, ReduceMean)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: meanOf.infer, Cost: meanOf.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "flop=12*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "flop=12"},
		},
	},
	{
		Name: "ReduceMin", Since: []int{1, 11, 12, 13},
		Doc: "Smallest element over the axes: a comparison for each element of a group after the first. (ONNX Operators.md, ReduceMin-13)",
		In:  "data:T", Out: "reduced:T", Types: extremeTypes, Attrs: reduceAttrs,
		Infer: smallest.infer, Cost: smallest.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "cmp=8*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "cmp=11"},
		},
	},
	{
		Name: "ReduceMin", Since: []int{18, 20},
		Doc: "Smallest element over the axes: a comparison for each element of a group after the first. (ONNX Operators.md, ReduceMin)",
		In:  reduceInput, Out: "reduced:T", Types: extremeTypes, Attrs: reduceNoop,
		Infer: smallest.infer, Cost: smallest.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "cmp=8*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "cmp=11"},
		},
	},
	{
		Name: "ReduceProd", Since: []int{1, 11, 13},
		Doc: "Product over the axes: a multiplication for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceProd-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: productOf.infer, Cost: productOf.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "flop=8*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "flop=11"},
		},
	},
	{
		Name: "ReduceProd", Since: []int{18},
		Doc: "Product over the axes: a multiplication for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceProd)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: productOf.infer, Cost: productOf.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "flop=8*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "flop=11"},
		},
	},
	{
		Name: "ReduceSum", Since: []int{1, 11},
		Doc: "Sum over the axes: an addition for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceSum-11)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: sumOf.infer, Cost: sumOf.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "flop=8*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "flop=11"},
		},
	},
	{
		Name: "ReduceSum", Since: []int{13},
		Doc: "Sum over the axes: an addition for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceSum)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: sumOf.infer, Cost: sumOf.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "flop=8*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "flop=11"},
		},
	},
	{
		Name: "ReduceSumSquare", Since: []int{1, 11, 13},
		Doc: "Sum of squares over the axes: a multiplication per element, and an addition for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceSumSquare-13)",
		In:  "data:T", Out: "reduced:T", Types: reduceTypes, Attrs: reduceAttrs,
		Infer: sumSquare.infer, Cost: sumSquare.cost,
		Cases: []Case{
			{In: "f32[N,3,4]", Attrs: "axes=[1]", Out: "f32[N,1,4]", Cost: "flop=20*N"},
			{In: "f32[3,4]", Attrs: "keepdims=0", Out: "f32", Cost: "flop=23"},
		},
	},
	{
		Name: "ReduceSumSquare", Since: []int{18},
		Doc: "Sum of squares over the axes: a multiplication per element, and an addition for each element of a group after the first." + intDoc + " (ONNX Operators.md, ReduceSumSquare)",
		In:  reduceInput, Out: "reduced:T", Types: reduceTypes, Attrs: reduceNoop,
		Infer: sumSquare.infer, Cost: sumSquare.cost,
		Cases: []Case{
			{In: "f32[N,3,4] i64[1]={-2}", Attrs: "keepdims=0", Out: "f32[N,4]", Cost: "flop=20*N"},
			{In: "f32[3,4]", Out: "f32[1,1]", Cost: "flop=23"},
		},
	},
}

package ops

// transcendentalOps cost one call of a transcendental function per element. Their
// values are not followed: libraries differ in the last bit, and a size that is
// rounded from one could differ by 1.
var transcendentalOps = []Op{
	{
		Name: "Acos", Since: []int{7, 22},
		Doc: "Inverse cosine of each element: one transcendental call. (ONNX Operators.md, Acos)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Acosh", Since: []int{9, 22},
		Doc: "Inverse hyperbolic cosine of each element: one transcendental call. (ONNX Operators.md, Acosh)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Asin", Since: []int{7, 22},
		Doc: "Inverse sine of each element: one transcendental call. (ONNX Operators.md, Asin)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Asinh", Since: []int{9, 22},
		Doc: "Inverse hyperbolic sine of each element: one transcendental call. (ONNX Operators.md, Asinh)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Atan", Since: []int{7, 22},
		Doc: "Inverse tangent of each element: one transcendental call. (ONNX Operators.md, Atan)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Atanh", Since: []int{9, 22},
		Doc: "Inverse hyperbolic tangent of each element: one transcendental call. (ONNX Operators.md, Atanh)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Cos", Since: []int{7, 22},
		Doc: "Cosine of each element: one transcendental call. (ONNX Operators.md, Cos)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Cosh", Since: []int{9, 22},
		Doc: "Hyperbolic cosine of each element: one transcendental call. (ONNX Operators.md, Cosh)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Erf", Since: []int{9, 13},
		Doc: "Error function of each element: one transcendental call. (ONNX Operators.md, Erf)",
		In:  "input:T", Out: "output:T", Types: numbers,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Exp", Since: []int{1, 6, 13},
		Doc: "Exponential of each element: one transcendental call. (ONNX Operators.md, Exp)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Log", Since: []int{1, 6, 13},
		Doc: "Natural logarithm of each element: one transcendental call. (ONNX Operators.md, Log)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Sin", Since: []int{7, 22},
		Doc: "Sine of each element: one transcendental call. (ONNX Operators.md, Sin)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Sinh", Since: []int{9, 22},
		Doc: "Hyperbolic sine of each element: one transcendental call. (ONNX Operators.md, Sinh)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Tan", Since: []int{7, 22},
		Doc: "Tangent of each element: one transcendental call. (ONNX Operators.md, Tan)",
		In:  "input:T", Out: "output:T", Types: floatsT,
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
	{
		Name: "Tanh", Since: []int{1, 6, 13},
		Doc: "Hyperbolic tangent of each element: one transcendental call. (ONNX Operators.md, Tanh)",
		In:  "input:T", Out: "output:T", Types: floatsT, Attrs: "consumed_inputs:ints<6",
		Infer: keepShape, Cost: each(work{exp: 1}),
		Cases: []Case{{In: "f32[N,3]", Out: "f32[N,3]", Cost: "exp=3*N"}},
	},
}

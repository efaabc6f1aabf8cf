package ops

import "github.com/onnxmeter/onnxmeter/graph"

const (
	dftDoc = "Discrete Fourier transform, as a fast one: 5*n*log2(n) flops for n points, half of them for real input or output, with the logarithm rounded " +
		"up (the count that FFT benchmarks use, fftw.org/speed); an inverse divides each output element. "
	windowDoc = "Samples of a cosine window: a flop for each angle, product and sum of its cosine terms, and a cosine each. "
	sineTypes = "T1: int32 int64; T2: float int uint"
)

var signalOps = []Op{
	{
		Name: "DFT", Since: []int{17},
		Doc: dftDoc + "(ONNX Operators.md, DFT-17)", In: "input:T1, dft_length?:T2 shape", Out: "output:T1", Types: "T1: float; T2: int32 int64",
		Attrs: "axis:int=1 inverse:int=0 onesided:int=0",
		Infer: func(c *Call) { inferDFT(c, c.Int("axis", 1), true) }, Cost: costDFT,
		Cases: []Case{
			{In: "f32[B,16,1]", Attrs: "onesided=1", Out: "f32[B,9,2]", Cost: "flop=160*B"},
			{In: "f32[1,10,6,1] i64={7}", Out: "f32[1,7,6,2]", Cost: "flop=318"},
			{In: "f32[1,10,6,2]", Attrs: "inverse=1 onesided=1", Out: "f32[1,18,6,1]", Cost: "flop=1458"},
			{In: "f32[1,10,6,2]", Attrs: "onesided=1", Err: "real"},
			{In: "f32[1,10,6,1]", Attrs: "axis=3", Err: "axis"},
			{In: "f32[1,10,6,1] i64={0}", Err: "dft_length"},
		},
	},
	{
		Name: "DFT", Since: []int{20},
		Doc: dftDoc + "(ONNX Operators.md, DFT)", In: "input:T1, dft_length?:T2 shape, axis?:int64 shape", Out: "output:T1", Types: "T1: float; T2: int32 int64",
		Attrs: "inverse:int=0 onesided:int=0",
		Infer: func(c *Call) { axis, known := c.dftAxis(); inferDFT(c, axis, known) }, Cost: costDFT,
		Cases: []Case{
			{In: "f32[B,16,1]", Attrs: "onesided=1", Out: "f32[B,9,2]", Cost: "flop=160*B"},
			{In: "f32[1,L,6,2] _ i64={1}", Out: "f32[1,L,6,2]", Cost: "flop=30*L*node.log2"},
			{In: "f32[1,10,6,2] _ i64", Out: "f32[1,10,6,2]"},
			{In: "f32[1,10,6,1] i64 i64", Out: "f32[?,?,?,2]"},
			{In: "f32[1,10,6,1] _ i64={-1}", Err: "axis"},
			{In: "f32[10]", Err: "rank"},
		},
	},
	{
		Name: "STFT", Since: []int{17},
		Doc: "A transform of each frame of a signal: 5*n*log2(n) flops for n points, half of them for a real signal, with the logarithm rounded up, and a flop " +
			"for each product with the window. (ONNX Operators.md, STFT; the count is that of FFT benchmarks, fftw.org/speed)",
		In: "signal:T1, frame_step:T2 shape, window?:W, frame_length?:T2 shape", Out: "output:T1", Types: "T1: float; T2: int32 int64; W: " + anyNumber,
		Attrs: "onesided:int=1",
		Infer: inferSTFT, Cost: costSTFT,
		Cases: []Case{
			{In: "f32[1,128,1] i64={8} !f32[16]", Out: "f32[1,15,9,2]", Cost: "flop=2640"},
			{In: "f32[B,L,1] i64={8} _ i64={16}", Attrs: "onesided=0", Out: "f32[B,floor(L/8)-1,16,2]", Cost: "flop=-160*B+160*B*floor(L/8)"},
			{In: "f32[1,128] i64={7} _ i64={15}", Out: "f32[1,17,8,2]", Cost: "flop=2550"},
			{In: "f32[1,128,1] i64 _ i64={16}", Out: "f32[1,?,9,2]"},
			{In: "f32[1,128,1] i64={8} !f32[16] i64={12}", Err: "frame_length"},
			{In: "f32[1,128,1] i64={0} !f32[16]", Err: "frame_step"},
			{In: "f32[1,128,1] i64={8} !f32[129]", Err: "longer"},
			{In: "f32[1,128,1] i64={8}", Err: "window"},
		},
	},
	{
		Name: "HannWindow", Since: []int{17},
		Doc: windowDoc + "(ONNX Operators.md, HannWindow)", In: "size:T1 shape", Out: "output:T2", Types: sineTypes, Attrs: windowFnAttrs,
		Infer: inferWindow, Cost: func(c *Call) Cost { return costWindow(c, 1) },
		Cases: []Case{
			{In: "i64", Out: "f32[`y0[0]`]"},
			{In: "i64={10}", Attrs: "output_datatype=11 periodic=0", Out: "f64[10]", Cost: "exp=0"},
			{In: "i64={0}", Err: "size"},
			{In: "i64={10}", Attrs: "output_datatype=9", Err: "output_datatype"},
			{In: "i32[2]", Err: "size"},
		},
	},
	{
		Name: "HammingWindow", Since: []int{17},
		Doc: windowDoc + "(ONNX Operators.md, HammingWindow)", In: "size:T1 shape", Out: "output:T2", Types: sineTypes, Attrs: windowFnAttrs,
		Infer: inferWindow, Cost: func(c *Call) Cost { return costWindow(c, 1) },
		Cases: []Case{{In: "i32={4}", Out: "f32[4]", Cost: "exp=0"}},
	},
	{
		Name: "BlackmanWindow", Since: []int{17},
		Doc: windowDoc + "(ONNX Operators.md, BlackmanWindow)", In: "size:T1 shape", Out: "output:T2", Types: sineTypes, Attrs: windowFnAttrs,
		Infer: inferWindow, Cost: func(c *Call) Cost { return costWindow(c, 2) },
		Cases: []Case{{In: "i64={4}", Attrs: "output_datatype=10", Out: "f16[4]", Cost: "exp=0"}},
	},
	{
		Name: "MelWeightMatrix", Since: []int{17},
		Doc: "Weights of overlapping triangular filters on the mel scale: 2 flops per element of the matrix, a difference and a division on a slope; " +
			"for each of num_mel_bins + 2 edges 8 flops and a power from its place on the scale to a bin; once 8 flops and 2 logarithms for the " +
			"ends of the scale and its step. (ONNX Operators.md, MelWeightMatrix)",
		In:  "num_mel_bins:T1 shape, dft_length:T1 shape, sample_rate:T1 shape, lower_edge_hertz:T2 shape, upper_edge_hertz:T2 shape",
		Out: "output:T3", Types: "T1: int32 int64; T2: float; T3: float int uint", Attrs: "output_datatype:int=1",
		Infer: inferMelWeights,
		Cost: func(c *Call) Cost {
			edges := c.OutShape(0)[1].AddInt(2)
			return Cost{Flop: c.OutN(0).MulInt(2).Add(edges.MulInt(8)).AddInt(8), Exp: edges.AddInt(2)}
		},
		Cases: []Case{
			{In: "i64={8} i64={16} i64={8000} f32={0} f32={4000}", Out: "f32[9,8]", Cost: "exp=0"},
			{In: "i64={8} i64={16} i64 f32 f32", Out: "f32[9,8]", Cost: "flop=232 exp=12"},
			{In: "i64 i64={16} i64={8000} f32={0} f32={4000}", Out: "f32[9,?]"},
			{In: "i64={8} i64={-4} i64={8000} f32={0} f32={4000}", Err: "dft_length"},
		},
	},
}

const windowFnAttrs = "output_datatype:int=1 periodic:int=1"

// scalarSize returns the only element of an input that must be one: of rank 0,
// or a vector of one element unless it is a constant. What is not followed is an
// unknown size.
func (c *Call) scalarSize(i int, least int64) graph.Dim {
	if s := c.ShapeOfRank(i, 0, 1); len(s) == 1 {
		c.Same(s[0], graph.Int(1), "elements of "+c.InName(i))
		if c.In[i].Const {
			c.Wantf("a scalar", "%s has shape %s", c.InName(i), s)
		}
	}
	d := c.UnknownDim()
	if e, ok := c.Scalar(i); ok {
		if v, isDim := e.Dim(); isDim {
			d = v
		}
	}
	if k, ok := d.Const(); ok && k < least {
		c.Wantf(graph.Int(least).String()+" or more", "%s is %d", c.InName(i), k)
	}
	return d
}

// dftAxis returns the axis input, -2 when it is omitted.
func (c *Call) dftAxis() (axis int64, known bool) {
	if !c.Has(2) {
		return -2, true
	}
	c.ShapeOfRank(2, 0, 0)
	e, ok := c.Scalar(2)
	if !ok {
		return 0, false
	}
	return e.Int()
}

// inferDFT is the shape rule; a rank and an axis that are not known leave what
// depends on them open.
func inferDFT(c *Call, axis int64, known bool) {
	x := c.ShapeOfRank(0, 2, -1)
	onesided, inverse := c.Int("onesided", 0) != 0, c.Int("inverse", 0) != 0
	length := graph.Dim{}
	if c.Has(1) {
		length = c.scalarSize(1, 1)
	}
	if x == nil {
		return
	}
	c.checkComplex(x[len(x)-1], onesided, inverse)
	out := append(graph.Shape{}, x...)
	out[len(out)-1] = graph.Int(2)
	if onesided && inverse {
		out[len(out)-1] = graph.Int(1)
	}
	if known {
		at := c.signalAxis(axis, len(x))
		if !c.Has(1) {
			length = dftLength(x[at], onesided, inverse)
		}
		if out[at] = length; onesided && !inverse {
			out[at] = length.MustFloorDiv(2).AddInt(1)
		}
	} else if onesided || c.Has(1) {
		copy(out, c.UnknownShape(len(out)-1))
	}
	c.SetShape(0, out)
}

// signalAxis counts an axis from the front and refuses the last one, which holds
// real and imaginary parts.
func (c *Call) signalAxis(axis int64, rank int) int {
	at := c.NormAxis("axis", axis, rank)
	if at == rank-1 {
		c.Failf("axis %d is that of real and imaginary parts", axis)
	}
	return at
}

// dftLength is the number of points along an axis when dft_length is omitted.
func dftLength(in graph.Dim, onesided, inverse bool) graph.Dim {
	if onesided && inverse {
		return in.AddInt(-1).MulInt(2)
	}
	return in
}

// checkComplex refuses a last axis that does not fit: 1 for real input, 2 for
// complex one.
func (c *Call) checkComplex(last graph.Dim, onesided, inverse bool) {
	k, ok := last.Const()
	switch {
	case !ok:
	case k != 1 && k != 2:
		c.Wantf("1 or 2", "the last axis of input has size %d", k)
	case onesided && !inverse && k != 1:
		c.Failf("a one-sided transform needs real input: the last axis has size %d", k)
	case onesided && inverse && k != 2:
		c.Failf("an inverse one-sided transform needs complex input: the last axis has size %d", k)
	}
}

// fftFlops is the work of one transform of n points.
func (c *Call) fftFlops(n graph.Dim, realSide bool) graph.Dim {
	full := n.Mul(c.log2(n)).MulInt(5)
	if realSide {
		return full.AddInt(1).MustFloorDiv(2)
	}
	return full
}

func costDFT(c *Call) Cost {
	x, y := c.InShape(0), c.OutShape(0)
	axis, known := c.Int("axis", 1), true
	if c.Op.Since[0] >= 20 {
		axis, known = c.dftAxis()
	}
	if !known {
		c.Unresolved("axis is not known")
	}
	at := c.signalAxis(axis, len(x))
	inverse := c.Int("inverse", 0) != 0
	n := dftLength(x[at], c.Int("onesided", 0) != 0, inverse)
	if c.Has(1) {
		n = c.scalarSize(1, 1)
	}
	others := append(append(graph.Shape{}, y[:at]...), y[at+1:len(y)-1]...).Elements()
	realSide := x[len(x)-1].Is(1) || y[len(y)-1].Is(1)
	cost := Cost{Flop: c.fftFlops(n, realSide).Mul(others)}
	if inverse {
		cost.Flop = cost.Flop.Add(y.Elements())
	}
	return cost
}

// frames returns batch, frame length and number of frames of an STFT.
func (c *Call) frames(x graph.Shape) (length, count graph.Dim) {
	step := c.scalarSize(1, 1)
	if !c.Has(2) && !c.Has(3) {
		c.Failf("neither window nor frame_length is given")
	}
	length = c.UnknownDim()
	if c.Has(3) {
		length = c.scalarSize(3, 1)
	}
	if w := c.ShapeOfRank(2, 1, 1); w != nil {
		length = c.Same(length, w[0], "frame_length and size of window")
	}
	spare := x[1].Sub(length)
	if k, ok := spare.Const(); ok && k < 0 {
		c.Failf("a frame is longer than the signal: %s and %s", length, x[1])
	}
	count, ok := spare.FloorDiv(step)
	if !ok {
		count = c.UnknownDim()
	}
	return length, count.AddInt(1)
}

func inferSTFT(c *Call) {
	c.schemaType(2, graph.DType.IsFloat)
	x := c.ShapeOfRank(0, 2, 3)
	if x == nil {
		x = c.UnknownShape(3)
	}
	if len(x) == 3 {
		c.checkComplex(x[2], false, false)
	}
	length, count := c.frames(x)
	if c.Int("onesided", 1) != 0 {
		length = length.MustFloorDiv(2).AddInt(1)
	}
	c.SetShape(0, graph.Shape{x[0], count, length, graph.Int(2)})
}

func costSTFT(c *Call) Cost {
	x := c.InShape(0)
	length, count := c.frames(x)
	parts := graph.Int(1)
	if len(x) == 3 {
		parts = x[2]
	}
	flops := c.fftFlops(length, parts.Is(1))
	if c.Has(2) {
		flops = flops.Add(length.Mul(parts))
	}
	return Cost{Flop: flops.Mul(count).Mul(x[0])}
}

func inferWindow(c *Call) {
	c.SetDType(0, c.outputDatatype())
	least := int64(0)
	if c.In[0].Const { // ONNX's own shape inference sees it
		least = 1
	}
	n := c.scalarSize(0, least)
	if n.HasUnknown() {
		n = c.DataDim(0, 0, least, nil)
	}
	c.SetShape(0, graph.Shape{n})
}

// outputDatatype returns the element type that the attribute output_datatype
// names, float32 when it is not given.
func (c *Call) outputDatatype() graph.DType {
	if c.Attr("output_datatype") == nil {
		return graph.Float32
	}
	return c.dtypeAttr("output_datatype", 0)
}

// costWindow is the cost of a window with a number of cosine terms.
func costWindow(c *Call, terms int64) Cost {
	n := c.OutN(0).MulInt(terms)
	return Cost{Flop: n.MulInt(3), Exp: n}
}

func inferMelWeights(c *Call) {
	c.SetDType(0, c.outputDatatype())
	bins, length := c.scalarSize(0, 0), c.scalarSize(1, 0)
	for i := 2; i < 5; i++ {
		c.ShapeOfRank(i, 0, 1)
	}
	c.SetShape(0, graph.Shape{length.MustFloorDiv(2).AddInt(1), bins})
}

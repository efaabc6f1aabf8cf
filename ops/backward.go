package ops

import (
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Backward says what the gradients of an operator's inputs take, once those of its
// outputs are known. It covers multiply-accumulates, the column of matmul-class
// work: an operator that does none forward does none backward, its gradient is
// elementwise work, a copy or a sum.
type Backward struct {
	// Doc is one sentence for documentation.
	Doc string
	// Stops marks operators that pass no gradient: their derivative is zero or does
	// not exist.
	Stops bool
	rule  func(c *Call, forward graph.Dim, wants []bool) Gradients // nil: no products
}

// Gradients are the multiply-accumulates of one backward step through a node.
type Gradients struct {
	Inputs []graph.Dim // by input: the product that gives its gradient alone
	Shared graph.Dim   // products that the gradients of several inputs rest on
}

var (
	stops      = Backward{Doc: "No gradient passes: the derivative is zero almost everywhere, or there is none.", Stops: true}
	plain      = Backward{Doc: "No products: the gradient is elementwise work, a copy or a sum."}
	straight   = Backward{Doc: "No products: training with quantisation takes the gradient of the output for that of the input."}
	twoFactors = Backward{Doc: "The gradient of each of the two factors is a product of as many MACs as the forward one; a bias is a sum.",
		rule: func(c *Call, forward graph.Dim, wants []bool) Gradients { return eachOf(forward, wants, 0, 1) }}
)

// backwards lists the operators by their rule. One that is in no list has none:
// where a gradient must pass it, totals are incomplete.
var backwards = []struct {
	rule   Backward
	domain string
	names  string
}{
	{stops, "", "BitCast Bernoulli Ceil ConstantFill ConstantOfShape DynamicQuantizeLinear EyeLike Floor GivenTensorFill Hardmax MelWeightMatrix " +
		"NonMaxSuppression QuantizeLinear RandomNormalLike RandomUniformLike Round Sign"},
	{stops, msDomain, "QuantizeLinear"},
	{plain, "", "Celu Elu Gelu HardSigmoid HardSwish LeakyRelu Mish PRelu Relu Selu Shrink Sigmoid Softplus Softsign SwiGLU Swish ThresholdedRelu"},
	{plain, "", "Abs Acos Acosh Add Asin Asinh Atan Atanh Clip Cos Cosh Div Erf Exp Log Max Mean Min Mod Mul Neg Pow Reciprocal Sin Sinh Sqrt Sub Sum Tan Tanh Where"},
	{plain, "", "Affine Crop DynamicSlice ImageScaler MemcpyFromHost MemcpyToHost ParametricSoftplus Scale ScaledTanh"},
	{plain, "", "Cast CastLike CumProd CumSum DequantizeLinear Dropout Identity LogSoftmax Softmax RotaryEmbedding"},
	{plain, "", "CenterCropPad Col2Im Concat DepthToSpace Expand Flatten Pad Reshape ReverseSequence Slice SpaceToDepth Split Squeeze Tile Transpose Trilu Unsqueeze"},
	{plain, "", "Compress Gather GatherElements GatherND OneHot Scatter ScatterElements ScatterND TensorScatter TopK Unique"},
	{plain, "", "AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool LpPool MaxPool MaxRoiPool MaxUnpool RoiAlign"},
	{plain, "", "AffineGrid DFT GridSample Resize STFT Upsample"},
	{plain, "", "BatchNormalization GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization MeanVarianceNormalization RMSNormalization SimplifiedLayerNormalization"},
	{plain, "", "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"},
	{plain, "", "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss"},
	{plain, "", "ConcatFromSequence Optional OptionalGetElement SequenceAt SequenceConstruct SequenceErase SequenceInsert SplitToSequence"},
	{plain, msDomain, "BiasAdd BiasDropout BiasGelu BiasSoftmax BiasSplitGelu BitmaskBiasDropout BitmaskDropout EmbedLayerNormalization ExpandDims FastGelu GatedAdd " +
		"GatherND Gelu GridSample GroupNorm Pad QuickGelu RemovePadding RestorePadding RotaryEmbedding ScaledSiLU SkipGroupNorm SkipLayerNormalization " +
		"SkipSimplifiedLayerNormalization Trilu"},
	{straight, "qonnx.custom_op.general", "BipolarQuant FloatQuant IntQuant Quant Trunc"},
	{straight, "onnx.brevitas", "BipolarQuant FloatQuant IntQuant Quant Trunc"},
	{twoFactors, "", "CausalConvWithState Conv ConvTranspose Gemm MatMul"},
	{twoFactors, msDomain, "CausalConvWithState ConvTransposeWithDynamicPads FusedConv FusedGemm FusedMatMul FusedMatMulActivation GemmFastGelu NhwcConv NhwcFusedConv TransposeMatMul"},
	{twoFactors, "com.microsoft.nchwc", "Conv"},
	{twoFactors, "qonnx.custom_op.channels_last", "Conv"},
	{Backward{Doc: "The gradient of W is a product of as many MACs as the forward one; those of X, offset and mask rest on one more, W times the gradient.",
		rule: deformGradients}, "", "DeformConv"},
	{Backward{Doc: "Of each pairwise contraction, the gradient of either factor is a product of as many MACs; one operand is a sum.",
		rule: einsumGradients}, "", "Einsum"},
	{Backward{Doc: "The gradients of X and W are a product each of as many MACs as X times W, that of R as many as H times R; all rest on " +
		"the gradient of the hidden state, which takes as many as H times R for every step that hands on its state, the first one's initial state only where it is asked for.",
		rule: recurrentGradients}, "", "GRU LSTM RNN"},
	{Backward{Doc: attentionGradDoc, rule: attentionGradients}, "", "Attention"},
	{Backward{Doc: attentionGradDoc, rule: multiHeadGradients}, msDomain, "MultiHeadAttention"},
}

const attentionGradDoc = "The gradients of Q and K are a product each of as many MACs as Q times K, that of V as many as probabilities times V; " +
	"those of Q, K and the mask rest on the gradient of the probabilities, as many again. The scores are kept, not computed anew."

var backwardIndex = sync.OnceValue(func() map[opKey]*Backward {
	idx := map[opKey]*Backward{}
	for i := range backwards {
		for _, name := range strings.Fields(backwards[i].names) {
			idx[opKey{backwards[i].domain, name}] = &backwards[i].rule
		}
	}
	return idx
})

// Backward returns the rule for gradients, nil if there is none. A user's formula
// has none.
func (op *Op) Backward() *Backward {
	if op == nil || op.Source != "" {
		return nil
	}
	return backwardIndex()[opKey{op.Domain, op.Name}]
}

// Multiplies reports whether gradients take multiply-accumulates.
func (b *Backward) Multiplies() bool { return b.rule != nil }

// Gradients returns the multiply-accumulates of the gradients of the inputs that
// wants marks. The node must have a rule that multiplies and be counted. why says which
// size is missing; then there are no figures.
func (r *Result) Gradients(in *Instance, n *NodeResult, wants []bool) (g Gradients, why string) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case unresolved:
			g, why = Gradients{}, x.why
		case invalid:
			g, why = Gradients{}, x.err.Error()
		default:
			panic(x)
		}
	}()
	c, ok := r.call(in, n)
	if !ok {
		return g, "its domain is not imported"
	}
	for i, v := range n.Node.Outputs {
		if v != nil {
			c.Out[i] = *in.Info(v)
		}
	}
	return n.Op.Backward().rule(c, n.Cost.MAC, wants), ""
}

// call makes the call of a node anew, as Infer made it; outputs are not set.
func (r *Result) call(in *Instance, n *NodeResult) (*Call, bool) {
	opset, ok := in.opsets[n.Node.Domain]
	if !ok {
		return nil, false
	}
	p := &pass{model: r.Model, table: index(), opt: r.opt, dims: map[string]int64{}, inputDims: map[string]bool{},
		memo: map[string]*Instance{}, seenWarn: map[string]bool{}, usedOpts: map[string]bool{}}
	c := &Call{Node: n.Node, Op: n.Op, Opset: int(opset), pass: p, inst: in,
		In: make([]*Info, len(n.Node.Inputs)), Out: make([]Info, len(n.Node.OutputNames))}
	for i, v := range n.Node.Inputs {
		if v == nil {
			continue
		}
		if info := in.Info(v); !info.omitted {
			c.In[i] = info
		}
	}
	return c, true
}

// eachOf gives the listed inputs a product of as many MACs as the forward one.
func eachOf(forward graph.Dim, wants []bool, inputs ...int) Gradients {
	g := Gradients{Inputs: make([]graph.Dim, len(wants))}
	for _, i := range inputs {
		if i < len(wants) && wants[i] {
			g.Inputs[i] = forward
		}
	}
	return g
}

// anyOf reports whether one of the listed inputs wants a gradient.
func anyOf(wants []bool, inputs ...int) bool {
	for _, i := range inputs {
		if i < len(wants) && wants[i] {
			return true
		}
	}
	return false
}

// deformGradients: inputs are X, W, offset, B, mask.
func deformGradients(_ *Call, forward graph.Dim, wants []bool) Gradients {
	g := eachOf(forward, wants, 1)
	if anyOf(wants, 0, 2, 4) {
		g.Shared = forward
	}
	return g
}

// einsumGradients goes back over the pairwise contractions of the cost rule. At step i the
// factors are what the operands before i have become, and operand i.
func einsumGradients(c *Call, _ graph.Dim, wants []bool) Gradients {
	g := Gradients{Inputs: make([]graph.Dim, len(wants))}
	for i, macs := range c.contractions() {
		if wants[i+1] {
			g.Inputs[i+1] = macs
		}
		for _, before := range wants[:i+1] {
			if before {
				g.Shared = g.Shared.Add(macs)
				break
			}
		}
	}
	return g
}

// recurrentGradients: inputs are X, W, R, B, lengths, initial state. The gradient of a state is
// needed at every step but for the initial one.
func recurrentGradients(c *Call, _ graph.Dim, wants []bool) Gradients {
	r := c.recurrent()
	each := r.batch.Mul(r.hidden).MulInt(r.gates * r.dirs)
	g := eachOf(each.Mul(r.seq).Mul(r.input), wants, 0, 1)
	state := each.Mul(r.hidden)
	g.Shared = state.Mul(lessOne(r.seq))
	if anyOf(wants, 2) {
		g.Inputs[2] = state.Mul(r.seq)
	}
	if anyOf(wants, 5) {
		g.Inputs[5] = state
	}
	return g
}

// products returns the MACs of queries times keys and of probabilities times values.
func (a attention) products(half bool) (qk, pv graph.Dim) {
	scores, mix := a, a
	scores.vHead, mix.head = graph.Int(0), graph.Int(0)
	return scores.macs(half), mix.macs(half)
}

// attentionGradients: inputs are Q, K, V, mask, past key, past value.
func attentionGradients(c *Call, _ graph.Dim, wants []bool) Gradients {
	a, ok := c.wholeAttention()
	if !ok {
		c.Unresolved("the rank of Q, K and V is not known")
	}
	qk, pv := a.products(c.Int("is_causal", 0) != 0 && c.CausalHalf())
	g := eachOf(qk, wants, 0, 1)
	if anyOf(wants, 2, 5) { // one product gives both parts
		g.Inputs[2] = pv
	}
	if anyOf(wants, 4) && !wants[1] {
		g.Inputs[4] = qk
	}
	if anyOf(wants, 0, 1, 3, 4) {
		g.Shared = pv
	}
	return g
}

// multiHeadGradients: inputs are query, key and value, of which the first may hold
// all three and the second two; the bias of the projections has a share in each.
func multiHeadGradients(c *Call, _ graph.Dim, wants []bool) Gradients {
	qk, pv := c.multiHead().products(c.Int("unidirectional", 0) != 0 && c.CausalHalf())
	k, v := 1, 2
	if len(c.Shape(1)) == 5 {
		v = 1
	}
	if !c.Has(1) {
		k, v = 0, 0
	}
	bias := anyOf(wants, 3)
	g := Gradients{Inputs: make([]graph.Dim, len(wants))}
	for _, p := range []struct {
		input int
		macs  graph.Dim
	}{{0, qk}, {k, qk}, {v, pv}} {
		if wants[p.input] || bias {
			g.Inputs[p.input] = g.Inputs[p.input].Add(p.macs)
		}
	}
	if anyOf(wants, 0, k, 5, 6) || bias {
		g.Shared = pv
	}
	return g
}

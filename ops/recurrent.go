package ops

import (
	"fmt"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	recurrentDoc = " MACs are the gates' matrix products: for each step, sample and direction gates*hidden_size*(input_size + hidden_size). " +
		"The two bias vectors are an addition each per gate unit. Short sequences of sequence_lens count in full. "
	lstmDoc = "Long short-term memory. Gates i, o, f and c; the cell state is f.C + i.c and the output o.h(C)." + recurrentDoc +
		"Per unit: 3 flops for the cell state, 1 for the output, 2 per peephole, activations of i, o, f, c and C. (ONNX Operators.md, LSTM)"
	gruDoc = "Gated recurrent unit. Gates z, r and h; the output is (1 - z).h + z.H." + recurrentDoc +
		"Per unit: 1 flop for the reset, before or after the product with H, and 4 for the output, activations of z, r and h. (ONNX Operators.md, GRU)"
	rnnDoc = "Simple recurrent net: f(X*W + H*R + b)." + recurrentDoc +
		"Per unit one activation. (ONNX Operators.md, RNN)"
	lstmIn         = "X:T, W:T, R:T, B?:T, sequence_lens?:int32 shape, initial_h?:T state, initial_c?:T state, P?:T"
	gruIn          = "X:T, W:T, R:T, B?:T, sequence_lens?:int32 shape, initial_h?:T state"
	recurrentAttrs = "activation_alpha:floats activation_beta:floats activations:strings clip:float direction:string=forward hidden_size:int"
	halfToDouble   = "T: float16 float32 float64"
)

var recurrentOps = []Op{
	{
		Name: "LSTM", Since: []int{1}, Doc: lstmDoc, In: lstmIn, Out: "Y?:T, Y_h?:T, Y_c?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " input_forget:int=0 output_sequence:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[100,1,64] !f32[1,256,64] !f32[1,256,64]", Attrs: "hidden_size=64 output_sequence=1", Out: "f32[100,1,1,64] f32[1,1,64]", Cost: "mac=3276800 flop=83200 exp=32000"},
		},
	},
	{
		Name: "LSTM", Since: []int{7}, Doc: lstmDoc, In: lstmIn, Out: "Y?:T, Y_h?:T, Y_c?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " input_forget:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[100,1,64] !f32[2,256,64] !f32[2,256,64]", Attrs: "hidden_size=64 direction=bidirectional", Out: "f32[100,2,1,64] f32[2,1,64] f32[2,1,64]", Cost: "mac=6553600 flop=166400 exp=64000"},
		},
	},
	{
		Name: "LSTM", Since: []int{14}, Doc: lstmDoc, In: lstmIn, Out: "Y?:T, Y_h?:T, Y_c?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " input_forget:int=0 layout:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[B,S,3] f32[1,8,3] f32[1,8,2] f32[1,16] _ f32[B,1,2] f32[B,1,2] f32[1,6]", Attrs: "hidden_size=2 layout=1", Out: "f32[B,S,1,2] f32[B,1,2] f32[B,1,2]", Cost: "mac=40*B*S flop=54*B*S exp=10*B*S"},
		},
	},
	{
		Name: "LSTM", Since: []int{22}, Doc: lstmDoc, In: lstmIn, Out: "Y?:T, Y_h?:T, Y_c?:T", Types: "T: float",
		Attrs: recurrentAttrs + " input_forget:int=0 layout:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "bf16[S,B,3] bf16[1,8,3] bf16[1,8,2]", Out: "_ bf16[1,B,2]", Cost: "mac=40*B*S flop=26*B*S exp=10*B*S"},
			{In: "f32[*] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=2", Out: "f32[?,1,?,2]"},
			{In: "f32[S,B,3] f32[1,8,4] f32[1,8,2]", Attrs: "hidden_size=2", Err: "W has shape [1, 8, 4]"},
			{In: "f32[S,B,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=3", Err: "W has shape"},
			{In: "f32[S,B,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=0", Err: "hidden_size is 0"},
			{In: "f32[S,B,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=2 direction=both", Err: "direction"},
			{In: "f32[S,B,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=2 layout=2", Err: "layout"},
			{In: "f32[S,B,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=2 activations=[Tanh]", Err: "activations"},
			{In: "f32[S,B,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=2 activations=[Tanh,Tanh,Cube]", Err: "Cube"},
			{In: "f32[S,3] f32[1,8,3] f32[1,8,2]", Attrs: "hidden_size=2", Err: "X has rank 2"},
		},
	},
	{
		Name: "GRU", Since: []int{1}, Doc: gruDoc, In: gruIn, Out: "Y?:T, Y_h:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " output_sequence:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[100,1,64] !f32[1,192,64] !f32[1,192,64]", Attrs: "hidden_size=64", Out: "f32[100,1,1,64] f32[1,1,64]", Cost: "mac=2457600 flop=70400 exp=19200"},
		},
	},
	{
		Name: "GRU", Since: []int{3}, Doc: gruDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " linear_before_reset:int=0 output_sequence:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[100,1,64] !f32[1,192,64] !f32[1,192,64] !f32[1,384]", Attrs: "hidden_size=64 linear_before_reset=1", Out: "f32[100,1,1,64] f32[1,1,64]", Cost: "mac=2457600 flop=108800 exp=19200"},
		},
	},
	{
		Name: "GRU", Since: []int{7}, Doc: gruDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " linear_before_reset:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[S,B,4] !f32[2,9,4] !f32[2,9,3]", Attrs: "hidden_size=3 direction=bidirectional", Out: "_ f32[2,B,3]", Cost: "mac=126*B*S flop=66*B*S exp=18*B*S"},
		},
	},
	{
		Name: "GRU", Since: []int{14}, Doc: gruDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " layout:int=0 linear_before_reset:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[B,S,4] !f32[1,9,4] !f32[1,9,3]", Attrs: "hidden_size=3 layout=1 clip=3", Out: "f32[B,S,1,3] f32[B,1,3]", Cost: "mac=63*B*S flop=33*B*S exp=9*B*S cmp=18*B*S"},
		},
	},
	{
		Name: "GRU", Since: []int{22}, Doc: gruDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: "T: float",
		Attrs: recurrentAttrs + " layout:int=0 linear_before_reset:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[S,B,4] !f32[1,9,4] !f32[1,9,3]", Attrs: "hidden_size=3 activations=[Relu,relu]", Out: "f32[S,1,B,3] f32[1,B,3]", Cost: "mac=63*B*S flop=15*B*S cmp=9*B*S"},
			{In: "f32[S,B,4] f32[1,9,4] f32[1,9,3] f32[1,9]", Attrs: "hidden_size=3", Err: "B has shape [1, 9]"},
			{In: "f32[5,2,4] f32[1,9,4] f32[1,9,3] _ i32[2]={5,6}", Attrs: "hidden_size=3", Err: "sequence_lens has an element 6"},
			{In: "f32[S,2,4] f32[1,9,4] f32[1,9,3] _ i32[3]", Attrs: "hidden_size=3", Err: "sequence_lens has shape [3]"},
			{In: "f32[S,2,4] f32[1,9,4] f32[1,9,3] _ _ f32[2,1,3]", Attrs: "hidden_size=3", Err: "initial_h has shape"},
		},
	},
	{
		Name: "RNN", Since: []int{1}, Doc: rnnDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " output_sequence:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[100,1,64] !f32[1,64,64] !f32[1,64,64] !f32[1,128]", Attrs: "hidden_size=64", Out: "f32[100,1,1,64] f32[1,1,64]", Cost: "mac=819200 flop=12800 exp=6400"},
		},
	},
	{
		Name: "RNN", Since: []int{7}, Doc: rnnDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: halfToDouble,
		Attrs: recurrentAttrs, Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[S,B,64] !f32[1,64,64] !f32[1,64,64]", Attrs: "hidden_size=64 direction=reverse", Out: "f32[S,1,B,64]", Cost: "mac=8192*B*S exp=64*B*S"},
		},
	},
	{
		Name: "RNN", Since: []int{14}, Doc: rnnDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: halfToDouble,
		Attrs: recurrentAttrs + " layout:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "f32[B,S,64] !f32[1,64,64] !f32[1,64,64]", Attrs: "hidden_size=64 layout=1", Out: "f32[B,S,1,64]", Cost: "mac=8192*B*S exp=64*B*S"},
		},
	},
	{
		Name: "RNN", Since: []int{22}, Doc: rnnDoc, In: gruIn, Out: "Y?:T, Y_h?:T", Types: "T: float",
		Attrs: recurrentAttrs + " layout:int=0", Infer: inferRecurrent, Cost: costRecurrent,
		Cases: []Case{
			{In: "bf16[S,B,64] !bf16[1,64,64] !bf16[1,64,64]", Attrs: "hidden_size=64", Out: "bf16[S,1,B,64]", Cost: "mac=8192*B*S exp=64*B*S"},
		},
	},
}

// recurrentKind is what sets the recurrent operators apart.
type recurrentKind struct {
	gates       int64
	activations []string // defaults of one direction
	applied     []int64  // how often each is applied to a unit
	flops       int64    // per unit and step, without biases
}

var recurrentKinds = map[string]recurrentKind{
	"DynamicQuantizeLSTM": {4, []string{"Sigmoid", "Tanh", "Tanh"}, []int64{3, 1, 1}, 4},
	"AttnLSTM":            {4, []string{"Sigmoid", "Tanh", "Tanh"}, []int64{3, 1, 1}, 4},
	"LSTM":                {4, []string{"Sigmoid", "Tanh", "Tanh"}, []int64{3, 1, 1}, 4},
	"GRU":                 {3, []string{"Sigmoid", "Tanh"}, []int64{2, 1}, 5},
	"RNN":                 {1, []string{"Tanh"}, []int64{1}, 0},
}

// recurrent holds the sizes of one recurrent node.
type recurrent struct {
	recurrentKind
	seq, batch, input, hidden graph.Dim
	dirs                      int64
	batchFirst                bool
}

// recurrent checks attributes and shapes against each other and returns the sizes.
func (c *Call) recurrent() recurrent {
	r := recurrent{recurrentKind: recurrentKinds[c.Op.Name], dirs: 1}
	switch d := c.Str("direction", "forward"); d {
	case "forward", "reverse":
	case "bidirectional":
		r.dirs = 2
	default:
		c.Wantf("forward, reverse or bidirectional", "direction is %q", graph.Clip(d))
	}
	layout := c.Int("layout", 0)
	if layout != 0 && layout != 1 {
		c.Wantf("0 or 1", "layout is %d", layout)
	}
	r.batchFirst = layout == 1
	x := c.shapeOr(0, 3)
	r.seq, r.batch, r.input = x[0], x[1], x[2]
	if r.batchFirst {
		r.seq, r.batch = r.batch, r.seq
	}
	r.hidden = c.hiddenSize()
	c.checkRecurrentShapes(&r)
	return r
}

// shapeOr is ShapeOfRank with unknown dims where the rank is not known.
func (c *Call) shapeOr(i, rank int) graph.Shape {
	if s := c.ShapeOfRank(i, rank, rank); s != nil {
		return s
	}
	return c.UnknownShape(rank)
}

// hiddenSize is the attribute, or the last dim of R.
func (c *Call) hiddenSize() graph.Dim {
	if c.Attr("hidden_size") == nil {
		if c.quantLSTM() {
			return c.shapeOr(2, 3)[1]
		}
		return c.shapeOr(2, 3)[2]
	}
	h := c.Int("hidden_size", 0)
	if h < 1 {
		c.Wantf("1 or more", "hidden_size is %d", h)
	}
	return graph.Int(h)
}

// checkRecurrentShapes refuses weights, biases and states that do not fit, and
// learns sizes that X leaves open from them.
func (c *Call) checkRecurrentShapes(r *recurrent) {
	dirs := graph.Int(r.dirs)
	gateRows := r.hidden.MulInt(r.gates)
	attn := c.attnDepth()
	if w := c.Shape(1); len(w) == 3 && r.input.HasUnknown() {
		if r.input = w[2].Sub(attn); c.quantLSTM() {
			r.input = w[1]
		}
	}
	state := graph.Shape{dirs, r.batch, r.hidden}
	if r.batchFirst {
		state[0], state[1] = r.batch, dirs
	}
	if c.quantLSTM() {
		c.mustBe(1, dirs, r.input, gateRows)
		c.mustBe(2, dirs, r.hidden, gateRows)
	} else {
		c.mustBe(1, c.writtenDirs(1, dirs), gateRows, r.input.Add(attn))
		c.mustBe(2, c.writtenDirs(2, dirs), gateRows, r.hidden)
	}
	c.mustBe(3, c.writtenDirs(3, dirs), gateRows.MulInt(2))
	c.checkLengths(4, r.seq)
	c.mustBe(4, r.batch)
	c.mustBe(5, state...)
	if len(r.activations) == 3 {
		c.mustBe(6, state...)
		c.mustBe(7, dirs, r.hidden.MulInt(3))
	}
	c.recurrentActivations(*r)
}

// writtenDirs returns the directions that weight i is written for. Weights of another
// number of directions than the attribute says are said, as ONNX's own inference
// accepts them; a runtime does not.
func (c *Call) writtenDirs(i int, dirs graph.Dim) graph.Dim {
	s := c.Shape(i)
	if len(s) == 0 || !s[0].IsConst() || s[0].Equal(dirs) {
		return dirs
	}
	c.Warnf("%s has shape %s, but %s directions are asked for", c.InName(i), s, dirs)
	return s[0]
}

// checkLengths refuses lengths of sequences outside [0, seq].
func (c *Call) checkLengths(i int, seq graph.Dim) {
	most, ok := seq.Const()
	for _, e := range c.Elems(i) {
		if k, isConst := e.Int(); isConst && (k < 0 || ok && k > most) {
			c.Wantf("0 to the length of X", "%s has an element %d", c.InName(i), k)
		}
	}
}

// mustBe refuses input i when its shape contradicts want.
func (c *Call) mustBe(i int, want ...graph.Dim) {
	s := c.Shape(i)
	if s == nil {
		return
	}
	if !compatible(s, want) {
		c.Wantf(showUnknown(want), "%s has shape %s", c.InName(i), s)
	}
}

// activationCosts is the work of one call of the activation functions that
// recurrent operators name, in lower case as names are compared without case.
var activationCosts = map[string]Cost{
	"relu":            {Cmp: graph.Int(1)},
	"tanh":            {Exp: graph.Int(1)},
	"sigmoid":         {Exp: graph.Int(1), Flop: graph.Int(3)},
	"affine":          {Flop: graph.Int(2)},
	"leakyrelu":       {Cmp: graph.Int(1), Flop: graph.Int(1)},
	"thresholdedrelu": {Cmp: graph.Int(1)},
	"scaledtanh":      {Exp: graph.Int(1), Flop: graph.Int(2)},
	"hardsigmoid":     {Flop: graph.Int(2), Cmp: graph.Int(2)},
	"elu":             {Cmp: graph.Int(1), Exp: graph.Int(1), Flop: graph.Int(2)},
	"softsign":        {Flop: graph.Int(3)},
	"softplus":        {Exp: graph.Int(2), Flop: graph.Int(1)},
}

// recurrentActivations returns the names of the activation functions, in lower
// case, one list after another for two directions.
func (c *Call) recurrentActivations(r recurrent) []string {
	var names []string
	if a := c.Attr("activations"); a != nil {
		names = a.Strs
	}
	if len(names) == 0 {
		for i := int64(0); i < r.dirs; i++ {
			names = append(names, r.activations...)
		}
	}
	if want := int(r.dirs) * len(r.activations); len(names) < want || len(names) > want && c.Op.Name != "RNN" {
		c.Wantf(fmt.Sprint(want), "activations has %d names", len(names))
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
		if _, ok := activationCosts[out[i]]; !ok {
			c.Failf("activation function %q is not known", graph.Clip(n))
		}
	}
	return out
}

func inferRecurrent(c *Call) {
	r := c.recurrent()
	dirs := graph.Int(r.dirs)
	y, h := graph.Shape{r.seq, dirs, r.batch, r.hidden}, graph.Shape{dirs, r.batch, r.hidden}
	if r.batchFirst {
		y, h = graph.Shape{r.batch, r.seq, dirs, r.hidden}, graph.Shape{r.batch, dirs, r.hidden}
	}
	c.SetShape(0, y)
	c.SetShape(1, h)
	c.SetShape(2, h)
}

func costRecurrent(c *Call) Cost {
	r := c.recurrent()
	steps := r.seq.Mul(r.batch)
	units := steps.Mul(r.hidden)
	dirs := graph.Int(r.dirs)
	flops := r.flops
	if c.Has(3) {
		flops += 2 * r.gates
	}
	if c.Has(7) {
		flops += 6
	}
	cost := Cost{
		MAC:  units.Mul(r.input.Add(c.attnDepth()).Add(r.hidden)).MulInt(r.gates).Mul(dirs),
		Flop: units.MulInt(flops).Mul(dirs),
	}
	names := c.recurrentActivations(r)
	for i := 0; i < int(r.dirs)*len(r.activations); i++ {
		times := r.applied[i%len(r.activations)]
		cost = cost.Add(activationCosts[names[i]].Times(units.MulInt(times)))
		if c.Attr("clip") != nil {
			cost.Cmp = cost.Cmp.Add(units.MulInt(2 * times))
		}
	}
	return cost
}

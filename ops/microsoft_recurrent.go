package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

var microsoftRecurrentOps = []Op{
	{
		Domain: msDomain, Name: "DynamicQuantizeLSTM", Since: []int{1},
		Doc: "LSTM with 8-bit weights; input and hidden state are quantised as DynamicQuantizeLinear does, without its few operations per tensor: per element two flops, four comparisons and an integer addition. The products are scaled back, " +
			"two flops per gate unit. " + lstmDoc,
		In:  "X:T, W:T2, R:T2, B?:T, sequence_lens?:int32 shape, initial_h?:T state, initial_c?:T state, P?:T, W_scale:T quant, W_zero_point:T2 quant, R_scale:T quant, R_zero_point:T2 quant",
		Out: "Y?:T, Y_h?:T, Y_c?:T", Types: "T: float32; T2: int8 uint8", Attrs: recurrentAttrs + " input_forget:int=0", Infer: inferRecurrent, Cost: costQuantLSTM,
		Cases: []Case{
			// LSTM: 40 MACs, 26 flops, 10 exponentials a step and sample; X: 3, H: 2 elements; 8 gate units
			{In: "f32[S,B,3] !i8[1,3,8] !i8[1,2,8] _ _ _ _ _ !f32[1] !i8[1] !f32[1] !i8[1]", Attrs: "hidden_size=2", Out: "f32[S,1,B,2] f32[1,B,2] f32[1,B,2]", Cost: "mac=40*B*S flop=52*B*S exp=10*B*S cmp=20*B*S int=5*B*S"},
			{In: "f32[S,B,3] !i8[1,8,3] !i8[1,8,2] _ _ _ _ _ !f32[1] !i8[1] !f32[1] !i8[1]", Attrs: "hidden_size=2", Err: "W has shape"},
		},
	},
	{
		Domain: msDomain, Name: "AttnLSTM", Since: []int{1},
		Doc: "LSTM whose input is joined by an attention to a memory (Bahdanau). MACs besides the gates', whose input is wider by the attention: keys once, memory*depth*attn per sample; per step and sample the query " +
			"hidden*attn, the scores steps*attn, the context steps*depth, and with AW (hidden + depth)*aw. Per score an addition and a tanh for each of attn, and the softmax. All memory steps count. " + lstmDoc,
		In: lstmIn + ", QW?:T, MW?:T, V?:T, M?:T, memory_seq_lens?:int32 shape, AW?:T", Out: "Y?:T, Y_h?:T, Y_c?:T", Types: "T: float32 float64",
		Attrs: recurrentAttrs + " input_forget:int=0", Infer: inferRecurrent, Cost: costAttnLSTM,
		Cases: []Case{
			// input 3 + 5, hidden 2: 4*2*(8+2) = 80 a step; attn 4, memory 6 of depth 7, AW to 5: 8 + 24 + 42 + 45 a step; keys 6*7*4 = 168
			{In: "f32[S,B,3] !f32[1,8,8] !f32[1,8,2] _ _ _ _ _ !f32[1,2,4] !f32[1,7,4] !f32[1,4] f32[B,6,7] _ !f32[1,9,5]", Attrs: "hidden_size=2", Out: "f32[S,1,B,2] f32[1,B,2] f32[1,B,2]",
				Cost: "mac=168*B+199*B*S flop=67*B*S exp=40*B*S cmp=5*B*S"},
		},
	},
}

// attnDepth is the width of the attention that joins the input of AttnLSTM, 0 for others.
func (c *Call) attnDepth() graph.Dim {
	switch {
	case c.Op.Name != "AttnLSTM":
		return graph.Dim{}
	case c.Has(13):
		return c.shapeOr(13, 3)[2]
	}
	return c.shapeOr(11, 3)[2]
}

// quantLSTM reports an LSTM whose weights are transposed.
func (c *Call) quantLSTM() bool { return c.Op.Name == "DynamicQuantizeLSTM" }

func costQuantLSTM(c *Call) Cost {
	r := c.recurrent()
	cost := costRecurrent(c)
	steps := r.seq.Mul(r.batch)
	dirs := graph.Int(r.dirs)
	codes := steps.Mul(r.input).Add(steps.Mul(r.hidden).Mul(dirs))
	gates := steps.Mul(r.hidden).Mul(dirs).MulInt(r.gates)
	return cost.Add(Cost{Flop: codes.Add(gates).MulInt(2), Cmp: codes.MulInt(4), Int: codes})
}

func costAttnLSTM(c *Call) Cost {
	r := c.recurrent()
	query, memory := c.shapeOr(8, 3), c.shapeOr(11, 3)
	attn, entries, depth := query[2], memory[1], memory[2]
	samples := r.batch.MulInt(r.dirs)
	steps := r.seq.Mul(samples)
	perStep := r.hidden.Mul(attn).Add(entries.Mul(attn)).Add(entries.Mul(depth))
	if c.Has(13) {
		perStep = perStep.Add(r.hidden.Add(depth).Mul(c.shapeOr(13, 3)[2]))
	}
	energies := steps.Mul(entries).Mul(attn)
	cost := costRecurrent(c).Add(softmaxCost(steps, entries))
	return cost.Add(Cost{
		MAC:  samples.Mul(entries).Mul(depth).Mul(attn).Add(steps.Mul(perStep)),
		Flop: energies, Exp: energies,
	})
}

package ops

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

// rotary holds the sizes of a rotary embedding.
type rotary struct {
	batch, seq, heads graph.Dim
	dim               graph.Dim // rotated elements of a head
}

// rotary checks X and the caches; ok is false when the rank of X is not known.
func (c *Call) rotary() (r rotary, ok bool) {
	x := c.ShapeOfRank(0, 3, 4)
	if x == nil {
		return r, false
	}
	r.batch = x[0]
	if len(x) == 4 {
		r.heads, r.seq, r.dim = x[1], x[2], x[3]
	} else {
		r.heads = c.heads("num_heads")
		r.seq, r.dim = x[1], c.headSize(x[2], r.heads, "X")
	}
	part := c.Int("rotary_embedding_dim", 0)
	if size, isConst := r.dim.Const(); part < 0 || isConst && part > size {
		c.Wantf("0 to the head size", "rotary_embedding_dim is %d", part)
	}
	if part > 0 {
		r.dim = graph.Int(part)
	}
	if k, isConst := r.dim.Const(); isConst && k%2 != 0 {
		c.Wantf("an even number", "%d elements of a head are rotated", k)
	}
	return r, true
}

func inferRotary(c *Call) {
	c.SameShape(0, 0)
	r, ok := c.rotary()
	if !ok {
		return
	}
	half := r.dim.MustFloorDiv(2)
	want := graph.Shape{r.batch, r.seq, half}
	if c.Has(3) {
		want = graph.Shape{c.UnknownDim(), half}
		c.mustBe(3, r.batch, r.seq)
	}
	c.mustBe(1, want...)
	c.mustBe(2, want...)
	c.sameShape(1, 2)
}

func costRotary(c *Call) Cost {
	r, ok := c.rotary()
	if !ok {
		c.Unresolved("the rank of X is not known")
	}
	return Cost{Flop: r.batch.Mul(r.seq).Mul(r.heads).Mul(r.dim).MulInt(3)}
}

// rotaryMoves reads of the caches the rows that position_ids name.
func rotaryMoves(c *Call) Bytes {
	b := Bytes{Written: c.outputBytes()}
	c.reads(&b, 0, c.InBytes(0))
	c.reads(&b, 3, c.InBytes(3))
	for i := 1; i <= 2; i++ {
		n := c.InBytes(i)
		if r, ok := c.rotary(); ok && c.Has(3) {
			n = c.DType(i).Bytes(r.batch.Mul(r.seq).Mul(r.dim.MustFloorDiv(2)))
		}
		c.reads(&b, i, n)
	}
	return b
}

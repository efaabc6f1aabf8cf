package ops

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"
)

// The loops of this file follow ContribOperators.md and the documentation of ONNX
// Runtime's schemas; where those say nothing, the source that the operator's entry names.

func TestFiniteByDoing(t *testing.T) {
	var m meter
	for _, x := range []tensor{zeros(3, 4), zeros(5)} {
		each1(x.v, func(v float64) float64 { return choose(m.less(math.Abs(v), math.MaxFloat32), 1, 0) })
	}
	m.compare(t, "IsAllFinite", costAt(t, "com.microsoft.IsAllFinite", "", "bool", "f32[3,4] f32[5]"))
}

func TestDistancesByDoing(t *testing.T) {
	for _, metric := range []string{"sqeuclidean", "euclidean"} {
		var m meter
		a, b := zeros(4, 3), zeros(5, 3)
		for _, x := range a.rows() {
			for _, y := range b.rows() {
				sum := 0.0
				for i := range x {
					d := m.sub(x[i], y[i])
					sum = m.muladd(sum, d, d)
				}
				if metric == "euclidean" {
					m.sqrt(sum)
				}
			}
		}
		m.compare(t, metric, costAt(t, "com.microsoft.CDist", "metric="+metric, "f32", "f32[4,3] f32[5,3]"))
	}
}

// TestSparseProductByDoing multiplies what is not zero.
func TestSparseProductByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(21))
	for range 20 {
		rows, k, cols := 1+r.Intn(4), 1+r.Intn(5), 1+r.Intn(4)
		var m meter
		nonzero := int64(0)
		for range rows * k {
			if r.Intn(3) > 0 {
				continue
			}
			nonzero++
			for range cols {
				m.muladd(0, 1, 1)
			}
		}
		c := costAt(t, "com.microsoft.SparseToDenseMatMul", "", "f32", fmt.Sprintf("sparse:f32[%d,%d] f32[%d,%d]", rows, k, k, cols))
		m.wants(t, "SparseToDenseMatMul", c, map[string]int64{"node.nonzero": nonzero})
	}
}

// attendRow is one row of scores: products of a query with keys, a scale, further flops,
// the softmax and the sum of values.
func (m *meter) attendRow(keys, head, vHead, extra int) {
	scores := make([]float64, keys)
	for i := range scores {
		s := m.dot(make([]float64, head), make([]float64, head))
		for range 1 + extra {
			s = m.mul(s, 0.5)
		}
		scores[i] = s
	}
	m.softmax(scores)
	for range vHead {
		m.dot(scores, scores)
	}
}

// TestSparseScoresByDoing attends rows to keys that data selects. The rule knows how
// many scores there are and not in how many rows, so that it also counts a comparison and
// an addition for the first score of each row.
func TestSparseScoresByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(22))
	const heads, head = 4, 8
	for what, in := range map[string]string{
		"com.microsoft.SparseAttention num_heads=4 kv_num_heads=2 sparse_block_size=16": "f32[1,3,32] f32[1,3,16] f32[1,3,16] f32[1,2,64,8] f32[1,2,64,8] i32[1,5] i32[1,9] i32={8} i32[1]",
		"com.microsoft.DynamicSparseAttention num_heads=4 kv_num_heads=2":               "f32[1,3,32] f32[1,3,16] f32[1,3,16] f32[1,2,5,8] f32[1,2,5,8] _ _ i32[3,4] i32[3] i32[1] i32={8}",
		"com.microsoft.PagedAttention num_heads=4 kv_num_heads=2":                       "f16[3,32] f16[3,16] f16[3,16] f16[9,16,2,8] f16[9,16,2,8] i32[2] i32[1] i32[1,4]",
		"com.microsoft.SparsePagedAttention num_heads=4 kv_num_heads=2":                 "f16[3,32] f16[3,16] f16[3,16] f16[9,16,2,8] f16[9,16,2,8] i32[2] i32[1] i32[1,4] _ i32[3,7] i32[3]",
	} {
		name, attrs, _ := strings.Cut(what, " ")
		var m meter
		scores := int64(0)
		for range heads * 3 {
			keys := 1 + r.Intn(4)
			scores += int64(keys)
			m.attendRow(keys, head, head, 0)
			m.flop, m.cmp = m.flop+1, m.cmp+1
		}
		m.wants(t, name, costAt(t, name, attrs, "f32 f32 f32", in), map[string]int64{"node.scores": scores})
	}
}

// TestPackedAttentionByDoing attends tokens to those of their own sequence.
func TestPackedAttentionByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(23))
	for range 10 {
		heads, head, vHead, in := 1+r.Intn(3), 1+r.Intn(4), 1+r.Intn(4), 1+r.Intn(5)
		lengths := []int{1 + r.Intn(4), 1 + r.Intn(4), 1 + r.Intn(4)}
		tokens, scores := 0, int64(0)
		var m, projection, bias meter
		for _, n := range lengths {
			tokens += n
			for range n * heads {
				scores += int64(n)
				m.attendRow(n, head, vHead, 0)
				m.flop, m.cmp = m.flop+1, m.cmp+1
			}
		}
		columns := heads * (2*head + vHead)
		for range tokens * columns {
			projection.dot(make([]float64, in), make([]float64, in))
			bias.add(1, 2)
		}
		env := map[string]int64{"node.scores": scores}
		multi := fmt.Sprintf("f32[%[1]d,%[2]d] f32[%[1]d,%[2]d] f32[%[1]d,%[3]d] f32[%[4]d] i32[3,4] i32[4]", tokens, heads*head, heads*vHead, columns)
		m.flop += bias.flop
		m.wants(t, multi, costAt(t, "com.microsoft.PackedMultiHeadAttention", fmt.Sprintf("num_heads=%d", heads), "f32", multi), env)
		m.mac += projection.mac
		whole := fmt.Sprintf("f32[%d,%d] f32[%d,%d] f32[%d] i32[3,4] i32[4]", tokens, in, in, columns, columns)
		attrs := fmt.Sprintf("num_heads=%d qkv_hidden_sizes=[%d,%d,%d]", heads, heads*head, heads*head, heads*vHead)
		m.wants(t, whole, costAt(t, "com.microsoft.PackedAttention", attrs, "f32", whole), env)
	}
}

func (m *meter) project(rows, in, columns int) {
	for range rows * columns {
		m.add(m.dot(make([]float64, in), make([]float64, in)), 1)
	}
}

// TestLongformerByDoing lets each token meet its neighbours and the global ones, and each
// global one all tokens. Windows are full at the ends too.
func TestLongformerByDoing(t *testing.T) {
	const heads, head, window, length, hidden = 2, 4, 4, 16, 8
	for global := range 4 {
		var m meter
		m.project(length, hidden, 3*hidden)
		if global > 0 {
			m.project(global, hidden, hidden)
			m.project(length, hidden, 2*hidden)
		}
		for range heads * length {
			m.attendRow(2*window+1+global, head, head, 0)
			for range 2*window + 1 {
				m.add(1, 2) // the mask
			}
		}
		for range heads * global {
			m.attendRow(length, head, head, 0)
		}
		env := map[string]int64{"node.global": int64(global)}
		in := "f32[1,16,8] f32[8,24] f32[24] f32[1,16] f32[8,24] f32[24] i32[1,16]"
		m.wants(t, fmt.Sprint(global, " global tokens"), costAt(t, "com.microsoft.LongformerAttention", "num_heads=2 window=4", "f32", in), env)
		for range length * hidden { // int8 again: scaled, rounded, saturated
			m.saturate(m.round(m.mul(2, 1)))
		}
		in = "i8[1,16,8] f32 i8[8,24] f32 f32[24] f32 f32 f16[1,16] i8[8,24] f32 f32[24] f32 i32[1,16] f32"
		attrs := "num_heads=2 window=4 order_input=1 order_weight=0 order_global_weight=0 order_output=1"
		m.wants(t, fmt.Sprint("int8, ", global, " global tokens"), costAt(t, "com.microsoft.QOrderedLongformerAttention", attrs, "i8", in), env)
	}
}

// TestDeltaNetByDoing runs the recurrence token by token with a state of value times key.
func TestDeltaNetByDoing(t *testing.T) {
	const tokens, heads, dk, dv = 3, 4, 5, 2
	for _, rule := range []string{"linear", "gated", "delta", "gated_delta"} {
		var m meter
		gated, delta := strings.HasPrefix(rule, "gated"), strings.HasSuffix(rule, "delta")
		for range tokens * heads {
			s, k, v := zeros(dv, dk), make([]float64, dk), make([]float64, dv)
			if gated {
				decay := m.call(math.Exp, -1)
				for i := range s.v {
					s.v[i] = m.mul(s.v[i], decay)
				}
			}
			for i, row := range s.rows() {
				if delta {
					v[i] = m.mul(m.sub(v[i], m.dot(row, k)), 0.5)
				}
				for j := range row {
					row[j] = m.muladd(row[j], v[i], k[j])
				}
				m.mul(m.dot(row, k), 0.125)
			}
		}
		in := "f32[3,2,5] f32[3,2,5] f32[3,4,2] i32[2] "
		for _, given := range []bool{gated, delta} {
			in += map[bool]string{true: "f32[3,4] ", false: "_ "}[given]
		}
		m.compare(t, rule, costAt(t, "com.microsoft.GatedDeltaNet", "update_rule="+rule, "f32 f32", in+"f32[1,4,2,5]"))
	}
}

// TestPositionBucketsByDoing puts distances into the buckets of T5.
func TestPositionBucketsByDoing(t *testing.T) {
	for _, both := range []bool{false, true} {
		var m meter
		const buckets, exact, most = 32, 16, 128
		odometer([]int{5, 6}, func(i []int) {
			distance, offset := m.whole(float64(i[1]-i[0])), 0.0
			if both {
				offset = choose(m.less(0, distance), buckets/2, 0)
				distance = m.whole(math.Abs(distance))
			} else {
				distance = m.max(m.whole(-distance), 0)
			}
			ratio := m.div(m.call(math.Log, m.div(distance, exact)), math.Log(most/exact))
			far := m.whole(exact + math.Floor(m.mul(ratio, buckets-exact)))
			near := choose(m.less(distance, exact), distance, m.min(far, buckets-1))
			if both {
				m.whole(near + offset)
			}
		})
		attrs := fmt.Sprintf("max_distance=128 is_bidirectional=%v", map[bool]int{true: 1}[both])
		m.compare(t, attrs, costAt(t, "com.microsoft.RelativePositionBias", attrs, "f32", "f32[32,4] i64={5} i64={6}"))
	}
}

// expertActivations are those of an inner element, with the second product where there is one.
var expertActivations = map[string]func(m *meter, g, l float64) float64{
	"relu":   func(m *meter, g, l float64) float64 { return m.max(0, g) },
	"silu":   func(m *meter, g, l float64) float64 { return m.mul(g, m.sigmoid(g)) },
	"gelu":   func(m *meter, g, l float64) float64 { return activations["Gelu"](m, g) },
	"swiglu": func(m *meter, g, l float64) float64 { return m.mul(m.mul(g, m.sigmoid(m.mul(1.5, g))), m.add(l, 1)) },
}

// TestExpertsByDoing sends each token through the best k of the experts.
func TestExpertsByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(24))
	for range 40 {
		tokens, experts, hidden, inner := 1+r.Intn(4), 2+r.Intn(4), 1+r.Intn(4), 1+r.Intn(4)
		k := 1 + r.Intn(experts)
		act := sortedKeys(expertActivations)[r.Intn(4)]
		bias, third, normal := r.Intn(2) == 0, act != "relu" && r.Intn(2) == 0, r.Intn(2)
		fused := 1 // fc1 makes both halves of swiglu
		if act == "swiglu" && !third {
			fused = 2
		}
		var m meter
		for range tokens {
			m.softmax(make([]float64, experts))
			for range k {
				m.fold(m.max, make([]float64, experts))
			}
			if normal == 1 {
				sum := m.fold(m.add, make([]float64, k))
				m.divide(make([]float64, k), sum)
			}
			for range k {
				m.expert(act, hidden, inner, fused, bias, third)
			}
		}
		in := fmt.Sprintf("f32[%d,%d] f32[%d,%d] f32[%d,%d,%d]", tokens, hidden, tokens, experts, experts, fused*inner, hidden)
		vec := func(given bool, n int) string {
			if given {
				return fmt.Sprintf(" f32[%d,%d]", experts, n)
			}
			return " _"
		}
		in += vec(bias, fused*inner) + fmt.Sprintf(" f32[%d,%d,%d]", experts, hidden, inner) + vec(bias, hidden)
		if third {
			in += fmt.Sprintf(" f32[%d,%d,%d]", experts, inner, hidden) + vec(bias, inner)
		}
		attrs := fmt.Sprintf("k=%d activation_type=%s normalize_routing_weights=%d", k, act, normal)
		if fused == 2 {
			attrs += " swiglu_fusion=1"
		}
		m.compare(t, "MoE "+attrs+" "+in, costAt(t, "com.microsoft.MoE", attrs, "f32", in))
	}
}

// expert is one expert on one token: fc1 and fc3, the activation, fc2, weighed and added
// to the token's sum.
func (m *meter) expert(act string, hidden, inner, fused int, bias, third bool) {
	linear := func(rows, cols int) {
		for range rows {
			if v := m.dot(make([]float64, cols), make([]float64, cols)); bias {
				m.add(v, 1)
			}
		}
	}
	linear(fused*inner, hidden)
	if third {
		linear(inner, hidden)
	}
	for range inner {
		if v := expertActivations[act](m, 1, 2); third && act != "swiglu" {
			m.mul(v, 2)
		}
	}
	linear(hidden, inner)
	for range hidden {
		m.add(0, m.mul(0.5, 1))
	}
}

// lerp is a + (b - a)*f.
func (m *meter) lerp(a, b, f float64) float64 { return m.add(a, m.mul(m.sub(b, a), f)) }

func (m *meter) bilinear() { m.lerp(m.lerp(1, 2, 0.5), m.lerp(3, 4, 0.5), 0.5) }

func TestBlockedUpsampleByDoing(t *testing.T) {
	var m meter
	odometer([]int{2, 16, 6, 8}, func([]int) { m.bilinear() })
	m.compare(t, "Upsample", costAt(t, "com.microsoft.nchwc.Upsample", "scales=[1,1,2,2] mode=linear", "f32", "f32[2,16,3,4]"))
}

// TestCropsByDoing resizes boxes with their corners aligned.
func TestCropsByDoing(t *testing.T) {
	const boxes, channels, height, width = 3, 2, 4, 5
	for _, mode := range []string{"bilinear", "nearest"} {
		var m meter
		coordinates := func(n int) {
			start := m.mul(0.25, 49)                                  // y1 * (H - 1)
			step := m.div(m.mul(m.sub(0.75, 0.25), 49), 1+float64(n)) // (y2 - y1) * (H - 1) / (crop - 1)
			for i := range n {
				at := m.add(start, m.mul(float64(i), step))
				if m.less(at, 0); m.less(49, at) {
					continue
				}
				if whole := m.do(math.Floor(at)); mode == "bilinear" {
					m.sub(at, whole)
				}
			}
		}
		for range boxes {
			coordinates(height)
			coordinates(width)
		}
		if mode == "bilinear" {
			odometer([]int{boxes, channels, height, width}, func([]int) { m.bilinear() })
		}
		m.compare(t, mode, costAt(t, "com.microsoft.CropAndResize", "mode="+mode, "f32", "f32[1,2,50,50] f32[3,4] i32[3] i32[2]={4,5}"))
	}
}

// TestBlockFloatsByDoing shares the largest exponent of a block of 16.
func TestBlockFloatsByDoing(t *testing.T) {
	var m, back meter
	x := zeros(4, 16)
	for _, block := range x.rows() {
		top := 0.0
		for _, v := range block {
			top = m.max(top, math.Abs(v))
		}
		for _, v := range block {
			back.mul(m.round(m.div(v, top)), top)
		}
	}
	m.compare(t, "QuantizeBFP", costAt(t, "com.microsoft.QuantizeBFP", "bfp_type=0", "u8 i64 i64", x.as("f32")))
	back.compare(t, "DequantizeBFP", costAt(t, "com.microsoft.DequantizeBFP", "bfp_type=0", "f32", "u8[100] i64[2]={4,16} i64[2]={16,1}"))
}

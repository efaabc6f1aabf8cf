package ops

import (
	"fmt"
	"math"
	mathbits "math/bits"
	"math/rand"
	"slices"
	"testing"
)

// lstmStep is a step of a sample: the gates' products, their activations, and the state.
func (m *meter) lstmStep(input, hidden int) {
	gates := make([]float64, 4*hidden)
	for i := range gates {
		gates[i] = m.dot(make([]float64, input), make([]float64, input))
		for range hidden {
			gates[i] = m.muladd(gates[i], 1, 2)
		}
	}
	for range hidden {
		in, out, forget := m.sigmoid(1), m.sigmoid(1), m.sigmoid(1)
		cell := m.add(m.mul(forget, 1), m.mul(in, m.call(math.Tanh, 1)))
		m.mul(out, m.call(math.Tanh, cell))
	}
}

// dynamicCodes quantises n numbers by their own extremes: both take a comparison each.
func (m *meter) dynamicCodes(n int) {
	low, high := 0.0, 0.0
	for range n {
		low, high = m.min(low, 1), m.max(high, 1)
	}
	for range n {
		m.saturate(m.whole(m.round(m.div(1, high-low))))
	}
}

func TestQuantizedLSTMByDoing(t *testing.T) {
	const seq, batch, input, hidden = 3, 2, 5, 4
	for dirs, direction := range map[int]string{1: "forward", 2: "bidirectional"} {
		var m meter
		m.dynamicCodes(seq * batch * input)
		for range seq * batch * dirs {
			m.dynamicCodes(hidden)
			m.lstmStep(input, hidden)
			for range 4 * hidden { // the products with W and R are scaled back
				m.mul(1, 2)
				m.mul(1, 2)
			}
		}
		in := fmt.Sprintf("f32[3,2,5] i8[%[1]d,5,16] i8[%[1]d,4,16] _ _ _ _ _ f32[%[1]d] i8[%[1]d] f32[%[1]d] i8[%[1]d]", dirs)
		m.compare(t, direction, costAt(t, "com.microsoft.DynamicQuantizeLSTM", "hidden_size=4 direction="+direction, "f32", in))
	}
}

// TestAttentiveLSTMByDoing joins the input of each step with the attention before it.
func TestAttentiveLSTMByDoing(t *testing.T) {
	const seq, batch, input, hidden, entries, depth, attn, joined = 3, 2, 3, 2, 6, 7, 4, 5
	var m meter
	for range batch {
		for range entries * attn { // KEYS = M * MW
			m.dot(make([]float64, depth), make([]float64, depth))
		}
		for range seq {
			m.lstmStep(input+joined, hidden)
			for range attn { // PQ = Query * QW
				m.dot(make([]float64, hidden), make([]float64, hidden))
			}
			align := make([]float64, entries)
			for i := range align { // reduce_sum(V * Tanh(KEYS + PQ))
				for range attn {
					align[i] = m.muladd(align[i], 1, m.call(math.Tanh, m.add(1, 2)))
				}
			}
			m.softmax(align)
			for range depth { // CONTEXT = ALIGN * VALUES
				m.dot(align, align)
			}
			for range joined {
				m.dot(make([]float64, hidden+depth), make([]float64, hidden+depth))
			}
		}
	}
	in := "f32[3,2,3] f32[1,8,8] f32[1,8,2] _ _ _ _ _ f32[1,2,4] f32[1,7,4] f32[1,4] f32[2,6,7] _ f32[1,9,5]"
	m.compare(t, "AttnLSTM", costAt(t, "com.microsoft.AttnLSTM", "hidden_size=2", "f32", in))
}

// inverse is Gauss and Jordan's elimination with the identity beside the matrix.
func (m *meter) inverse(a tensor) tensor {
	n := a.dims[0]
	b := zeros(n, n)
	rows, inv := a.rows(), b.rows()
	for k := range n {
		inv[k][k] = 1
	}
	for k := range n {
		p := m.div(1, rows[k][k])
		for j := k + 1; j < n; j++ {
			rows[k][j] = m.mul(rows[k][j], p)
		}
		for j := range k + 1 {
			inv[k][j] = m.mul(inv[k][j], p)
		}
		for i := range n {
			if i == k {
				continue
			}
			f := rows[i][k]
			for j := k + 1; j < n; j++ {
				rows[i][j] = m.sub(rows[i][j], m.mul(f, rows[k][j]))
			}
			for j := range k + 1 {
				inv[i][j] = m.sub(inv[i][j], m.mul(f, inv[k][j]))
			}
		}
	}
	return b
}

// TestInverseByDoing holds the leading term 2*m^3 to elimination, whose other terms grow
// with the square of the order.
func TestInverseByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(25))
	for _, name := range []string{"com.microsoft.Inverse", "com.microsoft.extensions.Inverse", "ai.onnx.contrib.Inverse"} {
		for _, n := range []int{4, 16, 48} {
			var m meter
			a, unit := randomTensor(r, n, n), zeros(n, n)
			for i, row := range a.rows() {
				row[i] += float64(n)
				unit.set(1, i, i)
			}
			copied := tensor{a.dims, slices.Clone(a.v)}
			near(t, name, new(meter).matmul(copied, m.inverse(a)).v, unit.v)
			c := costAt(t, name, "", "f32", a.as("f32"))
			if rule, ok := c.Flop.Const(); !ok || math.Abs(float64(rule-m.flop)) > float64(3*n*n) {
				t.Errorf("%s of order %d: the rule says %s, elimination takes %d", name, n, c.Flop, m.flop)
			}
		}
	}
}

func (m *meter) word(v uint32) uint32 { m.int++; return v }

// murmur is MurmurHash3_x86_32 of words.
func (m *meter) murmur(data []uint32) uint32 {
	h := uint32(0)
	for _, k := range data {
		k = m.word(k * 0xcc9e2d51)
		k = m.word(mathbits.RotateLeft32(k, 15))
		k = m.word(k * 0x1b873593)
		h = m.word(h ^ k)
		h = m.word(mathbits.RotateLeft32(h, 13))
		h = m.word(h * 5)
		h = m.word(h + 0xe6546b64)
	}
	h = m.word(h ^ uint32(4*len(data)))
	for _, step := range []struct {
		shift int
		times uint32
	}{{16, 0x85ebca6b}, {13, 0xc2b2ae35}, {16, 1}} {
		h = m.word(h ^ m.word(h>>step.shift))
		if step.times > 1 {
			h = m.word(h * step.times)
		}
	}
	return h
}

func TestMurmurByDoing(t *testing.T) {
	var m meter
	if h := m.murmur([]uint32{0x74736574}); h != 0xba6bd213 { // "test", a known hash
		t.Fatalf("%x is not the hash of test", h)
	}
	for dtype, words := range map[string]int{"i32": 1, "f32": 1, "i64": 2, "f64": 2} {
		m = meter{}
		for range 6 {
			m.murmur(make([]uint32, words))
		}
		m.compare(t, dtype, costAt(t, "com.microsoft.MurmurHash3", "", "u32", dtype+"[2,3]"))
	}
}

// TestNGramsByDoing mixes the tokens before each place and takes remainders.
func TestNGramsByDoing(t *testing.T) {
	for _, most := range []int{2, 3, 5} {
		var m meter
		const tokens, heads = 6, 3
		for range tokens {
			for n := 2; n <= most; n++ {
				mix := m.word(1)
				for range n - 1 {
					mix = m.word(mix ^ m.word(2*mix))
				}
				for range heads {
					m.word(mix % 7)
				}
			}
		}
		attrs := fmt.Sprintf("max_ngram_size=%d n_head_per_ngram=%d pad_id=0", most, heads)
		sizes := fmt.Sprintf("i64[%d] i64[%d]", most, heads*(most-1))
		m.compare(t, attrs, costAt(t, "com.microsoft.NGramHashMapping", attrs, "i64 i64", "i64[2,3] "+sizes))
		m.compare(t, attrs, costAt(t, "com.microsoft.VarlenNGramHashMapping", attrs, "i64 i64", "i64[6] "+sizes+" i32[3]"))
	}
}

// TestRepeatsByDoing compares the last tokens with those before each place where an
// n-gram ends.
func TestRepeatsByDoing(t *testing.T) {
	for n := 1; n <= 5; n++ {
		var m meter
		const batch, length = 2, 4
		for range batch {
			for from := 0; from+n <= length; from++ {
				for range n - 1 {
					m.equal(1, 1)
				}
			}
		}
		m.compare(t, fmt.Sprint(n), costAt(t, "com.microsoft.NGramRepeatBlock", fmt.Sprintf("ngram_size=%d", n), "f32", "i64[2,4] f32[2,9]"))
	}
}

// TestFirstOccurrencesByDoing looks each element up among those seen.
func TestFirstOccurrencesByDoing(t *testing.T) {
	var m meter
	seen := map[float64]int{}
	for _, v := range []float64{2, 1, 1, 3, 4, 3} {
		m.int++
		if _, ok := seen[v]; !ok {
			seen[v] = len(seen)
		}
	}
	m.wants(t, "Unique", costAt(t, "com.microsoft.Unique", "", "f32 i64 i64", "f32[6]"), nil)
}

// TestWarpingByDoing adds to each cost that of the cheapest of three ways to it; there is a
// wall around the matrix.
func TestWarpingByDoing(t *testing.T) {
	var m meter
	cost := fill(func() float64 { return 1 }, 4, 7)
	best := zeros(5, 8)
	for i := range best.v {
		best.v[i] = math.Inf(1)
	}
	best.v[0] = 0
	odometer(cost.dims, func(i []int) {
		from := m.min(m.min(best.get(i[0], i[1]), best.get(i[0], i[1]+1)), best.get(i[0]+1, i[1]))
		best.set(m.add(cost.get(i...), from), i[0]+1, i[1]+1)
	})
	if best.get(4, 7) != 7 {
		t.Fatal("the cheapest way is not along the longer side")
	}
	m.compare(t, "DynamicTimeWarping", costAt(t, "com.microsoft.DynamicTimeWarping", "", "i32", "f32[1,4,7]"))
}

// TestRangeStepsByDoing makes each number with one step.
func TestRangeStepsByDoing(t *testing.T) {
	for dtype, column := range map[string]func(m *meter, v float64) float64{"i64": (*meter).whole, "f32": (*meter).do} {
		var m meter
		count := int64(0)
		for v := 3.0; v < 10; v = column(&m, v+2) {
			count++
		}
		m.wants(t, dtype, costAt(t, "com.microsoft.Range", "", dtype, dtype+" "+dtype+" "+dtype), map[string]int64{"y0[0]": count})
	}
}

// Both domains of onnxruntime-extensions hold the same operators.
var extensionDomains = []string{"ai.onnx.contrib.", "com.microsoft.extensions."}

func TestExtensionsByDoing(t *testing.T) {
	r := rand.New(rand.NewSource(31))
	var parts, ranges, sums, same meter
	for _, v := range randomTensor(r, 3, 4).v {
		negative := parts.less(v, 0)
		_, _ = choose(negative, v, 0), choose(negative, 0, v)
	}
	last := 0.0
	for range 12 {
		v := float64(r.Intn(3))
		changes := ranges.equal(v, last) == 0 // a range ends
		named := ranges.equal(v, 0) == 0      // and one that is not of zeros begins
		_, last = changes && named, v
	}
	totals := zeros(2, 4)
	for i, row := range randomTensor(r, 3, 4).rows() {
		for j, v := range row {
			totals.set(sums.add(totals.get(i/2, j), v), i/2, j)
		}
	}
	odometer([]int{3, 4}, func([]int) { same.equal(1, 1) })
	for _, domain := range extensionDomains {
		parts.compare(t, domain+"NegPos", costAt(t, domain+"NegPos", "", "f32 f32", "f32[3,4]"))
		ranges.compare(t, domain+"SegmentExtraction", costAt(t, domain+"SegmentExtraction", "", "i64 i64", "i64[1,12]"))
		sums.compare(t, domain+"SegmentSum", costAt(t, domain+"SegmentSum", "", "f32", "f32[3,4] i64[3]={0,0,1}"))
		same.compare(t, domain+"StringEqual", costAt(t, domain+"StringEqual", "", "bool", "str[3,4] str[3,4]"))
	}
}

// TestQuantAveragePoolByDoing adds up windows of integers and shifts the sums.
func TestQuantAveragePoolByDoing(t *testing.T) {
	for kernel := 1; kernel <= 3; kernel++ {
		for stride := 1; stride <= 2; stride++ {
			var m meter
			s := slide{in: 7, kernel: kernel, stride: stride, dilation: 1}
			out := len(s.windows())
			odometer([]int{2, 3, out, out}, func([]int) {
				sum := uint32(1)
				for range kernel*kernel - 1 {
					sum = m.word(sum + 1)
				}
				m.word(sum >> 2)
			})
			attrs := fmt.Sprintf("kernel=%d stride=%d ibits=4 obits=4 signed=0", kernel, stride)
			m.compare(t, attrs, costAt(t, "qonnx.custom_op.general.QuantAvgPool2d", attrs, "f32", "f32[2,3,7,7]"))
			m.compare(t, attrs, costAt(t, "finn.custom_op.general.QuantAvgPool2d", attrs+" data_layout=NHWC", "f32", "f32[2,7,7,3]"))
		}
	}
}

package ops

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// costOf runs one node of constant shapes and returns its cost.
func costOf(t *testing.T, name, domain, attrs string, opt Options, out string, in ...string) Cost {
	t.Helper()
	op := Versions(domain, name)
	last := op[len(op)-1]
	n := ruleNode(t, last, last.Since[len(last.Since)-1], attrs, opt, out, in...)
	if n.State != Counted {
		t.Fatalf("%s: state %s: %s", name, n.State, n.Why)
	}
	return n.Cost
}

// ruleNode runs one node of an entry at an opset.
func ruleNode(t *testing.T, op *Op, opset int, attrs string, opt Options, out string, in ...string) NodeResult {
	t.Helper()
	m, _, err := buildCase(op, Case{In: strings.Join(in, " "), Attrs: attrs, Out: out}, int64(opset))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	r, err := Infer(m, opt)
	if err != nil {
		t.Fatalf("%s %s %v: %v", op.Name, attrs, in, err)
	}
	return r.Main.Nodes[0]
}

func wantMACs(t *testing.T, what string, got Cost, want int64) {
	t.Helper()
	if !got.MAC.Is(want) {
		t.Errorf("%s: %s MACs, counted by hand %d", what, got.MAC, want)
	}
}

func dims(s []int) string {
	return "f32" + strings.ReplaceAll(fmt.Sprint(s), " ", ",")
}

// odometer calls f for every index tuple of the given sizes.
func odometer(sizes []int, f func(idx []int)) {
	idx := make([]int, len(sizes))
	for {
		f(idx)
		i := len(sizes) - 1
		for ; i >= 0; i-- {
			if idx[i]++; idx[i] < sizes[i] {
				break
			}
			idx[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// loopMatMul multiplies as numpy.matmul defines it and counts the multiplications.
func loopMatMul(a, b []int) (macs int64) {
	if len(a) == 1 {
		a = []int{1, a[0]}
	}
	if len(b) == 1 {
		b = []int{b[0], 1}
	}
	rank := max(len(a), len(b))
	out := make([]int, rank)
	for i := range rank - 2 {
		out[i] = 1
		for _, s := range [][]int{a, b} {
			if j := len(s) - rank + i; j >= 0 && s[j] != 1 {
				out[i] = s[j]
			}
		}
	}
	out[rank-2], out[rank-1] = a[len(a)-2], b[len(b)-1]
	odometer(out, func([]int) {
		for range a[len(a)-1] {
			macs++
		}
	})
	return macs
}

func TestMatMulAgainstLoops(t *testing.T) {
	for _, c := range [][2][]int{
		{{3, 4}, {4, 5}}, {{4}, {4}}, {{4}, {4, 3}}, {{2, 4}, {4}}, {{5, 2, 4}, {4, 3}}, {{2, 4}, {3, 4, 2}},
		{{2, 1, 3, 4}, {5, 4, 2}}, {{1, 7}, {7, 1}}, {{3, 2, 2}, {3, 2, 6}}, {{4}, {2, 3, 4, 5}},
	} {
		what := fmt.Sprint(c)
		wantMACs(t, what, costOf(t, "MatMul", "", "", Options{}, "f32", dims(c[0]), dims(c[1])), loopMatMul(c[0], c[1]))
	}
}

// loopEinsum contracts operands pairwise in nested loops and counts the multiplications.
func loopEinsum(terms []string, out string, size map[rune]int) (macs int64) {
	have := terms[0]
	for i := 1; i < len(terms); i++ {
		var letters []rune
		for _, l := range have + terms[i] {
			if !strings.ContainsRune(string(letters), l) {
				letters = append(letters, l)
			}
		}
		sizes := make([]int, len(letters))
		for j, l := range letters {
			sizes[j] = size[l]
		}
		odometer(sizes, func([]int) { macs++ })
		later := strings.Join(terms[i+1:], "") + out
		have = strings.Map(func(l rune) rune {
			if strings.ContainsRune(later, l) {
				return l
			}
			return -1
		}, string(letters))
	}
	return macs
}

func TestEinsumAgainstLoops(t *testing.T) {
	size := map[rune]int{'a': 2, 'b': 3, 'c': 4, 'd': 5, 'e': 2}
	for _, eq := range []string{
		"ab,bc->ac", "ab,bc->abc", "ab,ab->", "a,b->ab", "abc,cd->abd", "ab,bc,cd->ad", "ab,bc,cd,de->ae", "aab,b->a", "abc,abd,cd->b", "a,a,a->a", "ab,c->a",
	} {
		left, out, _ := strings.Cut(eq, "->")
		terms := strings.Split(left, ",")
		var in []string
		for _, term := range terms {
			var s []int
			for _, l := range term {
				s = append(s, size[l])
			}
			in = append(in, dims(s))
		}
		(&meter{mac: loopEinsum(terms, out, size)}).wants(t, eq, costAt(t, "Einsum", "equation="+eq, "f32", in...), nil)
	}
}

// loopRecurrent runs the recurrence gate by gate and counts the multiplications by weights.
func loopRecurrent(gates, dirs, seq, batch, input, hidden int) (macs int64) {
	for range dirs {
		for range seq {
			for range batch {
				for range gates {
					for range hidden { // one unit: a row of W times x, a row of R times h
						for range input {
							macs++
						}
						for range hidden {
							macs++
						}
					}
				}
			}
		}
	}
	return macs
}

func TestRecurrentAgainstLoops(t *testing.T) {
	for _, op := range []struct {
		name  string
		gates int
	}{{"LSTM", 4}, {"GRU", 3}, {"RNN", 1}} {
		for dirs, dir := range map[int]string{1: "reverse", 2: "bidirectional"} {
			const seq, batch, input, hidden = 3, 2, 5, 4
			got := costOf(t, op.name, "", "hidden_size=4 direction="+dir, Options{}, "f32", dims([]int{seq, batch, input}),
				dims([]int{dirs, op.gates * hidden, input}), dims([]int{dirs, op.gates * hidden, hidden}))
			wantMACs(t, op.name+" "+dir, got, loopRecurrent(op.gates, dirs, seq, batch, input, hidden))
		}
	}
}

func TestAttentionAgainstLoops(t *testing.T) {
	const batch, heads, kvHeads, q, kv, past, head, vHead = 2, 4, 2, 3, 5, 4, 8, 6
	var macs int64
	odometer([]int{batch, heads, q, past + kv}, func([]int) { macs += head }) // scores
	odometer([]int{batch, heads, q, vHead}, func([]int) { macs += past + kv })
	got := costOf(t, "Attention", "", "", Options{}, "f32 f32 f32", "f32[2,4,3,8]", "f32[2,2,5,8]", "f32[2,2,5,6]", "_", "f32[2,2,4,8]", "f32[2,2,4,6]")
	wantMACs(t, "Attention", got, macs)
}

// The flash-attention benchmark counts 4*batch*seq*seq*heads*head_size//2 FLOPs
// forward under a causal mask: half of the MACs.
func TestCausalHalf(t *testing.T) {
	in := []string{"f32[2,4,10,8]", "f32[2,4,10,8]", "f32[2,4,10,8]"}
	flops := int64(4 * 2 * 10 * 10 * 4 * 8 / 2)
	half := Options{CausalHalf: true}
	wantMACs(t, "causal, half", costOf(t, "Attention", "", "is_causal=1", half, "f32", in...), flops/2)
	wantMACs(t, "causal, full", costOf(t, "Attention", "", "is_causal=1", Options{}, "f32", in...), flops)
	wantMACs(t, "not causal", costOf(t, "Attention", "", "", half, "f32", in...), flops)
	// Cached keys are all seen: 1*4*1*99*16 of them in full, the new key half.
	one := costOf(t, "Attention", "", "is_causal=1", half, "f32 f32 f32", "f32[1,4,1,8]", "f32[1,4,1,8]", "f32[1,4,1,8]", "_", "f32[1,4,99,8]", "f32[1,4,99,8]")
	wantMACs(t, "one token", one, 4*99*16+4*16/2)
}

func TestSymbolicMACsOfMatMul(t *testing.T) {
	got := costOf(t, "MatMul", "", "", Options{Dims: map[string]int64{"B": 3}}, "f32", "f32[B,S,768]", "!f32[768,3072]")
	if want := graph.Sym("S").MulInt(3 * 768 * 3072); !got.MAC.Equal(want) {
		t.Errorf("%s, want %s", got.MAC, want)
	}
}

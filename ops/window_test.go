package ops

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// slide is the geometry of one axis of a random convolution or pool.
type slide struct {
	in, kernel, stride, dilation, begin, end int
	auto                                     string // auto_pad
	ceil                                     bool
}

func (s slide) span() int { return (s.kernel-1)*s.dilation + 1 }

// windows walks the axis and returns the start of each window, counted from the
// first input element.
func (s slide) windows() (starts []int) {
	if strings.HasPrefix(s.auto, "SAME") {
		n := 0
		for p := 0; p < s.in; p += s.stride {
			n++
		}
		total := max((n-1)*s.stride+s.span()-s.in, 0)
		s.begin = total / 2
		if s.auto == "SAME_LOWER" {
			s.begin = total - total/2
		}
		for i := range n {
			starts = append(starts, i*s.stride-s.begin)
		}
		return starts
	}
	if s.auto == "VALID" {
		s.begin, s.end = 0, 0
	}
	for p := -s.begin; ; p += s.stride {
		over := p + s.span() - (s.in + s.end) // how far the window reaches past the padding
		if s.ceil && (over >= s.stride || p >= s.in) || !s.ceil && over > 0 {
			return starts
		}
		starts = append(starts, p)
	}
}

// taps counts the taps of all windows, in all and those on an input element.
func (s slide) taps() (all, inside int64) {
	for _, p := range s.windows() {
		for t := range s.kernel {
			all++
			if at := p + t*s.dilation; at >= 0 && at < s.in {
				inside++
			}
		}
	}
	return all, inside
}

func randomSlide(r *rand.Rand, autos []string, ceil bool) slide {
	s := slide{in: 1 + r.Intn(12), kernel: 1 + r.Intn(4), stride: 1 + r.Intn(3), dilation: 1 + r.Intn(3), auto: autos[r.Intn(len(autos))], ceil: ceil && r.Intn(2) == 0}
	if s.auto == "NOTSET" {
		s.begin, s.end = r.Intn(s.kernel+1), r.Intn(s.kernel+1)
	}
	return s
}

// slides makes axes of one auto_pad and ceil_mode, all with at least one window.
func slides(r *rand.Rand, n int, autos []string, ceil bool) []slide {
	first := randomSlide(r, autos, ceil)
	out := make([]slide, 0, n)
	for len(out) < n {
		s := randomSlide(r, []string{first.auto}, false)
		if s.ceil = first.ceil; len(s.windows()) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// ONNX Runtime 1.31 gives these sizes for windows that do not fit.
func TestHangingWindows(t *testing.T) {
	for _, c := range []struct {
		in, attrs string
		want      int
	}{
		{"f32[1,1,1]", "kernel_shape=[2] strides=[3]", 1},
		{"f32[1,1,2]", "kernel_shape=[3]", 0},
		{"f32[1,1,1]", "kernel_shape=[3] strides=[2]", 0},
		{"f32[1,1,3]", "kernel_shape=[4] strides=[2] auto_pad=VALID", 1},
		{"f32[1,1,1]", "kernel_shape=[3] strides=[2] ceil_mode=1", 0},
		{"f32[1,1,1]", "kernel_shape=[6] strides=[3] ceil_mode=1", 0},
		{"f32[1,1,1]", "kernel_shape=[5] strides=[3] ceil_mode=1", 0},
	} {
		_, got := runNode(t, "MaxPool", c.attrs, Options{}, c.in)
		wantShape(t, c.attrs, got, nil, 1, 1, c.want)
	}
}

// list prints one entry of each axis as an attribute.
func list(name string, axes []slide, get ...func(slide) int) string {
	var parts []string
	for _, g := range get {
		for _, s := range axes {
			parts = append(parts, fmt.Sprint(g(s)))
		}
	}
	return name + "=[" + strings.Join(parts, ",") + "]"
}

func windowAttrsOf(axes []slide) string {
	attrs := []string{
		list("strides", axes, func(s slide) int { return s.stride }),
		list("dilations", axes, func(s slide) int { return s.dilation }),
		list("kernel_shape", axes, func(s slide) int { return s.kernel }),
	}
	if auto := axes[0].auto; auto == "NOTSET" {
		attrs = append(attrs, list("pads", axes, func(s slide) int { return s.begin }, func(s slide) int { return s.end }))
	} else {
		attrs = append(attrs, "auto_pad="+auto)
	}
	if axes[0].ceil {
		attrs = append(attrs, "ceil_mode=1")
	}
	return strings.Join(attrs, " ")
}

// runNode runs one node of the newest version of an operator.
func runNode(t *testing.T, name, attrs string, opt Options, in ...string) (Cost, graph.Shape) {
	t.Helper()
	versions := Versions("", name)
	op := versions[len(versions)-1]
	m, _, err := buildCase(op, Case{In: strings.Join(in, " "), Attrs: attrs, Out: "f32"}, int64(op.Since[len(op.Since)-1]))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	r, err := Infer(m, opt)
	if err != nil {
		t.Fatalf("%s %s %v: %v", name, attrs, in, err)
	}
	return r.Main.Nodes[0].Cost, r.Main.Info(m.Graph.Nodes[0].Outputs[0]).Shape
}

var autoPads = []string{"NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"}

// sizesOf returns the input size of each axis and, for the same node with open
// sizes, symbols that stand for them.
func sizesOf(axes []slide) (numbers, symbols []any, env map[string]int64) {
	env = map[string]int64{}
	for i, s := range axes {
		name := fmt.Sprintf("D%d", i)
		numbers, symbols = append(numbers, s.in), append(symbols, name)
		env[name] = int64(s.in)
	}
	return numbers, symbols, env
}

func sizes(parts ...[]any) string {
	var all []string
	for _, p := range parts {
		for _, v := range p {
			all = append(all, fmt.Sprint(v))
		}
	}
	return "f32[" + strings.Join(all, ",") + "]"
}

func wantShape(t *testing.T, what string, got graph.Shape, env map[string]int64, want ...int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: shape %s, want %v", what, got, want)
	}
	for i := range want {
		if k, err := got[i].Eval(env); err != nil || k != int64(want[i]) {
			t.Fatalf("%s: shape %s at %v, want %v", what, got, env, want)
		}
	}
}

func wantCount(t *testing.T, what string, got graph.Dim, env map[string]int64, want int64) {
	t.Helper()
	if k, err := got.Eval(env); err != nil || k != want {
		t.Fatalf("%s: %s = %d (%v), counted by a loop %d", what, got, k, err, want)
	}
}

func TestConvAgainstLoops(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 1500 {
		axes := slides(r, 1+r.Intn(3), autoPads, false)
		group := 1 + r.Intn(2)
		batch, in, out := 1+r.Intn(2), group*(1+r.Intn(3)), group*(1+r.Intn(3))
		full, exact := int64(1), int64(1)
		shape := []int{batch, out}
		for _, s := range axes {
			all, inside := s.taps()
			full, exact = full*all, exact*inside
			shape = append(shape, len(s.windows()))
		}
		per := int64(batch * out * in / group)
		numbers, symbols, env := sizesOf(axes)
		attrs := windowAttrsOf(axes) + fmt.Sprintf(" group=%d", group)
		kernel := []any{}
		for _, s := range axes {
			kernel = append(kernel, s.kernel)
		}
		w := "!" + sizes([]any{out, in / group}, kernel)
		what := fmt.Sprintf("%s %v %s", attrs, numbers, w)
		cost, got := runNode(t, "Conv", attrs, Options{}, sizes([]any{batch, in}, numbers), w)
		wantShape(t, what, got, nil, shape...)
		wantCount(t, what, cost.MAC, nil, full*per)
		cost, _ = runNode(t, "Conv", attrs, Options{ExactPadding: true}, sizes([]any{batch, in}, numbers), w)
		wantCount(t, "exact "+what, cost.MAC, nil, exact*per)
		cost, got = runNode(t, "Conv", attrs, Options{}, sizes([]any{batch, in}, symbols), w)
		wantShape(t, what, got, env, shape...)
		wantCount(t, what, cost.MAC, env, full*per)
	}
}

func TestPoolAgainstLoops(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 1500 {
		axes := slides(r, 1+r.Intn(3), autoPads, true)
		full, windows := int64(1), int64(1)
		shape := []int{2, 3}
		for _, s := range axes {
			all, _ := s.taps()
			full, windows = full*all, windows*int64(len(s.windows()))
			shape = append(shape, len(s.windows()))
		}
		numbers, symbols, env := sizesOf(axes)
		attrs := windowAttrsOf(axes)
		for _, in := range [][]any{numbers, symbols} {
			what := fmt.Sprintf("%s %v at %v", attrs, in, env)
			cost, got := runNode(t, "MaxPool", attrs, Options{}, sizes([]any{2, 3}, in))
			wantShape(t, what, got, env, shape...)
			(&meter{cmp: 6 * (full - windows)}).wants(t, what, cost, env)
			cost, _ = runNode(t, "AveragePool", attrs, Options{}, sizes([]any{2, 3}, in))
			(&meter{flop: 6 * full}).wants(t, what, cost, env)
		}
	}
}

// scatter walks a transposed convolution: the positions that input elements and
// taps write to, counted from the first output element that is kept.
func (s slide) scatter() (positions []int, last int) {
	for i := range s.in {
		for t := range s.kernel {
			p := i*s.stride + t*s.dilation
			positions, last = append(positions, p-s.begin), max(last, p)
		}
	}
	return positions, last
}

func TestConvTransposeAgainstLoops(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for range 1500 {
		n := 1 + r.Intn(3)
		var axes []slide
		var extra []int
		full, exact := int64(1), int64(1)
		group := 1 + r.Intn(2)
		batch, in, out := 1+r.Intn(2), group*(1+r.Intn(3)), 1+r.Intn(3)
		shape := []int{batch, out * group}
		for len(axes) < n {
			s := randomSlide(r, []string{"NOTSET"}, false)
			e := r.Intn(s.stride)
			positions, last := s.scatter()
			size := last + 1 + e - s.begin - s.end
			if size < 1 {
				continue
			}
			inside := int64(0)
			for _, p := range positions {
				if p >= 0 && p < size {
					inside++
				}
			}
			full, exact = full*int64(len(positions)), exact*inside
			axes, extra, shape = append(axes, s), append(extra, e), append(shape, size)
		}
		numbers, symbols, env := sizesOf(axes)
		kernel := []any{}
		for _, s := range axes {
			kernel = append(kernel, s.kernel)
		}
		attrs := windowAttrsOf(axes) + fmt.Sprintf(" group=%d output_padding=%s", group, strings.ReplaceAll(fmt.Sprint(extra), " ", ","))
		w := "!" + sizes([]any{in, out}, kernel)
		what := fmt.Sprintf("%s %v %s", attrs, numbers, w)
		per := int64(batch * in * out)
		cost, got := runNode(t, "ConvTranspose", attrs, Options{}, sizes([]any{batch, in}, numbers), w)
		wantShape(t, what, got, nil, shape...)
		wantCount(t, what, cost.MAC, nil, full*per)
		cost, _ = runNode(t, "ConvTranspose", attrs, Options{ExactPadding: true}, sizes([]any{batch, in}, numbers), w)
		wantCount(t, "exact "+what, cost.MAC, nil, exact*per)
		cost, got = runNode(t, "ConvTranspose", attrs, Options{}, sizes([]any{batch, in}, symbols), w)
		wantShape(t, what, got, env, shape...)
		wantCount(t, what, cost.MAC, env, full*per)
	}
}

// Two 8x8 planes under a 3x3 kernel with padding 1: 24 taps per row and plane, 2
// of them outside: 22*22 of 24*24 pairs are inside.
func TestExactPaddingByHand(t *testing.T) {
	cost, _ := runNode(t, "Conv", "pads=[1,1,1,1]", Options{ExactPadding: true}, "f32[1,1,8,8]", "!f32[2,1,3,3]")
	wantCount(t, "exact", cost.MAC, nil, 2*22*22)
	cost, _ = runNode(t, "Conv", "pads=[1,1,1,1]", Options{ExactPadding: true}, "f32[1,1,H,8]", "!f32[2,1,3,3]")
	wantCount(t, "full where a size is open", cost.MAC, map[string]int64{"H": 8}, 2*24*24)
}

// The convolutions of ResNet-50 (arXiv 1512.03385 table 1, with the stride in the
// 3x3 convolution as in torchvision) on 1x3x224x224: the published count, and
// that without taps in the padding.
func TestResNet50Convolutions(t *testing.T) {
	full, exact := graph.Dim{}, graph.Dim{}
	conv := func(in, out, size, kernel, stride int) {
		attrs := fmt.Sprintf("strides=[%d,%d] pads=[%[3]d,%[3]d,%[3]d,%[3]d]", stride, stride, kernel/2)
		x, w := sizes([]any{1, in, size, size}), "!"+sizes([]any{out, in, kernel, kernel})
		for _, sum := range []struct {
			to  *graph.Dim
			opt Options
		}{{&full, Options{}}, {&exact, Options{ExactPadding: true}}} {
			cost, _ := runNode(t, "Conv", attrs, sum.opt, x, w)
			*sum.to = sum.to.Add(cost.MAC)
		}
	}
	conv(3, 64, 224, 7, 2)
	in, size := 64, 56
	for stage, blocks := range []int{3, 4, 6, 3} {
		width := 64 << stage
		for block := range blocks {
			stride := 1
			if block == 0 && stage > 0 {
				stride = 2
			}
			conv(in, width, size, 1, 1)
			conv(width, width, size, 3, stride)
			if block == 0 {
				conv(in, 4*width, size, 1, stride)
			}
			size /= stride
			conv(width, 4*width, size, 1, 1)
			in = 4 * width
		}
	}
	wantCount(t, "full", full, nil, 4_087_136_256)
	wantCount(t, "exact", exact, nil, 3_946_203_904)
}

package exprgraph_test

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/training"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/exprgraph"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// net is a network in gorgonia under construction.
type net struct {
	t       *testing.T
	g       *gorgonia.ExprGraph
	weights gorgonia.Nodes
}

func newNet(t *testing.T) *net { return &net{t: t, g: gorgonia.NewGraph()} }

func (n *net) input(shape ...int) *gorgonia.Node {
	return gorgonia.NewTensor(n.g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("x"))
}

func (n *net) weight(shape ...int) *gorgonia.Node {
	w := gorgonia.NewTensor(n.g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(fmt.Sprintf("w%d", len(n.weights))))
	n.weights = append(n.weights, w)
	return w
}

func (n *net) must(v *gorgonia.Node, err error) *gorgonia.Node {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
	return v
}

// loss is the sum of squares, whose gradient takes no products.
func (n *net) loss(v *gorgonia.Node) *gorgonia.Node {
	return n.must(gorgonia.Sum(n.must(gorgonia.Square(v))))
}

// count counts what leads to outputs, everything if there are none.
func (n *net) count(outputs ...*gorgonia.Node) *counters.Report {
	n.t.Helper()
	m, err := exprgraph.Model(n.g, exprgraph.Options{Weights: n.weights, Outputs: outputs})
	if err != nil {
		n.t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, w := range r.Warnings {
		n.t.Log(w)
	}
	return r
}

// mlp is three linear layers for 5 rows: 5*7*11 + 5*11*13 + 5*13*3 = 1295 MACs.
func mlp(n *net) *gorgonia.Node {
	v := n.input(5, 7)
	for _, l := range [][2]int{{7, 11}, {11, 13}} {
		v = n.must(gorgonia.Mul(v, n.weight(l[0], l[1])))
		v = n.must(gorgonia.Rectify(v))
	}
	return n.must(gorgonia.Mul(v, n.weight(13, 3)))
}

// cnn is two convolutions and a linear layer over 2 images of 3x8x8:
// 2*4*64*27 = 13824, 2*6*16*36 = 6912 (stride 2), 2*96*5 = 960 MACs.
func cnn(n *net) *gorgonia.Node {
	pair := func(v int) []int { return []int{v, v} }
	v := n.input(2, 3, 8, 8)
	v = n.must(gorgonia.Conv2d(v, n.weight(4, 3, 3, 3), tensor.Shape{3, 3}, pair(1), pair(1), pair(1)))
	v = n.must(gorgonia.Tanh(v))
	v = n.must(gorgonia.Conv2d(v, n.weight(6, 4, 3, 3), tensor.Shape{3, 3}, pair(1), pair(2), pair(1)))
	v = n.must(gorgonia.Tanh(v))
	v = n.must(gorgonia.Reshape(v, tensor.Shape{2, 96}))
	return n.must(gorgonia.Mul(v, n.weight(96, 5)))
}

// attention is softmax(Q*K')*V of 4 queries of width 8 over one input of 6 rows:
// three projections of 6*8*8, and twice 6*6*8.
func attention(n *net) *gorgonia.Node {
	x := n.input(6, 8)
	q, k, v := n.must(gorgonia.Mul(x, n.weight(8, 8))), n.must(gorgonia.Mul(x, n.weight(8, 8))), n.must(gorgonia.Mul(x, n.weight(8, 8)))
	s := n.must(gorgonia.Mul(q, n.must(gorgonia.Transpose(k, 1, 0))))
	return n.must(gorgonia.Mul(n.must(gorgonia.Sigmoid(s)), v))
}

// TestSecondOpinion differentiates networks with gorgonia and counts the products of the
// graph that results: they must be those that the rules of gradients say. Grad also makes the
// gradient of the other factor of the lowest products, which nobody asked for: the input's, or
// that of what lies below a frozen part; these are worked out by hand.
func TestSecondOpinion(t *testing.T) {
	for _, c := range []struct {
		name             string
		build            func(*net) *gorgonia.Node
		frozen           int // the first weights
		forward, unasked int64
	}{
		{"mlp", mlp, 0, 1295, 5 * 7 * 11},
		{"mlp, two layers of three frozen", mlp, 2, 1295, 5 * 13 * 3},
		{"cnn", cnn, 0, 13824 + 6912 + 960, 13824},
		{"cnn, a layer frozen", cnn, 1, 13824 + 6912 + 960, 6912},
		{"attention", attention, 0, 3*6*8*8 + 2*6*6*8, 3 * 6 * 8 * 8},
		{"attention, queries frozen", attention, 1, 3*6*8*8 + 2*6*6*8, 2*6*8*8 + 6*6*8},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newNet(t)
			loss := n.loss(c.build(n))
			before := n.count()
			var freeze []string
			for _, w := range n.weights[:c.frozen] {
				freeze = append(freeze, w.Name())
			}
			work, err := training.Count(before, training.Options{Freeze: freeze})
			if err != nil || !work.Complete() {
				t.Fatal(err, work.Unruled)
			}
			grads, err := gorgonia.Grad(loss, n.weights[c.frozen:]...)
			if err != nil {
				t.Fatal(err)
			}
			asked, all := n.count(append(grads, loss)...), n.count()
			for _, f := range []struct {
				what string
				got  *counters.Report
				want graph.Dim
			}{
				{"forward", before, graph.Int(c.forward)},
				{"forward and gradients", asked, work.MACs()},
				{"with gradients that nobody asked for", all, work.MACs().AddInt(c.unasked)},
			} {
				if got := f.got.Totals.MACs(); !got.Equal(f.want) || f.got.Coverage.Status != counters.Exact {
					t.Errorf("%s: gorgonia's graph has %s MACs (%s), want %s (%s + %s + %s)", f.what, got, f.got.Coverage.Status, f.want, work.Forward, work.Weights, work.Inputs)
				}
			}
		})
	}
}

// TestUnrolledRecurrence builds a recurrence step by step: gorgonia's gradients of its weights take
// the products that the rule of the operator RNN says.
func TestUnrolledRecurrence(t *testing.T) {
	const steps, batch, input, hidden = 4, 2, 3, 5
	n := newNet(t)
	wx, wh := n.weight(input, hidden), n.weight(hidden, hidden)
	h := n.input(batch, hidden)
	for i := range steps {
		x := gorgonia.NewMatrix(n.g, tensor.Float32, gorgonia.WithShape(batch, input), gorgonia.WithName(fmt.Sprintf("x%d", i)))
		h = n.must(gorgonia.Tanh(n.must(gorgonia.Add(n.must(gorgonia.Mul(x, wx)), n.must(gorgonia.Mul(h, wh))))))
	}
	loss := n.loss(h)
	grads, err := gorgonia.Grad(loss, n.weights...)
	if err != nil {
		t.Fatal(err)
	}
	unrolled := n.count(append(grads, loss)...)

	m, err := onnxtext.Parse([]byte(`<ir_version: 8, opset_import: ["": 17]> g (float[4,2,3] x, float[1,2,5] h) => (float[4,1,2,5] y)
		<float[1,5,3] w = {}, float[1,5,5] r = {}> { y = RNN <hidden_size = 5> (x, w, r, , , h) }`), "rnn")
	if err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	work, err := training.Count(r, training.Options{})
	if err != nil || !unrolled.Totals.MACs().Equal(work.MACs()) {
		t.Errorf("unrolled %s MACs, by the rule %s (%v)", unrolled.Totals.MACs(), work.MACs(), err)
	}
}

// one builds a graph around one operation of a 4x6 matrix.
func one(t *testing.T, f func(n *net, x *gorgonia.Node) (*gorgonia.Node, error)) *counters.Report {
	t.Helper()
	n := newNet(t)
	n.must(f(n, n.input(4, 6)))
	return n.count()
}

// TestOperations converts one operation after the other; the MACs are worked out by hand.
func TestOperations(t *testing.T) {
	for _, c := range []struct {
		name string
		macs int64
		f    func(n *net, x *gorgonia.Node) (*gorgonia.Node, error)
	}{
		{"matrix times vector", 24, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Mul(x, gorgonia.NewVector(n.g, tensor.Float32, gorgonia.WithShape(6), gorgonia.WithName("v")))
		}},
		{"outer product", 24, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			v := gorgonia.NewVector(n.g, tensor.Float32, gorgonia.WithShape(4), gorgonia.WithName("v"))
			w := gorgonia.NewVector(n.g, tensor.Float32, gorgonia.WithShape(6), gorgonia.WithName("w"))
			return gorgonia.OuterProd(v, w)
		}},
		{"inner product", 6, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			v := gorgonia.NewVector(n.g, tensor.Float32, gorgonia.WithShape(6), gorgonia.WithName("v"))
			w := gorgonia.NewVector(n.g, tensor.Float32, gorgonia.WithShape(6), gorgonia.WithName("w"))
			return gorgonia.Mul(v, w)
		}},
		{"batches", 2 * 3 * 4 * 5, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.BatchedMatMul(n.weight(2, 3, 4), n.weight(2, 4, 5))
		}},
		{"batches, transposed", 2 * 3 * 4 * 5, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.BatchedMatMul(n.weight(2, 3, 4), n.weight(2, 5, 4), false, true)
		}},
		{"tensordot", 4 * 6 * 5, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Tensordot([]int{1}, []int{0}, x, n.weight(6, 5))
		}},
		{"mean of an axis", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mean(x, 1) }},
		{"softmax", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.SoftMax(x) }},
		{"maximum", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Max(x, 0) }},
		{"comparison", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Gt(x, n.weight(4, 6), true) }},
		{"slice", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Slice(x, gorgonia.S(1, 3), nil)
		}},
		{"concat", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Concat(1, x, n.weight(4, 2)) }},
		{"cube", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Cube(x) }},
		{"inverse root", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.InverseSqrt(x) }},
		{"broadcast bias", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.BroadcastAdd(x, n.weight(1, 6), nil, []byte{0})
		}},
		{"pooling", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.MaxPool2D(n.weight(1, 2, 5, 5), tensor.Shape{2, 2}, []int{1, 1}, []int{2, 2})
		}},
		{"average pooling", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.AveragePool2D(n.weight(1, 2, 5, 5), tensor.Shape{3, 3}, []int{0, 0}, []int{1, 1})
		}},
		{"dropout", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Dropout(x, 0.5) }},
		{"global pooling", 0, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.GlobalAveragePool2D(n.weight(1, 2, 5, 5))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := one(t, c.f)
			if got, _ := r.Totals.MACs().Const(); got != c.macs || r.Coverage.Status != counters.Exact {
				t.Errorf("%d MACs, want %d; %+v", got, c.macs, r.Coverage)
			}
		})
	}
}

// TestUnknownOperation keeps what ONNX has no operator for, uncounted.
func TestUnknownOperation(t *testing.T) {
	r := one(t, func(n *net, x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Log1p(x) })
	if r.Coverage.Status != counters.Incomplete || len(r.Coverage.Uncounted) != 1 || r.Coverage.Uncounted[0].Domain != exprgraph.Domain {
		t.Errorf("%+v, want one operator of domain gorgonia", r.Coverage)
	}
	out := r.Outputs[0].Info
	if out.DType != graph.Float32 || out.Shape.String() != "[4, 6]" {
		t.Errorf("output %v %v, want float32[4, 6]", out.DType, out.Shape)
	}
}

package counters

import (
	"errors"
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// DensityOptions say which weights may be read.
type DensityOptions struct {
	// ReadWeights looks for zeros in every weight. Without it a layer is sparse only
	// where the graph says so: by a sparse initializer or a mask.
	ReadWeights bool
	// External opens elements that lie outside the file; nil leaves them unread.
	External func(*graph.Tensor) (graph.Payload, error)
}

// Density is how much of the connections of a model is present: the net density of
// pre-defined sparsity is the weights present divided by those of the dense net, over
// the layers that multiply (Dey, Huang, Beerel, Chugg, "Pre-Defined Sparse Neural
// Networks With Hardware Acceleration", IEEE JETCAS 2019). Biases are no connections.
type Density struct {
	Weights, Present graph.Dim // each weight once, however many layers share it
	// PresentMACs are the MACs of weights that are present. They stand beside the MACs,
	// which a dense kernel takes whatever the weights are.
	PresentMACs graph.Dim
	Layers      []Layer // in the order in which they run
	Unread      int     // layers whose weights could not be read; they count as dense
}

// Layer is a node with weights that it multiplies by.
type Layer struct {
	Path, Domain, Op string
	Weights, Present graph.Dim
	Source           DensitySource
	Why              string // not known, or not by all of its MACs
	MACs             graph.Dim
	PresentMACs      graph.Dim
	Pattern          *Pattern // nil where no order of its zeros was looked at
}

// DensitySource says where the density of a layer comes from.
type DensitySource string

// The sources of a density.
const (
	DensityDense  DensitySource = "dense"              // nothing in the graph says that it is sparse
	DensitySparse DensitySource = "sparse_initializer" // coordinates of the values present
	DensityMask   DensitySource = "mask"               // a constant of zeros and ones
	DensityZeros  DensitySource = "zeros"              // the weights were read
	DensityUnread DensitySource = "unread"             // they could not be: see Why
)

// PreDefined reports whether the graph itself makes a layer sparse.
func (d *Density) PreDefined() bool {
	for i := range d.Layers {
		if s := d.Layers[i].Source; s == DensitySparse || s == DensityMask {
			return true
		}
	}
	return false
}

// MayBeSparse reports whether the main graph has a sparse constant, or a constant that may
// be a mask: without either and without reading weights every layer is dense.
func MayBeSparse(m *graph.Model) bool {
	if len(m.Graph.Sparse) > 0 {
		return true
	}
	for _, n := range m.Graph.Nodes {
		switch n.Op {
		case "Constant":
			if n.Attrs.Get("sparse_value") != nil {
				return true
			}
		case "Mul":
			if maskTensor(n.Input(0)) != nil && maskTensor(n.Input(1)) != nil {
				return true
			}
		case "Where":
			if maskTensor(n.Input(0)) != nil {
				return true
			}
		}
	}
	return false
}

// Density finds which weights are present.
func (r *Report) Density(o DensityOptions) *Density {
	d := &Density{PresentMACs: r.Totals.Work.MAC}
	f := densityFinder{options: o, exact: r.list.sums.opt.ExactPadding, seen: map[findingKey]*finding{}, scans: map[scanKey]scanned{}, counted: map[any]bool{}}
	for n := range r.Nodes() {
		if n.Result.Op == nil || n.Work.MAC.IsZero() {
			continue
		}
		l, ok := f.layer(n, d)
		if !ok {
			continue
		}
		d.PresentMACs = d.PresentMACs.Sub(l.MACs).Add(l.PresentMACs)
		if l.Source == DensityUnread {
			d.Unread++
		}
		d.Layers = append(d.Layers, l)
	}
	return d
}

// uniformOps are the operators whose weights are all in equally many MACs.
var uniformOps = map[string]bool{"Conv": true, "ConvTranspose": true, "ConvInteger": true, "QLinearConv": true, "Gemm": true, "MatMul": true,
	"MatMulInteger": true, "QLinearMatMul": true, "LSTM": true, "GRU": true, "RNN": true, "FusedConv": true, "FusedMatMul": true, "FusedGemm": true}

// densityFinder looks at each weight once.
type densityFinder struct {
	options DensityOptions
	exact   bool // taps in the padding are dropped
	seen    map[findingKey]*finding
	scans   map[scanKey]scanned
	depth   int          // of find in find
	counted map[any]bool // tensors that are in the net density
}

// findingKey is a value with the axis of its reduction, -1 for none.
type findingKey struct {
	value *graph.Value
	axis  int
}

// scanKey is one way to look at the elements of a tensor.
type scanKey struct {
	tensor *graph.Tensor
	axis   int
	mask   bool
}

// scanned is what a look at the elements of a tensor has found.
type scanned struct {
	present int64
	pattern *Pattern
	err     error
}

// maxSteps bounds the nodes between a weight and its elements.
const maxSteps = 10_000

// layer describes a node; ok is false for one without weights.
func (f *densityFinder) layer(n *Node, d *Density) (l Layer, ok bool) {
	l = Layer{Path: n.Path, Domain: n.Domain, Op: n.Op, Source: DensityDense, MACs: n.Work.MAC, PresentMACs: n.Work.MAC}
	quantised := hasQuantSlots(n.Result)
	for i, v := range n.Node.Inputs {
		if v == nil || !n.Inst.Info(v).Const || len(n.Inst.Info(v).Shape) < 2 || slotUse(n.Result, i, quantised)&useWeight == 0 {
			continue
		}
		all := n.Inst.Info(v).Shape.Elements()
		if _, known := all.Const(); !known {
			continue
		}
		ok = true
		x := f.find(n.Inst, v, reductionAxis(n, i))
		present := all
		if x.source != DensityDense && x.source != DensityUnread {
			present = x.present.Mul(all)
			present, _ = present.FloorDiv(x.elements) // a mask may be broadcast
		}
		l.add(x, all, present)
		if !f.counted[x.of] {
			f.counted[x.of] = true
			d.Weights, d.Present = d.Weights.Add(all), d.Present.Add(present)
		}
	}
	l.presentMACs(f.exact)
	return l, ok
}

// add sums the weights of a layer. The least certain source is that of the layer.
func (l *Layer) add(x *finding, all, present graph.Dim) {
	l.Weights, l.Present = l.Weights.Add(all), l.Present.Add(present)
	if l.Source == DensityDense || x.source == DensityUnread {
		l.Source, l.Pattern = x.source, x.pattern
	}
	if x.why != "" {
		l.Why = x.why
	}
}

// presentMACs is the part of the MACs that the weights present take.
func (l *Layer) presentMACs(exactPadding bool) {
	switch {
	case l.Present.Equal(l.Weights) || l.Weights.IsZero():
	case !uniformOps[l.Op]:
		l.Why = "its weights are not in equally many MACs: all are counted as present"
	case exactPadding && l.Op != "Gemm" && l.Op != "MatMul":
		l.Why = "with --padding exact the taps of a kernel differ in MACs: all are counted as present"
	default:
		if q, ok := l.MACs.Mul(l.Present).FloorDiv(l.Weights); ok {
			l.PresentMACs = q
		}
	}
}

// reductionAxis is the axis of an input along which a node sums products, -1 where no
// order of zeros along one would help.
func reductionAxis(n *Node, input int) int {
	rank := len(n.Inst.Info(n.Node.Inputs[input]).Shape)
	transposed := func(name string) bool {
		a := n.Node.Attrs.Get(name)
		return a != nil && a.Int != 0
	}
	switch n.Op {
	case "Conv", "ConvInteger", "QLinearConv", "FusedConv":
		return 1
	case "ConvTranspose":
		return 0
	case "Gemm", "FusedGemm":
		if (input == 0) != transposed(map[int]string{0: "transA", 1: "transB"}[input]) {
			return 1
		}
		return 0
	case "MatMul", "MatMulInteger", "QLinearMatMul":
		if input == 0 {
			return rank - 1
		}
		return rank - 2
	case "LSTM", "GRU", "RNN":
		return rank - 1
	}
	return -1
}

// finding is what is known of the presence of one constant.
type finding struct {
	of                any // the constant: *graph.Tensor, *graph.SparseTensor or *graph.Value
	source            DensitySource
	elements, present graph.Dim
	pattern           *Pattern
	why               string
}

// find follows a weight to where its elements come from. axis is that of its
// reduction, -1 for none.
func (f *densityFinder) find(in *ops.Instance, v *graph.Value, axis int) *finding {
	k := findingKey{v, axis}
	if x := f.seen[k]; x != nil {
		return x
	}
	if f.depth == maxSteps {
		return f.unread(fmt.Sprintf("it lies behind more than %d nodes", maxSteps))
	}
	f.seen[k] = &finding{of: v, source: DensityDense} // also ends what leads back to itself
	f.depth++
	x := f.origin(in, v, axis)
	f.depth--
	if x.of == nil {
		x.of = v
	}
	f.seen[k] = x
	return x
}

func (f *densityFinder) origin(in *ops.Instance, v *graph.Value, axis int) *finding {
	switch {
	case v.Init != nil:
		return f.tensor(v.Init, axis)
	case v.Sparse != nil:
		return sparseFinding(v.Sparse)
	case v.Producer == nil:
		return f.unread("it is an argument of a function")
	case v.Producer.Domain != "":
		return f.unread("it is computed by " + v.Producer.Domain + "." + v.Producer.Op)
	}
	p := v.Producer
	switch p.Op {
	case "Constant":
		return f.constant(p, axis)
	case "Identity", "Cast", "CastLike":
		return f.find(in, p.Input(0), axis)
	case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
		return f.find(in, p.Input(0), -1)
	case "Transpose":
		return f.find(in, p.Input(0), axisBefore(p, axis, len(in.Info(v).Shape)))
	case "DequantizeLinear":
		if zp := p.Input(2); zp != nil && !f.isZero(zp) {
			return f.unread("its zero point is not zero")
		}
		return f.find(in, p.Input(0), axis)
	case "Mul":
		return f.product(in, p, axis)
	case "Where":
		return f.choice(in, p, axis)
	}
	return f.unread("it is computed by " + p.Op)
}

// unread says why zeros cannot be looked for; nobody asked for it without ReadWeights.
func (f *densityFinder) unread(why string) *finding {
	if !f.options.ReadWeights {
		return &finding{source: DensityDense}
	}
	return &finding{source: DensityUnread, why: why}
}

// tensor looks for zeros in a weight.
func (f *densityFinder) tensor(t *graph.Tensor, axis int) *finding {
	if !f.options.ReadWeights {
		return &finding{of: t, source: DensityDense}
	}
	z := f.scan(t, axis, false)
	if z.err != nil {
		return &finding{of: t, source: DensityUnread, why: z.err.Error()}
	}
	return &finding{of: t, source: DensityZeros, elements: t.Elements(), present: graph.Int(z.present), pattern: z.pattern}
}

// scan counts the elements of a tensor that are not zero; as a mask it fails at the
// first that is neither zero nor one. However many nodes ask, a tensor is read once.
func (f *densityFinder) scan(t *graph.Tensor, axis int, mask bool) scanned {
	k := scanKey{t, axis, mask}
	s, known := f.scans[k]
	if known {
		return s
	}
	z, err := f.count(t, axis, mask)
	if s.err = err; err == nil {
		s.present, s.pattern = z.present, z.pattern()
	}
	f.scans[k] = s
	return s
}

func (f *densityFinder) count(t *graph.Tensor, axis int, mask bool) (*zeroCounter, error) {
	from := t.Payload
	if t.Storage == graph.StorageExternal && f.options.External != nil && f.options.ReadWeights {
		var err error
		if from, err = f.options.External(t); err != nil {
			return nil, err
		}
	}
	z := newZeroCounter(t.Dims, axis)
	err := t.Scan(from, func(classes []graph.ElementClass) error {
		for _, c := range classes {
			if mask && c == graph.ElementOther {
				return errNoMask
			}
			z.add(c != graph.ElementZero)
		}
		return nil
	})
	return z, err
}

var errNoMask = errors.New("elements other than zero and one")

// constant reads the value of a Constant node.
func (f *densityFinder) constant(p *graph.Node, axis int) *finding {
	if a := p.Attrs.Get("value"); a != nil && a.Tensor != nil {
		return f.tensor(a.Tensor, axis)
	}
	if a := p.Attrs.Get("sparse_value"); a != nil && a.Sparse != nil {
		return sparseFinding(a.Sparse)
	}
	return &finding{source: DensityDense}
}

func sparseFinding(s *graph.SparseTensor) *finding {
	return &finding{of: s, source: DensitySparse, elements: graph.Ints(s.Dims...).Elements(), present: s.Values.Elements()}
}

// product is the Mul of two constants: one of them may be a mask or a scale.
func (f *densityFinder) product(in *ops.Instance, p *graph.Node, axis int) *finding {
	for i := range 2 {
		if x := f.mask(in, p.Input(i), axis, false); x != nil {
			return x
		}
	}
	for i := range 2 { // a scale
		if in.Info(p.Input(1 - i)).Shape.Elements().Is(1) {
			return f.find(in, p.Input(i), axis)
		}
	}
	return f.unread("it is a product of constants, neither of them a mask")
}

// choice is a Where of constants: a mask when one side is all zero.
func (f *densityFinder) choice(in *ops.Instance, p *graph.Node, axis int) *finding {
	for i := 1; i <= 2; i++ {
		if f.isZero(p.Input(i)) {
			if x := f.mask(in, p.Input(0), axis, i == 1); x != nil {
				return x
			}
		}
	}
	return f.unread("it is chosen by Where")
}

// mask reads a constant of zeros and ones, nil if it is none. inverted takes its zeros
// as present.
func (f *densityFinder) mask(in *ops.Instance, v *graph.Value, axis int, inverted bool) *finding {
	t := maskTensor(v)
	n, known := int64(0), false
	if t != nil {
		n, known = t.Elements().Const()
	}
	if !known || n < 2 || t.Storage == graph.StorageAbsent {
		return nil
	}
	z := f.scan(t, axis, true)
	if z.err != nil {
		return nil
	}
	x := &finding{source: DensityMask, elements: graph.Int(n), present: graph.Int(z.present)}
	if inverted {
		x.present = graph.Int(n - z.present)
	} else {
		x.pattern = z.pattern
	}
	return x
}

// maskTensor follows a constant to its tensor through changes of type.
func maskTensor(v *graph.Value) *graph.Tensor {
	for v != nil && v.Init == nil && v.Producer != nil && v.Producer.Domain == "" {
		switch v.Producer.Op {
		case "Cast", "CastLike", "Identity":
			v = v.Producer.Input(0)
			continue
		case "Constant":
			if a := v.Producer.Attrs.Get("value"); a != nil {
				return a.Tensor
			}
		}
		return nil
	}
	if v == nil {
		return nil
	}
	return v.Init
}

// axisBefore is the axis of the input of a Transpose that becomes an axis of its output.
func axisBefore(p *graph.Node, axis, rank int) int {
	if axis < 0 {
		return -1
	}
	if a := p.Attrs.Get("perm"); a != nil && axis < len(a.Ints) {
		return int(a.Ints[axis])
	}
	return rank - 1 - axis
}

// isZero reports whether every element of a constant is zero.
func (f *densityFinder) isZero(v *graph.Value) bool {
	t := maskTensor(v)
	if t == nil {
		return false
	}
	z := f.scan(t, -1, false)
	return z.err == nil && z.present == 0
}

package counters

import (
	"fmt"
	"sort"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Count infers and sums a linked model. Errors are those of ops.Infer.
func Count(m *graph.Model, o Options) (*Report, error) {
	res, err := ops.Infer(m, o.Options)
	if err != nil {
		return nil, err
	}
	r := &Report{Model: m, Inference: res, Warnings: res.Warnings}
	s := newSummer(+1, o)
	upper := s.instance(res.Main)
	r.Warnings = append(r.Warnings, s.remarks...)
	r.Totals, r.Features = upper.totals, upper.features
	r.Lower, r.LowerFeatures = r.Totals, r.Features
	if upper.branches {
		lower := newSummer(-1, o).instance(res.Main)
		r.Lower, r.LowerFeatures = lower.totals, lower.features
	}
	w := findWeights(res)
	r.Weights, r.parameters = w.groups, w.list
	alive := peak(res.Main, o)
	for _, t := range []*Totals{&r.Totals, &r.Lower} {
		t.Params, t.ParamBytes = w.groups.Params.Elements, w.groups.Params.Bytes
		t.Peak = alive
	}
	for _, f := range []*Features{&r.Features, &r.LowerFeatures} {
		f.WeightElements, f.WeightBytes = r.Totals.Params, r.Totals.ParamBytes
	}
	r.ByOp, r.ByDType = upper.rows(w)
	r.Coverage = upper.coverage()
	r.noteNewOpset()
	r.Coverage.Status = status(r)
	r.list = &listing{res.Main, s, w.byNode, len(res.Main.Nodes) + maxRepeated}
	if !o.NoNodes {
		r.listNodes()
	}
	r.describeInterface(o)
	r.warnDead(w)
	r.warnConstant()
	if o.Measure != nil {
		r.Warnings = append(r.Warnings, o.Measure.Remarks()...)
	}
	return r, nil
}

// noteNewOpset makes a report incomplete when the model was written for a newer
// version of the standard than the operator table knows: meanings may have changed.
func (r *Report) noteNewOpset() {
	if v := r.Model.Opsets[""]; v > ops.LatestOpset {
		r.Coverage.Unresolved = append(r.Coverage.Unresolved, NodeWhy{Why: fmt.Sprintf("opset %d of ai.onnx is newer than %d, the newest that is known", v, ops.LatestOpset)})
	}
}

// status derives how far the totals can be trusted.
func status(r *Report) Status {
	c := &r.Coverage
	if len(c.Uncounted) > 0 || len(c.Unresolved) > 0 {
		return Incomplete
	}
	s := Exact
	lower := r.Lower.Columns()
	for i, col := range r.Totals.Columns() {
		if col.Dim.HasUnknown() {
			return Incomplete
		}
		if col.Dim.IsConst() {
			if !col.Dim.Equal(lower[i].Dim) && s == Exact {
				s = Bound
			}
			continue
		}
		if _, hi := Interval(lower[i].Dim, col.Dim); hi == nil || col.Dim.HasOpen() {
			s = Symbolic
		} else if s == Exact {
			s = Bound
		}
	}
	return s
}

// opKey identifies an operator in tables.
type opKey struct{ domain, name string }

// sum is what an instance adds up to, for one run of it.
type sum struct {
	totals                       Totals
	features                     Features
	nodes, counted, free, folded graph.Dim
	uncounted                    map[opKey]graph.Dim
	unresolved                   []NodeWhy
	byOp                         map[opKey]*Row
	byDType                      map[graph.DType]*Row
	branches                     bool // somewhere one of several subgraphs runs
}

// summer adds up instances, each once however often it is used.
type summer struct {
	sign int // +1: the larger branch of an If, -1: the smaller
	opt  Options
	done map[*ops.Instance]*sum
	// remarks say of each If whose condition is not known what its branches cost.
	remarks []string
}

func newSummer(sign int, o Options) *summer {
	return &summer{sign: sign, opt: o, done: map[*ops.Instance]*sum{}}
}

func newSum() *sum {
	return &sum{uncounted: map[opKey]graph.Dim{}, byOp: map[opKey]*Row{}, byDType: map[graph.DType]*Row{}}
}

func (s *summer) instance(in *ops.Instance) *sum {
	if t := s.done[in]; t != nil {
		return t
	}
	t := newSum()
	folds := s.opt.quantFolds(in)
	for i := range in.Nodes {
		n := asRun(in, i, folds)
		t.node(in, n, s.measured(in, i))
		s.subs(t, in, n)
	}
	t.fusion(in, folds)
	s.done[in] = t
	return t
}

// subs adds the work of the subgraphs that a node runs.
func (s *summer) subs(t *sum, in *ops.Instance, n *ops.NodeResult) {
	if !n.Branches {
		for _, sub := range n.Subs {
			t.add(s.instance(sub.Inst), sub.Times, sub.Label, n.Node)
		}
		return
	}
	t.branches = true
	parts := make([]*sum, len(n.Subs))
	for i, sub := range n.Subs {
		parts[i] = s.instance(sub.Inst)
	}
	best := headline(parts, s.sign)
	s.remark(in, n, parts, best)
	chosen := parts[best]
	both := *chosen
	both.totals = pickTotals(parts, s.sign)
	for _, p := range parts {
		if p != chosen {
			both.unresolved = append(both.unresolved[:len(both.unresolved):len(both.unresolved)], p.unresolved...)
			both.uncounted = mergeCounts(both.uncounted, p.uncounted)
			both.nodes, both.counted = both.nodes.Add(p.nodes), both.counted.Add(p.counted)
			both.free, both.folded = both.free.Add(p.free), both.folded.Add(p.folded)
		}
	}
	t.add(&both, graph.Int(1), "", n.Node)
}

// remark notes what each branch costs and which is counted.
func (s *summer) remark(in *ops.Instance, n *ops.NodeResult, parts []*sum, best int) {
	e := graph.Error{Path: in.Path, Node: n.Node.Label(), Op: n.Node.Op, What: "the condition is not known; " + n.Subs[best].Label + " is counted"}
	for i, p := range parts {
		e.What += fmt.Sprintf(", %s has %s MACs", n.Subs[i].Label, p.totals.Work.MAC)
	}
	s.remarks = append(s.remarks, e.Error())
}

func mergeCounts(a, b map[opKey]graph.Dim) map[opKey]graph.Dim {
	out := make(map[opKey]graph.Dim, len(a)+len(b))
	for _, m := range []map[opKey]graph.Dim{a, b} {
		for k, v := range m {
			out[k] = out[k].Add(v)
		}
	}
	return out
}

// headline returns the branch whose rows are shown: the one with more MACs, then more FLOPs.
func headline(parts []*sum, sign int) int {
	best := 0
	for i, p := range parts {
		if heavier(p, parts[best]) == (sign > 0) && !same(p, parts[best]) {
			best = i
		}
	}
	return best
}

func same(a, b *sum) bool {
	return a.totals.Work.MAC.Equal(b.totals.Work.MAC) && a.totals.Work.FLOPs().Equal(b.totals.Work.FLOPs())
}

func heavier(a, b *sum) bool {
	if d := a.totals.Work.MAC.Sub(b.totals.Work.MAC); !d.IsZero() {
		lo, known := d.Lower()
		return known && lo >= 0 || d.BigConst() != nil && d.BigConst().Sign() > 0
	}
	d := a.totals.Work.FLOPs().Sub(b.totals.Work.FLOPs())
	lo, known := d.Lower()
	return known && lo > 0
}

// pickTotals takes the larger or the smaller of each column.
func pickTotals(parts []*sum, sign int) Totals {
	out := parts[0].totals
	for _, p := range parts[1:] {
		dst, src := out.additive(), p.totals.additive()
		for i := range dst {
			if sign > 0 {
				*dst[i] = dst[i].Max(*src[i])
			} else {
				*dst[i] = dst[i].Min(*src[i])
			}
		}
	}
	return out
}

// additive lists the columns that add over nodes.
func (t *Totals) additive() []*graph.Dim {
	return []*graph.Dim{&t.Work.MAC, &t.Work.Flop, &t.Work.Cmp, &t.Work.Exp, &t.Work.Int,
		&t.Read, &t.Written, &t.WeightRead, &t.Fused, &t.Elements, &t.Kernels, &t.Launches, &t.Named.Count}
}

func (f *Features) additive() []*graph.Dim {
	return []*graph.Dim{&f.DenseMACs, &f.TileMACs, &f.GroupedMACs, &f.DepthwiseMACs, &f.Elements, &f.ConvTraffic, &f.LinearTraffic,
		&f.DepthTraffic, &f.ScoreElements, &f.OtherTraffic, &f.MixedTraffic, &f.KernelsEager, &f.KernelsFused}
}

// add adds another sum, times over. Nodes count as often as they are written.
func (t *sum) add(o *sum, times graph.Dim, label string, at *graph.Node) {
	addTimes(t.totals.additive(), o.totals.additive(), times)
	addTimes(t.features.additive(), o.features.additive(), times)
	t.nodes, t.counted = t.nodes.Add(o.nodes), t.counted.Add(o.counted)
	t.free, t.folded = t.free.Add(o.free), t.folded.Add(o.folded)
	t.branches = t.branches || o.branches
	t.totals.Named.Unit = max(t.totals.Named.Unit, o.totals.Named.Unit)
	for k, n := range o.uncounted {
		t.uncounted[k] = t.uncounted[k].Add(n)
	}
	for _, u := range o.unresolved {
		t.noteUnresolved(graph.JoinPath(at.Label(), label, u.Node), u.Why)
	}
	for k, r := range o.byOp {
		t.op(k).add(r, times)
	}
	for k, r := range o.byDType {
		t.dtype(k).add(r, times)
	}
}

func addTimes(dst, src []*graph.Dim, times graph.Dim) {
	for i := range dst {
		*dst[i] = dst[i].Add(src[i].Mul(times))
	}
}

func (r *Row) add(o *Row, times graph.Dim) {
	r.Nodes = r.Nodes.Add(o.Nodes)
	r.Sums.add(&o.Sums, times)
}

func (s *Sums) add(o *Sums, times graph.Dim) {
	s.Work = s.Work.Add(o.Work.Times(times))
	s.Named.add(&o.Named, times)
	s.Bytes = s.Bytes.Add(o.Bytes.Mul(times))
	s.Elements = s.Elements.Add(o.Elements.Mul(times))
}

func (t *sum) op(k opKey) *Row {
	r := t.byOp[k]
	if r == nil {
		r = &Row{Domain: k.domain, Name: k.name}
		t.byOp[k] = r
	}
	return r
}

func (t *sum) dtype(d graph.DType) *Row {
	r := t.byDType[d]
	if r == nil {
		r = &Row{Name: d.String()}
		t.byDType[d] = r
	}
	return r
}

// maxUnresolved bounds the list of nodes whose sizes are missing.
const maxUnresolved = 100

func (t *sum) noteUnresolved(node, why string) {
	if len(t.unresolved) < maxUnresolved {
		t.unresolved = append(t.unresolved, NodeWhy{node, why})
	}
}

// nodeSums returns the additive columns of a node without its subgraphs.
func nodeSums(in *ops.Instance, n *ops.NodeResult, named Named) Sums {
	s := Sums{Work: n.Cost, Named: named, Bytes: n.Traffic.Read.Add(n.Traffic.Weights).Add(n.Traffic.Written)}
	if isMatmulClass(n) {
		s.Elements = firstOutput(in, n).Add(innerScores(n))
	}
	return s
}

// innerScores are the elements that the first of an attention's two products writes: its
// scores, each of which goes through one exponential, and a hyperbolic tangent where they
// are capped.
func innerScores(n *ops.NodeResult) graph.Dim {
	switch n.Node.Op {
	case "Attention", "MultiHeadAttention", "GroupQueryAttention":
	default:
		return graph.Dim{}
	}
	if a := n.Node.Attrs.Get("softcap"); a != nil && a.Float != 0 {
		return n.Cost.Exp.MustFloorDiv(2)
	}
	return n.Cost.Exp
}

// isMatmulClass reports whether the node does multiply-accumulates.
func isMatmulClass(n *ops.NodeResult) bool { return !n.Cost.MAC.IsZero() }

// firstOutput returns the elements of the first output, 0 if they are not known.
func firstOutput(in *ops.Instance, n *ops.NodeResult) graph.Dim {
	if len(n.Node.Outputs) == 0 || n.Node.Outputs[0] == nil {
		return graph.Dim{}
	}
	s := in.Info(n.Node.Outputs[0]).Shape
	if s == nil {
		return graph.Dim{}
	}
	return s.Elements()
}

// node adds one node without its subgraphs.
func (t *sum) node(in *ops.Instance, n *ops.NodeResult, named Named) {
	k := opKey{n.Node.Domain, n.Node.Op}
	s := nodeSums(in, n, named)
	one := graph.Int(1)
	if n.Op != nil || n.State == ops.Uncounted { // a call of a local function is shown by its body
		t.nodes = t.nodes.Add(one)
		row := t.op(k)
		row.Nodes = row.Nodes.Add(one)
		row.Sums.add(&s, one)
		d := t.dtype(workType(in, n))
		d.Nodes = d.Nodes.Add(one)
		d.Sums.add(&s, one)
	}
	switch n.State {
	case ops.Counted:
		if n.Op != nil {
			t.counted = t.counted.Add(one)
		}
	case ops.Free:
		t.free = t.free.Add(one)
	case ops.Folded:
		t.free, t.folded = t.free.Add(one), t.folded.Add(one)
	case ops.Uncounted:
		t.uncounted[k] = t.uncounted[k].Add(one)
	case ops.Unresolved:
		t.noteUnresolved(n.Node.Label(), n.Why)
	}
	t.totals.Work = t.totals.Work.Add(n.Cost)
	t.totals.Named.add(&named, one)
	t.totals.Read = t.totals.Read.Add(n.Traffic.Read)
	t.totals.Written = t.totals.Written.Add(n.Traffic.Written)
	t.totals.WeightRead = t.totals.WeightRead.Add(n.Traffic.Weights)
	t.totals.Elements = t.totals.Elements.Add(s.Elements)
	t.features.Elements = t.features.Elements.Add(s.Elements)
	if isMatmulClass(n) {
		t.features.addMACs(in, n)
	}
}

// workType is the dtype that a node's work is done in: that of its first typed
// input, or of its first output.
func workType(in *ops.Instance, n *ops.NodeResult) graph.DType {
	for _, list := range [][]*graph.Value{n.Node.Inputs, n.Node.Outputs} {
		for _, v := range list {
			if v != nil {
				if d := integerType(in, v); d != graph.Undefined {
					return d
				}
			}
		}
	}
	return graph.Undefined
}

func (t *sum) coverage() Coverage {
	c := Coverage{Nodes: t.nodes, Counted: t.counted, Free: t.free, Folded: t.folded, Unresolved: t.unresolved}
	for k, n := range t.uncounted {
		c.Uncounted = append(c.Uncounted, OpNodes{k.domain, k.name, n})
	}
	sort.Slice(c.Uncounted, func(i, j int) bool {
		a, b := c.Uncounted[i], c.Uncounted[j]
		return a.Domain < b.Domain || a.Domain == b.Domain && a.Op < b.Op
	})
	return c
}

// rows returns the tables by operator and by dtype, most MACs first.
func (t *sum) rows(w *weights) (byOp, byDType []Row) {
	for k, r := range t.byOp {
		r.Params = w.byOp[k]
		byOp = append(byOp, *r)
	}
	for d, r := range t.byDType {
		r.Params = w.byDType[d]
		byDType = append(byDType, *r)
	}
	sortRows(byOp, (*Sums).shown)
	sortRows(byDType, (*Sums).own) // the first is the type that estimates price
	return byOp, byDType
}

// shown are the columns that rows are sorted by, own the same without a convention.
func (s *Sums) shown() [3]graph.Dim { return [...]graph.Dim{s.MACs(), s.FLOPs(), s.Bytes} }
func (s *Sums) own() [3]graph.Dim   { return [...]graph.Dim{s.Work.MAC, s.Work.FLOPs(), s.Bytes} }

func sortRows(rows []Row, columns func(*Sums) [3]graph.Dim) {
	sort.Slice(rows, func(i, j int) bool {
		a, b := &rows[i], &rows[j]
		x, y := columns(&a.Sums), columns(&b.Sums)
		for k := range x {
			if s := signOf(y[k].Sub(x[k])); s != 0 {
				return s < 0
			}
		}
		return a.Domain < b.Domain || a.Domain == b.Domain && a.Name < b.Name
	})
}

// signOf orders Dims for tables: numbers by their value, others as if every symbol were large.
func signOf(d graph.Dim) int {
	if b, err := d.At(1024); err == nil {
		return b.Sign()
	}
	return 0
}

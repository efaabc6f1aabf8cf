package ops_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/ops"
)

// The suites that these tests run are not part of the repository; see
// CONTRIBUTING.md. Run with -v for the ledger by operator and every case that is
// not exact.

func shared(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set")
	}
	return filepath.Join(append([]string{dir}, parts...)...)
}

func loadJSON(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// verdict compares what was inferred with what is true.
type verdict int

const (
	exact verdict = iota
	partial
	unknown
	wrong
)

var verdictNames = [...]string{"exact", "partial", "unknown", "WRONG"}

// ledger counts verdicts by operator.
type ledger struct {
	byOp  map[string]*[4]int
	total [4]int
	notes []string
}

func newLedger() *ledger { return &ledger{byOp: map[string]*[4]int{}} }

func (l *ledger) add(op string, v verdict, note string) {
	row := l.byOp[op]
	if row == nil {
		row = new([4]int)
		l.byOp[op] = row
	}
	row[v]++
	l.total[v]++
	if v != exact {
		l.notes = append(l.notes, fmt.Sprintf("%-7s %s: %s", verdictNames[v], op, note))
	}
}

// report prints the ledger and fails on any WRONG and below the least share of exact.
func (l *ledger) report(t *testing.T, suite string, least float64) {
	t.Helper()
	n := l.total[0] + l.total[1] + l.total[2] + l.total[3]
	share := 100 * float64(l.total[exact]) / float64(max(n, 1))
	t.Logf("%s: %d outputs, exact %d (%.1f %%), partial %d, unknown %d, WRONG %d", suite, n, l.total[0], share, l.total[1], l.total[2], l.total[3])
	if testing.Verbose() {
		names := make([]string, 0, len(l.byOp))
		for k := range l.byOp {
			names = append(names, k)
		}
		sort.Strings(names)
		for _, k := range names {
			r := l.byOp[k]
			t.Logf("  %-40s exact %5d  partial %4d  unknown %4d  WRONG %d", k, r[0], r[1], r[2], r[3])
		}
		sort.Strings(l.notes)
		for _, s := range l.notes {
			t.Log(s)
		}
	}
	if l.total[wrong] > 0 {
		t.Errorf("%s: %d WRONG", suite, l.total[wrong])
		for _, s := range l.notes {
			if strings.HasPrefix(s, "WRONG") {
				t.Error(s)
			}
		}
	}
	if share < least {
		t.Errorf("%s: %.2f %% exact, want at least %.2f", suite, share, least)
	}
}

// compareDims compares a shape with true dims.
func compareDims(s graph.Shape, dims []int64) verdict {
	if s == nil {
		return unknown
	}
	if len(s) != len(dims) {
		return wrong
	}
	v := exact
	for i, d := range s {
		k, ok := d.Const()
		switch {
		case ok && k != dims[i]:
			return wrong
		case !ok && outside(d, dims[i]):
			return wrong
		case !ok:
			v = partial
		}
	}
	return v
}

// outside reports whether a bounded size excludes the true value.
func outside(d graph.Dim, k int64) bool {
	lo, hi := d.Bounds()
	b := big.NewInt(k)
	return lo != nil && b.Cmp(lo) < 0 && d.HasData() || hi != nil && b.Cmp(hi) > 0
}

// typed is a value of the expectation files.
type typed struct {
	Kind   string  `json:"kind"`
	DType  string  `json:"dtype"`
	Shape  []int64 `json:"shape"`
	Name   string  `json:"name"`
	PB     string  `json:"pb"`
	Value  *typed  `json:"value"`
	Values []typed `json:"values"`
}

// info makes what is known of an input whose values are a sequence or optional.
func (x *typed) info() ops.Info {
	switch x.Kind {
	case "sequence":
		n := graph.Int(int64(len(x.Values)))
		in := ops.Info{Kind: graph.KindSequence, Has: -1, Len: &n}
		for i := range x.Values {
			in.Items = append(in.Items, x.Values[i].info())
		}
		if len(in.Items) > 0 {
			item := in.Items[0]
			for _, o := range in.Items[1:] {
				if !o.Shape.Equal(item.Shape) {
					item.Shape = nil
				}
			}
			in.Item = &item
		}
		return in
	case "optional":
		in := ops.Info{Kind: graph.KindOptional}
		if x.Value != nil {
			item := x.Value.info()
			in.Item, in.Has = &item, 1
		}
		return in
	}
	d, _ := graph.ParseDType(x.DType)
	return ops.Tensor(d, graph.Ints(x.Shape...))
}

func open(t *testing.T, path string) *graph.Model {
	t.Helper()
	f, err := onnxfile.Open(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(func() { f.Close() })
	return f.Model
}

func readTensor(t *testing.T, path string) *graph.Tensor {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, _ := f.Stat()
	x, err := onnxfile.ReadTensor(f, st.Size(), path)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// producer names the operator that makes an output of the main graph.
func producer(m *graph.Model, name string) string {
	for _, n := range m.Graph.Nodes {
		for _, o := range n.OutputNames {
			if o == name {
				return n.Op
			}
		}
	}
	return "(input)"
}

type backendCase struct {
	Case     string `json:"case"`
	Model    string `json:"model"`
	DataSets []struct {
		Inputs   []typed `json:"inputs"`
		Expected []typed `json:"expected"`
	} `json:"data_sets"`
}

func TestConformanceBackendValues(t *testing.T) { backend(t, true, 97.5) }
func TestConformanceBackendShapes(t *testing.T) { backend(t, false, 81) }

// backend runs the ONNX backend suite with declared types of all but the inputs
// dropped, with and without the values of the inputs.
func backend(t *testing.T, values bool, least float64) {
	dir := shared(t, "conformance", "onnx-backend")
	var all struct{ Cases []backendCase }
	loadJSON(t, filepath.Join(dir, "expectations.json"), &all)
	l := newLedger()
	for _, c := range all.Cases {
		m := open(t, filepath.Join(dir, c.Model))
		set := c.DataSets[0]
		opt := ops.Options{IgnoreDeclared: true, Values: map[string]*graph.Tensor{}, InputInfos: map[string]ops.Info{}}
		for i := range set.Inputs {
			in := &set.Inputs[i]
			switch {
			case in.Kind != "tensor" && values:
				opt.InputInfos[in.Name] = in.info()
			case values && in.PB != "":
				opt.Values[in.Name] = readTensor(t, filepath.Join(dir, in.PB))
			}
		}
		r, err := ops.Infer(m, opt)
		for i := range set.Expected {
			e := &set.Expected[i]
			if e.Kind != "tensor" {
				continue
			}
			if err != nil {
				l.add(producer(m, e.Name), wrong, c.Case+": refused: "+err.Error())
				continue
			}
			var got *ops.Info
			for _, v := range m.Graph.Outputs {
				if v.Name == e.Name {
					got = r.Main.Info(v)
				}
			}
			v := judge(got, e.DType, e.Shape)
			l.add(producer(m, e.Name), v, fmt.Sprintf("%s: %s is %s %s, true is %s %v", c.Case, e.Name, got.DType, got.Shape, e.DType, e.Shape))
		}
	}
	l.report(t, fmt.Sprintf("onnx-backend, values %v", values), least)
}

func judge(got *ops.Info, dtype string, dims []int64) verdict {
	if got == nil {
		return unknown
	}
	v := compareDims(got.Shape, dims)
	if dtype != "" {
		if got.DType == graph.Undefined {
			v = max(v, partial)
		} else if got.DType.String() != dtype {
			return wrong
		}
	}
	return v
}

func TestConformanceModels(t *testing.T) {
	dir := shared(t, "models")
	var all []struct {
		Model   string
		Feeds   map[string][]int64
		Outputs [][]any
	}
	loadJSON(t, filepath.Join(dir, "index.json"), &all)
	l := newLedger()
	for _, c := range all {
		m := open(t, filepath.Join(dir, c.Model))
		if c.Feeds == nil {
			if _, err := ops.Infer(m, ops.Options{}); err != nil {
				t.Logf("not run by ONNX Runtime, refused: %v", err)
			}
			continue
		}
		r, err := ops.Infer(m, ops.Options{IgnoreDeclared: true, Inputs: feeds(c.Feeds)})
		values := mainValues(m)
		for _, o := range c.Outputs {
			name, decidable := o[0].(string), o[3].(bool)
			if !decidable {
				continue
			}
			if err != nil {
				l.add(producer(m, name), wrong, c.Model+": refused: "+err.Error())
				break
			}
			v := values[name]
			if v == nil {
				t.Errorf("%s: no value %q", c.Model, name)
				continue
			}
			got := r.Main.Info(v)
			l.add(producer(m, name), compareDims(got.Shape, ints(o[2])), fmt.Sprintf("%s: %s is %s, true is %v", c.Model, name, got.Shape, o[2]))
		}
	}
	l.report(t, "models", 95)
}

func feeds(in map[string][]int64) map[string]ops.InputBinding {
	out := map[string]ops.InputBinding{}
	for k, dims := range in {
		out[k] = ops.InputBinding{Dims: dims}
	}
	return out
}

func mainValues(m *graph.Model) map[string]*graph.Value {
	out := map[string]*graph.Value{}
	for _, v := range m.Graph.Values {
		out[v.Name] = v
	}
	return out
}

func ints(x any) []int64 {
	out := []int64{}
	for _, v := range x.([]any) {
		k, _ := v.(json.Number).Int64()
		out = append(out, k)
	}
	return out
}

type zooNet struct {
	Name    string
	Feeds   map[string][]any
	Dims    map[string]int64
	MACs    *json.Number
	Outputs [][]any
	Invalid string
}

func (z *zooNet) bind() map[string]ops.InputBinding {
	out := map[string]ops.InputBinding{}
	for k, v := range z.Feeds {
		out[k] = ops.InputBinding{Dims: ints(v[1])}
	}
	return out
}

func TestConformanceZoo(t *testing.T) {
	dir := shared(t, "zoo")
	var all []zooNet
	loadJSON(t, filepath.Join(dir, "truth.json"), &all)
	l := newLedger()
	macs := 0
	for i := range all {
		z := &all[i]
		m := open(t, filepath.Join(dir, z.Name+".onnx"))
		r, err := ops.Infer(m, ops.Options{IgnoreDeclared: true, Inputs: z.bind()})
		if z.Invalid != "" {
			if err == nil || !strings.Contains(err.Error(), z.Invalid) {
				t.Errorf("%s: error %v, want one that names %s", z.Name, err, z.Invalid)
			}
			continue
		}
		if err != nil {
			l.add("(refused)", wrong, z.Name+": "+err.Error())
			continue
		}
		values := mainValues(m)
		for _, o := range z.Outputs {
			name := o[0].(string)
			v := values[name]
			if v == nil {
				continue // inside a function or a subgraph
			}
			got := r.Main.Info(v)
			l.add(producer(m, name), judge(got, o[1].(string), ints(o[2])), fmt.Sprintf("%s: %s is %s %s, true is %v %v", z.Name, name, got.DType, got.Shape, o[1], o[2]))
		}
		if z.MACs != nil {
			macs += checkMACs(t, z, m, r)
		}
	}
	t.Logf("zoo: MACs equal on %d nets", macs)
	l.report(t, "zoo", 100)
}

// checkMACs compares the sum over the main graph's instances, bound and unbound.
func checkMACs(t *testing.T, z *zooNet, m *graph.Model, bound *ops.Result) int {
	if got := macsOf(bound.Main).String(); got != z.MACs.String() {
		t.Errorf("%s: MACs %s, true are %s", z.Name, got, z.MACs)
		return 0
	}
	if len(z.Dims) == 0 {
		return 1
	}
	r, err := ops.Infer(m, ops.Options{IgnoreDeclared: true})
	if err != nil {
		t.Errorf("%s: unbound: %v", z.Name, err)
		return 0
	}
	formula := macsOf(r.Main)
	got, err := formula.EvalBig(z.Dims)
	if err != nil || got.String() != z.MACs.String() {
		t.Errorf("%s: the formula %s gives %v (%v), true is %s", z.Name, graph.Clip(formula.String()), got, err, z.MACs)
		return 0
	}
	return 1
}

func macsOf(in *ops.Instance) graph.Dim {
	sum := graph.Dim{}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		sum = sum.Add(n.Cost.MAC)
		inner := graph.Dim{}
		for _, s := range n.Subs {
			d := macsOf(s.Inst).Mul(s.Times)
			if n.Branches {
				inner = inner.Max(d)
			} else {
				inner = inner.Add(d)
			}
		}
		sum = sum.Add(inner)
	}
	return sum
}

// expectedType is a type of the shape-inference unit tests.
type expectedType struct {
	Kind  string
	Elem  int32
	Shape *[]any
	Of    *expectedType
}

// disputed lists unit tests that contradict the standard's text, with the sentence
// that decides. A case that is not WRONG any more must leave the list.
var disputed = map[string]string{
	"test_stft_reals": "STFT: onesided is \"Default is 1\"; ONNX's inference takes a missing attribute for 0, the backend suite's own outputs do not",
}

func TestConformanceShapeInference(t *testing.T) {
	dir := shared(t, "conformance", "onnx-shape-inference")
	var all []struct {
		Test, Model, Result string
		Expected            map[string]*expectedType
	}
	loadJSON(t, filepath.Join(dir, "expectations.json"), &all)
	l, used := newLedger(), map[string]bool{}
	for _, c := range all {
		label := c.Model + " " + c.Test[strings.LastIndex(c.Test, ":")+1:]
		r, err := inferFile(filepath.Join(dir, c.Model))
		kind, _, _ := strings.Cut(c.Result, ":")
		switch kind {
		case "error":
			v := exact
			if err == nil || strings.Contains(err.Error(), ops.InternalError) {
				v = wrong
			}
			l.add("(must be refused)", v, label+": accepted: "+c.Result)
		case "any":
			v := exact
			if err == nil && len(r.Warnings) == 0 {
				v = wrong
			}
			l.add("(refused or warned)", v, label+": silent: "+c.Result)
		default:
			if err != nil {
				l.add("(must be accepted)", wrong, label+": "+err.Error())
				continue
			}
			values := mainValues(r.Model)
			for name, e := range c.Expected {
				v := values[name]
				if v == nil {
					continue
				}
				verdict := e.judge(r.Main.Info(v))
				if test := label[strings.Index(label, " ")+1:]; verdict == wrong && disputed[test] != "" {
					used[test] = true
					continue
				}
				l.add(producer(r.Model, name), verdict, fmt.Sprintf("%s: %s is %v %s %s, expected %s", label, name, r.Main.Info(v).Kind, r.Main.Info(v).DType, r.Main.Info(v).Shape, e))
			}
		}
	}
	for test, why := range disputed {
		t.Logf("disputed: %s: %s", test, why)
		if !used[test] {
			t.Errorf("%s is not disputed any more", test)
		}
	}
	l.report(t, "onnx-shape-inference", 99)
}

func inferFile(path string) (*ops.Result, error) {
	f, err := onnxfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ops.Infer(f.Model, ops.Options{})
}

func (e *expectedType) String() string {
	b, _ := json.Marshal(e)
	return string(b)
}

// judge accepts what is expected or something strictly more precise.
func (e *expectedType) judge(got *ops.Info) verdict {
	kinds := map[string]graph.Kind{"tensor_type": graph.KindTensor, "sequence_type": graph.KindSequence, "optional_type": graph.KindOptional,
		"map_type": graph.KindMap, "sparse_tensor_type": graph.KindSparse}
	if got == nil || got.Kind == graph.KindUnknown {
		return unknown
	}
	if got.Kind != kinds[e.Kind] {
		return wrong
	}
	if e.Of != nil {
		return e.Of.judge(got.Item)
	}
	if e.Elem != 0 && got.DType != graph.DType(e.Elem) {
		if got.DType == graph.Undefined {
			return partial
		}
		return wrong
	}
	if e.Shape == nil {
		return exact
	}
	if got.Shape == nil {
		return unknown
	}
	if len(got.Shape) != len(*e.Shape) {
		return wrong
	}
	v := exact
	for i, x := range *e.Shape {
		v = max(v, judgeDim(got.Shape[i], x))
	}
	return v
}

func judgeDim(d graph.Dim, want any) verdict {
	k, isConst := d.Const()
	switch w := want.(type) {
	case json.Number:
		if n, _ := w.Int64(); isConst && k != n {
			return wrong
		}
		if !isConst {
			return partial
		}
	case string:
		if !isConst && d.String() != w {
			return partial
		}
	}
	return exact
}

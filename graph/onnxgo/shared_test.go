package onnxgo

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
)

// suites are the folders of models, by the name they have in the ledger.
var suites = []struct{ name, dir string }{
	{"exported nets", "zoo"},
	{"models of public repositories", "models"},
	{"timm nets", "energy/graphs"},
	{"ONNX backend suite", "conformance/onnx-backend"},
	{"ONNX shape-inference suite", "conformance/onnx-shape-inference"},
}

// outcome is what became of one model.
type outcome struct {
	topology, values string // "" or why onnx-go did not decode it
	// compared counts the values whose dtype was compared, static those of them
	// whose dims were, too; the others have symbolic dims or unknown rank, and of
	// these misread have a rank for onnx-go that is not theirs.
	compared, static, misread int
}

// TestSharedAgreesWithReader decodes every model of the shared data with onnx-go
// and with our reader and compares what both say.
func TestSharedAgreesWithReader(t *testing.T) {
	for _, s := range suites {
		sum := summarize(run(t, filepath.Join(shared(t), s.dir)))
		t.Logf("%s: %+v", s.name, sum)
		if sum.topology == 0 {
			t.Errorf("%s: nothing was compared", s.name)
		}
	}
}

func shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the shared data is absent")
	}
	return dir
}

// ran keeps the outcomes of folders: two tests need them.
var ran = map[string][]outcome{}

// run compares the models of a folder that our reader accepts.
func run(t *testing.T, dir string) (out []outcome) {
	t.Helper()
	if out, done := ran[dir]; done {
		return out
	}
	defer func() { ran[dir] = out }()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".onnx") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if ours, err := onnxfile.Read(bytes.NewReader(data), int64(len(data)), path); err == nil {
			out = append(out, compare(t, path, data, ours))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// compare decodes a model in both modes and compares it with what our reader says.
func compare(t *testing.T, name string, data []byte, ours *graph.Model) (o outcome) {
	t.Helper()
	theirs, err := Decode(data, NewTopology(), ours.Opsets)
	if err != nil {
		o.topology = reason(err)
	} else {
		same(t, name, topology(theirs.Graph), topology(ours.Graph))
	}
	b := NewValues()
	b.StaticDims = true
	theirs, err = Decode(data, b, ours.Opsets)
	if err != nil {
		o.values = reason(err)
		return o
	}
	same(t, name, topology(theirs.Graph), topology(ours.Graph))
	same(t, name, constants(theirs.Graph, ours.Graph), constants(ours.Graph, theirs.Graph))
	o.compareTypes(t, name, theirs.Graph, ours.Graph)
	return o
}

func same(t *testing.T, name string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: onnx-go says %s, the reader %s", name, got[i], want[i])
			return
		}
	}
	t.Errorf("%s: onnx-go says %d things, the reader %d", name, len(got), len(want))
}

// topology lists the nodes in file order, with inputs and outputs, then the
// inputs without a default and the outputs of the graph.
func topology(g *graph.Graph) []string {
	var out []string
	for _, n := range inFileOrder(g) {
		out = append(out, fmt.Sprintf("%s%q -> %q %s", n.Op, n.InputNames, n.OutputNames, attributes(n.Attrs)))
	}
	for _, v := range g.Outputs {
		out = append(out, "output "+v.Name)
	}
	return out
}

func inFileOrder(g *graph.Graph) []*graph.Node {
	nodes := slices.Clone(g.Nodes)
	sort.Slice(nodes, func(i, j int) bool { return nodes[i].Index < nodes[j].Index })
	return nodes
}

// attributes lists attributes by name with their values.
func attributes(as graph.Attrs) string {
	var out []string
	for _, a := range as {
		if a.Type == graph.AttrTensor {
			out = append(out, fmt.Sprintf("%s=%s%d%s", a.Name, a.Tensor.DType, a.Tensor.Dims, elements(a.Tensor)))
			continue
		}
		out = append(out, fmt.Sprintf("%s=%s:%d %g %q %d %g %q", a.Name, a.Type, a.Int, a.Float, a.Str, a.Ints, a.Floats, a.Strs))
	}
	sort.Strings(out)
	return strings.Join(out, "; ")
}

// constants lists the initializers of g that are in other too, with a few elements.
func constants(g, other *graph.Graph) []string {
	in := map[string]bool{}
	for _, t := range other.Initializers {
		in[t.Name] = true
	}
	var out []string
	for _, t := range g.Initializers {
		if in[t.Name] {
			out = append(out, fmt.Sprint(t.Name, t.DType, t.Dims, elements(t)))
		}
	}
	sort.Strings(out)
	return out
}

func elements(t *graph.Tensor) string {
	const most = 64
	if n, ok := t.Elements().Const(); !ok || n > most || t.Payload == nil {
		return ""
	}
	ints, _ := t.Payload.Ints(most)
	floats, _ := t.Payload.Floats(most)
	strs, _ := t.Payload.Strings(most)
	return fmt.Sprint(ints, floats, strs)
}

// compareTypes compares the dtype of every declared value, and its dims where
// all of them are static.
func (o *outcome) compareTypes(t *testing.T, name string, theirs, ours *graph.Graph) {
	t.Helper()
	declared := map[string]*graph.TypeDef{}
	for _, v := range ours.Values {
		declared[v.Name] = v.Declared
	}
	for _, v := range theirs.Values {
		got, want := v.Declared, declared[v.Name]
		if got == nil || want == nil || v.Init != nil {
			continue
		}
		o.compared++
		if got.DType != want.DType {
			t.Errorf("%s: %q is %s for onnx-go, %s for the reader", name, v.Name, got.DType, want.DType)
		}
		switch static := want.HasShape && !slices.ContainsFunc(want.Dims, func(d graph.DimDef) bool { return !d.Known }); {
		case !static && (!want.HasShape || len(got.Dims) != len(want.Dims)):
			o.misread++
		case static:
			o.static++
			if !slices.Equal(got.Dims, want.Dims) {
				t.Errorf("%s: %q has dims %v for onnx-go, %v for the reader", name, v.Name, got.Dims, want.Dims)
			}
		}
	}
}

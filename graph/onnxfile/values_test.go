package onnxfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// describeValue prints a value's kinds, types and dims.
func describeValue(v *Value) string {
	switch v.Kind {
	case graph.KindTensor:
		return fmt.Sprintf("%s%v", v.Tensor.DType, v.Tensor.Dims)
	case graph.KindSparse:
		return fmt.Sprintf("sparse %s%v", v.Sparse.Values.DType, v.Sparse.Dims)
	}
	parts := make([]string, len(v.Elems))
	for i, e := range v.Elems {
		parts[i] = describeValue(e)
	}
	return v.Kind.String() + "(" + strings.Join(parts, ", ") + ")"
}

func TestReadSequence(t *testing.T) {
	tensor := func(n int64) msg { return tensorMsg("", graph.Float32, n) }
	sparse := msg{}.sub(1, tensorMsg("S", graph.Float32, 0)).packed(3, 4)
	for _, c := range []struct {
		b    msg
		want string
	}{
		{msg{}.str(1, "s").int(2, 1).sub(3, tensor(2)).sub(3, tensor(3)), "sequence(float32[2], float32[3])"},
		{msg{}, "sequence()"},
		{msg{}.sub(5, msg{}.sub(3, tensor(1))).sub(5, msg{}), "sequence(sequence(float32[1]), sequence())"},
		{msg{}.sub(4, sparse), "sequence(sparse float32[4])"},
		{msg{}.sub(6, msg{}.int(2, 7).packed(3, 1, 2).sub(5, msg{}.sub(3, tensor(1)).sub(3, tensor(2)))), "sequence(map(float32[1], float32[2]))"},
		{msg{}.sub(7, msg{}.sub(3, tensor(6))).sub(7, msg{}), "sequence(optional(float32[6]), optional())"},
	} {
		v, err := ReadSequence(bytes.NewReader(c.b), int64(len(c.b)), "s.pb")
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
		} else if got := describeValue(v); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestReadOptional(t *testing.T) {
	b := msg{}.int(2, 3).sub(5, msg{}.sub(3, tensorMsg("", graph.Int8, 2, 3)))
	v, err := ReadOptional(bytes.NewReader(b), int64(len(b)), "o.pb")
	if err != nil || describeValue(v) != "optional(sequence(int8[2 3]))" {
		t.Errorf("got %v, %v", v, err)
	}
	b = msg{}.sub(3, tensorMsg("", graph.Int8, 1)).sub(5, msg{})
	if _, err := ReadOptional(bytes.NewReader(b), int64(len(b)), "o.pb"); err == nil || !strings.Contains(err.Error(), "an optional holds 2 values") {
		t.Errorf("got %v", err)
	}
	b = msg{}.sub(3, tensorMsg("t", graph.Int8, -1))
	if _, err := ReadSequence(bytes.NewReader(b), int64(len(b)), "s.pb"); err == nil || err.Error() != `s.pb: tensor "t": dim -1` {
		t.Errorf("got %v", err)
	}
}

// TestReadsConformanceValues reads every input value of the ONNX backend suite as
// what the model declares it to be.
func TestReadsConformanceValues(t *testing.T) {
	root := filepath.Join(shared(t), "conformance", "onnx-backend")
	values := 0
	onnxFiles(t, root, func(path string) {
		f, err := Open(path)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for i, in := range f.Model.Graph.InputInfo {
			file := fmt.Sprintf("%s.test_data_set_0.input_%d.pb", strings.TrimSuffix(path, ".onnx"), i)
			if _, err := os.Stat(file); err == nil {
				values++
				checkValue(t, file, in.Type)
			}
		}
	})
	if values < 1000 {
		t.Errorf("only %d values were found", values)
	}
}

// checkValue reads a value file and compares its type with the declared one.
func checkValue(t *testing.T, path string, want *graph.TypeDef) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	r, n := bytes.NewReader(b), int64(len(b))
	var v *Value
	switch want.Kind {
	case graph.KindSequence:
		v, err = ReadSequence(r, n, path)
	case graph.KindOptional:
		v, err = ReadOptional(r, n, path)
	default:
		v = &Value{Kind: graph.KindTensor}
		v.Tensor, err = ReadTensor(r, n, path)
	}
	if err != nil {
		t.Error(err)
		return
	}
	if got := leafType(v); got != graph.Undefined && got != declaredLeaf(want) {
		t.Errorf("%s: elements are %s, declared %s", path, got, declaredLeaf(want))
	}
}

func leafType(v *Value) graph.DType {
	for v.Kind != graph.KindTensor {
		if len(v.Elems) == 0 {
			return graph.Undefined
		}
		v = v.Elems[0]
	}
	return v.Tensor.DType
}

func declaredLeaf(t *graph.TypeDef) graph.DType {
	for t.Elem != nil {
		t = t.Elem
	}
	return t.DType
}

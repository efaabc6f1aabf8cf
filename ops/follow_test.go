package ops

import (
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Steps over many elements are limited for the whole model; a few always go.
func TestWalkLimit(t *testing.T) {
	p := &pass{}
	walks := 0
	for p.walk(graph.MaxFoldElements) {
		walks++
	}
	if want := 8 * graph.MaxFoldTotal / graph.MaxFoldElements; walks != want {
		t.Errorf("%d walks, want %d", walks, want)
	}
	if !p.walk(64) || p.walk(65) {
		t.Error("a few elements go, more do not")
	}
}

// A sparse constant is followed in its dense dims; indices outside are not read.
func TestSparseConstant(t *testing.T) {
	vec := func(dims []int64, k ...int64) *graph.Tensor {
		return &graph.Tensor{DType: graph.Int64, Dims: dims, Payload: &graph.MemPayload{I: k}}
	}
	for _, c := range []struct {
		indices *graph.Tensor
		want    string // of 2 x 3 elements; "" when they are not followed
	}{
		{vec([]int64{2}, 1, 5), "070009"},
		{vec([]int64{2, 2}, 0, 1, 1, 2), "070009"},
		{vec([]int64{2}, 1, 6), ""},
		{vec([]int64{2, 2}, 0, 1, 2, 0), ""},
		{vec([]int64{1}, 1), ""},
	} {
		st := &graph.SparseTensor{Dims: []int64{2, 3}, Values: vec([]int64{2}, 7, 9), Indices: c.indices}
		got := ""
		for _, e := range (&pass{}).denseElems(st, graph.Ints(2, 3)) {
			got += e.String()
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.indices.Dims, got, c.want)
		}
	}
}

package onnxfile

import (
	"fmt"

	"github.com/onnxmeter/onnxmeter/graph"
)

// sparseProto holds what a SparseTensorProto says until it is complete.
type sparseProto struct {
	values, indices *tensorProto
	dims            []int64
}

func (d *decoder) sparse(p *sparseProto) {
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case sparseValues:
			if p.values == nil {
				p.values = d.newTensor()
			}
			d.tensor(p.values)
		case sparseIndices:
			if p.indices == nil {
				p.indices = d.newTensor()
			}
			d.tensor(p.indices)
		case sparseDim:
			p.dims = addDim(p.dims, d.int64())
		case sparseDims:
			p.dims = d.packedDims(p.dims)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
}

func (d *decoder) addSparse(g *graph.Graph) {
	var p sparseProto
	at := d.pos
	d.sparse(&p)
	if d.err == nil && (p.values == nil || p.values.name == "") {
		d.reject("the sparse initializer at offset %d has no name", at).Expect("values.name")
	}
	g.Sparse = append(g.Sparse, d.finishSparse(&p, ""))
}

// finishSparse checks a sparse tensor; owner is what to call one without a name.
func (d *decoder) finishSparse(p *sparseProto, owner string) *graph.SparseTensor {
	s := &graph.SparseTensor{Dims: p.dims}
	if d.err != nil || p.values == nil {
		if d.err == nil {
			d.reject("sparse tensor %q has no values", graph.Clip(owner))
		}
		s.Values, s.Indices = &graph.Tensor{}, &graph.Tensor{}
		return s
	}
	s.Values = d.finishTensor(p.values, owner)
	if s.Values.Name != "" {
		owner = s.Values.Name
	}
	s.Indices = &graph.Tensor{DType: graph.Int64, Dims: []int64{0}}
	if p.indices != nil {
		s.Indices = d.finishTensor(p.indices, owner)
	} else if len(s.Values.Dims) == 1 && s.Values.Dims[0] != 0 {
		d.reject("sparse tensor %q has no indices", graph.Clip(owner))
	}
	if problem := checkSparse(s); problem != "" && d.err == nil {
		d.reject("sparse tensor %q: %s", graph.Clip(owner), problem)
	}
	return s
}

// checkSparse says what is wrong with a sparse tensor, "" if nothing is.
func checkSparse(s *graph.SparseTensor) string {
	rank := int64(len(s.Dims))
	if rank == 0 || rank > graph.MaxRank {
		return fmt.Sprintf("%d dims (expected 1 to %d)", rank, graph.MaxRank)
	}
	total, fits := int64(1), true
	for _, k := range s.Dims {
		if k < 0 {
			return fmt.Sprintf("dim %d", k)
		}
		total, fits = times(total, k, fits)
	}
	if len(s.Values.Dims) != 1 {
		return fmt.Sprintf("values have dims %v (expected [NNZ])", s.Values.Dims)
	}
	nnz, in := s.Values.Dims[0], s.Indices.Dims
	switch {
	case s.Indices.DType != graph.Int64:
		return fmt.Sprintf("indices are %s (expected int64)", s.Indices.DType)
	case len(in) != 1 && len(in) != 2, in[0] != nnz, len(in) == 2 && in[1] != rank:
		return fmt.Sprintf("indices have dims %v (expected [%d] or [%d,%d])", in, nnz, nnz, rank)
	case fits && nnz > total:
		return fmt.Sprintf("%d values in %d elements", nnz, total)
	case s.Indices.Payload == nil || nnz > graph.MaxFoldElements || len(in) == 2 && nnz*rank > graph.MaxFoldElements:
		return ""
	}
	return checkIndices(s, len(in) == 2, total, fits)
}

// checkIndices checks that small index lists are in range and ascend.
func checkIndices(s *graph.SparseTensor, tuples bool, total int64, fits bool) string {
	ix, err := s.Indices.Payload.Ints(graph.MaxFoldElements)
	if err != nil {
		return err.Error()
	}
	limits := []int64{total}
	if tuples {
		limits, fits = s.Dims, true
	}
	step := len(limits)
	for i := 0; i+step <= len(ix); i += step {
		for j, limit := range limits {
			if v := ix[i+j]; v < 0 || fits && v >= limit {
				return fmt.Sprintf("index %d is not in [0, %d)", v, limit)
			}
		}
		if i > 0 && !ascending(ix[i-step:i], ix[i:i+step]) {
			return "indices do not ascend"
		}
	}
	return ""
}

func ascending(a, b []int64) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

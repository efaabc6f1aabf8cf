package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Count infers and sums a linked model. Errors are those of ops.Infer.
func Count(m *graph.Model, o Options) (*Report, error) {
	res, err := ops.Infer(m, o.Options)
	if err != nil {
		return nil, err
	}
	return &Report{Model: m, Inference: res, Warnings: res.Warnings}, nil
}

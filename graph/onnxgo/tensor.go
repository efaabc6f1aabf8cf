package onnxgo

import (
	"fmt"
	"reflect"

	"gorgonia.org/tensor"

	"github.com/onnxmeter/onnxmeter/graph"
)

// dtypeOf returns the element type of a tensor, Undefined if ONNX has none like it.
func dtypeOf(t tensor.Dtype) graph.DType { return graph.DTypeOfKind(t.Kind()) }

// convert returns a tensor with its elements.
func convert(name string, t tensor.Tensor) *graph.Tensor {
	out := &graph.Tensor{Name: name, DType: dtypeOf(t.Dtype()), Storage: graph.StorageInline, Payload: payload{t}}
	for _, k := range t.Shape() {
		out.Dims = append(out.Dims, int64(k))
	}
	return out
}

// payload implements graph.Payload on a dense tensor in memory.
type payload struct{ t tensor.Tensor }

// elements calls f for each element.
func (p payload) elements(max int, f func(reflect.Value) error) error {
	v := reflect.ValueOf(p.t.Data())
	if v.Kind() != reflect.Slice {
		return f(v)
	}
	if v.Len() > max {
		return graph.ErrTooLarge
	}
	for i := range v.Len() {
		if err := f(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p payload) wrongClass(want string) error {
	return fmt.Errorf("elements are %s, not %s", dtypeOf(p.t.Dtype()), want)
}

// Ints implements graph.Payload.
func (p payload) Ints(max int) (out []int64, err error) {
	err = p.elements(max, func(v reflect.Value) error {
		switch {
		case v.CanInt():
			out = append(out, v.Int())
		case v.CanUint() && v.Uint() <= 1<<63-1:
			out = append(out, int64(v.Uint()))
		case v.Kind() == reflect.Bool && v.Bool():
			out = append(out, 1)
		case v.Kind() == reflect.Bool:
			out = append(out, 0)
		default:
			return p.wrongClass("integers")
		}
		return nil
	})
	return out, err
}

// Floats implements graph.Payload.
func (p payload) Floats(max int) (out []float64, err error) {
	err = p.elements(max, func(v reflect.Value) error {
		if !v.CanFloat() {
			return p.wrongClass("real numbers")
		}
		out = append(out, v.Float())
		return nil
	})
	return out, err
}

// Strings implements graph.Payload.
func (p payload) Strings(max int) (out []string, err error) {
	err = p.elements(max, func(v reflect.Value) error {
		if v.Kind() != reflect.String {
			return p.wrongClass("strings")
		}
		out = append(out, v.String())
		return nil
	})
	return out, err
}

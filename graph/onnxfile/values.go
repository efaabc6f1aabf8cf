package onnxfile

import (
	"io"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Value is a serialized value of onnx-data.proto: a tensor or a container.
type Value struct {
	Name   string
	Kind   graph.Kind
	Tensor *graph.Tensor       // KindTensor
	Sparse *graph.SparseTensor // KindSparse
	// Elems are the elements of a sequence or the values of a map in order; an
	// optional has one or none.
	Elems []*Value
	// KeyType is the type of a map's keys.
	KeyType graph.DType
}

// ReadTensor decodes a TensorProto of size bytes; path is for messages only. The
// payload reads from r for as long as it is open.
func ReadTensor(r io.ReaderAt, size int64, path string) (*graph.Tensor, error) {
	d := newDecoder(r, size)
	p := d.newTensor()
	d.tensorFields(p)
	t := d.finishTensor(p, path)
	return t, d.result(path)
}

// ReadSequence decodes a SequenceProto of size bytes.
func ReadSequence(r io.ReaderAt, size int64, path string) (*Value, error) {
	d := newDecoder(r, size)
	v := &Value{Kind: graph.KindSequence}
	d.containerFields(v)
	return v, d.result(path)
}

// ReadOptional decodes an OptionalProto of size bytes. Its message is that of a
// SequenceProto with at most one value.
func ReadOptional(r io.ReaderAt, size int64, path string) (*Value, error) {
	d := newDecoder(r, size)
	v := &Value{Kind: graph.KindOptional}
	d.containerFields(v)
	return v, d.result(path)
}

// result returns the first error of a decoder that read a single value.
func (d *decoder) result(path string) error {
	if d.settle(); d.err != nil {
		return inFile(d.err, path)
	}
	return nil
}

// containerFields reads the fields of a SequenceProto or an OptionalProto.
func (d *decoder) containerFields(v *Value) {
	for d.more() {
		switch k := d.key(); k {
		case dataName:
			v.Name = d.label()
		case dataTensor:
			p := d.newTensor()
			d.tensor(p)
			v.add(&Value{Kind: graph.KindTensor, Tensor: d.finishTensor(p, v.Name)})
		case dataSparse:
			var p sparseProto
			d.sparse(&p)
			v.add(&Value{Kind: graph.KindSparse, Sparse: d.finishSparse(&p, v.Name)})
		case dataSequence:
			v.add(d.container(graph.KindSequence))
		case dataMap:
			v.add(d.mapValue())
		case dataOptional:
			v.add(d.container(graph.KindOptional))
		default:
			d.skip(k)
		}
		d.settle()
	}
	if v.Kind == graph.KindOptional && len(v.Elems) > 1 && d.err == nil {
		d.reject("an optional holds %d values", len(v.Elems)).Expect("at most 1")
	}
}

func (v *Value) add(e *Value) { v.Elems = append(v.Elems, e) }

func (d *decoder) container(kind graph.Kind) *Value {
	v := &Value{Kind: kind}
	outer := d.enter()
	d.containerFields(v)
	d.leave(outer)
	return v
}

// mapValue reads a MapProto; its keys are not kept.
func (d *decoder) mapValue() *Value {
	v := &Value{Kind: graph.KindMap}
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case dataName:
			v.Name = d.label()
		case dataMapKeyType:
			v.KeyType = d.declaredDType()
		case dataMapValues:
			v.Elems = append(v.Elems, d.container(graph.KindSequence).Elems...)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	return v
}

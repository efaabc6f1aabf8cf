// Package onnxtext reads and writes ONNX's textual syntax (docs/Syntax.md of
// onnx/onnx, as onnx.parser of ONNX 1.23 understands it) as graph.Model.
//
//	<ir_version: 8, opset_import: ["": 17]>
//	mlp (float[N,784] x) => (float[N,10] y)
//	<float[784,10] w = ["location": "mlp.weights"], float[10] b = {0.0, ...}>
//	{
//	  [fc] h = MatMul (x, w)
//	  y = Add (h, b)
//	}
//
// A type without brackets is a scalar, empty brackets are an unknown rank, "?" is
// an unknown dim. In a string, a backslash stands before a quote, a backslash or
// any other byte that is meant as it is. A comment goes from # to the end of the
// line.
//
// Elements of a constant are written as the typed fields of TensorProto hold them:
// float16 and smaller floats as bit patterns, 4-bit and 2-bit types packed into
// bytes, complex numbers as two numbers. Braces without elements are a constant
// whose elements are not stored.
//
// More than onnx.parser is read: lists of tensors, graphs and types, whose
// elements it drops, and three things that onnx.printer writes and onnx.parser
// refuses, quoted names of subgraphs and of tensors in attributes and external data
// right after the type of a tensor.
//
// Less is read: a value that does not fit the element type, a wrong number of
// elements, a list for an attribute declared as a single value, a node without an
// operator, a nameless value, a header field that is given twice, a model without
// IR version or operator sets. doc_string is read and dropped.
package onnxtext

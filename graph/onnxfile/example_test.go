package onnxfile_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
)

// Read takes any io.ReaderAt; Open reads a file. Here the model is one Relu, in
// bytes.
func ExampleRead() {
	data := []byte("\x08\x08" + // ir_version: 8
		"\x42\x02\x10\x11" + // opset_import: 17
		"\x3a\x18" + // graph
		"\x0a\x0c\x0a\x01x\x12\x01y\x22\x04Relu" + // node: input, output, op_type
		"\x5a\x03\x0a\x01x" + // input
		"\x62\x03\x0a\x01y") // output
	model, err := onnxfile.Read(bytes.NewReader(data), int64(len(data)), "relu.onnx")
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range model.Graph.Nodes {
		fmt.Println(n.Op, n.InputNames, n.OutputNames)
	}
	// Output: Relu [x] [y]
}

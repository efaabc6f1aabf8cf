package onnxgo_test

import (
	"fmt"
	"log"

	"github.com/owulveryck/onnx-go"

	"github.com/onnxmeter/onnxmeter/graph/onnxgo"
)

// A program that decodes its model with onnx-go hands the same Backend to Model;
// here the model is one Relu, in bytes.
func Example() {
	data := []byte("\x08\x08" + // ir_version: 8
		"\x3a\x18" + // graph
		"\x0a\x0c\x0a\x01x\x12\x01y\x22\x04Relu" + // node: input, output, op_type
		"\x5a\x03\x0a\x01x" + // input
		"\x62\x03\x0a\x01y") // output
	backend := onnxgo.NewValues()
	decoded := onnx.NewModel(backend)
	if err := decoded.UnmarshalBinary(data); err != nil {
		log.Fatal(err)
	}
	model, err := backend.Model(decoded, map[string]int64{"ai.onnx": 17})
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range model.Graph.Nodes {
		fmt.Println(n.Op, n.InputNames, n.OutputNames)
	}
	// Output: Relu [x] [y]
}

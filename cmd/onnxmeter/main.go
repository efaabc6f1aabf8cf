// Command onnxmeter counts what an ONNX model costs: parameters, MACs, FLOPs,
// memory traffic, and from them energy and CO2e, without running it.
package main

import "os"

func main() { os.Exit(run(os.Stdin, os.Stdout, os.Stderr, os.Args[1:])) }

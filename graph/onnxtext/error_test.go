package onnxtext

import (
	"strings"
	"testing"
)

// Each message says where, what was found and what was expected.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               `f:1:1: found the end of the text (expected "<" before the header)`,
		"g () => () {}":                  `f:1:1: found "g" (expected "<" before the header)`,
		"<>":                             `f:1:2: found ">" (expected a field of the model)`,
		"<ir_version: 8>\ng () => () {}": `f:1:1: the model imports no operator set (expected opset_import, as in opset_import: ["": 17])`,
		"<ir_version: 15, opset_import: [\"\": 1]> g () => () {}": `f:1:1: ir_version 15 (expected 1 to 14)`,
		"<opset_import: [\"\": 1]> g () => () {}":                 `f:1:1: ir_version 0 (expected 1 to 14)`,
		"<ir_version: 8, ir_version: 8>":                          `f:1:17: found "ir_version" (expected a field of the model that is not given yet)`,
		"<ir_version: \"8\">":                                     `f:1:14: found the string "8" (expected an integer)`,
		"<ir_version: 8.0>":                                       `f:1:14: found "8.0" (expected an integer)`,
		"<ir_version: 9223372036854775808>":                       `f:1:14: found "9223372036854775808" (expected an integer of 64 bits)`,
		"<opset_import: [\"\": 0]>":                               `f:1:17: opset version 0 of domain "ai.onnx" (expected 1 or more)`,
		"<opset_import: [\"\": 3, \"ai.onnx\": 4]>":               `f:1:24: domain "ai.onnx" is imported at opset 3 and at opset 4`,
		"<opset_import: [\"\": 3,]>":                              `f:1:23: found "]" (expected a domain in quotes)`,
		"<opset_import: [\"\xff\": 3]>":                           `f:1:17: found "\xff" (expected UTF-8)`,
		"<metadata_props: [\"a\" \"b\"]>":                         `f:1:23: found the string "b" (expected ":" after a key)`,
		"<unknown: 8>":                                            `f:1:2: found "unknown" (expected a field of the model)`,
		"<doc_string: \"open":                                     `f:1:14: found a string without an end (expected a closing quote)`,
		"<doc_string: \"open\\":                                   `f:1:14: found a string without an end (expected a closing quote)`,
	} {
		_, err := Parse([]byte(text), "f")
		checkError(t, text, err, want)
	}
	for text, want := range map[string]string{
		"g (float[N x) => () {}":                   `f:1:12: found "x" (expected "]" after the dims)`,
		"g (float[2,] x) => () {}":                 `f:1:12: found "]" (expected a dim: a number, a name or ?)`,
		"g (float[2.0] x) => () {}":                `f:1:10: found "2.0" (expected a dim: a number, a name or ?)`,
		"g (seq(x) y) => () {}":                    `f:1:8: found "x" (expected an element type)`,
		"g (map(seq(float), float) y) => () {}":    `f:1:8: found "seq" (expected an element type)`,
		"g (sparse_tensor(seq(float)) y) => () {}": `f:1:18: found "seq" (expected an element type)`,
		"g (opaque(a,b.c) y) => () {}":             `f:1:14: found "." (expected ")" at the end of a type)`,
		"g (float) => () {}":                       `f:1:9: found ")" (expected the name of a graph input)`,
		"g (float x,) => () {}":                    `f:1:12: found ")" (expected the name of a graph input)`,
		`g (float "") => () {}`:                    `f:1:10: found an empty name (expected the name of a graph input)`,
		"g (x) = > () {}":                          `f:1:7: found "=" (expected "=>" and outputs)`,
		"g (x) => {}":                              `f:1:10: found "{" (expected "(" before the outputs)`,
		"g (x) => (float y = {1}) {}":              `f:1:24: graph output "y" has elements (expected a type and a name only)`,
		"g (x = {1}) => () {}":                     `f:1:4: constant "x" has no tensor type with dims (expected as in float[2,3])`,
		"g (float[] x = {1}) => () {}":             `f:1:4: constant "x" has no tensor type with dims (expected as in float[2,3])`,
		"g (float[N] x = {1}) => () {}":            `f:1:4: a dim of constant "x" is not a size (expected integers from 0)`,
		"g (float[-1] x = {1}) => () {}":           `f:1:4: a dim of constant "x" is not a size (expected integers from 0)`,
		"g (float[2] x = {1}) => () {}":            `f:1:17: found 1 elements (expected 2)`,
		"g (int4[4] x = {1,2,3,4}) => () {}":       `f:1:16: found 4 elements (expected 2: one byte for 2 of 4 elements)`,
		"g (complex64[2] x = {1,2}) => () {}":      `f:1:21: found 2 elements (expected 4: two for each of 2 elements)`,
		"g (float x = {1,}) => () {}":              `f:1:17: found "}" (expected a number)`,
		"g (float x = {1 2}) => () {}":             `f:1:17: found "2" (expected "}" after the elements)`,
		"g (float x = {1e40}) => () {}":            `f:1:15: found "1e40" (expected a number of 32 bits)`,
		"g (double x = {1e400}) => () {}":          `f:1:16: found "1e400" (expected a number of 64 bits)`,
		"g (float x = {1e}) => () {}":              `f:1:15: found "1e" (expected a number with digits in its exponent)`,
		"g (float x = {- 1}) => () {}":             `f:1:15: found "-" (expected a number)`,
		"g (float x = {\"1\"}) => () {}":           `f:1:15: found the string "1" (expected a number)`,
		"g (int8 x = {128}) => () {}":              `f:1:14: found "128" (expected an integer of 8 bits)`,
		"g (int8 x = {1.0}) => () {}":              `f:1:14: found "1.0" (expected an integer)`,
		"g (uint8 x = {-1}) => () {}":              `f:1:15: found "-1" (expected an unsigned integer of 8 bits)`,
		"g (float16 x = {65536}) => () {}":         `f:1:17: found "65536" (expected a bit pattern of 16 bits)`,
		"g (float6e2m3 x = {64}) => () {}":         `f:1:20: found "64" (expected a bit pattern of 6 bits)`,
		"g (string x = {1}) => () {}":              `f:1:16: found "1" (expected a string)`,
		"g (float x = ) => () {}":                  `f:1:14: found ")" (expected "{" and elements or "[" and keys of external data)`,
		"g (float x = []) => () {}":                `f:1:4: constant "x" has external data without a key (expected "location")`,
		"g () => () <float> {}":                    `f:1:18: found ">" (expected the name of an initializer or a value)`,
		"g () => () {":                             `f:1:13: found the end of the text (expected "=" after the outputs of a node)`,
		"g () => () {\n  y = (x)\n}":               `f:2:7: found "(" (expected the name of an operator)`,
		"g () => () {\n  é = Op (x)\n}":            `f:2:3: found "é" (expected "=" after the outputs of a node)`,
		"g () => () {\n  y = Op é (x)\n}":          `f:2:10: found "é" (expected "(" before the inputs of a node)`,
		"g () => () {\n  \"é\" = Op ! (x)\n}":      `f:2:12: found "!" (expected "(" before the inputs of a node)`,
		"g () => () {y = a.(x)}":                   `f:1:19: found "(" (expected the name of an operator)`,
		"g () => () {y = Op <> (x)}":               `f:1:21: found ">" (expected the name of an attribute)`,
		"g () => () {y = Op <a> (x)}":              `f:1:22: found ">" (expected "=" before the value of an attribute)`,
		"g () => () {y = Op <a=1> (x) <b=1>}":      `f:1:30: found "<" (expected "=" after the outputs of a node)`,
		"g () => () {y = Op <a : tensor_x=1> (x)}": `f:1:25: found "tensor_x" (expected an attribute type)`,
		"g () => () {y = Op <a=.5> (x)}":           `f:1:23: found "." (expected a value)`,
		"g () => () {y = Op <a=[]> (x)}":           `f:1:23: an empty list without a type (expected as in a : ints = [])`,
		"g () => () {y = Op <a=[1, 2.5]> (x)}":     `f:1:27: found a value of type float (expected int)`,
		"g () => () {y = Op <a=[1, \"b\"]> (x)}":   `f:1:27: found a value of type string (expected int)`,
		"g () => () {y = Op <a=[[1]]> (x)}":        `f:1:24: found "[" (expected a value)`,
		"g () => () {y = Op <a=[@b]> (x)}":         `f:1:24: found "@" (expected a value)`,
		"g () => () {y = Op <a : int=[1]> (x)}":    `f:1:29: found "[" (expected one value of the declared type int)`,
		"g () => () {y = Op <a : ints=1> (x)}":     `f:1:30: found a value of type int (expected ints)`,
		"g () => () {y = Op <a : int=1.5> (x)}":    `f:1:29: found a value of type float (expected int)`,
		"g () => () {} f <a = @b> (x) => (y) {}":   `f:1:18: the default of attribute "a" refers to an attribute (expected a value)`,
		"g () => () {} f (x = {1}) => (y) {}":      `f:1:18: constant "x" has no tensor type with dims (expected as in float[2,3])`,
		"g () => () {} f (float x = {1}) => () {}": `f:1:31: function input "x" has elements (expected a type and a name only)`,
		"g () => () {} <ir_version: 8> f () => ()": `f:1:16: found "ir_version" (expected a field of a function)`,
		`g () => () {} "" () => () {}`:             `f:1:15: found an empty name (expected the name of a function)`,
		"g () => () {} }":                          `f:1:15: found "}" (expected the name of a function)`,
		"g\x00":                                    `f:1:2: found "\x00" (expected "=>" and outputs)`,
	} {
		_, err := ParseGraph([]byte(text), "f", 17)
		checkError(t, text, err, want)
	}
}

func checkError(t *testing.T, text string, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("%q:\n got %v\nwant %s", text, err, want)
	}
}

// What is wrong with the graph, not with the text, is said as for a binary model.
func TestLinkErrors(t *testing.T) {
	for text, want := range map[string]string{
		"g (x) => (y) {y = Op (z)}":                  `f: node "y" (Op): input "z" is not defined (a graph input, an initializer or the output of a node)`,
		"g (x) => (y) {[n] y = Op <a=1, a=2> (x)}":   `f: node "n" (Op): attribute "a" occurs twice`,
		"g (x) => () {} f () => () {} f () => () {}": `f: function "f" of domain "" is defined twice`,
	} {
		_, err := ParseGraph([]byte(text), "f", 17)
		checkError(t, text, err, want)
	}
}

// A name from the text never breaks the line of a message.
func TestErrorIsOneLine(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, text := range []string{"g (\"a\nb\" c", "g (x) => () {\"\n\" = Op (\"\x1b\n\")}", "g " + long, "g \"" + long + "\" )"} {
		_, err := ParseGraph([]byte(text), "", 17)
		if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 400 {
			t.Errorf("%.40q: %v", text, err)
		}
	}
	if _, err := ParseGraph([]byte("\n\n )"), "", 17); err == nil || !strings.HasPrefix(err.Error(), "3:2: found") {
		t.Errorf("without a path: %v", err)
	}
}

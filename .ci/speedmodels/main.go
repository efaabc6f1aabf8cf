// Command speedmodels writes the models that .ci/speed times: a BERT-base of about
// 430 MB with its weights inside, chains of nodes, and a sparse file of 3 GiB whose
// weights are a hole.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto.
const (
	modelIR, modelGraph, modelOpset                        = 1, 7, 8
	graphNode, graphName, graphInit, graphInput, graphOut  = 1, 2, 5, 11, 12
	nodeInput, nodeOutput, nodeName, nodeOp, nodeAttr      = 1, 2, 3, 4, 5
	tensorDims, tensorType, tensorName, tensorRaw          = 1, 2, 8, 9
	valueName, valueType, typeTensor, tensorElem, tensorSh = 1, 2, 1, 1, 2
)

func bytesField(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func text(b []byte, n protowire.Number, v string) []byte { return bytesField(b, n, []byte(v)) }

func number(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

func value(name string, dims ...uint64) []byte {
	var shape []byte
	for _, d := range dims {
		shape = bytesField(shape, 1, number(nil, 1, d))
	}
	tensor := bytesField(number(nil, tensorElem, 1), tensorSh, shape)
	return bytesField(text(nil, valueName, name), valueType, bytesField(nil, typeTensor, tensor))
}

func node(op, name string, out string, in ...string) []byte {
	var b []byte
	for _, i := range in {
		b = text(b, nodeInput, i)
	}
	return text(text(text(b, nodeOutput, out), nodeName, name), nodeOp, op)
}

// header is a float32 tensor up to its payload of 4 bytes an element.
func header(name string, dims ...uint64) (b []byte, payload uint64) {
	payload = 4
	for _, d := range dims {
		b = number(b, tensorDims, d)
		payload *= d
	}
	return text(number(b, tensorType, 1), tensorName, name), payload
}

// part is bytes followed by a hole of zeros.
type part struct {
	bytes []byte
	hole  uint64
}

// model writes a model whose graph is the given parts.
func model(path string, parts []part) {
	size := uint64(0)
	for _, p := range parts {
		size += uint64(len(p.bytes)) + p.hole
	}
	head := bytesField(number(nil, modelIR, 8), modelOpset, number(nil, 2, 17))
	head = protowire.AppendVarint(protowire.AppendTag(head, modelGraph, protowire.BytesType), size)
	f, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	write(f, head)
	end := int64(len(head))
	for _, p := range parts {
		write(f, p.bytes)
		end += int64(len(p.bytes)) + int64(p.hole)
		if p.hole > 0 {
			if _, err := f.Seek(end, 0); err != nil {
				log.Fatal(err)
			}
		}
	}
	if err := f.Truncate(end); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}

func write(f *os.File, b []byte) {
	if _, err := f.Write(b); err != nil {
		log.Fatal(err)
	}
}

// tensor is an initializer field with inline zeros.
func tensor(name string, dims ...uint64) part {
	h, payload := header(name, dims...)
	h = protowire.AppendVarint(protowire.AppendTag(h, tensorRaw, protowire.BytesType), payload)
	b := protowire.AppendTag(nil, graphInit, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(h))+payload)
	return part{append(b, h...), payload}
}

func chain(path string, n int) {
	g := text(nil, graphName, "chain")
	g = bytesField(g, graphInput, value("v0", 1, 64))
	g = bytesField(g, graphOut, value(fmt.Sprintf("v%d", n), 1, 64))
	for i := range n {
		g = bytesField(g, graphNode, node("Relu", fmt.Sprintf("n%d", i), fmt.Sprintf("v%d", i+1), fmt.Sprintf("v%d", i)))
	}
	model(path, []part{{bytes: g}})
}

// bert writes the matmuls, biases and norms of BERT-base with fixed S = 128, all
// weights inside: about 430 MB.
func bert(path string) {
	const hidden, inner, seq = 768, 3072, 128
	parts := []part{{bytes: bytesField(text(nil, graphName, "bert"), graphInput, value("x0", 1, seq, hidden))}}
	weight := func(name string, dims ...uint64) { parts = append(parts, tensor(name, dims...)) }
	add := func(n []byte) { parts = append(parts, part{bytes: bytesField(nil, graphNode, n)}) }
	linear := func(name, in string, from, to uint64) string {
		weight(name+".weight", from, to)
		weight(name+".bias", to)
		add(node("MatMul", name+"/MatMul", name+".mm", in, name+".weight"))
		add(node("Add", name+"/Add", name+".out", name+".mm", name+".bias"))
		return name + ".out"
	}
	weight("embedding", 30522, hidden)
	x := "x0"
	for l := range 12 {
		p := fmt.Sprintf("layer.%d.", l)
		q := linear(p+"query", x, hidden, hidden)
		k := linear(p+"key", x, hidden, hidden)
		v := linear(p+"value", x, hidden, hidden)
		add(node("Transpose", p+"T", p+"kT", k))
		add(node("Identity", p+"I", p+"q", q))
		o := linear(p+"output", v, hidden, hidden)
		add(node("Add", p+"res1", p+"r1", x, o))
		h := linear(p+"intermediate", p+"r1", hidden, inner)
		add(node("Erf", p+"erf", p+"g", h))
		y := linear(p+"dense", p+"g", inner, hidden)
		add(node("Add", p+"res2", p+"r2", p+"r1", y))
		x = p + "r2"
	}
	parts = append(parts, part{bytes: bytesField(nil, graphOut, value(x, 1, seq, hidden))})
	model(path, parts)
}

// sparse writes a linear layer of 3 GiB whose weights are a hole in the file.
func sparse(path string) {
	const rows, cols = 32768, 24576
	model(path, []part{
		{bytes: bytesField(text(nil, graphName, "sparse"), graphInput, value("x", 1, rows))},
		tensor("w", rows, cols),
		{bytes: bytesField(bytesField(nil, graphNode, node("MatMul", "mm", "y", "x", "w")), graphOut, value("y", 1, cols))},
	})
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: speedmodels DIR")
	}
	dir := os.Args[1]
	bert(filepath.Join(dir, "bert_base_inline.onnx"))
	sparse(filepath.Join(dir, "sparse_3gib.onnx"))
	for _, n := range []int{1e4, 1e5, 1e6} {
		chain(filepath.Join(dir, fmt.Sprintf("chain_%d.onnx", n)), n)
	}
}

package onnxfile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
)

func attr(name string, typ graph.AttrType, more ...msg) msg {
	return msg{}.sub(5, msg{}.str(1, name).int(20, int64(typ)).join(more...))
}

func float(num protowire.Number, bits uint32) msg {
	return protowire.AppendFixed32(protowire.AppendTag(nil, num, protowire.Fixed32Type), bits)
}

// everything is a model with every message and every field that the reader knows.
func everything() []byte {
	pair := func(k, v string) msg { return msg{}.str(1, k).str(2, v) }
	one := float(4, 0x3F800000)
	tensorType := func(dt int64) msg {
		dim := msg{}.sub(1, msg{}.int(1, 3)).sub(1, msg{}.str(2, "N").str(3, "BATCH")).sub(1, msg{})
		return msg{}.sub(1, msg{}.int(1, dt).sub(2, dim)).str(6, "IMAGE")
	}
	types := []msg{
		tensorType(1),
		msg{}.sub(8, msg{}.int(1, 7).sub(2, msg{})),
		msg{}.sub(4, msg{}.sub(1, tensorType(16))),
		msg{}.sub(9, msg{}.sub(1, msg{}.sub(4, msg{}.sub(1, tensorType(28))))),
		msg{}.sub(5, msg{}.int(1, 7).sub(2, tensorType(8))),
		msg{}.sub(7, msg{}.str(1, "d").str(2, "o")),
	}
	info := func(name string, i int) msg {
		return msg{}.str(1, name).sub(2, types[i]).str(3, "doc").sub(4, pair("k", "v"))
	}
	sparse := msg{}.sub(1, tensorMsg("S", graph.Float32, 1).join(one)).sub(2, tensorMsg("", graph.Int64, 1).packed(7, 2)).packed(3, 4)
	body := msg{}.str(2, "body").sub(1, node("Identity", []string{"X"}, []string{"inner"})).sub(12, msg{}.str(1, "inner"))
	body2 := msg{}.str(2, "body2").sub(1, node("Identity", []string{"W"}, []string{"inner"})).sub(12, msg{}.str(1, "inner"))
	attrs := []msg{
		attr("f", graph.AttrFloat, float(2, 0x40000000)),
		attr("i", graph.AttrInt, msg{}.int(3, -7)),
		attr("s", graph.AttrString, msg{}.str(4, "\xffbytes")),
		attr("t", graph.AttrTensor, msg{}.sub(5, tensorMsg("", graph.Int64, 2).packed(7, 8, 9))),
		attr("g", graph.AttrGraph, msg{}.sub(6, body)),
		attr("fs", graph.AttrFloats, float(7, 0x40000000), float(7, 0x3F800000)),
		attr("is", graph.AttrInts, msg{}.int(8, 1).int(8, -1)),
		attr("ss", graph.AttrStrings, msg{}.str(9, "a").str(9, "")),
		attr("ts", graph.AttrTensors, msg{}.sub(10, tensorMsg("", graph.Float32, 1).join(one))),
		attr("gs", graph.AttrGraphs, msg{}.sub(11, body).sub(11, body2)),
		attr("st", graph.AttrSparse, msg{}.sub(22, sparse)),
		attr("sts", graph.AttrSparses, msg{}.sub(23, sparse)),
		attr("tp", graph.AttrTypeProto, msg{}.sub(14, types[0])),
		attr("tps", graph.AttrTypeProtos, msg{}.sub(15, types[1]).sub(15, types[2])),
	}
	n := node("Odd", []string{"X", "", "W"}, []string{"Y", "Y2"}, attrs...).
		str(3, "n").str(6, "doc").str(7, "my").str(8, "over").sub(9, pair("namespace", "a/b")).sub(10, msg{}.str(1, "conf"))
	g := msg{}.sub(1, n).sub(1, node("F", []string{"Y"}, []string{"Z"}).str(7, "local").str(8, "v2")).str(2, "main").
		sub(5, tensorMsg("W", graph.Float32, 1).join(one).sub(16, pair("tk", "tv")).str(12, "doc")).
		sub(5, tensorMsg("E", graph.Float32, 5).int(14, 1).sub(13, pair("location", "w.bin"))).
		sub(15, sparse).str(10, "doc").sub(12, info("Z", 0)).sub(16, pair("gk", "gv")).
		sub(14, msg{}.str(1, "W").sub(2, pair("SCALE_TENSOR", "E")))
	for i := range types {
		g = g.sub(11, info([]string{"X", "X1", "X2", "X3", "X4", "X5"}[i], i))
	}
	g = g.sub(13, info("Y", 0))
	f := msg{}.str(1, "F").str(4, "a").str(5, "b").str(6, "alpha").sub(7, node("Relu", []string{"a"}, []string{"b"},
		attr("alpha", graph.AttrFloat, msg{}.str(21, "alpha")))).str(8, "doc").sub(9, msg{}.int(2, 17)).str(10, "local").
		sub(11, msg{}.str(1, "beta").int(20, 1).join(float(2, 0x3F800000))).sub(12, info("b", 0)).str(13, "v2").sub(14, pair("fk", "fv"))
	return msg{}.int(1, 14).str(2, "maker").str(3, "1.0").str(4, "dom").int(5, 3).str(6, "doc").sub(7, g).
		sub(8, msg{}.str(1, "ai.onnx").int(2, 28)).sub(8, msg{}.str(1, "my").int(2, 1)).sub(14, pair("mk", "mv")).
		sub(25, f).sub(26, msg{}.str(1, "conf"))
}

// The expected lines follow from the fields that everything sets.
func TestEverything(t *testing.T) {
	m, err := read(everything())
	if err != nil {
		t.Fatal(err)
	}
	got := describe(m)
	for _, want := range []string{
		`14 map[:28 my:1] maker 1.0 dom 3 [{mk mv}]`,
		`graph main [{gk gv}] [{W [{SCALE_TENSOR E}]}]`,
		`input X[{k v}] tensor float32 true [{3 true } {0 false N} {0 false }]IMAGE`,
		`input X1[{k v}] sparse int64 true []`,
		`input X2[{k v}] sequence undefined false [] of tensor bfloat16 true`,
		`input X3[{k v}] optional undefined false [] of sequence undefined false [] of tensor float6e3m2 true`,
		`input X4[{k v}] map int64 false [] of tensor string true`,
		`input X5[{k v}] opaque undefined false []d/o`,
		`tensor W float32 [1] 1 [] [{tk tv}][] [1] []`,
		`tensor E float32 [5] 2 [{location w.bin}] []`,
		`sparse [4]`,
		`node "n" "my" "Odd" "over" ["X" "" "W"] ["Y" "Y2"] [{namespace a/b}]`,
		`attr f float 0 2 `, `attr i int -7 `, `attr s string 0 0 "\xffbytes"`,
		`attr fs floats 0 0 "" [] [2 1]`, `attr is ints 0 0 "" [1 -1]`, `attr ss strings 0 0 "" [] [] ["a" ""]`,
		`tensor  int64 [2] 1 [] [][8 9] [] []`, `graph body2 `,
		`attr tp type_proto`, `attr tps type_protos`,
		`function {local F v2} [alpha] map[:17] [{fk fv}]`, `attr beta float 0 1 `,
		`attr alpha float 0 0 "" [] [] [] alpha`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s in\n%s", want, got)
		}
	}
	if f := m.Function(m.Graph.Nodes[1]); f == nil || f.Name != "F" {
		t.Errorf("the call of F finds %v", f)
	}
}

// shuffle reorders the fields of a message, keeping the order of those with one
// number: a change that protobuf says means nothing.
func shuffle(b []byte, r *rand.Rand) []byte {
	queues := map[protowire.Number][][]byte{}
	var order []protowire.Number
	for len(b) > 0 {
		num, _, n := protowire.ConsumeField(b)
		if n < 0 {
			panic(protowire.ParseError(n))
		}
		queues[num], order, b = append(queues[num], b[:n]), append(order, num), b[n:]
	}
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var out []byte
	for _, num := range order {
		out, queues[num] = append(out, queues[num][0]...), queues[num][1:]
	}
	return out
}

// rewrite shuffles a ModelProto, its graph and its nodes, and adds unknown fields.
func rewrite(b []byte, r *rand.Rand, path ...protowire.Number) []byte {
	var out []byte
	for rest := b; len(rest) > 0; {
		num, typ, n := protowire.ConsumeField(rest)
		field := rest[:n]
		rest = rest[n:]
		if typ == protowire.BytesType && len(path) > 0 && num == path[0] {
			_, _, k := protowire.ConsumeTag(field)
			inner, _ := protowire.ConsumeBytes(field[k:])
			field = msg{}.sub(num, rewrite(inner, r, path[1:]...))
		}
		out = append(out, field...)
	}
	out = msg(out).str(1000, "unknown").int(1001, 5).join(float(1002, 1))
	out = protowire.AppendTag(out, 1003, protowire.StartGroupType)
	out = msg(out).int(1, 2)
	return protowire.AppendTag(shuffleGroup(out, r), 1003, protowire.EndGroupType)
}

// shuffleGroup shuffles all but the open group at the end.
func shuffleGroup(b []byte, r *rand.Rand) []byte {
	tail := len(protowire.AppendTag(nil, 1003, protowire.StartGroupType)) + 2
	return append(shuffle(b[:len(b)-tail], r), b[len(b)-tail:]...)
}

func TestFieldOrderDoesNotMatter(t *testing.T) {
	m, err := read(everything())
	if err != nil {
		t.Fatal(err)
	}
	want := describe(m)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		path := [][]protowire.Number{{7, 1, 5}, {7, 5}, {7, 15, 1}, {7, 11, 2}, {25, 7}}[i%5]
		m, err := read(rewrite(everything(), r, path...))
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(m); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestPackedEqualsUnpacked(t *testing.T) {
	ints := func(parts ...msg) string {
		m, err := read(model(oneNode(node("Conv", []string{"X"}, []string{"Y"}, attr("pads", graph.AttrInts, parts...)))))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(m.Graph.Nodes[0].Attrs[0].Ints)
	}
	for _, parts := range [][]msg{
		{msg{}.packed(8, 1, 2, -3)},
		{msg{}.int(8, 1).int(8, 2).int(8, -3)},
		{msg{}.int(8, 1).packed(8, 2, -3)},
		{msg{}.packed(8, 1).packed(8).packed(8, 2).int(8, -3)},
	} {
		if got := ints(parts...); got != "[1 2 -3]" {
			t.Errorf("got %s", got)
		}
	}
}

// A singular message that occurs twice is merged; of alternatives the last counts.
func TestMerge(t *testing.T) {
	a, b := node("Relu", []string{"X"}, []string{"A"}), node("Relu", []string{"A"}, []string{"Y"})
	shape := func(d int64) msg { return msg{}.sub(1, msg{}.int(1, d)) }
	x := msg{}.str(1, "X").sub(2, msg{}.sub(1, msg{}.int(1, 1))).sub(2, msg{}.sub(1, msg{}.sub(2, shape(3)))).
		sub(2, msg{}.sub(1, msg{}.sub(2, shape(4))))
	z := msg{}.str(1, "Z").sub(2, msg{}.sub(1, msg{}.int(1, 1))).sub(2, msg{}.sub(4, msg{}.sub(1, msg{})))
	c := node("Constant", nil, []string{"C"}, msg{}.sub(5, msg{}.str(1, "value").int(20, 4).
		sub(5, msg{}.packed(1, 2).int(2, 7)).sub(5, msg{}.packed(7, 5, 6))))
	m, err := read(msg{}.int(1, 8).sub(8, msg{}.int(2, 17)).
		sub(7, msg{}.sub(1, a).sub(11, x)).sub(7, msg{}.sub(1, b).sub(1, c).sub(11, z).sub(12, value("Y"))))
	if err != nil {
		t.Fatal(err)
	}
	got := describe(m)
	for _, want := range []string{`["X"] ["A"]`, `["A"] ["Y"]`, "input X[] tensor float32 true [{3 true } {4 true }]",
		"input Z[] sequence undefined false [] of  undefined", "tensor  int64 [2] 1 [] [][5 6]"} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s in\n%s", want, got)
		}
	}
}

func TestErrors(t *testing.T) {
	relu := func(more ...msg) msg { return oneNode(node("Relu", []string{"X"}, []string{"Y"}, more...).str(3, "r")) }
	named := func(more ...msg) msg {
		return oneNode(msg{}.str(3, "r").join(node("If", []string{"X"}, []string{"Y"}, more...)))
	}
	good := slices.Clip(relu())
	graphMsg := slices.Clip(msg{}.sub(7, good))
	opset := slices.Clip(msg{}.sub(8, msg{}.int(2, 17)))
	for _, c := range []struct {
		name string
		b    msg
		want string
	}{
		{"right", model(good), ""},
		{"ir_version missing", graphMsg.join(opset), "ir_version 0"},
		{"ir_version 14", graphMsg.join(opset).int(1, 14), ""},
		{"ir_version 15", graphMsg.join(opset).int(1, 15), "ir_version 15 is not known"},
		{"no opset_import", graphMsg.int(1, 3), "no operator set (opset_import)"},
		{"no opset_import, as files before IR version 3", graphMsg.int(1, 2), ""},
		{"opset 0", graphMsg.int(1, 8).sub(8, msg{}), `opset version 0 of domain "ai.onnx"`},
		{"one domain at two versions", graphMsg.int(1, 8).join(opset).sub(8, msg{}.str(1, "ai.onnx").int(2, 18)), "at opset 17 and at opset 18"},
		{"one domain twice", graphMsg.int(1, 8).join(opset, opset), ""},
		{"no type", model(relu(msg{}.sub(5, msg{}.str(1, "a").int(3, 1)))), `node "r" (Relu): attribute "a" has no type`},
		{"no type, as files of IR version 1", msg{}.sub(7, relu(msg{}.sub(5, msg{}.str(1, "a").int(3, 1)))).int(1, 1), ""},
		{"neither type nor value", model(relu(msg{}.sub(5, msg{}.str(1, "a")))), `attribute "a" has neither type nor value`},
		{"a default value left out", model(relu(attr("a", graph.AttrInt))), ""},
		{"a tensor left out", model(relu(attr("a", graph.AttrTensor))), `attribute "a" of type tensor has no value`},
		{"type and value", model(relu(attr("a", graph.AttrInt, msg{}.int(8, 1)))), `attribute "a" has type int and a value of type ints`},
		{"two values", model(relu(attr("a", graph.AttrInt, msg{}.int(3, 1).str(4, "x")))), `attribute "a" has values of more than one type`},
		{"unknown type", model(relu(attr("a", 15))), `attribute "a" has the unknown type 15`},
		{"negative type", model(relu(attr("a", -1))), `attribute "a" has the unknown type -1`},
		{"no name", model(relu(attr("", graph.AttrInt))), `node "r" (Relu): an attribute has no name`},
		{"reference with value", model(relu(attr("a", graph.AttrInt, msg{}.int(3, 1).str(21, "b")))), `attribute "a" has a value and refers to "b"`},
		{"no op_type", model(oneNode(msg{}.str(2, "Y").str(3, "r"))), `node "r": the node at offset`},
		{"input without a name", model(good.sub(11, msg{})), "graph input 1 has no name"},
		{"output without a name", model(good.sub(12, msg{})), "graph output 1 has no name"},
		{"bad name, name of the node after it", model(oneNode(node("Relu", []string{"X\xff"}, []string{"Y"}).str(3, "late"))), `node "late" (Relu): the name "X\xff"`},
		{"bad name of a symbol", model(good.sub(13, msg{}.str(1, "v").sub(2, msg{}.sub(1, msg{}.sub(2, msg{}.sub(1, msg{}.str(2, "\xff"))))))), `"\xff"`},
		{"function without a name", model(good).sub(25, msg{}.str(10, "d")), `a local function of domain "d" has no name`},
		{"function with a bad node", model(good).sub(25, msg{}.str(1, "F").sub(7, node("Relu", []string{"a"}, []string{"b"}, attr("", graph.AttrInt)))), `F/node "b" (Relu): an attribute has no name`},
		{"tensor in a subgraph", model(named(attr("body", graph.AttrGraph, msg{}.sub(6, msg{}.sub(5, tensorMsg("W", graph.Int8, -1)))))), `r/body: tensor "W": dim -1`},
		{"node in a subgraph", model(named(attr("body", graph.AttrGraph, msg{}.sub(6, msg{}.sub(1, msg{}.str(3, "in").str(2, "o")))))), `r/body/node "in": the node at offset`},
	} {
		_, err := read(c.b)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	g := oneNode(node("Relu", []string{"X"}, []string{"Y"})).sub(13, value("v", 1, -1)).
		sub(13, msg{}.str(1, "w").sub(2, msg{}.sub(1, msg{}.int(1, 77))))
	m, err := read(msg(model(g)).sub(20, msg{}))
	if err != nil {
		t.Fatal(err)
	}
	if dims := m.Graph.ValueInfo[0].Type.Dims; !dims[0].Known || dims[1].Known || dims[1].Value != 0 {
		t.Errorf("dims are %v", dims)
	}
	got := strings.Join(m.Warnings, "\n")
	for _, want := range []string{`value "v": dim 1 is -1, taken as unknown`, "element type 77 is not known", "training_info is not read"} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in %q", want, got)
		}
	}
	for range 2 * graph.MaxWarnings {
		g = g.sub(13, value("v", -1))
	}
	if m, err = read(model(g)); err != nil || len(m.Warnings) != graph.MaxWarnings+1 || m.Warnings[graph.MaxWarnings] != "52 more remarks of the reader" {
		t.Errorf("%d warnings, %v, the last is %q", len(m.Warnings), err, m.Warnings[len(m.Warnings)-1])
	}
}

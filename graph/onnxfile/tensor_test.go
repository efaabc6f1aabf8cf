package onnxfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/onnxmeter/onnxmeter/graph"
)

// initializer reads a model whose only initializer is t.
func initializer(t msg) (*graph.Tensor, error) {
	m, err := read(model(oneNode(node("Add", []string{"X", "W"}, []string{"Y"}), msg{}.sub(5, t))))
	if err != nil {
		return nil, err
	}
	return m.Graph.Initializers[0], nil
}

func TestTensorErrors(t *testing.T) {
	four := strings.Repeat("\x00", 4)
	for _, c := range []struct {
		name   string
		tensor msg
		want   string // "" if the tensor is right
	}{
		{"raw", tensorMsg("W", graph.Float32, 2).str(9, four+four), ""},
		{"raw short", tensorMsg("W", graph.Float32, 2).str(9, four), `tensor "W": raw_data has 4 bytes (8 for float32[2])`},
		{"raw long", tensorMsg("W", graph.Float32, 2).str(9, four+four+four), `raw_data has 12 bytes`},
		{"raw twice: the last counts", tensorMsg("W", graph.Float32, 1).str(9, four+four).str(9, four), ""},
		{"raw int4, odd", tensorMsg("W", graph.Int4, 3).str(9, "ab"), ""},
		{"raw int4, short", tensorMsg("W", graph.Int4, 3).str(9, "a"), `raw_data has 1 bytes (2 for int4[3])`},
		{"raw float6", tensorMsg("W", graph.Float6E2M3, 3).str(9, "abc"), ""},
		{"raw float6, short", tensorMsg("W", graph.Float6E2M3, 3).str(9, "ab"), `raw_data has 2 bytes (3 for float6e2m3[3])`},
		{"raw string", tensorMsg("W", graph.String, 1).str(9, "a"), `raw_data cannot hold string`},
		{"scalar", tensorMsg("W", graph.Float32).str(9, four), ""},
		{"no elements, no data", tensorMsg("W", graph.Float32, 0, 7), ""},
		{"no elements, data", tensorMsg("W", graph.Float32, 0).str(9, four), `raw_data has 4 bytes (0 for`},
		{"stripped", tensorMsg("W", graph.Float32, 7), ""},
		{"float_data", tensorMsg("W", graph.Float32, 2).str(4, four+four), ""},
		{"float_data short", tensorMsg("W", graph.Float32, 2).str(4, four), `float_data has 1 entries (2 for float32[2])`},
		{"float_data cut", tensorMsg("W", graph.Float32, 1).str(4, "abc"), `float_data at offset`},
		{"float_data complex", tensorMsg("W", graph.Complex64, 1).str(4, four+four), ""},
		{"double_data", tensorMsg("W", graph.Float64, 1).str(10, four+four), ""},
		{"int32_data for int64", tensorMsg("W", graph.Int64, 1).packed(5, 1), `int32_data cannot hold int64`},
		{"int32_data for float", tensorMsg("W", graph.Float32, 1).packed(5, 1), `int32_data cannot hold float32`},
		{"int64_data", tensorMsg("W", graph.Int64, 3).packed(7, 1, -1, 300), ""},
		{"int64_data short", tensorMsg("W", graph.Int64, 3).packed(7, 1, 2), `int64_data has 1 to 2 entries (3 for int64[3])`},
		{"int64_data long", tensorMsg("W", graph.Int64, 1).packed(7, -1, -1, -1), `int64_data has 3 to 30 entries (1 for int64[1])`},
		{"int64_data one by one", tensorMsg("W", graph.Int64, 3).int(7, 1).int(7, 2).int(7, 3), ""},
		{"one by one, short", tensorMsg("W", graph.Int64, 3).int(7, 1).int(7, 2), `int64_data has 2 entries (3 for int64[3])`},
		{"int4 pairs", tensorMsg("W", graph.Int4, 3).int(5, 1).int(5, 2), ""},
		{"int4 pairs, one by one, long", tensorMsg("W", graph.Int4, 3).int(5, 1).int(5, 2).int(5, 3), `int32_data has 3 entries (2 for int4[3])`},
		{"strings", tensorMsg("W", graph.String, 2).str(6, "a").str(6, ""), ""},
		{"strings short", tensorMsg("W", graph.String, 2).str(6, "a"), `string_data has 1 entries (2 for string[2])`},
		{"two sources", tensorMsg("W", graph.Float32, 1).str(4, four).str(9, four), `has both float_data and raw_data`},
		{"negative dim", tensorMsg("W", graph.Float32, -2, -2).str(9, four), `tensor "W": dim -2`},
		{"undefined", tensorMsg("W", graph.Undefined, 1).str(9, four), `data_type 0 is not known`},
		{"unknown type", tensorMsg("W", 29, 1).str(9, four), `data_type 29 is not known`},
		{"elements past int64", tensorMsg("W", graph.Int8, 1<<32, 1<<31), `more than 2^63-1 elements`},
		{"no name", tensorMsg("", graph.Float32, 1).str(9, four), `has no name`},
		{"segment", tensorMsg("W", graph.Float32, 9).sub(3, msg{}.int(1, 0).int(2, 1)).str(9, four), ""},
		{"external and inline", tensorMsg("W", graph.Float32, 1).int(14, 1).str(9, four), `has raw_data although its data_location is external`},
	} {
		_, err := initializer(c.tensor)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestExternalTensor(t *testing.T) {
	entry := func(k, v string) msg { return msg{}.str(1, k).str(2, v) }
	w, err := initializer(tensorMsg("W", graph.Float32, 1<<40, 1<<40).int(14, 1).
		sub(13, entry("location", "../x")).sub(13, entry("length", "4")))
	if err != nil {
		t.Fatal(err)
	}
	if w.Storage != graph.StorageExternal || w.Payload != nil || len(w.External) != 2 || w.External[0].Value != "../x" {
		t.Errorf("got %+v", w)
	}
	if got := w.Elements().String(); got != "1208925819614629174706176" { // 2^80
		t.Errorf("elements %s", got)
	}
}

func TestExternalLengthWarning(t *testing.T) {
	entry := func(k, v string) msg { return msg{}.str(1, k).str(2, v) }
	for length, warns := range map[string]bool{"16": false, "15": true, "-16": true, "x": true, "18446744073709551632": true} {
		w := tensorMsg("W", graph.Float32, 4).int(14, 1).sub(13, entry("location", "w")).sub(13, entry("length", length))
		m, err := read(model(oneNode(node("Add", []string{"X", "W"}, []string{"Y"}), msg{}.sub(5, w))))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(m.Warnings) == 1 && strings.Contains(m.Warnings[0], `"W"`); got != warns {
			t.Errorf("length %s: warnings %q", length, m.Warnings)
		}
	}
}

func TestPayloadInts(t *testing.T) {
	for _, c := range []struct {
		name   string
		tensor msg
		want   []int64
	}{
		{"int64 packed", tensorMsg("W", graph.Int64, 3).packed(7, 1, -1, 1<<40), []int64{1, -1, 1 << 40}},
		{"int64 mixed", tensorMsg("W", graph.Int64, 4).int(7, 1).packed(7, 2, 3).int(7, 4), []int64{1, 2, 3, 4}},
		{"a name between", tensorMsg("W", graph.Int64, 2).int(7, 1).str(8, "W").int(7, 2), []int64{1, 2}},
		{"int64 raw", tensorMsg("W", graph.Int64, 1).str(9, "\xfe\xff\xff\xff\xff\xff\xff\xff"), []int64{-2}},
		{"int32", tensorMsg("W", graph.Int32, 2).packed(5, -7, 7), []int64{-7, 7}},
		{"int8", tensorMsg("W", graph.Int8, 2).str(9, "\x80\x7f"), []int64{-128, 127}},
		{"uint8", tensorMsg("W", graph.Uint8, 1).str(9, "\xff"), []int64{255}},
		{"uint32", tensorMsg("W", graph.Uint32, 1).packed(11, 1<<32-1), []int64{1<<32 - 1}},
		{"bool", tensorMsg("W", graph.Bool, 2).packed(5, 0, 1), []int64{0, 1}},
		{"int4: low half first", tensorMsg("W", graph.Int4, 3).str(9, "\x8f\x07"), []int64{-1, -8, 7}},
		{"uint4 in int32_data", tensorMsg("W", graph.Uint4, 3).packed(5, 0x8f, 0x07), []int64{15, 8, 7}},
		{"int2", tensorMsg("W", graph.Int2, 5).str(9, "\xe4\x01"), []int64{0, 1, -2, -1, 1}},
		{"uint2 in int32_data", tensorMsg("W", graph.Uint2, 4).packed(5, 0xe4), []int64{0, 1, 2, 3}},
		{"empty", tensorMsg("W", graph.Int64, 0), []int64{}},
	} {
		w, err := initializer(c.tensor)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := w.Payload.Ints(len(c.want))
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
				break
			}
		}
		if n := len(c.want); n > 0 {
			if _, err := w.Payload.Ints(n - 1); err != graph.ErrTooLarge {
				t.Errorf("%s: one element too many gives %v", c.name, err)
			}
		}
	}
}

func TestPayloadRefuses(t *testing.T) {
	big, err := initializer(tensorMsg("W", graph.Uint64, 1).packed(11, -1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := big.Payload.Ints(1); err == nil {
		t.Error("2^64-1 came out as an int64")
	}
	if _, err := big.Payload.Floats(1); err == nil {
		t.Error("integers came out as real numbers")
	}
	if _, err := big.Payload.Strings(1); err == nil {
		t.Error("integers came out as strings")
	}
	// Three numbers in three bytes, where the dims say two.
	lies, err := initializer(tensorMsg("W", graph.Int64, 2).packed(7, 1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := lies.Payload.Ints(9); err == nil {
		t.Errorf("three numbers came out as %v", v)
	}
}

func TestPayloadStrings(t *testing.T) {
	w, err := initializer(tensorMsg("W", graph.String, 3).str(6, "a").str(6, "").str(6, "\xff"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Payload.Strings(3)
	if err != nil || strings.Join(got, ",") != "a,,\xff" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPayloadFloats(t *testing.T) {
	raw := binary.LittleEndian.AppendUint32(nil, math.Float32bits(-2.5))
	for name, w := range map[string]msg{
		"raw":        tensorMsg("W", graph.Float32, 1).str(9, string(raw)),
		"packed":     tensorMsg("W", graph.Float32, 1).str(4, string(raw)),
		"one by one": append(protowire.AppendTag(tensorMsg("W", graph.Float32, 1), 4, protowire.Fixed32Type), raw...),
		"float16":    tensorMsg("W", graph.Float16, 1).packed(5, 0xC100),
		"float6":     tensorMsg("W", graph.Float6E2M3, 1).packed(5, 0x32), // sign, exponent 2-1, 1 + 2/8
	} {
		x, err := initializer(w)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := x.Payload.Floats(1); err != nil || got[0] != -2.5 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestReadTensor(t *testing.T) {
	b := tensorMsg("v", graph.Int64, 2).packed(7, 5, 6)
	w, err := ReadTensor(bytes.NewReader(b), int64(len(b)), "v.pb")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := w.Payload.Ints(2); err != nil || w.Name != "v" || v[0] != 5 || v[1] != 6 {
		t.Errorf("got %+v, %v, %v", w, v, err)
	}
	b = tensorMsg("", graph.Int64, 3).packed(7, 5)
	if _, err := ReadTensor(bytes.NewReader(b), int64(len(b)), "v.pb"); err == nil || !strings.HasPrefix(err.Error(), "v.pb: ") {
		t.Errorf("got %v", err)
	}
}

func TestSparse(t *testing.T) {
	sparse := func(dims []int64, nnz int64, indexDims []int64, indices ...int64) msg {
		values := tensorMsg("W", graph.Float32, nnz).str(9, strings.Repeat("\x00", int(4*nnz)))
		return msg{}.sub(1, values).sub(2, tensorMsg("", graph.Int64, indexDims...).packed(7, indices...)).packed(3, dims...)
	}
	for _, c := range []struct {
		name string
		s    msg
		want string
	}{
		{"linear", sparse([]int64{4, 4}, 2, []int64{2}, 0, 15), ""},
		{"tuples", sparse([]int64{4, 4}, 2, []int64{2, 2}, 0, 3, 1, 0), ""},
		{"linear, out of range", sparse([]int64{4, 4}, 2, []int64{2}, 0, 16), "index 16 is not in [0, 16)"},
		{"tuples, out of range", sparse([]int64{4, 4}, 2, []int64{2, 2}, 0, 3, 1, 4), "index 4 is not in [0, 4)"},
		{"as many indices as are checked", sparse([]int64{1 << 16, 1}, 1, []int64{1, 2}, 1<<16, 0), "index 65536 is not in [0, 65536)"},
		{"negative", sparse([]int64{4, 4}, 1, []int64{1}, -1), "index -1"},
		{"equal", sparse([]int64{4, 4}, 2, []int64{2}, 3, 3), "do not ascend"},
		{"tuples descend", sparse([]int64{4, 4}, 2, []int64{2, 2}, 1, 0, 0, 3), "do not ascend"},
		{"lengths", sparse([]int64{4, 4}, 2, []int64{3}, 0, 1, 2), "indices have dims [3]"},
		{"tuple of another rank", sparse([]int64{4, 4}, 1, []int64{1, 3}, 0, 1, 2), "indices have dims [1 3]"},
		{"no dims", sparse(nil, 1, []int64{1}, 0), "0 dims"},
		{"negative dim", sparse([]int64{-4}, 1, []int64{1}, 0), "dim -4"},
		{"no values", msg{}.packed(3, 4), "no name"},
		{"no indices", msg{}.sub(1, tensorMsg("W", graph.Float32, 1).str(9, "abcd")).packed(3, 4), "no indices"},
		{"indices are float", msg{}.sub(1, tensorMsg("W", graph.Float32, 1).str(9, "abcd")).
			sub(2, tensorMsg("", graph.Float32, 1).str(9, "abcd")).packed(3, 4), "indices are float32"},
	} {
		_, err := read(model(oneNode(node("Add", []string{"X", "W"}, []string{"Y"}), msg{}.sub(15, c.s))))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

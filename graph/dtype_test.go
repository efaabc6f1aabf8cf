package graph

import "testing"

// The numbers, names and widths are those of TensorProto.DataType in onnx.proto of
// ONNX 1.23 and its comments.
func TestDTypeTable(t *testing.T) {
	for _, c := range []struct {
		number      int
		name, proto string
		bits        int
		kind        string // float, int, uint, complex or other
	}{
		{1, "float32", "float", 32, "float"}, {2, "uint8", "uint8", 8, "uint"}, {3, "int8", "int8", 8, "int"},
		{4, "uint16", "uint16", 16, "uint"}, {5, "int16", "int16", 16, "int"}, {6, "int32", "int32", 32, "int"},
		{7, "int64", "int64", 64, "int"}, {8, "string", "string", 0, "other"}, {9, "bool", "bool", 8, "other"},
		{10, "float16", "float16", 16, "float"}, {11, "float64", "double", 64, "float"},
		{12, "uint32", "uint32", 32, "uint"}, {13, "uint64", "uint64", 64, "uint"},
		{14, "complex64", "complex64", 64, "complex"}, {15, "complex128", "complex128", 128, "complex"},
		{16, "bfloat16", "bfloat16", 16, "float"},
		{17, "float8e4m3fn", "float8e4m3fn", 8, "float"}, {18, "float8e4m3fnuz", "float8e4m3fnuz", 8, "float"},
		{19, "float8e5m2", "float8e5m2", 8, "float"}, {20, "float8e5m2fnuz", "float8e5m2fnuz", 8, "float"},
		{21, "uint4", "uint4", 4, "uint"}, {22, "int4", "int4", 4, "int"}, {23, "float4e2m1", "float4e2m1", 4, "float"},
		{24, "float8e8m0", "float8e8m0", 8, "float"}, {25, "uint2", "uint2", 2, "uint"}, {26, "int2", "int2", 2, "int"},
		{27, "float6e2m3", "float6e2m3", 6, "float"}, {28, "float6e3m2", "float6e3m2", 6, "float"},
	} {
		d := DType(c.number)
		if d.String() != c.name || d.ProtoName() != c.proto || d.Bits() != c.bits || !d.Valid() {
			t.Errorf("%d: got %s, %s, %d bits, valid %v", c.number, d, d.ProtoName(), d.Bits(), d.Valid())
		}
		for _, name := range []string{c.name, c.proto} {
			if got, ok := ParseDType(name); got != d || !ok {
				t.Errorf("ParseDType(%q): got %v, %v", name, got, ok)
			}
		}
		is := map[string]bool{"float": d.IsFloat(), "int": d.IsInt() && !d.IsUnsigned(), "uint": d.IsInt() && d.IsUnsigned(), "complex": d.IsComplex()}
		for kind, got := range is {
			if got != (kind == c.kind) {
				t.Errorf("%s: %s is %v", d, kind, got)
			}
		}
	}
}

func TestDTypeOutsideTheTable(t *testing.T) {
	for d, name := range map[DType]string{0: "undefined", -1: "dtype(-1)", 29: "dtype(29)", 1 << 30: "dtype(1073741824)"} {
		if d.Valid() || d.String() != name || d.ProtoName() != name || d.Bits() != 0 || d.IsFloat() || d.IsInt() || d.IsComplex() {
			t.Errorf("%d: got %s, %s, %d bits", int(d), d, d.ProtoName(), d.Bits())
		}
	}
	for _, name := range []string{"", "undefined", "Float", "FLOAT", "float128", "float ", "dtype(1)"} {
		if d, ok := ParseDType(name); ok || d != Undefined {
			t.Errorf("ParseDType(%q): got %s", name, d)
		}
	}
}

// Elements of less than a byte are packed and the last byte is filled up.
func TestDTypeBytes(t *testing.T) {
	for _, c := range []struct {
		d       DType
		n, want int64
	}{
		{Float32, 3, 12}, {Float64, 3, 24}, {Bool, 3, 3}, {Complex128, 2, 32}, {BFloat16, 5, 10}, {String, 9, 0},
		{Int4, 0, 0}, {Int4, 1, 1}, {Int4, 2, 1}, {Uint4, 3, 2}, {Int2, 4, 1}, {Uint2, 5, 2},
		{Float6E2M3, 1, 1}, {Float6E2M3, 4, 3}, {Float6E3M2, 5, 4}, {Float4E2M1, 7, 4},
	} {
		if got := c.d.Bytes(Int(c.n)); !got.Is(c.want) {
			t.Errorf("%d of %s: got %s bytes, want %d", c.n, c.d, got, c.want)
		}
	}
	n := Sym("N")
	if got, want := Float16.Bytes(n), n.MulInt(2); !got.Equal(want) {
		t.Errorf("N of float16: got %s, want %s", got, want)
	}
	half := Int4.Bytes(n)
	for k, want := range map[int64]int64{7: 4, 8: 4, 9: 5} {
		if got, err := half.Eval(map[string]int64{"N": k}); err != nil || got != want {
			t.Errorf("%d of int4 by %s: got %d, %v, want %d", k, half, got, err, want)
		}
	}
}

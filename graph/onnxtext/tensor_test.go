package onnxtext

import (
	"math"
	"slices"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// initializer parses the declaration of one constant.
func initializer(t *testing.T, text string) *graph.Tensor {
	t.Helper()
	return mustParse(t, "g () => () <"+text+"> {}").Graph.Initializers[0]
}

// The numbers are those of TensorProto's typed fields: packed bytes for types
// below 8 bits, bit patterns for floats below 32.
func TestParseInts(t *testing.T) {
	for text, want := range map[string][]int64{
		"int8[3] w = {-128, 127, -0}":                              {-128, 127, 0},
		"uint8[2] w = {0, 255}":                                    {0, 255},
		"int16[2] w = {-32768, 32767}":                             {-32768, 32767},
		"uint16[1] w = {65535}":                                    {65535},
		"int32[2] w = {-2147483648, 2147483647}":                   {math.MinInt32, math.MaxInt32},
		"uint32[1] w = {4294967295}":                               {math.MaxUint32},
		"int64[2] w = {-9223372036854775808, 9223372036854775807}": {math.MinInt64, math.MaxInt64},
		"uint64[1] w = {9223372036854775807}":                      {math.MaxInt64},
		"int64 w = {0010}":                                         {10},
		"bool[3] w = {0, 1, 1}":                                    {0, 1, 1},
		"int4[3] w = {225, 8}":                                     {1, -2, -8}, // 0xE1, 0x08
		"int4[2] w = {-31}":                                        {1, -2},     // -31 is 0xE1
		"uint4[4] w = {33, 67}":                                    {1, 2, 3, 4},
		"int2[5] w = {228, 2}":                                     {0, 1, -2, -1, -2}, // 0b11100100, 0b10
		"uint2[4] w = {228}":                                       {0, 1, 2, 3},
		"int64[2,0] w = {}":                                        {},
		"int64[2,1] w = { 1 , 2 }":                                 {1, 2},
	} {
		c := initializer(t, text)
		if c.Storage != graph.StorageInline {
			t.Errorf("%s: storage %d", text, c.Storage)
			continue
		}
		got, err := c.Payload.Ints(len(want))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseFloats(t *testing.T) {
	for text, want := range map[string][]float64{
		"float[4] w = {1, 1.5, -2e-3, inf}":     {1, 1.5, float64(float32(-2e-3)), math.Inf(1)},
		"float[1] w = {16777217}":               {16777216}, // 2^24 + 1 has no float32
		"double[2] w = {16777217, -infinity}":   {16777217, math.Inf(-1)},
		"double[1] w = {1e308}":                 {1e308},
		"float16[3] w = {15360, 49152, -16384}": {1, -2, -2}, // 0x3C00, 0xC000 twice
		"bfloat16[1] w = {16256}":               {1},         // 0x3F80
		"float8e4m3fn[1] w = {126}":             {448},
		"float8e5m2[1] w = {123}":               {57344},
		"float8e4m3fnuz[1] w = {64}":            {1},
		"float8e5m2fnuz[1] w = {64}":            {1},
		"float8e8m0[1] w = {128}":               {2},
		"float4e2m1[3] w = {33, 7}":             {0.5, 1, 6}, // 0x21, 0x07
		"float6e2m3[2] w = {31, 1}":             {7.5, 0.125},
		"float6e3m2[1] w = {31}":                {28},
	} {
		got, err := initializer(t, text).Payload.Floats(len(want))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseComplex(t *testing.T) {
	for text, want := range map[string][]uint64{
		"complex64[1] w = {1.0, -2}":    {0x3F800000, 0xC0000000},
		"complex128 w = {1.0, -2}":      {0x3FF0000000000000, 0xC000000000000000},
		"complex64[2] w = {0, 1, 2, 0}": {0, 0x3F800000, 0x40000000, 0},
	} {
		got, err := words(initializer(t, text))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %#x, %v, want %#x", text, got, err, want)
		}
	}
}

func TestParseStrings(t *testing.T) {
	want := []string{"a", `"\`, "", "\xff"}
	got, err := initializer(t, "string[4] w = {\"a\", \"\\\"\\\\\", \"\", \"\xff\"}").Payload.Strings(4)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Braces without elements are a constant of which only the header is known.
func TestParseAbsent(t *testing.T) {
	c := initializer(t, "float[2,3] w = {}")
	if c.Storage != graph.StorageAbsent || c.Payload != nil || !slices.Equal(c.Dims, []int64{2, 3}) {
		t.Errorf("got %+v", c)
	}
	c = initializer(t, "float[9223372036854775807,9223372036854775807] w = {}")
	if got := c.Bytes().String(); got != "340282366920938463389587631136930004996" {
		t.Errorf("4*(2^63-1)^2 bytes: got %s", got)
	}
}

func TestParseExternal(t *testing.T) {
	c := initializer(t, `float[2] w = ["location": "a b.bin", "offset": "0", "length": "8"]`)
	want := []graph.Pair{{Key: "location", Value: "a b.bin"}, {Key: "offset", Value: "0"}, {Key: "length", Value: "8"}}
	if c.Storage != graph.StorageExternal || c.Payload != nil || !slices.Equal(c.External, want) {
		t.Errorf("got %+v", c)
	}
}

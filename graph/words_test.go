package graph

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// The values are those of the formats' definitions: IEEE 754 for float16, the
// tables of ONNX's float8, float6 and float4 pages, OCP Microscaling for E8M0.
func TestFloat(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		t    DType
		w    uint64
		want float64
	}{
		{Float32, 0x3FC00000, 1.5},
		{Float64, 0xBFF8000000000000, -1.5},
		{Float16, 0x3C00, 1}, {Float16, 0xC000, -2}, {Float16, 0x7BFF, 65504}, {Float16, 1, 0x1p-24},
		{Float16, 0x7C00, inf}, {Float16, 0xFC00, -inf}, {Float16, 0x7C01, nan},
		{BFloat16, 0x3F80, 1}, {BFloat16, 0x7F80, inf}, {BFloat16, 1, 0x1p-133},
		{Float8E4M3FN, 0x38, 1}, {Float8E4M3FN, 0x7E, 448}, {Float8E4M3FN, 0x7F, nan}, {Float8E4M3FN, 0xFF, nan}, {Float8E4M3FN, 1, 0x1p-9},
		{Float8E4M3FNUZ, 0x40, 1}, {Float8E4M3FNUZ, 0x7F, 240}, {Float8E4M3FNUZ, 0x80, nan}, {Float8E4M3FNUZ, 1, 0x1p-10},
		{Float8E5M2, 0x3C, 1}, {Float8E5M2, 0x7B, 57344}, {Float8E5M2, 0x7C, inf}, {Float8E5M2, 0x7D, nan}, {Float8E5M2, 1, 0x1p-16},
		{Float8E5M2FNUZ, 0x40, 1}, {Float8E5M2FNUZ, 0x7F, 57344}, {Float8E5M2FNUZ, 0x80, nan}, {Float8E5M2FNUZ, 1, 0x1p-17},
		{Float8E8M0, 0, 0x1p-127}, {Float8E8M0, 127, 1}, {Float8E8M0, 254, 0x1p127}, {Float8E8M0, 255, nan},
		{Float6E2M3, 0x1F, 7.5}, {Float6E2M3, 1, 0.125}, {Float6E2M3, 0x28, -1},
		{Float6E3M2, 0x1F, 28}, {Float6E3M2, 1, 0.0625}, {Float6E3M2, 0x2C, -1},
		{Float4E2M1, 7, 6}, {Float4E2M1, 1, 0.5}, {Float4E2M1, 0xA, -1},
	} {
		if got := c.t.Float(c.w); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s %#x: got %v, want %v", c.t, c.w, got, c.want)
		}
	}
	for _, t8 := range []DType{Float16, Float8E4M3FN, Float8E5M2, Float6E3M2, Float4E2M1} {
		if got := t8.Float(1 << (t8.Bits() - 1)); got != 0 || !math.Signbit(got) {
			t.Errorf("%s: the sign bit alone is %v, want -0", t8, got)
		}
	}
}

func TestWordsInts(t *testing.T) {
	for _, c := range []struct {
		t    DType
		w    []uint64
		want []int64
	}{
		{Int4, []uint64{0, 7, 8, 15}, []int64{0, 7, -8, -1}},
		{Uint4, []uint64{0, 15}, []int64{0, 15}},
		{Int2, []uint64{1, 2, 3}, []int64{1, -2, -1}},
		{Int8, []uint64{0x7F, 0x80}, []int64{127, -128}},
		{Int64, []uint64{math.MaxUint64}, []int64{-1}},
		{Uint64, []uint64{math.MaxInt64}, []int64{math.MaxInt64}},
		{Bool, []uint64{0, 1, 7}, []int64{0, 1, 1}},
	} {
		w := &Words{c.t, c.w}
		got, err := w.Ints(len(c.w))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %v: got %v, %v, want %v", c.t, c.w, got, err, c.want)
		}
		if _, err := w.Ints(len(c.w) - 1); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: one element past the limit: %v", c.t, err)
		}
	}
	if _, err := (&Words{Uint64, []uint64{math.MaxInt64 + 1}}).Ints(1); err == nil {
		t.Error("a uint64 past int64 became an int64")
	}
}

// Elements of one class are not given as those of another.
func TestWordsClasses(t *testing.T) {
	w := func(d DType) *Words { return &Words{d, []uint64{0, 0}} }
	_, floatAsInt := w(Float32).Ints(2)
	_, intAsFloat := w(Int32).Floats(2)
	_, complexAsFloat := w(Complex64).Floats(2)
	_, intAsString := w(Int8).Strings(2)
	for i, err := range []error{floatAsInt, intAsFloat, complexAsFloat, intAsString} {
		if err == nil || errors.Is(err, ErrTooLarge) {
			t.Errorf("conversion %d: got %v", i, err)
		}
	}
	if _, err := w(Complex64).Words(1); err != nil {
		t.Errorf("one complex number is two words: %v", err)
	}
	if _, err := w(Int32).Words(1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("two elements with a limit of one: %v", err)
	}
}

// The packing is that of TensorProto.int32_data.
func TestEntries(t *testing.T) {
	for _, c := range []struct {
		t       DType
		n, want int64
	}{
		{Int4, 0, 0}, {Int4, 1, 1}, {Int4, 2, 1}, {Uint4, 5, 3}, {Float4E2M1, 4, 2},
		{Int2, 4, 1}, {Uint2, 5, 2}, {Float6E2M3, 5, 5}, {Int8, 5, 5}, {Complex64, 3, 6}, {Complex128, 3, 6}, {Float32, 7, 7},
	} {
		if got := c.t.Entries(c.n); got != c.want {
			t.Errorf("%d of %s: %d entries, want %d", c.n, c.t, got, c.want)
		}
	}
}

package graph

import "testing"

func TestMemPayload(t *testing.T) {
	i, f, s := &MemPayload{I: []int64{1, 2}}, &MemPayload{F: []float64{1.5}}, &MemPayload{S: []string{"a"}}
	if v, err := i.Ints(2); err != nil || v[1] != 2 {
		t.Errorf("got %v, %v", v, err)
	}
	if _, err := i.Ints(1); err != ErrTooLarge {
		t.Errorf("one too many: %v", err)
	}
	for name, err := range map[string]error{
		"integers as real numbers": second(i.Floats(9)), "integers as strings": second(i.Strings(9)),
		"real numbers as integers": second(f.Ints(9)), "strings as real numbers": second(s.Floats(9)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if v, err := f.Floats(1); err != nil || v[0] != 1.5 {
		t.Errorf("got %v, %v", v, err)
	}
	if v, err := s.Strings(1); err != nil || v[0] != "a" {
		t.Errorf("got %v, %v", v, err)
	}
	if v, err := (&MemPayload{}).Ints(0); err != nil || len(v) != 0 {
		t.Errorf("no elements: %v, %v", v, err)
	}
}

func second[T any](_ []T, err error) error { return err }

func TestTensorSize(t *testing.T) {
	for _, c := range []struct {
		dt              DType
		dims            []int64
		elements, bytes string
	}{
		{Float32, nil, "1", "4"},
		{Int4, []int64{3, 3}, "9", "5"}, // 36 bits
		{Int2, []int64{5}, "5", "2"},
		{Float6E2M3, []int64{4}, "4", "3"},
		{Complex128, []int64{2}, "2", "32"},
		{Int8, []int64{0, 9}, "0", "0"},
		{Float64, []int64{1 << 40, 1 << 40}, "1208925819614629174706176", "9671406556917033397649408"}, // 2^80, 2^83
	} {
		x := &Tensor{DType: c.dt, Dims: c.dims}
		if x.Elements().String() != c.elements || x.Bytes().String() != c.bytes {
			t.Errorf("%s%v: %s elements, %s bytes; want %s, %s", c.dt, c.dims, x.Elements(), x.Bytes(), c.elements, c.bytes)
		}
	}
}

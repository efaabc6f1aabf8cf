package onnxfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

func TestExternalData(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "secret")
	model := filepath.Join(dir, "m", "m.onnx")
	for path, text := range map[string]string{outside: "12345678", filepath.Join(dir, "m", "w.bin"): "\x00\x00\x00\x00\x00\x00\x80\x3f\x00\x00\x00\x40"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret", filepath.Join(dir, "m", "link")); err != nil {
		t.Fatal(err)
	}
	e, err := OpenExternal(model)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	tensor := func(dim int64, pairs ...string) *graph.Tensor {
		w := &graph.Tensor{DType: graph.Float32, Dims: []int64{dim}, Storage: graph.StorageExternal}
		for i := 0; i < len(pairs); i += 2 {
			w.External = append(w.External, graph.Pair{Key: pairs[i], Value: pairs[i+1]})
		}
		return w
	}
	w := tensor(2, "location", "w.bin", "offset", "4", "length", "8")
	p, err := e.Payload(w)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Floats(2); err != nil || got[0] != 1 || got[1] != 2 {
		t.Errorf("got %v, %v (want 1, 2)", got, err)
	}
	for want, w := range map[string]*graph.Tensor{
		"outside the model's folder": tensor(2, "location", "../secret"),
		"link: ":                     tensor(2, "location", "link"),
		"nosuch: no such file":       tensor(2, "location", "nosuch"),
		".: not a regular file":      tensor(2, "location", "."),
		"12 bytes (expected 16 ":     tensor(4, "location", "w.bin"),
		"length 4 (expected 8 ":      tensor(2, "location", "w.bin", "length", "4"),
		`offset "-1"`:                tensor(2, "location", "w.bin", "offset", "-1"),
		"without a location":         tensor(2),
	} {
		if _, err := e.Payload(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v (want %q)", w.External, err, want)
		}
	}
}

// TestScanClasses scans raw and typed fields of several widths, whole and in chunks.
func TestScanClasses(t *testing.T) {
	raw := func(dt graph.DType, n int64, data string) *graph.Tensor {
		return &graph.Tensor{DType: dt, Dims: []int64{n}, Payload: &payload{r: strings.NewReader(data), dtype: dt, n: n, from: rawData,
			frags: []fragment{{size: int64(len(data))}}}}
	}
	for _, c := range []struct {
		t    *graph.Tensor
		want string
	}{
		{raw(graph.Float32, 4, "\x00\x00\x00\x00\x00\x00\x00\x80\x00\x00\x80\x3f\x00\x00\xc0\x7f"), "001x"}, // 0, -0, 1, NaN
		{raw(graph.Float16, 3, "\x00\x80\x00\x3c\x01\x00"), "01x"},
		{raw(graph.Int8, 3, "\x00\x01\xff"), "01x"},
		{raw(graph.Int4, 3, "\x10\x0f"), "01x"},
		{raw(graph.Bool, 2, "\x00\x01"), "01"},
		{raw(graph.Float32, 0, ""), ""},
	} {
		var got strings.Builder
		err := c.t.Scan(c.t.Payload, func(classes []graph.ElementClass) error {
			for _, k := range classes {
				got.WriteByte("01x"[k])
			}
			return nil
		})
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %q, %v (want %q)", c.t.DType, got.String(), err, c.want)
		}
	}
	const n = 3*wordChunk + 5
	long := raw(graph.Int8, n, strings.Repeat("\x00\x01", n/2+1)[:n])
	chunks, ones := 0, 0
	err := long.Scan(long.Payload, func(classes []graph.ElementClass) error {
		chunks++
		for _, k := range classes {
			ones += int(k)
		}
		return nil
	})
	if err != nil || chunks != 4 || ones != n/2 {
		t.Errorf("%d chunks, %d ones, %v (want 4, %d)", chunks, ones, err, n/2)
	}
}

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestConcerned names the files that a commit may touch.
func TestConcerned(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, f := range []string{"top.onnx", "m/a.onnx", "m/b.onnxtxt", "m/a.onnx.data", "m/note.txt", "m/w/a.onnx_data_1", "deep/er/x.onnx.data"} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args, want []string
		all        bool
	}{
		{[]string{"m/a.onnx"}, []string{"m/a.onnx"}, false},
		{[]string{"m/a.onnx.data"}, []string{"m/a.onnx", "m/b.onnxtxt"}, false},
		{[]string{"m/a.onnx.data", "m/b.onnxtxt"}, []string{"m/b.onnxtxt", "m/a.onnx"}, false},
		{[]string{"m/w/a.onnx_data_1"}, []string{"m/a.onnx", "m/b.onnxtxt"}, false},
		{[]string{"deep/er/x.onnx.data"}, []string{"top.onnx"}, false},
		{[]string{".onnxmeter.yaml", "m/a.onnx"}, []string{"m/a.onnx"}, true},
		{[]string{"sub/.onnxmeter-baseline.json"}, nil, true},
		{[]string{"m/note.txt", "weights.data"}, []string{"m/note.txt", "weights.data"}, false},
		{[]string{"/nosuch/x.onnx.data"}, []string{"/nosuch/x.onnx.data"}, false},
		{nil, nil, false},
	} {
		if got, all := concerned(c.args); !slices.Equal(got, c.want) || all != c.all {
			t.Errorf("concerned(%q) is %q, %v; want %q, %v", c.args, got, all, c.want, c.all)
		}
	}
}

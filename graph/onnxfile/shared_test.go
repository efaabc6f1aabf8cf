package onnxfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared returns the folder of the shared data; the test is skipped without it.
func shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the shared data is absent")
	}
	return dir
}

// onnxFiles calls f for each *.onnx file below dir.
func onnxFiles(t testing.TB, dir string, f func(path string)) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, ".onnx") {
			n++
			f(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReadsSharedModels(t *testing.T) {
	dir := shared(t)
	for _, sub := range []string{"zoo", "models", "conformance/onnx-backend", "energy/graphs"} {
		n := onnxFiles(t, filepath.Join(dir, sub), func(path string) {
			f, err := Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			f.Close()
		})
		if n == 0 {
			t.Errorf("no models in %s", sub)
		}
	}
}

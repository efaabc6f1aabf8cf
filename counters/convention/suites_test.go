package convention

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
)

// TestSuites counts every model of the shared suites by every convention: the classes of
// one sum to its total, and nothing that a file holds may stop it.
func TestSuites(t *testing.T) {
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the suites are not here")
	}
	n := 0
	for _, suite := range []string{"conformance", "models", "hostile", "zoo"} {
		err := filepath.WalkDir(filepath.Join(dir, suite), func(path string, e fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".onnx") && !e.IsDir() {
				n += countAll(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d models", n)
	if n < 1000 {
		t.Errorf("%d models were counted, want 1000 and more", n)
	}
}

// countAll counts one model by every convention and returns 1 if it can be counted.
func countAll(t *testing.T, path string) int {
	f, err := onnxfile.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	own, err := counters.Count(f.Model, counters.Options{})
	if err != nil {
		return 0
	}
	whole := !slices.ContainsFunc(own.Warnings, func(w string) bool {
		return strings.Contains(w, "the condition is not known") || strings.Contains(w, "more nodes than can be listed")
	})
	for _, c := range List() {
		m := c.Measure()
		total, sum := own.Figure(m), Sum(m.Classes(own))
		if whole && !sum.Equal(total) && sum.BigConst() != nil && total.BigConst() != nil {
			t.Errorf("%s: %s: the total is %s, its classes sum to %s", path, c.Name, total, sum)
		}
		if c.Calls {
			m.Doubts(own)
		}
		m.Remarks()
	}
	return 1
}

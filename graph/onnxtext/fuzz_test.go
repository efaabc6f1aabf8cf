package onnxtext

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse checks that any bytes are a model or an error of one line, and that a
// model survives printing and parsing. A text without a header is a graph.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	for _, body := range []string{
		"g (seq(float[N]) x, optional(map(int64, string)) y, sparse_tensor(float[]) z, opaque(a.b, c) o) => () {}",
		"g () => () <int4[3] a = {225, 8}, float16 b = {15360}, complex64 c = {1, nan}, string d = {\"\"}, float[2] e = {}> {}",
		"g (x) => (y) {y = Op <a : tensors = [float {1}], b = \"b\" () => () {}, c = [float, seq(int8)], d : ints = [], e = inf> (x,)}",
		"g () => () {} f <a, b : float = 1, c = [\"\"]> (x, int8 y) => (z) <float w> {z = a.b.Op:o <k : int = @a> (x, y)}",
	} {
		f.Add([]byte(body))
	}
	paths, _ := filepath.Glob("../../fixtures/models/*loop*.onnxtxt")
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Parse(src, "f")
		if err != nil && !bytes.HasPrefix(src, []byte("<")) {
			m, err = ParseGraph(src, "f", 17)
		}
		if err != nil {
			if m != nil || strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("model %v with error %q", m, err)
			}
			return
		}
		var text bytes.Buffer
		if err := Print(&text, m); err != nil {
			t.Fatal(err)
		}
		back, err := Parse(text.Bytes(), "f")
		if err != nil {
			t.Fatalf("%v in\n%s", err, text.Bytes())
		}
		strip(m)
		if d := diff(m, back); d != "" {
			t.Errorf("%s\nin\n%s", d, text.Bytes())
		}
	})
}

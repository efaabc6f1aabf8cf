package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/ops"
)

// FuzzCount feeds bytes to the whole program: every verb that reads a model ends
// with a proper exit code and without a mistake of its own.
func FuzzCount(f *testing.F) {
	const text = `<ir_version: 8, opset_import: ["": 17]> g (float[N,3] x, bool c) => (float[N,4] y) <float[3,4] w = {}> {
  [i] y = If (c) <then_branch = t () => (float[N,4] a) { [m] a = MatMul (x, w) }, else_branch = e () => (float[N,4] b) { [n] b = MatMul (x, w) }> }`
	f.Add([]byte(text))
	if shared := os.Getenv("ONNXMETER_SHARED"); shared != "" {
		found, _ := filepath.Glob(filepath.Join(shared, "conformance", "onnx-backend", "node", "*.onnx"))
		for i := 0; i < len(found); i += 9 {
			if b, err := os.ReadFile(found[i]); err == nil && len(b) < 4096 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, model []byte) {
		for _, args := range [][]string{{"count", "-f", "json", "--by", "module", "--gpu", "rtx-4090", "-"}, {"count", "-", "-v", "--read-weights"},
			{"shapes", "--ignore-declared", "-"}, {"compare", "--conventions", "all", "-"}, {"train", "--gpu", "h100", "-"},
			{"check", "--budget", "macs=1", "-f", "sarif", "-"}} {
			var stdout, stderr bytes.Buffer
			code := run(bytes.NewReader(model), &stdout, &stderr, args)
			gated := args[0] == "check" && (code == exitOver || code == exitIncomplete)
			if code != exitOK && code != exitInput && !gated {
				t.Errorf("onnxmeter %s: exit code %d, %s", strings.Join(args, " "), code, stderr.String())
			}
			if strings.Contains(stderr.String(), ops.InternalError) || strings.Contains(stdout.String(), ops.InternalError) {
				t.Errorf("onnxmeter %s: %s", strings.Join(args, " "), stderr.String())
			}
		}
	})
}

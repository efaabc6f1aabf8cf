package render

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write generated pages and golden files anew")

// TestGeneratedOperatorsPage holds docs/operators.md to the operator table.
func TestGeneratedOperatorsPage(t *testing.T) {
	const page = "../../docs/operators.md"
	var b bytes.Buffer
	if err := OpsMarkdown(&b, Entries()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Errorf("%s differs from the operator table: run go test ./counters/render -run GeneratedOperatorsPage -update", page)
	}
}

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
	golden(t, page, b.Bytes())
}

// golden holds a generated page to what it is made from; -update writes it anew.
func golden(t *testing.T, page string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not what it is made from: run go test ./counters/render -run %s -update", page, t.Name())
	}
}

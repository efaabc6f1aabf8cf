package render

import (
	"bytes"
	"os"
	"testing"
)

// TestGeneratedConventionsPage holds docs/conventions.md to the tables.
func TestGeneratedConventionsPage(t *testing.T) {
	const page = "../../docs/conventions.md"
	var b bytes.Buffer
	if err := ConventionsPage(&b); err != nil {
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
		t.Errorf("%s differs from the tables: run go test ./counters/render -run GeneratedConventionsPage -update", page)
	}
}

package render

import (
	"bytes"
	"testing"
)

// TestGeneratedConventionsPage holds docs/conventions.md to the tables.
func TestGeneratedConventionsPage(t *testing.T) {
	const page = "../../docs/conventions.md"
	var b bytes.Buffer
	if err := ConventionsPage(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, page, b.Bytes())
}

package energy

import (
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
)

// What the first estimate of a process costs: both tables are parsed.
func BenchmarkTables(b *testing.B) {
	for b.Loop() {
		if _, err := readDevices(); err != nil {
			b.Fatal(err)
		}
		if _, err := ReadTable(strings.NewReader(data.Coefficients)); err != nil {
			b.Fatal(err)
		}
	}
}

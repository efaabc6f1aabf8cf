package convention

import (
	"math"
	"math/big"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// TestPrinted has figures of einsum_path by hand: 2 x 12,345,678 prints as 2.469e+07. What
// no float holds stays as it is, also where only its rounding to four digits is past them.
func TestPrinted(t *testing.T) {
	if got := printed(graph.Int(12_345_678)); !got.Is(12_345_000) {
		t.Errorf("%s, want 12345000", got)
	}
	most, _ := big.NewFloat(math.MaxFloat64 / 2).Int(nil)
	for _, n := range []*big.Int{most, new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil)} {
		if got := printed(graph.BigInt(n)); got.BigConst().Cmp(n) != 0 {
			t.Errorf("%s, want %s", got, n)
		}
	}
}

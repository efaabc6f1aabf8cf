package onnxtext

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onnxmeter/onnxmeter/graph"
)

func nested(open, inner, end string, n int) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
}

// Each limit holds, and one past it is an error that names it.
func TestLimits(t *testing.T) {
	dims := func(n int) string { return "float[1" + strings.Repeat(",1", n-1) + "]" }
	bodies := func(n int) string {
		return "g (x) => () {" + nested("= Op <a = b () => () {", "", "}> (x)", n) + "}"
	}
	for name, c := range map[string]struct {
		text func(n int) string
		most int
		want string
	}{
		"rank of a type": {
			func(n int) string { return "g (" + dims(n) + " x) => () {}" }, graph.MaxRank,
			"the rank exceeds 1024",
		},
		"rank of a constant": {
			func(n int) string { return "g () => () <" + dims(n) + " w = {1}> {}" }, graph.MaxRank,
			"the rank exceeds 1024",
		},
		// The graph is one level, each seq another, the tensor the last.
		"depth of a type": {
			func(n int) string { return "g (" + nested("seq(", "float", ")", n-2) + " x) => () {}" }, graph.MaxMessageDepth,
			"types and graphs are nested deeper than 512",
		},
		"depth of subgraphs": {bodies, graph.MaxGraphDepth, "subgraphs are nested more than 64 deep"},
		"functions": {
			func(n int) string {
				var b strings.Builder
				b.WriteString("g () => () {}")
				for i := range n {
					fmt.Fprintf(&b, "\nf%d () => () {}", i)
				}
				return b.String()
			}, graph.MaxFunctions,
			"more than 10000 local functions",
		},
	} {
		if _, err := ParseGraph([]byte(c.text(c.most)), "", 17); err != nil {
			t.Errorf("%s: %d: %v", name, c.most, err)
		}
		if _, err := ParseGraph([]byte(c.text(c.most+1)), "", 17); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d: got %v, want %s", name, c.most+1, err, c.want)
		}
	}
}

// The length is checked before anything is read; a text of the greatest length is
// read up to its first error.
func TestLimitOfBytes(t *testing.T) {
	if strconv.IntSize < 64 {
		t.Skip("the address space is too small")
	}
	most := int64(graph.MaxStructureBytes)
	src := make([]byte, most+1) // never touched, so never resident
	for n, want := range map[int64]string{
		most:     `1:1: found "\x00" (expected "<" before the header)`,
		most + 1: "1:1: the text has 2147483648 bytes (at most 2147483647)",
	} {
		_, err := Parse(src[:n], "")
		checkError(t, fmt.Sprint(n, " bytes"), err, want)
	}
}

// Texts of a megabyte that make careless parsers quadratic, deep or greedy.
func TestHostileTexts(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	start := time.Now()
	for _, text := range []string{
		fill("("), fill("<"), fill("\""), fill("\\"), fill("#"), fill("#\n"), fill("\n"), fill("-"), fill("[") + "]", fill("="),
		"g (" + fill("seq("), "g (" + fill("float[2] ") + "x) => () {}", "g (float[" + fill("9") + "] x) => () {}",
		"g (x) => () {" + fill("y = Op <a = b (x) => () {"), "g (x) => () {y = Op <a = " + fill("["), "g (x) => () {y = " + fill("a."),
		"g () => () <float x = {" + fill("1") + ", 1}> {}", "g () => () <float[1] x = {0." + fill("1") + "e" + fill("1") + "}> {}",
		"g () => () <float[3] x = {" + fill("1,") + "1}> {}", "g (" + fill("x,") + "y) => () {}", "g () => () {" + fill(","),
		"g () => () <float[4611686018427387904,4] x = {1}> {}", "g () => () <float[4294967296,4294967296] x = {1}> {}",
		"g () => () {} " + fill("f () => () {}"), "g () => () {y = Op <" + fill("a=1,"), "g \"" + fill("\\\""),
	} {
		if _, err := ParseGraph([]byte(text), "", 17); err == nil {
			t.Errorf("%.40q...: no error", text)
		}
	}
	if spent := time.Since(start); spent > time.Minute {
		t.Errorf("%v for 26 MB", spent)
	}
}

package graph

import (
	"strings"
	"testing"
)

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*Error{
		"is wrong":                   Errorf("is wrong"),
		"f: is 1 (expected 2)":       {File: "f", What: "is 1", Want: "expected 2"},
		"f: a/b: is wrong":           {File: "f", Path: "a/b", What: "is wrong"},
		`f: node "n" (Op): no`:       {File: "f", Node: "n", Op: "Op", What: "no"},
		`f: a/b/node "n" (Op): no`:   {File: "f", Path: "a/b", Node: "n", Op: "Op", What: "no"},
		`f: node "n": no`:            {File: "f", Node: "n", What: "no"},
		`f: a\n/node "\x1b" (O\r): `: {File: "f", Path: "a\n", Node: "\x1b", Op: "O\r"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := Errorf("is %d", 3).Expect("below %d", 2).Error(); got != "is 3 (below 2)" {
		t.Errorf("got %q", got)
	}
}

func TestClip(t *testing.T) {
	long := strings.Repeat("x", maxName)
	for in, want := range map[string]string{
		"":             "",
		long:           long,
		long + "x":     long + "...(201 bytes)",
		long[1:] + "é": long[1:] + "...(201 bytes)", // the cut is not inside a character
	} {
		if got := Clip(in); got != want {
			t.Errorf("%d bytes: got %q", len(in), got)
		}
	}
	// Bytes that are no characters are cut somewhere, not looked through.
	if got := Clip(strings.Repeat("\x80", 1000)); !strings.HasSuffix(got, "...(1000 bytes)") {
		t.Errorf("got %q", got)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		`/layer.0/a "b"`: `/layer.0/a "b"`,
		"a\nb\x1b[31m":   `a\nb\x1b[31m`,
		"é\u202e\xff":    `é\u202e\xff`,
		`c:\d`:           `c:\\d`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

package render_test

import (
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// TestLine checks what a log or a terminal would act on.
func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"conv1":                "conv1",
		"ns::op":               "ns::op",
		"::error::x":           `\u003a:error::x`,
		"  ::error::x":         `  \u003a:error::x`,
		"a ##[error]x":         `a \u0023#[error]x`,
		"##vso[task.complete]": `\u0023#vso[task.complete]`,
		"##teamcity[x]":        `\u0023#teamcity[x]`,
		"## title":             "## title",
		"a\n::error::x":        `a\u000a::error::x`,
		"\x1b[31m":             `\u001b[31m`,
		"\xff":                 `\xff`,
	} {
		if got := render.Line(in); got != want {
			t.Errorf("Line(%q) is %q, want %q", in, got, want)
		}
	}
}

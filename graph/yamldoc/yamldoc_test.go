package yamldoc

import (
	"strings"
	"testing"
)

// nested is a list in a list, n deep: the document itself is one level more.
func nested(n int) string { return strings.Repeat("[", n) + "1" + strings.Repeat("]", n) }

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      string // of the error; "" for none
	}{
		{"plain", "a: 1\nb: [2, x]\n", ""},
		{"empty", "", "line 1: an empty file"},
		{"comments only", "# nothing\n", "line 1: an empty file"},
		{"syntax", "a: 1\nb: [", "line 2: no YAML: did not find expected node content (see docs)"},
		{"two documents", "a: 1\n---\nb: 2\n", "line 1: more than one YAML document"},
		{"anchor", "a: 1\nb: &x 2\n", "line 2: an anchor or alias"},
		{"billion laughs", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "line 1: an anchor or alias"},
		{"tag", "a: 1\nb: !!python/object x\n", "line 2: a tag"},
		{"at the size", "a: " + strings.Repeat("x", MaxBytes-3), ""},
		{"past the size", "a: " + strings.Repeat("x", MaxBytes-2), "line 1: a file of more than 1048576 bytes"},
		{"at the depth", nested(MaxDepth - 1), ""},
		{"past the depth", nested(MaxDepth), "line 1: nested more than 32 deep"},
		{"far past the depth", nested(100_000), "line 1: no YAML: exceeded max depth of 10000 (see docs)"},
		{"control characters", "a: \x00\n", "line 1: no YAML: control characters are not allowed (see docs)"},
		{"not UTF-8", "a: \xff\xfe\n", "line 1: no YAML: "},
	} {
		n, err := Parse([]byte(c.src), " (see docs)")
		switch {
		case c.want == "" && (err != nil || n == nil):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a: 1\nbee: 2\n", ""},
		{"a: 1\n\nbe: 2\n", `line 3: unknown field "be" (expected a or bee; did you mean "bee"?)`},
		{"a: 1\na: 2\n", `line 2: "a" occurs twice`},
		{"- a\n", "line 1: a list (expected a or bee)"},
		{"x\n", `line 1: "x" (expected a or bee)`},
		{"null\n", "line 1: nothing (expected a or bee)"},
		{"[1]: 2\n", "line 1: a list for a key (expected a name)"},
		{"<<: {a: 1}\n", `line 1: unknown field "<<" (expected a or bee)`},
	} {
		n, err := Parse([]byte(c.src), "")
		if err != nil {
			t.Errorf("%q: %v", c.src, err)
			continue
		}
		got := ""
		if _, err := Fields(n, "a", "bee"); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.src, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: {b: [1, 2]}\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if n, err := Parse(src, ""); (n == nil) == (err == nil) || err != nil && err.Line < 1 {
			t.Errorf("%v, %v", n, err)
		}
	})
}

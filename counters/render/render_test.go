package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/graph"
)

// evilNames are names that a file may hold and that some output format would act on.
var evilNames = []string{
	"\x1b[31mred\x1b[0m", "a\nb\r\nc", "nul\x00", "\u009b31m", "\u202eright to left", "zero\u200bwidth", "\u2028line",
	"=cmd|' /C calc'!A0", "+cmd", "-1+cmd", "@SUM(A1)", "|pipe|`tick`[link](http://x)", "<script>alert(1)</script>", "&amp;",
	"**bold** _it_ # head ~~no~~ $x$ ![img](y)", `back\slash "quote" 'single'`, "%s%n%d", "\xff\xfe not utf8", "::error::x",
	strings.Repeat("long", 10_000),
}

// evilModel holds every evil name as a dim, an input, a node, an operator and an output.
func evilModel(t *testing.T) *Report {
	t.Helper()
	m := &graph.Model{Path: evilNames[0] + ".onnx", IRVersion: 8, Opsets: map[string]int64{"": 17, evilNames[1]: 1}, Producer: evilNames[2]}
	g := &graph.Graph{Name: "g"}
	for i, name := range evilNames {
		if !utf8.ValidString(name) { // no value may have such a name; a node may
			g.Nodes = append(g.Nodes, &graph.Node{Name: name, Op: "Relu", InputNames: []string{evilNames[0]}, OutputNames: []string{"utf8"}})
			continue
		}
		typ := &graph.TypeDef{Kind: graph.KindTensor, DType: graph.Float32, HasShape: true, Dims: []graph.DimDef{{Param: name}, {Value: 3, Known: true}}}
		g.InputInfo = append(g.InputInfo, graph.ValueInfo{Name: name, Type: typ})
		node := &graph.Node{Name: name, Op: "Relu", InputNames: []string{name}, OutputNames: []string{"out of " + name}}
		if i%2 == 1 {
			node.Domain, node.Op = evilNames[1], name
		}
		g.Nodes = append(g.Nodes, node)
		g.OutputInfo = append(g.OutputInfo, graph.ValueInfo{Name: "out of " + name})
	}
	m.Graph = g
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Warnings = append(r.Warnings, evilNames...)
	d, err := energy.Lookup("rtx-4090")
	if err != nil {
		t.Fatal(err)
	}
	e := Estimate{Result: energy.Result{GPU: d.ID}, Missing: evilNames[3], Emissions: []energy.Emission{{}}}
	return &Report{Report: r, Convention: "macs", Estimates: []Estimate{e}}
}

// printed renders a report and its shapes in every format and grouping.
func printed(t *testing.T, r *Report, kind string) []string {
	t.Helper()
	var out []string
	for _, by := range append([]string{""}, Groupings...) {
		var b bytes.Buffer
		s := NewReportStream(&b, kind, View{By: by, Full: true}, false)
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		out = append(out, b.String())
	}
	var b bytes.Buffer
	s := NewShapesStream(&b, kind, true)
	if err := s.Add(NewShapes(r.Model.Path, r.Inference)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return append(out, b.String())
}

// TestEvilNames prints names that a terminal, a spreadsheet or a page would act on.
func TestEvilNames(t *testing.T) {
	r := evilModel(t)
	for _, kind := range []string{"text", "json", "ndjson", "csv", "markdown"} {
		for _, text := range printed(t, r, kind) {
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && hidden(r) || r == utf8.RuneError }); i >= 0 {
				t.Errorf("%s: %q is printed", kind, text[i:min(len(text), i+20)])
			}
			for _, line := range strings.Split(text, "\n") {
				if len(line) > map[string]int{"text": 20_000, "csv": 100_000, "markdown": 40_000, "json": 400_000, "ndjson": 4_000_000}[kind] {
					t.Errorf("%s: a line of %d bytes", kind, len(line))
				}
			}
			checkKind(t, kind, text)
		}
	}
	var b bytes.Buffer
	for n := range r.Nodes() {
		if err := Explain(&b, &Explanation{Report: r.Report, Node: n, Formula: r.Inference.Formula(n.Inst, n.Result)}); err != nil {
			t.Fatal(err)
		}
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && hidden(r) }); i >= 0 {
		t.Errorf("explain prints %q", b.String()[i:i+10])
	}
}

func checkKind(t *testing.T, kind, text string) {
	t.Helper()
	switch kind {
	case "json", "ndjson":
		d := json.NewDecoder(strings.NewReader(text))
		for {
			var v any
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
	case "csv":
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range records {
			for _, c := range rec {
				if c != "" && strings.Contains("=+-@\t\r", c[:1]) {
					t.Errorf("csv: cell %q starts a formula", c)
				}
			}
		}
	case "markdown":
		checkMarkdown(t, text)
	}
}

// checkMarkdown counts the bars of each table row and looks for markup.
func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	bars := func(line string) int { return strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") }
	want := 0
	for _, line := range strings.Split(text, "\n") {
		bare := strings.NewReplacer("\\`", "", `\[`, "", `\]`, "", `\*`, "", `\_`, "").Replace(line)
		if strings.ContainsAny(bare, "<`[*") {
			t.Errorf("markdown: markup in %q", line[:min(len(line), 120)])
		}
		switch {
		case !strings.HasPrefix(line, "|"):
			want = 0
		case want == 0:
			want = bars(line)
		case bars(line) != want:
			t.Errorf("markdown: %d bars instead of %d in %q", bars(line), want, line[:min(len(line), 120)])
		}
	}
}

// TestJSONKeepsNames reads names back as they were: escaping loses nothing.
func TestJSONKeepsNames(t *testing.T) {
	for _, name := range evilNames {
		if !utf8.ValidString(name) || len(name) > maxJSONName {
			continue
		}
		var back string
		if err := json.Unmarshal(quoteJSON(name), &back); err != nil || back != name {
			t.Errorf("%q came back as %q, %v", name, back, err)
		}
	}
	if s := clipJSON(evilNames[len(evilNames)-1]); len(s) > maxJSONName+30 || !strings.HasSuffix(s, "(40000 bytes)") {
		t.Errorf("a long name is cut to %d bytes", len(s))
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[string]string{"0": "0", "999": "999", "1000": "1,000", "4089184256": "4,089,184,256", "-1234": "-1,234",
		"18446744073709551616": "18,446,744,073,709,551,616"} {
		b, _ := new(big.Int).SetString(n, 10)
		if got := grouped(b); got != want {
			t.Errorf("grouped(%s) is %s, want %s", n, got, want)
		}
	}
	for f, want := range map[float64]string{4089184256: "4.09 Gx", 999.4: "999 x", 999.6: "1.00 kx", 0.0123: "12.3 mx", 1e-6: "1.00 µx",
		9.996: "10.0 x", 0: "0 x", 1e36: "1.00e+36 x", 1e-20: "1.00e-20 x", 123456: "123 kx"} {
		if got := si(f, "x"); got != want {
			t.Errorf("si(%v) is %q, want %q", f, got, want)
		}
	}
	huge := new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil)
	if got := siInt(huge, ""); got != "1.00e+400" {
		t.Errorf("10^400 is %s", got)
	}
}

func TestFormulas(t *testing.T) {
	s := graph.Sym("S")
	d := s.Mul(s).MulInt(18432).Add(s.MulInt(84934656))
	if got := abridged(d.String()); got != "84.9 M*S + 18.4 k*S^2" {
		t.Errorf("abridged: %s", got)
	}
	if got := abridged("x12345*`a 99999` + 99999"); got != "x12345*`a 99999` + 100 k" {
		t.Errorf("abridged: %s", got)
	}
	long := strings.Repeat("123456*a*b + ", 20) + "1"
	lines := strings.Split(wrapFormula(long, 4, 60), "\n")
	for i, l := range lines {
		if utf8.RuneCountInString(l) > 60 || strings.HasSuffix(l, " ") || i > 0 && !strings.HasPrefix(l, "    1") {
			t.Errorf("line %d: %q", i, l)
		}
	}
	if strings.Join(strings.Fields(strings.Join(lines, " ")), " ") != long {
		t.Errorf("wrapping changed the formula")
	}
}

func TestShare(t *testing.T) {
	n, s := graph.Sym("N"), graph.Sym("S")
	for _, c := range []struct {
		part, whole graph.Dim
		want        float64
		ok          bool
	}{
		{graph.Int(1), graph.Int(4), 0.25, true},
		{n.MulInt(2), n.MulInt(8), 0.25, true},
		{n.Mul(s).MulInt(3), n.Mul(s).MulInt(3), 1, true},
		{n, n.Add(s), 0, false},
		{n.Mul(n), n, 0, false},
		{graph.Int(0), graph.Int(0), 0, false},
	} {
		if got, ok := share(c.part, c.whole); got != c.want || ok != c.ok {
			t.Errorf("%s of %s: %v %v, want %v %v", c.part, c.whole, got, ok, c.want, c.ok)
		}
	}
}

func TestBars(t *testing.T) {
	for f, want := range map[float64]string{0: "", 1: strings.Repeat("█", barWidth), 0.5: strings.Repeat("█", barWidth/2), -1: "", 7: strings.Repeat("█", barWidth)} {
		if got := bar(f); got != want {
			t.Errorf("bar(%v) is %q", f, got)
		}
	}
}

func TestGroupWarnings(t *testing.T) {
	got := GroupWarnings([]string{`node "a" (Relu): not known`, `other`, `node "b" (Relu): not known`, `node "c" (Relu): not known`, `node "d" (Add): not known`, `other`})
	want := []string{`node "a" (Relu): not known (and 2 like it)`, `other`, `node "d" (Add): not known`, `other`}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
}

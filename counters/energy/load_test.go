package energy

import (
	"errors"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
	"github.com/onnxmeter/onnxmeter/graph"
)

const userHead = "# version: mine\nid,device,precision,mode,form,grade,boundary,j_per_mac,factor\n"

func TestLoadCoefficients(t *testing.T) {
	table, err := LoadCoefficients(strings.NewReader(userHead+"own,a30,fp16,eager,flops,B,gpu,2e-12,1.8\n"), "own.csv")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Estimate(device(t, "a30"), Features{DenseMACs: 1e12}, Options{Precision: "fp16", Model: "flops", Table: Shipped().Merge(table)})
	if err != nil || r.Joules != 2 || r.Coefficient != "own" {
		t.Errorf("%g J of %s, %v; want 2 J of own", r.Joules, r.Coefficient, err)
	}
	if !strings.HasSuffix(Shipped().Merge(table).Version, "+mine") {
		t.Errorf("version %s does not name the user's table", Shipped().Merge(table).Version)
	}
}

// TestLoadCoefficientsRefuses holds each mistake to its line.
func TestLoadCoefficientsRefuses(t *testing.T) {
	const row = "own,a30,fp16,eager,flops,B,gpu,2e-12,1.8\n"
	for _, c := range []struct {
		text string
		line int
		says string
	}{
		{"", 1, "no table of coefficients"},
		{`{"gpu":"x","joules_per_flop":NaN}`, 1, "no table of coefficients"},
		{strings.Repeat("[", 100_000), 1, "no table of coefficients"},
		{userHead, 1, "no rows"},
		{userHead + strings.Replace(row, "2e-12", "NaN", 1), 3, "j_per_mac: \"NaN\" is not a finite number"},
		{userHead + strings.Replace(row, "2e-12", "1e400", 1), 3, "j_per_mac: \"1e400\" is not a finite number"},
		{userHead + strings.Replace(row, "2e-12", "-1", 1), 3, "j_per_mac is negative"},
		{userHead + row + strings.Replace(row, "a30", "a31", 1), 4, `"a31" is not an id`},
		{userHead + row + strings.Replace(row, "fp16", "bf16", 1), 4, "a second row for id own (the first is at line 3)"},
		{userHead + row + strings.Replace(row, "own", "mine", 1), 4, "a second row for setting a30 fp16 eager flops (the first is at line 3)"},
		{userHead + "own,a30\n", 3, "wrong number of fields"},
		{userHead + row + "\"x\n", 4, "quot"},
		{"id,id,device,precision,mode,form,grade,boundary,factor\n", 1, "occurs twice"},
		{strings.Replace(userHead, "j_per_mac", "j_per_macs", 1) + row, 3, `unknown column "j_per_macs" (did you mean "j_per_mac"?)`},
		{strings.Replace(userHead, "j_per_mac", "rows", 1) + strings.Replace(row, "2e-12", "1e300", 1), 3, "column rows: 1e+300"},
		{userHead + strings.Repeat("#\n", MaxTableBytes/2), 1, "more than 4194304 bytes"},
	} {
		_, err := LoadCoefficients(strings.NewReader(c.text), "own.csv")
		var bad *graph.FileError
		if !errors.As(err, &bad) || bad.Line != c.line || bad.File != "own.csv" || !strings.Contains(bad.What, c.says) {
			t.Errorf("%.60q: %v; want line %d and %q", c.text, err, c.line, c.says)
		}
	}
}

// TestLoadCoefficientsReadsTheShippedTable shows that a user can start from it.
func TestLoadCoefficientsReadsTheShippedTable(t *testing.T) {
	table, err := LoadCoefficients(strings.NewReader(data.Coefficients), "coefficients.csv")
	if err != nil || len(table.Rows) != len(Shipped().Rows) {
		t.Errorf("%v", err)
	}
}

func FuzzLoadCoefficients(f *testing.F) {
	f.Add(userHead + "own,a30,fp16,eager,flops,B,gpu,2e-12,1.8\n")
	f.Add("[[[[")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := LoadCoefficients(strings.NewReader(text), "f")
		var bad *graph.FileError
		if err != nil && !errors.As(err, &bad) || err == nil && len(table.Rows) == 0 {
			t.Errorf("%v", err)
		}
	})
}

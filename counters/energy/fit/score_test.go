package fit

import (
	"bytes"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// The shipped table scored end to end, through Estimate, on every shipped row:
// the printed interval holds at least 85 % of each device's points.
func TestScoreShipped(t *testing.T) {
	rows, n, err := ShippedInputs()
	if err != nil {
		t.Fatal(err)
	}
	points, _, err := Points(rows, n)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := Score(points, energy.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	large := 0
	for _, s := range scores {
		if s.Rows < 100 {
			continue
		}
		large++
		if s.Coverage < 0.85 || s.X90 > 2 {
			t.Errorf("%+v: expected coverage of 0.85 and x90 of 2 or better", s)
		}
	}
	if large < 10 { // three GPUs, two modes of two, two forms
		t.Errorf("%d groups of 100 points or more", large)
	}
}

func TestCompare(t *testing.T) {
	var b bytes.Buffer
	before := &energy.Table{Rows: []energy.Coefficients{{ID: "a", Rows: 1, X90: 1.5}, {ID: "gone", Rows: 2}}}
	after := &energy.Table{Rows: []energy.Coefficients{{ID: "a", Rows: 3, X90: 1.25}, {ID: "new", Rows: 4}}}
	if err := Compare(&b, before, after); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\na,1,3,,,1.5,1.25,,\n", "\ngone,2,0,", "\nnew,0,4,"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %q in\n%s", want, b.String())
		}
	}
}

func TestReadRowsRejects(t *testing.T) {
	const head = "gpu,model,precision,energy_j_per_sample,kind\n"
	for name, text := range map[string]string{
		"empty": "", "columns": "gpu,model\n", "number": head + "T4,x,int8,abc,measured-wall\n",
		"negative": head + "T4,x,int8,-1,measured-wall\n", "NaN": head + "T4,x,int8,NaN,measured-wall\n", "short": head + "T4\n",
	} {
		if rows, err := ReadRows(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %v accepted", name, rows)
		}
	}
	rows, err := ReadRows(strings.NewReader(head + "# a comment\nT4,x,int8,0.5,measured-wall\n"))
	if err != nil || len(rows) != 1 || rows[0].Joules != 0.5 || rows[0].Devices != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
}

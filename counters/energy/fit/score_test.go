package fit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// The shipped table scored end to end, through Estimate, on every shipped row, by its graph
// where one is known and by its totals whether or not: the printed interval holds at least
// 85 % of each device's points.
func TestScoreShipped(t *testing.T) {
	var counted, totals []Point
	for _, p := range refit(t).Points {
		if p.Features.Classes {
			counted = append(counted, p)
		}
		p.Features.Classes = false
		totals = append(totals, p)
	}
	scores, err := scorePoints(append(counted, totals...), energy.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	large := 0
	for _, s := range scores {
		if s.Rows < 100 {
			continue
		}
		large++
		median, x90 := 0.18, 1.9 // totals
		if s.Form == "classes" {
			median, x90 = 0.1, 1.4
		}
		if s.Coverage < 0.85 || s.MedianAPE > median || s.X90 > x90 {
			t.Errorf("%+v: expected coverage of 0.85, median %g and x90 of %g or better", s, median, x90)
		}
	}
	if large < 10 { // three GPUs, two modes of two, two forms
		t.Errorf("%d groups of 100 points or more", large)
	}
}

// scorePoints prices every point by a table without fitting anything, and sums up
// the errors per device, precision, mode and form.
func scorePoints(points []Point, t *energy.Table) ([]energy.Validation, error) {
	var s scores
	for _, p := range points {
		r, err := s.estimate(p, t)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", p.Net, p.Device.ID, err)
		}
		s.add(scoreKey{p.Device.ID, p.Precision, p.Mode, r.Form}, p, r)
	}
	return s.list(), nil
}

// The factor that cross-validation finds for the points of a device, before a minimum of
// the grade widens it, holds 85 to 95 of 100 points of families that the fit did not see.
func TestCrossValidatedFactor(t *testing.T) {
	m := refit(t).Model
	checked := 0
	for _, form := range energy.Forms() {
		for _, g := range m.Groups {
			if !g.own() || form.Model != "traffic" {
				continue
			}
			checked++
			if e := errorsOf(heldOnce(m, g, form), g.grade(), 1); e.CVCoverage < 0.85 || e.CVCoverage > 0.95 {
				t.Errorf("%s %s %s: the factor holds %.3f of the held-out points", g.Device.ID, g.Mode, form.Name, e.CVCoverage)
			}
		}
	}
	if checked < 10 {
		t.Errorf("%d groups", checked)
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
	_, err := ReadRows(strings.NewReader(head + "T4,x,int8,abc,k\nT4,x,int8\nT4,x,int8,1,k\n" + strings.Repeat("T4,x,int8,-1,k\n", 100)))
	var bad *RowsError
	if !errors.As(err, &bad) || len(bad.Lines) != maxListed || bad.More != 102-maxListed ||
		bad.Lines[0] != "line 2, column energy_j_per_sample: abc is not a finite, non-negative number" || bad.Lines[1] != "line 3: 3 fields (expected 5)" {
		t.Errorf("%v; want every wrong line, %d of them in words", err, maxListed)
	}
	rows, err := ReadRows(strings.NewReader(head + "# a comment\nT4,x,int8,0.5,measured-wall\n"))
	if err != nil || len(rows) != 1 || rows[0].Joules != 0.5 || rows[0].Devices != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// Rows are scored as they are: each counts, those that have no estimate with the reason.
func TestScoreRows(t *testing.T) {
	const text = "gpu,model,task,precision,energy_j_per_sample,kind,macs,params,activations_or_bytes,note\n" +
		"RTX 4090,bat_resnext26ts,inference/256,fp16-amp,0.03,throughput-x-tdp,2.5e9,1.073e7,1.251e7,compiled\n" + // by its layers
		"RTX 4090,bat_resnext26ts,inference/256,fp16-amp,0.03,throughput-x-tdp,,,,compiled\n" + // the same, by its name
		"RTX 4090,mine,inference/256,fp16-amp,0.03,throughput-x-tdp,2.5e9,1.073e7,1.251e7,compiled\n" + // by its totals
		"RTX 4090,mine,inference/256,fp16-amp,0.03,throughput-x-tdp,,,,compiled\n" +
		"RTX 4090,mine,inference/256,fp16-amp,1e-300,throughput-x-tdp,2.5e9,1.073e7,1.251e7,compiled\n" +
		"RTX 4909,mine,inference/256,fp16-amp,0.03,throughput-x-tdp,2.5e9,1.073e7,1.251e7,\n" +
		"RTX 4090,mine,inference/256,fp61,0.03,throughput-x-tdp,2.5e9,1.073e7,1.251e7,\n" +
		"RTX 4090,mine,inference/256,fp16,,throughput-x-tdp,2.5e9,1.073e7,1.251e7,\n"
	rows, err := ReadRows(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	groups, skipped := ScoreRows(rows, nets(t), energy.Shipped())
	if len(groups) != 1 || groups[0].Rows != 3 || groups[0].Form != "classes+totals" || groups[0].Mode != "fused" {
		t.Errorf("%+v", groups)
	}
	for _, why := range []string{"MACs", "unknown GPU", "unknown precision", "no energy", "another unit"} {
		n := 0
		for reason, rows := range skipped {
			if strings.Contains(reason, why) {
				n += rows
			}
		}
		if n != 1 {
			t.Errorf("%d rows for %s in %v", n, why, skipped)
		}
	}
}

// No bytes make the reader panic, and what it accepts can be scored.
func FuzzReadRows(f *testing.F) {
	f.Add([]byte("gpu,model,precision,energy_j_per_sample,kind,macs,activations_or_bytes\nT4,x,int8,0.5,measured-wall,1e9,1e6\n"))
	f.Add([]byte("gpu,model,precision,energy_j_per_sample,kind\n\"T4\n"))
	n, err := ShippedNets()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if rows, err := ReadRows(bytes.NewReader(b)); err == nil {
			ScoreRows(rows, n, energy.Shipped())
		}
	})
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestStrictEnergy holds an estimate to a limit between its point and its upper bound, as
// count prints them: the point passes, the bound does not.
func TestStrictEnergy(t *testing.T) {
	const model = "../../fixtures/models/resnet50.onnxtxt"
	var stdout, stderr bytes.Buffer
	if code := run(strings.NewReader(""), &stdout, &stderr, []string{"count", "-f", "json", "--gpu", "a100-sxm4-80gb", model}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	var doc struct {
		Energy []struct{ Joules, Hi json.Number }
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil || len(doc.Energy) != 1 {
		t.Fatalf("%v: %+v", err, doc)
	}
	point, _ := doc.Energy[0].Joules.Float64()
	hi, _ := doc.Energy[0].Hi.Float64()
	if !(0 < point && point < hi) {
		t.Fatalf("no interval: %v to %v", point, hi)
	}
	for _, c := range []struct {
		limit string
		args  []string
		code  int
	}{
		{doc.Energy[0].Joules.String(), nil, exitOK}, // met, as it is printed
		{fmt.Sprint(point * 0.999999), nil, exitOver},
		{fmt.Sprint((point + hi) / 2), nil, exitOK},
		{fmt.Sprint((point + hi) / 2), []string{"--strict"}, exitOver},
		{doc.Energy[0].Hi.String(), []string{"--strict"}, exitOK},
	} {
		var out bytes.Buffer
		args := append([]string{"check", "--gpu", "a100-sxm4-80gb", "--budget", "energy=" + c.limit + "J", model}, c.args...)
		if code := run(strings.NewReader(""), &out, &out, args); code != c.code {
			t.Errorf("limit %s %v: exit code %d, want %d: %s", c.limit, c.args, code, c.code, out.String())
		}
	}
}

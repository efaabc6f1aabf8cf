package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// TestParseInput reads the flag from the right, since names may hold its separators.
func TestParseInput(t *testing.T) {
	for _, c := range []struct {
		arg, name string
		dims      []int64
		dtype     graph.DType
	}{
		{"x:1x3x224x224", "x", []int64{1, 3, 224, 224}, graph.Undefined},
		{"x:7", "x", []int64{7}, graph.Undefined},
		{"x:0x2", "x", []int64{0, 2}, graph.Undefined},
		{"x:scalar", "x", []int64{}, graph.Undefined},
		{"x:scalar:int64", "x", []int64{}, graph.Int64},
		{"x:1x3:float16", "x", []int64{1, 3}, graph.Float16},
		{"x:1x3:FLOAT", "x", []int64{1, 3}, graph.Float32},
		{"x:1x3:double", "x", []int64{1, 3}, graph.Float64},
		{"input:0:2x3", "input:0", []int64{2, 3}, graph.Undefined},
		{"a:b=c:2x3:int8", "a:b=c", []int64{2, 3}, graph.Int8},
		{"a:1x2:3", "a:1x2", []int64{3}, graph.Undefined},
		{"x:9223372036854775807", "x", []int64{1<<63 - 1}, graph.Undefined},
	} {
		name, b, err := parseInput(c.arg)
		if err != nil || name != c.name || !slices.Equal(b.Dims, c.dims) || b.DType != c.dtype {
			t.Errorf("%q: %q %v %v, %v", c.arg, name, b.Dims, b.DType, err)
		}
	}
	for _, arg := range []string{"", "x", ":1", "x:", "x:1x", "x:1xN", "x:-1", "x:+1", "x:1x3:floot", "x:float32", "x:1 2",
		"x:9223372036854775808", "x:1:2:", ":scalar", "x:" + strings.Repeat("1x", graph.MaxRank) + "1"} {
		if name, b, err := parseInput(arg); err == nil {
			t.Errorf("%.40q is taken as %q %v", arg, name, b.Dims)
		} else if exitCode(err) != exitUsage {
			t.Errorf("%.40q: exit code %d", arg, exitCode(err))
		}
	}
}

func TestDimCombinations(t *testing.T) {
	got, err := dimCombinations([]string{"a=b=1,2", "c=3,4"})
	if err != nil {
		t.Fatal(err)
	}
	want := "[map[a=b:1 c:3] map[a=b:1 c:4] map[a=b:2 c:3] map[a=b:2 c:4]]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	many := strings.TrimSuffix(strings.Repeat("1,", 101), ",")
	for _, args := range [][]string{{"N="}, {"N=1,"}, {"=1"}, {"N=x"}, {"N=1", "N=2"}, {"a=" + many, "b=" + many}} {
		if got, err := dimCombinations(args); err == nil {
			t.Errorf("%.40q: %d combinations", args, len(got))
		}
	}
}

// TestValue gives an input its value in a file whose path and whose input's name
// hold an equals sign. The bytes are a TensorProto: dims {2}, data_type INT64,
// raw_data {3, 4}.
func TestValue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a=b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	pb := filepath.Join(dir, "shape=.pb")
	raw := append([]byte{0x08, 2, 0x10, 7, 0x4a, 16}, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0)
	if err := os.WriteFile(pb, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(dir, "m.onnxtxt")
	const text = `<ir_version: 8, opset_import: ["": 17]> g (float[12] x, int64[2] s) => (float[A,B] y) { [r] y = Reshape (x, s) }`
	if err := os.WriteFile(model, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := run(strings.NewReader(""), &stdout, &stderr, []string{"shapes", "--ignore-declared", "-f", "csv", "--value", "s=" + pb, model})
	if code != exitOK || !strings.Contains(stdout.String(), `,y,tensor,float32,"[3, 4]"`) {
		t.Errorf("exit code %d, stderr %q, stdout %s", code, stderr.String(), stdout.String())
	}
	for _, arg := range []string{"s", "=" + pb, "s=", "s=" + dir, "s=" + model} {
		stderr.Reset()
		if code := run(strings.NewReader(""), &stdout, &stderr, []string{"shapes", "--value", arg, model}); code == exitOK {
			t.Errorf("--value %q is taken", arg)
		}
	}
}

// TestOrdered emits in order whatever finishes first, runs each piece once, and
// stops at the first error.
func TestOrdered(t *testing.T) {
	for _, jobs := range []int{1, 2, 7, 100} {
		var got []int
		err := ordered(jobs, 50, func(i int) int { return i * i }, func(r int) error { got = append(got, r); return nil })
		if err != nil || len(got) != 50 || !slices.IsSorted(got) {
			t.Errorf("%d jobs: %v, %v", jobs, got, err)
		}
		n := 0
		stop := fmt.Errorf("stop")
		if err := ordered(jobs, 50, func(i int) int { return i }, func(int) error { n++; return stop }); err != stop || n != 1 {
			t.Errorf("%d jobs: %d results after an error, %v", jobs, n, err)
		}
	}
}

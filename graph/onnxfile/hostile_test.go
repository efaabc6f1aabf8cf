package onnxfile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostileCase is an entry of the manifest of hostile inputs.
type hostileCase struct {
	ID, File string
	Class    string `json:"cls"`
	Expect   struct {
		Outcome    string
		Names      []string
		OrReject   bool    `json:"or_reject"`
		MaxSeconds float64 `json:"max_seconds"`
	}
}

func (c hostileCase) mayReject() bool {
	return c.Expect.OrReject || strings.HasPrefix(c.Expect.Outcome, "reject")
}

// readerDecides holds the classes, and single cases of others, whose rejection
// is the reader's or the linker's work; operators reject the rest.
var readerDecides = map[string]bool{
	"wire": true, "notonnx": true, "tensor": true, "names": true,
	"no_graph": true, "opset_neg": true, "init_neg_dims": true, "nest_raw_20000": true, "sub_shadow": true,
	"cycle_self": true, "undefined_input": true, "dup_output": true, "node_empty": true, "func_undefined_in": true,
	"attr_dup": true, "attr_no_name": true, "attr_ref_outside": true,
}

// TestHostile reads every hostile model: what must be rejected here is, with the
// words that the manifest asks for, and nothing else is.
func TestHostile(t *testing.T) {
	dir := filepath.Join(shared(t), "hostile")
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []hostileCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	decided := 0
	for _, c := range cases {
		if c.Class == "config" {
			continue
		}
		start := time.Now()
		f, err := Open(filepath.Join(dir, filepath.FromSlash(c.File)))
		if took := time.Since(start).Seconds(); took > c.Expect.MaxSeconds {
			t.Errorf("%s: %.1f s", c.File, took)
		}
		if err == nil {
			f.Close()
		}
		if c.Expect.Outcome == "reject" && (readerDecides[c.Class] || readerDecides[c.ID]) {
			decided++
			if err == nil {
				t.Errorf("%s was read", c.File)
			}
		}
		if err != nil {
			checkRejection(t, c, err)
		}
	}
	if decided < 20 {
		t.Errorf("only %d cases were for the reader", decided)
	}
}

func checkRejection(t *testing.T, c hostileCase, err error) {
	t.Helper()
	if !c.mayReject() {
		t.Errorf("%s: %v", c.File, err)
	}
	message := err.Error()
	for _, name := range c.Expect.Names {
		if !strings.Contains(message[strings.Index(message, ": "):], name) {
			t.Errorf("%s: the message lacks %q: %s", c.File, name, message)
		}
	}
	if strings.ContainsAny(message, "\n\r\x00\x1b") {
		t.Errorf("%s: control characters in %q", c.File, message)
	}
}

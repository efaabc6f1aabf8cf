package onnxfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

func TestWireErrors(t *testing.T) {
	good := model(oneNode(node("Relu", []string{"X"}, []string{"Y"})))
	end := len(good)
	for _, c := range []struct {
		name string
		tail msg
		want string
	}{
		{"key without value", msg{0x08}, "ends inside a field"},
		{"key cut", msg{0x80}, "ends inside a field"},
		{"field 0", msg{0x00, 0x00}, "field number 0"},
		{"field number past 29 bits", protowire.AppendVarint(nil, 1<<32), "field number 536870912"},
		{"wire type 6", msg{0x0e}, "wire type 6"},
		{"wire type 7", msg{0x0f}, "wire type 7"},
		{"group end", msg{0x0c}, "a group ends that was not opened"},
		{"group left open", msg{0x0b, 0x10, 0x01}, "a group is not closed"},
		{"group closed by another", msg{0x0b, 0x14}, "a group ends that was not opened"},
		{"integer of 11 bytes", append(msg{0x08}, bytes.Repeat([]byte{0xff}, 11)...), "more than 64 bits"},
		{"fixed32 cut", msg{0x0d, 0, 0}, "ends inside a field"},
		{"fixed64 cut", msg{0x09, 0, 0}, "ends inside a field"},
		{"length past the end", msg{0x12, 5, 'a'}, "a field of 5 bytes where 1 are left"},
	} {
		_, err := read(append(good[:end:end], c.tail...))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "offset") {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// Every file that is cut short is an error, unless the cut is between two fields
// of the model.
func TestTruncation(t *testing.T) {
	b := everything()
	whole := map[int]bool{}
	for at := 0; at < len(b); {
		whole[at] = true
		_, _, n := protowire.ConsumeField(b[at:])
		at += n
	}
	for n := range b {
		_, err := read(b[:n])
		if err == nil && !whole[n] {
			t.Errorf("%d of %d bytes were read as a model", n, len(b))
		}
		if err != nil && !whole[n] && !strings.Contains(err.Error(), "offset") {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
}

// counted is a file that counts how often it is read.
type counted struct {
	io.ReaderAt
	reads int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	return c.ReaderAt.ReadAt(p, off)
}

// Where the window ends means nothing: each byte of a model stands at its border once.
func TestWindowBorders(t *testing.T) {
	all := everything()
	m, err := read(all)
	if err != nil {
		t.Fatal(err)
	}
	want := describe(m)
	pad := strings.Repeat("\x18\x01", minWindow) // an unknown field: producer_version as a number
	for shift := range len(all) {
		b := append([]byte(pad[:2*minWindow-shift&^1]), all...)
		if shift%2 == 1 {
			b = append([]byte("\x18\x81\x00"), b...)
		}
		f := &counted{ReaderAt: bytes.NewReader(b)}
		m, err := Read(f, int64(len(b)), "")
		if err != nil || describe(m) != want {
			t.Fatalf("shift %d: %v", shift, err)
		}
		if f.reads < 3 { // the format, the first window, the second
			t.Fatalf("shift %d: %d reads", shift, f.reads)
		}
	}
}

func TestLongNames(t *testing.T) {
	for _, n := range []int{maxInterned, maxInterned + 1, maxWindow, maxWindow + 1, 1 << 20} {
		name := strings.Repeat("n", n)
		m, err := read(model(oneNode(node("Relu", []string{"X"}, []string{"Y"}).str(3, name))))
		if err != nil || m.Graph.Nodes[0].Name != name {
			t.Errorf("a name of %d bytes: %v", n, err)
		}
	}
}

// failing is a file whose reads fail past an offset.
type failing struct {
	b    []byte
	from int
}

var errDisk = errors.New("disk on fire")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > int64(f.from) {
		return 0, errDisk
	}
	return bytes.NewReader(f.b).ReadAt(p, off)
}

func TestReadErrors(t *testing.T) {
	b := msg{}.str(6, strings.Repeat("x", 3*SniffLen)).join(everything())
	_, err := Read(failing{b, SniffLen + 1}, int64(len(b)), "m.onnx")
	if !errors.Is(err, errDisk) || !strings.HasPrefix(err.Error(), "m.onnx: ") {
		t.Errorf("got %v", err)
	}
	if _, err := Read(bytes.NewReader(b[:SniffLen]), int64(len(b)), ""); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that shrank: %v", err)
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, everything(), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	w := f.Model.Graph.Initializers[0]
	if v, err := w.Payload.Floats(1); err != nil || v[0] != 1 || f.Model.Path != path {
		t.Errorf("got %v, %v, %s", v, err, f.Model.Path)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := w.Payload.Floats(1); err == nil {
		t.Error("a payload was read after Close")
	}
}

// Package onnxfile reads .onnx files (serialized ModelProto of onnx.proto, up to
// IR version 14) into graph.Model.
//
// It is a streaming decoder over io.ReaderAt: memory grows with the structure of
// a model, never with its weights. A tensor keeps its dims, its type and where its
// bytes lie; graph.Payload decodes the elements of a small one when they are asked
// for. Reading never opens external data files: a tensor whose elements are there has
// no Payload, and ExternalData gives one to who asks.
//
// Fields may come in any order, packed or not, and are merged as protobuf says;
// unknown ones are skipped. Bytes that are no message, and messages that contradict
// themselves, are errors with the offset or the name of what is wrong.
package onnxfile

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"syscall"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Read decodes a model of size bytes and links it. path is for messages only.
// Payloads of the model read from r for as long as it is open.
func Read(r io.ReaderAt, size int64, path string) (*graph.Model, error) {
	head := make([]byte, min(size, SniffLen))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, inFile(err, path)
	}
	if err := Sniff(head).Err(path); err != nil {
		return nil, err
	}
	d := newDecoder(r, size)
	d.model.Path = path
	d.readModel()
	if d.err == nil {
		d.checkHeader()
	}
	if d.err != nil {
		return nil, inFile(d.err, path)
	}
	d.finish()
	m := d.model
	if err := m.Link(); err != nil {
		return nil, err
	}
	return &m, nil
}

func newDecoder(r io.ReaderAt, size int64) *decoder {
	return &decoder{wire: newWire(r, 0, size), seed: maphash.MakeSeed()}
}

// finish completes the model's own facts.
func (d *decoder) finish() {
	m := &d.model
	m.StructureBytes = d.structure()
	if d.warnings > graph.MaxWarnings {
		m.Warnings = append(m.Warnings, fmt.Sprintf("%d more remarks of the reader", d.warnings-graph.MaxWarnings))
	}
}

// inFile adds the file's name to an error.
func inFile(err error, path string) error {
	var e *graph.Error
	if errors.As(err, &e) {
		if e.File == "" {
			e.File = path
		}
		return e
	}
	if path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// File is an open model. Payloads of its tensors can be read until Close.
type File struct {
	Model *graph.Model
	f     *os.File
}

// Open reads the model of a regular file; a FIFO, a device or a directory is an
// error.
func Open(path string) (*File, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	m, err := Read(f, size, path)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{Model: m, f: f}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.f.Close() }

// openRegular opens a regular file without waiting for the other end of a FIFO.
func openRegular(path string) (*os.File, int64, error) {
	notRegular := &os.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, 0, notRegular // opening some devices has effects
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

package onnxfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/onnxmeter/onnxmeter/graph"
)

// ExternalData reads the elements of tensors that lie in other files. Only regular
// files below one folder are opened, never through a link that leaves it.
type ExternalData struct {
	root  *os.Root
	files map[string]*os.File
}

// maxOpenFiles bounds the files that are open at once.
const maxOpenFiles = 64

// OpenExternal opens the folder of a model for its external data.
func OpenExternal(modelPath string) (*ExternalData, error) {
	root, err := os.OpenRoot(filepath.Dir(modelPath))
	if err != nil {
		return nil, err
	}
	return &ExternalData{root, map[string]*os.File{}}, nil
}

// Close closes the folder and every file that was opened.
func (e *ExternalData) Close() error {
	e.closeFiles()
	return e.root.Close()
}

func (e *ExternalData) closeFiles() {
	for _, f := range e.files {
		f.Close()
	}
	clear(e.files)
}

// Payload returns the elements of a tensor with StorageExternal, as external_data says
// where they are. They can be read until Close; a Payload is invalid after the next 64 files.
func (e *ExternalData) Payload(t *graph.Tensor) (graph.Payload, error) {
	place, err := placeOf(t)
	if err != nil {
		return nil, err
	}
	f, size, err := e.open(place.location)
	if err != nil {
		return nil, err
	}
	n, ok := t.Elements().Const()
	bytes, fits := t.Bytes().Const()
	switch {
	case !ok || !fits || n > math.MaxInt64/2:
		return nil, fmt.Errorf("%v has too many elements", t.Dims)
	case place.length >= 0 && place.length != bytes:
		return nil, fmt.Errorf("%s: length %d (expected %d for %s%v)", place.location, place.length, bytes, t.DType, t.Dims)
	case place.offset > size || bytes > size-place.offset:
		return nil, fmt.Errorf("%s has %d bytes (expected %d from offset %d)", place.location, size, bytes, place.offset)
	}
	return &payload{r: f, dtype: t.DType, n: n, from: rawData, frags: []fragment{{off: place.offset, size: bytes}}}, nil
}

// place is where external data lie.
type place struct {
	location       string
	offset, length int64 // length is -1 if it is not given
}

func placeOf(t *graph.Tensor) (place, error) {
	p := place{length: -1}
	for _, kv := range t.External {
		var err error
		switch kv.Key {
		case "location":
			p.location = kv.Value
		case "offset":
			p.offset, err = natural(kv)
		case "length":
			p.length, err = natural(kv)
		}
		if err != nil {
			return p, err
		}
	}
	switch {
	case t.DType == graph.String:
		return p, errors.New("strings are not read")
	case p.location == "":
		return p, errors.New("external data without a location")
	case !filepath.IsLocal(filepath.FromSlash(p.location)):
		return p, fmt.Errorf("location %q is outside the model's folder", graph.Clip(p.location))
	}
	return p, nil
}

func natural(kv graph.Pair) (int64, error) {
	v, err := strconv.ParseUint(strings.TrimSpace(kv.Value), 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%s %q (expected a number of bytes)", kv.Key, graph.Clip(kv.Value))
	}
	return int64(v), nil
}

// open opens a file below the root, without waiting for the other end of a FIFO.
func (e *ExternalData) open(location string) (io.ReaderAt, int64, error) {
	name := filepath.FromSlash(location)
	f := e.files[name]
	if f == nil {
		info, err := e.root.Stat(name)
		if err == nil && !info.Mode().IsRegular() {
			err = errors.New("not a regular file")
		}
		if err == nil {
			if len(e.files) == maxOpenFiles {
				e.closeFiles()
			}
			f, err = e.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", graph.Clip(location), bare(err))
		}
		e.files[name] = f
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", graph.Clip(location), bare(err))
	}
	return f, info.Size(), nil
}

// bare is an error of the operating system without the path, which stands in front of it.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

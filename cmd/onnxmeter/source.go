package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// stdinName is the argument that stands for standard input.
const stdinName = "-"

// source is one model to read. err is set when there is nothing to read.
type source struct {
	path string
	err  error
	open func() (*model, error) // of a model that is no file; nil: the file at path
}

// sources expands arguments: files as they are, directories to every model in
// them, globs to what they match; - is standard input, once.
func sources(args []string) ([]source, error) {
	var out []source
	stdin := false
	for _, arg := range args {
		if arg == stdinName {
			if stdin {
				return nil, usagef("%s is given twice", stdinName)
			}
			stdin = true
			out = append(out, source{path: stdinName})
			continue
		}
		info, err := os.Stat(arg)
		if err != nil && hasGlobMeta(arg) {
			matches, err := doublestar.FilepathGlob(arg)
			if err != nil {
				return nil, usagef("glob %q: %v", arg, err)
			}
			if len(matches) == 0 {
				out = append(out, source{path: arg, err: inputErrorf(arg, "no file matches the pattern")})
			}
			for _, m := range matches {
				out = append(out, expand(m)...)
			}
			continue
		}
		if err == nil && info.IsDir() {
			out = append(out, walk(arg)...)
			continue
		}
		out = append(out, source{path: arg})
	}
	return out, nil
}

func hasGlobMeta(s string) bool { return strings.ContainsAny(s, "*?[{") }

// inputErrorf is an error of a file that is no fault of a model.
func inputErrorf(path, format string, args ...any) error {
	return &graph.Error{File: path, What: fmt.Sprintf(format, args...)}
}

// expand is what a glob's match stands for: a file, or the models of a directory.
func expand(path string) []source {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return walk(path)
	}
	return []source{{path: path}}
}

// walk lists the models below a directory in lexical order. Links to files are
// followed, links to directories are not.
func walk(dir string) []source {
	if out := modelsBelow(dir); len(out) > 0 {
		return out
	}
	return []source{{path: dir, err: inputErrorf(dir, "the directory holds no *.onnx and no *.onnxtxt file")}}
}

func modelsBelow(dir string) []source {
	var out []source
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, source{path: path, err: err})
		case !d.IsDir() && isModelName(path):
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				out = append(out, source{path: path})
			}
		}
		return nil
	})
	return out
}

func isModelName(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".onnx" || ext == ".onnxtxt"
}

// model is an open model; close releases what its payloads read from.
type model struct {
	*graph.Model
	close func()
}

// load reads a model.
func (a *app) load(s source) (*model, error) {
	if s.err != nil {
		return nil, inputError(s.path, s.err)
	}
	if s.open != nil {
		return s.open()
	}
	if s.path == stdinName {
		return a.loadStdin()
	}
	if m, err := loadText(s.path); m != nil || err != nil {
		return m, inputError(s.path, err)
	}
	f, err := onnxfile.Open(s.path)
	if err != nil {
		return nil, inputError(s.path, err)
	}
	return &model{f.Model, func() { f.Close() }}, nil
}

// openInput opens a regular file that is no model; it does not wait for the other end of
// a FIFO.
func openInput(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, inputErrorf(path, "not a regular file")
	}
	f, err := os.Open(path)
	return f, inputError(path, err)
}

// loadText reads a model in the textual syntax; it returns nothing for a file that
// is not one, or no regular file.
func loadText(path string) (*model, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	isText, err := sniffsText(f, info.Size())
	if !isText || err != nil {
		return nil, err
	}
	return parseText(f, info.Size(), path)
}

// sniffsText reports whether the content is in the textual syntax.
func sniffsText(r io.ReaderAt, size int64) (bool, error) {
	head := make([]byte, min(size, onnxfile.SniffLen))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return onnxfile.Sniff(head) == onnxfile.Text, nil
}

func parseText(r io.ReaderAt, size int64, path string) (*model, error) {
	if size > graph.MaxStructureBytes {
		return nil, inputErrorf(path, "%d bytes of text (at most %d)", size, graph.MaxStructureBytes)
	}
	src, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	m, err := onnxtext.Parse(src, path)
	if err != nil {
		return nil, err
	}
	return &model{m, func() {}}, nil
}

// inputError words an operating system's error as "file: what is wrong".
func inputError(path string, err error) error {
	if err == nil {
		return nil
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return inputErrorf(path, "%v", p.Err)
	}
	return err
}

// loadStdin reads the model on standard input: in place when it is a file,
// otherwise through a copy.
func (a *app) loadStdin() (*model, error) {
	if f, ok := a.stdin.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return readModel(f, info.Size(), "stdin", func() {})
		}
	}
	return readStream(a.stdin, "stdin")
}

// readStream reads a model that comes as a stream.
func readStream(in io.Reader, path string) (*model, error) {
	r, size, done, err := spool(in, path)
	if err != nil {
		return nil, err
	}
	return readModel(r, size, path, done)
}

// readModel reads a model of size bytes; done is called when it is closed, or on an error.
func readModel(r io.ReaderAt, size int64, path string, done func()) (m *model, err error) {
	defer func() {
		if err != nil {
			done()
		}
	}()
	isText, err := sniffsText(r, size)
	if err != nil {
		return nil, err
	}
	if isText {
		m, err := parseText(r, size, path)
		if m != nil {
			m.close = done
		}
		return m, err
	}
	g, err := onnxfile.Read(r, size, path)
	if err != nil {
		return nil, err
	}
	return &model{g, done}, nil
}

// The bounds of a model that comes as a stream: what is kept in memory, and what is
// copied to a temporary file at most.
const (
	maxSpoolMemory = 16 << 20
	maxSpool       = 16 << 30
)

// spool copies a stream to where it can be read at any offset.
func spool(in io.Reader, path string) (r io.ReaderAt, size int64, done func(), err error) {
	head, err := io.ReadAll(io.LimitReader(in, maxSpoolMemory+1))
	if err != nil {
		return nil, 0, nil, inputErrorf(path, "%v", err)
	}
	if len(head) <= maxSpoolMemory {
		return bytes.NewReader(head), int64(len(head)), func() {}, nil
	}
	if err := onnxfile.Sniff(head[:onnxfile.SniffLen]).Err(path); err != nil {
		return nil, 0, nil, err
	}
	f, err := os.CreateTemp("", "onnxmeter-*")
	if err != nil {
		return nil, 0, nil, &outputError{err}
	}
	done = func() { f.Close(); os.Remove(f.Name()) }
	size, err = io.Copy(f, io.LimitReader(io.MultiReader(bytes.NewReader(head), in), maxSpool+1))
	if err == nil && size > maxSpool {
		err = inputErrorf(path, "more than %d GiB", maxSpool>>30)
	}
	if err != nil {
		done()
		return nil, 0, nil, err
	}
	return f, size, done, nil
}

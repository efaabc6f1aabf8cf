package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// read reads a model of the revision.
func (g *gitBase) read(name string, e gitEntry) (*model, error) {
	shown := g.ref + ":" + name
	object := e.object
	if e.mode == gitLink {
		if object = g.commit + ":" + name; strings.Contains(name, "\n") {
			return nil, inputErrorf(shown, "a symbolic link with a line feed in its name")
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd, err := gitCommand(ctx, "cat-file", "--batch", "--follow-symlinks")
	if err != nil {
		stop()
		return nil, inputErrorf(shown, "%v", err)
	}
	cmd.Stdin = strings.NewReader(object + "\n")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return nil, inputErrorf(shown, "git: %v", err)
	}
	defer cmd.Wait()
	defer stop()
	return g.readObject(bufio.NewReader(out), shown)
}

// readObject reads what git cat-file --batch answers: a line "NAME blob SIZE" and
// so many bytes, or what is wrong.
func (g *gitBase) readObject(r *bufio.Reader, shown string) (*model, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, inputErrorf(shown, "git does not have the object here (a partial clone may lack it; git show fetches it)")
	}
	f := strings.Fields(line)
	if len(f) != 3 || f[1] != "blob" {
		return nil, inputErrorf(shown, "git: %s", strings.TrimSpace(line))
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil {
		return nil, inputErrorf(shown, "git: %v", err)
	}
	whole := &wholeReader{r, size}
	if size > maxPointer {
		return readStream(whole, shown)
	}
	content, err := io.ReadAll(whole)
	if err != nil {
		return nil, inputErrorf(shown, "git: %v", err)
	}
	if p, ok := parsePointer(content); ok {
		return g.readLFS(p, shown, "git lfs fetch origin "+g.ref)
	}
	return readModel(bytes.NewReader(content), size, shown, func() {})
}

// wholeReader reads exactly left bytes: an end before that is an error.
type wholeReader struct {
	r    io.Reader
	left int64
}

func (w *wholeReader) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.EOF
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.left)])
	if w.left -= int64(n); err == io.EOF && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// lfsPointer is what a Git LFS pointer file says.
type lfsPointer struct {
	oid  string // SHA-256 in hexadecimal digits
	size int64
}

// maxPointer is the size below which Git LFS looks for a pointer.
const maxPointer = 1024

var lfsPattern = regexp.MustCompile(`^version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]+\n)*?oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,18})\n`)

func parsePointer(content []byte) (lfsPointer, bool) {
	m := lfsPattern.FindSubmatch(content)
	if m == nil {
		return lfsPointer{}, false
	}
	size, err := strconv.ParseInt(string(m[2]), 10, 64)
	return lfsPointer{string(m[1]), size}, err == nil
}

// readLFS reads a model from the local store of Git LFS; nothing is fetched, and
// nothing outside the store is opened. fetch is the command that would bring it there.
func (g *gitBase) readLFS(p lfsPointer, shown, fetch string) (*model, error) {
	missing := inputErrorf(shown, "a Git LFS pointer whose object %s is not in the local store (fetch it with: %s)", p.oid[:12], fetch)
	store, err := os.OpenRoot(filepath.Join(g.common, "lfs", "objects"))
	if err != nil {
		return nil, missing
	}
	defer store.Close()
	f, err := store.OpenFile(filepath.Join(p.oid[:2], p.oid[2:4], p.oid), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, missing
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() != p.size {
		f.Close()
		return nil, inputErrorf(shown, "the object %s in the local store of Git LFS is not the file of %d bytes that the pointer names (git lfs fsck)", p.oid[:12], p.size)
	}
	return readModel(f, p.size, shown, func() { f.Close() })
}

// loadResolved reads a model of the working tree, from the local store if it is a
// Git LFS pointer.
func (a *app) loadResolved(g *gitBase, path string) (*model, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() <= maxPointer {
		content, err := os.ReadFile(path)
		if p, ok := parsePointer(content); ok && err == nil {
			return g.readLFS(p, path, "git lfs pull")
		}
	}
	return a.load(source{path: path})
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestNoGit runs diff --base where there is no git binary.
func TestNoGit(t *testing.T) {
	cmd := self(t, "diff", "--base", "HEAD")
	cmd.Env = append(cmd.Env, "PATH="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitUsage || !strings.Contains(stderr.String(), `"git": executable file not found`) {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

func TestParsePointer(t *testing.T) {
	oid := strings.Repeat("0123456789abcdef", 4)
	const version = "version https://git-lfs.github.com/spec/v1\n"
	for _, c := range []struct {
		name, text string
		want       lfsPointer
		ok         bool
	}{
		{"a pointer", version + "oid sha256:" + oid + "\nsize 12\n", lfsPointer{oid, 12}, true},
		{"with extensions", version + "ext-0-foo sha256:" + oid + "\noid sha256:" + oid + "\nsize 12\n", lfsPointer{oid, 12}, true},
		{"a path for an object name", version + "oid sha256:../../../../etc/passwd\nsize 12\n", lfsPointer{}, false},
		{"a short object name", version + "oid sha256:0123\nsize 12\n", lfsPointer{}, false},
		{"a size past int64", version + "oid sha256:" + oid + "\nsize 99999999999999999999\n", lfsPointer{}, false},
		{"no size", version + "oid sha256:" + oid + "\n", lfsPointer{}, false},
		{"a model", "<ir_version: 8>", lfsPointer{}, false},
	} {
		if got, ok := parsePointer([]byte(c.text)); got != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v", c.name, got, ok)
		}
	}
}

// TestReadObject reads answers of git that are not a whole blob.
func TestReadObject(t *testing.T) {
	g := &gitBase{ref: "HEAD", common: t.TempDir()}
	for name, c := range map[string]struct{ answer, want string }{
		"missing":        {"abc missing\n", "abc missing"},
		"a tree":         {"abc tree 3\nxyz\n", "abc tree 3"},
		"no answer":      {"", "does not have the object"},
		"ends too early": {"abc blob 900\n<ir_version: 8>", io.ErrUnexpectedEOF.Error()},
		"large and ends": {"abc blob 9000\n<ir_version: 8>", io.ErrUnexpectedEOF.Error()},
		"a strange size": {"abc blob -\n", "invalid syntax"},
	} {
		_, err := g.readObject(bufio.NewReader(strings.NewReader(c.answer)), "HEAD:m.onnx")
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "HEAD:m.onnx: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := &wholeReader{strings.NewReader("abcdef"), 3}
	if got, err := io.ReadAll(whole); string(got) != "abc" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := io.ReadAll(&wholeReader{strings.NewReader("ab"), 3}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

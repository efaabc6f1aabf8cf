package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// self makes a command that runs this test binary as the program; TestMain sees to it.
func self(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), beMain+"=1")
	return cmd
}

// TestClosedPipe closes the reading end of stdout: exit 5, no panic, no message.
func TestClosedPipe(t *testing.T) {
	cmd := self(t, "ops", "-f", "json")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &stderr
	err = cmd.Run()
	w.Close()
	if code := cmd.ProcessState.ExitCode(); code != exitIO || stderr.Len() > 0 {
		t.Errorf("exit code %d (%v), stderr %q; want %d and nothing", code, err, stderr.String(), exitIO)
	}
}

// TestInterrupt sends SIGINT while the program waits for its input.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGINT between processes on Windows")
	}
	if signal.Ignored(os.Interrupt) {
		t.Skip("SIGINT is ignored here, and so in the program")
	}
	cmd := self(t, "count", "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(stdin, "<ir_version: 8")
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}

// failingWriter fails after some bytes, as a full disk does.
type failingWriter struct{ left int }

func (f *failingWriter) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, syscall.ENOSPC
	}
	return len(p), nil
}

// TestFullDisk lets every verb meet a full disk at several places.
func TestFullDisk(t *testing.T) {
	model := t.TempDir() + "/m.onnxtxt"
	const text = `<ir_version: 8, opset_import: ["": 17]> g (float[2,3] x) => (float[2,3] y) { [n] y = Relu (x) }`
	if err := os.WriteFile(model, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	for _, f := range countFormats {
		lines = append(lines, []string{"count", "-f", f, model}, []string{"shapes", "-f", f, model, model})
	}
	for _, f := range render.CheckKinds {
		lines = append(lines, []string{"check", "--budget", "kernels=0", "-f", f, model})
	}
	lines = append(lines, []string{"config"}, []string{"config", "--schema"})
	lines = append(lines, []string{"explain", model, "n"}, []string{"ops"}, []string{"ops", "Relu"}, []string{"ops", "-f", "json"},
		[]string{"gpus"}, []string{"gpus", "-f", "csv"}, []string{"zones"}, []string{"version"}, []string{"help"},
		[]string{"help", "count"}, []string{"completion", "bash"})
	for _, args := range lines {
		for _, left := range []int{0, 20} {
			var stderr bytes.Buffer
			code := run(strings.NewReader(""), &failingWriter{left}, &stderr, args)
			if code != exitIO || !strings.Contains(stderr.String(), syscall.ENOSPC.Error()) {
				t.Errorf("onnxmeter %s, full after %d bytes: exit code %d, stderr %q; want %d", strings.Join(args, " "), left, code, stderr.String(), exitIO)
			}
		}
	}
}

// TestBrokenStdin lets standard input fail: a bad input.
func TestBrokenStdin(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(io.MultiReader(strings.NewReader("<ir"), errReader{}), &stdout, &stderr, []string{"count", "-"})
	if code != exitInput || !strings.HasPrefix(stderr.String(), "stdin: ") {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("device failed") }

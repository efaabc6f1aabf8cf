package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/ops"
)

// The exit codes.
const (
	exitOK          = 0
	exitOver        = 1   // a model is over its budget
	exitUsage       = 2   // a flag, a verb or a configuration is wrong
	exitInput       = 3   // a model is wrong or cannot be read
	exitIncomplete  = 4   // --strict or a gate, and a total is not exact
	exitIO          = 5   // output could not be written
	exitInterrupted = 130 // SIGINT
)

// severity orders the exit codes of several models: the worst one is returned.
var severity = map[int]int{exitOK: 0, exitOver: 1, exitIncomplete: 2, exitInput: 3, exitUsage: 4, exitIO: 5, exitInterrupted: 6}

// worse returns the more severe of two exit codes.
func worse(a, b int) int {
	if severity[b] > severity[a] {
		return b
	}
	return a
}

// usageError is a mistake of the caller: exit 2.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// outputError is a failure to write: exit 5.
type outputError struct{ err error }

func (e *outputError) Error() string { return e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// errReported says that a message has been printed already; only the code is left.
type errReported int

func (e errReported) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// exitCode classifies an error. Whatever is no mistake of the caller and no
// failure of the output is a bad input.
func exitCode(err error) int {
	var (
		usage    *usageError
		binding  *ops.BindingError
		name     *energy.NameError
		output   *outputError
		reported errReported
		rule     *ops.RuleError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &reported):
		return int(reported)
	case errors.As(err, &usage), errors.As(err, &binding), errors.As(err, &name), errors.As(err, &rule):
		return exitUsage
	case errors.As(err, &output):
		return exitIO
	}
	return exitInput
}

// checkedWriter turns every failure to write into an outputError and keeps the first.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	if err != nil {
		c.err = &outputError{err}
	}
	return n, c.err
}

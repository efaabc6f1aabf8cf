package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// kindsKey annotates the flag of formats with those that its verb prints.
const kindsKey = "onnxmeter_kinds"

// outputFlags are the formats that a verb is asked for.
type outputFlags struct{ formats []string }

func (o *outputFlags) register(f *pflag.FlagSet, kinds ...string) {
	f.VarP((*list)(&o.formats), "format", "f", "print as `KIND[=FILE]`: "+orList(kinds)+"; repeatable (default "+kinds[0]+")")
	f.SetAnnotation("format", kindsKey, kinds)
}

// wants reports whether a format is asked for.
func (o *outputFlags) wants(kind string) bool {
	return slices.ContainsFunc(o.formats, func(f string) bool { k, _, _ := strings.Cut(f, "="); return k == kind })
}

// sink is one output: a format and where it goes.
type sink struct {
	kind  string
	w     io.Writer
	close func() error
}

// open opens the outputs. A FILE must not be one of the inputs; only one format
// can go to standard output.
func (o *outputFlags) open(a *app, inputs []source, kinds ...string) (sinks []sink, err error) {
	defer func() {
		if err != nil {
			for _, s := range sinks {
				s.close()
			}
		}
	}()
	used := map[string]bool{}
	formats := o.formats
	if len(formats) == 0 {
		formats = kinds[:1]
	}
	for _, f := range formats {
		kind, file, toFile := strings.Cut(f, "=")
		if !slices.Contains(kinds, kind) {
			return sinks, unknownName("format", kind, kinds)
		}
		switch {
		case toFile && file == "":
			return sinks, usagef("--format %q names no file", f)
		case file == stdinName:
			file = ""
		}
		if used[file] {
			return sinks, usagef("two formats for %s", nameOfOutput(file))
		}
		used[file] = true
		if file == "" {
			sinks = append(sinks, sink{kind, a.stdout, func() error { return a.stdout.err }})
			continue
		}
		s, err := openSink(kind, file, inputs)
		if err != nil {
			return sinks, err
		}
		sinks = append(sinks, s)
	}
	return sinks, nil
}

func nameOfOutput(file string) string {
	if file == "" {
		return "standard output"
	}
	return file
}

func openSink(kind, file string, inputs []source) (sink, error) {
	if out, err := os.Stat(file); err == nil {
		for _, in := range inputs {
			if info, err := os.Stat(in.path); err == nil && os.SameFile(info, out) {
				return sink{}, usagef("output %s is an input", file)
			}
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return sink{}, &outputError{err}
	}
	w := &checkedWriter{w: f}
	return sink{kind, w, func() error {
		if err := f.Close(); err != nil && w.err == nil {
			w.err = &outputError{err}
		}
		return w.err
	}}, nil
}

// closeAll closes every sink and returns the first error.
func closeAll(sinks []sink, err error) error {
	for _, s := range sinks {
		if e := s.close(); e != nil && err == nil {
			err = e
		}
	}
	return err
}

// emit opens the outputs of a verb that reads no models and writes each.
func (a *app) emit(o *outputFlags, kinds []string, write func(sink) error) error {
	return a.emitBeside(o, nil, kinds, write)
}

// emitBeside is emit for a verb with inputs, which no output may replace.
func (a *app) emitBeside(o *outputFlags, inputs []source, kinds []string, write func(sink) error) error {
	sinks, err := o.open(a, inputs, kinds...)
	if err != nil {
		return err
	}
	for _, s := range sinks {
		if err == nil {
			err = write(s)
		}
	}
	return closeAll(sinks, err)
}

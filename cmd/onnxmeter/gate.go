package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// gateFiles are the configuration and the baseline of a gate.
type gateFiles struct {
	dir      string           // folder that models are named below: absolute, without links
	config   *budget.Config   // nil: none
	baseline *budget.Baseline // without models if there is no file
	hasBase  bool
}

// findGate reads the configuration that is named, or else the nearest one from the
// working directory up to the root of its git repository, and the baseline beside it.
// Without a configuration the folder is that of the nearest baseline, else the root of
// the repository, else the working directory.
func findGate(named string) (*gateFiles, error) {
	dirs, err := upwards()
	if err != nil {
		return nil, err
	}
	g := &gateFiles{dir: dirs[len(dirs)-1]}
	file := named
	if named != "" {
		g.dir = filepath.Dir(named)
	} else if at := nearest(dirs, budget.ConfigName); at != "" {
		g.dir, file = at, fromHere(filepath.Join(at, budget.ConfigName))
	} else if at := nearest(dirs, budget.BaselineName); at != "" {
		g.dir = at
	}
	if g.dir, err = realPath(g.dir); err != nil {
		return nil, usagef("--config: %v", err)
	}
	if file != "" {
		if g.config, err = readUserFile("--config", file, budget.LoadConfig); err != nil {
			return nil, err
		}
	}
	return g, g.readBaseline()
}

// sources names the files that no output may go to.
func (g *gateFiles) sources() []source {
	out := []source{{path: filepath.Join(g.dir, budget.BaselineName)}}
	if g.config != nil {
		out = append(out, source{path: g.config.Path})
	}
	return out
}

// readBaseline reads the file beside the configuration, if it is there.
func (g *gateFiles) readBaseline() (err error) {
	at := filepath.Join(g.dir, budget.BaselineName)
	if _, statErr := os.Lstat(at); errors.Is(statErr, fs.ErrNotExist) {
		g.baseline = &budget.Baseline{Path: fromHere(at), Models: map[string]*budget.Measure{}}
		return nil
	}
	g.hasBase = true
	g.baseline, err = readUserFile("baseline", fromHere(at), budget.LoadBaseline)
	return err
}

// upwards lists the working directory and those above it, up to the root of its git
// repository; outside of one the working directory alone.
func upwards() ([]string, error) {
	wd, err := realPath(".")
	if err != nil {
		return nil, usagef("%v", err)
	}
	for dirs, dir := []string{}, wd; ; dir = filepath.Dir(dir) {
		dirs = append(dirs, dir)
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dirs, nil
		}
		if dir == filepath.Dir(dir) {
			return []string{wd}, nil
		}
	}
}

// nearest returns the first folder that holds a file, "" if none does.
func nearest(dirs []string, name string) string {
	for _, d := range dirs {
		if _, err := os.Lstat(filepath.Join(d, name)); err == nil {
			return d
		}
	}
	return ""
}

// fromHere is a path without links as messages name it: from the working directory.
func fromHere(p string) string {
	if wd, err := realPath("."); err == nil {
		if rel, err := filepath.Rel(wd, p); err == nil {
			return rel
		}
	}
	return p
}

// realPath is a path made absolute, without links.
func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// readUserFile opens a file that a flag names and reads it. A failure is a mistake of the caller.
func readUserFile[T any](flag, path string, load func(io.Reader, string) (*T, error)) (*T, error) {
	f, err := openRegular(flag, path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v, err := load(f, path)
	if err != nil {
		return nil, asUsage(err)
	}
	return v, nil
}

// updateBaseline writes what the models were measured at. Those that are not known in
// full keep their lines. all drops the lines of models that are not there any more.
func (g *gate) updateBaseline(a *app, results []*budget.Result, all bool) error {
	b := g.files.baseline
	old := b.Models
	if all {
		b.Models = map[string]*budget.Measure{}
	}
	n := 0
	for _, r := range results {
		switch {
		case r.Key == "":
		case r.Measure != nil:
			b.Models[r.Key] = r.Measure
			n++
		case old[r.Key] != nil:
			b.Models[r.Key] = old[r.Key]
		}
	}
	if err := writeFile(filepath.Join(g.files.dir, budget.BaselineName), b.Write); err != nil {
		return err
	}
	a.note("%s: %d of %d models written", b.Path, n, len(results))
	return nil
}

// writeFile writes a file as a whole or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".onnxmeter-*")
	if err != nil {
		return &outputError{err}
	}
	defer os.Remove(f.Name()) // of a failure; there is none after the renaming
	err = write(f)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return &outputError{err}
	}
	return nil
}

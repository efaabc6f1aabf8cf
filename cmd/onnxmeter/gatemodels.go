package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/onnxmeter/onnxmeter/counters/budget"
	"github.com/onnxmeter/onnxmeter/graph"
)

// gate is what a check reads before any model.
type gate struct {
	flags   *checkFlags
	files   *gateFiles
	budgets []budget.Budget // of the command line
	targets map[*budget.Entry]*target
	closers []func()
}

func newGate(c *checkFlags) (*gate, error) {
	g := &gate{flags: c, targets: map[*budget.Entry]*target{}}
	var err error
	if g.budgets, err = parseBudgets(c.budgets); err != nil {
		return nil, err
	}
	g.files, err = findGate(c.config)
	return g, err
}

func (g *gate) close() {
	for _, c := range g.closers {
		c()
	}
}

// gated is one model of a check. fixed is its result where nothing has to be read.
type gated struct {
	source
	key   string
	how   *target
	fixed *budget.Result
}

// models lists what is checked: what the arguments name or concern, or else every model
// that the configuration names.
func (g *gate) models(args []string) (out []gated, err error) {
	config := g.files.config
	args, all := concerned(args)
	switch {
	case config == nil && len(g.budgets) == 0 && !g.flags.accept:
		return nil, usagef("no budget to hold the models to (expected --budget RULE=LIMIT, or a %s: onnxmeter init)", budget.ConfigName)
	case config == nil && len(args) == 0:
		return nil, usagef("no model is given (expected MODEL..., or a %s that names some)", budget.ConfigName)
	case config != nil && (all || len(args) == 0):
		if out, err = g.listed(); err != nil {
			return nil, err
		}
	}
	listed := map[string]bool{}
	for _, m := range out {
		listed[m.key] = m.key != "" // "" is a pattern that names no model
	}
	srcs, err := sources(args)
	if err != nil {
		return nil, err
	}
	for _, s := range srcs {
		key := g.key(s.path)
		if listed[key] {
			continue
		}
		m, err := g.one(s, key)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// key is the path of a model below the folder of the gate, with slashes; "" for
// standard input and for files that lie elsewhere.
func (g *gate) key(p string) string {
	if p == stdinName {
		return ""
	}
	key, _ := keyOf(g.files.dir, p)
	return key
}

// keyOf is the path of a file below a folder, with slashes; a link is named, not what
// it leads to.
func keyOf(dir, p string) (string, error) {
	at, err := realPath(filepath.Dir(p))
	if err != nil { // a folder that is not there: its name is what it is
		if at, err = filepath.Abs(filepath.Dir(p)); err != nil {
			return "", err
		}
	}
	rel, err := filepath.Rel(dir, filepath.Join(at, filepath.Base(p)))
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s lies outside of %s", p, fromHere(dir))
	}
	return filepath.ToSlash(rel), nil
}

// entry is what a model takes, nil if nothing.
func (g *gate) entry(key string) *budget.Entry {
	if g.files.config == nil || key == "" {
		return nil
	}
	return g.files.config.For(key)
}

// one finds what a model is held to.
func (g *gate) one(s source, key string) (gated, error) {
	m := gated{source: s, key: key}
	e := g.entry(key)
	if e != nil && e.Skip != "" {
		m.fixed = &budget.Result{File: s.path, Key: key, Reason: e.Skip}
		return m, nil
	}
	var err error
	if m.how = g.targets[e]; m.how == nil {
		if m.how, err = g.newTarget(e); err != nil {
			return m, err
		}
		g.targets[e] = m.how
	}
	if p := &m.how.policy; len(p.Budgets) == 0 && p.Ops == nil && !(g.flags.accept && g.files.config == nil) {
		m.fixed = unbudgeted(s.path, "", "no entry of "+g.files.config.Path+" matches it, so it has no budget", "add an entry with its path to "+g.files.config.Path+", with a budget or a skip")
	}
	return m, nil
}

func unbudgeted(file, source, message, fix string) *budget.Result {
	return &budget.Result{File: file, Findings: []budget.Finding{{File: file, Kind: budget.Unbudgeted, Level: budget.Fail, Message: message, Fix: fix, Source: source}}}
}

// listed lists every model that the configuration names, sorted. A pattern that names
// none is a mistake: its budget would hold nothing.
func (g *gate) listed() ([]gated, error) {
	c := g.files.config
	keys := map[string]bool{}
	var out []gated
	for _, e := range c.Models {
		taken := false
		for _, p := range e.Patterns {
			found, err := g.glob(p)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				out = append(out, g.idle(p.Line, fmt.Sprintf("pattern %q matches no file", graph.Clip(p.Glob))))
				taken = true // and said
			}
			for _, key := range found {
				keys[key] = true
				taken = taken || c.For(key) == e
			}
		}
		if !taken {
			out = append(out, g.idle(e.Line, "every model of this entry is taken by one above it"))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		p := filepath.Join(g.files.dir, filepath.FromSlash(key))
		s := source{path: fromHere(p)}
		if _, err := belowDir(g.files.dir, key); err != nil {
			s.err = inputErrorf(s.path, "%v", err)
		}
		m, err := g.one(s, key)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// idle is the result of a pattern or an entry that holds nothing.
func (g *gate) idle(line int, message string) gated {
	file := g.files.config.Path
	return gated{source: source{path: file}, fixed: unbudgeted(file, fmt.Sprintf("%s:%d", file, line), message, "correct the path, or remove the entry")}
}

// glob lists the files that a pattern matches. Links to folders are not followed.
func (g *gate) glob(p budget.Pattern) (keys []string, err error) {
	found, err := doublestar.Glob(os.DirFS(g.files.dir), p.Glob, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
	if err != nil {
		return nil, usagef("%s:%d: %v", g.files.config.Path, p.Line, err)
	}
	for _, key := range found {
		info, err := os.Stat(filepath.Join(g.files.dir, filepath.FromSlash(key)))
		if err != nil || info.Mode().IsRegular() { // what cannot be read is found and said so
			keys = append(keys, key)
		}
	}
	return keys, nil
}

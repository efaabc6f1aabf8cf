package budget

import (
	"cmp"
	"slices"

	"github.com/bmatcuk/doublestar/v4"
)

// The names of the files that a gate looks for.
const (
	ConfigName   = ".onnxmeter.yaml"
	BaselineName = ".onnxmeter-baseline.json"
)

// Config is a file of budgets; docs/budget.md describes it.
type Config struct {
	Path     string // as it was named
	Defaults Entry
	Models   []*Entry
}

// Entry says how some models are counted and what they are held to.
type Entry struct {
	Line     int
	Patterns []Pattern // none in defaults
	Skip     string    // why the models are not checked; "" if they are
	Settings []Setting
	Budgets  []Budget
	Ops      *OpsLimit
}

// Pattern is a glob over paths below the folder of the configuration.
type Pattern struct {
	Glob string
	Line int
}

// Setting is the value that the file gives to a flag.
type Setting struct {
	Key    Key
	Name   string // of a size or an input; "" for settings with one value
	Value  string
	Source string // FILE:LINE
}

// For returns the entry that a model takes, the first that matches, nil if none does.
// key is the path of the model below the folder of the configuration, with slashes.
func (c *Config) For(key string) *Entry {
	for _, e := range c.Models {
		if e.Matches(key) {
			return e
		}
	}
	return nil
}

// Matches reports whether one of the patterns matches a path.
func (e *Entry) Matches(key string) bool {
	return slices.ContainsFunc(e.Patterns, func(p Pattern) bool {
		ok, err := doublestar.Match(p.Glob, key)
		return ok && err == nil
	})
}

// Effective is an entry with what the defaults give to it; nil stands for the defaults
// without their budgets, which are for models that are listed.
func (c *Config) Effective(e *Entry) *Entry {
	d := &c.Defaults
	if e == nil {
		return &Entry{Line: d.Line, Settings: d.Settings}
	}
	out := *e
	for _, s := range d.Settings {
		if !slices.ContainsFunc(e.Settings, s.ReplacedBy) {
			out.Settings = append(out.Settings[:len(out.Settings):len(out.Settings)], s)
		}
	}
	out.Budgets = Override(d.Budgets, e.Budgets)
	if out.Ops == nil {
		out.Ops = d.Ops
	}
	return &out
}

// ReplacedBy reports whether another setting stands in for this one: of one key and
// name, or the zone and the intensity, of which an estimate takes one.
func (s Setting) ReplacedBy(o Setting) bool {
	same := func(key string) bool { return s.Key.Name == key || o.Key.Name == key }
	return s.Key.Name == o.Key.Name && s.Name == o.Name || s.Key.Name != o.Key.Name && same("zone") && same("intensity")
}

// Override returns the budgets of base for rules that others do not set, and those, in
// the order of rules, of one rule Fail before Warn.
func Override(base, others []Budget) []Budget {
	var out []Budget
	for _, b := range base {
		if !slices.ContainsFunc(others, func(o Budget) bool { return o.Rule == b.Rule }) {
			out = append(out, b)
		}
	}
	out = append(out, others...)
	slices.SortStableFunc(out, func(a, b Budget) int {
		return cmp.Or(slices.Index(quantities, a.Rule)-slices.Index(quantities, b.Rule), cmp.Compare(a.Level, b.Level))
	})
	return out
}

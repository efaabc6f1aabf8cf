package budget

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"

	"github.com/onnxmeter/onnxmeter/graph"
)

const baselineSchema = "onnxmeter.baseline/1"

// MaxBaselineBytes bounds a file of measures.
const MaxBaselineBytes = 64 << 20

// Baseline holds what models were measured at: what relative limits refer to.
type Baseline struct {
	Path   string // as it was named
	Models map[string]*Measure
}

// Measure is what one model was measured at.
type Measure struct {
	With   string // sizes and rules of the count
	Priced string // device and coefficients of the estimate; "" if there is none
	Values map[Rule]*big.Rat
}

// Value returns what a rule was measured at, or says why it cannot be compared with
// what is measured now.
func (b *Baseline) Value(key string, r Rule, now *Measure) (*big.Rat, error) {
	old := b.Models[key]
	switch {
	case old == nil:
		return nil, fmt.Errorf("%s does not hold the model", b.Path)
	case old.With != now.With:
		return nil, fmt.Errorf("%s holds it with %s, now it is counted with %s", b.Path, orDefault(old.With), orDefault(now.With))
	case r.Priced() && old.Priced != now.Priced:
		return nil, fmt.Errorf("%s holds an estimate on %s, now it is on %s", b.Path, orNothing(old.Priced), orNothing(now.Priced))
	case old.Values[r] == nil:
		return nil, fmt.Errorf("%s holds no %s of the model", b.Path, r)
	}
	return old.Values[r], nil
}

func orDefault(s string) string {
	if s == "" {
		return "no sizes given"
	}
	return s
}

func orNothing(s string) string {
	if s == "" {
		return "no device"
	}
	return s
}

// Write writes the baseline: a JSON array with one line for each model, sorted by name.
// The comma stands at the start of a line, so that a line says nothing about its
// neighbours and version control merges them.
func (b *Baseline) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "[{\"schema\":%q}\n", baselineSchema)
	for _, key := range slices.Sorted(maps.Keys(b.Models)) {
		m := b.Models[key]
		out.WriteString(`,{"file":` + quote(key))
		if m.With != "" {
			out.WriteString(`,"with":` + quote(m.With))
		}
		for _, r := range quantities {
			if v := m.Values[r]; v != nil {
				fmt.Fprintf(out, ",%q:%s", r, exact(v))
			}
		}
		if m.Priced != "" {
			out.WriteString(`,"priced":` + quote(m.Priced))
		}
		out.WriteString("}\n")
	}
	out.WriteString("]\n")
	return out.Flush()
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string always encodes
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// LoadBaseline reads a baseline. What is wrong with it gives a *graph.FileError with the
// name given; other errors are those of r.
func LoadBaseline(r io.Reader, name string) (*Baseline, error) {
	src, err := io.ReadAll(io.LimitReader(r, MaxBaselineBytes+1))
	if err != nil {
		return nil, err
	}
	b := &Baseline{name, map[string]*Measure{}}
	if len(src) > MaxBaselineBytes {
		return nil, &graph.FileError{File: name, Line: 1, What: fmt.Sprintf("a file of more than %d bytes", MaxBaselineBytes)}
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := b.read(d); err != nil {
		at := min(d.InputOffset(), int64(len(src)))
		return nil, &graph.FileError{File: name, Line: 1 + bytes.Count(src[:at], []byte("\n")), What: err.Error()}
	}
	return b, nil
}

var errNoBaseline = errors.New("no baseline (expected what check --update-baseline writes)")

func (b *Baseline) read(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errNoBaseline
	}
	for first := true; d.More(); first = false {
		o, err := readObject(d)
		if err != nil {
			return err
		}
		if first {
			if len(o) != 1 || o["schema"] != baselineSchema {
				return errNoBaseline
			}
			continue
		}
		if err := b.add(o); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON text")
	}
	return nil
}

// readObject reads an object of scalars, no key of which occurs twice.
func readObject(d *json.Decoder) (map[string]any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	if t != json.Delim('{') {
		return nil, fmt.Errorf("%v (expected an object for each model)", t)
	}
	o := map[string]any{}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("no JSON: %w", err)
		}
		key, _ := k.(string)
		v, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("no JSON: %w", err)
		}
		if _, nested := v.(json.Delim); nested {
			return nil, fmt.Errorf("%q: a nested value (expected a text or a number)", key)
		}
		if _, twice := o[key]; twice {
			return nil, fmt.Errorf("%q occurs twice", key)
		}
		o[key] = v
	}
	_, err = d.Token()
	return o, err
}

// add enters the line of a model.
func (b *Baseline) add(o map[string]any) error {
	m := &Measure{Values: map[Rule]*big.Rat{}}
	file, ok := o["file"].(string)
	if !ok || file == "" {
		return errors.New(`no "file" (expected the name of the model)`)
	}
	if b.Models[file] != nil {
		return fmt.Errorf("%q stands here twice (run check --update-baseline for it)", file)
	}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		err := m.set(key, o[key])
		if err != nil {
			return err
		}
	}
	b.Models[file] = m
	return nil
}

func (m *Measure) set(key string, v any) error {
	text, isText := v.(string)
	switch key {
	case "file":
		return nil
	case "with", "priced":
		if !isText {
			return fmt.Errorf("%q: %v (expected a text)", key, v)
		}
		if key == "with" {
			m.With = text
		} else {
			m.Priced = text
		}
		return nil
	}
	r, err := ParseRule(key)
	if err != nil {
		return err
	}
	n, ok := v.(json.Number)
	if !ok {
		return fmt.Errorf("%q: %v (expected a number)", key, v)
	}
	l, err := ParseLimit(r, n.String())
	if err != nil {
		return err
	}
	if l.Relative() {
		return fmt.Errorf("%q: %s (expected a number)", key, n)
	}
	m.Values[r] = l.abs
	return nil
}

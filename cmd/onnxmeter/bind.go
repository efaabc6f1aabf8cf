package main

import (
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/graph/yamldoc"
	"github.com/onnxmeter/onnxmeter/ops"
)

// bindFlags are the flags that bind what a model leaves open.
type bindFlags struct {
	dims, inputs, values, trips, assumes []string
	ignoreDeclared                       bool
	rules                                string
}

func (b *bindFlags) register(f *pflag.FlagSet) {
	f.Var((*list)(&b.dims), "dim", "bind symbolic dim `NAME=V[,V...]`; several values give one report each")
	f.Var((*list)(&b.inputs), "input", "give input `NAME:1x3x224x224[:DTYPE]` or NAME:scalar its dims; binds its symbols too")
	f.Var((*list)(&b.values), "value", "give an input its value, `NAME=FILE.pb`, a serialized TensorProto")
	f.Var((*list)(&b.trips), "trip", "trip count of a Loop, `NODE=N`")
	f.Var((*list)(&b.assumes), "assume", "size of a value that depends on data, `VALUE=N`")
	f.StringVar(&b.rules, "rules", "", "formulas for operators that the table does not know, a YAML `FILE`")
	f.BoolVar(&b.ignoreDeclared, "ignore-declared", false, "drop value_info and output shapes of every graph, never input shapes")
}

// list is the value of a flag that may be given several times. It does what
// pflag's own does, without preparing to print a default as CSV at every start.
type list []string

func (l *list) Set(s string) error { *l = append(*l, s); return nil }
func (l *list) String() string     { return "" }
func (l *list) Type() string       { return "list" }

// numbers is the value of a flag with finite numbers, commas between them.
type numbers []float64

func (n *numbers) Set(s string) error {
	for _, part := range strings.Split(s, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || v-v != 0 {
			return usagef("%q (expected finite numbers with commas between them)", s)
		}
		*n = append(*n, v)
	}
	return nil
}
func (n *numbers) String() string { return "" }
func (n *numbers) Type() string   { return "numbers" }

// maxVariants bounds the reports that lists of dims ask for.
const maxVariants = 10_000

// options parses the flags. There is one element for each combination of dims,
// those of the first flag slowest; close the values when done.
func (b *bindFlags) options() (variants []ops.Options, done func(), err error) {
	base := ops.Options{IgnoreDeclared: b.ignoreDeclared}
	if base.Rules, err = readRules(b.rules); err != nil {
		return nil, nil, err
	}
	if base.Inputs, err = parseAll(b.inputs, parseInput); err != nil {
		return nil, nil, err
	}
	if base.Trip, err = parseAll(b.trips, countFlag("trip", "NODE=N")); err != nil {
		return nil, nil, err
	}
	if base.Assume, err = parseAll(b.assumes, countFlag("assume", "VALUE=N")); err != nil {
		return nil, nil, err
	}
	dims, err := dimCombinations(b.dims)
	if err != nil {
		return nil, nil, err
	}
	var files []*os.File
	done = func() {
		for _, f := range files {
			f.Close()
		}
	}
	base.Files, err = parseAll(b.values, func(arg string) (string, ops.ValueFile, error) {
		name, f, err := openValue(arg)
		if err != nil {
			return "", nil, err
		}
		files = append(files, f)
		return name, func(kind graph.Kind) (*graph.Tensor, ops.Info, error) { return decodeValue(f, kind) }, nil
	})
	if err != nil {
		done()
		return nil, nil, err
	}
	for _, d := range dims {
		o := base
		o.Dims = d
		variants = append(variants, o)
	}
	return variants, done, nil
}

// parseAll parses repeated flags to a map; a name may be given once.
func parseAll[V any](args []string, parse func(string) (string, V, error)) (map[string]V, error) {
	out := make(map[string]V, len(args))
	for _, arg := range args {
		name, v, err := parse(arg)
		if err != nil {
			return nil, err
		}
		if _, dup := out[name]; dup {
			return nil, usagef("%q is bound twice", name)
		}
		out[name] = v
	}
	return out, nil
}

// cutRight splits at the last separator: names may hold it, what follows may not.
func cutRight(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// parseCount reads a size: a decimal integer that is not negative.
func parseCount(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && s[0] != '+'
}

func countFlag(flag, form string) func(string) (string, int64, error) {
	return func(arg string) (string, int64, error) {
		name, v, ok := cutRight(arg, "=")
		n, isCount := parseCount(v)
		if !ok || name == "" || !isCount {
			return "", 0, usagef("--%s %q (expected %s with N from 0 to %d)", flag, arg, form, int64(math.MaxInt64))
		}
		return name, n, nil
	}
}

// dimCombinations parses --dim flags to one map for each combination of values.
func dimCombinations(args []string) ([]map[string]int64, error) {
	lists, err := parseAll(args, func(arg string) (string, []int64, error) {
		name, list, ok := cutRight(arg, "=")
		var vs []int64
		for _, v := range strings.Split(list, ",") {
			n, isCount := parseCount(v)
			if !ok || name == "" || !isCount {
				return "", nil, usagef("--dim %q (expected NAME=V[,V...] with V from 0 to %d)", arg, int64(math.MaxInt64))
			}
			vs = append(vs, n)
		}
		return name, vs, nil
	})
	if err != nil {
		return nil, err
	}
	out := []map[string]int64{{}}
	for _, arg := range args {
		name, _, _ := cutRight(arg, "=")
		var next []map[string]int64
		for _, env := range out {
			for _, v := range lists[name] {
				if len(next) == maxVariants {
					return nil, usagef("--dim asks for more than %d combinations", maxVariants)
				}
				e := map[string]int64{name: v}
				for k, old := range env {
					e[k] = old
				}
				next = append(next, e)
			}
		}
		out = next
	}
	return out, nil
}

// parseInput reads NAME:1x3x224x224[:DTYPE] from the right.
func parseInput(arg string) (string, ops.InputBinding, error) {
	var b ops.InputBinding
	name, last, ok := cutRight(arg, ":")
	dims, isDims := parseDims(last)
	if ok && !isDims {
		if d, isType := graph.ParseDType(strings.ToLower(last)); isType {
			b.DType = d
			name, last, ok = cutRight(name, ":")
			dims, isDims = parseDims(last)
		}
	}
	if !ok || !isDims || name == "" {
		return "", b, usagef("--input %q (expected NAME:1x3x224x224[:DTYPE] or NAME:scalar)", arg)
	}
	b.Dims = dims
	return name, b, nil
}

// parseDims reads dims joined by x, or the word scalar.
func parseDims(s string) ([]int64, bool) {
	if s == "scalar" {
		return []int64{}, true
	}
	var dims []int64
	for _, part := range strings.Split(s, "x") {
		n, ok := parseCount(part)
		if !ok || len(dims) == graph.MaxRank {
			return nil, false
		}
		dims = append(dims, n)
	}
	return dims, true
}

// readRules reads a file of user rules; "" is none.
func readRules(path string) (*ops.Rules, error) {
	if path == "" {
		return nil, nil
	}
	f, err := openRegular("--rules", path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := yamldoc.Read(f)
	if err != nil {
		return nil, usagef("--rules: %v", err)
	}
	return ops.ParseRules(src, path)
}

// openRegular opens the file of a flag, which must not be a device or a pipe.
func openRegular(flag, path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, usagef("%s %s: not a regular file", flag, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("%s: %v", flag, err)
	}
	return f, nil
}

// openValue opens the file of NAME=FILE. Both may hold =: the split is the last one
// after which a file exists, or simply the last one.
func openValue(arg string) (string, *os.File, error) {
	name, path, ok := cutRight(arg, "=")
	for i := strings.LastIndex(arg, "="); i > 0; i = strings.LastIndex(arg[:i], "=") {
		if _, err := os.Stat(arg[i+1:]); err == nil {
			name, path = arg[:i], arg[i+1:]
			break
		}
	}
	if !ok || name == "" || path == "" {
		return "", nil, usagef("--value %q (expected NAME=FILE.pb)", arg)
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = inputErrorf(path, "not a regular file")
	}
	if err != nil {
		return "", nil, inputError(path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, inputError(path, err)
	}
	return name, f, nil
}

// decodeValue reads a serialized TensorProto, SequenceProto or OptionalProto, as the
// input of the model asks for.
func decodeValue(f *os.File, kind graph.Kind) (*graph.Tensor, ops.Info, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, ops.Info{}, inputError(f.Name(), err)
	}
	var v *onnxfile.Value
	switch kind {
	case graph.KindSequence:
		v, err = onnxfile.ReadSequence(f, info.Size(), f.Name())
	case graph.KindOptional:
		v, err = onnxfile.ReadOptional(f, info.Size(), f.Name())
	default:
		t, err := onnxfile.ReadTensor(f, info.Size(), f.Name())
		return t, ops.Info{}, err
	}
	if err != nil {
		return nil, ops.Info{}, err
	}
	return nil, valueInfo(v), nil
}

// valueInfo is what is known of a decoded value.
func valueInfo(v *onnxfile.Value) ops.Info {
	switch v.Kind {
	case graph.KindSequence:
		items := make([]ops.Info, len(v.Elems))
		for i, e := range v.Elems {
			items[i] = valueInfo(e)
		}
		return ops.Sequence(items)
	case graph.KindOptional:
		in := ops.Info{Kind: graph.KindOptional}
		if len(v.Elems) > 0 {
			item := valueInfo(v.Elems[0])
			in.Item, in.Has = &item, 1
		}
		return in
	}
	if v.Tensor == nil {
		return ops.Info{Kind: v.Kind, Has: -1}
	}
	return ops.Tensor(v.Tensor.DType, graph.Ints(v.Tensor.Dims...))
}

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// idleFlags are the flags that bound nothing in any model so far, with the first
// model for suggestions. nil: no model yet.
type idleFlags struct {
	flags []string
	hints *graph.Model
}

func (f *idleFlags) meet(unused []string, m *graph.Model) *idleFlags {
	if f == nil {
		return &idleFlags{unused, m}
	}
	f.flags = slices.DeleteFunc(slices.Clone(f.flags), func(s string) bool { return !slices.Contains(unused, s) })
	return f
}

// err returns a usage error that names the first idle flag and what it may have meant.
func (f *idleFlags) err() error {
	if f == nil || len(f.flags) == 0 {
		return nil
	}
	flag, name, _ := strings.Cut(f.flags[0], " ")
	pool := bindable(f.hints, flag)
	hint := didYouMean(name, pool)
	switch {
	case slices.Contains(pool, name):
		hint = " (its size does not depend on data)"
	case hint == "":
		hint = fmt.Sprintf(" (the model has %s)", listNames(pool))
	}
	return usagef("%s %q binds nothing%s", flag, graph.Clip(name), hint)
}

// bindable lists the names in a model that a flag may bind.
func bindable(m *graph.Model, flag string) []string {
	seen := map[string]bool{}
	switch flag {
	case "--dim":
		for _, v := range m.Graph.InputInfo {
			if v.Type != nil {
				for _, d := range v.Type.Dims {
					seen[d.Param] = true
				}
			}
		}
	case "--input", "--value":
		for _, v := range m.Graph.InputInfo {
			seen[v.Name] = true
		}
	default:
		namesInside(m.Graph, flag == "--trip", seen)
		for _, f := range m.Functions {
			namesInside(f.Body, flag == "--trip", seen)
		}
	}
	delete(seen, "")
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// namesInside adds the names of Loop nodes, or of all outputs of nodes.
func namesInside(g *graph.Graph, loops bool, seen map[string]bool) {
	for _, n := range g.Nodes {
		switch {
		case !loops:
			for _, name := range n.OutputNames {
				seen[name] = true
			}
		case n.Op == "Loop":
			seen[n.Label()] = true
		}
		n.Bodies(func(_ string, body *graph.Graph) { namesInside(body, loops, seen) })
	}
}

// listNames prints the first few names.
func listNames(names []string) string {
	const most = 8
	if len(names) == 0 {
		return "none"
	}
	var out []string
	for _, n := range names[:min(len(names), most)] {
		out = append(out, fmt.Sprintf("%q", graph.Clip(n)))
	}
	if len(names) > most {
		out = append(out, "...")
	}
	return strings.Join(out, ", ")
}

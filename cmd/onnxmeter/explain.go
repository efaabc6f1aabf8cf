package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/ops"
)

// explainCommand prints how one node was counted.
func (a *app) explainCommand() *cobra.Command {
	var (
		bind  bindFlags
		rules ruleFlags
	)
	cmd := &cobra.Command{
		Use:     "explain MODEL NODE",
		Short:   "Show how a node was counted: its rule with the numbers in",
		Example: `  onnxmeter explain resnet50.onnx /layer1/layer1.0/conv1/Conv`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("%d arguments (expected %s)", len(args), cmd.UseLine())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.explain(&bind, &rules, args[0], args[1]) },
	}
	section(cmd.Flags(), "Sizes", bind.register)
	section(cmd.Flags(), "Rules of counting", rules.register)
	return cmd
}

func (a *app) explain(bind *bindFlags, rules *ruleFlags, path, node string) error {
	if err := rules.check(); err != nil {
		return err
	}
	variants, done, err := bind.options()
	if err != nil {
		return err
	}
	defer done()
	b, err := a.newBatch([]string{path}, 1, variants)
	if err != nil {
		return err
	}
	n := 0
	return each(b, func(m *model, o ops.Options) ([]*render.Explanation, []string, error) {
		opt := rules.options(o)
		r, err := counters.Count(m.Model, opt)
		if err != nil {
			return nil, nil, err
		}
		found, err := findNodes(r, node)
		var out []*render.Explanation
		for _, f := range found {
			out = append(out, &render.Explanation{Report: r, Node: f, Formula: r.Inference.Formula(f.Inst, f.Result),
				Measured: measured(opt), Color: a.colored(a.stdout)})
		}
		return out, r.Inference.Unused, err
	}, func(list []*render.Explanation) (int, error) {
		for _, e := range list {
			if n++; n > 1 {
				a.stdout.Write([]byte("\n"))
			}
			if err := render.Explain(a.stdout, e); err != nil {
				return exitIO, err
			}
		}
		return exitOK, nil
	})
}

// findNodes returns the nodes of a path, of a name inside a subgraph, or of the
// name of an output.
func findNodes(r *counters.Report, name string) ([]*counters.Node, error) {
	var exact, inner, byOutput []*counters.Node
	inside := 0
	var paths []string
	for n := range r.Nodes() {
		switch {
		case n.Path == name:
			exact = append(exact, kept(n))
		case n.Node.Label() == name:
			inner = append(inner, kept(n))
		}
		for _, o := range n.Outputs {
			if o.Name == name {
				byOutput = append(byOutput, kept(n))
			}
		}
		if strings.HasPrefix(n.Path, name+"/") {
			inside++
		}
		paths = append(paths, n.Path)
	}
	for _, list := range [][]*counters.Node{exact, inner, byOutput} {
		if len(list) > 0 {
			return list, nil
		}
	}
	if inside > 0 {
		return nil, usagef("%q is not one node but a graph of %d: name one of them, as in %q", name, inside, firstInside(paths, name))
	}
	hint := didYouMean(name, paths)
	if hint == "" {
		hint = " (onnxmeter MODEL --by node lists them)"
	}
	return nil, usagef("the model has no node %q%s", name, hint)
}

// kept copies a node of a list that goes on.
func kept(n *counters.Node) *counters.Node {
	c := *n
	c.Outputs = slices.Clone(n.Outputs)
	return &c
}

func firstInside(paths []string, prefix string) string {
	for _, p := range paths {
		if strings.HasPrefix(p, prefix+"/") {
			return p
		}
	}
	return prefix
}

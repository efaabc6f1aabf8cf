package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/graph"
)

// opsCommand prints which operators are known, or the documentation of some.
func (a *app) opsCommand() *cobra.Command {
	var out outputFlags
	kinds := []string{"text", "json", "csv", "markdown"}
	cmd := &cobra.Command{
		Use:   "ops [NAME...]",
		Short: "List the operators that are known, or document one",
		Example: `  onnxmeter ops
  onnxmeter ops Conv
  onnxmeter ops com.microsoft.Attention`,
		RunE: func(_ *cobra.Command, args []string) error {
			list := render.Entries()
			if len(args) > 0 {
				var err error
				if list, err = pickEntries(list, args); err != nil {
					return err
				}
			}
			return a.emit(&out, kinds, func(s sink) error {
				switch {
				case s.kind == "json":
					return render.OpsJSON(s.w, list)
				case s.kind == "csv":
					return render.OpsCSV(s.w, list)
				case s.kind == "markdown":
					return render.OpsMarkdown(s.w, list)
				case len(args) > 0:
					return render.OpDoc(s.w, list, a.colored(s.w))
				}
				return render.OpsText(s.w, list, a.colored(s.w))
			})
		},
	}
	out.register(cmd.Flags(), kinds...)
	cmd.ValidArgsFunction = completeNames(func() []string { return entryNames(render.Entries()) })
	return cmd
}

// pickEntries returns the entries of the named operators, with or without their
// domain and in any case.
func pickEntries(all []render.Entry, names []string) ([]render.Entry, error) {
	var out []render.Entry
	for _, name := range names {
		var hits []render.Entry
		for _, e := range all {
			if strings.EqualFold(name, e.Name) || strings.EqualFold(name, graph.DomainName(e.Domain)+"."+e.Name) {
				hits = append(hits, e)
			}
		}
		if len(hits) == 0 {
			return nil, usagef("no operator %q is known%s", name, didYouMean(name, entryNames(all)))
		}
		out = append(out, hits...)
	}
	return out, nil
}

func entryNames(all []render.Entry) []string {
	var names []string
	for i := range all {
		names = append(names, all[i].FullName())
	}
	return slices.Compact(names)
}

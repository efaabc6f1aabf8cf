package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
	"github.com/onnxmeter/onnxmeter/graph"
)

// rankFlags are the flags of rank.
type rankFlags struct {
	objective  string
	fp, fc     string
	weights    numbers
	descending bool
	rows       rowFlags
	caption    captionFlags
	out        outputFlags
}

func (r *rankFlags) register(f *pflag.FlagSet) {
	section(f, "Objective", func(f *pflag.FlagSet) {
		f.StringVar(&r.objective, "objective", tradeoff.DeepNCheap, "order by `EXPR` over columns, fp, fc and w_c")
		f.StringVar(&r.fp, "fp", "", "what fp is: an `EXPR` over columns such as 1 - accuracy")
		f.StringVar(&r.fc, "fc", "", "what fc is: an `EXPR` over columns such as params/1e6")
		f.Var(&r.weights, "weight", "a ranking for each `W,W...` of w_c")
		f.BoolVar(&r.descending, "descending", false, "the largest first")
	})
	r.rows.register(f)
	section(f, "Output", func(f *pflag.FlagSet) {
		r.out.register(f, capsKinds...)
		r.caption.register(f)
	})
}

// rankCommand orders rows by an objective of one number.
func (a *app) rankCommand() *cobra.Command {
	var r rankFlags
	cmd := &cobra.Command{
		Use:   "rank {TABLE.csv | MODEL...} --fp EXPR --fc EXPR --weight W,W...",
		Short: "Order systems by one number of performance and complexity",
		Example: `  onnxmeter rank nets.csv --fp '1 - accuracy/100' --fc seconds/10 --weight 0,0.1,10
  onnxmeter rank models/ --join accuracy.csv --fp '1 - top1/100' --fc params/25.6e6 --weight 0.1
  onnxmeter rank nets.csv --objective accuracy/log10(macs) --descending`,
		Args: needRows,
		RunE: func(_ *cobra.Command, args []string) error { return a.rank(&r, args) },
	}
	r.register(cmd.Flags())
	return cmd
}

// usesWeight checks the objective and reports whether it has a weight.
func (r *rankFlags) usesWeight() (bool, error) {
	e, err := graph.ParseRealExpr(r.objective)
	if err != nil {
		return false, objectiveError("--objective", err)
	}
	used := map[string]bool{}
	e.Names(func(name string, _ int) { used[name] = true })
	if r.fp != "" && !used["fp"] || r.fc != "" && !used["fc"] {
		return false, usagef("--objective %s does not use fp and fc", r.objective)
	}
	switch weighted := used[tradeoff.Weight]; {
	case weighted && len(r.weights) == 0:
		return false, usagef("%s needs --weight", r.objective)
	case !weighted && len(r.weights) > 0:
		return false, usagef("--objective %s does not use %s", r.objective, tradeoff.Weight)
	default:
		return weighted, nil
	}
}

func (a *app) rank(r *rankFlags, args []string) error {
	weighted, err := r.usesWeight()
	if err != nil {
		return err
	}
	t, err := a.table(&r.rows, args)
	if err != nil {
		return err
	}
	for _, d := range []struct{ name, expr string }{{"fp", r.fp}, {"fc", r.fc}} {
		if d.expr != "" {
			if err := t.Define(d.name, d.expr); err != nil {
				return objectiveError("--"+d.name, err)
			}
		}
	}
	out := &render.Rankings{Table: t, Objective: r.objective, Weighted: weighted, Weights: r.weights, Caption: r.caption.text, Label: r.caption.label}
	if !weighted {
		out.Weights = []float64{0}
	}
	for i, w := range out.Weights {
		ranks, dropped, err := t.Ranking(r.objective, w, r.descending, r.rows.drop)
		if err != nil {
			return objectiveError("--objective", err)
		}
		if i == 0 {
			a.sayDropped(dropped)
		}
		out.Ranks = append(out.Ranks, ranks)
	}
	return a.emitTable(&r.out, capsKinds, args, r.rows.join, func(s sink) error { return out.Write(s.w, s.kind, a.colored(s.w)) })
}

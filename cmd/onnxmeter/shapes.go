package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/ops"
)

var shapesFormats = []string{"text", "json", "ndjson", "csv", "markdown"}

// shapesCommand prints the type and shape of every value.
func (a *app) shapesCommand() *cobra.Command {
	var (
		bind bindFlags
		out  outputFlags
		jobs int
	)
	cmd := &cobra.Command{
		Use:   "shapes MODEL...",
		Short: "Print the dtype and shape of every value",
		Example: `  onnxmeter shapes model.onnx --dim batch=1
  onnxmeter shapes model.onnx --ignore-declared -f json`,
		Args: needModels,
		RunE: func(_ *cobra.Command, args []string) error {
			variants, done, err := bind.options()
			if err != nil {
				return err
			}
			defer done()
			b, err := a.newBatch(args, jobs, variants)
			if err != nil {
				return err
			}
			sinks, err := out.open(a, b.sources, shapesFormats...)
			if err != nil {
				return err
			}
			return closeAll(sinks, a.shapes(b, sinks))
		},
	}
	section(cmd.Flags(), "Sizes", bind.register)
	section(cmd.Flags(), "Output", func(f *pflag.FlagSet) {
		out.register(f, shapesFormats...)
		registerJobs(f, &jobs)
	})
	return cmd
}

// needModels is the argument check of verbs that read models.
func needModels(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("no model is given (expected %s)", cmd.UseLine())
	}
	return nil
}

func (a *app) shapes(b *batch, sinks []sink) error {
	streams := make([]render.Stream[*render.Shapes], len(sinks))
	for i, s := range sinks {
		streams[i] = render.NewShapesStream(s.w, s.kind, b.size() > 1)
	}
	err := each(b, func(m *model, o ops.Options) (*render.Shapes, []string, error) {
		res, err := ops.Infer(m.Model, o)
		if err != nil {
			return nil, nil, err
		}
		return render.NewShapes(m.Path, res), res.Unused, nil
	}, func(s *render.Shapes) (int, error) {
		a.remarks(s.Path, s.Warnings)
		for _, stream := range streams {
			if err := stream.Add(s); err != nil {
				return exitIO, err
			}
		}
		return exitOK, nil
	})
	return closeStreams(streams, err)
}

// maxRemarks bounds the remarks on one model, unless -v is given.
const maxRemarks = 12

// remarks prints the warnings of a model on stderr.
func (a *app) remarks(path string, warnings []string) {
	list := render.GroupWarnings(warnings)
	for i, w := range list {
		if i == maxRemarks && a.verbose == 0 {
			a.note("%s: ... and %d more remarks (-v)", path, len(list)-i)
			return
		}
		a.note("%s: %s", path, w)
	}
}

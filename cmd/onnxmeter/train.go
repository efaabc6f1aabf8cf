package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/render"
)

// trainFlags are the flags of train: a training is known by its hardware and time, or by
// a model and its steps.
type trainFlags struct {
	set    *pflag.FlagSet
	energy energyFlags
	run    runFlags
	step   stepFlags
	out    outputFlags
}

func (t *trainFlags) register(f *pflag.FlagSet) {
	t.set = f
	section(f, "Hardware and time", t.run.register)
	section(f, "Steps of a model", t.step.register)
	section(f, "Sizes of a model", t.step.bind.register)
	section(f, "Rules of counting a model", t.step.rules.register)
	section(f, "Energy", t.energy.register)
	section(f, "Output", func(f *pflag.FlagSet) {
		t.out.register(f, tableKinds...)
		f.BoolVar(&t.step.strict, "strict", false, "exit 4 unless every total of a model is exact")
	})
}

// trainCommand prints what a training takes.
func (a *app) trainCommand() *cobra.Command {
	var t trainFlags
	cmd := &cobra.Command{
		Use:   "train [MODEL]",
		Short: "Estimate the energy and CO2e of a training, from its hours or from its graph",
		Long: `Estimate the energy and CO2e of a training: without a model from its hardware and time,
with one from the work of its graph, forward, backward and optimiser.`,
		Example: `  onnxmeter train --gpus 4 --gpu p100-pcie-16gb --hours 52
  onnxmeter train --gpu v100-sxm2-16gb --hours 272 --zone FRA --pue 1.2 -f json
  onnxmeter train resnet50.onnx --dim batch=1 --batch 256 --steps 450000 --optimizer momentum --gpu a100-sxm4-80gb --precision fp16
  onnxmeter train bert.onnx --dim batch=8 --dim seq=128 --freeze '*embeddings*' --freeze '*layer.?.*' --optimizer adamw`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("train takes one model, %q is given too", args[1])
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := t.check(len(args) == 1); err != nil {
				return err
			}
			if len(args) == 1 {
				return a.trainModel(&t, args[0])
			}
			return a.trainHours(&t)
		},
	}
	t.register(cmd.Flags())
	return cmd
}

// The flags that go with a model, and those that go without.
var (
	modelOnly = []string{"steps", "optimizer", "freeze", "strict", "dim", "input", "value", "trip", "assume", "rules", "ignore-declared",
		"convention", "qdq", "padding", "causal", "precision", "mode", "batch", "coefficients", "energy-model"}
	hoursOnly = []string{"gpus", "hours"}
)

// check refuses flags of the other kind of training.
func (t *trainFlags) check(model bool) error {
	if !model && !t.set.Changed("hours") && !t.anySet(modelOnly) {
		return usagef("train needs --hours, or a model")
	}
	if t.set.Changed("requests") {
		return usagef("--requests is for inferences (expected --steps)")
	}
	wrong, why := modelOnly, "--%s needs a model"
	if model {
		wrong, why = hoursOnly, "--%s goes without a model: its work is the same on any number of accelerators for any time"
	}
	for _, name := range wrong {
		if t.set.Changed(name) {
			return usagef(why, name)
		}
	}
	return nil
}

func (t *trainFlags) anySet(names []string) bool { return slices.ContainsFunc(names, t.set.Changed) }

func (a *app) trainHours(t *trainFlags) error {
	r, err := t.run.resolve(&t.energy)
	if err != nil {
		return err
	}
	return a.emit(&t.out, tableKinds, func(s sink) error { return render.Train(s.w, s.kind, r, a.colored(s.w)) })
}

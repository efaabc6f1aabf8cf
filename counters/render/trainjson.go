package render

import (
	"io"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// trainingJSON is what a training by hours and one by a graph print alike; what is not known
// of one is null.
type trainingJSON struct {
	tool Tool
	gpu  string
	gpus int64
	energy.Spent
	known        bool // Spent holds
	hours, watts float64
	share        float64
	emissions    []energy.Emission
	warnings     []string
}

func (t *trainingJSON) write(j *jsonWriter) {
	j.key("schema").str("onnxmeter.train/1")
	j.key("kwh").maybe(t.known, t.KWh)
	j.key("kg")
	if len(t.emissions) > 0 {
		j.float(kilograms(t.emissions[0].Grams))
	} else {
		j.null()
	}
	j.key("lo").maybe(t.known, t.Lo)
	j.key("hi").maybe(t.known, t.Hi)
	j.key("gpu").str(t.gpu)
	j.key("gpus").int(t.gpus)
	j.key("hours").maybe(t.hours > 0, t.hours)
	j.key("watts").maybe(t.watts > 0, t.watts)
	j.key("tdp_share").maybe(t.share > 0, t.share)
	j.key("carbon").arrayBlock()
	for i := range t.emissions {
		j.emission(t.gpu, true, &t.emissions[i], 0)
	}
	j.end()
	j.tool(t.tool)
	j.key("warnings").strs(t.warnings)
}

func trainJSON(w io.Writer, t *Training) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	common := trainingJSON{tool: t.Tool, gpu: t.GPU, gpus: t.Run.GPUs, Spent: t.Spent, known: true, hours: t.Run.Hours, watts: t.Run.Watts,
		share: t.Run.Share, emissions: t.Emissions, warnings: t.Warnings}
	common.write(j)
	j.end()
	return j.finish()
}

func (t *ModelTraining) json(w io.Writer) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	common := trainingJSON{tool: t.Tool, gpus: 1, Spent: t.Spent, known: t.known(), hours: t.hours(), emissions: t.Emissions, warnings: t.warnings()}
	if t.Estimate != nil {
		common.gpu = t.Estimate.GPU
	}
	common.write(j)
	j.key("model").objectBlock()
	t.modelJSON(j)
	j.end()
	j.key("energy").arrayBlock()
	if t.Estimate != nil {
		j.estimate(t.Estimate)
	}
	j.end()
	j.end()
	return j.finish()
}

// uncounted lists operators without a rule, forward or backward, each once.
func (t *ModelTraining) uncounted() []counters.OpNodes {
	list := slices.Clone(t.Report.Coverage.Uncounted)
	for _, u := range t.Work.Unruled {
		same := func(o counters.OpNodes) bool { return o.Domain == u.Domain && o.Op == u.Op }
		if !slices.ContainsFunc(list, same) {
			list = append(list, u)
		}
	}
	return list
}

func (t *ModelTraining) modelJSON(j *jsonWriter) {
	work := t.Work
	j.key("path").str(t.Report.Model.Path)
	j.key("dims").object()
	for _, name := range sortedKeys(t.Report.Dims) {
		j.key(name).int(t.Report.Dims[name])
	}
	j.end()
	j.key("steps").int(t.Steps)
	j.key("batch").int(t.Batch)
	j.key("optimizer").str(work.Optimizer.Name)
	j.key("status").str(string(t.status()))
	totals := append(t.passes(), part{key: "step", amount: work.MACs().MulInt(t.Batch)}, part{key: "training", amount: t.runs(work.MACs())})
	j.key("macs").amounts(totals)
	j.key("formulas").object()
	for _, p := range totals {
		if f := newFigure(p.amount, p.amount); f.formula != "" {
			j.key(p.key).text(f.formula)
		}
	}
	j.end()
	s := work.StateBytes()
	j.key("weights").amounts([]part{{key: "trained", amount: work.Trained.Elements}, {key: "frozen", amount: work.Frozen.Elements}, {key: "no_gradient", amount: work.Idle.Elements}})
	j.key("bytes").amounts([]part{{key: "weights", amount: s.Weights}, {key: "gradients", amount: s.Gradients}, {key: "moments", amount: s.Moments}, {key: "moved", amount: s.Moved}})
	j.key("uncounted").opNodes(t.uncounted())
	j.key("unresolved").nodeWhys(append(slices.Clone(t.Report.Coverage.Unresolved), work.Unresolved...))
}

// amounts writes an object of totals.
func (j *jsonWriter) amounts(list []part) {
	j.object()
	for _, p := range list {
		j.key(p.key).total(p.amount)
	}
	j.end()
}

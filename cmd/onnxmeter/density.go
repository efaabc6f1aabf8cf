package main

import (
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/ops"
)

// densityFlags say whether weights are looked at.
type densityFlags struct{ read bool }

func (d *densityFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&d.read, "read-weights", false, "read the weights, in external files too, and report how many are zero and in which order")
}

// also adds the density to what a verb finds of each model: when weights are read, and
// when the graph itself makes a layer sparse.
func (d *densityFlags) also(work func(*model, ops.Options) (*render.Report, []string, error)) func(*model, ops.Options) (*render.Report, []string, error) {
	return func(m *model, o ops.Options) (*render.Report, []string, error) {
		r, unused, err := work(m, o)
		if err != nil || !d.read && !counters.MayBeSparse(m.Model) {
			return r, unused, err
		}
		found, err := d.find(m, r.Report)
		if err == nil && (d.read || found.PreDefined()) {
			r.Density = found
		}
		return r, unused, err
	}
}

func (d *densityFlags) find(m *model, r *counters.Report) (*counters.Density, error) {
	options := counters.DensityOptions{ReadWeights: d.read}
	if d.read && m.Path != stdinName {
		folder, err := onnxfile.OpenExternal(m.Path)
		if err != nil {
			return nil, inputError(m.Path, err)
		}
		defer folder.Close()
		options.External = folder.Payload
	}
	return r.Density(options), nil
}

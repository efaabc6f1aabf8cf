package energy

import (
	"fmt"
	"math/big"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph"
)

// FromReport takes the features of one run of a counted model. The whole graph is
// one sample: a model bound to a batch of 8 has eight inputs in it. Where the work
// depends on data the upper bound is taken. It fails when a total that the estimate
// needs is a formula or has no bound: the error says which.
func FromReport(r *counters.Report) (Features, error) { return features(&r.Features, Upper) }

// FromLower takes the features of the least work that a counted model may do: of the
// cheaper branches, with what depends on data at its lower bound.
func FromLower(r *counters.Report) (Features, error) { return features(&r.LowerFeatures, lower) }

// features turns counted features into figures.
func features(c *counters.Features, figure func(graph.Dim) (float64, error)) (Features, error) {
	f := Features{Classes: true}
	for _, p := range []struct {
		name string
		from graph.Dim
		to   *float64
	}{
		{"MACs", c.DenseMACs, &f.DenseMACs},
		{"MACs of grouped convolutions", c.GroupedMACs, &f.GroupedMACs},
		{"MACs of depthwise convolutions", c.DepthwiseMACs, &f.DepthwiseMACs},
		{"MACs in tiles", c.TileMACs, &f.TileMACs},
		{"activations", c.Elements, &f.Activations},
		{"parameters", c.WeightElements, &f.Params},
		{"parameter bytes", c.WeightBytes, &f.WeightBytes},
		{"kernels", c.KernelsEager, &f.EagerKernels},
		{"fused kernels", c.KernelsFused, &f.FusedKernels},
		{"traffic of convolutions", c.ConvTraffic, &f.ConvTraffic},
		{"traffic of linear layers", c.LinearTraffic, &f.LinearTraffic},
		{"traffic of depthwise convolutions", c.DepthTraffic, &f.DepthwiseTraffic},
		{"attention scores", c.ScoreElements, &f.ScoreTraffic},
		{"other traffic", c.OtherTraffic, &f.OtherTraffic},
		{"traffic of mixed precision", c.MixedTraffic, &f.MixedTraffic},
	} {
		v, err := figure(p.from)
		if err != nil {
			return Features{}, fmt.Errorf("%s: %w", p.name, err)
		}
		*p.to = v
	}
	return f, nil
}

// Upper returns the upper bound of a total as a float.
func Upper(d graph.Dim) (float64, error) {
	if s := d.SymbolsOf(graph.Open); len(s) > 0 {
		return 0, fmt.Errorf("dim %q is not bound", s[0])
	}
	_, hi := d.Bounds()
	if hi == nil {
		return 0, fmt.Errorf("no upper bound is known")
	}
	f, _ := new(big.Float).SetInt(hi).Float64()
	return f, nil
}

// lower returns the lower bound of a total as a float; what has none is not negative.
func lower(d graph.Dim) (float64, error) {
	lo, _ := d.Bounds()
	if lo == nil || lo.Sign() < 0 {
		return 0, nil
	}
	f, _ := new(big.Float).SetInt(lo).Float64()
	return f, nil
}

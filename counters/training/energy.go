package training

import (
	"fmt"
	"math"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Features returns what an estimate prices of one sample of a step: forward, backward, and
// the sample's share of the optimiser. width is that of an element in bytes. It fails
// when a total that the estimate needs is a formula or has no bound.
func (w *Work) Features(r *counters.Report, width float64) (energy.Features, error) {
	f, err := energy.FromReport(r)
	if err != nil {
		return f, err
	}
	b := &w.Backward
	tiles := 1.0 // what the tiles of matrix units add to a product, taken to be that of the forward pass
	if f.DenseMACs > 0 {
		tiles = f.TileMACs / f.DenseMACs
	}
	forward := f.OtherTraffic + f.LinearTraffic
	for _, p := range []struct {
		name string
		from graph.Dim
		to   []*float64
	}{
		{"MACs of gradients", b.DenseMACs, []*float64{&f.DenseMACs}},
		{"MACs of gradients of grouped convolutions", b.GroupedMACs, []*float64{&f.GroupedMACs}},
		{"MACs of gradients of depthwise convolutions", b.DepthwiseMACs, []*float64{&f.DepthwiseMACs}},
		{"gradients of activations", b.Elements, []*float64{&f.Activations}},
		{"traffic of gradients of convolutions", b.ConvTraffic, []*float64{&f.ConvTraffic}},
		{"traffic of gradients of linear layers", b.LinearTraffic, []*float64{&f.LinearTraffic}},
		{"traffic of gradients of depthwise convolutions", b.DepthTraffic, []*float64{&f.DepthwiseTraffic}},
		{"other traffic of gradients", b.OtherTraffic, []*float64{&f.OtherTraffic}},
		{"weights", b.WeightElements, []*float64{&f.Params}},
		{"kernels", b.Kernels, []*float64{&f.EagerKernels, &f.FusedKernels}},
	} {
		v, err := energy.Upper(p.from)
		if err != nil {
			return f, fmt.Errorf("%s: %w", p.name, err)
		}
		for _, to := range p.to {
			*to += v
		}
	}
	f.TileMACs = f.DenseMACs * tiles
	if forward > 0 { // what is wide in the forward pass has wide gradients
		f.MixedTraffic *= (f.OtherTraffic + f.LinearTraffic) / forward
	}
	moved, err := energy.Upper(w.StateBytes().Moved)
	if err != nil {
		return f, fmt.Errorf("weights: %w", err)
	}
	f.Params += moved / width
	f.WeightBytes = 0 // all of it is moved at the width of the precision
	f.EagerKernels += float64(w.Trained.Tensors)
	f.FusedKernels++
	return f, nil
}

// Factor is how far measured steps lie from such estimates: nine tenths of 542 rows of an
// RTX 3090 at half precision, whose coefficients are those of inference. A test holds it
// to them.
const Factor = 1.65

// Widen makes an estimate of inference coefficients one of a step: the factors of the
// coefficients and of the backward pass are independent.
func Widen(r *energy.Result) {
	f := math.Exp(math.Hypot(math.Log(r.Factor), math.Log(Factor))) / r.Factor
	r.Factor *= f
	r.Lo, r.Hi = r.Lo/f, r.Hi*f
	r.Seconds.Lo, r.Seconds.Hi = r.Seconds.Lo/f, r.Seconds.Hi*f
	r.Warnings = append(r.Warnings, "the backward pass is priced by coefficients of inference; batch normalisation that an exporter folded away is not in it")
}

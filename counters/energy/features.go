package energy

import (
	"fmt"
	"math"
)

// Features is what an estimate needs to know of ONE sample of a model. All
// figures are non-negative; elements are counted, not bytes, because the
// precision of the estimate sets their width.
//
// The zero value of Activations, EagerKernels and FusedKernels means unknown
// (a model with multiply-accumulates writes at least one element in at least
// one kernel); Classes says whether the split by class is known.
type Features struct {
	// DenseMACs are the multiply-accumulates of dense convolutions, linear
	// layers and matrix products of two activations; DepthwiseMACs those of
	// convolutions with one channel per group, GroupedMACs those of other
	// convolutions with groups. Their sum is totals.macs of a report. Who
	// knows only the total puts it in DenseMACs and leaves Classes false.
	DenseMACs, GroupedMACs, DepthwiseMACs float64

	// TileMACs are DenseMACs with the sizes of each product rounded up to the
	// tiles of matrix units; valid if Classes is set.
	TileMACs float64

	// Activations are the elements written by convolution, linear and
	// matmul-class nodes: totals.activations, the definition of fvcore.
	Activations float64

	// Params are the elements of all weights, each read once per batch:
	// totals.params. WeightBytes are their bytes at stored width:
	// totals.param_bytes; 0: unknown, Params at the width of the precision.
	Params, WeightBytes float64

	// EagerKernels are the kernels that a framework launches node by node;
	// FusedKernels (totals.kernels) those left after fusion. 0: unknown.
	EagerKernels, FusedKernels float64

	// Elements read and written by the kernels of an eager framework, by class;
	// valid if Classes is set. A compiler moves less, which the coefficients of
	// mode fused say. ConvTraffic: dense and grouped (not depthwise)
	// convolutions. LinearTraffic: linear layers and all other products.
	// DepthwiseTraffic: convolutions with one channel per group. OtherTraffic:
	// everything else that moves data. ScoreTraffic: elements of attention scores
	// that no fused kernel can keep to itself; they are in the other traffic as
	// well, and cost more than it. MixedTraffic: what automatic mixed precision
	// moves besides, in elements of half precision.
	Classes                                                                                bool
	ConvTraffic, LinearTraffic, DepthwiseTraffic, ScoreTraffic, OtherTraffic, MixedTraffic float64
}

// MACs is the sum over all classes.
func (f Features) MACs() float64 { return f.DenseMACs + f.GroupedMACs + f.DepthwiseMACs }

// feature is a figure of Features with its name.
type feature struct {
	name  string
	value *float64
}

// ofSample are the figures that grow with the work on a sample, ofNet those that do not.
func (f *Features) ofSample() []feature {
	return []feature{
		{"DenseMACs", &f.DenseMACs}, {"GroupedMACs", &f.GroupedMACs}, {"DepthwiseMACs", &f.DepthwiseMACs},
		{"TileMACs", &f.TileMACs}, {"Activations", &f.Activations},
		{"ConvTraffic", &f.ConvTraffic}, {"LinearTraffic", &f.LinearTraffic}, {"DepthwiseTraffic", &f.DepthwiseTraffic},
		{"ScoreTraffic", &f.ScoreTraffic}, {"OtherTraffic", &f.OtherTraffic}, {"MixedTraffic", &f.MixedTraffic},
	}
}

func (f *Features) ofNet() []feature {
	return []feature{
		{"Params", &f.Params}, {"WeightBytes", &f.WeightBytes},
		{"EagerKernels", &f.EagerKernels}, {"FusedKernels", &f.FusedKernels},
	}
}

// Share returns the features of a sample of which only a share is worked on: as many
// tokens less. Weights and kernels stay.
func (f Features) Share(share float64) Features {
	for _, p := range f.ofSample() {
		*p.value *= share
	}
	return f
}

// Validate reports the first field that is not a finite, non-negative number.
func (f Features) Validate() error {
	for _, p := range append(f.ofSample(), f.ofNet()...) {
		if v := *p.value; !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("energy: feature %s is %v (expected a finite, non-negative number)", p.name, v)
		}
	}
	return nil
}

// kernels of one batch in a mode; 0: unknown. A compiler launches no more than a
// framework, whose strides and attention kernels the rules of fusion do not know.
func (f Features) kernels(mode string) float64 {
	switch {
	case mode != Fused:
		return f.EagerKernels
	case f.EagerKernels > 0:
		return min(f.FusedKernels, f.EagerKernels)
	}
	return f.FusedKernels
}

// weightBytes that one batch reads at a width in bytes: never more than the
// stored bytes, so that int4 weights are priced as such.
func (f Features) weightBytes(width float64) float64 {
	if b := f.Params * width; f.WeightBytes == 0 || b != 0 && b < f.WeightBytes {
		return b
	}
	return f.WeightBytes
}

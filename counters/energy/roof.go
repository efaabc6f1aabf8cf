package energy

import "math"

// Roof are the times that the parts of a node take on a device at full rate: what takes
// longest bounds the node (Williams, Waterman, Patterson, "Roofline: an insightful visual
// performance model for multicore architectures", CACM 52(4), 2009, with the launch of a
// kernel as a third roof). Rates of arithmetic and memory are the datasheet's, the launch
// is that of the coefficients.
type Roof struct {
	MAC  float64 // seconds for one multiply-accumulate
	Byte float64 // for one byte read or written
	Node float64 // for one kernel, shared by a batch
}

// The bounds of a node.
const (
	ComputeBound = "compute"
	TrafficBound = "traffic"
	LaunchBound  = "launch"
)

// Roof returns the rates of a device in a setting; ok is false where its datasheet does
// not state them.
func (o Options) Roof(d Device) (r Roof, ok bool) {
	s, _, err := o.setting(d)
	if err != nil {
		return r, false
	}
	table := o.Table
	if table == nil {
		table = Shipped()
	}
	form, _ := FormByName("classes")
	c, err := table.choose(d, s, form)
	if err != nil {
		return r, false
	}
	peak, _ := d.rate(s.Precision)
	r = Roof{MAC: 2 / peak, Byte: 1 / d.Bandwidth, Node: c.Per[TermKernel] / d.TDP / s.Batch}
	sum := r.MAC + r.Byte + r.Node
	return r, !math.IsInf(sum, 0) && !math.IsNaN(sum)
}

// Bound says what bounds one kernel of so many multiply-accumulates and bytes.
func (r Roof) Bound(macs, bytes float64) string {
	compute, traffic := macs*r.MAC, bytes*r.Byte
	switch {
	case r.Node >= max(compute, traffic):
		return LaunchBound
	case traffic >= compute:
		return TrafficBound
	}
	return ComputeBound
}

package energy

import "math"

// Term is one kind of work with a price per unit.
type Term int

// The terms, with the unit of their amounts per sample.
const (
	TermMAC        Term = iota // multiply-accumulates of all classes
	TermTile                   // TileMACs
	TermGrouped                // multiply-accumulates of grouped convolutions
	TermDepthMAC               // multiply-accumulates of depthwise convolutions
	TermActivation             // bytes of Activations, in eager mode damped
	TermConv                   // bytes of ConvTraffic and, but in eager mode at half precision, LinearTraffic
	TermDepthwise              // bytes of DepthwiseTraffic
	TermScore                  // bytes of ScoreTraffic
	TermOther                  // bytes of OtherTraffic and, in eager mode at half precision, LinearTraffic and MixedTraffic
	TermParam                  // bytes of Params, every sample (the regressions of the papers)
	TermWeight                 // weight bytes, shared by a batch
	TermKernel                 // kernels, shared by a batch
	numTerms
)

// termColumns are the columns of the coefficient table, joules per unit.
var termColumns = [numTerms]string{
	"j_per_mac", "j_per_tile_mac", "j_per_grouped_mac", "j_per_depthwise_mac", "j_per_activation_byte",
	"j_per_conv_byte", "j_per_depthwise_byte", "j_per_score_byte", "j_per_other_byte",
	"j_per_param_byte", "j_per_weight_byte", "j_per_kernel",
}

// Terms lists every term in the order of the table's columns.
func Terms() []Term {
	list := make([]Term, numTerms)
	for i := range list {
		list[i] = Term(i)
	}
	return list
}

func (t Term) String() string { return termColumns[t] }

// Form is a formula: the terms it prices.
type Form struct {
	Name string // as it stands in the table
	// Model is the name that users choose by --energy-model. Two forms serve
	// "traffic": by class where the graph is known, by totals where not.
	Model string
	Terms []Term
}

// The forms. A later one with the same model needs fewer features.
var forms = []Form{
	{"classes", "traffic", []Term{TermTile, TermGrouped, TermDepthMAC, TermConv, TermDepthwise, TermScore, TermOther, TermWeight, TermKernel}},
	{"totals", "traffic", []Term{TermMAC, TermActivation, TermWeight, TermKernel}},
	{"flops", "flops", []Term{TermMAC}},
	{"flops+params", "flops+params", []Term{TermMAC, TermParam}},
}

// Forms lists every form; the caller must not change it.
func Forms() []Form { return forms }

// FormByName finds a form of the table.
func FormByName(name string) (Form, bool) {
	for _, f := range forms {
		if f.Name == name {
			return f, true
		}
	}
	return Form{}, false
}

// EnergyModels lists the names of --energy-model; the first is the default.
func EnergyModels() []string { return []string{"traffic", "flops", "flops+params"} }

// Setting is how a sample is run.
type Setting struct {
	Precision string // one of Precisions
	Mode      string // Eager or Fused
	Batch     float64
}

// Amount is how many units of a term one sample costs. Weights and kernels
// are shared by the samples of a batch.
func (f Features) Amount(t Term, s Setting) float64 {
	width := precisionOf(s.Precision).width
	switch t {
	case TermMAC:
		return f.MACs()
	case TermTile:
		return f.TileMACs
	case TermGrouped:
		return f.GroupedMACs
	case TermDepthMAC:
		return f.DepthwiseMACs
	case TermActivation:
		return f.movedActivations(s.Mode) * width
	case TermConv:
		return f.productTraffic(s) * width
	case TermDepthwise:
		return f.DepthwiseTraffic * width
	case TermScore:
		return f.ScoreTraffic * width
	case TermOther:
		return f.plainTraffic(s) * width
	case TermParam:
		return f.Params * width
	case TermWeight:
		return f.weightBytes(width) / s.Batch
	default:
		return f.kernels(s.Mode) / s.Batch
	}
}

// Known reports whether the features say enough for a form.
func (f Form) Known(x Features) bool {
	switch f.Name {
	case "classes":
		return x.Classes
	case "totals":
		return x.Activations > 0 || x.MACs() == 0
	}
	return true
}

// Price is the datasheet's cost in joules of one unit of a term on a device
// at full power: a multiply-accumulate at peak rate, a byte at full bandwidth,
// a kernel that lasts one microsecond. NaN: the datasheet does not say.
func Price(d Device, t Term, precision string) float64 { return d.price(t, precision) }

// movedActivations are the activations as the totals form prices them. A compiler moves
// each about as often as the next. A framework does not: of two networks with the same
// totals the smaller layers move their elements more often, and where layers are not
// known, size and work per element are the best sign of it. In eager mode they equal
// Activations at 1e7 of them and 1e9 multiply-accumulates, and grow more slowly than the
// network. The exponents were found on held-out families.
func (f Features) movedActivations(mode string) float64 {
	if mode != Eager {
		return f.Activations
	}
	return 1e7 * math.Pow(f.Activations/1e7, 0.72) * math.Pow(f.MACs()/1e9, 0.18)
}

// laysOut reports whether convolutions lay their channels out anew: frameworks keep them
// in another order than matrix units of half precision want, and a compiler chooses one
// order for the whole network. Rows at single precision and in tf32 show no such thing.
func (s Setting) laysOut() bool {
	return s.Mode == Eager && precisionOf(s.Precision).class == "half"
}

// productTraffic are the elements that convolutions move, and linear layers where their
// traffic costs as much.
func (f Features) productTraffic(s Setting) float64 {
	if s.laysOut() {
		return f.ConvTraffic
	}
	return f.ConvTraffic + f.LinearTraffic
}

// plainTraffic are the elements of all other kernels, with what costs as much. A compiler
// makes the conversions of mixed precision within its kernels.
func (f Features) plainTraffic(s Setting) float64 {
	t := f.OtherTraffic
	if s.laysOut() {
		t += f.LinearTraffic
		if precisionOf(s.Precision).mixed() {
			t += f.MixedTraffic
		}
	}
	return t
}

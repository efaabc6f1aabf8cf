package energy

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Options of an estimate. The zero value is fp32, eager, one sample at a time,
// the default model and the shipped coefficients.
type Options struct {
	Precision string  // see ParsePrecision; "" is fp32
	Mode      string  // see ParseMode; "" is eager
	Batch     float64 // samples that run at once, at least 1; 0 is 1
	Model     string  // one of EnergyModels; "" is the first
	// TDPShare in (0, 1] is the share of TDP that the user says the device
	// draws; it scales estimates whose power is TDP. 0: not given.
	TDPShare float64
	Table    *Table // nil: the shipped coefficients
}

// Result is the energy and the time of one sample.
type Result struct {
	GPU       string
	Precision string
	Mode      string
	Batch     float64
	Model     string // one of EnergyModels
	Form      string // the formula that served it
	Joules    float64
	Lo, Hi    float64
	// Seconds per sample at this batch: the time of a batch divided by its
	// samples. Known is false if the coefficients do not know time.
	Seconds     Seconds
	Grade       Grade
	Factor      float64 // Hi = Joules x Factor
	Boundary    string  // gpu, board or system
	Coefficient string  // ID of the row
	Sources     string  // of the measurements behind the row, " | " apart
	Parts       []Part  // what each term contributes; sums to Joules unless the floor was hit
	Warnings    []string
}

// Seconds is a time with its interval.
type Seconds struct {
	Known         bool
	Value, Lo, Hi float64
}

// Part is the contribution of one term to an estimate.
type Part struct {
	Term   string  // column of the coefficient table
	Amount float64 // units per sample
	Joules float64
}

// Estimate prices one sample of a model on a device. Errors are bad features
// or options (a *NameError for names), and features too large to express.
//
// The interval is Joules/factor to Joules*factor with the larger of the
// cross-validated factor and the minimum of the grade. Where the power is TDP
// and no share of it is given, the low end is half of that again: an
// accelerator is likely to draw 0.5 to 0.95 of its TDP. No end lies below the
// physical floor of half the peak-rate cost of the multiply-accumulates.
func Estimate(d Device, f Features, o Options) (Result, error) {
	if err := f.Validate(); err != nil {
		return Result{}, err
	}
	s, notes, err := o.setting(d)
	if err != nil {
		return Result{}, err
	}
	table := o.Table
	if table == nil {
		table = Shipped()
	}
	form, note, err := chooseForm(table, d, f, s, o.Model)
	if err != nil {
		return Result{}, err
	}
	c, err := table.choose(d, s, form)
	if err != nil {
		return Result{}, err
	}
	r := Result{GPU: d.ID, Precision: s.Precision, Mode: s.Mode, Batch: s.Batch, Model: form.Model,
		Form: form.Name, Grade: c.Grade, Boundary: c.Boundary, Coefficient: c.ID, Sources: c.Sources}
	r.Warnings = append(append(notes, note...), c.warnings...)
	r.price(f, s, form, c)
	r.bound(d, f, o, c)
	if math.IsInf(max(r.Joules, r.Hi, r.Seconds.Hi), 0) || math.IsNaN(r.Joules+r.Seconds.Value) {
		return Result{}, errors.New("energy: the features are too large: the estimate overflows")
	}
	return r, nil
}

// setting checks the options and folds their names.
func (o Options) setting(d Device) (Setting, []string, error) {
	s := Setting{Batch: o.Batch}
	if s.Batch == 0 {
		s.Batch = 1
	}
	if !(s.Batch >= 1) || math.IsInf(s.Batch, 0) {
		return s, nil, fmt.Errorf("energy: batch is %v (expected at least 1)", o.Batch)
	}
	if o.TDPShare != 0 && !(o.TDPShare > 0 && o.TDPShare <= 1) {
		return s, nil, fmt.Errorf("energy: share of TDP is %v (expected a number in (0, 1])", o.TDPShare)
	}
	name := o.Precision
	if name == "" {
		name = "fp32"
	}
	var notes []string
	var note string
	var err error
	if s.Precision, note, err = ParsePrecision(name, d); err != nil {
		return s, nil, err
	}
	if note != "" {
		notes = append(notes, note)
	}
	s.Mode, err = ParseMode(o.Mode)
	return s, notes, err
}

// chooseForm picks, of the forms of a model that the features can feed, the
// one for which the device has the nearest evidence; of equals the one that
// splits the work most. A traffic model without any traffic falls back to MACs
// alone, and says so.
func chooseForm(t *Table, d Device, f Features, s Setting, model string) (Form, []string, error) {
	if model == "" {
		model = EnergyModels()[0]
	}
	if !slices.Contains(EnergyModels(), model) {
		return Form{}, nil, &NameError{Kind: "energy model", Name: model, Candidates: EnergyModels()}
	}
	best, found, rank := Form{}, false, -1
	for _, form := range forms {
		if form.Model != model || !form.Known(f) {
			continue
		}
		if e := t.evidence(d, s, form); e > rank {
			best, found, rank = form, true, e
		}
	}
	if found {
		return best, nil, nil
	}
	flops, _ := FormByName("flops")
	return flops, []string{"activations are not known: priced by MACs alone"}, nil
}

// price sums the terms.
func (r *Result) price(f Features, s Setting, form Form, c choice) {
	for _, t := range form.Terms {
		n := f.Amount(t, s)
		p := Part{Term: t.String(), Amount: n, Joules: n * c.Per[t]}
		r.Parts = append(r.Parts, p)
		r.Joules += p.Joules
	}
	if form.Model == "traffic" && f.kernels(s.Mode) == 0 && s.Batch < 64 && f.MACs() > 0 {
		r.Warnings = append(r.Warnings, "the number of kernels is not known: launches are left out, which matters at small batches")
	}
	switch {
	case form.Model != "traffic" || c.Kind == datasheetKind:
	case c.MinBatch > s.Batch:
		r.Warnings = append(r.Warnings, fmt.Sprintf("no rows below batch %g: launches and weights are priced by the shape shared by all devices", c.MinBatch))
	case c.MinBatch == 0 && s.Batch < 64:
		r.Warnings = append(r.Warnings, "its rows do not state their batch: launches and weights are priced by the shape shared by all devices")
	}
}

// bound applies time, share of TDP, floor and interval, in this order.
func (r *Result) bound(d Device, f Features, o Options, c choice) {
	if c.Watts > 0 {
		r.Seconds = Seconds{Known: true, Value: r.Joules / c.Watts}
		tf := c.Grade.Interval(c.TimeFactor)
		r.Seconds.Lo, r.Seconds.Hi = r.Seconds.Value/tf, r.Seconds.Value*tf
	}
	low := 1.0
	switch {
	case c.onTDP && o.TDPShare > 0:
		r.scale(o.TDPShare)
	case o.TDPShare > 0:
		r.Warnings = append(r.Warnings, "the share of TDP is ignored: the power behind these coefficients was measured")
	case c.onTDP && c.Grade == GradeC:
		low = LikelyDraw
	}
	floor := f.MACs() * d.floorPerMAC(r.Precision)
	if d.TDP > 0 && r.Seconds.Known {
		least := floor / d.TDP // what the floor takes at full power
		r.Seconds.Value, r.Seconds.Lo, r.Seconds.Hi = max(r.Seconds.Value, least), max(r.Seconds.Lo, least), max(r.Seconds.Hi, least)
	}
	if r.Joules < floor {
		r.Warnings = append(r.Warnings, fmt.Sprintf("raised from %.3g J to the physical floor of half the peak-rate cost of its MACs", r.Joules))
		r.Joules = floor
	}
	r.Factor = c.Grade.Interval(c.Factor)
	r.Lo = max(r.Joules/r.Factor*low, floor)
	r.Hi = r.Joules * r.Factor
}

func (r *Result) scale(share float64) {
	r.Joules *= share
	for i := range r.Parts {
		r.Parts[i].Joules *= share
	}
}

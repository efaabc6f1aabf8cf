package fit

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// Provenance is written at the head of a table. Nothing in it comes from a
// clock or a machine.
type Provenance struct {
	Version string
	Date    string // of the data, as given
	Lines   []string
}

// Table prices the held-out error of every row of a model and lays it out.
// Rows are sorted: the shared shapes, then devices by ID.
func (m *Model) Table(p Provenance) *energy.Table {
	t := &energy.Table{Version: p.Version}
	t.Header = append([]string{"version: " + p.Version, "date: " + p.Date}, p.Lines...)
	for _, form := range energy.Forms() {
		held := m.allHeldOut(form)
		for _, mode := range []string{energy.Eager, energy.Fused} {
			if m.Shapes[shapeKey{form.Name, mode}] != nil {
				t.Rows = append(t.Rows, m.shapeRow(form, mode, m.netSpread(held, mode)))
			}
		}
		for i, g := range m.Groups {
			if len(held[i]) > 0 {
				t.Rows = append(t.Rows, m.row(g, form, held[i], pool(m.Groups, held, i), m.netSpread(held, g.Mode)))
			}
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b energy.Coefficients) int { return strings.Compare(a.Device, b.Device) })
	return t
}

func (m *Model) allHeldOut(form energy.Form) [][]Held {
	held := make([][]Held, len(m.Groups))
	for i, g := range m.Groups {
		if m.coefficients(g, form, nil) != nil {
			held[i] = m.heldOut(g, form)
		}
	}
	return held
}

// netSpread is the factor that holds nine tenths of the nets of held-out
// families on the device where it is widest, of those with coefficients of
// their own in this mode. A device with few nets, or none, has not shown what
// networks differ by; it is at least this.
func (m *Model) netSpread(held [][]Held, mode string) float64 {
	x := 1.0
	for i, g := range m.Groups {
		if g.own() && g.Mode == mode && len(held[i]) > 0 {
			x = max(x, quantile.Of(folds(held[i], energyRatio), 0.9))
		}
	}
	return x
}

// pool gathers the held-out points of the other devices that, like group i,
// scale the shared shape by training steps or by inference. A device with
// three nets says little of its own spread; together they say it.
func pool(groups []Group, held [][]Held, i int) []Held {
	var list []Held
	for j, g := range groups {
		if !g.own() && g.Training == groups[i].Training && g.Device.ID != groups[i].Device.ID && len(g.Nets) > 1 {
			list = append(list, held[j]...)
		}
	}
	return list
}

// shapeRow is what prices a device without rows. Its error is that of devices
// left out of the fit, families too where they have many; each device weighs
// the same. Energy is compared with rows that end at the board: a whole system
// draws more, by an amount that no datasheet of the accelerator tells.
func (m *Model) shapeRow(form energy.Form, mode string, spread float64) energy.Coefficients {
	c := m.shapeCoefficients(form, mode)
	var board, all []Held
	for _, g := range m.Groups {
		if g.Mode != mode {
			continue
		}
		list := m.heldOutDevice(g, form)
		all = append(all, list...)
		if g.Points[0].Boundary != "system" {
			board = append(board, list...)
			c.Sources = joinSources(c.Sources, g.sources())
		}
	}
	joules := func(h Held) float64 { return h.Energy }
	c.X80, c.X90 = deviceQuantile(board, 0.8, joules), deviceQuantile(board, 0.9, joules)
	c.Factor = max(spread, c.X90)
	for i := range board {
		board[i].Interval = c.Factor
	}
	e := errorsOf(board, c.Grade, 1)
	e.X80, e.X90 = c.X80, c.X90
	setErrors(&c, e)
	c.TimeFactor = max(spread, deviceQuantile(all, 0.9, timeRatio))
	c.Rows, c.Nets = len(board), len(distinct(board, func(h Held) string { return h.Net }))
	c.Families = len(distinct(board, func(h Held) string { return h.Family }))
	return c
}

// shapeCoefficients is a shared shape without its errors.
func (m *Model) shapeCoefficients(form energy.Form, mode string) energy.Coefficients {
	c := energy.Coefficients{ID: "shape:" + mode + ":" + form.Name, Mode: mode, Form: form.Name, Factor: 1,
		Grade: energy.GradeD, Boundary: "board", Kind: "datasheet", Watts: 1, Split: splitGPU}
	shape := m.Shapes[shapeKey{form.Name, mode}]
	for j, t := range freeTerms(form) {
		c.Per[t] = shape[j]
	}
	for _, t := range form.Terms {
		switch t {
		case energy.TermWeight:
			c.Per[t] = weightShare
		case energy.TermKernel:
			c.Per[t] = m.Kernel
		}
	}
	return c
}

// groupCoefficients is the table's row of a group without its errors, nil if none of its
// points feeds the form.
func (m *Model) groupCoefficients(g Group, form energy.Form) *energy.Coefficients {
	per := m.coefficients(g, form, nil)
	if per == nil {
		return nil
	}
	g.Points = slices.DeleteFunc(slices.Clone(g.Points), func(p Point) bool { return !form.Known(p.Features) })
	c := &energy.Coefficients{Device: g.Device.ID, Precision: g.Precision, Mode: g.Mode, Form: form.Name, Factor: 1,
		Grade: g.grade(), Boundary: g.Points[0].Boundary, Kind: g.Kind, Watts: m.watts(g, form, nil), Note: g.note(), Sources: g.sources(),
		Nets: len(distinct(g.Points, func(p Point) string { return p.Net })), Families: len(g.families())}
	c.ID = strings.Join([]string{c.Device, c.Precision, c.Mode, c.Form}, ":")
	for j, v := range per {
		c.Per[form.Terms[j]] = v
	}
	for _, p := range g.Points {
		c.Rows += p.Rows
		c.Withheld += p.Withheld
		if p.BatchKnown && (c.MinBatch == 0 || p.Batch < c.MinBatch) {
			c.MinBatch = p.Batch
		}
	}
	return c
}

// row is the table's row of a group.
func (m *Model) row(g Group, form energy.Form, held, others []Held, spread float64) energy.Coefficients {
	c := *m.groupCoefficients(g, form)
	c.Split = held[0].Split
	if !g.own() {
		c.Factor, c.TimeFactor = spread, spread
		if len(others) > 0 {
			c.Factor = max(spread, quantile.Of(folds(others, energyRatio), 0.9))
			c.TimeFactor = max(spread, quantile.Of(folds(others, timeRatio), 0.9))
		}
		for i := range held {
			held[i].Interval = max(held[i].Interval, c.Factor)
		}
	}
	low := 1.0
	if c.Grade == energy.GradeC {
		low = energy.LikelyDraw
	}
	e := errorsOf(held, c.Grade, low)
	setErrors(&c, e)
	c.Factor = max(c.Factor, e.X90)
	c.TimeFactor = max(c.TimeFactor, quantile.Of(folds(held, timeRatio), 0.9))
	return c
}

func setErrors(c *energy.Coefficients, e Errors) {
	c.MedianAPE, c.MAPE, c.X80, c.X90, c.R2Log, c.Coverage = e.MedianAPE, e.MAPE, e.X80, e.X90, e.R2Log, e.Coverage
}

func energyRatio(h Held) float64 { return h.Energy }
func timeRatio(h Held) float64   { return h.Time }

func folds(list []Held, of func(Held) float64) []float64 {
	v := make([]float64, len(list))
	for i, h := range list {
		v[i] = fold(of(h))
	}
	return v
}

// joinSources merges two lists of repositories, sorted.
func joinSources(a, b string) string {
	list := strings.Split(b, sourceSeparator)
	if a != "" {
		list = append(list, strings.Split(a, sourceSeparator)...)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), sourceSeparator)
}

// grade of the evidence of a group, by the rule of each grade.
func (g Group) grade() energy.Grade {
	switch {
	case !g.measured():
		return energy.GradeC
	case len(g.Nets) >= 20 && len(g.families()) >= 5 && !g.Training:
		return energy.GradeA
	}
	return energy.GradeB
}

// note says what every reader of an estimate from a group must know.
func (g Group) note() string {
	var notes []string
	if n := len(g.Nets); n == 1 {
		notes = append(notes, "rows of one net only ("+g.Nets[0]+"): the shape shared by all devices times one fitted factor")
	} else if !g.own() {
		notes = append(notes, fmt.Sprintf("rows of %d nets only: the shape shared by all devices times one fitted factor", n))
	}
	if g.Training {
		notes = append(notes, fmt.Sprintf("rows of training only: a forward pass is taken as 1/%v of a step", stepsPerForward))
	}
	var maxQ, unpadded bool
	var share []float64
	for _, p := range g.Points {
		maxQ, unpadded = maxQ || p.MaxQ, unpadded || p.Unpadded
		share = append(share, p.Joules/p.Seconds/g.Device.TDP)
	}
	if g.Points[0].Boundary == "system" {
		notes = append(notes, fmt.Sprintf("whole systems at the wall, host included: %.2g times TDP per accelerator", quantile.Median(share)))
	}
	if maxQ {
		notes = append(notes, "some rows on systems tuned for efficiency (MaxQ)")
	}
	if unpadded {
		notes = append(notes, fmt.Sprintf("its BERT rows ran without padding: counted as %v of their tokens", tokensLeft))
	}
	return strings.Join(notes, "; ")
}

// tableColumns are the columns of a coefficient table that are not terms.
var (
	tableHead = []string{"id", "device", "precision", "mode", "form", "grade", "boundary", "kind"}
	tableTail = []string{"watts", "rows", "withheld", "nets", "families", "min_batch", "split", "median_ape", "mape",
		"x80", "x90", "r2_log", "coverage", "factor", "time_factor", "sources", "note"}
)

// WriteTable writes a table as energy.ReadTable reads it: comment lines, then
// CSV with five significant digits.
func WriteTable(w io.Writer, t *energy.Table) error {
	for _, l := range t.Header {
		if _, err := fmt.Fprintf(w, "# %s\n", l); err != nil {
			return err
		}
	}
	head := slices.Clone(tableHead)
	for _, term := range energy.Terms() {
		head = append(head, term.String())
	}
	c := csv.NewWriter(w)
	if err := c.Write(append(head, tableTail...)); err != nil {
		return err
	}
	for _, r := range t.Rows {
		f := []string{r.ID, r.Device, r.Precision, r.Mode, r.Form, string(r.Grade), r.Boundary, r.Kind}
		for _, v := range r.Per {
			f = append(f, digits(v))
		}
		f = append(f, digits(r.Watts), strconv.Itoa(r.Rows), strconv.Itoa(r.Withheld), strconv.Itoa(r.Nets),
			strconv.Itoa(r.Families), digits(r.MinBatch), r.Split, digits(r.MedianAPE), digits(r.MAPE), digits(r.X80),
			digits(r.X90), digits(r.R2Log), digits(r.Coverage), digits(r.Factor), digits(r.TimeFactor), r.Sources, r.Note)
		if err := c.Write(f); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// digits writes five significant digits; 0 is empty.
func digits(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 5, 64)
}

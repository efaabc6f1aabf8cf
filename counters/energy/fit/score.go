package fit

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

// ScoreRows prices rows by a table that need not have seen them, one by one, and sums up
// the errors per device, precision and mode: a network of the feature table by its
// layers, any other by its totals; a group of both names both forms. A row that cannot
// be scored is counted with the reason.
func ScoreRows(rows []Row, nets *Nets, t *energy.Table) ([]energy.Validation, Skipped) {
	s, skipped := scores{}, Skipped{}
	find := lookups{}
	for _, r := range rows {
		p, why := scorable(r, nets, find)
		if why != "" {
			skipped[why]++
			continue
		}
		e, err := s.estimate(p, t)
		if err != nil {
			skipped[err.Error()]++
			continue
		}
		if !(fold(e.Joules/p.Joules) < tooFar) {
			skipped["estimate and measurement differ by a factor of 1e9 or more: another unit?"]++
			continue
		}
		s.add(scoreKey{gpu: p.Device.ID, precision: p.Precision, mode: p.Mode}, p, e)
	}
	return s.list(), skipped
}

// tooFar is a factor that no measurement is wrong by, and that sums of errors can hold.
const tooFar = 1e9

// scorable makes a point of a row, or says why it cannot be held against an estimate.
func scorable(r Row, nets *Nets, find lookups) (Point, string) {
	if why := noForward(r, find); why != "" {
		return Point{}, why
	}
	p, why, err := point(r, nets, find)
	if err != nil {
		return p, err.Error()
	}
	return p, why
}

type scoreKey struct{ gpu, precision, mode, form string }

// scores gathers the errors of groups.
type scores struct{ groups map[scoreKey]*scored }

type scored struct {
	ape, x, logs  []float64
	squares       float64
	inside, total int
	forms         []string
}

func (s *scores) estimate(p Point, t *energy.Table) (energy.Result, error) {
	return energy.Estimate(p.Device, p.Features, energy.Options{Precision: p.Precision, Mode: p.Mode, Batch: p.Batch, Table: t})
}

func (s *scores) add(k scoreKey, p Point, r energy.Result) {
	if s.groups == nil {
		s.groups = map[scoreKey]*scored{}
	}
	g := s.groups[k]
	if g == nil {
		g = &scored{}
		s.groups[k] = g
	}
	if !slices.Contains(g.forms, r.Form) {
		g.forms = append(g.forms, r.Form)
	}
	ratio := r.Joules / p.Joules
	g.ape = append(g.ape, math.Abs(ratio-1))
	g.x = append(g.x, fold(ratio))
	g.logs = append(g.logs, math.Log(p.Joules))
	g.squares += sq(math.Log(ratio))
	g.total++
	if p.Joules >= r.Lo && p.Joules <= r.Hi {
		g.inside++
	}
}

func (s *scores) list() []energy.Validation {
	var list []energy.Validation
	for k, g := range s.groups {
		slices.Sort(g.forms)
		list = append(list, energy.Validation{GPU: k.gpu, Precision: k.precision, Mode: k.mode, Form: strings.Join(g.forms, "+"), Split: "none",
			Rows: g.total, MedianAPE: quantile.Median(g.ape), MAPE: mean(g.ape), X80: quantile.Of(g.x, 0.8), X90: quantile.Of(g.x, 0.9),
			R2Log: r2(g.squares, g.logs), Coverage: float64(g.inside) / float64(g.total)})
	}
	slices.SortFunc(list, func(a, b energy.Validation) int {
		return slices.Compare([]string{a.GPU, a.Precision, a.Mode, a.Form}, []string{b.GPU, b.Precision, b.Mode, b.Form})
	})
	return list
}

// r2 of logs: 1 - squares/spread; 0 where the measurements do not spread.
func r2(squares float64, logs []float64) float64 {
	spread, m := 0.0, mean(logs)
	for _, l := range logs {
		spread += sq(l - m)
	}
	if spread == 0 {
		return 0
	}
	return 1 - squares/spread
}

// Compare writes the errors of two tables side by side, row by row: what a
// refit changed.
func Compare(w io.Writer, before, after *energy.Table) error {
	was, is := map[string]energy.Coefficients{}, map[string]energy.Coefficients{}
	ids := map[string]bool{}
	for _, c := range before.Rows {
		was[c.ID], ids[c.ID] = c, true
	}
	for _, c := range after.Rows {
		is[c.ID], ids[c.ID] = c, true
	}
	if _, err := fmt.Fprintln(w, "id,rows_before,rows_after,median_ape_before,median_ape_after,x90_before,x90_after,factor_before,factor_after"); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		a, b := was[id], is[id]
		_, err := fmt.Fprintf(w, "%s,%d,%d,%s,%s,%s,%s,%s,%s\n", id, a.Rows, b.Rows, digits(a.MedianAPE), digits(b.MedianAPE),
			digits(a.X90), digits(b.X90), digits(a.Factor), digits(b.Factor))
		if err != nil {
			return err
		}
	}
	return nil
}

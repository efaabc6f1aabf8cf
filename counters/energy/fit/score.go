package fit

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// Score prices every point by a table without fitting anything, and sums up
// the errors per device, precision and mode. The points may be ones that the
// table never saw: that is what it is for.
func Score(points []Point, t *energy.Table) ([]energy.Validation, error) {
	type key struct{ gpu, precision, mode, form string }
	type scored struct {
		ape, x, logs  []float64
		squares       float64
		inside, total int
	}
	groups := map[key]*scored{}
	for _, p := range points {
		r, err := energy.Estimate(p.Device, p.Features, energy.Options{Precision: p.Precision, Mode: p.Mode, Batch: p.Batch, Table: t})
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", p.Net, p.Device.ID, err)
		}
		k := key{p.Device.ID, p.Precision, p.Mode, r.Form}
		if groups[k] == nil {
			groups[k] = &scored{}
		}
		g, ratio := groups[k], r.Joules/p.Joules
		g.ape = append(g.ape, math.Abs(ratio-1))
		g.x = append(g.x, fold(ratio))
		g.logs = append(g.logs, math.Log(p.Joules))
		g.squares += sq(math.Log(ratio))
		g.total++
		if p.Joules >= r.Lo && p.Joules <= r.Hi {
			g.inside++
		}
	}
	var list []energy.Validation
	for k, g := range groups {
		list = append(list, energy.Validation{GPU: k.gpu, Precision: k.precision, Mode: k.mode, Form: k.form, Split: "none",
			Rows: g.total, MedianAPE: quantile(g.ape, 0.5), MAPE: mean(g.ape), X80: quantile(g.x, 0.8), X90: quantile(g.x, 0.9),
			R2Log: r2(g.squares, g.logs), Coverage: float64(g.inside) / float64(g.total)})
	}
	slices.SortFunc(list, func(a, b energy.Validation) int {
		return slices.Compare([]string{a.GPU, a.Precision, a.Mode, a.Form}, []string{b.GPU, b.Precision, b.Mode, b.Form})
	})
	return list, nil
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

package render

import (
	"github.com/onnxmeter/onnxmeter/counters/energy"
)

func (j *jsonWriter) energy(r *Report) {
	j.key("energy").arrayBlock()
	for i := range r.Estimates {
		j.estimate(&r.Estimates[i])
	}
	j.end()
	j.key("carbon").arrayBlock()
	for i := range r.Estimates {
		e := &r.Estimates[i]
		for k := range e.Emissions {
			j.emission(e.GPU, e.Missing == "", &e.Emissions[k])
		}
	}
	j.end()
}

// maybe writes a number, null if it is not known.
func (j *jsonWriter) maybe(known bool, f float64) {
	if !known {
		j.null()
		return
	}
	j.float(f)
}

func (j *jsonWriter) estimate(e *Estimate) {
	known := e.Missing == ""
	j.object()
	j.key("gpu").str(e.GPU)
	j.key("precision").str(e.Precision)
	j.key("mode").str(e.Mode)
	j.key("batch").float(e.Batch)
	j.key("model").str(e.Model)
	for _, f := range []struct {
		key string
		v   float64
	}{{"joules", e.Joules}, {"lo", e.Lo}, {"hi", e.Hi}} {
		j.key(f.key)
		j.maybe(known, f.v)
	}
	j.key("seconds").object()
	for _, f := range []struct {
		key string
		v   float64
	}{{"value", e.Seconds.Value}, {"lo", e.Seconds.Lo}, {"hi", e.Seconds.Hi}} {
		j.key(f.key)
		j.maybe(known && e.Seconds.Known, f.v)
	}
	j.end()
	j.key("grade").str(string(e.Grade))
	j.key("boundary").str(e.Boundary)
	j.key("coefficient").str(e.Coefficient)
	j.key("warnings").strs(e.Warnings)
	j.end()
}

// emission writes the carbon of the energy of a device; nulls if that is not known.
func (j *jsonWriter) emission(gpu string, known bool, c *energy.Emission) {
	j.object()
	j.key("zone").str(c.Zone.ID)
	j.key("g_per_kwh").float(c.Zone.GPerKWh)
	j.key("year")
	if c.Zone.Year == 0 {
		j.null()
	} else {
		j.int(int64(c.Zone.Year))
	}
	j.key("pue").float(c.PUE)
	for _, f := range []struct {
		key string
		v   float64
	}{{"grams", c.Grams}, {"lo", c.Lo}, {"hi", c.Hi}} {
		j.key(f.key)
		j.maybe(known, f.v)
	}
	j.key("gpu").str(gpu)
	j.key("method").str(c.Zone.Method)
	j.key("source").str(c.Zone.Source)
	if c.Warning != "" {
		j.key("warnings").strs([]string{c.Warning})
	}
	j.end()
}

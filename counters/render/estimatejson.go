package render

import (
	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/ops"
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
			j.emission(e.GPU, e.Missing == "", &e.Emissions[k], e.Requests)
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

// interval writes a figure and its ends lo and hi, nulls if they are not known.
func (j *jsonWriter) interval(key string, known bool, point, lo, hi float64) {
	j.key(key).maybe(known, point)
	j.key("lo").maybe(known, lo)
	j.key("hi").maybe(known, hi)
}

func (j *jsonWriter) estimate(e *Estimate) {
	known := e.Missing == ""
	j.object()
	j.key("gpu").str(e.GPU)
	j.key("precision").str(e.Precision)
	j.key("mode").str(e.Mode)
	j.key("batch").float(e.Batch)
	j.key("model").str(e.Model)
	j.interval("joules", known, e.Joules, e.Lo, e.Hi)
	j.key("seconds").object()
	j.interval("value", known && e.Seconds.Known, e.Seconds.Value, e.Seconds.Lo, e.Seconds.Hi)
	j.end()
	j.key("grade").str(string(e.Grade))
	j.key("boundary").str(e.Boundary)
	j.key("coefficient").str(e.Coefficient)
	if e.Requests > 0 {
		n := float64(e.Requests) / 3.6e6
		j.requests(e.Requests, "kwh", known, n*e.Joules, n*e.Lo, n*e.Hi)
	}
	j.key("warnings").strs(e.Warnings)
	j.end()
}

// requests writes what n inferences take, with its interval.
func (j *jsonWriter) requests(n int64, unit string, known bool, point, lo, hi float64) {
	j.key("requests").object()
	j.key("n").int(n)
	j.interval(unit, known, point, lo, hi)
	j.end()
}

// emission writes the carbon of the energy of a device; nulls if that is not known.
// requests adds that of a number of inferences; 0: none.
func (j *jsonWriter) emission(gpu string, known bool, c *energy.Emission, requests int64) {
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
	j.interval("grams", known, c.Grams, c.Lo, c.Hi)
	j.key("gpu").str(gpu)
	j.key("method").str(c.Zone.Method)
	j.key("source").str(c.Zone.Source)
	if c.Warning != "" {
		j.key("warnings").strs([]string{c.Warning})
	}
	n := float64(max(requests, 1))
	if requests > 0 {
		j.requests(requests, "kg", known, n*c.Grams/1000, n*c.Lo/1000, n*c.Hi/1000)
	}
	if len(c.Everyday) > 0 && known {
		j.key("equivalents").array()
		for _, q := range c.Everyday {
			j.object()
			j.key("name").str(q.Name)
			j.key("times").float(n * q.Times)
			j.key("source").str(q.Source)
			j.end()
		}
		j.end()
	}
	j.end()
}

// boundOf says what bounds a node, run by itself, on the device of an estimate; "" for
// what launches nothing, or is not known.
func (e *Estimate) boundOf(state ops.State, view bool, s *counters.Sums) string {
	if state != ops.Counted || view || e.Roof == (energy.Roof{}) {
		return ""
	}
	macs, err1 := energy.Upper(s.Work.MAC)
	bytes, err2 := energy.Upper(s.Bytes)
	if err1 != nil || err2 != nil {
		return ""
	}
	return e.Roof.Bound(macs, bytes*e.Width)
}

package render

import (
	"io"
	"maps"
	"math/big"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// Tool names the versions that a report rests on.
type Tool struct{ Version, Operators, Coefficients string }

// Report is the count of one model with the estimates made from it.
type Report struct {
	*counters.Report
	Tool       Tool
	Convention string
	// Measured tells what the convention found, nil for the tool's own.
	Measured  *convention.Result
	Rules     Rules
	Estimates []Estimate
	Density   *counters.Density // nil when nobody asked and nothing is sparse
}

// Rules are the choices between readings of a model that a count was made with.
type Rules struct {
	QDQ     string // fold or literal
	Padding string // full or exact
	Causal  string // full or half
}

// Estimate is the energy of the counted work on one device, and what it emits in
// each zone.
type Estimate struct {
	energy.Result
	// Missing says why there is no estimate, "" if there is one. Then only the
	// names in Result hold.
	Missing   string
	Emissions []energy.Emission
	Requests  int64 // how many inferences are asked for too; 0: none
	// Roof says what bounds a node; zero where the datasheet does not. Width is that of
	// the precision over that of the model's elements.
	Roof  energy.Roof
	Width float64
}

// View chooses what the tables of text, CSV and Markdown show.
type View struct {
	By    string // one of Groupings; "": by operator, and in CSV one line for each report
	Depth int    // levels of the module tree; 0: a choice that fits a screen
	Top   int    // rows; 0: all
	Sort  string // one of SortKeys; "": by MACs, nodes and modules in model order
	Color bool
	Full  bool // text lists everything that it otherwise cuts
}

// Groupings are the values of View.By; the first is what tables show by default.
var Groupings = []string{"op", "module", "dtype", "node"}

// SortKeys are the columns that View.Sort takes.
var SortKeys = []string{"macs", "flops", "params", "bytes", "nodes", "name"}

// figure is a total as it is printed: a number, an upper bound, or a formula.
type figure struct {
	value   *big.Int // nil: open, see formula
	formula string   // "" when the total is a plain number
	lo, hi  *big.Int // bounds; equal to value for a plain number, nil where there is none
}

// newFigure reads a total with its lower bound. What depends on data alone is its
// upper bound, when there is one.
func newFigure(lower, upper graph.Dim) figure {
	lo, hi := counters.Interval(lower, upper)
	f := figure{value: upper.BigConst(), lo: lo, hi: hi}
	if f.value != nil {
		return f
	}
	f.formula = upper.String()
	if !upper.HasOpen() && !upper.HasUnknown() {
		f.value = hi
	}
	return f
}

// exact reports whether the figure is one number.
func (f *figure) exact() bool { return f.value != nil && f.lo != nil && f.lo.Cmp(f.value) == 0 }

// isBound reports whether the figure depends on data alone: its bounds are worth
// printing. hi may be nil.
func (f *figure) isBound(upper graph.Dim) bool {
	return !upper.HasOpen() && !upper.HasUnknown() && f.lo != nil && (f.hi == nil || f.lo.Cmp(f.hi) != 0)
}

// namedFigure is one column of the totals.
type namedFigure struct {
	name string
	figure
	bound bool
}

// figures lists the totals in the order of reports.
func (r *Report) figures() []namedFigure {
	lower := r.Lower.Columns()
	var out []namedFigure
	for i, c := range r.Totals.Columns() {
		f := newFigure(lower[i].Dim, c.Dim)
		out = append(out, namedFigure{c.Name, f, f.isBound(c.Dim)})
	}
	return out
}

// stateName is the state of a node in reports: folding is a way to be free.
func stateName(s ops.State) string {
	if s == ops.Folded {
		return ops.Free.String()
	}
	return s.String()
}

// uncertain reports whether the work of a node is not known.
func uncertain(s ops.State) bool { return s == ops.Uncounted || s == ops.Unresolved }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// VersionJSON writes onnxmeter.version/1.
func VersionJSON(w io.Writer, t Tool, goVersion string) error {
	j := newJSONWriter(w, false)
	j.objectBlock()
	j.key("schema").str("onnxmeter.version/1")
	j.tool(t)
	j.key("latest_opset").int(ops.LatestOpset)
	j.key("go").str(goVersion)
	j.end()
	return j.finish()
}

func (j *jsonWriter) tool(t Tool) {
	j.key("tool").object()
	j.key("version").str(t.Version)
	j.key("operators").str(t.Operators)
	j.key("coefficients").str(t.Coefficients)
	j.end()
}

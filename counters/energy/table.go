package energy

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
)

// Coefficients is one row of the fitted table.
type Coefficients struct {
	ID        string // unique; printed with every estimate
	Device    string // device ID; empty: the shape shared by all devices
	Precision string // one of Precisions; empty for the shared shape
	Mode      string // Eager or Fused
	Form      string // name of a form
	Grade     Grade
	Boundary  string // gpu, board or system: what the energy of the rows includes
	Kind      string // kinds of its rows: measured-nvml, measured-wall, throughput-x-tdp
	// Per is joules per unit of each term; in a shape, multiples of the
	// datasheet's price of that unit.
	Per [numTerms]float64
	// Watts is the effective power that turns joules into seconds; 0: the
	// rows do not know time. Of a shape: as a share of TDP.
	Watts float64

	Rows     int // measurements behind the row
	Withheld int // of these, rows that do not ship because their source states no licence
	Nets     int
	Families int
	MinBatch float64 // smallest batch among the rows; 0: none states its batch

	Split      string // what was held out for the errors: family, net, gpu
	MedianAPE  float64
	MAPE       float64
	X80, X90   float64 // 80 % and 90 % of held-out points lie within this factor
	R2Log      float64
	Coverage   float64 // share of held-out points inside the printed interval
	Factor     float64 // cross-validated interval factor of the energy
	TimeFactor float64 // the same for the time; 0: no time

	Sources string // repositories of the rows
	Note    string // warnings for every estimate that uses the row, "; " apart
}

// datasheetKind is the kind of rows that rest on no measurement of the device.
const datasheetKind = "datasheet"

// Table is a set of coefficients with its provenance.
type Table struct {
	Version string   // the line "# version: ..." of the file
	Header  []string // the comment lines of the file, without '#'
	Rows    []Coefficients
}

var shippedTable = sync.OnceValues(func() (*Table, error) {
	return ReadTable(strings.NewReader(data.Coefficients))
})

// Shipped is the embedded table. The caller must not change it.
func Shipped() *Table {
	t, err := shippedTable()
	if err != nil {
		panic("energy: embedded coefficients.csv: " + err.Error()) // unreachable: a test parses the file
	}
	return t
}

// Version names the embedded table; it is "tool.coefficients" of a report. It
// reads only the head of the file.
func Version() string { return headerValue(commentLines(data.Coefficients), "version") }

func commentLines(s string) []string {
	var lines []string
	for strings.HasPrefix(s, "#") {
		line, rest, _ := strings.Cut(s, "\n")
		lines = append(lines, strings.TrimSpace(strings.TrimPrefix(line, "#")))
		s = rest
	}
	return lines
}

func headerValue(lines []string, key string) string {
	for _, l := range lines {
		if v, ok := strings.CutPrefix(l, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// ReadTable parses a coefficient table. Every name in it must be known and
// every coefficient finite and non-negative.
func ReadTable(r io.Reader) (*Table, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	t, err := parseTable(string(b), func(record) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("coefficients: %w", err)
	}
	return t, nil
}

// neededColumns are those without which a row says nothing.
var neededColumns = []string{"id", "device", "precision", "mode", "form", "grade", "boundary", "factor"}

// parseTable parses a table, each row of which must satisfy a check.
func parseTable(text string, check func(record) error) (*Table, error) {
	t := &Table{Header: commentLines(text)}
	t.Version = headerValue(t.Header, "version")
	rows, err := readRecords(strings.NewReader(text), neededColumns...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c, err := parseCoefficients(r)
		if err == nil {
			err = check(r)
		}
		if err != nil {
			return nil, &lineError{r.line, err}
		}
		t.Rows = append(t.Rows, c)
	}
	return t, nil
}

// lineError is what is wrong with a line of a table.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

func parseCoefficients(r record) (Coefficients, error) {
	c := Coefficients{
		ID: r.text("id"), Device: r.text("device"), Precision: r.text("precision"),
		Mode: r.text("mode"), Form: r.text("form"), Grade: Grade(r.text("grade")),
		Boundary: r.text("boundary"), Kind: r.text("kind"), Split: r.text("split"),
		Sources: r.text("sources"), Note: r.text("note"),
	}
	var rows, withheld, nets, families float64
	cells := append(c.cells(), cell{"rows", &rows}, cell{"withheld", &withheld}, cell{"nets", &nets}, cell{"families", &families})
	if err := r.numbers(cells...); err != nil {
		return c, err
	}
	for _, p := range cells {
		if *p.dest < 0 {
			return c, fmt.Errorf("column %s is negative", p.column)
		}
	}
	var err error
	if c.R2Log, err = r.number("r2_log"); err != nil {
		return c, err
	}
	c.Rows, c.Withheld, c.Nets, c.Families = int(rows), int(withheld), int(nets), int(families)
	return c, c.check()
}

// cells are the columns of numbers that are not negative.
func (c *Coefficients) cells() []cell {
	cells := []cell{
		{"watts", &c.Watts}, {"min_batch", &c.MinBatch}, {"median_ape", &c.MedianAPE}, {"mape", &c.MAPE},
		{"x80", &c.X80}, {"x90", &c.X90}, {"coverage", &c.Coverage},
		{"factor", &c.Factor}, {"time_factor", &c.TimeFactor},
	}
	for t, name := range termColumns {
		cells = append(cells, cell{name, &c.Per[t]})
	}
	return cells
}

func (c Coefficients) check() error {
	if c.Device != "" {
		if _, ok := deviceByID(c.Device); !ok {
			return fmt.Errorf("device %q is not an id of the table of devices", c.Device)
		}
		if p, _, err := ParsePrecision(c.Precision, Device{}); err != nil || p != c.Precision {
			return fmt.Errorf("precision %q is not one of %s", c.Precision, strings.Join(Precisions(), ", "))
		}
	}
	if m, err := ParseMode(c.Mode); err != nil || m != c.Mode {
		return fmt.Errorf("mode %q is not eager or fused", c.Mode)
	}
	if _, ok := FormByName(c.Form); !ok {
		return fmt.Errorf("form %q is unknown", c.Form)
	}
	if c.Grade.minFactor() == 0 {
		return fmt.Errorf("grade %q is not one of A, B, C, D, U", c.Grade)
	}
	if !slices.Contains([]string{"gpu", "board", "system"}, c.Boundary) {
		return fmt.Errorf("boundary %q is not gpu, board or system", c.Boundary)
	}
	if c.ID == "" || c.Factor < 1 {
		return fmt.Errorf("row needs an id and a factor of at least 1")
	}
	return nil
}

// For lists the rows of a device, in the order of the table.
func (t *Table) For(device string) []Coefficients {
	var list []Coefficients
	for _, c := range t.Rows {
		if c.Device == device {
			list = append(list, c)
		}
	}
	return list
}

// Merge returns a table in which the rows of a user's table come first, so
// that they win wherever both know a device, precision, mode and form.
func (t *Table) Merge(user *Table) *Table {
	return &Table{
		Version: t.Version + "+" + user.Version,
		Header:  append(slices.Clone(user.Header), t.Header...),
		Rows:    append(slices.Clone(user.Rows), t.Rows...),
	}
}

// find returns the first row that fits; any field of the key left empty fits all.
func (t *Table) find(device, precision, mode, form string) (Coefficients, bool) {
	for _, c := range t.Rows {
		if c.Device == device && c.Form == form && c.Mode == mode && (precision == "" || c.Precision == precision) {
			return c, true
		}
	}
	return Coefficients{}, false
}

package fit

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

var update = flag.Bool("update", false, "rewrite the shipped data, the coefficient table and docs/energy.md")

const dataDir = "../data"

// allRows reads every row, with those that do not ship.
func allRows(t *testing.T) []Row {
	t.Helper()
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the rows that do not ship are absent")
	}
	f, err := os.Open(filepath.Join(dir, "energy", "measurements.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := ReadRows(f)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func nets(t *testing.T) *Nets {
	t.Helper()
	n, err := ShippedNets()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGeneratedTable refits the shipped table from all rows and demands the same bytes.
func TestGeneratedTable(t *testing.T) {
	rows := allRows(t)
	if *update {
		writeShipped(t, rows)
	}
	r, err := Do(rows, nets(t))
	if err != nil {
		t.Fatal(err)
	}
	holdTo(t, "coefficients.csv", func(w io.Writer) error { return WriteTable(w, r.Table) })
	holdTo(t, "validation.csv", func(w io.Writer) error { return WriteValidation(w, Validate(r.Model, r.Table, r.Points)) })
}

// holdTo compares a file of the shipped data with what is written now, or writes it
// under -update.
func holdTo(t *testing.T, file string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dataDir, file)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the refit differs from %s: run with -update and look at the difference\n%s", path, firstDifference(got.String(), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer"
}

// writeShipped packs the rows that may ship.
func writeShipped(t *testing.T, rows []Row) {
	t.Helper()
	var ship []Row
	for _, r := range rows {
		if r.Ships() {
			ship = append(ship, r)
		}
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteRows(z, ship); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dataDir, "measurements.csv.gz"), packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shippedRefit is the fit of the rows in the binary, made once.
var shippedRefit = sync.OnceValues(func() (*Refit, error) {
	rows, n, err := ShippedInputs()
	if err != nil {
		return nil, err
	}
	return Do(rows, n)
})

func refit(t *testing.T) *Refit {
	t.Helper()
	r, err := shippedRefit()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// heldOnce is what a group of the fit from the shipped rows shows on held-out families,
// computed once for all tests.
func heldOnce(m *Model, g Group, form energy.Form) []Held {
	key := g.Device.ID + " " + g.Precision + " " + g.Mode + " " + form.Name
	if held, ok := heldOfShipped.Load(key); ok {
		return slices.Clone(held.([]Held))
	}
	held := m.heldOut(g, form)
	heldOfShipped.Store(key, held)
	return slices.Clone(held)
}

var heldOfShipped sync.Map

// TestShippedRefit refits from the rows in the binary: every row of the table
// that rests on shipped rows alone must come out the same.
func TestShippedRefit(t *testing.T) {
	r := refit(t)
	same := map[string]energy.Coefficients{}
	for _, c := range r.Table.Rows {
		same[c.ID] = c
	}
	checked := 0
	for _, want := range energy.Shipped().Rows {
		if want.Withheld > 0 {
			continue
		}
		got, ok := same[want.ID]
		if !ok {
			t.Errorf("%s: not in the refit from shipped rows", want.ID)
			continue
		}
		for i, term := range energy.Terms() {
			if digits(got.Per[i]) != digits(want.Per[i]) {
				t.Errorf("%s: %v is %v in the refit, %v in the table", want.ID, term, digits(got.Per[i]), digits(want.Per[i]))
			}
		}
		checked++
	}
	if checked < 20 || r.Missing == 0 {
		t.Errorf("checked %d rows, %d missing: expected many and some", checked, r.Missing)
	}
}

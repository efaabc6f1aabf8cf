package energy

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// The bounds of a user's table of coefficients.
const (
	MaxTableBytes = 4 << 20
	maxTableRows  = 10_000
	maxRowCount   = 1e9 // in the columns that count rows, nets and families
)

// LoadCoefficients reads a user's table: CSV in the columns of the shipped one, of
// which only those of the estimate are needed. Columns must be known, numbers finite
// and not negative, and no two rows may have one id or serve one setting. Errors are
// a *graph.FileError with the name given, or those of r.
func LoadCoefficients(r io.Reader, name string) (*Table, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxTableBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxTableBytes {
		return nil, &graph.FileError{File: name, Line: 1, What: fmt.Sprintf("more than %d bytes of coefficients", MaxTableBytes)}
	}
	t, err := parseTable(string(b), (&userRows{first: map[string]int{}}).check)
	if err != nil {
		return nil, placed(name, err)
	}
	if len(t.Rows) == 0 {
		return nil, &graph.FileError{File: name, Line: 1, What: "no rows of coefficients"}
	}
	if t.Version == "" {
		t.Version = "user"
	}
	return t, nil
}

// placed gives an error of the parser its place.
func placed(name string, err error) error {
	var line *lineError
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &line):
		return &graph.FileError{File: name, Line: line.line, What: line.err.Error()}
	case errors.As(err, &syntax) && syntax.Line > 1:
		return &graph.FileError{File: name, Line: syntax.Line, What: syntax.Err.Error()}
	}
	return &graph.FileError{File: name, Line: 1, What: fmt.Sprintf("no table of coefficients: %s (expected CSV with the columns %s)",
		graph.Quote(err.Error()), strings.Join(neededColumns, ", "))}
}

// userRows checks rows against each other.
type userRows struct {
	rows  int
	first map[string]int // line of an id or of a setting
}

func (u *userRows) check(r record) error {
	if u.rows++; u.rows == 1 {
		if err := knownColumns(r); err != nil {
			return err
		}
	}
	if u.rows > maxTableRows {
		return fmt.Errorf("more than %d rows", maxTableRows)
	}
	for _, name := range countColumns {
		if v, _ := r.number(name); v > maxRowCount {
			return fmt.Errorf("column %s: %v (expected at most %v)", name, v, float64(maxRowCount))
		}
	}
	if err := u.once(r, "id", "id"); err != nil {
		return err
	}
	return u.once(r, "setting", "device", "precision", "mode", "form")
}

// once refuses a second row with the same fields.
func (u *userRows) once(r record, what string, columns ...string) error {
	key := []string{what}
	for _, c := range columns {
		key = append(key, r.text(c))
	}
	k := strings.Join(key, "\x00")
	if at, twice := u.first[k]; twice {
		return fmt.Errorf("a second row for %s %s (the first is at line %d)", what, graph.Quote(strings.Join(key[1:], " ")), at)
	}
	u.first[k] = r.line
	return nil
}

// countColumns and textColumns are the columns of a table that hold counts and names.
var (
	countColumns = []string{"rows", "withheld", "nets", "families"}
	textColumns  = []string{"id", "device", "precision", "mode", "form", "grade", "boundary", "kind", "split", "sources", "note"}
)

// knownColumns refuses a column that nothing reads: it may be a coefficient misspelt.
func knownColumns(r record) error {
	known := append(append([]string{"r2_log"}, textColumns...), countColumns...)
	for _, c := range new(Coefficients).cells() {
		known = append(known, c.column)
	}
	for _, name := range slices.Sorted(maps.Keys(r.column)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown column %q%s", graph.Clip(name), graph.DidYouMean(name, known))
		}
	}
	return nil
}

package tradeoff

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Table holds named rows of cells.
type Table struct {
	File    string // for errors
	Columns []string
	Units   map[string]string // of columns whose name does not end in their unit
	Rows    []Row
}

// Unit returns the unit of an objective, "" if neither Units nor its name tells.
func (t *Table) Unit(objective string) string {
	if u, ok := t.Units[objective]; ok {
		return u
	}
	return unitInName(objective)
}

// Row is one row of a Table.
type Row struct {
	Name  string
	Line  int // in the file, 0 if it is from none
	Cells []Cell
}

// Cell is one value as it was written.
type Cell struct {
	Text string
	Why  string // of a cell without a value: the reason, if one is known
}

// Error is what is wrong with a table: every defect, on one line.
type Error struct {
	File     string
	Problems []Problem
}

// Problem is one defect.
type Problem struct {
	Row  string // its name; "" where it has none
	Line int    // in the file, 0 if there is none
	What string
}

func (p Problem) String() string {
	var where []string
	if p.Row != "" {
		where = append(where, fmt.Sprintf("row %q", graph.Clip(p.Row)))
	}
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", p.Line))
	}
	if len(where) == 0 {
		return p.What
	}
	return strings.Join(where, ", ") + ": " + p.What
}

func (e *Error) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.String()
	}
	return e.File + ": " + strings.Join(parts, "; ")
}

// problem makes an Error of one defect of a whole file.
func problem(file string, line int, format string, args ...any) *Error {
	return &Error{file, []Problem{{Line: line, What: fmt.Sprintf(format, args...)}}}
}

// maxTableBytes bounds the text of a table.
const maxTableBytes = 256 << 20

// ReadCSV reads a table with a header. Columns are separated by commas, or by tabs
// or semicolons if the header has no comma. nameColumn names the rows, by default the first
// column. A byte order mark, carriage returns, empty lines and lines that begin with
// # above the header are skipped. Names must be there and differ, and every row have
// as many cells as the header: otherwise the error lists all that do not.
func ReadCSV(r io.Reader, file, nameColumn string) (*Table, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTableBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxTableBytes:
		return nil, problem(file, 0, "more than %d bytes", maxTableBytes)
	}
	src, skipped := body(string(text))
	c := csv.NewReader(strings.NewReader(src))
	c.FieldsPerRecord = -1
	c.Comma = separator(src)
	head, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, problem(file, 0, "the table is empty (expected a header and rows)")
	}
	if err != nil {
		return nil, csvError(file, skipped, err)
	}
	t := &Table{File: file}
	at, err := t.header(head, nameColumn)
	if err != nil {
		return nil, err
	}
	return t, t.read(c, at, skipped)
}

// body drops the byte order mark and the remarks above the header; skipped is the
// number of lines that they took.
func body(s string) (rest string, skipped int) {
	s = strings.TrimPrefix(s, "\ufeff")
	for strings.HasPrefix(s, "#") {
		_, s, _ = strings.Cut(s, "\n")
		skipped++
	}
	return s, skipped
}

// separator tells what separates columns by the first line.
func separator(s string) rune {
	line, _, _ := strings.Cut(strings.TrimLeft(s, "\r\n"), "\n")
	for _, c := range ",\t;" {
		if strings.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

func csvError(file string, skipped int, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return problem(file, p.Line+skipped, "%v", p.Err)
	}
	return problem(file, 0, "%v", err)
}

// header checks the names of the columns and returns the place of the one that names
// rows; it is no column of values.
func (t *Table) header(head []string, nameColumn string) (at int, err error) {
	taken := map[string]bool{} // but columns without a name
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
		if taken[head[i]] {
			return 0, problem(t.File, 0, "two columns are named %q", graph.Clip(head[i]))
		}
		taken[head[i]] = head[i] != ""
	}
	if nameColumn != "" {
		if at = slices.Index(head, nameColumn); at < 0 {
			return 0, &ColumnError{File: t.File, Name: nameColumn, Columns: head}
		}
	}
	t.Columns = slices.Delete(head, at, at+1)
	return at, nil
}

// read reads the rows; name is the place of their names.
func (t *Table) read(c *csv.Reader, name, skipped int) error {
	bad := &Error{File: t.File}
	seen := map[string]int{}
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return csvError(t.File, skipped, err)
		}
		line, _ := c.FieldPos(0)
		r := Row{Line: line + skipped}
		if len(cells) > name {
			r.Name = strings.TrimSpace(cells[name])
		}
		if what := t.refuse(&r, len(cells), seen); what != "" {
			bad.Problems = append(bad.Problems, Problem{r.Name, r.Line, what})
			continue
		}
		seen[r.Name] = r.Line
		for _, text := range slices.Delete(cells, name, name+1) {
			r.Cells = append(r.Cells, Cell{Text: strings.TrimSpace(text)})
		}
		t.Rows = append(t.Rows, r)
	}
	switch {
	case len(bad.Problems) > 0:
		return bad
	case len(t.Rows) == 0:
		return problem(t.File, 0, "the table has a header and no rows")
	}
	return nil
}

// refuse says what is wrong with a row of so many cells, "" if nothing is.
func (t *Table) refuse(r *Row, cells int, seen map[string]int) string {
	switch want := len(t.Columns) + 1; {
	case cells != want:
		return fmt.Sprintf("%d cells (expected %d, as in the header)", cells, want)
	case r.Name == "":
		return "the row has no name"
	case seen[r.Name] > 0:
		return fmt.Sprintf("the name is taken by line %d", seen[r.Name])
	}
	return ""
}

// Join adds the columns of another table to the rows of the same name. match finds
// the name of a row of t in other. It returns the names of the rows of other that no
// row of t has; a row of t that other lacks gets cells without a value.
func (t *Table) Join(other *Table, match func(row string, in map[string]int) (int, bool)) (unused []string, err error) {
	taken := map[string]bool{}
	for _, c := range t.Columns {
		taken[c] = c != ""
	}
	for _, c := range other.Columns {
		if taken[c] {
			return nil, problem(other.File, 0, "column %q is in %s too", graph.Clip(c), t.File)
		}
	}
	at := map[string]int{}
	for i, r := range other.Rows {
		at[r.Name] = i
	}
	used := make([]bool, len(other.Rows))
	t.Columns = append(t.Columns, other.Columns...)
	for i := range t.Rows {
		r := &t.Rows[i]
		k, ok := match(r.Name, at)
		if ok {
			used[k] = true
			r.Cells = append(r.Cells, other.Rows[k].Cells...)
			continue
		}
		for range other.Columns {
			r.Cells = append(r.Cells, Cell{Why: "no row of " + other.File + " has its name"})
		}
	}
	for i, r := range other.Rows {
		if !used[i] {
			unused = append(unused, r.Name)
		}
	}
	return unused, nil
}

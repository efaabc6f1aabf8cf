package energy

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// record is one data row of a CSV file, addressed by column name.
type record struct {
	column map[string]int
	field  []string
	line   int
}

// text returns the field of a column; a column that the file lacks is empty.
func (r record) text(name string) string {
	i, ok := r.column[name]
	if !ok {
		return ""
	}
	return r.field[i]
}

// number parses the field of a column. An empty field is 0; anything that is
// not a finite number is an error that names the column.
func (r record) number(name string) (float64, error) {
	s := strings.TrimSpace(r.text(name))
	if s == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("column %s: %q is not a finite number", name, graph.Clip(s))
	}
	return v, nil
}

// cell is a column and where its number goes.
type cell struct {
	column string
	dest   *float64
}

// numbers parses several columns.
func (r record) numbers(cells ...cell) error {
	for _, c := range cells {
		v, err := r.number(c.column)
		if err != nil {
			return err
		}
		*c.dest = v
	}
	return nil
}

// readRecords reads CSV with a header line, skips lines that start with '#',
// and demands the named columns.
func readRecords(r io.Reader, need ...string) ([]record, error) {
	c := csv.NewReader(r)
	c.Comment = '#'
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	column := make(map[string]int, len(head))
	for i, name := range head {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if _, twice := column[name]; twice {
			return nil, fmt.Errorf("column %q occurs twice", graph.Clip(name))
		}
		column[name] = i
	}
	for _, name := range need {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("no column %q", name)
		}
	}
	var rows []record
	for {
		f, err := c.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := c.FieldPos(0)
		rows = append(rows, record{column, f, line})
	}
}

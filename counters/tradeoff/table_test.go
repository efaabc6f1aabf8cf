package tradeoff

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestReadCSV(t *testing.T) {
	want := read(t, "name,energy,mos\na,1,4\nb,2,4.5\n")
	for _, text := range []string{
		"\ufeffname,energy,mos\r\na,1,4\r\n\r\nb,2,4.5\r\n", "# a remark\n# another\nname,energy,mos\na,1,4\nb,2,4.5", "name\tenergy\tmos\na\t1\t4\nb\t2\t4.5\n",
		"name;energy;mos\na;1;4\nb;2;4.5\n", "name, energy ,mos\n a ,1, 4\n\"b\",\"2\",4.5\n",
	} {
		got := read(t, text)
		if !slices.Equal(got.Columns, want.Columns) || len(got.Rows) != 2 || got.Rows[1].Name != "b" || !slices.Equal(got.Rows[1].Cells, want.Rows[1].Cells) {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if got := read(t, "# a\n\nname,e\n\nx,1\n"); got.Rows[0].Line != 5 {
		t.Errorf("line %d", got.Rows[0].Line)
	}
	named, err := ReadCSV(strings.NewReader("e,system,m\n1,x,2\n"), "t.csv", "system")
	if err != nil || named.Rows[0].Name != "x" || !slices.Equal(named.Columns, []string{"e", "m"}) || named.Rows[0].Cells[1].Text != "2" {
		t.Errorf("%+v %v", named, err)
	}
}

// TestTableErrors: every defect is said, with its place.
func TestTableErrors(t *testing.T) {
	for _, c := range []struct{ text, name, want string }{
		{"", "", "t.csv: the table is empty"}, {"\n\n", "", "the table is empty"}, {"# only a remark", "", "the table is empty"}, {"name,e\n", "", "a header and no rows"},
		{"name,e\na,1,2\nb\nc,3\n", "", `row "a", line 2: 3 cells (expected 2, as in the header); row "b", line 3: 1 cells`},
		{"name,e\na,1\nb,2\na,3\n", "", `row "a", line 4: the name is taken by line 2`}, {"name,e\n ,1\n", "", "line 2: the row has no name"},
		{"name,e,e\na,1,2\n", "", `two columns are named "e"`}, {"name,e\na,\"1\n", "", "t.csv: line 2"}, {"name,e\na,1\n", "nmae", `t.csv has no column "nmae" (expected "name" or "e"; did you mean "name"?)`},
	} {
		_, err := ReadCSV(strings.NewReader(c.text), "t.csv", c.name)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func TestSetErrors(t *testing.T) {
	tab := read(t, "name,e,mos\na,1,4\nb,,4\nc,x,\nd,NaN,4\ne,inf,4\nf,0x10,4\ng,1e999,4\nh,0,4\n")
	objectives := []Objective{{Name: "e"}, {Name: "1/e + mos", Max: true}}
	_, err := tab.Set(objectives, false)
	for _, want := range []string{`row "b", line 3: column "e" is missing ("")`, `row "c", line 4: column "e" is "x" (expected a number)`,
		`row "d", line 5: column "e" is missing ("NaN")`, `row "e", line 6: column "e" is "inf" (expected a finite number)`, `row "f", line 7: column "e" is "0x10"`,
		`row "g", line 8: column "e" is "1e999" (expected a finite`, `row "h", line 9: 1/e + mos: a division by zero at 1`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	s, err := tab.Set(objectives, true)
	if err != nil || !slices.Equal(s.Names, []string{"a"}) || s.Values[0][1] != 5 || len(s.Dropped) != 7 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := read(t, "name,e\na,\n").Set([]Objective{{Name: "e"}}, true); err == nil || !strings.Contains(err.Error(), "no row has a value") {
		t.Errorf("%v", err)
	}
	var column *ColumnError
	for _, expr := range []string{"en", "`en`*2", "1 - en"} {
		if _, err := tab.Set([]Objective{{Name: expr}}, false); !errors.As(err, &column) || column.Name != "en" {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestIntervals(t *testing.T) {
	s, err := read(t, "name,e,e_lo,e_hi,m\na,2,1,4,3\nb,5,,6,3\n").Set([]Objective{{Name: "e"}, {Name: "m"}, {Name: "2*e"}}, false)
	if err != nil || s.Lo[0][0] != 1 || s.Hi[0][0] != 4 || s.Lo[1][0] != 5 || s.Hi[1][0] != 6 || s.Lo[0][1] != 3 || s.Lo[0][2] != 4 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestJoin(t *testing.T) {
	same := func(row string, in map[string]int) (int, bool) { i, ok := in[row]; return i, ok }
	a := read(t, "name,e\nx,1\ny,2\n")
	unused, err := a.Join(read(t, "name,mos\ny,4\nz,5\n"), same)
	if err != nil || !slices.Equal(unused, []string{"z"}) {
		t.Fatal(unused, err)
	}
	_, err = a.Set([]Objective{{Name: "e"}, {Name: "mos"}}, false)
	if err == nil || !strings.Contains(err.Error(), `row "x", line 2: column "mos" is missing: no row of t.csv has its name`) {
		t.Error(err)
	}
	if s, err := a.Set([]Objective{{Name: "e"}, {Name: "mos"}}, true); err != nil || s.Values[0][1] != 4 {
		t.Error(s, err)
	}
	if _, err := a.Join(read(t, "name,e\nx,1\n"), same); err == nil || !strings.Contains(err.Error(), `column "e" is in t.csv too`) {
		t.Error(err)
	}
}

// FuzzReadCSV looks for panics.
func FuzzReadCSV(f *testing.F) {
	f.Add("name,e\na,1\n", "e")
	f.Add("# r\n\ufeffa;b\n\"x\";2", "b/2")
	f.Fuzz(func(t *testing.T, text, expr string) {
		tab, err := ReadCSV(strings.NewReader(text), "t.csv", "")
		if err != nil {
			return
		}
		s, err := tab.Set([]Objective{{Name: expr}, {Name: "1"}}, true)
		if err != nil {
			return
		}
		s.Front()
		s.Caps()
		s.Knee()
		s.Hypervolume(nil)
		s.Steps(0)
	})
}

package fit

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

const docsPath = "../../../docs/energy.md"

// TestGeneratedDocs holds the tables of docs/energy.md to the shipped coefficients.
func TestGeneratedDocs(t *testing.T) {
	holdPage(t, docsPath, map[string]string{
		"shapes": shapesTable(), "devices": devicesTable("totals"), "classes": devicesTable("classes"),
		"flops": devicesTable("flops"), "flops+params": devicesTable("flops+params"), "unused": unusedTable(),
	})
}

// holdPage compares the regions of a page with what they should be, or writes them anew.
func holdPage(t *testing.T, path string, regions map[string]string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(b)
	got := want
	for name, table := range regions {
		if got, err = replaceRegion(got, name, table); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("%s does not print what the data say: run with -update\n%s", path, firstDifference(got, want))
	}
}

// replaceRegion puts text between the markers of a region.
func replaceRegion(page, name, text string) (string, error) {
	begin, end := "<!-- table "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok1 := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("no region %s", name)
	}
	return before + begin + text + end + after, nil
}

func shapesTable() string {
	var b strings.Builder
	b.WriteString("| form | mode | " + "term | times the datasheet's price |\n|---|---|---|---|\n")
	for _, c := range energy.Shipped().For("") {
		form, _ := energy.FormByName(c.Form)
		for _, t := range form.Terms {
			fmt.Fprintf(&b, "| %s | %s | %s | %.3g |\n", c.Form, c.Mode, t, c.Per[t])
		}
	}
	return b.String()
}

func devicesTable(form string) string {
	var b strings.Builder
	b.WriteString("| device | precision | mode | grade | boundary | rows | nets | held out | median APE | x90 | inside the printed interval | printed factor |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range energy.Shipped().Rows {
		if c.Form != form {
			continue
		}
		name := c.Device
		if name == "" {
			name, c.Precision = "any other", "any"
		}
		rows := fmt.Sprint(c.Rows)
		if c.Withheld > 0 {
			rows += fmt.Sprintf(" (%d do not ship)", c.Withheld)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %d | %s | %.0f %% | %.2f | %.0f %% | %.2f |\n", name, c.Precision, c.Mode,
			c.Grade, c.Boundary, rows, c.Nets, c.Split, 100*c.MedianAPE, c.X90, 100*c.Coverage, c.Grade.Interval(c.Factor))
	}
	return b.String()
}

func unusedTable() string {
	var b strings.Builder
	b.WriteString("| rows | why they are not used |\n|---|---|\n")
	for _, l := range energy.Shipped().Header {
		if rest, ok := strings.CutPrefix(l, "unused: "); ok {
			n, why, _ := strings.Cut(rest, " rows: ")
			fmt.Fprintf(&b, "| %s | %s |\n", n, why)
		}
	}
	return b.String()
}

package calibrate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// codeCarbon reads emissions.csv of CodeCarbon: one run a line. The energy is that of
// the GPUs where the file has it, else of all components that CodeCarbon tracks.
func codeCarbon(content []byte) ([]Reading, error) {
	c := csv.NewReader(bytes.NewReader(content))
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err == io.EOF {
		return nil, &graph.FileError{What: "no run"}
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	var out []Reading
	for {
		f, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, syntaxError(err)
		}
		line, _ := c.FieldPos(0)
		r, err := codeCarbonRow(at, f, line)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, &graph.FileError{What: "no run"}
	}
	return out, nil
}

// syntaxError gives an error of the CSV reader its line. A line that cannot be split
// has no fields to ask for theirs.
func syntaxError(err error) error {
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return &graph.FileError{Line: syntax.Line, What: syntax.Err.Error()}
	}
	return &graph.FileError{What: err.Error()}
}

func codeCarbonRow(at map[string]int, f []string, line int) (Reading, error) {
	text := func(name string) string {
		if i, ok := at[name]; ok && i < len(f) {
			return strings.TrimSpace(f[i])
		}
		return ""
	}
	r := Reading{Label: text("project_name"), Line: line, Boundary: "gpu"}
	var ok bool
	if r.Seconds, ok = number(text("duration")); !ok {
		return r, &graph.FileError{Line: line, What: fmt.Sprintf("column duration: %q (expected seconds)", text("duration"))}
	}
	kwh, ok := number(text("gpu_energy"))
	if !ok || kwh == 0 {
		r.Boundary = "system"
		r.Notes = append(r.Notes, "no gpu_energy: energy_consumed of all components is taken")
		if kwh, ok = number(text("energy_consumed")); !ok {
			return r, &graph.FileError{Line: line, What: fmt.Sprintf("column energy_consumed: %q (expected kWh)", text("energy_consumed"))}
		}
		if pue, given := number(text("pue")); given && pue > 1 {
			kwh /= pue
			r.Notes = append(r.Notes, fmt.Sprintf("divided by its PUE of %g", pue))
		}
	}
	r.Joules = kwh * joulesPerKWh
	if _, model, found := strings.Cut(text("gpu_model"), " x "); found { // "2 x NVIDIA A100-SXM4-80GB"
		r.GPU = model
	}
	return r, nil
}

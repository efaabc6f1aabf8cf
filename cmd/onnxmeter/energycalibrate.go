package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/energy/calibrate"
	"github.com/onnxmeter/onnxmeter/counters/energy/fit"
	"github.com/onnxmeter/onnxmeter/ops"
)

// calibrateFlags are the flags of energy calibrate.
type calibrateFlags struct {
	set             *pflag.FlagSet
	gpu             string
	precision, mode string
	models          []string
	samples         numbers
	batches         numbers
	windows         []string
	idle            float64
	bind            bindFlags
	out             string
}

func (c *calibrateFlags) register(f *pflag.FlagSet) {
	c.set = f
	section(f, "Runs of a log, in its order; one value stands for all", func(f *pflag.FlagSet) {
		f.StringArrayVar(&c.models, "model", nil, "the `FILE` of the net that ran; repeatable")
		f.Var(&c.samples, "samples", "`N` samples that a run computed; repeatable")
		f.Var(&c.batches, "batch", "`N` samples at once; repeatable (default 1)")
		f.StringArrayVar(&c.windows, "window", nil, "the part `START..STOP` of an nvidia-smi log that a run took: times as the log writes them, or seconds since its first line; repeatable")
		f.Float64Var(&c.idle, "idle", 0, "`W` of idle power to subtract")
	})
	section(f, "Device", func(f *pflag.FlagSet) {
		f.StringVar(&c.gpu, "gpu", "", "the `GPU` that was measured, an id or alias of onnxmeter gpus (default: as the log names it)")
		f.StringVar(&c.precision, "precision", "fp32", "arithmetic `P` of the runs")
		f.StringVar(&c.mode, "mode", energy.Eager, "execution `M` of the runs: eager or fused (compiled)")
	})
	section(f, "Sizes", c.bind.register)
	section(f, "Output", func(f *pflag.FlagSet) {
		f.StringVarP(&c.out, "out", "o", "", "write the coefficients to a `FILE` (default standard output)")
	})
}

// energyCalibrateCommand makes coefficients from the user's measurements.
func (a *app) energyCalibrateCommand() *cobra.Command {
	var c calibrateFlags
	cmd := &cobra.Command{
		Use:   "calibrate LOG...",
		Short: "Make coefficients of grade B from measurements of your own",
		Long: `Make a file of coefficients for --coefficients from measurements of your own: three nets or
more on one device at one precision and mode raise it to grade B.

A LOG is CodeCarbon's emissions.csv, a log of Carbontracker, the output of nvidia-smi
--query-gpu=timestamp,power.draw --format=csv, or CSV in the columns of the measurements that
ship (gpu, model, precision, batch, energy_j_per_sample, kind ...; a model is a file beside it
or a net of the feature table). They are told apart by content.`,
		Example: `  onnxmeter energy calibrate emissions.csv --gpu rtx-4090 --precision fp16 --samples 10000 --model a.onnx --model b.onnx --model c.onnx -o mine.csv
  onnxmeter energy calibrate power.csv --gpu rtx-4090 --window 10..40 --window 50..80 --window 90..120 --model a.onnx --model b.onnx --model c.onnx --samples 4096
  onnxmeter count model.onnx --gpu rtx-4090 --precision fp16 --coefficients mine.csv`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no log to read (expected %s)", cmd.UseLine())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.calibrate(&c, args) },
	}
	c.register(cmd.Flags())
	return cmd
}

func (a *app) calibrate(c *calibrateFlags, logs []string) error {
	variants, done, err := c.bind.options()
	if err != nil {
		return err
	}
	defer done()
	if len(variants) > 1 {
		return usagef("energy calibrate takes one value for each --dim")
	}
	counter := &featureCounter{app: a, options: variants[0], seen: map[string]energy.Features{}}
	var points []calibrate.Point
	for _, log := range logs {
		more, err := c.points(log, counter)
		if err != nil {
			return err
		}
		points = append(points, more...)
	}
	table, groups, err := calibrate.Fit(points, energy.Shipped())
	if err != nil {
		return inputErrorf(strings.Join(logs, ", "), "%v", err)
	}
	for _, g := range groups {
		a.noteGroup(&g)
	}
	if len(table.Rows) == 0 {
		return inputErrorf(strings.Join(logs, ", "), "no setting has %d nets or more: no coefficients", calibrate.MinPoints)
	}
	return a.writeTable(c.out, table)
}

// noteGroup says what became of the points of one setting.
func (a *app) noteGroup(g *calibrate.Group) {
	where := fmt.Sprintf("%s at %s, %s, boundary %s", g.Device, g.Precision, g.Mode, g.Boundary)
	if g.Missing != "" {
		a.note("%s: no coefficients: %s", where, g.Missing)
		return
	}
	a.note("%s: %d nets, measured %.3g times what the table says; median error %.0f %%, %.0f %% for nets left out",
		where, g.Nets, g.Scale, 100*g.Before, 100*g.After)
}

// writeTable writes coefficients with their provenance.
func (a *app) writeTable(out string, t *energy.Table) error {
	t.Header = []string{"version: user", "made by onnxmeter energy calibrate " + version(), "base: coefficients " + energy.Version()}
	var b bytes.Buffer
	if err := fit.WriteTable(&b, t); err != nil {
		return err
	}
	if out == "" || out == stdinName {
		_, err := a.stdout.Write(b.Bytes())
		return err
	}
	if err := os.WriteFile(out, b.Bytes(), 0o666); err != nil {
		return &outputError{err}
	}
	return nil
}

// points reads one log and joins its runs with what the flags say of them.
func (c *calibrateFlags) points(log string, counter *featureCounter) ([]calibrate.Point, error) {
	content, err := readLog(log)
	if err != nil {
		return nil, err
	}
	format, ok := calibrate.Detect(content)
	switch {
	case !ok:
		return nil, inputErrorf(log, "no log that is known (expected emissions.csv of CodeCarbon, a log of Carbontracker, the csv of nvidia-smi, or a column energy_j_per_sample)")
	case format == calibrate.Rows:
		return c.rowPoints(log, content, counter)
	}
	var readings []calibrate.Reading
	windows := []calibrate.Window{{}}
	if format == calibrate.NvidiaSMI && len(c.windows) > 0 {
		if windows, err = parseWindows(c.windows); err != nil {
			return nil, err
		}
	}
	for _, w := range windows {
		more, err := calibrate.Read(content, log, format, w, c.idle)
		if err != nil {
			return nil, err
		}
		readings = append(readings, more...)
	}
	return c.join(log, readings, counter)
}

func readLog(path string) ([]byte, error) {
	f, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return calibrate.Load(f, path)
}

// parseWindows cuts START..STOP.
func parseWindows(args []string) ([]calibrate.Window, error) {
	var out []calibrate.Window
	for _, s := range args {
		start, stop, ok := strings.Cut(s, "..")
		if !ok {
			return nil, usagef("--window %q (expected START..STOP)", s)
		}
		out = append(out, calibrate.Window{Start: start, Stop: stop})
	}
	return out, nil
}

// nth is the i-th value of a flag that is given once, or once for each run.
func nth[T any](flag string, values []T, i, runs int) (v T, err error) {
	switch len(values) {
	case 1:
		return values[0], nil
	case runs:
		return values[i], nil
	case 0:
		return v, usagef("--%s is not given", flag)
	}
	return v, usagef("--%s is given %d times for %d runs", flag, len(values), runs)
}

// join makes points of the readings of a log.
func (c *calibrateFlags) join(log string, readings []calibrate.Reading, counter *featureCounter) ([]calibrate.Point, error) {
	var out []calibrate.Point
	for i, r := range readings {
		model, err := nth("model", c.models, i, len(readings))
		if err != nil {
			return nil, err
		}
		samples, err := nth("samples", c.samples, i, len(readings))
		if err != nil {
			return nil, err
		}
		batch := 1.
		if len(c.batches) > 0 {
			if batch, err = nth("batch", c.batches, i, len(readings)); err != nil {
				return nil, err
			}
		}
		if !(samples > 0) || !(batch >= 1) {
			return nil, usagef("--samples %g, --batch %g (expected more than 0, and 1 or more)", samples, batch)
		}
		p := calibrate.Point{Label: model, Precision: c.precision, Mode: c.mode, Batch: batch, Joules: r.Joules / samples, Seconds: r.Seconds / samples,
			Boundary: r.Boundary, Source: fmt.Sprintf("%s:%d", log, r.Line)}
		name := c.gpu
		if name == "" {
			name = r.GPU
		}
		if name == "" {
			return nil, usagef("%s does not name its GPU: give it with --gpu", log)
		}
		if p.Device, err = energy.Lookup(name); err != nil {
			return nil, err
		}
		if p.Features, err = counter.features(model); err != nil {
			return nil, err
		}
		for _, n := range r.Notes {
			counter.app.note("%s: %s", p.Source, n)
		}
		out = append(out, p)
	}
	return out, nil
}

// rowPoints reads rows in the columns of measurements.csv.
func (c *calibrateFlags) rowPoints(log string, content []byte, counter *featureCounter) ([]calibrate.Point, error) {
	rows, err := fit.ReadRows(bytes.NewReader(content))
	if err != nil {
		return nil, inputErrorf(log, "%v", err)
	}
	nets, err := fit.ShippedNets()
	if err != nil {
		return nil, err
	}
	var out []calibrate.Point
	for i, r := range rows {
		p := calibrate.Point{Label: r.Model, Precision: r.Precision, Mode: r.Mode(), Batch: max(r.Batch, 1), Joules: r.Joules,
			Boundary: r.Boundary(), Source: fmt.Sprintf("%s: row %d", log, i+1)}
		if r.Throughput > 0 {
			p.Seconds = r.Devices / r.Throughput
		}
		if !(p.Joules > 0) {
			return nil, inputErrorf(log, "row %d: energy_j_per_sample is %g (expected more than 0)", i+1, p.Joules)
		}
		if !strings.HasPrefix(r.Kind, "measured-") {
			return nil, inputErrorf(log, "row %d: kind %q is no measurement of energy (expected measured-nvml or measured-wall)", i+1, r.Kind)
		}
		if p.Device, err = energy.Lookup(r.GPU); err != nil {
			return nil, err
		}
		file := filepath.Join(filepath.Dir(log), r.Model)
		known := false
		if _, err := os.Stat(file); err == nil {
			p.Features, err = counter.features(file)
			known = err == nil
			if err != nil {
				return nil, err
			}
		} else {
			p.Features, _, known = nets.Features(r)
		}
		if !known {
			return nil, inputErrorf(log, "row %d: model %q is neither a file beside it nor a net of the feature table, and its macs are not given", i+1, r.Model)
		}
		out = append(out, p)
	}
	return out, nil
}

// featureCounter counts each model once.
type featureCounter struct {
	app     *app
	options ops.Options
	seen    map[string]energy.Features
}

func (f *featureCounter) features(path string) (energy.Features, error) {
	if x, ok := f.seen[path]; ok {
		return x, nil
	}
	m, err := f.app.load(source{path: path})
	if err != nil {
		return energy.Features{}, err
	}
	defer m.close()
	r, err := counters.Count(m.Model, counters.Options{Options: f.options, NoNodes: true})
	if err != nil {
		return energy.Features{}, err
	}
	x, err := energy.FromReport(r)
	if err != nil {
		return x, inputErrorf(path, "%v (bind it with --dim or --input)", err)
	}
	if r.Coverage.Status != counters.Exact {
		f.app.note("%s: its totals are %s", path, r.Coverage.Status)
	}
	f.seen[path] = x
	return x, nil
}

package fit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
	"github.com/onnxmeter/onnxmeter/graph"
)

// Point is what the rows of one network on one device in one setting say of
// a forward pass.
type Point struct {
	Device   energy.Device
	Net      string // model and task
	Family   string
	Features energy.Features
	energy.Setting
	// BatchKnown is false where neither the source nor the rules of its
	// benchmark state the batch; Setting.Batch is then largeBatch.
	BatchKnown bool
	Joules     float64 // per sample
	Seconds    float64 // per sample and device
	Kind       string
	Boundary   string
	Training   bool // measured as a training step, a third of it taken
	MaxQ       bool // on a system tuned for efficiency
	Unpadded   bool // ran with padding removed: Features are of the tokens that are left
	Rows       int
	Withheld   int
	Source     string // repository
}

// largeBatch stands for the batch of a throughput benchmark that does not
// state it: weights and launches are spread over so many samples that they no
// longer matter.
const largeBatch = 1024

// tokensLeft is the share of the tokens of SQuAD v1.1 at sequence length 384 that is no
// padding: padding is 54 % (Zhang, Wang, Jin, Cao, "Reducing BERT computation by padding
// removal and curriculum learning", ISPASS 2021).
const tokensLeft = 0.46

// stepsPerForward is a training step in units of its forward pass: the median over
// the 571 networks that one source measured in both on one device. Two gradients for
// each product make three; batch statistics, masks and the optimiser are the rest.
const stepsPerForward = 3.65

// Skipped counts rows that no point uses, by reason.
type Skipped map[string]int

// Points turns rows into points. Rows that share network, device and setting
// are one point, their median. Of the same benchmark under several releases
// of the framework only the newest counts. Every row that is not used is
// counted in Skipped.
func Points(rows []Row, nets *Nets) ([]Point, Skipped, error) {
	skipped := Skipped{}
	newest := newestRelease(rows, nets)
	group := map[string][]Point{}
	find := lookups{}
	for _, r := range rows {
		if why := unusable(r, newest, nets, find); why != "" {
			skipped[why]++
			continue
		}
		p, why, err := point(r, nets, find)
		if err != nil {
			return nil, nil, fmt.Errorf("row of %s on %s: %w", graph.Quote(r.Model), graph.Quote(r.GPU), err)
		}
		if why != "" {
			skipped[why]++
			continue
		}
		group[p.key()] = append(group[p.key()], p)
	}
	points := make([]Point, 0, len(group))
	for _, k := range slices.Sorted(maps.Keys(group)) {
		points = append(points, medianPoint(group[k]))
	}
	return points, skipped, nil
}

func (p Point) key() string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%v|%07g|%v|%v", p.Device.ID, p.Precision, p.Mode, p.Kind, p.Net, p.Training, p.Batch, p.Withheld > 0, p.Unpadded)
}

// medianPoint takes the middle of the energies and of the times.
func medianPoint(list []Point) Point {
	p := list[0]
	var joules, seconds []float64
	p.Rows, p.Withheld = 0, 0
	for _, q := range list {
		joules = append(joules, q.Joules)
		seconds = append(seconds, q.Seconds)
		p.Rows += q.Rows
		p.Withheld += q.Withheld
		p.MaxQ = p.MaxQ || q.MaxQ
	}
	p.Joules, p.Seconds = quantile.Median(joules), quantile.Median(seconds)
	return p
}

// unusable gives the reason why a row cannot become a point of a fit, if there is one.
func unusable(r Row, newest map[string]string, nets *Nets, find lookups) string {
	if why := noForward(r, find); why != "" {
		return why
	}
	switch {
	case r.Throughput == 0:
		return "no throughput"
	case r.MACs == 0 && !nets.knows(r):
		return "the MACs of the net are not known"
	case strings.Contains(r.Note, "nhwc"):
		return "nhwc layout: the nchw row of the same net is used"
	case r.isPublishedBenchmark() && newest[r.releaseKey(nets)] != r.release():
		return "older release of the framework"
	}
	return ""
}

// noForward gives the reason why the energy of a row is not that of a forward pass on a
// device at its default power, or of a network that is known, if there is one.
func noForward(r Row, find lookups) string {
	switch {
	case strings.HasPrefix(r.GPU, "unnamed-"):
		return "no device: the source does not name it"
	case r.Joules == 0:
		return "no energy"
	case strings.HasPrefix(r.Unit, "output token"), r.Family == "diffusion":
		return "generative serving: the row's MACs are not those of a forward pass"
	case r.isPublishedBenchmark() && strings.HasPrefix(r.Task, "train"):
		return "training benchmark of a net that has inference rows on the device"
	case strings.HasPrefix(r.Note, "power_limit=") && !strings.HasPrefix(r.Note, defaultLimit(r.GPU, find)):
		return "power limit below the default"
	}
	return ""
}

// isPublishedBenchmark: timm's tables, which repeat every net per release.
func (r Row) isPublishedBenchmark() bool { return strings.Contains(r.Note, ";pt") }

// isMLPerf: the rules of that benchmark prescribe the network behind a name and its input size.
func (r Row) isMLPerf() bool { return strings.HasPrefix(r.Source, "mlcommons/inference_results_") }

// release of the framework, "pt291"; it is the second word of the note.
func (r Row) release() string {
	f := strings.Split(r.Note, ";")
	if len(f) < 2 {
		return ""
	}
	return f[1]
}

// releaseKey is the same for rows that differ in the release only. A network that was
// changed between releases is two.
func (r Row) releaseKey(nets *Nets) string {
	_, counted, _ := nets.Features(r)
	return fmt.Sprintf("%s|%s|%s|%s|%v", r.GPU, r.Model, r.Task, r.Mode(), counted)
}

func newestRelease(rows []Row, nets *Nets) map[string]string {
	newest := map[string]string{}
	for _, r := range rows {
		if r.isPublishedBenchmark() && !strings.Contains(r.Note, "nhwc") {
			k := r.releaseKey(nets)
			newest[k] = max(newest[k], r.release())
		}
	}
	return newest
}

// defaultLimit is how the note of a power-limit sweep begins at the board's
// own limit.
func defaultLimit(gpu string, find lookups) string {
	d, err := find.device(gpu)
	if err != nil {
		return "power_limit=?"
	}
	limit := d.TDP
	if d.ID == "quadro-rtx-6000" {
		limit = 260 // passive board: its default limit is below the 295 W of the active one
	}
	return fmt.Sprintf("power_limit=%g;", limit)
}

// Mode is energy.Eager or energy.Fused: inference engines fuse, frameworks do not unless the note
// says compiled.
func (r Row) Mode() string {
	if strings.Contains(r.Note, "compiled") || strings.HasPrefix(r.Source, "mlcommons/") || strings.Contains(r.Note, "TensorRT") {
		return energy.Fused
	}
	return energy.Eager
}

// Boundary is what the energy of a row includes: gpu, board or system.
func (r Row) Boundary() string {
	switch r.Kind {
	case "measured-nvml":
		return "gpu"
	case "measured-wall":
		return "system"
	}
	return "board"
}

// batch of a row: as stated, else what the rules of its benchmark say. MLPerf
// single-stream issues one sample at a time and multi-stream, from round 2.0
// on, eight.
func (r Row) batch() (float64, bool) {
	switch {
	case r.Batch > 0:
		return r.Batch, true
	case strings.HasSuffix(r.Task, "/singlestream"):
		return 1, true
	case strings.HasSuffix(r.Task, "/multistream") && !strings.Contains(r.Source, "_v1."):
		return 8, true
	}
	return largeBatch, false
}

// lookups remembers the devices of a file's few names.
type lookups map[string]energy.Device

func (l lookups) device(name string) (energy.Device, error) {
	if d, ok := l[name]; ok {
		return d, nil
	}
	d, err := energy.Lookup(name)
	if err == nil {
		l[name] = d
	}
	return d, err
}

// point turns one row into a point of its own.
func point(r Row, nets *Nets, find lookups) (p Point, why string, err error) {
	d, err := find.device(r.GPU)
	if err != nil {
		return p, "", err
	}
	precision, note, err := energy.ParsePrecision(r.Precision, d)
	if err != nil {
		return p, "", err
	}
	if note != "" {
		return p, "precision is not one of a single arithmetic", nil
	}
	x, counted, ok := nets.Features(r)
	switch {
	case !ok:
		return p, "the MACs of the net are not known", nil
	case x.Activations == 0:
		return p, "the activations of the net are not known", nil
	}
	task, _, _ := strings.Cut(r.Task, "/")
	net := graphModel(r.Model) + sizeOf(r.Task)
	if !counted && r.isPublishedBenchmark() {
		net += " as published"
	}
	p = Point{Device: d, Net: net, Family: r.Family, Features: x,
		Setting: energy.Setting{Precision: precision, Mode: r.Mode()},
		Joules:  r.Joules, Kind: r.Kind, Boundary: r.Boundary(),
		Training: task == "train", Rows: 1, Source: r.repository()}
	p.Batch, p.BatchKnown = r.batch()
	if r.Withheld() {
		p.Withheld = 1
	}
	p.MaxQ = strings.Contains(r.Source, "MaxQ")
	if p.Unpadded = strings.Contains(r.Note, "un-padded"); p.Unpadded {
		p.Features = p.Features.Share(tokensLeft)
	}
	if r.Throughput > 0 {
		p.Seconds = r.Devices / r.Throughput
	}
	if p.Training {
		p.Joules /= stepsPerForward
		p.Seconds /= stepsPerForward
	}
	return p, "", nil
}

// sizeOf is "/224" for tasks that state an input size.
func sizeOf(task string) string {
	_, size, _ := strings.Cut(task, "/")
	if strings.Trim(size, "0123456789") == "" && size != "" {
		return "/" + size
	}
	return ""
}

func sortPoints(list []Point) {
	slices.SortFunc(list, func(a, b Point) int { return cmp.Compare(a.key(), b.key()) })
}

package energy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
)

// Device is one accelerator with its datasheet. A figure that no source
// states is 0.
type Device struct {
	ID           string
	Name         string
	Aliases      []string // as nvidia-smi and people write it
	Vendor       string
	Architecture string
	Year         int

	TDP       float64 // thermal design power of the board or module, W
	MemoryGB  float64
	Bandwidth float64 // device memory, bytes/s

	// Dense peaks in operations per second; one multiply-accumulate is two.
	// Half-precision tensor peaks are with 32-bit accumulation.
	FP32, TF32, FP16, BF16, FP8, INT8 float64
	FP16Vector                        float64 // half precision outside the tensor cores

	TDPSource, PeakSource, BandwidthSource string
	// Status is verified-2-sources or verified-1-source; WeakFields names the
	// figures that only one source supports.
	Status, WeakFields string
	Note               string
}

var devices = sync.OnceValues(readDevices)

func readDevices() ([]Device, error) {
	rows, err := readRecords(strings.NewReader(data.GPUs), "id", "name", "aliases", "tdp_w", "bw_gb_s")
	if err != nil {
		return nil, err
	}
	list := make([]Device, 0, len(rows))
	for _, r := range rows {
		d, err := parseDevice(r)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b Device) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

func parseDevice(r record) (Device, error) {
	d := Device{
		ID: r.text("id"), Name: r.text("name"), Vendor: r.text("vendor"),
		Architecture: r.text("architecture"),
		Aliases:      strings.Split(r.text("aliases"), ";"),
		TDPSource:    r.text("tdp_source"), PeakSource: r.text("peak_source"),
		BandwidthSource: r.text("bw_source"), Status: r.text("status"),
		WeakFields: r.text("weak_fields"), Note: r.text("note"),
	}
	var year float64
	err := r.numbers(
		cell{"year", &year}, cell{"tdp_w", &d.TDP}, cell{"mem_gb", &d.MemoryGB}, cell{"bw_gb_s", &d.Bandwidth},
		cell{"fp32_tflops", &d.FP32}, cell{"tf32_tflops", &d.TF32}, cell{"fp16_tensor_tflops", &d.FP16},
		cell{"bf16_tensor_tflops", &d.BF16}, cell{"fp8_tflops", &d.FP8}, cell{"int8_tops", &d.INT8},
		cell{"fp16_vector_tflops", &d.FP16Vector},
	)
	d.Year = int(year)
	d.Bandwidth *= 1e9
	for _, p := range []*float64{&d.FP32, &d.TF32, &d.FP16, &d.BF16, &d.FP8, &d.INT8, &d.FP16Vector} {
		*p *= 1e12
	}
	return d, err
}

// Devices lists every accelerator of the table, sorted by ID. The caller may
// keep the slice but not change it.
func Devices() []Device {
	list, err := devices()
	if err != nil {
		panic("energy: embedded gpus.csv: " + err.Error()) // unreachable: a test parses the file
	}
	return list
}

// names of a device under which Lookup finds it.
func (d Device) names() []string {
	return append([]string{d.ID, d.Name}, d.Aliases...)
}

// deviceIndex lists the devices under every folded name, and under it as one word.
var deviceIndex = sync.OnceValue(func() map[string][]Device {
	index := map[string][]Device{}
	for _, d := range Devices() {
		seen := map[string]bool{}
		for _, a := range d.names() {
			k := nameKey(a)
			for _, k := range []string{k, strings.ReplaceAll(k, " ", "")} {
				if !seen[k] {
					seen[k] = true
					index[k] = append(index[k], d)
				}
			}
		}
	}
	return index
})

// deviceByID finds a device by its exact ID.
func deviceByID(id string) (Device, bool) {
	list := Devices()
	i, ok := slices.BinarySearchFunc(list, id, func(d Device, id string) int { return cmp.Compare(d.ID, id) })
	if !ok {
		return Device{}, false
	}
	return list[i], true
}

// Lookup finds a device by its ID or any alias, in any case; runs of
// punctuation and blanks are equal, all of them may be left out ("rtx4090"), and so
// may a leading "NVIDIA".
// A name that fits several devices, or none, is a *NameError with candidates:
// Lookup never guesses. UnknownID, spelt out, is the median of the table.
func Lookup(name string) (Device, error) {
	if d, ok := deviceByID(name); ok {
		return d, nil
	}
	if name == UnknownID {
		return UnknownDevice(), nil
	}
	key := nameKey(name)
	hits := deviceIndex()[key]
	if len(hits) == 1 && key != "" {
		return hits[0], nil
	}
	if len(hits) > 1 {
		return Device{}, &NameError{Kind: "GPU", Name: name, Ambiguous: true, Candidates: deviceIDs(hits)}
	}
	return Device{}, unknownDevice(name, key)
}

func deviceIDs(list []Device) []string {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	return ids
}

// unknownDevice lists the devices of which the name is a part ("TITAN X"), else the
// nearest by spelling, else those whose names are parts of it ("RTX 2080 Max-Q").
func unknownDevice(name, key string) error {
	e := &NameError{Kind: "GPU", Name: name}
	var pool []candidate
	for _, d := range Devices() {
		for _, a := range d.names() {
			pool = append(pool, candidate{d.ID, nameKey(a)})
		}
	}
	e.Candidates = pick(pool, func(k string) bool { return isPart(key, k) })
	e.Ambiguous = len(e.Candidates) > 1
	if len(e.Candidates) == 0 {
		e.Candidates = nearest(key, pool)
	}
	if len(e.Candidates) == 0 {
		e.Candidates = pick(pool, func(k string) bool { return isPart(k, key) })
	}
	return e
}

// GivenDevice is a device that the table lacks, from the user's own figures:
// TDP in watts, dense peak in operations per second in the precision of the
// estimate (taken for all precisions), memory bandwidth in bytes per second.
// It is priced by its datasheet, grade D.
func GivenDevice(tdp, peak, bandwidth float64) (Device, error) {
	for _, p := range []struct {
		name string
		v    float64
	}{{"TDP", tdp}, {"peak", peak}, {"bandwidth", bandwidth}} {
		if !(p.v > 0) || math.IsInf(p.v, 0) {
			return Device{}, fmt.Errorf("energy: %s is %v (expected a positive number)", p.name, p.v)
		}
	}
	return Device{ID: "given", Name: "the accelerator given by its figures", TDP: tdp, Bandwidth: bandwidth,
		FP32: peak, TF32: peak, FP16: peak, BF16: peak, FP8: peak, INT8: peak, Status: "given by the user"}, nil
}

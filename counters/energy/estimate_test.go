package energy

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// handTable has round coefficients, so that estimates can be worked out on
// paper.
const handTable = `# version: hand
id,device,precision,mode,form,grade,boundary,kind,j_per_mac,j_per_activation_byte,j_per_weight_byte,j_per_kernel,watts,min_batch,factor,time_factor,note
shape:eager:totals,,,eager,totals,D,board,datasheet,2,4,1,10,1,,1.5,1.5,
shape:fused:totals,,,fused,totals,D,board,datasheet,2,2,1,10,1,,1.5,1.5,
shape:eager:flops,,,eager,flops,D,board,datasheet,4,,,,1,,3.5,3.5,
shape:fused:flops,,,fused,flops,D,board,datasheet,3,,,,1,,3.5,3.5,
c,rtx-3090,fp16-amp,eager,totals,C,board,throughput-x-tdp,1e-11,1e-9,1e-10,1e-3,350,32,1.6,1.6,
b,a30,int8,fused,totals,B,system,measured-wall,1e-12,1e-9,1e-10,1e-3,300,1,1.2,1.2,host included
wide,p4,int8,fused,totals,B,gpu,measured-nvml,1e-12,1e-9,1e-10,1e-3,50,1,2.75,2.2,
low,t4,int8,fused,totals,B,gpu,measured-nvml,1e-15,0,0,0,50,1,1.2,1.2,
`

func hand(t *testing.T) *Table {
	t.Helper()
	table, err := ReadTable(strings.NewReader(handTable))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func device(t *testing.T, name string) Device {
	t.Helper()
	d, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }

// model for hand computation: 1e9 MACs, 1e7 activations, 1e6 parameters.
var handModel = Features{DenseMACs: 9e8, GroupedMACs: 1e8, Activations: 1e7, Params: 1e6, EagerKernels: 100, FusedKernels: 40}

func TestEstimateByHand(t *testing.T) {
	table := hand(t)
	r, err := Estimate(device(t, "rtx-3090"), handModel, Options{Precision: "fp16-amp", Batch: 4, Table: table})
	if err != nil {
		t.Fatal(err)
	}
	// 1e9*1e-11 + 2e7*1e-9 + 2e6*1e-10/4 + 100*1e-3/4
	want := 0.01 + 0.02 + 0.00005 + 0.025
	if !near(r.Joules, want) || !near(r.Hi, want*2) || !near(r.Lo, want/2*0.5) {
		t.Errorf("grade C: %g (%g to %g), want %g (quarter to double)", r.Joules, r.Lo, r.Hi, want)
	}
	if !near(r.Seconds.Value, want/350) || !near(r.Seconds.Lo, want/350/2) || r.Grade != GradeC || r.Boundary != "board" || r.Coefficient != "c" {
		t.Errorf("grade C: %+v", r)
	}
	if !warned(r, "TDP") || !warned(r, "no rows below batch 32") {
		t.Errorf("grade C: warnings %q", r.Warnings)
	}
	r, err = Estimate(device(t, "a30"), handModel, Options{Precision: "int8", Mode: "compiled", Table: table})
	if err != nil {
		t.Fatal(err)
	}
	want = 0.001 + 0.01 + 0.0001 + 0.04 // one byte an element, 40 kernels
	if !near(r.Joules, want) || !near(r.Hi, want*1.8) || !near(r.Lo, want/1.8) || r.Boundary != "system" || !warned(r, "host included") {
		t.Errorf("grade B: %+v; want %g", r, want)
	}
	sum := 0.0
	for _, p := range r.Parts {
		sum += p.Joules
	}
	if !near(sum, r.Joules) {
		t.Errorf("parts sum to %g, estimate is %g", sum, r.Joules)
	}
}

func warned(r Result, part string) bool {
	return slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, part) })
}

// A device without rows: the shape times the datasheet. P100: 250 W, 9.34
// TFLOPS fp32, 732 GB/s.
func TestEstimateFromDatasheet(t *testing.T) {
	r, err := Estimate(device(t, "p100-pcie-16gb"), handModel, Options{Table: hand(t)})
	if err != nil {
		t.Fatal(err)
	}
	want := 250 * (2*1e9*2/9.34e12 + 4*4e7/732e9 + 4e6/732e9 + 10*100*1e-6)
	if !near(r.Joules, want) || r.Grade != GradeD || !near(r.Factor, 2.5) || !near(r.Lo, want/2.5) || !near(r.Seconds.Value, want/250) {
		t.Errorf("%+v; want %g J of grade D, factor 2.5", r, want)
	}
	if !warned(r, "datasheet only") {
		t.Errorf("warnings %q", r.Warnings)
	}
	half, err := Estimate(device(t, "p100-pcie-16gb"), handModel, Options{Table: hand(t), TDPShare: 0.5})
	if err != nil || !near(half.Joules, want/2) || half.Seconds != r.Seconds {
		t.Errorf("half of TDP: %+v, %v; want half the joules in the same time", half, err)
	}
}

// Coefficients carried to another mode: each keeps its ratio to the shape.
// RTX 3090: 350 W, 71.2 TFLOPS fp16, 936.2 GB/s.
func TestEstimateCarried(t *testing.T) {
	d := device(t, "rtx-3090")
	r, err := Estimate(d, handModel, Options{Precision: "fp16", Mode: "fused", Batch: 4, Table: hand(t)})
	if err != nil {
		t.Fatal(err)
	}
	// Traffic costs half in the fused shape; all else has the same ratio.
	want := 0.01 + 0.02/2 + 0.00005 + 40*1e-3/4
	if !near(r.Joules, want) || r.Grade != GradeD || r.Factor != 2.5 || !warned(r, "carried over") {
		t.Errorf("%+v; want %g of grade D", r, want)
	}
	same, err := Estimate(d, handModel, Options{Precision: "bf16", Batch: 4, Table: hand(t)})
	if err != nil || same.Grade != GradeC || !warned(same, "same width and rate") {
		t.Errorf("bf16: %+v, %v; want the fp16-amp row of grade C with a warning", same, err)
	}
}

func TestIntervalNeverBelowGrade(t *testing.T) {
	for g, least := range map[Grade]float64{GradeA: 1.5, GradeB: 1.8, GradeC: 2, GradeD: 2.5, GradeU: 4} {
		if g.Interval(1) != least || g.Interval(9) != 9 {
			t.Errorf("grade %s: factors %g and %g, want %g and 9", g, g.Interval(1), g.Interval(9), least)
		}
	}
	r, err := Estimate(device(t, "p4"), handModel, Options{Precision: "int8", Mode: "fused", Table: hand(t)})
	if err != nil || r.Factor != 2.75 || !near(r.Hi/r.Joules, 2.75) {
		t.Errorf("%+v, %v; want the cross-validated factor 2.75", r, err)
	}
}

// T4: 70 W, 130 TOPS int8; half the peak-rate cost of a MAC is 70/130e12 J.
func TestFloor(t *testing.T) {
	d := device(t, "t4")
	f := Features{DenseMACs: 1e9, Activations: 1}
	r, err := Estimate(d, f, Options{Precision: "int8", Mode: "fused", Table: hand(t)})
	if err != nil {
		t.Fatal(err)
	}
	floor := 0.5 * 2 * d.TDP / d.INT8 * 1e9
	if !near(r.Joules, floor) || r.Lo != r.Joules || !warned(r, "floor") {
		t.Errorf("%+v; want the floor %g and a warning", r, floor)
	}
}

// Every device, precision, mode and model of the shipped table: a finite
// estimate inside its interval, above the floor, of at least grade D and with
// at least its grade's factor.
func TestEveryDeviceHasAnEstimate(t *testing.T) {
	for _, d := range Devices() {
		for _, p := range Precisions() {
			for _, mode := range []string{Eager, Fused} {
				for _, m := range EnergyModels() {
					r, err := Estimate(d, handModel, Options{Precision: p, Mode: mode, Model: m})
					if err != nil {
						t.Errorf("%s %s %s %s: %v", d.ID, p, mode, m, err)
						continue
					}
					floor := handModel.MACs() * d.floorPerMAC(p)
					if !(r.Lo > 0 && r.Lo <= r.Joules && r.Joules < r.Hi) || r.Lo < floor || r.Factor < r.Grade.minFactor() || r.Grade == GradeU {
						t.Errorf("%s %s %s %s: %+v, floor %g", d.ID, p, mode, m, r, floor)
					}
					if s := r.Seconds; !s.Known || !(s.Lo > 0 && s.Lo <= s.Value && s.Value <= s.Hi) {
						t.Errorf("%s %s %s %s: seconds %+v", d.ID, p, mode, m, s)
					}
				}
			}
		}
	}
}

func TestNeededDevicesAreFitted(t *testing.T) {
	for id, grade := range map[string]Grade{
		"a100-pcie-40gb": GradeB, "a100-pcie-80gb": GradeB, "a100-sxm4-80gb": GradeB, "a30": GradeB, "h100-pcie-80gb": GradeB,
		"rtx-3090": GradeC, "rtx-4090": GradeC, "rtx-5090": GradeC, "jetson-agx-orin-64gb": GradeB, "jetson-xavier-nx-8gb": GradeB,
		"v100-pcie-16gb": GradeB, "v100-sxm2-16gb": GradeB,
	} {
		rows := Shipped().For(id)
		if !slices.ContainsFunc(rows, func(c Coefficients) bool { return c.Grade == grade && c.Form == "totals" }) {
			t.Errorf("%s: no row of grade %s", id, grade)
		}
	}
	for _, id := range []string{"v100-pcie-16gb", "v100-sxm2-16gb"} {
		r, err := Estimate(device(t, id), handModel, Options{Precision: "fp32"})
		if err != nil || !warned(r, "training only") {
			t.Errorf("%s: %q, %v; want a warning that its rows are of training only", id, r.Warnings, err)
		}
	}
}

// full has every feature set.
var full = Features{DenseMACs: 1e9, TileMACs: 1.1e9, GroupedMACs: 1e8, DepthwiseMACs: 1e7, Activations: 1e7, Params: 1e6, WeightBytes: 5e5, EagerKernels: 100,
	FusedKernels: 40, Classes: true, ConvTraffic: 2e7, DepthwiseTraffic: 1e6, ScoreTraffic: 1e6, OtherTraffic: 3e7}

// forEachField runs f with every number of the features, by name.
func forEachField(f func(name string, set func(x *Features, v float64), get func(x Features) float64)) {
	typ := reflect.TypeOf(Features{})
	for i := range typ.NumField() {
		if typ.Field(i).Type.Kind() == reflect.Float64 {
			f(typ.Field(i).Name,
				func(x *Features, v float64) { reflect.ValueOf(x).Elem().Field(i).SetFloat(v) },
				func(x Features) float64 { return reflect.ValueOf(x).Field(i).Float() })
		}
	}
}

func TestMonotone(t *testing.T) {
	for _, id := range []string{"rtx-3090", "rtx-4090", "a30", "v100-pcie-16gb", "apple-m3", "tpu-v3", "jetson-nano"} {
		for _, model := range EnergyModels() {
			for _, mode := range []string{Eager, Fused} {
				o := Options{Precision: "fp16", Mode: mode, Model: model, Batch: 2}
				forEachField(func(name string, set func(*Features, float64), get func(Features) float64) {
					last := Result{Joules: -1, Lo: -1, Hi: -1}
					for _, times := range []float64{1, 1.5, 2, 10, 1e3, 1e6} {
						x := full
						set(&x, get(x)*times)
						r, err := Estimate(device(t, id), x, o)
						if err != nil || r.Joules < last.Joules || r.Lo < last.Lo || r.Hi < last.Hi || r.Seconds.Value < last.Seconds.Value {
							t.Errorf("%s %s %s: %s x %g: %g J after %g J, %v", id, model, mode, name, times, r.Joules, last.Joules, err)
						}
						last = r
					}
				})
			}
		}
	}
}

func TestBadFeatures(t *testing.T) {
	d := device(t, "rtx-4090")
	forEachField(func(name string, set func(*Features, float64), _ func(Features) float64) {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
			x := full
			set(&x, v)
			if r, err := Estimate(d, x, Options{}); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s = %v: %+v, %v; want an error that names it", name, v, r, err)
			}
		}
		for _, v := range []float64{0, 5e-324, math.MaxFloat64, 1e300} {
			x := full
			set(&x, v)
			for _, m := range EnergyModels() {
				r, err := Estimate(d, x, Options{Precision: "fp16", Model: m})
				for _, j := range []float64{r.Joules, r.Lo, r.Hi, r.Seconds.Value, r.Seconds.Hi} {
					if err == nil && (math.IsNaN(j) || math.IsInf(j, 0)) {
						t.Errorf("%s = %v: %+v", name, v, r)
					}
				}
			}
		}
	})
}

func TestBadOptions(t *testing.T) {
	d := device(t, "rtx-4090")
	for name, o := range map[string]Options{
		"batch below 1": {Batch: 0.5}, "batch NaN": {Batch: math.NaN()}, "batch infinite": {Batch: math.Inf(1)},
		"share above 1": {TDPShare: 1.1}, "share negative": {TDPShare: -0.1}, "share NaN": {TDPShare: math.NaN()},
		"precision": {Precision: "fp31"}, "mode": {Mode: "lazy"}, "model": {Model: "magic"},
	} {
		if r, err := Estimate(d, full, o); err == nil {
			t.Errorf("%s: %+v, want an error", name, r)
		}
	}
	var ne *NameError
	if _, err := Estimate(d, full, Options{Precision: "fp61"}); !errors.As(err, &ne) || !slices.Contains(ne.Candidates, "fp16") {
		t.Errorf("fp61: %v; want the suggestion fp16", err)
	}
}

func TestUnknownActivations(t *testing.T) {
	r, err := Estimate(device(t, "rtx-4090"), Features{DenseMACs: 1e9}, Options{})
	if err != nil || r.Model != "flops" || !warned(r, "activations are not known") {
		t.Errorf("%+v, %v; want the flops model with a warning", r, err)
	}
	r, err = Estimate(device(t, "rtx-4090"), Features{DenseMACs: 1e9, Activations: 1e6}, Options{})
	if err != nil || !warned(r, "number of kernels is not known") {
		t.Errorf("%+v, %v; want a warning about kernels", r, err)
	}
	r, err = Estimate(device(t, "v100-sxm2-16gb"), handModel, Options{Precision: "fp32"})
	if err != nil || !warned(r, "do not state their batch") {
		t.Errorf("%+v, %v; want a warning that the rows state no batch", r, err)
	}
}

// A form with more classes wins only where the device has rows for it.
func TestFormFollowsEvidence(t *testing.T) {
	shipped := Shipped()
	totalsOnly := &Table{Rows: slices.DeleteFunc(slices.Clone(shipped.Rows), func(c Coefficients) bool { return c.ID == "t4:int8:fused:classes" })}
	for _, c := range []struct {
		table                     *Table
		id, precision, mode, form string
	}{
		{shipped, "rtx-4090", "fp16", "fused", "classes"}, {shipped, "rtx-4090", "int8", "fused", "classes"},
		{shipped, "t4", "int8", "fused", "classes"}, {totalsOnly, "t4", "int8", "fused", "totals"},
		{shipped, "a30", "int8", "fused", "classes"}, {shipped, "p100-sxm2-16gb", "fp16", "eager", "classes"},
	} {
		r, err := Estimate(device(t, c.id), full, Options{Precision: c.precision, Mode: c.mode, Table: c.table})
		if err != nil || r.Form != c.form || r.Model != "traffic" {
			t.Errorf("%s %s %s: form %s, %v; want %s", c.id, c.precision, c.mode, r.Form, err, c.form)
		}
	}
}

func TestFlopsModelIsWide(t *testing.T) {
	r, err := Estimate(device(t, "rtx-4090"), handModel, Options{Precision: "fp16-amp", Model: "flops"})
	if err != nil || r.Factor < 3 {
		t.Errorf("%+v, %v; want the wide interval of one coefficient", r, err)
	}
}

func TestParsePrecision(t *testing.T) {
	v100, a100 := device(t, "v100-pcie-16gb"), device(t, "a100-pcie-40gb")
	for _, c := range []struct {
		name string
		d    Device
		want string
	}{{"FP32", a100, "fp32"}, {"fp32/tf32", a100, "tf32"}, {"fp32/tf32", v100, "fp32"}, {"bfloat16", a100, "bf16"}, {"fp16-amp", v100, "fp16-amp"}, {"float16", v100, "fp16"}} {
		if got, _, err := ParsePrecision(c.name, c.d); err != nil || got != c.want {
			t.Errorf("ParsePrecision(%q, %s) = %q, %v; want %q", c.name, c.d.ID, got, err, c.want)
		}
	}
	for dtype, want := range map[string]string{"float32": "fp32", "float16": "fp16", "bfloat16": "bf16", "float8e4m3fn": "fp8", "uint8": "int8", "int8": "int8"} {
		if got, ok := DefaultPrecision(dtype); !ok || got != want {
			t.Errorf("DefaultPrecision(%q) = %q, %v; want %q", dtype, got, ok, want)
		}
	}
	if _, ok := DefaultPrecision("string"); ok {
		t.Error("strings have a precision")
	}
}

func TestReadTableRejects(t *testing.T) {
	const head = "id,device,precision,mode,form,grade,boundary,j_per_mac,factor\n"
	for name, row := range map[string]string{
		"device": "x,no-such,fp32,eager,flops,C,board,1,2", "precision": "x,a30,fp31,eager,flops,C,board,1,2",
		"mode": "x,a30,fp32,idle,flops,C,board,1,2", "form": "x,a30,fp32,eager,guess,C,board,1,2",
		"grade": "x,a30,fp32,eager,flops,Z,board,1,2", "boundary": "x,a30,fp32,eager,flops,C,moon,1,2",
		"negative": "x,a30,fp32,eager,flops,C,board,-1,2", "not a number": "x,a30,fp32,eager,flops,C,board,NaN,2",
		"factor": "x,a30,fp32,eager,flops,C,board,1,0.5", "columns": "x,a30",
	} {
		if _, err := ReadTable(strings.NewReader(head + row + "\n")); err == nil {
			t.Errorf("bad %s accepted", name)
		}
	}
	if _, err := ReadTable(strings.NewReader("")); err == nil {
		t.Error("an empty table accepted")
	}
}

func TestMerge(t *testing.T) {
	user, err := ReadTable(strings.NewReader("# version: mine\nid,device,precision,mode,form,grade,boundary,j_per_mac,watts,factor\nmine,rtx-3090,fp16-amp,eager,totals,B,gpu,1,100,1.8\n"))
	if err != nil {
		t.Fatal(err)
	}
	table := hand(t).Merge(user)
	r, err := Estimate(device(t, "rtx-3090"), handModel, Options{Precision: "fp16-amp", Table: table})
	if err != nil || r.Coefficient != "mine" || r.Grade != GradeB || table.Version != "hand+mine" {
		t.Errorf("%+v, %v, %s; want the user's row", r, err, table.Version)
	}
}

func TestVersion(t *testing.T) {
	if v := Version(); v == "" || v != Shipped().Version {
		t.Errorf("Version() = %q, table says %q", v, Shipped().Version)
	}
}

func ExampleEstimate() {
	d, err := Lookup("RTX 4090")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := Estimate(d, Features{DenseMACs: 4089184256, Activations: 11114984, Params: 25557032, EagerKernels: 175, FusedKernels: 57},
		Options{Precision: "fp16-amp", Mode: Fused, Batch: 256})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("grade %s at the %s, within a factor of %g: %v\n", r.Grade, r.Boundary, r.Factor, r.Lo < r.Joules && r.Joules < r.Hi)
	fmt.Println(r.Coefficient)
	// Output:
	// grade C at the board, within a factor of 2: true
	// rtx-4090:fp16-amp:fused:totals
}

// Single precision on a device with rows of tf32 and of half precision is carried over
// from tf32: the same bytes move.
func TestCarriedWidth(t *testing.T) {
	for _, id := range []string{"a100-pcie-40gb", "h100-pcie-80gb"} {
		r, err := Estimate(device(t, id), full, Options{Precision: "fp32"})
		if err != nil || !strings.Contains(r.Coefficient, ":from:"+id+":tf32:eager") {
			t.Errorf("%s: %s, %v; want it carried over from tf32", id, r.Coefficient, err)
		}
	}
}

package energy

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
	"github.com/onnxmeter/onnxmeter/counters/quantile"
)

func factorOf(a, b float64) float64 { return max(a/b, b/a) }

// Every device that states TDP, bandwidth and peak is left out in turn and
// filled in from the others: the factors that widen the interval hold nine
// tenths of them.
func TestImputeFactors(t *testing.T) {
	var tdp, bw []float64
	for i, d := range Devices() {
		if d.TDP == 0 || d.Bandwidth == 0 || halfPeak(d) == 0 {
			continue
		}
		others := slices.Delete(slices.Clone(Devices()), i, i+1)
		noTDP, noBW := d, d
		noTDP.TDP, noBW.Bandwidth = 0, 0
		a, said, _ := impute(noTDP, others)
		b, _, _ := impute(noBW, others)
		if said == "" {
			t.Errorf("%s: a guess without a word", d.ID)
		}
		tdp, bw = append(tdp, factorOf(a.TDP, d.TDP)), append(bw, factorOf(b.Bandwidth, d.Bandwidth))
	}
	if x := quantile.Of(tdp, 0.9); x > imputeTDPFactor || x < imputeTDPFactor/1.1 {
		t.Errorf("nine tenths of TDPs are met within %.3g, the factor is %g", x, imputeTDPFactor)
	}
	if x := quantile.Of(bw, 0.9); x > imputeBandwidthFactor || x < imputeBandwidthFactor/1.1 {
		t.Errorf("nine tenths of bandwidths are met within %.3g, the factor is %g", x, imputeBandwidthFactor)
	}
}

// The column of conflicts lists figures that other sources give: "bw: IG=300".
func TestWeakFactor(t *testing.T) {
	figures := map[string]string{"tdp": "tdp_w", "fp32": "fp32_tflops", "tf32": "tf32_tflops",
		"fp16": "fp16_tensor_tflops", "int8": "int8_tops", "bw": "bw_gb_s"}
	rows, err := readRecords(strings.NewReader(data.GPUs), "conflicts")
	if err != nil {
		t.Fatal(err)
	}
	other := regexp.MustCompile(`\w+=([0-9.]+)`)
	var factors []float64
	for _, r := range rows {
		for _, part := range strings.Split(r.text("conflicts"), "|") {
			name, list, _ := strings.Cut(strings.TrimSpace(part), ":")
			mine, err := r.number(figures[name])
			if err != nil || mine == 0 {
				continue
			}
			for _, m := range other.FindAllStringSubmatch(list, -1) {
				theirs, err := strconv.ParseFloat(m[1], 64)
				if err != nil {
					t.Fatal(err)
				}
				factors = append(factors, factorOf(mine, theirs))
			}
		}
	}
	if len(factors) < 30 {
		t.Fatalf("only %d conflicts found", len(factors))
	}
	if x := quantile.Of(factors, 0.8); math.Abs(x-weakFactor) > 0.005 {
		t.Errorf("four fifths of conflicting figures differ by less than %.4g, the factor is %g", x, weakFactor)
	}
}

// Apple states no TDP: the guess is named and the interval is wider than that
// of a device with a datasheet.
func TestImputedDeviceIsWider(t *testing.T) {
	m1, err := Estimate(device(t, "apple-m1"), handModel, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p100, err := Estimate(device(t, "gtx-1080-ti"), handModel, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !warned(m1, "no source states its TDP") || m1.Factor <= p100.Factor {
		t.Errorf("apple-m1: factor %g, %q; gtx-1080-ti: %g", m1.Factor, m1.Warnings, p100.Factor)
	}
}

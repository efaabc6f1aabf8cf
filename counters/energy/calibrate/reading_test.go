package calibrate

import (
	"math"
	"strings"
	"testing"
)

const emissions = `timestamp,project_name,run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,gpu_count,gpu_model,pue
2026-01-01T00:00:00,resnet,r1,100.5,0.1,0.001,0.002,0.0005,0.0035,"Korea, Republic of",2,2 x NVIDIA A100-SXM4-80GB,1.0
2026-01-01T00:10:00,cpu only,r2,50,0.1,0.001,0,0.0005,0.003,France,,,1.5
`

const standardLog = `2025-11-18 15:53:54 - carbontracker version 2.3.4
2025-11-18 15:53:54 - Only predicted and actual consumptions are multiplied by a PUE coefficient of 1.58 (source).
2025-11-18 15:53:54 - The following components were found: GPU with device(s) NVIDIA GeForce RTX 3070. CPU with device(s) cpu:0.
2025-11-18 15:54:28 - Epoch 1:
2025-11-18 15:54:28 - Duration: 0:00:30.50
2025-11-18 15:54:28 - Average power usage (W) for gpu: 100.0
2025-11-18 15:54:28 - Average power usage (W) for cpu: 50.0
2025-11-18 15:55:28 - Epoch 2:
2025-11-18 15:55:28 - Duration: 0:01:00
2025-11-18 15:55:28 - Average power usage (W) for gpu: [80.0 20.0]
`

const outputLog = `2026-06-05 12:00:00 - CarbonTracker:
Actual consumption for 50 epoch(s):
	Time:	1 day, 0:00:02
	Energy:	0.000158000000 kWh
	CO2eq:	0.014300000000 g
CarbonTracker: Predicted consumption for 100 epoch(s):
	Time:	2:00:02
	Energy:	7 kWh
`

// smiLogText is a triangle of power: 100 W rising to 200 W and falling again.
const smiLogText = `timestamp, power.draw [W]
2026/08/17 22:35:50.000, 100.00 W
2026/08/17 22:36:00.000, 200.00 W
2026/08/17 22:36:05.000, [N/A]
2026/08/17 22:36:10.000, 100.00 W
`

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		log             string
		window          Window
		idle            float64
		joules, seconds float64 // of the first reading
		boundary, gpu   string
		readings        int
	}{
		"codecarbon":       {emissions, Window{}, 0, 7200, 100.5, "gpu", "NVIDIA A100-SXM4-80GB", 2},
		"standard log":     {standardLog, Window{}, 0, 3050 + 6000, 90.5, "gpu", "NVIDIA GeForce RTX 3070", 1},
		"output log":       {outputLog, Window{}, 0, 568.8, 86402, "system", "", 1},
		"both logs":        {outputLog + "multiplied by a PUE coefficient of 1.58 (x)\n", Window{}, 0, 360, 86402, "system", "", 1},
		"power":            {smiLogText, Window{}, 0, 3000, 20, "gpu", "", 1},
		"power in seconds": {smiLogText, Window{"5", "15"}, 0, 2 * 5 * 175, 10, "gpu", "", 1},
		"power in times":   {smiLogText, Window{"2026/08/17 22:35:55", "2026/08/17 22:36:00.5"}, 0, 5*175 + 0.5*197.5, 5.5, "gpu", "", 1},
		"less idle":        {smiLogText, Window{}, 50, 2000, 20, "gpu", "", 1},
		"two GPUs": {"index, timestamp, name, power.draw [W]\n0, 2026/08/17 22:35:50.000, NVIDIA L4, 10 W\n1, 2026/08/17 22:35:50.000, NVIDIA L4, 20 W\n" +
			"0, 2026/08/17 22:36:00.000, NVIDIA L4, 10 W\n1, 2026/08/17 22:36:00.000, NVIDIA L4, 20 W\n", Window{}, 0, 300, 10, "gpu", "NVIDIA L4", 1},
	} {
		format, ok := Detect([]byte(c.log))
		if !ok {
			t.Errorf("%s: not detected", name)
			continue
		}
		got, err := Read([]byte(c.log), "log", format, c.window, c.idle)
		if err != nil || len(got) != c.readings {
			t.Errorf("%s: %d readings, %v", name, len(got), err)
			continue
		}
		r := got[0]
		if math.Abs(r.Joules-c.joules) > 1e-9*c.joules || math.Abs(r.Seconds-c.seconds) > 1e-9 || r.Boundary != c.boundary || r.GPU != c.gpu {
			t.Errorf("%s: %+v (want %g J, %g s, %s, %s)", name, r, c.joules, c.seconds, c.boundary, c.gpu)
		}
	}
	if got, err := Read([]byte(emissions), "log", CodeCarbon, Window{}, 0); err != nil || got[1].Boundary != "system" || math.Abs(got[1].Joules-0.002*joulesPerKWh) > 1e-6 {
		t.Errorf("without gpu_energy: %+v, %v (want 7200 J of the system)", got, err)
	}
}

func TestReadErrors(t *testing.T) {
	for want, c := range map[string]struct {
		log    string
		window Window
		idle   float64
	}{
		`log:2: column duration: "x" (expected seconds)`: {"duration,gpu_energy,energy_consumed\nx,1,1\n", Window{}, 0},
		`log:2: bare " in non-quoted-field`:              {"duration,gpu_energy,energy_consumed\na\"b,1,1\n", Window{}, 0},
		`log:1: extraneous or missing " in quoted-field`: {"duration,energy_consumed,\"x\"y\n1,1,1\n", Window{}, 0},
		"log: no run": {"duration,gpu_energy,energy_consumed\n", Window{}, 0},
		`log:3: duration "soon" (expected H:MM:SS)`:       {"carbontracker\n\n - Duration: soon\n", Window{}, 0},
		`log:2: power of the GPU "None" (expected watts)`: {"carbontracker\n - Average power usage (W) for gpu: None\n", Window{}, 0},
		"log: no epoch with the power of a GPU":           {"carbontracker\n", Window{}, 0},
		`log:2: timestamp "now" (expected as in`:          {"timestamp, power.draw [W]\nnow, 3 W\n", Window{}, 0},
		"log: no sample of power":                         {"timestamp, power.draw [W]\n", Window{}, 0},
		"one sample of power":                             {"timestamp, power.draw [W]\n2026/08/17 22:35:50.000, 1 W\n2026/08/17 22:35:59.000, [N/A]\n", Window{}, 0},
		"are outside the log":                             {smiLogText, Window{"0", "21"}, 0},
		"is not after that of the start":                  {smiLogText, Window{"10", "5"}, 0},
		`mark "noon"`:                                     {smiLogText, Window{"noon", ""}, 0},
		"log:2: -1000 J in 20 s (expected more than 0":    {smiLogText, Window{}, 200},
	} {
		format, _ := Detect([]byte(c.log))
		_, err := Read([]byte(c.log), "log", format, c.window, c.idle)
		if err == nil || !strings.Contains(err.Error(), want) && !(strings.HasPrefix(want, "one") && strings.Contains(err.Error(), "not after")) {
			t.Errorf("error %v (want %q)", err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{emissions, standardLog, outputLog, smiLogText, "energy_consumed,duration\na\"b,1\n"} {
		f.Add([]byte(s), "1", "2")
	}
	f.Fuzz(func(t *testing.T, log []byte, start, stop string) {
		format, ok := Detect(log)
		if !ok || format == Rows {
			return
		}
		got, err := Read(log, "log", format, Window{start, stop}, 0)
		for _, r := range got {
			if err != nil || !(r.Joules > 0) || math.IsInf(r.Joules, 0) || !(r.Seconds > 0) {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	})
}

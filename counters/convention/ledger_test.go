package convention

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph/onnxfile"
	"github.com/onnxmeter/onnxmeter/ops"
)

var update = flag.Bool("update", false, "write docs/conventions-ledger.md anew")

// zooNet is an entry of the zoo's truth.json.
type zooNet struct {
	Name      string
	Feeds     map[string][]any
	TorchMACs *int64         `json:"torch_macs"`
	Counters  map[string]any // what other tools printed: a number, or [FLOPs, MACs]
	Note      string
	Invalid   string
}

func (z *zooNet) bind() map[string]ops.InputBinding {
	out := map[string]ops.InputBinding{}
	for name, f := range z.Feeds {
		var dims []int64
		for _, d := range f[1].([]any) {
			dims = append(dims, int64(d.(float64)))
		}
		out[name] = ops.InputBinding{Dims: dims}
	}
	return out
}

// printed is what a counter printed for the net, in the unit of its convention.
func (z *zooNet) printed(counter string) (int64, bool) {
	if counter == "torch" {
		if z.TorchMACs == nil {
			return 0, false
		}
		return 2 * *z.TorchMACs, true
	}
	v := z.Counters[counter]
	if l, ok := v.([]any); ok {
		v = l[0]
	}
	f, ok := v.(float64)
	return int64(f), ok
}

// ledgerCounters are the counters of truth.json with the conventions that count as they
// do, and the share of the nets that must be equal or explained.
var ledgerCounters = []struct {
	name, convention string
	least            float64
}{
	{"torch", "torch", 0.97}, {"fvcore", "fvcore", 0.97}, {"ptflops_aten", "ptflops-aten", 0.97},
	{"thop", "thop", 0.9}, {"calflops", "deepspeed", 0.75}, {"ptflops", "ptflops", 0.8}, {"torchinfo", "torchinfo", 0.9},
}

// ledger is the book of a counter: how its figures come about from the graphs.
type ledger struct {
	counter, convention     string
	pairs, equal, explained int
	classes                 map[string]int // nets by the class of an explanation
	unexplained             []string
	drawn, byChance         int // other differences of the same size, and how many of them would be explained
}

func (l *ledger) String() string {
	return fmt.Sprintf("%-12s %d of %d equal, %d explained, %d not", l.counter, l.equal, l.pairs, l.explained, len(l.unexplained))
}

// TestLedger compares, for every net of the zoo, what other tools printed for the module
// with the figure of the graph by their convention: equal, or different by doubts whose
// sum is the difference to the last integer, or unexplained. It writes the docs page.
func TestLedger(t *testing.T) {
	dir := os.Getenv("ONNXMETER_SHARED")
	if dir == "" {
		t.Skip("ONNXMETER_SHARED is not set: the nets are not here")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "zoo", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var nets []zooNet
	if err := json.Unmarshal(raw, &nets); err != nil {
		t.Fatal(err)
	}
	var books []*ledger
	for _, c := range ledgerCounters {
		books = append(books, &ledger{counter: c.name, convention: c.convention, classes: map[string]int{}})
	}
	for i := range nets {
		enter(t, dir, &nets[i], books)
	}
	drawn, byChance := 0, 0
	for i, l := range books {
		drawn, byChance = drawn+l.drawn, byChance+l.byChance
		t.Logf("ledger: %s", l)
		if share := float64(l.equal+l.explained) / float64(l.pairs); share < ledgerCounters[i].least {
			t.Errorf("%s: %.3f equal or explained, want %.2f", l.counter, share, ledgerCounters[i].least)
		}
	}
	if byChance*50 > drawn {
		t.Errorf("%d of %d differences that nobody printed would be explained, want at most one in 50", byChance, drawn)
	}
	page(t, books)
}

// enter adds one net to the books of all counters.
func enter(t *testing.T, dir string, z *zooNet, books []*ledger) {
	f, err := onnxfile.Open(filepath.Join(dir, "zoo", z.Name+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := counters.Count(f.Model, counters.Options{Options: ops.Options{Inputs: z.bind()}})
	if err != nil && z.Invalid == "" {
		t.Fatal(err)
	}
	for _, l := range books {
		if printed, ok := z.printed(l.counter); ok {
			t.Logf("ledger: %s %s: %s", z.Name, l.counter, l.enter(z, r, printed))
		}
	}
}

// enter adds what the counter printed for a net and returns how it comes about.
func (l *ledger) enter(z *zooNet, r *counters.Report, printed int64) string {
	l.pairs++
	open := func(why string) string {
		l.unexplained = append(l.unexplained, z.Name+": "+why)
		return "unexplained: " + why
	}
	if r == nil {
		return open("the file is invalid and refused")
	}
	c, _ := Lookup(l.convention)
	m := c.Measure()
	ours, known := Sum(m.Classes(r)).Const()
	if !known {
		return open("the work depends on data")
	}
	if ours == printed {
		l.equal++
		return fmt.Sprintf("equal, %d", printed)
	}
	doubts := m.Doubts(r)
	l.draw(doubts, printed-ours)
	why := Explain(doubts, printed-ours)
	if why == nil {
		return open(fmt.Sprintf("%d, by the graph %d, difference %+d", printed, ours, printed-ours))
	}
	l.explained++
	text := fmt.Sprintf("explained, %d = %d", printed, ours)
	for _, d := range why {
		l.classes[general(d.Class)]++
		text += fmt.Sprintf(" + (%s: %s)", d.Change, d.Class)
	}
	return text
}

// draw explains differences that nobody printed, of the size of one that was printed and a
// multiple of 64 as most figures of nets are: what chance makes of the doubts.
func (l *ledger) draw(doubts []Doubt, difference int64) {
	size := max(difference, -difference)
	rng := rand.New(rand.NewPCG(uint64(size), uint64(len(doubts))))
	for range 2 {
		l.drawn++
		if Explain(doubts, (difference+rng.Int64N(2*size+128)-size)/64*64) != nil {
			l.byChance++
		}
	}
}

// general drops what is specific to a net from a class: the names of its layers.
func general(class string) string {
	for _, c := range []string{zeroBias, noBias, mergedCalls, ownClass} {
		if strings.HasPrefix(class, c) {
			return strings.TrimSuffix(c, ": ")
		}
	}
	return class
}

// page writes the ledger as a page, or compares it with the one in docs.
func page(t *testing.T, books []*ledger) {
	var b strings.Builder
	b.WriteString("# What other counters printed, and why\n\nGenerated by `go test ./counters/convention -run Ledger -update` where the shared nets are; do not edit.\n\n" +
		"For 86 nets, exported by torch, it is known what other tools printed for the same module and inputs. A pair is *equal* when the\n" +
		"convention of that name gives the integer from the graph alone; *explained* when the difference is the sum of things that the file\n" +
		"does not tell, each computed from the graph; else it is listed below. `calflops` is held to the convention deepspeed, whose rules it has.\n" +
		"With `-v` the command prints a line for each pair. The last column is a control: of twice as many differences of the same size that no tool printed, how many would be explained too.\n\n" +
		"| counter | convention | pairs | equal | explained | not | by chance |\n|---|---|---:|---:|---:|---:|---:|\n")
	for _, l := range books {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d of %d |\n", l.counter, l.convention, l.pairs, l.equal, l.explained, len(l.unexplained), l.byChance, l.drawn)
	}
	for _, l := range books {
		fmt.Fprintf(&b, "\n## %s\n", l.counter)
		if len(l.classes) > 0 {
			b.WriteString("\n| explained by | nets |\n|---|---:|\n")
			names := slices.Sorted(maps.Keys(l.classes))
			slices.SortStableFunc(names, func(x, y string) int { return l.classes[y] - l.classes[x] })
			for _, n := range names {
				fmt.Fprintf(&b, "| %s | %d |\n", n, l.classes[n])
			}
		}
		if len(l.unexplained) > 0 {
			b.WriteString("\nUnexplained:\n\n")
			for _, u := range l.unexplained {
				fmt.Fprintf(&b, "- %s\n", u)
			}
		}
	}
	const file = "../../docs/conventions-ledger.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("%s differs from the ledger: run go test ./counters/convention -run Ledger -update", file)
	}
}

package tradeoff

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestRanking has the three nets of Deep-n-Cheap's table for CIFAR-10, of 14, 8 and 4
// layers, with a reference of 10 s: each is the best for the weight it was found with.
func TestRanking(t *testing.T) {
	tab := read(t, "net,seconds,accuracy\n14,10,93.74\n8,4,91.89\n4,3,83.82\n")
	for name, expr := range map[string]string{"fp": "1 - accuracy/100", "fc": "seconds/10"} {
		if err := tab.Define(name, expr); err != nil {
			t.Fatal(err)
		}
	}
	for i, w := range []float64{0, 0.1, 10} {
		ranks, dropped, err := tab.Ranking(DeepNCheap, w, false, false)
		if err != nil || len(dropped) > 0 || ranks[0].Row != i || ranks[0].Place != 1 || ranks[2].Place != 3 {
			t.Errorf("w %v: %+v %v", w, ranks, err)
		}
	}
	ranks, _, _ := tab.Ranking(DeepNCheap, 0.1, false, false)
	if want := math.Log10(0.0811 + 0.1*0.4); math.Abs(ranks[0].Value-want) > 1e-12 {
		t.Errorf("%v, want %v", ranks[0].Value, want)
	}
}

func TestRankingTies(t *testing.T) {
	tab := read(t, "n,x\na,2\nb,1\nc,2\nd,\n")
	ranks, dropped, err := tab.Ranking("x", 0, true, true)
	if err != nil || len(dropped) != 1 {
		t.Fatal(err)
	}
	var places, rows []int
	for _, r := range ranks {
		places, rows = append(places, r.Place), append(rows, r.Row)
	}
	if !slices.Equal(places, []int{1, 1, 3}) || !slices.Equal(rows, []int{0, 2, 1}) {
		t.Errorf("places %v of rows %v", places, rows)
	}
	if _, _, err := tab.Ranking("x", 0, true, false); err == nil || !strings.Contains(err.Error(), `row "d", line 5: column "x" is missing`) {
		t.Error(err)
	}
	if _, _, err := tab.Ranking("log10(x - x)", 0, true, true); err == nil || !strings.Contains(err.Error(), "no row has a value") {
		t.Error(err)
	}
	if err := tab.Define("x", "1"); err == nil {
		t.Error("a column defined twice")
	}
	if err := tab.Define("y", "1/(x - 1)"); err != nil {
		t.Fatal(err)
	}
	if _, err := tab.Set([]Objective{{Name: "y"}}, false); err == nil || !strings.Contains(err.Error(), `row "b", line 3: column "y" is missing: 1/(x - 1): a division by zero`) {
		t.Error(err)
	}
}

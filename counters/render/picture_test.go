package render

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/tradeoff"
)

// scatter is a set of random rows over some decades, with intervals.
func scatter(r *rand.Rand, n, objectives int) *tradeoff.Set {
	s := &tradeoff.Set{}
	for k := range objectives {
		s.Objectives = append(s.Objectives, tradeoff.Objective{Name: fmt.Sprint("o<", k, ">"), Max: k%2 == 1})
	}
	for i := range n {
		s.Names = append(s.Names, fmt.Sprintf("Net-%d & %s\x1b\xff", i, strings.Repeat("x", r.IntN(12))))
		v, lo, hi := make([]float64, objectives), make([]float64, objectives), make([]float64, objectives)
		for k := range v {
			v[k] = math.Pow(10, 4*r.Float64()-2)
			lo[k], hi[k] = v[k]/1.3, v[k]*1.3
		}
		s.Values, s.Lo, s.Hi = append(s.Values, v), append(s.Lo, lo), append(s.Hi, hi)
	}
	return s
}

// elements reads a picture and counts its elements; it must be well-formed.
func elements(t *testing.T, svg string) map[string]int {
	t.Helper()
	count := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if e, ok := tok.(xml.StartElement); ok {
			count[e.Name.Local]++
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") || strings.Contains(a.Value, "http") && a.Name.Local != "xmlns" {
					t.Fatalf("%s=%q in <%s>", a.Name.Local, a.Value, e.Name.Local)
				}
			}
		}
	}
}

func draw(t *testing.T, p *Pareto) string {
	t.Helper()
	var b strings.Builder
	if err := p.Write(&b, "svg", false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPictureIsWellFormed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 30, 200} {
		for _, objectives := range []int{2, 3} {
			for _, log := range LogAxes {
				p := &Pareto{Set: scatter(r, n, objectives), Picture: Picture{X: 0, Y: 1, Log: log}}
				got := elements(t, draw(t, p))
				// A dot of each row and one or two of the legend; a title of each row and of the picture.
				if got["svg"] != 1 || got["circle"] < n+1 || got["circle"] > n+2 || got["title"] != n+1 || got["script"] != 0 {
					t.Errorf("%d rows: %v", n, got)
				}
				if paths := got["path"]; objectives == 2 && paths < 2 || objectives == 3 && paths > 1 {
					t.Errorf("%d objectives, %d paths: the steps belong to two", objectives, paths)
				}
			}
		}
	}
}

// TestPictureOfExtremes has values that leave no room for a scale.
func TestPictureOfExtremes(t *testing.T) {
	for _, v := range [][2]float64{{0, 0}, {1, 1}, {-1e308, 1e308}, {0, 1e-320}, {1e-320, 1e300}, {-5, -5}, {1e300, 1.0000000001e300}, {1, 1 + 1e-15}} {
		values := [][]float64{{v[0], v[1]}, {v[1], v[0]}}
		s := &tradeoff.Set{Objectives: []tradeoff.Objective{{Name: "a"}, {Name: "b"}}, Names: []string{"x", "y"}, Values: values, Lo: values, Hi: values}
		got := elements(t, draw(t, &Pareto{Set: s, Picture: Picture{Y: 1}}))
		if got["circle"] < 2 || got["text"] > 60 || got["line"] > 200 {
			t.Errorf("%v: %v", v, got)
		}
	}
	s := &tradeoff.Set{Objectives: []tradeoff.Objective{{Name: "a"}, {Name: "b"}}, Names: []string{"x"}, Values: [][]float64{{0, 1}}, Lo: [][]float64{{0, 1}}, Hi: [][]float64{{0, 1}}}
	if err := (&Pareto{Set: s, Picture: Picture{Y: 1, Log: "x"}}).Write(io.Discard, "svg", false); err == nil || !strings.Contains(err.Error(), "a reaches 0") {
		t.Errorf("%v", err)
	}
}

// TestLabelsDoNotCollide holds the places of labels to each other, to the dots and to
// the area.
func TestLabelsDoNotCollide(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	dots, unplaced := 0, 0
	for range 60 {
		d := &drawing{p: &Pareto{Set: scatter(r, 5+r.IntN(40), 2), Picture: Picture{Y: 1}}}
		if err := d.scales(); err != nil {
			t.Fatal(err)
		}
		d.place()
		dots, unplaced = dots+len(d.dots), unplaced+d.unnamed
		for i, a := range d.labels {
			if !a.ok {
				continue
			}
			for _, b := range d.labels[:i] {
				if b.ok && a.box.overlap(b.box) > 0 {
					t.Errorf("labels %v and %v", a.box, b.box)
				}
			}
			for _, dot := range d.dots {
				if (rect{dot.x, dot.y, dot.x, dot.y}).grow(pointRadius).overlap(a.box) > 0 {
					t.Errorf("label %v covers a dot at %v, %v", a.box, dot.x, dot.y)
				}
			}
			if a.box.x0 < plotArea.x0 || a.box.x1 > pictureWidth || a.box.y0 < 26 || a.box.y1 > plotArea.y1 {
				t.Errorf("label %v is outside", a.box)
			}
		}
	}
	if unplaced > dots/10 { // with error bars across and up, and up to 45 dots
		t.Errorf("%d of %d labels without a place", unplaced, dots)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		log    bool
		want   string
	}{
		{407.7, 1011.2, false, "400 500 600 700 800 900 1000"}, {0.114, 0.148, false, "0.12 0.13 0.14 0.15"}, {0, 1, false, "0 0.2 0.4 0.6 0.8 1.0"}, {-3, 3, false, "−3 −2 −1 0 1 2 3"},
		{0.01, 10, true, "0.01 0.1 1 10"}, {2e6, 8e7, true, "2 M 5 M 10 M 20 M 50 M 100 M"}, {1e-9, 5e-8, true, "10⁻⁹ 2×10⁻⁹ 5×10⁻⁹ 10⁻⁸ 2×10⁻⁸ 5×10⁻⁸"}, {1, 1e14, true, "1 1000 1 M 1 G 1 T"},
	} {
		s := newScale(c.lo, c.hi, c.log, 0, 500)
		var got []string
		for _, k := range s.ticks(7) {
			if k.text != "" {
				got = append(got, k.text)
			}
			if k.at < 0 || k.at > 500 {
				t.Errorf("a mark at %v", k.at)
			}
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%v to %v: %s, want %s", c.lo, c.hi, text, c.want)
		}
	}
}

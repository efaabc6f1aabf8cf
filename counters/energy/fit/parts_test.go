package fit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// parts are what the form by class is made of, each with the features of a network as
// they would be without it.
var parts = []struct {
	without string
	change  func(*energy.Features)
}{
	{"nothing: the shipped form", func(*energy.Features) {}},
	{"what mixed precision moves besides", func(x *energy.Features) { x.MixedTraffic = 0 }},
	{"linear layers apart from convolutions", func(x *energy.Features) { x.ConvTraffic, x.LinearTraffic = x.ConvTraffic+x.LinearTraffic, 0 }},
	{"both of these", func(x *energy.Features) {
		x.ConvTraffic, x.LinearTraffic, x.MixedTraffic = x.ConvTraffic+x.LinearTraffic, 0, 0
	}},
	{"products in tiles", func(x *energy.Features) { x.TileMACs = x.DenseMACs }},
	{"written scores apart from other traffic", func(x *energy.Features) { x.ScoreTraffic = 0 }},
	{"depthwise MACs apart from grouped", func(x *energy.Features) { x.GroupedMACs, x.DepthwiseMACs = x.MACs()-x.DenseMACs, 0 }},
	{"depthwise traffic apart from other traffic", func(x *energy.Features) { x.OtherTraffic, x.DepthwiseTraffic = x.OtherTraffic+x.DepthwiseTraffic, 0 }},
}

// TestGeneratedParts takes the form by class apart, on the device of most networks.
func TestGeneratedParts(t *testing.T) {
	m := refit(t).Model
	form, _ := energy.FormByName("classes")
	var b strings.Builder
	b.WriteString("| without | eager | compiled |\n|---|---|---|\n")
	for _, part := range parts {
		cells := map[string]string{}
		for _, g := range m.Groups {
			if g.own() && g.Device.ID == "rtx-4090" {
				g.Points = slices.Clone(g.Points)
				for i := range g.Points {
					part.change(&g.Points[i].Features)
				}
				cells[g.Mode] = shownCell(m.heldOut(g, form))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", part.without, cells[energy.Eager], cells[energy.Fused])
	}
	holdPage(t, docsPath, map[string]string{"parts": b.String()})
}

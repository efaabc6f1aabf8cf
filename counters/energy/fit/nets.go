package fit

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/counters/energy"
)

// Nets gives the features of networks by model and input size.
type Nets struct {
	byKey map[netKey]energy.Features
}

type netKey struct{ model, size string }

// netColumn is a column of a feature table that holds a feature.
type netColumn struct {
	name  string
	value *float64
}

// netColumns are the columns of a feature table with x for their values, in order; before
// them stand model, size and macs, behind them the source. Traffic is in elements, all
// figures are per sample; an empty field is unknown. The split by class (dense_macs and
// after) is either whole or absent.
func netColumns(x *energy.Features) []netColumn {
	return []netColumn{
		{"activations", &x.Activations}, {"params", &x.Params},
		{"eager_kernels", &x.EagerKernels}, {"fused_kernels", &x.FusedKernels},
		{"dense_macs", &x.DenseMACs}, {"grouped_macs", &x.GroupedMACs},
		{"depthwise_macs", &x.DepthwiseMACs}, {"tile_macs", &x.TileMACs},
		{"conv_traffic", &x.ConvTraffic}, {"linear_traffic", &x.LinearTraffic}, {"depthwise_traffic", &x.DepthwiseTraffic},
		{"score_traffic", &x.ScoreTraffic}, {"other_traffic", &x.OtherTraffic}, {"mixed_traffic", &x.MixedTraffic},
	}
}

// ReadNets parses feature tables (data/nets.csv, data/features.csv) with the
// columns of netColumns. A model and size may stand in one of them only.
func ReadNets(tables ...io.Reader) (*Nets, error) {
	n := &Nets{byKey: map[netKey]energy.Features{}}
	for _, r := range tables {
		c := csv.NewReader(r)
		c.Comment = '#'
		all, err := c.ReadAll()
		if err != nil {
			return nil, fmt.Errorf("nets: %w", err)
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("nets: no header")
		}
		for _, f := range all[1:] {
			if err := n.add(all[0], f); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}

func (n *Nets) add(head, fields []string) error {
	col := map[string]string{}
	for i, name := range head {
		col[name] = fields[i]
	}
	k := netKey{col["model"], col["size"]}
	if _, ok := n.byKey[k]; ok {
		return fmt.Errorf("nets: %s/%s stands there twice", k.model, k.size)
	}
	x, err := parseNet(col)
	if err != nil {
		return fmt.Errorf("nets: %s/%s: %w", k.model, k.size, err)
	}
	n.byKey[k] = x
	return nil
}

func parseNet(col map[string]string) (energy.Features, error) {
	var x energy.Features
	var macs float64
	for _, p := range append(netColumns(&x), netColumn{"macs", &macs}) {
		if col[p.name] == "" {
			continue
		}
		v, err := strconv.ParseFloat(col[p.name], 64)
		if err != nil {
			return x, fmt.Errorf("column %s: %w", p.name, err)
		}
		*p.value = v
	}
	x.Classes = col["dense_macs"] != ""
	if !x.Classes {
		x.DenseMACs = macs
	}
	if x.Classes && x.MACs() != macs {
		return x, fmt.Errorf("dense_macs + grouped_macs + depthwise_macs = %g, macs = %g", x.MACs(), macs)
	}
	return x, x.Validate()
}

// graphModel names the graph behind a row's model where the source writes it
// in another way.
func graphModel(model string) string {
	switch {
	case strings.HasPrefix(model, "bert-99"), model == "bert_large_squad":
		return "bert-large"
	case model == "bert_base_squad", model == "bert_base_uncased":
		return "bert-base"
	}
	return model
}

// matches reports whether a row was measured on the network of a graph, by their
// parameters. Published tables round to ten
// thousand; a network whose branches were merged before it ran has one to ten per
// cent less.
func (r Row) matches(x energy.Features) bool {
	far := math.Abs(r.Params - x.Params)
	if r.isPublishedBenchmark() {
		return far <= 6e3+5e-4*x.Params
	}
	return far <= 0.03*x.Params
}

// graphOf returns the features of the graph of a row's network, if there is one.
func (n *Nets) graphOf(r Row) (energy.Features, bool) {
	_, size, _ := strings.Cut(r.Task, "/")
	if _, err := strconv.Atoi(size); err != nil {
		size = ""
	}
	x, ok := n.byKey[netKey{graphModel(r.Model), size}]
	byName := r.Params == 0 && (size != "" || r.isMLPerf()) // a name and a size leave no doubt
	return x, ok && (byName || r.matches(x))
}

// knows reports whether a row's network has a graph.
func (n *Nets) knows(r Row) bool {
	_, ok := n.graphOf(r)
	return ok
}

// Features of the network of a row: those of its graph where one is known and
// agrees in parameters, else the row's own. ok is false if not even the MACs
// are known. graph says which of the two it was.
func (n *Nets) Features(r Row) (x energy.Features, graph, ok bool) {
	if x, ok := n.graphOf(r); ok {
		return x, true, true
	}
	return energy.Features{DenseMACs: r.MACs, Params: r.Params, Activations: r.Activations}, false, r.MACs > 0
}

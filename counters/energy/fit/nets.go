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

// NetColumns are the columns of a feature table, in order. Traffic is in
// elements, all figures are per sample; an empty field is unknown. The split by
// class (dense_macs and after) is either whole or absent.
var NetColumns = []string{"model", "size", "macs", "activations", "params", "eager_kernels", "fused_kernels",
	"dense_macs", "grouped_macs", "conv_traffic", "depthwise_traffic", "score_traffic", "other_traffic", "source"}

// ReadNets parses feature tables (data/nets.csv, data/features.csv) with the
// columns NetColumns. A model and size may stand in one of them only.
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
	for _, p := range []struct {
		name string
		v    *float64
	}{
		{"macs", &macs}, {"activations", &x.Activations}, {"params", &x.Params},
		{"eager_kernels", &x.EagerKernels}, {"fused_kernels", &x.FusedKernels},
		{"dense_macs", &x.DenseMACs}, {"grouped_macs", &x.GroupedMACs},
		{"conv_traffic", &x.ConvTraffic}, {"depthwise_traffic", &x.DepthwiseTraffic},
		{"score_traffic", &x.ScoreTraffic}, {"other_traffic", &x.OtherTraffic},
	} {
		if col[p.name] == "" {
			continue
		}
		v, err := strconv.ParseFloat(col[p.name], 64)
		if err != nil {
			return x, fmt.Errorf("column %s: %w", p.name, err)
		}
		*p.v = v
	}
	x.Classes = col["dense_macs"] != ""
	if !x.Classes {
		x.DenseMACs = macs
	}
	if x.Classes && x.MACs() != macs {
		return x, fmt.Errorf("dense_macs + grouped_macs = %g, macs = %g", x.MACs(), macs)
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

// sameParams is how far the parameters of a row and of a graph of the same
// name may differ; beyond it the row was measured on another network.
const sameParams = 0.03

// Features of the network of a row: those of its graph where one is known and
// agrees in parameters, else the row's own. ok is false if not even the MACs
// are known. graph says which of the two it was.
func (n *Nets) Features(r Row) (x energy.Features, graph, ok bool) {
	_, size, _ := strings.Cut(r.Task, "/")
	if _, err := strconv.Atoi(size); err != nil {
		size = ""
	}
	x, graph = n.byKey[netKey{graphModel(r.Model), size}]
	if graph && r.Params > 0 && math.Abs(r.Params/x.Params-1) <= sameParams {
		return x, true, true
	}
	return energy.Features{DenseMACs: r.MACs, Params: r.Params, Activations: r.Activations}, false, r.MACs > 0
}

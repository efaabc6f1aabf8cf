package ops

import (
	"sort"
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/graph"
)

// families lists every operator by family, each in a file of its own.
var families = []struct {
	Name string
	Ops  []Op
}{
	{"conv", convOps},
	{"views", viewOps},
	{"movement", movementOps},
	{"gather", gatherOps},
	{"generate", generateOps},
	{"sequence", sequenceOps},
	{"conv", transposedConvOps},
	{"conv", sampledConvOps},
	{"image", imageOps},
	{"signal", signalOps},
	{"pool", poolOps},
	{"sampling", samplingOps},
	{"norm", batchNormOps},
	{"norm", normOps},
	{"resize", resizeOps},
	{"text", textOps},
	{"control", controlOps},
	{"ml", mlOps},
	{"ml trees", treeOps},
	{"training", trainingOps},
	{"experimental", experimentalOps},
	{"matmul", matmulOps},
	{"recurrent", recurrentOps},
	{"attention", attentionOps},
	{"quant", quantOps},
	{"microsoft matmul", microsoftMatmulOps},
	{"microsoft attention", microsoftAttentionOps},
	{"microsoft recurrent", microsoftRecurrentOps},
	{"microsoft linear", microsoftLinearOps},
	{"microsoft norm", microsoftNormOps},
	{"microsoft activation", microsoftActivationOps},
	{"microsoft pointwise", microsoftPointwiseOps},
	{"microsoft quant", microsoftQuantOps},
	{"microsoft move", microsoftMoveOps},
	{"microsoft window", microsoftWindowOps},
	{"nchwc", nchwcOps},
	{"qonnx", qonnxOps},
	{"extensions", extensionsOps},
	{"elementwise", elementwiseOps},
	{"elementwise", clipOps},
	{"elementwise", transcendentalOps},
	{"logical", logicalOps},
	{"activation", activationOps},
	{"cast", castOps},
	{"softmax", softmaxOps},
	{"reduce", reduceOps},
	{"select", selectOps},
	{"select", topkOps},
	{"select", uniqueOps},
	{"cumulative", cumulativeOps},
	{"random", randomOps},
	{"dropout", dropoutOps},
	{"loss", lossOps},
	{"linalg", linalgOps},
}

type opKey struct{ domain, name string }

// table finds entries by domain and name, each list in ascending order of versions.
type table map[opKey][]*Op

var index = sync.OnceValue(func() table {
	idx := make(table, 512)
	for f := range families {
		for i := range families[f].Ops {
			op := &families[f].Ops[i]
			k := opKey{op.Domain, op.Name}
			idx[k] = append(idx[k], op)
		}
	}
	for _, list := range idx {
		sort.SliceStable(list, func(i, j int) bool { return list[i].Since[0] < list[j].Since[0] })
	}
	return idx
})

// Lookup returns the entry that rules an operator at an opset version: the newest
// that is not newer. It is nil when there is none.
func Lookup(domain, name string, opset int64) *Op { return index().lookup(domain, name, opset) }

func (t table) lookup(domain, name string, opset int64) *Op {
	var found *Op
	for _, op := range t[opKey{graph.NormalDomain(domain), name}] {
		if int64(op.Since[0]) <= opset {
			found = op
		}
	}
	return found
}

// Versions returns all entries of an operator in ascending order, nil if it is unknown.
func Versions(domain, name string) []*Op { return index().versions(domain, name) }

func (t table) versions(domain, name string) []*Op { return t[opKey{graph.NormalDomain(domain), name}] }

// Each calls f for every entry, by family in the order of the files.
func Each(f func(family string, op *Op)) {
	for i := range families {
		for j := range families[i].Ops {
			f(families[i].Name, &families[i].Ops[j])
		}
	}
}

// LatestOpset is the newest opset version of ai.onnx that the table knows.
const LatestOpset = 28

// Version names the operator table in reports; it changes whenever a rule does.
const Version = "2026.11"

// pointwiseFamilies compute each output element from the elements at its place:
// they can join the kernel that makes their operand.
var pointwiseFamilies = map[string]bool{"elementwise": true, "activation": true, "logical": true, "cast": true, "microsoft activation": true}

// Pointwise reports whether an operator works element by element, after
// broadcasting. Batch normalisation with running statistics is one.
func Pointwise(op *Op) bool { return roles()[op].pointwise }

// Reduces reports whether an operator reduces axes of its input.
func Reduces(op *Op) bool { return roles()[op].reduces }

type fusionRole struct{ pointwise, reduces bool }

var roles = sync.OnceValue(func() map[*Op]fusionRole {
	out := map[*Op]fusionRole{}
	Each(func(family string, op *Op) {
		r := fusionRole{pointwise: pointwiseFamilies[family], reduces: strings.HasPrefix(op.Name, "Reduce")}
		switch op.Name {
		case "BatchNormalization", "Dropout", "QuantizeLinear", "DequantizeLinear":
			r.pointwise = true
		}
		out[op] = r
	})
	return out
})

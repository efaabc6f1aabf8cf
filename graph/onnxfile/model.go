package onnxfile

import (
	"github.com/onnxmeter/onnxmeter/graph"
)

const (
	// irOpsets is the IR version since which a model must import operator sets.
	irOpsets = 3
	// irAttrTypes is the IR version since which attributes must name their type.
	irAttrTypes = 2
)

type opset struct {
	domain  string
	version int64
}

// readModel reads a ModelProto up to the end of the file.
func (d *decoder) readModel() {
	m := &d.model
	for d.more() {
		switch k := d.key(); k {
		case modelIRVersion:
			m.IRVersion = d.int64()
		case modelProducer:
			m.Producer = d.label()
		case modelProducerVersion:
			m.ProducerVersion = d.label()
		case modelDomain:
			m.Domain = d.label()
		case modelVersion:
			m.ModelVersion = d.int64()
		case modelOpsetImport:
			d.opsets = append(d.opsets, d.opset())
		case modelMetadata:
			m.Metadata = d.addPair(m.Metadata)
		case modelGraph:
			if m.Graph == nil {
				m.Graph = &graph.Graph{}
			}
			d.graph(m.Graph)
		case modelFunctions:
			d.addFunction()
		case modelTraining:
			d.warn("training_info is not read: the graph is counted as inference")
			d.skip(k)
		default:
			d.skip(k)
		}
		d.settle()
	}
}

// settle ends the reading when something is wrong with the part just read.
func (d *decoder) settle() {
	if d.bad != nil {
		d.fail(d.bad)
	}
}

func (d *decoder) opset() opset {
	var o opset
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case opsetDomain:
			o.domain = graph.NormalDomain(d.text())
		case opsetVersion:
			o.version = d.int64()
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	return o
}

// checkHeader refuses what the fields of ModelProto itself get wrong.
func (d *decoder) checkHeader() {
	m := &d.model
	switch {
	case m.Graph == nil:
		d.reject("the model has no graph").Expect("ModelProto.graph")
	case m.IRVersion <= 0:
		d.reject("ir_version %d", m.IRVersion).Expect("1 to %d", graph.MaxIRVersion)
	case m.IRVersion > graph.MaxIRVersion:
		d.reject("ir_version %d is not known", m.IRVersion).Expect("1 to %d", graph.MaxIRVersion)
	case d.untyped != nil && m.IRVersion >= irAttrTypes:
		d.bad = d.untyped
	case len(d.opsets) == 0 && m.IRVersion >= irOpsets:
		d.reject("the model imports no operator set").Expect("opset_import")
	case len(d.opsets) == 0:
		m.Opsets = map[string]int64{"": 1}
	default:
		m.Opsets = d.imports(d.opsets)
	}
	d.settle()
}

// imports makes the map of operator sets; a domain may have one version only.
func (d *decoder) imports(list []opset) map[string]int64 {
	out := make(map[string]int64, len(list))
	for _, o := range list {
		name := graph.Clip(graph.DomainName(o.domain))
		if o.version <= 0 {
			d.reject("opset version %d of domain %q", o.version, name).Expect("1 or more")
		}
		if v, again := out[o.domain]; again && v != o.version {
			d.reject("domain %q is imported at opset %d and at opset %d", name, v, o.version)
		}
		out[o.domain] = o.version
	}
	return out
}

func (d *decoder) addFunction() {
	m := &d.model
	if len(m.Functions) == graph.MaxFunctions {
		d.reject("more than %d local functions", graph.MaxFunctions)
		d.settle()
		return
	}
	m.Functions = append(m.Functions, d.function())
}

func (d *decoder) function() *graph.Function {
	f := &graph.Function{Body: &graph.Graph{}}
	var imports []opset
	outer := d.enter()
	for d.more() {
		switch k := d.key(); k {
		case functionName:
			f.Name = d.text()
		case functionDomain:
			f.Domain = graph.NormalDomain(d.text())
		case functionOverload:
			f.Overload = d.text()
		case functionInput:
			f.Body.InputInfo = append(f.Body.InputInfo, graph.ValueInfo{Name: d.text()})
		case functionOutput:
			f.Body.OutputInfo = append(f.Body.OutputInfo, graph.ValueInfo{Name: d.text()})
		case functionAttribute:
			f.Attrs = append(f.Attrs, d.text())
		case functionDefault:
			f.Defaults = append(f.Defaults, d.attribute())
		case functionNode:
			f.Body.Nodes = append(f.Body.Nodes, d.node())
		case functionValueInfo:
			d.addValueInfo(f.Body)
		case functionOpsetImport:
			imports = append(imports, d.opset())
		case functionMetadata:
			f.Metadata = d.addPair(f.Metadata)
		default:
			d.skip(k)
		}
	}
	d.leave(outer)
	if d.err == nil && f.Name == "" {
		d.reject("a local function of domain %q has no name", graph.Clip(f.Domain))
	}
	f.Body.Name = f.Name
	f.Opsets = d.imports(imports)
	if d.bad != nil && !d.located {
		d.bad.Path, d.located = graph.JoinPath(f.Name, d.bad.Path), true
	}
	return f
}

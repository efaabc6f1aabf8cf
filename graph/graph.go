// Package graph holds what an ONNX file says, before anything is concluded from
// it: values, nodes, graphs, functions, and the symbolic size Dim.
//
// A front end (packages onnxfile, onnxtext, onnxgo, exprgraph) fills a Model with
// names as written and calls Link, which resolves names to Values across nested
// scopes, sorts the nodes and refuses what is no graph. After Link a Model is not
// changed any more and may be shared between goroutines.
package graph

// Model is one ONNX model.
type Model struct {
	Path            string // file name for messages, "" if there is none
	IRVersion       int64
	Opsets          map[string]int64 // by domain; "" and "ai.onnx" are both stored as ""
	Producer        string
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Graph           *Graph
	Functions       []*Function
	Metadata        []Pair
	// StructureBytes is the size of the file without skipped tensor payloads; 0 if unknown.
	StructureBytes int64
	// Warnings are remarks of the front end, each one line.
	Warnings []string

	functions map[FuncKey]*Function
}

// FuncKey identifies a local function.
type FuncKey struct{ Domain, Name, Overload string }

// Function is a local function (FunctionProto). Body.Inputs and Body.Outputs
// are its formal parameters; they have no types.
type Function struct {
	FuncKey
	Attrs    []string // names of attributes without a default
	Defaults Attrs    // attributes with a default
	Opsets   map[string]int64
	Body     *Graph
	Metadata []Pair
}

// Graph is a graph, a subgraph or the body of a function.
type Graph struct {
	Name string
	// Nodes are in an order in which every value is produced before it is
	// used; Node.Index keeps the order of the file.
	Nodes        []*Node
	InputInfo    []ValueInfo
	OutputInfo   []ValueInfo
	ValueInfo    []ValueInfo
	Initializers []*Tensor
	Sparse       []*SparseTensor
	// Quantization maps a tensor to its quantisation parameters (quantization_annotation).
	Quantization []QuantAnnotation
	Metadata     []Pair

	// The fields below are filled by Link.

	Parent   *Graph   // nil for the main graph and for function bodies
	Inputs   []*Value // one for each InputInfo
	Outputs  []*Value // one for each OutputInfo; may be a Value of an enclosing graph
	Values   []*Value // all Values of this graph; Value.ID is the index
	Captures []*Value // Values of enclosing graphs that this graph or one inside it uses
}

// QuantAnnotation is TensorAnnotation: a tensor name with the names of its
// scale and zero-point tensors.
type QuantAnnotation struct {
	Tensor string
	Params []Pair
}

// Value is a named value: a graph input, an initializer or the output of a node.
// The output of a graph that is a value of an enclosing graph is that Value.
type Value struct {
	Name     string
	ID       int // index in Graph.Values
	Graph    *Graph
	Producer *Node         // nil for inputs and initializers
	Init     *Tensor       // header of an initializer, also one that is a graph input's default
	Sparse   *SparseTensor // a sparse initializer
	Declared *TypeDef      // from graph inputs, outputs or value_info; a hint
	IsInput  bool
}

// Node is one operator call.
type Node struct {
	Name     string
	Domain   string // "" for ai.onnx
	Op       string
	Overload string
	Attrs    Attrs
	// InputNames and OutputNames are as written; "" is an omitted optional one.
	InputNames, OutputNames []string
	Metadata                []Pair
	Index                   int // position in the file

	// The fields below are filled by Link; nil entries are omitted optional ones.

	Inputs, Outputs []*Value
}

// Label returns the node's name or, if it has none, its first output's name, or
// its operator with its position: what messages and reports call the node.
func (n *Node) Label() string {
	if n.Name != "" {
		return n.Name
	}
	for _, o := range n.OutputNames {
		if o != "" {
			return o
		}
	}
	return n.Op
}

// Input returns the i-th input, nil if it is omitted.
func (n *Node) Input(i int) *Value {
	if i < len(n.Inputs) {
		return n.Inputs[i]
	}
	return nil
}

// AttrType is AttributeProto.AttributeType.
type AttrType int32

// The attribute types of onnx.proto.
const (
	AttrUndefined AttrType = iota
	AttrFloat
	AttrInt
	AttrString
	AttrTensor
	AttrGraph
	AttrFloats
	AttrInts
	AttrStrings
	AttrTensors
	AttrGraphs
	AttrSparse
	AttrSparses
	AttrTypeProto
	AttrTypeProtos
)

var attrTypeNames = [...]string{"undefined", "float", "int", "string", "tensor", "graph", "floats", "ints",
	"strings", "tensors", "graphs", "sparse_tensor", "sparse_tensors", "type_proto", "type_protos"}

// String returns the name of the type in lower case, as in AttributeProto.
func (t AttrType) String() string {
	if t < 0 || int(t) >= len(attrTypeNames) {
		return "unknown"
	}
	return attrTypeNames[t]
}

// Attr is one attribute. Only the field of its Type is set.
type Attr struct {
	Name   string
	Type   AttrType
	Float  float32
	Int    int64
	Str    string
	Ints   []int64
	Floats []float32
	Strs   []string
	Tensor *Tensor
	Sparse *SparseTensor
	Graph  *Graph
	// Lists holds lists of tensors, graphs and types: no standard operator has one.
	Lists   *AttrLists
	TypeDef *TypeDef
	// Ref names the attribute of the enclosing function that gives the value.
	Ref string
}

// AttrLists are the values of an attribute whose elements are messages. They stand apart
// because a model of many attributes rarely has one.
type AttrLists struct {
	Tensors []*Tensor
	Sparses []*SparseTensor
	Graphs  []*Graph
	Types   []*TypeDef
}

// Get returns the lists; a nil pointer has none.
func (l *AttrLists) Get() AttrLists {
	if l == nil {
		return AttrLists{}
	}
	return *l
}

// AddLists returns the attribute's lists for writing.
func (a *Attr) AddLists() *AttrLists {
	if a.Lists == nil {
		a.Lists = &AttrLists{}
	}
	return a.Lists
}

// Attrs are the attributes of a node in file order.
type Attrs []Attr

// Get returns the attribute of a name, nil if there is none.
func (a Attrs) Get(name string) *Attr {
	for i := range a {
		if a[i].Name == name {
			return &a[i]
		}
	}
	return nil
}

// duplicate returns an attribute whose name occurred before, nil if there is none.
func (a Attrs) duplicate() *Attr {
	const few = 16
	if len(a) <= few {
		for i := range a {
			if a.Get(a[i].Name) != &a[i] {
				return &a[i]
			}
		}
		return nil
	}
	seen := make(map[string]bool, len(a))
	for i := range a {
		if seen[a[i].Name] {
			return &a[i]
		}
		seen[a[i].Name] = true
	}
	return nil
}

// Bodies calls f for each subgraph of the node, in attribute order.
func (n *Node) Bodies(f func(attr string, g *Graph)) {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if a.Graph != nil {
			f(a.Name, a.Graph)
		}
		for _, g := range a.Lists.Get().Graphs {
			f(a.Name, g)
		}
	}
}

// Function returns the local function that a node calls, nil if there is none.
func (m *Model) Function(n *Node) *Function {
	if len(m.functions) == 0 {
		return nil
	}
	return m.functions[FuncKey{n.Domain, n.Op, n.Overload}]
}

// NormalDomain maps the two spellings of the standard domain, "" and "ai.onnx", to "".
func NormalDomain(d string) string {
	if d == "ai.onnx" {
		return ""
	}
	return d
}

// DomainName is the inverse for print: "" becomes "ai.onnx".
func DomainName(d string) string {
	if d == "" {
		return "ai.onnx"
	}
	return d
}

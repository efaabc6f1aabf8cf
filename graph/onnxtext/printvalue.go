package onnxtext

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// attribute writes what follows the name of an attribute, with its type where the
// value does not tell it.
func (p *printer) attribute(a *graph.Attr) {
	if a.Type != graph.AttrUndefined && (a.Ref != "" || isList(a.Type) && !tellsType(a)) {
		p.put(" : ", a.Type.String())
	}
	p.put(" = ")
	switch {
	case a.Ref != "":
		p.put("@", quotable(a.Ref))
	case isList(a.Type):
		p.put("[")
		p.list(a)
		p.put("]")
	default:
		p.single(a)
	}
}

func isList(t graph.AttrType) bool { _, ok := singles[t]; return ok }

// tellsType reports whether onnx.parser takes the type of a list from its values:
// not from none, and not from tensors, graphs and types.
func tellsType(a *graph.Attr) bool { return len(a.Ints)+len(a.Floats)+len(a.Strs) > 0 }

func (p *printer) single(a *graph.Attr) {
	switch {
	case a.Type == graph.AttrInt:
		p.int(a.Int)
	case a.Type == graph.AttrFloat:
		p.float(float64(a.Float), 32)
	case a.Type == graph.AttrString:
		p.put(quote(a.Str))
	case a.Type == graph.AttrTensor && a.Tensor != nil:
		p.tensor(a.Tensor)
	case a.Type == graph.AttrGraph && a.Graph != nil:
		p.subgraph(a.Graph)
	case a.Type == graph.AttrTypeProto && a.TypeDef != nil:
		p.typeDef(a.TypeDef)
	default:
		p.fail("attribute %q has type %s", graph.Clip(a.Name), a.Type)
	}
}

func (p *printer) list(a *graph.Attr) {
	switch a.Type {
	case graph.AttrInts:
		each(p, a.Ints, ", ", p.int)
	case graph.AttrFloats:
		each(p, a.Floats, ", ", func(f float32) { p.float(float64(f), 32) })
	case graph.AttrStrings:
		each(p, a.Strs, ", ", func(s string) { p.put(quote(s)) })
	case graph.AttrTensors:
		each(p, a.Lists.Get().Tensors, ", ", p.tensor)
	case graph.AttrGraphs:
		each(p, a.Lists.Get().Graphs, ", ", p.subgraph)
	case graph.AttrTypeProtos:
		each(p, a.Lists.Get().Types, ", ", p.typeDef)
	case graph.AttrSparses:
		if len(a.Lists.Get().Sparses) > 0 {
			p.fail("attribute %q has type %s", graph.Clip(a.Name), a.Type)
		}
	}
}

func (p *printer) int(v int64) { p.put(strconv.FormatInt(v, 10)) }

func (p *printer) float(v float64, bits int) { p.put(floatText(v, bits)) }

// floatText returns a number in a form that is not taken for an integer.
func floatText(v float64, bits int) string {
	sign := ""
	if math.Signbit(v) {
		sign = "-"
	}
	switch {
	case math.IsNaN(v):
		return sign + "nan"
	case math.IsInf(v, 0):
		return sign + "inf"
	}
	s := strconv.FormatFloat(v, 'g', -1, bits)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// subgraph writes a graph inside a node, on lines of its own.
func (p *printer) subgraph(g *graph.Graph) {
	outer := p.indent
	p.indent += "    "
	name := g.Name
	if !isGraphName(name) {
		name = "graph"
	}
	p.put(name)
	p.graph(g)
	p.indent = outer
}

// isGraphName reports whether onnx.parser takes a bare word in an attribute for
// the name of a graph: an identifier that starts neither a type nor a number.
func isGraphName(s string) bool {
	if !isIdent(s) || isTypeName([]byte(s)) {
		return false
	}
	letters := strings.IndexFunc(s, func(r rune) bool { return r == '_' || isDigit(byte(r)) })
	if letters < 0 {
		letters = len(s)
	}
	return !isFloatWord([]byte(s[:letters]))
}

func (p *printer) typeDef(t *graph.TypeDef) {
	s, ok := typeText(t)
	if !ok {
		p.fail("a type of kind %q has no element type or no name", t.Kind)
	}
	p.put(s)
}

// typeText returns a type as text, and false if there is none or the syntax has no
// words for it: an undefined element type, an opaque type with an odd name.
func typeText(t *graph.TypeDef) (string, bool) {
	if t == nil {
		return "", false
	}
	switch t.Kind {
	case graph.KindTensor:
		return t.DType.ProtoName() + dimsText(t), t.DType.Valid()
	case graph.KindSparse:
		return "sparse_tensor(" + t.DType.ProtoName() + dimsText(t) + ")", t.DType.Valid()
	case graph.KindOpaque:
		domain, name, two := strings.Cut(t.Opaque, "/")
		if two {
			return "opaque(" + domain + ", " + name + ")", isQualified(domain) && isIdent(name)
		}
		return "opaque(" + domain + ")", domain == "" || isQualified(domain)
	}
	elem, ok := typeText(t.Elem)
	switch t.Kind {
	case graph.KindSequence:
		return "seq(" + elem + ")", ok
	case graph.KindOptional:
		return "optional(" + elem + ")", ok
	case graph.KindMap:
		return "map(" + t.DType.ProtoName() + ", " + elem + ")", ok && t.DType.Valid()
	}
	return "", false
}

func dimsText(t *graph.TypeDef) string {
	switch {
	case !t.HasShape:
		return "[]"
	case len(t.Dims) == 0:
		return ""
	}
	dims := make([]string, len(t.Dims))
	for i, d := range t.Dims {
		switch {
		case d.Known:
			dims[i] = strconv.FormatInt(d.Value, 10)
		case d.Param != "":
			dims[i] = quotable(d.Param)
		default:
			dims[i] = "?"
		}
	}
	return "[" + strings.Join(dims, ",") + "]"
}

// tensor writes a tensor in an attribute.
func (p *printer) tensor(t *graph.Tensor) {
	p.tensorType(t)
	if isIdent(t.Name) {
		p.put(" ", t.Name)
	}
	if t.Storage == graph.StorageExternal {
		p.put(" =")
	}
	p.put(" ")
	p.elements(t)
}

func (p *printer) tensorType(t *graph.Tensor) {
	if !t.DType.Valid() {
		p.fail("tensor %q has element type %s", graph.Clip(t.Name), t.DType)
	}
	p.put(t.DType.ProtoName())
	if len(t.Dims) > 0 {
		p.put("[")
		each(p, t.Dims, ",", p.int)
		p.put("]")
	}
}

// elements writes the elements of a tensor in braces, or where they are.
func (p *printer) elements(t *graph.Tensor) {
	switch {
	case t.Storage == graph.StorageExternal:
		if len(t.External) == 0 {
			p.fail("tensor %q has external data without a location", graph.Clip(t.Name))
		}
		p.pairs(t.External)
		return
	case t.Storage == graph.StorageAbsent:
		p.put("{}")
		return
	case t.Payload == nil:
		p.fail("tensor %q has elements that cannot be read", graph.Clip(t.Name))
		return
	}
	p.put("{")
	if t.DType == graph.String {
		list, err := t.Payload.Strings(math.MaxInt)
		p.unreadable(t, err)
		each(p, list, ", ", func(s string) { p.put(quote(s)) })
	} else {
		list, err := words(t)
		p.unreadable(t, err)
		each(p, pack(t.DType, list), ", ", func(w uint64) { p.entry(t.DType, w) })
	}
	p.put("}")
}

func (p *printer) unreadable(t *graph.Tensor, err error) {
	if err != nil && p.err == nil {
		p.err = graph.Errorf("the elements of tensor %q cannot be read: %v", graph.Clip(t.Name), err)
	}
}

// words returns the elements of a tensor as bit patterns.
func words(t *graph.Tensor) ([]uint64, error) {
	if r, ok := t.Payload.(graph.WordReader); ok {
		w, err := r.Words(math.MaxInt)
		if err != nil {
			return nil, err
		}
		return w.W, nil
	}
	if t.DType == graph.Float32 || t.DType == graph.Float64 {
		list, err := t.Payload.Floats(math.MaxInt)
		return mapWords(list, func(f float64) uint64 {
			if t.DType == graph.Float32 {
				return uint64(math.Float32bits(float32(f)))
			}
			return math.Float64bits(f)
		}), err
	}
	list, err := t.Payload.Ints(math.MaxInt)
	return mapWords(list, func(v int64) uint64 { return uint64(v) & mask(t.DType.Bits()) }), err
}

func mapWords[T any](list []T, word func(T) uint64) []uint64 {
	out := slices.Grow([]uint64(nil), len(list))
	for _, v := range list {
		out = append(out, word(v))
	}
	return out
}

// entry writes one number as the typed field of TensorProto for d holds it.
func (p *printer) entry(d graph.DType, w uint64) {
	switch {
	case d == graph.Float32 || d == graph.Complex64:
		p.float(float64(math.Float32frombits(uint32(w))), 32)
	case d == graph.Float64 || d == graph.Complex128:
		p.float(math.Float64frombits(w), 64)
	case d.IsInt() && !d.IsUnsigned() && d.PerEntry() == 1:
		unused := 64 - d.Bits()
		p.int(int64(w<<unused) >> unused)
	default:
		p.put(strconv.FormatUint(w, 10))
	}
}

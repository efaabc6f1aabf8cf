package ops

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Role says what a constant at an input is for.
type Role uint8

// The roles of inputs.
const (
	RoleData  Role = iota // a constant here is a parameter
	RoleShape             // index, shape, axes, pads: steers the operator
	RoleStat              // running statistics of a normalisation
	RoleQuant             // scale or zero point
	RoleState             // initial state of a recurrence: zeros as a rule, not a parameter
)

// Param is one formal parameter.
type Param struct {
	Name     string
	Type     string // a type name of Sig.Types, or a dtype
	Optional bool
	Variadic bool
	Each     bool // variadic of different types
	Role     Role
}

// AttrDecl is one declared attribute.
type AttrDecl struct {
	Name     string
	Type     graph.AttrType
	Default  string
	Required bool
	Until    int // the opset version that dropped it, 0 if none did
}

// Sig is a parsed signature.
type Sig struct {
	In, Out []Param
	Attrs   []AttrDecl
	Types   map[string]TypeSet
	// AnyAttr lets attributes through that are not declared.
	AnyAttr bool
}

// TypeSet is a set of element types with the kinds of value that may hold them.
type TypeSet struct {
	DTypes uint64 // bit i is DType i
	Kinds  uint16 // bit i is Kind i
}

// Has reports whether the set allows a dtype; an unknown dtype is allowed.
func (s TypeSet) Has(d graph.DType) bool {
	return d == graph.Undefined || s.DTypes&(1<<uint(d)) != 0
}

var typeGroups = map[string]func(graph.DType) bool{
	"float":  func(d graph.DType) bool { return d.IsFloat() && d.Bits() >= 16 },
	"float8": func(d graph.DType) bool { return d.IsFloat() && d.Bits() == 8 },
	"int":    func(d graph.DType) bool { return d.IsInt() && !d.IsUnsigned() && d.Bits() >= 8 },
	"uint":   func(d graph.DType) bool { return d.IsUnsigned() && d.Bits() >= 8 },
	"number": func(d graph.DType) bool { return (d.IsFloat() && d.Bits() >= 16) || (d.IsInt() && d.Bits() >= 8) },
	"all":    func(d graph.DType) bool { return true },
}

var kindGroups = map[string]graph.Kind{"tensor": graph.KindTensor, "seq": graph.KindSequence, "optional": graph.KindOptional, "map": graph.KindMap, "sparse": graph.KindSparse}

var roleWords = map[string]Role{"shape": RoleShape, "stat": RoleStat, "quant": RoleQuant, "state": RoleState}

// ParseSig parses the signature fields of an Op.
func ParseSig(op *Op) (*Sig, error) {
	s := &Sig{Types: map[string]TypeSet{}}
	for _, def := range splitList(op.Types, ";") {
		name, words, ok := strings.Cut(def, ":")
		if !ok {
			return nil, fmt.Errorf("%s: type %q lacks ':'", op.Name, def)
		}
		set, err := parseTypeSet(words)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.Name, err)
		}
		s.Types[strings.TrimSpace(name)] = set
	}
	var err error
	if s.In, err = s.params(op.In); err == nil {
		if s.Out, err = s.params(op.Out); err == nil {
			list, any := strings.CutSuffix(op.Attrs, " *")
			s.AnyAttr = any
			s.Attrs, err = parseAttrDecls(list)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op.Name, err)
	}
	return s, nil
}

func splitList(s, sep string) []string {
	var out []string
	for _, part := range strings.Split(s, sep) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func parseTypeSet(words string) (TypeSet, error) {
	var set TypeSet
	for _, w := range strings.Fields(words) {
		if k, ok := kindGroups[w]; ok {
			set.Kinds |= 1 << k
			continue
		}
		if in, ok := typeGroups[w]; ok {
			for d := graph.Float32; d.Valid(); d++ {
				if in(d) {
					set.DTypes |= 1 << uint(d)
				}
			}
			continue
		}
		d, ok := graph.ParseDType(w)
		if !ok {
			return set, fmt.Errorf("unknown type %q", w)
		}
		set.DTypes |= 1 << uint(d)
	}
	if set.Kinds == 0 {
		set.Kinds = 1 << graph.KindTensor
	}
	return set, nil
}

func (s *Sig) params(list string) ([]Param, error) {
	var out []Param
	for _, item := range splitList(list, ",") {
		words := strings.Fields(item)
		name, typ, ok := strings.Cut(words[0], ":")
		if !ok {
			return nil, fmt.Errorf("parameter %q lacks a type", item)
		}
		p := Param{Type: typ}
		name, p.Optional = strings.CutSuffix(name, "?")
		p.Name, p.Variadic = strings.CutSuffix(name, "...")
		if _, known := s.Types[typ]; !known {
			set, err := parseTypeSet(typ)
			if err != nil {
				return nil, err
			}
			s.Types[typ] = set
		}
		for _, w := range words[1:] {
			role, known := roleWords[w]
			switch {
			case w == "each":
				p.Each = true
			case known:
				p.Role = role
			default:
				return nil, fmt.Errorf("parameter %q: unknown word %q", item, w)
			}
		}
		out = append(out, p)
	}
	return out, nil
}

var attrTypeWords = map[string]graph.AttrType{
	"float": graph.AttrFloat, "int": graph.AttrInt, "string": graph.AttrString, "tensor": graph.AttrTensor,
	"graph": graph.AttrGraph, "floats": graph.AttrFloats, "ints": graph.AttrInts, "strings": graph.AttrStrings,
	"tensors": graph.AttrTensors, "graphs": graph.AttrGraphs, "sparse_tensor": graph.AttrSparse, "type_proto": graph.AttrTypeProto,
}

func parseAttrDecls(list string) ([]AttrDecl, error) {
	var out []AttrDecl
	for _, item := range strings.Fields(list) {
		item, required := strings.CutSuffix(item, "!")
		decl, def, _ := strings.Cut(item, "=")
		decl, dropped, _ := strings.Cut(decl, "<")
		name, typ, _ := strings.Cut(decl, ":")
		t, ok := attrTypeWords[typ]
		if !ok {
			return nil, fmt.Errorf("attribute %q: unknown type %q", item, typ)
		}
		a := AttrDecl{Name: name, Type: t, Default: def, Required: required}
		if dropped != "" {
			var err error
			if a.Until, err = strconv.Atoi(dropped); err != nil {
				return nil, fmt.Errorf("attribute %q: unknown version %q", item, dropped)
			}
		}
		out = append(out, a)
	}
	return out, nil
}

var sigs sync.Map // *Op -> *Sig

// Signature returns the parsed signature; a wrong one is a mistake in the table,
// which the validator test finds.
func (op *Op) Signature() *Sig {
	if s, ok := sigs.Load(op); ok {
		return s.(*Sig)
	}
	s, err := ParseSig(op)
	if err != nil {
		panic(err)
	}
	sigs.Store(op, s)
	return s
}

// param returns the formal parameter of the i-th actual one, nil if there is none.
func param(ps []Param, i int) *Param {
	if i < len(ps) {
		return &ps[i]
	}
	if n := len(ps); n > 0 && ps[n-1].Variadic {
		return &ps[n-1]
	}
	return nil
}

// InParam returns the formal parameter of the i-th input, nil if there is none.
func (s *Sig) InParam(i int) *Param { return param(s.In, i) }

// OutParam returns the formal parameter of the i-th output, nil if there is none.
func (s *Sig) OutParam(i int) *Param { return param(s.Out, i) }

func (s *Sig) attr(name string) *AttrDecl {
	for i := range s.Attrs {
		if s.Attrs[i].Name == name {
			return &s.Attrs[i]
		}
	}
	return nil
}

// arity returns how many actual parameters a list takes; a negative hi is no limit.
func arity(ps []Param) (lo, hi int) {
	hi = len(ps)
	for i, p := range ps {
		if !p.Optional {
			lo = i + 1
		}
		if p.Variadic {
			hi = -1
			if p.Optional {
				lo = i
			}
		}
	}
	return lo, hi
}

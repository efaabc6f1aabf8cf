package ops

import (
	"fmt"
	"maps"
	"strings"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Options bind what a model leaves open. Names that occur nowhere are returned in
// Result.Unused, so that a caller can refuse a typo.
type Options struct {
	Dims   map[string]int64         // symbolic dims by name
	Inputs map[string]InputBinding  // dims and dtypes of graph inputs
	Values map[string]*graph.Tensor // values of graph inputs
	// Files are values of graph inputs that are decoded when the model has said what
	// they hold: a tensor, a sequence or an optional.
	Files  map[string]ValueFile
	Trip   map[string]int64 // trip counts of Loop nodes by node name
	Assume map[string]int64 // data-dependent sizes by value name
	// Rules are formulas for operators that the table does not know; nil: none.
	Rules *Rules
	// CausalHalf counts attention products under a causal mask half.
	CausalHalf bool
	// IgnoreDeclared drops value_info and output types, never input types.
	IgnoreDeclared bool
	// ExactPadding leaves taps that fall into the padding out of the MACs of
	// convolutions.
	ExactPadding bool
	// InputInfos overrides types of graph inputs that a dense shape cannot say:
	// sequences and optionals.
	InputInfos map[string]Info
}

// ValueFile decodes a serialized value: a tensor, or what is known of a value of
// another kind.
type ValueFile func(kind graph.Kind) (*graph.Tensor, Info, error)

// InputBinding is the dims of a graph input; DType Undefined keeps the declared type.
type InputBinding struct {
	Dims  []int64
	DType graph.DType
}

// BindingError says that options contradict the model or each other: a mistake of
// the caller, not of the model.
type BindingError struct{ What string }

func (e *BindingError) Error() string { return e.What }

func bindErr(format string, args ...any) error {
	return &BindingError{fmt.Sprintf(format, args...)}
}

// bindInputs derives the values of symbols from bound inputs and values.
func (p *pass) bindInputs() error {
	for k, v := range p.opt.Dims {
		if v < 0 {
			return bindErr("--dim %s=%d: a dim is not negative", k, v)
		}
		p.dims[k] = v
	}
	if err := p.decodeFiles(); err != nil {
		return err
	}
	for name, t := range p.opt.Values {
		if err := p.bindInput(name, InputBinding{t.Dims, t.DType}, "--value"); err != nil {
			return err
		}
	}
	for name, b := range p.opt.Inputs {
		if err := p.bindInput(name, b, "--input"); err != nil {
			return err
		}
	}
	return nil
}

// decodeFiles turns Files into Values and InputInfos, by the kinds of the inputs.
func (p *pass) decodeFiles() error {
	if len(p.opt.Files) == 0 {
		return nil
	}
	values, infos := maps.Clone(p.opt.Values), maps.Clone(p.opt.InputInfos)
	if values == nil {
		values = map[string]*graph.Tensor{}
	}
	if infos == nil {
		infos = map[string]Info{}
	}
	for _, name := range sortedKeys(p.opt.Files) {
		v := p.input(name)
		if v == nil {
			continue // reported as unused
		}
		kind := graph.KindTensor
		if v.Declared != nil {
			kind = v.Declared.Kind
		}
		t, in, err := p.opt.Files[name](kind)
		switch {
		case err != nil:
			return err
		case t != nil:
			values[name] = t
		default:
			p.used("value", name)
			infos[name] = in
		}
	}
	p.opt.Values, p.opt.InputInfos = values, infos
	return nil
}

func (p *pass) bindInput(name string, b InputBinding, flag string) error {
	v := p.input(name)
	if v == nil {
		return nil // reported as unused
	}
	p.used(flag, name)
	d := v.Declared
	if d == nil || !d.HasShape {
		return nil
	}
	if len(d.Dims) != len(b.Dims) {
		return bindErr("%s %s: %d dims given, the model declares %d", flag, name, len(b.Dims), len(d.Dims))
	}
	for i, dim := range d.Dims {
		switch {
		case dim.Known && dim.Value != b.Dims[i]:
			return bindErr("%s %s: dim %d is %d, the model declares %d", flag, name, i, b.Dims[i], dim.Value)
		case dim.Param != "":
			if old, ok := p.dims[dim.Param]; ok && old != b.Dims[i] {
				return bindErr("%s %s: dim %d binds %q to %d, which is %d already", flag, name, i, dim.Param, b.Dims[i], old)
			}
			p.dims[dim.Param] = b.Dims[i]
		}
	}
	return nil
}

func (p *pass) input(name string) *graph.Value {
	for _, v := range p.model.Graph.Inputs {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// declaredDim turns a declared dim into a size. A name that is an expression over
// other dims of the inputs, as newer exporters write it, is read as one.
func (p *pass) declaredDim(d graph.DimDef) graph.Dim {
	if d.Known {
		return graph.Int(d.Value)
	}
	if d.Param == "" {
		return p.unknown()
	}
	return p.symbol(d.Param)
}

func (p *pass) symbol(name string) graph.Dim {
	if k, ok := p.dims[name]; ok {
		p.used("dim", name)
		return graph.Int(k)
	}
	if strings.HasPrefix(name, "?") { // written for "not known", and the mark of such sizes here
		return p.unknown()
	}
	if strings.ContainsAny(name, "+-*/ ") {
		if d, ok := p.expression(name); ok {
			return d
		}
	}
	return graph.Sym(name)
}

// expression reads a dim name as an expression over dims that the inputs declare by name.
func (p *pass) expression(name string) (graph.Dim, bool) {
	d, err := graph.ParseDim(name)
	if err != nil {
		return graph.Dim{}, false
	}
	if d.IsConst() { // "-1" is a name like any other
		return graph.Dim{}, false
	}
	env := map[string]graph.Dim{}
	for _, s := range d.Symbols() {
		if !p.inputDims[s] {
			return graph.Dim{}, false
		}
		if k, ok := p.dims[s]; ok {
			env[s] = graph.Int(k)
			p.used("dim", s)
		}
	}
	return d.Subst(env), true
}

// declaredInfo turns a declared type into an Info.
func (p *pass) declaredInfo(t *graph.TypeDef) Info {
	in := Info{Has: -1}
	if t == nil {
		return in
	}
	in.Kind, in.DType, in.Opaque = t.Kind, t.DType, t.Opaque
	if t.Elem != nil {
		item := p.declaredInfo(t.Elem)
		in.Item = &item
	}
	if t.HasShape {
		in.Shape = make(graph.Shape, len(t.Dims))
		for i, d := range t.Dims {
			in.Shape[i] = p.declaredDim(d)
		}
	}
	return in
}

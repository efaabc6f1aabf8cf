package ops

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxmeter/onnxmeter/graph"
)

// TestCases runs the cases of every entry.
func TestCases(t *testing.T) {
	Each(func(_ string, op *Op) {
		for i, c := range op.Cases {
			t.Run(fmt.Sprintf("%s%s-%d/%d", domainPrefix(op), op.Name, op.Since[0], i), func(t *testing.T) { runCase(t, op, c) })
		}
	})
}

func domainPrefix(op *Op) string {
	if op.Domain == "" {
		return ""
	}
	return op.Domain + "."
}

func runCase(t *testing.T, op *Op, c Case) {
	opset := c.Opset
	if opset == 0 {
		opset = op.Since[len(op.Since)-1]
	}
	m, outs, err := buildCase(op, c, int64(opset))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Link(); err != nil {
		t.Fatal(err)
	}
	r, err := Infer(m, Options{InputInfos: caseInfos(t, c)})
	if c.Err != "" {
		if err == nil || !strings.Contains(err.Error(), c.Err) {
			t.Fatalf("error %v, want one with %q", err, c.Err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	node := r.Main.Nodes[0]
	if node.State == Uncounted {
		t.Fatalf("not counted: %s", node.Why)
	}
	if node.Op != op {
		t.Fatalf("opset %d is ruled by another entry", opset)
	}
	for i, want := range outs {
		if want == "_" {
			continue
		}
		if got := showOut(r.Main.Info(m.Graph.Nodes[0].Outputs[i]), strings.Contains(want, "=")); got != normalOut(t, want) {
			t.Errorf("output %d is %s, want %s", i, got, normalOut(t, want))
		}
	}
	switch {
	case c.Cost == "unresolved":
		if node.State != Unresolved {
			t.Errorf("state %s, want unresolved", node.State)
		}
	case c.Cost != "":
		checkCost(t, node, c.Cost)
	}
}

// normalOut puts an expected output into the form of showOut.
func normalOut(t *testing.T, want string) string {
	in, err := parseCaseValue(want, "y")
	if err != nil {
		t.Fatal(err)
	}
	info := in.info()
	return showOut(&info, strings.Contains(want, "="))
}

// info is what is known of a value that a case writes.
func (v caseValue) info() Info {
	in := Info{Kind: v.kind, DType: v.dtype, Shape: v.dims, Elems: v.elems, Has: -1, Len: v.length}
	if v.item != nil {
		item := v.item.info()
		in.Item = &item
	}
	return in
}

// caseInfos gives the types of inputs that are no tensors.
func caseInfos(t *testing.T, c Case) map[string]Info {
	infos := map[string]Info{}
	for i, s := range strings.Fields(c.In) {
		name := fmt.Sprintf("x%d", i)
		if v, err := parseCaseValue(s, name); err != nil {
			t.Fatal(err)
		} else if v.item != nil {
			infos[name] = v.info()
		}
	}
	return infos
}

func showOut(in *Info, values bool) string {
	var b strings.Builder
	if in.Item != nil {
		fmt.Fprintf(&b, "%s(%s", in.Kind, showOut(in.Item, values))
		if in.Len != nil {
			fmt.Fprintf(&b, ",%s", in.Len)
		}
		return b.String() + ")"
	}
	fmt.Fprintf(&b, "%s %s", in.DType, strings.ReplaceAll(showUnknown(in.Shape), " ", ""))
	if in.Shape == nil {
		b.WriteString("*")
	}
	if values {
		elems := in.Elems
		if elems == nil && in.tensor != nil {
			n, _ := in.Shape.Elements().Const()
			elems = readElems(in.tensor, int(n))
		}
		for i, e := range elems {
			b.WriteString(map[bool]string{true: "={", false: ","}[i == 0] + strings.ReplaceAll(e.String(), " ", ""))
		}
		b.WriteString("}")
	}
	return b.String()
}

func checkCost(t *testing.T, r NodeResult, want string) {
	t.Helper()
	if r.State == Unresolved {
		t.Fatalf("unresolved: %s", r.Why)
	}
	cols := map[string]graph.Dim{"mac": r.Cost.MAC, "flop": r.Cost.Flop, "cmp": r.Cost.Cmp, "exp": r.Cost.Exp, "int": r.Cost.Int}
	exp := map[string]string{"mac": "0", "flop": "0", "cmp": "0", "exp": "0", "int": "0"}
	for _, f := range strings.Fields(want) {
		k, v, _ := strings.Cut(f, "=")
		exp[k] = v
	}
	for k, d := range cols {
		if got := strings.ReplaceAll(d.String(), " ", ""); got != exp[k] {
			t.Errorf("%s is %s, want %s", k, got, exp[k])
		}
	}
}

type caseValue struct {
	omitted, constant bool
	kind              graph.Kind
	dtype             graph.DType
	dims              graph.Shape
	elems             []Elem
	item              *caseValue // of a sequence or optional
	length            *graph.Dim
}

var shortTypes = map[string]graph.DType{"f32": graph.Float32, "f16": graph.Float16, "f64": graph.Float64, "bf16": graph.BFloat16,
	"i8": graph.Int8, "u8": graph.Uint8, "i16": graph.Int16, "u16": graph.Uint16, "i32": graph.Int32, "i64": graph.Int64,
	"u32": graph.Uint32, "u64": graph.Uint64, "bool": graph.Bool, "str": graph.String, "c64": graph.Complex64, "i4": graph.Int4, "u4": graph.Uint4}

// parseCaseValue reads "f32[N,3]", "!f32[3]", "i64[2]={1,-1}", "i64={3}" (a scalar), "f32" (a
// scalar), "f32[*]" (rank not known), "?[2]" (type not known), "seq(f32[2,N],4)" (a sequence
// and its length), "opt(f32[2])", "map:i64" (from integers to float32).
func parseCaseValue(s, name string) (caseValue, error) {
	v := caseValue{kind: graph.KindTensor}
	if s == "_" {
		v.omitted = true
		return v, nil
	}
	for prefix, kind := range map[string]graph.Kind{"seq(": graph.KindSequence, "opt(": graph.KindOptional} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			v.kind = kind
			return v, v.parseItem(strings.TrimSuffix(rest, ")"), name)
		}
	}
	s, sparse := strings.CutPrefix(s, "sparse:")
	if sparse {
		v.kind = graph.KindSparse
	}
	s, isMap := strings.CutPrefix(s, "map:")
	if isMap {
		v.kind, v.item = graph.KindMap, &caseValue{kind: graph.KindTensor, dtype: graph.Float32, dims: graph.Shape{}}
	}
	s, v.constant = strings.CutPrefix(s, "!")
	body, vals, hasVals := strings.Cut(s, "=")
	typ, dims, hasDims := strings.Cut(body, "[")
	d, ok := shortTypes[typ]
	if !ok {
		d, ok = graph.ParseDType(typ)
	}
	if !ok && typ != "?" {
		return v, fmt.Errorf("%s: type %q", name, typ)
	}
	v.dtype, v.dims = d, graph.Shape{}
	if hasDims {
		dims = strings.TrimSuffix(dims, "]")
		switch dims {
		case "*":
			v.dims = nil
		case "":
		default:
			for _, x := range splitTop(dims) {
				dim, err := parseCaseDim(x)
				if err != nil {
					return v, err
				}
				v.dims = append(v.dims, dim)
			}
		}
	}
	if hasVals {
		v.constant = true
		for _, x := range splitTop(strings.Trim(vals, "{}")) {
			v.elems = append(v.elems, parseCaseElem(x, v.dtype))
		}
	}
	return v, nil
}

// parseItem reads the item of a sequence or optional and the length of a sequence.
func (v *caseValue) parseItem(s, name string) error {
	if v.kind == graph.KindSequence && !strings.HasSuffix(s, "]") && !strings.HasSuffix(s, ")") {
		at := strings.LastIndexByte(s, ',')
		if n, err := parseCaseDim(s[at+1:]); err == nil && at > 0 {
			v.length, s = &n, s[:at]
		}
	}
	item, err := parseCaseValue(s, name)
	v.item = &item
	return err
}

// splitTop splits at commas outside parentheses.
func splitTop(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out, from = append(out, s[from:i]), i+1
		}
	}
	if s == "" {
		return nil
	}
	return append(out, s[from:])
}

func parseCaseDim(x string) (graph.Dim, error) {
	if k, err := strconv.ParseInt(x, 10, 64); err == nil {
		return graph.Int(k), nil
	}
	if x == "?" {
		return graph.Unknown("case"), nil
	}
	return graph.ParseDim(x)
}

func parseCaseElem(x string, d graph.DType) Elem {
	if d == graph.String {
		return StringElem(strings.Trim(x, `"`))
	}
	if d.IsFloat() {
		f, _ := strconv.ParseFloat(x, 64)
		return FloatElem(f)
	}
	switch x {
	case "true":
		return BoolElem(true)
	case "false":
		return BoolElem(false)
	case "?":
		return Elem{}
	}
	dim, err := parseCaseDim(x)
	if err != nil {
		return Elem{}
	}
	return IntElem(dim)
}

// buildCase makes a model of one node.
func buildCase(op *Op, c Case, opset int64) (*graph.Model, []string, error) {
	g := &graph.Graph{Name: "case"}
	n := &graph.Node{Name: "node", Domain: op.Domain, Op: op.Name}
	for i, s := range strings.Fields(c.In) {
		name := fmt.Sprintf("x%d", i)
		v, err := parseCaseValue(s, name)
		if err != nil {
			return nil, nil, err
		}
		if v.omitted {
			n.InputNames = append(n.InputNames, "")
			continue
		}
		n.InputNames = append(n.InputNames, name)
		if v.constant {
			t, err := caseTensor(name, v)
			if err != nil {
				return nil, nil, err
			}
			g.Initializers = append(g.Initializers, t)
			continue
		}
		g.InputInfo = append(g.InputInfo, graph.ValueInfo{Name: name, Type: caseType(v)})
	}
	outs := strings.Fields(c.Out)
	for i, s := range outs {
		name := fmt.Sprintf("y%d", i)
		if s == "_" {
			name = ""
		}
		n.OutputNames = append(n.OutputNames, name)
	}
	if len(outs) == 0 {
		n.OutputNames = []string{"y0"}
	}
	attrs, err := parseCaseAttrs(op, c.Attrs)
	if err != nil {
		return nil, nil, err
	}
	n.Attrs = attrs
	g.Nodes = []*graph.Node{n}
	return &graph.Model{IRVersion: 10, Opsets: map[string]int64{op.Domain: opset}, Graph: g}, outs, nil
}

func caseTensor(name string, v caseValue) (*graph.Tensor, error) {
	dims, ok := v.dims.Static()
	if !ok {
		return nil, fmt.Errorf("%s: a constant has constant dims", name)
	}
	t := &graph.Tensor{Name: name, DType: v.dtype, Dims: dims}
	if v.elems == nil {
		return t, nil
	}
	p := &graph.MemPayload{}
	for _, e := range v.elems {
		switch {
		case v.dtype == graph.String:
			p.S = append(p.S, e.s)
		case v.dtype.IsFloat():
			p.F = append(p.F, e.f)
		default:
			k, _ := e.Int()
			p.I = append(p.I, k)
		}
	}
	t.Storage, t.Payload = graph.StorageInline, p
	return t, nil
}

func caseType(v caseValue) *graph.TypeDef {
	if v.item != nil {
		return &graph.TypeDef{Kind: v.kind, DType: v.dtype, Elem: caseType(*v.item)}
	}
	t := &graph.TypeDef{Kind: v.kind, DType: v.dtype, HasShape: v.dims != nil}
	for _, d := range v.dims {
		k, ok := d.Const()
		def := graph.DimDef{Value: k, Known: ok}
		if !ok && !d.HasUnknown() {
			def.Param = d.String()
		}
		t.Dims = append(t.Dims, def)
	}
	return t
}

// parseCaseAttrs reads attributes; their types are those of the signature.
func parseCaseAttrs(op *Op, s string) (graph.Attrs, error) {
	var out graph.Attrs
	quoted := false
	for _, f := range strings.FieldsFunc(s, func(r rune) bool {
		quoted = quoted != (r == '"')
		return r == ' ' && !quoted
	}) {
		name, val, _ := strings.Cut(f, "=")
		a := graph.Attr{Name: name}
		if d := op.Signature().attr(name); d != nil {
			a.Type = d.Type
		}
		list := splitTop(strings.Trim(val, "[]"))
		switch a.Type {
		case graph.AttrInt:
			a.Int, _ = strconv.ParseInt(val, 10, 64)
		case graph.AttrFloat:
			f, _ := strconv.ParseFloat(val, 32)
			a.Float = float32(f)
		case graph.AttrString:
			a.Str = strings.Trim(val, `"`)
		case graph.AttrInts:
			a.Ints = []int64{}
			for _, x := range list {
				k, err := strconv.ParseInt(x, 10, 64)
				if err != nil {
					return nil, err
				}
				a.Ints = append(a.Ints, k)
			}
		case graph.AttrFloats:
			for _, x := range list {
				f, _ := strconv.ParseFloat(x, 32)
				a.Floats = append(a.Floats, float32(f))
			}
		case graph.AttrStrings:
			for _, x := range list {
				a.Strs = append(a.Strs, strings.Trim(x, `"`))
			}
		case graph.AttrTensor:
			v, err := parseCaseValue(val, name)
			if err != nil {
				return nil, err
			}
			if a.Tensor, err = caseTensor(name, v); err != nil {
				return nil, err
			}
		case graph.AttrUndefined: // an attribute that the operator lacks, for error cases
			a.Type = graph.AttrInt
		default:
			return nil, fmt.Errorf("attribute %s: a case cannot write a %s", name, a.Type)
		}
		out = append(out, a)
	}
	return out, nil
}

package counters

import (
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// use says what a constant is for, by all its uses.
type use uint8

const (
	useWeight  use = 1 << iota // a data input of an operator
	useInteger                 // a data input of a quantised operator: integers count too
	useScalar                  // an operand of elementwise arithmetic
	useStat
	useQuant
	useShape
)

// weights are the constants of a model by what they are for.
type weights struct {
	groups  WeightGroups
	byOp    map[opKey]graph.Dim
	byDType map[graph.DType]graph.Dim
	byNode  map[*graph.Node]Group

	uses  map[*graph.Value]use
	first map[*graph.Value]*graph.Node // the node whose slot a weight feeds
	done  map[*ops.Instance]bool
	live  map[*graph.Graph][]bool // by Value.ID: whether something uses it
	list  []Parameter
}

// Parameter is one weight of a model.
type Parameter struct {
	Value    *graph.Value
	Elements graph.Dim
	DType    graph.DType
	Node     *graph.Node // the one that it feeds first, nil if it leaves the model as it is
}

// Parameters lists the weights that Totals.Params counts, in the order of the file.
func (r *Report) Parameters() []Parameter { return r.parameters }

// findWeights classifies every constant by the slots that it reaches: directly or
// through nodes that are computed before the run. Each is counted once.
func findWeights(res *ops.Result) *weights {
	w := &weights{byOp: map[opKey]graph.Dim{}, byDType: map[graph.DType]graph.Dim{}, byNode: map[*graph.Node]Group{},
		uses: map[*graph.Value]use{}, first: map[*graph.Value]*graph.Node{}, done: map[*ops.Instance]bool{}, live: map[*graph.Graph][]bool{}}
	for _, v := range res.Main.Graph.Outputs { // a constant that leaves the model
		w.mark(v, useWeight, nil)
	}
	w.trace(res.Main)
	counted := map[*graph.Graph]bool{}
	w.collect(res.Main, counted)
	return w
}

// trace walks nodes from last to first, so that what an output is used for is
// known before its inputs are looked at.
func (w *weights) trace(in *ops.Instance) {
	if w.done[in] {
		return
	}
	w.done[in] = true
	for _, v := range in.Graph.Outputs {
		w.use(v)
	}
	for i := len(in.Nodes) - 1; i >= 0; i-- {
		n := &in.Nodes[i]
		for _, sub := range n.Subs {
			w.passResults(n, sub.Inst)
			w.trace(sub.Inst)
			w.passArguments(n, sub.Inst)
		}
		w.traceNode(in, n)
	}
}

// passResults gives the uses of a call's results to the outputs of the function.
func (w *weights) passResults(n *ops.NodeResult, body *ops.Instance) {
	if body.Func == nil {
		return
	}
	for i, v := range body.Graph.Outputs {
		if i < len(n.Node.Outputs) && n.Node.Outputs[i] != nil {
			r := n.Node.Outputs[i]
			w.mark(v, w.uses[r], w.first[r])
		}
	}
}

// passArguments gives the uses of a function's parameters to the call's arguments.
func (w *weights) passArguments(n *ops.NodeResult, body *ops.Instance) {
	if body.Func == nil {
		return
	}
	for i, v := range body.Graph.Inputs {
		if i < len(n.Node.Inputs) && n.Node.Inputs[i] != nil {
			w.mark(n.Node.Inputs[i], w.uses[v], w.first[v])
		}
	}
}

func (w *weights) mark(v *graph.Value, u use, at *graph.Node) {
	w.uses[v] |= u
	w.use(v)
	if at != nil && u&(useWeight|useInteger|useScalar) != 0 && w.first[v] == nil {
		w.first[v] = at
	}
}

// use notes that something uses a value.
func (w *weights) use(v *graph.Value) {
	of := w.live[v.Graph]
	if of == nil {
		of = make([]bool, len(v.Graph.Values))
		w.live[v.Graph] = of
	}
	of[v.ID] = true
}

// used reports whether something uses a value.
func (w *weights) used(v *graph.Value) bool {
	of := w.live[v.Graph]
	return of != nil && of[v.ID]
}

func (w *weights) traceNode(in *ops.Instance, n *ops.NodeResult) {
	folded := n.State == ops.Folded
	var through use
	var at *graph.Node
	if folded {
		for _, v := range n.Node.Outputs {
			if v != nil {
				through |= w.uses[v]
				if at == nil {
					at = w.first[v]
				}
			}
		}
	}
	quantised := hasQuantSlots(n)
	for i, v := range n.Node.Inputs {
		if v == nil {
			continue
		}
		w.use(v)
		if !in.Info(v).Const {
			continue
		}
		u := slotUse(n, i, quantised)
		if folded && u&(useStat|useQuant|useShape) == 0 {
			if quantised && through&useWeight != 0 {
				through |= useInteger
			}
			w.mark(v, through, at)
			continue
		}
		w.mark(v, u, n.Node)
	}
}

// slotUse says what input i of a node is for.
func slotUse(n *ops.NodeResult, i int, quantised bool) use {
	if n.Op == nil {
		if len(n.Subs) > 0 { // a local function: its body says
			return 0
		}
		return useWeight
	}
	p := n.Op.Signature().InParam(i)
	if p == nil {
		return useWeight
	}
	switch p.Role {
	case ops.RoleShape, ops.RoleState:
		return useShape
	case ops.RoleStat:
		return useStat
	case ops.RoleQuant:
		return useQuant
	}
	switch {
	case quantised:
		return useWeight | useInteger
	case ops.Pointwise(n.Op) && len(n.Op.Signature().In) > 1:
		return useScalar
	}
	return useWeight
}

func hasQuantSlots(n *ops.NodeResult) bool {
	if n.Op == nil {
		return false
	}
	for _, p := range n.Op.Signature().In {
		if p.Role == ops.RoleQuant {
			return true
		}
	}
	return false
}

// collect counts the constants of a graph and of those inside it, each graph once.
func (w *weights) collect(in *ops.Instance, counted map[*graph.Graph]bool) {
	if counted[in.Graph] {
		return
	}
	counted[in.Graph] = true
	for _, v := range in.Graph.Values {
		if v.Init != nil && in.Infos[v.ID].Const {
			w.count(v, v.Init.Elements(), v.Init.Bytes(), v.Init.DType)
		}
		if s := v.Sparse; s != nil {
			w.count(v, s.Values.Elements(), s.Values.Bytes().Add(s.Indices.Bytes()), s.Values.DType)
		}
	}
	for i := range in.Nodes {
		n := &in.Nodes[i]
		if makesConstant(in, n) {
			v := n.Node.Outputs[0]
			info := in.Info(v)
			if b, ok := info.Bytes(); ok {
				w.count(v, info.Shape.Elements(), b, info.DType)
			}
		}
		for _, sub := range n.Subs {
			w.collect(sub.Inst, counted)
		}
	}
}

// makesConstant reports whether a node is the origin of a constant: Constant, or
// one that fills a constant shape.
func makesConstant(in *ops.Instance, n *ops.NodeResult) bool {
	if n.State != ops.Folded || len(n.Node.Outputs) == 0 || n.Node.Outputs[0] == nil || n.Node.Domain != "" {
		return false
	}
	if n.Node.Op == "Constant" {
		return true
	}
	return n.Node.Op == "ConstantOfShape" && in.Info(n.Node.Outputs[0]).Const
}

// count adds one constant to its group.
func (w *weights) count(v *graph.Value, elements, bytes graph.Dim, d graph.DType) {
	u := w.uses[v]
	var g *Group
	switch {
	case w.isParameter(u, elements, d):
		g = &w.groups.Params
		w.list = append(w.list, Parameter{v, elements, d, w.first[v]})
		if n := w.first[v]; n != nil {
			k := opKey{n.Domain, n.Op}
			w.byOp[k] = w.byOp[k].Add(elements)
			at := w.byNode[n]
			w.byNode[n] = Group{at.Elements.Add(elements), at.Bytes.Add(bytes)}
		}
		w.byDType[d] = w.byDType[d].Add(elements)
	case u&useStat != 0:
		g = &w.groups.Statistics
	case u&useQuant != 0:
		g = &w.groups.Quant
	default:
		g = &w.groups.Index
	}
	g.Elements, g.Bytes = g.Elements.Add(elements), g.Bytes.Add(bytes)
}

// isParameter decides whether a constant is a weight: floats in a data slot, and
// integers in that of a quantised operator. One element in elementwise arithmetic
// is a constant of the formula, not a weight. A constant that nothing uses counts
// as a weight when it is a float tensor: the file carries it.
func (w *weights) isParameter(u use, elements graph.Dim, d graph.DType) bool {
	one := elements.Is(1)
	switch {
	case u == 0:
		return false
	case u&useInteger != 0:
		return !d.IsComplex() && d != graph.String
	case !d.IsFloat() && !d.IsComplex():
		return false
	case u&useWeight != 0:
		return true
	}
	return u&useScalar != 0 && !one
}

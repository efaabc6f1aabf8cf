package ops

import (
	"fmt"
	"sort"

	"github.com/onnxmeter/onnxmeter/graph"
)

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

const subgraphDoc = " The node itself costs nothing; the work is that of its subgraph."

var controlOps = []Op{
	{
		Name: "If", Since: []int{1, 11, 13, 16, 19, 21, 23, 24, 25},
		Doc: "Runs one of two subgraphs. A condition that is known takes its branch; otherwise the larger of the two is the headline " +
			"and each is listed. Shapes of the branches are joined: what differs is not known. (ONNX Operators.md, If)" + subgraphDoc,
		In: "cond?:bool shape", Out: "outputs...?:V each", Types: "V: all tensor seq optional map",
		Attrs: "then_branch:graph! else_branch:graph!",
		Infer: inferIf, Free: "control flow", Moves: View, Body: true,
	},
	{
		Name: "Loop", Since: []int{1, 11, 13, 16, 19, 21, 23, 24, 25},
		Doc: "Runs its body M times, or until cond is false. The trip count is M when it is a constant and the body's condition is " +
			"constantly true, what --trip says, or a symbol. Work is body times trips; parameters are not multiplied. (ONNX Operators.md, Loop)" + subgraphDoc,
		In: "M?:int64 shape, cond?:bool shape, v_initial...?:V each state", Out: "v_final_and_scan_outputs...:V each", Types: "V: all tensor seq optional map",
		Attrs: "body:graph!",
		Infer: inferLoop, Free: "control flow", Moves: View, Body: true,
	},
	{
		Name: "Scan", Since: []int{8},
		Doc: "Runs its body along axis 1 of the scan inputs for each element of a batch. Work is body times sequence length times batch. " +
			"(ONNX Operators.md, Scan-8)" + subgraphDoc,
		In: "sequence_lens?:int64 shape, initial_state_and_scan_inputs...:V each state", Out: "final_state_and_scan_outputs...:V each", Types: "V: all",
		Attrs: "body:graph! directions:ints num_scan_inputs:int!",
		Infer: inferScan8, Free: "control flow", Moves: View, Body: true,
	},
	{
		Name: "Scan", Since: []int{9, 11, 16, 19, 21, 23, 24, 25},
		Doc: "Runs its body along an axis of the scan inputs. Work is body times the length of that axis. (ONNX Operators.md, Scan)" + subgraphDoc,
		In:  "initial_state_and_scan_inputs...:V each state", Out: "final_state_and_scan_outputs...:V each", Types: "V: all",
		Attrs: "body:graph! num_scan_inputs:int! scan_input_axes:ints scan_input_directions:ints scan_output_axes:ints scan_output_directions:ints",
		Infer: inferScan, Free: "control flow", Moves: View, Body: true,
	},
	{
		Name: "SequenceMap", Since: []int{17},
		Doc: "Runs its body on each element of a sequence. Work is body times the length of the sequence. (ONNX Operators.md, SequenceMap)" + subgraphDoc,
		In:  "input_sequence:S, additional_inputs...?:V each", Out: "out_sequence...:S each", Types: "S: all seq; V: all tensor seq",
		Attrs: "body:graph!",
		Infer: inferSequenceMap, Free: "control flow", Moves: View, Body: true,
	},
}

func inferIf(c *Call) {
	thenG, elseG := c.Body("then_branch"), c.Body("else_branch")
	if cond, ok := c.Scalar(0); ok {
		if k, isConst := cond.Int(); isConst {
			label, g := "else_branch", elseG
			if k != 0 {
				label, g = "then_branch", thenG
			}
			inst := c.RunBody(g, label, c.branchInputs(g, label))
			c.Attach(label, inst, graph.Int(1))
			c.setOuts(inst.Results())
			return
		}
	}
	a, errA := c.tryBranch(thenG, "then_branch")
	b, errB := c.tryBranch(elseG, "else_branch")
	if errA != nil && errB != nil {
		panic(invalid{err: errA})
	}
	if errA != nil || errB != nil {
		c.onlyBranch(a, b, errA, errB)
		return
	}
	ra, rb := a.Results(), b.Results()
	if len(ra) != len(rb) {
		c.Failf("then_branch has %d outputs, else_branch %d", len(ra), len(rb))
	}
	one := graph.Int(1)
	c.AttachBranches(Sub{"then_branch", a, one}, Sub{"else_branch", b, one})
	joined := make([]Info, len(ra))
	for i := range ra {
		joined[i] = c.join(ra[i], rb[i], c.eitherDim)
	}
	c.setOuts(joined)
}

// branchInputs types inputs that a branch declares although the standard has none.
func (c *Call) branchInputs(g *graph.Graph, label string) []Info {
	if len(g.Inputs) == 0 {
		return nil
	}
	c.Warnf("%s declares %d inputs, which nothing gives; their declared types are used", label, len(g.Inputs))
	inputs := make([]Info, len(g.Inputs))
	for i, v := range g.Inputs {
		inputs[i] = c.pass.declaredInfo(v.Declared)
	}
	return inputs
}

// tryBranch types a branch. One that contradicts itself cannot be taken, which is
// no fault of a model that never takes it: the error is returned. What is wrong
// whether the branch is taken or not ends the rule.
func (c *Call) tryBranch(g *graph.Graph, label string) (inst *Instance, err *graph.Error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case invalid:
			if x.fatal {
				panic(x)
			}
			err = x.err
		default:
			panic(x)
		}
	}()
	return c.RunBody(g, label, c.branchInputs(g, label)), nil
}

// onlyBranch takes the branch that can run.
func (c *Call) onlyBranch(a, b *Instance, errA, errB *graph.Error) {
	label, inst, err := "then_branch", a, errB
	if errA != nil {
		label, inst, err = "else_branch", b, errA
	}
	c.Warnf("the other branch cannot run, %s is counted: %s", label, err)
	c.Attach(label, inst, graph.Int(1))
	c.setOuts(inst.Results())
}

// setOuts sets the outputs of the node, whose number must agree.
func (c *Call) setOuts(infos []Info) {
	if len(c.Out) > len(infos) {
		c.Failf("the node has %d outputs, its subgraph %d", len(c.Out), len(infos))
	}
	for i := range c.Out {
		c.SetOut(i, infos[i])
	}
}

// join returns what holds of a value that is either a or b; dim is asked where
// their sizes differ.
func (c *Call) join(a, b Info, dim func(a, b graph.Dim) graph.Dim) Info {
	switch {
	case a.Kind == graph.KindUnknown || b.Kind == graph.KindUnknown:
		return Info{Has: -1}
	case a.Kind != b.Kind:
		if a.Kind == graph.KindOptional || b.Kind == graph.KindOptional {
			return c.joinOptional(a, b, dim)
		}
		c.Failf("one value is a %s, the other a %s", a.Kind, b.Kind)
	case a.DType != b.DType && a.DType != graph.Undefined && b.DType != graph.Undefined:
		c.Failf("one value has type %s, the other %s", a.DType, b.DType)
	}
	out := Info{Kind: a.Kind, DType: max(a.DType, b.DType), Has: -1, Opaque: a.Opaque}
	out.Shape = joinShape(a.Shape, b.Shape, dim)
	switch {
	case a.Kind == graph.KindSequence && a.Len != nil && a.Len.IsZero(): // an empty sequence says nothing of items
		out.Item = b.Item
	case b.Kind == graph.KindSequence && b.Len != nil && b.Len.IsZero():
		out.Item = a.Item
	case a.Item != nil && b.Item != nil:
		item := c.join(*a.Item, *b.Item, dim)
		out.Item = &item
	}
	if a.Len != nil && b.Len != nil && a.Len.Equal(*b.Len) {
		out.Len = a.Len
	}
	if a.Has == b.Has {
		out.Has = a.Has
	}
	if len(a.Elems) == len(b.Elems) && out.Shape != nil && a.Shape.Equal(b.Shape) {
		out.Elems = joinElems(a.Elems, b.Elems)
	}
	return out
}

// joinOptional joins an optional with a value of its element type.
func (c *Call) joinOptional(a, b Info, dim func(a, b graph.Dim) graph.Dim) Info {
	if a.Kind != graph.KindOptional {
		a, b = b, a
	}
	out := Info{Kind: graph.KindOptional, Item: a.Item, Has: -1}
	if a.Item == nil {
		out.Item = &b
	} else if b.Kind == a.Item.Kind {
		item := c.join(*a.Item, b, dim)
		out.Item = &item
	}
	return out
}

func joinShape(a, b graph.Shape, dim func(a, b graph.Dim) graph.Dim) graph.Shape {
	if a == nil || b == nil || len(a) != len(b) {
		return nil
	}
	out := make(graph.Shape, len(a))
	for i := range a {
		if out[i] = a[i]; !a[i].Equal(b[i]) {
			out[i] = dim(a[i], b[i])
		}
	}
	return out
}

// anyDim gives up a size that differs.
func (c *Call) anyDim(_, _ graph.Dim) graph.Dim { return c.UnknownDim() }

// eitherDim is a size that depends on which of two it is.
func (c *Call) eitherDim(a, b graph.Dim) graph.Dim {
	lo, okLo := a.Min(b).Lower()
	if a.HasUnknown() || b.HasUnknown() || !okLo {
		return c.UnknownDim()
	}
	hi := a.Max(b)
	c.pass.unknowns++
	return graph.SymBetween(fmt.Sprintf("%s.either%d", graph.JoinPath(c.inst.Path, c.Node.Label()), c.pass.unknowns), lo, &hi)
}

func joinElems(a, b []Elem) []Elem {
	out := make([]Elem, len(a))
	for i := range a {
		if a[i].kind == b[i].kind && a[i].String() == b[i].String() {
			out[i] = a[i]
		}
	}
	return out
}

// trips returns how often a Loop runs.
func (c *Call) trips(body *graph.Graph) graph.Dim {
	if k, ok := c.pass.opt.Trip[c.Node.Name]; ok {
		c.pass.used("trip", c.Node.Name)
		return graph.Int(k)
	}
	for i := max(0, len(body.Inputs)-2); i < len(c.Node.OutputNames); i++ { // each trip adds one row
		if k, ok := c.assumed(c.Node.OutputNames[i], 0, nil); ok {
			return k
		}
	}
	starts := !c.Has(1)
	if cond, ok := c.Scalar(1); ok {
		starts = cond.Known()
		if k, isConst := cond.Int(); isConst && k == 0 {
			return graph.Int(0)
		}
	}
	name := graph.JoinPath(c.inst.Path, c.Node.Label()) + ".trip"
	if m, ok := c.Scalar(0); ok {
		if d, isDim := m.Dim(); isDim {
			d = d.Max(graph.Int(0))
			if starts && alwaysTrue(body) {
				return d
			}
			return graph.SymBetween(name, 0, &d)
		}
	}
	return graph.SymBetween(name, 0, nil)
}

// alwaysTrue reports whether the body's condition is its own condition input
// passed on, or a constant true.
func alwaysTrue(body *graph.Graph) bool {
	if len(body.Outputs) == 0 || len(body.Inputs) < 2 {
		return false
	}
	v := body.Outputs[0]
	for v.Producer != nil && v.Producer.Op == "Identity" && len(v.Producer.Inputs) == 1 {
		v = v.Producer.Inputs[0]
	}
	if v == body.Inputs[1] {
		return true
	}
	return constTrue(v)
}

func constTrue(v *graph.Value) bool {
	t := v.Init
	if v.Producer != nil && v.Producer.Op == "Constant" {
		if a := v.Producer.Attrs.Get("value"); a != nil {
			t = a.Tensor
		}
	}
	if t == nil || t.Payload == nil {
		return false
	}
	k, err := t.Payload.Ints(1)
	return err == nil && len(k) == 1 && k[0] != 0
}

// maxWidening bounds how often a loop body is typed until its carried values
// no longer change.
const maxWidening = 8

func inferLoop(c *Call) {
	body := c.Body("body")
	carried := max(len(c.In)-2, 0)
	if len(body.Inputs) != carried+2 {
		c.Failf("body has %d inputs, the node gives %d with iteration number and condition", len(body.Inputs), carried+2)
	}
	if len(body.Outputs) < carried+1 {
		c.Failf("body has %d outputs for a condition and %d carried values", len(body.Outputs), carried)
	}
	trips := c.trips(body)
	state := make([]Info, carried)
	for i := range state {
		state[i] = c.carriedIn(i + 2)
	}
	counter := []Info{scalarLike(graph.Int64, body.Inputs[0]), scalarLike(graph.Bool, body.Inputs[1])}
	inst, state := c.widen(body, counter, state, nil, trips, 1)
	c.Attach("body", inst, trips)
	out := state
	for _, r := range inst.Results()[1+carried:] {
		if r.Kind == graph.KindTensor && r.Shape != nil {
			r.Shape = append(graph.Shape{trips}, r.Shape...)
		}
		r.Elems = nil
		out = append(out, r)
	}
	c.setOuts(out)
}

// scalarLike is the type of an iteration number or condition: a scalar, or of one
// dim where the body declares it so, as ONNX Runtime gives it then.
func scalarLike(d graph.DType, v *graph.Value) Info {
	if t := v.Declared; t != nil && t.HasShape && len(t.Dims) == 1 {
		return Tensor(d, graph.Ints(1))
	}
	return Tensor(d, graph.Shape{})
}

// carriedIn is what a body sees of input i. Its elements are read now: an Info
// that may read them later would look unchanged when a carried value changes.
func (c *Call) carriedIn(i int) Info {
	if !c.Has(i) {
		return Info{Has: -1}
	}
	es := c.Moved(i)
	in := *c.In[i]
	in.Const, in.Elems, in.tensor = false, es, nil
	return in
}

// widen types a loop body until the carried values do not change: a dim that
// changes from one iteration to the next, or a value that does, is given up.
// before and after are the body's inputs around the carried ones; skip is the
// number of outputs before the carried ones. The state after the loop is returned.
func (c *Call) widen(body *graph.Graph, before, state, after []Info, trips graph.Dim, skip int) (*Instance, []Info) {
	initial := append([]Info{}, state...)
	for round := 0; ; round++ {
		inputs := append(append(append([]Info{}, before...), state...), after...)
		inst := c.RunBody(body, "body", inputs)
		next := inst.Results()[skip : skip+len(state)]
		if k, ok := trips.Const(); ok && round == 0 && k <= 1 {
			if k == 0 {
				return inst, initial
			}
			return inst, append([]Info{}, next...)
		}
		widened := make([]Info, len(state))
		stable := true
		for i := range state {
			widened[i] = c.widenOne(state[i], next[i], round)
			stable = stable && sameKnown(widened[i], state[i])
		}
		if stable {
			return inst, c.final(initial, next, trips)
		}
		if round == maxWidening {
			c.forget(widened)
		}
		state = widened
	}
}

// forget gives up all that is known of carried shapes.
func (c *Call) forget(state []Info) {
	for i := range state {
		state[i].Shape, state[i].Elems, state[i].Items, state[i].Len = nil, nil, nil, nil
	}
}

// final is the state after the loop: the body's result, joined with the initial
// state when the loop may not run at all.
func (c *Call) final(initial, next []Info, trips graph.Dim) []Info {
	out := append([]Info{}, next...)
	if lo, ok := trips.Lower(); ok && lo > 0 {
		return out
	}
	for i := range out {
		out[i] = c.join(initial[i], out[i], c.eitherDim)
	}
	return out
}

func (c *Call) widenOne(a, b Info, round int) Info {
	if a.Kind == graph.KindUnknown {
		return b
	}
	out := c.join(a, b, c.anyDim)
	if round >= 2 { // a rank or dim that still moves is given up
		out.Elems = nil
	}
	return out
}

// sameKnown reports whether joining changed nothing: unknown stays unknown.
func sameKnown(a, b Info) bool {
	if a.Kind != b.Kind || a.DType != b.DType || (a.Shape == nil) != (b.Shape == nil) || len(a.Shape) != len(b.Shape) {
		return false
	}
	for i := range a.Shape {
		if !a.Shape[i].Equal(b.Shape[i]) && !(a.Shape[i].HasUnknown() && b.Shape[i].HasUnknown()) {
			return false
		}
	}
	if (a.Items == nil) != (b.Items == nil) || a.Has != b.Has {
		return false
	}
	if (a.Len == nil) != (b.Len == nil) || a.Len != nil && !a.Len.Equal(*b.Len) {
		return false
	}
	if len(a.Elems) != len(b.Elems) {
		return false
	}
	for i := range a.Elems {
		if a.Elems[i].String() != b.Elems[i].String() {
			return false
		}
	}
	if (a.Item == nil) != (b.Item == nil) {
		return false
	}
	return a.Item == nil || sameKnown(*a.Item, *b.Item)
}

func inferScan(c *Call) {
	body := c.Body("body")
	n := c.scanInputs(body, len(c.In))
	states := len(c.In) - n
	axes := c.Ints("scan_input_axes")
	if axes != nil && len(axes) != n {
		c.Failf("scan_input_axes has %d entries for %d scan inputs", len(axes), n)
	}
	state := make([]Info, states)
	for i := range state {
		state[i] = c.carriedIn(i)
	}
	length := c.UnknownDim()
	slices := make([]Info, n)
	for i := range slices {
		in := c.carriedIn(states + i)
		in.Elems = nil
		if in.Shape != nil {
			axis := int64(0)
			if axes != nil {
				axis = axes[i]
			}
			a := c.NormAxis("scan_input_axes", axis, len(in.Shape))
			length = c.Same(length, in.Shape[a], "length of scan inputs")
			in.Shape = append(append(graph.Shape{}, in.Shape[:a]...), in.Shape[a+1:]...)
		}
		slices[i] = in
	}
	inst, out := c.widen(body, nil, state, slices, length, 0)
	c.Attach("body", inst, length)
	outAxes := c.Ints("scan_output_axes")
	for i, r := range inst.Results()[states:] {
		if r.Shape != nil {
			axis := int64(0)
			if i < len(outAxes) {
				axis = outAxes[i]
			}
			a := c.NormAxis("scan_output_axes", axis, len(r.Shape)+1)
			r.Shape = append(append(append(graph.Shape{}, r.Shape[:a]...), length), r.Shape[a:]...)
		}
		r.Elems = nil
		out = append(out, r)
	}
	c.setOuts(out)
}

// scanInputs returns the number of scan inputs and checks the body against given inputs.
func (c *Call) scanInputs(body *graph.Graph, given int) int {
	n := c.Int("num_scan_inputs", 0)
	if n < 1 || n > int64(given) {
		c.Failf("num_scan_inputs is %d of %d inputs", n, given)
	}
	if len(body.Inputs) != given {
		c.Failf("body takes %d inputs, %d are given", len(body.Inputs), given)
	}
	if states := given - int(n); len(body.Outputs) < states {
		c.Failf("body has %d outputs for %d state variables", len(body.Outputs), states)
	}
	return int(n)
}

// inferScan8 has a batch axis before the sequence axis of every value.
func inferScan8(c *Call) {
	body := c.Body("body")
	given := max(len(c.In)-1, 0)
	n := c.scanInputs(body, given)
	states := given - n
	batch, length := c.UnknownDim(), c.UnknownDim()
	drop := func(i, axes int) Info {
		in := c.carriedIn(i + 1)
		in.Elems = nil
		if in.Shape == nil {
			return in
		}
		s := c.ShapeOfRank(i+1, axes, -1)
		batch = c.Same(batch, s[0], "batch of Scan")
		if axes == 2 {
			length = c.Same(length, s[1], "length of scan inputs")
		}
		in.Shape = s[axes:]
		return in
	}
	state, slices := make([]Info, states), make([]Info, n)
	for i := range state {
		state[i] = drop(i, 1)
	}
	for i := range slices {
		slices[i] = drop(states+i, 2)
	}
	inst, out := c.widen(body, nil, state, slices, length, 0)
	c.Attach("body", inst, length.Mul(batch))
	for i := range out {
		if out[i].Elems = nil; out[i].Shape != nil {
			out[i].Shape = append(graph.Shape{batch}, out[i].Shape...)
		}
	}
	for _, r := range inst.Results()[states:] {
		if r.Elems = nil; r.Shape != nil {
			r.Shape = append(graph.Shape{batch, length}, r.Shape...)
		}
		out = append(out, r)
	}
	c.setOuts(out)
}

func inferSequenceMap(c *Call) {
	body := c.Body("body")
	inputs := make([]Info, len(c.In))
	var length *graph.Dim
	for i := range c.In {
		in := c.carriedIn(i)
		if in.Kind == graph.KindSequence {
			if length == nil {
				length = in.Len
			}
			item := Info{Has: -1}
			if in.Item != nil {
				item = *in.Item
			}
			in = item
		}
		in.Elems = nil
		inputs[i] = in
	}
	inst := c.RunBody(body, "body", inputs)
	times := graph.SymBetween(graph.JoinPath(c.inst.Path, c.Node.Label())+".length", 0, nil)
	if length != nil {
		times = *length
	}
	c.Attach("body", inst, times)
	outs := inst.Results()
	for i := range outs {
		item := outs[i]
		item.Elems = nil
		outs[i] = Info{Kind: graph.KindSequence, Item: &item, Len: length, Has: -1}
	}
	c.setOuts(outs)
}

"""Sequences, optionals and control flow: operators whose values are not plain tensors, or that hold graphs."""

import numpy as np
from onnx import helper

from case import steer


def elements(g, fitting=True):
    """Tensors of one rank; with fitting, they differ along one axis only (and the axis is told)."""
    shape = g.dims(1, 3, 4)
    t, axis = g.pick(1, 7, 9), g.int(0, len(shape) - 1)
    found = []
    for _ in range(g.int(1, 3)):
        s = list(shape)
        if g.maybe(0.5):
            s[axis if fitting else g.int(0, len(s) - 1)] = g.int(0, 4)
        found.append(g.tensor(s, t))
    return found, axis


def sequence_of(count):
    """The node that makes the sequence s of the first inputs."""
    return helper.make_node("SequenceConstruct", [f"x{i}" for i in range(count)], ["s"], name="make")


def position(g, count):
    return steer(g.int(-count, count - 1) if g.maybe(0.95) else g.pick(count, -count - 1), g.pick(np.int64, np.int32))


def sequence_construct(g):
    return g.case(elements(g, False)[0])


def sequence_empty(g):
    return g.case([], {"dtype": g.pick(1, 6, 7, 9, 11)} if g.maybe(0.8) else {})


def sequence_operator(g):
    """SequenceAt, Erase, Insert and Length: a sequence, and mostly a position."""
    parts, _ = elements(g, False)
    n = len(parts)
    inputs, args = list(parts), ["s"]
    if g.op == "SequenceInsert":
        inputs.append(g.tensor(g.dims(parts[0].ndim, parts[0].ndim), parts[0].dtype))
        args.append(f"x{n}")
    if g.op == "SequenceAt" or (g.op != "SequenceLength" and g.maybe(0.6)):
        inputs.append(position(g, n + (g.op == "SequenceInsert")))
        args.append(f"x{len(inputs) - 1}")
    return g.case(inputs, before=[sequence_of(n)], args=args)


def concat_from_sequence(g):
    parts, axis = elements(g)
    attrs = {"axis": axis - parts[0].ndim if g.maybe(0.4) else axis}
    if g.maybe(0.3):
        attrs["new_axis"] = g.int(0, 1)
    return g.case(parts, attrs, before=[sequence_of(len(parts))], args=["s"])


def split_to_sequence(g):
    shape = g.dims(1, 3, 6, 0.02)
    axis = g.int(0, len(shape) - 1)
    attrs = {"axis": axis - len(shape) if g.maybe(0.4) else axis} if axis or g.maybe(0.8) else {}
    if g.maybe(0.3):
        attrs["keepdims"] = g.int(0, 1)
    form, sizes = g.int(0, 2), None
    if form == 1:
        sizes = steer(g.int(1, 4), g.pick(np.int64, np.int32))
    if form == 2:
        pieces = [g.int(0, 3) for _ in range(g.int(1, 3))]
        shape[axis] = sum(pieces) + g.maybe(0.03)
        sizes = steer(pieces)
    return g.case([g.tensor(shape, g.pick(1, 6, 7, 9)), sizes], attrs)


def optional(g):
    parts, _ = elements(g)
    if g.op == "Optional":
        if g.maybe(0.5):
            return g.case(parts[:1])
        return g.case(parts, before=[sequence_of(len(parts))], args=["s"])
    inner = "s" if g.maybe(0.5) else "x0"
    before = [sequence_of(len(parts))] if inner == "s" else []
    if inner == "x0":
        parts = parts[:1]
    if g.opset < 18 or g.maybe(0.5):
        before.append(helper.make_node("Optional", [inner], ["o"], name="wrap"))
        inner = "o"
    return g.case(parts, before=before, args=[inner])


def value(name, etype, shape=None):
    return helper.make_tensor_value_info(name, etype, shape)


def graph(name, nodes, inputs, outputs, constants=()):
    return helper.make_graph(nodes, name, inputs, outputs, list(constants))


def integers(name, values):
    return helper.make_tensor(name, 7, [len(values)] if isinstance(values, list) else [], values if isinstance(values, list) else [values])


# What a branch or a body does to a float tensor x: operator -> (nodes of x giving y, constants).
def steps(g, x, y, rank, kind):
    if kind == "keep":
        return [helper.make_node("Relu", [x], [y])], []
    if kind == "double":
        return [helper.make_node("Concat", [x, x], [y], axis=g.int(0, rank - 1))], []
    if kind == "turn":
        return [helper.make_node("Transpose", [x], [y])], []
    if kind == "flat":
        return [helper.make_node("Reshape", [x, y + "_to"], [y])], [integers(y + "_to", [-1])]
    return [helper.make_node("Shape", [x], [y + "_s"]), helper.make_node("Cast", [y + "_s"], [y], to=1)], []


KINDS = ("keep", "double", "turn", "flat", "shape")


def if_(g):
    rank = g.int(1, 3)
    branches = {}
    for name in ("then_branch", "else_branch"):
        nodes, constants = steps(g, "x1", f"{name}_y", rank, g.r.choice(KINDS))
        branches[name] = graph(name, nodes, [], [value(f"{name}_y", 1)], constants)
    condition = steer(np.array(g.maybe(0.5)).reshape(g.pick([], [1])), bool)
    return g.case([condition, g.tensor(g.dims(rank, rank), 1)], branches, args=["x0"])


def loop(g):
    """One carried tensor, and what the body makes of it stacked."""
    rank = g.int(1, 3)
    carry, c1 = steps(g, "carried", "next", rank, g.pick("keep", "keep", "turn", "double"))
    scan, c2 = steps(g, "x2", "slice", rank, g.r.choice(KINDS))
    nodes = [helper.make_node("Identity", ["go"], ["on"]), *carry, *scan]
    body = graph(
        "body", nodes, [value("i", 7, []), value("go", 9, []), value("carried", 1)],
        [value("on", 9, []), value("next", 1), value("slice", 1)], [*c1, *c2],
    )  # fmt: skip
    counted = g.maybe(0.9)
    go = steer(g.maybe(0.9) if counted else False, bool)  # the body never ends it, so without a count it must not begin
    x = g.tensor(g.dims(rank, rank, 4), 1)
    args = ["x0" if counted else "", "x1" if g.maybe(0.7) or not counted else "", "x2"]
    return g.case([steer(g.int(0, 4)), go, x], {"body": body}, 2, args=args)


def scan(g):
    """One state, one or two scanned inputs, one stacked output."""
    rank, length, n = g.int(1, 3), g.int(1, 4), g.int(1, 2)
    batch = [g.int(1, 2)] if g.opset < 9 else []
    axes, inputs, directions = [], [], []
    state = g.tensor(batch + [g.int(1, 3) for _ in range(g.int(1, 2))], 1)
    for _ in range(n):
        axis = g.int(0, rank - 1) if g.opset >= 9 else 0
        shape = g.dims(rank, rank, 4, 0)
        shape[axis] = length + g.maybe(0.02)
        axes.append(axis - rank if g.opset >= 11 and g.maybe(0.3) else axis)
        directions.append(g.int(0, 1))
        inputs.append(g.tensor(batch + shape, 1))
    kinds = ("keep", "shape") if rank == 1 else KINDS
    nodes, constants = steps(g, "in0", "out0", max(rank - 1, 1), g.r.choice(kinds))
    nodes = [helper.make_node("Relu", ["state"], ["kept"]), *nodes]
    body = graph(
        "body", nodes, [value("state", 1), *(value(f"in{i}", 1) for i in range(n))],
        [value("kept", 1), value("out0", 1)], constants,
    )  # fmt: skip
    attrs = {"body": body, "num_scan_inputs": n}
    if g.opset < 9:
        return g.case([None, state, *inputs], attrs, 2)
    if any(axes) or g.maybe(0.3):
        attrs["scan_input_axes"] = axes
    if g.maybe(0.4):
        attrs["scan_input_directions"] = directions
    if g.maybe(0.2):
        attrs["scan_output_directions"] = [g.int(0, 1)]
    return g.case([state, *inputs], attrs, 2)


def sequence_map(g):
    parts, _ = elements(g, False)
    parts = [p.astype(np.float32) for p in parts]
    rank = parts[0].ndim
    nodes, constants = steps(g, "x", "y", rank, g.r.choice(KINDS))
    body = graph("body", nodes, [value("x", 1)], [value("y", 1)], constants)
    return g.case(parts, {"body": body}, before=[sequence_of(len(parts))], args=["s"])


GENERATORS = {
    "SequenceConstruct": sequence_construct, "SequenceEmpty": sequence_empty, "SequenceAt": sequence_operator,
    "SequenceErase": sequence_operator, "SequenceInsert": sequence_operator, "SequenceLength": sequence_operator,
    "ConcatFromSequence": concat_from_sequence, "SplitToSequence": split_to_sequence, "Optional": optional,
    "OptionalGetElement": optional, "OptionalHasElement": optional, "If": if_, "Loop": loop, "Scan": scan,
    "SequenceMap": sequence_map,
}  # fmt: skip

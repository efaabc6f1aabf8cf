"""Operators that move, cut, join and make elements."""

import math

import numpy as np
from onnx import numpy_helper

from case import steer

HUGE = (2**31 - 1, 2**63 - 1, -(2**31), -(2**63), -(2**31) + 1)


def data(g, shape, index=0):
    return g.tensor(shape, g.input_type(index))


def split_size(g, size):
    """Factors of a size, and what remains."""
    factors = []
    for _ in range(g.int(0, 4)):
        d = g.r.choice([d for d in range(1, max(size, 1) + 1) if size % d == 0] or [1])
        factors.append(d)
        size //= d
    return [*factors, size]


def transpose(g):
    shape = g.dims(0, 5)
    perm = g.r.sample(range(len(shape)), len(shape))
    if g.maybe(0.05) and perm:
        perm[0] = perm[-1]
    return g.case([data(g, shape)], {} if g.maybe(0.25) else {"perm": perm})


def reshape(g):
    shape = g.dims(0, 4)
    size = math.prod(shape)
    target = g.dims(0, 4, empty=0.4) if size == 0 else split_size(g, size)
    g.r.shuffle(target)
    for i, d in enumerate(target):
        if i < len(shape) and shape[i] == d and g.maybe(0.2):
            target[i] = 0
    if target and g.maybe(0.5):
        target[g.int(0, len(target) - 1)] = -1
    if target and g.maybe(0.06):
        target[g.int(0, len(target) - 1)] = g.pick(-1, 0, 7, -2)
    attrs = {"allowzero": g.int(0, 1)} if "allowzero" in g.schema.attributes and g.maybe(0.4) else {}
    return g.case([data(g, shape), steer(target)], attrs)


def flatten(g):
    shape = g.dims(0, 5)
    return g.case([data(g, shape)], {} if g.maybe(0.2) else {"axis": g.int(-len(shape) - g.maybe(0.05), len(shape) + g.maybe(0.05))})


def axes_of(g, x, axes):
    """Axes as an attribute, or as an input from opset 13 on."""
    if "axes" in g.schema.attributes:
        return g.case([x], {"axes": axes})
    return g.case([x, steer(axes)])


def squeeze(g):
    shape = [1 if g.maybe(0.5) else d for d in g.dims(0, 5)]
    ones = [i for i, d in enumerate(shape) if d == 1]
    axes = [a - len(shape) if g.maybe(0.4) else a for a in g.r.sample(ones, g.int(0, len(ones)))]
    if g.maybe(0.05):
        axes.append(g.int(-6, 6))
    x = data(g, shape)
    return g.case([x]) if g.maybe(0.2) else axes_of(g, x, axes)


def unsqueeze(g):
    shape, n = g.dims(0, 4), g.int(0, 3)
    rank = len(shape) + n
    axes = [a - rank if g.maybe(0.4) and g.opset >= 11 else a for a in g.r.sample(range(rank), n)]
    if g.maybe(0.05):
        axes.append(g.int(-8, 8))
    return axes_of(g, data(g, shape), axes)


def concat(g):
    shape = g.dims(1, 4)
    axis = g.int(0, len(shape) - 1)
    parts = []
    for _ in range(g.int(1, 4)):
        s = list(shape)
        s[axis] = g.int(0, 4)
        if g.maybe(0.02):
            s[g.int(0, len(s) - 1)] += 1
        parts.append(data(g, s + [1] * g.maybe(0.01)))
    return g.case(parts, {"axis": axis - len(shape) if g.opset >= 11 and g.maybe(0.4) else axis if g.maybe(0.97) else 9})


def split(g):
    shape, n = g.dims(1, 4), g.int(1, 4)
    axis = g.int(0, len(shape) - 1)
    attrs = {"axis": axis - len(shape) if g.opset >= 11 and g.maybe(0.4) else axis}
    if g.maybe(0.1):
        attrs, axis = {}, 0
    if g.maybe(0.55):
        sizes = [g.int(0, 3) for _ in range(n)]
        shape[axis] = sum(sizes) + g.maybe(0.04)
        if g.maybe(0.03):
            sizes.append(1)
        x = data(g, shape)
        if "split" in g.schema.attributes:
            return g.case([x], attrs | {"split": sizes}, n)
        return g.case([x, steer(sizes)], attrs, n)
    shape[axis] = (g.int(0, 9) if g.opset >= 18 else g.int(0, 4) * n) + g.maybe(0.05)
    if "num_outputs" in g.schema.attributes:
        attrs["num_outputs"] = n
    return g.case([data(g, shape)], attrs, n)


def position(g, size):
    return g.pick(g.int(-size - 3, size + 3), g.int(-size - 1, size + 1), 0, size, g.pick(*HUGE))


def slice_(g):
    shape = g.dims(1, 4)
    rank = len(shape)
    axes = list(range(g.int(1, rank))) if g.maybe(0.2) else g.r.sample(range(rank), g.int(1, rank))
    implicit = axes == list(range(len(axes))) and g.maybe(0.8)
    starts, ends = [[position(g, shape[a]) for a in axes] for _ in range(2)]
    if g.maybe(0.3) and g.opset != 10:
        axes = [a - rank for a in axes]
    if g.maybe(0.02):
        axes = axes + axes[:1]
    if "starts" in g.schema.attributes:
        attrs = {"starts": starts, "ends": ends}
        return g.case([data(g, shape)], attrs if implicit else attrs | {"axes": axes})
    dtype = np.int32 if g.maybe(0.3) and all(abs(v) < 2**31 for v in starts + ends) else np.int64
    steps = [g.pick(1, 1, 2, 3, -1, -2, -7, 0 if g.maybe(0.05) else 1, 2**31 - 1) for _ in axes]
    return g.case([
        data(g, shape), steer(starts, dtype), steer(ends, dtype),
        None if implicit else steer(axes, dtype), steer(steps, dtype) if g.maybe(0.7) else None,
    ])  # fmt: skip


def expand(g):
    base = g.dims(0, 4)
    return g.case([data(g, g.shrunk(base)), steer(g.shrunk(base) if g.maybe(0.6) else base)])


def tile(g):
    shape = g.dims(0, 4)
    return g.case([data(g, shape), steer([g.int(0, 3) for _ in shape] + [1] * g.maybe(0.04))])


def pad(g):
    shape = g.dims(1, 4, empty=0.02)
    n = len(shape)
    mode = g.pick("constant", "constant", "reflect", "edge", *(["wrap"] if g.opset >= 19 else []))
    attrs = {} if mode == "constant" and g.maybe(0.5) else {"mode": mode}
    axes = None
    if g.opset >= 18 and g.maybe(0.5):
        axes = g.axes(n)
        n = len(axes)
    amounts = [g.pick(0, 0, 1, 2, g.int(-2, 3)) for _ in range(2 * n)] + [1] * g.maybe(0.03)
    x = data(g, shape)
    if "pads" in g.schema.attributes:
        return g.case([x], attrs | {"pads": amounts})
    value = data(g, []) if g.maybe(0.5) else None
    return g.case([x, steer(amounts), value, None if axes is None else steer(axes, np.int64 if g.maybe(0.95) else np.int32)], attrs)


def blocks(g):
    """DepthToSpace and SpaceToDepth."""
    b = g.int(1, 3)
    odd = g.maybe(0.06)
    if g.op == "DepthToSpace":
        shape = [g.int(0, 2), g.int(1, 3) * b * b + odd, g.int(1, 4), g.int(0, 4)]
    else:
        shape = [g.int(0, 2), g.int(1, 4), g.int(0, 3) * b + odd, g.int(1, 4) * b]
    attrs = {"blocksize": b}
    if "mode" in g.schema.attributes and g.maybe(0.6):
        attrs["mode"] = g.pick("DCR", "CRD")
    return g.case([data(g, shape[1:] if g.maybe(0.03) else shape)], attrs)


def reverse_sequence(g):
    shape = g.dims(2, 4, empty=0.02)
    batch = g.int(0, 1)
    lengths = [g.int(0 if g.maybe(0.1) else min(1, shape[1 - batch]), shape[1 - batch]) for _ in range(shape[batch])]
    attrs = {} if batch == 1 and g.maybe(0.3) else {"batch_axis": batch, "time_axis": 1 - batch}
    return g.case([data(g, shape), np.array(lengths + [1] * g.maybe(0.04), np.int64)], attrs)


def indices(g, size, shape, dtype=None):
    """Indices into an axis of that size, some from the back."""
    lo, hi = (-size, size - 1) if size > 0 else (0, 0)
    low = lo if g.opset >= 11 else 0
    return g.tensor(shape, dtype or g.pick(np.int64, np.int32), low, hi)


def gather(g):
    shape = g.dims(1, 4, empty=0.02)
    axis = g.axis(len(shape))
    size = shape[axis] if -len(shape) <= axis < len(shape) else 2
    return g.case([data(g, shape), indices(g, size, g.dims(0, 3, 3))], {"axis": axis} if g.maybe(0.85) or axis else {})


def gather_elements(g):
    shape = g.dims(1, 4, 4, 0.02)
    axis = g.int(0, len(shape) - 1)
    at = [g.int(0, d) for d in shape]
    at[axis] = g.int(0, 5)
    if g.maybe(0.03):
        at = at + [1]
    return g.case([data(g, shape), indices(g, shape[axis], at)], {"axis": axis - len(shape) if g.maybe(0.4) else axis})


def tuples(g, shape, batch, length):
    """Index tuples of that length behind the batch dims."""
    lead = shape[:batch] + g.dims(0, 2, 3)
    parts = [g.tensor(lead, np.int64, -d if d else 0, max(d - 1, 0)) for d in shape[batch : batch + length]]
    return np.stack(parts, -1) if parts else np.zeros([*lead, 0], np.int64)


def gather_nd(g):
    shape = g.dims(1, 4, empty=0.01)
    batch = g.int(0, len(shape) - 1) if g.opset >= 12 and g.maybe(0.5) else 0
    return g.case([data(g, shape), tuples(g, shape, batch, g.int(1, len(shape) - batch))], {"batch_dims": batch} if batch else {})


def combine(g):
    """The reduction attribute of the scatter operators."""
    if "reduction" not in g.schema.attributes or g.maybe(0.3):
        return {}
    return {"reduction": g.pick("none", "add", "mul", *(["min", "max"] if g.opset >= 18 else []))}


def scatter_elements(g):
    shape = g.dims(1, 3, empty=0.02)
    axis = g.int(0, len(shape) - 1)
    at = [g.int(0, d) for d in shape]
    updates = [d + g.maybe(0.02) for d in at]
    attrs = {"axis": axis - len(shape) if g.opset >= 11 and g.maybe(0.4) else axis} if g.maybe(0.9) or axis else {}
    i = np.arange(math.prod(at), dtype=np.int64).reshape(at) % max(shape[axis], 1)
    return g.case([data(g, shape), i, data(g, updates)], attrs | combine(g))


def scatter_nd(g):
    shape = g.dims(1, 4, empty=0.01)
    k = g.int(1, len(shape))
    at = tuples(g, shape, 0, k)
    updates = [*at.shape[:-1], *shape[k:]]
    if updates and g.maybe(0.04):
        updates[0] += 1
    return g.case([data(g, shape), at, data(g, updates)], combine(g))


def tensor_scatter(g):
    """TensorScatter: a cache of keys or values and what is written into it."""
    shape = g.dims(3, 4, 4, 0)
    axis = g.int(1, len(shape) - 1)
    update = list(shape)
    update[axis] = g.int(1, shape[axis])
    start = g.tensor([shape[0]], np.int64, 0, shape[axis] - update[axis])
    attrs = {"axis": axis - len(shape) if g.maybe(0.5) else axis}
    if g.maybe(0.4):
        attrs["mode"] = g.pick("linear", "circular")
    return g.case([data(g, shape), data(g, update), start if g.maybe(0.8) else None], attrs)


def compress(g):
    shape = g.dims(1, 4)
    axis = None if g.maybe(0.4) else g.axis(len(shape))
    inside = axis is not None and -len(shape) <= axis < len(shape)
    n = shape[axis] if inside else math.prod(shape)
    condition = g.tensor([max(0, n + g.pick(0, 0, -1, 1 if g.maybe(0.1) else 0))], 9)
    return g.case([data(g, shape), condition], {} if axis is None else {"axis": axis})


def one_hot(g):
    shape = g.dims(0, 3)
    depth = np.array(g.int(1, 5), g.tensor([], g.input_type(1)).dtype)
    axis = g.axis(len(shape) + 1)
    values = data(g, [2 + g.maybe(0.03)], 2)
    x = g.tensor(shape, g.input_type(), -3, 4)
    return g.case([x, steer(depth if g.maybe(0.6) else depth.reshape(1), depth.dtype), values], {"axis": axis} if g.maybe(0.8) else {})


def range_(g):
    t = g.input_type()
    dtype = g.tensor([], t).dtype
    parts = [g.int(-9, 9), g.int(-9, 9), g.pick(1, 2, 3, -1, -2, 5)]
    if dtype.kind == "f":
        parts = [p * g.pick(1, 0.5, 0.1, 1 / 3, g.r.random()) for p in parts]
    return g.case([steer(p, dtype) for p in parts])


def constant_of_shape(g):
    attrs = {}
    if g.maybe(0.7):
        t = g.type_of(g.schema.outputs[0])
        attrs["value"] = numpy_helper.from_array(g.tensor([1], t))
    return g.case([steer(g.dims(0, 4) + [-1] * g.maybe(0.03))], attrs)


def eye_like(g):
    attrs = {}
    if g.maybe(0.5):
        attrs["k"] = g.pick(g.int(-5, 5), 2**40, -(2**40))
    if g.maybe(0.5):
        attrs["dtype"] = g.pick(1, 7, 6, 11)
    return g.case([data(g, g.dims(2, 2))], attrs)


def trilu(g):
    x = data(g, g.dims(2, 4))
    k = g.tensor([], np.int64) if g.maybe(0.6) else None
    return g.case([x, k], {"upper": g.int(0, 1)} if g.maybe(0.7) else {})


def shape_(g):
    names = [n for n in ("start", "end") if n in g.schema.attributes and g.maybe(0.6)]
    return g.case([data(g, g.dims(0, 5))], {n: g.pick(g.int(-7, 7), g.pick(*HUGE)) for n in names})


def one_input(g):
    """Size, Identity, NonZero: any tensor."""
    return g.case([data(g, g.dims(0, 5))])


def unique(g):
    shape = g.dims(1, 3, 4, 0)
    attrs = {"axis": g.axis(len(shape))} if g.maybe(0.5) else {}
    if g.maybe(0.5):
        attrs["sorted"] = g.int(0, 1)
    return g.case([g.tensor(shape, g.input_type(), -1, 1)], attrs, g.int(1, 4))


def constant(g):
    kinds = {
        "value": lambda: numpy_helper.from_array(g.tensor(g.dims(0, 4), g.pick(1, 6, 7, 9, 10, 11, 16))),
        "value_int": lambda: g.int(-9, 9),
        "value_ints": lambda: g.dims(1, 5),
        "value_float": lambda: 1.5,
        "value_floats": lambda: [0.5] * g.int(1, 5),
        "value_string": lambda: "x",
        "value_strings": lambda: ["x"] * g.int(1, 5),
    }
    name = g.r.choice([k for k in kinds if k in g.schema.attributes])
    return g.case([], {name: kinds[name]()})


GENERATORS = {
    "Transpose": transpose, "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
    "Concat": concat, "Split": split, "Slice": slice_, "Expand": expand, "Tile": tile, "Pad": pad,
    "DepthToSpace": blocks, "SpaceToDepth": blocks, "ReverseSequence": reverse_sequence, "Gather": gather,
    "GatherElements": gather_elements, "GatherND": gather_nd, "Scatter": scatter_elements,
    "ScatterElements": scatter_elements, "ScatterND": scatter_nd, "TensorScatter": tensor_scatter,
    "Compress": compress, "OneHot": one_hot, "Range": range_, "ConstantOfShape": constant_of_shape,
    "EyeLike": eye_like, "Trilu": trilu, "Shape": shape_, "Size": one_input, "Identity": one_input,
    "NonZero": one_input, "Unique": unique, "Constant": constant,
}  # fmt: skip

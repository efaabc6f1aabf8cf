"""Convolutions, pooling, normalisation and what else slides a window."""

import math

import numpy as np

from case import steer


def window(g, n, dilated=True, pads=None):
    """(kernel, attributes) of a window over n axes; pads: their range, below the kernel's size if not told."""
    kernel = [g.int(1, 4) for _ in range(n)]
    attrs = {}
    if g.maybe(0.8):
        attrs["strides"] = [g.int(1, 4) for _ in range(n)]
    if dilated and g.maybe(0.5):
        attrs["dilations"] = [g.int(1, 3) for _ in range(n)]
    padding = g.pick("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
    if padding != "NOTSET":
        attrs["auto_pad"] = padding
        if padding[0] == "S" and g.maybe(0.9):
            attrs.pop("dilations", None)
    elif g.maybe(0.8):
        attrs["pads"] = [g.int(*(pads or (0, k - 1))) for k in kernel * 2]
    if g.maybe(0.02) and "pads" in attrs:
        attrs["pads"].append(0)
    return kernel, attrs


def space(g, n, lo=1):
    return [g.int(lo, 10) if g.maybe(0.98) else 0 for _ in range(n)]


def channels(g):
    """(group, input channels, output channels)."""
    group = g.pick(1, 1, 2, 3)
    return group, group * g.int(1, 2), group * g.int(1, 2)


def conv(g):
    n = g.int(1, 3)
    kernel, attrs = window(g, n, pads=(0, 5) if g.maybe(0.9) else (-1, 3))
    group, c, m = channels(g)
    if g.maybe(0.3):
        attrs["kernel_shape"] = kernel
    if group != 1:
        attrs["group"] = group
    t = g.input_type()
    x, w = g.tensor([g.int(1, 2), c + g.maybe(0.03), *space(g, n, 3)], t), g.tensor([m, c // group, *kernel], t)
    return g.case([x, w, g.tensor([m], t) if g.maybe(0.4) else None], attrs)


def zero_point(g, dtype, per_channel):
    """A zero point, for the tensor or for each channel."""
    return np.zeros(g.pick([], [1], [per_channel]), dtype)


def integer_conv(g):
    n = g.int(1, 2)
    kernel, attrs = window(g, n)
    group, c, m = channels(g)
    if group != 1:
        attrs["group"] = group
    tx, tw = g.tensor([], g.input_type()).dtype, g.tensor([], g.input_type(1)).dtype
    x, w = g.tensor([1, c, *space(g, n, 3)], tx), g.tensor([m, c // group, *kernel], tw)
    zx = zero_point(g, tx, 1) if g.maybe(0.6) else None
    return g.case([x, w, zx, zero_point(g, tw, m) if zx is not None and g.maybe(0.6) else None], attrs)


def quantised_conv(g):
    n = g.int(1, 2)
    kernel, attrs = window(g, n)
    group, c, m = channels(g)
    if group != 1:
        attrs["group"] = group
    tx, tw, ty = (g.tensor([], g.input_type(i)).dtype for i in (0, 3, 7))
    per = g.pick([], [1], [m])
    scale = np.array(0.5, np.float32)
    return g.case([
        g.tensor([1, c, *space(g, n, 3)], tx), scale, np.zeros([], tx),
        g.tensor([m, c // group, *kernel], tw), np.full(per, 0.5, np.float32), np.zeros(per, tw),
        scale, np.zeros([], ty), g.tensor([m], np.int32) if g.maybe(0.4) else None,
    ], attrs)  # fmt: skip


def conv_transpose(g):
    n = g.int(1, 3)
    kernel, attrs = window(g, n, pads=None if g.maybe(0.8) else (0, 3))
    group, c, m = channels(g)
    m //= group
    if group != 1:
        attrs["group"] = group
    if g.maybe(0.3):
        attrs["kernel_shape"] = kernel
    strides, dilations = attrs.get("strides", [1] * n), attrs.get("dilations", [1] * n)
    if g.maybe(0.3):
        attrs["output_padding"] = [g.int(0, max(s, d) - 1) for s, d in zip(strides, dilations)]
    size = space(g, n)
    if g.maybe(0.2):
        attrs.pop("pads", None)
        full = [s * (d - 1) + (k - 1) * e + 1 for s, d, k, e in zip(strides, size, kernel, dilations)]
        attrs["output_shape"] = [max(1, f - g.int(0, min(2, k - 1))) for f, k in zip(full, kernel)]
    t = g.input_type()
    x, w = g.tensor([g.int(1, 2), c, *size], t), g.tensor([c, m, *kernel], t)
    return g.case([x, w, g.tensor([m * group], t) if g.maybe(0.4) else None], attrs)


def deform_conv(g):
    kernel, attrs = window(g, 2)
    attrs.pop("auto_pad", None)
    group, c, m = channels(g)
    offsets = g.pick(1, 1, 2)
    c *= offsets
    size = space(g, 2, 4)
    strides, dilations, pads = attrs.get("strides", [1, 1]), attrs.get("dilations", [1, 1]), attrs.get("pads", [0] * 4)
    out = [(d + pads[i] + pads[i + 2] - (kernel[i] - 1) * dilations[i] - 1) // strides[i] + 1 for i, d in enumerate(size)]
    out = [max(o, 0) for o in out]
    attrs |= {"group": group, "offset_group": offsets}
    t = g.input_type()
    taps = math.prod(kernel) * offsets
    x, w = g.tensor([1, c, *size], t), g.tensor([m, c // group, *kernel], t)
    bias = g.tensor([m], t) if g.maybe(0.5) else None
    mask = g.tensor([1, taps, *out], t) if g.maybe(0.4) else None
    return g.case([x, w, g.tensor([1, 2 * taps, *out], t), bias, mask], attrs)


def pool(g):
    n = g.int(1, 3)
    kernel, attrs = window(g, n, dilated="dilations" in g.schema.attributes)
    attrs["kernel_shape"] = kernel
    if "ceil_mode" in g.schema.attributes and g.maybe(0.5):
        attrs["ceil_mode"] = g.int(0, 1)
    for name in ("count_include_pad", "storage_order"):
        if name in g.schema.attributes and g.maybe(0.3):
            attrs[name] = 1
    two = g.op == "MaxPool" and g.opset >= 8 and g.maybe(0.4)
    return g.case([g.tensor([g.int(1, 2), g.int(1, 2), *space(g, n, 3)], g.input_type())], attrs, 1 + two)


def max_unpool(g):
    n = g.int(1, 3)
    kernel, attrs = window(g, n, dilated=False)
    attrs.pop("auto_pad", None)
    shape = [1, g.int(1, 2), *[g.int(1, 4) for _ in range(n)]]
    strides, pads = attrs.get("strides", [1] * n), attrs.get("pads", [0] * (2 * n))
    full = [s * (d - 1) + k - pads[i] - pads[i + n] for i, (s, d, k) in enumerate(zip(strides, shape[2:], kernel))]
    size = steer([*shape[:2], *[f + g.int(0, 3) for f in full]]) if g.maybe(0.4) else None
    return g.case([g.tensor(shape, g.input_type()), np.zeros(shape, np.int64), size], attrs | {"kernel_shape": kernel})


def global_pool(g):
    return g.case([g.tensor([g.int(1, 3), g.int(1, 3), *space(g, g.int(1, 3))], g.input_type())])


def batch_norm(g):
    shape = g.dims(2, 5, 4, 0.01)
    attrs = {}
    if "training_mode" in g.schema.attributes and g.maybe(0.3):
        attrs["training_mode"] = 1
    per = [shape[1] + g.maybe(0.03)]
    types = {p.name: g.type_of(p) for p in g.schema.inputs}
    names = list(types)
    inputs = [g.tensor(shape, types[names[0]])] + [np.abs(g.tensor(per, types[n], 1)) for n in names[1:]]
    return g.case(inputs, attrs, g.pick(1, 3) if attrs else 1)


def layer_norm(g):
    """LayerNormalization and RMSNormalization: a scale over the last axes."""
    shape = g.dims(1, 4, 5, 0.01)
    axis = g.axis(len(shape), 0.02)
    attrs = {"axis": axis} if g.maybe(0.8) else {}
    axis = attrs.get("axis", -1)
    scale = shape[axis:] if -len(shape) <= axis < len(shape) else shape
    if g.maybe(0.2):
        scale = g.shrunk(scale)
    t, ts = g.input_type(), g.input_type(1)
    bias = g.tensor(scale, ts) if len(g.schema.inputs) == 3 and g.maybe(0.5) else None
    return g.case([g.tensor(shape, t), g.tensor(scale, ts), bias], attrs, g.int(1, len(g.schema.outputs)))


def instance_norm(g):
    shape = g.dims(3, 5, 5, 0.01)
    t = g.input_type()
    return g.case([g.tensor(shape, t), g.tensor([shape[1]], t), g.tensor([shape[1] + g.maybe(0.05)], t)])


def group_norm(g):
    groups, per = g.int(1, 3), g.int(1, 3)
    c = groups * per + g.maybe(0.04)
    size = [c] if g.opset >= 21 else [groups]
    t = g.input_type()
    x = g.tensor([g.int(1, 2), c, *space(g, g.int(1, 3))], t)
    return g.case([x, g.tensor(size, t), g.tensor(size, t)], {"num_groups": groups})


def lrn(g):
    return g.case([g.tensor(g.dims(4, 4) if g.maybe(0.8) else g.dims(2, 5), g.input_type())], {"size": g.pick(1, 3, 5, 2)})


def lp_norm(g):
    shape = g.dims(1, 4)
    attrs = {"axis": g.axis(len(shape))} if g.maybe(0.8) else {}
    return g.case([g.tensor(shape, g.input_type())], attrs | ({"p": g.int(1, 2)} if g.maybe(0.5) else {}))


def mvn(g):
    shape = g.dims(4, 4) if g.maybe(0.5) else g.dims(1, 5)
    return g.case([g.tensor(shape, g.input_type())], {} if len(shape) == 4 and g.maybe(0.3) else {"axes": g.axes(len(shape), 1)})


def col2im(g):
    n = g.int(1, 3)
    kernel, attrs = window(g, n)
    attrs.pop("auto_pad", None)
    image = [g.int(3, 8) for _ in range(n)]
    strides, dilations, pads = attrs.get("strides", [1] * n), attrs.get("dilations", [1] * n), attrs.get("pads", [0] * (2 * n))
    steps = [(d + pads[i] + pads[i + n] - (kernel[i] - 1) * dilations[i] - 1) // strides[i] + 1 for i, d in enumerate(image)]
    count = math.prod(max(s, 0) for s in steps)
    x = g.tensor([g.int(1, 2), g.int(1, 2) * math.prod(kernel) + g.maybe(0.02), count + g.maybe(0.03)], g.input_type())
    return g.case([x, steer(image), steer(kernel)], attrs)


GENERATORS = {
    "Conv": conv, "ConvInteger": integer_conv, "QLinearConv": quantised_conv, "ConvTranspose": conv_transpose,
    "DeformConv": deform_conv, "MaxPool": pool, "AveragePool": pool, "LpPool": pool, "MaxUnpool": max_unpool,
    "GlobalAveragePool": global_pool, "GlobalMaxPool": global_pool, "GlobalLpPool": global_pool,
    "BatchNormalization": batch_norm, "LayerNormalization": layer_norm, "RMSNormalization": layer_norm,
    "InstanceNormalization": instance_norm, "GroupNormalization": group_norm, "LRN": lrn,
    "LpNormalization": lp_norm, "MeanVarianceNormalization": mvn, "Col2Im": col2im,
}  # fmt: skip

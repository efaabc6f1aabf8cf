"""Elementwise operators, casts, softmax, reductions: shapes that broadcast or keep."""

import numpy as np

from case import FLOATS, steer

CAST_TO = (1, 1, 2, 3, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, 16)

# attribute -> values; attributes that are not here are drawn by their type
ATTRIBUTES = {
    "axis": (0, -1, 1, 2, -2, 5),
    "to": CAST_TO,
    "dtype": (1, 11),
    "direction": ("LEFT", "RIGHT", "LEFT", "UP"),
    "approximate": ("none", "tanh"),
    "reduction": ("none", "sum", "mean"),
    "sample_size": (1, 2, 5),
    "round_mode": ("up", "down", "nearest"),
    "low": (-1.0, 0.0),
    "high": (0.5, 1.0, 2.0),
    "scale": (1.0,),
    "seed": (1.0, 2.0),
    "mean": (0.0, 1.0),
    "fmod": (1, 1, 0),
    "ignore_index": (-1, 0, 1),
    "shape": ([], [2], [2, 3], [0, 2], [1, 1, 4]),
}
BY_TYPE = {"INT": (0, 1), "FLOAT": (0.0, 0.5, 1.0, 2.0)}


def attributes(g, **fixed):
    """Attributes of the schema, half of the optional ones, and those that are fixed."""
    drawn = {}
    for name, a in g.schema.attributes.items():
        kind = str(a.type).rsplit(".", 1)[-1]
        values = ATTRIBUTES.get(name) or BY_TYPE.get(kind)
        if values and (a.required or g.maybe(0.5)):
            drawn[name] = g.pick(*values)
    drawn.update(fixed)
    return {k: v for k, v in drawn.items() if v is not None}


def not_zero(g, t, shape, _):
    a = g.tensor(shape, t)
    return a if t in FLOATS else np.where(a == 0, 1, a).astype(a.dtype)


def scalar(g, t, _shape, _first):
    return g.tensor([] if g.maybe(0.85) else g.pick([1], [2]), t)


def positive(g, t, shape, _):
    return g.tensor(shape, t, 0, 4)


def ratio(g, t, _shape, _first):
    return np.full([] if g.maybe(0.9) else [1], g.pick(0, 0.3)).astype(g.tensor([], t).dtype)


def probability(g, t, shape, _):
    return (np.asarray(g.np.integers(0, 5, shape)) / 4).astype(g.tensor([], t).dtype)


def matrix(g, t, _shape, _first):
    return g.tensor(g.dims(2, 2), t)


# (operator, index of the input) -> its value, where any broadcasting tensor will not do
SPECIAL = {
    ("Div", 1): not_zero,
    ("Mod", 1): not_zero,
    ("Pow", 1): positive,
    ("BitShift", 1): positive,
    ("Clip", 1): scalar,
    ("Clip", 2): scalar,
    ("Dropout", 1): ratio,
    ("Dropout", 2): scalar,
    ("Bernoulli", 0): probability,
    ("Multinomial", 0): matrix,
}


def parameters(g):
    """The formal parameters to fill: a variadic one several times, None for one left out."""
    filled = []
    for p in g.schema.inputs:
        option = str(p.option)
        if "Variadic" in option:
            filled += [p] * g.pick(1, 2, 2, 3)
        else:
            filled.append(None if "Optional" in option and g.maybe(0.35) else p)
    return filled


def pointwise(g):
    base = g.dims(0, 4, 5)
    inputs = []
    for i, p in enumerate(parameters(g)):
        if p is None:
            inputs.append(None)
            continue
        t = g.type_of(p)
        shape = base if i == 0 and g.maybe(0.6) else g.shrunk(base)
        make = SPECIAL.get((g.op, i))
        inputs.append(make(g, t, shape, base) if make else g.tensor(shape, t))
    fixed = {}
    if g.op == "Mod" and inputs[0].dtype.kind == "f":
        fixed["fmod"] = 1
    if g.op == "Multinomial":
        fixed["dtype"] = g.pick(6, 7)
    if g.op == "Cast" and g.maybe(0.8):
        fixed |= {"saturate": None, "round_mode": None}
    if g.op == "BitCast":
        fixed["to"] = same_width(g, inputs[0])
    outputs = 2 if len(g.schema.outputs) == 2 and g.maybe(0.4) else 1
    if g.op == "Dropout" and g.opset < 12:
        outputs = g.pick(1, 2)
    return g.case(inputs, attributes(g, **fixed), outputs)


def same_width(g, array):
    """A type as wide as the array's, as BitCast asks; now and then another."""
    by_width = {1: (2, 3), 2: (4, 5, 10, 16), 4: (1, 6, 12), 8: (7, 11, 13)}
    return g.pick(*by_width[array.dtype.itemsize if array.dtype.itemsize in by_width and g.maybe(0.95) else 4])


def reduction(g):
    """Reduce*, whose axes were an attribute once."""
    shape = g.dims(0, 4)
    x = g.tensor(shape, g.input_type())
    axes = g.axes(len(shape)) if g.maybe(0.95) else [g.axis(len(shape), 1)]
    attrs = {k: g.int(0, 1) for k in ("keepdims", "noop_with_empty_axes") if k in g.schema.attributes and g.maybe(0.6)}
    if "axes" in g.schema.attributes:
        if g.maybe(0.8) and axes:
            attrs["axes"] = axes
        return g.case([x], attrs)
    return g.case([x, steer(axes) if g.maybe(0.8) else None], attrs)


def arg_reduction(g):
    shape = g.dims(1, 4, empty=0.01)
    attrs = {"axis": g.axis(len(shape))} if g.maybe(0.8) else {}
    attrs |= {k: g.int(0, 1) for k in ("keepdims", "select_last_index") if k in g.schema.attributes and g.maybe(0.5)}
    return g.case([g.tensor(shape, g.input_type())], attrs)


def along_axis(g):
    """Softmax and its like, CumSum and CumProd: one axis, the shape stays."""
    shape = g.dims(1, 4)
    x = g.tensor(shape, g.input_type())
    axis = g.axis(len(shape))
    if len(g.schema.inputs) == 1:
        return g.case([x], {"axis": axis} if g.maybe(0.8) else {})
    where = steer(axis if -(2**31) < axis < 2**31 else 9, g.tensor([], g.input_type(1)).dtype)
    where.value = where.value.reshape(g.pick([], [1]))
    where.steers = False
    return g.case([x, where], {k: 1 for k in ("exclusive", "reverse") if g.maybe(0.4)})


def loss(g):
    classes, shape = g.int(1, 4), g.dims(0, 2, 4, 0)
    batch = g.int(1, 3)
    t, labels = g.input_type(), g.input_type(1)
    target = g.tensor([batch, *shape], labels, 0, classes - 1)
    if g.maybe(0.05):
        target = target[..., None]
    weight = g.tensor([classes + g.maybe(0.05)], t) if g.maybe(0.4) else None
    outputs = 2 if len(g.schema.outputs) == 2 and g.maybe(0.5) else 1
    return g.case([g.tensor([batch, classes, *shape], t), target, weight], attributes(g), outputs)


def top_k(g):
    shape = g.dims(1, 4, empty=0.02)
    axis = g.axis(len(shape))
    size = shape[axis] if -len(shape) <= axis < len(shape) else 3
    k = g.int(0, size + g.maybe(0.06))
    attrs = {"axis": axis} if g.maybe(0.85) else {}
    attrs |= {n: g.int(0, 1) for n in ("largest", "sorted") if n in g.schema.attributes and g.maybe(0.4)}
    x = g.tensor(shape, g.input_type())
    if "k" in g.schema.attributes:
        return g.case([x], attrs | {"k": k}, 2)
    return g.case([x, steer([k] if g.maybe(0.95) else k)], attrs, 2)


def square(g):
    """Det: a batch of square matrices."""
    n = g.int(1, 4)
    return g.case([g.tensor([*g.dims(0, 2), n, n + g.maybe(0.05)], g.input_type())])




POINTWISE = """
    Abs Acos Acosh Add And Asin Asinh Atan Atanh Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr
    BitwiseXor Cast CastLike Ceil Celu Clip Cos Cosh Div Dropout Elu Equal Erf Exp Floor Gelu Greater
    GreaterOrEqual HardSigmoid HardSwish IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod
    Mul Multinomial Neg Not Or PRelu Pow RandomNormal RandomNormalLike RandomUniform RandomUniformLike
    Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh
    ThresholdedRelu Where Xor
""".split()
REDUCTION = """
    ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare
""".split()

GENERATORS = {
    **dict.fromkeys(POINTWISE, pointwise),
    **dict.fromkeys(REDUCTION, reduction),
    **dict.fromkeys(["ArgMax", "ArgMin"], arg_reduction),
    **dict.fromkeys(["Softmax", "LogSoftmax", "Hardmax", "CumSum", "CumProd"], along_axis),
    **dict.fromkeys(["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"], loss),
    "TopK": top_k,
    "Det": square,
}

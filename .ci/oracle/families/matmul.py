"""Matrix products, recurrent layers, attention and linear quantisation."""

import numpy as np

from case import steer

LETTERS = "abcdef"


def factors(g):
    """Shapes of two factors of a product: batch dims broadcast, sides fit, rank 1 occurs."""
    batch, m, k, n = g.dims(0, 2, 4), g.int(1, 5), g.int(1, 5), g.int(1, 5)
    if g.maybe(0.04):
        m, k = g.pick((0, k), (m, 0))
    a = [*g.shrunk(batch, 0.03), m, k]
    b = [*g.shrunk(batch, 0.03), k + g.maybe(0.03), n]
    if g.maybe(0.12):
        a = [k]
    if g.maybe(0.12):
        b = [k]
    return a, b


def matmul(g):
    a, b = factors(g)
    t = g.input_type()
    return g.case([g.tensor(a, t), g.tensor(b, t)])


def zero(g, dtype, size):
    return np.zeros(g.pick([], [1], [size]), dtype)


def matmul_integer(g):
    a, b = factors(g)
    ta, tb = g.input_type(), g.input_type(1)
    za = np.zeros(g.pick([], [1]), g.tensor([], ta).dtype) if g.maybe(0.6) else None
    zb = zero(g, g.tensor([], tb).dtype, b[-1]) if g.maybe(0.5) else None
    return g.case([g.tensor(a, ta), g.tensor(b, tb), za, zb])


def matmul_quantised(g):
    a, b = factors(g)
    types = [g.tensor([], g.input_type(i)).dtype for i in range(8)]
    per = g.pick([], [1], [b[-1]])
    values = [g.tensor(a, types[0]), g.tensor([], types[1], 1), np.zeros([], types[2]), g.tensor(b, types[3])]
    values += [g.tensor(per, types[4], 1), np.zeros(per, types[5]), g.tensor([], types[6], 1), np.zeros([], types[7])]
    return g.case(values)


def gemm(g):
    m, k, n = (g.int(0 if g.maybe(0.05) else 1, 5) for _ in range(3))
    ta, tb = g.int(0, 1), g.int(0, 1)
    t = g.input_type()
    a = [k, m] if ta else [m, k]
    b = [n, k + g.maybe(0.03)] if tb else [k + g.maybe(0.03), n]
    bias = g.pick([m, n], [n], [1, n], [m, 1], [1], [])
    attrs = {name: v for name, v in (("transA", ta), ("transB", tb)) if v or g.maybe(0.3)}
    if g.maybe(0.3):
        attrs |= {"alpha": 0.5, "beta": 2.0}
    optional = g.opset >= 11 and g.maybe(0.3)
    return g.case([g.tensor(a, t), g.tensor(b, t), None if optional else g.tensor(bias, t)], attrs)


def einsum(g):
    """Products over letters, with an ellipsis, a repeated letter or no arrow now and then."""
    size = {c: g.int(1, 4) for c in LETTERS}
    terms = ["".join(g.r.sample(LETTERS, g.int(1, 3))) for _ in range(g.int(1, 3))]
    if g.maybe(0.08):
        terms[0] += terms[0][0]
    shapes = [[size[c] for c in t] for t in terms]
    dots = g.maybe(0.3)
    if dots:
        batch = g.dims(0, 2, 3, 0)
        terms = ["..." + t for t in terms]
        shapes = [batch + s for s in shapes]
    used = sorted(set("".join(terms)) - {"."})
    out = "".join(g.r.sample(used, g.int(0, len(used))))
    equation = ",".join(terms)
    if g.maybe(0.85):
        equation += "->" + ("..." if dots else "") + out
    if g.maybe(0.3):
        equation = equation.replace(",", ", ").replace("->", " -> ")
    t = g.input_type()
    return g.case([g.tensor(s, t) for s in shapes], {"equation": equation})


GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def recurrent(g):
    gates, t = GATES[g.op], 1 if g.maybe(0.95) else g.input_type()  # kernels that take doubles refuse them when run
    steps, batch, width, hidden = g.int(1, 4), g.int(1, 3), g.int(1, 4), g.int(1, 4)
    direction = g.pick("forward", "reverse", "bidirectional")
    d = 2 if direction[0] == "b" else 1
    layout = g.int(0, 1) if "layout" in g.schema.attributes and g.maybe(0.2) else 0
    x = [batch, steps, width] if layout else [steps, batch, width]
    state = [batch, d, hidden] if layout else [d, batch, hidden]
    inputs = [g.tensor(x, t), g.tensor([d, gates * hidden, width], t), g.tensor([d, gates * hidden, hidden + g.maybe(0.02)], t)]
    lengths = g.tensor([batch], np.int32, 1, steps)
    optional = [g.tensor([d, 2 * gates * hidden], t), lengths, g.tensor(state, t)]
    if g.op == "LSTM":
        optional += [g.tensor(state, t), g.tensor([d, 3 * hidden], t)]
    inputs += [v if g.maybe(0.5) else None for v in optional]
    attrs = {"hidden_size": hidden} if g.maybe(0.95) else {}
    if d == 2 or direction == "reverse" or g.maybe(0.4):
        attrs["direction"] = direction
    if layout:
        attrs["layout"] = layout
    if g.op == "GRU" and g.maybe(0.4):
        attrs["linear_before_reset"] = 1
    names = ["y0", "y1", "y2"][: g.int(1, len(g.schema.outputs))]
    if len(names) > 1 and g.maybe(0.2):
        names[0] = ""
    return g.case(inputs, attrs, names)


def attention(g):
    """Attention on 3 or 4 dims, grouped heads, a mask, past keys and values."""
    batch, groups, queries, keys = g.int(1, 2), g.int(1, 2), g.int(1, 4), g.int(1, 4)
    heads = groups * g.int(1, 2)
    width, value_width, past = g.int(1, 2) * 2, g.int(1, 4), g.int(1, 3)
    t, tv = g.input_type(), g.input_type(2)
    attrs = {"is_causal": 1} if g.maybe(0.3) else {}
    flat = g.maybe(0.5)
    if flat:
        attrs |= {"q_num_heads": heads, "kv_num_heads": groups}
        shapes = [[batch, queries, heads * width], [batch, keys, groups * width], [batch, keys, groups * value_width]]
    else:
        shapes = [[batch, heads, queries, width], [batch, groups, keys, width], [batch, groups, keys, value_width]]
    cached = g.maybe(0.35)
    total = keys + past * cached
    mask = None
    if g.maybe(0.4):
        shape = [queries, total] if g.maybe(0.5) else [g.pick(1, batch), g.pick(1, heads), queries, total]
        mask = g.tensor(shape, g.input_type(3))
    inputs = [g.tensor(shapes[0], t), g.tensor(shapes[1], t), g.tensor(shapes[2], tv), mask]
    outputs = 1
    if cached:
        inputs += [g.tensor([batch, groups, past, width], t), g.tensor([batch, groups, past, value_width], tv)]
        outputs = 3
    if g.maybe(0.3):
        outputs, attrs["qk_matmul_output_mode"] = 4, g.int(0, 3)
    elif g.maybe(0.2):
        outputs = 3
    names = ["y0", "y1", "y2", "y3"][:outputs]
    if outputs == 4 and not cached and g.maybe(0.8):
        names[1] = names[2] = ""
    return g.case(inputs, attrs, names)


def rotary(g):
    batch, heads, steps, half = g.int(1, 2), g.int(1, 3), g.int(1, 4), g.int(1, 3)
    width = 2 * half
    t, attrs = g.input_type(), {}
    if g.maybe(0.5):
        attrs["num_heads"] = heads
        x = [batch, steps, heads * width]
    else:
        x = [batch, heads, steps, width]
    if g.maybe(0.3):
        half = g.int(1, half)
        attrs["rotary_embedding_dim"] = 2 * half
    if g.maybe(0.4):
        attrs["interleaved"] = g.int(0, 1)
    if g.maybe(0.6):
        most = g.int(steps, 6)
        caches = [g.tensor([most, half], t), g.tensor([most, half], t)]
        return g.case([g.tensor(x, t), *caches, g.tensor([batch, steps], np.int64, 0, most - 1)], attrs)
    return g.case([g.tensor(x, t), g.tensor([batch, steps, half], t), g.tensor([batch, steps, half], t)], attrs)


def quantise(g):
    """QuantizeLinear and DequantizeLinear: per tensor, per axis, per block."""
    shape = g.dims(1, 4, 6, 0.02)
    axis = g.int(-len(shape), len(shape) - 1)
    attrs, per = {}, []
    form = g.pick("tensor", "axis", "block" if "block_size" in g.schema.attributes else "axis")
    if form == "axis" and "axis" in g.schema.attributes:
        attrs, per = {"axis": axis}, [shape[axis] + g.maybe(0.02)]
    if form == "block":
        size = g.int(1, 3)
        per = list(shape)
        per[axis] = -(-shape[axis] // size)
        attrs = {"axis": axis, "block_size": size}
    t, ts = g.input_type(), g.input_type(1)
    tz = g.input_type(2)
    zero_point = g.tensor(per, tz, 0, 0) if g.maybe(0.7) else None
    if zero_point is None and "output_dtype" in g.schema.attributes and g.op == "QuantizeLinear" and g.maybe(0.6):
        attrs["output_dtype"] = tz
    return g.case([g.tensor(shape, t), g.tensor(per, ts, 1, 3), zero_point], attrs)


def quantise_dynamic(g):
    return g.case([g.tensor(g.dims(0, 5), g.input_type())], {}, 3)


def affine_grid(g):
    n, batch = g.int(2, 3), g.int(1, 2)
    size = [batch, g.int(1, 3), *[g.int(1, 4) for _ in range(n)]]
    return g.case([g.tensor([batch, n, n + 1 + g.maybe(0.02)], g.input_type()), steer(size)], {"align_corners": 1} if g.maybe(0.3) else {})


GENERATORS = {
    "MatMul": matmul, "MatMulInteger": matmul_integer, "QLinearMatMul": matmul_quantised, "Gemm": gemm,
    "Einsum": einsum, "RNN": recurrent, "GRU": recurrent, "LSTM": recurrent, "Attention": attention,
    "RotaryEmbedding": rotary, "QuantizeLinear": quantise, "DequantizeLinear": quantise,
    "DynamicQuantizeLinear": quantise_dynamic, "AffineGrid": affine_grid,
}  # fmt: skip

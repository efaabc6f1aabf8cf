"""A case: one node with its inputs, and the randomness that cases are made of."""

import functools
import random
import zlib
from dataclasses import dataclass, field

import ml_dtypes  # noqa: F401  (numpy learns bfloat16, float8 and int4 from it)
import numpy as np
import onnx
from onnx import defs, helper
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

MIN_OPSET, MAX_OPSET = 7, 26  # what ONNX Runtime guarantees to load
UNBOUNDED = 2**31 - 1

TYPES = {  # names in schemas -> elem_type
    "float": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7, "string": 8,
    "bool": 9, "float16": 10, "double": 11, "uint32": 12, "uint64": 13, "bfloat16": 16,
    "float8e4m3fn": 17, "float8e4m3fnuz": 18, "float8e5m2": 19, "float8e5m2fnuz": 20,
    "uint4": 21, "int4": 22, "float4e2m1": 23, "float8e8m0": 24, "uint2": 25, "int2": 26,
}  # fmt: skip
FLOATS = (1, 10, 11, 16)
COMMON = (1, 6, 7, 9, 11)
PACKED = (21, 22, 23, 25, 26)  # given as initializers, which hold them packed


@dataclass
class In:
    """An input: its value, and whether the shape of an output hangs on the value."""

    value: np.ndarray
    steers: bool = False


@dataclass
class Case:
    op: str
    opset: int
    inputs: list  # In or None (left out); named x0, x1, ...
    attrs: dict
    outputs: list  # names; "" leaves one out
    before: list = field(default_factory=list)  # nodes that make sequences and optionals of the inputs
    args: list | None = None  # inputs of the node, where they are not x0, x1, ...


def steer(value, dtype=np.int64):
    return In(np.array(value, dtype), True)


def tensor_type(text):
    """elem_type of "tensor(float)", None for other kinds."""
    return TYPES.get(text[7:-1]) if text.startswith("tensor(") else None


def numpy_type(elem_type):
    return np.dtype(object) if elem_type == 8 else helper.tensor_dtype_to_np_dtype(elem_type)


def elem_type(array):
    return 8 if array.dtype == object else helper.np_dtype_to_tensor_dtype(array.dtype)


@functools.cache
def kernels():
    """Type constraints of the CPU provider's kernels: op -> [(first, last, {name: types})]."""
    found = {}
    for k in ort_state.get_all_opkernel_def():
        if k.domain == "" and k.provider == "CPUExecutionProvider":
            types = {n: [tensor_type(t) for t in ts] for n, ts in k.type_constraints.items()}
            found.setdefault(k.op_name, []).append((*k.version_range, types))
    for rows in found.values():
        rows.sort(key=repr)
    return found


@functools.cache
def schema(op, opset):
    return defs.get_schema(op, opset, "")


@functools.cache
def opsets(op):
    """(first opsets of the schema versions, all opsets) in which op is alive."""
    alive = []
    for v in range(MIN_OPSET, MAX_OPSET + 1):
        try:
            if not schema(op, v).deprecated:
                alive.append(v)
        except onnx.defs.SchemaError:
            pass
    firsts = [v for v in alive if v == schema(op, v).since_version or v == MIN_OPSET]
    return firsts, alive


class Gen:
    """Draws the parts of one case; two with the same seed draw the same."""

    def __init__(self, op, seed, index):
        self.r = random.Random(f"{seed}:{index}:{op}")
        self.np = np.random.default_rng(zlib.crc32(f"{seed}:{index}:{op}".encode()))
        firsts, alive = opsets(op)
        self.op = op
        self.opset = self.r.choice(firsts if self.maybe(0.6) else alive)
        self.schema = schema(op, self.opset)
        self.version = self.schema.since_version
        self.types = self._draw_types()

    def maybe(self, p):
        return self.r.random() < p

    def int(self, lo, hi):
        return self.r.randint(lo, hi)

    def pick(self, *options):
        return self.r.choice(options)

    def dims(self, lo, hi, most=6, empty=0.03):
        rank = self.int(lo, hi) + (self.int(1, 2) if lo < hi >= 4 and self.maybe(0.08) else 0)
        return [0 if self.maybe(empty) else self.int(1, most if rank <= 4 else 3) for _ in range(rank)]

    def axis(self, rank, bad=0.04):
        """An axis of a tensor of that rank, sometimes outside."""
        if rank == 0 or self.maybe(bad):
            return self.pick(rank, -rank - 1, 2**40)
        return self.int(-rank, rank - 1)

    def axes(self, rank, least=0):
        """Distinct axes, some counted from the back."""
        found = self.r.sample(range(rank), self.int(min(least, rank), rank))
        return [a - rank if self.maybe(0.4) else a for a in found]

    def shrunk(self, shape, bad=0.06):
        """A shape that broadcasts to the one given, sometimes not quite."""
        s = list(shape)
        if self.maybe(0.35):
            s = s[self.int(0, len(s)) :]
        s = [1 if self.maybe(0.25) else d for d in s]
        if s and self.maybe(bad):
            s[self.int(0, len(s) - 1)] = self.pick(2, 3, 7)
        return s

    def _draw_types(self):
        """A type for each type constraint, out of one of the provider's kernels."""
        allowed = {c.type_param_str: [tensor_type(t) for t in c.allowed_type_strs] for c in self.schema.type_constraints}
        fitting = [k for lo, hi, k in kernels().get(self.op, []) if lo <= self.opset <= (hi or UNBOUNDED)]
        kernel = self.r.choice(fitting) if fitting else {}
        drawn = {}
        for name, types in allowed.items():
            types = [t for t in types if t] or [None]
            types = [t for t in kernel.get(name, []) if t in types] or types
            common = [t for t in types if t in COMMON]
            drawn[name] = self.r.choice(common if common and self.maybe(0.6) else types)
        return drawn

    def type_of(self, param):
        """elem_type of a formal parameter, by the types drawn."""
        text = param.type_str
        return self.types[text] if text in self.types else tensor_type(text)

    def input_type(self, index=0):
        return self.type_of(self.schema.inputs[index])

    def tensor(self, shape, etype=1, lo=-6, hi=6):
        """Random values of a type given by elem_type or numpy dtype."""
        t = etype if isinstance(etype, int) else elem_type(np.empty(0, etype))
        if t == 8:
            return self.words(shape)
        if t == 9:
            return self.np.integers(0, 2, shape).astype(bool)
        dtype = numpy_type(t)
        if t in (2, 4, 12, 13):
            lo = max(lo, 0)
        whole = self.np.integers(lo, hi + 1, shape)
        if t in PACKED or t >= 17:
            return np.asarray(np.clip(whole, 0, 1)).astype(np.float32).astype(dtype)
        if t in FLOATS and self.maybe(0.5):
            return np.asarray(whole / self.pick(2, 4)).astype(dtype)
        return np.asarray(whole).astype(dtype)

    def words(self, shape, words=("a", "b", "1", "2.5", "7")):
        a = np.empty(shape, object)
        for i in np.ndindex(*a.shape):
            a[i] = self.r.choice(words)
        return a

    def case(self, inputs, attrs=None, outputs=1, **more):
        """The case of these inputs: arrays, In, or None where one is left out."""
        ins = [x if x is None or isinstance(x, In) else In(np.asarray(x)) for x in inputs]
        while ins and ins[-1] is None:
            ins.pop()
        names = [f"y{i}" for i in range(outputs)] if isinstance(outputs, int) else outputs
        return Case(self.op, self.opset, ins, attrs or {}, names, **more)

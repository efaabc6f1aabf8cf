"""ONNX Runtime's answer to a case, out of a process of its own that may die."""

import json
import os
import resource
import signal

import numpy as np
import onnxruntime as ort

from case import elem_type
from models import build, is_constant

SECONDS = 10  # for one case
MEMORY = 6 << 30  # address space of a worker
NAMES = {"float": "float32", "double": "float64"}


def options():
    o = ort.SessionOptions()
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    o.log_severity_level = 4
    return o


def unwrap(text):
    """(kind, dtype) of "tensor(float)", "seq(tensor(int64))", "optional(...)"."""
    kind, rest = text[:-1].split("(", 1)
    if kind == "tensor":
        return "tensor", NAMES.get(rest, rest)
    return {"seq": "sequence"}.get(kind, kind), unwrap(rest)[1]


def answer(case):
    """{"outputs": [...]}, each {"name", "kind", "dtype", "dims": one list for each tensor in it}, or {"refused": kind, "why": text}."""
    model, _ = build(case, "given")
    try:
        session = ort.InferenceSession(model, options(), providers=["CPUExecutionProvider"])
    except Exception as e:  # the binding raises a class of its own for each status
        missing = "NOT_IMPLEMENTED" in str(e) or "is not a registered function/op" in str(e)
        return {"refused": "no kernel" if missing else "load", "why": str(e)}
    feeds = {f"x{i}": x.value for i, x in enumerate(case.inputs) if x is not None and not is_constant(x, "given")}
    try:
        return {"outputs": [o for o in run(session, feeds) if o]}
    except Exception as e:
        return {"refused": "no kernel" if "NOT_IMPLEMENTED" in str(e) else "run", "why": str(e)}


def held(array):
    """The array as ONNX Runtime holds it; numpy's own binding does not know bfloat16 and float8."""
    dense = np.ascontiguousarray(array).reshape(array.shape)
    return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(dense, elem_type(array))


def run(session, feeds):
    """Yields the outputs that the session computes."""
    declared = [(o.name, *unwrap(o.type)) for o in session.get_outputs()]
    plain = all(kind == "tensor" for _, kind, _ in declared) and all(a.dtype != object for a in feeds.values())
    if not plain:
        for (name, kind, dtype), value in zip(declared, session.run(None, feeds)):
            if value is None:
                continue
            elements = value if isinstance(value, list) else [value]
            yield {"name": name, "kind": kind, "dtype": dtype, "dims": [list(np.shape(v)) for v in elements]}
        return
    values = {n: held(a) for n, a in feeds.items()}
    for (name, _, _), value in zip(declared, session.run_with_ort_values(None, values)):
        if value.has_value():
            kind, dtype = unwrap(value.data_type())
            yield {"name": name, "kind": kind, "dtype": dtype, "dims": [list(value.shape())]}


def worker(indices, make, pipe):
    """Answers the cases of the indices, one line of JSON each."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ort.set_default_logger_severity(4)
    with os.fdopen(pipe, "w") as out:
        for i in indices:
            signal.alarm(SECONDS)
            out.write(json.dumps([i, answer(make(i))]) + "\n")
            out.flush()


def answers(indices, make):
    """{index: answer}; a case that kills the worker is refused as a crash."""
    found, indices = {}, list(indices)
    while indices:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            code = 1
            try:
                worker(indices, make, write)
                code = 0
            finally:
                os._exit(code)
        os.close(write)
        with os.fdopen(read) as lines:
            found.update((i, a) for i, a in map(json.loads, lines))
        _, status = os.waitpid(pid, 0)
        indices = [i for i in indices if i not in found]
        if indices:
            found[indices[0]] = {"refused": "crash", "why": f"ended with status {status}"}
            indices = indices[1:]
    return found

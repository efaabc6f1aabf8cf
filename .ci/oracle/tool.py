"""onnxmeter's answer to the models of a folder."""

import json
import os
import re
import subprocess
from fractions import Fraction
from math import ceil, floor

MATHS = {"floor": floor, "ceil": ceil, "min": min, "max": max, "mod": lambda a, b: a - b * floor(Fraction(a) / b)}
OPERATION = re.compile(r"[-+*/^(), 0-9]|floor|ceil|min|max|mod")


def shapes(binary, folder):
    """({model: {value: {...}}}, {model: why it is refused})."""
    command = [binary, "shapes", "--ignore-declared", "-f", "ndjson", "-q", "--jobs", "1", folder]
    p = subprocess.run(command, capture_output=True, text=True)
    if p.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {p.returncode}:\n{p.stderr[-4000:]}")
    values, refused = {}, {}
    for report in map(json.loads, p.stdout.splitlines()):
        top = {v["name"]: v for v in report["values"] if v["graph"] == ""}
        values[os.path.basename(report["path"])] = top
    for line in p.stderr.splitlines():
        path, colon, why = line.partition(".onnx: ")
        if colon:
            refused.setdefault(os.path.basename(path) + ".onnx", why)
    return values, refused


def size(dim, sizes):
    """The number that a printed dim stands for, None where it hangs on an unknown."""
    if isinstance(dim, int) or dim is None:
        return dim
    names = set(re.findall(r"[A-Za-z_]\w*", dim)) - set(MATHS)
    rest = OPERATION.sub("", re.sub(r"[A-Za-z_]\w*", "", dim))
    if not names <= set(sizes) or rest:
        return None
    env = MATHS | {n: Fraction(sizes[n]) for n in names}
    return eval(dim.replace("^", "**"), {"__builtins__": {}}, env)  # of digits, operators and names of ours

"""Verdicts on cases, and the page that tells them."""

import re
from collections import Counter, defaultdict

from models import FORMS
from tool import size

EXACT, OPEN, WRONG, REFUSED, EXPLAINED = "exact", "open", "WRONG", "refused", "explained"
ORDER = (EXACT, OPEN, WRONG, REFUSED, EXPLAINED)


def verdict(expected, values, sizes):
    """(verdict, remark) on the values of a model against the outputs that were computed."""
    worst, remark = EXACT, ""
    for want in expected:
        got = values.get(want["name"])
        v, r = (WRONG, "no such value") if got is None else compare(want, got, sizes)
        if ORDER.index(v) > ORDER.index(worst):
            worst, remark = v, f"{want['name']}: {r}"
    return worst, remark


def compare(want, got, sizes):
    """One output. Every element of a sequence must fit the one shape that it is told to have."""
    if got["dtype"] in ("", "undefined", None):
        return OPEN, "dtype unknown"
    if got["dtype"] != want["dtype"]:
        return WRONG, f"{got['dtype']}, not {want['dtype']}"
    if got["kind"] != want["kind"]:
        return WRONG, f"kind {got['kind']}, not {want['kind']}"
    verdicts = [fit(dims, got["shape"], sizes) for dims in want["dims"]]
    different = any(dims != want["dims"][0] for dims in want["dims"])
    if different and WRONG not in verdicts:
        return EXACT, ""  # a dim that differs among the elements has no number
    return max(verdicts, key=ORDER.index, default=EXACT), f"{got['shape']}, not {want['dims']}"


def fit(dims, shape, sizes):
    if shape is None:
        return OPEN
    if len(shape) != len(dims):
        return WRONG
    found = [size(s, sizes) for s in shape]
    if any(f is not None and f != d for f, d in zip(found, dims)):
        return WRONG
    return OPEN if None in found else EXACT


class Ledger:
    def __init__(self):
        self.valid = Counter()  # by op
        self.forms = defaultdict(Counter)  # (op, form) -> verdicts
        self.opsets = defaultdict(set)  # op -> versions of its schema with a valid case
        self.refused = defaultdict(Counter)  # what ONNX Runtime refused, by kind -> op
        self.lenient = defaultdict(Counter)  # refused by ONNX Runtime, accepted by us: (op, kind) -> reason
        self.repeated = 0
        self.finds = []  # (case index, op, form, verdict, remark)
        self.explained = Counter()  # by title of the explanation

    def total(self, form, v):
        return sum(c[v] for (_, f), c in self.forms.items() if f == form)

    def disagreements(self):
        return [f for f in self.finds if f[3] in (WRONG, REFUSED)]


def reason(text):
    """ONNX Runtime's message without the numbers and places that differ by case."""
    text = re.sub(r"\s+", " ", text)
    text = text.rsplit("Status Message: ", 1)[-1]
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text)
    text = re.sub(r"(Exception during initialization: )?/\S+:\d+ (.*?\) (\[with .*?\] )?)?", "", text)
    text = re.sub(r"-?\d[\d.e+-]*", "#", text)
    return text.strip()[:110]


def cell(text):
    return str(text).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def table(heads, rows):
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "|".join("---" if i == 0 else "---:" for i in range(len(heads))) + "|"
    for row in rows:
        yield "| " + " | ".join(cell(c) for c in row) + " |"


def counts(c):
    """exact / open of a form."""
    return f"{c[EXACT]} / {c[OPEN]}" if c else "-"


def row(ledger, op):
    forms = [ledger.forms[op, f] for f in FORMS]
    wrong, refused, explained = (sum(f[v] for f in forms) for v in (WRONG, REFUSED, EXPLAINED))
    versions = " ".join(map(str, sorted(ledger.opsets[op])))
    return [op, versions, ledger.valid[op], *map(counts, forms), wrong, refused, explained]


def page(ledger, about):
    """The lines of docs/oracle.md. about: what was run, with what, and what explains the rest."""
    valid = sum(ledger.valid.values())
    refused = sum(sum(c.values()) for c in ledger.refused.values())
    unexplained = len(ledger.disagreements())
    found = unexplained + sum(ledger.explained.values())
    yield "# The oracle's ledger"
    yield ""
    yield "What ONNX Runtime computes against what `onnxmeter shapes` says, on random models of one node."
    yield "Written by the command below: `.ci/oracle` draws operator, opset, attributes, types, ranks and sizes"
    yield "from the schema registry and a generator for each family; ONNX Runtime runs the model (a case that it"
    yield "runs is *valid*); the dtype and every dim of every output are compared."
    yield ""
    yield "```"
    yield about["command"]
    yield "```"
    yield ""
    yield from table(["", ""], about["versions"] + [("date", about["date"])])
    yield ""
    yield from table(
        ["valid cases", "generated", "of them repeated", "refused by ONNX Runtime", "operators", "disagreements", "unexplained"],
        [(valid, about["generated"], ledger.repeated, refused, len(ledger.valid), found, unexplained)],
    )
    yield ""
    yield "Every valid case is put to onnxmeter in four forms. *given*: inputs have their dims, and inputs that steer"
    yield "a shape (shape, axes, pads, k, ...) are constants. *constant*: every input is a constant. *symbols*: as given,"
    yield "but each dim is a symbol; the printed formula, with the sizes put in, must be the computed dim. *open*: no"
    yield "value is known, so dims that hang on one may stay open, never be wrong."
    yield ""
    yield from table(["form", *ORDER], [(f, *(ledger.total(f, v) for v in ORDER)) for f in FORMS])
    yield ""
    yield "## By operator"
    yield ""
    yield "exact / open in each form; over all forms: WRONG (a dim, rank or dtype that is not"
    yield "the computed one), refused (by us), explained (of these two, what a sentence of the standard decides for us)."
    yield ""
    heads = ["operator", "schema versions", "valid", *FORMS, WRONG, REFUSED, EXPLAINED]
    yield from table(heads, [row(ledger, op) for op in sorted(ledger.valid)])
    yield ""
    yield "## Not run"
    yield ""
    yield "Operators of the registry without a valid case, and why."
    yield ""
    yield from (f"- {op}: {why}" for op, why in sorted(about["not_run"].items()))
    yield ""
    yield "## Disagreements that stay"
    yield ""
    yield "Each is decided by a sentence of the standard, against what ONNX Runtime does. The forms of a case count apart."
    yield ""
    for e in about["explanations"]:
        if ledger.explained[e.title]:
            yield f"- **{e.title}** ({ledger.explained[e.title]}): {e.decides}"
    yield ""
    yield "## Accepted by onnxmeter, refused by ONNX Runtime"
    yield ""
    yield "Not failures: a kernel's own limit, a check of values that are not read, or a rule that the standard does not have."
    yield "The *given* form of each case; # stands for a number."
    yield ""
    yield from table(["operator", "when", "cases", "ONNX Runtime's reason"], lenient_rows(ledger))


def lenient_rows(ledger):
    for (op, when), reasons in sorted(ledger.lenient.items()):
        for why, n in sorted(reasons.items(), key=lambda x: (-x[1], x[0])):
            yield op, when, n, why

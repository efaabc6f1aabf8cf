"""Differential test of onnxmeter's shapes against ONNX Runtime.

    pip install -r .ci/oracle/requirements.txt
    python .ci/oracle --seed 1 --cases 70000 --date 2026-11-21 --update

draws the cases, runs each with ONNX Runtime and puts it to onnxmeter, prints
what was found and, with --update, writes docs/oracle.md. Same seed, versions
and number of cases: same page. Ends with 1 on a disagreement that explained.py
does not explain.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

from case import MAX_OPSET, Gen, opsets
from explained import EXPLANATIONS, NOT_RUN
from families import GENERATORS, WEIGHTS
from ledger import EXPLAINED, OPEN, ORDER, REFUSED, WRONG, Ledger, page, reason, verdict
from models import FORMS, build
from runtime import answers
from tool import shapes

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "oracle.md"
CHUNK = 2000


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=2000, help="number of cases to draw")
    p.add_argument("--only", help="operators, separated by commas")
    p.add_argument("--date", default="", help="date of the run, for the page")
    p.add_argument("--update", action="store_true", help="write docs/oracle.md")
    p.add_argument("--keep", type=pathlib.Path, help="folder for the models of disagreements")
    p.add_argument("--show", type=int, default=3, help="finds to print per operator, form and verdict")
    p.add_argument("--open", action="store_true", help="print what stays open in the given form, too")
    p.add_argument("--onnxmeter", help="the binary (default: built from this tree)")
    return p.parse_args()


def operators():
    """Names of the standard's operators that are alive at an opset of ONNX Runtime's."""
    names = sorted({s.name for s in onnx.defs.get_all_schemas_with_history() if s.domain == ""})
    alive = [n for n in names if opsets(n)[1]]
    missing = set(alive) - set(GENERATORS) - set(NOT_RUN)
    if missing:
        raise SystemExit(f"no generator and no reason: {sorted(missing)}")
    return names, [n for n in alive if n in GENERATORS]


def build_tool(folder):
    binary = str(pathlib.Path(folder) / "onnxmeter")
    subprocess.run(["go", "build", "-o", binary, "./cmd/onnxmeter"], cwd=ROOT, check=True)
    return binary


class Run:
    def __init__(self, args, names):
        self.args = args
        self.plan = [n for n in names for _ in range(WEIGHTS.get(GENERATORS[n].__name__, 1))]
        self.ledger = Ledger()
        self.seen = set()

    def make(self, index):
        op = self.plan[index % len(self.plan)]
        return GENERATORS[op](Gen(op, self.args.seed, index))

    def chunk(self, indices, binary):
        cases = {}
        for i in indices:
            case = self.make(i)
            digest = hashlib.sha256(build(case, "open")[0] + build(case, "constant")[0]).digest()
            if digest in self.seen:
                self.ledger.repeated += 1
                continue
            self.seen.add(digest)
            cases[i] = case
        truth = answers(cases, cases.__getitem__)
        with tempfile.TemporaryDirectory() as folder:
            sizes = {}
            for i, case in cases.items():
                for form in FORMS if "outputs" in truth[i] else ("given",):
                    model, sizes[i, form] = build(case, form, shared=i % 2 == 0)
                    (pathlib.Path(folder) / f"{i:07d}.{form}.onnx").write_bytes(model)
            values, refused = shapes(binary, folder)
            for i, case in cases.items():
                self.enter(i, case, truth[i], values, refused, sizes, folder)

    def enter(self, i, case, truth, values, refused, sizes, folder):
        book = self.ledger
        if "outputs" not in truth:
            kind = truth["refused"]
            book.refused[kind][case.op] += 1
            if kind != "no kernel" and f"{i:07d}.given.onnx" in values:
                book.lenient[case.op, kind][reason(truth["why"])] += 1
            return
        book.valid[case.op] += 1
        book.opsets[case.op].add(onnx.defs.get_schema(case.op, case.opset, "").since_version)
        for form in FORMS:
            name = f"{i:07d}.{form}.onnx"
            if name in values:
                v, remark = verdict(truth["outputs"], values[name], sizes[i, form])
            else:
                v, remark = REFUSED, refused.get(name, "no report and no error")
            if v in (WRONG, REFUSED):
                why = next((e for e in EXPLANATIONS if e.applies(case, form, v)), None)
                if why:
                    book.explained[why.title] += 1
                    v = EXPLAINED
            book.forms[case.op, form][v] += 1
            if v in (WRONG, REFUSED) or (v == OPEN and form in ("given", "constant")):
                book.finds.append((i, case.op, form, v, remark))
                if self.args.keep and v != OPEN:
                    (self.args.keep / name).write_bytes((pathlib.Path(folder) / name).read_bytes())


def describe(case):
    ins = []
    for x in case.inputs:
        if x is None:
            ins.append("-")
        elif x.steers and x.value.size <= 12:
            ins.append(f"{x.value.dtype}{list(x.value.shape)}={x.value.tolist()}")
        else:
            ins.append(f"{x.value.dtype}{list(x.value.shape)}")
    attrs = {k: (v if not hasattr(v, "SerializeToString") else type(v).__name__) for k, v in case.attrs.items()}
    return f"{case.op}-{case.opset} ({', '.join(ins)}) {attrs} -> {case.outputs}"


def show(run):
    shown = {}
    for i, op, form, v, remark in run.ledger.finds:
        if v == OPEN and not run.args.open:
            continue
        key = (op, form, v)
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= run.args.show:
            print(f"{v} {form} #{i} {describe(run.make(i))}: {remark}")


def about(args, names, run):
    not_run = {n: NOT_RUN.get(n) or f"not of the opsets 7 to {MAX_OPSET}" for n in names if n not in GENERATORS or not opsets(n)[1]}
    for op in set(run.plan) - set(run.ledger.valid):
        kinds = {k: c[op] for k, c in run.ledger.refused.items() if c[op]}
        not_run[op] = f"no valid case of those drawn (refused: {kinds})"
    return {
        "command": f"python .ci/oracle --seed {args.seed} --cases {args.cases} --date {args.date} --update",
        "versions": [*((m.__name__, m.__version__) for m in (onnxruntime, onnx, numpy)), ("seed", args.seed)],
        "date": args.date,
        "generated": args.cases,
        "not_run": not_run,
        "explanations": EXPLANATIONS,
    }


def main():
    args = arguments()
    names, drawn = operators()
    if args.only:
        drawn = args.only.split(",")
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    run = Run(args, drawn)
    with tempfile.TemporaryDirectory() as folder:
        binary = args.onnxmeter or build_tool(folder)
        for start in range(0, args.cases, CHUNK):
            run.chunk(range(start, min(start + CHUNK, args.cases)), binary)
            valid, found = sum(run.ledger.valid.values()), len(run.ledger.disagreements())
            print(f"{start + CHUNK} drawn, {valid} valid, {found} disagreements", file=sys.stderr, flush=True)
    show(run)
    for e in EXPLANATIONS:
        if not run.ledger.explained[e.title]:
            print(f"not met: {e.title}")
    for form in FORMS:
        print(form, {v: run.ledger.total(form, v) for v in ORDER})
    facts = about(args, names, run)
    if args.update:
        PAGE.write_text("\n".join(page(run.ledger, facts)) + "\n")
    sys.exit(1 if run.ledger.disagreements() else 0)


if __name__ == "__main__":
    main()

"""Runs the steps of the composite action as a runner does, on scratch repositories:
one within budget, one over, and one with a comparison."""
import os
import re
import subprocess
import sys
import tempfile

import yaml

root, tmp = sys.argv[1:]
action = yaml.safe_load(open(os.path.join(root, "action.yml")))


def expand(text, inputs):
    def value(m):
        name = m.group(1)
        return inputs[name[7:]] if name.startswith("inputs.") else {"github.action_path": root}[name]

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


def run(repo, given):
    """Returns the exit code of the last step, and what the runner would see."""
    inputs = {k: v["default"] for k, v in action["inputs"].items()} | given
    files = {k: tempfile.mktemp(dir=tmp) for k in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    out = ""
    for step in action["runs"]["steps"]:
        env = {k: expand(v, inputs) for k, v in step.get("env", {}).items()}
        script = tempfile.NamedTemporaryFile("w", dir=tmp, suffix=".sh", delete=False)
        script.write(step["run"])
        script.close()
        subprocess.run(["shellcheck", "--shell=bash", "--severity=warning", script.name], check=True)
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", script.name], text=True, capture_output=True,
                              cwd=expand(step.get("working-directory", repo), inputs), env=os.environ | files | {"RUNNER_TEMP": tmp} | env)
        out += done.stdout + done.stderr
        if done.returncode:
            break
    return done.returncode, out, {k: open(f).read() if os.path.exists(f) else "" for k, f in files.items()}


def model(n):
    return f'<ir_version: 8, opset_import: ["": 17]>\ng (float[2,1] x) => (float[2,{n}] y) <float[1,{n}] w = {{}}> {{ [mul] y = MatMul (x, w) }}\n'


def expect(what, condition, *context):
    if not condition:
        sys.exit("\n".join([f"action: not so: {what}", *map(str, context)]))
    print("action:", what)


repo = tempfile.mkdtemp(dir=tmp)
git = ["git", "-C", repo, "-c", "user.name=t", "-c", "user.email=t@example.org"]
subprocess.run([*git, "init", "-q", "-b", "main", "."], check=True)
open(f"{repo}/a model.onnxtxt", "w").write(model(5))
subprocess.run([*git, "add", "-A"], check=True)
subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)

code, out, files = run(repo, {"models": "a model.onnxtxt\n", "args": "--budget=macs=10\n\n"})
expect("10 MACs of 10 pass", code == 0 and "exit-code=0" in files["GITHUB_OUTPUT"], out)
expect("the summary has the comparison", "10 MACs | 10 MACs" in files["GITHUB_STEP_SUMMARY"], files)

open(f"{repo}/a model.onnxtxt", "w").write(model(6))
code, out, files = run(repo, {"models": "a model.onnxtxt", "args": "--budget=macs=10", "base": "main", "sarif": "out.sarif", "comments": "comments"})
expect("12 MACs of 10 do not", code == 1 and "exit-code=1" in files["GITHUB_OUTPUT"], out)
expect("the file is annotated", "::error file=a model.onnxtxt,title=onnxmeter macs::12 MACs is over" in out, out)
expect("findings are written as SARIF", '"ruleId":"macs"' in open(f"{repo}/out.sarif").read())
expect("comments are written", all(open(f"{repo}/comments/{k}.md").read().startswith(f"<!-- onnxmeter:{k} -->") for k in ("check", "diff")))
expect("the summary has the change", "+20.00%" in files["GITHUB_STEP_SUMMARY"], files)

code, out, files = run(repo, {"models": "a model.onnxtxt", "args": "--budget=macs=12", "base": "nosuch"})
expect("an unknown revision fails", code == 2 and '--base "nosuch" is no commit here' in out, out)

code, out, files = run(repo, {"models": "a model.onnxtxt; touch broken", "args": "--budget=macs=12\n$(touch broken)"})
expect("inputs are no code", code != 0 and not os.path.exists(f"{repo}/broken"), out)

open(f"{repo}/.onnxmeter.yaml", "w").write("models:\n  - path: '*.onnxtxt'\n    budget: {macs: 11}\n")
code, out, files = run(repo, {})
expect("without inputs the configuration names the models", code == 1 and "12 MACs is over the limit of 11 MACs" in out, out)

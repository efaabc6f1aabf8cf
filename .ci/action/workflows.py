"""Writes the GitHub workflows of a Markdown page to files, with the action taken from
the folder above, so that actionlint holds its inputs to action.yml."""
import re
import sys

page, out = sys.argv[1:]
blocks = [b for b in re.findall(r"^```yaml\n(.*?)^```", open(page).read(), re.M | re.S) if re.search(r"^on:", b, re.M)]
if len(blocks) < 3:
    sys.exit(f"{page}: {len(blocks)} workflows")
for i, block in enumerate(blocks):
    with open(f"{out}/{i}.yml", "w") as f:
        f.write(re.sub(r"onnxmeter/onnxmeter@v1", "./", block))

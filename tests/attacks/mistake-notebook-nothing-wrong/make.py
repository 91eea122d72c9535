import json


def make(target):
    path = target / "analysis.ipynb"
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    cells[1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 300_000]}]
    path.write_text(json.dumps(notebook))

import json


def make(target):
    path = target / "analysis.ipynb"
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    cells.insert(3, {"cell_type": "code", "source": 'while True:\n    pass\n', "metadata": {}})
    path.write_text(json.dumps(notebook))

import json


def make(target):
    path = target / "analysis.ipynb"
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    cells.insert(len(cells), {"cell_type": "code", "source": 'def f(:\n    pass\n', "metadata": {}})
    path.write_text(json.dumps(notebook))
